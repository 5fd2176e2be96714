"""Whether the record may hold a value under a name, asked of the record's own door."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hosr.intake.record import examine
from hosr.intake.record.forms import PersonForm
from hosr.intake.tables.columns import IDENTIFIER, IMAGES, belongs_to_hip, read_cell

if TYPE_CHECKING:
    from hosr.intake.record.refusal import Location


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
            return fault.problem, fault.remedy
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
