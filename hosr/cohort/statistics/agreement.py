"""Agreement of readers: percent, kappa and the matrix, for pairs and for several.

Ordinal grades have three kappas, because none of them says what the others do. No word grades a
kappa: the same 0.43 is "moderate" in one paper and "poor" in the next. Kappas are those of
statsmodels (Cohen, doi:10.1177/001316446002000104 and doi:10.1037/h0026256; standard errors of
Fleiss, Cohen and Everitt, doi:10.1037/h0028106; Fleiss, doi:10.1037/h0031619), None where undefined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal, TypeAlias

from hosr.cohort.statistics.estimates import (
    BY_SUBJECT,
    Estimate,
    Interval,
    Sampling,
    Share,
    clustered_shares,
    find_obstacle,
    no_interval,
    percentile_interval,
    resample_tables,
    resampled_interval,
)
from hosr.cohort.statistics.gradings import (
    SCALES,
    Examined,
    Grading,
    Reader,
    first_readings,
    readers_of,
)
from hosr.scales.scale import Scale

if TYPE_CHECKING:
    from hosr.cohort.statistics.estimates import Numbers


FIRST, _SECOND = ", first reading", ", second reading"
_GRADED_BY_BOTH = "hip examinations that both graded"


Weights: TypeAlias = Literal["unweighted", "linear", "quadratic"]
WEIGHTS: tuple[Weights, ...] = ("unweighted", "linear", "quadratic")

_COHEN = "Cohen's kappa, {weights}, statsmodels cohens_kappa"
_FLEISS = "Fleiss' kappa, statsmodels fleiss_kappa"
_LARGE_SAMPLE = (
    "large-sample (Fleiss, Cohen and Everitt 1969), statsmodels cohens_kappa; cut at -1 and 1"
)
_NONE_LARGE_SAMPLE = "large-sample"

_FEW = "undefined: fewer than 2 hips were graded by both"
_FEW_BY_ALL = "undefined: fewer than 2 hips were graded by all"
_ONE_GRADE = "undefined: one grade only, so that agreement by chance is complete"
_NO_SPREAD = (
    "no interval: the large-sample standard error is 0 (complete agreement or disagreement, or one"
    " reader gave one grade only)"
)


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
    """Three or more readers on the hips that all of them graded; `left_out` some read and not all."""

    scale: str
    readers: tuple[str, ...]
    hips: int
    subjects: int
    left_out: int
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
            names = f"{reader.name}{FIRST}", f"{reader.name}{_SECOND}"
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
    (percent,) = clustered_shares(subjects, agreed, [{1}], _GRADED_BY_BOTH, sampling)
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
    every = [set(readings[reader]) for reader in group]
    common = set.intersection(*every)
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
        left_out=len(set.union(*every)) - len(rated),
        kappa=_fleiss_kappa(subjects, [*rated.values()], len(scale.grades), sampling),
    )


def cohen_kappas(
    subjects: Sequence[str], pairs: Sequence[tuple[int, int]], size: int, sampling: Sampling
) -> tuple[Estimate, Estimate, Estimate]:
    """Kappa unweighted, linear and quadratic, of the two places that each grading has on a scale."""
    import numpy as np

    cells = [first * size + second for first, second in pairs]
    table = np.bincount(cells, minlength=size * size).reshape(size, size).astype(np.float64)
    obstacle = find_obstacle(subjects)
    if obstacle:
        clustered = [obstacle] * len(WEIGHTS)
    else:
        drawn = resample_tables(subjects, cells, size * size, sampling).reshape(-1, size, size)
        clustered = [
            percentile_interval(np.array([_kappa(one, weights) for one in drawn]))
            for weights in WEIGHTS
        ]
    unweighted, linear, quadratic = (
        _cohen_kappa(table, weights, interval)
        for weights, interval in zip(WEIGHTS, clustered, strict=True)
    )
    return unweighted, linear, quadratic


def _cohen_kappa(table: Numbers, weights: Weights, clustered: Interval) -> Estimate:
    """Kappa of a square table: rows the first reader, columns the second, grades in order."""
    import numpy as np
    from statsmodels.stats.inter_rater import cohens_kappa

    n, method = int(table.sum()), _COHEN.format(weights=weights)
    reason = _FEW if n < 2 else _ONE_GRADE if _has_one_grade(table) else ""
    if reason:
        missing = no_interval(_LARGE_SAMPLE, "no interval: kappa is undefined")
        none = no_interval(BY_SUBJECT, missing.reason)
        return Estimate(
            value=None, n=n, method=method, interval=missing, clustered=none, reason=reason
        )
    with np.errstate(divide="ignore", invalid="ignore"):  # of tests that are not used
        result = cohens_kappa(table, wt=_named(weights))
    variance = float(result.var_kappa)
    interval = no_interval(_LARGE_SAMPLE, _NO_SPREAD)
    if variance > 1e-12:
        low, high = max(-1.0, float(result.kappa_low)), min(1.0, float(result.kappa_upp))
        interval = Interval(low=low, high=high, method=_LARGE_SAMPLE)
    return Estimate(
        value=float(result.kappa),
        n=n,
        method=method,
        standard_error=float(result.std_kappa) if interval.low is not None else None,
        interval=interval,
        clustered=clustered,
    )


def _kappa(table: Numbers, weights: Weights) -> float:
    from statsmodels.stats.inter_rater import cohens_kappa

    if _has_one_grade(table):
        return float("nan")
    return float(cohens_kappa(table, wt=_named(weights), return_results=False))


def _named(weights: Weights) -> str | None:
    return None if weights == "unweighted" else weights


def _has_one_grade(table: Numbers) -> bool:
    """Whether both readers gave one and the same grade to every hip."""
    return bool((table.diagonal() == table.sum()).any())


def _fleiss_kappa(
    subjects: Sequence[str], ratings: Sequence[Sequence[int]], size: int, sampling: Sampling
) -> Estimate:
    """Kappa of several readers: for each grading, the place on the scale that each reader gave."""
    import numpy as np
    from statsmodels.stats.inter_rater import aggregate_raters
    from statsmodels.stats.inter_rater import fleiss_kappa as fleiss

    none = no_interval(_NONE_LARGE_SAMPLE, "statsmodels has none for Fleiss' kappa")
    reason = _FEW_BY_ALL if len(ratings) < 2 else ""
    if not reason and len({place for row in ratings for place in row}) == 1:
        reason = _ONE_GRADE
    if reason:
        missing = no_interval(BY_SUBJECT, "no interval: kappa is undefined")
        return Estimate(
            value=None,
            n=len(ratings),
            method=_FLEISS,
            interval=none,
            clustered=missing,
            reason=reason,
        )
    table, _ = aggregate_raters(np.asarray(ratings), n_cat=size)

    def statistic(counts: Numbers) -> float:
        drawn = np.repeat(table, counts.astype(int), axis=0)
        alone = (drawn.sum(axis=0) == drawn.sum()).any()
        return float("nan") if alone else float(fleiss(drawn))

    return Estimate(
        value=float(fleiss(table)),
        n=len(ratings),
        method=_FLEISS,
        interval=none,
        clustered=resampled_interval(subjects, statistic, sampling),
    )
