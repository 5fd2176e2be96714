"""A gap that somebody drew beside outlines of the same hip: the line is the measurement, where both agree."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.findings import Hip, Length

if TYPE_CHECKING:
    from hosr.annotations.account import Account
    from hosr.vocabulary.terms import Side

# So far apart two measurements of one gap may be: two readers of one film differ by a millimetre or two.
_MOST_SHARE = 0.2


def leave_to_lines(found: Sequence[Hip], drawn: Iterable[Hip], account: Account) -> list[Hip]:
    """The hips that were found in masks without the gaps that a line of about that length states.

    Where the two differ by more than a fifth, both stay, for a person to say which is right.
    """
    lines = {hip.side: hip.gap for hip in drawn if hip.gap is not None}
    return [_without_gap(hip, lines, account) for hip in found]


def _without_gap(hip: Hip, lines: Mapping[Side, Length], account: Account) -> Hip:
    line = lines.get(hip.side)
    if hip.gap is None or line is None or not _agree(hip.gap, line):
        return hip
    share = f"{100 * _share(hip.gap, line):.0f} %"
    words = (
        f"the gap is the line that was drawn, not that between outlines, which is {share} as long"
    )
    account.assume(f"{hip.side} hip", words)
    return replace(hip, gap=None)


def _agree(one: Length, other: Length) -> bool:
    share = _share(one, other)
    return 1 - _MOST_SHARE <= share <= 1 + _MOST_SHARE


def _share(one: Length, other: Length) -> float:
    """How long one is as a part of the other; 0 where they lie on different images or spaces."""
    if one.segment is not None and other.segment is not None and other.segment.mm:
        return one.segment.mm / other.segment.mm
    a, b = one.line, other.line
    if a is None or b is None or a.place != b.place or a.spans_images or b.spans_images:
        return 0.0
    return math.dist(a.start, a.end) / math.dist(b.start, b.end)
