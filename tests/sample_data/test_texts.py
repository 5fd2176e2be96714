"""The texts and pages of the samples in every language, read by people and kept."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hosr.intake.images import read_images
from hosr.intake.record import read_record
from hosr.narrative import Wording
from hosr.outputs import make_files
from hosr.pipeline import make_report
from tests.language.told import TOLD
from tests.sample_data.test_truth import ROOT, STUDIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from hosr.pipeline import Outcome

pytestmark = pytest.mark.slow

_KEPT = Path(__file__).parents[1] / "golden" / "samples"


# The look and the pixels are tested elsewhere; here it is what a page says and draws.
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_PIXELS = re.compile(r"(?<=data:image/png;base64,)[A-Za-z0-9+/=]+")


@cache
def _outcome(study: str) -> Outcome:
    images = read_images([ROOT / study / "images"])
    return make_report(read_record(ROOT / study / "record.json"), images)


@pytest.mark.parametrize("tag", TOLD)
@pytest.mark.parametrize("study", STUDIES)
def test_whole_text_and_page(
    study: str, tag: str, compare_golden: Callable[[str, str], None]
) -> None:
    """Text and page of each sample are those that were read and kept."""
    text, page, _ = make_files(_outcome(study), ["text", "html"], wording=Wording(TOLD[tag]))
    compare_golden(f"samples/{tag}/{study}.txt", text.data.decode())
    said = _PIXELS.sub("", _STYLE.sub("", page.data.decode()))
    compare_golden(f"samples/{tag}/{study}.html", said)


def test_no_golden_is_left_over() -> None:
    """Every kept text and page has its language and its sample."""
    kept = {path.relative_to(_KEPT).as_posix() for path in _KEPT.rglob("*.*")}
    assert kept == {
        f"{tag}/{study}{kind}" for tag in TOLD for study in STUDIES for kind in (".txt", ".html")
    }
