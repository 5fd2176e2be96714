"""Axial CT and MR slices of the same patient: tissues painted over one another with soft edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import anatomy
from .ossification import placed
from .projection import Pixel
from .radiograph import blur, grain
from .scene import Hip, Scene
from .solids import Ball, Ellipsoid, Field, Point, Solid, f32


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A series of axial slices, first slice lowest, square pixels."""

    size: int
    spacing_mm: float
    centre_x_mm: float
    centre_y_mm: float
    first_z_mm: float
    step_mm: float
    count: int

    def z(self, index: int) -> float:
        """Return the height of a slice."""
        return self.first_z_mm + index * self.step_mm

    def corner(self, index: int) -> Point:
        """Return the centre of the first pixel (Image Position Patient)."""
        reach = (self.size - 1) / 2 * self.spacing_mm
        return self.centre_x_mm - reach, self.centre_y_mm - reach, self.z(index)

    def pixel(self, point: Point) -> Pixel:
        """Return (column, row) of a point with 0,0 at the top left corner of the image."""
        x, y, _ = self.corner(0)
        return (point[0] - x) / self.spacing_mm + 0.5, (point[1] - y) / self.spacing_mm + 0.5

    def plane(self, index: int) -> tuple[Field, Field, Field]:
        """Return x (1, n), y (n, 1) and z (1, 1) of a slice."""
        x, y, z = self.corner(index)
        steps = np.arange(self.size) * self.spacing_mm
        return (
            f32((x + steps)[None, :]),
            f32((y + steps)[:, None]),
            np.full((1, 1), z, dtype=np.float32),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tissue:
    """One value per tissue: Hounsfield units, or T2 signal with fat suppressed."""

    air: float
    skin: float
    fat: float
    muscle: float
    fluid: float
    marrow: float
    cortex: float
    cartilage: float


SWELL_MM = 9.0

CT = Tissue(air=-1000, skin=20, fat=-95, muscle=55, fluid=12, marrow=170, cortex=1150, cartilage=90)
T2 = Tissue(air=4, skin=260, fat=105, muscle=190, fluid=820, marrow=85, cortex=18, cartilage=420)


def ct_slice(scene: Scene, stack: Stack, index: int) -> npt.NDArray[np.uint16]:
    """Return stored values, Hounsfield units plus 1024."""
    plane = stack.plane(index)
    image = _body(scene, stack, index, CT)
    for hip in (scene.right, scene.left):
        for island in hip.islands():
            _bone(image, island, plane, stack, CT, cortex_mm=1.2)
    rng = np.random.default_rng((scene.seed, index))
    image = blur(image, 0.45) + 7.0 * grain(rng, image.shape, 0.8)
    return np.asarray(np.clip(np.round(image + 1024), 0, 4095), dtype=np.uint16)


def mr_slice(scene: Scene, lesion: Ellipsoid, stack: Stack, index: int) -> npt.NDArray[np.uint16]:
    """Return T2 signal with fat suppressed: a heterogeneous bright mass in an ill-defined bright halo."""
    plane = stack.plane(index)
    image = _body(scene, stack, index, T2)
    rng = np.random.default_rng((scene.seed, index))
    distance = lesion.distance(*plane)
    halo = np.exp(-np.maximum(distance, 0) / 11.0) * _share(_body_depth(plane), 4.0)
    image += 330 * halo * (1 + 0.35 * grain(rng, image.shape, 5.0)) * (image > 60)
    mass = 690 + 150 * grain(rng, image.shape, 4.0) + 70 * grain(rng, image.shape, 1.6)
    image = _mix(image, mass, _share(distance, 2.0))
    rows = np.linspace(-1, 1, stack.size)
    shading = 1.12 - 0.22 * (rows[:, None] ** 2 + rows[None, :] ** 2)
    image = blur(f32(image * shading), 0.6)
    noise = rng.normal(0, 7, (2, *image.shape))
    signal = np.hypot(image + noise[0], noise[1])
    return np.asarray(np.clip(np.round(signal), 0, 2047), dtype=np.uint16)


def _body(scene: Scene, stack: Stack, index: int, tissue: Tissue) -> Field:
    """Paint skin, fat, muscles, bladder and bones."""
    plane, edge = stack.plane(index), stack.spacing_mm
    depth = _body_depth(plane)
    rng = np.random.default_rng((scene.seed, 977, index))
    image = np.full(depth.shape, tissue.air, dtype=np.float32)
    image = _mix(image, tissue.skin, _share(depth, edge))
    image = _mix(
        image,
        tissue.fat * (1 + 0.06 * grain(rng, image.shape, 6.0)),
        _share(f32(depth + 2.0), edge),
    )
    strands = 1 + 0.07 * grain(rng, image.shape, 2.5)
    flesh = np.maximum(_muscle(plane), depth + 11.0)
    image = _mix(image, tissue.muscle * strands, _share(f32(flesh), 1.5 * edge))
    bladder = Ellipsoid((0.0, -22.0, 22.0), (46.0, 32.0, 30.0))
    image = _mix(image, tissue.fluid, _share(bladder.distance(*plane), edge))
    for hip in (scene.right, scene.left):
        _hip(image, hip, plane, stack, tissue)
    _bone(image, anatomy.sacrum(), plane, stack, tissue, cortex_mm=1.6)
    return image


def _muscle(plane: tuple[Field, Field, Field]) -> Field:
    """Return the distance to muscle: each swells until it meets the next one, with a thin plane of fat between."""
    first = second = np.full((1, 1), 1e3, dtype=np.float32)
    for muscle in anatomy.muscles():
        for side in ("left", "right"):
            distance = placed(muscle, side).distance(*plane)
            second = np.minimum(second, np.maximum(first, distance))
            first = np.minimum(first, distance)
    return f32(np.maximum(first - SWELL_MM, 0.9 - (second - first) / 2))


def _hip(
    image: Field, hip: Hip, plane: tuple[Field, Field, Field], stack: Stack, tissue: Tissue
) -> None:
    """Paint capsule and cartilage, then the hip bone, the femur and its thick shaft, in place."""
    capsule = placed(Ball(anatomy.HIP, anatomy.SOCKET_MM + 1.0), hip.side).distance(*plane)
    image[:] = _mix(image, tissue.cartilage, _share(capsule, stack.spacing_mm))
    _bone(image, hip.pelvis(), plane, stack, tissue, cortex_mm=1.8)
    _bone(image, hip.femur(), plane, stack, tissue, cortex_mm=1.8)
    tube = placed(anatomy.femoral_tube(), hip.side).distance(*plane)
    image[:] = _mix(image, tissue.cortex, _share(tube, stack.spacing_mm))


def _bone(
    image: Field,
    solid: Solid,
    plane: tuple[Field, Field, Field],
    stack: Stack,
    tissue: Tissue,
    cortex_mm: float,
) -> None:
    """Paint a cortex and the marrow within it, in place."""
    distance = np.broadcast_to(solid.distance(*plane), image.shape)
    rng = np.random.default_rng(int(abs(plane[2][0, 0]) * 10))
    marrow = tissue.marrow * (1 + 0.16 * grain(rng, image.shape, 1.2))
    image[:] = _mix(image, tissue.cortex, _share(distance, stack.spacing_mm))
    image[:] = _mix(image, marrow, _share(f32(distance + cortex_mm), stack.spacing_mm))


def _body_depth(plane: tuple[Field, Field, Field]) -> Field:
    return anatomy.body().distance(*plane)


def _share(distance: Field, edge_mm: float) -> Field:
    """Return how much of each pixel a solid fills."""
    return f32(np.clip(0.5 - distance / edge_mm, 0, 1))


def _mix(image: Field, value: float | npt.NDArray[np.floating], share: Field) -> Field:
    return f32(image + (value - image) * share)
