"""The order of birth, event, study, grading and today: what cannot have been before what.

Nothing here looks at a clock: whoever takes a record in, or a signature, passes the time by its own.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hosr.errors import Fault
from hosr.phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hosr.findings import Context
    from hosr.scales.scale import Setting


# What spreadsheets show for an empty cell or for 0, counting from 1900 or 1904.
_DAYS_ZERO = frozenset(
    {dt.date(1899, 12, 30), dt.date(1899, 12, 31), dt.date(1900, 1, 1), dt.date(1904, 1, 1)}
)
_NONE = dt.timedelta()
# The days of two time zones may differ by one: an operation here, a grading in UTC.
_ZONES = dt.timedelta(days=1)
# By how much a clock may be ahead of that of this machine.
_CLOCKS_DIFFER = dt.timedelta(minutes=5)
_GRADING = "$.graded_at"

IN_FUTURE = phrase("lies in the future")
"""What is said of it, at the end of a problem: it may be no fault any more the next time."""


def is_past(time: dt.datetime, now: dt.datetime) -> bool:
    """Whether a time has been, by the clock that says `now` and as far as clocks differ."""
    try:
        return time <= now + _CLOCKS_DIFFER
    except OverflowError:
        return False


def find_time_contradictions(
    setting: Setting,
    graded_at: dt.datetime,
    birth_date: dt.date | None = None,
    now: dt.datetime | None = None,
) -> list[Fault]:
    """Contradictions of the times of birth, event, study and grading with one another.

    Where it is taken in `now`, with that too: nobody has graded tomorrow.
    """
    graded = graded_at.date()
    faults = [
        fault for path, day in _event_dates(setting.context) for fault in _impossible(path, day)
    ]
    faults += _impossible(_GRADING, graded)
    if faults:
        return faults
    return [
        *_misplaced_events(setting, graded, birth_date),
        *_misplaced_grading(graded_at, setting.study_date, now),
    ]


def _misplaced_events(
    setting: Setting, graded: dt.date, birth_date: dt.date | None
) -> Iterator[Fault]:
    remedy = phrase("correct the date or leave it out")
    for path, event in _event_dates(setting.context):
        if _is_before(setting.study_date, event):
            yield Fault(path, phrase("the index event is later than the study"), remedy)
        if _is_before(graded, event, _ZONES):
            yield Fault(path, phrase("the index event is later than the grading"), remedy)
        if _is_before(event, birth_date):
            problem = phrase("the index event is earlier than the birth of the patient")
            yield Fault(path, problem, remedy)


def _misplaced_grading(
    graded_at: dt.datetime, study: dt.date | None, now: dt.datetime | None
) -> Iterator[Fault]:
    if _is_before(graded_at.date(), study, _ZONES):
        problem = phrase("the grading is earlier than the study")
        yield Fault(_GRADING, problem, phrase("correct the date"))
    if now is not None and not is_past(graded_at, now):
        remedy = phrase("correct the time, or the clock of this machine")
        yield Fault(_GRADING, phrase("the grading {in_future}", in_future=IN_FUTURE), remedy)


def _event_dates(context: Context) -> Iterator[tuple[str, dt.date]]:
    """The dates of the index events, each with its path in a record."""
    key = "index_event" if context.other_event is None else "index_events"
    for index, event in enumerate(context.events):
        if event.date is not None:
            at = "" if context.other_event is None else f"[{index}]"
            yield f"$.context.{key}{at}.date", event.date


def _impossible(path: str, date: dt.date) -> list[Fault]:
    if date not in _DAYS_ZERO:
        return []
    day = date.isoformat()
    what = (
        phrase("the grading is of {day}", day=day)
        if path == _GRADING
        else phrase("the index event is of {day}", day=day)
    )
    problem = phrase("{what}, which spreadsheets make of an empty cell", what=what)
    return [Fault(path, problem, phrase("correct it"))]


def _is_before(
    first: dt.date | None, second: dt.date | None, tolerance: dt.timedelta = _NONE
) -> bool:
    return first is not None and second is not None and second - first > tolerance
