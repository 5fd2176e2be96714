"""What is dated after today is refused at every door, by the clock of this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.batch.calls import batch
from tests.batch.manifests import faults_of, write_csv, write_lines
from tests.cli.expected import report
from tests.command import hosr, marked, write_record
from tests.intake.registry.registries import mapped

FUTURE = "2099-03-02T10:15:00+01:00"
SAID = "the grading lies in the future; correct the time, or the clock of this machine"
REFUSED = f"hosr: record refused\n  $.graded_at: {SAID}\n"
PERSON = ("--as", "Meier^Jan", "--organization", "Synthetic Hospital")


@pytest.fixture(autouse=True)
def _future(desk: Path) -> None:
    """A record of the future beside that of the desk."""
    write_record(desk / "future.json", {**marked(gap={"mm": 8.2}), "graded_at": FUTURE})


@pytest.mark.parametrize(
    "call",
    [
        ("report", "future.json", "--images", "film.dcm", "--out", "out"),
        ("grade", "future.json"),
        ("grade", "future.json", "--images", "film.dcm"),
    ],
    ids=["report", "grade", "grade on images"],
)
def test_no_report_and_no_grade_is_of_the_future(call: tuple[str, ...]) -> None:
    """The fault names the time, and nothing is written."""
    ran = hosr(*call)
    assert (ran.code, ran.out, ran.err) == (3, "", REFUSED)
    assert not Path("out").exists()


def test_a_check_says_it_once() -> None:
    """With images, too."""
    ran = hosr("check", "future.json", "--images", "film.dcm")
    assert (ran.code, ran.out.splitlines()[0]) == (3, f"$.graded_at: {SAID}")
    assert ran.out.count("future") == 1


def test_rows_of_a_batch_are_refused_until_their_time_has_come() -> None:
    """It is no part of the row that it is too early: the next run tries it again without being asked."""
    row = {"images": "film.dcm", "record": "future.json"}
    whole = json.loads(Path("future.json").read_text())
    lines = [{**row, "id": "a"}, {**row, "id": "b", "record": whole}]
    manifest = write_lines(Path("m.jsonl"), lines)
    assert batch(manifest).out.startswith("0 done, 2 refused")
    assert faults_of(Path("out")) == [[f"$.graded_at: {SAID}"], [f"$.record.graded_at: {SAID}"]]
    write_record(Path("future.json"), marked())
    assert batch(manifest).out.startswith("1 done, 1 refused")


def test_a_row_of_sources_that_were_made_in_the_future_is_refused() -> None:
    """Whoever says it, the row or the source; and it is tried again each time."""
    Path("labels.toml").write_text(
        'schema_version = "1.0"\n[observer]\nname = "HipGrader"\nversion = "2.1"\n'
    )
    scores = {"accession_number": "A-17", "right": {"brooker": {"II": 1}}}
    Path("scores.json").write_text(json.dumps(scores))
    row = {"images": "film.dcm", "source": "scores.json", "labels": "labels.toml"}
    manifest = write_lines(Path("m.jsonl"), [{**row, "id": "a", "at": FUTURE}])
    batch(manifest)
    problem = f"was made at {FUTURE}, which lies in the future"
    remedy = 'say with "at" when it was made, or correct this clock'
    assert faults_of(Path("out")) == [[f"scores.json: {problem}; {remedy}"]]
    assert batch(manifest).out.startswith("0 done, 1 refused")


def test_a_row_of_a_table_is_named() -> None:
    """In a batch, in a cohort, and in the table of a registry by its own column."""
    cells = {"id": "a", "images": "film.dcm", "graded_at": FUTURE, "side": "right"}
    cells |= {"observer.type": "person", "observer.name": "Rossi^Maria", "grades.brooker": "II"}
    table = write_csv(Path("t.csv"), [{**cells, "study.accession_number": "A-17"}])
    batch(table)
    assert faults_of(Path("out")) == [[f"row 2, $.graded_at: {SAID}"]]
    ran = hosr("cohort", table, "--out", "cohort")
    assert (ran.code, f"row 2, $.graded_at: {SAID}" in ran.err) == (3, True)
    Path("registry.csv").write_text("Nr;Datum;Seite;Spalt\n1;02.03.2099;re;8,2\n")
    Path("mapping.toml").write_text(mapped(columns='"gap.mm" = "Spalt"'))
    ran = hosr("import", "registry.csv", "--mapping", "mapping.toml", "--out", "records.jsonl")
    assert (ran.code, f"row 2, column Datum (graded_at): {SAID}" in ran.out) == (3, True)
    assert not Path("records.jsonl").exists()


def test_an_amendment_is_of_no_record_of_the_future(tmp_path: Path) -> None:
    """The signed report stays the last version."""
    assert report("--make", "measurement,narrative").code == 0
    assert hosr("sign", "out", *PERSON, "--out", "signed").code == 0
    asked = ("--record", "future.json", "--reason", "Read again.")
    ran = hosr("amend", "signed", *asked, *PERSON, "--out", "amended")
    assert (ran.code, ran.err) == (3, REFUSED)
    assert not (tmp_path / "amended").exists()
    assert not (tmp_path / "signed" / "successor.json").exists()
