"""Manifests of small studies, and what a batch leaves behind."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from tests.command import marked
from tests.images import write_film

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = [
    "faults_of",
    "left_behind",
    "lines_of",
    "results_of",
    "study_uid",
    "table_rows",
    "write_csv",
    "write_films",
    "write_lines",
    "write_parquet",
]

LEDGER = ".batch.sqlite"


def study_uid(number: int) -> str:
    """The study of a film."""
    return f"1.2.826.0.1.7.{number}"


def write_films(folder: Path, count: int) -> None:
    """Films of so many patients, `films/1.dcm` and so on."""
    for number in range(1, count + 1):
        write_film(
            folder / "films" / f"{number}.dcm",
            StudyInstanceUID=study_uid(number),
            SeriesInstanceUID=f"{study_uid(number)}.1",
            SOPInstanceUID=f"{study_uid(number)}.1.1",
            PatientID=f"P-4711-{number}",
        )


def lines_of(count: int) -> list[dict[str, Any]]:
    """A line for each film; every gap is another one."""
    return [
        {
            "id": f"study-{number}",
            "images": f"films/{number}.dcm",
            "record": marked(end=(12 + number % 40, 10)),
        }
        for number in range(1, count + 1)
    ]


def write_lines(path: Path, lines: Iterable[Any]) -> Path:
    """A manifest in JSONL; a line that is text or bytes already stands as it is."""
    with path.open("wb") as file:
        for line in lines:
            plain = line if isinstance(line, str | bytes) else json.dumps(line)
            file.write((plain.encode() if isinstance(plain, str) else plain) + b"\n")
    return path


def table_rows(count: int) -> list[dict[str, Any]]:
    """Two rows for each film, one for each hip."""
    return [
        {
            "id": f"study-{number}",
            "images": f"films/{number}.dcm",
            "study.accession_number": "A-17",
            "graded_at": "2026-03-02T10:15:00+01:00",
            "observer.type": "person",
            "observer.name": "Rossi^Maria",
            "side": side,
            "presence": "present",
            "spurs.pelvis": True,
            "spurs.femur": True,
            "bridging": "none",
            "gap.mm": gap_mm,
        }
        for number in range(1, count + 1)
        for side, gap_mm in (("right", 4.0 + number), ("left", 12.5))
    ]


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """A manifest in CSV, under the columns of its first row."""
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_parquet(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """A manifest in Parquet."""
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.Table.from_pylist(list(rows)), path)
    return path


def results_of(out: Path) -> list[dict[str, Any]]:
    """The rows of the results."""
    text = (out / "results.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def faults_of(out: Path) -> list[list[str]]:
    """The faults of every row, as a person reads them."""
    return [
        [
            "; ".join(filter(None, (f"{f['path']}: {f['problem']}", f["remedy"])))
            for f in row["faults"]
        ]
        for row in results_of(out)
    ]


def left_behind(out: Path) -> dict[str, bytes]:
    """Every file under a folder but the ledger, by its path."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and not path.name.startswith(LEDGER)
    }
