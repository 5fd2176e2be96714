"""A model against the reference: severe or not, how sure, and how far apart the grades are.

Whether its probabilities mean what they say is judged for Brooker III or IV.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.cohort.statistics.agreement import Agreement, compare
from hosr.cohort.statistics.estimates import (
    BY_SUBJECT,
    Estimate,
    Sampling,
    Share,
    clustered_shares,
    no_interval,
    resampled_interval,
)
from hosr.cohort.statistics.gradings import Grading, Reader, Reference, first_readings, readers_of
from hosr.cohort.statistics.incidence import SEVERE
from hosr.scales.brooker import BROOKER

if TYPE_CHECKING:
    from hosr.cohort.statistics.estimates import Numbers


_SEVERE = {BROOKER.grades.index(grade) for grade in SEVERE[BROOKER.key]}


_BINS = 10

_AUC = "area under the ROC curve, scikit-learn roc_auc_score"
_BRIER = "Brier score, scikit-learn brier_score_loss"
_MEANS = "scikit-learn calibration_curve, ten bins of equal width"
_OF = "hips in this bin"
_NO_OTHER = no_interval("analytic", "not computed; see the interval by subject")
_NO_SCORES = "undefined: no hip has probabilities of III and IV beside a reference"
_ONE_KIND = "undefined: the reference has hips of one kind only"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Hip examinations of the model that could not be compared, and why."""

    not_graded_by_model: int
    no_reference: int
    no_majority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """Brooker III or IV, yes or no: the table of four, and the shares that are made of it."""

    true_positive: int
    false_negative: int
    false_positive: int
    true_negative: int
    sensitivity: Share
    specificity: Share
    positive_predictive_value: Share
    negative_predictive_value: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """One model against the reference, on Brooker grades; `agreement` has the reference as rows."""

    model: str
    reference: str
    hips: int
    subjects: int
    left_out: LeftOut
    severity: Severity
    agreement: Agreement
    calibration: Calibration


def judge_models(
    gradings: Sequence[Grading], reference: Reference | None, sampling: Sampling
) -> tuple[Accuracy, ...]:
    """Every algorithm against the reference, unless it is the reference itself."""
    if reference is None:
        return ()
    return tuple(
        _judge(reader, gradings, reference, sampling)
        for reader in readers_of(gradings)
        if reader.is_algorithm and reader != reference.reader
    )


def _judge(
    model: Reader, gradings: Sequence[Grading], reference: Reference, sampling: Sampling
) -> Accuracy:
    own = first_readings(gradings)[model]
    pairs = []
    not_graded = no_reference = no_majority = 0
    for examined, grading in sorted(own.items()):
        place, known = grading.places[BROOKER.key], reference.readings.get(examined)
        true = known.places[BROOKER.key] if known else None
        if place is None:
            not_graded += 1
        elif examined in reference.undecided.get(BROOKER.key, ()):
            no_majority += 1
        elif true is None:
            no_reference += 1
        else:
            pairs.append((grading.subject, true in _SEVERE, place in _SEVERE, grading.probability))
    subjects = [subject for subject, *_ in pairs]
    answers = [(true, said) for _, true, said, _ in pairs]
    scored = [(subject, true, p) for subject, true, _, p in pairs if p is not None]
    names = (reference.reader.name, model.name)
    return Accuracy(
        model=model.name,
        reference=reference.words,
        hips=len(pairs),
        subjects=len(set(subjects)),
        left_out=LeftOut(
            not_graded_by_model=not_graded, no_reference=no_reference, no_majority=no_majority
        ),
        severity=judge_severity(subjects, answers, sampling),
        agreement=compare(BROOKER, names, (reference.readings, own), sampling),
        calibration=judge_probabilities(scored, sampling),
    )


def judge_severity(
    subjects: Sequence[str], answers: Sequence[tuple[bool, bool]], sampling: Sampling
) -> Severity:
    """The table of four, of pairs: whether severe by the reference, and by the model."""

    def counted(what: int, among: int, given: bool, of: str) -> Share:
        """How often one answer of a pair is as the other one, where that one is as given."""
        chosen = [i for i, answer in enumerate(answers) if answer[among] is given]
        met = [int(answers[i][what] is given) for i in chosen]
        (share,) = clustered_shares([subjects[i] for i in chosen], met, [{1}], of, sampling)
        return share

    return Severity(
        true_positive=sum(true and said for true, said in answers),
        false_negative=sum(true and not said for true, said in answers),
        false_positive=sum(said and not true for true, said in answers),
        true_negative=sum(not true and not said for true, said in answers),
        sensitivity=counted(1, 0, True, "hips that are III or IV by the reference"),
        specificity=counted(1, 0, False, "hips that are 0 to II by the reference"),
        positive_predictive_value=counted(0, 1, True, "hips that are III or IV by the model"),
        negative_predictive_value=counted(0, 1, False, "hips that are 0 to II by the model"),
    )


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
    clustered = no_interval(BY_SUBJECT, "no interval: the statistic is undefined")
    if not reason:
        # The arguments were checked when the value was computed.
        with config_context(assume_finite=True, skip_parameter_validation=True):
            clustered = resampled_interval(subjects, statistic, sampling)
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
    _, means = calibration_curve(true, said, n_bins=_BINS, pos_label=True)
    edges = np.linspace(0, 1, _BINS + 1)
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
