"""What a statistic is told with: its value, where it came from, and why it is missing.

A number never stands alone. A share has its count and its denominator, an interval its method,
and what cannot be computed is None with a reason in words.

Where hips depend on one another, subjects are resampled with all their hips. No library that hosr
uses resamples clusters. The percentile interval is that of Efron and Tibshirani, An Introduction
to the Bootstrap (1993), section 13.3, with subjects as the units that are drawn (Field and Welsh,
doi:10.1111/j.1467-9868.2007.00593.x).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.float64]


LEVEL = 0.95

BY_SUBJECT = "bootstrap of subjects, each with all its hips; percentiles"
_FEW_SUBJECTS = "no interval: fewer than 2 subjects"
_ONE_EACH = "not needed: every subject contributes one grading"
_SAME = "no interval: every resample gave the same value"

# Resamples without a value could all lie in one tail, which holds 2.5 % on either side.
_MOST_UNDEFINED = 0.05

_CHUNK = 4_000_000  # subjects drawn at once, which keeps memory flat

# Clopper and Pearson, Biometrika 1934;26:404-13, doi:10.1093/biomet/26.4.404
EXACT = "exact (Clopper-Pearson), statsmodels proportion_confint(method='beta')"

_INDEPENDENT = "not needed: one for each subject"
_QUOTIENT = "count / total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A confidence interval, or the reason why there is none.

    `resamples` were drawn for a bootstrap, and in `undefined` of them the statistic had no value.
    """

    low: float | None
    high: float | None
    method: str
    reason: str = ""
    level: float = LEVEL
    resamples: int | None = None
    undefined: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A statistic of `n` hips; `interval` takes them as independent, `clustered` by subject."""

    value: float | None
    n: int
    method: str
    interval: Interval
    clustered: Interval
    standard_error: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of how many, and the words for what the denominator holds."""

    count: int
    total: int
    of: str
    value: float | None
    method: str
    interval: Interval
    clustered: Interval
    reason: str = ""


def no_interval(method: str, reason: str) -> Interval:
    """The place of an interval that does not exist."""
    return Interval(low=None, high=None, method=method, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How subjects are drawn: one seed draws the same subjects for every statistic."""

    seed: int
    resamples: int


def find_obstacle(subjects: Sequence[str]) -> Interval | None:
    """Why an interval by subject is not needed or cannot be had; None where it can and should."""
    distinct = len(set(subjects))
    if distinct == len(subjects) > 1:
        return no_interval(BY_SUBJECT, _ONE_EACH)
    return no_interval(BY_SUBJECT, _FEW_SUBJECTS) if distinct < 2 else None


def percentile_interval(values: Numbers) -> Interval:
    """The interval of what a statistic was in each resample; NaN is where it was undefined."""
    import numpy as np

    known = values[~np.isnan(values)]
    undefined = len(values) - len(known)
    reason, low, high = "", None, None
    if undefined > _MOST_UNDEFINED * len(values):
        reason = f"no interval: undefined in {undefined} of {len(values)} resamples"
    elif np.ptp(known) < 1e-12:
        reason = _SAME
    else:
        tail = (1 - LEVEL) / 2
        low, high = (float(limit) for limit in np.quantile(known, (tail, 1 - tail)))
    return Interval(
        low=low,
        high=high,
        method=BY_SUBJECT,
        reason=reason,
        resamples=len(values),
        undefined=undefined,
    )


def _resample(
    subjects: Sequence[str], statistic: Callable[[Numbers], float], sampling: Sampling
) -> Numbers:
    """A statistic in each resample; it is given how often each grading was drawn."""
    import numpy as np

    rows = _subject_rows(subjects)
    drawn = _draw(len(set(subjects)), sampling)
    return np.array([statistic(counts[rows]) for chunk in drawn for counts in chunk])


def resampled_interval(
    subjects: Sequence[str], statistic: Callable[[Numbers], float], sampling: Sampling
) -> Interval:
    """The interval by subject of a statistic that is given how often each grading was drawn."""
    if len(set(subjects)) < 2:
        return no_interval(BY_SUBJECT, _FEW_SUBJECTS)
    return percentile_interval(_resample(subjects, statistic, sampling))


def resample_tables(
    subjects: Sequence[str], cells: Sequence[int], size: int, sampling: Sampling
) -> Numbers:
    """How many gradings fell into each of `size` cells, one row a resample."""
    import numpy as np

    tables = np.zeros((len(set(subjects)), size))
    np.add.at(tables, (_subject_rows(subjects), np.array(cells, dtype=np.intp)), 1)
    drawn = _draw(len(tables), sampling)
    return np.concatenate([chunk @ tables for chunk in drawn])


def _subject_rows(subjects: Sequence[str]) -> NDArray[np.intp]:
    """The place of each grading's subject among all subjects in sorted order."""
    import numpy as np

    order = {subject: row for row, subject in enumerate(sorted(set(subjects)))}
    return np.array([order[subject] for subject in subjects], dtype=np.intp)


def _draw(subjects: int, sampling: Sampling) -> Iterator[Numbers]:
    """How often each subject was drawn, one row a resample, some rows at a time."""
    import numpy as np

    generator = np.random.default_rng(sampling.seed)
    left = sampling.resamples
    while left:
        size = min(left, max(1, _CHUNK // subjects))
        drawn = generator.integers(subjects, size=(size, subjects))
        drawn += np.arange(size)[:, np.newaxis] * subjects
        counts = np.bincount(drawn.ravel(), minlength=size * subjects)
        yield counts.reshape(size, subjects).astype(np.float64)
        left -= size


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
        clustered=clustered or no_interval(BY_SUBJECT, _INDEPENDENT),
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
