"""Shares with exact intervals, and with intervals by subject where hips depend on one another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from hosr.cohort.statistics.clusters import (
    BY_SUBJECT,
    find_obstacle,
    percentile_interval,
    resample_tables,
)
from hosr.cohort.statistics.estimates import LEVEL, Interval, Share, no_interval

if TYPE_CHECKING:
    from hosr.cohort.statistics.clusters import Sampling


# Clopper and Pearson, Biometrika 1934;26:404-13, doi:10.1093/biomet/26.4.404
EXACT = "exact (Clopper-Pearson), statsmodels proportion_confint(method='beta')"

ONE_EACH = "not needed: one for each subject"
_QUOTIENT = "count / total"


def exact_interval(count: int, total: int) -> Interval:
    """The exact interval of a share; it takes what was counted as independent."""
    from statsmodels.stats.proportion import proportion_confint

    if not total:
        return no_interval(EXACT, "no interval: the denominator is 0")
    low, high = proportion_confint(count, total, alpha=1 - LEVEL, method="beta")
    return Interval(low=float(low), high=float(high), method=EXACT)


def share(count: int, total: int, of: str, clustered: Interval | None = None) -> Share:
    """A share of what is independent, unless an interval by subject comes with it."""
    return Share(
        count=count,
        total=total,
        of=of,
        value=count / total if total else None,
        method=_QUOTIENT,
        interval=exact_interval(count, total),
        clustered=clustered or no_interval(BY_SUBJECT, ONE_EACH),
        reason="" if total else f"undefined: there are no {of}",
    )


def clustered_shares(
    subjects: Sequence[str],
    cells: Sequence[int],
    sets: Sequence[Collection[int]],
    of: str,
    sampling: Sampling,
) -> tuple[Share, ...]:
    """For each set of cells, the share of gradings that fell into it.

    Subject and cell of each grading are given in parallel.
    """
    total = len(cells)
    counts = [sum(cell in among for cell in cells) for among in sets]
    obstacle = find_obstacle(subjects)
    if obstacle:
        return tuple(share(count, total, of, obstacle) for count in counts)
    tables = resample_tables(subjects, cells, max(cells) + 1, sampling)
    totals = tables.sum(axis=1)
    clustered = []
    for among in sets:
        present = [cell for cell in among if cell < tables.shape[1]]
        clustered.append(percentile_interval(tables[:, present].sum(axis=1) / totals))
    pairs = zip(counts, clustered, strict=True)
    return tuple(share(count, total, of, interval) for count, interval in pairs)
