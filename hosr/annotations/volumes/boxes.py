"""What a label fills, gathered slab by slab and cut to the box that holds it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from hosr.errors import Fault, RecordRefused

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hosr.annotations.sources import Occupancy

# The surface of a probability lies where it crosses 0.5, and again at 0.3 for its uncertainty. What is
# below this counts as nothing, which moves those surfaces by less than 0.04 of a voxel.
LEAST_PROBABILITY = 0.05

# The boxes of all labels together. Both halves of a pelvis and both femora on 512 x 512 x 500 fill less.
MAX_BYTES = 1 << 30

_EMPTY = (0, 0, 0)


class Boxes:
    """The cells of labels, by number, of a volume that is read slab by slab along one of its axes.

    `full` is the stored whole number that means wholly filled, where slabs hold such numbers.
    """

    def __init__(self, name: str, axis: int, full: int = 1) -> None:
        self._name = name
        self._axis = axis
        self._full = np.float32(full)
        self._pieces: dict[int, list[tuple[tuple[int, ...], Occupancy]]] = {}
        self._bytes = 0

    def add(self, number: int, slab: Occupancy | NDArray[np.integer[Any]], start: int) -> None:
        """Keep what a label fills of a slab that begins at this index along the axis.

        Raises `RecordRefused` where the labels are larger than `MAX_BYTES` in all.
        """
        is_stored = slab.dtype.kind in "iu"
        least = math.ceil(LEAST_PROBABILITY * self._full) if is_stored else LEAST_PROBABILITY
        box = filled_box(filled_above(slab, least))
        if box is None:
            return
        part: NDArray[Any] = slab[box]
        piece = part.astype(np.float32) / self._full if is_stored else part.copy(order="K")
        self._bytes += piece.nbytes
        if self._bytes > MAX_BYTES:
            problem = "has labels of more than 1 GB together"
            raise RecordRefused(Fault(self._name, problem, "cut the volume to the hips"))
        origin = [part.start for part in box]
        origin[self._axis] += start
        self._pieces.setdefault(number, []).append((tuple(origin), piece))

    def take(self, number: int) -> tuple[tuple[int, ...], Occupancy]:
        """The first index of the box of a label, and its cells; a box without cells where it has none."""
        pieces = self._pieces.pop(number, [])
        if len(pieces) < 2:
            return pieces[0] if pieces else (_EMPTY, np.zeros((0, 0, 0), np.bool_))
        low = np.min([origin for origin, _ in pieces], axis=0)
        high = np.max([np.add(origin, piece.shape) for origin, piece in pieces], axis=0)
        whole: Occupancy = np.zeros(tuple(high - low), pieces[0][1].dtype)
        for origin, piece in pieces:
            at = tuple(
                slice(first, first + length)
                for first, length in zip(np.subtract(origin, low), piece.shape, strict=True)
            )
            whole[at] = piece
        return tuple(int(index) for index in low), whole


def filled_above(occupancy: NDArray[Any], level: float) -> NDArray[np.bool_]:
    """The cells that are filled, or filled to this level at least; what is of yes and no is no copy."""
    found: NDArray[np.bool_] = occupancy if occupancy.dtype == np.bool_ else occupancy >= level
    return found


def filled_box(filled: NDArray[np.bool_]) -> tuple[slice, ...] | None:
    """The least box that holds every true cell; None where there is none."""
    slices: list[slice] = []
    part = filled
    for axis in range(filled.ndim):
        others = tuple(other for other in range(filled.ndim) if other != axis)
        along = np.flatnonzero(part.any(axis=others))
        if not along.size:
            return None
        found = slice(int(along[0]), int(along[-1]) + 1)
        slices.append(found)
        part = part[(slice(None),) * axis + (found,)]
    return tuple(slices)
