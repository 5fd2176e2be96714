"""The found surfaces, as outlines on the slice or film that shows best what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from hosr.annotations.masks.evidence import Evidence
from hosr.annotations.masks.found import FoundHip
from hosr.annotations.masks.lattice import Floats
from hosr.annotations.masks.limits import LEVEL
from hosr.annotations.masks.outlines import Layer, outlines_of_film, outlines_on
from hosr.annotations.masks.pieces import SPUR_OF, Piece
from hosr.annotations.masks.readings import LevelReading
from hosr.annotations.masks.scene import BONES
from hosr.annotations.roles import Role
from hosr.annotations.slices import nearest_slice


def with_outlines(evidence: Evidence, hip: FoundHip) -> FoundHip:
    """The hip with its outlines; without any where no slice of the images is known."""
    first = evidence.first
    if first is None or not first.found.pieces:
        return hip
    if hip.place is not None:
        return replace(hip, outlines=outlines_of_film(hip.place, _layers(evidence, first)))
    if not evidence.setting.planes:
        return hip
    plane = nearest_slice(evidence.setting.planes, [tuple(_middle_mm(evidence, hip))])
    return replace(hip, outlines=outlines_on(plane, evidence.lattice, _layers(evidence, first)))


def _layers(evidence: Evidence, reading: LevelReading) -> Iterator[Layer]:
    """The bones as they are labelled, and new bone by what it was found to be."""
    for roled in evidence.masks:
        if roled.role in (*BONES, Role.IMPLANT) and roled.mask.occupancy.size:
            yield Layer(roled.role, roled.mask.occupancy, roled.mask.origin, LEVEL)
    for piece in reading.found.pieces:
        starts = (part.start for part in piece.window)
        low = tuple(map(sum, zip(reading.solids.box.low, starts, strict=True)))
        yield Layer(_role(piece), piece.cells, low, LEVEL)


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
