"""Cohen's and Fleiss' kappa of tables, by statsmodels; None where kappa is not defined.

Cohen, doi:10.1177/001316446002000104 and doi:10.1037/h0026256; standard errors of Fleiss, Cohen
and Everitt, doi:10.1037/h0028106; Fleiss, doi:10.1037/h0031619.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from hosr.cohort.statistics.clusters import (
    BY_SUBJECT,
    find_obstacle,
    percentile_interval,
    resample,
    resample_tables,
)
from hosr.cohort.statistics.estimates import Estimate, Interval, no_interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hosr.cohort.statistics.clusters import Sampling

    Numbers: TypeAlias = NDArray[np.float64]


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
    "no interval: the large-sample standard error is 0 (complete agreement, or one reader gave"
    " one grade only)"
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
        cohen_kappa(table, weights, interval)
        for weights, interval in zip(WEIGHTS, clustered, strict=True)
    )
    return unweighted, linear, quadratic


def cohen_kappa(table: Numbers, weights: Weights, clustered: Interval) -> Estimate:
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


def fleiss_kappa(
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

    few = find_obstacle(subjects) if len(set(subjects)) < 2 else None
    return Estimate(
        value=float(fleiss(table)),
        n=len(ratings),
        method=_FLEISS,
        interval=none,
        clustered=few or percentile_interval(resample(subjects, statistic, sampling)),
    )
