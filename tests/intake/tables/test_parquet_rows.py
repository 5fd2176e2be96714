"""Parquet: typed cells, moments at midnight, nanoseconds, whole numbers as identifiers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from pyarrow import parquet

from hosr.errors import RecordRefused
from hosr.intake.record import Record
from hosr.intake.tables.reader import open_table
from hosr.intake.tables.records import examine_table
from tests.intake.registry.registries import imported, mapped

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def _write_parquet(path: Path, columns: dict[str, Any]) -> Path:
    parquet.write_table(pa.table(columns), path)
    return path


def _parquet_moments(path: Path, cells: Sequence[Any], unit: str, zone: str | None) -> Path:
    return _write_parquet(path, {"study.date": pa.array(cells, pa.timestamp(unit, zone))})


_MIDNIGHTS = [dt.datetime(2024, 3, 1), None, dt.datetime(2024, 3, 2)]
_MORNINGS = [dt.datetime(2024, 3, 1), dt.datetime(2024, 3, 2, 9, 30)]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin"])
def test_a_column_of_midnights_holds_days(tmp_path: Path, unit: str, zone: str | None) -> None:
    """What pandas and databases write where they have no type for a day; it is counted."""
    cells = _MIDNIGHTS
    if zone is not None:
        cells = [each and each.replace(tzinfo=ZoneInfo(zone)) for each in _MIDNIGHTS]
    with open_table(_parquet_moments(tmp_path / "t.parquet", cells, unit, zone)) as table:
        read = [(row.number, row.cells) for row in table.rows]
    days = {"study.date": dt.date(2024, 3, 1)}, {"study.date": dt.date(2024, 3, 2)}
    assert read == [(2, days[0]), (4, days[1])]
    assert table.notes == ('column "study.date" holds midnights alone, taken for days (2)',)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_midnight_among_other_times_stays_one(tmp_path: Path, unit: str) -> None:
    """Then somebody wrote the time; and nanoseconds are read without pandas."""
    with open_table(_parquet_moments(tmp_path / "t.parquet", _MORNINGS, unit, None)) as table:
        cells = [row.cells["study.date"] for row in table.rows]
    assert cells == _MORNINGS
    assert {type(cell) for cell in cells} == {dt.datetime}
    assert table.notes == ()


def test_nanoseconds_are_left_out(tmp_path: Path) -> None:
    """No time of a grading is as exact."""
    path = _parquet_moments(tmp_path / "t.parquet", [1_709_285_400_123_456_789], "ns", None)
    with open_table(path) as table:
        assert [row.cells["study.date"] for row in table.rows] == [
            dt.datetime(2024, 3, 1, 9, 30, 0, 123456)
        ]


@pytest.mark.parametrize(
    ("given", "problem"), [('time = "12:00"', None), ("", "has no time of day")]
)
def test_a_midnight_is_no_time_of_a_grading(
    tmp_path: Path, given: str, problem: str | None
) -> None:
    """Of a day the time is assumed where the mapping says so, and counted; else the row is refused."""
    columns: dict[str, Any] = {
        "Nr": [1, 2],
        "Datum": [dt.datetime(2026, 3, 2)] * 2,
        "Seite": ["re"] * 2,
    }
    path = _write_parquet(tmp_path / "registry.parquet", columns)
    outcome = imported(path, mapped().replace('time = "12:00"', given))
    assert [fault.problem for fault in outcome.faults] == [problem] * (2 if problem else 0)
    assert all(each.record.graded_at.hour == 12 for each in outcome.records)
    note = 'column "Datum" holds midnights alone, taken for days (2)'
    assert note in outcome.report.defaults
    (datum,) = (c for c in outcome.report.columns if c.column == "Datum")
    assert datum.assumptions == ({} if problem else {"12:00 as the time of day": 2})


def test_whole_numbers_are_identifiers(tmp_path: Path) -> None:
    """A database keeps patients and orders as numbers; their text is the identifier."""
    columns: dict[str, Any] = {
        "Nr": [7],
        "Datum": ["02.03.2026"],
        "Seite": ["re"],
        "Pat": [101],
    }
    path = _write_parquet(tmp_path / "registry.parquet", columns)
    (found,) = imported(path, mapped(columns='"study.patient_id" = "Pat"')).records
    assert (found.id, found.record.patient_id) == ("7", "101")


_PLAIN: dict[str, Any] = {
    "id": [1],
    "side": ["right"],
    "graded_at": ["2026-03-02T10:00:00+01:00"],
    "observer.type": ["person"],
    "observer.name": ["Rossi^Maria"],
    "presence": ["absent"],
}


def test_a_record_takes_a_midnight_for_the_day_of_a_study(tmp_path: Path) -> None:
    """In a table of hosr's own too: it was refused as no date."""
    day = pa.array([dt.datetime(2026, 3, 1)], pa.timestamp("ns"))
    path = _write_parquet(tmp_path / "t.parquet", {**_PLAIN, "study.date": day})
    (entry,) = examine_table(path)
    assert isinstance(entry.outcome, Record)
    assert entry.outcome.study_date == dt.date(2026, 3, 1)


def test_a_cell_of_a_table_is_not_told_to_use_quotes(tmp_path: Path) -> None:
    """They belong to records in JSON."""
    path = _write_parquet(tmp_path / "t.parquet", {**_PLAIN, "comment": [["a", "b"]]})
    (entry,) = examine_table(path)
    assert isinstance(entry.outcome, RecordRefused)
    assert [str(fault) for fault in entry.outcome.faults] == [
        "row 2, column comment: is a list, not text; write it as text"
    ]
