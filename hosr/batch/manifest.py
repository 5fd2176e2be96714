"""The manifest: a stream of entries, of which one at a time is in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.batch.lines import read_lines
from hosr.batch.tables import read_csv, read_parquet
from hosr.errors import Fault, UsageError

if TYPE_CHECKING:
    from hosr.batch.values import Entry


_READERS: dict[str, Callable[[Path], Iterator[Entry]]] = {
    ".jsonl": read_lines,
    ".ndjson": read_lines,
    ".csv": read_csv,
    ".parquet": read_parquet,
}


class Manifest:
    """A manifest that can be read several times, as long as it stays the same file."""

    def __init__(self, path: Path) -> None:
        """Raises UsageError for what is no manifest."""
        self.path = path
        reader = _READERS.get(path.suffix.lower())
        if reader is None:
            remedy = f"name it {', '.join(_READERS)}, as what it is"
            raise UsageError(Fault(path.name, "is not named as a manifest", remedy))
        self._reader = reader
        self._stamp = self._look()

    def entries(self) -> Iterator[Entry]:
        """Every entry in order. Raises UsageError where the file is unreadable, or has changed."""
        try:
            yield from self._reader(self.path)
        except OSError as error:
            raise self._unreadable(error) from error
        if self._look() != self._stamp:
            remedy = "let it be until the batch has ended; run the batch again"
            raise UsageError(Fault(self.path.name, "was changed meanwhile", remedy))

    def _look(self) -> tuple[int, ...]:
        try:
            found = self.path.stat()
        except (OSError, ValueError) as error:
            raise self._unreadable(error) from error
        if not os.path.isfile(self.path):  # noqa: PTH113 (says no, and does not raise)
            raise UsageError(Fault(self.path.name, "is not a file", "check the path"))
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

    def _unreadable(self, error: OSError | ValueError) -> UsageError:
        reason = getattr(error, "strerror", None) or "its name is no name of a file"
        return UsageError(Fault(self.path.name, f"cannot be read ({reason})", "check the path"))
