"""Coded answers to coded questions, to items and back through one table each."""

from __future__ import annotations

from typing import TypeVar

from hosr.codes import Code
from hosr.sr.items import Item, Quantity

K = TypeVar("K")


def read_choice(item: Item, name: Code, table: dict[K, Code]) -> K | None:
    """The one answer to a question, as the key of its table; None where it was not asked.

    Raises `ValueError` where the answer is none of the table.
    """
    return next(iter(read_choices(item, name, table)), None)


def read_choices(item: Item, name: Code, table: dict[K, Code]) -> tuple[K, ...]:
    """All answers to a question, in document order."""
    keys = {code.key: key for key, code in table.items()}
    answers = []
    for found in item.find(name, "CODE"):
        if not isinstance(found.value, Code) or found.value.key not in keys:
            raise ValueError(f"{name.meaning}: unknown answer {found.value}")
        answers.append(keys[found.value.key])
    return tuple(answers)


def read_string(item: Item, name: Code) -> str:
    """The text of the first item of a name, or ""."""
    found = item.first(name)
    return "" if found is None else str(found.value)


def read_number(item: Item, name: Code) -> float | None:
    """The number of the first item of a name."""
    found = item.first(name)
    return found.value.value if found and isinstance(found.value, Quantity) else None
