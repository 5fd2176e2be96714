"""Dates: read by their named form, completed by what the mapping says, or refused."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.intake.registry.cells import Dated, DateProblem, read_day, read_instant
from hosr.intake.registry.mapping import TableForm

_BERLIN = TableForm(timezone=ZoneInfo("Europe/Berlin"), time=dt.time(12))
_BARE = TableForm()
_GERMAN = ("%d.%m.%Y",)
_CLOCK = ("%d.%m.%Y %H:%M",)
_OFFSET = "offset of Europe/Berlin"


_INSTANTS = (
    ("02.03.2026 10:15", _CLOCK, _BERLIN,
     Dated("2026-03-02T10:15:00+01:00", ("date %d.%m.%Y %H:%M", _OFFSET))),
    ("02.03.2026 10:15", (*_GERMAN, *_CLOCK), _BERLIN,
     Dated("2026-03-02T10:15:00+01:00", ("date %d.%m.%Y %H:%M", _OFFSET))),
    ("02.03.2026 10:15 +0200", ("%d.%m.%Y %H:%M %z",), _BARE,
     Dated("2026-03-02T10:15:00+02:00", ("date %d.%m.%Y %H:%M %z",))),
    ("2026-03-02T10:15:00Z", (), _BARE, Dated("2026-03-02T10:15:00Z")),
    ("2026-03-02 10:15", (), _BERLIN, Dated("2026-03-02T10:15:00+01:00", (_OFFSET,))),
    ("2026-03-02", (), _BERLIN,
     Dated("2026-03-02T12:00:00+01:00", (_OFFSET,), ("12:00 as the time of day",))),
    ("2026-03-02 00:00:00", (), _BERLIN,
     Dated("2026-03-02T00:00:00+01:00", (_OFFSET,), ("00:00 is taken for the time of day",))),
    (dt.date(2026, 3, 2), _GERMAN, _BERLIN,
     Dated("2026-03-02T12:00:00+01:00", (_OFFSET,), ("12:00 as the time of day",))),
    (dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), _GERMAN, _BERLIN,
     Dated("2026-03-02T09:00:00+00:00")),
)  # fmt: skip


@pytest.mark.parametrize(("cell", "forms", "table", "dated"), _INSTANTS)
def test_a_moment_is_completed_by_the_table(
    cell: object, forms: tuple[str, ...], table: TableForm, dated: Dated
) -> None:
    """An offset that is written stays; a zone and a time are added where the mapping has them."""
    assert read_instant(cell, forms, table) == dated


_NO_INSTANTS = (
    ("31.02.2026", _GERMAN, _BERLIN, 'is no date as "%d.%m.%Y"',
     "correct it, or name its form in [table] dates"),
    ("2026-03-02", _GERMAN, _BERLIN, 'is no date as "%d.%m.%Y"',
     "correct it, or name its form in [table] dates"),
    ("02.03.26", _GERMAN, _BERLIN, 'is no date as "%d.%m.%Y"',
     "correct it, or name its form in [table] dates"),
    ("02.03.2026", (), _BERLIN, "is no date as ISO 8601",
     "correct it, or name its form in [table] dates"),
    ("45000", (), _BERLIN, "is no date as ISO 8601",
     "correct it, or name its form in [table] dates"),
    (45000, (), _BERLIN, "is a number, not a date", "write it as a date"),
    ("02/03/2026", ("%d/%m/%Y", "%m/%d/%Y"), _BERLIN,
     'may be two dates, by "%d/%m/%Y" and "%m/%d/%Y"', "keep one of them in dates"),
    ("02.03.2026", _GERMAN, _BARE, "has no time of day",
     'write time = "12:00" in [table], if that may stand for it'),
    ("02.03.2026 10:15", _CLOCK, _BARE, "has no offset from UTC",
     'write timezone = "Europe/Berlin" in [table], for example'),
    ("29.03.2026 02:30", _CLOCK, _BERLIN,
     "is a time that the clocks skipped in Europe/Berlin", "write its offset from UTC too, with %z"),
    ("25.10.2026 02:30", _CLOCK, _BERLIN,
     "is an hour that came twice in Europe/Berlin", "write its offset from UTC too, with %z"),
)  # fmt: skip


@pytest.mark.parametrize(("cell", "forms", "table", "problem", "remedy"), _NO_INSTANTS)
def test_a_moment_that_is_open_is_refused(
    cell: object, forms: tuple[str, ...], table: TableForm, problem: str, remedy: str
) -> None:
    """Impossible, ambiguous and incomplete dates are named, with what to write."""
    with pytest.raises(DateProblem, match=re.escape(problem)) as refusal:
        read_instant(cell, forms, table)
    assert refusal.value.args == (problem, remedy)


_DAYS = (
    ("01.09.2025", _GERMAN, _BARE, Dated("2025-09-01", ("date %d.%m.%Y",))),
    ("05/05/2025", ("%d/%m/%Y", "%m/%d/%Y"), _BARE, Dated("2025-05-05", ("date %d/%m/%Y",))),
    ("2025-09-01", (), _BARE, Dated("2025-09-01")),
    (dt.datetime(2025, 9, 1), (), _BARE, Dated("2025-09-01")),
    (dt.datetime(2025, 8, 31, 22, tzinfo=dt.UTC), (), _BERLIN,
     Dated("2025-09-01", ("day in Europe/Berlin",))),
)  # fmt: skip


@pytest.mark.parametrize(("cell", "forms", "table", "dated"), _DAYS)
def test_a_day_is_the_day_at_its_place(
    cell: object, forms: tuple[str, ...], table: TableForm, dated: Dated
) -> None:
    """A moment with an offset is the day that it was in the zone of the table."""
    assert read_day(cell, forms, table) == dated


def test_a_moment_is_no_day_without_a_zone() -> None:
    """Which day a moment was depends on the place."""
    moment = dt.datetime(2025, 8, 31, 22, tzinfo=dt.UTC)
    with pytest.raises(DateProblem, match="is a moment, not a day"):
        read_day(moment, (), _BARE)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
def test_every_day_is_read_back(day: dt.date) -> None:
    """A day written by a form is that day."""
    assert read_day(f"{day:%d.%m.}{day.year}", _GERMAN, _BARE).text == day.isoformat()
