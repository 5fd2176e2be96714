"""What several sources say of one hip is one hip, and what they give differently is a fault.

A gap that was drawn beside outlines: the line stands where both agree, and both where they do not.
"""

from __future__ import annotations

import pytest

from hosr.annotations.account import Account
from hosr.annotations.hips import join_hips, leave_to_lines
from hosr.findings import Hip, Island, Length, Line, Place, Probabilities, Segment, Spurs
from hosr.vocabulary.terms import Presence, Side

_SCORES = (Probabilities(scale="brooker", scores=(("II", 1.0),)),)


def test_each_fact_is_taken_from_whoever_states_it() -> None:
    """The right hip first; what nobody states stays open."""
    account = Account()
    hips = [
        Hip(side=Side.LEFT, presence=Presence.ABSENT),
        Hip(side=Side.RIGHT, presence=Presence.PRESENT, spurs=Spurs(pelvis=True)),
        Hip(side=Side.RIGHT, spurs=Spurs(femur=True), gap=Length(mm=8.2)),
        Hip(side=Side.RIGHT, presence=Presence.PRESENT, probabilities=_SCORES),
    ]
    assert join_hips(hips, account) == (
        Hip(
            side=Side.RIGHT,
            presence=Presence.PRESENT,
            spurs=Spurs(pelvis=True, femur=True),
            gap=Length(mm=8.2),
            probabilities=_SCORES,
        ),
        Hip(side=Side.LEFT, presence=Presence.ABSENT),
    )
    assert account.faults == []


def test_a_fact_that_two_sources_give_differently_is_a_fault() -> None:
    """All of them are told."""
    account = Account()
    islands = (Island(length=Length(mm=9.0)),)
    join_hips(
        [
            Hip(side=Side.LEFT, gap=Length(mm=8.2), spurs=Spurs(pelvis=True), islands=islands),
            Hip(side=Side.LEFT, gap=Length(mm=9.2), spurs=Spurs(pelvis=False), islands=islands),
        ],
        account,
    )
    assert [str(fault) for fault in account.faults] == [
        f"sources: {name} of the left hip is given by two sources, and differently; "
        "import the one that is right"
        for name in ("gap", "spurs.pelvis")
    ]


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
