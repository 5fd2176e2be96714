"""Birth, event, study and grading: what cannot have been before what."""

from __future__ import annotations

import datetime as dt

import pytest

from hosr.errors import Fault
from hosr.findings import Context, IndexEvent, Person
from hosr.scales.chronology import find_time_contradictions, is_past
from hosr.scales.scale import Setting
from hosr.vocabulary.terms import Event, Side, View

BORN, EVENT, STUDY = dt.date(1956, 5, 4), dt.date(2025, 9, 1), dt.date(2026, 3, 2)
GRADED = dt.datetime(2026, 3, 2, 10, 15, tzinfo=dt.UTC)
EVENT_PATH, GRADED_PATH = "$.context.index_event.date", "$.graded_at"


def faults(
    *,
    event: dt.date | None = EVENT,
    study: dt.date | None = STUDY,
    graded: dt.datetime = GRADED,
    born: dt.date | None = BORN,
    now: dt.datetime | None = None,
) -> list[tuple[str, str]]:
    """Where and what is refused."""
    index_event = IndexEvent(procedure=Event.TOTAL_HIP_ARTHROPLASTY, date=event)
    setting = Setting(
        observer=Person(name="Test^Ada"),
        view=View.AP_PELVIS,
        context=Context(index_event=index_event),
        study_date=study,
    )
    return [
        (fault.path, fault.problem)
        for fault in find_time_contradictions(setting, graded, born, now)
    ]


def test_times_in_their_order_are_accepted() -> None:
    """Each may also be of the same day as the next, or unknown."""
    assert faults() == []
    assert faults(event=STUDY, born=STUDY) == []
    assert faults(event=None, study=None, born=None) == []


def test_the_day_of_a_grading_may_differ_by_a_time_zone() -> None:
    """Where it is still the day before, a study may be graded that is of today elsewhere."""
    assert faults(event=STUDY, graded=GRADED - dt.timedelta(days=1)) == []
    assert faults(graded=GRADED - dt.timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("given", "path", "problem"),
    [
        (
            {"event": dt.date(2026, 3, 3), "graded": GRADED + dt.timedelta(days=2)},
            EVENT_PATH,
            "the index event is later than the study",
        ),
        (
            {"event": dt.date(2026, 3, 4), "study": None},
            EVENT_PATH,
            "the index event is later than the grading",
        ),
        (
            {"event": dt.date(1955, 1, 1)},
            EVENT_PATH,
            "the index event is earlier than the birth of the patient",
        ),
        (
            {"graded": dt.datetime(2020, 3, 2, tzinfo=dt.UTC), "event": None},
            GRADED_PATH,
            "the grading is earlier than the study",
        ),
    ],
)
def test_what_cannot_have_been_is_refused(
    given: dict[str, object], path: str, problem: str
) -> None:
    """An event after the study or the grading, before birth; a grading before the study."""
    assert faults(**given) == [(path, problem)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ahead", "is_refused"),
    [
        (dt.timedelta(days=-9000), False),
        (dt.timedelta(), False),
        (dt.timedelta(minutes=5), False),
        (dt.timedelta(minutes=5, seconds=1), True),
        (dt.timedelta(days=9000), True),
    ],
)
def test_nobody_has_graded_later_than_now(ahead: dt.timedelta, *, is_refused: bool) -> None:
    """Clocks differ by minutes; what is further ahead is false, in whatever zone it is written."""
    here = (GRADED - ahead).astimezone(dt.timezone(dt.timedelta(hours=-9)))
    told = faults(event=None, study=None, born=None, now=here)
    assert told == ([(GRADED_PATH, "the grading lies in the future")] if is_refused else [])


def test_the_end_of_the_calendar_has_not_been() -> None:
    """A time that no clock could be set to by its offset is later than any."""
    last = dt.datetime.max.replace(tzinfo=dt.timezone(dt.timedelta(hours=-1)))
    assert not is_past(last, GRADED)


def test_the_event_of_each_hip_has_its_place_and_its_date() -> None:
    """Both are compared, and a fault says which of the two it is."""
    events = [
        IndexEvent(procedure=Event.TOTAL_HIP_ARTHROPLASTY, side=side, date=date)
        for side, date in ((Side.RIGHT, EVENT), (Side.LEFT, dt.date(2026, 3, 3)))
    ]
    setting = Setting(
        observer=Person(name="Test^Ada"),
        view=View.AP_PELVIS,
        context=Context(index_event=events[0], other_event=events[1]),
        study_date=STUDY,
    )
    (fault,) = find_time_contradictions(setting, GRADED, BORN)
    assert (fault.path, fault.problem) == (
        "$.context.index_events[1].date",
        "the index event is later than the study",
    )


def test_the_first_and_the_last_day_of_the_calendar_are_compared_too() -> None:
    """A date that nobody can mean is told in words as any other."""
    last = dt.datetime(9999, 12, 31, 12, tzinfo=dt.UTC)
    assert faults(graded=last) == []
    early = faults(event=dt.date.min, graded=last, study=dt.date.min)
    assert early == [(EVENT_PATH, "the index event is earlier than the birth of the patient")]


@pytest.mark.parametrize("zero", ["1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01"])
def test_the_day_zero_of_a_spreadsheet_is_named(zero: str) -> None:
    """An empty cell that a spreadsheet turned into a date is told as that, and as nothing else."""
    day = dt.date.fromisoformat(zero)
    said = f"is of {zero}, which spreadsheets make of an empty cell"
    assert faults(event=day) == [(EVENT_PATH, f"the index event {said}")]
    graded = dt.datetime.combine(day, dt.time(), dt.UTC)
    assert faults(graded=graded) == [(GRADED_PATH, f"the grading {said}")]


def test_a_fault_says_what_to_do() -> None:
    """A date that nobody needs may be left out."""
    setting = Setting(
        observer=Person(name="Test^Ada"),
        view=View.AP_PELVIS,
        context=Context(index_event=IndexEvent(procedure=Event.TRAUMA, date=dt.date(2027, 1, 1))),
        study_date=STUDY,
    )
    after = GRADED + dt.timedelta(days=900)
    assert find_time_contradictions(setting, after) == [
        Fault(
            EVENT_PATH,
            "the index event is later than the study",
            "correct the date or leave it out",
        )
    ]
