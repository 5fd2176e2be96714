"""Two spaces are set against one another in one view and one manner, and differ beyond what both may be off by."""

from __future__ import annotations

from typing import Any

import pytest

from hosr.comparison import OBSTACLES, Obstacle, Verdict, compare_hip
from hosr.findings import Basis, Length, Plane
from hosr.vocabulary.terms import Bridging, Event, GapClass, Side, View
from tests.comparison.earlier import compared, earlier_report, signed, tha
from tests.narrative.cases import CALIBRATED, DETECTOR, MODEL, a_report, after, spurred

_OBJECT = CALIBRATED
_WIDE = Length(gap_class=GapClass.AT_LEAST_10_MM)
_STATED: dict[str, Any] = {"plane": Plane.PATIENT}


def _space(then: Any, now: Any, **given: Any) -> Any:
    """The space of a right hip then and now, as it is judged."""
    before = {key[5:]: value for key, value in given.items() if key.startswith("then_")}
    rest = {key: value for key, value in given.items() if not key.startswith("then_")}
    hips = [
        each if not (each is None or isinstance(each, Length)) else spurred(each)
        for each in (then, now)
    ]
    report = compared(
        a_report(hips[1], **{"context": tha(), **rest}), signed(earlier_report(hips[0], **before))
    )
    found = compare_hip(report, Side.RIGHT)
    assert found is not None
    return found.space


@pytest.mark.parametrize(
    ("then", "now", "verdict"),
    [
        # One reader: 1.0 mm each, together 1.414 mm.
        (6.0, 4.5, Verdict.BEYOND),
        (6.0, 4.6, Verdict.WITHIN),
        (6.0, 7.5, Verdict.BEYOND),
        (6.0, 6.0, Verdict.WITHIN),
    ],
)
def test_a_difference_counts_beyond_the_uncertainties_of_both(
    then: float, now: float, verdict: Verdict
) -> None:
    """sqrt(1.0^2 + 1.0^2) mm where nobody stated an uncertainty and a person read."""
    space = _space(Length(mm=then, **_OBJECT), Length(mm=now, **_OBJECT))
    assert (space.verdict, space.obstacles) == (verdict, ())
    assert space.change_mm == pytest.approx(now - then)
    assert space.variation_mm == pytest.approx(2**0.5)


def test_stated_uncertainties_hold_and_a_model_has_its_own() -> None:
    """0.3 and 0.4 mm make 0.5 mm; a model that says nothing is 1.5 mm off."""
    narrow = _space(
        Length(mm=6.2, uncertainty_mm=0.3, **_OBJECT), Length(mm=5.6, uncertainty_mm=0.4, **_OBJECT)
    )
    by_model = _space(
        Length(mm=6.2, **_OBJECT), Length(mm=4.9, **_OBJECT), observer=MODEL, then_observer=MODEL
    )
    assert (narrow.verdict, round(narrow.variation_mm, 9)) == (Verdict.BEYOND, 0.5)
    assert (by_model.verdict, round(by_model.variation_mm, 6)) == (Verdict.WITHIN, 2.12132)


def test_a_magnification_that_nobody_knows_widens_the_variation() -> None:
    """At the detector two films of one space differ by 1.15 to 1.25, which is more than a reading."""
    calibrated = _space(Length(mm=40.0, **_OBJECT), Length(mm=38.0, **_OBJECT))
    magnified = _space(Length(mm=40.0, **DETECTOR), Length(mm=38.0, **DETECTOR))
    assert (calibrated.verdict, magnified.verdict) == (Verdict.BEYOND, Verdict.WITHIN)
    assert magnified.variation_mm == pytest.approx((2 + (40 / 24) ** 2 + (38 / 24) ** 2) ** 0.5)


_READ = Length(mm=6.2, **_OBJECT)
_BRIDGED = spurred(None, bridging=Bridging.APPARENT)


@pytest.mark.parametrize(
    ("then", "now", "given", "obstacles"),
    [
        (_READ, _READ, {"view": View.LATERAL}, (Obstacle.VIEW,)),
        (_READ, _READ, {"view": View.AP_HIP}, ()),
        (_READ, Length(mm=6.2, **DETECTOR), {}, (Obstacle.CALIBRATION,)),
        (_READ, Length(mm=6.2, **_STATED), {}, (Obstacle.CALIBRATION,)),
        (Length(mm=6.2), Length(mm=5.2), {}, ()),
        (Length(mm=6.2), Length(mm=5.2, **_STATED), {}, (Obstacle.CALIBRATION,)),
        (
            Length(mm=6.2, basis=Basis.STATED_UNCALIBRATED),
            Length(mm=5.2, basis=Basis.STATED_UNCALIBRATED),
            {},
            (Obstacle.MANNER,),
        ),
        (
            Length(mm=6.2, plane=Plane.UNKNOWN),
            Length(mm=5.2, plane=Plane.UNKNOWN),
            {},
            (Obstacle.MANNER,),
        ),
        (_READ, _WIDE, {}, (Obstacle.NOT_MEASURED_NOW,)),
        (_WIDE, _READ, {}, (Obstacle.NOT_MEASURED_THEN,)),
        (None, _READ, {}, (Obstacle.NOT_MEASURED_THEN,)),
        (_READ, Length(mm=0.0, **_OBJECT), {}, (Obstacle.TOUCHING_NOW,)),
        (Length(mm=0.0, **_OBJECT), _READ, {}, (Obstacle.TOUCHING_THEN,)),
        (_READ, _BRIDGED, {}, (Obstacle.BRIDGED_NOW,)),
        (_BRIDGED, _READ, {}, (Obstacle.BRIDGED_THEN,)),
        (_READ, _READ, {"context": after(Event.REVISION_HIP_ARTHROPLASTY, 200)}, (Obstacle.EVENT,)),
        (
            _READ,
            _READ,
            {"context": after(Event.EXCISION_OF_HETEROTOPIC_OSSIFICATION, None)},
            (Obstacle.UNDATED_EVENT,),
        ),
        (_READ, _WIDE, {"view": View.CT}, (Obstacle.VIEW, Obstacle.NOT_MEASURED_NOW)),
    ],
)
def test_why_two_spaces_are_not_compared(
    then: Any, now: Any, given: dict[str, Any], obstacles: tuple[Obstacle, ...]
) -> None:
    """Every reason is named; without one they are compared."""
    space = _space(then, now, **given)
    assert space.obstacles == obstacles
    assert (space.verdict is Verdict.NOT_COMPARABLE) is bool(obstacles)
    assert (space.variation_mm is None) is bool(obstacles)


def test_nothing_is_said_of_a_space_that_neither_report_tells() -> None:
    """Two reports without a space have none to compare."""
    assert _space(None, None) is None


def test_every_obstacle_has_a_rule_with_its_source() -> None:
    """The table has a row for each, in the order in which they are told."""
    assert tuple(OBSTACLES) == tuple(Obstacle)
    assert all(rule.words and rule.source for rule in OBSTACLES.values())
