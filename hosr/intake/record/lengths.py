"""Points, outlines and lengths as a record marks or states them, held to what DICOM can keep.

What a length that was written as text should have been is a remedy, never a guess taken over.
"""

from __future__ import annotations

import json
import math
import re
import struct
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from hosr.findings import to_graphic_precision
from hosr.intake.record.leaves import UID_PATTERN, Uid
from hosr.intake.record.refusal import refuse
from hosr.phrases import figures, phrase, several
from hosr.vocabulary.terms import GapClass

POINTS = "[column, row] as DICOM graphic data: (0, 0) is the top-left corner of the image."
POINTS_MM = "[x, y, z] in mm in the patient: to the left, to the back, to the head (LPS). CT or MR."
ONE_OR_TWO = "One for both points, or a list of two across the slices of a volume."

SAME_POINT = (phrase("marks the same point twice"), phrase("mark both ends"), "E05")

LONGEST_MM = 200.0
LARGEST_MASS_MM = 500.0
_FARTHEST_PIXEL = 65535.0  # Rows and Columns are VR US
# Graphic Data is VR FL, whose length field in explicit VR has 16 bits: 8191 points of 8 bytes.
_MOST_CORNERS = 8190
_FARTHEST_MM = 10_000.0  # no scanner reaches so far from where its coordinates begin
_MOST_FRAMES = 2**31 - 1  # Number of Frames is VR IS
MOST_ISLANDS = 100
# More distances or outlines are not looked at, and make a report large.
MOST_CANDIDATES, MOST_OUTLINES = 50, 100
_LARGEST_CELL_MM = 50.0

Corner = Annotated[
    list[Annotated[float, Field(ge=0, le=_FARTHEST_PIXEL, allow_inf_nan=False)]],
    Field(min_length=2, max_length=2),
]

SpaceCorner = Annotated[
    list[Annotated[float, Field(ge=-_FARTHEST_MM, le=_FARTHEST_MM, allow_inf_nan=False)]],
    Field(min_length=3, max_length=3),
]


def _rounded(points: list[list[float]]) -> list[list[float]]:
    """The points as 32-bit numbers, without a negative zero."""
    return [[to_graphic_precision(value) + 0.0 for value in point] for point in points]


def _check_ends(points: list[list[float]]) -> list[list[float]]:
    ends = _rounded(points)
    if ends[0] == ends[1]:
        raise refuse(*SAME_POINT)
    return ends


def _check_ends_in_space(points: list[list[float]]) -> list[list[float]]:
    ends = _check_ends(points)
    mm = math.dist(*ends)
    if mm > LONGEST_MM:
        problem = phrase(
            "are {mm} mm apart, more than {longest}",
            mm=figures(f"{mm:.1f}"),
            longest=figures(f"{LONGEST_MM:g}"),
        )
        raise refuse(problem, phrase("correct the points, in millimetres"), "E05")
    return ends


def distance_mm(points: Any) -> float | None:
    """How far apart two points lie that came as they came; None where they are no such points."""
    try:
        first, second = _rounded(points)
        mm = math.dist(first, second)
    except (TypeError, ValueError, OverflowError, struct.error):
        return None
    return mm if math.isfinite(mm) else None


def is_same_point(points: Any) -> bool:
    """Whether these are two points, as they came, that graphic data cannot tell apart."""
    try:
        first, second = _rounded(points)
    except (TypeError, ValueError, OverflowError, struct.error):
        return False
    return first == second and all(map(math.isfinite, first))


def _check_outline(points: list[list[float]]) -> list[list[float]]:
    corners = _rounded(points)
    if corners[0] == corners[-1]:
        corners = corners[:-1]
    if len({tuple(corner) for corner in corners}) < 3:
        raise refuse(phrase("has fewer than three different corners"), phrase("outline the region"))
    return corners


def check_no_repetition(words: list[Any]) -> list[Any]:
    """The words, each of which may be listed once."""
    if len(set(words)) < len(words):
        raise refuse(phrase("lists a word twice"), phrase("list each word once"))
    return words


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _one_or_two(item: dict[str, Any]) -> WithJsonSchema:
    several = {"type": "array", "items": item, "minItems": 1, "maxItems": 2}
    return WithJsonSchema({"anyOf": [item, several]})


Frame = Annotated[int, Field(ge=1, le=_MOST_FRAMES)]
Ends = Annotated[list[Corner], Field(min_length=2, max_length=2), AfterValidator(_rounded)]
# On one image, the ends of a line differ; across images they may lie at the same place of each.
EndsOnImage = Annotated[
    list[Corner], Field(min_length=2, max_length=2), AfterValidator(_check_ends)
]
EndsInSpace = Annotated[
    list[SpaceCorner],
    Field(min_length=2, max_length=2),
    AfterValidator(_check_ends_in_space),
]
Outline = Annotated[
    list[Corner], Field(min_length=3, max_length=_MOST_CORNERS), AfterValidator(_check_outline)
]
Images = Annotated[
    list[Uid],
    Field(min_length=1, max_length=2),
    BeforeValidator(_as_list),
    _one_or_two({"type": "string", "pattern": UID_PATTERN, "maxLength": 64}),
]
Frames = Annotated[
    list[Frame],
    Field(min_length=1, max_length=2),
    BeforeValidator(_as_list),
    _one_or_two({"type": "integer", "minimum": 1, "maximum": _MOST_FRAMES}),
]
Cell = Annotated[
    list[Annotated[float, Field(gt=0, le=_LARGEST_CELL_MM, allow_inf_nan=False)]],
    Field(min_length=2, max_length=3),
]
Level = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Uncertainty = Annotated[float, Field(ge=0, le=LONGEST_MM, allow_inf_nan=False)]


_FORMS_OF_LENGTH = ('{"mm": 8.2}', '{"points": [[column, row], [column, row]]}')

# "ca. 10 mm", ">= 1 cm", "9,5"; a comma with three digits after it could part thousands.
_LENGTH = re.compile(
    r"(?P<about>ca\.?|c\.|circa|about|approx\.?|~|≈)?\s*"
    r"(?P<relation>>=|=>|≥|<=|=<|≤|>|<)?\s*"
    r"(?P<number>\d{1,4}(?:\.\d{1,6}|,\d{1,2})?)\s*"
    r"(?P<unit>mm|cm)?",
    re.ASCII | re.IGNORECASE,
)
_AT_LEAST = frozenset({">=", "=>", "≥", ">"})
_LIMIT_MM = 10
_MOST_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Meant:
    """What a text most likely means: millimetres, or a class of gap, and whether roughly."""

    mm: str = ""
    gap_class: str = ""
    about: bool = False


def read_meaning(text: str, *, may_be_class: bool) -> Meant | None:
    """What a person meant by a length in words, if there is one plain meaning."""
    found = _LENGTH.fullmatch(text.strip()) if len(text) <= _MOST_CHARACTERS else None
    if found is None:
        return None
    number = Decimal(found["number"].replace(",", "."))
    mm = number * 10 if (found["unit"] or "").lower() == "cm" else number
    if not found["relation"]:
        return Meant(mm=f"{mm.normalize():f}", about=bool(found["about"]))
    gap_class = _class_of(found["relation"], mm) if may_be_class else None
    return Meant(gap_class=gap_class.value) if gap_class else None


def form_of_length(value: Any, *, may_be_class: bool) -> str:
    """How a length given as text or as a bare number is written in a record."""
    text = value if isinstance(value, str) else json.dumps(value)
    meant = read_meaning(text, may_be_class=may_be_class)
    if meant is None:
        return any_form(may_be_class=may_be_class)
    if meant.gap_class:
        return json.dumps({"category": meant.gap_class})
    exact = f'{{"mm": {meant.mm}}}'
    if not meant.about:
        return exact
    return phrase('{text}, with "uncertainty_mm" where it is known', text=exact)


def _class_of(relation: str, mm: Decimal) -> GapClass | None:
    if relation in _AT_LEAST:
        return GapClass.AT_LEAST_10_MM if mm >= _LIMIT_MM else None
    within = mm < _LIMIT_MM or (relation == "<" and mm == _LIMIT_MM)
    return GapClass.BELOW_10_MM if within else None


def any_form(*, may_be_class: bool) -> str:
    """The forms that a length may have, as a record writes them."""
    category = ('{"category": ">=10mm"}',) if may_be_class else ()
    return several((*_FORMS_OF_LENGTH, *category), "or")
