"""What a program found beside the findings, in a record: what surfaces rest on, other distances, outlines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hosr.errors import RecordRefused
from hosr.findings import Boundary, Candidate, Length, Outline, Place, Polygon
from hosr.intake.record import Record, parse_record, record_json
from hosr.pipeline import grade_record
from hosr.vocabulary.surfaces import SetAside, Structure, SurfaceBasis
from tests.intake.records import minimal

_FOUND: dict[str, Any] = {
    "boundary": {
        "basis": "probabilities",
        "sd_mm": 0.5,
        "sd_stated": False,
        "cell_mm": [0.7, 0.7, 1],
        "level": 0.5,
    },
    "candidates": [
        {
            "between": ["pelvic_spur", "femur"],
            "length": {"mm": 9.1},
            "why": "longer",
            "level": 0.3,
        }
    ],
    "outlines": [
        {"structure": "implant", "polygon": [[1, 2], [9, 2], [5, 8]], "image": "1.2", "frame": 4}
    ],
}


def _record(**hip: Any) -> dict[str, Any]:
    return {**minimal(**hip), "schema_version": "1.1"}


def _read(record: dict[str, Any]) -> Record:
    return parse_record(json.dumps(record))


def test_all_of_it_is_read_and_written_again() -> None:
    """As values, and as the same JSON."""
    read = _read(_record(**_FOUND))
    (hip,) = read.hips
    assert hip.boundary == Boundary(
        basis=SurfaceBasis.PROBABILITIES, sd_mm=0.5, cell_mm=(0.7, 0.7, 1.0), level=0.5
    )
    assert hip.candidates == (
        Candidate(
            between=(Structure.PELVIC_SPUR, Structure.FEMUR),
            length=Length(mm=9.1),
            why=SetAside.LONGER,
            level=0.3,
        ),
    )
    place = Place(sop_instance_uid="1.2", frame=4)
    polygon = Polygon(corners=((1.0, 2.0), (9.0, 2.0), (5.0, 8.0)), place=place)
    assert hip.outlines == (Outline(structure=Structure.IMPLANT, polygon=polygon),)
    written = record_json(read)
    assert {key: written["hips"][0][key] for key in _FOUND} == _FOUND


def test_a_standard_deviation_is_stated_unless_it_says_not() -> None:
    """A maker's number is the rule; where none is given nothing is stated."""
    stated = _read(_record(boundary={"basis": "mask", "sd_mm": 0.26})).hips[0].boundary
    bare = _read(_record(boundary={"basis": "mask"})).hips[0].boundary
    assert stated is not None
    assert bare is not None
    assert (stated.sd_is_stated, bare.sd_is_stated) == (True, False)


def test_nothing_is_graded_by_it() -> None:
    """A shorter distance that was set aside leaves the grade to the gap."""
    spurred = {
        "presence": "present",
        "spurs": {"pelvis": True, "femur": True},
        "gap": {"mm": 12.4},
        "bridging": "none",
    }
    plain, found = (
        grade_record(_read({**_record(**spurred, **more), "view": "ct"})) for more in ({}, _FOUND)
    )
    assert [graded.grades for graded in found] == [graded.grades for graded in plain]
    assert [graded.flags for graded in found] == [graded.flags for graded in plain]


_LENGTH: dict[str, Any] = {"mm": 9.1}


@pytest.mark.parametrize(
    ("hip", "path", "problem"),
    [
        ({"boundary": {}}, "boundary.basis", "is missing"),
        ({"boundary": {"basis": "mesh"}}, "boundary.basis", 'is "mesh", which is no word of the record'),
        ({"boundary": {"basis": "mask", "sd_stated": True}}, "boundary.sd_stated", "is given without sd_mm"),
        ({"boundary": {"basis": "mask", "cell_mm": [0.7]}}, "boundary.cell_mm", "has 1 of at least 2 entries"),
        ({"boundary": {"basis": "mask", "level": 50}}, "boundary.level", "is 50, more than 1"),
        ({"candidates": [{"between": ["femur"], "length": _LENGTH, "why": "longer"}]},
         "candidates[0].between", "has 1 of at least 2 entries"),
        ({"candidates": [{"between": ["femur", "pelvis"], "why": "longer"}]}, "candidates[0].length", "is missing"),
        ({"candidates": [{"between": ["femur", "pelvis"], "length": {}, "why": "longer"}]},
         "candidates[0].length", "holds no length"),
        ({"candidates": [{"between": ["femur", "pelvis"], "length": _LENGTH, "why": "short"}]},
         "candidates[0].why", 'is "short", which is no word of the record'),
        ({"outlines": [{"structure": "femur", "polygon": [[1, 2], [3, 4]]}]},
         "outlines[0].polygon", "has 2 of at least 3 entries"),
        ({"outlines": [{"structure": "cup", "polygon": [[1, 2], [3, 4], [5, 9]]}]},
         "outlines[0].structure", 'is "cup", which is no word of the record'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(hip: dict[str, Any], path: str, problem: str) -> None:
    """Each with its place."""
    with pytest.raises(RecordRefused) as refusal:
        _read(_record(**hip))
    first = refusal.value.faults[0]
    assert (first.path, first.problem) == (f"$.hips[0].{path}", problem)


def test_version_1_0_does_not_know_it() -> None:
    """A program that reads 1.0 must not meet it."""
    with pytest.raises(RecordRefused) as refusal:
        _read({**_record(**_FOUND), "schema_version": "1.0"})
    paths = [fault.path for fault in refusal.value.faults]
    assert paths == [f"$.hips[0].{key}" for key in _FOUND]
