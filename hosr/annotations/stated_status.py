"""What a source says of its own state, and what follows: told, and never made better than it is.

| Attribute (PS3.3)                       | Says                          | Then                               |
| --------------------------------------- | ----------------------------- | ---------------------------------- |
| Completion Flag (C.17.2)                | PARTIAL, with a reason or not | the record is incomplete: unsigned |
| Verification Flag (C.17.2)              | VERIFIED                      | not carried over: who signs reads  |
| Preliminary Flag (C.17.2)               | PRELIMINARY                   | told; every record makes a draft   |
| Content Qualification (C.8.13.2.1.1)    | RESEARCH, SERVICE             | told                               |
| Quality Control Image (C.7.6.1)         | YES, BOTH                     | a fault: it is of a phantom        |
| Predecessor Documents Sequence (C.17.2) | another source that is given  | that one is left out, and told     |

Flags that persons set in LabelMe, and attributes of COCO, mean what they agreed on: each is told.

A predecessor that was only added to (purpose of reference 121361, CID 7009) still holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pydicom.multival import MultiValue

from hosr.dicom.writing import is_valid
from hosr.intake.record.refusal import quoted

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from hosr.annotations.account import Account
    from hosr.annotations.sources import Source

_PART = "What this was made from is not complete."
_IS_PART = "is part of a report, as it says itself (PARTIAL); so is a record made of it, which cannot be signed"


class Derived(Protocol):
    """A document that says what it was made from, as `Source` does."""

    @property
    def sop_instance_uid(self) -> str:
        """Its own UID."""

    @property
    def predecessors(self) -> tuple[str, ...]:
        """The documents that it was made from."""

    @property
    def supersedes(self) -> tuple[str, ...]:
        """Those of them that hold no more beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """What a document goes back to, and by `way` of which others; `supersedes` are what was replaced of it."""

    predecessors: tuple[str, ...]
    supersedes: tuple[str, ...]
    way: tuple[str, ...] = ()


class _State(NamedTuple):
    """A value of an attribute, and what is told of it."""

    keyword: str
    value: str
    words: str


_TAKEN = (
    _State("PreliminaryFlag", "PRELIMINARY", "calls itself preliminary"),
    _State(
        "ContentQualification",
        "RESEARCH",
        "says that what made it is not approved for clinical use (RESEARCH)",
    ),
    _State(
        "ContentQualification",
        "SERVICE",
        "says that it was made to try a device out, and for no patient (SERVICE)",
    ),
)
_NOT_CARRIED = _State(
    "VerificationFlag",
    "VERIFIED",
    "its verification is not carried over: whoever signs the report verifies it",
)
_OF_PHANTOM = frozenset({"YES", "BOTH"})


def tell_status(dataset: Dataset, name: str, account: Account) -> str:
    """Tell what a source of this name says of its own state.

    Gives what is still to be done, in the words of its writer where there are any; "" where it is whole.
    """
    for state in _TAKEN:
        if _text(dataset, state.keyword) == state.value:
            account.assume(name, state.words)
    if _text(dataset, _NOT_CARRIED.keyword) == _NOT_CARRIED.value:
        account.leave(name, _NOT_CARRIED.words)
    if _text(dataset, "QualityControlImage") in _OF_PHANTOM:
        problem = "says that it shows a phantom (Quality Control Image)"
        account.blame(name, problem, "give what was drawn on the patient")
    if _text(dataset, "CompletionFlag") != "PARTIAL":
        return ""
    account.assume(name, _IS_PART)
    said = " ".join(_text(dataset, "CompletionFlagDescription").split())
    return said if said and is_valid("LO", said) else _PART


def join_incomplete(*said: str) -> str:
    """What several say that is still to be done, each once."""
    return " ".join(dict.fromkeys(filter(None, said)))


def leave_superseded(sources: Sequence[Source], account: Account) -> list[Source]:
    """The sources that none of the others replaces; of the rest it is told by which.

    Each was made from what those before it were made from, and replaces what one of them replaces.
    """
    given = {source.sop_instance_uid: source for source in sources if source.sop_instance_uid}
    successors = {uid: source for source in sources for uid in source.supersedes}
    kept = []
    for source in sources:
        successor = successors.get(source.sop_instance_uid)
        if successor is None or successor is source:
            origins = find_origins(source, given)
            kept.append(
                replace(source, predecessors=origins.predecessors, supersedes=origins.supersedes)
            )
        elif successor.sop_instance_uid in source.supersedes:
            problem = f"and {successor.name} say that each takes the place of the other"
            account.blame(source.name, problem, "give the one that holds")
        else:
            account.leave(source.name, f"{successor.name} takes its place, as that one says")
    return kept


def find_origins(document: Derived, known: Mapping[str, Derived]) -> Origins:
    """The documents that are not among those `known` and that one was made from, by way of those that are."""
    waiting, passed = [*document.predecessors], {document.sop_instance_uid}
    found, replaced, way = [], {*document.supersedes}, []
    while waiting:
        uid = waiting.pop(0)
        if uid in passed:
            continue
        passed.add(uid)
        if uid in known:
            way.append(uid)
            waiting += known[uid].predecessors
            replaced |= {*known[uid].supersedes}
        else:
            found.append(uid)
    return Origins(
        predecessors=tuple(found),
        supersedes=tuple(uid for uid in found if uid in replaced),
        way=tuple(way),
    )


def tell_flags(flags: object, place: str, account: Account) -> None:
    """Tell the flags that are set on something, by name."""
    for name, value in flags.items() if isinstance(flags, dict) else ():
        if value is True:
            words = f"has the flag {quoted(str(name))} set: what it means is not known here"
            account.leave(place, words)


def _text(dataset: Dataset, keyword: str) -> str:
    value = dataset.get(keyword)
    several = value if isinstance(value, MultiValue) else [value]
    return "\\".join(str(each).strip(" \0") for each in several if each is not None)
