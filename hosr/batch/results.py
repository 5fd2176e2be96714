"""The results of a batch as files beside the folders of its rows: JSONL, and Parquet with pyarrow.

They hold no time and no path, so that the same batch gives the same bytes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.batch.places import as_local, is_url, put_file
from hosr.batch.values import GRADES, SIDES

if TYPE_CHECKING:
    from hosr.batch.ledger import Result


JSONL, PARQUET = "results.jsonl", "results.parquet"
_BATCH_ROWS = 2048


def result_values(result: Result) -> dict[str, Any]:
    """One row of the results as plain values: its place first, then what became of it."""
    place = {"number": result.number, "id": result.id or None, "rows": list(result.rows)}
    return {**place, **json.loads(result.text)}


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
    with _replacing(path) as partial, partial.open("w", encoding="utf-8", newline="\n") as file:
        for result in results:
            file.write(json.dumps(result_values(result), ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _write_parquet(results: Iterable[Result], path: Path) -> None:
    """The same as Parquet."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = _schema()
    with (
        _replacing(path) as partial,
        parquet.ParquetWriter(
            partial, schema, compression="zstd", write_statistics=False
        ) as writer,
    ):
        for values in _batches(results):
            writer.write_batch(pa.RecordBatch.from_pylist(values, schema=schema))


def _has_pyarrow() -> bool:
    """Whether Parquet can be written."""
    try:
        import pyarrow  # noqa: F401, ICN001
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
            *((f"{scale}_{side}", pa.string()) for scale, side in GRADES),
            *((f"flags_{side}", pa.list_(pa.string())) for side in SIDES),
            ("files", pa.list_(pa.struct([*file, ("bytes", pa.int64())]))),
            ("faults", texts("path", "problem", "remedy", "rule")),
            ("tolerated", texts("path", "problem")),
        ]
    )


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file beside the path that takes its place once it is whole."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
