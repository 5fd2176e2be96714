"""What a label of a source stands for; no two models write the same names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hosr.vocabulary.terms import Side


class Role(StrEnum):
    """What was drawn: a structure (an area or a volume), or a mark made for measuring.

    `OSSIFICATION` is heterotopic bone that nobody sorted yet; `ISLAND`, `PELVIC_SPUR` and
    `FEMORAL_SPUR` are sorted by their maker. A `GAP` is a line, or a `GAP_START` and a `GAP_END`;
    `CALIBRATION` a line across an object of known size. `SPUR` is one of a bone that nobody named.
    What is to be left out knowingly is `IGNORE`.
    """

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a label stands for, and of which hip (None: its maker does not say).

    `true_mm` is the known size of a calibration object.
    """

    role: Role
    side: Side | None = None
    true_mm: float | None = None
