"""What remedies ask for is named as whoever imports knows it, wherever a source is read."""

from __future__ import annotations

import ast
import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import pytest

import hosr
from hosr.annotations import account
from hosr.annotations.account import COMMAND_LINE
from hosr.annotations.labels import parse_labels
from tests.annotations.viewers.files import FILES, SAMPLES

_SCORES = {"brooker": {"II": 0.9, "III": 0.06, "IV": 0.04}}
_BY_MODEL = {"model": "HipGrader", "version": "2.1", "right": _SCORES}
_SAMPLE = SAMPLES / "brooker-3"
_PLANAR = FILES / "highdicom" / "tid1410-planar.dcm"
_MODEL = 'schema_version = "1.0"\n[observer]\nname = "HipGrader"\nversion = "2.1"\n'
_AT = hosr.Author(at=dt.datetime(2026, 7, 1, 10, tzinfo=dt.UTC))
_NERI = replace(_AT, person=hosr.Person(name="Neri^Ada"))


def _strings(path: Path) -> Iterator[str]:
    """Every text of a module that is none of its documentation."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def test_options_of_the_command_line_stand_in_their_table_alone() -> None:
    """A reader that wrote one into a sentence would tell it to rows and to programs too."""
    folder = Path(account.__file__).parent
    found = {
        text
        for path in sorted(folder.rglob("*.py"))
        for text in _strings(path)
        if re.search(r"--[a-z]", text)
    }
    named = {name for option in astuple(COMMAND_LINE) for name in _names(option)}
    assert found == named


def _names(option: str | tuple[str, str]) -> tuple[str, ...]:
    return (option,) if isinstance(option, str) else option


# The source, what else the call says, and the fault.
_FAULTS: list[tuple[Any, dict[str, Any], str]] = [
    (
        _PLANAR,
        {"author": _AT},
        (
            "tid1410-planar.dcm: was drawn on images, on which every length is measured anew; give them with "
            "`images`"
        ),
    ),
    (
        _SAMPLE / "outlines.json",
        {"author": _AT, "labels": _SAMPLE / "labels.toml"},
        (
            "outlines.json, image-1.png: is drawn on a picture, whose image is not given; give the image that it "
            "was drawn on with `images`"
        ),
    ),
    (
        [{**_BY_MODEL, "study_instance_uid": f"1.2.{number}"} for number in (3, 4)],
        {"author": _AT},
        (
            "scores.json: holds scores of 2 studies, and a record is of one; give the images of one of them with "
            "`images`"
        ),
    ),
    (
        {"right": _SCORES},
        {"author": _AT},
        (
            "scores.json: does not say who or what drew it; name the model in [observer] of labels.toml, or the "
            "person with `author.person`"
        ),
    ),
    (
        _BY_MODEL,
        {},
        (
            "scores.json: does not say when it was made; say it with `author.at`, such as "
            "2026-03-02T11:20:00+01:00"
        ),
    ),
    (
        _PLANAR,
        {"images": _SAMPLE / "images"},
        (
            "tid1410-planar.dcm: gives its time without an offset from UTC; name the time zone of that clock with "
            "`author.timezone`, such as Europe/Berlin"
        ),
    ),
    (
        _SAMPLE / "outlines.json",
        {"author": _NERI, "images": _SAMPLE / "images"},
        (
            "outlines.json: holds nothing that a hip is graded by; say with `labels` what its labels stand for "
            "(`hosr describe labels`)"
        ),
    ),
    (
        {"right": _SCORES},
        {"author": _NERI, "labels": parse_labels(_MODEL, "labels.toml")},
        "author.person: names a person, and [observer] of labels.toml a model; leave one of them out",
    ),
]


@pytest.mark.parametrize(("source", "said", "told"), _FAULTS)
def test_a_program_is_told_the_arguments_of_the_call(
    source: Any, said: dict[str, Any], told: str, tmp_path: Path
) -> None:
    """`hosr.import_sources` has no command line."""
    if not isinstance(source, Path):
        content, source = source, tmp_path / "scores.json"
        source.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(hosr.HosrError) as refused:
        hosr.import_sources(source, **said)
    assert str(refused.value) == told
