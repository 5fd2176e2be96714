"""A mapping file to a checked `Mapping`, or everything that is wrong with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from hosr.errors import Fault, UsageError
from hosr.intake.record.json_text import read_bytes
from hosr.intake.record.refusal import first_of, listing, quoted
from hosr.intake.registry.mapping import (
    BOTH,
    PER_HIP,
    PER_STUDY,
    STUDY,
    UNITS_MM,
    Mapping,
    Reading,
    Source,
    composed_of,
    has_place,
    is_coded,
    is_length,
    is_list,
    name_problem,
    named_unit,
    required_names,
    value_problem,
)
from hosr.intake.registry.table_form import DateForms, read_date_forms, read_table_form
from hosr.intake.tables.columns import IDENTIFIER, belongs_to_hip
from hosr.intake.tables.rows import normalized
from hosr.toml import MAX_TOML_BYTES, parse_toml

_SIDES = ("right", "left")
SECTIONS = (
    "table",
    "columns",
    "composed",
    "checkboxes",
    "readings",
    "only",
    "values",
    "units",
    "dates",
    "lists",
    "missing",
    "constants",
    "assumed",
)


def read_mapping(path: Path) -> Mapping:
    """The mapping in a TOML file.

    Raises `UsageError` with every fault of the file, and `RecordRefused` where it cannot be read.
    """
    return parse_mapping(read_bytes(path, MAX_TOML_BYTES), path.name)


def parse_mapping(content: bytes | str, name: str = "mapping.toml") -> Mapping:
    """The mapping that a TOML document holds; `name` stands for it in its faults."""
    reader = _Reader(name, _plain(parse_toml(content, name)))
    mapping = reader.mapping()
    if reader.faults:
        raise UsageError(first_of(reader.faults, name))
    return mapping


def _plain(value: Any) -> Any:
    """The value with its dates and times as the texts that write them."""
    if isinstance(value, dict):
        return {key: _plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_plain(child) for child in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


class _Reader:
    """The sections of one document, and the faults found so far."""

    def __init__(self, name: str, document: dict[str, Any], *, is_reading: bool = False) -> None:
        self._name = name
        self._is_reading = is_reading
        self.faults: list[Fault] = []
        for key, section in document.items():
            if key not in SECTIONS:
                self._blame(f"[{key}]", "is an unknown section", f"write {listing(SECTIONS)}")
            elif not isinstance(section, dict):
                self._blame(key, "is not a section", f"write it as [{key}]")
        self._sections = {key: value for key, value in document.items() if isinstance(value, dict)}

    def _blame(self, place: str, problem: str, remedy: str = "") -> None:
        self.faults.append(Fault(f"{self._name}, {place}", problem, remedy))

    def mapping(self) -> Mapping:
        sections = self._sections
        form, missing = read_table_form(sections.get("table", {}), self._blame)
        dates = read_date_forms(sections, self._blame)
        # What belongs to another value comes after it, to be asked whether that is there.
        constants, assumed = (_dependent_last(self._fixed(key)) for key in ("constants", "assumed"))
        sources = [
            self._filled(source, missing, dates)
            for source in (*self._columns(form.layout), *self._composed(), *self._checkboxes())
        ]
        mapping = Mapping(
            table=form,
            sources=tuple(sources),
            constants=constants,
            assumed=assumed,
            only=dict(self._only()),
        )
        self._check_names(mapping)
        if self._is_reading:
            return mapping
        if "readings" in sections:
            mapping = self._with_readings(mapping)
        else:
            self._check_required(mapping)
        for section in ("values", "units", "dates", "lists", "missing"):
            self._check_unused(section, mapping)
        return mapping

    def _section(self, key: str) -> dict[str, Any]:
        return self._sections.get(key, {})

    def _columns(self, layout: str) -> Iterator[Source]:
        section = dict(self._section("columns"))
        by_side = {side: section.pop(side) for side in _SIDES if side in section}
        for side, columns in by_side.items():
            place = f"[columns.{side}]"
            if layout == PER_HIP:
                remedy = f'write layout = "{PER_STUDY}" in [table], or move the names to [columns]'
                self._blame(place, f"does not go with the layout {quoted(PER_HIP)}", remedy)
            yield from self._sources(columns, place, side)
        for source in self._sources(section, "[columns]"):
            if layout == PER_STUDY and belongs_to_hip(source.name):
                remedy = "move it to [columns.right] and [columns.left]"
                self._blame(f"[columns] {source.name}", "says something of one hip", remedy)
            yield source

    def _sources(self, section: Any, place: str, side: str = "") -> Iterator[Source]:
        for name, column in _flat(section):
            problem = name_problem(name)
            if problem is not None:
                self._blame(f"{place} {name}", *problem)
            elif side and not belongs_to_hip(name):
                self._blame(f"{place} {name}", "says nothing of a hip", "move it to [columns]")
            elif side and name == "side":
                self._blame(f"{place} side", "is known by the section", "remove it")
            elif not isinstance(column, str) or not column.strip():
                self._blame(f"{place} {name}", "names no column", "write its name in quotes")
            else:
                yield Source(name=name, columns=(normalized(column.strip()),), side=side)

    def _composed(self) -> Iterator[Source]:
        for name, pattern in _flat(self._section("composed")):
            columns = composed_of(normalized(pattern)) if isinstance(pattern, str) else ()
            problem = name_problem(name)
            if problem is not None:
                self._blame(f"[composed] {name}", *problem)
            elif not columns:
                remedy = 'write it as "{First column}-{Second column}"'
                self._blame(f"[composed] {name}", "names no column in braces", remedy)
            else:
                yield Source(name=name, columns=columns, pattern=normalized(pattern))

    def _checkboxes(self) -> Iterator[Source]:
        for name, boxes in _tables(self._section("checkboxes")):
            place = f"[checkboxes.{quoted(name)}]"
            if name_problem(name) is not None or not (is_list(name) and is_coded(name)):
                remedy = 'write the name of a list of words, such as "context.symptoms"'
                self._blame(place, "is no list of words of the record", remedy)
                continue
            for column, word in boxes.items():
                problem = value_problem(name, [word])
                if problem is not None:
                    self._blame(f"{place} {quoted(column)}", *problem)
            read = {normalized(column.strip()): str(word) for column, word in boxes.items()}
            yield Source(name=name, columns=tuple(read), boxes=read)

    def _only(self) -> Iterator[tuple[str, frozenset[str]]]:
        for column, texts in self._section("only").items():
            is_list_of_texts = isinstance(texts, list) and all(isinstance(t, str) for t in texts)
            if not is_list_of_texts or not texts:
                remedy = 'write it as ["year_1", "year_2"]'
                self._blame(f"[only] {column}", "is no list of texts", remedy)
            else:
                yield normalized(column.strip()), frozenset(map(normalized, texts))

    def _fixed(self, key: str) -> dict[str, Any]:
        """The values of [constants] or [assumed], each of which the record may hold."""
        found: dict[str, Any] = {}
        for name, value in _flat(self._section(key)):
            problem = name_problem(name) or value_problem(name, value)
            if name in ("id", "images"):
                problem = ("is not the same for all rows", "map it in [columns] or [composed]")
            if problem is not None:
                self._blame(f"[{key}] {name}", *problem)
            else:
                found[name] = value
        return found

    def _filled(self, source: Source, missing: frozenset[str], dates: DateForms) -> Source:
        """The source with what the other sections say of it."""
        values, units = dict(_tables(self._section("values"))), dict(_flat(self._section("units")))
        words = dict(_flat(self._section("missing"))).get(source.name, [])
        separator = dict(_flat(self._section("lists"))).get(source.name, "|")
        return replace(
            source,
            values=self._values(source.name, values.get(source.name, {})),
            missing=missing | self._words(source.name, words),
            unit=self._unit(source, units.get(source.name)),
            dates=dates.by_name.get(source.name, dates.default),
            separator=self._separator(source.name, separator),
        )

    def _values(self, name: str, table: dict[str, Any]) -> dict[str, Any]:
        for cell, meaning in table.items():
            place = f"[values.{quoted(name)}] {quoted(cell)}"
            if meaning == "":
                self._blame(place, "means nothing", "list it in [missing], if it means empty")
                continue
            problem = value_problem(name, meaning)
            if problem is not None and (name, meaning) != ("side", BOTH):
                self._blame(place, *problem)
        return {normalized(cell): meaning for cell, meaning in table.items()}

    def _words(self, name: str, words: Any) -> frozenset[str]:
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            self._blame(f"[missing] {name}", "is no list of texts", 'write it as ["9", "-"]')
            return frozenset()
        return frozenset(map(normalized, words))

    def _unit(self, source: Source, unit: Any) -> str:
        name = source.name
        if not is_length(name):
            if unit is not None:
                self._blame(f"[units] {name}", "holds no length", "remove it")
            return ""
        if unit is None:
            for column in source.columns:
                if (other := named_unit(column)) is not None:
                    problem = f"is read as mm from {quoted(column)}, whose name says {other}"
                    remedy = (
                        f'say {quoted(name)} = "cm", "in" or, if the name is wrong, "mm" in [units]'
                    )
                    self._blame(f"[columns] {name}", problem, remedy)
            return "mm"
        if unit not in UNITS_MM:
            shown = quoted(str(unit))
            self._blame(f"[units] {name}", f"is {shown}", f"write {listing(list(UNITS_MM))}")
            return "mm"
        return str(unit)

    def _separator(self, name: str, separator: Any) -> str:
        if not isinstance(separator, str) or not separator:
            self._blame(f"[lists] {name}", "is no separator", 'write it as ","')
        elif separator != "|" and not is_list(name):
            self._blame(f"[lists] {name}", "holds no list", "remove it")
        else:
            return separator
        return "|"

    def _check_names(self, mapping: Mapping) -> None:
        """Every name once, and every name that each record needs."""
        seen: set[tuple[str, str]] = set()
        for source in mapping.sources:
            if (source.name, source.side) in seen:
                remedy = "keep it in [columns] or in [composed]"
                self._blame(f"[composed] {source.name}", "is read from two places", remedy)
            seen.add((source.name, source.side))
            if source.name in mapping.constants:
                remedy = "remove one; a value for empty cells alone stands in [assumed]"
                self._blame(f"[constants] {source.name}", "is mapped to a column too", remedy)
        for name in sorted(mapping.constants.keys() & mapping.assumed.keys()):
            self._blame(f"[assumed] {name}", "stands in [constants] too", "keep one of them")

    def _check_required(self, mapping: Mapping) -> None:
        for name, words in required_names(mapping):
            self._blame(f"[columns] {name}", "is missing", words)

    def _with_readings(self, shared: Mapping) -> Mapping:
        """The mapping with that of each reading, of which what all share is one and the same."""
        if not {IDENTIFIER, STUDY} & {source.name for source in shared.sources}:
            remedy = "name the column that tells the rows of one study, for all readings"
            self._blame(f"[columns] {IDENTIFIER}", "is missing", remedy)
        readings = []
        for name, section in self._sections["readings"].items():
            place = f"[readings.{quoted(name)}]"
            wrong = _reading_problem(section)
            if wrong is not None:
                self._blame(place, *wrong)
                continue
            inner = _Reader(self._name, _merged(self._sections, section), is_reading=True)
            read = inner.mapping()
            inner._check_required(read)
            for fault in inner.faults:
                if fault not in self.faults:
                    path = fault.path.replace(", ", f", {place} ", 1)
                    self.faults.append(replace(fault, path=path))
            sources = tuple(_same_as(source, shared.sources) for source in read.sources)
            own = tuple(source for source in sources if source not in shared.sources)
            if not own:
                self._blame(place, "names no column", "write its own in columns")
            whole = replace(read, sources=sources)
            readings.append(Reading(name=name, mapping=whole, own=own))
        everything = (*shared.sources, *(source for each in readings for source in each.own))
        return replace(shared, sources=everything, readings=tuple(readings))

    def _check_unused(self, key: str, mapping: Mapping) -> None:
        flat = _tables if key == "values" else _flat
        names = {source.name for source in mapping.sources}
        for name, _ in flat(self._section(key)):
            place = f"[values.{quoted(name)}]" if key == "values" else f"[{key}] {name}"
            if name not in names:
                self._blame(place, "is of no mapped column", "map the column, or remove it")
            elif key == "values" and is_length(name) and not is_coded(name):
                self._blame(place, "holds lengths, not words", "remove it; see [units]")


_OF_READING = ("columns", "composed", "checkboxes", "constants")


def _reading_problem(section: Any) -> tuple[str, str] | None:
    """What is wrong with the section of a reading, before its names are looked at."""
    remedy = f"write {listing(_OF_READING)} in it"
    if not isinstance(section, dict) or not section:
        return "is not a section", remedy
    for key, part in section.items():
        if key not in _OF_READING or not isinstance(part, dict):
            return f"holds {quoted(key)}, which is none of its sections", remedy
    names = {name for part in section.values() for name, _ in _flat(part)}
    if names & {IDENTIFIER, "side"}:
        return "names id or side", "write them in [columns], for all readings"
    return None


def _merged(sections: dict[str, Any], reading: dict[str, Any]) -> dict[str, Any]:
    """The sections of a mapping with those of a reading in their place; its names go before."""
    merged = {key: section for key, section in sections.items() if key != "readings"}
    for key in _OF_READING:
        shared, own = dict(sections.get(key, {})), dict(reading.get(key, {}))
        sides = {
            side: dict(_flat(shared.pop(side, {}))) | dict(_flat(own.pop(side, {})))
            for side in (_SIDES if key == "columns" else ())
            if side in shared or side in own
        }
        flat = _tables if key == "checkboxes" else _flat
        merged[key] = dict(flat(shared)) | dict(flat(own)) | sides
    return merged


def _same_as(source: Source, shared: tuple[Source, ...]) -> Source:
    """The source itself, or the one that is equal to it among those that all share."""
    return next((other for other in shared if other == source), source)


def _dependent_last(found: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(found.items(), key=lambda item: not has_place(item[0], {})))


def _flat(section: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """The entries of a section by their dotted names, whether or not the dots were in quotes."""
    if not isinstance(section, dict):
        return
    for key, value in section.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _tables(section: Any, before: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """The tables of a section by their dotted names: those that hold anything but tables."""
    plain = {key: value for key, value in section.items() if not isinstance(value, dict)}
    if plain:
        yield before[:-1], plain
    for key, value in section.items():
        if isinstance(value, dict):
            yield from _tables(value, f"{before}{key}.")
