"""The words that viewers show of a measurement group: its tracking identifier and its comment.

Viewers never show coded grades; so both say the side and the grade. They are structural English,
whatever the language of the narrative.
"""

from __future__ import annotations

from collections.abc import Sequence

from hosr.findings import Basis, Hip, Island, Length, Plane
from hosr.report import GradedHip
from hosr.scales import SCALES
from hosr.scales.rounding import LEAST_MM, round_mm
from hosr.scales.scale import Grade
from hosr.sr.regions import RegionKind
from hosr.vocabulary.terms import GapClass, Side

__all__ = [
    "grades_label",
    "hip_comment",
    "hip_tracking",
    "is_editable",
    "island_comment",
    "island_tracking",
    "series_label",
]

# OHIF makes a drawn length editable when its identifier begins like this.
_HYDRATE_PREFIX = "Cornerstone3DTools@^0.1.0:Length:"
_HYDRATABLE = {RegionKind.GAP, RegionKind.ISLAND_LENGTH}

_LETTERS = {Side.RIGHT: "R", Side.LEFT: "L"}
_SIDES = {Side.RIGHT: "Right hip", Side.LEFT: "Left hip"}
_REGIONS = {
    RegionKind.GAP: "gap",
    RegionKind.ISLAND_OUTLINE: "island 1",
    RegionKind.ISLAND_LENGTH: "island 1",
    RegionKind.FRAME: "not localised",
}
_PLANES = {
    Plane.PATIENT: "",
    Plane.DETECTOR: " at the detector, magnified",
    Plane.UNKNOWN: ", plane unknown",
}
_BASES = {
    Basis.CALIBRATED_FIDUCIAL: " (calibrated spacing)",
    Basis.CALIBRATED_GEOMETRY: " (corrected spacing)",
    Basis.CALIBRATED_UNKNOWN: " (calibrated spacing)",
    Basis.ESTIMATED_ERMF: " (corrected for magnification)",
    Basis.ESTIMATED_DISTANCE: " (corrected for magnification)",
}


def series_label(hips: Sequence[GradedHip], kind: str) -> str:
    """For instance "HO data: Brooker R III, L I (draft)"; lists of series show some 24 letters."""
    title = SCALES[hips[0].grades[0].scale].title
    grades = ", ".join(
        f"{_LETTERS[graded.hip.side]} {'/'.join(graded.grades[0].stated) or 'not graded'}"
        for graded in hips
    )
    return f"HO {kind}: {title} {grades} (draft)"


def hip_tracking(graded: GradedHip, kind: RegionKind, *, hydrate: bool) -> str:
    """For instance "Right hip gap, Brooker III"."""
    words = f"{_SIDES[graded.hip.side]} {_REGIONS[kind]}, {_grade_label(graded.grades[0])}"
    return _prefixed(words, kind, hydrate=hydrate)


def island_tracking(number: int, side: Side, kind: RegionKind, *, hydrate: bool) -> str:
    """For instance "Right hip island 2"."""
    return _prefixed(f"{_SIDES[side]} island {number}", kind, hydrate=hydrate)


def hip_comment(graded: GradedHip) -> str:
    """For instance "Right hip: Brooker III, Della Valle C; gap 6.2 mm (32 mm object)"."""
    hip = graded.hip
    gap = "" if hip.gap is None else f"; gap {_length_label(hip.gap, hip)}"
    return f"{_SIDES[hip.side]}: {grades_label(graded)}{gap}"


def island_comment(number: int, island: Island, side: Side) -> str:
    """For instance "Right hip: island 2, 14.0 mm"."""
    known = island.length is not None and island.length.mm is not None
    length = f", {_length_label(island.length)}" if island.length is not None and known else ""
    return f"{_SIDES[side]}: island {number}{length}"


def is_editable(tracking: str) -> bool:
    """Whether OHIF makes the line of this tracking identifier editable."""
    return tracking.startswith(_HYDRATE_PREFIX)


def grades_label(graded: GradedHip) -> str:
    """The stated grades, each with its system."""
    return ", ".join(map(_grade_label, graded.grades))


def _millimetres(mm: float) -> str:
    rounded = round_mm(mm)
    return f"less than {LEAST_MM} mm" if rounded is None else f"{rounded:.1f} mm"


def _grade_label(grade: Grade) -> str:
    title = SCALES[grade.scale].title
    if not grade.stated:
        return f"{title} not graded"
    return f"{title} {' or '.join(grade.stated)}"


def _length_label(length: Length, hip: Hip | None = None) -> str:
    if length.mm is None:
        words = {GapClass.AT_LEAST_10_MM: "at least 1 cm", GapClass.BELOW_10_MM: "less than 1 cm"}
        return "not measured" if length.gap_class is None else words[length.gap_class]
    basis = _BASES.get(length.basis, "")
    if length.basis is Basis.KNOWN_OBJECT and hip is not None and hip.calibration is not None:
        basis = f" (calibrated to a {hip.calibration.true_mm:g} mm object)"
    return f"{_millimetres(length.mm)}{_PLANES[length.plane]}{basis}"


def _prefixed(words: str, kind: RegionKind, *, hydrate: bool) -> str:
    return f"{_HYDRATE_PREFIX}{words}" if hydrate and kind in _HYDRATABLE else words
