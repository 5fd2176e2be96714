"""What there is to count, and how many hips and patients have each grade at a time point.

Studies of heterotopic ossification call this incidence: the share of those graded at that time,
not of new cases since the last one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hosr.cohort.statistics.estimates import Sampling, Share, clustered_shares
from hosr.cohort.statistics.gradings import (
    SCALES,
    Grading,
    Reader,
    first_readings,
    readers_of,
    tally,
    time_points,
)
from hosr.scales.scale import Scale

HIP, PATIENT = "hip", "patient"

# The grades with spurs less than 1 cm apart, or bridging: Brooker III and IV, Della Valle C.
SEVERE = {"brooker": ("III", "IV"), "della_valle": ("C",)}

_OF = {
    HIP: "evaluable graded hips",
    PATIENT: "patients with an evaluable graded hip",
}


_NO_REASON = "no reason given"


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeShare:
    """The share of one grade, or of several together, which the name says."""

    name: str
    grades: tuple[str, ...]
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidence:
    """One reader's grades at one time point, by hip or by patient (the worse hip).

    `repeated` counts further studies of the same hip at that time point, of which the first is
    taken. `any_bone` is None on a scale whose least grade may hold bone.
    """

    reader: str
    kind: str
    scale: str
    time_point: str
    unit: str
    examined: int
    not_evaluable: int
    ungraded: int
    repeated: int
    graded: int
    grades: tuple[GradeShare, ...]
    any_bone: GradeShare | None
    severe: GradeShare


def count_incidence(
    readings: dict[Reader, list[Grading]], sampling: Sampling
) -> tuple[Incidence, ...]:
    """For each scale, reader and time point, by hip and by patient."""
    everything = [grading for own in readings.values() for grading in own]
    found = []
    for scale in SCALES:
        for reader, own in readings.items():
            for name in time_points(everything):
                seen = [grading for grading in own if grading.time_point == name]
                if seen:
                    found += [
                        _count(scale, reader, seen, unit, sampling) for unit in (HIP, PATIENT)
                    ]
    return tuple(found)


def one_a_hip(gradings: Iterable[Grading]) -> list[Grading]:
    """The first study of each hip that is evaluable, else the first."""
    found: dict[tuple[str, str], Grading] = {}
    for grading in sorted(gradings, key=lambda one: (not one.evaluable, one.when)):
        found.setdefault(grading.hip, grading)
    return sorted(found.values(), key=lambda grading: grading.hip)


def _count(
    scale: Scale, reader: Reader, seen: Sequence[Grading], unit: str, sampling: Sampling
) -> Incidence:
    hips = one_a_hip(seen)
    graded = [
        (grading.subject, place)
        for grading in hips
        if (place := grading.places[scale.key]) is not None
    ]
    if unit == PATIENT:
        worst: dict[str, int] = {}
        for subject, place in graded:
            worst[subject] = max(place, worst.get(subject, place))
        graded = [*worst.items()]
        examined = len({grading.subject for grading in hips})
        evaluable = len({grading.subject for grading in hips if grading.evaluable})
    else:
        examined, evaluable = len(hips), sum(grading.evaluable for grading in hips)
    shares = _name_shares(scale, graded, unit, sampling)
    severe = shares.pop()
    any_bone = shares.pop() if len(shares) > len(scale.grades) else None
    return Incidence(
        reader=reader.name,
        kind=reader.kind,
        scale=scale.key,
        time_point=seen[0].time_point,
        unit=unit,
        examined=examined,
        not_evaluable=examined - evaluable,
        ungraded=evaluable - len(graded),
        repeated=len(seen) - len(hips) if unit == HIP else 0,
        graded=len(graded),
        grades=tuple(shares),
        any_bone=any_bone,
        severe=severe,
    )


def _name_shares(
    scale: Scale, graded: Sequence[tuple[str, int]], unit: str, sampling: Sampling
) -> list[GradeShare]:
    """Each grade, then any ossification where the scale can say so, then the severe grades."""
    named: dict[str, tuple[str, ...]] = {grade: (grade,) for grade in scale.grades}
    if scale.least_is_absence:
        named["any HO"] = scale.grades[1:]
    named["severe"] = SEVERE[scale.key]
    sets = [{scale.grades.index(grade) for grade in grades} for grades in named.values()]
    subjects, places = [subject for subject, _ in graded], [place for _, place in graded]
    shares = clustered_shares(subjects, places, sets, _OF[unit], sampling)
    return [
        GradeShare(name=name, grades=grades, share=one)
        for (name, grades), one in zip(named.items(), shares, strict=True)
    ]


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
    reasons = Counter(grading.not_evaluable_reason or _NO_REASON for grading in lost)
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
