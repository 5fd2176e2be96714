"""A mapping as frozen values: what each name of a record is read from, and how."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


PER_HIP, PER_STUDY = "row per hip", "row per study"
LAYOUTS = (PER_HIP, PER_STUDY)

# How many millimetres a unit has, exactly; an inch by the agreement of 1959.
UNITS_MM = MappingProxyType({"mm": "1", "cm": "10", "m": "1000", "in": "25.4"})

_CODED = frozenset(
    {
        "bridging",
        "category",
        "causes",
        "evaluable",
        "features",
        "femur",
        "islands",
        "joint",
        "pelvis",
        "plane",
        "presence",
        "procedure",
        "schema_version",
        "side",
        "stage",
        "symptoms",
        "type",
        "view",
    }
)
_LISTS = frozenset({"causes", "symptoms", "features", "images"})
_LENGTHS = frozenset({"mm", "uncertainty_mm", "true_mm"})
_PART = re.compile(r"\{([^{}]+)\}")


def _leaf(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def is_coded(name: str) -> bool:
    """Whether a name of the record holds one of a few words, which may be shown; else it is not."""
    if name.startswith("observer.parameters."):
        return False
    return name.startswith("grades.") or _leaf(name) in _CODED


def is_length(name: str) -> bool:
    """Whether a name holds millimetres."""
    return _leaf(name) in _LENGTHS and not name.startswith("observer.")


def is_list(name: str) -> bool:
    """Whether a name holds a list of words or paths."""
    return _leaf(name) in _LISTS


def is_instant(name: str) -> bool:
    """Whether a name holds a moment, which has a time and an offset from UTC."""
    return name == "graded_at"


def normalized(text: str) -> str:
    """The text as one sequence of characters, however its accents were typed (Unicode NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def composed_of(pattern: str) -> tuple[str, ...]:
    """The columns in a pattern such as `{PatNr}-{Datum}`."""
    return tuple(dict.fromkeys(_PART.findall(pattern)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where one name of the record is read from, and what its cells mean there."""

    name: str
    columns: tuple[str, ...]
    pattern: str = ""
    side: str = ""
    values: ReadOnly[str, Any] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    unit: str = ""
    dates: tuple[str, ...] = ()
    separator: str = "|"

    @property
    def label(self) -> str:
        """The column as its table calls it, and as the record does."""
        column = " + ".join(self.columns)
        side = f"{self.side} " if self.side else ""
        return f"column {column} ({side}{self.name})"

    def text(self, cells: ReadOnly[str, Any]) -> Any:
        """What the row holds for this name; None for nothing."""
        if not self.pattern:
            return cells.get(self.columns[0])
        parts = [cells.get(column) for column in self.columns]
        if any(part is None or normalized(str(part)) in self.missing for part in parts):
            return None
        return _PART.sub(lambda found: str(cells[found[1]]), self.pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableForm:
    """How the table itself is written."""

    encoding: str = ""
    delimiter: str = ""
    skip: int = 0
    decimal: str = "."
    timezone: ZoneInfo | None = None
    time: dt.time | None = None
    layout: str = PER_HIP
    images: str = "."
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A whole mapping file, checked."""

    table: TableForm
    sources: tuple[Source, ...]
    constants: ReadOnly[str, Any]
    assumed: ReadOnly[str, Any]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the table that something is read from."""
        return tuple(dict.fromkeys(c for source in self.sources for c in source.columns))

    def source(self, name: str, side: str = "") -> Source | None:
        """Where a name is read from, of this side where the sides have their own columns."""
        found = (s for s in self.sources if s.name == name and s.side in ("", side))
        return next(found, None)


def to_mm(number: Decimal, unit: str) -> Decimal:
    """A length of this unit in millimetres, exactly."""
    from decimal import Decimal

    return number * Decimal(UNITS_MM[unit])
