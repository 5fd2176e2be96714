"""Who is at work: a worker's mark beside the database, and when its lease is over.

A worker holds a lock on a file of its own, which the system lets go when the process dies however
that comes about. So what a killed run had in hand is taken up at once, without waiting for a clock.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from hosr.outbox.entries import Entry


LEASE_S = 120.0


class WorkerMark:
    """The mark of a process that works: its `token` names it in the database."""

    def __init__(self, database: Path, random: Random) -> None:
        self._database = database
        self._descriptor = -1
        while self._descriptor < 0:
            self.token = f"{random.getrandbits(128):032x}"
            self._descriptor = self._lock()

    def worker(self, number: int) -> str:
        """The name of one of the process's workers."""
        return f"{self.token}.{number}"

    def remove(self) -> None:
        """The process works no more."""
        with suppress(OSError):
            _mark(self._database, self.token).unlink(missing_ok=True)
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def _lock(self) -> int:
        """A descriptor with the lock on the file; -1 where another has this token."""
        path = _mark(self._database, self.token)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if sys.platform == "win32":
            return descriptor
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Between opening and locking it may have been taken for that of a dead worker.
            if os.fstat(descriptor).st_ino == path.stat().st_ino:
                return descriptor
        except (BlockingIOError, FileNotFoundError):
            pass
        except OSError:  # a file system without locks: leases end by the clock alone
            return descriptor
        os.close(descriptor)
        return -1


def is_dead(database: Path, worker: str) -> bool:
    """Whether a worker's process is certainly gone; its mark is removed then."""
    if sys.platform == "win32":
        return False
    import fcntl

    path = _mark(database, worker.partition(".")[0])
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return True
    finally:
        os.close(descriptor)


def is_lease_over(entry: Entry, now: float) -> bool:
    """Whether a lease has passed, or lies further ahead than one can (a clock that was set back)."""
    return entry.lease_until <= now or entry.lease_until > now + LEASE_S


def _mark(database: Path, token: str) -> Path:
    return database.with_name(f"{database.name}.worker-{token}")
