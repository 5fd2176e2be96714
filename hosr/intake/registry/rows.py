"""Rows of a table as what they say of hips: names of the record, their values, and their faults."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hosr.errors import Fault
from hosr.intake.record.refusal import quoted
from hosr.intake.registry.cells import read_source_cell
from hosr.intake.registry.mapping import PER_STUDY
from hosr.intake.registry.names import STUDY
from hosr.intake.tables.columns import IDENTIFIER, belongs_to_hip

if TYPE_CHECKING:
    from hosr.intake.registry.import_report import Survey
    from hosr.intake.registry.mapping import Mapping, Source
    from hosr.intake.tables.sheets import RawRow


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


def row_key(raw: RawRow, mapping: Mapping) -> str:
    """The name of the record that a row belongs to; "" where it says none."""
    source = key_source(mapping)
    if source is None:
        return ""
    value = read_source_cell(source, source.text(raw.cells), mapping.table).value
    return "" if value is None else str(value)


def read_hips(raw: RawRow, mapping: Mapping, survey: Survey) -> list[HipRow]:
    """The hips that a row speaks of: one, or those of both sides that have a filled cell."""
    sides = ("right", "left") if mapping.table.layout == PER_STUDY else ("",)
    hips = {side: HipRow(raw.number, side, {}) for side in sides}
    shared = HipRow(raw.number, "", {}, faults=raw.faults)
    for source in mapping.sources:
        cell = read_source_cell(source, source.text(raw.cells), mapping.table)
        survey.count(source, cell)
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
    return [_joined(None if index else shared, hip, mapping) for index, hip in enumerate(spoken)]


def _joined(shared: HipRow | None, hip: HipRow, mapping: Mapping) -> HipRow:
    """A hip with what its row says of the whole record, which stands beside the first hip."""
    side = {"side": hip.side} if hip.side else {}
    values = {**(shared.values if shared else {}), **side, **hip.values}
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


def has_place(name: str, values: dict[str, Any]) -> bool:
    """Whether a value that is the same everywhere has something here that it can belong to.

    The plane or uncertainty of a length says nothing where no length is given.
    """
    holder, _, leaf = name.rpartition(".")
    if leaf not in _DEPENDENT or not holder:
        return True
    return any(other.startswith(f"{holder}.") for other in values if other != name)


_DEPENDENT = frozenset({"plane", "uncertainty_mm", "true_mm", "image", "frame"})
