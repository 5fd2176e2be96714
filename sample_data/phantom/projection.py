"""A cone-beam radiograph: rays from a point source through the solids to a flat detector behind the patient.

The detector is frontal. Every frontal plane through the patient is then a scaled copy of the detector (magnification
SID / SOD at its depth), and the image is a sum of planes. Depths are measured from the plane of the hips, y = 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from .solids import Field, Point, Solid, f32

Pixel = tuple[float, float]
Attenuation = Callable[[Field], Field]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beam:
    """The geometry of one exposure, anterior to posterior, central ray on the centre of the detector."""

    sid_mm: float
    """Source to detector."""
    sod_mm: float
    """Source to the plane of the hips."""
    spacing_mm: float
    """Detector pixel pitch (Imager Pixel Spacing)."""
    columns: int
    rows: int
    centre_x_mm: float = 0.0
    centre_z_mm: float = 0.0

    def magnification(self, depth_mm: float = 0.0) -> float:
        """Return SID / SOD at a depth behind the plane of the hips."""
        return self.sid_mm / (self.sod_mm + depth_mm)

    def pixel(self, point: Point) -> Pixel:
        """Return where a point is seen: (column, row) with 0,0 at the top left corner of the image."""
        scale = self.magnification(point[1]) / self.spacing_mm
        column = self.columns / 2 + (point[0] - self.centre_x_mm) * scale
        return column, self.rows / 2 - (point[2] - self.centre_z_mm) * scale

    def plane(self, depth_mm: float) -> tuple[Field, Field]:
        """Return x (1, columns) and z (rows, 1) of the pixel centres, projected back to a depth."""
        scale = self.spacing_mm / self.magnification(depth_mm)
        x = self.centre_x_mm + (np.arange(self.columns) + 0.5 - self.columns / 2) * scale
        z = self.centre_z_mm - (np.arange(self.rows) + 0.5 - self.rows / 2) * scale
        return f32(x[None, :]), f32(z[:, None])

    def obliquity(self) -> Field:
        """Return how much longer each ray is than its depth."""
        x, z = self.plane(0.0)
        off = (x - self.centre_x_mm) ** 2 + (z - self.centre_z_mm) ** 2
        return f32(np.sqrt(1 + off / self.sod_mm**2))


@dataclass(frozen=True, slots=True)
class Part:
    """A solid and its attenuation per millimetre as a function of signed distance."""

    solid: Solid
    attenuation: Attenuation


def project(parts: Iterable[Part], beam: Beam, step_mm: float = 0.5) -> Field:
    """Return the line integral of attenuation for every pixel."""
    image = np.zeros((beam.rows, beam.columns), dtype=np.float32)
    for part in parts:
        _add(part, beam, step_mm, image)
    return image * beam.obliquity()


def uniform(per_mm: float, edge_mm: float = 0.5) -> Attenuation:
    """Return the attenuation of one material with an edge as wide as the step between planes."""
    return lambda distance: f32(per_mm * np.clip(0.5 - distance / edge_mm, 0, 1))


def shell(
    cortex_per_mm: float, marrow_per_mm: float, cortex_mm: float, edge_mm: float = 0.5
) -> Attenuation:
    """Return the attenuation of bone: a dense cortex round looser marrow."""

    def attenuation(distance: Field) -> Field:
        whole = np.clip(0.5 - distance / edge_mm, 0, 1)
        inner = np.clip(0.5 - (distance + cortex_mm) / (2 * edge_mm), 0, 1)
        return f32(cortex_per_mm * whole - (cortex_per_mm - marrow_per_mm) * inner)

    return attenuation


def _add(part: Part, beam: Beam, step_mm: float, image: Field) -> None:
    box = part.solid.box.grow(1.0)
    for depth in np.arange(box.y[0] + step_mm / 2, box.y[1], step_mm):
        x, z = beam.plane(float(depth))
        columns = slice(*np.searchsorted(x[0], box.x))
        rows = slice(*np.searchsorted(-z[:, 0], (-box.z[1], -box.z[0])))
        if columns.start < columns.stop and rows.start < rows.stop:
            y = np.full((1, 1), depth, dtype=np.float32)
            distance = part.solid.distance(x[:, columns], y, z[rows])
            image[rows, columns] += part.attenuation(distance) * np.float32(step_mm)
