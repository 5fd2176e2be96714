"""Records one a line: what an import writes is read wherever a table is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from hosr.errors import RecordRefused
from hosr.intake.record import Record, parse_record
from hosr.intake.tables.lines import examine_records
from tests.command import hosr, marked, write_record
from tests.images import STUDY_UID, write_film

if TYPE_CHECKING:
    from pathlib import Path


def record(number: int, **more: Any) -> dict[str, Any]:
    """A record of a study of its own."""
    study = {"study_instance_uid": f"{STUDY_UID}.{number}", "patient_id": f"P-{number}"}
    return {**marked(gap={"mm": 6 + number}), "study": study, **more}


def write_lines(path: Path, *lines: Any) -> Path:
    """A file of these lines; text stands as it is."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_a_line_is_a_record_or_names_one(tmp_path: Path) -> None:
    """As it is, in an entry of a manifest, or in a file beside it; blank lines do not count."""
    write_record(tmp_path / "third.json", record(3))
    path = write_lines(
        tmp_path / "all.jsonl",
        "\ufeff" + json.dumps(record(1)),
        "",
        {"id": "two", "images": "films/2.dcm", "record": record(2)},
        {"id": "three", "record": "third.json"},
    )
    found = list(examine_records(path))
    assert [(entry.id, entry.rows) for entry in found] == [
        ("all.jsonl, line 1", (1,)),
        ("two", (3,)),
        ("three", (4,)),
    ]
    assert [entry.outcome for entry in found] == [parse_record(record(n)) for n in (1, 2, 3)]


def test_a_line_that_is_no_record_is_refused_alone(tmp_path: Path) -> None:
    """By its number and with its remedy; the others are read."""
    path = write_lines(
        tmp_path / "all.ndjson",
        record(1),
        "{",
        [],
        {"id": "x"},
        {"id": "y", "record": "gone.json"},
        record(2, view="side"),
    )
    first, *refused = examine_records(path)
    assert isinstance(first.outcome, Record)
    told = []
    for entry in refused:
        assert isinstance(entry.outcome, RecordRefused)
        told += [(fault.path, fault.problem) for fault in entry.outcome.faults]
    assert [place for place, _ in told] == [
        *("line 2", "row 3", "row 4, $.record", "row 5, gone.json", "row 6, $.view"),
    ]


def test_two_records_of_one_id_are_one_study_only_where_they_say_so(tmp_path: Path) -> None:
    """Else two people would be two readings of one hip; so would lines of two files without ids."""
    bare = {**marked(gap={"mm": 8}), "study": {}}
    later = {**bare, "graded_at": "2026-03-03T10:15:00+01:00"}
    twins = write_lines(
        tmp_path / "twins.jsonl",
        *({"id": "study-1", "record": each} for each in (bare, later, record(1), record(1))),
    )
    outcomes = [entry.outcome for entry in examine_records(twins)]
    assert [isinstance(outcome, Record) for outcome in outcomes] == [False, False, True, True]
    assert str(outcomes[0]).startswith(
        'row 1, $.id: is that of another line too, and the record names no study: "study-1"; '
    )
    names = [
        entry.id
        for name in ("one", "two")
        for entry in examine_records(write_lines(tmp_path / f"{name}.jsonl", bare))
    ]
    assert names == ["one.jsonl, line 1", "two.jsonl, line 1"]


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    """It holds no record."""
    with pytest.raises(RecordRefused, match="holds no records"):
        list(examine_records(write_lines(tmp_path / "all.jsonl", "")))


def test_every_command_takes_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a registry was imported to is graded, checked, reported with images, and counted."""
    monkeypatch.chdir(tmp_path)
    first, second = (record(number, schema_version="1.1") for number in (1, 2))
    first["study"]["date"] = "2026-02-28"
    lines = ({"id": f"s{n}", "record": each} for n, each in enumerate((first, second), start=1))
    write_lines(tmp_path / "all.jsonl", *lines)
    write_film(tmp_path / "film.dcm", StudyInstanceUID=f"{STUDY_UID}.2", PatientID="P-2")
    graded = hosr("grade", "all.jsonl")
    assert (graded.code, graded.out.count("Brooker III")) == (0, 2)
    assert hosr("check", "all.jsonl").out == "no faults\n"
    made = hosr("report", "all.jsonl", "--images", "film.dcm", "--out", "out", "--make", "text")
    assert (made.code, "8.0" in (tmp_path / "out/report.txt").read_text()) == (0, True)
    counted = hosr("cohort", "all.jsonl", "--out", "cohort")
    assert (counted.code, "2 rows, 2 subjects, 2 hips, 2 studies" in counted.out) == (0, True)
    assert "1 study without a date" in counted.out  # the record of the other says it


@pytest.mark.parametrize(
    ("numbers", "problem"),
    [
        (("A-17", "A-18"), ""),
        (("A-17", "A-17"), "holds several records of the study of the images"),
        (("A-18", "A-19"), "none is said to be of the study of the images"),
    ],
)
def test_an_accession_number_tells_which_record(
    numbers: tuple[str, str], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where records name no study, the order of the images finds the one that is of it."""
    monkeypatch.chdir(tmp_path)
    records = [
        {**marked(gap={"mm": 6 + place}), "study": {"accession_number": number}}
        for place, number in enumerate(numbers)
    ]
    write_lines(tmp_path / "all.jsonl", *records)
    write_film(tmp_path / "film.dcm")
    ran = hosr("report", "all.jsonl", "--images", "film.dcm", "--out", "out", "--make", "text")
    assert (ran.code == 0) is not bool(problem)
    assert problem in ran.err
