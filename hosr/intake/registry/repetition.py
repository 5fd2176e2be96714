"""Which names of records stand in a table where they cannot be told apart; on disk, not in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from hashlib import blake2b

from hosr.errors import Fault, UsageError

_DIGEST_BYTES = 16


@contextmanager
def find_repeated(names: Iterable[str]) -> Iterator[Callable[[str], bool]]:
    """A test for names that occur more than once among these.

    Their digests are kept in a temporary database that SQLite removes by itself, so that a table
    of any length takes the same memory. Raises `UsageError` where there is no room for it.
    """
    try:
        with closing(sqlite3.connect("", isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = OFF")
            database.execute("CREATE TABLE name (digest BLOB PRIMARY KEY, times INT) WITHOUT ROWID")
            database.execute("BEGIN")
            database.executemany(
                "INSERT INTO name VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1",
                ((_digest(name),) for name in names),
            )

            def is_repeated(name: str) -> bool:
                question = "SELECT times > 1 FROM name WHERE digest = ?"
                row = database.execute(question, (_digest(name),)).fetchone()
                return bool(row and row[0])

            yield is_repeated
    except sqlite3.OperationalError:
        fault = Fault("temporary folder", "has no room", "free some, or set TMPDIR")
        raise UsageError(fault) from None


def _digest(name: str) -> bytes:
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
