"""The promise of `hosr describe stability`: what 0.1.0 gave to programs and people is still there.

`data_0_1_0/promises.json` and `schema.json` were written by 0.1.0 (`make_promises.txt`). They only grow.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import hosr
from hosr.cli import EXIT_CODES
from hosr.cli.describe import TOPICS
from hosr.cli.program import make_parser
from hosr.cli.topics import private_codes
from hosr.cohort.columns import COLUMNS
from hosr.intake.record import record_schema
from hosr.outputs import OUTPUTS
from tests.command import marked
from tests.images import write_film

_DATA = Path(__file__).parent / "data_0_1_0"
_STUDY = Path(__file__).resolve().parents[1] / "sample_data" / "bilateral"
PROMISED = json.loads((_DATA / "promises.json").read_text(encoding="utf-8"))
SCHEMA = json.loads((_DATA / "schema.json").read_text(encoding="utf-8"))


def test_private_codes_keep_their_meaning() -> None:
    """Each code of the private scheme means what it meant."""
    assert PROMISED["codes"].items() <= {c.value: c.meaning for c in private_codes()}.items()


def test_public_names_stay() -> None:
    """Each public name of Python is one still."""
    assert set(PROMISED["python"]) <= set(dir(hosr)) | {"__version__"}


def test_topics_stay() -> None:
    """Each topic of `hosr describe` is one still."""
    assert set(PROMISED["topics"]) <= set(TOPICS)


def test_exit_codes_stay() -> None:
    """Each refusal ends a command with the code that it had."""
    now = {kind.__name__: code for kind, (code, _) in EXIT_CODES.items()}
    assert PROMISED["exit_codes"].items() <= now.items()


def test_outputs_and_columns_stay() -> None:
    """Each output makes the files that it made; each column of a cohort has its name and type."""
    outputs = {name: output.files for name, output in OUTPUTS.items()}
    columns = {column.name: column.kind.value for column in COLUMNS}
    assert PROMISED["outputs"].items() <= outputs.items()
    assert PROMISED["cohort"].items() <= columns.items()


@pytest.mark.parametrize("command", PROMISED["commands"])
def test_commands_keep_their_options(command: str) -> None:
    """Each command is there with the options that it had."""
    assert set(PROMISED["commands"][command]) <= _options(make_parser(), command.split())


def _options(parser: argparse.ArgumentParser, words: list[str]) -> set[str]:
    """The options of the command that these words name."""
    for word in words:
        (below,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
        parser = below.choices[word]
    return {option for action in parser._actions for option in action.option_strings}


def test_the_manifest_keeps_its_names(tmp_path: Path) -> None:
    """Each name of a manifest is there, at its place; also of what was tolerated."""
    lacking = write_film(tmp_path / "film.dcm", PatientOrientation="")
    names = set[str]()
    for record, images in ((_STUDY / "record.json", _STUDY / "images"), (marked(), lacking)):
        outcome = hosr.make_report(record, images)
        *_, manifest = hosr.make_files(outcome, ["measurement", "text"])
        names |= set(_keys(json.loads(manifest.data)))
    assert set(PROMISED["manifest"]) <= names


def _keys(value: Any, place: str = "") -> Iterator[str]:
    """The dotted names of all that a JSON value holds; elements of a list have that of the list."""
    if isinstance(value, dict):
        for name, held in value.items():
            yield f"{place}{name}"
            yield from _keys(held, f"{place}{name}.")
    elif isinstance(value, list):
        for held in value:
            yield from _keys(held, place)


def test_records_are_read_for_ever() -> None:
    """The schema of records has every name and word that it had, and needs none that it did not.

    An object that was added may need names of its own: nobody who leaves it out is asked for them.
    """
    old, new = dict(_names(SCHEMA, SCHEMA)), dict(_names(record_schema(), record_schema()))
    assert len(old) > 60
    assert old.keys() <= new.keys()
    assert {name for name in old if not old[name][1] <= new[name][1]} == set()
    now_needed = {name for name in old if new[name][0] and not old[name][0]}
    assert now_needed == set()
    added = new.keys() - old.keys()
    in_old_places = {name for name in added if name.rpartition(".")[0] not in added}
    assert {name for name in in_old_places if new[name][0]} == set()


def _names(
    schema: dict[str, Any], node: dict[str, Any], place: str = ""
) -> Iterator[tuple[str, tuple[bool, frozenset[str]]]]:
    """Each dotted name of a record: whether it is needed there, and the words that it may be."""
    if "$ref" in node:
        yield from _names(schema, schema["$defs"][node["$ref"].rsplit("/", 1)[1]], place)
    for name, held in node.get("properties", {}).items():
        dotted = f"{place}{name}"
        yield dotted, (name in node.get("required", ()), frozenset(_words(schema, held)))
        yield from _names(schema, held, f"{dotted}.")
    for part in [*node.get("anyOf", ()), *node.get("oneOf", ()), node.get("items")]:
        if isinstance(part, dict):
            yield from _names(schema, part, place)


def _words(schema: dict[str, Any], node: dict[str, Any]) -> Iterator[str]:
    """The words that a value, or an element of it, may be."""
    if "$ref" in node:
        yield from _words(schema, schema["$defs"][node["$ref"].rsplit("/", 1)[1]])
    yield from map(str, node.get("enum", ()))
    for part in [*node.get("anyOf", ()), *node.get("oneOf", ()), node.get("items")]:
        if isinstance(part, dict):
            yield from _words(schema, part)
