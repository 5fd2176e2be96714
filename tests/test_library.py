"""hosr as a library: whatever form the input has, it goes through the same doors as a file."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pydicom
import pytest

import hosr
from hosr.library import remake_report
from hosr.report import grading_json
from tests.command import marked, write_record
from tests.images import write_film

MOMENT = dt.datetime(2026, 3, 2, 10, 15, tzinfo=dt.timezone(dt.timedelta(hours=1)))
VALUES = hosr.Record(
    accession_number="A-17",
    graded_at=MOMENT,
    observer=hosr.Person(name="Rossi^Maria"),
    hips=(
        hosr.Hip(
            side=hosr.Side.RIGHT,
            presence=hosr.Presence.PRESENT,
            islands=(hosr.Island(),),
            spurs=hosr.Spurs(pelvis=True, femur=True),
            gap=hosr.Length(mm=8.2),
            bridging=hosr.Bridging.NONE,
        ),
    ),
)
PLAIN = marked(gap={"mm": 8.2})
SOURCES: dict[str, Callable[[Path], Any]] = {
    "mapping": lambda _: PLAIN,
    "read-only mapping": lambda _: MappingProxyType(PLAIN),
    "mapping with a datetime and tuples": lambda _: {
        **PLAIN,
        "graded_at": MOMENT,
        "hips": tuple(PLAIN["hips"]),
    },
    "text": lambda _: json.dumps(PLAIN),
    "bytes": lambda _: json.dumps(PLAIN).encode(),
    "path": lambda folder: write_record(folder / "record.json", PLAIN),
    "values": lambda _: VALUES,
}


@pytest.mark.parametrize("source", SOURCES)
def test_a_record_is_the_same_from_every_source(source: str, tmp_path: Path) -> None:
    """What a record says does not depend on what it comes as."""
    assert hosr.parse_record(SOURCES[source](tmp_path)) == VALUES


@pytest.mark.parametrize(
    ("source", "kind", "said"),
    [
        (3, hosr.UsageError, "record: is of the type int; give a mapping, JSON text, bytes, a path or a Record"),
        ([PLAIN], hosr.UsageError, "record: is of the type list; give a mapping, JSON text, bytes, a path or a Record"),
        (None, hosr.UsageError, "record: is of the type NoneType; give a mapping, JSON text, bytes, a path or a Record"),
        ({"a": object()}, hosr.RecordRefused, "record: holds a value of the type object; write it as a word, a number, a list or a mapping"),
        ({("a", 1): 2}, hosr.RecordRefused, "record: has a key that is no word; name the keys as `hosr describe schema` does"),
        (__file__, hosr.RecordRefused, "record: is no JSON but the name of a file; give it as a pathlib.Path, or call read_record"),
        (hosr.Record(graded_at=MOMENT, observer=hosr.Person(name="A"), hips=("right",)), hosr.RecordRefused, "record: holds a value of the wrong type (its hips are not all a Hip); build it from the types of hosr: hosr.Side.RIGHT, hosr.Length(mm=8.2)"),  # type: ignore[arg-type]
        (hosr.Record(graded_at="today", observer=hosr.Person(name="A"), hips=()), hosr.RecordRefused, "record: holds a value of the wrong type ('str' object has no attribute 'isoformat'); build it from the types of hosr: hosr.Side.RIGHT, hosr.Length(mm=8.2)"),  # type: ignore[arg-type]
    ],
    ids=["number", "list", "none", "foreign value", "foreign key", "name of a file", "hip of a wrong type", "time of a wrong type"],
)  # fmt: skip
def test_what_is_no_record_is_refused_by_a_sentence(
    source: Any, kind: type[hosr.HosrError], said: str
) -> None:
    """A source of a wrong type is told what to give, and no traceback of a library reaches anyone."""
    with pytest.raises(hosr.HosrError) as refused:
        hosr.parse_record(source)
    assert (type(refused.value), str(refused.value)) == (kind, said)


def test_a_mapping_that_holds_itself_is_refused() -> None:
    """What has no end is said to be nested too deeply."""
    endless: dict[str, Any] = {}
    endless["hips"] = endless
    with pytest.raises(hosr.RecordRefused, match=r"^record: is nested too deeply"):
        hosr.parse_record(endless)


@pytest.mark.parametrize(
    "hip",
    [
        hosr.Hip(side=hosr.Side.RIGHT, presence=hosr.Presence.ABSENT, gap=hosr.Length(mm=float(8))),
        hosr.Hip(side=hosr.Side.RIGHT, not_evaluable_reason="rotated", evaluable=True),
        hosr.Hip(side=hosr.Side.RIGHT, features=("NO_SUCH_FEATURE",)),
        hosr.Hip(side=hosr.Side.RIGHT, source_grades=(("brooker", ("V",)),)),
    ],
)
def test_values_that_contradict_one_another_are_refused_as_in_a_file(hip: hosr.Hip) -> None:
    """A record that was built from values meets the same rules, with the same places."""
    record = hosr.Record(graded_at=MOMENT, observer=hosr.Person(name="Rossi^Maria"), hips=(hip,))
    with pytest.raises(hosr.RecordRefused) as refused:
        hosr.grade_record(record)
    assert all(fault.path.startswith("$.hips[0]") for fault in refused.value.faults)


FUTURE = "2099-03-02T10:15:00+01:00"
OF_FUTURE: dict[str, Callable[[dict[str, Any], hosr.Report], object]] = {
    "report": lambda record, _: hosr.make_report(record, "film.dcm"),
    "report again": remake_report,
    "grades": lambda record, _: hosr.grade_record(record),
    "grades on images": lambda record, _: hosr.grade_record(record, "film.dcm"),
}
GRADED_LATER = (
    "$.graded_at: the grading lies in the future; correct the time, or the clock of this machine"
)


@pytest.mark.parametrize("door", OF_FUTURE)
def test_a_record_of_the_future_is_refused(
    door: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that is dated after today is true, whatever is made of it."""
    monkeypatch.chdir(tmp_path)
    report = hosr.make_report(PLAIN, write_film(tmp_path / "film.dcm")).report
    with pytest.raises(hosr.RecordRefused) as refused:
        OF_FUTURE[door]({**PLAIN, "graded_at": FUTURE}, report)
    assert str(refused.value) == GRADED_LATER


def test_a_check_names_a_record_of_the_future(tmp_path: Path) -> None:
    """Once, with whatever else is wrong, with images and without."""
    record, film = {**PLAIN, "graded_at": FUTURE}, write_film(tmp_path / "film.dcm")
    assert [str(fault) for fault in hosr.check_record(record)] == [GRADED_LATER]
    assert [str(fault) for fault in hosr.check_record(record, film)] == [GRADED_LATER]


IMAGES: dict[str, Callable[[Path], Any]] = {
    "text": str,
    "path": Path,
    "folder": lambda film: film.parent,
    "bytes": lambda film: film.read_bytes(),
    "data set": pydicom.dcmread,
    "list": lambda film: [str(film)],
    "generator": lambda film: (data for data in [film.read_bytes()]),
}


@pytest.mark.parametrize("source", IMAGES)
def test_a_report_is_the_same_from_every_form_of_its_images(source: str, tmp_path: Path) -> None:
    """From a file, from memory, one or many: the same report and, drawn, the same picture."""
    film = write_film(tmp_path / "images" / "film.dcm")
    given = IMAGES[source](film)
    outcome = hosr.make_report(marked(), given)
    whole = hosr.make_report(marked(), film)

    assert outcome.report == whole.report
    (picture, _), (same, _) = (hosr.make_files(each, "pictures") for each in (outcome, whole))
    assert picture == same


def test_a_data_set_stays_as_it_was(tmp_path: Path) -> None:
    """Reading an image that a program holds changes nothing of it, not even its file meta."""
    data_set = pydicom.dcmread(write_film(tmp_path / "film.dcm"))
    before = data_set.to_json(), str(data_set.file_meta)
    hosr.read_images(data_set)

    assert (data_set.to_json(), str(data_set.file_meta)) == before


@pytest.mark.parametrize(
    ("source", "kind", "said"),
    [
        (3, hosr.UsageError, "image 1: is of the type int; give a path, the bytes of a DICOM file, a pydicom Dataset, or a list of these"),
        ([b"x" * 200, 3], hosr.UsageError, "image 2: is of the type int; give a path, the bytes of a DICOM file, a pydicom Dataset, or a list of these"),
        (b"", hosr.ImagesRefused, "image 1: is empty; fetch the file again"),
        (b"PK\3\4", hosr.ImagesRefused, "image 1: is a container and no image; give the path of the file"),
        (b"x" * 200, hosr.ImagesRefused, "image 1: is not a DICOM file; give DICOM files, a folder, a DICOMDIR or a ZIP archive of them"),
        (pydicom.Dataset(), hosr.ImagesRefused, "image 1: is a Dataset that cannot be written as a file; set its SOP Class and Instance UID and the Transfer Syntax of its pixels"),
        ([], hosr.ImagesRefused, "images: there is no radiograph, CT or MR image; give the DX, CR, CT, MR or secondary capture images that were graded"),
    ],
    ids=["number", "number in a list", "no bytes", "archive", "other bytes", "empty data set", "nothing"],
)  # fmt: skip
def test_what_is_no_image_is_refused_by_a_sentence(
    source: Any, kind: type[hosr.HosrError], said: str
) -> None:
    """A source of a wrong type or content is named by its number and told what to give."""
    with pytest.raises(hosr.HosrError) as refused:
        hosr.read_images(source)
    assert (type(refused.value), str(refused.value)) == (kind, said)


def test_the_grades_are_those_of_the_command_line(tmp_path: Path) -> None:
    """Without images a marked gap has no millimetres; with them it decides."""
    film = write_film(tmp_path / "film.dcm")
    (alone,) = hosr.grade_record(marked())
    (measured,) = hosr.grade_record(marked(), film)

    assert grading_json((alone,))["hips"][0]["brooker"]["possible"] == ["II", "III"]
    assert measured == hosr.make_report(marked(), film).report.hips[0]


def test_every_fault_is_found_at_once(tmp_path: Path) -> None:
    """A check tells the faults of the record and of the images, and nothing where all is well."""
    film = write_film(tmp_path / "film.dcm")
    wrong: Mapping[str, Any] = {**marked(side="both"), "view": "sideways"}

    assert hosr.check_record(marked(), film) == ()
    assert [fault.path for fault in hosr.check_record(wrong, b"")] == [
        "$.view",
        "$.hips[0].side",
        "image 1",
    ]


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ("text,html", "outputs: text,html cannot be made"),
        (["text", "x"], "outputs: x cannot be made"),
        ([], "outputs: nothing cannot be made"),
    ],
)
def test_an_output_that_does_not_exist_is_refused(outputs: Any, said: str, tmp_path: Path) -> None:
    """A misspelt output is told with those that there are, and never left out silently."""
    outcome = hosr.make_report(marked(), write_film(tmp_path / "film.dcm"))
    with pytest.raises(hosr.UsageError, match=f"^{said}; name some of measurement, narrative"):
        hosr.make_files(outcome, outputs)


def test_files_are_written_as_by_the_command_line(tmp_path: Path) -> None:
    """One output may be named by itself; the files land in a folder, all or none."""
    outcome = hosr.make_report(marked(), write_film(tmp_path / "film.dcm"))
    paths = hosr.write_files(hosr.make_files(outcome, "text"), str(tmp_path / "out"))

    assert [path.name for path in paths] == ["report.txt", "manifest.json"]
    assert paths[0].read_text(encoding="utf-8") == hosr.render_text(outcome.report)
