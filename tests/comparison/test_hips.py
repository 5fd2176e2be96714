"""What a comparison says of the grades, and what it flags: a report then, one now, and the smallest difference."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from hosr.comparison import COMPARISON_FLAGS, Comparison, compare_hip, flag_comparisons
from hosr.findings import Hip, Length, Person
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Event, Presence, Side, Stage, View
from tests.comparison.earlier import compared, earlier_report, signed, tha
from tests.narrative.cases import (
    ABSENT,
    CALIBRATED,
    DETECTOR,
    MODEL,
    READER,
    a_report,
    after,
    hip,
    spurred,
    with_islands,
)

OTHER = Person(name="Neri^Ada")


def _gap(mm: float) -> Hip:
    return spurred(Length(mm=mm, **CALIBRATED))


def _compare(then: Hip, now: Hip, **given: Any) -> Comparison:
    before = {key[5:]: value for key, value in given.items() if key.startswith("then_")}
    rest = {key: value for key, value in given.items() if not key.startswith("then_")}
    report = compared(
        a_report(now, **{"context": tha(), **rest}), signed(earlier_report(then, **before))
    )
    found = compare_hip(report, Side.RIGHT)
    assert found is not None
    assert set(report.hips[0].flags) & COMPARISON_FLAGS == set(found.flags)
    return found


def _graded(brooker: str, **given: Any) -> Hip:
    return hip(source_grades=(("brooker", (brooker,)),), **given)


def test_grades_are_told_then_and_now() -> None:
    """Each scale on which one of the two was graded, with the classes between."""
    found = _compare(_gap(10.6), _gap(6.2))
    told = [(pair.scale, pair.before, pair.after, pair.classes) for pair in found.grades]
    assert told == [("brooker", ("II",), ("III",), 1), ("della_valle", ("B",), ("C",), 1)]


@pytest.mark.parametrize(
    ("then", "now", "observer", "is_variation"),
    [
        (_gap(10.4), _gap(9.6), OTHER, True),  # within: 0.8 mm
        (_gap(10.4), _gap(9.6), READER, False),  # the same reader
        (_gap(12.0), _gap(6.2), OTHER, False),  # the space tells it
        (_graded("II"), _graded("III"), OTHER, True),
        (_graded("II"), _graded("III"), MODEL, True),
        (_graded("III"), _graded("II"), OTHER, True),
        (_graded("I"), _graded("III"), OTHER, False),  # two classes
        (_graded("II"), _graded("II"), OTHER, False),  # none
    ],
)
def test_one_class_between_two_readers_is_reading_variation(
    then: Hip, now: Hip, observer: Any, is_variation: bool
) -> None:
    """Unless the space differs beyond its own variation."""
    assert _compare(then, now, observer=observer).is_reading_variation is is_variation


def test_a_model_set_up_otherwise_is_another_reader() -> None:
    """As two versions of it are, and a model and a person; a person's name may be written otherwise."""
    set_up = replace(MODEL, parameters=(("threshold", "0.5"),))
    pairs = [
        (MODEL, MODEL, True),
        (MODEL, replace(MODEL, version="2.2.0"), False),
        (MODEL, set_up, False),
        (MODEL, READER, False),
        (READER, Person(name="BIANCHI^ANNA"), True),
        (READER, OTHER, False),
    ]
    for then, now, same in pairs:
        found = _compare(_gap(6.2), _gap(6.2), then_observer=then, observer=now)
        assert found.is_same_reader is same


_EXCISED = after(Event.EXCISION_OF_HETEROTOPIC_OSSIFICATION, 100)
_LONG_AGO, _RECENT = tha(dt.date(2020, 1, 7)), tha(dt.date(2023, 1, 7))


@pytest.mark.parametrize(
    ("flag", "then", "now", "given", "is_raised"),
    [
        (Flag.GRADE_FELL, _graded("III"), _graded("II"), {}, True),
        (Flag.GRADE_FELL, _graded("II"), _graded("III"), {}, False),
        (Flag.GRADE_FELL, _graded("III"), _graded("I"), {"context": _EXCISED}, False),
        (Flag.GRADE_JUMPED, _graded("I"), _graded("III"), {}, True),
        (Flag.GRADE_JUMPED, _graded("III"), _graded("I"), {}, True),
        (Flag.GRADE_JUMPED, _graded("II"), _graded("III"), {}, False),
        (Flag.COMPARED_APART, _gap(6.2), _gap(6.2), {"view": View.OBLIQUE}, True),
        (Flag.COMPARED_APART, _gap(6.2), spurred(Length(mm=6.2, **DETECTOR)), {}, True),
        (Flag.COMPARED_APART, _gap(6.2), _gap(6.2), {}, False),
        (Flag.LATE_GROWTH, _gap(10.6), _gap(6.2), {"context": _LONG_AGO}, True),
        (Flag.LATE_GROWTH, _gap(10.6), _gap(6.2), {"context": _RECENT}, False),
        (Flag.LATE_GROWTH, _gap(6.2), _gap(10.6), {"context": _LONG_AGO}, False),
        (Flag.LATE_GROWTH, hip(**ABSENT), with_islands(4.0), {"context": _LONG_AGO}, True),
        (
            Flag.LATE_GROWTH,
            _graded("I"),
            _graded("II"),
            {"context": _LONG_AGO, "observer": OTHER},
            False,  # reading variation
        ),
        (
            Flag.STAGE_BACKWARD,
            _graded("II", presence=Presence.PRESENT, stage=Stage.MATURATION),
            _graded("II", presence=Presence.PRESENT, stage=Stage.MINERALIZATION),
            {},
            True,
        ),
        (
            Flag.STAGE_BACKWARD,
            _graded("II", presence=Presence.PRESENT, stage=Stage.MINERALIZATION),
            _graded("II", presence=Presence.PRESENT, stage=Stage.MATURATION),
            {},
            False,
        ),
    ],
)
def test_what_raises_a_flag_of_a_comparison(
    flag: Flag, then: Hip, now: Hip, given: dict[str, Any], is_raised: bool
) -> None:
    """W09 to W12 and V12, each with its nearest neighbour that does not raise it."""
    assert (flag in _compare(then, now, **given).flags) is is_raised


def test_an_event_that_both_reports_name_lies_between_by_its_date() -> None:
    """The arthroplasty on the day of the earlier study, which knew of it, was before that study."""
    day = dt.date(2025, 3, 2)
    known = _compare(_gap(6.2), _gap(6.2), context=tha(day), then_context=tha(day))
    unknown = _compare(_gap(6.2), _gap(6.2), context=tha(day), then_context=tha(None))
    later = _compare(_gap(6.2), _gap(6.2), context=tha(dt.date(2025, 9, 1)), then_context=tha(None))
    assert (known.events, unknown.events, len(later.events)) == ((), (), 1)


def test_flags_of_a_comparison_go_with_it() -> None:
    """A report that is compared with nothing has none of them left."""
    report = compared(a_report(_graded("III"), context=tha()), signed(earlier_report(_graded("I"))))
    assert Flag.GRADE_JUMPED in report.hips[0].flags
    alone = flag_comparisons(replace(report, lookbacks=()))
    assert alone == a_report(_graded("III"), context=tha())


@pytest.mark.parametrize(
    ("operated", "is_early"),
    [(dt.date(2024, 12, 9), True), (dt.date(2024, 12, 8), False), (None, False)],
)
def test_an_earlier_film_soon_after_the_event_is_told(
    operated: dt.date | None, is_early: bool
) -> None:
    """83 days, and 84: 12 weeks (W07)."""
    found = _compare(_gap(6.2), _gap(6.2), context=tha(operated), then_context=tha(operated))
    assert found.is_early_prior is is_early
