"""What an entry asks for: its images and its record, read through the same doors as any record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.batch.lines import KEYS
from hosr.batch.places import as_local, is_url
from hosr.batch.stores import read_remote
from hosr.errors import Fault, HosrError, RecordRefused
from hosr.intake.record import examine, parse_record
from hosr.intake.record.json_text import cleaned, decode_json, read_bytes, refuse_file
from hosr.intake.record.refusal import first_of, listing, quoted
from hosr.intake.record_selection import Recorded, choose, read_records
from hosr.intake.tables.records import Group

if TYPE_CHECKING:
    from hosr.batch.values import Entry
    from hosr.intake.images import SourceImages
    from hosr.pipeline import Outcome


_IMAGES_REMEDY = 'write "path" or ["path", ...]'


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where the images of an entry are, and its record: a value, or the path of one."""

    id: str
    images: tuple[str, ...]
    record: Any
    row: int

    @property
    def path(self) -> str | None:
        """The path or URL of the record, where it does not stand in the manifest itself."""
        return self.record if isinstance(self.record, str) else None

    def read_bytes(self, base: Path) -> bytes:
        """The bytes of the record that `path` names."""
        path = self.path or ""
        return read_remote(path) if is_url(path) else read_bytes(_file(base, path))

    def read(self, base: Path) -> tuple[Recorded, ...]:
        """The record; of a path that is a table all in it. Raises RecordRefused."""
        if isinstance(self.record, Recorded):
            return (self.record,)
        if self.path is None:
            record, located = examine(self.record)
            if record is None:
                faults = first_of([fault.as_fault() for fault in located])
                raise RecordRefused(map(_in_line, faults))
            return (Recorded(record=record),)
        if is_url(self.path):
            name = self.path.split("?", 1)[0].rsplit("/", 1)[-1]
            return (Recorded(record=parse_record(read_remote(self.path), name)),)
        return read_records(_file(base, self.path))

    def report(self, records: tuple[Recorded, ...], images: SourceImages) -> Outcome:
        """The report of the record on the images. Raises RecordRefused and ImagesRefused."""
        from hosr.pipeline import make_report

        chosen = choose(records, images, (self.path or "record").rsplit("/", 1)[-1])
        try:
            with chosen.located():
                return make_report(chosen.record, images)
        except HosrError as error:
            if self.path is None:
                raise type(error)(map(_in_line, error.faults)) from error
            raise


def _file(base: Path, text: str) -> Path:
    """The local file of a record.

    Raises RecordRefused for a pipe or a device, on which a row could wait for ever.
    """
    path = base / as_local(text)
    if path.is_fifo() or path.is_char_device():
        raise refuse_file(path.name, "is a pipe or a device", "name a file")
    return path


def _in_line(fault: Fault) -> Fault:
    """The fault with its place in the line of the manifest, where it has one in the record."""
    if not fault.path.startswith("$"):
        return fault
    return replace(fault, path=f"$.record{fault.path[1:]}")


def read_asked(entry: Entry) -> Asked:
    """What an entry without faults of its own asks for. Raises RecordRefused with every fault."""
    if isinstance(entry.content, bytes):
        return _read_line(entry.id, entry.content, entry.rows[0])
    group = Group(entry.id, list(entry.content)).entry()
    if isinstance(group.outcome, RecordRefused):
        raise group.outcome
    place = f"row {entry.rows[0]}, column images"
    if not group.images:
        raise RecordRefused(Fault(place, "is empty", "name the images, parted by |"))
    recorded = Recorded(record=group.outcome, name=entry.id, rows=group.rows)
    return Asked(id=entry.id, images=group.images, record=recorded, row=entry.rows[0])


def _read_line(name: str, content: bytes, row: int) -> Asked:
    value = decode_json(content, f"line {row}")
    plain, located = cleaned({key: value[key] for key in value if key != "record"}, f"line {row}")
    faults = [fault.as_fault() for fault in located]
    for key in plain:
        if key not in KEYS:
            remedy = f"a line holds {listing(KEYS)}"
            faults.append(Fault(f"$[{quoted(key)}]", "is an unknown key", remedy))
    images = plain.get("images")
    paths = [images] if isinstance(images, str) else images
    faults.extend(_path_faults(paths))
    record = value.get("record")
    if record is None or record == "":
        faults.append(Fault("$.record", "is missing", "write the record, or its path"))
    if faults:
        raise RecordRefused(first_of(faults))
    return Asked(id=name, images=tuple(paths), record=record, row=row)


def _path_faults(paths: Any) -> Iterable[Fault]:
    if not isinstance(paths, list) or not paths:
        problem = "is missing" if not paths else "is neither a path nor a list of paths"
        yield Fault("$.images", problem, _IMAGES_REMEDY)
        return
    for index, path in enumerate(paths):
        if not isinstance(path, str) or not path:
            yield Fault(f"$.images[{index}]", "is no path", _IMAGES_REMEDY)
