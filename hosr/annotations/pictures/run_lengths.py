"""Masks as run lengths, as COCO has them: down the columns, in a list or compressed to text.

CVAT's own run lengths go along the rows of a box whose four edges follow them: numbers too many for the
picture, so that they are refused and not read as the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hosr.annotations.account import Unusable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]

MOST_PIXELS = 64 << 20
"""More than any film has."""

_MOST_RUNS = 4 << 20
# The compressed form: five bits a character from "0" on, least first; the sixth says that more follow,
# the highest of the last that the number is negative (COCO's maskApi, rleFrString).
_ZERO, _MORE, _SIGN = 48, 0x20, 0x10
_MOST_CHARACTERS = 7


def decode_columns(counts: Sequence[int] | str, rows: int, columns: int) -> Bools:
    """The mask of a COCO object: runs of empty and full pixels in turn, down each column.

    Raises `Unusable` where the runs are not of this picture.
    """
    runs = _expanded(counts) if isinstance(counts, str) else list(counts)
    return _decoded(runs, columns, rows).T


def _expanded(text: str) -> list[int]:
    """The counts of the compressed form; from the fourth on each is the difference to that two before."""
    runs: list[int] = []
    value = shift = length = 0
    for character in text:
        bits = ord(character) - _ZERO
        if not 0 <= bits < 64 or length == _MOST_CHARACTERS:
            raise Unusable("holds counts that are no compressed run lengths")
        value |= (bits & 0x1F) << shift
        shift, length = shift + 5, length + 1
        if bits & _MORE:
            continue
        if bits & _SIGN:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = length = 0
    if length:
        raise Unusable("holds counts that end in the middle of a number")
    return runs


def _decoded(runs: list[int], lines: int, length: int) -> Bools:
    import numpy as np

    if lines * length > MOST_PIXELS:
        raise Unusable(f"is a mask of {lines * length} pixels", "no film has so many")
    if len(runs) > _MOST_RUNS:
        raise Unusable(f"has {len(runs)} run lengths", "no mask of a film has so many")
    if any(run < 0 for run in runs):
        raise Unusable("has a negative run length")
    total = sum(runs)
    if total != lines * length:
        problem = f"has run lengths for {total} pixels, and {lines * length} are there"
        raise Unusable(problem, "export it anew")
    full = np.arange(len(runs)) % 2 == 1
    return np.repeat(full, np.asarray(runs, np.int64)).reshape(lines, length)
