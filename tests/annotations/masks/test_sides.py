"""Of which hip a mask is: by its label, its nearest bone, both hips together, or asked back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hosr.annotations.account import Account
from hosr.annotations.masks import MaskSetting, RoledMask, find_hips
from hosr.annotations.roles import Role
from hosr.vocabulary.terms import Presence, Side
from tests.annotations.masks.cases import faults_of
from tests.annotations.masks.shapes import FEMUR, PELVIS, Ground, Solid, ball, join

# Two hips 180 mm apart, the right one at smaller x; coarse, as only sides are asked for.
BOTH = Ground(start=(-150.0, -18.0, -48.0), edges=(2.0, 2.0, 2.0), shape=(150, 18, 42))


def _at(x: float, solid: Solid) -> Solid:
    return lambda p: solid(p - np.array([x, 0.0, 0.0]))


def _both(solid: Solid) -> Solid:
    return join(_at(-90.0, solid), _at(90.0, solid))


def _bones(side: Side | None = None) -> list[RoledMask]:
    return [
        BOTH.mask(Role.PELVIS, _both(PELVIS), side),
        BOTH.mask(Role.FEMUR, _both(FEMUR), side),
    ]


SIDED = [
    BOTH.mask(role, _at(x, solid), side)
    for x, side in ((-90.0, Side.RIGHT), (90.0, Side.LEFT))
    for role, solid in ((Role.PELVIS, PELVIS), (Role.FEMUR, FEMUR))
]
RIGHT_ISLAND = _at(-90.0, ball((45, 0, -13), 6))


def _present(masks: list[RoledMask]) -> dict[Side, Presence | None]:
    account = Account()
    hips = find_hips(masks, MaskSetting(), account)
    assert account.faults == []
    return {hip.side: hip.presence for hip in hips}


@pytest.mark.parametrize("bones", [SIDED, _bones()], ids=["sided bones", "bones of both hips"])
def test_new_bone_is_of_the_nearest_bone_and_absent_at_the_other_hip(
    bones: list[RoledMask],
) -> None:
    """An island beside the right hip, of a label without a side, over both hips."""
    masks = [*bones, BOTH.mask(Role.OSSIFICATION, RIGHT_ISLAND, None)]

    assert _present(masks) == {Side.RIGHT: Presence.PRESENT, Side.LEFT: Presence.ABSENT}


def test_a_label_of_one_side_says_nothing_of_the_other() -> None:
    """The left hip, for which no label of ossification is, is left out and told."""
    masks = [*SIDED, BOTH.mask(Role.OSSIFICATION, RIGHT_ISLAND, Side.RIGHT)]
    account = Account()

    hips = find_hips(masks, MaskSetting(), account)

    assert [hip.side for hip in hips] == [Side.RIGHT]
    assert [entry.place for entry in account.refused] == ["left hip"]


def test_one_hip_without_a_side_is_asked_back() -> None:
    """The half of a volume that bone lies in does not tell which hip it is."""
    one = [
        BOTH.mask(role, _at(-90.0, s), None)
        for role, s in ((Role.PELVIS, PELVIS), (Role.FEMUR, FEMUR))
    ]
    masks = [*one, BOTH.mask(Role.OSSIFICATION, RIGHT_ISLAND, None)]

    assert [fault.split(" is,")[0] for fault in faults_of(masks)] == [
        'label pelvis: of which hip "pelvis"',
        'label femur: of which hip "femur"',
        'label ossification: of which hip "ossification"',
    ]


def test_images_of_one_hip_tell_its_side() -> None:
    """What their header says is assumed of every label without a side, and told."""
    one = [
        BOTH.mask(role, _at(-90.0, s), None)
        for role, s in ((Role.PELVIS, PELVIS), (Role.FEMUR, FEMUR))
    ]
    masks = [*one, BOTH.mask(Role.OSSIFICATION, RIGHT_ISLAND, None)]
    account = Account()

    (hip,) = find_hips(masks, MaskSetting(only_side=Side.LEFT), account)

    assert (hip.side, len(account.assumed) >= 3) == (Side.LEFT, True)


def test_a_label_of_the_hip_that_the_images_do_not_show_is_a_fault() -> None:
    """A label says right, and the header left."""
    (fault, *_) = faults_of(SIDED[:2], MaskSetting(only_side=Side.LEFT))

    assert fault == 'label pelvis: "pelvis" is of the right hip, and the images show the left one'


def test_bone_far_from_every_sided_bone_is_asked_back() -> None:
    """Beside the left hip, whose bones have no label."""
    far = _at(90.0, ball((45, 0, -13), 6))

    (fault,) = faults_of([*SIDED[:2], BOTH.mask(Role.OSSIFICATION, far, None)])

    assert "from the nearest bone that has a side" in fault


def test_swapped_sides_are_a_fault() -> None:
    """Labels that call the hip on the patient's left the right one: a mistake, or a mirrored mask."""
    swapped = [
        replace(roled, side=Side.LEFT if roled.side is Side.RIGHT else Side.RIGHT)
        for roled in SIDED
    ]

    (fault,) = faults_of([*swapped, BOTH.mask(Role.OSSIFICATION, RIGHT_ISLAND, None)])

    assert fault == (
        "label pelvis: the labels call the hip right that lies on the left of the patient, and the other "
        "one left"
    )
