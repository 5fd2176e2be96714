"""Small tables of registries with their mappings, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.intake.registry import (
    Imported,
    ImportReport,
    Refusal,
    Survey,
    parse_mapping,
    read_entries,
)

if TYPE_CHECKING:
    from pathlib import Path

    from hosr.errors import Fault

__all__ = ["GERMAN", "Outcome", "imported", "mapped", "write_table"]

GERMAN = """
[table]
encoding = "utf-8"
delimiter = ";"
decimal = ","
dates = "%d.%m.%Y"
timezone = "Europe/Berlin"
time = "12:00"

[columns]
id = "Nr"
graded_at = "Datum"
side = "Seite"

[values]
side = { "re" = "right", "li" = "left" }

[constants]
"observer.type" = "person"
"observer.name" = "Rossi^Maria"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a table became, and what was counted on the way."""

    entries: tuple[Imported | Refusal, ...]
    report: ImportReport

    @property
    def faults(self) -> list[Fault]:
        """Every fault of every refused row."""
        return [f for e in self.entries if isinstance(e, Refusal) for f in e.faults]

    @property
    def records(self) -> list[Imported]:
        """Every record."""
        return [entry for entry in self.entries if isinstance(entry, Imported)]


def mapped(*more: str, table: str = "", columns: str = "") -> str:
    """The German mapping with more lines in [table] and [columns], and more sections."""
    text = GERMAN.replace("[table]\n", f"[table]\n{table}\n")
    text = text.replace("[columns]\n", f"[columns]\n{columns}\n")
    return "\n".join((text, *more))


def write_table(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """A table as a file."""
    path = folder / "registry.csv"
    path.write_bytes(text.encode(encoding))
    return path


def imported(table: Path, mapping: str) -> Outcome:
    """What a table becomes by a mapping."""
    read = parse_mapping(mapping)
    survey = Survey(read)
    entries = tuple(read_entries(table, read, survey))
    return Outcome(entries=entries, report=survey.report())
