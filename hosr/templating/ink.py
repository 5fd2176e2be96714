"""Which letters of a painted page are seen.

A page is painted three times: whole, and its text alone on white and on black, which tells how much
ink each point of a letter has. A letter is seen where its ink is on the whole page too, differs
from what is around it, is large enough, and shares its place with no other letter. What is drawn
beside or through letters is not judged, nor what shapes a font gives to them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_OF_INK, _OF_GROUND = (
    96,
    16,
)  # of 255: from where on a point is of a letter, and up to where of none
_TOLERANCE = 48
_PAINTED = 0.8  # the share of a letter's points that must be on the whole page
_CONTRAST = 64  # of 255 greys, as of #bfbfbf on white
_AROUND = 3  # how many points around a letter tell what is behind it
_SHARED = 0.5  # the share of a letter's box that may be of other letters too

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter of a page; `box` is its left, top, right and bottom in points of the image.

    A blank has no box. `run` tells the pieces of text apart, `repeated` those in the head and foot.
    """

    character: str
    box: Box | None = None
    legible: bool = True
    run: int = 0
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Painted:
    """The greys of a page, rows of bytes: whole, and its text alone on white and on black."""

    whole: NDArray[np.uint8]
    on_white: NDArray[np.uint8]
    on_black: NDArray[np.uint8]


def find_seen(letters: Sequence[Letter], painted: Painted) -> list[Letter]:
    """The letters that are seen, and the blanks."""
    import numpy as np

    boxed = [letter for letter in letters if letter.box is not None]
    if not boxed:
        return list(letters)
    rows, columns = painted.whole.shape
    edges = np.array([letter.box for letter in boxed])
    within = (edges[:, :2] >= -1).all(1) & (edges[:, 2] <= columns + 1) & (edges[:, 3] <= rows + 1)
    boxes = np.concatenate([np.floor(edges[:, :2]), np.ceil(edges[:, 2:])], axis=1).astype(int)
    # The points and commas of small letters have too little ink to judge.
    small = np.array([unicodedata.category(letter.character[0])[0] == "P" for letter in boxed])
    alone = _are_alone(boxed, boxes, painted.whole.shape)
    seen = within & (small | (_are_painted(boxes, painted) & alone))
    told = {id(letter) for letter, is_seen in zip(boxed, seen, strict=True) if is_seen}
    return [
        letter
        for letter in letters
        if letter.box is None or (letter.legible and id(letter) in told)
    ]


def _are_painted(boxes: NDArray[Any], painted: Painted) -> NDArray[Any]:
    """Whether the ink of each letter is on the page, and differs from what is around it."""
    import numpy as np

    whole = painted.whole.astype(np.int32)
    black = painted.on_black.astype(np.int32)
    cover = 255 - painted.on_white.astype(np.int32) + black
    ink = cover >= _OF_INK
    kept = ink & (whole >= black - _TOLERANCE) & (whole <= black + 255 - cover + _TOLERANCE)
    tone = np.where(ink, np.minimum(black * 255 // np.maximum(cover, 1), 255), 0)
    ground = cover <= _OF_GROUND

    inked = _sums(ink, boxes)
    around = boxes + np.array([-_AROUND, -_AROUND, _AROUND, _AROUND])
    behind = _sums(ground, around)
    front_grey = _sums(tone, boxes) / np.maximum(inked, 1)
    behind_grey = _sums(np.where(ground, whole, 0), around) / np.maximum(behind, 1)
    kept_all = _sums(kept, boxes) >= _PAINTED * inked
    differs = np.abs(front_grey - behind_grey) >= _CONTRAST
    painted_all: NDArray[Any] = (inked > 0) & (behind > 0) & kept_all & differs
    return painted_all


def _sums(values: NDArray[Any], boxes: NDArray[Any]) -> NDArray[Any]:
    """The sum of the values in each box, by the table of sums from the corner on.

    32 bits hold the sum of the greys of the largest page.
    """
    import numpy as np

    table = np.zeros((values.shape[0] + 1, values.shape[1] + 1), np.uint32)
    np.cumsum(values, axis=1, dtype=np.uint32, out=table[1:, 1:])
    for above, row in pairwise(table):  # numpy is much slower along the first axis
        np.add(above, row, out=row)
    left, top, right, bottom = _clipped(boxes, values.shape)
    sums = table[bottom, right] - table[top, right] - table[bottom, left] + table[top, left]
    summed: NDArray[Any] = sums.astype(np.int64)
    return summed


def _clipped(boxes: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Left, top, right and bottom of each box within the page."""
    import numpy as np

    rows, columns = shape
    within: NDArray[Any] = boxes.T.clip(0, np.array([columns, rows, columns, rows])[:, None])
    return within


def _are_alone(
    letters: Sequence[Letter], boxes: NDArray[Any], shape: tuple[int, ...]
) -> NDArray[Any]:
    """Whether each letter has its place for itself; marks above and below others have not."""
    import numpy as np

    counts = np.zeros(shape, np.int32)
    clipped = boxes.clip(0)
    last: tuple[int, Any] = (0, None)
    counted = np.zeros(len(boxes), bool)
    for place, (letter, (left, top, right, bottom)) in enumerate(
        zip(letters, clipped, strict=True)
    ):
        this = (letter.run, letter.box)
        # The letters of a ligature have one box.
        if unicodedata.category(letter.character[0])[0] != "M" and this != last:
            counts[top:bottom, left:right] += 1
            counted[place] = True
        last = this
    left, top, right, bottom = _clipped(boxes, shape)
    area = np.maximum((right - left) * (bottom - top), 1)
    alone: NDArray[Any] = _sums(counts > 1, boxes) <= _SHARED * area
    return alone
