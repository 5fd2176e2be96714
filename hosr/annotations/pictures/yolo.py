"""YOLO: a text file for each picture, a line for each object, in parts of the picture's width and height.

| numbers behind the class  | what it is                                                  |
|---------------------------|-------------------------------------------------------------|
| 4, or 5 with a score      | a box: centre, width and height                             |
| 6 and more, even          | an outline x1 y1 x2 y2 x3 y3 ..., with one more its score   |
| 4 + n d, or one more      | n key points of d numbers, where data.yaml has `kpt_shape`  |

The classes have their names in `data.yaml` (or `classes.txt`) beside the file or up to three folders
above it; a class that has a role and no line was searched for and not found. Without such a file, their
numbers are their labels. Of YAML only the lists and mappings are read that these files have. See https://docs.ultralytics.com/datasets/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.annotations.account import Unusable
from hosr.annotations.json_files import batched_in
from hosr.annotations.pictures.shapes import Shapes
from hosr.annotations.pictures.sheets import Sheet, find_sheet
from hosr.annotations.sidecars import classes_of_yolo
from hosr.annotations.sources import Label
from hosr.errors import Fault, RecordRefused
from hosr.intake.record.json_text import read_text

if TYPE_CHECKING:
    from hosr.annotations.context import Context
    from hosr.annotations.sources import Source

_MAX_BYTES = 64 * 1024 * 1024
_MAX_NAMES_BYTES = 1024 * 1024

_NUMBER = re.compile(r"[-+]?(?:\d{1,20}\.?\d{0,20}|\.\d{1,20})(?:[eE][-+]?\d{1,2})?", re.ASCII)
_BOX = 4
_LEAST_OUTLINE = 6
# Parts may pass the edges of the picture by what rounding adds.
_BEYOND = 0.002
_SAME_PART = 1e-3
_ABSENT = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Classes:
    """What data.yaml says: names by number, and how many key points an object has, of how many numbers."""

    file: str = ""
    names: Mapping[int, str] = field(default_factory=dict)
    key_points: tuple[int, int] | None = None

    def label(self, number: int) -> Label:
        """The label of a class; a number that no name has is a fault."""
        if self.names and number not in self.names:
            raise Unusable(f"is of the class {number}, which {self.file} does not name")
        return Label(name=self.names.get(number, ""), number=number)


def read(path: Path, context: Context) -> Source:
    """The objects of one picture, on its image."""
    text = read_text(path, _MAX_BYTES)
    shapes = Shapes(context, path.name)
    classes = _read_classes(path)
    sheet = find_sheet(context, path.name, [path.name], context.labels.pictures.size)
    lines = [(n, line.split()) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    if sheet is not None:
        if context.labels.pictures.size is None:
            context.account.assume(path.name, "its numbers are parts of the whole image")
        for number, words in lines:
            place = f"{path.name}, line {number}"
            try:
                shapes.require_bearable(len(lines))
                _read_line(words, place, sheet, (classes, shapes))
            except Unusable as refusal:
                shapes.blame(place, refusal)
        for number in classes.names:
            shapes.declare(classes.label(number), classes.file, sheet)
    return shapes.source("YOLO")


def _read_line(words: Sequence[str], place: str, sheet: Sheet, of: tuple[_Classes, Shapes]) -> None:
    classes, shapes = of
    if not words[0].isascii() or not words[0].isdigit() or len(words[0]) > 9:
        raise Unusable("does not begin with the number of a class")
    label = classes.label(int(words[0]))
    parts = [_part(word) for word in words[1:]]
    score, parts = _split_score(parts, classes.key_points)
    if score is not None and not shapes.is_scored_enough(label, place, score):
        return
    if classes.key_points is not None and len(parts) > _BOX:
        _read_key_points(parts[_BOX:], (label, place, sheet), of)
    elif len(parts) == _BOX:
        _require_parts(parts)
        x, y, width, height = parts
        corners = [(x - width / 2, y - height / 2), (x + width / 2, y + height / 2)]
        shapes.box(label, place, sheet, [_on_picture(sheet, corner) for corner in corners])
    else:
        _require_parts(parts)
        _require_no_box(parts)
        ring = [_on_picture(sheet, (x, y)) for x, y in batched_in(parts, 2)]
        shapes.outline(label, place, sheet, [ring])


def _split_score(
    parts: list[float], key_points: tuple[int, int] | None
) -> tuple[float | None, list[float]]:
    """The score that stands last in what a model wrote, and the rest."""
    count = len(parts)
    if key_points is not None and count > _BOX + 1:
        expected = _BOX + key_points[0] * key_points[1]
        fits = count in (expected, expected + 1)
        is_scored = count == expected + 1
    else:
        fits = count in (_BOX, _BOX + 1) or count >= _LEAST_OUTLINE
        is_scored = count % 2 == 1
    if not fits:
        problem = (
            f"has {count} numbers behind the class: no box, outline or key points have so many"
        )
        raise Unusable(problem, "see kpt_shape in data.yaml, or export it anew")
    return (parts[-1], parts[:-1]) if is_scored else (None, parts)


def _read_key_points(
    parts: Sequence[float], on: tuple[Label, str, Sheet], of: tuple[_Classes, Shapes]
) -> None:
    (label, place, sheet), (classes, shapes) = on, of
    dimension = (classes.key_points or (0, 2))[1]
    for index, (x, y, *seen) in enumerate(batched_in(parts, dimension)):
        if (seen and seen[0] == _ABSENT) or (x == 0 and y == 0):
            continue
        _require_parts((x, y))
        name = f"{label.name or label.number}[{index}]"
        shapes.point(Label(name=name), f"{place}, {name}", sheet, _on_picture(sheet, (x, y)))


def _part(word: str) -> float:
    if _NUMBER.fullmatch(word) is None:
        raise Unusable("holds what is no number")
    return float(word)


def _require_parts(parts: Sequence[float]) -> None:
    """Parts of a picture are from 0 to 1; pixels are another form."""
    if not all(-_BEYOND <= part <= 1 + _BEYOND for part in parts):
        problem = "holds a number that is no part of the picture's width or height, from 0 to 1"
        raise Unusable(problem, "write parts, not pixels")


def _require_no_box(parts: Sequence[float]) -> None:
    """A box and the outline in it, as some write, have as many numbers as an outline alone."""
    x, y, width, height, *rest = parts
    if len(rest) < _LEAST_OUTLINE:
        return
    across, down = rest[::2], rest[1::2]
    around = (
        (min(across) + max(across)) / 2,
        (min(down) + max(down)) / 2,
        max(across) - min(across),
        max(down) - min(down),
    )
    given = (x, y, width, height)
    if all(abs(a - b) < _SAME_PART for a, b in zip(around, given, strict=True)):
        raise Unusable("has a box before its outline", "leave the box out: class x1 y1 x2 y2 ...")


def _on_picture(sheet: Sheet, parts: tuple[float, float]) -> tuple[float, float]:
    columns, rows = sheet.size or (sheet.columns, sheet.rows)
    return parts[0] * columns, parts[1] * rows


def _read_classes(path: Path) -> _Classes:
    """What the nearest file of names says; RecordRefused where it is none that is understood."""
    file = classes_of_yolo(path)
    return _Classes() if file is None else _parsed_classes(file)


def _parsed_classes(file: Path) -> _Classes:
    lines = read_text(file, _MAX_NAMES_BYTES).splitlines()
    if file.suffix == ".txt":
        return _Classes(file=file.name, names=_names_by_line(file.name, lines))
    try:
        names = _names(lines)
        shape = [int(word) for _, word in _value("kpt_shape", lines)]
    except ValueError:
        problem = "has names or kpt_shape in a form that hosr does not read"
        remedy = "write names: [a, b] or one a line, or name the classes by number in labels.toml"
        raise RecordRefused(Fault(file.name, problem, remedy)) from None
    if shape and (len(shape) != 2 or shape[0] < 1 or shape[1] not in (2, 3)):
        problem = "has a kpt_shape that is not [count, 2] or [count, 3]"
        raise RecordRefused(Fault(file.name, problem, "correct it"))
    key_points = (shape[0], shape[1]) if shape else None
    return _Classes(file=file.name, names=names, key_points=key_points)


def _names_by_line(file: str, lines: Sequence[str]) -> dict[int, str]:
    """The names of a list without numbers; an empty line in it would move those below it."""
    names = "\n".join(line.strip() for line in lines).rstrip("\n").split("\n")
    if "" in names[:-1]:
        line = names.index("") + 1
        problem = f"has no name in line {line}, which some programs count and others do not"
        raise RecordRefused(Fault(file, problem, "write a name there, or take the line out"))
    return {number: name for number, name in enumerate(names) if name}


def _names(lines: Sequence[str]) -> dict[int, str]:
    """The names by their numbers; ValueError where a number has two, or some have none."""
    given = list(_value("names", lines))
    keys = [key for key, _ in given if key is not None]
    numbers = list(map(int, keys)) or list(range(len(given)))
    is_once = sum(bool(re.match(r"names\s*:", line)) for line in lines) <= 1
    if not is_once or len(keys) not in (0, len(given)) or len(set(numbers)) < len(numbers):
        raise ValueError("names")
    return {number: word for number, (_, word) in zip(numbers, given, strict=True)}


_FLOW = re.compile(r"\s*(\[.*\]|\{.*\})\s*(?:#.*)?")
_ITEM = re.compile(
    r"""\s*(?:-\s+|(?P<key>\d{1,6})\s*:\s+|)(?P<word>"[^"\\]*"|'[^']*'|[^\s\[\]{}'"#&*!|>%@`][^#\[\]{}:]*?)\s*(?:\#.*)?"""
)


def _value(key: str, lines: Sequence[str]) -> Iterator[tuple[str | None, str]]:
    """The items of a list or mapping of YAML, in a line or one a line; ValueError for other forms."""
    start = next((n for n, line in enumerate(lines) if re.match(rf"{key}\s*:", line)), None)
    if start is None:
        return
    rest = lines[start].partition(":")[2]
    if not re.fullmatch(r"\s*(#.*)?", rest):
        flow = _FLOW.fullmatch(rest)
        if flow is None:
            raise ValueError(key)
        inner = flow.group(1)[1:-1].strip().rstrip(",")
        yield from (_item(part) for part in _split(inner) if inner)
        return
    for line in lines[start + 1 :]:
        if line.strip() and not line.lstrip().startswith("#"):
            if not re.match(r"\s+\S|-\s", line):
                return
            yield _item(line)


def _split(inner: str) -> list[str]:
    """At the commas that stand in no quotes."""
    return re.findall(r"""(?:"[^"]*"|'[^']*'|[^,"'])+""", inner)


def _item(text: str) -> tuple[str | None, str]:
    found = _ITEM.fullmatch(text)
    if found is None:
        raise ValueError(text)
    word = found["word"]
    return found["key"], word[1:-1] if word[0] in "\"'" else word
