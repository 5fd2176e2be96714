"""The length that decides, against 1 cm: what a template needs to draw it on a scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hosr.comparison import compare_hip, grade_space_then
from hosr.grading import LIMIT_MM, GradedLength, grades_beside_limit
from hosr.language import message
from hosr.language.numbers import dicom_day, millimetres, plane_words, span, uncertainty
from hosr.narrative.comparison import tell_reasons

if TYPE_CHECKING:
    from hosr.language import Language
    from hosr.report import GradedHip, Report


# The drawing is this wide, with a margin for half of a word at either end of the axis.
_WIDTH = 400
_MARGIN = 34
_LEAST_EXTENT_MM = 20
_STEP = 0.1

_GAP = message("Space between opposing bone surfaces")
_ISLAND = message("Island of bone")
_LONGEST_ISLAND = message("Longest island of bone")
_MEASURED = message("{length}, uncertainty {uncertainty}")
_ASSUMED = message("{length}, uncertainty {uncertainty} (assumed)")
_STANDS_FOR = message("{length}: about {span} in the patient")
_BELOW = message("less than 1 cm, not measured")
_AT_LEAST = message("at least 1 cm, not measured")
_THEN = message("Earlier study, {date}")
_NOT_DRAWN = message(
    "The space in the earlier study, {date}, is not drawn beside it: the two are not comparable, because "
    "{reasons}."
)
# Translators: beside marks on the scale of a length
_DAY_NOW = message("this study, {date}")
_DAY_THEN = message("earlier study, {date}")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Earlier:
    """The space of an earlier report: where it is drawn, what is said of it, and the days of both."""

    extent: _Extent | None = None
    text: str = ""
    day_then: str = ""
    day_now: str = ""


def describe_gap_scale(report: Report, graded: GradedHip, language: Language) -> dict[str, Any]:
    """The scale of one hip; `shown` tells whether there is a length that decides its grade.

    Where the hip is compared, the space then stands below the one now; where the two are not
    comparable, words say so and nothing is drawn of it.
    """
    title, length = _deciding(graded)
    if length is None:
        return {"shown": False}
    extent = _extent(length, language)
    earlier = _earlier(graded, report, language) if title == _GAP else _Earlier()
    then = earlier.extent
    axis_mm = max(_axis(each.high_mm) for each in (extent, then) if each is not None)
    said, of_island = language.say(title), title != _GAP
    below_grades, above_grades = grades_beside_limit(of_island=of_island)
    told = [language.say(message("{name}: {text}."), name=said, text=extent.text)]
    told += [f"{earlier.text.rstrip('.')}."] if earlier.text else []
    return {
        "shown": True,
        "width": _WIDTH,
        "start": _x(0, axis_mm),
        "limit": _x(LIMIT_MM, axis_mm),
        "end": _x(axis_mm, axis_mm),
        **_marks(extent, axis_mm),
        "below_grades": below_grades,
        "above_grades": above_grades,
        "below_is_worse": not of_island,
        "title": said,
        "text": extent.text,
        "limit_text": language.say(message("1 cm")),
        "end_text": language.say(message("{n} cm"), n=f"{axis_mm // 10}"),
        "alternative": " ".join(told),
        "day": earlier.day_now,
        "then": {
            "shown": then is not None,
            "text": earlier.text,
            "day": earlier.day_then,
            **({} if then is None else _marks(then, axis_mm)),
        },
    }


def _marks(extent: _Extent, axis_mm: int) -> dict[str, Any]:
    """Where a length, its bar and its uncertainty stand on the axis."""
    bar = extent.bar_mm or (0.0, 0.0)
    return {
        "low": _x(extent.low_mm, axis_mm),
        "high": _x(extent.high_mm, axis_mm),
        "has_uncertainty": extent.is_measured,
        "has_value": extent.value_mm is not None,
        "value": _x(extent.value_mm or 0.0, axis_mm),
        "bar_start": _x(bar[0], axis_mm),
        "bar_end": _x(bar[1], axis_mm),
    }


def _x(mm: float, axis_mm: int) -> float:
    """A place on the axis; however little is missing to 1 cm, it is seen."""
    place = _place(mm, axis_mm)
    return min(place, _place(LIMIT_MM, axis_mm) - _STEP) if mm < LIMIT_MM else place


def _earlier(graded: GradedHip, report: Report, language: Language) -> _Earlier:
    """The space of an earlier report, where both have millimetres and are not of a bridged hip."""
    compared = compare_hip(report, graded.hip.side)
    space = None if compared is None else compared.space
    if compared is None or space is None or space.before is None or space.change_mm is None:
        return _Earlier()
    date = dicom_day(compared.prior.report.study_date, language)
    then = grade_space_then(compared)
    if then is None:
        reasons = tell_reasons(compared, space, language)
        return _Earlier(text=language.say(_NOT_DRAWN, date=date, reasons=reasons))
    extent = _extent(then, language)
    now = report.subject.study.date
    return _Earlier(
        extent=extent,
        text=language.labelled(language.say(_THEN, date=date), extent.text),
        day_then=language.say(_DAY_THEN, date=date),
        day_now=language.say(_DAY_NOW, date=dicom_day(now, language)) if now else "",
    )


def _deciding(graded: GradedHip) -> tuple[str, GradedLength | None]:
    """The longest island of a hip without spurs, else the gap, which lies between spurs.

    Nothing where bone bridges the joint, nor on MR, where no space decides, nor where a length was
    only marked.
    """
    facts = graded.facts
    if facts.obstacle or facts.is_bridged or not facts.space_decides:
        return _GAP, None
    no_spur = graded.hip.spurs.any is False
    island = _ISLAND if len(graded.hip.islands or ()) == 1 else _LONGEST_ISLAND
    title, found = (island, facts.longest_island) if no_spur else (_GAP, facts.gap)
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
