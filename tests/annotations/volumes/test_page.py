"""`hosr describe volumes` has the limits of the program."""

from __future__ import annotations

import re
from pathlib import Path

from hosr.annotations import film_agreement
from hosr.annotations.volumes import agreement

PAGE = Path(__file__).resolve().parents[3] / "hosr" / "cli" / "pages" / "volumes.md"


def test_limits_of_the_page_are_those_of_the_program() -> None:
    """Those of CT, then those of radiographs, in the order of the page."""
    said = re.findall(r"(\d+) (%|HU)", PAGE.read_text(encoding="utf-8"))
    assert said == [
        (f"{agreement.GOOD_SHARE:.0%}"[:-1], "%"),
        (f"{agreement.BONE_HU:g}", "HU"),
        (f"{agreement.LEAST_SHARE:.0%}"[:-1], "%"),
        (f"{agreement.EDGE_HU:g}", "HU"),
        (f"{film_agreement.GOOD_SHARE:.0%}"[:-1], "%"),
        (f"{film_agreement.LEAST_SHARE:.0%}"[:-1], "%"),
    ]
