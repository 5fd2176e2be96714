"""A hip and its mirror image on the other side are measured alike, whether or not labels have sides."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from hosr.annotations.account import Account
from hosr.annotations.masks import (
    Distance,
    FoundHip,
    FoundIsland,
    MaskSetting,
    RoledMask,
    find_hips,
)
from hosr.annotations.masks.lattice import common_lattice
from hosr.annotations.masks.sides import settle_sides
from hosr.annotations.roles import Role
from hosr.vocabulary.terms import Presence, Side
from tests.annotations.masks.shapes import FEMUR, PELVIS, Ground, Solid, ball, box, cut, join, rod

pytestmark = pytest.mark.slow

# Two hips 180 mm apart, the right one at smaller x (on a film, where that is the column, at the left), on
# grids that are mirror images of themselves.
OFF_MM = 90.0
VOLUME = Ground(start=(-157.0, -16.75, -46.25), edges=(1.0, 1.25, 1.5), shape=(315, 28, 58))
FILM = Ground(start=(-46.25, -157.0), edges=(0.75, 1.0), shape=(116, 315))
SETTINGS = {VOLUME: MaskSetting(), FILM: MaskSetting(pixel_mm=(0.75, 1.0))}


def _volume_growth(gap_mm: float) -> Solid:
    """A spur of either bone that lean apart, and an island beside them."""
    upper = rod((46.2, 0.7, 12), (44.6, -0.4, -13.3 + gap_mm / 2 + 4.1), 4.1)
    lower = rod((45.1, 0.2, -38), (45.3, 0.9, -13.3 - gap_mm / 2 - 3.6), 3.6)
    return join(upper, lower, rod((30.2, 1.3, -17.1), (33.9, -2.4, -14.2), 3.3))


# The same by (row, column), where rows run from head to foot.
FILM_PELVIS = cut(box((-40, -30), (-6, 60)), ball((0, 0), 20))
FILM_FEMUR = join(ball((0, 0), 24), rod((0, 0), (40, 0), 9), box((32, -14), (48, 60)))


def _film_growth(gap_mm: float) -> Solid:
    upper = rod((-12, 46.2), (13.3 - gap_mm / 2 - 4.1, 44.6), 4.1)
    lower = rod((38, 45.1), (13.3 + gap_mm / 2 + 3.6, 45.3), 3.6)
    return join(upper, lower, rod((17.1, 30.2), (14.2, 33.9), 3.3))


SHAPES = {
    VOLUME: (PELVIS, FEMUR, _volume_growth),
    FILM: (FILM_PELVIS, FILM_FEMUR, _film_growth),
}


def _on(side: Side, solid: Solid, ground: Ground) -> Solid:
    """A solid of the right hip where it lies, or its mirror image at the left one."""
    across = 0 if len(ground.shape) == 3 else 1
    mirror, shift = np.ones(len(ground.shape)), np.zeros(len(ground.shape))
    mirror[across] = 1.0 if side is Side.LEFT else -1.0
    shift[across] = OFF_MM
    return lambda p: solid(p * mirror - shift)


def _masks(ground: Ground, ramp_mm: float, sides: tuple[bool, bool]) -> list[RoledMask]:
    """Bones and new bone of both hips; whether labels of bones have a side, and those of new bone."""
    pelvis, femur, growth = SHAPES[ground]
    found: list[RoledMask] = []
    for role, solid in (
        (Role.PELVIS, pelvis),
        (Role.FEMUR, femur),
        (Role.OSSIFICATION, growth(9.4)),
    ):
        both = {side: _on(side, solid, ground) for side in Side}
        if sides[role is Role.OSSIFICATION]:
            found += [ground.mask(role, both[side], side, ramp_mm=ramp_mm) for side in Side]
        else:
            found.append(ground.mask(role, join(*both.values()), None, ramp_mm=ramp_mm))
    return found


def _found(masks: list[RoledMask], setting: MaskSetting | None = None) -> dict[Side, FoundHip]:
    account = Account()
    hips = find_hips(masks, setting or MaskSetting(), account)
    assert account.faults == []
    return {hip.side: hip for hip in hips}


def _lengths_mm(hip: FoundHip) -> list[float | None]:
    """Distances at every level, islands, and how surely each is known: all that is found of a hip in mm."""
    measured: list[Distance | FoundIsland] = [*hip.distances, *(hip.islands or ())]
    return [each.mm for each in measured] + [each.uncertainty_mm for each in measured]


def _sided(masks: list[RoledMask]) -> dict[Side, npt.NDArray[np.generic]]:
    """The last of these masks as each side has it, on the whole grid."""
    account = Account()
    common = common_lattice(masks, MaskSetting(), account)
    assert common is not None
    found = {}
    for roled in settle_sides(common[0], common[1], MaskSetting(), account):
        if roled.role is Role.OSSIFICATION and roled.side is not None:
            mask, whole = roled.mask, np.zeros(VOLUME.shape, dtype=roled.mask.occupancy.dtype)
            ends = zip(mask.origin, mask.occupancy.shape, strict=True)
            whole[tuple(slice(low, low + size) for low, size in ends)] = mask.occupancy
            found[roled.side] = whole
    assert account.faults == []
    return found


@pytest.mark.parametrize("ramp_mm", [0.0, 1.0, 6.0])
@pytest.mark.parametrize(
    ("ground", "sides"),
    [
        pytest.param(VOLUME, (True, False), id="volume, bones with sides"),
        pytest.param(VOLUME, (False, False), id="volume"),
        pytest.param(FILM, (True, False), id="film"),
    ],
)
def test_mirrored_hips_have_the_same_lengths(
    ground: Ground, sides: tuple[bool, bool], ramp_mm: float
) -> None:
    """To the last digit that is printed, and those of labels that have sides: masks and probabilities."""
    setting = SETTINGS[ground]
    labelled = _found(_masks(ground, ramp_mm, (True, True)), setting)

    found = _found(_masks(ground, ramp_mm, sides), setting)

    expected = _lengths_mm(labelled[Side.RIGHT])
    assert len(expected) >= 8
    for hip in (labelled[Side.LEFT], *found.values()):
        assert _lengths_mm(hip) == pytest.approx(expected, abs=1e-6)
    assert {hip.volume_mm3 for hip in found.values()} == {labelled[Side.RIGHT].volume_mm3}


def _bones() -> list[RoledMask]:
    return _masks(VOLUME, 1.0, (True, True))[:4]


def test_a_haze_over_both_hips_goes_to_each_by_half() -> None:
    """A model that is sure of nothing: neither hip is as large as the pelvis, and lengths stay what they are."""
    clear = _masks(VOLUME, 3.0, (True, False))
    growth = clear[-1].mask
    haze = np.full(VOLUME.shape, 0.06, dtype=np.float32)
    window = tuple(
        slice(a, a + n) for a, n in zip(growth.origin, growth.occupancy.shape, strict=True)
    )
    haze[window] = np.maximum(haze[window], growth.occupancy)
    hazy = [*clear[:-1], VOLUME.given(Role.OSSIFICATION, haze, None)]

    halves = _sided(hazy)
    found = _found(hazy)

    middle = VOLUME.shape[0] // 2
    assert not halves[Side.RIGHT][middle + 1 :].any()
    assert not halves[Side.LEFT][: middle - 1].any()
    assert _lengths_mm(found[Side.LEFT]) == pytest.approx(_lengths_mm(found[Side.RIGHT]), abs=1e-6)


def test_a_fringe_between_pieces_of_both_hips_goes_with_both() -> None:
    """Two plates, of each hip one, with one layer of cells between them: neither side has a cell of the other's."""
    cells = np.zeros(VOLUME.shape, dtype=np.float32)
    middle = VOLUME.shape[0] // 2
    cells[middle - 70 : middle + 71, 10:20, 40:45] = 0.9
    cells[middle, 10:20, 40:45] = 0.25

    found = _sided([*_bones(), VOLUME.given(Role.OSSIFICATION, cells, None)])

    right, left = cells.copy(), cells.copy()
    right[middle + 1 :], left[:middle] = 0, 0
    assert (found[Side.RIGHT] == right).all()
    assert (found[Side.LEFT] == left).all()


@pytest.mark.parametrize("side", [None, Side.LEFT])
def test_what_is_bone_only_together_with_a_bone_is_of_its_hip(side: Side | None) -> None:
    """New bone of 0.28 beside the left hip, where the pelvis has 0.25: with a side or without, it is present."""
    ball_cells = VOLUME.distance(_on(Side.LEFT, ball((45, 0, -13), 6), VOLUME)) < 0
    pelvis = VOLUME.given(
        Role.PELVIS, np.where(ball_cells, np.float32(0.25), np.float32(0)), Side.LEFT
    )
    growth = VOLUME.given(
        Role.OSSIFICATION, np.where(ball_cells, np.float32(0.28), np.float32(0)), side
    )

    found = _found([*_bones(), pelvis, growth])

    assert found[Side.LEFT].presence is Presence.PRESENT
    assert Side.RIGHT not in found or found[Side.RIGHT].presence is Presence.ABSENT
