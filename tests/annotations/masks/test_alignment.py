"""Masks of the same voxels are one grid, whoever wrote them; other voxels are never resampled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hosr.annotations.masks import RoledMask
from hosr.annotations.roles import Role
from hosr.annotations.sources import VoxelGrid
from tests.annotations.masks.cases import faults_of, outcome
from tests.annotations.masks.shapes import FEMUR, PELVIS, Bools, cut, ground, hip, join, rod

GROUND = ground()
BONES = tuple(hip(GROUND))
SPURS = GROUND.mask(
    Role.OSSIFICATION,
    cut(join(rod((45, 0, 9), (45, 0, -3), 4), rod((45, 0, -35), (45, 0, -23), 4)), PELVIS, FEMUR),
)


def _rewritten(
    roled: RoledMask,
    order: tuple[int, ...],
    signs: tuple[int, ...],
    cut_off: int = 0,
    uid: str = "",
) -> RoledMask:
    """The same mask as a program writes it that turns axes, and leaves out the first cells of each."""
    mask = roled.mask
    assert isinstance(mask.grid, VoxelGrid)
    whole: Bools = np.zeros(mask.grid.shape, dtype=np.bool_)
    window = tuple(
        slice(low, low + size) for low, size in zip(mask.origin, mask.occupancy.shape, strict=True)
    )
    whole[window] = mask.occupancy
    affine = np.array(mask.grid.to_patient_mm)
    start = affine[:, 3] + affine[:, :3] @ np.full(3, cut_off)
    whole = whole[cut_off:, cut_off:, cut_off:]
    steps = affine[:, :3]
    for axis, sign in enumerate(signs):
        if sign < 0:
            start = start + steps[:, axis] * (whole.shape[axis] - 1)
            whole = np.flip(whole, axis)
    steps = steps * np.array(signs)
    affine = np.column_stack((steps[:, order], start))
    whole = whole.transpose(order)
    places = np.argwhere(whole)
    low, high = places.min(axis=0), places.max(axis=0) + 1
    shape = (whole.shape[0], whole.shape[1], whole.shape[2])
    rows = tuple(tuple(map(float, row)) for row in affine)
    grid = VoxelGrid(shape=shape, to_patient_mm=rows, frame_of_reference_uid=uid)
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    cells = whole[box].copy()
    return replace(
        roled, mask=replace(mask, grid=grid, origin=tuple(map(int, low)), occupancy=cells)
    )


@pytest.mark.parametrize(
    ("order", "signs", "cut_off"),
    [
        pytest.param((2, 1, 0), (1, 1, 1), 0, id="slices first"),
        pytest.param((0, 1, 2), (-1, -1, 1), 0, id="to the right and the front"),
        pytest.param((1, 2, 0), (1, -1, -1), 3, id="turned, and a part of the volume"),
    ],
)
@pytest.mark.parametrize("of_bones", [True, False], ids=["bones", "new bone"])
def test_the_same_voxels_in_another_order_are_one_grid(
    order: tuple[int, ...], signs: tuple[int, ...], cut_off: int, of_bones: bool
) -> None:
    """A Segmentation and a NIfTI file of one CT give what either would alone."""
    turned = [_rewritten(each, order, signs, cut_off) for each in (*BONES, SPURS)]
    masks = [*turned[:2], SPURS] if of_bones else [*BONES, turned[2]]

    seen, plain = outcome(masks), outcome([*BONES, SPURS])

    assert seen.found.gap is not None
    assert plain.found.gap is not None
    assert seen.found.gap.mm == pytest.approx(plain.found.gap.mm, abs=0.01)
    assert np.allclose(seen.found.gap.ends, plain.found.gap.ends, atol=0.01)
    assert seen.found.frame_of_reference_uid == plain.found.frame_of_reference_uid
    assert seen.possible == plain.possible


def test_voxels_half_a_voxel_beside_are_other_ones() -> None:
    """They are refused, and never moved to fit."""
    beside = replace(GROUND, start=tuple(value + 0.5 for value in GROUND.start))

    (fault,) = faults_of(
        [*BONES, beside.mask(Role.OSSIFICATION, rod((45, 0, -10), (45, 0, -14), 3))]
    )

    assert '"ossification" lies on 98 x 34 x 74 voxels' in fault


def test_another_frame_of_reference_is_another_grid() -> None:
    """However alike the numbers are: another acquisition."""
    (fault,) = faults_of([*BONES, _rewritten(SPURS, (0, 1, 2), (1, 1, 1), uid="1.2.3.4")])

    assert "lies in the frame of reference 1.2.3.4, and" in fault
