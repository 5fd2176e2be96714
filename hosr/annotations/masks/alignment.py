"""Masks of one lattice that several programs wrote: axes in another order or direction, or another part of it.

A DICOM Segmentation counts slices first, a NIfTI file of the same CT its columns; many programs turn axes
towards right, front and head, or cut a volume to what they need. The voxels are the same ones, and no value
is changed: what does not lie on the same voxels is never resampled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hosr.annotations.masks.limits import GRID_TOLERANCE_MM
from hosr.annotations.sources import PixelGrid, VoxelGrid

if TYPE_CHECKING:
    from hosr.annotations.masks.found import RoledMask
    from hosr.annotations.sources import Grid, Mask

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """How the axes of a grid run along those of another: which, in which direction, and from where.

    Index `i` of axis `axes[n]` is index `signs[n] * i + offsets[n]` of axis n of the other.
    """

    axes: tuple[int, ...]
    signs: tuple[int, ...]
    offsets: tuple[int, ...]

    def box(self, low: Sequence[int], shape: Sequence[int]) -> tuple[Whole, Whole]:
        """Where a box comes to lie: its first cell, and the one after its last."""
        first = np.array([low[axis] for axis in self.axes])
        last = first + np.array([shape[axis] for axis in self.axes]) - 1
        ends = np.array([np.multiply(self.signs, end) + self.offsets for end in (first, last)])
        return ends.min(axis=0), ends.max(axis=0) + 1


def align(masks: Sequence[RoledMask]) -> list[RoledMask] | RoledMask:
    """The masks on one grid around those of all; else the first mask that lies on other voxels."""
    first = masks[0].mask.grid
    turns: list[_Turn] = []
    for roled in masks:
        turn = _turn(roled.mask.grid, first)
        if turn is None:
            return roled
        turns.append(turn)
    if isinstance(first, PixelGrid) or all(roled.mask.grid == first for roled in masks):
        return list(masks)
    corners = [
        turn.box((0, 0, 0), roled.mask.grid.shape) for turn, roled in zip(turns, masks, strict=True)
    ]
    low = np.min([box[0] for box in corners], axis=0)
    high = np.max([box[1] for box in corners], axis=0)
    grid = _around(first, low, high, [roled.mask.grid for roled in masks])
    return [
        replace(roled, mask=_turned(roled.mask, turn, grid, low))
        for turn, roled in zip(turns, masks, strict=True)
    ]


def _turn(grid: Grid, other: Grid) -> _Turn | None:
    """How one grid lies in another, which has a place; None where their cells are not the same ones."""
    if isinstance(grid, PixelGrid) or isinstance(other, PixelGrid):
        return _Turn((0, 1), (1, 1), (0, 0)) if grid == other else None
    known = {grid.frame_of_reference_uid, other.frame_of_reference_uid} - {""}
    own, theirs = (np.asarray(each.to_patient_mm, dtype=np.float64) for each in (grid, other))
    if len(known) > 1 or not np.isfinite(own).all():
        return None
    steps = theirs[:, :3]
    way = np.linalg.solve(steps, own[:, :3])
    whole = np.rint(way)
    if not (np.abs(whole).sum(axis=0) == 1).all() or not (np.abs(whole).sum(axis=1) == 1).all():
        return None
    offset = np.rint(np.linalg.solve(steps, own[:, 3] - theirs[:, 3]))
    if _off_mm(own, theirs, whole, offset, grid.shape) > GRID_TOLERANCE_MM:
        return None
    axes = tuple(int(axis) for axis in np.abs(whole).argmax(axis=1))
    signs = tuple(int(whole[n, axis]) for n, axis in enumerate(axes))
    return _Turn(axes, signs, tuple(int(value) for value in offset))


def _off_mm(
    own: Floats, theirs: Floats, whole: Floats, offset: Floats, shape: Sequence[int]
) -> float:
    """How far a cell of the grid lies from that of the other at most: at one of its corners."""
    corners = np.array(np.meshgrid(*((0, size - 1) for size in shape))).reshape(3, -1)
    placed = own[:, :3] @ corners + own[:, 3:]
    others = theirs[:, :3] @ (whole @ corners + offset[:, None]) + theirs[:, 3:]
    return float(np.linalg.norm(placed - others, axis=0).max())


def _around(first: VoxelGrid, low: Whole, high: Whole, grids: Sequence[Grid]) -> VoxelGrid:
    affine = np.asarray(first.to_patient_mm, dtype=np.float64)
    affine = np.column_stack((affine[:, :3], affine[:, :3] @ low + affine[:, 3]))
    uids = (grid.frame_of_reference_uid for grid in grids if isinstance(grid, VoxelGrid))
    x, y, z = (int(size) for size in high - low)
    return replace(
        first,
        shape=(x, y, z),
        to_patient_mm=tuple(tuple(map(float, row)) for row in affine),
        frame_of_reference_uid=next((uid for uid in uids if uid), ""),
    )


def _turned(mask: Mask, turn: _Turn, grid: VoxelGrid, low: Whole) -> Mask:
    """A mask by the axes of another grid; an empty one has no cells in either."""
    start, _ = turn.box(mask.origin, mask.occupancy.shape)
    turned = mask.occupancy.transpose(turn.axes)
    turned = turned[tuple(slice(None, None, sign) for sign in turn.signs)]
    origin = tuple(int(value) for value in start - low)
    if not mask.occupancy.size:
        origin = (0,) * turned.ndim
    return replace(mask, grid=grid, origin=origin, occupancy=turned.copy())
