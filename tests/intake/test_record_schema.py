"""The published JSON Schema: valid, true to the examples, no stricter and hardly laxer than the door."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hosr.intake.record import parse_record, record_schema
from tests.intake.records import WHOLE, minimal

_ROOT = Path(__file__).resolve().parents[2]
_SCHEMA = Draft202012Validator(record_schema())


def _published_records() -> list[Any]:
    """Every grading record that the README shows or the sample data hold."""
    blocks = []
    readme = _ROOT / "README.md"
    if readme.is_file():
        parts = readme.read_text(encoding="utf-8").split("```json\n")[1:]
        blocks = [pytest.param(part.split("```")[0], id="README") for part in parts]
    files = sorted((_ROOT / "sample_data").rglob("*.json"))
    blocks += [pytest.param(file.read_text(encoding="utf-8"), id=file.name) for file in files]
    return [block for block in blocks if '"schema_version"' in str(block.values[0])]


def test_the_schema_is_valid() -> None:
    """The schema obeys JSON Schema 2020-12 and carries its name."""
    schema = record_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "urn:hosr:schema:grading-record:1.0"
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("record", [*WHOLE, minimal()])
def test_whole_records_fit_the_schema(record: dict[str, Any]) -> None:
    """Records that the door lets in fit, among them the schema's own example."""
    parse_record(json.dumps(record))
    assert list(_SCHEMA.iter_errors(record)) == []


@pytest.mark.parametrize("text", _published_records())
def test_published_records_fit_the_schema(text: str) -> None:
    """Every record of the README and the sample data reads, and fits the schema."""
    parse_record(text)
    assert list(_SCHEMA.iter_errors(json.loads(text))) == []


@pytest.mark.parametrize(
    "hip",
    [
        {"side": "both"},
        {"joint": "elbow"},
        {"evaluable": "yes"},
        {"evaluable": False},
        {"not_evaluable_reason": "rotated"},
        {"gap": "9,5"},
        {"gap": {}},
        {"gap": {"mm": "9,5"}},
        {"gap": {"mm": -1}},
        {"gap": {"mm": 201}},
        {"gap": {"mm": 8, "points": [[1, 2], [3, 4]]}},
        {"gap": {"mm": 8, "image": "1.2"}},
        {"gap": {"category": "wide"}},
        {"gap": {"points": [[1, 2]]}},
        {"gap": {"points": [[1, 2], [3, 4]], "image": "here"}},
        {"islands": [{"length": {"mm": 0}}]},
        {"islands": [{"length": {"category": "<10mm"}}]},
        {"islands": [{"region": {"polygon": [[1, 2], [3, 4]]}}]},
        {"features": ["XR_MAT"]},
        {"grade": 2},
        {"grades": {"brooker": "V"}},
        {"grades": {"brooker": 5}},
        {"grades": {"della_valle": 1}},
        {"probabilities": {"brooker": {"V": 1}}},
        {"probabilities": {"brooker": {"I": 1.5}}},
        {"calibration": {"points": [[1, 2], [3, 4]]}},
        {"comment": "x" * 1025},
        {"comment": "a\u0000b"},
        {"frame": 0},
    ],
    ids=json.dumps,
)
def test_the_schema_refuses_what_it_can_say(hip: dict[str, Any]) -> None:
    """Whoever checks with the schema alone finds these faults too."""
    assert not _SCHEMA.is_valid(minimal(**hip))


def test_the_schema_knows_that_each_side_comes_once() -> None:
    """Two entries for one hip are refused by the schema as well."""
    assert not _SCHEMA.is_valid(minimal() | {"hips": [{"side": "left"}] * 2})


def test_every_object_refuses_unknown_keys() -> None:
    """No object of the schema is open, apart from an algorithm's parameters and the scores."""
    objects = [record_schema(), *record_schema()["$defs"].values()]
    assert all(node["additionalProperties"] is False for node in objects)
    assert all(node["description"] for node in objects)
