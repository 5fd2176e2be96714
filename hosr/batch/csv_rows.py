"""Rows of a CSV file, one at a time; a row that cannot be read is a fault of that row alone."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.errors import Fault, UsageError
from hosr.intake.tables.reader import Row

if TYPE_CHECKING:
    from typing import TextIO


_MAX_LINE_CHARACTERS = 4 * 1024 * 1024
_NOT_UTF8 = ("is not UTF-8 text", "save it as CSV in UTF-8")


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that cannot be read; `id` where it is plain all the same whose it is."""

    number: int
    fault: Fault
    id: str = ""


class CsvRows:
    """The header of a CSV file, and its rows in order. Commas or semicolons, UTF-8."""

    def __init__(self, path: Path, file: TextIO) -> None:
        """Read the header; raises UsageError where there is none that can be read."""
        self._lines = _Lines(file)
        self._reader = csv.reader(self._lines, delimiter=",", strict=True)
        self._number = 0
        self.header = self._header(path.name)

    def _header(self, name: str) -> list[str]:
        first = next((line for line in self._lines if line.strip()), "")
        self._number = self._lines.taken
        if "\0" in first or _has_surrogates(first):
            raise UsageError(Fault(name, *_NOT_UTF8))
        delimiter = ";" if first.count(";") > first.count(",") else ","
        self._lines.push_back([first])
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)
        try:
            cells = next(self._reader, [])
        except csv.Error:
            remedy = "check its quotes"
            raise UsageError(Fault(name, "has a header that is not CSV", remedy)) from None
        if not cells:
            remedy = "give a header and one row for each hip"
            raise UsageError(Fault(name, "holds no rows", remedy))
        return [cell.strip() for cell in cells]

    def rows(self, key: str) -> Iterator[Row | Broken]:
        """Every row with a filled cell; `key` is the column that says which go together."""
        place = self.header.index(key)
        while True:
            self._lines.begin()
            self._number += 1
            try:
                cells = [cell.strip() for cell in next(self._reader)]
            except StopIteration:
                return
            except csv.Error:
                self._lines.keep_first()
                yield self._broken("is not CSV", "check its quotes", [], place)
                continue
            if not any(cells):
                continue
            if self._lines.was_too_long or any(map(_has_surrogates, cells)):
                too_long = ("is too long", "a row holds one hip")
                words = too_long if self._lines.was_too_long else _NOT_UTF8
                yield self._broken(*words, cells, place)
            elif len(cells) != len(self.header):
                self._lines.keep_first()
                problem = f"has {len(cells)} cells, the header {len(self.header)}"
                yield self._broken(problem, "quote a cell that holds a comma", cells, place)
            else:
                filled = zip(self.header, cells, strict=True)
                yield Row(self._number, {column: cell for column, cell in filled if cell})

    def _broken(self, problem: str, remedy: str, cells: list[str], place: int) -> Broken:
        # Only the first cell is sure to be the one of its column.
        name = cells[0] if place == 0 and cells and not _has_surrogates(cells[0]) else ""
        return Broken(self._number, Fault(f"row {self._number}", problem, remedy), name)


class _Lines:
    """The lines of a file; those that a quote too many has swallowed can be read again."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self._record: list[str] = []
        self.taken = 0
        self.was_too_long = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._file.readline(_MAX_LINE_CHARACTERS)
        if not line:
            raise StopIteration
        if len(line) == _MAX_LINE_CHARACTERS and not line.endswith("\n"):
            self.was_too_long = True
            while (rest := self._file.readline(_MAX_LINE_CHARACTERS)) and not rest.endswith("\n"):
                pass
        self._record.append(line)
        self.taken += 1
        return line

    def begin(self) -> None:
        """Forget the lines of the row before."""
        self._record.clear()
        self.was_too_long = False

    def keep_first(self) -> None:
        """Take the first line of this row for the whole of it; the others are read once more."""
        self.push_back(self._record[1:])

    def push_back(self, lines: list[str]) -> None:
        """Have these lines read next."""
        self.taken -= len(lines)
        self._again.extendleft(reversed(lines))
        self._record = []


def _has_surrogates(text: str) -> bool:
    """Whether some bytes of it were no UTF-8, which `surrogateescape` marks by these."""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)
