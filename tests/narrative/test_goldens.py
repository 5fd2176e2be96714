"""Whole texts of constructed reports in every language, read by people and kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hosr.narrative import COLUMNS, SECTIONS, Wording, columns, compose_sections, render_text
from tests.comparison.cases import COMPARED
from tests.language.told import TOLD
from tests.narrative.cases import CASES as UNCOMPARED
from tests.narrative.forbidden import FORBIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = UNCOMPARED | COMPARED
_KEPT = Path(__file__).parents[1] / "golden" / "text"

in_every_language = pytest.mark.parametrize("tag", TOLD)
of_every_case = pytest.mark.parametrize("name", CASES)


def _text(tag: str, name: str) -> str:
    return render_text(CASES[name], Wording(TOLD[tag]))


@in_every_language
@of_every_case
def test_whole_text(tag: str, name: str, compare_golden: Callable[[str, str], None]) -> None:
    """The text of each case is the one that was read and kept."""
    compare_golden(f"text/{tag}/{name}.txt", _text(tag, name))


def test_no_golden_is_left_over() -> None:
    """Every kept text has its language and its case."""
    kept = {(path.parent.name, path.stem) for path in _KEPT.rglob("*.txt")}
    assert kept <= {(tag, name) for tag in TOLD for name in CASES}


@in_every_language
@of_every_case
def test_nothing_forbidden_is_said(tag: str, name: str) -> None:
    """No text holds a word that concludes more than a grading can."""
    assert FORBIDDEN[tag].search(_text(tag, name)) is None


@in_every_language
@of_every_case
def test_lines_fit_the_page(tag: str, name: str) -> None:
    """No line is wider than 80 columns, ends in a blank, or parts a number from its unit."""
    text = _text(tag, name)
    lines = text.splitlines()
    assert max(map(columns, lines)) <= COLUMNS
    assert [line for line in lines if line != line.rstrip()] == []
    assert [line for line in lines if re.match(r"(mm|cm|%|[:;»?!])(\W|$)", line)] == []
    assert re.search("[\u00a0\u202f]", text) is None


@in_every_language
@of_every_case
def test_nothing_is_doubled(tag: str, name: str) -> None:
    """No place of a message brings its own blank, colon or full stop a second time."""
    assert re.search(r"  |\.\.|,,|::|;;|,\.|: ?\.| [,.](?!\d)|\{|\}", _text(tag, name)) is None


@in_every_language
@of_every_case
def test_sections_hold_the_same_words(tag: str, name: str) -> None:
    """The paragraphs for the structured report are the text without its line ends."""
    sections = compose_sections(CASES[name], Wording(TOLD[tag]))
    words = "".join(_text(tag, name).split())
    status, *rest = (
        "".join("".join((section.title, *section.paragraphs)).split()) for section in sections
    )
    assert tuple(section.key for section in sections) == SECTIONS
    assert all(section.paragraphs for section in sections)
    assert words.startswith(status)
    assert words.endswith("".join(rest))


@in_every_language
def test_a_simple_case_is_short(tag: str) -> None:
    """One hip with one finding takes less than 45 lines of words."""
    lines = _text(tag, "row_08_wide_gap").splitlines()
    assert len([line for line in lines if line]) < 45
