"""Whether the probabilities of a model mean what they say, for Brooker III or IV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.cohort.statistics.clusters import (
    BY_SUBJECT,
    FEW_SUBJECTS,
    percentile_interval,
    resample,
)
from hosr.cohort.statistics.estimates import Estimate, no_interval
from hosr.cohort.statistics.proportions import clustered_shares

if TYPE_CHECKING:
    from hosr.cohort.statistics.clusters import Numbers, Sampling
    from hosr.cohort.statistics.estimates import Interval, Share


BINS = 10

_AUC = "area under the ROC curve, scikit-learn roc_auc_score"
_BRIER = "Brier score, scikit-learn brier_score_loss"
_MEANS = "scikit-learn calibration_curve, ten bins of equal width"
_OF = "hips in this bin"
_NO_OTHER = no_interval("analytic", "not computed; see the interval by subject")
_NO_SCORES = "undefined: no hip has probabilities of III and IV beside a reference"
_ONE_KIND = "undefined: the reference has hips of one kind only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Hips whose probability lies in a range: the mean of what was said, the share that is severe."""

    low: float
    high: float
    hips: int
    mean_probability: float
    severe: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How well the probability of Brooker III or IV ranks hips, and how true it is.

    Bins without a hip are left out.
    """

    hips: int
    severe: int
    area_under_curve: Estimate
    brier_score: Estimate
    method: str
    bins: tuple[Bin, ...]


def judge_probabilities(
    scored: Sequence[tuple[str, bool, float]], sampling: Sampling
) -> Calibration:
    """Of hips: the subject, whether severe by the reference, and the model's probability of it."""
    from sklearn.metrics import brier_score_loss, roc_auc_score

    subjects = [subject for subject, _, _ in scored]
    true = [severe for _, severe, _ in scored]
    said = [probability for _, _, probability in scored]
    missing = "" if scored else _NO_SCORES
    one_kind = missing or (_ONE_KIND if len(set(true)) < 2 else "")

    def area(counts: Numbers) -> float:
        severe = counts[true].sum()
        if not 0 < severe < counts.sum():
            return float("nan")
        return float(roc_auc_score(true, said, sample_weight=counts))

    def brier(counts: Numbers) -> float:
        return float(brier_score_loss(true, said, sample_weight=counts, pos_label=True))

    return Calibration(
        hips=len(scored),
        severe=sum(true),
        area_under_curve=_estimate(_AUC, one_kind, subjects, area, sampling),
        brier_score=_estimate(_BRIER, missing, subjects, brier, sampling),
        method=_MEANS,
        bins=_fill_bins(scored, sampling),
    )


def _estimate(
    method: str,
    reason: str,
    subjects: Sequence[str],
    statistic: Callable[[Numbers], float],
    sampling: Sampling,
) -> Estimate:
    import numpy as np
    from sklearn import config_context

    value = None if reason else statistic(np.ones(len(subjects)))
    clustered: Interval
    if reason:
        clustered = no_interval(BY_SUBJECT, "no interval: the statistic is undefined")
    elif len(set(subjects)) < 2:
        clustered = no_interval(BY_SUBJECT, FEW_SUBJECTS)
    else:
        # The arguments were checked when the value was computed.
        with config_context(assume_finite=True, skip_parameter_validation=True):
            clustered = percentile_interval(resample(subjects, statistic, sampling))
    return Estimate(
        value=value,
        n=len(subjects),
        method=method,
        interval=_NO_OTHER,
        clustered=clustered,
        reason=reason,
    )


def _fill_bins(scored: Sequence[tuple[str, bool, float]], sampling: Sampling) -> tuple[Bin, ...]:
    import numpy as np
    from sklearn.calibration import calibration_curve

    if not scored:
        return ()
    true = [severe for _, severe, _ in scored]
    said = np.array([probability for _, _, probability in scored])
    _, means = calibration_curve(true, said, n_bins=BINS, pos_label=True)
    edges = np.linspace(0, 1, BINS + 1)
    places = np.searchsorted(edges[1:-1], said)  # as calibration_curve does, which tells no counts
    bins = []
    for place, mean in zip(sorted({*places.tolist()}), means, strict=True):
        held = [one for one, at in zip(scored, places, strict=True) if at == place]
        flags = [int(severe) for _, severe, _ in held]
        owners = [subject for subject, _, _ in held]
        (share,) = clustered_shares(owners, flags, [{1}], _OF, sampling)
        low, high = float(edges[place]), float(edges[place + 1])
        bins.append(
            Bin(low=low, high=high, hips=len(held), mean_probability=float(mean), severe=share)
        )
    return tuple(bins)
