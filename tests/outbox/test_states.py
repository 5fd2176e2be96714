"""The table of states: complete, closed, and nothing leads out of what is archived."""

from __future__ import annotations

import pytest

from hosr.archive.addresses import Proof
from hosr.outbox.states import (
    ARCHIVED,
    ENDED,
    NEEDS_A_PERSON,
    OPEN,
    TRANSITIONS,
    Event,
    InvalidTransitionError,
    State,
    next_state,
    strongest,
)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_every_pair_is_in_the_table_or_refused(state: State, event: Event) -> None:
    """An event leads where the table says, and everything else raises and names both."""
    if event in TRANSITIONS[state]:
        assert next_state(state, event) is TRANSITIONS[state][event]
    else:
        with pytest.raises(InvalidTransitionError, match=f"{event} of an object that is {state}"):
            next_state(state, event)


def test_the_table_is_closed() -> None:
    """It has a row for every state and a use for every event, and names nothing else."""
    assert set(TRANSITIONS) == set(State)
    assert {event for row in TRANSITIONS.values() for event in row} == set(Event)
    assert {after for row in TRANSITIONS.values() for after in row.values()} == set(State)
    assert set(State) == OPEN | ENDED
    assert not OPEN & ENDED
    assert ARCHIVED | NEEDS_A_PERSON | {State.DROPPED} == ENDED


def test_what_is_archived_stays_archived() -> None:
    """No event leads out of an archived state."""
    assert all(TRANSITIONS[state] == {} for state in ARCHIVED)


def _reachable(start: State) -> set[State]:
    found, new = set[State](), {start}
    while new:
        found |= new
        new = {after for state in new for after in TRANSITIONS[state].values()} - found
    return found


@pytest.mark.parametrize("state", sorted(OPEN))
def test_no_object_is_stuck(state: State) -> None:
    """From every state that is open, every end can be reached."""
    assert ENDED - {State.DEAD} <= _reachable(state)


def test_archived_states_are_entered_by_proof_alone() -> None:
    """COMMIT, VERIFY and ACCEPT are the only ways in, and only from behind STORED."""
    ways = {
        (before, event)
        for before, row in TRANSITIONS.items()
        for event, after in row.items()
        if after in ARCHIVED
    }
    assert {event for _, event in ways} == {Event.COMMIT, Event.VERIFY, Event.ACCEPT}
    assert {before for before, _ in ways} == {State.STORED, State.PROVING, State.HOLD}


def test_a_conflict_is_never_sent_again() -> None:
    """From CONFLICT nothing leads on but giving it up, which no retry does."""
    assert TRANSITIONS[State.CONFLICT] == {Event.DROP: State.DROPPED}


@pytest.mark.parametrize(
    ("proofs", "event"),
    [
        ({Proof.RESPONSE}, Event.ACCEPT),
        ({Proof.RESPONSE, Proof.READ_BACK}, Event.VERIFY),
        ({Proof.RESPONSE, Proof.COMMITMENT}, Event.COMMIT),
        (set(Proof), Event.COMMIT),
    ],
)
def test_an_archived_object_is_called_by_its_strongest_proof(
    proofs: set[Proof], event: Event
) -> None:
    """Commitment before read-back before response."""
    assert strongest(frozenset(proofs)) is event
