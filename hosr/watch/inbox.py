"""The inbox: what lies in it, whether that is whole, and where it goes when it is worked off.

    INBOX/NAME              a result: a file, or a folder with labels.toml and what they stand for
    INBOX/.taken/NAME       in hand; put back where hosr was killed meanwhile
    INBOX/done/NAME         became a draft
    INBOX/refused/NAME      did not, and why: NAME.reason.txt

A result is taken out of reach before it is read to the end, so that nobody replaces it meanwhile. Nothing
is deleted or overwritten: where a name is taken, a number is added.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from hosr.dicom.elements import MAX_FILE_BYTES
from hosr.errors import Fault, UsageError
from hosr.folder import flush_folder
from hosr.image_index.index import is_unfinished_by_name, is_whole_by_name

TAKEN, DONE, REFUSED = ".taken", "done", "refused"
_LOCK = ".hosr-watch.lock"
_MOST_FILES = 10_000
_MOST_NAME_BYTES = 200  # of a name that something is added to; most file systems end one at 255
_REASON = ".reason.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """What lies in the inbox: its name, and its mark, another one once anything of it is another."""

    name: str
    mark: str


class Inbox:
    """A folder that results are put into; one process at a time works it off."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._done, self._refused = folder / DONE, folder / REFUSED
        self._taken = folder / TAKEN

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Work the inbox off, and be the only one. Raises `UsageError` where somebody else does."""
        try:
            for folder in (self._taken, self._done, self._refused):
                folder.mkdir(exist_ok=True)
        except OSError as error:
            problem = f"is no folder to write to ({error.strerror or type(error).__name__})"
            raise UsageError(
                Fault(str(self.folder), problem, "make it, and give the right to write")
            ) from error
        with held_lock(self.folder / _LOCK, str(self.folder)):
            self._put_all_back()
            yield

    def lying(self) -> list[Lying]:
        """What lies there now, by name, but for what its writer has not finished by its name."""
        found = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if is_looked_at(entry.name):
                    with suppress(FileNotFoundError):  # taken away meanwhile
                        found.append(Lying(name=entry.name, mark=mark_of(Path(entry.path))))
        return sorted(found, key=lambda each: each.name)

    def path_of(self, name: str) -> Path:
        """Where a result lies."""
        return self.folder / name

    @contextmanager
    def taken(self, lying: Lying) -> Iterator[Path | None]:
        """Take a result out of reach: where it is then, or None where it is no longer what was seen.

        What was not kept or refused meanwhile is put back at the end.
        """
        taken = self._taken / lying.name
        try:
            self.path_of(lying.name).rename(taken)
        except FileNotFoundError:
            yield None
            return
        try:
            yield taken if self.is_as_seen(lying) else None
        finally:
            if os.path.lexists(taken):
                self.put_back(lying.name)

    def put_in(self, name: str, data: bytes) -> None:
        """Put a result in that came by other ways than a copy; it is on the disk then.

        The same bytes under the name that lies there already are not put in once more.
        """
        place = self.folder / name
        if place.is_file() and place.read_bytes() == data:
            return
        partial = self.folder / f".{name}.part"
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _place(partial, self.folder, name)

    def is_as_seen(self, lying: Lying) -> bool:
        """Whether what was taken is still what lay there: nobody goes on writing to it."""
        taken = self._taken / lying.name
        try:
            return mark_of(taken) == lying.mark and not is_being_written(taken)
        except OSError:
            return False

    def put_back(self, name: str) -> None:
        """Put what was taken back into the inbox, beside whatever has come under its name since."""
        _place(self._taken / name, self.folder, name)

    def keep(self, name: str) -> Path:
        """Keep what was taken among what became a draft; where it is then."""
        return _place(self._taken / name, self._done, name)

    def refuse(self, name: str, reason: str) -> Path:
        """Keep what was taken among what was refused, with the reason beside it; where it is then."""
        place = _free(self._refused, name, _REASON)
        _write_whole(_beside(place), reason)
        return _place(self._taken / name, self._refused, place.name)

    def _put_all_back(self) -> None:
        for each in sorted(self._taken.iterdir()):
            self.put_back(each.name)


def require_apart(inbox: Path, drafts: Path, images: Sequence[Path], labels: Path | None) -> None:
    """Refuse folders that are not there, and what would be taken for a result; nothing is made.

    Raises `UsageError` with all of them.
    """
    faults = []
    if not inbox.is_dir():
        faults.append(Fault(str(inbox), "there is no such folder", "make it, or check the path"))
    faults += [
        Fault(str(path), "there is no such file or folder", "check the path")
        for path in images
        if not path.exists()
    ]
    within = [path for path in (drafts, *images, labels) if path and _is_within(path, inbox)]
    faults += [
        Fault(
            str(path),
            f"lies in the inbox {inbox}, where it would be taken for a result",
            "name a folder beside the inbox",
        )
        for path in within
    ]
    if faults:
        raise UsageError(faults)


def _is_within(path: Path, folder: Path) -> bool:
    """Whether a path is a folder or in it, wherever links lead."""
    return path.resolve().is_relative_to(folder.resolve())


def is_looked_at(name: str) -> bool:
    """Whether a name is one of a result: neither hidden, nor still being written, nor hosr's own."""
    return is_whole_by_name(name) and name not in {DONE, REFUSED}


def obstacle(path: Path) -> str:
    """Why something in the inbox is not to be read at all; "" where it may be."""
    every = list(_all_of(path))
    if len(every) > _MOST_FILES:
        return f"holds more than {_MOST_FILES:,} files"
    if sum(each.lstat().st_size for each in every) > MAX_FILE_BYTES:
        return f"is larger than {MAX_FILE_BYTES >> 30} GiB"
    return next(filter(None, (_obstacle_in(each, path) for each in every)), "")


def _obstacle_in(each: Path, path: Path) -> str:
    """Why one of the files and folders of a result is not to be read; "" where it may be."""
    mode = each.lstat().st_mode
    where = "" if each == path else f"holds {each.name}, which "
    if stat.S_ISLNK(mode):
        return f"{where}is a link: hosr reads nothing outside of its inbox"
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return f"{where}is a pipe or a device"
    if not _may_read(each, is_folder=stat.S_ISDIR(mode)):
        return f"{where}may not be read by this user"
    is_deep = stat.S_ISREG(mode) and len(each.relative_to(path).parts) > 1
    if is_deep and is_whole_by_name(each.name):
        # Only what lies in the folder itself is read: what is deeper would be lost among what is done.
        return f"{where}lies in a folder of its own, where no result is looked for"
    return ""


def _may_read(path: Path, *, is_folder: bool) -> bool:
    wanted = os.R_OK | (os.X_OK if is_folder else 0)
    return os.access(path, wanted, effective_ids=os.access in os.supports_effective_ids)


def mark_of(path: Path) -> str:
    """What stands for a file or folder as it is: another one once it is written to or replaced.

    Raises `OSError` where there is none, or it may not be looked into.
    """
    seen = []
    for each in _all_of(path):
        status = each.lstat()
        place = os.fsencode(each.relative_to(path)).hex()
        seen.append(f"{place}:{status.st_ino}:{status.st_size}:{status.st_mtime_ns}")
    return "|".join(sorted(seen))


def is_being_written(path: Path) -> bool:
    """Whether a name in a folder is one of a file that is not whole, or a file is open for writing.

    That another program has it open is told on Linux alone.
    """
    every = list(_all_of(path))
    if any(is_unfinished_by_name(each.name) for each in every):
        return True
    return any(_has_writer(each) for each in every if each.is_file())


def _has_writer(path: Path) -> bool:
    """A read lease is given only on a file that nobody has open for writing (fcntl(2), F_SETLEASE)."""
    if not sys.platform.startswith("linux"):
        return False
    import errno
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False  # which reading it tells
    try:
        # Who opens it meanwhile breaks the lease, which is told by a signal: one that is ignored.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:  # others: file systems without leases, files of other users
        return error.errno == errno.EAGAIN
    finally:
        os.close(descriptor)
    return False


def _all_of(path: Path) -> Iterator[Path]:
    """The path, and what lies in it where it is a folder, links not followed; no more than is bearable."""
    yield path
    if path.is_symlink() or not path.is_dir():
        return
    count = 0
    for folder, below, names in os.walk(path):
        below.sort()
        for name in (*below, *sorted(names)):
            count += 1
            if count > _MOST_FILES:
                return
            yield Path(folder, name)


def _beside(place: Path) -> Path:
    return place.with_name(place.name + _REASON)


def _free(folder: Path, name: str, beside: str = "") -> Path:
    """A name in a folder that nothing has yet, nor with `beside` added: this one, or with a number."""
    stem = os.fsdecode(os.fsencode(name)[:_MOST_NAME_BYTES])
    number = 1
    while True:
        place = folder / (stem if number == 1 else f"{stem}.{number}")
        if not any(map(os.path.lexists, (place, place.with_name(place.name + beside)))):
            return place
        number += 1


def _place(path: Path, folder: Path, name: str) -> Path:
    """Move something into a folder under this name, or one with a number, never over anything."""
    while True:
        place = _free(folder, name)
        try:
            _move(path, place)
        except FileExistsError:
            continue
        for each in {path.parent, folder}:
            flush_folder(each)
        return place


def _move(path: Path, place: Path) -> None:
    """A file is linked first, which never replaces one that has come meanwhile; a folder cannot be."""
    if path.is_symlink() or not path.is_file():
        path.rename(place)
        return
    try:
        os.link(path, place)
    except FileExistsError:
        raise
    except OSError:  # no hard links here
        path.rename(place)
    else:
        path.unlink()


def _write_whole(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.tmp")
    with partial.open("w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)


@contextmanager
def held_lock(path: Path, name: str) -> Iterator[None]:
    """Hold a lock that one process has at a time. Raises `UsageError` where another one has it."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            problem = "is worked off by another `hosr watch`"
            raise UsageError(Fault(name, problem, "end that one, or name another folder")) from None
        yield
    finally:
        os.close(descriptor)


def reason_text(faults: Sequence[Fault]) -> str:
    """Faults as they stand beside what was refused, a line each."""
    return "".join(f"{' '.join(str(fault).split())}\n" for fault in faults)
