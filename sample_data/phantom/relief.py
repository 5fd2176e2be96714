"""Flat bones as reliefs: a frontal outline, the depth of the middle surface and a thickness, each a smooth map.

The hip bone and the sacrum are bent plates. Their outline in the frontal plane is a closed curve with holes; their depth
and half thickness are known at landmarks and interpolated between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .solids import Box, Field, f32

GRID_MM = 0.5
Outline = Sequence[tuple[float, float]]
Landmark = tuple[float, float, float, float]
"""Frontal place (x, z), depth y of the middle surface, half thickness; millimetres."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A map over the frontal plane, read with linear interpolation."""

    origin: tuple[float, float]
    values: Field

    def read(self, x: Field, z: Field) -> Field:
        """Return the values at columns x (shape 1, n) and rows z (shape m, 1)."""
        rows, row_part = self._split(z[:, 0], self.origin[1], self.values.shape[0])
        columns, column_part = self._split(x[0, :], self.origin[0], self.values.shape[1])
        band = (
            self.values[rows] * (1 - row_part[:, None]) + self.values[rows + 1] * row_part[:, None]
        )
        return f32(band[:, columns] * (1 - column_part) + band[:, columns + 1] * column_part)

    @staticmethod
    def _split(position: Field, origin: float, size: int) -> tuple[npt.NDArray[np.intp], Field]:
        scaled = np.clip((position - origin) / GRID_MM, 0, size - 1.001)
        whole = np.floor(scaled)
        return whole.astype(np.intp), f32(scaled - whole)


@dataclass(frozen=True, slots=True)
class Relief:
    """A bent plate with rounded edges."""

    outline: Grid
    depth: Grid
    half: Grid
    lean: Grid
    box: Box

    def distance(self, x: Field, y: Field, z: Field) -> Field:
        """Distance to the nearer of the edge and the two faces, approximate away from the surface."""
        faces = (np.abs(y - self.depth.read(x, z)) - self.half.read(x, z)) * self.lean.read(x, z)
        return f32(np.maximum(self.outline.read(x, z), faces))


def relief(
    outline: Outline, holes: Sequence[Outline], landmarks: Sequence[Landmark], edge_mm: float
) -> Relief:
    """Build a plate whose faces round off over `edge_mm` towards its outline."""
    loops = [smooth(loop) for loop in (outline, *holes)]
    low, high = loops[0].min(axis=0) - 6, loops[0].max(axis=0) + 6
    x = np.arange(low[0], high[0], GRID_MM)[None, :]
    z = np.arange(low[1], high[1], GRID_MM)[:, None]
    edge = _loop_distance(loops[0], x, z)
    for loop in loops[1:]:
        edge = np.maximum(edge, -_loop_distance(loop, x, z))
    depth, half = (_spread(landmarks, x, z, column) for column in (2, 3))
    rounding = np.clip(1 + edge / edge_mm, 0.0, 1.0)
    half = half * np.sqrt(1 - 0.9 * rounding**2)
    slope_z, slope_x = np.gradient(depth, GRID_MM)
    lean = 1 / np.sqrt(1 + slope_x**2 + slope_z**2)
    reach = (float((depth - half).min()), float((depth + half).max()))
    box = Box((float(low[0]), float(high[0])), reach, (float(low[1]), float(high[1])))
    origin = float(low[0]), float(low[1])
    edge_map, depth_map, half_map, lean_map = (
        Grid(origin, f32(v)) for v in (edge, depth, half, lean)
    )
    return Relief(edge_map, depth_map, half_map, lean_map, box)


def smooth(points: Outline, steps: int = 6) -> npt.NDArray[np.float64]:
    """Return a closed Catmull-Rom curve through the points."""
    p1 = np.asarray(points, dtype=float)
    p0, p2, p3 = np.roll(p1, 1, axis=0), np.roll(p1, -1, axis=0), np.roll(p1, -2, axis=0)
    parts = []
    for t in np.arange(steps) / steps:
        cubic = 3 * p1 - p0 - 3 * p2 + p3
        parts.append(
            0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + cubic * t**3)
        )
    return np.stack(parts, axis=1).reshape(-1, 2)


def _loop_distance(
    loop: npt.NDArray[np.float64], x: npt.NDArray[np.float64], z: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Signed distance to a closed polygon: nearest edge, sign by crossings."""
    nearest = np.full(np.broadcast(x, z).shape, np.inf)
    inside = np.zeros(nearest.shape, dtype=bool)
    for (ax, az), (bx, bz) in zip(loop, np.roll(loop, -1, axis=0), strict=True):
        ex, ez = bx - ax, bz - az
        t = np.clip(((x - ax) * ex + (z - az) * ez) / (ex * ex + ez * ez + 1e-12), 0, 1)
        nearest = np.minimum(nearest, (x - ax - t * ex) ** 2 + (z - az - t * ez) ** 2)
        crosses = (az > z) != (bz > z)
        inside ^= crosses & (x < ax + (z - az) * ex / (ez or 1e-12))
    signed: npt.NDArray[np.float64] = np.where(inside, -1.0, 1.0) * np.sqrt(nearest)
    return signed


def _spread(
    landmarks: Sequence[Landmark],
    x: npt.NDArray[np.float64],
    z: npt.NDArray[np.float64],
    column: int,
) -> npt.NDArray[np.float64]:
    """Interpolate a landmark value by inverse cubed distance."""
    total = np.zeros(np.broadcast(x, z).shape)
    weight = np.zeros_like(total)
    for mark in landmarks:
        share = ((x - mark[0]) ** 2 + (z - mark[1]) ** 2 + 60.0) ** -1.5
        total += share * mark[column]
        weight += share
    return total / weight
