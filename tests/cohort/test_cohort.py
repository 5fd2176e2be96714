"""The gradings of many reports as an Arrow table, for those who build on hosr in Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hosr.cohort.cohort import cohort_rows
from hosr.cohort.columns import COLUMNS
from hosr.errors import Fault, RecordRefused, UsageError
from tests.cohort.reports import SAMPLES, sample

REPORTS = SAMPLES / "reports"


def test_a_folder_gives_a_row_a_reading() -> None:
    """All columns, in their order, and no name of a patient or reader, nor a UID."""
    table = cohort_rows(REPORTS)
    assert table.column_names == [column.name for column in COLUMNS]
    assert table.num_rows == 13
    assert set(table.column("brooker").to_pylist()) >= {"0", "I", "II", "III", "IV"}
    said = json.dumps(table.to_pylist())
    assert "1.2." not in said
    assert "2.25." not in said
    assert table.schema.field("gap_mm").metadata[b"meaning"].startswith(b"least gap")


def test_paths_and_reports_in_memory_are_one_cohort() -> None:
    """One report as a file and another as a value; the same as both from files, but for UIDs."""
    names = ("brooker-1", "brooker-3")
    files = [REPORTS / f"{name}.dcm" for name in names]
    given = cohort_rows([str(files[0]), sample(names[1])], identified=True)
    expected = cohort_rows(iter(files), identified=True)
    assert given.drop(["sr_sop_instance_uid"]) == expected.drop(["sr_sop_instance_uid"])
    uids = given.column("sr_sop_instance_uid").to_pylist()
    assert sorted(uid is None for uid in uids) == [False, True]


def test_a_table_of_records_is_a_source() -> None:
    """Its notes say what it does not tell."""
    table = cohort_rows(SAMPLES / "table.csv")
    assert table.num_rows > 0
    assert b"without a date: not placed in time" in table.schema.metadata[b"notes"]


HEADER = "id,study.study_instance_uid,study.patient_id,graded_at,observer.type,observer.name,side,presence"


def _table(path: Path, name: str, study: str, patient: str, reader: str) -> Path:
    row = f"{name},{study},{patient},2026-03-02T10:00:00+01:00,person,{reader},right,absent"
    path.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
    return path


def test_rows_of_several_tables_are_told_apart(tmp_path: Path) -> None:
    """The second row of one is not the second row of the other."""
    one = _table(tmp_path / "one.csv", "1", "", "A", "Ada^Test")
    two = _table(tmp_path / "two.csv", "2", "", "B", "Ben^Test")
    table = cohort_rows([one, two], identified=True)
    assert table.column("subject_id").to_pylist() == ["A", "B"]


@pytest.mark.parametrize("patient", ["", "A"])
def test_an_id_of_two_tables_is_no_study(tmp_path: Path, patient: str) -> None:
    """Two persons would be one hip that two readers graded; both rows are refused."""
    one = _table(tmp_path / "one.csv", "1", "", patient, "Ada^Test")
    two = _table(tmp_path / "two.csv", "1", "", patient, "Ben^Test")
    with pytest.raises(RecordRefused) as refused:
        cohort_rows([one, two, sample("brooker-1")])
    problem = 'has an id of another table too, and names no study: "1"'
    remedy = "give each study an id of its own, or fill in study.study_instance_uid"
    assert refused.value.faults == tuple(
        Fault(f"{path}, row 2", problem, remedy) for path in (one, two)
    )


def test_two_readers_of_a_study_that_is_named_are_one_cohort(tmp_path: Path) -> None:
    """Then a table for each reader is as good as one for both."""
    one = _table(tmp_path / "one.csv", "1", "1.2.3", "A", "Ada^Test")
    two = _table(tmp_path / "two.csv", "1", "1.2.3", "A", "Ben^Test")
    table = cohort_rows([one, two], identified=True)
    assert table.column("reader_id").to_pylist() == ["Ada^Test", "Ben^Test"]
    assert set(table.column("study_id").to_pylist()) == {"1.2.3"}


def test_nothing_given_is_a_table_without_rows() -> None:
    """It has its columns all the same."""
    assert cohort_rows([]).shape == (0, len(COLUMNS))


def test_what_is_refused_is_never_left_out_in_silence(tmp_path: Path) -> None:
    """It is raised, or told to whoever asks for the rest."""
    shutil.copy(REPORTS / "brooker-1.dcm", tmp_path)
    (tmp_path / "broken.dcm").write_bytes(b"no DICOM")
    with pytest.raises(RecordRefused, match=r"broken\.dcm: is named .dcm, but is not a DICOM file"):
        cohort_rows(tmp_path)
    told: list[Fault] = []
    assert cohort_rows(tmp_path, on_fault=told.append).num_rows == 1
    assert [fault.path for fault in told] == ["broken.dcm"]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("nowhere", "nowhere: is no folder of reports, no table and no archive; check the path"),
        (7, "source: is int, neither a path nor several reports; give a path, or a list of"),
        ([7], r"source\[0\]: is int, neither a report nor a path; give reports or paths"),
        (None, "source: is NoneType, neither a path nor several reports"),
    ],
)
def test_what_is_no_source_is_refused(source: Any, sentence: str) -> None:
    """By a sentence, before anything is read."""
    with pytest.raises(UsageError, match=sentence):
        cohort_rows(source)


def test_one_report_alone_is_refused() -> None:
    """A cohort is of several; the remedy is a list."""
    with pytest.raises(UsageError, match="source: is Report, neither a path nor several reports"):
        cohort_rows(sample("brooker-1"))  # type: ignore[arg-type]


def test_a_folder_without_reports_is_refused(tmp_path: Path) -> None:
    """The wrong folder is no empty cohort."""
    (tmp_path / "notes.txt").write_text("nothing", encoding="utf-8")
    with pytest.raises(UsageError, match=r"holds no measurement report of hosr \(1 other files\)"):
        cohort_rows(tmp_path)


def test_columns_are_known_without_libraries() -> None:
    """Whoever only asks for the columns does not wait for libraries."""
    program = "import sys, hosr.cohort; print([m for m in ('pyarrow', 'pydicom', 'pydantic') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
