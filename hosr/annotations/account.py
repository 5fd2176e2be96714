"""What an import took, what it could not use and why, and what it assumed: each with its place."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from hosr.errors import Fault, RecordRefused


class Unusable(Exception):
    """A part of a source cannot be used: raised where it is read, told with its place by whoever knows that."""

    def __init__(self, problem: str, remedy: str = "export it anew", rule: str = "") -> None:
        super().__init__(problem)
        self.problem, self.remedy, self.rule = problem, remedy, rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that is told: where in which file, and in words, never patient data."""

    place: str
    words: str


@dataclass(slots=True)
class Account:
    """Collected while sources are read.

    `read` is what went into the record; `refused` what could not be used, and why: a record is made
    all the same, and is true without it. `assumed` is what no source says and was taken. What makes
    a true record impossible is a fault: all are raised together, and there is no record.
    """

    read: list[Entry] = field(default_factory=list)
    refused: list[Entry] = field(default_factory=list)
    assumed: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def take(self, place: str, words: str) -> None:
        """Tell what went into the record."""
        self.read.append(Entry(place=place, words=words))

    def leave(self, place: str, words: str) -> None:
        """Tell what could not be used, and why."""
        self.refused.append(Entry(place=place, words=words))

    def assume(self, place: str, words: str) -> None:
        """Tell what was taken though no source says it."""
        self.assumed.append(Entry(place=place, words=words))

    def blame(self, place: str, problem: str, remedy: str = "", rule: str = "") -> None:
        """Keep a fault; reading goes on, so that all are named at once."""
        self.faults.append(Fault(place, problem, remedy, rule))

    def raise_faults(self) -> None:
        """Raise RecordRefused with every fault, if there is one."""
        if self.faults:
            raise RecordRefused(tuple(dict.fromkeys(self.faults)))

    def as_json(self) -> dict[str, Any]:
        """The three lists as plain values."""
        return {
            name: [asdict(entry) for entry in dict.fromkeys(getattr(self, name))]
            for name in ("read", "refused", "assumed")
        }
