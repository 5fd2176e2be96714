"""One row as hips: what it says of each by the names of the record, and what is wrong with its cells."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from hosr.errors import Fault
from hosr.intake.record.refusal import quoted
from hosr.intake.registry.cells import read_source_cell
from hosr.intake.registry.import_report import Survey
from hosr.intake.registry.mapping import BOTH, PER_STUDY, STUDY, has_place
from hosr.intake.tables.columns import IDENTIFIER, belongs_to_hip
from hosr.intake.tables.rows import Row
from hosr.intake.tables.spreadsheet_dates import may_be_swapped, words_of_doubt

if TYPE_CHECKING:
    from hosr.intake.registry.mapping import Mapping, Reading, Source


SIDES = ("right", "left")
_NONE: ReadOnly[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HipRow:
    """What a row says of one hip, by the names of the record, and what is wrong with its cells."""

    number: int
    side: str
    values: dict[str, Any]
    problems: dict[str, tuple[str, str]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def key_source(mapping: Mapping) -> Source | None:
    """What says which rows are of one record: the id, else the study."""
    return mapping.source(IDENTIFIER) or mapping.source(STUDY)


def row_key(raw: Row, mapping: Mapping) -> str:
    """The name of the record that a row belongs to; "" where it says none."""
    source = key_source(mapping)
    if source is None:
        return ""
    value = read_source_cell(source, source.text(raw.cells), mapping.table).value
    return "" if value is None else str(value)


def read_hips(
    raw: Row, mapping: Mapping, survey: Survey, swapped: ReadOnly[int, int] = _NONE
) -> list[HipRow]:
    """The hips that a row speaks of: one, or those of both sides that have a filled cell.

    `swapped` are sources of dates by their identity, and the row in which day and month are swapped.
    """
    sides = SIDES if mapping.table.layout == PER_STUDY else ("",)
    hips = {side: HipRow(raw.number, side, {}) for side in sides}
    shared = HipRow(raw.number, "", {}, faults=raw.faults)
    for source in mapping.sources:
        text = source.text(raw.cells)
        cell = read_source_cell(source, text, mapping.table)
        if id(source) in swapped and may_be_swapped(text) and not cell.problem:
            problem, remedy = words_of_doubt(swapped[id(source)])
            cell = replace(cell, problem=problem, remedy=remedy)
        survey.count(source, cell, raw.number)
        if cell.value is None or source.name == IDENTIFIER:
            continue
        holder = hips[source.side] if belongs_to_hip(source.name) else shared
        holder.values[source.name] = cell.value
        if cell.problem:
            shown = bool(cell.word) and survey.understands(source)
            is_word = cell.problem.startswith("neither")
            start = (f"{quoted(cell.word)} is " if shown else "is ") if is_word else ""
            holder.problems[source.name] = (f"{start}{cell.problem}", cell.remedy)
    spoken = [hip for side, hip in hips.items() if hip.values or not side]
    if not spoken:
        remedy = "fill in a column of a side, or remove the row"
        silent = Fault(f"row {raw.number}", "says nothing of either hip", remedy)
        spoken = [hips[sides[0]]]
        shared = replace(shared, faults=(*shared.faults, silent))
    first = spoken[0]
    if not first.side and first.values.get("side") == BOTH and "side" not in first.problems:
        spoken = [replace(first, side=side) for side in SIDES]
    return [_joined(None if index else shared, hip, mapping) for index, hip in enumerate(spoken)]


def is_spoken(raw: Row, reading: Reading) -> bool:
    """Whether a row says something of a reading; one with faults may."""
    form = reading.mapping.table
    filled = (read_source_cell(s, s.text(raw.cells), form).value is not None for s in reading.own)
    return not reading.own or bool(raw.faults) or any(filled)


def _joined(shared: HipRow | None, hip: HipRow, mapping: Mapping) -> HipRow:
    """A hip with what its row says of the whole record, which stands beside the first hip."""
    side = {"side": hip.side} if hip.side else {}
    values = {**(shared.values if shared else {}), **hip.values, **side}
    for name, value in mapping.constants.items():
        if (shared is not None or belongs_to_hip(name)) and has_place(name, values):
            values.setdefault(name, value)
    return HipRow(
        number=hip.number,
        side=hip.side,
        values=values,
        problems={**(shared.problems if shared else {}), **hip.problems},
        faults=shared.faults if shared else (),
    )
