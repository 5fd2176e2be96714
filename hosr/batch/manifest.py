"""The manifest: a stream of entries out of JSONL or a table, of which one at a time is in memory.

An import writes it as JSONL, one record a line, whole or not at all.
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from hosr.batch.sources import KEYS as SOURCE_KEYS
from hosr.batch.values import Entry
from hosr.errors import Fault, RecordRefused, UsageError
from hosr.folder import folded, name_problem
from hosr.intake.record import record_json
from hosr.intake.record.foreign_tables import refuse_foreign_path
from hosr.intake.record.json_text import MAX_BYTES, decode_json
from hosr.intake.record.refusal import first_of, kind_of
from hosr.intake.tables.columns import IDENTIFIER, IMAGES, header_faults
from hosr.intake.tables.lines import LINE_FORM, LINES, is_lines, numbered_lines
from hosr.intake.tables.reader import open_table
from hosr.intake.tables.rows import SUFFIXES, Row, Run, is_table, runs_of, split_sheet

if TYPE_CHECKING:
    from hosr.intake.registry.entries import Imported


# Files of the batch itself, beside the folders of its rows.
_OWN = frozenset({"results.jsonl", "results.parquet"})

KEYS = ("id", "images", "record", *SOURCE_KEYS)


def id_problem(name: str) -> str | None:
    """Why an id cannot be that of a row, whose folder is named by it; None where it can."""
    return "is a name that is reserved" if folded(name) in _OWN else name_problem(name)


def read_lines(path: Path) -> Iterator[Entry]:
    """Every line that is not blank; one that is longer than any record is a fault of that line."""
    with path.open("rb") as file:
        for number, (row, line) in enumerate(numbered_lines(file), start=1):
            yield _entry(number, row, line)


def _entry(number: int, row: int, line: bytes | None) -> Entry:
    if line is None:
        problem = f"is longer than {MAX_BYTES // 1024 // 1024} MiB"
        return _refused(number, row, Fault(f"line {row}", problem, "a record holds one study"))
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return _refused(number, row, _syntax_fault(line, row))
    if not isinstance(value, dict):
        return _refused(number, row, Fault(f"line {row}", f"is {kind_of(value)}", LINE_FORM))
    name = value.get("id")
    fault = _id_fault(name)
    if fault is not None:
        return _refused(number, row, fault)
    return Entry(number=number, rows=(row,), id=str(name), content=line)


def _refused(number: int, row: int, fault: Fault) -> Entry:
    return Entry(number=number, rows=(row,), id="", faults=(fault,))


def _syntax_fault(line: bytes, row: int) -> Fault:
    try:
        decode_json(line, f"line {row}")
    except RecordRefused as refusal:
        (fault,) = refusal.faults
        return Fault(fault.path, fault.problem, LINE_FORM)
    return Fault(f"line {row}", "is not JSON", LINE_FORM)


def _id_fault(name: Any) -> Fault | None:
    if name is None or name == "":
        return Fault("$.id", "is missing", "give every line an id; its folder is named by it")
    if not isinstance(name, str):
        return Fault("$.id", f"is {kind_of(name)}", "write it as text, in quotes")
    problem = id_problem(name)
    return Fault("$.id", problem, "its folder is named by it; use another") if problem else None


STUDY = "study.study_instance_uid"

# A record has two rows; of one with more, so many are kept to be named.
_MAX_ROWS_KEPT = 10


def read_table(path: Path) -> Iterator[Entry]:
    """The entries of a table. Raises UsageError where it is none, or its columns are wrong."""
    try:
        with open_table(path) as table:
            key = _key(table.header, split_sheet(path)[0].name)
            yield from _grouped(table.rows, key)
    except RecordRefused as refusal:
        raise UsageError(refusal.faults) from None


def _key(header: Sequence[str], name: str) -> str:
    faults = list(header_faults([column for column in header if column not in SOURCE_KEYS]))
    if IMAGES not in header:
        remedy = f'add a column "{IMAGES}": paths, parted by |'
        faults.append(Fault("header", "does not say where the images are", remedy))
    if faults:
        raise UsageError(first_of(faults, name))
    return IDENTIFIER if IDENTIFIER in header else STUDY


def _grouped(rows: Iterable[Row], key: str) -> Iterator[Entry]:
    """The entry of each id; of rows of one id beyond the first few it is kept how many they are."""
    number, more, first = 0, 0, Run("", [])
    for run in runs_of(rows, lambda row: str(row.cells.get(key, "")) or None, _MAX_ROWS_KEPT):
        if not run.is_first:
            more += len(run.rows)
            if run.after is not None:  # told of the last row that is kept
                first.after = replace(run.after, path=f"row {first.rows[-1].number}")
            continue
        if first.rows:
            number += 1
            yield _entry_of(first, number, key, more)
        first, more = run, 0
    if first.rows:
        yield _entry_of(first, number + 1, key, more)


def _entry_of(run: Run, number: int, key: str, more: int) -> Entry:
    numbers = tuple(row.number for row in run.rows)
    faults = [fault for row in run.rows for fault in row.faults]
    if not run.name and not faults:
        remedy = "fill it in, so that the rows of one study are known"
        faults.append(Fault(f"row {numbers[0]}, column {key}", "is empty", remedy))
    faults = [*filter(None, (run.before, *faults, run.after))]
    if more:
        too_many = f"is followed by {more} more rows of its record"
        faults.append(Fault(f"row {numbers[-1]}", too_many, "a record has one or two hips", "E09"))
    problem = id_problem(run.name)
    if problem and run.name:
        remedy = "its folder is named by it; use another"
        faults.append(Fault(f"row {numbers[0]}", f"the id {problem}", remedy))
    return Entry(
        number=number,
        rows=numbers,
        id="" if problem else run.name,
        content=() if faults else tuple(run.rows),
        faults=tuple(faults),
    )


def _refuse_foreign(path: Path) -> None:
    try:
        refuse_foreign_path(path)
    except RecordRefused as refusal:
        raise UsageError(refusal.faults) from None


class Manifest:
    """A manifest that can be read several times, as long as it stays the same file."""

    def __init__(self, path: Path) -> None:
        """Raises UsageError for what is no manifest."""
        self.path = path
        if not (is_table(path) or is_lines(path)):
            _refuse_foreign(path)
            remedy = f"name it {', '.join((*LINES, *SUFFIXES))}, as what it is"
            raise UsageError(Fault(path.name, "is not named as a manifest", remedy))
        self._read = read_table if is_table(path) else read_lines
        self._fingerprint = self._look()

    def entries(self) -> Iterator[Entry]:
        """Every entry in order. Raises UsageError where the file is unreadable, or has changed."""
        try:
            yield from self._read(self.path)
        except OSError as error:
            raise self._unreadable(error) from error
        if self._look() != self._fingerprint:
            remedy = "let it be until the batch has ended; run the batch again"
            raise UsageError(Fault(self.path.name, "was changed meanwhile", remedy))

    def _look(self) -> tuple[int, ...]:
        file, _ = split_sheet(self.path)
        try:
            found = file.stat()
        except (OSError, ValueError) as error:
            raise self._unreadable(error) from error
        if not os.path.isfile(file):  # noqa: PTH113 (says no, and does not raise)
            raise UsageError(Fault(self.path.name, "is not a file", "check the path"))
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns

    def _unreadable(self, error: OSError | ValueError) -> UsageError:
        reason = getattr(error, "strerror", None) or "its name is no name of a file"
        return UsageError(Fault(self.path.name, f"cannot be read ({reason})", "check the path"))


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
