"""Planes in any order as one regular grid, or why they are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

import numpy as np

from hosr.annotations.account import Unusable

# Positions are written with a few decimals, and a table moves a little less than it says: slices whose
# places differ by less than these parts of their spacing are evenly spaced, and lie above one another.
_UNEVEN = 0.02
_ASIDE = 0.1
# Rows and columns at an angle to each other, and to the stack: as much as positions may be off.
MOST_SHEAR = 0.02
_PARALLEL = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Where one plane lies in the patient (PS3.3 section C.7.6.2): LPS, mm.

    `position` is the centre of its first pixel; `orientation` the directions of its rows and columns;
    `spacing` that between rows and between columns; `depth` and `thickness` what the file says of the
    distance of planes, and of how thick each is; None where it says nothing.
    """

    position: tuple[float, float, float]
    orientation: tuple[float, float, float, float, float, float]
    spacing: tuple[float, float]
    depth: float | None = None
    thickness: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A regular grid of planes: (plane, row, column, 1) -> LPS mm; and the index of each plane in it."""

    to_patient_mm: tuple[tuple[float, ...], ...]
    count: int
    indices: tuple[int, ...]


def stack_planes(planes: Sequence[Plane], most: int) -> Stack:
    """The grid that planes lie in, several of which may lie in one place, and between which some may lack.

    Raises Unusable for planes that are not parallel, not evenly spaced, stacked at a slant, or would
    make a stack of more than `most`.
    """
    first = planes[0]
    _require_parallel(planes)
    row, column = np.array(first.orientation[:3]), np.array(first.orientation[3:])
    normal = np.cross(row, column)
    positions = np.array([plane.position for plane in planes])
    if not np.isfinite(positions).all():
        raise Unusable("has a slice whose place is no number", "correct the file")
    heights = positions @ normal
    distinct = _distinct(heights)
    spacing = _spacing(distinct, first)
    steps = (heights - distinct[0]) / spacing
    indices = np.rint(steps)
    if np.abs(steps - indices).max() > 2 * _UNEVEN:
        raise _uneven(distinct)
    count = int(indices.max()) + 1
    if count > most:
        raise Unusable(
            f"has slices that lie {count} apart", "give slices of one stack, evenly spaced"
        )
    start = positions[int(np.argmin(heights))]
    ideal = start + np.outer(indices * spacing, normal)
    if np.linalg.norm(positions - ideal, axis=1).max() > _ASIDE * max(first.spacing):
        raise Unusable(
            "has slices that are stacked at a slant (as with a tilted gantry)",
            "resample it to a grid at right angles",
        )
    axes = (normal * spacing, column * first.spacing[0], row * first.spacing[1], start)
    matrix = tuple(tuple(float(axis[i]) for axis in axes) for i in range(3))
    return Stack(to_patient_mm=matrix, count=count, indices=tuple(int(i) for i in indices))


def _require_parallel(planes: Sequence[Plane]) -> None:
    first = planes[0]
    directions = np.array(first.orientation)
    row, column = directions[:3], directions[3:]
    if not np.isfinite(directions).all() or np.linalg.norm(np.cross(row, column)) < 1 - MOST_SHEAR:
        raise Unusable("has no directions of rows and columns", "correct the file")
    if not all(np.isfinite(each) and each > 0 for each in first.spacing):
        raise Unusable("has pixels without a size", "correct the file")
    for plane in planes[1:]:
        if np.abs(directions - plane.orientation).max() > _PARALLEL:
            raise Unusable("has slices that are not parallel", "give one stack a file")
        if not np.allclose(plane.spacing, first.spacing, rtol=_PARALLEL):
            raise Unusable("has slices with pixels of different sizes", "give one stack a file")


def _distinct(heights: np.ndarray) -> np.ndarray:
    """The heights of planes, each once, rising; those within a hundredth of a millimetre are one."""
    ordered = np.sort(heights)
    return ordered[np.concatenate(([True], np.diff(ordered) > 0.01))]


def _spacing(heights: np.ndarray, plane: Plane) -> float:
    """The distance of neighbouring planes: as stated where the planes fit it, else the least there is.

    Of a single plane its thickness; writers give it any distance from the next.
    """
    gaps = np.diff(heights)
    if not gaps.size:
        return next(filter(_is_length, (plane.thickness, plane.depth)), 1.0)
    for step in (plane.depth, plane.thickness, float(gaps.min())):
        if not _is_length(step):
            continue
        parts = gaps / step
        steps = np.rint(parts)
        if steps.min() >= 1 and np.abs(parts - steps).max() <= _UNEVEN:
            return float((heights[-1] - heights[0]) / steps.sum())
    raise _uneven(heights)


def _is_length(value: float | None) -> TypeGuard[float]:
    return value is not None and np.isfinite(value) and value > 0


def _uneven(heights: np.ndarray) -> Unusable:
    gaps = np.diff(heights)
    return Unusable(
        f"has slices that are not evenly spaced ({gaps.min():.2f} to {gaps.max():.2f} mm apart)",
        "segment a series of evenly spaced slices, or resample it",
    )


def is_sheared(to_patient_mm: Sequence[Sequence[float]]) -> bool:
    """Whether the axes of a grid are not at right angles to one another."""
    axes = np.array(to_patient_mm)[:, :3]
    units = axes / np.linalg.norm(axes, axis=0)
    cosines = units.T @ units
    return bool(np.abs(cosines - np.eye(3)).max() > MOST_SHEAR)
