"""Records as a manifest for a batch: one a line, written whole or not at all."""

from __future__ import annotations

import filecmp
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from hosr.errors import Fault, UsageError
from hosr.intake.record import record_json

if TYPE_CHECKING:
    from hosr.intake.registry.entries import Imported


_REMEDY = "choose another file; nothing was written"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


class Images:
    """Paths of images as a table has them, and as a manifest in another folder has them."""

    def __init__(self, root: Path, manifest_folder: Path) -> None:
        self._root = root.resolve()
        self._folder = manifest_folder.resolve()

    def placed(self, path: str) -> str:
        """The path as the manifest says it; an address or a full path stays."""
        if _ADDRESS.match(path) or Path(path).is_absolute():
            return path
        try:
            return Path(os.path.relpath(self._root / path, self._folder)).as_posix()
        except ValueError:  # another drive, or a name that is none
            return str(self._root / path)

    def are_there(self, path: str) -> bool:
        """Whether something is at the path; an address is not asked."""
        try:
            return bool(_ADDRESS.match(path)) or (self._root / path).exists()
        except (OSError, ValueError):
            return False


def manifest_line(imported: Imported, images: Images) -> str:
    """One line of the manifest: id, images, record."""
    record = imported.record
    entry = {
        "id": imported.id,
        "images": [images.placed(path) for path in imported.images],
        "record": record_json(record),
    }
    return json.dumps(entry, ensure_ascii=False) + "\n"


@contextmanager
def written_whole(path: Path) -> Iterator[Callable[[str], None]]:
    """Take lines, and put them into a file once all are there; nothing is left if that fails.

    A file that is there stays, and must hold the same lines; without any line none is made.
    Raises `UsageError` where it holds something else, or cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    lines = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(partial) as file:
            try:

                def write(line: str) -> None:
                    nonlocal lines
                    lines += 1
                    file.write(line)

                yield write
                file.flush()
                os.fsync(file.fileno())
                if lines:
                    _place(partial, path)
            finally:
                with suppress(OSError):
                    partial.unlink()
    except OSError as error:
        problem = f"cannot be written ({error.strerror or type(error).__name__})"
        raise UsageError(Fault(str(path), problem, _REMEDY)) from error


@contextmanager
def _alone(partial: Path) -> Iterator[TextIO]:
    """The file to write to, which no other import has in hand; what a killed one left goes."""
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(partial, flags, 0o640), "w", encoding="utf-8", newline="\n") as file:
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                problem = "is being written by another import"
                raise UsageError(Fault(str(partial), problem, "wait for it")) from None
            except OSError:
                pass  # some network file systems have no locks
        file.truncate(0)
        yield file


def _place(partial: Path, path: Path) -> None:
    """Put a whole file in its place, never over another one."""
    if path.is_symlink() or path.exists():
        if path.is_symlink() or not path.is_file() or not filecmp.cmp(partial, path, shallow=False):
            raise UsageError(Fault(str(path), "holds something else", _REMEDY))
        return
    try:
        os.link(partial, path)
    except OSError:
        if path.exists():
            raise
        partial.rename(path)
