"""Report: the one frozen value that every output is a pure function of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from hosr.errors import Fault, RecordRefused
from hosr.findings import Algorithm, Context, Hip, Observer, Place
from hosr.grading import HipFacts, find_facts
from hosr.identity import ADDED
from hosr.phrases import phrase
from hosr.priors import Lookback, PriorHip
from hosr.scales import SCALES, grade_hip
from hosr.scales.chronology import find_time_contradictions
from hosr.scales.contradictions import find_contradictions
from hosr.scales.flags import raise_flags
from hosr.scales.implied_findings import imply_findings
from hosr.scales.scale import Grade, Scale, Setting
from hosr.status import (
    DRAFT,
    MODEL_DRAFT,
    MODEL_PART,
    PART,
    Preliminaries,
    Signing,
    Status,
    Withdrawal,
)
from hosr.study import HeaderOverride, ImageReference, Instance, Patient, SourceStudy, read_date
from hosr.version import FORM
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Side, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who and what was imaged. `images` are those the report speaks of, `examined` the others."""

    patient: Patient
    study: SourceStudy
    images: tuple[ImageReference, ...]
    examined: tuple[Instance, ...] = ()

    def image(self, place: Place) -> ImageReference:
        """The image on which something lies; KeyError where it is none of the report's."""
        return {image.instance.sop_instance_uid: image for image in self.images}[
            place.sop_instance_uid
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an observer recorded, measured but not yet graded by the rules."""

    observer: Observer
    graded_at: dt.datetime
    view: View
    context: Context = Context()  # noqa: RUF009 (frozen)
    hips: tuple[Hip, ...]
    conclusion: str = ""
    incomplete: str = ""
    overrides: tuple[HeaderOverride, ...] = ()

    def __post_init__(self) -> None:
        offset = self.graded_at.utcoffset()
        if offset is None or offset % dt.timedelta(minutes=1):
            raise ValueError("the time of grading needs an offset from UTC in whole minutes")
        sides = [hip.side for hip in self.hips]
        if not sides or len(set(sides)) < len(sides):
            raise ValueError("a reading is of one or two hips, each side once")


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedHip:
    """One hip with its grades on every scale, what qualifies them, and what they rest on.

    The facts follow from the rest and are no part of it: they are neither compared nor
    fingerprinted.
    """

    hip: Hip
    grades: tuple[Grade, ...]
    flags: tuple[Flag, ...] = ()
    setting: Setting = field(compare=False, repr=False)
    facts: HipFacts = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", find_facts(self.hip, self.flags, self.setting))

    def grade(self, scale: str) -> Grade | None:
        """The grade on one scale, if the hip was graded on it."""
        return next((grade for grade in self.grades if grade.scale == scale), None)

    def derived(self, grade: Grade) -> str | None:
        """What the findings alone give; None where they leave it open, or there are none."""
        alone = self.facts.has_grounds and not self.facts.absent_by_grade
        return grade.possible[0] if alone and len(grade.possible) == 1 else None

    def is_told(self, grade: Grade) -> bool:
        """Whether there is a grade to tell: given by the source, or derived from something."""
        return bool(grade.source or (self.facts.has_grounds and grade.possible))

    def is_open(self, grade: Grade) -> bool:
        """Whether the findings leave several grades and the source chose none of them."""
        return self.is_told(grade) and not grade.source and len(grade.possible) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that is known of one graded study; right hip first.

    `conclusion` are a person's own words for the impression, `incomplete` those for what is still to be
    done, where this is not all that was to be graded; `overrides` what was said of headers that do not
    hold; `signing` is what persons did to it, nothing to a draft, and `withdrawal` its end. `preliminaries`
    are the drafts that were sent before this one, of a draft that follows such.
    `lookbacks` are what earlier reports say of its hips, where some were given. `form` is the form of
    hosr that it is written in (`hosr.version`), no part of what it says.
    """

    subject: Subject
    observer: Observer
    graded_at: dt.datetime
    view: View
    context: Context
    hips: tuple[GradedHip, ...]
    conclusion: str = field(default="", metadata=ADDED)
    incomplete: str = field(default="", metadata=ADDED)
    overrides: tuple[HeaderOverride, ...] = field(default=(), metadata=ADDED)
    signing: Signing | None = field(default=None, metadata=ADDED)
    withdrawal: Withdrawal | None = field(default=None, metadata=ADDED)
    lookbacks: tuple[Lookback, ...] = field(default=(), metadata=ADDED)
    preliminaries: Preliminaries | None = field(default=None, metadata=ADDED)
    form: str = field(default=FORM, compare=False)

    @property
    def status(self) -> Status:
        """How far it has come."""
        if self.withdrawal is not None:
            return self.withdrawal.status
        if self.signing is not None:
            return self.signing.status
        drafts = (PART, MODEL_PART) if self.incomplete else (DRAFT, MODEL_DRAFT)
        return drafts[isinstance(self.observer, Algorithm)]

    @property
    def predecessors(self) -> tuple[Instance, ...]:
        """The documents that it takes the place of, the measurement report before it first."""
        if self.signing is not None:
            return self.signing.predecessors
        return () if self.preliminaries is None else self.preliminaries.documents

    def tracked_as(self, key: str) -> str:
        """What all versions of it have in common; `key` is the content key of this one."""
        if self.signing is not None:
            return self.signing.tracked_as
        return key if self.preliminaries is None else self.preliminaries.tracked_as

    def prior_of(self, side: Side) -> PriorHip | None:
        """What the hip of a side is compared with, if with anything."""
        return next((each.compared for each in self.lookbacks if each.side is side), None)

    @property
    def stated_at(self) -> dt.datetime:
        """When it came to its status: graded, signed, amended, added to or withdrawn."""
        if self.withdrawal is not None:
            return self.withdrawal.signature.signed_at
        if self.signing is not None:
            return self.signing.signatures[-1].signed_at
        return self.graded_at

    @property
    def documented_at(self) -> dt.datetime:
        """What dates its documents: the grading, of all versions alike, or else the withdrawal."""
        return self.graded_at if self.withdrawal is None else self.withdrawal.signature.signed_at

    @property
    def setting(self) -> Setting:
        """The circumstances that qualify its grades."""
        return Setting(
            observer=self.observer,
            view=self.view,
            context=self.context,
            study_date=read_date(self.subject.study.date),
        )


def grade_reading(
    reading: Reading,
    study_date: dt.date | None = None,
    birth_date: dt.date | None = None,
    *,
    now: dt.datetime | None = None,
) -> tuple[tuple[GradedHip, ...], list[Fault]]:
    """The graded hips of a reading and everything in it that contradicts itself, or what is `now`."""
    setting = Setting(
        observer=reading.observer,
        view=reading.view,
        context=reading.context,
        study_date=study_date,
    )
    faults = find_time_contradictions(setting, reading.graded_at, birth_date, now)
    if reading.conclusion and isinstance(reading.observer, Algorithm):
        remedy = phrase("write what a program says in hips[].comment, or name the person")
        faults.append(
            Fault("$.conclusion", phrase("is a person's, and an algorithm graded"), remedy)
        )
    graded = []
    for index, given in enumerate(reading.hips):
        hip = imply_findings(given, setting.modality)
        grades = grade_hip(hip, setting.modality)
        faults += find_contradictions(hip, grades, setting, f"$.hips[{index}]")
        flags = raise_flags(hip, grades, setting)
        graded.append(GradedHip(hip=hip, grades=grades, flags=flags, setting=setting))
    return tuple(sorted(graded, key=lambda item: item.hip.side is not Side.RIGHT)), faults


def assemble(subject: Subject, reading: Reading, now: dt.datetime | None = None) -> Report:
    """The report of a reading; of one that comes in `now`, which was made before.

    Raises
    ------
    RecordRefused
        With every contradiction in the reading, and every place that is on none of its images.
    """
    hips = tuple(replace(hip, place=_key_place(hip)) for hip in reading.hips)
    dates = map(read_date, (subject.study.date, subject.patient.birth_date))
    graded, faults = grade_reading(replace(reading, hips=hips), *dates, now=now)
    for index, hip in enumerate(reading.hips):
        faults += _find_places_elsewhere(hip, subject, f"$.hips[{index}]")
    if faults:
        raise RecordRefused(faults)
    return Report(
        subject=replace(subject, examined=tuple(sorted(subject.examined))),
        observer=reading.observer,
        graded_at=_with_fixed_offset(reading.graded_at),
        view=reading.view,
        context=reading.context,
        hips=graded,
        conclusion=reading.conclusion,
        incomplete=reading.incomplete,
        overrides=reading.overrides,
    )


def grading_json(hips: tuple[GradedHip, ...]) -> dict[str, Any]:
    """The grading as plain values, ready for JSON: per hip each scale and the flags.

    `grade` is what the report states, `derived` what the findings alone give; `possible` is all
    that they allow, or the source's grade where there are none; `source_grade` is the source's.
    """
    return {
        "hips": [
            {
                "side": graded.hip.side.value,
                **{grade.scale: grade_json(graded, grade) for grade in graded.grades},
                "flags": [flag.value for flag in graded.flags],
            }
            for graded in hips
        ]
    }


def grade_json(graded: GradedHip, grade: Grade) -> dict[str, Any]:
    """One grade of a hip as plain values, as `grading_json` has it."""
    return {
        "grade": grade.grade,
        "derived": graded.derived(grade),
        "possible": list(grade.possible),
        "rule": grade.rule,
        "source_grade": _range_text(grade.source, SCALES[grade.scale]) or None,
    }


def _range_text(stated: tuple[str, ...], scale: Scale) -> str:
    """Neighbours as a range, II-III; grades apart as alternatives, I or III."""
    is_range = stated and scale.is_range(stated)
    return f"{stated[0]}-{stated[-1]}" if is_range else " or ".join(stated)


def places(hip: Hip) -> tuple[Place, ...]:
    """Every image on which something of the hip is marked, and its key image, first come first."""
    lengths = (*hip.lengths, *(candidate.length for candidate in hip.candidates))
    lines = [length.line for length in lengths]
    named = [length.segment.place for length in lengths if length.segment]
    if hip.calibration is not None:
        lines.append(hip.calibration.line)
    regions = [island.region for island in hip.islands or ()]
    found = [region.place for region in regions if region is not None]
    found += [place for line in lines if line for place in (line.place, line.end_place) if place]
    found += (outline.polygon.place for outline in hip.outlines)
    found += filter(None, (*named, hip.place))
    return tuple(dict.fromkeys(found))


def _find_places_elsewhere(hip: Hip, subject: Subject, path: str) -> list[Fault]:
    known = {image.instance.sop_instance_uid: image.frames for image in subject.images}
    faults = []
    for place in places(hip):
        if place.sop_instance_uid not in known:
            problem = phrase(
                "image {uid} is not among the images given", uid=place.sop_instance_uid
            )
            faults.append(Fault(path, problem, phrase("give that image, or correct the UID")))
        elif place.frame is not None and not 1 <= place.frame <= known[place.sop_instance_uid]:
            faults.append(
                Fault(
                    path,
                    phrase("the image has no frame {frame}", frame=place.frame),
                    phrase("correct the frame"),
                )
            )
    if _key_place(hip) is None:
        faults.append(
            Fault(
                f"{path}.image",
                phrase("no image is named"),
                phrase("name the image that was graded"),
            )
        )
    return faults


def _key_place(hip: Hip) -> Place | None:
    """Where the drawn finding of the hip is: its gap line, else an island; else the image named."""
    if hip.gap is not None and hip.gap.line is not None:
        return hip.gap.line.place
    for island in hip.islands or ():
        if island.region is not None:
            return island.region.place
        if island.length is not None and island.length.line is not None:
            return island.length.line.place
    return hip.place


def _with_fixed_offset(moment: dt.datetime) -> dt.datetime:
    offset = moment.utcoffset() or dt.timedelta(0)
    return moment.astimezone(dt.timezone(offset))
