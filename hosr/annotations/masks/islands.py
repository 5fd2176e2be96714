"""Islands: their longest diameters, and on a film their outlines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hosr.annotations.masks.evidence import Evidence
from hosr.annotations.masks.found import FoundIsland
from hosr.annotations.masks.lattice import Floats
from hosr.annotations.masks.outlines import graphic, simplify, trace
from hosr.annotations.masks.pieces import Piece
from hosr.annotations.masks.readings import LevelReading
from hosr.annotations.masks.scene import NEW_BONE, Solids
from hosr.annotations.masks.surfaces import crossings, longest_diameter, settle_diameter
from hosr.annotations.roles import Role


@dataclass(frozen=True, slots=True, eq=False)
class _Diameter:
    piece: Piece
    start_mm: Floats
    end_mm: Floats

    @property
    def length(self) -> float:
        return float(np.linalg.norm(self.end_mm - self.start_mm))


def find_islands(evidence: Evidence) -> tuple[FoundIsland, ...] | None:
    """Every island and what may be one, the longest first; None where nobody searched for them."""
    if evidence.first is None:
        return () if evidence.declared & {Role.OSSIFICATION, Role.ISLAND} else None
    measured = _measure(evidence.first)
    if not measured and not evidence.declared & {Role.OSSIFICATION, Role.ISLAND}:
        return None
    others = [_measure(reading) for reading in evidence.readings[1:]]
    apart = [abs(other[0].length - measured[0].length) for other in others if other and measured]
    return tuple(
        _island(evidence, evidence.first, each, apart if place == 0 else [])
        for place, each in enumerate(measured)
    )


def _measure(reading: LevelReading) -> list[_Diameter]:
    pieces = (p for p in reading.found.pieces if p.is_island or p.is_unsure)
    is_soft = reading.solids.has_ramps
    measured = (_diameter(reading.solids, piece, is_soft=is_soft) for piece in pieces)
    return sorted(measured, key=lambda each: -each.length)


def _diameter(solids: Solids, piece: Piece, *, is_soft: bool) -> _Diameter:
    """Between the two points of its whole surface that lie farthest apart; the grid's border ends it."""
    depth = solids.depth(*NEW_BONE)
    window = None if depth is None else np.pad(depth[piece.window], 1)
    cells = np.pad(piece.cells, 1)
    points = crossings(cells, ~cells, window, solids.level) - 1.0
    start = np.array(solids.box.low) + np.array([part.start for part in piece.window])
    lattice = solids.lattice
    ends = longest_diameter(lattice.to_mm(points + start))
    centres = lattice.to_mm(np.argwhere(piece.cells) + start)
    cell_mm = lattice.extent_along_mm(*ends)
    settled = settle_diameter(centres, ends, cell_mm, is_soft=is_soft)
    most = np.array(lattice.grid.shape) - 0.5
    return _Diameter(piece, *lattice.to_mm(np.clip(lattice.to_index(settled), -0.5, most)))


def _island(
    evidence: Evidence, reading: LevelReading, found: _Diameter, apart: list[float]
) -> FoundIsland:
    lattice = evidence.lattice
    uncertainty = evidence.uncertainty_mm(lattice.extent_along_mm(found.start_mm, found.end_mm))
    volume = None if lattice.is_film else float(found.piece.cells.sum()) * lattice.cell
    return FoundIsland(
        ends=(lattice.coordinates(found.start_mm), lattice.coordinates(found.end_mm)),
        mm=found.length if lattice.is_mm else None,
        uncertainty_mm=None if uncertainty is None else max([uncertainty, *apart]),
        outline=_outline(reading.solids, found.piece) if lattice.is_film else (),
        volume_mm3=volume,
        may_be_spur=found.piece.is_unsure,
    )


def _outline(solids: Solids, piece: Piece) -> tuple[tuple[float, float], ...]:
    depth = solids.depth(*NEW_BONE)
    values = piece.cells if depth is None else np.where(piece.cells, depth[piece.window], 0)
    polygon = simplify(trace(values, solids.level)[0])
    row, column = (low + part.start for low, part in zip(solids.box.low, piece.window, strict=True))
    return graphic(polygon + np.array([column, row]))
