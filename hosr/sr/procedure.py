"""The imaging procedure that was reported, as LOINC names it by view and side."""

from __future__ import annotations

from hosr.codes import Code
from hosr.vocabulary.terms import Side, View

_RIGHT, _LEFT, _BOTH = (Side.RIGHT,), (Side.LEFT,), (Side.RIGHT, Side.LEFT)


def _ln(value: str, meaning: str) -> Code:
    return Code(value, "LN", meaning)


_ANY_SIDE = {
    View.AP_PELVIS: _ln("37622-8", "XR Pelvis AP"),
    View.LATERAL: _ln("24762-7", "XR Hip Views"),
    View.OBLIQUE: _ln("24762-7", "XR Hip Views"),
    View.CT: _ln("36014-9", "CT Hip"),
    View.MR: _ln("36013-1", "MR Hip"),
}

# The sides are of the hips in the report; contrast is not known, so codes that deny it stay out.
PROCEDURES: dict[tuple[View, tuple[Side, ...]], Code] = {
    **{(view, sides): c for view, c in _ANY_SIDE.items() for sides in (_RIGHT, _LEFT, _BOTH)},
    (View.AP_HIP, _RIGHT): _ln("37726-7", "XR Hip - right AP"),
    (View.AP_HIP, _LEFT): _ln("36582-5", "XR Hip - left AP"),
    (View.AP_HIP, _BOTH): _ln("36581-7", "XR Hip AP"),
    (View.CT, _BOTH): _ln("36016-4", "CT Hip - bilateral"),
    (View.MR, _BOTH): _ln("36017-2", "MR Hip - bilateral"),
}


def procedure_reported(view: View, sides: tuple[Side, ...]) -> Code:
    """The procedure, `sides` with the right one first."""
    return PROCEDURES[view, sides]
