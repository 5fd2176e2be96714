"""What a registry knows beside the images, joined by patient, side and study."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from hosr.cohort.columns import Row, empty_row
from hosr.cohort.covariates import allowed_names, join, read_covariates
from hosr.cohort.readings import HipReading
from hosr.cohort.rows import make_rows
from hosr.errors import RecordRefused, UsageError
from hosr.findings import Person
from hosr.study import Patient
from tests.cohort.reports import altered, readings_of, sample

MOMENT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
STUDY_1 = sample("follow-up-1").subject.study.study_instance_uid
BILATERAL = sample("bilateral").subject.study.study_instance_uid


def write(folder: Path, *rows: dict[str, str]) -> Path:
    """A table of these rows as CSV."""
    text = io.StringIO(newline="")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    path = folder / "covariates.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def joined(
    path: Path, readings: list[HipReading], *, identified: bool = False, allowed: str = ""
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """The rows with the covariates of a file, and what did not fit or was let pass."""
    covariates = read_covariates(path)
    names = allowed_names(covariates, allowed.split())
    found, notes = join(readings, covariates, identified=identified, allowed=names)
    return make_rows(found).rows, notes


def added(rows: tuple[Row, ...], readings: list[HipReading]) -> list[dict[str, object]]:
    """What covariates changed in each row."""
    return [
        {name: cell for name, cell in row.items() if cell != before.get(name)}
        for row, before in zip(rows, make_rows(readings).rows, strict=True)
    ]


def test_every_covariate_has_its_column(tmp_path: Path) -> None:
    """Words are written alike, numbers and switches are read, and the rest passes with x_."""
    path = write(
        tmp_path,
        {
            "patient_id": "HOSR-0004",
            "approach": "Direct anterior",
            "procedure": "hemiarthroplasty",
            "implant_head_mm": "32",
            "prophylaxis": "NSAID",
            "prior_ho": "no",
            "blinded": "true",
            "follow_up_label": "year one",
            "arm": "A",
            "x_site": "=2",
        },
    )
    readings = readings_of(sample("brooker-3"))
    rows, notes = joined(path, readings)
    assert notes == ()
    assert added(rows, readings) == [
        {
            "time_point": "year one",
            "follow_up_label": "year one",
            "approach": "direct_anterior",
            "procedure": "hemiarthroplasty",
            "implant_head_mm": 32.0,
            "prophylaxis": "nsaid",
            "prior_ho": False,
            "blinded": True,
            "x_arm": "A",
            "x_site": "=2",
        }
    ]


def test_a_narrower_row_goes_before_a_wider(tmp_path: Path) -> None:
    """What holds for a patient holds for both hips and all studies, unless it is said of one."""
    path = write(
        tmp_path,
        {"patient_id": "HOSR-0006", "arm": "A", "site": "1"},
        {"patient_id": "HOSR-0006", "side": "left", "arm": "B"},
        {"patient_id": "HOSR-0009", "arm": "C"},
        {"patient_id": "HOSR-0009", "study_instance_uid": STUDY_1, "arm": "D"},
        {"patient_id": "HOSR-0009", "side": "Right", "study_instance_uid": STUDY_1, "site": "2"},
        {"patient_id": "ELSEWHERE", "arm": "E"},
    )
    readings = readings_of(*map(sample, ("bilateral", "follow-up-1", "follow-up-2")))
    rows, notes = joined(path, readings)
    assert notes == ("1 row of covariates is of no hip of this cohort",)
    assert added(rows, readings) == [
        {"x_arm": "A", "x_site": "1"},
        {"x_arm": "B", "x_site": "1"},
        {"x_arm": "D", "x_site": "2"},
        {"x_arm": "C"},
    ]


def test_parquet_is_as_good_as_csv(tmp_path: Path) -> None:
    """Numbers and truth of a typed table are what they are in text."""
    path = tmp_path / "covariates.parquet"
    cells = {"patient_id": ["HOSR-0004"], "implant_head_mm": [32.0], "prior_ho": [True]}
    parquet.write_table(pa.table(cells), path)
    readings = readings_of(sample("brooker-3"))
    rows, _ = joined(path, readings)
    assert added(rows, readings) == [{"implant_head_mm": 32.0, "prior_ho": True}]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"implant_head_mm": "32 mm"}, "column implant_head_mm: is not a number of millimetres"),
        ({"implant_head_mm": "32 mm"}, "; write 32"),
        ({"implant_head_mm": "3,2 cm"}, "; write 32"),
        ({"implant_head_mm": "32,5"}, "; write 32.5"),
        ({"implant_head_mm": "large"}, "; write the millimetres with a decimal point"),
        ({"implant_head_mm": "3.2"}, "is not between 16 and 70 mm"),
        ({"prior_ho": "perhaps"}, "is neither true nor false"),
        ({"side": "both"}, 'is an unknown word; write "right" or "left"'),
        ({"approach": "somehow"}, 'is an unknown word; write "posterior", "direct_anterior"'),
        ({"prophylaxis": "ibuprofen"}, 'is an unknown word; write "none", "nsaid"'),
        ({"arm": "a\nb"}, "row 2, column arm: holds more than 200 characters, or a line break"),
        ({"arm": "a" * 201}, "row 2, column arm: holds more than 200 characters"),
        ({"brooker": "III"}, "column brooker: is no covariate; remove it"),
        ({"": "III", "site": "A"}, "header: has a column without a name; name it or remove it"),
        (
            {"": "III"},
            "row 2: holds a cell beside the last column; name its column, or remove the cell",
        ),
        ({"patient_id": ""}, "row 2, column patient_id: is empty; fill it in"),
    ],
)
def test_a_cell_that_could_mean_another_thing_is_refused(
    tmp_path: Path, cells: dict[str, str], message: str
) -> None:
    """The fault names the row and the column, and the right form; never the patient."""
    path = write(tmp_path, {"patient_id": "HOSR-0004", "arm": "A", **cells})
    with pytest.raises(RecordRefused, match=re.escape(message)) as refused:
        read_covariates(path)
    assert "HOSR-0004" not in str(refused.value)


def test_all_faults_of_a_table_are_told_at_once(tmp_path: Path) -> None:
    """Each cell, and two rows that say different things of the same hip."""
    path = write(
        tmp_path,
        {"patient_id": "P1", "prior_ho": "?", "implant_head_mm": "3,2 cm"},
        {"patient_id": "P2", "prior_ho": "true"},
        {"patient_id": "P2", "prior_ho": "false"},
        {"patient_id": "P2", "prior_ho": "true"},
    )
    with pytest.raises(RecordRefused) as refused:
        read_covariates(path)
    assert [fault.path for fault in refused.value.faults] == [
        "row 2, column prior_ho",
        "row 2, column implant_head_mm",
        "row 4",
    ]


def test_a_table_without_patients_is_refused(tmp_path: Path) -> None:
    """Whom a row is about is said by the patient ID alone."""
    with pytest.raises(RecordRefused, match=re.escape('has no column "patient_id"')):
        read_covariates(write(tmp_path, {"name": "x"}))


@pytest.mark.parametrize(
    "cell",
    [
        "HOSR-0004",
        "hosr-0004",
        "seen as HOSR-0004 before",
        "Phantom",
        "as Reader, Sample said",
        "born 1950-02-01",
        "19500201",
        "1.2.1950",
        "01/02/1950",
        BILATERAL,
    ],
)
def test_identity_does_not_come_in_by_a_covariate(tmp_path: Path, cell: str) -> None:
    """A name, an ID or a date in a text of the user is refused, unless identity is kept."""
    report = altered("brooker-3", patient={"name": "Phantom^Dora"})
    readings = readings_of(report, sample("bilateral"))
    path = write(tmp_path, {"patient_id": "HOSR-0004", "note": cell})
    message = "row 2, column x_note: holds a name, an ID or a date, which identify"
    with pytest.raises(RecordRefused, match=message) as refused:
        joined(path, readings)
    assert cell not in str(refused.value)
    rows, _ = joined(path, readings, identified=True)
    assert [row["x_note"] for row in rows if "x_note" in row] == [cell]


@pytest.mark.parametrize("cell", ["A", "32", "2 of 3", "12.5", "sampled", "2024"])
def test_what_names_nobody_passes(tmp_path: Path, cell: str) -> None:
    """Numbers, groups and words are no identity."""
    path = write(tmp_path, {"patient_id": "HOSR-0004", "note": cell})
    rows, _ = joined(path, readings_of(sample("brooker-3")))
    assert rows[0]["x_note"] == cell


# Patients 101 to 106, the first of them called Young, all graded by Long.
NUMBERED = [
    HipReading(
        place=f"file {number}",
        patient=Patient(patient_id=str(number), name="Young^Ann" if number == 101 else ""),
        study_id=f"1.2.{number}",
        study_date=None,
        observer=Person(name="Long^Peter"),
        graded_at=MOMENT,
        index_event=None,
        cells={**empty_row(), "hip_side": "right"},
    )
    for number in range(101, 107)
]


def column(folder: Path, name: str, *cells: str) -> Path:
    """A table with one covariate of the numbered patients."""
    rows = ({"patient_id": str(101 + n), name: cell} for n, cell in enumerate(cells))
    return write(folder, *rows)


@pytest.mark.parametrize(
    "cells",
    [
        ("101", "80", "75", "92", "66", "58"),  # a weight, beside its own patient
        ("80", "101", "102", "103", "104", "105"),  # weights, beside other patients
        ("long", "short", "short", "long", "long", "long"),  # a stem, beside a reader
        ("young", "young", "old", "old", "old", "young"),  # an age, beside a patient
        ("a", "b", "Young", "c", "d", "e"),  # a word, beside another patient
        ("1", "2", "1", "2", "1", "2"),
    ],
)
def test_a_value_that_happens_to_be_a_name_or_an_id_passes(
    tmp_path: Path, cells: tuple[str, ...]
) -> None:
    """A column is judged as a whole, and what is alike is counted."""
    rows, notes = joined(column(tmp_path, "what", *cells), NUMBERED)
    assert [row["x_what"] for row in rows] == list(cells)
    assert all(note.startswith("column x_what: ") for note in notes)
    assert not {"101", "long", "Long", "young", "Young"} & set(" ".join(notes).split())


def test_what_is_alike_is_counted(tmp_path: Path) -> None:
    """So that somebody can look at it."""
    path = column(tmp_path, "weight", "101", "80", "75", "92", "66", "58")
    _, notes = joined(path, NUMBERED)
    note = "column x_weight: 1 cell is like a name, an ID or a date; the column as a whole names nobody"
    assert notes == (note,)


@pytest.mark.parametrize(
    ("cells", "row", "more"),
    [
        (("101", "102", "103", "104", "105", "106"), 2, " (5 more cells of it do so too)"),
        (("-", "102", "-", "104", "-", "106"), 3, " (2 more cells of it do so too)"),
        (("a", "b", "c", "seen by Peter Long", "d", "e"), 5, ""),
        (("Mrs Young called", "b", "c", "d", "e", "f"), 2, ""),
        (("a", "b", "1.2.104", "c", "d", "e"), 4, ""),
        (("a", "b", "2024-03-01", "c", "d", "e"), 4, ""),
    ],
)
def test_a_column_of_names_or_ids_is_refused(
    tmp_path: Path, cells: tuple[str, ...], row: int, more: str
) -> None:
    """One fault for the column, at the first row that shows it, with what to do."""
    path = column(tmp_path, "what", *cells)
    with pytest.raises(RecordRefused) as refused:
        joined(path, NUMBERED)
    (fault,) = refused.value.faults
    assert fault.path == f"row {row}, column x_what"
    assert fault.problem == f"holds a name, an ID or a date, which identify{more}"
    assert fault.remedy.startswith("remove the column, ")
    assert fault.remedy.endswith("or keep identity with --identified")


@pytest.mark.parametrize("name", ["site", "x_site"])
def test_an_allowance_keeps_a_column(tmp_path: Path, name: str) -> None:
    """All stems are long: the user knows that it is no reader, and the note says who decided."""
    path = column(tmp_path, "site", "long", "long")
    with pytest.raises(
        RecordRefused, match="keep it with --allow-column x_site if it names nobody"
    ):
        joined(path, NUMBERED)
    rows, notes = joined(path, NUMBERED, allowed=name)
    assert [row.get("x_site") for row in rows][:2] == ["long", "long"]
    assert notes == (
        "column x_site: 2 cells are like a name, an ID or a date; kept as --allow-column says",
    )


def test_no_allowance_lets_a_leak_pass(tmp_path: Path) -> None:
    """A column of the patients' own IDs would make the table another one than it says."""
    path = column(tmp_path, "mrn", "101", "102", "103", "-", "-", "-")
    with pytest.raises(RecordRefused) as refused:
        joined(path, NUMBERED, allowed="mrn")
    (fault,) = refused.value.faults
    assert fault.remedy == "remove the column, or keep identity with --identified"


def test_an_allowance_of_no_column_is_refused(tmp_path: Path) -> None:
    """A slip of the pen would allow nothing, silently."""
    covariates = read_covariates(column(tmp_path, "weight", "80"))
    message = (
        '--allow-column: "wieght" is no column of text of the covariates; name one of "x_weight"'
    )
    with pytest.raises(UsageError, match=re.escape(message)):
        allowed_names(covariates, ["wieght"])
    with pytest.raises(UsageError, match="leave it out"):
        allowed_names(None, ["weight"])


def test_an_id_of_two_issuers_is_written_with_its_issuer(tmp_path: Path) -> None:
    """Without one nobody knows which patient is meant."""
    readings = readings_of(
        altered("brooker-3", patient={"issuer": "North"}),
        altered("brooker-3", patient={"issuer": "South"}, study={"study_instance_uid": "1.2.3"}),
    )
    path = write(tmp_path, {"patient_id": "HOSR-0004", "arm": "A"})
    message = "row 2, column patient_id: is there from several issuers; write it as ID^^^ISSUER"
    with pytest.raises(RecordRefused, match=re.escape(message)):
        joined(path, readings)
    rows, _ = joined(write(tmp_path, {"patient_id": "HOSR-0004^^^South", "arm": "A"}), readings)
    assert [row.get("x_arm") for row in rows] == [None, "A"]
