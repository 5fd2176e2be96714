"""Flags: what a reader of the grade must know beside the grade.

W numbers are the project's warnings; a flag never changes a grade, it qualifies one.
"""

from __future__ import annotations

from enum import StrEnum

from hosr.codes import Code, hosr_code


class Flag(StrEnum):
    """One remark on the grading of one hip; members stand in the order they are printed."""

    NOT_EVALUABLE = "NOT_EVALUABLE"
    PRESENCE_INDETERMINATE = "PRESENCE_INDETERMINATE"
    GRADE_DIFFERS = "GRADE_DIFFERS"
    GRADE_UNSUPPORTED = "GRADE_UNSUPPORTED"
    EQUIVOCAL = "EQUIVOCAL"
    GAP_BOUNDARY = "GAP_BOUNDARY"
    ISLAND_BOUNDARY = "ISLAND_BOUNDARY"
    ISLAND_EQUIVOCAL = "ISLAND_EQUIVOCAL"
    UNCALIBRATED = "UNCALIBRATED"
    PLANE_UNSTATED = "PLANE_UNSTATED"
    GAP_MISSING = "GAP_MISSING"
    CATEGORICAL_GAP = "CATEGORICAL_GAP"
    CONTACT = "CONTACT"
    SPUR_UNKNOWN = "SPUR_UNKNOWN"
    BRIDGING_UNKNOWN = "BRIDGING_UNKNOWN"
    ISLAND_LENGTH_MISSING = "ISLAND_LENGTH_MISSING"
    ISLAND_NEAR_BONE = "ISLAND_NEAR_BONE"
    APPARENT_ONLY = "APPARENT_ONLY"
    VIEW_CONFLICT = "VIEW_CONFLICT"
    GAP_WITHOUT_SPURS = "GAP_WITHOUT_SPURS"
    GAP_WITH_BRIDGING = "GAP_WITH_BRIDGING"
    UNIT_SLIP = "UNIT_SLIP"
    VIEW_NOT_AP = "VIEW_NOT_AP"
    CROSS_SECTIONAL_BASIS = "CROSS_SECTIONAL_BASIS"
    EARLY_FILM = "EARLY_FILM"
    NO_ARTHROPLASTY = "NO_ARTHROPLASTY"
    MINERALIZATION_WITH_BRIDGING = "MINERALIZATION_WITH_BRIDGING"
    MODEL_BORDERLINE = "MODEL_BORDERLINE"
    CENTRAL_ORDER = "CENTRAL_ORDER"
    EARLY_MINERALIZATION = "EARLY_MINERALIZATION"
    EARLY_MATURITY = "EARLY_MATURITY"
    GRADE_FELL = "GRADE_FELL"
    GRADE_JUMPED = "GRADE_JUMPED"
    COMPARED_APART = "COMPARED_APART"
    LATE_GROWTH = "LATE_GROWTH"
    STAGE_BACKWARD = "STAGE_BACKWARD"


def _message(text: str) -> str:
    """Marks words that are said later, in the language of a reader."""
    return text


# flag: warning or vocabulary rule, code value, meaning
_ROWS: dict[Flag, tuple[str, str, str]] = {
    Flag.NOT_EVALUABLE: ("", "HO-F-NOT-EVAL", _message("Hip not evaluable")),
    Flag.PRESENCE_INDETERMINATE: ("V8", "HO-F-INDETERM", _message("Presence indeterminate")),
    Flag.GRADE_DIFFERS: (
        "W01",
        "HO-F-DIFFERS",
        _message("Grade of the source differs from the derived one"),
    ),
    Flag.GRADE_UNSUPPORTED: (
        "",
        "HO-F-UNSUPPORT",
        _message("Grade of the source without findings"),
    ),
    Flag.EQUIVOCAL: ("W15", "HO-F-EQUIVOCAL", _message("Gap within its uncertainty of 1 cm")),
    Flag.GAP_BOUNDARY: ("", "HO-F-GAP-10", _message("Gap of exactly 1 cm")),
    Flag.ISLAND_BOUNDARY: ("", "HO-F-ISLAND-10", _message("Longest island of exactly 1 cm")),
    Flag.ISLAND_EQUIVOCAL: (
        "W15",
        "HO-F-ISLAND-EQ",
        _message("Longest island within uncertainty of 1 cm"),
    ),
    Flag.UNCALIBRATED: ("W16", "HO-F-UNCALIB", _message("Length not calibrated to the patient")),
    Flag.PLANE_UNSTATED: (
        "W16",
        "HO-F-PLANE",
        _message("Length stated without a plane, image not calibrated"),
    ),
    Flag.GAP_MISSING: ("", "HO-F-GAP-MISSING", _message("Spurs without a measured gap")),
    Flag.CATEGORICAL_GAP: ("", "HO-F-GAP-CLASS", _message("Gap given as a class, not measured")),
    Flag.CONTACT: ("", "HO-F-CONTACT", _message("Bone surfaces in contact")),
    Flag.SPUR_UNKNOWN: ("", "HO-F-SPUR-UNKN", _message("Spurs not stated")),
    Flag.BRIDGING_UNKNOWN: ("", "HO-F-BRIDGE-UNKN", _message("Bridging not stated")),
    Flag.ISLAND_LENGTH_MISSING: ("", "HO-F-ISLAND-LEN", _message("Island without a length")),
    Flag.ISLAND_NEAR_BONE: ("", "HO-F-ISLAND-NEAR", _message("Island less than 1 cm from bone")),
    Flag.APPARENT_ONLY: ("W17", "HO-F-APPARENT", _message("Bridging apparent on one view only")),
    Flag.VIEW_CONFLICT: ("", "HO-F-VIEWS", _message("Views disagree on bridging")),
    Flag.GAP_WITHOUT_SPURS: ("W02", "HO-F-GAP-NOSPUR", _message("Gap given without spurs")),
    Flag.GAP_WITH_BRIDGING: ("W03", "HO-F-GAP-BRIDGE", _message("Gap given beside bridging")),
    Flag.UNIT_SLIP: ("W04", "HO-F-UNIT", _message("Length may be in centimetres")),
    Flag.VIEW_NOT_AP: (
        "W05",
        "HO-F-NOT-AP",
        _message("Graded on a view other than anteroposterior"),
    ),
    Flag.CROSS_SECTIONAL_BASIS: (
        "W06",
        "HO-F-CT-MR",
        _message("Graded on CT or MR, outside the systems"),
    ),
    Flag.EARLY_FILM: (
        "W07",
        "HO-F-EARLY-FILM",
        _message("Less than 12 weeks after the index event"),
    ),
    Flag.NO_ARTHROPLASTY: ("W08", "HO-F-NO-THA", _message("Graded without hip arthroplasty")),
    Flag.MINERALIZATION_WITH_BRIDGING: (
        "W13",
        "HO-F-MIN-BRIDGE",
        _message("Mineralization stage beside bridging"),
    ),
    Flag.MODEL_BORDERLINE: ("W14", "HO-F-MODEL", _message("Model scores close to one another")),
    Flag.CENTRAL_ORDER: ("V4", "HO-F-CENTRAL", _message("Mineralization began in the centre")),
    Flag.EARLY_MINERALIZATION: (
        "V10",
        "HO-F-MIN-10D",
        _message("Mineralization within 10 days of the event"),
    ),
    Flag.EARLY_MATURITY: (
        "V11",
        "HO-F-MAT-6W",
        _message("Mature bone within 6 weeks of the event"),
    ),
    Flag.GRADE_FELL: (
        "W09",
        "HO-F-FELL",
        _message("Lower grade than before, no excision recorded"),
    ),
    Flag.GRADE_JUMPED: (
        "W10",
        "HO-F-JUMPED",
        _message("Two classes or more from the grade before"),
    ),
    Flag.COMPARED_APART: (
        "W11",
        "HO-F-APART",
        _message("Compared across other views or calibrations"),
    ),
    Flag.LATE_GROWTH: (
        "W12",
        "HO-F-LATE",
        _message("More bone, beyond 3 years after arthroplasty"),
    ),
    Flag.STAGE_BACKWARD: ("V12", "HO-F-STAGE-BACK", _message("Earlier stage than before")),
}

FLAG_RULES: dict[Flag, str] = {flag: rule for flag, (rule, _, _) in _ROWS.items()}
FLAG_CODES: dict[Flag, Code] = {
    flag: hosr_code(value, meaning) for flag, (_, value, meaning) in _ROWS.items()
}
_ORDER = {flag: index for index, flag in enumerate(Flag)}


def in_order(flags: set[Flag] | frozenset[Flag]) -> tuple[Flag, ...]:
    """The flags as they are printed."""
    return tuple(sorted(flags, key=_ORDER.__getitem__))
