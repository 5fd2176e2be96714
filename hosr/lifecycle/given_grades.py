"""The grades that a person gives as their own: as they are written, and what becomes of a report by them.

What is in conflict or left open has to be given a grade by who signs, for a signed report is acted upon.
What findings make impossible cannot be given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from hosr.errors import Fault, RecordRefused, UsageError
from hosr.phrases import Phrase, phrase, several
from hosr.report import GradedHip, Reading, Report, grade_reading
from hosr.scales import SCALES, grade_hip
from hosr.scales.contradictions import find_contradictions
from hosr.scales.scale import Grade
from hosr.status import FormerGrade, GradeChange
from hosr.study import read_date
from hosr.vocabulary.terms import Side

_Key: TypeAlias = tuple[Side, str]  # a hip and a scale


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenGrade:
    """A grade that a person gives of a hip on one scale."""

    side: Side
    scale: str
    grade: str

    @property
    def place(self) -> str:
        """As it is written."""
        return f"--grade {self.side.value}:{self.scale}={self.grade}"


class _NoGrade(ValueError):
    """A text that is no grade as it is written; `problem` says why."""

    def __init__(self, problem: Phrase) -> None:
        self.problem = problem
        super().__init__(problem)


def parse_grade(text: str) -> GivenGrade:
    """A grade as it is written, `right:brooker=III`. Raises ValueError with what is wrong."""
    side, _, rest = text.partition(":")
    scale, _, grade = rest.partition("=")
    scales = [key for key in SCALES if key == scale.replace("-", "_").lower()]
    if side.lower() not in list(Side) or not scales:
        raise _NoGrade(
            phrase(
                "is no side and scale; write right:brooker=III or left:{scales}=...",
                scales="|".join(SCALES),
            )
        )
    known = SCALES[scales[0]].grades
    found = [each for each in known if each.lower() == grade.strip().lower()]
    if not found:
        title = SCALES[scales[0]].title
        raise _NoGrade(
            phrase(
                "names no grade of {scale}; give {grades}", scale=title, grades=several(known, "or")
            )
        )
    return GivenGrade(side=Side(side.lower()), scale=scales[0], grade=found[0])


def parse_grades(given: Iterable[str | GivenGrade]) -> tuple[GivenGrade, ...]:
    """Grades, written or as values. Raises `UsageError` with every one that is none."""
    grades, faults = [], []
    for each in given:
        try:
            grades.append(parse_grade(each) if isinstance(each, str) else each)
        except _NoGrade as error:
            faults.append(Fault(f"--grade {each}", error.problem))
    if faults:
        raise UsageError(faults)
    return tuple(grades)


def decide(
    report: Report, grades: Sequence[GivenGrade], former: Sequence[FormerGrade] = ()
) -> tuple[tuple[GradedHip, ...], tuple[GradeChange, ...]]:
    """The hips with the grades of who signs, and what changed by them.

    `former` is what another one stated of findings that the observer changed. What contradicts the
    report needs a grade of who signs, as any conflict does; what stands beside none is told.
    Raises as `sign`.
    """
    given = {(each.side, each.scale): each for each in grades}
    stated = {(each.side, each.scale): each for each in former}
    faults = [*_find_unused(report, grades), *_find_undecided(report, given, stated)]
    if faults:
        raise RecordRefused(faults)
    hips = _regraded(report, given.values()) if given else report.hips
    return hips, (*_given_changes(report, given, stated), *_gone_changes(report, given, stated))


def _given_changes(
    report: Report, given: Mapping[_Key, GivenGrade], stated: Mapping[_Key, FormerGrade]
) -> Iterator[GradeChange]:
    """The grades of who signs, against what another one stated, or else what the report does."""
    for side, _, grade in _grades(report):
        key = side, grade.scale
        if key not in given:
            continue
        after, former = (given[key].grade,), stated.get(key)
        is_other = former is not None and former.grades != after
        yield GradeChange(
            side=side,
            scale=grade.scale,
            before=former.grades if former and is_other else grade.stated,
            after=after,
            by_signer=True,
            before_by=former.by if former and is_other else "",
        )


def _gone_changes(
    report: Report, given: Mapping[_Key, GivenGrade], stated: Mapping[_Key, FormerGrade]
) -> Iterator[GradeChange]:
    """What another one stated where the report has no grade."""
    told = {(side, grade.scale) for side, graded, grade in _grades(report) if graded.is_told(grade)}
    for key, former in stated.items():
        if key not in told and key not in given:
            yield GradeChange(
                side=former.side,
                scale=former.scale,
                before=former.grades,
                after=(),
                before_by=former.by,
            )


def contradicts(former: FormerGrade | None, graded: GradedHip, grade: Grade) -> bool:
    """Whether another one stated a grade that is none of those that a hip has now."""
    if former is None or not graded.is_told(grade):
        return False
    return not set(former.grades) & set(grade.stated)


def can_be_given(graded: GradedHip, scale: str, grade: str) -> bool:
    """Whether a person can give a grade without contradicting what else is said of the hip."""
    own = _with(graded.hip.source_grades, {scale: (grade,)})
    hip, setting = replace(graded.hip, source_grades=own), graded.setting
    grades = grade_hip(hip, setting.modality)
    return not any(find_contradictions(hip, grades, setting, hip.side.value))


def _grades(report: Report) -> Iterator[tuple[Side, GradedHip, Grade]]:
    for graded in report.hips:
        for grade in graded.grades:
            yield graded.hip.side, graded, grade


def _find_unused(report: Report, grades: Sequence[GivenGrade]) -> Iterator[Fault]:
    known = {(side, grade.scale) for side, _, grade in _grades(report)}
    for number, each in enumerate(grades):
        if (each.side, each.scale) not in known:
            yield Fault(each.place, phrase("is of a hip or scale that the report does not have"))
        elif any((o.side, o.scale) == (each.side, each.scale) for o in grades[:number]):
            yield Fault(
                each.place, phrase("is given twice"), phrase("give one grade of each hip and scale")
            )


def _find_undecided(
    report: Report, given: Mapping[_Key, GivenGrade], former: Mapping[_Key, FormerGrade]
) -> Iterator[Fault]:
    for side, graded, grade in _grades(report):
        key = side, grade.scale
        if key in given:
            continue
        scale, before = SCALES[grade.scale].title, former.get(key)
        option = f"--grade {side.value}:{grade.scale}=GRADE"
        remedy = phrase("give your own: {option}", option=option)
        stated, possible = several(grade.stated, "or"), several(grade.possible, "or")
        place = f"{side.value} hip"
        if grade.differs:
            problem = phrase(
                "{scale} {stated} is in conflict with the findings ({possible})",
                scale=scale,
                stated=stated,
                possible=possible,
            )
            yield Fault(place, problem, remedy)
        elif graded.is_told(grade) and len(grade.stated) > 1:
            problem = phrase("{scale} is left open ({stated})", scale=scale, stated=stated)
            yield Fault(place, problem, remedy)
        elif before is not None and contradicts(before, graded, grade):
            problem = phrase(
                "{scale} {stated}, as {observer} graded, is in conflict with the findings ({possible})",
                scale=scale,
                stated=several(before.grades, "or"),
                observer=before.by,
                possible=stated,
            )
            yield Fault(place, problem, remedy)


def _regraded(report: Report, given: Iterable[GivenGrade]) -> tuple[GradedHip, ...]:
    """The hips graded anew with these grades as those of the source."""
    own: dict[Side, dict[str, tuple[str, ...]]] = {}
    for each in given:
        own.setdefault(each.side, {})[each.scale] = (each.grade,)
    hips = tuple(
        replace(
            graded.hip, source_grades=_with(graded.hip.source_grades, own.get(graded.hip.side, {}))
        )
        for graded in report.hips
    )
    reading = Reading(
        observer=report.observer,
        graded_at=report.graded_at,
        view=report.view,
        context=report.context,
        hips=hips,
        conclusion=report.conclusion,
        overrides=report.overrides,
    )
    subject = report.subject
    dates: list[dt.date | None] = [
        read_date(subject.study.date),
        read_date(subject.patient.birth_date),
    ]
    regraded, faults = grade_reading(reading, *dates)
    if faults:
        raise RecordRefused(faults)
    return regraded


def _with(
    source_grades: tuple[tuple[str, tuple[str, ...]], ...], own: dict[str, tuple[str, ...]]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    grades = {**dict(source_grades), **own}
    return tuple((scale, grades[scale]) for scale in SCALES if scale in grades)
