"""How a field says no: a problem, a remedy and a rule, in words for people."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from pydantic_core import PydanticCustomError

from hosr.errors import Fault
from hosr.phrases import phrase, several

Location = tuple[str | int, ...]

_SHOWN_CHARACTERS = 40
_SHOWN_WORDS = 14
_SHOWN_FAULTS = 100


@dataclass(frozen=True, slots=True)
class Located:
    """A fault whose place is still a sequence of keys and indexes."""

    location: Location
    problem: str
    remedy: str = ""
    rule: str = ""

    def as_fault(self) -> Fault:
        """The fault with its place as a JSON path."""
        steps = "".join(map(_step, self.location))
        return Fault(f"${steps}", self.problem, self.remedy, self.rule)


def _step(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    plain = key.isidentifier() and key.isascii() and len(key) <= _SHOWN_CHARACTERS
    return f".{key}" if plain else f"[{quoted(key)}]"


def refuse(problem: str, remedy: str = "", rule: str = "") -> PydanticCustomError:
    """The error that a validator raises for one field."""
    context = {"problem": problem, "remedy": remedy, "rule": rule}
    return PydanticCustomError("refused", "{problem}", context)


def quoted(text: str) -> str:
    """A text as it can stand in a sentence: in quotes, shortened, on one line."""
    shown = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
    line = json.dumps(shown, ensure_ascii=False)
    return line if line.isprintable() else json.dumps(shown)


def first_of(faults: list[Fault], whole: str = "$") -> list[Fault]:
    """Faults as they are shown: of a great many the first, and how many more."""
    more = len(faults) - _SHOWN_FAULTS
    if more <= 0:
        return faults
    return [*faults[:_SHOWN_FAULTS], Fault(whole, phrase("has {number} more faults", number=more))]


_KINDS = (
    (int | float, phrase("a number")),
    (str, phrase("text")),
    (list, phrase("a list")),
    (dict, phrase("an object")),
)
_NOT_FINITE = phrase("not a finite number")


def kind_of(value: Any) -> str:
    """What sort of JSON value this is, with its article."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, float) and not math.isfinite(value):
        return _NOT_FINITE
    return next(name for kind, name in _KINDS if isinstance(value, kind))


# A word of four letters with one of them wrong is as near.
_NEAR = 0.75


def nearest_first(found: str, allowed: Iterable[str]) -> list[str]:
    """The allowed words, the one most like what was found first."""
    sought = found[:_SHOWN_CHARACTERS].casefold().replace(" ", "_").replace("-", "_")
    return sorted(allowed, key=lambda word: -SequenceMatcher(None, sought, word.casefold()).ratio())


def is_near(found: str, word: str) -> bool:
    """Whether what was found may be a word that was written wrong, or a part of it."""
    sought, leaf = found.casefold(), word.casefold().rsplit(".", 1)[-1]
    ratios = (SequenceMatcher(None, sought, each).ratio() for each in (word.casefold(), leaf))
    return max(ratios) >= _NEAR


def listing(words: Sequence[str]) -> str:
    """Words as a person would list them: `"a", "b" or "c"`; of many, the first and how many more."""
    if len(words) > _SHOWN_WORDS:
        shown = ", ".join(map(quoted, words[:6]))
        return phrase(
            "{words} or another of the {number} in the schema", words=shown, number=len(words)
        )
    return several(map(quoted, words), "or", _SHOWN_WORDS)
