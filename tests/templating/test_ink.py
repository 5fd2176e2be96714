"""Letters of a painted page: seen where their ink is, and differs from what is around."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hosr.templating.ink import Letter, Painted, find_seen

SHAPE = (40, 60)
BOX = (10.0, 10.0, 20.0, 30.0)
LETTER = Letter(character="a", box=BOX, run=1)


def _painted(
    ink: int = 0, ground: int = 255, cover: int | None = None, opacity: float = 1
) -> Painted:
    """A stroke of this grey on that ground, with something of a third over all of it."""
    text = np.zeros(SHAPE)
    text[10:30, 12:16] = opacity
    on: dict[int, Any] = {
        grey: (text * ink + (1 - text) * grey).astype(np.uint8) for grey in (0, 255, ground)
    }
    whole = on[ground] if cover is None else np.full(SHAPE, cover, np.uint8)
    return Painted(whole=whole, on_white=on[255], on_black=on[0])


@pytest.mark.parametrize(
    ("painted", "seen"),
    [
        (_painted(), True),
        (_painted(ink=88), True),
        (_painted(ink=255, ground=30), True),
        (_painted(ink=255), False),
        (_painted(ink=230), False),
        (_painted(ink=30, ground=30), False),
        (_painted(cover=255), False),
        (_painted(ink=255, cover=0), False),
        (_painted(opacity=0), False),
        (_painted(opacity=0.2), False),
    ],
)
def test_ink_is_seen_on_its_ground(painted: Painted, seen: bool) -> None:
    """Black on white, white on black; not white on white, nor what is covered or transparent."""
    assert find_seen([LETTER], painted) == ([LETTER] if seen else [])


@pytest.mark.parametrize(
    "letter",
    [
        Letter(character="a", box=(-30.0, 10.0, -20.0, 30.0)),
        Letter(character="a", box=(10.0, 30.0, 20.0, 50.0)),
        Letter(character="a", box=BOX, legible=False),
        Letter(character="a", box=(40.0, 10.0, 50.0, 30.0)),
    ],
)
def test_what_is_off_the_page_small_or_without_ink_is_not_seen(letter: Letter) -> None:
    """A letter beside the page, one too small to read, and one that a font leaves blank."""
    assert find_seen([letter], _painted()) == []


def test_letters_over_one_another_are_not_seen() -> None:
    """But for the letters of a ligature, which have one box, and marks on a letter."""
    other = Letter(character="b", box=(9.0, 10.0, 21.0, 30.0), run=2)
    ligature = Letter(character="i", box=BOX, run=1)
    mark = Letter(character="\u0301", box=BOX, run=3)
    assert find_seen([LETTER, other], _painted()) == []
    assert find_seen([LETTER, ligature], _painted()) == [LETTER, ligature]
    assert find_seen([LETTER, mark], _painted()) == [LETTER, mark]


def test_blanks_and_small_marks_stay() -> None:
    """They have too little ink, or none."""
    blank, comma = Letter(character=" "), Letter(character=",", box=(40.0, 10.0, 41.0, 12.0))
    assert find_seen([blank, comma], _painted()) == [blank, comma]
    assert find_seen([blank], _painted()) == [blank]
