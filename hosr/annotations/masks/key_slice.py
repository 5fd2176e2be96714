"""The found surfaces, as outlines on the slice or film that shows best what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from hosr.annotations.masks.evidence import Evidence
from hosr.annotations.masks.found import FoundHip
from hosr.annotations.masks.lattice import Floats, Lattice
from hosr.annotations.masks.limits import LEVEL
from hosr.annotations.masks.outlines import area, graphic, simplify, trace
from hosr.annotations.masks.pieces import SPUR_OF, Piece
from hosr.annotations.masks.readings import LevelReading
from hosr.annotations.masks.scene import BONES, Bools, Field
from hosr.annotations.roles import Role
from hosr.annotations.slices import Slice, nearest_slice
from hosr.findings import Outline, Place, Polygon
from hosr.measure.length import in_patient_mm
from hosr.vocabulary.surfaces import Structure

# Outlines of less than this many pixels are left out, and of one structure all but the largest.
_LEAST_AREA_PIXELS = 4.0
_MOST_OUTLINES = 6


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """A structure to be outlined: its cells or how surely they are filled, and its first cell."""

    role: Role
    values: Bools | Field
    low: tuple[int, ...]
    level: float


def with_outlines(evidence: Evidence, hip: FoundHip) -> FoundHip:
    """The hip with its outlines; without any where no slice of the images is known."""
    first = evidence.first
    if first is None or not first.found.pieces:
        return hip
    if hip.place is not None:
        return replace(hip, outlines=_outlines_of_film(hip.place, _layers(evidence, first)))
    if not evidence.setting.planes:
        return hip
    plane = nearest_slice(evidence.setting.planes, [tuple(_middle_mm(evidence, hip))])
    return replace(hip, outlines=_outlines_on(plane, evidence.lattice, _layers(evidence, first)))


def _layers(evidence: Evidence, reading: LevelReading) -> Iterator[_Layer]:
    """The bones as they are labelled, and new bone by what it was found to be."""
    for roled in evidence.masks:
        if roled.role in (*BONES, Role.IMPLANT) and roled.mask.occupancy.size:
            yield _Layer(roled.role, roled.mask.occupancy, roled.mask.origin, LEVEL)
    for piece in reading.found.pieces:
        starts = (part.start for part in piece.window)
        low = tuple(map(sum, zip(reading.solids.box.low, starts, strict=True)))
        yield _Layer(_role(piece), piece.cells, low, LEVEL)


def _role(piece: Piece) -> Role:
    if piece.is_island:
        return Role.ISLAND
    spurs = [SPUR_OF[bone] for bone in BONES if piece.is_spur_of(bone)]
    return spurs[0] if len(spurs) == 1 else Role.OSSIFICATION


def _middle_mm(evidence: Evidence, hip: FoundHip) -> Floats:
    """The middle of the gap, else of the longest island, else of the largest piece."""
    measured = hip.gap or next(iter(hip.islands or ()), None)
    if measured is not None:
        first, second = (np.array(each, dtype=np.float64) for each in measured.ends)
        return (first + second) / 2
    largest = max(evidence.pieces, key=lambda piece: int(piece.cells.sum()))
    start = [part.start for part in largest.window]
    middle = np.argwhere(largest.cells).mean(axis=0) + start
    assert evidence.first is not None  # noqa: S101 (it has pieces)
    return evidence.lattice.to_mm(middle + np.array(evidence.first.solids.box.low))


def _outlines_on(plane: Slice, lattice: Lattice, layers: Iterable[_Layer]) -> tuple[Outline, ...]:
    """The outlines of structures where a slice of the images cuts them."""
    found: list[Outline] = []
    for layer in layers:
        index, first = _sample(plane, lattice, layer)
        if index is not None:
            values = layer.values.astype(np.float32, copy=False)
            cut = ndimage.map_coordinates(values, index, order=1, cval=0.0)
            found += _outlines(replace(layer, values=cut), first, plane.place)
    return tuple(found)


def _outlines_of_film(place: Place, layers: Iterable[_Layer]) -> tuple[Outline, ...]:
    """The outlines of structures on the film that they were drawn on."""
    return tuple(
        outline
        for layer in layers
        for outline in _outlines(layer, (layer.low[1], layer.low[0]), place)
    )


def _outlines(layer: _Layer, first: tuple[int, int], place: Place) -> Iterator[Outline]:
    """Those of one structure, the largest few."""
    for polygon in trace(layer.values, layer.level)[:_MOST_OUTLINES]:
        if area(polygon) >= _LEAST_AREA_PIXELS:
            corners = graphic(simplify(polygon) + np.array(first))
            surface = Polygon(corners=corners, place=place)
            yield Outline(structure=Structure(layer.role), polygon=surface)


def _sample(plane: Slice, lattice: Lattice, layer: _Layer) -> tuple[Floats | None, tuple[int, int]]:
    """Where the pixels of a slice lie among the cells of a structure, and the first of those pixels."""
    corners = np.array(
        [in_patient_mm((c + 0.5, r + 0.5), plane.frame) for c, r in ((0, 0), (1, 0), (0, 1))]
    )
    start = lattice.to_index(corners) - np.array(layer.low)
    origin, across, down = start[0], start[1] - start[0], start[2] - start[0]
    size = np.array(layer.values.shape)
    ends = np.array(np.meshgrid(*((-1, limit) for limit in size))).reshape(3, -1).T
    frame = np.column_stack((across, down, np.cross(across, down)))
    local = np.linalg.solve(frame, (ends - origin).T)
    if local[2].min() > 0 or local[2].max() < 0:
        return None, (0, 0)
    low = np.maximum(np.floor(local[:2].min(axis=1)).astype(int), 0)
    high = np.ceil(local[:2].max(axis=1)).astype(int) + 1
    high = np.minimum(high, (plane.columns, plane.rows))
    if (low >= high).any():
        return None, (0, 0)
    columns, rows = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
    index = origin[:, None, None] + across[:, None, None] * columns + down[:, None, None] * rows
    return index, (int(low[0]), int(low[1]))
