"""A gap that was drawn beside outlines: the line stands where both agree, and both where they do not."""

from __future__ import annotations

import pytest

from hosr.annotations.account import Account
from hosr.annotations.figures.drawn_gaps import leave_to_lines
from hosr.findings import Hip, Length, Line, Place, Segment
from hosr.vocabulary.terms import Side


def _on_film(length: float, image: str = "1.2") -> Length:
    return Length(line=Line(start=(0, 0), end=(length, 0), place=Place(sop_instance_uid=image)))


def _in_space(length: float) -> Length:
    segment = Segment(start_mm=(0, 0, 0), end_mm=(length, 0, 0), frame_of_reference_uid="1.3")
    return Length(segment=segment)


@pytest.mark.parametrize(
    ("between", "line", "is_left_out"),
    [
        (_on_film(40), _on_film(36), True),
        (_in_space(11), _in_space(12), True),
        (_on_film(40), _on_film(20), False),
        (_in_space(6), _in_space(12), False),
        (_on_film(40), _on_film(40, "1.9"), False),
        (_on_film(40), _in_space(40), False),
        (_on_film(40), None, False),
        (None, _on_film(40), False),
    ],
)
def test_a_line_of_about_the_same_length_is_the_gap(
    between: Length | None, line: Length | None, is_left_out: bool
) -> None:
    """Of another length, image or space it contradicts, and both are kept for that to be told."""
    account = Account()
    hip = Hip(side=Side.RIGHT, gap=between)

    (left,) = leave_to_lines([hip], [Hip(side=Side.RIGHT, gap=line)], account)

    assert left == (Hip(side=Side.RIGHT) if is_left_out else hip)
    assert len(account.assumed) == is_left_out
    assert leave_to_lines([hip], [Hip(side=Side.LEFT, gap=line)], account) == [hip]
