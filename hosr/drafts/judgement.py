"""What hosr says of a draft: its grades and report, everything that is wrong, and how urgent it is.

Two kinds of obstacles keep a draft from being signed: faults of the record or the images, of which no
report is made, and what only a person can decide, of a report that is made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.drafts.states import FLAGGED, Reason, in_order, urgency_of
from hosr.drafts.values import ListedHip, Summary, decided_grades
from hosr.errors import Fault, HosrError, ImagesRefused, RecordRefused, UsageError
from hosr.findings import Algorithm
from hosr.intake.images import Note
from hosr.intake.record import parse_record
from hosr.intake.record.json_text import canonical_json, decode_object
from hosr.lifecycle.given_grades import can_be_given, contradicts, decide, parse_grades
from hosr.lifecycle.prior_files import compare_with, read_earlier
from hosr.lifecycle.signing import find_incomplete
from hosr.phrases import phrase
from hosr.pipeline import Outcome, grade_record, make_report
from hosr.sr.measurement import content_key, measurement_instance
from hosr.sr.receivers import Options

if TYPE_CHECKING:
    from hosr.intake.images import SourceImages
    from hosr.intake.record import Record
    from hosr.report import GradedHip
    from hosr.scales.scale import Grade
    from hosr.status import FormerGrade

_LONGEST_TEXT = 64
_NO_IMAGES = Fault("images", phrase("are missing"), phrase("a draft is signed with its images"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What hosr says of a record on its images.

    Attributes
    ----------
    outcome
        The report; None where faults stand against it, or there are no images.
    faults
        All that is wrong with the record and with its images, by path (`$.hips[0].gap.mm`).
    obstacles
        Why a report without faults cannot be signed yet: a grade in conflict or left open that nobody
        decided, a decision that findings make impossible, a record that is not complete.
    hips
        The graded hips as findings and source give them, right hip first; none where the record
        cannot be read.
    decided
        The same with the grades that the person chose; `hips` where those cannot stand.
    notes
        What was tolerated.
    summary
        What a worklist tells of it.
    former
        What another one graded whose findings the observer changed (`former_grades`).
    """

    outcome: Outcome | None
    faults: tuple[Fault, ...]
    obstacles: tuple[Fault, ...]
    hips: tuple[GradedHip, ...]
    decided: tuple[GradedHip, ...]
    notes: tuple[Note, ...]
    summary: Summary
    decisions: frozenset[tuple[str, str]] = field(default=frozenset(), repr=False)
    former: tuple[FormerGrade, ...] = field(default=(), repr=False)

    @property
    def may_be_signed(self) -> bool:
        """Whether nothing of its content is in the way of a signature."""
        return self.outcome is not None and not self.faults and not self.obstacles

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it should be looked at before others, the most urgent first."""
        found = {Reason.FAULTS} if self.faults else set()
        for graded in self.hips:
            found |= {FLAGGED[flag] for flag in graded.flags if flag in FLAGGED}
            for grade in graded.grades:
                if (graded.hip.side.value, grade.scale) not in self.decisions:
                    found |= self._asked_by(graded, grade)
        return in_order(found)

    def _asked_by(self, graded: GradedHip, grade: Grade) -> set[Reason]:
        """What a grade asks of a person."""
        if self.is_conflict(graded, grade):
            return {Reason.CONTRADICTION}
        return {Reason.OPEN_GRADE} if self.choices(graded, grade) else set()

    def former_of(self, graded: GradedHip, grade: Grade) -> FormerGrade | None:
        """What another one stated of the same hip on the same scale."""
        place = graded.hip.side, grade.scale
        return next((each for each in self.former if (each.side, each.scale) == place), None)

    def is_conflict(self, graded: GradedHip, grade: Grade) -> bool:
        """Whether a grade that was stated contradicts the findings."""
        return grade.differs or contradicts(self.former_of(graded, grade), graded, grade)

    def choices(self, graded: GradedHip, grade: Grade) -> tuple[str, ...]:
        """The grades out of which a person chooses; none where none is in conflict or left open."""
        is_open = graded.is_told(grade) and len(grade.stated) > 1
        if not (is_open or self.is_conflict(graded, grade)):
            return ()
        former = self.former_of(graded, grade)
        before = former.grades if former else ()
        own = (*grade.possible, *grade.source)
        more = (g for g in before if g not in own and can_be_given(graded, grade.scale, g))
        return tuple(dict.fromkeys((*own, *more)))

    @property
    def urgency(self) -> int:
        """How soon it should be looked at: the greater, the sooner; 0 for no reason."""
        return urgency_of(self.reasons)

    def document_uid(self, options: Options | None = None) -> str:
        """The SOP Instance UID of its measurement report; "" where none is made."""
        if self.outcome is None:
            return ""
        options = options or Options()
        key = content_key(self.outcome.report, options)
        return measurement_instance(key, options).sop_instance_uid


def standing_decisions(decisions: Sequence[str], judged: Judged) -> tuple[str, ...]:
    """The decisions without the grades that are not, or no more, among those to be chosen.

    A grade is chosen of findings as they were then. Where a line is moved after that, the grade is that
    of the line again, or is asked anew; where no report can be made, nothing is chosen. What is no
    grade of a hip that is there stays, and is told.
    """
    offered = {
        (graded.hip.side, grade.scale): judged.choices(graded, grade)
        for graded in (judged.outcome.report.hips if judged.outcome else ())
        for grade in graded.grades
    }

    def stands(decision: str) -> bool:
        try:
            (given,) = parse_grades([decision])
        except UsageError:
            return True
        if judged.outcome is None:
            return False
        place = given.side, given.scale
        return place not in offered or given.grade in offered[place]

    return tuple(filter(stands, decisions))


def read_result(data: bytes, name: str) -> dict[str, Any]:
    """The plain values of a record's JSON text, valid or not, as a draft is begun with them.

    Raises RecordRefused for a text that is no JSON object, is larger than any record, or leaves open
    what it says.
    """
    return decode_object(data, name)


def judge(
    record: Mapping[str, Any] | bytes,
    images: SourceImages | None,
    *,
    decisions: Sequence[str] = (),
    compare: Callable[[Outcome], Outcome] = lambda outcome: outcome,
    now: dt.datetime | None = None,
    former: tuple[FormerGrade, ...] = (),
) -> Judged:
    """What hosr says of a record on its images, with what a person decided (`right:brooker=III`).

    A mark that they took over as it is (`right:gap=accepted`) decides nothing here.

    Nothing that is wrong with either raises: it is among the faults. `compare` sets the report
    against earlier ones (`comparing`). What is of later than `now` is a fault; None asks no clock.
    `former` is what another one graded whose findings were changed (`former_grades`).

    Raises RecordRefused as `read_result`, for bytes; and for values that no record may hold.
    """
    decisions = decided_grades(decisions)
    given = read_result(record, "record") if isinstance(record, bytes) else record
    refusals: list[HosrError] = []
    parsed: Record | None = None
    outcome: Outcome | None = None
    hips: tuple[GradedHip, ...] = ()
    text = canonical_json(given, "record")  # in whatever order its keys were, it is one record
    with _collected(refusals):
        parsed = parse_record(text)
    if parsed is not None and images is not None:
        with _collected(refusals):
            outcome = compare(make_report(parsed, images, now=now))
    if outcome is not None:
        hips = outcome.report.hips
    elif parsed is not None:
        with _collected(refusals):  # contradictions are told, whatever the images say
            hips = grade_record(parsed, now=now)
    found = (fault for refusal in refusals for fault in refusal.faults)
    obstacles, decided = _decide(outcome, hips, decisions, former)
    return Judged(
        outcome=outcome,
        faults=tuple(dict.fromkeys(found)),
        obstacles=obstacles,
        hips=hips,
        decided=decided,
        notes=outcome.notes if outcome else images.notes if images else (),
        summary=_summarise(given, parsed, images, outcome, decided),
        decisions=frozenset(_places(decisions)),
        former=former,
    )


def comparing(priors: Sequence[str]) -> Callable[[Outcome], Outcome]:
    """What sets a report against the earlier ones in these folders, which are read once, now.

    Nobody named them for this report, so what does not fit it is left out. What cannot be read is noted.
    """
    if not priors:
        return lambda outcome: outcome
    read, faults, notes = read_earlier([Path(each) for each in priors])
    earlier = [replace(each, is_named=False) for each in read]
    unread = [
        Note(path=fault.path, problem=phrase("{problem}: not compared with", problem=fault.problem))
        for fault in faults
    ]

    def compare(outcome: Outcome) -> Outcome:
        compared = compare_with(outcome, earlier)
        return replace(compared, notes=(*compared.notes, *notes, *unread))

    return compare


@contextmanager
def _collected(refusals: list[HosrError]) -> Iterator[None]:
    try:
        yield
    except (RecordRefused, ImagesRefused) as refusal:
        refusals.append(refusal)


def _decide(
    outcome: Outcome | None,
    hips: tuple[GradedHip, ...],
    decisions: Sequence[str],
    former: tuple[FormerGrade, ...],
) -> tuple[tuple[Fault, ...], tuple[GradedHip, ...]]:
    """What keeps a report from being signed, and the hips with the grades of the person."""
    if outcome is None:
        return (_NO_IMAGES,), hips
    report = outcome.report
    faults = [*find_incomplete(report)]
    decided = hips
    try:
        decided, _ = decide(report, parse_grades(decisions), former)
    except (RecordRefused, UsageError) as refusal:
        faults += refusal.faults
    return tuple(faults), decided


def _places(decisions: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The hips and scales of the decisions that are some."""
    for each in decisions:
        try:
            (grade,) = parse_grades([each])
        except UsageError:
            continue
        yield grade.side.value, grade.scale


def _summarise(
    given: Mapping[str, Any],
    record: Record | None,
    images: SourceImages | None,
    outcome: Outcome | None,
    hips: tuple[GradedHip, ...],
) -> Summary:
    """What a worklist tells; who was imaged is what the headers say, and without them what is asserted."""
    told = _asserted(given)
    observer = record.observer if record else None
    if observer is not None:
        told = replace(told, made_by=observer.name, is_algorithm=isinstance(observer, Algorithm))
    view = outcome.report.view if outcome else record.view if record else None
    if view is not None:
        told = replace(told, view=view.value)
    subject = outcome.report.subject if outcome else images
    if subject is not None:
        told = replace(
            told,
            patient_name=subject.patient.name,
            patient_id=subject.patient.patient_id,
            study_instance_uid=subject.study.study_instance_uid,
            study_date=subject.study.date,
        )
    return replace(told, hips=tuple(map(_summarise_hip, hips)))


def _asserted(given: Mapping[str, Any]) -> Summary:
    """What the plain values of a record say of it, valid or not."""
    study, observer = given.get("study"), given.get("observer")
    return Summary(
        patient_id=_text_of(study, "patient_id"),
        study_instance_uid=_text_of(study, "study_instance_uid"),
        study_date=_text_of(study, "date").replace("-", ""),
        view=_text_of(given, "view"),
        made_by=_text_of(observer, "name"),
        is_algorithm=_text_of(observer, "type") == "algorithm",
    )


def _summarise_hip(graded: GradedHip) -> ListedHip:
    stated = {
        grade.scale: grade.grade for grade in graded.grades if graded.is_told(grade) and grade.grade
    }
    return ListedHip(
        side=graded.hip.side,
        brooker=stated.get("brooker") or "",
        della_valle=stated.get("della_valle") or "",
    )


def _text_of(values: Any, key: str) -> str:
    """A text of a record that may be anything: shortened, "" where it is none."""
    found = values.get(key) if isinstance(values, Mapping) else None
    return found[:_LONGEST_TEXT] if isinstance(found, str) else ""
