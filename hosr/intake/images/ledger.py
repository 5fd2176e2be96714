"""The book of one reading: what was tolerated and what was refused, by file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from hosr.errors import Fault, ImagesRefused
from hosr.intake.images.values import Note


class Ledger:
    """Notes and faults as they are found; the order of files does not show in the result."""

    def __init__(self) -> None:
        self._notes: dict[str, list[str]] = defaultdict(list)
        self._faults: set[Fault] = set()

    def note(self, path: str, problem: str) -> None:
        """Keep a deficiency that is tolerated."""
        self._notes[problem].append(path)

    def refuse(self, path: str, problem: str, remedy: str = "") -> None:
        """Keep a fault; reading goes on, so that all faults are named at once."""
        self._faults.add(Fault(path, problem, remedy))

    def notes(self) -> tuple[Note, ...]:
        """One note for each problem, named by its first file and the number of others."""
        return tuple(
            sorted(
                Note(path=min(paths), problem=counted(problem, paths))
                for problem, paths in self._notes.items()
            )
        )

    def raise_faults(self) -> None:
        """Raise ImagesRefused with every fault, if there is one."""
        if self._faults:
            raise ImagesRefused(sorted(self._faults, key=str))


def label(name: str) -> str:
    """A file name that fits on one line of a terminal, whatever the name holds."""
    return "".join(c if c.isprintable() else "?" for c in name) or "?"


def counted(problem: str, paths: Sequence[str]) -> str:
    """A problem with the number of files that have it beside the one that is named."""
    others = len(paths) - 1
    if not others:
        return problem
    return f"{problem} (and {others} more {'file' if others == 1 else 'files'})"
