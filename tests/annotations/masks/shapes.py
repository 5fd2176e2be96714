"""Shapes of known size as masks: solids by their signed distance, and a hip that they grow on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hosr.annotations.masks import RoledMask
from hosr.annotations.roles import Role
from hosr.annotations.sources import Label, Mask, PixelGrid, VoxelGrid
from hosr.findings import Place
from hosr.vocabulary.terms import Side

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Vector = Sequence[float] | Floats
Solid = Callable[[Floats], Floats]
"""From points (any shape, the last axis x, y, z or row, column) to signed distances in mm."""

FILM = Place(sop_instance_uid="1.2.826.0.1.3680043.8.498.1")
FRAME_OF_REFERENCE = "1.2.826.0.1.3680043.8.498.2"


def ball(centre: Vector, radius: float) -> Solid:
    """A sphere, or a disc on a film."""
    return lambda p: np.linalg.norm(p - np.array(centre), axis=-1) - radius


def rod(start: Vector, end: Vector, radius: float) -> Solid:
    """A rod with round ends, whose axis runs between two points."""
    first, way = np.array(start, dtype=float), np.subtract(end, start, dtype=float)

    def distance(p: Floats) -> Floats:
        along = np.clip((p - first) @ way / (way @ way), 0.0, 1.0)
        return np.asarray(np.linalg.norm(p - first - along[..., None] * way, axis=-1) - radius)

    return distance


def box(low: Vector, high: Vector) -> Solid:
    """A block along the axes."""
    middle, half = np.add(low, high) / 2, np.subtract(high, low) / 2
    return lambda p: np.asarray((np.abs(p - middle) - half).max(axis=-1))


def ellipsoid(centre: Vector, radii: Vector, turn: Floats) -> Solid:
    """An ellipsoid, turned; its distances are those of first order."""
    semi = np.array(radii, dtype=float)

    def distance(p: Floats) -> Floats:
        local = (p - np.array(centre)) @ turn
        near = np.linalg.norm(local / semi, axis=-1)
        slope = np.maximum(np.linalg.norm(local / semi**2, axis=-1), 1e-9)
        return np.asarray(near * (near - 1.0) / slope)

    return distance


def turned(solid: Solid, turn: Floats) -> Solid:
    """A solid turned about the origin."""
    return lambda p: solid(p @ turn)


def join(*solids: Solid) -> Solid:
    """All of them together."""
    return lambda p: np.min([solid(p) for solid in solids], axis=0)


def cut(solid: Solid, *removed: Solid) -> Solid:
    """What is left of a solid without others."""
    return lambda p: np.max([solid(p), *(-each(p) for each in removed)], axis=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A grid that solids are drawn on: the centre of its first cell, the edges of its cells, how many.

    `axes` are the directions of its axes, one a row.
    """

    start: tuple[float, ...]
    edges: tuple[float, ...]
    shape: tuple[int, ...]
    axes: tuple[tuple[float, ...], ...] = ((1.0, 0, 0), (0, 1.0, 0), (0, 0, 1.0))

    @property
    def grid(self) -> VoxelGrid | PixelGrid:
        """The grid as masks have it."""
        if len(self.shape) == 2:
            return PixelGrid(shape=(self.shape[0], self.shape[1]), place=FILM)
        steps = self.steps()
        rows = tuple((*map(float, steps[row]), float(self.start[row])) for row in range(3))
        shape = (self.shape[0], self.shape[1], self.shape[2])
        uid = FRAME_OF_REFERENCE
        return VoxelGrid(shape=shape, to_patient_mm=rows, frame_of_reference_uid=uid)

    def mask(
        self,
        role: Role,
        solid: Solid,
        side: Side | None = Side.RIGHT,
        *,
        soft: bool = False,
        ramp_mm: float = 0.0,
    ) -> RoledMask:
        """A solid as a mask cut to its box: yes and no, or the part of each cell that it fills.

        With a ramp, a probability that falls from 1 to 0 over so many mm across the surface.
        """
        distance = self.distance(solid)
        if soft or ramp_mm:
            width = ramp_mm or float(np.mean(self.edges))
            return self.given(role, np.clip(0.5 - distance / width, 0, 1).astype(np.float32), side)
        return self.given(role, distance < 0, side)

    def distance(self, solid: Solid) -> Floats:
        """How far each cell lies from a solid, negative inside."""
        return solid(_points(self))

    def given(
        self,
        role: Role,
        cells: Bools | npt.NDArray[np.float32],
        side: Side | None = Side.RIGHT,
    ) -> RoledMask:
        """These cells of the whole grid as a mask."""
        places = np.argwhere(cells > 0)
        low = places.min(axis=0) if len(places) else np.zeros(cells.ndim, dtype=int)
        high = places.max(axis=0) + 1 if len(places) else low
        window = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        mask = Mask(
            label=Label(name=role.value),
            place=f"label {role.value}",
            grid=self.grid,
            origin=tuple(int(value) for value in low),
            occupancy=cells[window].copy(),
            is_probability=cells.dtype != np.bool_,
        )
        return RoledMask(role=role, side=side, mask=mask)

    def steps(self) -> Floats:
        """From one cell to the next on each axis, one a column."""
        dimensions = len(self.shape)
        axes = np.array(self.axes, dtype=float)[:dimensions, :dimensions]
        return np.asarray(axes.T * np.array(self.edges))


@lru_cache(maxsize=4)
def _points(ground: Ground) -> Floats:
    """The centres of all cells."""
    index = np.moveaxis(np.indices(ground.shape), 0, -1).astype(float)
    return np.asarray(index @ ground.steps().T + np.array(ground.start))


# A hip at the origin: a socket of 27 mm in a block of pelvis, a head of 24 mm on a neck, and the
# trochanters as a block below. New bone grows beside it, at x from 36 mm on, between the heights
# 6 (pelvis) and -32 mm (femur).
SOCKET_MM = 27.0
PELVIS = cut(box((-30, -14, 6), (60, 14, 40)), ball((0, 0, 0), SOCKET_MM))
FEMUR = join(
    ball((0, 0, 0), 24), rod((0, 0, 0), (0, 0, -40), 9), box((-14, -16, -48), (60, 16, -32))
)


def hip(ground: Ground, side: Side | None = Side.RIGHT, *, soft: bool = False) -> list[RoledMask]:
    """The bones of that hip."""
    return [
        ground.mask(Role.PELVIS, PELVIS, side, soft=soft),
        ground.mask(Role.FEMUR, FEMUR, side, soft=soft),
    ]


def ground(edge: float = 1.0) -> Ground:
    """A grid of cubes around the hip."""
    shape = tuple(int(size / edge) for size in (98, 34, 74))
    return Ground(start=(-32.3, -16.7, -46.2), edges=(edge,) * 3, shape=shape)
