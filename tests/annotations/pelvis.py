"""A whole pelvis of the phantom with heterotopic bone at both hips, as large as a CT of it is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sample_data.phantom import anatomy
from sample_data.phantom.ossification import Growth, Island, axial, frontal, placed
from sample_data.phantom.solids import Solid, f32

SHAPE = (300, 512, 512)
EDGES = (1.0, 0.7, 0.7)
START = (-179.0, -150.0, -170.0)  # x, y, z


def pelvis_labels() -> npt.NDArray[np.uint8]:
    """A label map of 1 pelvis, 2 femur, 3 heterotopic bone: (slices, rows, columns)."""
    islands = (
        Island(centre=(152.0, -6.0, 18.0), length_mm=18.0, width_mm=9.0),
        Island(centre=(150.0, -20.0, -30.0), length_mm=8.0, width_mm=6.0),
    )
    sides = (("right", axial(12.4, 6.0, *islands)), ("left", frontal(7.5)))
    labels = np.zeros(SHAPE, dtype=np.uint8)
    for number, solids in (
        (3, [placed(s, side) for side, growth in sides for s in _new_bone(growth)]),
        (2, [placed(anatomy.femur(), side) for side, _ in sides]),
        (1, [placed(anatomy.pelvis_side(), side) for side, _ in sides]),
    ):
        for solid in solids:
            _draw(labels, solid, number)
    return labels


def _new_bone(growth: Growth) -> list[Solid]:
    spurs = [spur.solid() for spur in (*growth.pelvic, *growth.femoral)]
    return [*spurs, *(island.solid() for island in growth.islands)]


def _draw(labels: npt.NDArray[np.uint8], solid: Solid, number: int) -> None:
    x = f32(START[0] + np.arange(SHAPE[2]) * EDGES[2])[None, :]
    y = f32(START[1] + np.arange(SHAPE[1]) * EDGES[1])[:, None]
    for index in range(SHAPE[0]):
        z = START[2] + index * EDGES[0]
        if solid.box.z[0] <= z <= solid.box.z[1]:
            plane = solid.distance(x, y, np.full((1, 1), z, dtype=np.float32))
            labels[index][np.broadcast_to(plane, SHAPE[1:]) < 0] = number
