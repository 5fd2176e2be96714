"""Whether several headers speak of one person: the rules of one study's images, and of a cohort's subjects.

| What differs        | What it means                                                            |
| ------------------- | ------------------------------------------------------------------------ |
| date of birth       | two persons                                                              |
| sex, M against F    | two persons                                                              |
| name                | two persons, unless a date of birth or, within one study, an ID is shared |
| spelling of a name  | one person                                                               |

What one of them leaves out tells nothing apart. The first of January is what is written for a date of
birth that nobody knows, so it holds no two names together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from hosr.study import Patient, is_no_name

Trait: TypeAlias = Literal["birth_date", "sex", "name"]

_SEXES = frozenset({"M", "F"})
# Family, given and middle name; prefix and suffix come and go (PS3.5 section 6.2.1).
_NAME_PARTS = 3
_SEPARATORS = re.compile(r"[\s,;^]+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Strangers:
    """What tells persons apart: by place among those given, the first who has it and all who differ."""

    trait: Trait
    first: int
    others: tuple[int, ...]


def find_other_ids(one: Patient, other: Patient) -> Iterator[Literal["patient_id", "issuer"]]:
    """What differs of the IDs of two headers, where both name it."""
    if one.patient_id and other.patient_id and one.patient_id != other.patient_id:
        yield "patient_id"
    if one.issuer and other.issuer and one.issuer != other.issuer:
        yield "issuer"


def find_strangers(patients: Sequence[Patient], *, one_id: bool = False) -> Iterator[Strangers]:
    """All that shows that these are not one person; nothing where they may be.

    `one_id` says that they share a patient ID within one study, which holds different names together.
    """
    births = [patient.birth_date.strip() for patient in patients]
    sexes = [patient.sex if patient.sex in _SEXES else "" for patient in patients]
    yield from _find_others("birth_date", births)
    yield from _find_others("sex", sexes)
    if not one_id:
        yield from _find_other_names(patients, births)


def _find_others(trait: Trait, values: Sequence[str]) -> Iterator[Strangers]:
    given = [index for index, value in enumerate(values) if value]
    others = tuple(index for index in given if values[index] != values[given[0]])
    if others:
        yield Strangers(trait=trait, first=given[0], others=others)


def _find_other_names(patients: Sequence[Patient], births: Sequence[str]) -> Iterator[Strangers]:
    names = [spellings(patient.name) for patient in patients]
    is_held = len({born for born in births if born}) == 1
    dated = {
        spelling
        for name, born in zip(names, births, strict=True)
        if is_held and born and not born.endswith("0101")
        for spelling in name
    }
    given = [index for index, name in enumerate(names) if name]
    others = tuple(
        index
        for index in given
        if names[index].isdisjoint(names[given[0]])
        and (names[index].isdisjoint(dated) or names[given[0]].isdisjoint(dated))
    )
    if others:
        yield Strangers(trait="name", first=given[0], others=others)


def is_renamed(patients: Sequence[Patient]) -> bool:
    """Whether they have more than one name, however each of them is written."""
    names = [name for patient in patients if (name := spellings(patient.name))]
    return any(name.isdisjoint(names[0]) for name in names)


@lru_cache(4096)
def spellings(name: str) -> frozenset[str]:
    """The ways in which a name may be written; none for a word for nobody.

    Two names of which one spelling is the same are one name. Case, accents, order, prefix and suffix
    are no part of it, and each component group is a spelling of its own.
    """
    found = set()
    for group in name.casefold().split("="):
        words = _SEPARATORS.split(" ".join(group.split("^")[:_NAME_PARTS]))
        if not all(map(is_no_name, words)):
            found |= {_spelt(words, {}), _spelt(words, _UMLAUTS)}
    return frozenset(found)


def _spelt(words: Sequence[str], letters: dict[int, str]) -> str:
    text = unicodedata.normalize("NFC", " ".join(words)).translate(letters)
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return " ".join(sorted(plain.split()))
