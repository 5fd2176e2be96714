"""Days and moments as a table writes them, to ISO 8601; nothing is guessed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hosr.intake.record.refusal import listing, quoted

if TYPE_CHECKING:
    from hosr.intake.registry.mapping import TableForm


_ISO = "ISO 8601"


class DateProblem(Exception):
    """Why a text is no date: the problem and the remedy."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.problem, self.remedy = problem, remedy


@dataclass(frozen=True, slots=True)
class Dated:
    """A day or moment in ISO 8601, what was done to get it, and what was assumed."""

    text: str
    conversions: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    moment: dt.datetime
    has_time: bool
    form: str = ""

    @property
    def conversions(self) -> tuple[str, ...]:
        return (f"date {self.form}",) if self.form else ()


def read_day(cell: Any, forms: Sequence[str], table: TableForm) -> Dated:
    """A day; of a moment its day, in the time zone of the table where it has an offset.

    Raises `DateProblem`.
    """
    found = _found(cell, forms)
    moment, conversions = found.moment, found.conversions
    if moment.tzinfo is not None:
        if table.timezone is None:
            raise DateProblem("is a moment, not a day", "name the time zone in [table]")
        moment = moment.astimezone(table.timezone)
        conversions = (*conversions, f"day in {table.timezone.key}")
    return Dated(moment.date().isoformat(), conversions)


def read_instant(cell: Any, forms: Sequence[str], table: TableForm) -> Dated:
    """A moment with its offset from UTC; the table says the zone, and the time where there is none.

    Raises `DateProblem`.
    """
    found = _found(cell, forms)
    if found.moment.tzinfo is not None:
        # What is written in full stays as it stands, for the record's own door to judge.
        text = found.moment.isoformat() if found.form or not isinstance(cell, str) else cell
        return Dated(text, found.conversions)
    moment, assumptions = found.moment, ()
    if not found.has_time:
        if table.time is None:
            remedy = 'write time = "12:00" in [table], if that may stand for it'
            raise DateProblem("has no time of day", remedy)
        moment = dt.datetime.combine(moment.date(), table.time)
        assumed = f"{table.time.isoformat('minutes')} as the time of day"
        return _zoned(moment, table, found.conversions, (assumed,))
    return _zoned(moment, table, found.conversions, assumptions)


def _zoned(
    moment: dt.datetime, table: TableForm, conversions: tuple[str, ...], assumed: tuple[str, ...]
) -> Dated:
    zone = table.timezone
    if zone is None:
        remedy = 'write timezone = "Europe/Berlin" in [table], for example'
        raise DateProblem("has no offset from UTC", remedy)
    early, late = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if early.utcoffset() != late.utcoffset():
        skipped = early.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != moment
        what = "is a time that the clocks skipped" if skipped else "is an hour that came twice"
        raise DateProblem(f"{what} in {zone.key}", "write its offset from UTC too, with %z")
    return Dated(early.isoformat(), (*conversions, f"offset of {zone.key}"), assumed)


def _found(cell: Any, forms: Sequence[str]) -> _Found:
    if isinstance(cell, dt.datetime):
        return _Found(cell, has_time=True)
    if isinstance(cell, dt.date):
        return _Found(dt.datetime.combine(cell, dt.time()), has_time=False)
    if not isinstance(cell, str):
        raise DateProblem("is a number, not a date", "write it as a date")
    found = _by_forms(cell, forms) if forms else _by_iso(cell)
    if not found:
        words = listing(list(forms)) if forms else _ISO
        remedy = "correct it, or name its form in [table] dates"
        raise DateProblem(f"is no date as {words}", remedy)
    if len({each.moment for each in found}) > 1:
        words = " and ".join(quoted(each.form) for each in found)
        raise DateProblem(f"may be two dates, by {words}", "keep one of them in dates")
    return found[0]


def _by_forms(text: str, forms: Sequence[str]) -> list[_Found]:
    found = []
    for form in forms:
        try:
            moment = dt.datetime.strptime(text, form)
        except ValueError:
            continue
        found.append(_Found(moment, has_time="%H" in form, form=form))
    return found


def _by_iso(text: str) -> list[_Found]:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return []
    return [_Found(moment, has_time=":" in text or "T" in text)]
