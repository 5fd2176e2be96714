"""What scales, classes, sides and findings are called in the keys and columns of scores."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hosr.intake.record.grades import class_named
from hosr.scales import SCALES
from hosr.vocabulary.terms import Side

# Findings that models score, by the name that labels.toml has for them, and their other names.
FINDINGS: Mapping[str, tuple[str, ...]] = {
    "presence": ("ho", "ossification", "heterotopic_ossification"),
    "islands": ("island",),
    "pelvic_spur": ("spur_pelvis", "spurs_pelvis"),
    "femoral_spur": ("spur_femur", "spurs_femur"),
    "bridging": ("bridge",),
}
# Scored by some models, and no finding that a grade is derived from.
NO_FINDINGS = ("severe", "severity", "ankylosis")

_SIDES = {"right": Side.RIGHT, "r": Side.RIGHT, "left": Side.LEFT, "l": Side.LEFT}
_SCALES = {re.sub(r"[^a-z]", "", key): key for key in SCALES}
# What says that a number is of at least, or of more than, the class.
_AT_LEAST, _MORE = r">=|\u2265|(?:ge|at[ _.-]?least)[ _.-]", r">|(?:gt|more[ _.-]?than)[ _.-]"
_SCALE = r"brooker|della[ _-]?valle|simplified[ _-]?biplanar"
_NAMED = re.compile(rf"({_SCALE})[ _.-]+")
_CLASS = re.compile(
    rf"(?:p\s*\()?\s*(?P<more>{_AT_LEAST}|{_MORE})?\s*(?:(?:class|grade)[ _.-]*)?"
    r"(?P<name>[0-9a-z]+)\s*\)?"
)
_KINDS = {
    "cumulative": ("cumulative", "at_least", "ordinal"),
    "logits": ("logits", "logit"),
    "": ("probabilities", "probability", "prob", "probs", "p", "scores", "score", "softmax"),
}
KINDS = {word: kind for kind, words in _KINDS.items() for word in words}
_WORDS = "|".join(sorted(KINDS, key=len, reverse=True))
_COLUMN = re.compile(
    rf"(?:(?P<side>right|left|r|l)[ _.-])?(?:(?P<kind>{_WORDS})[ _.-])?"
    rf"(?P<scale>{_SCALE})?[ _.-]*"
    r"(?P<rest>.*?)(?:[ _.-](?P<last>right|left))?"
)


@dataclass(frozen=True, slots=True)
class ClassName:
    """A class of a scale; `is_at_least` where its number is of it and every more severe one."""

    grade: str
    is_at_least: bool = False


@dataclass(frozen=True, slots=True)
class ColumnName:
    """A column of scores; `grade` is None for that of the grade itself."""

    scale: str
    side: Side | None
    grade: ClassName | None = None
    is_logit: bool = False


def read_side(text: str) -> Side | None:
    """The side that a word names."""
    return _SIDES.get(text.strip().casefold())


def read_scale(text: str) -> str | None:
    """The key of the scale that a word names."""
    return _SCALES.get(re.sub(r"[^a-z]", "", text.casefold()))


def read_finding(text: str) -> str | None:
    """The finding that a word names, by the name that it has in labels.toml."""
    plain = re.sub(r"[ .-]+", "_", text.strip().casefold())
    return next((name for name, others in FINDINGS.items() if plain in (name, *others)), None)


def read_class(text: str, scale: str) -> ClassName | None:
    """The class that a word names: "III", "3", ">= III", "P(> II)" (which is at least III)."""
    shown = text.strip().casefold()
    named = _NAMED.match(shown)
    if named and read_scale(named[1]) == scale:
        shown = shown[named.end() :]
    found = _CLASS.fullmatch(shown)
    grade = class_named(found["name"], scale) if found else None
    if found is None or grade is None:
        return None
    if not found["more"]:
        return ClassName(grade)
    if re.fullmatch(_AT_LEAST, found["more"]):
        return ClassName(grade, is_at_least=True)
    grades = SCALES[scale].grades
    following = grades.index(grade) + 1
    return ClassName(grades[following], is_at_least=True) if following < len(grades) else None


def read_column(text: str, scale: str) -> ColumnName | None:
    """What a column of scores holds; `scale` is that of columns that name none, "" for nobody's."""
    found = _COLUMN.fullmatch(text.strip().casefold())
    if found is None:
        return None
    named = read_scale(found["scale"]) if found["scale"] else scale
    side = read_side(found["side"] or found["last"] or "")
    if not named:
        return None
    if not found["rest"]:
        is_grade = found["scale"] and not found["kind"]
        return ColumnName(named, side) if is_grade else None
    grade = read_class(found["rest"], named)
    if grade is None:
        return None
    kind = KINDS.get(found["kind"] or "", "")
    at_least = grade.is_at_least or kind == "cumulative"
    return ColumnName(named, side, ClassName(grade.grade, at_least), kind == "logits")
