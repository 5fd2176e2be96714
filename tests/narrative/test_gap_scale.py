"""The scale shows the length that decides, on the side of 1 cm where its grade is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from hosr.comparison import Verdict, compare_hip
from hosr.findings import Hip, Island, Length, Plane
from hosr.language import ENGLISH, language_of
from hosr.narrative.gap_scale import describe_gap_scale
from hosr.report import Report
from hosr.scales.extent import below_limit, longest_island
from hosr.vocabulary.terms import Bridging, GapClass, Presence, View
from tests.comparison.cases import COMPARED
from tests.narrative.cases import (
    CASES,
    DENIED,
    DETECTOR,
    MODEL,
    a_report,
    hip,
    spurred,
    with_islands,
)
from tests.strategies import reports

_GAP = "Space between opposing bone surfaces"
_ISLAND = "Island of bone"
_LONGEST_ISLAND = "Longest island of bone"
_AXIS = {"shown": True, "width": 400, "start": 34.0, "limit": 200.0, "end": 366.0}
_TICKS = {"limit_text": "1 cm", "end_text": "2 cm"}


def _scale(only: Hip, **given_: Any) -> dict[str, Any]:
    """The scale of a hip, with plain blanks."""
    report = a_report(only, **given_)
    scale = describe_gap_scale(report, report.hips[0], ENGLISH)
    return {
        key: value.replace("\u00a0", " ") if isinstance(value, str) else value
        for key, value in scale.items()
    }


def _drawn(
    low: float,
    value: float | tuple[float, float],
    high: float,
    title: str,
    text: str,
    *,
    has_uncertainty: bool = True,
) -> dict[str, Any]:
    """A scale to 2 cm; a length without a value is a bar from one place to another."""
    bar = value if isinstance(value, tuple) else (34.0, 34.0)
    return {
        **_AXIS,
        **_TICKS,
        "low": low,
        "high": high,
        "has_uncertainty": has_uncertainty,
        "has_value": not isinstance(value, tuple),
        "value": 34.0 if isinstance(value, tuple) else value,
        "bar_start": bar[0],
        "bar_end": bar[1],
        "below_grades": "A" if title != _GAP else "III / C",
        "above_grades": "B" if title != _GAP else "II / B",
        "below_is_worse": title == _GAP,
        "title": title,
        "text": text,
        "alternative": f"{title}: {text}.",
        "day": "",
        "then": {"shown": False, "text": "", "day": ""},
    }


@pytest.mark.parametrize(
    ("only", "scale"),
    [
        pytest.param(
            spurred(Length(mm=6.0, uncertainty_mm=0.5)),
            _drawn(125.3, 133.6, 141.9, _GAP, "6.0 mm, uncertainty 0.5 mm"),
            id="measured",
        ),
        pytest.param(
            spurred(Length(mm=15.0)),
            _drawn(266.4, 283.0, 299.6, _GAP, "15.0 mm, uncertainty 1.0 mm (assumed)"),
            id="assumed uncertainty",
        ),
        pytest.param(
            spurred(Length(mm=0.0)),
            _drawn(34.0, 34.0, 50.6, _GAP, "0.0 mm, uncertainty 1.0 mm (assumed)"),
            id="contact",
        ),
        pytest.param(
            spurred(Length(mm=10.0)),
            _drawn(183.4, 200.0, 216.6, _GAP, "10.0 mm, uncertainty 1.0 mm (assumed)"),
            id="at the limit",
        ),
        pytest.param(
            spurred(Length(mm=9.9999999)),
            _drawn(183.4, 199.9, 216.6, _GAP, "9.9 mm, uncertainty 1.0 mm (assumed)"),
            id="hardly below the limit",
        ),
        pytest.param(
            spurred(Length(mm=11.4, **DETECTOR)),
            _drawn(
                172.1,
                (185.4, 198.6),
                213.0,
                _GAP,
                "11.4 mm, at the detector plane, uncertainty 1.0 mm (assumed): "
                "about 9.1 to 9.9 mm in the patient",
            ),
            id="at the detector",
        ),
        pytest.param(
            spurred(Length(mm=5.0, uncertainty_mm=0.0, plane=Plane.UNKNOWN)),
            _drawn(
                100.4,
                (100.4, 117.0),
                117.0,
                _GAP,
                "5.0 mm, plane not known, uncertainty 0.0 mm: about 4.0 to 5.0 mm in the patient",
            ),
            id="plane unknown",
        ),
        pytest.param(
            spurred(Length(gap_class=GapClass.BELOW_10_MM)),
            _drawn(
                34.0,
                (34.0, 200.0),
                200.0,
                _GAP,
                "less than 1 cm, not measured",
                has_uncertainty=False,
            ),
            id="class below",
        ),
        pytest.param(
            spurred(Length(gap_class=GapClass.AT_LEAST_10_MM)),
            _drawn(
                200.0,
                (200.0, 366.0),
                366.0,
                _GAP,
                "at least 1 cm, not measured",
                has_uncertainty=False,
            ),
            id="class above",
        ),
        pytest.param(
            with_islands(4.0, 8.0),
            _drawn(150.2, 166.8, 183.4, _LONGEST_ISLAND, "8.0 mm, uncertainty 1.0 mm (assumed)"),
            id="islands",
        ),
        pytest.param(
            with_islands(12.0, gap=Length(mm=6.0)),
            _drawn(216.6, 233.2, 249.8, _ISLAND, "12.0 mm, uncertainty 1.0 mm (assumed)"),
            id="island near bone",
        ),
    ],
)
def test_each_kind_of_length_is_drawn(only: Hip, scale: dict[str, Any]) -> None:
    """A value with its uncertainty, or a bar where only an interval is known."""
    assert _scale(only) == scale


def _then(name: str, tag: str = "en") -> dict[str, Any]:
    """The scale of the right hip of a report that is compared."""
    report = COMPARED[name]
    return describe_gap_scale(report, report.hips[0], language_of(tag))


def test_the_space_then_stands_on_the_same_scale() -> None:
    """Value, uncertainty and day of both; the drawing in words tells both."""
    scale = _then("compared_beyond_variation")
    assert (scale["low"], scale["value"], scale["high"]) == (120.3, 136.9, 153.5)
    assert scale["day"] == "this study, 2\u00a0March\u00a02026"
    told = "Earlier study, 2\u00a0March\u00a02025: 10.6\u00a0mm, uncertainty 1.0\u00a0mm (assumed)"
    assert scale["then"] == {
        "shown": True,
        "text": told,
        "day": "earlier study, 2\u00a0March\u00a02025",
        "low": 193.4,
        "value": 210.0,
        "high": 226.6,
        "has_uncertainty": True,
        "has_value": True,
        "bar_start": 34.0,
        "bar_end": 34.0,
    }
    assert scale["alternative"] == f"{_GAP}: {scale['text']}. {told}."


@pytest.mark.parametrize("name", COMPARED)
def test_no_drawing_suggests_a_comparison_that_the_text_denies(name: str) -> None:
    """The space then is drawn where the rules set both against one another; else the reason is told."""
    for graded in COMPARED[name].hips:
        scale = describe_gap_scale(COMPARED[name], graded, ENGLISH)
        compared = compare_hip(COMPARED[name], graded.hip.side)
        space = None if compared is None else compared.space
        if not scale["shown"]:
            continue
        is_comparable = space is not None and space.verdict is not Verdict.NOT_COMPARABLE
        assert scale["then"]["shown"] is is_comparable
        has_numbers = space is not None and space.change_mm is not None
        assert bool(scale["then"]["text"]) is has_numbers
        denied = "is not drawn beside it: the two are not comparable, because"
        assert (denied in scale["then"]["text"]) is (has_numbers and not is_comparable)
        assert scale["then"]["text"].rstrip(".") in scale["alternative"]


def test_a_long_length_has_a_longer_axis() -> None:
    """The axis ends at the next whole centimetre beyond the length and its uncertainty."""
    scale = _scale(spurred(Length(mm=38.5)))
    assert (scale["end_text"], scale["limit"]) == ("5 cm", 100.4)
    assert (scale["low"], scale["value"], scale["high"]) == (283.0, 289.6, 296.3)


def test_a_model_reads_less_exactly() -> None:
    """Where no uncertainty is given, it is that of the one who read."""
    assert _scale(spurred(Length(mm=6.0)), observer=MODEL)["text"] == (
        "6.0 mm, uncertainty 1.5 mm (assumed)"
    )


def test_the_scale_speaks_the_language() -> None:
    """Words and decimals are those of the language."""
    report = a_report(spurred(Length(mm=6.2, uncertainty_mm=0.5)))
    scale = describe_gap_scale(report, report.hips[0], language_of("de"))
    assert scale["text"] == "6,2\u00a0mm, Unsicherheit 0,5\u00a0mm"


@pytest.mark.parametrize(
    ("only", "view"),
    [
        pytest.param(hip(bridging=Bridging.CONFIRMED, gap=Length(mm=3.0)), None, id="bridged"),
        pytest.param(hip(bridging=Bridging.APPARENT), None, id="apparently bridged"),
        pytest.param(spurred(Length(mm=6.0)), View.MR, id="MR"),
        pytest.param(hip(presence=Presence.INDETERMINATE), None, id="not gradable"),
        pytest.param(hip(evaluable=False, not_evaluable_reason="Blur"), None, id="not evaluable"),
        pytest.param(hip(presence=Presence.ABSENT), None, id="absent"),
        pytest.param(spurred(None), None, id="no gap given"),
        pytest.param(hip(islands=(Island(length=Length(mm=8.0)),)), None, id="spurs not stated"),
        pytest.param(hip(islands=(Island(),), spurs=DENIED), None, id="island not measured"),
        pytest.param(CASES["marked_without_millimetres"].hips[0].hip, None, id="only marked"),
    ],
)
def test_nothing_is_drawn_where_no_length_decides(only: Hip, view: View | None) -> None:
    """Bridging, MR, a hip that cannot be graded, and lengths that nobody knows have no scale."""
    assert _scale(only, **({"view": view} if view else {})) == {"shown": False}


@given(reports())
def test_the_drawing_agrees_with_the_grade(report: Report) -> None:
    """All is in order on the axis, and a value stands on the side of 1 cm that decides the grade."""
    for graded in report.hips:
        scale: dict[str, Any] = describe_gap_scale(report, graded, ENGLISH)
        if not scale["shown"]:
            continue
        assert scale["start"] <= scale["low"] <= scale["high"] <= scale["end"]
        assert scale["start"] < scale["limit"] < scale["end"]
        if scale["has_value"]:
            assert scale["low"] <= scale["value"] <= scale["high"]
            is_gap = scale["title"] == _GAP
            length = graded.hip.gap if is_gap else longest_island(graded.hip)
            assert below_limit(length) == {scale["value"] < scale["limit"]}
        else:
            assert scale["low"] <= scale["bar_start"] <= scale["bar_end"] <= scale["high"]
