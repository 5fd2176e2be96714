"""Record to report to record to report: the circle closes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hosr import sr
from hosr.intake.images import read_images
from hosr.intake.record import parse_record, read_record
from hosr.pipeline import make_report, report_record
from tests.sample_data.test_truth import ROOT, STUDIES


@pytest.mark.parametrize("study", STUDIES)
def test_a_record_that_was_read_back_makes_the_same_file(study: str) -> None:
    """What `hosr read` prints makes the same measurement report again, byte for byte."""
    images = read_images([Path(ROOT / study / "images")])
    first = sr.encode(make_report(read_record(ROOT / study / "record.json"), images).report)
    record = parse_record(json.dumps(report_record(sr.decode(first))))

    assert sr.encode(make_report(record, images).report) == first
