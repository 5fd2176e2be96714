"""What a source says of its own state is told, and makes nothing better than it is."""

from __future__ import annotations

from typing import Any

import pytest
from pydicom import Dataset

from hosr.annotations.account import Account
from hosr.annotations.sources import Source
from hosr.annotations.stated_status import leave_superseded, tell_status

_PART = "is part of a report, as it says itself (PARTIAL); so is a record made of it, which cannot be signed"
_UNSAID = "What this was made from is not complete."

# What a file says, what is still to be done, what is told; a fault begins with "!".
STATES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "whole": (
        {"CompletionFlag": "COMPLETE", "VerificationFlag": "UNVERIFIED", "PreliminaryFlag": "FINAL"},
        "",
        [],
    ),
    "silent": ({}, "", []),
    "part": ({"CompletionFlag": "PARTIAL"}, _UNSAID, [_PART]),
    "part with a reason": (
        {"CompletionFlag": "PARTIAL", "CompletionFlagDescription": "Left hip  to be drawn"},
        "Left hip to be drawn",
        [_PART],
    ),
    "part with a reason that no record can hold": (
        {"CompletionFlag": "PARTIAL", "CompletionFlagDescription": ["Left", "hip"]},
        _UNSAID,
        [_PART],
    ),
    "a reason alone": ({"CompletionFlagDescription": "Left hip to be drawn"}, "", []),
    "verified": (
        {"CompletionFlag": "COMPLETE", "VerificationFlag": "VERIFIED"},
        "",
        ["its verification is not carried over: whoever signs the report verifies it"],
    ),
    "preliminary, for research": (
        {"PreliminaryFlag": "PRELIMINARY", "ContentQualification": "RESEARCH"},
        "",
        [
            "calls itself preliminary",
            "says that what made it is not approved for clinical use (RESEARCH)",
        ],
    ),
    "of a phantom": (
        {"QualityControlImage": "YES"},
        "",
        ["!says that it shows a phantom (Quality Control Image)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_what_a_file_says_of_its_state_is_told(state: str) -> None:
    """Part stays part, with its writer's reason; nothing that was verified elsewhere is verified here."""
    said, incomplete, told = STATES[state]
    dataset, account = Dataset(), Account()
    for keyword, value in said.items():
        setattr(dataset, keyword, value)
    assert tell_status(dataset, "a.dcm", account) == incomplete
    entries = (*account.assumed, *account.refused)
    faults = [f"!{fault.problem}" for fault in account.faults]
    assert [entry.words for entry in entries] + faults == told


def _source(name: str, *before: str, added_to: tuple[str, ...] = ()) -> Source:
    return Source(
        name=name,
        kind="",
        sop_instance_uid=f"2.25.{name}",
        predecessors=tuple(f"2.25.{each}" for each in (*before, *added_to)),
        supersedes=tuple(f"2.25.{each}" for each in before),
    )


def test_what_another_source_replaces_is_left_out() -> None:
    """The last one counts, and goes back to what the first was drawn over; each is told."""
    account = Account()
    sources = [_source("3", "2"), _source("1", "0"), _source("2", "1"), _source("7")]
    kept = leave_superseded(sources, account)
    assert [(each.name, each.predecessors, each.supersedes) for each in kept] == [
        ("3", ("2.25.0",), ("2.25.0",)),
        ("7", (), ()),
    ]
    assert [f"{entry.place}: {entry.words}" for entry in account.refused] == [
        "1: 2 takes its place, as that one says",
        "2: 3 takes its place, as that one says",
    ]
    assert account.faults == []


def test_what_is_only_added_to_still_holds() -> None:
    """Both are read, and what they say twice is asked back as of any two."""
    account = Account()
    kept = leave_superseded([_source("1", "0"), _source("2", added_to=("1",))], account)
    assert [(each.name, each.predecessors) for each in kept] == [
        ("1", ("2.25.0",)),
        ("2", ("2.25.0",)),
    ]
    assert account.refused == []


@pytest.mark.parametrize(
    ("chain", "is_replaced"),
    [
        ([_source("1", "0"), _source("2", "1")], True),
        ([_source("1", "0"), _source("2", added_to=("1",))], True),
        ([_source("1", added_to=("0",)), _source("2", "1")], False),
        ([_source("1", added_to=("0",)), _source("2", added_to=("1",))], False),
    ],
)
def test_a_document_is_replaced_where_one_on_the_way_to_it_replaces_it(
    chain: list[Source], is_replaced: bool
) -> None:
    """What takes the place of a document that only added to another does not take that other's place."""
    last = leave_superseded(chain, Account())[-1]
    assert (last.predecessors, last.supersedes) == (
        ("2.25.0",),
        ("2.25.0",) if is_replaced else (),
    )


def test_two_that_replace_each_other_are_asked_back() -> None:
    """Which of them holds nobody can tell; one that names itself is taken as any."""
    account = Account()
    assert leave_superseded([_source("1", "2"), _source("2", "1")], account) == []
    assert [str(fault) for fault in account.faults] == [
        "1: and 2 say that each takes the place of the other; give the one that holds",
        "2: and 1 say that each takes the place of the other; give the one that holds",
    ]
    (kept,) = leave_superseded([_source("1", "1", "0")], Account())
    assert kept.predecessors == ("2.25.0",)
