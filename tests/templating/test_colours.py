"""Colours as CSS writes them, and their contrast."""

from __future__ import annotations

import pytest

from hosr.templating.colours import UnclearColour, contrast, read_colour


@pytest.mark.parametrize(
    ("written", "colour"),
    [
        ("#0b5394", (11, 83, 148)),
        ("#fff", (255, 255, 255)),
        ("teal", (0, 128, 128)),
        ("rgb(1, 2, 300)", (1, 2, 255)),
        ("rgb(1 2 3)", (1, 2, 3)),
        ("var(--a)", (255, 0, 0)),
        ("var(--none, #000)", (0, 0, 0)),
    ],
)
def test_a_colour_is_read(written: str, colour: tuple[int, int, int]) -> None:
    """In figures, by one of the sixteen names, or by a variable of the page."""
    assert read_colour(written, {"--a": "var(--b)", "--b": "red"}) == colour


@pytest.mark.parametrize(
    "written",
    ["", "#12", "#12345678", "transparent", "rgb(1 2 3 / 0)", "hsl(0 0% 0%)", "var(--none)"],
)
def test_what_shines_through_or_is_unknown_is_none(written: str) -> None:
    """Nobody can say how it looks."""
    with pytest.raises(UnclearColour):
        read_colour(written, {})


def test_contrast_is_that_of_wcag() -> None:
    """Black on white has 21, and #767676 just the 4.5 that text should have."""
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((118, 118, 118), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)
    assert contrast((9, 9, 9), (9, 9, 9)) == 1
