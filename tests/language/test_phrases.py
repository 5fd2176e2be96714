"""Words that are said in English now and again in another language: frozen, and kept by every fault of a reader."""

from __future__ import annotations

import ast
import copy
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hosr.language import ENGLISH, LANGUAGES, language_of
from hosr.phrases import Phrase, figures, phrase, several
from hosr.vocabulary.terms import Side

_ROOT = Path(__file__).resolve().parents[2]

# The rooms whose faults and notes a reader meets at the desk, by record, by image or by what is done.
_ROOMS = (
    *("hosr/scales", "hosr/measure", "hosr/intake/record", "hosr/intake/images", "hosr/drafts"),
    *("hosr/desk", "hosr/intake/marks.py", "hosr/intake/matching.py", "hosr/intake/overrides.py"),
    *("hosr/intake/sides.py", "hosr/intake/space.py", "hosr/report.py", "hosr/dicom/structure.py"),
    *("hosr/dicom/elements.py", "hosr/dicom/writing.py", "hosr/lifecycle/signing.py"),
    *("hosr/lifecycle/amendment.py", "hosr/lifecycle/versions.py", "hosr/lifecycle/succession.py"),
    *("hosr/lifecycle/publication.py", "hosr/sandbox.py", "hosr/sqlite.py", "hosr/pipeline.py"),
)

# What makes words a fault or a note, and which of its arguments are these.
_CALLS = {
    "Fault": (1, 2),
    "Located": (1, 2),
    "refuse": (0, 1, 2),
    "refuse_file": (1, 2),
    "UnusableFile": (0, 1),
    "Contradiction": (3, 4),
    "note": (0, 1),
    "_unfit": (1, 2),
}
_NAMES = frozenset({"problem", "remedy", "told"})

# Whose faults no reader meets: files of the command line, values of Python, what another room is told.
_TOLD_ELSEWHERE = {
    "hosr/desk/audit.py": "the check of the audit, which the command line prints",
    "hosr/desk/server.py": "how the desk is started",
    "hosr/drafts/database.py": "the folder that a program is started with",
    "hosr/intake/images/charset.py": "an option of the command line",
    "hosr/intake/images/reader.py": "objects of Python, and images of an archive",
    "hosr/intake/record/__init__.py": "sources of Python",
    "hosr/intake/record/foreign_tables.py": "files",
    "hosr/intake/record/json_text.py": "files, and values of Python",
    "hosr/intake/record/writer.py": "values of Python",
    "hosr/lifecycle/publication.py": "a step without images, which the desk does not take",
    "hosr/lifecycle/signing.py": "an addendum, and a draft signed twice, which the store forbids",
}


def _files() -> Iterator[Path]:
    for room in _ROOMS:
        place = _ROOT / room
        yield from (place,) if place.suffix else sorted(place.glob("*.py"))


def _bare(path: Path) -> list[str]:
    """The texts that a file makes words of a fault, and no phrase."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            given = [node.args[place] for place in _CALLS.get(name, ()) if place < len(node.args)]
            given += [each.value for each in node.keywords if each.arg in _NAMES and name == "Note"]
            found += [text for each in given for text in _texts(each)]
        elif isinstance(node, ast.Assign):
            named = {
                leaf.id
                for each in node.targets
                for leaf in ast.walk(each)
                if isinstance(leaf, ast.Name)
            }
            found += _texts(node.value) if named & _NAMES else []
    return [text for text in found if " " in text]  # rules, names of files and paths are one word


def _texts(node: ast.expr) -> list[str]:
    """The texts of an expression as it stands, of its alternatives and parts too."""
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    if isinstance(node, ast.Tuple):
        return [text for each in node.elts for text in _texts(each)]
    is_text = isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return [ast.unparse(node)] if is_text else []


@pytest.mark.parametrize("path", [*_files()], ids=lambda path: path.relative_to(_ROOT).as_posix())
def test_what_a_reader_is_told_is_a_phrase(path: Path) -> None:
    """A fault whose words are plain text stays English in every language."""
    if path.relative_to(_ROOT).as_posix() not in _TOLD_ELSEWHERE:
        assert _bare(path) == []


def test_what_is_told_elsewhere_is_still_there() -> None:
    """No file is let off that has nothing to be let off for."""
    assert [name for name in _TOLD_ELSEWHERE if not _bare(_ROOT / name)] == []


_SAID = phrase(
    "is {side}, {number} of {names}", side=Side.LEFT, number=figures("1.5"), names=several("abc")
)


def _pickled(said: object) -> object:
    return pickle.loads(pickle.dumps(said))  # noqa: S301 (its own)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, _pickled])
def test_a_phrase_stays_what_it_is(again: Callable[[object], object]) -> None:
    """Copied, or sent to another process, it is the same words, and can be said again."""
    made = again(_SAID)
    assert isinstance(made, Phrase)
    assert (made, made.template, made.values) == (_SAID, _SAID.template, _SAID.values)


def test_a_phrase_cannot_be_changed() -> None:
    """It is a text as any other."""
    with pytest.raises(AttributeError, match="cannot be changed"):
        _SAID.template = "another"
    assert _SAID == "is left, 1.5 of a, b and c"


@pytest.mark.parametrize(
    ("count", "last", "told"),
    [
        (0, "and", ""),
        (1, "and", "0"),
        (3, "or", "0, 1 or 2"),
        (10, "and", "0, 1, 2, 3, 4, 5, 6, 7, 8 and 9"),
        (12, "and", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"),
        (12, ";", "0; 1; 2; 3; 4; 5; 6; 7; 8; 9; 2 more"),
        (3000, "or", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 or 2990 more"),
    ],
)
def test_of_many_names_the_first_are_told(count: int, last: str, told: str) -> None:
    """And how many more: a sentence stays one that is read."""
    assert several(map(str, range(count)), last) == told


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("de", ("1,5", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 und 2 weitere", "ist leer")),
        ("fr", ("1,5", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 et 2 de plus", "est vide")),
        ("es", ("1,5", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 y 2 más", "está en blanco")),
        ("it", ("1,5", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 e altri 2", "è vuoto")),
        ("en", ("1.5", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more", "is blank")),
    ],
)
def test_what_was_said_is_said_again(tag: str, told: tuple[str, ...]) -> None:
    """Numbers and lists by the custom of the language; what is no phrase stays."""
    said = (figures("1.5"), several(map(str, range(12))), phrase("is blank"))
    retold = [language_of(tag).retell(each).replace("\xa0", " ") for each in said]
    assert tuple(retold) == told
    assert language_of(tag).retell("is blank") == "is blank"


def test_english_is_what_was_said() -> None:
    """No blank of it is another one."""
    assert [ENGLISH.retell(_SAID), ENGLISH.tag in LANGUAGES] == [str(_SAID), True]
