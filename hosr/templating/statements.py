"""What no report may leave out, and whether a text says it: status, hips, grades, a person's words.

Nor may it name a grade, right behind the name of its system, that nothing of the report names; only a
legend of all grades of a system does.

A text is what a reader sees of a document. Where its lines end, and how wide its blanks are, means
nothing: a statement is looked for among the letters alone, and a grade must stand by itself there.
Each statement is looked for once from left to right, so that the time grows with the length only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from hosr.scales import SCALES

PRINT_GIVEN = "print the grades that are given, or all of a system as a legend"

# Names of grades are figures and capitals; what stands between several is not.
_GRADE = re.compile(r"(?<!\w)[0-9A-Z]+(?!\w)")

# Format characters, which shape what is beside them, and the hyphen that PDFium tells at a line's end.
_SHAPING = re.compile(
    "[\x02\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff\ufffe]"
)
_HYPHEN = re.compile("[-\u2010]")
_ANY_HYPHEN = f"{_HYPHEN.pattern}?"

_RIGHT_TO_LEFT = ("R", "AL")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedGrade:
    """The grades of one system that a hip has: several where one of them is open."""

    system: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedHip:
    """A hip by its name, and its grades."""

    name: str
    grades: tuple[StatedGrade, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedGrades:
    """A system of this report, all its grades, and those that what a template is given names of it."""

    system: str
    grades: tuple[str, ...]
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What one report must say, an empty text being none; and the grades that it may name."""

    draft: str
    history: tuple[str, ...] = ()
    conclusion: str
    overridden: str = ""
    hips: tuple[StatedHip, ...]
    systems: tuple[NamedGrades, ...] = ()


def statements_of(data: Mapping[str, Any]) -> Statements:
    """What the report must say whose data a template is given."""
    hips = tuple(
        StatedHip(
            name=hip["name"],
            grades=tuple(
                StatedGrade(system=grade["system"], values=tuple(_GRADE.findall(grade["grade"])))
                for grade in hip["headline"]["grades"]
            ),
        )
        for hip in data["hips"]
    )
    return Statements(
        draft=data["status"]["notice"],
        history=tuple(data["status"]["history"]),
        conclusion=data["conclusion"],
        overridden=data["overridden"],
        hips=hips,
        systems=tuple(_systems_of(data, hips)),
    )


def _systems_of(data: Mapping[str, Any], hips: Iterable[StatedHip]) -> Iterator[NamedGrades]:
    """What is given names a grade as its own, or in a sentence or a person's words."""
    stated = [grade for hip in hips for grade in hip.grades]
    texts = [_compatible(text) for text in _texts_of(data)]
    for scale in SCALES.values():
        named = {value for grade in stated if grade.system == scale.title for value in grade.values}
        for text in texts:
            named |= _find_named(text, scale.title, scale.grades)
        ordered = tuple(grade for grade in scale.grades if grade in named)
        yield NamedGrades(system=scale.title, grades=scale.grades, named=ordered)


def _texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for member in value.values():
            yield from _texts_of(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _texts_of(member)


def _find_named(text: str, system: str, grades: Iterable[str]) -> set[str]:
    """The grades that stand right behind the name of their system, or after one that does."""
    system = r"\s*".join(map(re.escape, system.split()))
    one = rf"(?:{'|'.join(map(re.escape, sorted(grades, key=len, reverse=True)))})(?!\w|\.\w)"
    found = re.finditer(rf"(?<!\w){system}[\s:=]*(?<!\w)({one}(?:\W{{1,4}}{one})*)", text)
    return {grade for match in found for grade in _GRADE.findall(match[1])}


def read_statements(plain: Mapping[str, Any]) -> Statements:
    """The statements that were written as plain data, with `dataclasses.asdict`."""
    hips = tuple(
        StatedHip(name=hip["name"], grades=tuple(StatedGrade(**grade) for grade in hip["grades"]))
        for hip in plain["hips"]
    )
    texts = {name: plain[name] for name in ("draft", "conclusion", "overridden")}
    systems = tuple(NamedGrades(**system) for system in plain["systems"])
    history = tuple(plain["history"])
    return Statements(hips=hips, systems=systems, history=history, **texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a reader sees of a document, in the order of reading, and its letters without any blank.

    `begins` says of the place of each letter, and of the end, whether a word begins there.
    """

    text: str
    letters: str
    begins: bytearray

    def find(self, words: str, start: int = 0) -> int:
        """Where these words end, wherever their lines are broken; -1 where they are not said."""
        letters = "".join(_compatible(words).split())
        place = self.letters.find(letters, start)
        if place >= 0:
            return place + len(letters)
        # PDFium tells a hyphen that ends a line as one that the line's end has brought.
        parts = _HYPHEN.split(letters)
        found = re.compile(_ANY_HYPHEN.join(map(re.escape, parts))).search(self.letters, start)
        return found.end() if found and len(parts) > 1 else -1

    def find_alone(self, value: str, start: int) -> int:
        """Where a value ends that stands by itself and in one piece."""
        place = self.letters.find(value, start)
        while place >= 0:
            end = place + len(value)
            parted = any(self.begins[place + 1 : end])
            if not parted and self._is_end(place) and self._is_end(end):
                return end
            place = self.letters.find(value, place + 1)
        return -1

    def _is_end(self, place: int) -> bool:
        """Whether no word goes on from the letter before this place to that after it."""
        if self.begins[place]:
            return True
        before, after = self.letters[place - 1], self.letters[place]
        return not (_is_of_word(before) and _is_of_word(after))

    def has_each_word(self, words: str) -> bool:
        """Whether each word is there somewhere, its letters in any order, marks on them aside."""
        return _spelt(_compatible(words)) <= _spelt(self.text)


def see(text: str) -> Seen:
    """The text as a reader sees it."""
    text = _compatible(text)
    words = text.split()
    letters = "".join(words)
    begins = bytearray(len(letters) + 1)
    for place in accumulate(map(len, words), initial=0):
        begins[place] = 1
    return Seen(text=text, letters=letters, begins=begins)


def find_unsaid(statements: Statements, *texts: Seen) -> list[str]:
    """What is left out, as a problem of the template; what one of the texts says is said."""
    unsaid = []
    if not any(seen.find(statements.draft) >= 0 for seen in texts):
        unsaid.append("leaves out the status of the report")
    if not all(any(_is_quoted(seen, each) for seen in texts) for each in statements.history):
        unsaid.append("leaves out what was changed or added")
    if not any(_is_quoted(seen, statements.conclusion) for seen in texts):
        unsaid.append("leaves out the conclusion of the reader")
    if not any(seen.find(statements.overridden) >= 0 for seen in texts):
        unsaid.append("leaves out what was taken in place of image headers")
    for number, hip in enumerate(statements.hips, start=1):
        if not any(seen.find(hip.name) >= 0 for seen in texts):
            unsaid.append(f"leaves out hip {number}")
            continue
        unsaid += [
            f"leaves out the grade of hip {number} by {grade.system}"
            for grade in hip.grades
            if not any(_is_graded(seen, hip, grade) for seen in texts)
        ]
    return unsaid


def find_misnamed(statements: Statements, *texts: Seen) -> list[str]:
    """The systems of which a grade is named that the report does not have, as a problem of the template."""
    misnamed = []
    for system in statements.systems:
        found = set[str]()
        for seen in texts:
            found |= _find_named(seen.text, system.system, system.grades)
        if found - set(system.named) and found != set(system.grades):
            misnamed.append(f"names a grade by {system.system} that the report does not name")
    return misnamed


def _is_quoted(seen: Seen, words: str) -> bool:
    """Whether words of a person are said.

    A PDF has letters from the right in an order of their own; of such words each is looked for.
    """
    if seen.find(words) >= 0:
        return True
    mixed = any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in words)
    return mixed and seen.has_each_word(words)


def _is_graded(seen: Seen, hip: StatedHip, grade: StatedGrade) -> bool:
    """Whether the hip is named, then the system, and after that each value."""
    named = seen.find(hip.name)
    if named < 0 or not grade.values:
        return named >= 0
    placed = seen.find(grade.system, named)
    return placed >= 0 and all(seen.find_alone(value, placed) >= 0 for value in grade.values)


def _compatible(text: str) -> str:
    """The text without what only shapes it; ligatures and wide letters as plain ones (NFKC)."""
    return unicodedata.normalize("NFKC", _SHAPING.sub("", text))


def _spelt(text: str) -> set[str]:
    """The words of a text, each as its letters in their order in the alphabet."""
    plain = "".join(c for c in text if not unicodedata.category(c).startswith("M"))
    return {"".join(sorted(word)) for word in re.findall(r"\w+", plain)}


def _is_of_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"
