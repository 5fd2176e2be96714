"""What a length that was written as text should have been: the remedy, never a guess taken over."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hosr.vocabulary.terms import GapClass

ANY_LENGTH = '{"mm": 8.2} or {"points": [[column, row], [column, row]]}'

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
        return _any_form(may_be_class=may_be_class)
    if meant.gap_class:
        return json.dumps({"category": meant.gap_class})
    exact = f'{{"mm": {meant.mm}}}'
    return f'{exact}, with "uncertainty_mm" where it is known' if meant.about else exact


def _class_of(relation: str, mm: Decimal) -> GapClass | None:
    if relation in _AT_LEAST:
        return GapClass.AT_LEAST_10_MM if mm >= _LIMIT_MM else None
    within = mm < _LIMIT_MM or (relation == "<" and mm == _LIMIT_MM)
    return GapClass.BELOW_10_MM if within else None


def _any_form(*, may_be_class: bool) -> str:
    forms = ANY_LENGTH.replace(" or ", ", ") if may_be_class else ANY_LENGTH
    return f'{forms} or {{"category": ">=10mm"}}' if may_be_class else forms
