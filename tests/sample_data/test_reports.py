"""The example reports that are shipped are those of the samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosr import sr
from hosr.intake.images import read_images
from hosr.intake.record import read_record
from hosr.pipeline import make_report
from hosr.resources import example_dir
from tests.sample_data.test_truth import ROOT, STUDIES


@pytest.mark.parametrize("study", STUDIES)
def test_an_example_is_the_measurement_report_of_its_study(
    study: str, request: pytest.FixtureRequest
) -> None:
    """Each example is, byte for byte, what hosr makes of the record and images today."""
    images = read_images([Path(ROOT / study / "images")])
    made = sr.encode(make_report(read_record(ROOT / study / "record.json"), images).report)
    path = ROOT / "reports" / f"{study}.dcm"
    if request.config.getoption("--update-golden"):
        path.write_bytes(made)

    assert path.is_file(), f"{path.name} does not exist; run pytest --update-golden"
    assert path.read_bytes() == made


def test_there_is_no_other_example() -> None:
    """Every example has its study, and a checkout finds them."""
    assert example_dir() == ROOT / "reports"
    assert sorted(path.name for path in example_dir().iterdir()) == [
        f"{study}.dcm" for study in STUDIES
    ]
