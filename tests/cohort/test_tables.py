"""Rows as files, and back."""

from __future__ import annotations

import csv
import io
import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from hosr.cohort.columns import COLUMNS, Kind, Row, empty_row
from hosr.cohort.rows import make_rows
from hosr.cohort.tables import arrow_bytes, csv_bytes, parquet_bytes
from tests.cohort.reports import SAMPLES, readings_of, sample
from tests.cohort.written import read_csv
from tests.drawn import drawn

NAMES = sorted(path.stem for path in (SAMPLES / "reports").glob("*.dcm"))
LARGEST = 2**53

_CELLS = {
    Kind.TEXT: st.text(min_size=1, max_size=12) | st.text("=+-@\t\r\n'\";, a＝＋－＠", min_size=1),  # noqa: RUF001
    Kind.INTEGER: st.integers(-LARGEST, LARGEST),
    Kind.NUMBER: st.floats(allow_nan=False, allow_infinity=False),
    Kind.BOOLEAN: st.booleans(),
}
_ROWS = st.lists(
    st.fixed_dictionaries(
        {column.name: st.none() | _CELLS[column.kind] for column in COLUMNS[::6]}
        | {"x_own": st.none() | _CELLS[Kind.TEXT]}
    ),
    max_size=4,
)


def whole(rows: list[Row]) -> list[Row]:
    """The rows with every column."""
    return [{**empty_row(), **row} for row in rows]


def samples() -> list[Row]:
    """The rows of all sample reports, with a covariate."""
    return [{**row, "x_arm": "A"} for row in make_rows(readings_of(*map(sample, NAMES))).rows]


@given(rows=_ROWS)
def test_csv_gives_back_the_rows(rows: list[Row]) -> None:
    """Whatever a text holds, it is read back as it was."""
    given_rows = whole(rows)
    expected = given_rows if rows else []
    assert read_csv(csv_bytes(given_rows)) == expected


@drawn(12)
@given(rows=_ROWS)
def test_parquet_and_arrow_give_back_the_rows(rows: list[Row]) -> None:
    """The same rows come out of all three files."""
    given_rows = whole(rows)
    assert parquet.read_table(io.BytesIO(parquet_bytes(given_rows))).to_pylist() == given_rows
    assert pa.ipc.open_file(arrow_bytes(given_rows)).read_all().to_pylist() == given_rows


def test_three_files_of_one_cohort_are_equal() -> None:
    """CSV, Parquet and Arrow hold the same rows, in the same order."""
    rows = samples()
    assert read_csv(csv_bytes(rows)) == rows
    assert parquet.read_table(io.BytesIO(parquet_bytes(rows))).to_pylist() == rows
    assert pa.ipc.open_file(arrow_bytes(rows)).read_all().to_pylist() == rows


def test_columns_have_their_types_and_meanings_whatever_is_in_them() -> None:
    """An empty column is of the type that it would have, and says what it means."""
    schema = parquet.read_schema(io.BytesIO(parquet_bytes([empty_row()])))
    types = {Kind.TEXT: "string", Kind.INTEGER: "int64", Kind.NUMBER: "double"}
    assert [(f.name, str(f.type), f.metadata[b"meaning"].decode()) for f in schema] == [
        (column.name, types.get(column.kind, "bool"), column.meaning) for column in COLUMNS
    ]


def test_the_same_rows_give_the_same_bytes() -> None:
    """No time and no order of memory is in a file."""
    rows = samples()
    for write in (csv_bytes, parquet_bytes, arrow_bytes):
        assert write(rows) == write([dict(row) for row in rows])


def test_many_rows_are_written_in_parts() -> None:
    """A table of more rows than are written at once holds all of them."""
    rows = [{**empty_row(), "study_day": day} for day in range(40_000)]
    table = parquet.read_table(io.BytesIO(parquet_bytes(rows)))
    assert table["study_day"].to_pylist() == list(range(40_000))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),  # noqa: RUF001
        ("＋1", "'＋1"),  # noqa: RUF001
        ("－1", "'－1"),  # noqa: RUF001
        ("＠a", "'＠a"),  # noqa: RUF001
        ("\t=1", "'\t'=1"),
        ("\rx", "'\rx"),
        ("  =1", "'  =1"),
        ('"=1', "'\"=1"),
        ("a;=1", "a;'=1"),
        ("a\n=1", "a\n'=1"),
        ("'=1", "''=1"),
        ("a=1", "a=1"),
        ("1-2", "1-2"),
        ("<10mm", "<10mm"),
        (">=10mm", ">=10mm"),
        ("II|III", "II|III"),
    ],
)
def test_no_text_is_a_formula(text: str, written: str) -> None:
    """What a spreadsheet would compute begins with an apostrophe, and nothing else does."""
    rows = [{**empty_row(), "x_own": text}]
    *_, cell = list(csv.reader(io.StringIO(csv_bytes(rows).decode(), newline="")))[1]
    assert cell == written


@given(text=st.text("=+-@'\"; ,\t\r\na＝", min_size=1))  # noqa: RUF001
def test_no_part_of_a_text_is_a_formula_however_cells_are_parted(text: str) -> None:
    """A program that parts by semicolons or tabs finds none either."""
    rows = [{**empty_row(), "subject_id": text}]
    cells = next(iter(list(csv.reader(io.StringIO(csv_bytes(rows).decode(), newline="")))[1:]))
    assert not cells[0].startswith(("\t", "\r"))
    for part in re.split(r"[;,\t\r\n]", cells[0]):
        assert re.match(r"[\"\s]*[=+\-@＝]", part) is None  # noqa: RUF001


def test_a_name_of_a_column_is_no_formula() -> None:
    """A header of the user is guarded as its cells are."""
    rows = [{**empty_row(), "=x_own": "a"}]
    assert csv_bytes(rows).decode().splitlines()[0].endswith(",'=x_own")
    assert read_csv(csv_bytes(rows)) == rows


def test_numbers_stay_numbers() -> None:
    """A negative number is no formula; truth is a word, and what is missing is empty."""
    row = {**empty_row(), "study_day": -3, "gap_mm": -0.5, "evaluable": False, "n_views": 0}
    cells = next(csv.DictReader(io.StringIO(csv_bytes([row]).decode(), newline="")))
    assert {name: cell for name, cell in cells.items() if cell} == {
        "study_day": "-3",
        "gap_mm": "-0.5",
        "evaluable": "false",
        "n_views": "0",
    }


def test_lines_end_as_the_standard_says() -> None:
    """RFC 4180: CRLF after each line, the last too, and quotes around what holds one."""
    data = csv_bytes([{**empty_row(), "reason": 'a "b", c\nd'}])
    assert data.count(b"\r\n") == 2
    assert data.endswith(b"\r\n")
    assert b',"a ""b"", c\nd",' in data
