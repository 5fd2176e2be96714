"""Files of tables: encodings that are named and kept to, quotes, marks, and files of any length."""

from __future__ import annotations

import datetime as dt
import re
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from hosr.errors import Fault, RecordRefused
from hosr.intake.registry import parse_mapping
from hosr.intake.tables.reader import open_table
from hosr.intake.tables.rows import LOST_DIGITS, Row
from tests.drawn import drawn
from tests.intake.registry.registries import GERMAN, imported, mapped, write_table
from tests.intake.tables.workbooks import write_workbook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_COLUMNS = '"comment" = "Bemerkung f\u00fcr Arzt"'
_HEADER = "Nr;Datum;Seite;Bemerkung f\u00fcr Arzt"
_ROW = "1;02.03.2026;re;"


def _encoded(encoding: str) -> str:
    return mapped(columns=_COLUMNS).replace('"utf-8"', f'"{encoding}"')


def _refused(path: Path, mapping: str) -> tuple[Fault, ...]:
    with pytest.raises(RecordRefused, match=r"^registry\.") as refusal:
        imported(path, mapping)
    return refusal.value.faults


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("latin-1", "latin-1"),
        ("iso8859-15", "ISO-8859-15"),
        ("mac-roman", "mac-roman"),
        ("cp850", "cp850"),
        ("utf-16", "utf-16"),
    ],
)
def test_a_table_is_read_in_the_encoding_that_is_named(
    tmp_path: Path, encoding: str, named: str
) -> None:
    """Umlauts of the header and of a cell arrive whole, with a byte order mark or without."""
    text = f"{_HEADER}\n{_ROW}Gr\u00f6\u00dfe \u00fcber 1 cm\n"
    outcome = imported(write_table(tmp_path, text, encoding), _encoded(named))
    assert [hip.comment for hip in outcome.records[0].record.hips] == [
        "Gr\u00f6\u00dfe \u00fcber 1 cm"
    ]


_WRONG_ENCODINGS = (
    ("cp1252", "utf-8", "has a header that is not utf-8 text",
     "name its encoding in [table] of the mapping"),
    ("utf-8", "cp1252", "has a header in UTF-8, not in cp1252", 'write encoding = "utf-8" in [table]'),
    ("utf-8-sig", "cp1252", "begins with the mark of UTF-8, but the mapping says cp1252",
     'write encoding = "utf-8" in [table]'),
    ("utf-8", "utf-16", "is not utf-16 text", "name its encoding in [table] of the mapping"),
)  # fmt: skip


@pytest.mark.parametrize(("encoding", "named", "problem", "remedy"), _WRONG_ENCODINGS)
def test_a_header_in_another_encoding_refuses_the_table(
    tmp_path: Path, encoding: str, named: str, problem: str, remedy: str
) -> None:
    """An encoding is never guessed, and never let pass where the header denies it."""
    path = write_table(tmp_path, f"{_HEADER}\n{_ROW}x\n", encoding)
    assert _refused(path, _encoded(named)) == (Fault("registry.csv", problem, remedy),)


_CELL = "column Notiz"


@pytest.mark.parametrize(
    ("cell", "named", "problem", "remedy"),
    [
        (b"Gr\xf6\xdfe", "utf-8", "holds bytes that are no utf-8 text",
         "correct the file, or name its encoding"),
        (b"Gr\x81", "cp1252", "holds bytes that are no cp1252 text",
         "correct the file, or name its encoding"),
        ("Gr\u00f6\u00dfe".encode(), "cp1252", "is UTF-8, but the mapping says cp1252",
         "correct the cell, or name the encoding"),
    ],
)  # fmt: skip
def test_a_cell_in_another_encoding_refuses_its_row(
    tmp_path: Path, cell: bytes, named: str, problem: str, remedy: str
) -> None:
    """One row that was pasted from elsewhere is named, and the others are read."""
    path = tmp_path / "registry.csv"
    rows = (b"Nr;Datum;Seite;Notiz;Unbenutzt", b"1;02.03.2026;re;" + cell + b";",
            b"2;02.03.2026;re;gut;" + cell)  # fmt: skip
    path.write_bytes(b"\n".join(rows))
    outcome = imported(path, mapped(columns="comment = 'Notiz'").replace('"utf-8"', f'"{named}"'))
    assert outcome.faults == [Fault(f"row 2, {_CELL}", problem, remedy)]
    assert [each.rows for each in outcome.records] == [(3,)]


def test_quotes_and_line_breaks_stay_in_their_cell(tmp_path: Path) -> None:
    """A quoted cell may hold the delimiter, quotes and lines; rows are counted as a sheet does."""
    text = 'Nr;Datum;Seite;Notiz\r\n\r\n1;02.03.2026;re;"a; ""b""\r\nc"\r\n2;02.03.2026;li;\r\n'
    outcome = imported(write_table(tmp_path, text), mapped(columns='comment = "Notiz"'))
    assert [(e.rows, e.record.hips[0].comment) for e in outcome.records] == [
        ((3,), 'a; "b"\nc'),
        ((4,), ""),
    ]


def test_lines_above_the_header_are_skipped(tmp_path: Path) -> None:
    """A title above the header is no row, but is counted as one."""
    text = f"Register 2026;;;\nStand M\u00e4rz;;;\n{_HEADER}\n{_ROW}\n"
    outcome = imported(write_table(tmp_path, text), mapped(table="skip = 2", columns=_COLUMNS))
    assert [each.rows for each in outcome.records] == [(4,)]


_WHOLE = (
    ("", "holds no rows", "give a header and the rows below it"),
    (f"{_HEADER}\n", "holds no rows", "give a header and the rows below it"),
    (f'"{_HEADER}\n', "has a header that is not CSV", "check its quotes"),
    ("x" * 4_194_305, "has a line of more than 4194304 characters", "check its quotes and line ends"),
    ("PK\x03\x04", "is a ZIP or office file", "save it as CSV, Parquet or XLSX"),
    ("PAR1", "is not a readable Parquet file", "write it again"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem", "remedy"), _WHOLE, ids=[problem for _, problem, _ in _WHOLE]
)
def test_a_file_that_is_no_table_is_refused(
    tmp_path: Path, text: str, problem: str, remedy: str
) -> None:
    """What is wrong with the file as a whole is one fault."""
    path = write_table(tmp_path, text)
    assert _refused(path, mapped(columns=_COLUMNS)) == (Fault("registry.csv", problem, remedy),)


def test_a_table_that_cannot_be_opened_is_one_fault(tmp_path: Path) -> None:
    """A missing file and a folder are said as such."""
    assert _refused(tmp_path / "registry.csv", GERMAN) == (
        Fault("registry.csv", "does not exist", "check the path"),
    )
    (tmp_path / "registry.d").mkdir()
    assert _refused(tmp_path / "registry.d", GERMAN) == (
        Fault("registry.d", "is a folder", "name the file in it"),
    )


def test_a_csv_needs_an_encoding_and_a_delimiter(tmp_path: Path) -> None:
    """Neither is guessed from the file."""
    mapping = GERMAN.replace('encoding = "utf-8"\n', "").replace('delimiter = ";"\n', "")
    assert _refused(write_table(tmp_path, "a;b\n"), mapping) == (
        Fault(
            "registry.csv",
            "is CSV, of which the mapping does not say the encoding and the delimiter",
            'write encoding = "utf-8" and delimiter = ";" in [table], for example',
        ),
    )


def test_columns_that_the_table_lacks_come_at_once_with_close_ones(tmp_path: Path) -> None:
    """Misspelt and doubled columns are named together, each with what it may be."""
    path = write_table(tmp_path, "Nr;Datum;Datum;Seiten;Abstand_mm\n1;;;re;8\n")
    mapping = mapped(columns='"gap.mm" = "Abstand"\npresence = "Grad"')
    read = "is not in the table, but {} is read from it"
    assert _refused(path, mapping) == (
        Fault("registry.csv, column Abstand", read.format('"gap.mm"'),
              'write "Abstand_mm" in the mapping'),
        Fault("registry.csv, column Grad", read.format('"presence"'),
              "compare the mapping with the header"),
        Fault("registry.csv, column Datum", "stands in the header more than once",
              "rename one of them"),
        Fault("registry.csv, column Seite", read.format('"side"'),
              'write "Seiten" in the mapping'),
    )  # fmt: skip


def test_a_row_of_another_width_is_refused(tmp_path: Path) -> None:
    """A row whose cells may have moved is refused with the record that it is part of."""
    text = "Nr;Datum;Seite;Notiz\n1;02.03.2026;re;a\n1;02.03.2026;li;a;b\n2;02.03.2026;re\n3;02.03.2026;re;\n"
    outcome = imported(write_table(tmp_path, text), mapped(columns='comment = "Notiz"'))
    too_few = "write the empty cells at its end too, which Excel may leave out, or save it as XLSX"
    assert outcome.faults == [
        Fault("row 3", "has 5 cells, the header 4", "quote a cell that holds the delimiter"),
        Fault("row 4", "has 3 cells, the header 4", too_few),
    ]
    assert [each.rows for each in outcome.records] == [(5,)]


def _write_parquet(path: Path, columns: dict[str, list[Any]]) -> Path:
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table(columns), path)
    return path


def test_typed_columns_of_parquet_are_taken_as_they_are(tmp_path: Path) -> None:
    """Dates, numbers and truth of a Parquet file need no form; null and NaN are empty cells."""
    moment = dt.datetime(2026, 3, 2, 9, 15, tzinfo=dt.UTC)
    columns: dict[str, list[Any]] = {
        "Nr": [1, 2],
        "Datum": [moment, moment],
        "Seite": ["re", "li"],
        "Spalt": [0.82, float("nan")],
        "Sporn": [True, None],
        "Grad": [3.0, None],
        "OP": [dt.date(2025, 9, 1), None],
    }
    path = _write_parquet(tmp_path / "registry.parquet", columns)
    mapping = mapped(
        '[units]\n"gap.mm" = "cm"\n[constants."context.index_event"]\nprocedure = "trauma"',
        columns='"gap.mm" = "Spalt"\n"spurs.femur" = "Sporn"\n"grades.brooker" = "Grad"\n'
        '"context.index_event.date" = "OP"',
    )
    first, second = imported(path, mapping).records
    hip = first.record.hips[0]
    assert first.record.graded_at == moment
    assert hip.gap is not None
    assert (hip.gap.mm, hip.spurs.femur, hip.source_grades) == (8.2, True, (("brooker", ("III",)),))
    assert first.record.context.index_event is not None
    assert first.record.context.index_event.date == dt.date(2025, 9, 1)
    assert second.record.hips[0].gap is None


def test_a_decimal_of_parquet_is_exact(tmp_path: Path) -> None:
    """A number of a fixed number of places is read as a number, whatever the decimal sign."""
    cells = [Decimal("0.82"), Decimal("1.10")]
    columns: dict[str, list[Any]] = {
        "Nr": [1, 2],
        "Datum": ["02.03.2026"] * 2,
        "Seite": ["re", "re"],
        "Spalt": cells,
    }
    path = _write_parquet(tmp_path / "registry.parquet", columns)
    mapping = mapped('[units]\n"gap.mm" = "cm"', columns='"gap.mm" = "Spalt"')
    gaps = [each.record.hips[0].gap for each in imported(path, mapping).records]
    assert [gap and gap.mm for gap in gaps] == [8.2, 11.0]


_TYPED = (
    (dt.date(2026, 3, 2), '"observer.organization"', None),
    (dt.date(2026, 3, 2), "side", "is neither mapped nor a word of the record"),
    (dt.date(2026, 3, 2), '"gap.mm"', "is no number with a decimal comma"),
    ([dt.date(2026, 3, 2)], '"context.causes"', "is neither mapped nor a word of the record"),
    (dt.datetime(2026, 3, 2, tzinfo=dt.UTC), '"context.index_event.date"', None),
    (b"re", "side", None),
    (b"\xff", "comment", "holds bytes that are no text"),
    (7.923000000000001, '"gap.mm"', None),
    (1.2345678901234567e16, "comment", LOST_DIGITS[0]),
    (dt.time(12), "comment", None),
    ([1.5], "comment", "is a list, not text"),
    (True, '"gap.mm"', "is no number with a decimal comma"),
)


@pytest.mark.parametrize(("cell", "name", "problem"), _TYPED)
def test_a_typed_cell_in_the_wrong_place_is_a_fault(
    tmp_path: Path, cell: object, name: str, problem: str | None
) -> None:
    """A column of another type than its name has is refused in words, or read as its text."""
    columns: dict[str, list[Any]] = {
        "Nr": [1],
        "Datum": ["02.03.2026"],
        "Seite": ["re"],
        "X": [cell],
    }
    path = _write_parquet(tmp_path / "registry.parquet", columns)
    mapping = mapped(
        '[constants."context.index_event"]\nprocedure = "trauma"', columns=f'{name} = "X"'
    )
    if name == "side":
        mapping = mapping.replace('side = "Seite"\n', "")
    assert [fault.problem for fault in imported(path, mapping).faults] == [problem] * bool(problem)


def _plain_csv(path: Path, cells: Sequence[Any]) -> Path:
    path.write_text("\n".join(["id", *map(str, cells)]), encoding="utf-8")
    return path


def _plain_workbook(path: Path, cells: Sequence[Any]) -> Path:
    return write_workbook(path, {"A": [["id"], *([cell] for cell in cells)]})


def _plain_parquet(path: Path, cells: Sequence[Any]) -> Path:
    return _write_parquet(path, {"id": list(cells)})


@pytest.mark.parametrize(
    ("write", "cells", "refused"),
    [
        pytest.param(_plain_csv, ["1.23457E+12", '"1,23457E+12"', "1E+11"], [2, 3, 4], id="csv"),
        pytest.param(_plain_csv, ["1234567890123", "1.5E+03", "E+12", "1E5"], [], id="csv, whole"),
        pytest.param(_plain_workbook, [1234567890123456, "1.23457E+12"], [2, 3], id="xlsx"),
        pytest.param(_plain_workbook, [123456789012345, "1234567890123456"], [], id="xlsx, whole"),
        pytest.param(_plain_parquet, [2.0**54, 2.0**60], [2, 3], id="parquet, floats"),
        pytest.param(_plain_parquet, [2**62, 2**62 + 1], [], id="parquet, whole numbers"),
    ],
)
def test_an_identifier_that_lost_digits_is_refused(
    write: Callable[[Path, Sequence[Any]], Path],
    cells: list[Any],
    refused: list[int],
    tmp_path: Path,
) -> None:
    """Two people would be alike; what has all its digits is taken as it is."""
    with open_table(write(tmp_path / "table", cells)) as table:
        rows = list(table.rows)
    assert [row.number for row in rows if row.faults] == refused
    for row in rows:
        assert ("id" in row.cells) is not bool(row.faults)
        for fault in row.faults:
            assert (fault.path, fault.problem) == (f"row {row.number}, column id", LOST_DIGITS[0])


def test_rows_of_parquet_are_read_in_batches(tmp_path: Path) -> None:
    """A row is read when it is asked for, with the number that it has in a sheet."""
    path = _write_parquet(tmp_path / "registry.parquet", {"Nr": list(range(3000))})
    read = parse_mapping(GERMAN.replace('"Datum"', '"Nr"').replace('"Seite"', '"Nr"'))
    with open_table(path, read.table.file) as table:
        rows = list(table.rows)
    assert (rows[0], rows[-1]) == (Row(2, {"Nr": 0}), Row(3001, {"Nr": 2999}))


def test_parquet_without_pyarrow_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who lacks the optional library is told what to install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "registry.parquet"
    path.write_bytes(b"PAR1")
    sentence = (
        "registry.parquet: is Parquet, which needs pyarrow; install hosr[table], or save it as CSV"
    )
    with pytest.raises(RecordRefused, match=f"^{re.escape(sentence)}$"):
        imported(path, GERMAN)


_NASTY = ("", "1", "re", "0,8", "8 cm", "1e400", "-", '"', ";", "\r", "\n", "\0", "02.03.2026",
          "29.03.2026 02:30", "\ud83d\ude00", "[[1, 2]]", "[{}]", "true", "burn|x", "=1+1",
          "2.25.1", "\ufeff", "\x81", "x" * 200)  # fmt: skip
_EVERY_KIND = """
bridging = "B"
islands = "B"
"gap.points" = "B"
"gap.frame" = "C"
"context.causes" = "B"
"islands.0.length.mm" = "C"
"probabilities.brooker.I" = "C"
"study.study_instance_uid" = "B"
evaluable = "B"
"context.index_event.date" = "C"
images = "C"
frame = "B"
"""


@drawn(unchecked=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(st.sampled_from(_NASTY), min_size=5, max_size=6), max_size=4),
    st.sampled_from(["utf-8", "cp1252", "latin-1", "utf-16"]),
    st.booleans(),
)
def test_any_table_is_records_or_is_refused(
    tmp_path: Path, rows: list[list[str]], encoding: str, is_quoted: bool
) -> None:
    """Cells of any kind in any column give records or faults, never another error."""
    cells = [[f'"{c.replace(chr(34), 2 * chr(34))}"' if is_quoted else c for c in r] for r in rows]
    text = "\n".join(("Nr;Datum;Seite;B;C", *map(";".join, cells)))
    path = tmp_path / "registry.csv"
    path.write_bytes(text.encode(encoding, "replace"))
    mapping = mapped(columns=_EVERY_KIND).replace('"utf-8"', f'"{encoding}"')
    try:
        outcome = imported(path, mapping)
    except RecordRefused as refusal:
        assert refusal.faults  # noqa: PT017 (either outcome is right)
    else:
        assert outcome.report.records + outcome.report.refused_records == len(outcome.entries)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheets_save_is_read(encoding: str, delimiter: str, tmp_path: Path) -> None:
    """Unicode text of Excel is UTF-16 parted by tabs, and says so by its mark."""
    lines = [["id", "comment"], ["1", "Stra\u00dfe"]]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(map(delimiter.join, lines)), encoding=encoding)
    with open_table(path) as table:
        assert [row.cells for row in table.rows] == [{"id": "1", "comment": "Stra\u00dfe"}]
