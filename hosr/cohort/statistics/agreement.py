"""Agreement of readers: percent, kappa and the matrix, for pairs and for several.

Ordinal grades have three kappas, because none of them says what the others do. No word grades a
kappa: the same 0.43 is "moderate" in one paper and "poor" in the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from hosr.cohort.statistics.gradings import SCALES, first_readings, readers_of
from hosr.cohort.statistics.kappas import cohen_kappas, fleiss_kappa
from hosr.cohort.statistics.proportions import clustered_shares

if TYPE_CHECKING:
    from hosr.cohort.statistics.clusters import Sampling
    from hosr.cohort.statistics.estimates import Estimate, Share
    from hosr.cohort.statistics.gradings import Examined, Grading, Reader
    from hosr.scales.scale import Scale


FIRST, SECOND = ", first reading", ", second reading"
GRADED_BY_BOTH = "hip examinations that both graded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Two readings of the same hips; a row of the matrix is the first reader's grade.

    `hips` counts hip examinations, that is, hips once for each study.
    """

    scale: str
    first: str
    second: str
    hips: int
    subjects: int
    left_out: int
    labels: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]
    percent: Share
    unweighted: Estimate
    linear: Estimate
    quadratic: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralReaders:
    """Three or more readers on the hips that all of them graded."""

    scale: str
    readers: tuple[str, ...]
    hips: int
    subjects: int
    kappa: Estimate


def compare_pairs(gradings: Sequence[Grading], sampling: Sampling) -> tuple[Agreement, ...]:
    """Every pair of readers on every scale, by the first reading of each."""
    readings = first_readings(gradings)
    pairs = list(combinations(readers_of(gradings), 2))
    return tuple(
        compare(scale, (first.name, second.name), (readings[first], readings[second]), sampling)
        for scale in SCALES
        for first, second in pairs
    )


def compare_rereadings(gradings: Sequence[Grading], sampling: Sampling) -> tuple[Agreement, ...]:
    """Each reader who read hips twice: the first reading against the second."""
    found = []
    for reader in readers_of(gradings):
        own = [grading for grading in gradings if grading.reader == reader]
        first = first_readings(own)[reader]
        later = [grading for grading in own if grading is not first[grading.examined]]
        if later:
            names = f"{reader.name}{FIRST}", f"{reader.name}{SECOND}"
            again = first_readings(later)[reader]
            # A hip that was read once takes no part.
            twice = {examined: first[examined] for examined in again}
            found += [compare(scale, names, (twice, again), sampling) for scale in SCALES]
    return tuple(found)


def compare(
    scale: Scale,
    names: tuple[str, str],
    readings: tuple[Mapping[Examined, Grading], Mapping[Examined, Grading]],
    sampling: Sampling,
) -> Agreement:
    """Two readings on one scale, on the hips that both graded."""
    first, second = readings
    common = sorted(first.keys() & second.keys())
    pairs = {
        examined: (a, b)
        for examined in common
        if (a := first[examined].places[scale.key]) is not None
        and (b := second[examined].places[scale.key]) is not None
    }
    subjects = [subject for subject, _, _ in pairs]
    agreed = [int(a == b) for a, b in pairs.values()]
    (percent,) = clustered_shares(subjects, agreed, [{1}], GRADED_BY_BOTH, sampling)
    size = len(scale.grades)
    unweighted, linear, quadratic = cohen_kappas(subjects, [*pairs.values()], size, sampling)
    return Agreement(
        scale=scale.key,
        first=names[0],
        second=names[1],
        hips=len(pairs),
        subjects=len(set(subjects)),
        left_out=len(first.keys() | second.keys()) - len(pairs),
        labels=scale.grades,
        matrix=cross_tabulate(pairs.values(), size),
        percent=percent,
        unweighted=unweighted,
        linear=linear,
        quadratic=quadratic,
    )


def cross_tabulate(pairs: Iterable[tuple[int, int]], size: int) -> tuple[tuple[int, ...], ...]:
    """How often each pair of places occurs: rows the first of a pair, columns the second."""
    from sklearn.metrics import confusion_matrix

    rows = [*pairs]
    if not rows:  # which scikit-learn refuses
        return ((0,) * size,) * size
    first, second = zip(*rows, strict=True)
    table = confusion_matrix(first, second, labels=range(size))
    return tuple(tuple(int(count) for count in row) for row in table)


def compare_several(gradings: Sequence[Grading], sampling: Sampling) -> tuple[SeveralReaders, ...]:
    """All readers at once, and all persons where there are algorithms too; three at least."""
    everybody = readers_of(gradings)
    persons = tuple(reader for reader in everybody if not reader.is_algorithm)
    readings = first_readings(gradings)
    return tuple(
        _compare_group(scale, group, readings, sampling)
        for scale in SCALES
        for group in dict.fromkeys((everybody, persons))
        if len(group) > 2
    )


def _compare_group(
    scale: Scale,
    group: tuple[Reader, ...],
    readings: Mapping[Reader, Mapping[Examined, Grading]],
    sampling: Sampling,
) -> SeveralReaders:
    common = set.intersection(*(set(readings[reader]) for reader in group))
    rated: dict[Examined, list[int]] = {}
    for examined in sorted(common):
        places = [readings[reader][examined].places[scale.key] for reader in group]
        known = [place for place in places if place is not None]
        if len(known) == len(group):
            rated[examined] = known
    subjects = [subject for subject, _, _ in rated]
    return SeveralReaders(
        scale=scale.key,
        readers=tuple(reader.name for reader in group),
        hips=len(rated),
        subjects=len(set(subjects)),
        kappa=fleiss_kappa(subjects, [*rated.values()], len(scale.grades), sampling),
    )
