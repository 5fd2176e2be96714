"""A private folder for what is fetched: headers with names in them, which must not stay behind.

It is gone when it is left, however that comes about but for a kill (-9) or a machine that stops; what
those left is removed by the next that begins one. A process holds a lock on its folder meanwhile.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from types import FrameType

PREFIX = "hosr-fetched-"

# Between making its folder and locking it a process needs less.
_YOUNG_S = 60.0


@contextmanager
def private_folder() -> Iterator[Path]:
    """An empty folder for this user alone."""
    _remove_left_behind(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        lock = _locked(Path(name))
        try:
            yield Path(name)
        finally:
            if lock is not None:
                os.close(lock)


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """Have SIGTERM end what is done here as an exit does, with all that is to be put away."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@lru_cache  # a process looks once
def _remove_left_behind(parent: Path) -> None:
    with suppress(OSError):
        for folder in parent.glob(f"{PREFIX}*"):
            with suppress(OSError):
                if _is_left_behind(folder):
                    shutil.rmtree(folder, ignore_errors=True)


def _is_left_behind(folder: Path) -> bool:
    """Whether a folder is this user's, and of a process that is no more."""
    if sys.platform == "win32":
        return False
    found = folder.lstat()
    is_own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    if not is_own or time.time() - found.st_mtime < _YOUNG_S:
        return False
    lock = _locked(folder)
    if lock is None:
        return False
    os.close(lock)
    return True


def _locked(folder: Path) -> int | None:
    """A lock on a folder, as long as its descriptor is open; None where it cannot be had."""
    if sys.platform == "win32":
        return None
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
