"""What an import took, what it could not use and why, and what it assumed: each with its place.

Remedies name what may be said beside the sources as whoever imports calls it: an option of the command
line, an argument of a function, a key of a row.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from hosr.errors import Fault, RecordRefused


class Unusable(Exception):
    """A part of a source cannot be used: raised where it is read, told with its place by whoever knows that."""

    def __init__(self, problem: str, remedy: str = "export it anew", rule: str = "") -> None:
        super().__init__(problem)
        self.problem, self.remedy, self.rule = problem, remedy, rule


class Option(NamedTuple):
    """What may be said beside the sources: its name in a sentence, and as the place of a fault."""

    words: str
    place: str

    def __str__(self) -> str:
        """The name in a sentence."""
        return self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionNames:
    """What whoever imports calls the things that they may say beside the sources.

    `person` drew them, `at` this time; `timezone` is that of their clock, `prior` the report of hosr that
    was redrawn. `ensemble` and `repair` are the words for what is decided of scores, which labels.toml says
    for everybody.
    """

    person: Option
    at: Option
    timezone: Option
    labels: Option
    images: Option
    prior: Option
    ensemble: str = '`ensemble = "mean"` in [scores] of labels.toml'
    repair: str = '`repair = "running-minimum"` in [scores] of labels.toml'


# `hosr import` (hosr/cli/imports.py).
COMMAND_LINE = OptionNames(
    person=Option("--as", "--as"),
    at=Option("--at", "--at"),
    timezone=Option("--timezone", "--timezone"),
    labels=Option("--labels", "--labels"),
    images=Option("--images", "--images"),
    prior=Option("--prior", "--prior"),
    ensemble="`--ensemble mean`",
    repair="`hosr import --repair running-minimum`",
)
# `hosr.import_sources` (hosr/library.py).
ARGUMENTS = OptionNames(
    person=Option("`author.person`", "author.person"),
    at=Option("`author.at`", "author.at"),
    timezone=Option("`author.timezone`", "author.timezone"),
    labels=Option("`labels`", "labels"),
    images=Option("`images`", "images"),
    prior=Option("`prior`", "prior"),
)


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
    a true record impossible is a fault: all are raised together, and there is no record. `options` are
    what remedies call what may be said beside the sources.
    """

    options: OptionNames = COMMAND_LINE
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
