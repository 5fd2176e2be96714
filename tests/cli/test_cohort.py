"""`hosr cohort`: reports of a folder, an archive or a table as one table, with its statistics."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pydicom
import pytest
from pyarrow import parquet

from hosr import codes
from hosr.findings import IndexEvent
from hosr.vocabulary.terms import Event, Side
from tests.cohort.reports import (
    ADA,
    BARE,
    BEN,
    MODEL,
    SAMPLES,
    altered,
    sample,
    write_report,
)
from tests.cohort.written import read_csv
from tests.command import Ran, folder_bytes, hosr
from tests.peers.archiving import ArchivingOrthanc, archiving_orthanc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hosr.cohort.columns import Row
    from hosr.report import Report

pytestmark = pytest.mark.slow

FILES = ["rows.csv", "rows.parquet", "rows.arrow", "analysis.json", "cohort.html"]
READERS = (ADA, BEN, MODEL)
THA = IndexEvent(
    procedure=Event.TOTAL_HIP_ARTHROPLASTY, side=Side.RIGHT, date=dt.date(2024, 10, 15)
)
WITHOUT_IDENTITY = (
    "without names, IDs, dates and UIDs; left are days since the first study and since the index "
    "event\n"
)


def graded(person: str, date: str, reader: int, brooker: str, **changes: Any) -> Report:
    """A right hip of a patient on a day, as one of the readers graded it."""
    hip = {"source_grades": (("brooker", (brooker,)),), "comment": f"Comment on {person}"}
    values: dict[str, Any] = {
        "patient": {
            "patient_id": f"ID-{person}",
            "name": f"Family{person}^Given{person}",
            "birth_date": "19410203",
        },
        "study": {
            "study_instance_uid": f"2.25.77{person}{date}",
            "date": date,
            "study_id": f"EXAM-{person}-{date}",
            "accession_number": f"ORDER-{person}-{date}",
            "description": f"Description of {person}",
        },
        "observer": READERS[reader],
        "graded_at": dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC),
        "event": THA,
        "hip": hip,
        **changes,
    }
    return altered("follow-up-2", **values)


def reports() -> dict[str, Report]:
    """Four hips at two times, by two persons and a model; one hip not evaluable at the end."""
    grades = {"1": ("I", "III"), "2": ("I", "II"), "3": ("II", "III"), "4": ("II", "II")}
    found = {
        f"{patient}/{date}/{reader}/measurement.dcm": graded(
            patient, date, reader, grade if reader else "II"
        )
        for patient, pair in grades.items()
        for date, grade in zip(("20250116", "20260120"), pair, strict=True)
        for reader in range(3)
    }
    hip = {**BARE, "evaluable": False, "not_evaluable_reason": "Family4 moved"}
    return {**found, "4/last.dcm": graded("4", "20260301", 0, "I", hip=hip)}


@pytest.fixture
def folder(desk: Path) -> Path:
    """A folder of what one person said of the first two patients."""
    for name, report in reports().items():
        if name.startswith(("1/", "2/")) and "/0/" in name:
            write_report(desk / "reports" / name, report)
    return desk / "reports"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Ran]:
    """A folder of all of them, what was made of it, and how that ended."""
    base = tmp_path_factory.mktemp("whole")
    for name, report in reports().items():
        write_report(base / "reports" / name, report)
    return base / "reports", base / "out", hosr("cohort", base / "reports", "--out", base / "out")


def rows(folder: Path | str = "out") -> list[Row]:
    """The rows that were written."""
    return read_csv((Path(folder) / "rows.csv").read_bytes())


# What is in every report of hosr, and names of programs and forms.
_SAME_FOR_ALL = frozenset(
    {
        *("SOPClassUID", "Manufacturer", "ManufacturerModelName", "SoftwareVersions"),
        *("SeriesDescription", "InstitutionName"),
    }
)
_SAID = {code.key for code in (codes.REMARK, codes.NOT_EVALUABLE_REASON, codes.INDICATION)}


def identifying(folder: Path) -> set[str]:
    """Every value in these files that tells who was imaged, who graded, when and where it is kept."""
    found: set[str] = set()
    for path in sorted(folder.rglob("*.dcm")):
        dataset = pydicom.dcmread(path)
        own = [each for each in dataset if each.keyword not in _SAME_FOR_ALL]
        content = [each for item in _items(dataset) if _may_identify(item) for each in item]
        for element in (*own, *content):
            found |= _forms(element)
    return {form for form in found if len(form) > 3}


def _forms(element: pydicom.DataElement) -> set[str]:
    """The ways in which a value may be written."""
    text = str(element.value)
    match element.VR:
        case "PN":
            return {text, *text.split("^")}
        case "DA":
            return {text, f"{text[:4]}-{text[4:6]}-{text[6:]}"}
        case "UI" | "DT" | "LO" | "SH" | "UT":
            return {text}
    return set()


def _items(dataset: pydicom.Dataset) -> Iterator[pydicom.Dataset]:
    for item in dataset.get("ContentSequence", ()):
        yield item
        yield from _items(item)


def _may_identify(item: pydicom.Dataset) -> bool:
    """Whether an item is a name, a date, a UID, or in the words of a person."""
    if item.ValueType == "TEXT":
        name = item.ConceptNameCodeSequence[0]
        return (name.CodingSchemeDesignator, name.CodeValue) in _SAID
    return item.ValueType in ("PNAME", "DATE", "DATETIME", "UIDREF")


def test_a_folder_becomes_a_table_and_its_statistics(whole: tuple[Path, Path, Ran]) -> None:
    """What was found is told in counts, and every file is written."""
    _, out, ran = whole
    files = "".join(f"{out}/{name}\n" for name in FILES)
    counts = "25 rows, 4 subjects, 4 hips, 9 studies, 3 readers\nfrom 25 reports\n"
    assert ran == Ran(code=0, out=f"{files}\n{counts}{WITHOUT_IDENTITY}")
    assert [path.name for path in sorted(out.iterdir())] == sorted(FILES)


def test_the_summary_is_there_for_programs(folder: Path) -> None:
    """The same as JSON, with every file that is no report, and every refusal."""
    (folder / "notes.txt").write_text("x")
    (folder / "cut.dcm").write_bytes((folder / "1/20250116/0/measurement.dcm").read_bytes()[:3000])
    ran = hosr("cohort", folder, "--out", "out", "--json")
    refused = {
        "path": "cut.dcm",
        "problem": "is cut short",
        "remedy": "copy the file again",
        "rule": "",
    }
    told = json.loads(ran.out)
    refused = {**refused, **{key: told["refused"][0][key] for key in ("problem", "remedy")}}
    assert told == {
        "rows": 4,
        "subjects": 2,
        "hips": 2,
        "studies": 4,
        "readers": ["R01"],
        "time_points": ["1 year", "3 months"],
        "pseudonymised": True,
        "allowed_columns": [],
        "reports": 4,
        "repeated": 0,
        "superseded": [],
        "withdrawn": [],
        "altered": [],
        "refused": [refused],
        "others": {"not DICOM": ["notes.txt"]},
        "notes": [],
        "files": FILES,
    }
    line = f"  cut.dcm: {refused['problem']}; {refused['remedy']}\n".replace("; \n", "\n")
    assert (ran.code, ran.err) == (3, f"hosr: refused, and not in the table\n{line}")


def test_all_files_hold_the_same_rows(whole: tuple[Path, Path, Ran]) -> None:
    """CSV, Parquet and Arrow are one table."""
    _, out, _ = whole
    expected = rows(out)
    assert len(expected) == 25
    assert parquet.read_table(out / "rows.parquet").to_pylist() == expected
    arrow = pa.ipc.open_file((out / "rows.arrow").read_bytes())
    assert arrow.read_all().to_pylist() == expected


def test_no_value_that_identifies_is_in_any_file(whole: tuple[Path, Path, Ran]) -> None:
    """Neither names, IDs, dates, UIDs, orders nor what readers wrote, in no file of the folder."""
    reports, out, _ = whole
    secrets = identifying(reports)
    known = {"ID-1", "Family1", "19410203", "1941-02-03", "ORDER-1-20250116", "2025-01-16"}
    known |= {"Ada^Test", "Comment on 1", "Family4 moved", "2.25.77120250116", "EXAM-1-20250116"}
    assert known <= secrets
    contents = [data.decode("utf-8", "replace") for data in folder_bytes(out).values()]
    contents.append(repr(parquet.read_table(out / "rows.parquet").to_pylist()))
    assert sorted(s for s in secrets if any(s in content for content in contents)) == []


def test_identity_is_kept_where_that_is_asked_for(folder: Path) -> None:
    """Names, IDs, dates and UIDs are those of the reports."""
    ran = hosr("cohort", folder, "--out", "out", "--identified")
    assert ran.out.endswith("\nidentified: it names patients and readers\n")
    columns = ("subject_id", "study_id", "study_date", "index_date", "reader_id")
    assert {tuple(row[column] for column in columns) for row in rows()} == {
        (f"ID-{person}", f"2.25.77{person}{date}", iso, "2024-10-15", "Ada^Test")
        for person in "12"
        for date, iso in (("20250116", "2025-01-16"), ("20260120", "2026-01-20"))
    }


def test_nothing_printed_identifies(folder: Path) -> None:
    """Two patients under one ID are told by their files; no name and no ID is printed."""
    write_report(folder / "x.dcm", graded("1", "20250201", 0, "I", patient={"patient_id": "ID-2"}))
    for options in ((), ("--identified", "--json")):
        ran = hosr("cohort", folder, "--out", f"out{len(options)}", *options)
        said = (ran.out + ran.err).replace('"Ada^Test"', "").replace('"Ben^Test"', "")
        assert ran.code == 3
        assert not any(word in said for word in ("ID-", "Family", "Given", "1941", "Ada", "Ben"))


def test_two_patients_under_one_id_leave_the_others(folder: Path) -> None:
    """Both are left out, with the files that contradict one another; the rest is written."""
    stranger = {"patient_id": "ID-2", "name": "Other^Person", "birth_date": "19410204"}
    write_report(folder / "x.dcm", graded("1", "20250201", 0, "I", patient=stranger))
    ran = hosr("cohort", folder, "--out", "out", "--identified")
    assert ran.code == 3
    assert ran.err == (
        "hosr: refused, and not in the table\n"
        "  x.dcm: has the patient ID of 2/20250116/0/measurement.dcm, but another date of birth; give each "
        "patient an ID of their own; no report of this ID was used\n"
    )
    assert {row["subject_id"] for row in rows()} == {"ID-1"}


def test_the_same_cohort_gives_the_same_bytes(whole: tuple[Path, Path, Ran], desk: Path) -> None:
    """In whatever order the files lie, all five are the same, and writing them again is no change."""
    folder, out, _ = whole
    (desk / "other").mkdir()
    for number, path in enumerate(sorted(folder.rglob("*.dcm"), reverse=True)):
        (desk / "other" / f"{number:03}.dcm").write_bytes(path.read_bytes())
    before = folder_bytes(out)
    assert hosr("cohort", "other", "--out", out).code == 0
    assert folder_bytes(out) == before


def test_what_a_missing_library_would_make_is_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is made, and one sentence says what is not, and what to install."""
    monkeypatch.setitem(sys.modules, "statsmodels", None)
    ran = hosr("cohort", folder, "--out", "cohort")
    made = sorted(path.name for path in Path("cohort").iterdir())
    lacking = "note: analysis.json and cohort.html were not made: needs statsmodels, which is not "

    assert (ran.code, made) == (0, ["rows.arrow", "rows.csv", "rows.parquet"])
    assert f"{lacking}installed; install hosr[cohort]\n" in ran.out + ran.err


def test_another_cohort_is_never_written_over(folder: Path) -> None:
    """What is there stays as it is."""
    assert hosr("cohort", folder, "--out", "out").code == 0
    before = folder_bytes(Path("out"))
    ran = hosr("cohort", folder, "--out", "out", "--identified")
    assert (ran.code, folder_bytes(Path("out"))) == (2, before)
    assert "choose another folder; nothing was written" in ran.err


def test_a_key_holds_across_cohorts(folder: Path, desk: Path) -> None:
    """A patient has the same pseudonym in a part of the cohort."""
    Path("key").write_text("0123456789abcdef0123456789abcdef\n")
    Path("key").chmod(0o600)
    assert hosr("cohort", folder, "--out", "all", "--key", "key").code == 0
    assert hosr("cohort", folder / "2", "--out", "part", "--key", "key").code == 0
    (part,) = {row["subject_id"] for row in rows("part")}
    assert part in {row["subject_id"] for row in rows("all")}
    assert len(part) == 17
    assert hosr("cohort", folder / "2", "--out", "own").code == 0
    assert {row["subject_id"] for row in rows("own")} == {"S0001"}
    Path("key").chmod(0o644)
    ran = hosr("cohort", folder, "--out", "more", "--key", "key")
    assert ran.code == 2
    assert "may be read or changed by others (its mode is 0644)" in ran.err
    assert not (desk / "more").exists()


def test_time_points_and_covariates_of_the_user(folder: Path) -> None:
    """Windows give other names, and a registry adds what it knows."""
    Path("covariates.csv").write_text(
        "patient_id,approach,implant_head_mm,arm\nID-1,posterior,32,A\nID-9,lateral,36,B\n"
    )
    options = ("--covariates", "covariates.csv", "--time-points", "3mo=60-120,late=300-600")
    ran = hosr("cohort", folder, "--out", "out", *options)
    assert ran.code == 0
    assert "note: 1 row of covariates is of no hip of this cohort\n" in ran.out
    assert {row["time_point"] for row in rows()} == {"3mo", "late"}
    known = [(r["approach"], r["implant_head_mm"], r["x_arm"]) for r in rows() if r["x_arm"]]
    assert known == [("posterior", 32.0, "A")] * 2


def test_faults_of_covariates_are_told_at_once(folder: Path) -> None:
    """Nothing is written where a table of the user cannot be read for sure."""
    Path("covariates.csv").write_text(
        'patient_id,implant_head_mm,prior_ho\nID-1,32 mm,true\nID-2,"3,2 cm",perhaps\n'
    )
    ran = hosr("cohort", folder, "--out", "out", "--covariates", "covariates.csv")
    assert ran == Ran(
        code=3,
        err=(
            "hosr: record refused\n"
            "  row 2, column implant_head_mm: is not a number of millimetres; write 32\n"
            "  row 3, column implant_head_mm: is not a number of millimetres; write 32\n"
            "  row 3, column prior_ho: is neither true nor false; write true or false, or leave it "
            "empty\n"
        ),
    )
    assert not Path("out").exists()


def test_an_allowed_column_is_recorded_wherever_the_rows_go(folder: Path) -> None:
    """A word of a reader's name is kept where the user says that it names nobody."""
    Path("covariates.csv").write_text("patient_id,arm\nID-1,Test\n")
    asked = ("cohort", folder, "--out", "out", "--covariates", "covariates.csv")
    refused = hosr(*asked)
    assert refused.code == 3
    assert "row 2, column x_arm: holds a name, an ID or a date, which identify" in refused.err
    assert "keep it with --allow-column x_arm if it names nobody" in refused.err
    ran = hosr(*asked, "--allow-column", "arm")
    assert ran.code == 0
    assert "not judged: x_arm (--allow-column)\n" in ran.out
    told = "Kept by an allowance, whatever names or IDs their cells are like: x_arm."
    assert told in json.loads(Path("out/analysis.json").read_text())["notes"]
    assert told in Path("out/cohort.html").read_text()
    assert parquet.read_schema("out/rows.parquet").metadata[b"notes"].decode() == told
    with pa.ipc.open_file("out/rows.arrow") as arrow:
        assert arrow.schema.metadata[b"notes"].decode() == told
    assert hosr(*asked, "--allow-column", "mrn").code == 2


@pytest.mark.parametrize("name", ["Ada^Test", "R01"])
def test_a_reference_is_named_by_its_name_or_pseudonym(folder: Path, name: str) -> None:
    """Models are held against one reader, who is not named in what is written."""
    assert hosr("cohort", folder, "--out", "out", "--reference", name).code == 0
    told = json.loads(Path("out/analysis.json").read_text())["reference"]
    assert told == "the first reading of R01"


def test_a_reference_that_nobody_is_is_refused(folder: Path) -> None:
    """The readers that there are, are named."""
    ran = hosr("cohort", folder, "--out", "out", "--reference", "Nobody")
    assert ran.code == 2
    assert "name one of its readers: R01" in ran.err


def test_a_hostile_name_is_no_formula(desk: Path) -> None:
    """A model that is called a formula is text in the table."""
    hostile = replace(MODEL, name='=HYPERLINK("http://x.invalid","see")')
    write_report(desk / "reports" / "r.dcm", altered("brooker-3", observer=hostile))
    assert hosr("cohort", "reports", "--out", "out").code == 0
    (line,) = csv.DictReader(io.StringIO(Path("out/rows.csv").read_text(), newline=""))
    assert line["reader_id"] == '\'=HYPERLINK("http://x.invalid",\'"see") 2.0' or line[
        "reader_id"
    ].startswith("'=HYPERLINK")
    assert rows()[0]["reader_id"] == '=HYPERLINK("http://x.invalid","see") 2.0'


def test_a_table_of_records_is_a_source() -> None:
    """It is graded without images, and says what it does not know."""
    ran = hosr("cohort", SAMPLES / "table.csv", "--out", "out")
    assert ran.code == 0
    assert ran.out.splitlines()[6:] == [
        "4 rows, 3 subjects, 4 hips, 3 studies, 1 reader",
        "from 3 reports",
        "note: 3 studies without a patient ID: each is taken as a subject of its own",
        "note: 3 studies without a date: not placed in time",
        WITHOUT_IDENTITY.strip(),
    ]
    assert [row["brooker"] for row in sorted(rows(), key=lambda row: row["brooker"])] == [
        "I",
        "II",
        "III",
        "III",
    ]


@pytest.fixture(autouse=True)
def _at_the_desk(desk: Path) -> None:
    """Everything is written in a folder of the test."""
    assert desk.is_dir()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere",), "nowhere: is no folder of reports, no table and no archive; check the path"),
        (("empty",), "empty: holds no measurement report of hosr (1 other files)"),
        (("empty", "--study", "1.2"), "empty: --study, --patient and --accession are for archives"),
        (("archive:nobody",), "there is no archive of this name"),
        (("dimse://A@127.0.0.1:1",), "does not say what to look for; name a study, a patient or"),
        (("dimse://A@127.0.0.1:1", "--study", "x"), "--study: is no UID"),
        (("dimse://A@127.0.0.1:1", "--patient", "P*"), "--patient: is empty, or has a wildcard"),
        (("empty", "--time-points", "x"), "'x' is no window"),
        (("empty", "--key", "nokey"), "nokey: cannot be read (No such file or directory)"),
        (("empty", "--jobs", "0"), "is no number from 1 to 256"),
        (("empty", "--key", "a", "--identified"), "not allowed with argument"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(arguments: tuple[str, ...], message: str) -> None:
    """Nothing is written, and the exit code says so."""
    Path("empty").mkdir()
    Path("empty/notes.txt").touch()
    study = ("--study", "1.2.3") if arguments == ("archive:nobody",) else ()
    ran = hosr("cohort", *arguments, *study, "--out", "out")
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert not Path("out").exists()


def test_where_every_report_is_refused_nothing_is_written(desk: Path) -> None:
    """The refusals are the answer."""
    (desk / "a.dcm").write_bytes(b"x")
    ran = hosr("cohort", "a.dcm", "--out", "out")
    assert (ran.code, ran.out) == (3, "")
    assert "a.dcm: is named .dcm, but is not a DICOM file" in ran.err
    assert not Path("out").exists()


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArchivingOrthanc]:
    """An Orthanc with all sample reports."""
    with archiving_orthanc(tmp_path_factory.mktemp("orthanc")) as archive:
        for path in sorted((SAMPLES / "reports").glob("*.dcm")):
            archive.running.upload(path.read_bytes())
        image = next(path for path in sorted((SAMPLES / "bilateral/images").rglob("*.dcm")))
        archive.running.upload(image.read_bytes())
        yield archive


@pytest.mark.parametrize("protocol", ["pacs", "web"])
def test_an_archive_gives_what_its_files_give(
    protocol: str, orthanc: ArchivingOrthanc, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Studies, patients and orders, each once or more, are one cohort, over both protocols."""
    monkeypatch.setenv("HOSR_CONFIG", str(orthanc.configure(desk / "config.toml")))
    names = ("bilateral", "brooker-3", "ct", "follow-up-1", "follow-up-2")
    for name in names:
        write_report(desk / "files" / f"{name}.dcm", sample(name))
    assert hosr("cohort", "files", "--out", "out").code == 0
    asked = (
        *("--study", sample("bilateral").subject.study.study_instance_uid),
        *("--study", sample("ct").subject.study.study_instance_uid),
        *("--patient", "HOSR-0009"),
        *("--accession", "SYN0004", "--accession", "SYN0006"),
    )
    ran = hosr("cohort", f"archive:{protocol}", *asked, "--out", protocol)
    assert (ran.code, ran.err) == (0, "")
    assert folder_bytes(Path(protocol)) == folder_bytes(Path("out"))


def test_an_archive_without_the_study_is_told(
    orthanc: ArchivingOrthanc, desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing found is said, and an archive that does not answer too."""
    monkeypatch.setenv("HOSR_CONFIG", str(orthanc.configure(desk / "config.toml")))
    ran = hosr("cohort", "archive:web", "--study", "1.2.404", "--out", "out")
    assert (ran.code, ran.out) == (2, "")
    assert "archive:web: holds no measurement report of hosr" in ran.err
    ran = hosr("cohort", "dimse://NOBODY@127.0.0.1:1", "--study", "1.2.3", "--out", "out")
    assert (ran.code, ran.out) == (7, "")
    assert not Path("out").exists()
