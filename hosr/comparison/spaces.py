"""When two spaces are set against one another, and when their difference counts.

Both were read on one class of view and calibrated in one manner. A difference counts where it is more
than both may be off by: |d2 - d1| > sqrt(u1^2 + u2^2), u being the 95 % half-widths of both (the
repeatability coefficient of Bland and Altman, Lancet 1986;1:307-10). No other one is told as a change, and
none as a percentage.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from hosr.comparison.values import Comparison, Obstacle, Pair, SpaceChange, Verdict
from hosr.findings import Basis, Length, Plane
from hosr.grading import GradedLength, grade_length
from hosr.measure.length import reading_error_mm
from hosr.measure.pixel_size import MAGNIFICATION
from hosr.scales.scale import Setting
from hosr.vocabulary.terms import Bridging, View

# Views on which a space is the same space.
_VIEW_CLASSES = {View.AP_HIP: View.AP_PELVIS}
# Manners of which the same word need not mean the same manner.
_MANNER_OPEN = {Basis.CALIBRATED_UNKNOWN, Basis.UNKNOWN, Basis.STATED_UNCALIBRATED}
_BRIDGED = (Bridging.APPARENT, Bridging.CONFIRMED)
# Two films of one space at the detector differ by their magnification, which is one of these.
_MAGNIFIED = (MAGNIFICATION[1] - MAGNIFICATION[0]) / (MAGNIFICATION[1] + MAGNIFICATION[0])
# What a difference of decimal fractions may be off by; far below any reading.
_NOISE_MM = 1e-9


def compare_spaces(pair: Pair) -> SpaceChange | None:
    """The space then and now; None where neither report says anything of one."""
    before, after = pair.before, pair.after
    if not (_says_something(before) or _says_something(after)):
        return None
    obstacles = tuple(each for each, rule in OBSTACLES.items() if rule.applies(pair))
    numbers = _both_numbers(pair)
    change = None if numbers is None else (numbers[1].mm or 0.0) - (numbers[0].mm or 0.0)
    verdict, variation = Verdict.NOT_COMPARABLE, None
    if change is not None and not obstacles:
        variation = _variation_mm(pair)
        is_beyond = abs(change) > variation + _NOISE_MM
        verdict = Verdict.BEYOND if is_beyond else Verdict.WITHIN
    return SpaceChange(
        before=before,
        after=after,
        uncertainties_mm=_uncertainties_mm(pair),
        verdict=verdict,
        obstacles=obstacles,
        change_mm=change,
        variation_mm=variation,
    )


def grade_space_then(compared: Comparison) -> GradedLength | None:
    """The space then, as its reader measured it, where it may be set against the one now; else None."""
    space, report = compared.space, compared.prior.report
    if space is None or space.verdict is Verdict.NOT_COMPARABLE:
        return None
    return grade_length(space.before, Setting(observer=report.observer, view=report.view))


def is_same_view(pair: Pair) -> bool:
    """Whether both were read on one class of view."""
    now, then = pair.report.view, pair.prior.report.view
    return _VIEW_CLASSES.get(now, now) is _VIEW_CLASSES.get(then, then)


def is_calibrated_apart(pair: Pair) -> bool:
    """Whether both were measured, and not in one manner that is known."""
    return _differs(pair) or _is_manner_open(pair)


def _says_something(gap: Length | None) -> bool:
    return gap is not None and (gap.mm is not None or gap.gap_class is not None)


def _both_numbers(pair: Pair) -> tuple[Length, Length] | None:
    """Both spaces where both have millimetres: of surfaces that touch there is no space to measure."""
    before, after = pair.before, pair.after
    return (
        None if before is None or after is None or not (before.mm and after.mm) else (before, after)
    )


def _variation_mm(pair: Pair) -> float:
    """What both lengths together may be off by, as a 95 % half-width."""
    magnified = (_magnified_mm(pair.before), _magnified_mm(pair.after))
    return math.hypot(*_uncertainties_mm(pair), *magnified)


def _uncertainties_mm(pair: Pair) -> tuple[float, float]:
    """The half-widths that hold for both: those that were stated, else their readers'."""
    pairs = ((pair.before, pair.prior.report.observer), (pair.after, pair.report.observer))
    then, now = (
        reading_error_mm(observer)
        if length is None or length.uncertainty_mm is None
        else length.uncertainty_mm
        for length, observer in pairs
    )
    return then, now


def _magnified_mm(length: Length | None) -> float:
    """What an unknown magnification adds: nothing where a length is one in the patient."""
    if length is None or length.plane is not Plane.DETECTOR:
        return 0.0
    return (length.mm or 0.0) * _MAGNIFIED


def _differs(pair: Pair) -> bool:
    both = _both_numbers(pair)
    return both is not None and (both[0].basis, both[0].plane) != (both[1].basis, both[1].plane)


def _is_manner_open(pair: Pair) -> bool:
    both = _both_numbers(pair)
    if both is None or _differs(pair):
        return False
    return both[0].basis in _MANNER_OPEN or both[0].plane is Plane.UNKNOWN


def _is_unmeasured(gap: Length | None, bridging: Bridging | None) -> bool:
    return bridging not in _BRIDGED and (gap is None or gap.mm is None)


class Rule(NamedTuple):
    """When an obstacle is there, in code and in words, and where the rule is from."""

    applies: Callable[[Pair], bool]
    words: str
    source: str


_SURGERY = "surgery changes what is measured; a convention of the project"
_VIEWS = "overlap and projection change with the view (Schuh and Zeiler 2005; BJR 2017, PMC6047644)"
_NUMBERS = "no number, no difference"
_MAGNIFICATIONS = (
    "magnification of pelvic films is 1.15 to 1.25, and a marker off the plane of the hip errs by up to "
    "17 % (Franken et al., Bone Joint J; PMC10030446)"
)

OBSTACLES: dict[Obstacle, Rule] = {
    Obstacle.EVENT: Rule(
        lambda pair: bool(pair.events), "an index event lies between the studies", _SURGERY
    ),
    Obstacle.UNDATED_EVENT: Rule(
        lambda pair: bool(pair.undated),
        "an index event without a date may lie between the studies",
        _SURGERY,
    ),
    Obstacle.VIEW: Rule(
        lambda pair: not is_same_view(pair), "the views are of different classes", _VIEWS
    ),
    Obstacle.BRIDGED_THEN: Rule(
        lambda pair: pair.prior.bridging in _BRIDGED, "bone bridged the joint then", _NUMBERS
    ),
    Obstacle.BRIDGED_NOW: Rule(
        lambda pair: pair.graded.hip.bridging in _BRIDGED, "bone bridges the joint now", _NUMBERS
    ),
    Obstacle.TOUCHING_THEN: Rule(
        lambda pair: pair.before is not None and pair.before.mm == 0,
        "bone surfaces touched then",
        _NUMBERS,
    ),
    Obstacle.TOUCHING_NOW: Rule(
        lambda pair: pair.after is not None and pair.after.mm == 0,
        "bone surfaces touch now",
        _NUMBERS,
    ),
    Obstacle.NOT_MEASURED_THEN: Rule(
        lambda pair: _is_unmeasured(pair.before, pair.prior.bridging),
        "the space has no millimetres then",
        _NUMBERS,
    ),
    Obstacle.NOT_MEASURED_NOW: Rule(
        lambda pair: _is_unmeasured(pair.after, pair.graded.hip.bridging),
        "the space has no millimetres now",
        _NUMBERS,
    ),
    Obstacle.CALIBRATION: Rule(
        _differs,
        "the spaces were not calibrated in one manner, or hold in two planes",
        _MAGNIFICATIONS,
    ),
    Obstacle.MANNER: Rule(
        _is_manner_open, "nobody stated how both spaces were calibrated", _MAGNIFICATIONS
    ),
}
