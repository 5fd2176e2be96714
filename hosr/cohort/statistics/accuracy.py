"""A model against the reference: severe or not, how sure, and how far apart the grades are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.cohort.statistics.agreement import compare
from hosr.cohort.statistics.calibration import Calibration, judge_probabilities
from hosr.cohort.statistics.gradings import first_readings, readers_of
from hosr.cohort.statistics.incidence import SEVERE
from hosr.cohort.statistics.proportions import clustered_shares
from hosr.scales.brooker import BROOKER

if TYPE_CHECKING:
    from hosr.cohort.statistics.agreement import Agreement
    from hosr.cohort.statistics.clusters import Sampling
    from hosr.cohort.statistics.estimates import Share
    from hosr.cohort.statistics.gradings import Grading, Reader
    from hosr.cohort.statistics.reference import Reference


_SEVERE = {BROOKER.grades.index(grade) for grade in SEVERE[BROOKER.key]}


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
