"""Scores in JSON: one object a hip or a study, in the forms in which models write it.

    {"model": {"name": "HipGrader", "version": "2.1"},
     "right": {"brooker": {"0": 0.01, "I": 0.04, "II": 0.46, "III": 0.44, "IV": 0.05}},
     "left":  {"brooker": [0.9, 0.06, 0.02, 0.01, 0.01], "classes": ["0", "I", "II", "III", "IV"]}}

| A hip holds | which is |
| --- | --- |
| `"brooker": {"I": 0.2, ...}` | a score of each class |
| `"brooker": [...]` with `"classes": [...]` | the same, in the order of the classes |
| `"brooker": [{...}, {...}]` | the vectors of an ensemble |
| `"brooker": "III"`, with `"score": 0.8` | the grade that the model names |
| `"cumulative": {"brooker": {...}}`, or classes as `">=III"` | probabilities of at least each class |
| `"logits": {"brooker": {...}}` with `"activation"` | what an activation makes scores of |
| `"findings": {"pelvic_spur": 0.9}` | scores of single findings |

Sides are keys (`"right"`) or values (`"side": "right"`); hips may stand in a list. Beside them stand
`model`, `version`, `made_at`, `study_instance_uid`, `patient_id` and `accession_number`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hosr.annotations.account import Account
from hosr.annotations.labels import Maker
from hosr.annotations.scores.entries import (
    Entry,
    Named,
    Scored,
    Vector,
    claim_named,
    read_moment,
    read_number,
)
from hosr.annotations.scores.names import (
    KINDS,
    NO_FINDINGS,
    read_class,
    read_finding,
    read_scale,
    read_side,
)
from hosr.intake.record.grades import grades_named
from hosr.intake.record.refusal import kind_of, listing, quoted
from hosr.scales import SCALES
from hosr.vocabulary.terms import Side

_MOST_DEEP = 12
_LISTS = ("hips", "results", "predictions", "members", "ensemble")
_GROUPS = ("findings", "labels", "multilabel", "sigmoid")
_OF_GRADE = ("score", "confidence", "probability")
_GRADES = ("grade", "predicted", "prediction", "class")
_TIMES = ("made_at", "graded_at", "created_at")
_MODEL = ("model", "model_name")
_VERSIONS = ("model_version", "version")
_ABOUT = ("study", "patient", "case", "subject", "order")
_ACTIVATIONS = ("softmax", "sigmoid")
_READ_ELSEWHERE = {
    *("side", "classes", "unit", "activation", "manufacturer"),
    *(*_OF_GRADE, *_TIMES, *_MODEL, *_VERSIONS),
}


@dataclass(frozen=True, slots=True)
class _Here:
    """What holds where a value stands: the place, and what was said on the way to it."""

    place: str
    side: Side | None = None
    kind: str = ""
    scale: str = ""
    classes: Any = None
    is_percent: bool = False
    depth: int = 0

    def at(self, step: str | int, **more: Any) -> _Here:
        """The same one step further."""
        shown = f"[{step}]" if isinstance(step, int) else f".{step}"
        return replace(self, place=f"{self.place}{shown}", depth=self.depth + 1, **more)


def read_entries(value: Any, name: str, scale: str, account: Account) -> list[Entry]:
    """The entries of a JSON value; `scale` is that of classes whose scale is not named, "" for none."""
    several = isinstance(value, list) and all(isinstance(each, dict) for each in value)
    parts = (
        [(f"{name}, [{i}]", each) for i, each in enumerate(value)] if several else [(name, value)]
    )
    return [_Reader(account, scale).entry(part, place) for place, part in parts]


class _Reader:
    """One entry, as far as it is read."""

    def __init__(self, account: Account, scale: str) -> None:
        self._account = account
        self._scale = scale
        self._entry = Entry(place="", vectors=[], named=[], scored=[])

    def entry(self, value: Any, place: str) -> Entry:
        """What an object holds."""
        self._entry.place = place
        start = f"{place}, $" if "[" not in place else place
        self._read(value, _Here(start, scale=self._scale))
        return self._entry

    def _blame(self, here: _Here, problem: str, remedy: str, rule: str = "") -> None:
        self._account.blame(here.place, problem, remedy, rule)

    def _read(self, value: Any, here: _Here) -> None:
        if here.depth > _MOST_DEEP:
            self._blame(here, "is nested too deeply", "write it flat")
        elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
            for index, each in enumerate(value):
                self._read(each, here.at(index))
        elif isinstance(value, dict):
            self._object(value, here)
        else:
            remedy = 'write {"right": {"brooker": {"I": 0.2, ...}}} (`hosr describe scores`)'
            self._blame(here, f"is {kind_of(value)}, and nothing says of what", remedy)

    def _object(self, value: Mapping[str, Any], here: _Here) -> None:
        here = self._said(value, here)
        if here.scale and value and all(read_class(key, here.scale) for key in value):
            self._vector(value, here)
            return
        for key, each in value.items():
            is_read = bool(claim_named(key)) or key in _READ_ELSEWHERE
            is_read = is_read and not isinstance(each, dict | list)
            if is_read or key in ("model", "classes"):
                continue
            self._key(key, each, here.at(key), value)

    def _said(self, value: Mapping[str, Any], here: _Here) -> _Here:
        """What an object says of everything in it."""
        if "side" in value:
            side = read_side(str(value["side"]))
            if side is None:
                self._blame(here.at("side"), "is no side", 'write "right" or "left"', "E09")
            here = self._sided(here.at("side"), side, here)
        if "classes" in value:
            here = replace(here, classes=value["classes"])
        if value.get("unit") == "percent":
            here = replace(here, is_percent=True)
        activation = value.get("activation")
        if activation in _ACTIVATIONS:
            self._entry.activation = str(activation)
        self._metadata(value, here)
        return here

    def _sided(self, at: _Here, side: Side | None, here: _Here) -> _Here:
        """The same, of a hip; a fault where it stands inside of the other one."""
        if None not in (side, here.side) and side is not here.side:
            problem = f"is of the {side} hip, inside of the {here.side} one"
            self._blame(at, problem, "correct the side that is wrong", "E09")
        return replace(here, side=side)

    def _model(self, value: Mapping[str, Any], here: _Here) -> None:
        """The model, in an object of its own or by its name and version beside the scores."""
        model = value.get("model")
        if isinstance(model, dict):
            named, version, made_by = (model.get(k) for k in ("name", "version", "manufacturer"))
        else:
            named = next((value[key] for key in _MODEL if key in value), None)
            version = next((value[key] for key in _VERSIONS if key in value), None)
            made_by = value.get("manufacturer")
        if named is None:
            return
        if isinstance(version, int | float):
            problem = f"is {version:g}, a number, which loses the digits of a version"
            self._blame(here.at("version"), problem, "write it in quotes")
            version = None
        texts = [
            each.strip() if isinstance(each, str) else "" for each in (named, version, made_by)
        ]
        self._entry.maker = Maker(name=texts[0], version=texts[1], manufacturer=texts[2])

    def _metadata(self, value: Mapping[str, Any], here: _Here) -> None:
        entry = self._entry
        said = {key: text for key, text in value.items() if isinstance(text, str) and text.strip()}
        self._model(value, here)
        self._claim(value, here)
        for key in _TIMES:
            if key in said:
                entry.made_at = read_moment(said[key])
                if entry.made_at is None:
                    words = "is no time such as 2026-03-02T11:20:00+01:00, and is not taken"
                    self._account.leave(here.at(key).place, words)

    def _claim(self, value: Mapping[str, Any], here: _Here) -> None:
        """Of which study, patient and order it says that it is; a fault where it says two."""
        about = [value[key] for key in _ABOUT if isinstance(value.get(key), dict)]
        for key, given in (pair for part in (value, *about) for pair in part.items()):
            name = claim_named(key)
            is_number = isinstance(given, int) and not isinstance(given, bool)
            text = str(given).strip() if isinstance(given, str) or is_number else ""
            if not (name and text):
                continue
            if getattr(self._entry.claims, name) not in ("", text):
                problem = "says another study, patient or order than stands there before"
                self._blame(here.at(key), problem, "keep what is of one study")
            self._entry.claims = replace(self._entry.claims, **{name: text})

    def _key(self, key: str, value: Any, here: _Here, whole: Mapping[str, Any]) -> None:
        side, scale, word = read_side(key), read_scale(key), key.strip().casefold()
        if side is not None:
            self._read(value, self._sided(here, side, here))
        elif scale is not None:
            self._scored(value, replace(here, scale=scale), whole)
        elif word in KINDS and isinstance(value, dict | list):
            kind = KINDS[word]
            inside = replace(here, kind=kind or here.kind)
            self._scored(value, inside, whole) if here.scale else self._read(value, inside)
        elif word in _GRADES and here.scale:
            self._grade(value, here, whole)
        elif word in _ABOUT and isinstance(value, dict) and any(map(claim_named, value)):
            return
        elif word in _LISTS or (word in _GROUPS and isinstance(value, dict)):
            self._read(value, here)
        else:
            self._finding(key, value, here)

    def _finding(self, key: str, value: Any, here: _Here) -> None:
        name, score = read_finding(key), read_number(value)
        if name is not None and score is not None:
            if 0 <= score <= 1:
                self._entry.scored.append(
                    Scored(place=here.place, name=name, side=here.side, score=score)
                )
            else:
                self._blame(here, f"is {score:g}, and no score from 0 to 1", "correct it", "E14")
        elif key.strip().casefold() in NO_FINDINGS:
            self._account.leave(here.place, "is no finding that a grade is derived from")
        elif here.kind or (score is not None and self._is_class(key)):
            names = listing(tuple(SCALES))
            self._blame(
                here, "does not say of which scale it is", f"write it inside {names}", "E13"
            )
        else:
            self._account.leave(here.place, "is nothing that hosr knows of scores")

    def _is_class(self, key: str) -> bool:
        return any(read_class(key, scale) for scale in SCALES)

    def _scored(self, value: Any, here: _Here, whole: Mapping[str, Any]) -> None:
        """What stands under the name of a scale."""
        if isinstance(value, dict):
            inner = [key for key in value if key.strip().casefold() in (*KINDS, *_GRADES)]
            if inner:
                self._object(value, here)
            else:
                self._vector(value, here)
        elif isinstance(value, list):
            self._list(value, here)
        else:
            self._grade(value, here, whole)

    def _list(self, value: list[Any], here: _Here) -> None:
        if value and all(isinstance(each, dict) for each in value):
            for index, each in enumerate(value):
                self._vector(each, here.at(index))
        elif value and all(isinstance(each, list) for each in value):
            for index, each in enumerate(value):
                self._in_order(each, here.at(index))
        else:
            self._in_order(value, here)

    def _in_order(self, value: list[Any], here: _Here) -> None:
        """Numbers in the order of classes that are named beside them."""
        classes = here.classes
        if isinstance(classes, dict):
            classes = next((classes[key] for key in classes if read_scale(key) == here.scale), None)
        remedy = f'add "classes": {_classes_of(here.scale)}, in that order'
        if not isinstance(classes, list) or not all(isinstance(each, str) for each in classes):
            problem = f"is a list of {len(value)}, and nothing says of which classes"
            self._blame(here, problem, remedy)
        elif len(classes) != len(value):
            problem = f"is a list of {len(value)}, and {len(classes)} classes are named"
            self._blame(here, problem, "name as many classes as there are scores")
        elif len(set(classes)) < len(classes):
            self._blame(here, "has classes that are named twice", "name each once")
        else:
            self._vector(dict(zip(classes, value, strict=True)), here)

    def _vector(self, value: Mapping[str, Any], here: _Here) -> None:
        title, found = SCALES[here.scale].title, dict[str, float]()
        at_least = set[bool]()
        for key, each in value.items():
            if key in _READ_ELSEWHERE:
                continue
            name, score = read_class(key, here.scale), read_number(each)
            if name is None:
                known = listing(SCALES[here.scale].grades)
                self._blame(here.at(key), f"is no {title} class", f"the classes are {known}", "E14")
                return
            if score is None:
                problem = (
                    f"is {quoted(each) if isinstance(each, str) else kind_of(each)}, not a number"
                )
                self._blame(here.at(key), problem, "write a number with a decimal point", "E14")
                return
            if name.grade in found:
                problem = f"scores the class {quoted(name.grade)} twice"
                self._blame(here, problem, "keep one of them", "E14")
                return
            found[name.grade] = score
            at_least.add(name.is_at_least)
        if len(at_least) > 1:
            self._blame(
                here, "mixes classes with `at least` classes", "name all of them alike", "E14"
            )
            return
        self._entry.vectors.append(
            Vector(
                place=here.place,
                scale=here.scale,
                side=here.side,
                values=tuple(found.items()),
                is_at_least=here.kind == "cumulative" or True in at_least,
                is_logits=here.kind == "logits",
                is_percent=here.is_percent,
            )
        )

    def _grade(self, value: Any, here: _Here, whole: Mapping[str, Any]) -> None:
        grades = grades_named(value, here.scale)
        if grades is None or (read_number(value) is not None and not isinstance(value, int)):
            shown = quoted(value) if isinstance(value, str) else kind_of(value)
            title, known = SCALES[here.scale].title, listing(SCALES[here.scale].grades)
            remedy = f"write {known}, or the score of each class"
            self._blame(here, f"is {shown}, which is no {title} grade", remedy, "E13")
            return
        score = next((read_number(whole[key]) for key in _OF_GRADE if key in whole), None)
        self._entry.named.append(
            Named(place=here.place, scale=here.scale, side=here.side, grades=grades, score=score)
        )


def _classes_of(scale: str) -> str:
    return "[" + ", ".join(map(quoted, SCALES[scale].grades)) + "]"
