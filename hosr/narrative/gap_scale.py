"""The length that decides, against 1 cm: what a template needs to draw it on a scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.grading import LIMIT_MM, GradedLength, grades_beside_limit
from hosr.language import message
from hosr.language.numbers import millimetres, plane_words, span, uncertainty

if TYPE_CHECKING:
    from hosr.language import Language
    from hosr.report import GradedHip
    from hosr.templating.environment import Plain


# The drawing is this wide, with a margin for half of a word at either end of the axis.
_WIDTH = 400
_MARGIN = 34
_LEAST_EXTENT_MM = 20
_STEP = 0.1

_GAP = message("Space between opposing bone surfaces")
_ISLAND = message("Longest island of bone")
_MEASURED = message("{length}, uncertainty {uncertainty}")
_ASSUMED = message("{length}, uncertainty {uncertainty} (assumed)")
_STANDS_FOR = message("{length}: about {span} in the patient")
_BELOW = message("less than 1 cm, not measured")
_AT_LEAST = message("at least 1 cm, not measured")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extent:
    """A length on the axis: its value, or the bar of what it stands for in the patient.

    From `low_mm` to `high_mm` is that with its uncertainty, where it was measured.
    """

    low_mm: float
    high_mm: float
    bar_mm: tuple[float, float] | None = None
    value_mm: float | None = None
    is_measured: bool = True
    text: str


def describe_gap_scale(graded: GradedHip, language: Language) -> dict[str, Plain]:
    """The scale of one hip; `shown` tells whether there is a length that decides its grade."""
    title, length = _deciding(graded)
    if length is None:
        return {"shown": False}
    extent = _extent(length, language)
    axis_mm = _axis(extent.high_mm)

    def x(mm: float) -> float:
        place = _place(mm, axis_mm)
        # However little is missing to 1 cm, it is seen.
        return min(place, _place(LIMIT_MM, axis_mm) - _STEP) if mm < LIMIT_MM else place

    bar = extent.bar_mm or (0.0, 0.0)
    said = language.say(title)
    of_island = title == _ISLAND
    below_grades, above_grades = grades_beside_limit(of_island=of_island)
    return {
        "shown": True,
        "width": _WIDTH,
        "start": x(0),
        "limit": x(LIMIT_MM),
        "end": x(axis_mm),
        "low": x(extent.low_mm),
        "high": x(extent.high_mm),
        "has_uncertainty": extent.is_measured,
        "has_value": extent.value_mm is not None,
        "value": x(extent.value_mm or 0.0),
        "bar_start": x(bar[0]),
        "bar_end": x(bar[1]),
        "below_grades": below_grades,
        "above_grades": above_grades,
        "below_is_worse": not of_island,
        "title": said,
        "text": extent.text,
        "limit_text": language.say(message("1 cm")),
        "end_text": language.say(message("{n} cm"), n=f"{axis_mm // 10}"),
        "alternative": language.say(message("{name}: {text}."), name=said, text=extent.text),
    }


def _deciding(graded: GradedHip) -> tuple[str, GradedLength | None]:
    """The longest island of a hip without spurs, else the gap, which lies between spurs.

    Nothing where bone bridges the joint, nor on MR, where no space decides, nor where a length was
    only marked.
    """
    facts = graded.facts
    if facts.obstacle or facts.is_bridged or not facts.space_decides:
        return _GAP, None
    no_spur = graded.hip.spurs.any is False
    title, found = (_ISLAND, facts.longest_island) if no_spur else (_GAP, facts.gap)
    if found is None or (found.length.mm is None and found.length.gap_class is None):
        return title, None
    return title, found


def _extent(graded: GradedLength, language: Language) -> _Extent:
    if graded.length.mm is None or graded.patient_mm is None or graded.reach_mm is None:
        low, high = (0.0, LIMIT_MM) if graded.is_below else (LIMIT_MM, math.inf)
        text = language.say(_BELOW if graded.is_below else _AT_LEAST)
        return _Extent(low_mm=low, high_mm=high, bar_mm=(low, high), is_measured=False, text=text)
    low, high = graded.reach_mm
    read = _tell_reading(graded.length.mm, graded, language)
    if graded.in_patient:
        return _Extent(low_mm=low, high_mm=high, value_mm=graded.length.mm, text=read)
    text = language.say(_STANDS_FOR, length=read, span=span(*graded.patient_mm, language))
    return _Extent(low_mm=low, high_mm=high, bar_mm=graded.patient_mm, text=text)


def _tell_reading(mm: float, graded: GradedLength, language: Language) -> str:
    """The length as it was read: its plane where that is not the patient, and its uncertainty."""
    told = millimetres(mm, language)
    if not graded.in_patient:
        told = f"{told}, {plane_words(graded.length, language)}"
    return language.say(
        _ASSUMED if graded.length.uncertainty_mm is None else _MEASURED,
        length=told,
        uncertainty=uncertainty(graded.uncertainty_mm, language),
    )


def _place(mm: float, axis_mm: int) -> float:
    share = min(max(mm, 0.0), axis_mm) / axis_mm
    return round(_MARGIN + share * (_WIDTH - 2 * _MARGIN), 1)


def _axis(high_mm: float) -> int:
    """The end of the axis: 2 cm, or the next whole centimetre beyond a length that ends."""
    if math.isinf(high_mm):
        return _LEAST_EXTENT_MM
    return max(_LEAST_EXTENT_MM, 10 * math.ceil((high_mm + 1) / 10))
