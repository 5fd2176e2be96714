"""The scores of a model, and which grades they leave open: the one rule of a model that wavers.

A model that scores grades and names none has graded by its highest score, where that stands clear.
Scores are seldom calibrated, and those of networks mostly too sure (Guo and others, On calibration
of modern neural networks, ICML 2017, arXiv 1706.04599): a lead that is smaller than the margin is no
decision. Which margin is a convention of this project.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hosr.findings import Hip, Probabilities
    from hosr.scales.scale import Scale


# Every grade scored within this of the highest is left open.
CLOSE_SCORES = 0.2
# The second is so within twice that, where 1 cm parts it from the highest: it is the limit that
# treatment and studies turn on, and where readers agree least (J Arthroplasty 2002;17:870-5).
CLOSE_SCORES_AT_LIMIT = 0.4
_AT_LIMIT = ({"II", "III"}, {"B", "C"}, {"1", "2"})
# What a difference of decimal fractions may be off by; far below any score.
_NOISE = 1e-9
_DECIMALS = 9


def find_rises(
    cumulative: Mapping[str, float], scale: Scale
) -> list[tuple[tuple[str, float], tuple[str, float]]]:
    """Where the probability of at least a grade rises: the grade before, and the one that is higher."""
    given = [(grade, cumulative[grade]) for grade in scale.grades if grade in cumulative]
    return [(one, other) for one, other in pairwise(given) if other[1] > one[1] + _NOISE]


def running_minimum(cumulative: Mapping[str, float], scale: Scale) -> dict[str, float]:
    """The same without a rise: for each grade the least that it or a less severe one was given."""
    given = [grade for grade in scale.grades if grade in cumulative]
    return dict(zip(given, accumulate((cumulative[grade] for grade in given), min), strict=True))


def to_scores(cumulative: Mapping[str, float], scale: Scale) -> dict[str, float]:
    """The probability of each grade, from that of at least each but the least severe one.

    p(k) = P(at least k) - P(at least the next), where P(at least the least severe one) is 1.
    """
    at_least = [1.0, *(cumulative[grade] for grade in scale.grades[1:]), 0.0]
    return {
        grade: max(0.0, round(this - following, _DECIMALS))
        for grade, (this, following) in zip(scale.grades, pairwise(at_least), strict=True)
    }


def highest_scored(given: Probabilities, scale: Scale) -> tuple[str, ...]:
    """The grade that a model scored highest; all of them on a tie, in order of severity."""
    highest = max((score for _, score in given.scores), default=0.0)
    best = {grade for grade, score in given.scores if score == highest}
    return tuple(grade for grade in scale.grades if grade in best)


def left_open(given: Probabilities, scale: Scale) -> tuple[str, ...]:
    """The grades that the scores of a model leave open, in order of severity; one where it decided."""
    best = highest_scored(given, scale)
    if not best:
        return ()
    scores = dict(given.scores)
    highest = scores[best[0]]
    # The second place is taken already where several are highest.
    second = max([score for grade, score in scores.items() if grade != best[0]], default=0.0)

    def is_open(grade: str) -> bool:
        is_astride = scores[grade] == second and {grade, best[0]} in _AT_LIMIT
        margin = CLOSE_SCORES_AT_LIMIT if is_astride else CLOSE_SCORES
        return highest - scores[grade] + _NOISE < margin

    return tuple(grade for grade in scale.grades if grade in scores and is_open(grade))


def wavering(hip: Hip, scale: Scale) -> tuple[str, ...]:
    """The grades of a scale that a model left open at a hip, where they are several; else none."""
    for given in hip.probabilities:
        if given.scale == scale.key:
            grades = left_open(given, scale)
            return grades if len(grades) > 1 else ()
    return ()
