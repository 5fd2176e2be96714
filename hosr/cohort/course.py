"""The course of one subject in days: from the first study, from the index event, and by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from hosr.cohort.time_points import time_point
from hosr.vocabulary.terms import Event

if TYPE_CHECKING:
    from hosr.cohort.columns import Row
    from hosr.cohort.readings import HipReading
    from hosr.cohort.time_points import Window
    from hosr.findings import IndexEvent


UNDATED = "undated"

_INJURIES = frozenset(
    {Event.TRAUMA, Event.SPINAL_CORD_INJURY, Event.TRAUMATIC_BRAIN_INJURY, Event.BURN}
)


def study_days(readings: Iterable[HipReading]) -> dict[dt.date, int]:
    """Each date on which a subject was imaged, in order, with the days since the first."""
    dates = sorted({r.study_date for r in readings if r.study_date is not None})
    return {date: (date - dates[0]).days for date in dates}


def course_cells(
    readings: Sequence[HipReading], days: dict[dt.date, int], windows: Sequence[Window]
) -> list[Row]:
    """For each reading of one hip where it stands in time; `days` are those of the subject.

    A reading whose source names no index event has the last one before its study that another
    reading of the same hip names, or else the first one after it; one that names an operation
    without its date has the date of the last such operation.
    """
    known = {r.index_event for r in readings if r.index_event is not None}
    return [_cells(reading, _event(reading, known), days, windows) for reading in readings]


def _event(reading: HipReading, known: Iterable[IndexEvent]) -> IndexEvent | None:
    own, study_date = reading.index_event, reading.study_date
    if study_date is None or (own is not None and own.date is not None):
        return own
    dated = sorted(
        ((e.date, e.procedure, e) for e in known if e.date is not None), key=lambda each: each[:2]
    )
    if own is not None:
        dated = [each for each in dated if each[1] is own.procedure and each[0] <= study_date]
    before = [event for date, _, event in dated if date <= study_date]
    after = [event for date, _, event in dated if date > study_date]
    return next(iter([*before[-1:], *after]), own)


def _cells(
    reading: HipReading,
    event: IndexEvent | None,
    days: dict[dt.date, int],
    windows: Sequence[Window],
) -> Row:
    date = reading.study_date
    index_date = None if event is None else event.date
    since = None if date is None or index_date is None else (date - index_date).days
    label = reading.cells["follow_up_label"]
    if label is None and since is None:
        label = UNDATED if date is None else f"visit {[*days].index(date) + 1}"
    operation = None if event is None or event.procedure in _INJURIES else event.procedure.value
    return {
        "study_date": None if date is None else date.isoformat(),
        "study_day": None if date is None else days[date],
        "time_point": time_point(since, windows) if label is None and since is not None else label,
        "index_event": None if event is None else event.procedure.value,
        "index_date": None if index_date is None else index_date.isoformat(),
        "days_since_index": since,
        "procedure": reading.cells["procedure"] or operation,
    }
