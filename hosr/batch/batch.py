"""A batch from its manifest to its results: two readings of the manifest, and workers between.

The first reading lists the ids, so that it is known how many rows there are and which ids stand
twice; the second gives the rows to workers, a bounded number at a time. The results, JSONL and with
pyarrow Parquet, stand beside the folders of the rows and hold no time and no path, so that the same
batch gives the same bytes.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from hosr.batch.ledger import open_ledger
from hosr.batch.manifest import Manifest
from hosr.batch.places import as_local, is_url, put_file, stop_fault
from hosr.batch.values import GRADES, SAID, SIDES, Chunk, Done, Settings, State, Task, names_nothing
from hosr.errors import Fault, UsageError
from hosr.intake.tables.rows import row_words
from hosr.logs import logger

if TYPE_CHECKING:
    from hosr.batch.ledger import Ledger, Result
    from hosr.batch.values import Entry, Finished


_LOG = logger(__name__)

_LEDGER = ".batch.sqlite"

# Who is told that so many rows more are done or refused, of so many in all.
Listener = Callable[[int, int], None]

Runner = Callable[[Iterator[Chunk], Settings], Generator[Done, None, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What to do: which rows, where to, by whom.

    `run` does chunks of `chunk_rows` rows; `retry` has refused rows tried again whose input is
    the same; `ledger` is a local file, needed where `--out` is no local folder.
    """

    manifest: Path
    settings: Settings
    run: Runner
    chunk_rows: int = 1
    retry: bool = False
    ledger: Path | None = None


@dataclass(slots=True, kw_only=True)
class Summary:
    """How a batch ended: rows done, those of them that were there already, and rows refused.

    `without_identity` are the rows, done or refused, that name nothing of their images, `contradicting`
    those that say otherwise than another one of the same hip, reader and moment. `results` are the
    names of the files beside the folders of the rows.
    """

    done: int = 0
    already: int = 0
    refused: int = 0
    without_identity: int = 0
    contradicting: int = 0
    results: tuple[str, ...] = ()


def run_batch(batch: Batch, listener: Listener) -> Summary:
    """Make the reports of every row that is not done yet, and write the results of all.

    Raises UsageError where the manifest as a whole or the place to write to cannot be used, and
    where the place fails meanwhile: what is done then stays, and the same call goes on from there.
    """
    manifest = Manifest(batch.manifest)
    path = _prepared(batch)
    try:
        with open_ledger(path) as ledger:
            course = _Course(batch=batch, manifest=manifest, ledger=ledger, listener=listener)
            course.list()
            course.run()
            course.summary.contradicting = ledger.find_rivals()
            results = write_results(ledger.results, batch.settings.out, path.parent)
    except OSError as error:
        fault = stop_fault(error)
        if fault is None:
            raise
        raise UsageError(fault) from error
    return replace(course.summary, results=results)


def _prepared(batch: Batch) -> Path:
    """The place of the ledger, in a folder that is there."""
    out = batch.settings.out
    if is_url(out):
        if batch.ledger is None:
            remedy = "name a local file for it with --ledger"
            raise UsageError(Fault("--out", "is a store, where no ledger can be kept", remedy))
        return batch.ledger
    folder = as_local(out)
    path = batch.ledger or folder / _LEDGER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        fault = Fault("--out", f"cannot be made ({reason})", "name another folder")
        raise UsageError(fault) from error
    if not path.exists() and (folder / JSONL).exists():
        problem = "holds the results of another batch"
        raise UsageError(Fault("--out", problem, f"name another folder, or remove {JSONL}"))
    return path


@dataclass(slots=True, kw_only=True)
class _Course:
    """One run of a batch, and how far it is."""

    batch: Batch
    manifest: Manifest
    ledger: Ledger
    listener: Listener
    total: int = 0
    begun: dict[int, float] = field(default_factory=dict)
    summary: Summary = field(default_factory=Summary)

    def list(self) -> None:
        """Note every entry of the manifest."""
        self.ledger.clear_listing()
        for entry in self.manifest.entries():
            self.ledger.list_entry(entry)
            self.total += 1
        self.ledger.flush()
        if not self.total:
            remedy = "give one line or row for each report"
            raise UsageError(Fault(self.manifest.path.name, "holds no rows", remedy))
        self.listener(0, self.total)

    def run(self) -> None:
        """Have the entries done, and note what is done as it comes."""
        with closing(self.batch.run(self._chunks(), self.batch.settings)) as doing:
            for done in doing:
                for finished in done.finished:
                    self._keep(finished)
                self.ledger.flush()
                if done.stopped is not None:
                    raise UsageError(done.stopped)
        self.ledger.flush()

    def _keep(self, finished: Finished) -> None:
        if finished.is_new or finished.is_stamped_anew:
            self.ledger.keep(finished)
        is_done = finished.state is State.DONE
        self.summary.done += is_done
        self.summary.already += is_done and not finished.is_new
        self.summary.refused += not is_done
        self.summary.without_identity += names_nothing(finished.text)
        after_s = time.monotonic() - self.begun.pop(finished.number, time.monotonic())
        how = "was there already" if is_done and not finished.is_new else finished.state
        _LOG.info("row %d of %d: %s after %.2f s", finished.number, self.total, how, after_s)
        self.listener(1, self.total)

    def _chunks(self) -> Iterator[Chunk]:
        tasks = self._tasks()
        while chunk := tuple(islice(tasks, self.batch.chunk_rows)):
            yield chunk

    def _tasks(self) -> Iterator[Task]:
        """What there is to do; an entry that is refused as the manifest stands comes to no worker."""
        for entry in self.manifest.entries():
            twin = self.ledger.twin(entry) if entry.id else ()
            if twin:
                self.ledger.refuse(entry.number, (*entry.faults, _twin_fault(entry, twin)))
            if twin or entry.faults:
                self.summary.refused += 1
                self.listener(1, self.total)
                continue
            self.begun[entry.number] = time.monotonic()
            _LOG.info("row %d of %d begun", entry.number, self.total)
            known = self.ledger.known(entry)
            if known is not None and known.state is State.REFUSED and self.batch.retry:
                known = None
            yield Task(entry=entry, known=known)


def _twin_fault(entry: Entry, twin: tuple[int, ...]) -> Fault:
    remedy = "give each report an id of its own; rows of one record stand together"
    return Fault(f"row {entry.rows[0]}", f"has the id of {row_words(twin)}", remedy)


_OF_ONE_READING = "for the same hip, reader and moment: sign neither before it is known which holds"

JSONL, PARQUET = "results.jsonl", "results.parquet"
_BATCH_ROWS = 2048


def result_values(result: Result) -> dict[str, Any]:
    """One row of the results as plain values: its place first, then what became of it."""
    place = {"number": result.number, "id": result.id or None, "rows": list(result.rows)}
    values = {**place, **json.loads(result.text)}
    values.pop(SAID, None)
    if result.rival:
        problem = f"says otherwise than {row_words(result.rival)}, {_OF_ONE_READING}"
        note = {"path": f"row {result.rows[0]}", "problem": problem}
        values["tolerated"] = [*values["tolerated"], note]
    return values


def write_results(
    results: Callable[[], Iterable[Result]], out: str, local: Path
) -> tuple[str, ...]:
    """Write the results at `--out`; the names of the files. For a store they are made in `local`.

    Raises UsageError where a store does not take them.
    """
    folder = local if is_url(out) else as_local(out)
    names = (JSONL, PARQUET) if _has_pyarrow() else (JSONL,)
    _write_jsonl(results(), folder / JSONL)
    if PARQUET in names:
        _write_parquet(results(), folder / PARQUET)
    if is_url(out):
        for name in names:
            put_file(folder / name, out, name)
    return names


def _write_jsonl(results: Iterable[Result], path: Path) -> None:
    """One object a line, in the order of the manifest; the file is replaced as a whole."""
    with _replacing(path) as file:
        for result in results:
            file.write(json.dumps(result_values(result), ensure_ascii=False).encode() + b"\n")


def _write_parquet(results: Iterable[Result], path: Path) -> None:
    """The same as Parquet."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = _schema()
    with (
        _replacing(path) as file,
        parquet.ParquetWriter(file, schema, compression="zstd", write_statistics=False) as writer,
    ):
        for values in _batches(results):
            writer.write_batch(pa.RecordBatch.from_pylist(values, schema=schema))


def _has_pyarrow() -> bool:
    """Whether Parquet can be written."""
    try:
        import pyarrow  # noqa: F401, ICN001 (whether it is there)
    except ImportError:
        return False
    return True


def _batches(results: Iterable[Result]) -> Iterator[list[dict[str, Any]]]:
    values: list[dict[str, Any]] = []
    for result in results:
        values.append(result_values(result))
        if len(values) == _BATCH_ROWS:
            yield values
            values = []
    if values:
        yield values


def _schema() -> Any:
    import pyarrow as pa

    def texts(*names: str) -> Any:
        return pa.list_(pa.struct([(name, pa.string()) for name in names]))

    file = [(name, pa.string()) for name in ("name", "sop_class_uid", "sop_instance_uid", "sha256")]
    return pa.schema(
        [
            ("number", pa.int64()),
            ("id", pa.string()),
            ("rows", pa.list_(pa.int64())),
            ("state", pa.string()),
            ("study_instance_uid", pa.string()),
            *(
                (column, pa.list_(pa.string()) if key == "possible" else pa.string())
                for names in GRADES.values()
                for column, key in names.items()
            ),
            *((f"flags_{side}", pa.list_(pa.string())) for side in SIDES),
            ("files", pa.list_(pa.struct([*file, ("bytes", pa.int64())]))),
            ("faults", texts("path", "problem", "remedy", "rule")),
            ("tolerated", texts("path", "problem")),
        ]
    )


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file beside the path that takes its place once it is whole and on the disk.

    Others than its group may not read it, and what somebody put in its place is never written to.
    """
    partial = path.with_name(f".{path.name}.partial")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    flags |= getattr(os, "O_BINARY", 0)
    partial.unlink(missing_ok=True)  # what a killed batch left, or a link
    try:
        with os.fdopen(os.open(partial, flags, 0o640), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
