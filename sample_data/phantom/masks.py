"""What a perfect segmentation of the CT slices would hold: how much of each pixel each structure fills."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import anatomy
from .ossification import placed
from .scene import Hip
from .slices import Stack
from .solids import Field, Solid, f32

STRUCTURES = ("pelvis", "femur", "ossification")


def shares(hip: Hip, stack: Stack, index: int) -> dict[str, Field]:
    """Return (rows, columns) of 0 to 1 for each structure of a hip; no pixel belongs to two of them.

    Heterotopic bone is what stands out of the two bones as they would be without it, and the islands.
    """
    plane = stack.plane(index)

    def share(*solids: Solid) -> Field:
        nearest = solids[0].distance(*plane)
        for solid in solids[1:]:
            nearest = np.minimum(nearest, solid.distance(*plane))
        filled = np.clip(0.5 - nearest / stack.spacing_mm, 0, 1)
        return f32(np.broadcast_to(filled, (stack.size, stack.size)))

    pelvis = share(placed(anatomy.pelvis_side(), hip.side))
    bare = anatomy.femur() if hip.head_mm is None else anatomy.resected_femur()
    femur = share(placed(bare, hip.side), placed(anatomy.femoral_tube(), hip.side))
    grown = share(hip.pelvis(), hip.femur(), *hip.islands())
    return {
        "pelvis": pelvis,
        "femur": f32(np.minimum(femur, 1 - pelvis)),
        "ossification": f32(np.clip(grown - pelvis - femur, 0, 1)),
    }


def labels(hip: Hip, stack: Stack, index: int) -> npt.NDArray[np.uint8]:
    """Return the number of the structure that fills each pixel, 1 for the first; 0 for none."""
    found = np.stack(list(shares(hip, stack, index).values()))
    number = np.argmax(found, axis=0) + 1
    return np.asarray(np.where(found.max(axis=0) >= 0.5, number, 0), dtype=np.uint8)
