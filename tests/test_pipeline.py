"""The flow from record and images to the files of one report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hosr.errors import RecordRefused
from hosr.intake.images import read_images
from hosr.intake.record import parse_record
from hosr.pipeline import (
    check,
    grade_record,
    is_unmeasured,
    make_report,
)
from tests.command import marked, write_record
from tests.images import DELETE, write_film

if TYPE_CHECKING:
    from hosr.pipeline import Outcome


def _outcome(folder: Path, record: dict[str, Any] | None = None, **header: Any) -> Outcome:
    images = read_images([write_film(folder / "film.dcm", **header)])
    return make_report(parse_record(json.dumps(record or marked())), images)


def test_a_record_is_graded_without_images() -> None:
    """Without images a marked gap has no millimetres, and leaves both grades possible."""
    (hip,) = grade_record(parse_record(json.dumps(marked())))
    assert [grade.possible for grade in hip.grades] == [("II", "III"), ("B", "C")]
    assert is_unmeasured(hip.hip)


@pytest.mark.parametrize(
    ("hip", "is_marked"),
    [
        ({"gap": {"mm": 8}}, False),
        ({"gap": None}, False),
        ({"gap": {"category": "<10mm"}}, False),
        ({"gap": {"mm": 8}, "gap_lateral": {"points": [[1, 1], [2, 2]]}}, True),
        ({"gap": {"mm": 8}, "islands": [{"length": {"points": [[1, 1], [2, 2]]}}]}, True),
    ],
)
def test_only_a_mark_without_millimetres_is_unmeasured(
    hip: dict[str, Any], is_marked: bool
) -> None:
    """A stated or classed length needs no image."""
    (found,) = parse_record(json.dumps(marked(**hip))).hips
    assert is_unmeasured(found) is is_marked


@pytest.mark.parametrize(
    "hip",
    [
        {"gap": {"mm": 8}, "features": ["CT_MIN_ZONAL"], "stage": "mineralization"},
        {"gap": {"mm": 8}, "stage": "maturation", "features": ["XR_MAT_CORTEX"]},
        {"gap": {"mm": 8}, "stage": "delayed"},
    ],
)
def test_a_view_that_is_left_to_the_images_contradicts_nothing(hip: dict[str, Any]) -> None:
    """Features and stages of any modality are graded while no view is stated."""
    assert grade_record(parse_record(json.dumps(marked(**hip))))


def test_a_contradiction_is_refused_with_and_without_images(tmp_path: Path) -> None:
    """The same contradiction is found when grading and when reporting."""
    record = marked(bridging="confirmed", gap={"mm": 12})
    faults = []
    with pytest.raises(RecordRefused, match="bone bridges the joint") as caught:
        grade_record(parse_record(json.dumps(record)))
    faults.append(caught.value.faults)
    with pytest.raises(RecordRefused, match="bone bridges the joint") as caught:
        _outcome(tmp_path, record)
    faults.append(caught.value.faults)
    assert faults[0] == faults[1]


@pytest.mark.parametrize(
    ("record", "header", "refusals"),
    [
        (marked(), {}, []),
        (marked(side="both"), {}, [["$.hips[0].side"]]),
        (marked(side="both"), {"Rows": DELETE}, [["$.hips[0].side"], ["film.dcm"]]),
        (
            {**marked(bridging="confirmed", gap={"mm": 12}), "study": {"patient_id": "P"}},
            {},
            [["$.hips[0].bridging"], ["$.study.patient_id"]],
        ),
        (marked(image="2.25.1"), {}, [["$.hips[0].image"]]),
    ],
)
def test_all_refusals_are_found_at_once(
    record: dict[str, Any], header: dict[str, Any], refusals: list[list[str]], tmp_path: Path
) -> None:
    """Record, images, contradictions and what does not match are looked at, whatever else fails."""
    path = write_record(tmp_path / "record.json", record)
    image = write_film(tmp_path / "film.dcm", **header)
    found = check(path, lambda _: read_images([image]), lambda _: ()).refusals
    assert [[fault.path for fault in error.faults] for error in found] == refusals
