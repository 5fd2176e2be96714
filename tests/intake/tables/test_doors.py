"""Every door for tables answers alike: grade, batch, import, covariates of a cohort; any kind of file."""

from __future__ import annotations

import datetime as dt
import tempfile
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.batch.manifest import Manifest
from hosr.batch.rows import read_asked
from hosr.cohort.covariates import read_covariates
from hosr.errors import HosrError, RecordRefused
from hosr.findings import Hip
from hosr.intake.record import Record
from hosr.intake.registry import Imported, Survey, parse_mapping, read_entries
from hosr.intake.tables.reader import open_table
from hosr.intake.tables.records import examine_table
from hosr.intake.tables.rows import Row
from tests.drawn import drawn
from tests.intake.tables.workbooks import Raw, write_workbook

MOMENT = dt.datetime(2026, 3, 2, 9, 15, tzinfo=dt.UTC)
BASE: dict[str, Any] = {
    "id": "case-1",
    "images": "film.dcm",
    "graded_at": MOMENT.isoformat(),
    "observer.type": "person",
    "observer.name": "Rossi^Maria",
    "side": "right",
}
NAMES = (*BASE, "study.patient_id", "gap.mm", "spurs.femur", "grades.brooker", "comment")
MAPPING = (
    '[table]\nencoding = "utf-8"\ndelimiter = "{0}"\n{1}\n[columns]\n'
    + "\n".join(f'"{name}" = "{name}"' for name in NAMES)
)  # fmt: skip


def grade(path: Path) -> list[Record | str]:
    """What `hosr grade` and `hosr report` read."""
    found: list[Record | str] = []
    for entry in examine_table(path):
        faults = [] if isinstance(entry.outcome, Record) else entry.outcome.faults
        found += map(str, faults)
        found += [entry.outcome] if isinstance(entry.outcome, Record) else []
    return found


def batch(path: Path) -> list[Record | str]:
    """What `hosr batch` reads."""
    found: list[Record | str] = []
    for entry in Manifest(path).entries():
        found += map(str, entry.faults)
        if entry.faults:
            continue
        try:
            found += [recorded.record for recorded in read_asked(entry).read(path.parent)]
        except RecordRefused as refusal:
            found += map(str, refusal.faults)
    return found


def imported(path: Path, more: str = "", delimiter: str = ",") -> list[Record | str]:
    """What `hosr import` reads by a mapping of each name to itself."""
    mapping = parse_mapping(MAPPING.format(delimiter, more))
    found: list[Record | str] = []
    for entry in read_entries(path, mapping, Survey(mapping)):
        found += [entry.record] if isinstance(entry, Imported) else map(str, entry.faults)
    return found


def covariates(path: Path) -> list[Record | str]:
    """What `hosr cohort --covariates` reads; no records."""
    read_covariates(path)
    return []


RECORD_DOORS = {"grade": grade, "batch": batch, "import": imported}
KINDS = ("csv", "parquet", "xlsx")


def _write(folder: Path, kind: str, rows: list[dict[str, Any]], text: str = "") -> Path:
    """Rows as a file of a kind; `text` is what a CSV has for the last cell of the last row."""
    path = folder / f"table.{kind}"
    if kind == "xlsx":
        pytest.importorskip("python_calamine")
        cells = [[_in_workbook(cell) for cell in row.values()] for row in rows]
        return write_workbook(path, {"Hips": [list(rows[0]), *cells]})
    if kind == "parquet":
        pa = pytest.importorskip("pyarrow")
        parquet = pytest.importorskip("pyarrow.parquet")
        parquet.write_table(pa.table({c: [row[c] for row in rows] for c in rows[0]}), path)
        return path
    lines = [list(rows[0]), *(["" if c is None else str(c) for c in r.values()] for r in rows)]
    lines[-1][-1] = text
    path.write_text("\n".join(",".join(line) for line in lines), encoding="utf-8")
    return path


def _in_workbook(cell: Any) -> Any:
    return float(cell) if isinstance(cell, Decimal) else cell


def _hip(found: list[Record | str]) -> Hip:
    (record,) = found
    assert isinstance(record, Record), record
    return record.hips[0]


CELLS: dict[str, tuple[str, Any, str, Callable[[Hip], object], object]] = {
    "a decimal": ("gap.mm", Decimal("6.20"), "6.20", lambda h: h.gap and h.gap.mm, 6.2),
    "a float": ("gap.mm", 6.2, "6.2", lambda h: h.gap and h.gap.mm, 6.2),
    "a whole float": ("gap.mm", 6.0, "6.0", lambda h: h.gap and h.gap.mm, 6.0),
    "a number as text": ("gap.mm", " 6.2 ", " 6.2 ", lambda h: h.gap and h.gap.mm, 6.2),
    "truth": ("spurs.femur", True, "true", lambda h: h.spurs.femur, True),
    "untruth": ("spurs.femur", False, "FALSE", lambda h: h.spurs.femur, False),
    "a grade": ("grades.brooker", 3, "3", lambda h: h.source_grade("brooker"), ("III",)),
    "a grade as float": ("grades.brooker", 3.0, "3.0", lambda h: h.source_grade("brooker"), ("III",)),
    "a number for a text": ("comment", 7, "7", lambda h: h.comment, "7"),
    "nothing": ("comment", None, "", lambda h: h.comment, ""),
    "blanks": ("comment", "  ", "  ", lambda h: h.comment, ""),
    "not a number": ("gap.mm", float("nan"), "", lambda h: h.gap, None),
}  # fmt: skip


@pytest.mark.parametrize("door", sorted(RECORD_DOORS))
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", sorted(CELLS))
def test_a_cell_says_the_same_at_every_door(
    tmp_path: Path, name: str, kind: str, door: str
) -> None:
    """What a typed cell means is what its text in a CSV means, whatever program asks."""
    column, cell, text, asked, expected = CELLS[name]
    if kind == "xlsx" and isinstance(cell, float) and cell != cell:  # noqa: PLR0124
        cell = None  # a workbook has no such number
    rest = dict.fromkeys(NAMES[len(BASE) :]) | BASE
    row = {c: rest[c] for c in NAMES if c != column} | {column: cell}
    assert asked(_hip(RECORD_DOORS[door](_write(tmp_path, kind, [row], text)))) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_covariates_take_typed_cells_as_text(tmp_path: Path, kind: str) -> None:
    """A patient's number, a truth and a decimal of a typed file are what a CSV has for them."""
    row = {"patient_id": 4711, "prior_ho": True, "x_site": 3.0, "implant_head_mm": Decimal("32.0")}
    found = read_covariates(_write(tmp_path, kind, [row], "32.0"))
    (key,) = found.cells
    assert key == ("4711", "", "")
    site = "3.0" if kind == "csv" else "3"
    assert found.cells[key] == {"prior_ho": True, "x_site": site, "implant_head_mm": 32.0}


ROW = ",".join(map(str, BASE.values()))
HEADER = ",".join(BASE)
REST = "," * (len(NAMES) - len(BASE))
WHOLE = (",".join(NAMES), f"{ROW}{REST}")

FILES: dict[str, tuple[str, bytes, str]] = {
    "no file content": ("csv", b"", "table.csv: holds no rows; give a header and the rows below it"),
    "only a header": (
        "csv", WHOLE[0].encode(), "table.csv: holds no rows; give a header and the rows below it"),
    "a header that is no CSV": (
        "csv", b'"id,x\n1,2\n', "table.csv: has a header that is not CSV; check its quotes"),
    "a ZIP file": (
        "csv", b"PK\x03\x04x", "table.csv: is a ZIP or office file; save it as CSV, Parquet or XLSX"),
    "an old workbook": (
        "xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        ("table.xlsx: is a file of old office programs, as .xls is; open it in a spreadsheet program "
        "and save it as XLSX or CSV")),
    "a web page": (
        "csv", b"\n<HTML><table><tr><td>id",
        ("table.csv: is a web page or XML, which some programs name .xls; open it in a spreadsheet "
        "program and save it as XLSX or CSV")),
    "a file of SPSS": (
        "csv", b"$FL2@(#) SPSS DATA FILE",
        ("table.csv: is a data file of SPSS (.sav); save it in SPSS as CSV or XLSX, or by "
        "pandas.read_spss as Parquet")),
    "broken Parquet": (
        "parquet", b"PAR1 and more",
        "table.parquet: is not a readable Parquet file; write it again"),
    "a line without end": (
        "csv", b"x" * 4_194_305,
        "table.csv: has a line of more than 4194304 characters; check its quotes and line ends"),
}  # fmt: skip


@pytest.mark.parametrize("door", [*sorted(RECORD_DOORS), "cohort"])
@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_is_refused_alike_at_every_door(tmp_path: Path, name: str, door: str) -> None:
    """One fault, in the same words."""
    kind, content, fault = FILES[name]
    path = tmp_path / f"table.{kind}"
    path.write_bytes(content)
    with pytest.raises(HosrError, match=r"^table\.") as refusal:
        (RECORD_DOORS | {"cohort": covariates})[door](path)
    assert list(map(str, refusal.value.faults)) == [fault]


WIDTH = "quote a cell that holds the delimiter"
BYTES = "holds bytes that are no utf-8 text"
BROKEN_ROWS: dict[str, tuple[bytes, str, str]] = {
    "a cell too many": (
        f"{WHOLE[1]},x".encode(), "row 2", f"has {len(NAMES) + 1} cells, the header {len(NAMES)}; {WIDTH}"),
    "a quote too many": (b'"' + WHOLE[1].encode(), "row 2", "is not CSV; check its quotes"),
    "a long cell": (
        WHOLE[1].encode() + b"x" * 140_000, "row 2",
        "has a cell of more than 131072 characters; check its quotes"),
    "bytes": (WHOLE[1].encode() + b"\xff", "row 2, column comment", BYTES),
}  # fmt: skip


@pytest.mark.parametrize("door", sorted(RECORD_DOORS))
@pytest.mark.parametrize("name", sorted(BROKEN_ROWS))
def test_a_broken_row_is_told_alike_at_every_door(tmp_path: Path, name: str, door: str) -> None:
    """The row is named; batch and import read the rows below it, grade refuses the table."""
    content, place, problem = BROKEN_ROWS[name]
    path = tmp_path / "table.csv"
    other = WHOLE[1].replace("case-1", "case-2").encode()
    path.write_bytes(b"\n".join((WHOLE[0].encode(), content, other)))
    try:
        found = RECORD_DOORS[door](path)
    except HosrError as refusal:
        assert door == "grade"
        found = list(map(str, refusal.faults))
    told = [each for each in found if isinstance(each, str)]
    assert told[0].startswith(f"{place}: {problem}")
    if door != "grade":
        _check_neighbour(found, told)


def _check_neighbour(found: list[Record | str], told: list[str]) -> None:
    """The row beside is read, or refused because it may be of the record that could not be read."""
    if isinstance(found[-1], Record):
        assert len(told) == 1
    else:
        beside = "row 3: stands beside row 2, which may be its other hip and cannot be assigned"
        assert told[1:] == [f"{beside}; correct row 2"]


@pytest.mark.parametrize("door", sorted(RECORD_DOORS))
@pytest.mark.parametrize("first", ["sep=;\r\n", '"sep=;"\n', "\ufeffSEP=;\r\n"])
def test_a_line_of_excel_says_the_delimiter(tmp_path: Path, first: str, door: str) -> None:
    """`sep=;` parts the cells, also where a header has more commas, and is no row of the sheet."""
    path = tmp_path / "table.csv"
    header, row = (line.replace(",", ";") for line in WHOLE)
    row = row.removesuffix(";") + ";a, b, c"
    bad = row.replace("case-1", "case-2").replace("right", "both")
    path.write_text(f"{first}{header}\n{row}\n{bad}", encoding="utf-8", newline="")
    read = (lambda path: imported(path, delimiter=";")) if door == "import" else RECORD_DOORS[door]
    record, fault = read(path)
    assert isinstance(record, Record)
    assert record.hips[0].comment == "a, b, c"
    assert str(fault).startswith("row 3, column side")


def test_a_mapping_and_the_line_of_excel_must_agree(tmp_path: Path) -> None:
    """Where they name two delimiters, the table is refused."""
    path = tmp_path / "table.csv"
    path.write_text("sep=;\n" + "\n".join(WHOLE), encoding="utf-8")
    sentence = (
        "table.csv: begins with sep=;, but the mapping names another delimiter; "
        'write delimiter = ";" in [table]'
    )
    with pytest.raises(HosrError) as refusal:
        imported(path)
    assert str(refusal.value) == sentence
    assert len(imported(path, "skip = 1")) == 1


@pytest.mark.parametrize("door", [*sorted(RECORD_DOORS), "cohort"])
def test_every_door_names_the_missing_library(
    tmp_path: Path, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who lacks the library of a kind is told what to install."""
    path = write_workbook(tmp_path / "table.xlsx", {"A": [["id"], [1]]})
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    with pytest.raises(HosrError) as refusal:
        (RECORD_DOORS | {"cohort": covariates})[door](path)
    needs = "is XLSX, which needs python-calamine; install hosr[table], or save it as CSV"
    assert str(refusal.value) == f"table.xlsx: {needs}"


@pytest.mark.parametrize("door", sorted(RECORD_DOORS))
def test_a_sheet_is_named_behind_its_file(tmp_path: Path, door: str) -> None:
    """`table.xlsx#Grades` is that sheet; without a name it is the first."""
    pytest.importorskip("python_calamine")
    row = [BASE.get(name) for name in NAMES]
    sheets: dict[str, list[list[Any]]] = {"Notes": [["Register"]], "Grades": [list(NAMES), row]}
    path = write_workbook(tmp_path / "table.xlsx", sheets)
    assert len(RECORD_DOORS[door](Path(f"{path}#Grades"))) == 1
    with pytest.raises(HosrError) as refusal:
        RECORD_DOORS[door](Path(f"{path}#Grade"))
    problem = 'has no sheet "Grade"; name one of its sheets: "Notes" or "Grades"'
    assert str(refusal.value) == f"table.xlsx: {problem}"


def test_a_mapping_names_the_sheet(tmp_path: Path) -> None:
    """The key `sheet` of [table] is the sheet, and `skip` the lines above its header."""
    pytest.importorskip("python_calamine")
    rows: list[list[Any]] = [["Register"], list(NAMES), [BASE.get(name) for name in NAMES]]
    path = write_workbook(tmp_path / "table.xlsx", {"Notes": [["x"]], "Grades": rows})
    assert len(imported(path, 'sheet = "Grades"\nskip = 1')) == 1


def test_an_import_says_what_it_assumed_of_a_workbook(tmp_path: Path) -> None:
    """Which sheet was read where none was named, and how merged cells are."""
    pytest.importorskip("python_calamine")
    rows: list[list[Any]] = [list(NAMES), [BASE.get(name) for name in NAMES]]
    path = write_workbook(tmp_path / "t.xlsx", {"A": rows, "B": [["x"]]}, merged="A4:A5")
    mapping = parse_mapping(MAPPING.format(",", ""))
    survey = Survey(mapping)
    assert len(list(read_entries(path, mapping, survey))) == 1
    assert survey.report().defaults[:2] == (
        'the sheet "A" is read, the first of 2',
        "of merged cells the first holds the value, and the others are empty (1)",
    )


FORMULA = Raw('<c r="{0}"><f>1+1</f></c>')
NEVER = (
    "holds a formula that was never computed; open the file in a spreadsheet program, save it, "
    "and give that file"
)
ERROR = "holds an error of a spreadsheet; correct its formula, or leave the cell empty"
WORKBOOK_CELLS = {
    "never computed": (FORMULA, NEVER),
    "empty value": (Raw('<c r="{0}"><f>1+1</f><v></v></c>'), NEVER),
    "error": (Raw('<c r="{0}" t="e"><v>#N/A</v></c>'), ERROR),
}


@pytest.mark.parametrize("door", sorted(RECORD_DOORS))
@pytest.mark.parametrize("name", sorted(WORKBOOK_CELLS))
def test_a_cell_without_a_value_of_its_own_is_refused(tmp_path: Path, name: str, door: str) -> None:
    """A formula that no program has computed would be read as an empty cell."""
    pytest.importorskip("python_calamine")
    cell, problem = WORKBOOK_CELLS[name]
    row: list[Any] = [*(BASE.get(name) for name in NAMES[:-1]), cell]
    path = write_workbook(tmp_path / "table.xlsx", {"A": [list(NAMES), row]})
    try:
        found = list(map(str, RECORD_DOORS[door](path)))
    except HosrError as refusal:
        found = list(map(str, refusal.faults))
    assert found == [f"row 2, column comment: {problem}"]


def test_a_computed_formula_is_its_value(tmp_path: Path) -> None:
    """What a spreadsheet program has saved beside a formula is read, also where it is empty."""
    pytest.importorskip("python_calamine")
    computed = Raw('<c r="{0}"><f>3+3.2</f><v>6.2</v></c>')
    empty = Raw('<c r="{0}" t="str"><f>IF(A1=0,"","")</f><v></v></c>')
    row = [BASE.get(name) for name in NAMES]
    row[NAMES.index("gap.mm")], row[-1] = computed, empty
    path = write_workbook(tmp_path / "table.xlsx", {"A": [list(NAMES), row]})
    hip = _hip(grade(path))
    assert hip.gap is not None
    assert (hip.gap.mm, hip.comment) == (6.2, "")


def test_merged_cells_hold_their_value_once(tmp_path: Path) -> None:
    """Only the first of merged cells is filled, and the others are told as empty."""
    pytest.importorskip("python_calamine")
    row = [BASE.get(name) for name in NAMES]
    rows: list[list[Any]] = [list(NAMES), row, [None, *row[1:5], "left", *row[6:]]]
    path = write_workbook(tmp_path / "table.xlsx", {"A": rows}, merged="A2:A3")
    with pytest.raises(HosrError, match=r"^row 3, column id: is empty; "):
        grade(path)


def test_a_table_may_begin_anywhere_on_its_sheet(tmp_path: Path) -> None:
    """Empty rows above and columns before the table are none; numbers are those of the sheet."""
    pytest.importorskip("python_calamine")
    row = [BASE.get(name) for name in NAMES]
    rows: list[list[Any]] = [[], [], [None, *NAMES], [], [None, *row[:-1], FORMULA]]
    path = write_workbook(tmp_path / "table.xlsx", {"A": rows})
    with pytest.raises(HosrError, match=r"^row 5, column comment: holds a formula"):
        grade(path)


def test_a_cell_beside_the_table_is_told(tmp_path: Path) -> None:
    """What stands right of the last column has no name to be read by."""
    pytest.importorskip("python_calamine")
    row = [BASE.get(name) for name in NAMES]
    path = write_workbook(tmp_path / "table.xlsx", {"A": [list(NAMES), [*row, "see below"]]})
    with pytest.raises(HosrError, match=r"^row 2: holds a cell beside the last column; "):
        grade(path)


FAR = '<c r="XFD1048576"><v>1</v></c>'
HOSTILE = {
    "a cell far away": (FAR, "has a sheet of more than 20000000 cells"),
    "no XML": ("<", "is not a readable XLSX file"),
    "a place that is none": ('<c r="1A"><v>1</v></c>', "is not a readable XLSX file"),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_sheet_is_refused(tmp_path: Path, name: str) -> None:
    """A sheet that claims more cells than fit in memory, or is no sheet, is one fault."""
    pytest.importorskip("python_calamine")
    cell, problem = HOSTILE[name]
    path = write_workbook(tmp_path / "table.xlsx", {"A": [["id"], [Raw(cell)]]})
    with pytest.raises(HosrError) as refusal:
        grade(path)
    assert str(refusal.value).startswith(f"table.xlsx: {problem}; ")


def test_a_workbook_of_entities_is_refused(tmp_path: Path) -> None:
    """A document type, in which a few bytes can stand for gigabytes, is in no workbook."""
    pytest.importorskip("python_calamine")
    text = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    more = {"xl/worksheets/sheet1.xml": text}
    path = write_workbook(tmp_path / "table.xlsx", {"A": [["id"]]}, more=more)
    with pytest.raises(HosrError, match=r"^table\.xlsx: is not a readable XLSX file; "):
        grade(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    """What a ZIP file unpacks to is bounded before it is read."""
    more = {"xl/media/image1.png": bytes(256 * 1024 * 1024)}
    path = write_workbook(tmp_path / "table.xlsx", {"A": [["id"]]}, more=more)
    pytest.importorskip("python_calamine")
    with pytest.raises(HosrError, match=r"^table\.xlsx: unpacks to more than 256 MiB; "):
        grade(path)


def test_a_mapped_sheet_of_a_file_without_sheets_is_refused(tmp_path: Path) -> None:
    """What a mapping names of a workbook is not passed over where the table is none."""
    path = tmp_path / "table.csv"
    path.write_text("\n".join(WHOLE), encoding="utf-8")
    with pytest.raises(HosrError) as refusal:
        imported(path, 'sheet = "Grades"')
    problem = "has no sheets, but one is named; name the file alone"
    assert str(refusal.value) == f"table.csv: {problem}"


@drawn(40)
@given(
    st.sampled_from(["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"]),
    st.integers(0, 400),
    st.integers(0, 30),
    st.sampled_from(
        [b"", b"0", b"-1", b"<", b'"', b"&#0;", b"\xff", b"XFD1048577", b"1e400", b"d", b"</row>"]
    ),
)
def test_any_damage_to_a_workbook_is_rows_or_a_refusal(
    part: str, at: int, cut: int, put: bytes
) -> None:
    """Bytes that are lost or changed in a part give rows or one sentence, never another error."""
    pytest.importorskip("python_calamine")
    with tempfile.TemporaryDirectory() as folder:
        path = write_workbook(
            Path(folder, "table.xlsx"), {"A": [["id", "side"], [1, True], [2.5, "x"]]}
        )
        with zipfile.ZipFile(path) as whole:
            content = whole.read(part)
        at %= len(content)
        more = {part: content[:at] + put + content[at + cut :]}
        write_workbook(path, {"A": []}, more=more)
        try:
            with open_table(path) as table:
                assert all(isinstance(row, Row) for row in table.rows)
        except RecordRefused as refusal:
            assert len(refusal.faults) == 1  # noqa: PT017 (either outcome is right)


@pytest.mark.parametrize("door", sorted(RECORD_DOORS))
def test_empty_columns_beside_the_table_are_passed_over(tmp_path: Path, door: str) -> None:
    """Excel writes their delimiters into some rows and not into others."""
    path = tmp_path / "table.csv"
    for beside in (",,", ""):
        path.write_text(f"{WHOLE[0]},,\n{WHOLE[1]}{beside}\n", encoding="utf-8")
        assert _hip(RECORD_DOORS[door](path)).side.value == "right"
    path.write_text(f"{WHOLE[0]},,\n{WHOLE[1]},,x\n", encoding="utf-8")
    try:
        found = RECORD_DOORS[door](path)
    except RecordRefused as refusal:  # of `grade`, for which one row refuses the file
        found = [*map(str, refusal.faults)]
    assert found == [
        "row 2: holds a cell beside the last column; name its column, or remove the cell"
    ]
