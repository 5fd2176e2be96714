"""Lines of a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.narrative import COLUMNS, columns, wrap

_FILL = "x" * 74


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("short", ["short"]),
        ("a\n\nb", ["a", "", "b"]),
        (f"{_FILL} 10.0 mm", [f"{_FILL} 10.0", "mm"]),
        (f"{_FILL} 10.0\u00a0mm", [_FILL, "10.0 mm"]),
        (f"{_FILL} 2\u00a0March\u00a02026", [_FILL, "2 March 2026"]),
        (f"{_FILL} Motif\u202f!", [_FILL, "Motif !"]),
        ("x" * 90, ["x" * 80, "x" * 10]),
        ("山" * 41, ["山" * 40, "山"]),
    ],
)
def test_lines_break_between_words(text: str, lines: list[str]) -> None:
    """A line breaks at a blank that is not bound, and nowhere else; wide letters count twice."""
    assert wrap(text).split("\n") == lines


@given(st.lists(st.text(st.characters(exclude_categories=("Cc", "Z")), min_size=1), min_size=1))
def test_no_word_is_lost(words: list[str]) -> None:
    """All characters stay in order, and no line is wider than the page."""
    text = " ".join(words)
    wrapped = wrap(text)
    assert max(map(columns, wrapped.split("\n"))) <= COLUMNS
    assert wrapped.replace("\n", "").replace(" ", "") == text.replace(" ", "")
