"""The samples against their known truth: what hosr measures is what the phantom has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hosr.errors import ImagesRefused
from hosr.findings import Length, Plane
from hosr.intake.images import read_images
from hosr.intake.record import parse_record, read_record
from hosr.measure.length import patient_interval_mm
from hosr.pipeline import make_report
from hosr.report import GradedHip, Report
from hosr.scales.flags import uncertainty_mm

ROOT = Path(__file__).resolve().parents[2] / "sample_data"
STUDIES = sorted(path.parent.name for path in ROOT.glob("*/record.json"))
LIMIT_BYTES = 8_500_000


def _report(study: str) -> Report:
    images = read_images([ROOT / study / "images"])
    return make_report(read_record(ROOT / study / "record.json"), images).report


def _truth(study: str) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((ROOT / study / "truth.json").read_text(encoding="utf-8"))
    return truth


def _lengths(graded: GradedHip, truth: dict[str, Any]) -> list[tuple[Length, float]]:
    """Each measured length of a hip beside the true one, in mm."""
    found = []
    if graded.hip.gap is not None:
        found.append((graded.hip.gap, truth["gap_mm"]))
    measured = sorted(
        (island.length for island in graded.hip.islands or () if island.length is not None),
        key=lambda length: length.mm or 0.0,
    )
    true = sorted(island["length_mm"] for island in truth["islands"])
    found += zip(measured, true, strict=True)
    return [(length, mm) for length, mm in found if length.mm is not None]


def test_the_samples_are_those_that_were_promised() -> None:
    """Every grade, both hips, MR, CT, a follow-up pair and poor headers are there."""
    assert STUDIES == [
        "bilateral",
        "brooker-0",
        "brooker-1",
        "brooker-2",
        "brooker-3",
        "brooker-4",
        "ct",
        "follow-up-1",
        "follow-up-2",
        "mr-early",
        "poor-headers",
    ]


@pytest.mark.parametrize("study", STUDIES)
def test_a_measured_length_is_the_true_one(study: str) -> None:
    """A length in the patient is true within its uncertainty; a magnified one spans the truth."""
    report, truth = _report(study), _truth(study)
    hips = {hip["side"]: hip for hip in truth["hips"]}
    for graded in report.hips:
        for length, true_mm in _lengths(graded, hips[graded.hip.side]):
            interval = patient_interval_mm(length)
            assert interval is not None
            low, high = interval
            margin = uncertainty_mm(length, report.setting)
            if length.plane is not Plane.PATIENT:
                margin = truth["uncertainty_mm"]
            assert low - margin <= true_mm <= high + margin, (graded.hip.side, length)


@pytest.mark.parametrize("study", ["brooker-2", "brooker-3", "ct"])
def test_a_calibrated_length_is_true_to_a_third_of_a_millimetre(study: str) -> None:
    """Where the image is calibrated at the depth of the gap, only the clicks are uncertain."""
    report, truth = _report(study), _truth(study)
    hips = {hip["side"]: hip for hip in truth["hips"]}
    pairs = [pair for graded in report.hips for pair in _lengths(graded, hips[graded.hip.side])]

    assert pairs
    assert [true for length, true in pairs if abs((length.mm or 0) - true) > 0.3] == []


@pytest.mark.parametrize("study", STUDIES)
def test_a_derived_grade_is_the_true_one(study: str) -> None:
    """The findings of each sample derive the grade that the phantom was made to have."""
    report, truth = _report(study), _truth(study)
    expected = {hip["side"]: (hip["brooker"], hip["della_valle"]) for hip in truth["hips"]}
    derived = {}
    for graded in report.hips:
        brooker, della_valle = graded.grade("brooker"), graded.grade("della_valle")
        assert brooker is not None
        assert della_valle is not None
        derived[graded.hip.side.value] = (brooker.grade, della_valle.grade)

    assert derived == {side: expected[side] for side in derived}


@pytest.mark.parametrize(
    "study", ["bilateral", "brooker-1", "brooker-2", "brooker-3", "follow-up-1"]
)
def test_a_record_of_the_wrong_side_is_refused(study: str) -> None:
    """Marks that lie at the other hip of an AP pelvis give no report of either."""
    record = json.loads((ROOT / study / "record.json").read_text(encoding="utf-8"))
    for hip in record["hips"]:
        hip["side"] = {"right": "left", "left": "right"}[hip["side"]]
    images = read_images([ROOT / study / "images"])
    with pytest.raises(ImagesRefused, match="all its marks lie in the other half") as refusal:
        make_report(parse_record(json.dumps(record)), images)

    assert [fault.path for fault in refusal.value.faults] == [
        f"$.hips[{index}].side" for index, _ in enumerate(record["hips"])
    ]


def test_the_samples_are_small() -> None:
    """All samples together stay under 8.5 MB."""
    assert sum(p.stat().st_size for p in ROOT.rglob("*") if p.is_file()) < LIMIT_BYTES
