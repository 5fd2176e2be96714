"""The order of birth, event, study, grading and today: what cannot have been before what.

Nothing here looks at a clock: whoever takes a record in, or a signature, passes the time by its own.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hosr.errors import Fault
from hosr.phrases import Phrase, phrase

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
    graded, study = graded_at.date(), setting.study_date
    faults: list[Fault] = []
    for path, event in _event_dates(setting.context):
        faults += _impossible(
            path, phrase("the index event is of {day}", day=event.isoformat()), event
        )
    faults += _impossible(
        _GRADING, phrase("the grading is of {day}", day=graded.isoformat()), graded
    )
    if faults:
        return faults
    for path, event in _event_dates(setting.context):
        orders = (
            (phrase("the index event is later than the study"), _is_before(study, event)),
            (
                phrase("the index event is later than the grading"),
                _is_before(graded, event, _ZONES),
            ),
            (
                phrase("the index event is earlier than the birth of the patient"),
                _is_before(event, birth_date),
            ),
        )
        faults += [
            Fault(path, problem, phrase("correct the date or leave it out"))
            for problem, is_broken in orders
            if is_broken
        ]
    if _is_before(graded, study, _ZONES):
        faults.append(
            Fault(
                _GRADING,
                phrase("the grading is earlier than the study"),
                phrase("correct the date"),
            )
        )
    if now is not None and not is_past(graded_at, now):
        remedy = phrase("correct the time, or the clock of this machine")
        faults.append(
            Fault(_GRADING, phrase("the grading {in_future}", in_future=IN_FUTURE), remedy)
        )
    return faults


def _event_dates(context: Context) -> Iterator[tuple[str, dt.date]]:
    """The dates of the index events, each with its path in a record."""
    key = "index_event" if context.other_event is None else "index_events"
    for index, event in enumerate(context.events):
        if event.date is not None:
            at = "" if context.other_event is None else f"[{index}]"
            yield f"$.context.{key}{at}.date", event.date


def _impossible(path: str, what: Phrase, date: dt.date) -> list[Fault]:
    problem = phrase("{what}, which spreadsheets make of an empty cell", what=what)
    return [Fault(path, problem, phrase("correct it"))] if date in _DAYS_ZERO else []


def _is_before(
    first: dt.date | None, second: dt.date | None, tolerance: dt.timedelta = _NONE
) -> bool:
    return first is not None and second is not None and second - first > tolerance
