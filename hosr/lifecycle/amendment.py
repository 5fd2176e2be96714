"""The next version of a signed report with another content: what was changed, from what to what, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hosr.errors import Fault, UsageError
from hosr.findings import Algorithm, Hip, Length, Observer
from hosr.lifecycle.given_grades import GivenGrade, decide
from hosr.lifecycle.priors import carry_over
from hosr.lifecycle.signing import find_impossible_signature, find_incomplete, find_unwritable
from hosr.lifecycle.versions import Version
from hosr.persons import find_other_ids, find_strangers
from hosr.phrases import phrase, several
from hosr.report import GradedHip, Report
from hosr.scales.scale import Grade
from hosr.status import (
    Change,
    FormerGrade,
    GradeChange,
    LengthChange,
    ObserverChange,
    OtherChange,
    Signature,
    Signing,
    Space,
    Step,
)

_WHOLE = phrase("give the record of both; an amendment takes the place of the whole report")
_ANOTHER = phrase("sign a report of its own for it, and let this one be")


def amend(
    version: Version,
    content: Report,
    signature: Signature,
    reason: str,
    grades: Sequence[GivenGrade] = (),
    former: Sequence[FormerGrade] = (),
) -> Report:
    """The amended report: `content` is that of the new record on the same images.

    It is compared with what `content` is. Addenda of the version before stay; `former` as for `decide`.

    Raises
    ------
    UsageError
        Where the version is a draft, no reason is given, the new content is of another patient, study or
        hip or says nothing else, or who signs cannot.
    RecordRefused
        As `sign` does for grades in conflict or left open.
    """
    require_signed(version)
    before = version.report
    faults = [
        *find_impossible_signature(before, signature),
        *find_impossible_signature(content, signature),
        *find_incomplete(content),
        *_find_others(version, content),
    ]
    if not reason.strip():
        faults.append(
            Fault("--reason", phrase("has no words"), phrase("say why the report is amended"))
        )
    faults += find_unwritable("--reason", reason.strip())
    if faults or before.signing is None:
        raise UsageError(dict.fromkeys(faults))
    after, changes = _find_all_changes(before, content, grades, former)
    if not changes:
        problem = phrase("says nothing else than the report that was signed")
        raise UsageError(Fault("--record", problem, phrase("add words with `hosr addend`")))
    signing = Signing(
        step=Step.AMEND,
        signature=signature,
        predecessors=version.documents,
        tracked_as=before.signing.tracked_as,
        reason=reason.strip(),
        changes=changes,
        addenda=before.signing.addenda,
    )
    return replace(after, signing=signing, preliminaries=None)


def says_something_else(
    before: Report,
    content: Report,
    grades: Sequence[GivenGrade] = (),
    former: Sequence[FormerGrade] = (),
) -> bool:
    """Whether a report can amend a signed one: `amend` refuses what says the same.

    Raises RecordRefused and UsageError as `decide`.
    """
    return bool(_find_all_changes(before, content, grades, former)[1])


def _find_all_changes(
    before: Report,
    content: Report,
    grades: Sequence[GivenGrade],
    former: Sequence[FormerGrade],
) -> tuple[Report, tuple[Change, ...]]:
    """The content as graded by who signs, and what of it is changed; nothing where it says nothing else."""
    hips, own = decide(content, grades, former)
    after = carry_over(content, replace(content, hips=hips))
    found = tuple(_find_changes(before, after, own))
    is_changed = found or any(change.by_signer for change in own)
    return after, (*own, *found) if is_changed else ()


def require_signed(version: Version) -> None:
    """Raise `UsageError` for a draft, whatever it is to be amended with."""
    if version.report.signing is None:
        remedy = phrase("make the draft again from the new record, and sign that")
        raise UsageError(Fault(str(version.folder), phrase("is a draft"), remedy))


def _find_others(version: Version, content: Report) -> Iterator[Fault]:
    before = version.report
    patients = (before.subject.patient, content.subject.patient)
    if any(find_strangers(patients)) or any(find_other_ids(*patients)):
        yield Fault("--images", phrase("are of another patient than the report"), _ANOTHER)
    if before.subject.study.study_instance_uid != content.subject.study.study_instance_uid:
        yield Fault("--images", phrase("are of another study than the report"), _ANOTHER)
    sides = [[graded.hip.side for graded in report.hips] for report in (before, content)]
    if sides[0] != sides[1]:
        signed, new = map(several, sides)
        remedy = _WHOLE if set(sides[1]) < set(sides[0]) else _ANOTHER
        yield Fault(
            "--record",
            phrase("is of the {new} hip, the report of the {signed} hip", new=new, signed=signed),
            remedy,
        )


def _find_changes(before: Report, after: Report, own: Sequence[GradeChange]) -> Iterator[Change]:
    for old, new in zip(before.hips, after.hips, strict=True):
        yield from _find_changed_grades(old, new, own)
        yield from _find_changed_lengths(old.hip, new.hip)
        if _rest_of(old.hip) != _rest_of(new.hip):
            yield OtherChange(side=new.hip.side)
    was, now = name_of(before.observer), name_of(after.observer)
    if was != now:
        yield ObserverChange(before=was, after=now)
        before = replace(before, observer=after.observer)
    if _rest_of_report(before) != _rest_of_report(after):
        yield OtherChange(side=None)


def name_of(observer: Observer) -> str:
    """Who graded, as changes tell it: a DICOM person name, or a program with its version."""
    if isinstance(observer, Algorithm):
        return f"{observer.name} {observer.version}"
    return observer.name


def _find_changed_grades(
    old: GradedHip, new: GradedHip, own: Sequence[GradeChange]
) -> Iterator[GradeChange]:
    side = new.hip.side
    told = {change.scale for change in own if change.side is side}
    for scale in dict.fromkeys(grade.scale for grade in (*old.grades, *new.grades)):
        was, now = _stated(old.grade(scale)), _stated(new.grade(scale))
        if was != now and scale not in told:
            yield GradeChange(side=side, scale=scale, before=was, after=now)


def _stated(grade: Grade | None) -> tuple[str, ...]:
    return () if grade is None else grade.stated


def _find_changed_lengths(old: Hip, new: Hip) -> Iterator[LengthChange]:
    for space, was, now in (
        (Space.GAP, old.gap, new.gap),
        (Space.GAP_LATERAL, old.gap_lateral, new.gap_lateral),
    ):
        if _mm(was) != _mm(now):
            yield LengthChange(side=new.side, space=space, before_mm=_mm(was), after_mm=_mm(now))


def _mm(length: Length | None) -> float | None:
    return None if length is None else length.mm


def _rest_of(hip: Hip) -> tuple[object, ...]:
    """The hip without what has a sentence of its own, and without what that follows from."""
    lengths = (
        None if length is None else (length.gap_class, length.plane, length.basis)
        for length in (hip.gap, hip.gap_lateral)
    )
    rest = replace(hip, gap=None, gap_lateral=None, source_grades=(), place=None)
    return (rest, *lengths)


def _rest_of_report(report: Report) -> tuple[object, ...]:
    """What has no sentence of its own; what it is compared with may have been amended or withdrawn."""
    of_record = (report.view, report.context, report.conclusion, report.overrides)
    return (report.observer, *of_record, report.lookbacks)
