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
_NONE = dt.timedelta()
# The days of two time zones may differ by one: an operation here, a grading in UTC.
_ZONES = dt.timedelta(days=1)
_EVENT, _GRADING = "$.context.index_event.date", "$.graded_at"
_REMEDIES = {_EVENT: "correct the date or leave it out", _GRADING: "correct the date"}


def find_time_contradictions(
    setting: Setting, graded_at: dt.datetime, birth_date: dt.date | None = None
) -> list[Fault]:
    """Contradictions of the times of birth, event, study and grading with one another."""
    graded, study = graded_at.date(), setting.study_date
    event = None if setting.context.index_event is None else setting.context.index_event.date
    zeros = (
        (_EVENT, f"the index event is of {event}", event in _DAYS_ZERO),
        (_GRADING, f"the grading is of {graded}", graded in _DAYS_ZERO),
    )
    faults = [
        Fault(path, f"{what}, which spreadsheets make of an empty cell", "correct it")
        for path, what, is_zero in zeros
        if is_zero
    ]
    orders = (
        (_EVENT, "the index event is later than the study", _is_before(study, event)),
        (_EVENT, "the index event is later than the grading", _is_before(graded, event, _ZONES)),
        (
            _EVENT,
            "the index event is earlier than the birth of the patient",
            _is_before(event, birth_date),
        ),
        (_GRADING, "the grading is earlier than the study", _is_before(graded, study, _ZONES)),
    )
    return faults or [
        Fault(path, problem, _REMEDIES[path]) for path, problem, is_broken in orders if is_broken
    ]


def _is_before(
    first: dt.date | None, second: dt.date | None, tolerance: dt.timedelta = _NONE
) -> bool:
    return first is not None and second is not None and second - first > tolerance
