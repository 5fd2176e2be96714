"""The grid that all masks share, boxes of it, and the way from its indices to millimetres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hosr.annotations.masks.alignment import align
from hosr.annotations.sources import PixelGrid, VoxelGrid

if TYPE_CHECKING:
    from hosr.annotations.account import Account
    from hosr.annotations.masks.found import MaskSetting, RoledMask
    from hosr.annotations.sources import Coordinates, Grid, Mask

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the grid: its first cell, and the one after its last, on each axis."""

    low: tuple[int, ...]
    high: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many cells it has on each axis."""
        return tuple(max(0, end - start) for start, end in zip(self.low, self.high, strict=True))

    @property
    def is_empty(self) -> bool:
        """Whether it holds no cell."""
        return 0 in self.shape

    def join(self, other: Box) -> Box:
        """The smallest box around both."""
        return Box(
            tuple(map(min, self.low, other.low)),
            tuple(map(max, self.high, other.high)),
        )

    def meet(self, other: Box) -> Box:
        """What both have in common."""
        return Box(
            tuple(map(max, self.low, other.low)),
            tuple(map(min, self.high, other.high)),
        )

    def within(self, other: Box) -> tuple[slice, ...]:
        """The place of this box in an array that covers the other one."""
        pairs = zip(self.low, self.high, other.low, strict=True)
        return tuple(slice(low - start, high - start) for low, high, start in pairs)


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """The grid in millimetres: `steps` holds one column an axis, `start` the centre of its first cell.

    Of a film both are (row, column), in mm of its header or, where that says nothing (not `is_mm`), in
    widths of a pixel.
    """

    grid: Grid
    steps: Floats
    start: Floats
    is_mm: bool = True

    @property
    def is_film(self) -> bool:
        """Whether the grid is the pixels of one image."""
        return isinstance(self.grid, PixelGrid)

    @property
    def whole(self) -> Box:
        """All of the grid."""
        return Box((0,) * len(self.grid.shape), tuple(self.grid.shape))

    @property
    def edges(self) -> tuple[float, ...]:
        """The edges of a cell."""
        return tuple(float(edge) for edge in np.linalg.norm(self.steps, axis=0))

    @property
    def cell(self) -> float:
        """The volume of a cell, or the area of a pixel."""
        return float(abs(np.linalg.det(self.steps)))

    def to_mm(self, indices: npt.ArrayLike) -> Floats:
        """Centres of cells, one a row, in millimetres."""
        placed: Floats = np.asarray(indices, dtype=np.float64).dot(self.steps.T) + self.start
        return placed

    def to_index(self, points_mm: npt.ArrayLike) -> Floats:
        """The reverse of `to_mm`."""
        offset = np.asarray(points_mm, dtype=np.float64) - self.start
        found: Floats = np.asarray(np.linalg.solve(self.steps, offset.T).T, dtype=np.float64)
        return found

    def cell_along_mm(self, start_mm: Floats, end_mm: Floats) -> float:
        """How long a cell is in the direction of a line."""
        way = end_mm - start_mm
        length = float(np.linalg.norm(way))
        if length == 0:
            return max(self.edges)
        return length / float(np.linalg.norm(np.linalg.solve(self.steps, way)))

    def extent_along_mm(self, start_mm: Floats, end_mm: Floats) -> float:
        """How far a cell reaches in the direction of a line, over its corners and not along the line."""
        way = end_mm - start_mm
        length = float(np.linalg.norm(way))
        if length == 0:
            return max(self.edges)
        return float(np.linalg.norm(self.steps.T @ way)) / length

    def coordinates(self, point_mm: Floats) -> Coordinates:
        """A point as it is given on: LPS mm, or (column, row) on the image."""
        if not self.is_film:
            return tuple(float(value) for value in point_mm)
        row, column = self.to_index(point_mm[None, :])[0]
        return float(column) + 0.5, float(row) + 0.5

    def grow(self, box: Box, margin_mm: float) -> Box:
        """The box with a margin, cut to the grid."""
        cells = [int(np.ceil(margin_mm / edge)) for edge in self.edges]
        wide = Box(
            tuple(low - more for low, more in zip(box.low, cells, strict=True)),
            tuple(high + more for high, more in zip(box.high, cells, strict=True)),
        )
        return wide.meet(self.whole)


def common_lattice(
    masks: Sequence[RoledMask], setting: MaskSetting, account: Account
) -> tuple[list[RoledMask], Lattice] | None:
    """The masks by the axes of one grid, and that grid; None where they have several, which is a fault."""
    first = masks[0].mask
    affine = np.eye(3, 4)
    if isinstance(first.grid, VoxelGrid):
        affine = np.asarray(first.grid.to_patient_mm, dtype=np.float64)
    if not (np.isfinite(affine).all() and abs(np.linalg.det(affine[:, :3])) > 0):
        problem = "the grid of the masks has no place in the patient"
        account.blame(first.place, problem, "write them with the geometry of their images")
        return None
    aligned = align(masks)
    if not isinstance(aligned, list):
        _blame(first, aligned.mask, account)
        return None
    grid = aligned[0].mask.grid
    if isinstance(grid, PixelGrid):
        return aligned, _of_film(grid, setting)
    affine = np.asarray(grid.to_patient_mm, dtype=np.float64)
    return aligned, Lattice(grid, affine[:, :3], affine[:, 3])


def _blame(first: Mask, other: Mask, account: Account) -> None:
    frames = [getattr(each.grid, "frame_of_reference_uid", "") for each in (other, first)]
    if all(frames) and frames[0] != frames[1]:
        words = [f"in the frame of reference {uid}" for uid in frames]
        remedy = "give masks of one acquisition"
    else:
        words = [f"on {_in_words(each.grid)}" for each in (other, first)]
        remedy = "give all masks on one grid, resampled by the program that made them"
        if isinstance(first.grid, PixelGrid):
            remedy = "import the masks of one image at a time"
    problem = f"{other.label} lies {words[0]}, and {first.label} ({first.place}) {words[1]}"
    account.blame(other.place, problem, remedy)


def _of_film(grid: PixelGrid, setting: MaskSetting) -> Lattice:
    pair = setting.pixel_mm or (setting.aspect, 1.0)
    return Lattice(grid, np.diag(pair), np.zeros(2), is_mm=setting.pixel_mm is not None)


def _in_words(grid: Grid) -> str:
    size = " x ".join(map(str, grid.shape))
    if isinstance(grid, PixelGrid):
        frame = "" if grid.place.frame is None else f", frame {grid.place.frame}"
        return f"the {size} pixels of image {grid.place.sop_instance_uid}{frame}"
    affine = np.asarray(grid.to_patient_mm, dtype=np.float64)
    edges = " x ".join(f"{edge:.3g}" for edge in np.linalg.norm(affine[:, :3], axis=0))
    corner = ", ".join(f"{value:.1f}" for value in affine[:, 3])
    return f"{size} voxels of {edges} mm from ({corner})"
