"""The table of states is complete and closed; what is done about failures has an end."""

from __future__ import annotations

from random import Random

import pytest

from hosr.archive.addresses import Proof
from hosr.errors import Reason
from hosr.outbox.states import (
    ARCHIVED,
    CAP_S,
    COMMITMENT_FAILURES,
    ENDED,
    FIRST_WAIT_S,
    LONGEST_WAIT_S,
    NEEDS_A_PERSON,
    OPEN,
    POLICIES,
    TRANSITIONS,
    Event,
    InvalidTransitionError,
    State,
    next_proof,
    next_state,
    strongest,
    wait_s,
)
from tests.outbox.scripted import LISTENER, destination


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
    assert ARCHIVED | NEEDS_A_PERSON | {State.SUPERSEDED, State.DROPPED} == ENDED


def test_what_is_archived_stays_archived() -> None:
    """Only a person who asks again leads out of an archived state."""
    by_a_person = {Event.RECHECK: State.STORED, Event.REQUEUE: State.QUEUED}
    assert all(TRANSITIONS[state] == by_a_person for state in ARCHIVED)


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


def test_every_reason_has_a_policy() -> None:
    """No failure is without an end: each is tried at least once, and then held, dead or over."""
    assert set(POLICIES) == set(Reason)
    ends = {Event.HOLD, Event.DIE, Event.SUPERSEDE}
    assert {policy.then for policy in POLICIES.values()} == ends
    assert all(1 <= policy.tries <= 700 for policy in POLICIES.values())


def test_waits_double_up_to_the_cap() -> None:
    """5, 10, 20 seconds and so on to 15 minutes, and between half and the whole of it."""
    for tries in range(1, 800):
        whole = min(CAP_S, FIRST_WAIT_S * 2 ** (tries - 1))
        waits = [wait_s(tries, None, Random(seed)) for seed in range(20)]  # noqa: S311
        assert all(whole / 2 <= wait <= whole for wait in waits)
        assert len(set(waits)) > 1


def test_the_tries_of_an_archive_that_is_away_last_about_a_week() -> None:
    """700 tries take between half a week and eight days."""
    total = sum(wait_s(n, None, Random(n)) for n in range(1, POLICIES[Reason.UNREACHABLE].tries))  # noqa: S311
    assert 3.5 * 86400 < total < 8 * 86400


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [(0.0, 2.5, 5), (60.0, 60, 60), (1e9, LONGEST_WAIT_S, LONGEST_WAIT_S)],
)
def test_an_archive_may_ask_for_a_longer_wait(asked: float, least: float, most: float) -> None:
    """Retry-After is a lower bound, and no more than an hour."""
    assert least <= wait_s(1, asked, Random(1)) <= most  # noqa: S311


def test_no_wait_is_longer_than_the_longest() -> None:
    """So a wait that lies further ahead shows a clock that was set back."""
    assert max(wait_s(n, 1e12, Random(n)) for n in range(1, 800)) <= LONGEST_WAIT_S  # noqa: S311
    assert CAP_S <= LONGEST_WAIT_S


def test_the_failure_reasons_of_commitment_are_those_of_the_standard() -> None:
    """PS3.3 section C.14.1.1 lists six."""
    assert sorted(COMMITMENT_FAILURES) == [0x0110, 0x0112, 0x0119, 0x0122, 0x0131, 0x0213]


C, R, S = Proof.COMMITMENT, Proof.READ_BACK, Proof.RESPONSE


@pytest.mark.parametrize(
    ("named", "listens", "committing", "had", "lacking", "expected"),
    [
        # The best that is offered.
        ((), True, True, {S}, (), C),
        ((), True, True, {S, R}, (), C),
        ((), True, True, {S, C}, (), None),
        ((), False, True, {S}, (), R),
        ((), True, False, {S}, (), R),
        ((), True, True, {S}, {C}, R),
        ((), True, True, {S, R}, {C}, None),
        ((), False, False, {S, R}, (), None),
        ((), True, True, {S}, {C, R}, None),
        ((), False, False, {S}, {R}, None),
        ((), True, True, {S, C}, {C}, None),
        # What is named is required, in this order, whatever the archive offers.
        ((S,), True, True, {S}, (), None),
        ((R,), True, True, {S}, (), R),
        ((R,), False, False, {S}, {R}, R),
        ((C,), False, False, {S, R}, {C}, C),
        ((C, R), True, True, {S}, (), C),
        ((C, R), True, True, {S, C}, (), R),
        ((C, R), True, True, {S, R}, (), C),
        ((R, C), True, True, {S}, (), R),
        ((C, R), True, True, {S, R, C}, (), None),
    ],
)
def test_the_next_proof(
    named: tuple[Proof, ...],
    listens: bool,
    committing: bool,
    had: set[Proof],
    lacking: set[Proof],
    expected: Proof | None,
) -> None:
    """Named proofs are all required; else it is the best that is offered."""
    where = destination(*named, listener=LISTENER if listens else None)
    found = next_proof(where, frozenset(had), frozenset(lacking), committing=committing)
    assert found is expected
