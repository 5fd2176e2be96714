"""The order of birth, event, study and grading: what cannot have been before what."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hosr.errors import Fault

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
_GRADING = "$.graded_at"


def find_time_contradictions(
    setting: Setting, graded_at: dt.datetime, birth_date: dt.date | None = None
) -> list[Fault]:
    """Contradictions of the times of birth, event, study and grading with one another."""
    graded, study = graded_at.date(), setting.study_date
    faults: list[Fault] = []
    for path, event in _event_dates(setting.context):
        faults += _impossible(path, f"the index event is of {event}", event)
    faults += _impossible(_GRADING, f"the grading is of {graded}", graded)
    if faults:
        return faults
    for path, event in _event_dates(setting.context):
        orders = (
            ("the index event is later than the study", _is_before(study, event)),
            ("the index event is later than the grading", _is_before(graded, event, _ZONES)),
            (
                "the index event is earlier than the birth of the patient",
                _is_before(event, birth_date),
            ),
        )
        faults += [
            Fault(path, problem, "correct the date or leave it out")
            for problem, is_broken in orders
            if is_broken
        ]
    if _is_before(graded, study, _ZONES):
        faults.append(Fault(_GRADING, "the grading is earlier than the study", "correct the date"))
    return faults


def _event_dates(context: Context) -> Iterator[tuple[str, dt.date]]:
    """The dates of the index events, each with its path in a record."""
    key = "index_event" if context.other_event is None else "index_events"
    for index, event in enumerate(context.events):
        if event.date is not None:
            at = "" if context.other_event is None else f"[{index}]"
            yield f"$.context.{key}{at}.date", event.date


def _impossible(path: str, what: str, date: dt.date) -> list[Fault]:
    problem = f"{what}, which spreadsheets make of an empty cell"
    return [Fault(path, problem, "correct it")] if date in _DAYS_ZERO else []


def _is_before(
    first: dt.date | None, second: dt.date | None, tolerance: dt.timedelta = _NONE
) -> bool:
    return first is not None and second is not None and second - first > tolerance
