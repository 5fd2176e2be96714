"""Rows of a CSV file, one at a time; a row that cannot be read is a fault of that row alone."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Collection, Iterator
from typing import TextIO

from hosr.errors import Fault, RecordRefused
from hosr.intake.record.json_text import refuse_file
from hosr.intake.tables.rows import (
    BESIDE,
    LOST_DIGITS,
    NO_ROWS,
    FileForm,
    Row,
    Table,
    has_lost_digits,
    normalized,
)

_LONGEST_LINE = 4 * 1024 * 1024  # characters
_UTF_8_MARK = b"\xef\xbb\xbf"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_TOO_LONG = (
    f"has a line of more than {_LONGEST_LINE} characters",
    "check its quotes and line ends",
)
_TOO_MANY = "quote a cell that holds the delimiter"
_TOO_FEW = "write the empty cells at its end too, which Excel may leave out, or save it as XLSX"
_BROKEN = ("is not CSV", "check its quotes")
# How Excel says by what a file is parted; it shows no row for it.
_SEPARATOR = re.compile(r'"?sep=([^"\r\n])"?[\r\n]*', re.IGNORECASE)


def encoding_of(start: bytes, name: str, form: FileForm) -> str:
    """The encoding to read with, which the start of the file must not deny."""
    is_utf_16 = start.startswith(_UTF_16_MARKS)
    if not form.is_mapped:
        return "utf-16" if is_utf_16 else "utf-8-sig"
    lacking = [key for key in ("encoding", "delimiter") if not getattr(form, key)]
    if lacking:
        problem = f"is CSV, of which the mapping does not say the {' and the '.join(lacking)}"
        remedy = 'write encoding = "utf-8" and delimiter = ";" in [table], for example'
        raise refuse_file(name, problem, remedy)
    if is_utf_16 and not form.encoding.startswith("utf-16"):
        problem = f"begins with the mark of UTF-16, but the mapping says {form.encoding}"
        raise refuse_file(name, problem, 'write encoding = "utf-16" in [table]')
    if not start.startswith(_UTF_8_MARK):
        return form.encoding
    if form.encoding not in ("utf-8", "utf-8-sig"):
        problem = f"begins with the mark of UTF-8, but the mapping says {form.encoding}"
        raise refuse_file(name, problem, 'write encoding = "utf-8" in [table]')
    return "utf-8-sig"


def read_csv(
    file: TextIO, encoding: str, name: str, form: FileForm, used: Collection[str] | None
) -> Table:
    """The table in a text file, which is decoded with `surrogateescape` as `encoding`.

    Raises `RecordRefused` for a header that cannot be read, and where the text ends untimely.
    """
    return _CsvFile(file, encoding, name, form).table(used)


class _CsvFile:
    """One file, and how far it is read."""

    def __init__(self, file: TextIO, encoding: str, name: str, form: FileForm) -> None:
        self._name = name
        self._form = form
        self._encoding = encoding
        self._lines = _Lines(file)
        self._number = form.skip
        self._header: tuple[str, ...] = ()
        self._width = 0
        self._reader: Iterator[list[str]] = iter(())

    def table(self, used: Collection[str] | None) -> Table:
        """The header, and the rows below it."""
        try:
            self._reader = csv.reader(self._lines, delimiter=self._delimiter(), strict=True)
            self._header = self._read_header()
        except UnicodeError:
            raise self._not_text() from None
        return Table(self._header, self._rows(used))

    def _not_text(self) -> RecordRefused:
        form = self._form
        if not form.is_mapped:
            return refuse_file(self._name, "is not UTF-8 text", "save it as CSV in UTF-8")
        remedy = "name its encoding in [table] of the mapping"
        return refuse_file(self._name, f"is not {form.encoding} text", remedy)

    def _delimiter(self) -> str:
        """What parts the cells: as the form, the first line or else the header says."""
        named = self._form.delimiter
        if self._form.skip:
            for _ in range(self._form.skip):
                next(self._lines, "")
        else:
            first = next(self._lines, "")
            found = _SEPARATOR.fullmatch(first)
            if found is None:
                self._lines.push_back([first])
            elif found[1] != (named or found[1]):
                problem = f"begins with sep={found[1]}, but the mapping names another delimiter"
                raise refuse_file(self._name, problem, f'write delimiter = "{found[1]}" in [table]')
            else:
                return found[1]
        return named or self._commonest()

    def _commonest(self) -> str:
        """Comma, semicolon or tab, whichever the first line that is not blank has most of."""
        lines: list[str] = []
        for line in self._lines:
            lines.append(line)
            if line.strip():
                break
        self._lines.push_back(lines)
        header = lines[-1] if lines else ""
        return max((",", ";", "\t"), key=header.count)

    def _read_header(self) -> tuple[str, ...]:
        cells: list[str] = []
        while not any(cells):
            self._number += 1
            self._lines.begin()
            try:
                cells = [cell.strip() for cell in next(self._reader)]
            except StopIteration:
                raise refuse_file(self._name, *NO_ROWS) from None
            except csv.Error as error:
                problem, remedy = self._words_of(error)
                if problem == _BROKEN[0]:
                    problem = "has a header that is not CSV"
                raise refuse_file(self._name, problem, remedy) from None
            if self._lines.was_too_long:
                raise refuse_file(self._name, *_TOO_LONG)
        if any("\0" in cell or _is_unreadable(cell) for cell in cells):
            raise self._wrong_header("")
        if any(_is_utf_8(cell, self._encoding) for cell in cells):
            raise self._wrong_header("UTF-8")
        self._width = len(cells)
        while not cells[-1]:
            cells.pop()  # a spreadsheet writes columns that were once filled, or only formatted
        return tuple(map(normalized, cells))

    def _wrong_header(self, found: str) -> RecordRefused:
        if not self._form.is_mapped:
            return self._not_text()
        encoding = self._form.encoding
        if found:
            problem = f"has a header in {found}, not in {encoding}"
            return refuse_file(self._name, problem, 'write encoding = "utf-8" in [table]')
        remedy = "name its encoding in [table] of the mapping"
        return refuse_file(self._name, f"has a header that is not {encoding} text", remedy)

    def _rows(self, used: Collection[str] | None) -> Iterator[Row]:
        while True:
            self._lines.begin()
            self._number += 1
            try:
                cells = [cell.strip() for cell in next(self._reader)]
            except StopIteration:
                return
            except UnicodeError:
                raise self._not_text() from None
            except csv.Error as error:
                words = self._words_of(error)
                self._lines.keep_first()
                yield self._broken([], words)
                continue
            if self._lines.was_too_long:
                yield self._broken(cells, _TOO_LONG)
            elif len(cells) not in (len(self._header), self._width):
                if any(cells):
                    self._lines.keep_first()
                    problem = f"has {len(cells)} cells, the header {self._width}"
                    is_short = len(cells) < self._width
                    yield self._broken(cells, (problem, _TOO_FEW if is_short else _TOO_MANY))
            elif any(cells[len(self._header) :]):
                yield self._broken(cells, BESIDE)
            elif any(cells):
                yield self._row(cells[: len(self._header)], used)

    def _words_of(self, error: csv.Error) -> tuple[str, str]:
        if self._lines.was_too_long:
            return _TOO_LONG
        if "field limit" in str(error):
            return f"has a cell of more than {csv.field_size_limit()} characters", _BROKEN[1]
        return _BROKEN

    def _broken(self, cells: list[str], words: tuple[str, str]) -> Row:
        # Only the first cell is sure to be the one of its column.
        first = {self._header[0]: cells[0]} if cells and cells[0] else {}
        return Row(self._number, first, (Fault(f"row {self._number}", *words),))

    def _row(self, texts: list[str], used: Collection[str] | None) -> Row:
        cells = {c: text for c, text in zip(self._header, texts, strict=True) if text}
        faults = []
        if not all(map(str.isascii, texts)):
            for column in [c for c in cells if used is None or c in used]:
                words = self._text_problem(cells[column])
                if words is not None:
                    del cells[column]
                    faults.append(Fault(f"row {self._number}, column {column}", *words))
        for column in [c for c, text in cells.items() if has_lost_digits(text)]:
            if used is None or column in used:
                del cells[column]
                faults.append(Fault(f"row {self._number}, column {column}", *LOST_DIGITS))
        return Row(self._number, cells, tuple(faults))

    def _text_problem(self, text: str) -> tuple[str, str] | None:
        """What is wrong with the characters of a cell."""
        if text.isascii():
            return None
        if _is_unreadable(text):
            problem = f"holds bytes that are no {self._encoding.removesuffix('-sig')} text"
            if self._form.is_mapped:
                return problem, "correct the file, or name its encoding"
            return problem, "correct the file, or save it as CSV in UTF-8"
        if _is_utf_8(text, self._encoding):
            problem = f"is UTF-8, but the mapping says {self._encoding}"
            return problem, "correct the cell, or name the encoding"
        return None


class _Lines:
    """The lines of a file; those that a quote too many has swallowed can be read again."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self._record: list[str] = []
        self.was_too_long = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._file.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) == _LONGEST_LINE and not line.endswith("\n"):
            self.was_too_long = True
            while (rest := self._file.readline(_LONGEST_LINE)) and not rest.endswith("\n"):
                pass
        self._record.append(line)
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
        self._again.extendleft(reversed(lines))
        self._record = []


def _is_unreadable(text: str) -> bool:
    """Whether some bytes of it were of no character, which `surrogateescape` marks by these."""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _is_utf_8(text: str, encoding: str) -> bool:
    """Whether a text was read by a one-byte encoding and is UTF-8: no language has such words."""
    if text.isascii() or encoding.startswith("utf"):
        return False
    try:
        text.encode(encoding).decode("utf-8")
    except UnicodeError:
        return False
    return True
