"""Probabilities: where other levels decide otherwise, the record leaves the grade open."""

from __future__ import annotations

import pytest

from hosr.annotations.roles import Role
from hosr.vocabulary.surfaces import SetAside, SurfaceBasis
from hosr.vocabulary.terms import Bridging
from tests.annotations.masks.cases import Outcome, outcome
from tests.annotations.masks.shapes import Solid, ground, hip, join, rod

GROUND = ground()
BONES = tuple(hip(GROUND, soft=True))


def _of(solid: Solid, ramp_mm: float) -> Outcome:
    """New bone whose probability falls over so many mm, grown into sharp bones."""
    new = GROUND.mask(Role.OSSIFICATION, solid, ramp_mm=ramp_mm)
    return outcome([*BONES, new])


def _spurs(gap_mm: float) -> Solid:
    middle, reach = -13.0, gap_mm / 2 + 5
    upper, lower = (45, 0, middle + reach), (45, 0, middle - reach)
    return join(rod((45, 0, 12), upper, 5), rod((45, 0, -38), lower, 5))


def test_sharp_probabilities_are_as_sure_as_their_boundary() -> None:
    """Every level finds the same; a gap of 14 mm is II, and no bridge."""
    seen = _of(_spurs(14.0), 1.0)

    assert seen.found.boundary is not None
    assert seen.found.boundary.basis is SurfaceBasis.PROBABILITIES
    assert seen.found.gap is not None
    assert seen.found.gap.mm == pytest.approx(14.0, abs=0.2)
    assert seen.found.gap.uncertainty_mm == pytest.approx(1.32, abs=0.01)
    assert seen.found.bridging is Bridging.NONE
    assert seen.possible["brooker"] == ("II",)
    levels = [d.level for d in seen.found.distances if d.why is SetAside.OTHER_LEVEL]
    assert levels == [0.3, 0.7]


def test_a_gap_is_as_uncertain_as_its_levels_differ() -> None:
    """Over a ramp of 6 mm the levels of 0.3 and 0.7 lie 1.2 mm to either side of each surface."""
    seen = _of(_spurs(12.0), 6.0)

    assert seen.found.gap is not None
    assert seen.found.gap.mm == pytest.approx(12.0, abs=0.3)
    assert seen.found.gap.uncertainty_mm == pytest.approx(2.4, abs=0.4)


def test_a_bridge_at_a_low_level_alone_leaves_open_whether_there_is_one() -> None:
    """Tips 4 mm apart at 0.5, and one piece at 0.3: neither gap nor bridging is stated."""
    seen = _of(_spurs(4.0), 12.0)

    assert (seen.found.bridging, seen.found.gap, seen.found.in_contact) == (None, None, False)
    assert seen.possible["brooker"] == ("II", "III", "IV")
    reasons = [distance.why for distance in seen.found.distances]
    assert reasons[0] is SetAside.BRIDGED


def test_a_bridge_that_a_high_level_parts_is_contact() -> None:
    """A neck that is there at 0.5 and not at 0.7: III or IV."""
    neck = join(_spurs(3.0), rod((45, 0, -8), (45, 0, -18), 1.8))

    seen = _of(neck, 12.0)

    assert (seen.found.bridging, seen.found.in_contact) == (None, True)
    assert seen.possible["brooker"] == ("III", "IV")


def test_a_spur_that_a_high_level_parts_from_its_bone_may_be_an_island() -> None:
    """A ball that hangs on the pelvis by what is likelier than not, and no more."""
    hanging = join(rod((45, 0, 12), (45, 0, -8), 1.9), rod((45, 0, -8), (45, 0, -14), 6))

    seen = _of(hanging, 8.0)

    assert seen.found.pelvic_spur is None
    assert [each.may_be_spur for each in seen.found.islands or ()] == [True]
    assert seen.possible["brooker"] == ("I", "II", "III")
    assert "differently at other levels" in seen.told


def test_probabilities_of_yes_and_no_are_as_sure_as_a_mask() -> None:
    """A network that is nearly certain everywhere places no surface between voxels: 0.7 of one, not 0.25."""
    seen = _of(_spurs(14.0), 0.1)

    assert seen.found.gap is not None
    assert seen.found.gap.mm == pytest.approx(14.0, abs=0.7)
    assert seen.found.gap.uncertainty_mm == pytest.approx(1.48, abs=0.01)
