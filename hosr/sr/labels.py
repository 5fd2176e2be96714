"""The words that viewers show of a measurement group: its tracking identifier and its comment.

Viewers never show coded grades; so both say the side and the grade. They are structural English,
whatever the language of the narrative.
"""

from __future__ import annotations

from hosr.composite.labels import SIDES, grade_label, hip_label, length_label
from hosr.findings import Island
from hosr.report import GradedHip
from hosr.sr.regions import RegionKind
from hosr.vocabulary.terms import Side

# OHIF makes a drawn length editable when its identifier begins like this.
_HYDRATE_PREFIX = "Cornerstone3DTools@^0.1.0:Length:"
_HYDRATABLE = {RegionKind.GAP, RegionKind.ISLAND_LENGTH}

_REGIONS = {
    RegionKind.GAP: "gap",
    RegionKind.ISLAND_OUTLINE: "island 1",
    RegionKind.ISLAND_LENGTH: "island 1",
    RegionKind.FRAME: "not localised",
}


def hip_tracking(graded: GradedHip, kind: RegionKind, *, hydrate: bool) -> str:
    """For instance "Right hip gap, Brooker III"."""
    words = f"{SIDES[graded.hip.side]} {_REGIONS[kind]}, {grade_label(graded.grades[0])}"
    return _prefixed(words, kind, hydrate=hydrate)


def island_tracking(number: int, side: Side, kind: RegionKind, *, hydrate: bool) -> str:
    """For instance "Right hip island 2"."""
    return _prefixed(f"{SIDES[side]} island {number}", kind, hydrate=hydrate)


def hip_comment(graded: GradedHip) -> str:
    """For instance "Right hip: Brooker III, Della Valle C; gap 6.2 mm (32 mm object)"."""
    hip = graded.hip
    gap = "" if hip.gap is None else f"; gap {length_label(hip.gap, hip)}"
    return f"{hip_label(graded)}{gap}"


def island_comment(number: int, island: Island, side: Side) -> str:
    """For instance "Right hip: island 2, 14.0 mm"."""
    known = island.length is not None and island.length.mm is not None
    length = f", {length_label(island.length)}" if island.length is not None and known else ""
    return f"{SIDES[side]}: island {number}{length}"


def is_editable(tracking: str) -> bool:
    """Whether OHIF makes the line of this tracking identifier editable."""
    return tracking.startswith(_HYDRATE_PREFIX)


def _prefixed(words: str, kind: RegionKind, *, hydrate: bool) -> str:
    return f"{_HYDRATE_PREFIX}{words}" if hydrate and kind in _HYDRATABLE else words
