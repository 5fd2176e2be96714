"""The words that viewers show of a hip, its grades and its lengths, in every object alike.

Structural English, whatever the language of the narrative.
"""

from __future__ import annotations

from hosr.findings import Basis, Hip, Length, Plane
from hosr.language.numbers import LEAST_MM, round_mm
from hosr.report import GradedHip, Report
from hosr.scales import SCALES
from hosr.scales.scale import Grade
from hosr.version import FIRST_FORM
from hosr.vocabulary.terms import GapClass, Side

SIDES = {Side.RIGHT: "Right hip", Side.LEFT: "Left hip"}

_LETTERS = {Side.RIGHT: "R", Side.LEFT: "L"}
_PLANES = {
    Plane.PATIENT: "",
    Plane.DETECTOR: " at the detector, magnified",
    Plane.UNKNOWN: ", plane unknown",
    Plane.UNSTATED: ", plane not stated",
}
_BASES = {
    Basis.CALIBRATED_FIDUCIAL: " (calibrated spacing)",
    Basis.CALIBRATED_GEOMETRY: " (corrected spacing)",
    Basis.CALIBRATED_UNKNOWN: " (calibrated spacing)",
    Basis.ESTIMATED_ERMF: " (corrected for magnification)",
    Basis.ESTIMATED_DISTANCE: " (corrected for magnification)",
}
_CLASSES = {GapClass.AT_LEAST_10_MM: "at least 1 cm", GapClass.BELOW_10_MM: "less than 1 cm"}


def series_label(report: Report, kind: str, *, is_written_into: bool = False) -> str:
    """For instance "HO data: Brooker R III, L I (draft)"; lists of series show some 24 letters.

    What persons made of a draft stands before the grades, "HO data, signed: Brooker R III", for versions
    are listed one above the other. A grade that the findings exclude has a mark, "R II!": an attribute
    of 64 letters has no room for all that they leave, which every other label names. A series that a
    viewer may put a document of its own into names no grade, for it would stand above other lines than
    those it rests on.
    """
    if report.signing is not None:
        return f"HO {kind}, {report.status.label}: {_grades(report)}"
    if is_written_into and report.form != FIRST_FORM:
        sides = [graded.hip.side for graded in report.hips]
        hips = "both hips" if len(sides) > 1 else f"{sides[0].value} hip"
        return f"HO {kind}: {hips} ({report.status.label})"
    return f"HO {kind}: {_grades(report)} ({report.status.label})"


def _grades(report: Report) -> str:
    """For instance "Brooker R III, L I"."""
    title = SCALES[report.hips[0].grades[0].scale].title
    grades = ", ".join(
        f"{_LETTERS[graded.hip.side]} {'/'.join(grade.stated) or 'not graded'}"
        f"{'!' if grade.differs and report.form != FIRST_FORM else ''}"
        for graded in report.hips
        for grade in graded.grades[:1]
    )
    return f"{title} {grades}"


def hip_label(graded: GradedHip) -> str:
    """The side and the stated grades, for instance "Right hip: Brooker III, Della Valle C"."""
    return f"{SIDES[graded.hip.side]}: {', '.join(map(grade_label, graded.grades))}"


def compared_label(graded: GradedHip) -> str:
    """The same, with what the findings give where the source graded something else (W01)."""
    grades = (f"{grade_label(grade)}{_conflict(grade)}" for grade in graded.grades)
    return f"{SIDES[graded.hip.side]}: {', '.join(grades)}"


def _conflict(grade: Grade) -> str:
    return f" (findings {' or '.join(grade.possible)})" if grade.differs else ""


def grade_label(grade: Grade) -> str:
    """A stated grade with its system."""
    title = SCALES[grade.scale].title
    if not grade.stated:
        return f"{title} not graded"
    return f"{title} {' or '.join(grade.stated)}"


def length_label(length: Length, hip: Hip | None = None) -> str:
    """A length with its plane and origin; `hip` is whose calibration object it rests on."""
    return f"{plane_label(length)}{_basis_label(length, hip)}"


def plane_label(length: Length) -> str:
    """A length with its plane, where that is not the patient."""
    if length.mm is None:
        return "not measured" if length.gap_class is None else _CLASSES[length.gap_class]
    return f"{_millimetres(length.mm)}{_PLANES[length.plane]}"


def _basis_label(length: Length, hip: Hip | None) -> str:
    if length.mm is None:
        return ""
    if length.line is not None and length.line.is_projected:
        return " (across slices; what is drawn is its projection)"
    if length.basis is Basis.KNOWN_OBJECT and hip is not None and hip.calibration is not None:
        return f" (calibrated to a {hip.calibration.true_mm:g} mm object)"
    return _BASES.get(length.basis, "")


def _millimetres(mm: float) -> str:
    """To one place, and never nothing."""
    rounded = round_mm(mm)
    return f"less than {LEAST_MM} mm" if rounded is None else f"{rounded:.1f} mm"
