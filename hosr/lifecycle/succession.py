"""Which version takes the place of which: a version has one successor, whoever tries and whatever is killed.

Beside a version stands, once a person began to make another of it, a file that names the successor. It
is written before the successor is, by whom holds the folder locked; so of two who sign at once one
is told of the other, and one who was killed in between goes on where it ended, with the same UIDs.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from hosr.dicom.structure import UnusableFile
from hosr.errors import Fault, UsageError
from hosr.folder import locked, write_folder
from hosr.manifest import MANIFEST, read_plain
from hosr.phrases import phrase
from hosr.status import Signature, Step

SUCCESSOR = "successor.json"
_MOST_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """What is being made of a version, or was: the step, who did it when, what they gave, and where it lies.

    `given` is what the person decided or wrote, as a fingerprint.
    """

    step: Step
    name: str = field(repr=False)
    organization: str
    identifier: str = field(repr=False)
    signed_at: str
    given: str
    folder: str

    @classmethod
    def of(cls, step: Step, signature: Signature, given: str, folder: Path) -> Successor:
        """What a person is about to make of a version."""
        return cls(
            step=step,
            name=signature.name,
            organization=signature.organization,
            identifier=signature.identifier,
            signed_at=signature.signed_at.isoformat(),
            given=given,
            folder=str(folder.absolute()),
        )

    @property
    def is_finished(self) -> bool:
        """Whether it lies where it was to be; its manifest is written last."""
        return (Path(self.folder) / MANIFEST).is_file()

    def is_same(self, other: Successor) -> bool:
        """Whether both are one step of one person, begun twice: at whatever time."""
        return replace(self, signed_at="") == replace(other, signed_at="")


@contextmanager
def succeeding(folder: Path, asked: Successor, *, timed: bool) -> Iterator[dt.datetime]:
    """The time of a step on the version in a folder, which nobody else takes a step on meanwhile.

    Where the same step was begun before, its time is that of the first attempt, unless it is `timed`,
    given by the person. What the caller writes within is to lie in the folder that `asked` names; where
    it fails, the version has no successor.

    Raises `UsageError` where the version has another successor, or its folder cannot be written.
    """
    with locked(folder / MANIFEST):
        begun = read_successor(folder)
        if begun is not None and begun != asked and (timed or not begun.is_same(asked)):
            raise UsageError(_taken(folder, begun))
        # Where the folder has a report already, that is another one, and nothing is begun; or the very same.
        is_there = begun is None and asked.is_finished
        if begun is None and not is_there:
            _write(folder, asked)
        try:
            yield dt.datetime.fromisoformat((begun or asked).signed_at)
        except BaseException:
            if begun is None and not is_there and not asked.is_finished:
                (folder / SUCCESSOR).unlink(missing_ok=True)
            raise
        if is_there:
            _write(folder, asked)


def find_withdrawal(folder: Path) -> Successor | None:
    """What withdrew the version in a folder, as it stands beside it; None where nothing did.

    One that was begun counts, and one that was moved since: nobody may act upon the report any more.

    Raises `UsageError` for a file there that names no successor.
    """
    begun = read_successor(folder)
    return begun if begun is not None and begun.step is Step.WITHDRAW else None


def _write(folder: Path, asked: Successor) -> None:
    text = json.dumps(asdict(asked), indent=2, ensure_ascii=False) + "\n"
    write_folder({SUCCESSOR: text.encode()}, folder)


def read_successor(folder: Path) -> Successor | None:
    """What takes the place of the version in a folder, begun or finished; None where nothing does.

    Raises `UsageError` where the file says nothing of the kind.
    """
    path = folder / SUCCESSOR
    if not path.is_symlink() and not path.exists():
        return None
    try:
        return _parse(json.loads(read_plain(path, _MOST_BYTES)))
    except (UnusableFile, ValueError, TypeError, KeyError, RecursionError) as error:
        remedy = phrase(
            "find out what changed it; it names the version that takes the place of this one"
        )
        raise UsageError(Fault(str(path), phrase("does not name a successor"), remedy)) from error


def _parse(held: dict[str, Any]) -> Successor:
    """A successor as somebody wrote it: in words alone, and at a time that can be signed with."""
    found = Successor(**{**held, "step": Step(held["step"])})
    if not all(isinstance(each, str) for each in asdict(found).values()):
        raise TypeError("a value that is no text")
    if dt.datetime.fromisoformat(found.signed_at).utcoffset() is None:
        raise ValueError("a time without its offset from UTC")
    return found


def _taken(folder: Path, begun: Successor) -> Fault:
    told = phrase("{time} into {folder}", time=begun.signed_at, folder=begun.folder)
    if begun.is_finished and begun.step is Step.WITHDRAW:
        problem = phrase("was withdrawn ({told})", told=told)
        return Fault(str(folder), problem, phrase("make another report, and let this one be"))
    if begun.is_finished:
        problem = phrase("has a successor already ({step}, {told})", step=begun.step, told=told)
        return Fault(str(folder), problem, phrase("go on from the newest version"))
    problem = phrase(
        "has a step that was begun and not ended ({step}, {told})", step=begun.step, told=told
    )
    remedy = phrase(
        "end it by the same command, or remove {path} where nothing came of it",
        path=str(folder / SUCCESSOR),
    )
    return Fault(str(folder), problem, remedy)
