"""The length that decides, against 1 cm: what a template needs to draw it on a scale."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hosr.findings import Plane
from hosr.language import message
from hosr.language.numbers import millimetres, uncertainty
from hosr.measure.magnification import patient_interval_mm
from hosr.narrative import words
from hosr.scales.extent import LIMIT_MM, is_bridged, is_gradable, longest_island
from hosr.scales.flags import uncertainty_mm
from hosr.vocabulary.terms import GapClass, ImagingModality

if TYPE_CHECKING:
    from hosr.findings import Length
    from hosr.language import Language
    from hosr.report import GradedHip
    from hosr.scales.setting import Setting
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
_STANDS_FOR = message("{length}: about {low} to {high} in the patient")
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


def describe_gap_scale(graded: GradedHip, setting: Setting, language: Language) -> dict[str, Plain]:
    """The scale of one hip; `shown` tells whether there is a length that decides its grade."""
    title, length = _deciding(graded, setting)
    if length is None:
        return {"shown": False}
    extent = _extent(length, setting, language)
    axis_mm = _axis(extent.high_mm)

    def x(mm: float) -> float:
        place = _place(mm, axis_mm)
        # However little is missing to 1 cm, it is seen.
        return min(place, _place(LIMIT_MM, axis_mm) - _STEP) if mm < LIMIT_MM else place

    bar = extent.bar_mm or (0.0, 0.0)
    said = language.say(title)
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
        "title": said,
        "text": extent.text,
        "limit_text": language.say(message("1 cm")),
        "end_text": language.say(message("{n} cm"), n=f"{axis_mm // 10}"),
        "alternative": language.say(message("{name}: {text}."), name=said, text=extent.text),
    }


def _deciding(graded: GradedHip, setting: Setting) -> tuple[str, Length | None]:
    """The longest island of a hip without spurs, else the gap, which lies between spurs.

    Nothing where bone bridges the joint, nor on MR, where no space decides, nor where a length was
    only marked.
    """
    hip = graded.hip
    if not is_gradable(hip) or is_bridged(hip) or setting.modality is ImagingModality.MR:
        return _GAP, None
    no_spur = hip.spurs.any is False
    title, length = (_ISLAND, longest_island(hip)) if no_spur else (_GAP, hip.gap)
    if length is None or (length.mm is None and length.gap_class is None):
        return title, None
    return title, length


def _extent(length: Length, setting: Setting, language: Language) -> _Extent:
    if length.mm is None:
        below = length.gap_class is GapClass.BELOW_10_MM
        low, high = (0.0, LIMIT_MM) if below else (LIMIT_MM, math.inf)
        text = language.say(_BELOW if below else _AT_LEAST)
        return _Extent(low_mm=low, high_mm=high, bar_mm=(low, high), is_measured=False, text=text)
    width = uncertainty_mm(length, setting)
    low = _least(replace(length, mm=max(0.0, length.mm - width)))
    high = _greatest(replace(length, mm=length.mm + width))
    read = _tell_reading(length.mm, length, width, language)
    if length.plane is Plane.PATIENT:
        return _Extent(low_mm=low, high_mm=high, value_mm=length.mm, text=read)
    stands_for = _least(length), _greatest(length)
    low_text, high_text = (millimetres(mm, language) for mm in stands_for)
    text = language.say(_STANDS_FOR, length=read, low=low_text, high=high_text)
    return _Extent(low_mm=low, high_mm=high, bar_mm=stands_for, text=text)


def _tell_reading(mm: float, length: Length, width: float, language: Language) -> str:
    """The length as it was read: its plane where that is not the patient, and its uncertainty."""
    told = millimetres(mm, language)
    if length.plane is not Plane.PATIENT:
        told = f"{told}, {language.say(words.PLANES[length.plane])}"
    return language.say(
        _ASSUMED if length.uncertainty_mm is None else _MEASURED,
        length=told,
        uncertainty=uncertainty(width, language),
    )


def _place(mm: float, axis_mm: int) -> float:
    share = min(max(mm, 0.0), axis_mm) / axis_mm
    return round(_MARGIN + share * (_WIDTH - 2 * _MARGIN), 1)


def _least(length: Length) -> float:
    return (patient_interval_mm(length) or (0.0, 0.0))[0]


def _greatest(length: Length) -> float:
    return (patient_interval_mm(length) or (0.0, 0.0))[1]


def _axis(high_mm: float) -> int:
    """The end of the axis: 2 cm, or the next whole centimetre beyond a length that ends."""
    if math.isinf(high_mm):
        return _LEAST_EXTENT_MM
    return max(_LEAST_EXTENT_MM, 10 * math.ceil((high_mm + 1) / 10))
