"""The door for tables: one row a hip, the same rules, faults by row and column."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from hosr.errors import Fault, RecordRefused
from hosr.findings import Algorithm, Island, Length
from hosr.intake.record import Record, parse_record, record_json
from hosr.intake.tables.columns import header_faults
from hosr.intake.tables.records import TableEntry, examine_table, whole
from tests.drawn import drawn
from tests.intake.records import minimal, records

if TYPE_CHECKING:
    from pathlib import Path

_BASE = {
    "id": "case-1",
    "graded_at": "2026-03-02T10:15:00+01:00",
    "observer.type": "person",
    "observer.name": "Rossi^Maria",
    "side": "right",
}


def _csv(*rows: dict[str, str], delimiter: str = ",") -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _table(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode(encoding))
    return path


def read_table(path: Path) -> tuple[TableEntry, ...]:
    """Every record of a table, or its refusal."""
    return whole(examine_table(path), path)


def _read(folder: Path, *rows: dict[str, str]) -> tuple[TableEntry, ...]:
    return read_table(_table(folder, _csv(*rows)))


def _record(entry: TableEntry) -> Record:
    assert isinstance(entry.outcome, Record)
    return entry.outcome


def _faults(path: Path) -> tuple[Fault, ...]:
    with pytest.raises(RecordRefused, match=r"^(row|column|header|table)") as refusal:
        read_table(path)
    return refusal.value.faults


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_row_is_the_record_that_its_cells_spell(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    """Commas or semicolons, with or without a byte order mark, a row gives the same record."""
    row = _BASE | {
        "gap.points": "[[1, 2], [3, 4.5]]",
        "gap.image": "2.25.1|2.25.2",
        "gap_lateral.mm": "9.5",
        "spurs.pelvis": "TRUE",
        "spurs.femur": "false",
        "islands.0.length.mm": "12",
        "features": "XR_MAT_CORTEX|XR_MIN_ONSET",
        "grades.brooker": "3.0",
        "grades.della_valle": "B-C",
        "probabilities.brooker.III": "0.9",
        "probabilities.brooker.II": "0.1",
        "cumulative.della_valle.B": "0.9",
        "cumulative.della_valle.C": "0.2",
        "context.causes": "burn|postoperative",
        "image": "2.25.3",
        "frame": "2.0",
        "comment": "Fen\u00eatre; a, b",
    }
    hip = {
        "gap": {"points": [[1, 2], [3, 4.5]], "image": ["2.25.1", "2.25.2"]},
        "gap_lateral": {"mm": 9.5},
        "spurs": {"pelvis": True, "femur": False},
        "islands": [{"length": {"mm": 12}}],
        "features": ["XR_MAT_CORTEX", "XR_MIN_ONSET"],
        "grades": {"brooker": 3, "della_valle": "B-C"},
        "probabilities": {"brooker": {"III": 0.9, "II": 0.1}},
        "cumulative": {"della_valle": {"B": 0.9, "C": 0.2}},
        "image": "2.25.3",
        "frame": 2,
        "comment": "Fen\u00eatre; a, b",
    }
    said = {"schema_version": "1.1", "context": {"causes": ["burn", "postoperative"]}}
    whole = minimal(**hip) | said
    (entry,) = read_table(_table(tmp_path, _csv(row, delimiter=delimiter), encoding))
    assert entry == TableEntry(
        id="case-1", rows=(2,), images=(), outcome=parse_record(json.dumps(whole))
    )


def test_rows_of_one_id_are_one_record(tmp_path: Path) -> None:
    """Two hips of a study are two rows, which need not be neighbours nor repeat what they share."""
    shared = {"id": "case-1", "images": "a.dcm|b"}
    left = shared | {"side": "left", "gap.mm": "8"}
    other = _BASE | {"id": "case-2"}
    first, second = _read(tmp_path, _BASE | {"images": "a.dcm|b"}, other, left)
    assert (first.id, first.rows, first.images) == ("case-1", (2, 4), ("a.dcm", "b"))
    assert [hip.side.value for hip in _record(first).hips] == ["right", "left"]
    assert _record(first).hips[1].gap == Length(mm=8.0)
    assert (second.id, second.rows, second.images) == ("case-2", (3,), ())


def test_without_an_id_the_study_says_which_rows_go_together(tmp_path: Path) -> None:
    """The Study Instance UID groups the rows of a table that has no id."""
    row = {key: value for key, value in _BASE.items() if key != "id"}
    row |= {"study.study_instance_uid": "2.25.9"}
    (entry,) = _read(tmp_path, row, row | {"side": "left"})
    assert entry.id == _record(entry).study_instance_uid == "2.25.9"


def test_islands_may_leave_numbers_out(tmp_path: Path) -> None:
    """A row with a third and no second island has two islands; [] says that there are none."""
    many = _BASE | {"islands.0.length.mm": "4", "islands.2.length.mm": "6"}
    none = {"id": "case-1", "side": "left", "islands": "[]"}
    (entry,) = _read(tmp_path, many, none)
    right, left = _record(entry).hips
    assert right.islands == (Island(length=Length(mm=4.0)), Island(length=Length(mm=6.0)))
    assert left.islands == ()


_CELL_FAULTS = (
    ("gap.mm", "9,5", "is not a number with a decimal point", "write 9.5", ""),
    ("gap.mm", "1 cm", "is not a number with a decimal point", "write 10", ""),
    ("gap.mm", ">= 1 cm", "is not a number with a decimal point",
     'write >=10mm in the column "gap.category"', ""),
    ("gap.mm", "nan", "is not a number with a decimal point",
     "write digits with a decimal point, or leave the cell empty", ""),
    ("gap.mm", "-1", "is -1, less than 0",
     "write the millimetres that were measured, or leave the length out", "E05"),
    ("gap.uncertainty_mm", "0,5", "is not a number with a decimal point", "write 0.5", ""),
    ("gap.points", "1 2 3 4", "is text, not a list", "write it in brackets", ""),
    ("gap.points", "[[1,2],[3,1e999]]", "is not a finite number", "correct it, or leave it out", ""),
    ("gap.category", "<1cm", 'is "<1cm", which is no word of the record', 'write "<10mm" or ">=10mm"', ""),
    ("islands.1.length.mm", "0", "is 0, not more than 0",
     "write the millimetres that were measured, or leave the length out", "E05"),
    ("islands", "none", "is text, not a list", "write it in brackets", ""),
    ("spurs.femur", "yes", "is text, not true or false", "write true or false, without quotes", ""),
    ("side", "both", 'is "both", but a grade is for one hip',
     'write one entry for each hip, "side": "right" and "side": "left"', "E09"),
    ("grades.brooker", "V", 'is "V", which is no Brooker grade',
     'write "0", "I", "II", "III" or "IV", or a range such as "II-III"', "E13"),
    ("probabilities.brooker.V", "1", "is no Brooker class",
     'the classes are "0", "I", "II", "III" or "IV"', "E14"),
    ("probabilities.brooker.I", "0,5", "is not a number with a decimal point", "write 0.5", ""),
    ("evaluable", "false", "is missing, but the hip is not evaluable", "say why it is not", ""),
    ("graded_at", "2026-03-02", "has no offset from UTC",
     'write date, time and offset from UTC, such as "2026-03-02T10:15:00+01:00"', ""),
    ("context.symptoms", "pain|pain", "lists a word twice", "list each word once", ""),
    ("observer.name", "", "is missing", 'add "name": "Rossi^Maria"', ""),
)  # fmt: skip


@pytest.mark.parametrize(("column", "cell", "problem", "remedy", "rule"), _CELL_FAULTS)
def test_a_wrong_cell_is_named(
    tmp_path: Path, column: str, cell: str, problem: str, remedy: str, rule: str
) -> None:
    """What is wrong in a cell is refused with its row, its column and the remedy for a cell."""
    fine = _BASE | {"id": "case-0"}
    first, *_ = _faults(_table(tmp_path, _csv(fine, _BASE | {column: cell})))
    named = "not_evaluable_reason" if column == "evaluable" else column
    assert first == Fault(f"row 3, column {named}", problem, remedy, rule)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [("table.csv", "holds no rows")]),
        ("id,side\n", [("table.csv", "holds no rows")]),
        ("id,side\n1\n", [("row 2", "has 1 cells, the header 2")]),
        ("side\nright\n", [("header", "does not say which rows are of one study")]),
        ("id,side,side\n1,right,left\n", [("column side", "stands in the header more than once")]),
        ("id,sied\n1,right\n", [("column sied", "is an unknown column")]),
        ("id,gap\n1,9\n", [("column gap", "is an unknown column")]),
        ("id,gap.cm\n1,9\n", [("column gap.cm", "is an unknown column")]),
        ("id,,side\n1,x,right\n", [("header", "has a column without a name")]),
        ("id,side\n,right\n", [("row 2, column id", "is empty")]),
        (
            "id,side\nNA,right\n0,left\nunknown,left\n",
            [
                ("row 2, column id", "is a word that names no study"),
                ("row 4, column id", "is a word that names no study"),
            ],
        ),
        ('id,side\n"1,right\n', [("row 2", "is not CSV")]),
        ('"id,side\n', [("table.csv", "has a header that is not CSV")]),
    ],
)
def test_a_table_that_is_wrong_as_a_whole_is_refused(
    tmp_path: Path, text: str, faults: list[tuple[str, str]]
) -> None:
    """Faults of the header and of the shape come before any row is read."""
    found = [(fault.path, fault.problem) for fault in _faults(_table(tmp_path, text))]
    assert found == faults


@pytest.mark.parametrize("unit", ["cm", "px", "inch"])
def test_a_column_of_another_unit_is_not_to_be_renamed(unit: str, tmp_path: Path) -> None:
    """Its numbers would be taken as millimetres; a mapping converts them."""
    (fault,) = _faults(_table(tmp_path, f"id,gap.{unit}\n1,0.9\n"))
    assert fault == Fault(
        f"column gap.{unit}",
        "is an unknown column",
        "lengths are in mm: convert it, or read the table by a mapping (`hosr import`)",
    )


def test_an_unknown_column_is_told_what_it_may_be(tmp_path: Path) -> None:
    """The name of an object is no column; its parts are."""
    (fault,) = _faults(_table(tmp_path, "id,gap\n1,9\n"))
    names = '"gap.mm", "gap.points" or "gap.image"'
    assert fault.remedy == f"rename it, for example to {names}, or remove it"


def test_a_wide_table_of_another_program_is_refused_in_linear_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names that nobody can have mistyped are compared with none: of 40,000, fifty are."""
    compared: list[str] = []
    monkeypatch.setattr("hosr.intake.tables.columns.near_names", compared.append)
    names = [f"item_{number}" for number in range(40_000)]
    found = _faults(_table(tmp_path, f"id,{','.join(names)}\n1{',x' * len(names)}\n"))
    assert compared == names[:50]
    assert found[0].path == "column item_0"
    assert found[-1].problem.endswith("more faults")


def test_rows_of_one_record_must_agree(tmp_path: Path) -> None:
    """Two readers of one study are two records, so their rows need two identifiers."""
    other = _BASE | {"side": "left", "observer.name": "Bianchi^Anna"}
    problem = "differs from another row of the same record"
    remedy = 'make them alike, or give the rows different values of "id"'
    assert _faults(_table(tmp_path, _csv(_BASE, other))) == (
        Fault("row 3, column observer.name", problem, remedy),
    )


def test_a_third_row_of_one_record_is_refused(tmp_path: Path) -> None:
    """A person has two hips."""
    left = _BASE | {"side": "left"}
    fault = Fault(
        "row 4, column side",
        "is one row too many for its record",
        "a record has one or two hips",
        "E09",
    )
    assert _faults(_table(tmp_path, _csv(_BASE, left, _BASE))) == (fault,)


def test_each_row_may_tell_the_index_event_of_its_own_hip(tmp_path: Path) -> None:
    """After replacement on both sides a row a hip has its own date; a fault is that of the row."""
    right = _BASE | _event("right", "2025-09-01")
    left = _BASE | {"side": "left"} | _event("left", "2024-05-02")
    (entry,) = _read(tmp_path, right, left)
    dates = [str(event.date) for event in _record(entry).context.events]
    assert (_record(entry).schema_version, dates) == ("1.1", ["2025-09-01", "2024-05-02"])
    for other in ("2024-05-32", "soon"):
        wrong = left | {"context.index_event.date": other}
        (fault,) = _faults(_table(tmp_path, _csv(right, wrong)))
        assert fault.path == "row 3, column context.index_event.date"


def test_rows_that_tell_events_of_one_hip_must_agree(tmp_path: Path) -> None:
    """Two events of the right hip leave open from which time is counted."""
    right = _BASE | _event("right", "2025-09-01")
    left = _BASE | {"side": "left"} | _event("right", "2024-05-02")
    (fault,) = _faults(_table(tmp_path, _csv(right, left)))
    assert (fault.path, fault.problem) == (
        "row 3, column context.index_event.date",
        "differs from another row of the same record",
    )


def _event(side: str, date: str) -> dict[str, str]:
    event = {"procedure": "total_hip_arthroplasty", "side": side, "date": date}
    return {f"context.index_event.{key}": value for key, value in event.items()}


def test_islands_are_given_one_way(tmp_path: Path) -> None:
    """A cell for all islands and cells for single ones do not go together."""
    row = _BASE | {"islands": "[]", "islands.0.length.mm": "4"}
    problem, remedy = "is filled in beside single islands", "leave it empty, or write []"
    assert _faults(_table(tmp_path, _csv(row))) == (
        Fault("row 2, column islands", problem, remedy),
    )


def test_one_bad_record_leaves_the_others_readable(tmp_path: Path) -> None:
    """A batch goes on without the record that is wrong."""
    bad = _BASE | {"id": "case-2", "gap.mm": "-1"}
    first, second = examine_table(_table(tmp_path, _csv(_BASE, bad)))
    assert isinstance(first.outcome, Record)
    assert isinstance(second.outcome, RecordRefused)
    assert [fault.path for fault in second.outcome.faults] == ["row 3, column gap.mm"]


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    """A guess at the encoding could change a name."""
    path = _table(tmp_path, _csv(_BASE | {"comment": "Fen\u00eatre"}), "latin-1")
    remedy = "correct the file, or save it as CSV in UTF-8"
    assert _faults(path) == (
        Fault("row 2, column comment", "holds bytes that are no utf-8 text", remedy),
    )


def test_parquet_without_pyarrow_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who lacks the optional library is told what to install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "table.parquet"
    path.write_bytes(b"PAR1")
    sentence = (
        "table.parquet: is Parquet, which needs pyarrow; install hosr[table], or save it as CSV"
    )
    with pytest.raises(RecordRefused, match=f"^{re.escape(sentence)}$"):
        read_table(path)


def test_parquet_gives_what_csv_gives(tmp_path: Path) -> None:
    """Typed columns, with NaN or null for what is missing, mean what the cells of a CSV mean."""
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    moment = dt.datetime(2026, 3, 2, 9, 15, tzinfo=dt.UTC)
    columns = {
        "id": ["a", "a"],
        "graded_at": [moment, moment],
        "observer.type": ["person", None],
        "observer.name": ["Rossi^Maria", None],
        "side": ["right", "left"],
        "gap.mm": [9.5, float("nan")],
        "gap.points": [None, [[1.0, 2.0], [3.0, 4.0]]],
        "spurs.femur": [True, None],
        "grades.brooker": [3.0, None],
        "frame": [2.0, None],
    }
    path = tmp_path / "table.parquet"
    parquet.write_table(pa.table(columns), path)
    (entry,) = read_table(path)
    right = {
        "side": "right",
        "gap": {"mm": 9.5},
        "spurs": {"femur": True},
        "grades": {"brooker": "III"},
        "frame": 2,
    }
    left = {"side": "left", "gap": {"points": [[1, 2], [3, 4]]}}
    whole = minimal() | {"graded_at": moment.isoformat(), "hips": [right, left]}
    assert _record(entry) == parse_record(json.dumps(whole))


def test_broken_parquet_is_refused(tmp_path: Path) -> None:
    """A file that only begins like Parquet is one fault."""
    pytest.importorskip("pyarrow")
    path = tmp_path / "table.parquet"
    path.write_bytes(b"PAR1 and nothing of the sort")
    sentence = r"^table\.parquet: is not a readable Parquet file; write it again$"
    with pytest.raises(RecordRefused, match=sentence):
        read_table(path)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        flat = all(isinstance(item, str | int) for item in value) and value
        return "|".join(map(str, value)) if flat else json.dumps(value)
    return value if isinstance(value, str) else json.dumps(value)


def _cells(value: dict[str, Any], holder: str = "") -> dict[str, str]:
    cells: dict[str, str] = {}
    for key, child in value.items():
        if isinstance(child, dict):
            cells |= _cells(child, f"{holder}{key}.")
        elif child is not None:
            cells[f"{holder}{key}"] = _cell(child)
    return cells


@drawn(unchecked=[HealthCheck.function_scoped_fixture])
@given(records())
def test_a_record_laid_out_as_rows_reads_the_same(tmp_path: Path, record: Record) -> None:
    """Every record without parameters, overrides and what a program found beside can be said in a table."""
    observer = record.observer
    if isinstance(observer, Algorithm):
        observer = replace(observer, parameters=())
    hips = tuple(
        replace(hip, comment=hip.comment.strip(), candidates=(), outlines=()) for hip in record.hips
    )
    context = replace(record.context, indication=record.context.indication.strip())
    record = replace(
        record,
        observer=observer,
        hips=hips,
        context=context,
        conclusion=record.conclusion.strip(),
        overrides=(),
    )
    whole = record_json(record)
    rows = [{"id": "1", **_cells(hip)} for hip in whole.pop("hips")]
    (entry,) = _read(tmp_path, rows[0] | _cells(whole), *rows[1:])
    assert _record(entry) == record


@drawn(unchecked=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=120)
    | st.lists(
        st.lists(st.sampled_from((*_BASE, *_BASE.values(), "gap.mm", "", "9,5", "\x00", '"')), max_size=6)
    ).map(lambda rows: "\n".join(",".join(row) for row in rows))
)  # fmt: skip
def test_any_text_is_a_table_or_is_refused(tmp_path: Path, text: str) -> None:
    """A text that is no table gives faults, never another error."""
    path = _table(tmp_path, text.encode("utf-8", "replace").decode())
    try:
        read_table(path)
    except RecordRefused as refusal:
        assert refusal.faults  # noqa: PT017 (either outcome is right)


@pytest.mark.parametrize(
    ("column", "remedy"),
    [
        (
            "sied",
            'rename it, for example to "side", "site" or "islands.#.site", or remove it',
        ),
        ("patientid", 'rename it, for example to "study.patient_id", or remove it'),
        ("mrn", "remove it, or read the table by a mapping (`hosr import`)"),
        ("Datum", "remove it, or read the table by a mapping (`hosr import`)"),
    ],
)
def test_only_what_is_near_is_suggested(column: str, remedy: str) -> None:
    """A column of another table is not taken for one that was written wrong."""
    faults = [fault for fault in header_faults(["id", column]) if fault.path == f"column {column}"]
    assert [fault.remedy for fault in faults] == [remedy]
