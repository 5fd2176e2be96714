"""Which files are images of which study: folders looked through, again as they change.

A file is opened once, and anew when its size or time is another. A folder that cannot be looked into keeps
what it had: a share that is away for a minute has not lost its images.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hosr.dicom.structure import UnusableFile
from hosr.errors import Fault, UsageError
from hosr.image_index.headers import ImageHeader, look_into
from hosr.image_index.received import replaced_count
from hosr.image_index.seen import Seen, SeenImages
from hosr.intake.images.values import size_and_time
from hosr.logs import logger

_LOG = logger(__name__)

# Looking is at most this part of the time.
_DUTY = 0.05
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyImages:
    """The files of a study, and what they hold: another set of `instances` once there are newer ones.

    `copies` are of the same images, in places that come later.
    """

    paths: tuple[Path, ...] = ()
    copies: tuple[Path, ...] = ()
    uids: frozenset[str] = frozenset()
    instances: tuple[str, ...] = ()


class ImageIndex:
    """The images in these folders, those of `received` after all others.

    `monotonic` tells how long a study has been quiet, whatever the clock of this machine does. `round` is
    another number once something has changed. `refused` are names of archives that are not read, and why.
    """

    def __init__(
        self,
        seen: SeenImages,
        roots: Sequence[Path],
        received: Path,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seen, self._monotonic = seen, monotonic
        self._roots, self._received = [root.absolute() for root in roots], received.absolute()
        self._changed_at: dict[str, float] = {}
        self._looked_at = float("-inf")
        self._due_at = float("-inf")
        self.round = 0
        self.refused: list[tuple[str, str]] = []
        self._known = {each.path: each for each in seen.files()}
        missing = [root for root in self._roots if not root.exists()]
        if missing:
            problem = "there is no such file or folder"
            raise UsageError([Fault(str(root), problem) for root in missing])

    def renew(self, stop: Callable[[], bool] = lambda: False) -> bool:
        """Look through the folders where that is due; whether it was."""
        begun = self._monotonic()
        if begun < self._due_at:
            return False
        found: list[Seen] = []
        there: set[Path] = set()
        for path, status in self._files():
            if stop():
                return False
            there.add(path)
            known = self._known.get(path)
            if known is None or known.status != status:
                found.append(self._look_into(path, status))
                if len(found) >= _AT_ONCE:
                    self._put_down(found, ())
                    found = []
        gone = [path for path in self._known if path not in there and self._is_gone(path)]
        self._put_down(found, gone)
        ended = self._monotonic()
        self._looked_at = begun
        self._due_at = ended + (ended - begun) / _DUTY
        return True

    def hurry(self) -> None:
        """Look again the next time, however long the last look took."""
        self._due_at = float("-inf")

    def study(self, uid: str) -> StudyImages:
        """The images of a study; one that lies in several places as it lies in the first of them.

        Two files of one folder that claim to be one image are both given: whoever reads them judges.
        """
        by_root: dict[int, dict[str, list[Path]]] = {}
        for path, instance in self._seen.images_of(uid):
            rank = self._rank(path)
            by_root.setdefault(rank, {}).setdefault(instance, []).append(path)
        chosen: dict[str, list[Path]] = {}
        for rank in sorted(by_root):
            for instance, paths in by_root[rank].items():
                chosen.setdefault(instance, paths)
        paths = sorted({path for each in chosen.values() for path in each})
        every = {path for files in by_root.values() for found in files.values() for path in found}
        instances = sorted(f"{uid}{self._version(paths)}" for uid, paths in chosen.items())
        return StudyImages(
            paths=tuple(paths),
            copies=tuple(sorted(every - set(paths))),
            uids=frozenset(chosen),
            instances=tuple(instances),
        )

    def quiet_s(self, uid: str) -> float:
        """For how long no image of a study has come or changed, as far as this process has seen.

        Until the last look: what came after it is not seen yet.
        """
        changed_at = self._changed_at.get(uid)
        return float("inf") if changed_at is None else max(self._looked_at - changed_at, 0.0)

    def is_as_seen(self, images: StudyImages) -> bool:
        """Whether the files are there as they were when they were looked into."""
        for path in images.paths:
            try:
                status = size_and_time(path.stat())
            except OSError:
                return False
            known = self._known.get(path)
            if known is None or known.status != status:
                return False
        return True

    def _rank(self, path: Path) -> int:
        for number, root in enumerate(self._roots):
            if path.is_relative_to(root):
                return number
        return len(self._roots)

    def _version(self, paths: Sequence[Path]) -> str:
        """What tells an image that was sent anew, with other content, from the one that was there."""
        received = [path for path in paths if path.is_relative_to(self._received)]
        count = sum(map(replaced_count, received))
        return f"#{count}" if count else ""

    def _is_gone(self, path: Path) -> bool:
        """Whether a file is no more, and not only its folder out of reach."""
        roots = [root for root in (*self._roots, self._received) if path.is_relative_to(root)]
        return not roots or all(root.exists() for root in roots)

    def _look_into(self, path: Path, status: tuple[int, int]) -> Seen:
        """What is in a file; an archive that is not read is told."""
        images: tuple[ImageHeader, ...] = ()
        try:
            images = look_into(path)
        except UnusableFile as refusal:
            self.refused.append((path.name, refusal.problem))
        except OSError:
            pass
        return Seen(path=path, size=status[0], changed_ns=status[1], images=images)

    def _put_down(self, found: Sequence[Seen], gone: Sequence[Path]) -> None:
        now = self._monotonic()
        self._seen.renew(found, gone)
        self.round += bool(found or gone)
        for seen in found:
            self._changed_at.update(dict.fromkeys(seen.studies, now))
            self._known[seen.path] = replace(
                seen, images=()
            )  # of a million files no more than that
        for path in gone:
            del self._known[path]
        if found or gone:
            _LOG.info("%d files looked into, %d gone", len(found), len(gone))

    def _files(self) -> Iterator[tuple[Path, tuple[int, int]]]:
        """Every file that may be an image, with its size and time of change."""
        for root in self._roots:
            for path, status in _files_below(root):
                if not path.is_relative_to(self._received):
                    yield path, status
        for path, status in _files_below(self._received):
            if path.suffix == ".dcm":
                yield path, status


def _files_below(root: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    if root.is_file():
        yield root, size_and_time(root.stat())
        return
    within = root.resolve()
    for folder, _, names in os.walk(root):
        for name in filter(is_whole_by_name, names):
            path = Path(folder, name)
            try:
                if path.is_symlink() and not path.resolve().is_relative_to(within):
                    continue
                if path.is_file() and is_sayable(path):
                    yield path, size_and_time(path.stat())
            except OSError:  # gone meanwhile, or out of reach
                continue


# What programs call a file that they are still writing.
_UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload")


def is_whole_by_name(name: str) -> bool:
    """Whether a file is neither hidden, as programs call what they are copying, nor called unfinished."""
    return not (name.startswith(".") or is_unfinished_by_name(name))


def is_unfinished_by_name(name: str) -> bool:
    """Whether a file is called as what is still being written."""
    return name.lower().endswith(_UNFINISHED)


def is_sayable(path: Path) -> bool:
    """Whether a path is text, as the drafts keep it."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        _LOG.warning("a file whose path is no UTF-8 is not used")
        return False
    return True
