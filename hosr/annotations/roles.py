"""What a label of a source stands for; no two models write the same names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from hosr.vocabulary.terms import Side

if TYPE_CHECKING:
    from hosr.annotations.sources import Figure


class Role(StrEnum):
    """What was drawn: a structure (an area or a volume), or a mark made for measuring."""

    PELVIS = "pelvis"
    FEMUR = "femur"
    IMPLANT = "implant"
    OSSIFICATION = "ossification"
    ISLAND = "island"
    PELVIC_SPUR = "pelvic_spur"
    FEMORAL_SPUR = "femoral_spur"
    SPUR = "spur"
    GAP = "gap"
    GAP_START = "gap_start"
    GAP_END = "gap_end"
    CALIBRATION = "calibration"
    IGNORE = "ignore"


ROLES = {
    Role.PELVIS: "the hip bone, without heterotopic bone",
    Role.FEMUR: "the femur, without heterotopic bone",
    Role.IMPLANT: "metal: no bone, and no end of a space",
    Role.OSSIFICATION: "heterotopic bone that nobody sorted: hosr tells islands, spurs and bridges apart",
    Role.ISLAND: "an island, as its maker sorted it",
    Role.PELVIC_SPUR: "a spur from the pelvis, as its maker sorted it",
    Role.FEMORAL_SPUR: "a spur from the femur, as its maker sorted it",
    Role.SPUR: "a spur from a bone that its maker does not name",
    Role.GAP: "a line across the space between opposing bone surfaces",
    Role.GAP_START: "a point at one end of that space",
    Role.GAP_END: "a point at its other end",
    Role.CALIBRATION: "a line across an object of known size (`true_mm`), such as the implant head",
    Role.IGNORE: "left out knowingly",
}

SKELETON = frozenset({Role.PELVIS, Role.FEMUR})
HETEROTOPIC = frozenset({Role.OSSIFICATION, Role.ISLAND, Role.PELVIC_SPUR, Role.FEMORAL_SPUR})
STRUCTURES = SKELETON | HETEROTOPIC | {Role.IMPLANT}
"""The roles of an area that is measured as a mask; a spur of no named bone says only that it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a label stands for, and of which hip (None: its maker does not say).

    `true_mm` is the known size of a calibration object.
    """

    role: Role
    side: Side | None = None
    true_mm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoledFigure:
    """One figure of a source, with the meaning of its label."""

    meaning: Meaning
    figure: Figure

    @property
    def role(self) -> Role:
        """What it stands for."""
        return self.meaning.role

    @property
    def side(self) -> Side | None:
        """Of which hip its label says it is."""
        return self.meaning.side

    @property
    def place(self) -> str:
        """Where it stands in its source."""
        return self.figure.place
