"""One row from its entry to its files, and what became of it: the work of a worker.

What an entry asks for is read through the same doors as any record.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.batch.fingerprints import fingerprint, former_stamp
from hosr.batch.manifest import KEYS
from hosr.batch.places import (
    PlaceFailed,
    StoreFailed,
    as_local,
    is_url,
    local_images,
    open_place,
    read_remote,
)
from hosr.batch.sources import KEYS as SOURCE_KEYS
from hosr.batch.sources import SOURCE, Sourced, listed, read_sourced, read_sourced_rows
from hosr.batch.values import (
    Done,
    Finished,
    State,
    done_text,
    names_nothing,
    refuse,
    rests_on_clock,
    sizes_of,
)
from hosr.errors import Fault, HosrError, MachineFailed, RecordRefused, UsageError, place_of
from hosr.intake.images import NamedStudies, read_images
from hosr.intake.record import examine, parse_record
from hosr.intake.record.json_text import cleaned, decode_json, read_bytes, refuse_file
from hosr.intake.record.refusal import first_of, listing, quoted
from hosr.intake.record_selection import Recorded, choose, named_studies, read_records
from hosr.intake.tables.columns import IDENTIFIER, IMAGES
from hosr.intake.tables.records import read_group
from hosr.intake.tables.rows import split_sheet
from hosr.outputs import make_files
from hosr.version import __version__

if TYPE_CHECKING:
    from hosr.batch.places import Place
    from hosr.batch.values import Chunk, Entry, Settings, Task
    from hosr.intake.images import SourceImages
    from hosr.intake.tables.rows import Row
    from hosr.outputs import Made
    from hosr.pipeline import Outcome


# A disk takes longer to have a file for certain than it takes to make one, and takes several at once.
_PUBLISHERS = _MOST_ON_THE_WAY = 8
# What a row of a table may hold beside its source.
_BESIDE_SOURCE = frozenset({IDENTIFIER, IMAGES, "study.study_instance_uid"})


def run_chunk(
    chunk: Chunk, settings: Settings, may_go_on: Callable[[], bool] = lambda: True
) -> Done:
    """Try every entry of a chunk; what is done until nothing more can be."""
    finished: list[Finished] = []
    for done in run_tasks(chunk, settings, may_go_on):
        finished += done.finished
        if done.stopped is not None:
            return Done(finished=tuple(finished), stopped=done.stopped)
    return Done(finished=tuple(finished))


def run_tasks(
    tasks: Iterable[Task], settings: Settings, may_go_on: Callable[[], bool] = lambda: True
) -> Generator[Done, None, None]:
    """Try every entry. A fault of one is its own; one of the place ends it all.

    While the files of some are on their way to the disk, the next are made.
    """
    if settings.version != __version__:
        problem = f"is hosr {__version__}, and the batch was begun by hosr {settings.version}"
        yield Done(finished=(), stopped=Fault("worker", problem, "install the same version"))
        return
    try:
        place = open_place(settings.out)
    except HosrError as error:
        yield Done(finished=(), stopped=error.faults[0])
        return
    on_the_way: deque[Future[Finished]] = deque()
    with ThreadPoolExecutor(_PUBLISHERS) as publishers:
        try:
            for task in tasks:
                if not may_go_on():
                    break
                done = _guarded(task.entry.number, partial(_make, task, settings, place))
                if isinstance(done, Finished):
                    yield Done(finished=(done,))
                else:
                    on_the_way.append(publishers.submit(_guarded, task.entry.number, done))
                while on_the_way and (len(on_the_way) == _MOST_ON_THE_WAY or on_the_way[0].done()):
                    yield Done(finished=(on_the_way.popleft().result(),))
            while on_the_way:
                yield Done(finished=(on_the_way.popleft().result(),))
        except PlaceFailed as failure:
            yield Done(finished=tuple(_arrived(on_the_way)), stopped=failure.fault)


def _arrived(on_the_way: Iterable[Future[Finished]]) -> Iterator[Finished]:
    """What came to its place although something else did not."""
    for future in on_the_way:
        with suppress(PlaceFailed):
            yield future.result()


def _guarded(number: int, act: Callable[[], Finished | Callable[[], Finished]]) -> Any:
    """What an act on a row gives, or its refusal, whatever goes wrong."""
    try:
        return act()
    except PlaceFailed:
        raise
    except HosrError as error:
        return refuse(number, error.faults)
    except StoreFailed as failure:
        return refuse(number, [failure.fault])
    except Exception as error:  # noqa: BLE001 (the other rows go on)
        problem = f"met an internal error, {place_of(error)}"
        return refuse(number, [Fault("row", problem, "please report it")])


def _make(task: Task, settings: Settings, place: Place) -> Finished | Callable[[], Finished]:
    """What became of an entry, or the act of putting down the files that were made."""
    entry, known = task.entry, task.known
    asked = read_asked(entry)
    sha256 = fingerprint(entry, asked, settings)
    if known is not None and not settings.verify and _stands(task, place):
        is_same = known.sha256 == sha256
        if is_same or known.sha256 == fingerprint(entry, asked, settings, former_stamp):
            return Finished(
                number=entry.number,
                sha256=sha256,
                state=known.state,
                text=known.text,
                is_new=False,
                is_stamped_anew=not is_same,
            )
    try:
        outcome, files = _files(asked, settings)
    except HosrError as error:
        finished = refuse(entry.number, error.faults, sha256)
        # What is no part of the input is tried again each time.
        is_other = isinstance(error, MachineFailed | UsageError)
        is_other |= names_nothing(finished.text) or rests_on_clock(finished.text)
        return replace(finished, sha256="") if is_other else finished
    text = done_text(outcome, files)
    finished = Finished(number=entry.number, sha256=sha256, state=State.DONE, text=text)
    return partial(_publish, place, entry.id, files, finished)


def _publish(place: Place, name: str, files: Sequence[Made], finished: Finished) -> Finished:
    """Put the files of a row down; what became of it."""
    try:
        place.publish(name, {made.name: made.data for made in files})
    except HosrError as error:
        return refuse(finished.number, error.faults, finished.sha256)
    return finished


def _stands(task: Task, place: Place) -> bool:
    """Whether what is known of the entry still holds: what was made is there."""
    known = task.known
    if known is None or known.state is State.REFUSED:
        return known is not None
    return place.holds(task.entry.id, sizes_of(known.text))


def _files(asked: Asked, settings: Settings) -> tuple[Outcome, tuple[Made, ...]]:
    """The report of an entry and its files. Raises HosrError with all faults of both inputs."""
    with local_images(asked.images, settings.base) as paths:
        if asked.source is None:
            records, images = _inputs(asked, paths, settings)
            outcome = asked.report(records, images, settings)
        else:
            images = _read_images(paths, settings, asked.source.named)
            outcome = asked.source.report(images, settings)
        wanted = (settings.outputs, settings.options, settings.wording, settings.message_form)
        return outcome, make_files(outcome, *wanted)


def _inputs(
    asked: Asked, paths: Sequence[Path], settings: Settings
) -> tuple[tuple[Recorded, ...], SourceImages]:
    """The record and the images; where both are refused, with the faults of both."""
    refused: list[HosrError] = []
    records: tuple[Recorded, ...] = ()
    images = None
    try:
        records = asked.read(settings.base)
    except HosrError as error:
        refused.append(error)
    try:
        images = _read_images(paths, settings, named_studies(records))
    except HosrError as error:
        refused.append(error)
    if refused or images is None:
        raise type(refused[0])([fault for error in refused for fault in error.faults])
    return records, images


def _read_images(paths: Sequence[Path], settings: Settings, named: NamedStudies) -> SourceImages:
    return read_images(
        paths, settings.assume_charset, override_charset=settings.override_charset, named=named
    )


_NO_PRIOR = (
    'name a report that a viewer redrew as "redrawn"; with earlier reports a batch compares nothing'
)
_IMAGES_REMEDY = 'write "path" or ["path", ...]'


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where the images of an entry are, and its record: a value, the path of one, or its sources."""

    id: str
    images: tuple[str, ...]
    record: Any
    row: int
    source: Sourced | None = None

    @property
    def path(self) -> str | None:
        """The path or URL of the record, where it does not stand in the manifest itself."""
        return self.record if isinstance(self.record, str) else None

    def read_bytes(self, base: Path) -> bytes:
        """The bytes of the record that `path` names."""
        path = self.path or ""
        return read_remote(path) if is_url(path) else read_bytes(split_sheet(_file(base, path))[0])

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

    def report(
        self, records: tuple[Recorded, ...], images: SourceImages, settings: Settings
    ) -> Outcome:
        """The report of the record on the images. Raises RecordRefused and ImagesRefused."""
        from hosr.pipeline import make_report

        chosen = choose(records, images, (self.path or "record").rsplit("/", 1)[-1])
        try:
            with chosen.located():
                return make_report(
                    chosen.record,
                    images,
                    identified=settings.require_identity,
                    now=settings.now,
                )
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
    if any(SOURCE in row.cells for row in entry.content):
        return _read_source_row(entry.id, entry.content)
    group = read_group(entry.id, entry.content)
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
            remedy = _NO_PRIOR if key == "prior" else f"a line holds {listing(KEYS)}"
            faults.append(Fault(f"$[{quoted(key)}]", "is an unknown key", remedy))
    images = plain.get("images")
    paths = [images] if isinstance(images, str) else images
    faults.extend(_path_faults(paths))
    record, source = value.get("record"), None
    if any(plain.get(key) is not None for key in SOURCE_KEYS):
        source, wrong = read_sourced(plain, lambda key: f"$.{key}")
        faults += wrong
        if record is not None:
            faults.append(Fault("$.record", "is given beside a source", "keep one of them"))
    elif record is None or record == "":
        remedy = "write the record, its path, or the source that it is imported from"
        faults.append(Fault("$.record", "is missing", remedy))
    if faults:
        raise RecordRefused(first_of(faults))
    return Asked(id=name, images=tuple(paths), record=record, row=row, source=source)


def _read_source_row(name: str, rows: Sequence[Row]) -> Asked:
    """What a row of a table asks for that names a source in place of findings."""
    numbers = [row.number for row in rows]
    source, faults = read_sourced_rows([row.cells for row in rows], numbers, _BESIDE_SOURCE)
    images = listed(rows[0].cells.get(IMAGES))
    if not all(images):
        place = f"row {numbers[0]}, column {IMAGES}"
        faults.append(Fault(place, "is empty", "name the images, parted by |"))
    if faults:
        raise RecordRefused(first_of(faults))
    return Asked(id=name, images=tuple(images), record=None, row=numbers[0], source=source)


def _path_faults(paths: Any) -> Iterable[Fault]:
    if not isinstance(paths, list) or not paths:
        problem = "is missing" if not paths else "is neither a path nor a list of paths"
        yield Fault("$.images", problem, _IMAGES_REMEDY)
        return
    for index, path in enumerate(paths):
        if not isinstance(path, str) or not path:
            yield Fault(f"$.images[{index}]", "is no path", _IMAGES_REMEDY)
