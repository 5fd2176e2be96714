"""Words that a reader wrote beside the findings: the side and the grade they name, held against the report.

They are printed as given, and stay while lines and grades are corrected: what contradicts the report then
is told to whoever reads or signs it, and refused to nobody, for words may speak of an earlier film.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from hosr.intake.images import Note
from hosr.phrases import phrase, several
from hosr.report import GradedHip, Report
from hosr.scales import SCALES
from hosr.vocabulary.terms import Side

# Of each scale that words name, in its order, the grades they name.
Named: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]

_GRADES = {
    "brooker": (r"brooker", r"(?:iv|i{1,3}|[0-4])"),
    "della_valle": (r"della\s+valle", r"[0abc]"),
}
_ROMAN = {"1": "I", "2": "II", "3": "III", "4": "IV"}

# A side is named beside the hip alone: "left" and "right" are other words as well. English, German,
# French, Spanish, Italian, without accents.
_HIP = r"(?:hips?|huft(?:e|gelenk)|hueft(?:e|gelenk)|hanche|cadera|anca)"
_SIDES = {
    Side.RIGHT: r"(?:right|rechts|rechte[nrs]?|droite?|derech[ao]|destr[ao])",
    Side.LEFT: r"(?:left|links|linke[nrs]?|gauche|izquierd[ao]|sinistr[ao])",
}


def plain(text: str) -> str:
    """Small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def take_grades(text: str) -> tuple[str, Named]:
    """The plain text without the grades in it, and these."""
    found = []
    for scale, (name, grade) in _GRADES.items():
        further = rf"({grade})\b(?:\s*(?:-|\u2013|/|or|to|bis|oder)\s*({grade})\b)?"
        pattern = re.compile(rf"\b{name}\b[\s:]*(?:grade|grad|type|typ)?[\s:]*{further}")
        found += [(scale, _span(scale, each[1], each[2])) for each in pattern.finditer(text)]
        text = pattern.sub(" ", text)
    return text, tuple(found)


def _span(scale: str, first: str, last: str | None) -> tuple[str, ...]:
    """The grades from the first to the last, as the scale writes them."""
    known = SCALES[scale].grades
    named = [_ROMAN.get(each, each.upper()) for each in (first, last or first)]
    at = [known.index(each) for each in named if each in known]
    return known[min(at) : max(at) + 1] if at else ()


def note_words(report: Report) -> tuple[Note, ...]:
    """A note on each side and grade that words name and the report does not give."""
    notes = [*_compare(report.conclusion, report.hips, "$.conclusion")]
    for index, graded in enumerate(report.hips):
        notes += _compare(graded.hip.comment, (graded,), f"$.hips[{index}].comment")
    return tuple(notes)


def _compare(text: str, hips: Iterable[GradedHip], path: str) -> Iterator[Note]:
    words = plain(text)
    hips = tuple(hips)
    for side, name in _SIDES.items():
        is_named = re.search(rf"\b(?:{name}\s+{_HIP}|{_HIP}\s+{name})\b", words)
        if is_named and side not in {graded.hip.side for graded in hips}:
            problem = phrase("names the other side: {side}; compare the words", side=side)
            yield Note(path=path, problem=problem)
    for scale, named in take_grades(words)[1]:
        grades = [grade for graded in hips for grade in graded.grades if grade.scale == scale]
        given = {each for grade in grades for each in (*grade.stated, *grade.possible)}
        if named and not given & set(named):
            ordered = [each for each in SCALES[scale].grades if each in given]
            problem = phrase(
                "names {scale} {named}, and the report gives {given}; compare the words",
                scale=SCALES[scale].title,
                named=several(named, "or"),
                given=several(ordered or ["-"], "or"),
            )
            yield Note(path=path, problem=problem)
