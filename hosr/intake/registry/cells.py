"""One cell as the value that the record holds, with what was done to it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hosr.intake.record.lengths import read_meaning
from hosr.intake.record.refusal import quoted
from hosr.intake.registry.dates import DateProblem, read_day, read_instant
from hosr.intake.registry.lawful import value_problem
from hosr.intake.registry.mapping import (
    UNITS_MM,
    is_coded,
    is_instant,
    is_length,
    is_list,
    normalized,
    to_mm,
)
from hosr.intake.tables.columns import read_cell

if TYPE_CHECKING:
    from hosr.intake.registry.mapping import Source, TableForm


_DAY = "context.index_event.date"
_MOST_CHARACTERS = 40
# A cell of a coded column longer than this is no code.
_LONGEST_CODE = 24
_NUMBERS = {
    point: re.compile(
        rf"(?P<number>[+-]?\d{{1,12}}(?:{re.escape(point)}\d{{1,12}})?(?:[eE][+-]?\d{{1,3}})?)"
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
    text = written(raw)
    if normalized(text) in source.missing:
        return Cell(conversions=(f"{quoted(text)} means empty",))
    return _reader_of(source, text)(source, raw, table)


def _reader_of(source: Source, text: str) -> Callable[[Source, Any, TableForm], Cell]:
    if is_list(source.name):
        return _listed
    if normalized(text) in source.values or is_coded(source.name):
        return _coded
    if is_length(source.name) or source.name.startswith("probabilities."):
        return _number
    return _dated if is_instant(source.name) or source.name == _DAY else _plain


def _plain(source: Source, raw: Any, _: TableForm) -> Cell:
    """A text as it stands; a number that a typed table has for a text is the text that writes it."""
    is_text = isinstance(raw, int | float | dt.date) and not isinstance(raw, bool)
    as_text = is_text and not source.name.endswith("frame")
    return Cell(value=written(raw) if as_text else _as_json(raw))


def written(raw: Any) -> str:
    """A typed cell as the text that a CSV would hold."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return raw.isoformat() if isinstance(raw, dt.date) else str(raw)


def _as_json(raw: Any) -> Any:
    """A cell as the record's door can take it: a date is none of its kinds of value."""
    if isinstance(raw, list):
        return [_as_json(item) for item in raw]
    return written(raw) if isinstance(raw, dt.date) else raw


def _coded(source: Source, cell: Any, _: TableForm) -> Cell:
    raw, text = _as_json(cell), written(cell)
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
        remedy=f"map it in [values.{quoted(source.name)}]; {problem[1]}",
    )


def _listed(source: Source, raw: Any, _: TableForm) -> Cell:
    parts = (
        _as_json(raw)
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
        return Cell(value=_as_json(raw), problem=f"is no number with a decimal {_POINTS[point]}",
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
        return Cell(value=_as_json(raw), problem=problem.problem, remedy=problem.remedy)
    return Cell(value=dated.text, conversions=dated.conversions, assumptions=dated.assumptions)
