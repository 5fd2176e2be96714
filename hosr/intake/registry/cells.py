"""One cell as the value that the record holds, with what was done to it.

Days and moments become ISO 8601 by the forms that the mapping names; nothing is guessed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hosr.intake.record.lengths import read_meaning
from hosr.intake.record.refusal import listing, quoted
from hosr.intake.registry.mapping import (
    BOTH,
    UNITS_MM,
    is_coded,
    is_instant,
    is_length,
    is_list,
    to_mm,
    value_problem,
)
from hosr.intake.tables.columns import IDENTIFIERS, SCORES, is_date, read_cell
from hosr.intake.tables.rows import as_json, normalized, written
from hosr.intake.tables.spreadsheet_dates import (
    MADE,
    SWAPPED,
    identifier_problem,
    is_made,
    is_swapped,
)

if TYPE_CHECKING:
    from hosr.intake.registry.mapping import Source, TableForm


_DAYS = frozenset({"context.index_event.date", "study.date"})
_MOST_CHARACTERS = 40
# A cell of a coded column longer than this is no code.
_LONGEST_CODE = 24
_NUMBERS = {
    point: re.compile(
        rf"(?P<number>[+-]?\d{{1,12}}(?:{re.escape(point)}\d{{1,30}})?(?:[eE][+-]?\d{{1,3}})?)"
        r"\s*(?P<unit>[a-zA-Z]{1,4})?",
        re.ASCII,
    )
    for point in (".", ",")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a cell gives the record: a value, nothing, or a fault beside the value as it stands.

    `word` is what the cell says where it holds a code, `meaning` what that becomes ("" where it
    is not known).
    """

    value: Any = None
    word: str = ""
    meaning: str = ""
    conversions: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    problem: str = ""
    remedy: str = ""


_EMPTY = Cell()


def read_source_cell(source: Source, raw: Any, table: TableForm) -> Cell:
    """The cell of one source in a row."""
    if raw is None:
        return _EMPTY
    if source.boxes:
        return _checked(source, raw)
    text = written(raw)
    if normalized(text) in source.missing:
        return Cell(conversions=(f"{quoted(text)} means empty",))
    if source.name in IDENTIFIERS and (words := identifier_problem(raw)) is not None:
        return Cell(value=text, problem=words[0], remedy=words[1])
    cell = _reader_of(source, text)(source, raw, table)
    if cell.problem and is_made(raw) and not is_date(source.name):
        return replace(cell, remedy=MADE)
    return cell


def _reader_of(source: Source, text: str) -> Callable[[Source, Any, TableForm], Cell]:
    if is_list(source.name):
        return _listed
    if normalized(text) in source.values or is_coded(source.name):
        return _coded
    if is_length(source.name) or source.name.startswith(SCORES):
        return _number
    return _dated if is_instant(source.name) or source.name in _DAYS else _plain


# What programs write for a box, REDCap among them: raw, and by its labels.
_BOX = {"1": True, "checked": True, "true": True, "yes": True, "x": True}
_BOX |= {"0": False, "unchecked": False, "false": False, "no": False}


def _checked(source: Source, raw: dict[str, Any]) -> Cell:
    """The words whose boxes are checked; a box that is not says nothing."""
    words: list[str] = []
    for column, cell in raw.items():
        is_checked = _BOX.get(written(cell).casefold())
        if is_checked is None:
            problem = f"has a box {quoted(column)} that is neither checked nor unchecked"
            return Cell(value=words, problem=problem, remedy="write 1 or 0, or leave it empty")
        words += [source.boxes[column]] * is_checked
    words = list(dict.fromkeys(words))
    if not words:
        return Cell(conversions=("no box checked",))
    joined = "|".join(words)
    return Cell(value=words, word=joined, meaning=joined, conversions=("boxes as a list",))


def _plain(source: Source, raw: Any, _: TableForm) -> Cell:
    """A text as it stands; a number that a typed table has for a text is the text that writes it."""
    is_text = isinstance(raw, int | float | dt.date) and not isinstance(raw, bool)
    as_text = is_text and not source.name.endswith("frame")
    return Cell(value=written(raw) if as_text else as_json(raw))


def _coded(source: Source, cell: Any, _: TableForm) -> Cell:
    raw, text = as_json(cell), written(cell)
    word = text if len(text) <= _LONGEST_CODE else ""
    key = normalized(text)
    if key in source.values:
        value = source.values[key]
        mapped = () if written(value) == text else ("words mapped",)
        coded = is_coded(source.name)
        return Cell(
            value=value,
            word=word if coded else "",
            meaning=written(value) if coded else "",
            conversions=mapped,
        )
    problem = value_problem(source.name, raw)
    if problem is None:
        read = read_cell(source.name, text) if isinstance(raw, str) else raw
        return Cell(value=raw, word=word, meaning=written(read) if word else "")
    return Cell(
        value=raw,
        word=word,
        problem="neither mapped nor a word of the record",
        remedy=f"map it in [values.{quoted(source.name)}]; {problem[1]}{_or_both(source)}",
    )


def _or_both(source: Source) -> str:
    return f', or "{BOTH}"' if source.name == "side" else ""


def _listed(source: Source, raw: Any, _: TableForm) -> Cell:
    parts = (
        as_json(raw)
        if isinstance(raw, list)
        else [p.strip() for p in str(raw).split(source.separator)]
    )
    values = [source.values.get(normalized(str(part)), part) for part in parts]
    mapped = ("words mapped",) if values != parts else ()
    split = isinstance(raw, str) and source.separator != "|" and len(parts) > 1
    conversions = (*mapped, *((f"list parted by {quoted(source.separator)}",) if split else ()))
    if not is_coded(source.name):
        return Cell(value=values, conversions=conversions)
    word = source.separator.join(map(str, parts))
    word = word if len(word) <= _LONGEST_CODE else ""
    for part in values:
        problem = value_problem(source.name, [part])
        if problem is not None:
            return Cell(
                value=values,
                word=word,
                problem="neither mapped nor a word of the record",
                remedy=f"map it in [values.{quoted(source.name)}]; {problem[1]}",
            )
    meaning = "|".join(map(str, values)) if word else ""
    return Cell(value=values, word=word, meaning=meaning, conversions=conversions)


def _number(source: Source, raw: Any, table: TableForm) -> Cell:
    typed = isinstance(raw, int | float) and not isinstance(raw, bool)
    point = "." if typed else table.decimal
    text = repr(raw) if typed else written(raw)
    found = _NUMBERS[point].fullmatch(text) if len(text) <= _MOST_CHARACTERS else None
    if found is None:
        return Cell(value=as_json(raw), problem=f"is no number with a decimal {_POINTS[point]}",
                    remedy=_number_remedy(source, text, table))  # fmt: skip
    conversions = []
    unit = (found["unit"] or "").casefold()
    if unit:
        if source.unit and unit != source.unit:
            what = f"is in {unit}" if unit in UNITS_MM else "has letters after the number"
            problem = f"{what}, but its column is in {source.unit}"
            return Cell(value=raw, problem=problem, remedy="write all its cells in one unit")
        if not source.unit:
            return Cell(value=raw, problem="has a unit", remedy="write the number alone")
        conversions.append(f'"{source.unit}" beside the number')
    number = Decimal(found["number"].replace(",", "."))
    if point == "," and "," in found["number"]:
        conversions.append("decimal comma")
    if source.unit not in ("", "mm"):
        number = to_mm(number, source.unit)
        conversions.append(f"{source.unit} to mm")
    return Cell(value=float(number), conversions=tuple(conversions))


_POINTS = {".": "point", ",": "comma"}


def _number_remedy(source: Source, text: str, table: TableForm) -> str:
    other = "," if table.decimal == "." else "."
    if _NUMBERS[other].fullmatch(text):
        return f'write decimal = "{other}" in [table], if all cells are written so'
    meant = read_meaning(text, may_be_class=source.name.startswith("gap"))
    if meant is not None and meant.gap_class:
        return f'a class such as {meant.gap_class} belongs to "gap.category"'
    return "write digits alone, or list what means empty in [missing]"


def _dated(source: Source, raw: Any, table: TableForm) -> Cell:
    read = read_instant if is_instant(source.name) else read_day
    try:
        dated = read(raw, source.dates, table)
    except DateProblem as problem:
        return Cell(value=as_json(raw), problem=problem.problem, remedy=problem.remedy)
    return Cell(value=dated.text, conversions=dated.conversions, assumptions=dated.assumptions)


_ISO = "ISO 8601"
_OTHER_FORM = "correct it, or name its form in [table] dates"


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
    moment = found.moment
    assumptions: tuple[str, ...] = ()
    if not found.has_time:
        if table.time is None:
            remedy = 'write time = "12:00" in [table], if that may stand for it'
            raise DateProblem("has no time of day", remedy)
        moment = dt.datetime.combine(moment.date(), table.time)
        assumed = f"{table.time.isoformat('minutes')} as the time of day"
        return _zoned(moment, table, found.conversions, (assumed,))
    if isinstance(cell, str) and moment.time() == dt.time():
        assumptions = ("00:00 is taken for the time of day",)  # which programs write behind a day
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
        remedy = SWAPPED if is_swapped(cell, forms) else _OTHER_FORM
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
