"""What each drawing tool and each maker writes, as tables: which concept is a length, which a side.

OHIF and Cornerstone name the tool in the tracking identifier, "Cornerstone3DTools@^0.1.0:Length". Codes
of SRT are what SNOMED CT was called in documents up to about 2024 (PS3.16 Annex O).
"""

from __future__ import annotations

import re
from enum import StrEnum

from hosr import codes
from hosr.annotations.sources import Form
from hosr.annotations.viewers.tree import Node
from hosr.vocabulary.terms import Side

_TOOL = re.compile(r"(?:cornerstone\w*|ohif\w*)@[^:]*:(\w+)(?::(.*))?", re.IGNORECASE | re.DOTALL)


class Tool(StrEnum):
    """What a figure was drawn with, as far as it matters for what may be taken from it."""

    LENGTH = "Length"
    BIDIRECTIONAL = "Bidirectional"
    ARROW = "ArrowAnnotate"
    PROBE = "Probe"
    OUTLINE = "PlanarFreehandROI"
    BOX = "RectangleROI"
    ANGLE = "Angle"
    ELLIPSE = "EllipticalROI"
    CIRCLE = "CircleROI"


_TOOLS = {tool.value.casefold(): tool for tool in Tool} | {
    "splineroi": Tool.OUTLINE,
    "livewirecontour": Tool.OUTLINE,
    "livewire": Tool.OUTLINE,
    "freehand": Tool.OUTLINE,
    "freehandroi": Tool.OUTLINE,
    "cobbangle": Tool.ANGLE,
    "ellipticalroi": Tool.ELLIPSE,
}

# A length along which something is measured; the short axis of a pair and a perimeter are none.
LENGTHS = frozenset(
    {
        ("SCT", "410668003"),  # Length
        ("SRT", "G-D7FE"),
        codes.DISTANCE.key,
        codes.LONG_AXIS.key,
        ("SRT", "G-A185"),
        ("SCT", "103339001"),
        ("SRT", "G-D785"),  # Distance
        ("DCM", "121211"),  # Path length
    }
)
SHORT_AXES = frozenset({("SCT", "103340004"), ("SRT", "G-A186")})

# What viewers put beside a figure to draw it again: where its text stands, and how its curve bends.
DRAWING_AID_SCHEMES = frozenset({"99CS3D"})

_LATERALITIES = (codes.LATERALITY.key, ("SRT", "G-C171"), codes.IMAGE_LATERALITY.key)
_SIDES = {
    codes.RIGHT.key: Side.RIGHT,
    ("SRT", "G-A100"): Side.RIGHT,
    codes.LEFT.key: Side.LEFT,
    ("SRT", "G-A101"): Side.LEFT,
}
_SITES = (codes.FINDING_SITE.key, ("SRT", "G-C0E3"))
_FINDINGS = (codes.FINDING.key,)
# Cornerstone up to 2024 wrote the label as the meaning of this code.
_FREE_TEXT = "CORNERSTONEFREETEXT"

_MM = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001}


def tool_of(group: Node) -> Tool | None:
    """The tool that a group was drawn with; None where its maker does not say, or it is unknown."""
    named = _tracking(group)
    return None if named is None else _TOOLS.get(named[1].casefold())


def _tracking(group: Node) -> re.Match[str] | None:
    for node in group.find(codes.TRACKING_IDENTIFIER.key):
        return _TOOL.fullmatch(node.text)
    return None


def labels_of(group: Node) -> tuple[str, ...]:
    """Every text of a group that may be its label, the likeliest first.

    The comment; the free text that stands for a code; the tracking identifier, without the tool.
    """
    comments = [node.text for node in group.find(codes.COMMENT.key, value_type="TEXT")]
    free = [
        node.answer.meaning
        for node in group.find(*_SITES, *_FINDINGS, value_type="CODE")
        if node.answer is not None and node.answer.value == _FREE_TEXT
    ]
    named = _tracking(group)
    tracking = [node.text for node in group.find(codes.TRACKING_IDENTIFIER.key)]
    identifiers = tracking if named is None else [_words_behind(named)]
    found = (" ".join(text.split()) for text in (*comments, *free, *identifiers))
    return tuple(dict.fromkeys(filter(None, found)))


def _words_behind(named: re.Match[str]) -> str:
    """What stands behind the tool, unless it is another tool's name."""
    words = named[2] or ""
    return "" if words.casefold() in _TOOLS else words


def tracking_uid_of(group: Node) -> str:
    """What the group is followed by."""
    return next((node.text for node in group.find(codes.TRACKING_UID.key)), "")


def sides_of(group: Node) -> frozenset[Side]:
    """The sides that a group names in codes: of its site, or by itself."""
    sites = list(group.find(*_SITES, value_type="CODE"))
    answers = [
        node.answer
        for holder in (group, *sites)
        for node in holder.find(*_LATERALITIES, value_type="CODE")
    ]
    keys = [answer.key for answer in answers if answer is not None]
    if any(key == codes.BILATERAL.key for key in keys):
        return frozenset(Side)
    return frozenset(_SIDES[key] for key in keys if key in _SIDES)


def form_of(kind: str, count: int, *, is_closed: bool, tool: Tool | None) -> Form | None:
    """The form of a shape by its graphic type and its tool; None for what nothing is taken from.

    An arrow points, and measures nothing. A box, a circle and an ellipse are drawn around a thing, and
    are no outline of it.
    """
    if tool is Tool.ANGLE:
        return None
    if tool is Tool.ARROW or (kind == "POINT" and count == 1):
        return Form.POINT
    if kind == "POLYLINE" and count == 2:
        return Form.LINE
    if tool in (Tool.BOX, Tool.ELLIPSE, Tool.CIRCLE) or kind in ("CIRCLE", "ELLIPSE"):
        return Form.BOX
    if kind in ("POLYGON", "ELLIPSOID"):
        return Form.POLYGON if kind == "POLYGON" else None
    is_outline = kind == "POLYLINE" and count >= 4 and (is_closed or tool is Tool.OUTLINE)
    return Form.POLYGON if is_outline else None


def in_mm(value: float, unit: str) -> float | None:
    """A length in mm by its UCUM unit; None where that is none of length."""
    factor = _MM.get(unit)
    return None if factor is None else value * factor
