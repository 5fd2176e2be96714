"""How wide a piece is at its narrowest that reaches from bone to bone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from hosr.annotations.masks.limits import SURE_BRIDGE_CELLS
from hosr.annotations.masks.pieces import SPUR_OF, Piece
from hosr.annotations.masks.scene import BONES, Bools, Solids
from hosr.annotations.roles import Role

_CORNERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """The narrowest width, in millimetres and in cells."""

    mm: float
    cells: float

    @property
    def is_sure(self) -> bool:
        """Whether it is wide enough to be no touch of two surfaces."""
        return self.cells >= SURE_BRIDGE_CELLS


def measure_bridge(solids: Solids, piece: Piece) -> Bridge:
    """The width of the widest way from bone to bone through a piece.

    A ball of this width can be moved along it. In a volume the bones count as bone around the piece, so
    that a broad root is no neck; on a film they lie behind it. Widths of 0.8, 1.4, 3.0 and 6.0 mm come out as 1.4, 1.4, 2.8 and 5.8 of
    0.7 mm voxels (tried).
    """
    window = piece.window
    bones = {bone: solids.cells(bone, window=window) for bone in BONES}
    solid = piece.cells
    if not solids.lattice.is_film:
        solid = solid | bones[Role.PELVIS] | bones[Role.FEMUR]
    ends = [_end(solids, piece, bone, bones[bone]) for bone in BONES]
    return Bridge(
        mm=2 * _bottleneck(_depths(solid, solids.lattice.edges), piece.cells, ends),
        cells=2 * _bottleneck(_depths(solid, (1.0,) * solid.ndim), piece.cells, ends),
    )


def _end(solids: Solids, piece: Piece, bone: Role, bone_cells: Bools) -> Bools:
    """Where a piece begins at a bone: what touches it, else all that is said to be its spur."""
    structure = np.ones((_CORNERS,) * piece.cells.ndim)
    touching: Bools = piece.cells & ndimage.binary_dilation(bone_cells, structure=structure)
    if touching.any():
        return touching
    return piece.cells & solids.cells(SPUR_OF[bone], window=piece.window)


def _depths(solid: Bools, edges: tuple[float, ...]) -> npt.NDArray[np.float64]:
    """How far each cell lies from the nearest one outside; beyond the window nothing is outside."""
    if solid.all():
        return np.full(solid.shape, float(max(solid.shape)) * max(edges))
    depths: npt.NDArray[np.float64] = ndimage.distance_transform_edt(solid, sampling=edges)
    return depths


def _bottleneck(depths: npt.NDArray[np.float64], cells: Bools, ends: list[Bools]) -> float:
    """The largest depth at which the cells that are as deep still join both ends."""
    structure = np.ones((_CORNERS,) * cells.ndim)
    steps = np.unique(np.round(depths[cells], 6))
    low, high = 0, len(steps)
    while high - low > 1:
        middle = (low + high) // 2
        labels, _ = ndimage.label(cells & (depths >= steps[middle] - 1e-5), structure=structure)
        joined = [set(np.unique(labels[end])) - {0} for end in ends]
        if joined[0] & joined[1]:
            low = middle
        else:
            high = middle
    return float(steps[low]) if len(steps) else 0.0
