"""What several sources found of one hip is one hip, and what they give differently is a fault."""

from __future__ import annotations

from hosr.annotations.account import Account
from hosr.annotations.hips import join_hips
from hosr.findings import Hip, Island, Length, Probabilities, Spurs
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
