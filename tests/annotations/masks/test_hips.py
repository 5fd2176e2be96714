"""Masks of a hip become its findings: spurs, the gap between them, islands, a bridge, or nothing."""

from __future__ import annotations

from hosr.annotations.account import Account
from hosr.annotations.masks import MaskSetting, find_hips
from hosr.annotations.roles import Role
from hosr.vocabulary.terms import Bridging, Presence
from tests.annotations.masks.shapes import ball, ground, hip, join, rod

GROUND = ground()


def test_two_spurs_face_each_other_across_a_gap() -> None:
    """Each belongs to the bone that it touches; the gap is that between their tips, 12 mm."""
    spurs = join(rod((45, 0, 6), (45, 0, -3), 4), rod((45, 0, -32), (45, 0, -23), 4))
    masks = [*hip(GROUND), GROUND.mask(Role.OSSIFICATION, spurs)]

    (found,) = find_hips(masks, MaskSetting(), Account())

    assert (found.presence, found.pelvic_spur, found.femoral_spur, found.bridging) == (
        Presence.PRESENT,
        True,
        True,
        Bridging.NONE,
    )
    assert found.gap is not None
    assert found.gap.mm is not None
    assert abs(found.gap.mm - 12.0) < 0.5
    assert found.gap.between == (Role.PELVIC_SPUR, Role.FEMORAL_SPUR)
    assert found.islands == ()


def test_a_ball_that_touches_nothing_is_an_island() -> None:
    """Its length is its diameter."""
    masks = [*hip(GROUND), GROUND.mask(Role.OSSIFICATION, ball((45, 0, -13), 6))]

    (found,) = find_hips(masks, MaskSetting(), Account())

    assert found.islands is not None
    assert [abs((island.mm or 0) - 12.0) < 0.5 for island in found.islands] == [True]
    assert (found.pelvic_spur, found.femoral_spur, found.gap) == (False, False, None)
