"""A folder that takes the files of one report: all of them or none, and never over another report.

And which names a folder may have on whatever system it is read.
"""

from __future__ import annotations

import errno
import os
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from hosr.errors import Fault, UsageError

_REMEDY = "choose another folder; nothing was written"

MAX_CHARACTERS = 128
_MAX_BYTES = 240  # most file systems end a name at 255 bytes

# What Windows allows in no name, and what it takes for a device, with any extension.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)

# What file systems without hard links answer: FAT, and some network shares.
_NO_HARD_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})


def name_problem(name: str) -> str | None:
    """Why this cannot be the name of a folder; None where it can."""
    if len(name) > MAX_CHARACTERS or len(name.encode("utf-8", "replace")) > _MAX_BYTES:
        return f"is longer than {MAX_CHARACTERS} characters or {_MAX_BYTES} bytes"
    if not name.isprintable() or name != name.strip():
        return "holds a character that cannot be seen, or begins or ends with a space"
    if _FORBIDDEN.search(name):
        return "holds a character that a folder cannot be named with"
    if name.startswith(".") or name.endswith("."):
        return "begins or ends with a dot"
    return "is a name that is reserved" if _DEVICE.fullmatch(name) else None


def folded(name: str) -> str:
    """The name as a file system sees it that tells neither case nor composed characters apart."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def write_folder(files: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    """Write the files and return their paths; files that are there with the same bytes stay.

    Each file is written whole beside its place, flushed to the disk and then linked into it, in
    the order given; a failure takes back what this call put there. What a call that was killed
    left beside the places, the next one removes.

    Raises
    ------
    UsageError
        Where the folder holds a file of the same name and other content, or cannot be written.
    """
    made = _missing_folders(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            _refuse_other_content(files, folder)
            for name in files:
                _partial(folder, name).unlink(missing_ok=True)
            missing = {name: data for name, data in files.items() if not (folder / name).exists()}
            _write_missing(missing, folder)
        for path in made:
            flush_folder(path.parent)
    except BaseException as error:
        for path in made:
            with suppress(OSError):
                path.rmdir()
        if isinstance(error, OSError):
            raise UsageError(Fault(str(folder), _problem(folder, error), _REMEDY)) from error
        raise
    return tuple(folder / name for name in files)


def _problem(folder: Path, error: OSError) -> str:
    if (folder.exists() or folder.is_symlink()) and not folder.is_dir():
        return "is not a folder"
    return f"cannot be written ({error.strerror or type(error).__name__})"


def _missing_folders(folder: Path) -> list[Path]:
    """The folder and those above it that are not there yet, innermost first."""
    with suppress(OSError):
        return [path for path in (folder, *folder.parents) if not path.exists()]
    return []


@contextmanager
def locked(path: Path, flags: int = os.O_RDONLY) -> Iterator[None]:
    """Keep other processes out that lock the same path, where the system can; it is opened so."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(path, flags, 0o600)
    try:
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether a process that is alive keeps others out of a path; False where the system cannot tell."""
    if sys.platform == "win32":
        return False
    import fcntl

    with suppress(OSError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _refuse_other_content(files: Mapping[str, bytes], folder: Path) -> None:
    other = [name for name, data in files.items() if not _may_stand(folder / name, data)]
    if other:
        verb = "differs" if len(other) == 1 else "differ"
        problem = f"holds another report ({', '.join(other)} {verb})"
        raise UsageError(Fault(str(folder), problem, _REMEDY))


def _may_stand(path: Path, data: bytes) -> bool:
    """Whether there is nothing at a path, or a file of these bytes; a link is neither."""
    if path.is_symlink():
        return False
    if not path.exists():
        return True
    return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data


def _partial(folder: Path, name: str) -> Path:
    return folder / f".{name}.partial"


def _write_missing(files: Mapping[str, bytes], folder: Path) -> None:
    partial = {name: _partial(folder, name) for name in files}
    placed: list[Path] = []
    try:
        for name, data in files.items():
            _write_new(partial[name], data)
        for (
            path
        ) in partial.values():  # when the disk has been given all of them, it has less to wait
            _flush(path)
        for name in files:
            _place(partial[name], folder / name)
            placed.append(folder / name)
        flush_folder(folder)
    except BaseException:
        for path in placed:
            path.unlink(missing_ok=True)
        raise
    finally:
        for path in partial.values():
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _place(whole: Path, place: Path) -> None:
    """Put a whole file in its place, never over another one."""
    try:
        os.link(whole, place)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS or place.exists():
            raise
        whole.rename(place)


def _write_new(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags, 0o640), "wb") as file:
        file.write(data)


def append_flushed(path: Path, data: bytes) -> None:
    """Put data at the end of a file of this user, begun where there is none; it is on the disk then."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags, 0o600), "ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    flush_folder(path.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(folder: Path) -> None:
    """Have the names that stand in a folder written to the disk."""
    if sys.platform == "win32":  # a folder cannot be flushed there
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
