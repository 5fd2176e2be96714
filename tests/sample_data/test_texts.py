"""The texts of the samples in every language, read by people and kept."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hosr.intake.images import read_images
from hosr.intake.record import read_record
from hosr.narrative import Wording, render_text
from hosr.pipeline import make_report
from tests.language.told import TOLD
from tests.sample_data.test_truth import ROOT, STUDIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from hosr.report import Report

_KEPT = Path(__file__).parents[1] / "golden" / "samples"


@cache
def _report(study: str) -> Report:
    images = read_images([ROOT / study / "images"])
    return make_report(read_record(ROOT / study / "record.json"), images).report


@pytest.mark.parametrize("tag", TOLD)
@pytest.mark.parametrize("study", STUDIES)
def test_whole_text(study: str, tag: str, compare_golden: Callable[[str, str], None]) -> None:
    """The text of each sample is the one that was read and kept."""
    text = render_text(_report(study), Wording(TOLD[tag]))
    compare_golden(f"samples/{tag}/{study}.txt", text)


def test_no_golden_is_left_over() -> None:
    """Every kept text has its language and its sample."""
    kept = {(path.parent.name, path.stem) for path in _KEPT.rglob("*.txt")}
    assert kept <= {(tag, study) for tag in TOLD for study in STUDIES}
