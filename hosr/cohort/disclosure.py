"""Which columns of covariates tell who was imaged or who graded, judged by the column.

A weight of 101 beside a patient 101, or a long stem beside a reader called Long, tells nothing: one
value can meet an identifier by chance. A column that does so again and again holds identifiers.
Some texts are no chance: a date, a long identifier, two words of one name, and the name of its own
patient where no other patient has that value.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hosr.cohort.readings import HipReading
from hosr.cohort.rows import subject_of
from hosr.findings import Person

_WORD = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-./]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])"
    r"|\d{1,2}([-./])\d{1,2}\2(?:19|20)\d\d)(?!\d)",
    re.ASCII,
)
_SHORTEST_IDENTITY = 3
# An identifier with a digit and of this length meets no measure and no word by chance.
_LONG_IDENTIFIER = 6
# Of the different values of a column: so many meet identifiers by chance, and fewer than this share.
_MOST_BY_CHANCE = 1
_SHARE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One filled cell of a column, the patient that its row is about, and the row."""

    patient: str
    row: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Met:
    """How a cell meets identity: by more than chance, and whether that of its own patient."""

    entry: Entry
    is_certain: bool
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What a column tells: the first row that shows it, and in how many cells.

    `is_identifying` where it is more than chance; `is_leak` where most of it are identifiers of its
    own patients, which nothing allows in a table without identity.
    """

    row: int
    cells: int
    is_identifying: bool
    is_leak: bool


@dataclass(frozen=True, slots=True)
class _Names:
    """Words that name: identifiers, and persons by the words of their names."""

    identifiers: set[str] = field(default_factory=set)
    persons: set[frozenset[str]] = field(default_factory=set)

    def words(self) -> set[str]:
        return {word for person in self.persons for word in person}


_NOBODY = _Names()


class Identities:
    """Who was imaged and who graded, as the words of a covariate could name them."""

    def __init__(self, readings: Iterable[HipReading]) -> None:
        self._all = _Names()
        self._own: dict[str, _Names] = defaultdict(_Names)
        for reading in readings:
            patient = reading.patient
            person = reading.observer.name if isinstance(reading.observer, Person) else ""
            named = _persons((patient.name,))
            own = {patient.patient_id.strip(), patient.birth_date, reading.study_id}
            self._all.identifiers.update(_folded(own))
            self._all.persons.update(named | _persons((person,)))
            for key in {subject_of(reading), patient.patient_id.strip()}:
                self._own[key].identifiers.update(_folded(own))
                self._own[key].persons.update(named)
        self._named: dict[str, list[frozenset[str]]] = defaultdict(list)
        for words in self._all.persons:
            for word in words:
                self._named[word].append(words)
        self._certain = {word for word in self._all.identifiers if _is_long(word)}
        self._likely = self._named.keys() | {
            word
            for word in self._all.identifiers - self._certain
            if len(word) >= _SHORTEST_IDENTITY and not word.isdecimal()
        }

    def judge(self, entries: Sequence[Entry]) -> Disclosure | None:
        """What a column tells; None where it meets no identity at all."""
        patients: dict[str, set[str]] = defaultdict(set)
        for entry in entries:
            patients[entry.text.casefold()].add(entry.patient)
        met = [
            found
            for entry in entries
            if (found := self._meet(entry, len(patients[entry.text.casefold()]) > 1))
        ]
        if not met:
            return None
        certain = [each for each in met if each.is_certain]
        likely = _values(entries, met)
        own = _values(entries, [each for each in met if each.is_own])
        is_many = likely > _MOST_BY_CHANCE and likely * _SHARE >= len(patients)
        return Disclosure(
            row=(certain or met)[0].entry.row,
            cells=len(met),
            is_identifying=bool(certain) or is_many or likely == len(patients),
            is_leak=own > _MOST_BY_CHANCE and own * 2 > len(patients),
        )

    def _meet(self, entry: Entry, is_shared: bool) -> _Met | None:
        """How one cell meets somebody; `is_shared` where another patient has the same value."""
        whole, patient = entry.text.casefold(), entry.patient.casefold()
        words = {whole, *_WORD.findall(whole)}
        own = self._own.get(entry.patient, _NOBODY)
        ids = own.identifiers | {patient, patient.split("^")[0]}
        by_id = whole in ids or any(len(word) >= _SHORTEST_IDENTITY for word in words & ids)
        by_name = bool(words & own.words())
        is_certain = (
            bool(_DATE.search(whole) or words & self._certain)
            or any(map(_is_long, words & ids))
            or self._is_full_name(words)
            or (by_name and not is_shared)
        )
        if not (is_certain or by_id or by_name or words & self._likely):
            return None
        return _Met(entry=entry, is_certain=is_certain, is_own=by_id or by_name)

    def _is_full_name(self, words: set[str]) -> bool:
        found = words & self._named.keys()
        return any(len(found & person) > 1 for word in found for person in self._named[word])


def _values(entries: Sequence[Entry], met: Iterable[_Met]) -> int:
    """How many different values meet identity in most of the cells that hold them."""
    cells = Counter(entry.text.casefold() for entry in entries)
    found = Counter(each.entry.text.casefold() for each in met)
    return sum(times * 2 > cells[value] for value, times in found.items())


def _folded(words: Iterable[str]) -> set[str]:
    return {word.casefold() for word in words if word}


def _persons(names: Iterable[str]) -> set[frozenset[str]]:
    """Each name as its words, of which those of one or two letters name nobody."""
    found = (_folded(_WORD.findall(name)) for name in names)
    return {frozenset(word for word in words if len(word) >= _SHORTEST_IDENTITY) for words in found}


def _is_long(word: str) -> bool:
    return len(word) >= _LONG_IDENTIFIER and any(map(str.isdecimal, word))
