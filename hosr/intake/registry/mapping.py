"""A mapping as frozen values: what each name of a record is read from, how, and what it may hold."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from hosr.intake.record import examine
from hosr.intake.record.forms import PersonForm
from hosr.intake.record.refusal import listing
from hosr.intake.tables.columns import (
    IDENTIFIER,
    IMAGES,
    belongs_to_hip,
    header_faults,
    near_names,
    read_cell,
)
from hosr.intake.tables.rows import FileForm, normalized, written

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from hosr.intake.record.refusal import Location


PER_HIP, PER_STUDY = "row per hip", "row per study"
LAYOUTS = (PER_HIP, PER_STUDY)
# What a mapping may take a word of the side for, beside those of a record: the row is of two hips.
BOTH = "both"

# How many millimetres a unit has, exactly; an inch by the agreement of 1959.
UNITS_MM = MappingProxyType({"mm": "1", "cm": "10", "m": "1000", "in": "25.4"})

# Words of a column that say another unit than mm; "in" and "m" are other words as well.
_OTHER_UNITS = {
    **dict.fromkeys(("cm", "zentimeter", "centimeter", "centimetre", "centimetri"), "cm"),
    **dict.fromkeys(("centimetros", "centimetres", "centimeters"), "cm"),
    **dict.fromkeys(("inch", "inches", "zoll", "pouces", "pulgadas", "pollici"), "inches"),
    **dict.fromkeys(("px", "pixel", "pixels", "pixeles"), "pixels"),
}
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


_CODED = frozenset(
    {
        "bridging",
        "bridging_basis",
        "category",
        "causes",
        "contrast",
        "evaluable",
        "features",
        "femur",
        "hardware_nearby",
        "islands",
        "joint",
        "pelvis",
        "plane",
        "presence",
        "procedure",
        "schema_version",
        "side",
        "site",
        "stage",
        "symptoms",
        "type",
        "view",
    }
)
_LISTS = frozenset({"causes", "symptoms", "features", "images", "site"})
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


def named_unit(column: str) -> str | None:
    """The unit other than mm that the name of a column says, such as `Abstand_cm`; None for none."""
    words = [word.casefold() for word in _WORD.findall(column)]
    named = {_OTHER_UNITS[word] for word in words if word in _OTHER_UNITS}
    return None if "mm" in words or len(named) != 1 else named.pop()


def is_list(name: str) -> bool:
    """Whether a name holds a list of words or paths."""
    return _leaf(name) in _LISTS


def is_instant(name: str) -> bool:
    """Whether a name holds a moment, which has a time and an offset from UTC."""
    return name == "graded_at"


def composed_of(pattern: str) -> tuple[str, ...]:
    """The columns in a pattern such as `{PatNr}-{Datum}`."""
    return tuple(dict.fromkeys(_PART.findall(pattern)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where one name of the record is read from, and what its cells mean there.

    With `boxes` each column stands for a word of a list, which is there where its cell is checked.
    """

    name: str
    columns: tuple[str, ...]
    pattern: str = ""
    side: str = ""
    values: ReadOnly[str, Any] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    unit: str = ""
    dates: tuple[str, ...] = ()
    separator: str = "|"
    boxes: ReadOnly[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The column as its table calls it, and as the record does."""
        column = " + ".join(self.columns)
        side = f"{self.side} " if self.side else ""
        return f"column {column} ({side}{self.name})"

    def text(self, cells: ReadOnly[str, Any]) -> Any:
        """What the row holds for this name; None for nothing. Of boxes it is the cells by their columns."""
        if self.boxes:
            filled = {
                column: cells[column]
                for column in self.boxes
                if column in cells and normalized(str(cells[column])) not in self.missing
            }
            return filled or None
        if not self.pattern:
            return cells.get(self.columns[0])
        parts = [cells.get(column) for column in self.columns]
        if any(part is None or normalized(str(part)) in self.missing for part in parts):
            return None
        return _PART.sub(lambda found: str(cells[found[1]]), self.pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableForm:
    """How the table itself is written."""

    file: FileForm = field(default_factory=lambda: FileForm(is_mapped=True))
    decimal: str = "."
    timezone: ZoneInfo | None = None
    time: dt.time | None = None
    layout: str = PER_HIP
    images: str = "."
    skip_below: int = 0
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A whole mapping file, checked. With readings a row is a record for each of them.

    Then `sources` are those of all, and `constants` what all have in common. `only` are the texts of
    columns that a row must have to be read.
    """

    table: TableForm
    sources: tuple[Source, ...]
    constants: ReadOnly[str, Any]
    assumed: ReadOnly[str, Any]
    readings: tuple[Reading, ...] = ()
    only: ReadOnly[str, frozenset[str]] = field(default_factory=dict)

    def takes(self, cells: ReadOnly[str, Any]) -> bool:
        """Whether a row has one of the texts that [only] wants in each of its columns."""
        texts = ((normalized(written(cells.get(c, ""))), wanted) for c, wanted in self.only.items())
        return all(text in wanted for text, wanted in texts)

    @property
    def each(self) -> tuple[Reading, ...]:
        """The readings of a row; where none are named, the row is one."""
        return self.readings or (Reading(name="", mapping=self, own=()),)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the table that something is read from."""
        read = (column for source in self.sources for column in source.columns)
        return tuple(dict.fromkeys((*read, *self.only)))

    def source(self, name: str, side: str = "") -> Source | None:
        """Where a name is read from, of this side where the sides have their own columns."""
        found = (s for s in self.sources if s.name == name and s.side in ("", side))
        return next(found, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One of several records in a row: by another reader, at another time, or again.

    `mapping` is how it is read as a whole, `own` what is read for it alone.
    """

    name: str
    mapping: Mapping
    own: tuple[Source, ...]

    def entry_name(self, row_name: str) -> str:
        """The id of its record, of a row with this one."""
        return f"{row_name}-{self.name}" if self.name and row_name else row_name


def to_mm(number: Decimal, unit: str) -> Decimal:
    """A length of this unit in millimetres, exactly."""
    from decimal import Decimal

    return number * Decimal(UNITS_MM[unit])


# What is longer is no word that comes again.
_LONGEST_WORD = 64
_MOMENT = "2026-03-02T10:15:00+01:00"


def value_problem(name: str, value: Any) -> tuple[str, str] | None:
    """What is wrong with a value under a dotted name, and the remedy; None where nothing is."""
    written = json.dumps(value)
    return _asked_before(name, written) if len(written) <= _LONGEST_WORD else _ask(name, written)


@lru_cache(maxsize=4096)
def _asked_before(name: str, written: str) -> tuple[str, str] | None:
    return _ask(name, written)


def _ask(name: str, written: str) -> tuple[str, str] | None:
    value = json.loads(written)
    if name in (IDENTIFIER, IMAGES):
        texts = value if isinstance(value, list) else [value]
        wrong = not all(isinstance(text, str) and text.strip() for text in texts)
        return ("is not text", "write it in quotes") if wrong else None
    place = _place(name)
    read = read_cell(name, value) if isinstance(value, str) else value
    _, faults = examine(_record_with(name, read))
    for fault in faults:
        if fault.location[: len(place)] == place or _is_type(name, fault.location):
            # Plain words: a phrase would keep what it was made of, thousands of times.
            return str(fault.problem), str(fault.remedy)
    return None


def _place(name: str) -> Location:
    """Where the small record holds the value; an island has the number 0 there."""
    steps: Location = tuple(name.split("."))
    if name.startswith("islands."):
        steps = ("islands", 0, *steps[2:])
    return ("hips", 0, *steps) if belongs_to_hip(name) else steps


def _is_type(name: str, location: Location) -> bool:
    return name == "observer.type" and location == ("observer",)


def _record_with(name: str, value: Any) -> dict[str, Any]:
    """A small record that holds the value at its place."""
    leaf = name.split(".")[1] if name.startswith("observer.") else ""
    person: dict[str, Any] = {"type": "person", "name": "Reader"}
    algorithm = {"type": "algorithm", "name": "Program", "version": "1"}
    record: dict[str, Any] = {
        "schema_version": "1.0",
        "graded_at": _MOMENT,
        "observer": person if not leaf or leaf in PersonForm.model_fields else algorithm,
        "hips": [{"side": "right"}],
    }
    here: Any = record["hips"][0] if belongs_to_hip(name) else record
    *holders, last = name.split(".")
    if name.startswith("islands."):
        here["islands"] = [{}]
        here, holders = here["islands"][0], holders[2:]
    for holder in holders:
        here = here.setdefault(holder, {})
    here[last] = value
    return record


STUDY = "study.study_instance_uid"


def name_problem(name: str) -> tuple[str, str] | None:
    """What is wrong with a name of the record, and the remedy; None where nothing is."""
    if not any(header_faults(list(dict.fromkeys([name, IDENTIFIER])))):
        return None
    near = near_names(name)
    remedy = f"write, for example, {listing(near)}, or remove it" if near else "remove it"
    return "is no name of the record", remedy


def required_names(mapping: Mapping) -> Iterator[tuple[str, str]]:
    """Every name that each record needs and that nothing fills, with what to do."""
    filled = {source.name for source in mapping.sources} | {*mapping.constants, *mapping.assumed}
    if not {IDENTIFIER, STUDY} & filled:
        remedy = f"name the column that is alike in the rows of one study, here or as {STUDY}"
        yield IDENTIFIER, remedy
    if mapping.table.layout == PER_HIP and "side" not in filled:
        yield "side", "name the column that says right or left"
    if "graded_at" not in filled:
        yield "graded_at", "name the column that says when the hip was graded"
    if "observer.type" not in filled:
        yield "observer.type", 'write "observer.type" = "person" or "algorithm" in [constants]'
    if "observer.name" not in filled:
        yield "observer.name", "name the column that says who graded, or write it in [constants]"
    kinds = {mapping.constants.get("observer.type"), mapping.assumed.get("observer.type")}
    if "algorithm" in kinds and "observer.version" not in filled:
        yield "observer.version", "name its column, or write it in [constants]"


def has_place(name: str, values: dict[str, Any]) -> bool:
    """Whether a value that is the same everywhere has something here that it can belong to.

    The plane or uncertainty of a length says nothing where no length is given.
    """
    holder, _, leaf = name.rpartition(".")
    if leaf not in _DEPENDENT or not holder:
        return True
    return any(other.startswith(f"{holder}.") for other in values if other != name)


_DEPENDENT = frozenset({"plane", "uncertainty_mm", "true_mm", "image", "frame"})
