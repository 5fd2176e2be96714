"""The order of birth, event, study and grading: what cannot have been before what."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hosr.errors import Fault

if TYPE_CHECKING:
    from hosr.scales.scale import Setting


# What spreadsheets show for an empty cell or for 0, counting from 1900 or 1904.
_DAYS_ZERO = frozenset(
    {dt.date(1899, 12, 30), dt.date(1899, 12, 31), dt.date(1900, 1, 1), dt.date(1904, 1, 1)}
)
_ONE_DAY = dt.timedelta(days=1)


def find_time_contradictions(
    setting: Setting, graded_at: dt.datetime, birth_date: dt.date | None = None
) -> list[Fault]:
    """Contradictions of the times of birth, event, study and grading with one another."""
    graded, event = graded_at.date(), setting.context.index_event
    moments = (
        ("$.context.index_event.date", "the index event", event.date if event else None),
        ("$.graded_at", "the grading", graded),
    )
    faults = [
        Fault(path, f"{what} is of {date}, which spreadsheets make of an empty cell", "correct it")
        for path, what, date in moments
        if date in _DAYS_ZERO
    ]
    if faults:
        return faults
    limits = (
        (moments[0], "later than the study", lambda date: _is_before(setting.study_date, date)),
        # The days of two time zones may differ by one: an operation here, a grading in UTC.
        (moments[0], "later than the grading", lambda date: graded + _ONE_DAY < date),
        (
            moments[0],
            "earlier than the birth of the patient",
            lambda date: _is_before(date, birth_date),
        ),
        (
            moments[1],
            "earlier than the study",
            lambda date: _is_before(date + _ONE_DAY, setting.study_date),
        ),
    )
    remedies = {
        "$.graded_at": "correct the date",
        "$.context.index_event.date": "correct the date or leave it out",
    }
    return [
        Fault(path, f"{what} is {problem}", remedies[path])
        for (path, what, date), problem, is_broken in limits
        if date is not None and is_broken(date)
    ]


def _is_before(first: dt.date | None, second: dt.date | None) -> bool:
    return first is not None and second is not None and first < second
