"""Whole texts of constructed reports, read by people and kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hosr.narrative import SECTIONS, compose_sections, render_text
from hosr.narrative.layout import COLUMNS, columns
from tests.narrative.cases import CASES

if TYPE_CHECKING:
    from collections.abc import Callable

# Words that no sentence of hosr ever uses: what was not looked at, what nobody may conclude.
# And the ways in which Python prints what is missing.
FORBIDDEN = re.compile(
    r"\b((?i:stable|unchanged|benign|malignan\w+|sarcoma|normal|no fracture|no loosening"
    r"|no infection|ankylosed|cm of bone|excision is|operable|prophyla\w+|prognos\w+"
    r"|recommend\w*|likely|certain\w*|nan|inf|null|undefined)|None(?! available:)|True|False)\b"
)


@pytest.mark.parametrize("name", CASES)
def test_whole_text(name: str, compare_golden: Callable[[str, str], None]) -> None:
    """The text of each case is the one that was read and kept."""
    compare_golden(f"text/{name}.txt", render_text(CASES[name]))


def test_no_golden_is_left_over() -> None:
    """Every kept text has its case."""
    kept = Path(__file__).parents[1] / "golden" / "text"
    assert {path.stem for path in kept.iterdir()} <= set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_nothing_forbidden_is_said(name: str) -> None:
    """No text holds a word that concludes more than a grading can."""
    assert FORBIDDEN.search(render_text(CASES[name])) is None


@pytest.mark.parametrize("name", CASES)
def test_lines_fit_the_page(name: str) -> None:
    """No line is wider than 80 columns, ends in a blank, or parts a number from its unit."""
    lines = render_text(CASES[name]).splitlines()
    assert max(map(columns, lines)) <= COLUMNS
    assert [line for line in lines if line != line.rstrip()] == []
    assert [line for line in lines if re.match(r"(mm|cm|%|days|months)\b", line)] == []


@pytest.mark.parametrize("name", CASES)
def test_sections_hold_the_same_words(name: str) -> None:
    """The paragraphs for the structured report are the text without its line ends."""
    sections = compose_sections(CASES[name])
    words = "".join(render_text(CASES[name]).split())
    status, *rest = (
        "".join("".join((section.title, *section.paragraphs)).split()) for section in sections
    )
    assert tuple(section.key for section in sections) == SECTIONS
    assert all(section.paragraphs for section in sections)
    assert words.startswith(status)
    assert words.endswith("".join(rest))


def test_a_simple_case_is_short() -> None:
    """One hip with one finding takes less than 40 lines of words."""
    lines = render_text(CASES["row_08_wide_gap"]).splitlines()
    assert len([line for line in lines if line]) < 40
