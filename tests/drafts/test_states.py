"""The tables of statuses, events and reasons leave nothing open."""

from __future__ import annotations

import itertools

import pytest

from hosr.drafts.states import (
    REFUSALS,
    TRANSITIONS,
    URGENCIES,
    Event,
    Reason,
    Status,
    in_order,
    next_status,
    urgency_of,
)
from hosr.errors import DraftRefused

CHANGING = set(Event) - {Event.ADD, Event.OPEN}


def test_every_event_leads_somewhere_or_is_refused_in_words() -> None:
    """From every status; what is opened already is just looked at, which is no event."""
    pairs = set(itertools.product(CHANGING, Status))
    led = {(event, status) for event in CHANGING for status in TRANSITIONS[event]}
    assert led | set(REFUSALS) == pairs
    assert not led & set(REFUSALS)


def test_what_is_signed_stays_signed() -> None:
    """No event leads out of it, and only a signature leads into it."""
    assert {
        TRANSITIONS[event][Status.SIGNED]
        for event in CHANGING
        if Status.SIGNED in TRANSITIONS[event]
    } == {Status.SIGNED}
    into = {event for event in CHANGING if Status.SIGNED in TRANSITIONS[event].values()}
    assert into == {Event.SIGN, Event.AMEND}
    assert Status.HELD not in TRANSITIONS[Event.SIGN]


@pytest.mark.parametrize(("event", "status"), REFUSALS)
def test_a_refusal_names_the_draft_and_what_to_do(event: Event, status: Status) -> None:
    """In one sentence."""
    problem, remedy = REFUSALS[event, status]
    with pytest.raises(DraftRefused) as caught:
        next_status(event, status, "abc")
    assert str(caught.value) == f"draft abc: {problem}; {remedy}"


def test_reasons_stand_in_the_order_of_their_urgency() -> None:
    """Each has one, and the most urgent counts."""
    assert set(URGENCIES) == set(Reason)
    urgencies = [URGENCIES[reason] for reason in in_order(set(Reason))]
    assert urgencies == sorted(urgencies, reverse=True)
    assert urgency_of(set(Reason)) == max(URGENCIES.values())
    assert urgency_of(()) == 0
