"""What there is to count: hips, studies, subjects and readings, and what each reader graded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.cohort.statistics.gradings import SCALES, first_readings, readers_of, tally

if TYPE_CHECKING:
    from hosr.cohort.statistics.gradings import Grading, Reader


NO_REASON = "no reason given"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderCounts:
    """What one reader read: hip examinations by first readings, and what became of them.

    `grades` holds for each scale how many hips have each grade, from the least; `ungraded` for each
    scale how many evaluable hips have no single grade.
    """

    reader: str
    kind: str
    readings: int
    examinations: int
    hips: int
    studies: int
    subjects: int
    evaluable: int
    not_evaluable: int
    ungraded: dict[str, int]
    grades: dict[str, dict[str, int]]
    reread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Denominators:
    """The whole cohort; an examination is a hip in a study, a reading one grading of it."""

    readings: int
    examinations: int
    hips: int
    studies: int
    subjects: int
    bilateral_subjects: int
    evaluable: int
    not_evaluable: int
    not_evaluable_reasons: dict[str, int]
    ungraded: dict[str, int]
    readers: tuple[ReaderCounts, ...]


def count_all(gradings: Sequence[Grading]) -> Denominators:
    """The counts of all readings, and those of each reader."""
    hips = {grading.hip for grading in gradings}
    sides = Counter(subject for subject, _ in hips)
    lost = [grading for grading in gradings if not grading.evaluable]
    reasons = Counter(grading.not_evaluable_reason or NO_REASON for grading in lost)
    return Denominators(
        readings=len(gradings),
        examinations=len({grading.examined for grading in gradings}),
        hips=len(hips),
        studies=len({(grading.subject, grading.study) for grading in gradings}),
        subjects=len(sides),
        bilateral_subjects=sum(count > 1 for count in sides.values()),
        evaluable=len(gradings) - len(lost),
        not_evaluable=len(lost),
        not_evaluable_reasons=dict(sorted(reasons.items())),
        ungraded=_count_ungraded(gradings),
        readers=tuple(_count_reader(gradings, reader) for reader in readers_of(gradings)),
    )


def _count_ungraded(gradings: Sequence[Grading]) -> dict[str, int]:
    return {
        scale.key: sum(
            grading.evaluable and grading.places[scale.key] is None for grading in gradings
        )
        for scale in SCALES
    }


def _count_reader(gradings: Sequence[Grading], reader: Reader) -> ReaderCounts:
    own = [grading for grading in gradings if grading.reader == reader]
    first = [*first_readings(own)[reader].values()]
    evaluable = sum(grading.evaluable for grading in first)
    again = Counter(grading.examined for grading in own)
    return ReaderCounts(
        reader=reader.name,
        kind=reader.kind,
        readings=len(own),
        examinations=len(first),
        hips=len({grading.hip for grading in first}),
        studies=len({(grading.subject, grading.study) for grading in first}),
        subjects=len({grading.subject for grading in first}),
        evaluable=evaluable,
        not_evaluable=len(first) - evaluable,
        ungraded=_count_ungraded(first),
        grades={
            scale.key: dict(zip(scale.grades, tally(first, scale), strict=True)) for scale in SCALES
        },
        reread=sum(count > 1 for count in again.values()),
    )
