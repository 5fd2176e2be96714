"""All that a hip is concluded from, and how surely its surfaces are known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hosr.annotations.account import Account
from hosr.annotations.masks.found import MaskSetting, RoledMask
from hosr.annotations.masks.joint import Joint
from hosr.annotations.masks.lattice import Lattice
from hosr.annotations.masks.limits import (
    BOUNDARY_SD_MM,
    BOUNDARY_SDS,
    LEVEL,
    LONGEST_EDGE_SHARE,
    MASK_CELLS,
    MOST_VOXEL_MM,
    PROBABILITY_CELLS,
    VOXEL_TOLERANCE_MM,
)
from hosr.annotations.masks.pieces import Piece
from hosr.annotations.masks.readings import LevelReading
from hosr.annotations.roles import Role
from hosr.findings import Boundary
from hosr.vocabulary.surfaces import SurfaceBasis
from hosr.vocabulary.terms import Side

# Edges of voxels are written to a ten-thousandth of a millimetre.
_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """What is known of one hip.

    `declared` are the roles of new bone that its source knows, whether or not there is any. `readings`
    begin with the level that decides, and are none where no new bone is labelled. `joint` is the
    fitted one, or says in words why there is none. `has_ramps` tells that probabilities fall slowly enough to
    place surfaces between cells.
    """

    side: Side
    declared: frozenset[Role]
    readings: tuple[LevelReading, ...]
    joint: Joint | str
    lattice: Lattice
    masks: Sequence[RoledMask]
    setting: MaskSetting
    account: Account
    has_ramps: bool

    @property
    def path(self) -> str:
        """The hip as a place in the account."""
        return f"{self.side.value} hip"

    @property
    def first(self) -> LevelReading | None:
        """What is found at the level that decides."""
        return self.readings[0] if self.readings else None

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The pieces at that level."""
        return self.first.found.pieces if self.first else ()

    @property
    def has_joint(self) -> bool:
        """Whether the joint is known, so that it can be left out."""
        return isinstance(self.joint, Joint)

    @property
    def is_measurable(self) -> bool:
        """Whether voxels are small enough to measure a gap between."""
        return self.lattice.is_film or max(self.lattice.edges) <= MOST_VOXEL_MM + VOXEL_TOLERANCE_MM

    @property
    def boundary_sd_mm(self) -> float:
        """How far a boundary is off, as the model states, or as is usual."""
        stated = self.setting.boundary_sd_mm
        return BOUNDARY_SD_MM if stated is None else stated

    @property
    def boundary(self) -> Boundary:
        """What the surfaces rest on."""
        return Boundary(
            basis=self._basis(),
            sd_mm=self.boundary_sd_mm,
            sd_is_stated=self.setting.boundary_sd_mm is not None,
            cell_mm=self._cell_mm() if self.lattice.is_mm else (),
            level=LEVEL,
        )

    def uncertainty_mm(self, cell_mm: float) -> float | None:
        """The 95 % half-width of a distance between two surfaces, for a cell of that size along it.

        Cells and boundary together.
        """
        if not self.lattice.is_mm:
            return None
        cells = PROBABILITY_CELLS if self.has_ramps else MASK_CELLS
        across_mm = LONGEST_EDGE_SHARE * max(self.lattice.edges)
        return math.hypot(cells * max(cell_mm, across_mm), BOUNDARY_SDS * self.boundary_sd_mm)

    def _cell_mm(self) -> tuple[float, ...]:
        return tuple(round(edge, _DIGITS) for edge in self.lattice.edges)

    def _basis(self) -> SurfaceBasis:
        if any(roled.mask.is_probability for roled in self.masks):
            return SurfaceBasis.PROBABILITIES
        soft = any(roled.mask.occupancy.dtype != np.bool_ for roled in self.masks)
        return SurfaceBasis.OCCUPANCY if soft else SurfaceBasis.MASK
