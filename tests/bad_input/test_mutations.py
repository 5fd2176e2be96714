"""Mutated records, headers, files and reports: a result or a clean refusal, never anything else."""

from __future__ import annotations

import json
import shutil
import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, event, given
from hypothesis import strategies as st
from pydicom.datadict import dictionary_VR, tag_for_keyword

from tests.command import Ran, hosr, marked, write_record
from tests.drawn import drawn
from tests.images import (
    FILM_UID,
    STUDY_UID,
    axial,
    dicom_bytes,
    film,
    volume,
    write_film,
)
from tests.intake.records import json_values, spoilt_records

if TYPE_CHECKING:
    from pathlib import Path

_SHARED = [HealthCheck.function_scoped_fixture]
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # as the command does

_FILES = [dicom_bytes(image) for image in (film(), axial(), volume())]
_PIXELS = b"\xe0\x7f\x10\x00OW"
_LONG = {"OB", "OW", "SQ", "UN", "UT"}

# What the reader of headers looks at.
_KEYWORDS = (
    "SpecificCharacterSet", "ImageType", "SOPClassUID", "SOPInstanceUID", "StudyDate", "StudyTime",
    "ContentDate", "AccessionNumber", "Modality", "ReferringPhysicianName", "StudyDescription",
    "ViewCodeSequence", "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate",
    "PatientSex", "BodyPartExamined", "ImagerPixelSpacing", "ViewPosition", "StudyInstanceUID",
    "SeriesInstanceUID", "StudyID", "InstanceNumber", "PatientOrientation", "Laterality",
    "ImageLaterality", "NumberOfFrames", "Rows", "Columns", "PixelSpacing", "TimezoneOffsetFromUTC",
    "EstimatedRadiographicMagnificationFactor", "DistanceSourceToDetector", "ImagePositionPatient",
    "DistanceSourceToPatient", "PixelSpacingCalibrationType", "BurnedInAnnotation",
    "AnatomicRegionSequence", "SharedFunctionalGroupsSequence", "RequestAttributesSequence",
)  # fmt: skip

_VALUES = (
    b"", b" ", b"\0", b"\\", b"\\\\", b"abc", b"-1", b"0", b"1\\1", b"2\\2", b"1e309\\1", b"nan\\nan",
    b"0\\0", b"99999999999", b"1,5\\1,5", b"1.2.3", b"1.2.x", b"2026-03-01", b"20260230", b"2026.03.01",
    b"L", b"R", b"B", b"l", b"L\\R", b"L\\F", b"AP", b"LL", b"HIP", b"CT", b"ISO_IR 192", b"ISO_IR 100",
    b"\\ISO 2022 IR 87", b"UTF8", b"KOI8", b"M\xc3\xbcller^\xc3\x84nne", b"M\xfcller", b"A=B=C=D",
    b"^^^^", b"x" * 70, b"\x1b[31m", b"a\r\nb", b"../../x", b"\xff\xff", b"\x01\x00", b"YES",
    b"\xfe\xff\x00\xe0\x00\x00\x00\x00", b"\xfe\xff\x00\xe0\xff\xff\xff\xff", b"LOCALIZER",
)  # fmt: skip


@st.composite
def _spoilt_files(draw: st.DrawFn) -> bytes:
    """A file with a few bytes of its header changed, added or removed, or its end cut off."""
    content = bytearray(draw(st.sampled_from(_FILES)))
    header = content.index(_PIXELS) + 12
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(128, header))
        how = draw(st.sampled_from(("change", "change", "insert", "remove", "repeat", "cut")))
        some = draw(st.binary(min_size=1, max_size=8))
        span = draw(st.integers(1, 60))
        if how == "change":
            content[at : at + len(some)] = some
        elif how == "insert":
            content[at:at] = some
        elif how == "remove":
            del content[at : at + span]
        elif how == "repeat":
            content[at:at] = content[at : at + span]
        else:
            del content[at + span :]
    return bytes(content)


@st.composite
def _odd_headers(draw: st.DrawFn) -> bytes:
    """A file that is well formed, with invalid or unlikely values for a few elements."""
    keywords = draw(st.lists(st.sampled_from(_KEYWORDS), min_size=1, max_size=3, unique=True))
    content = draw(st.sampled_from(_FILES))
    for keyword in keywords:
        content = _without(content, keyword)
        if draw(st.integers(0, 5)):
            value = draw(st.sampled_from(_VALUES) | st.binary(max_size=20))
            head, mark, pixels = content.partition(_PIXELS)
            content = head + _element(keyword, value) + mark + pixels
    return content


def _head(keyword: str) -> tuple[bytes, bool]:
    """How an element begins, and whether its length has four bytes."""
    tag = tag_for_keyword(keyword)
    assert tag is not None
    vr = dictionary_VR(tag)
    return struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode()), vr in _LONG


def _without(content: bytes, keyword: str) -> bytes:
    head, is_long = _head(keyword)
    start = content.find(head, 132)
    if start < 0:
        return content
    value = start + (12 if is_long else 8)
    length = int.from_bytes(content[start + (8 if is_long else 6) : value], "little")
    return content[:start] + content[value + length :]


def _element(keyword: str, value: bytes) -> bytes:
    head, is_long = _head(keyword)
    even = value + b" " * (len(value) % 2)
    return head + struct.pack("<HL" if is_long else "<H", *([0] * is_long), len(even)) + even


@st.composite
def _spoilt_findings(draw: st.DrawFn) -> Any:
    """A record of the film with other values for a few of its keys."""
    coordinate = st.integers(-5, 130) | st.floats(0, 121)
    points = st.lists(st.lists(coordinate, min_size=2, max_size=2), min_size=2, max_size=4)
    image = st.sampled_from((FILM_UID, "2.25.1", "", None))
    mark = st.fixed_dictionaries(
        {"points": points}, optional={"image": image, "frame": st.integers(0, 2)}
    )
    region = st.builds(lambda p, i: {"region": {"polygon": p, "image": i}}, points, image)
    flag = st.none() | st.booleans()
    choices: dict[str, st.SearchStrategy[Any]] = {
        "side": st.sampled_from(("right", "left")),
        "presence": st.sampled_from(("present", "absent", "indeterminate")),
        "islands": st.lists(
            region | st.just({}) | st.builds(lambda m: {"length": m}, mark), max_size=2
        ),
        "spurs": st.fixed_dictionaries({"pelvis": flag, "femur": flag}),
        "gap": mark | st.builds(lambda mm: {"mm": mm}, st.floats(0, 50)),
        "gap_lateral": mark,
        "bridging": st.sampled_from(("none", "apparent", "confirmed")),
        "grades": st.fixed_dictionaries(
            {}, optional={"brooker": st.sampled_from(["0", "I", "II", "III", "IV"])}
        ),
        "calibration": st.builds(
            lambda p, t: {"points": p[:2], "true_mm": t}, points, st.integers(1, 60)
        ),
        "image": image,
        "frame": st.integers(0, 2),
        "evaluable": st.booleans(),
        "stage": st.sampled_from(("early", "mineralization", "maturation", "delayed")),
        "comment": st.text(max_size=10),
        "unknown": json_values,
    }
    hip = draw(st.fixed_dictionaries({}, optional=choices))
    view = st.sampled_from(("ap_pelvis", "ap_hip", "lateral", "ct", "mr"))
    study = st.fixed_dictionaries(
        {}, optional={"study_instance_uid": st.sampled_from((STUDY_UID, "1.2"))}
    )
    whole = draw(st.fixed_dictionaries({}, optional={"view": view, "study": study}))
    return {**marked(**hip), **whole}


def _is_clean(ran: Ran, *refusals: int) -> bool:
    """Whether a run gave a result, or refused in lines of bearable length that tell nobody's name."""
    event(str(ran.code))
    lines = ran.err.splitlines()
    if ran.code == 0:
        return all(line.startswith("note: spoilt.dcm: its UIDs do not follow") for line in lines)
    return (
        ran.code in refusals
        and ran.out == ""
        and len(lines) > 1
        and all(line.isprintable() and len(line) < 900 for line in lines)
        and ran.is_safe_to_read
    )


def _report(desk: Path, images: Path) -> Ran:
    """Report, and take the result away again; nothing may be left of a refusal."""
    out = desk / "out"
    ran = hosr("report", desk / "record.json", "--images", images, "--out", out)
    assert out.exists() is (ran.code == 0)
    shutil.rmtree(out, ignore_errors=True)
    return ran


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a film, and room for what is tried."""
    folder = tmp_path_factory.mktemp("desk")
    write_film(folder / "film.dcm")
    return folder


@drawn(150, unchecked=_SHARED)
@given(record=spoilt_records() | _spoilt_findings())
def test_a_spoilt_record_is_reported_or_refused(desk: Path, record: Any) -> None:
    """A mutated record gives a report, or faults and no file."""
    write_record(desk / "record.json", record)
    assert _is_clean(_report(desk, desk / "film.dcm"), 3, 4)


@drawn(100, unchecked=_SHARED)
@given(record=_spoilt_findings())
def test_a_check_agrees_with_the_report(desk: Path, record: Any) -> None:
    """`check` finds faults exactly where `report` refuses, and a first fault of the same kind."""
    write_record(desk / "record.json", record)
    reported = _report(desk, desk / "film.dcm")
    checked = hosr("check", desk / "record.json", "--images", desk / "film.dcm", "--json")
    faults = json.loads(checked.out)["faults"]
    assert (checked.code == 0) is (reported.code == 0) is (faults == [])
    assert checked.is_safe_to_read


@drawn(200, unchecked=_SHARED)
@given(content=_spoilt_files())
def test_a_spoilt_file_is_reported_or_refused(desk: Path, content: bytes) -> None:
    """A file with mutated bytes gives a report, or faults and no file."""
    write_record(desk / "record.json", marked(frame=1))
    (desk / "spoilt.dcm").write_bytes(content)
    assert _is_clean(_report(desk, desk / "spoilt.dcm"), 3, 4, 5)


@drawn(200, unchecked=_SHARED)
@given(content=_odd_headers())
def test_an_odd_header_is_reported_or_refused(desk: Path, content: bytes) -> None:
    """A header with invalid values gives a report, or faults and no file."""
    write_record(desk / "record.json", marked(frame=1))
    (desk / "odd.dcm").write_bytes(content)
    assert _is_clean(_report(desk, desk / "odd.dcm"), 3, 4, 5)


@pytest.fixture(scope="module")
def documents(desk: Path) -> list[bytes]:
    """Both reports of the film."""
    write_record(desk / "record.json")
    assert (
        hosr(
            "report", desk / "record.json", "--images", desk / "film.dcm", "--out", desk / "made"
        ).code
        == 0
    )
    return [(desk / "made" / name).read_bytes() for name in ("measurement.dcm", "narrative.dcm")]


@drawn(100, unchecked=_SHARED)
@given(data=st.data())
def test_a_spoilt_report_is_read_or_refused(
    desk: Path, documents: list[bytes], data: st.DataObject
) -> None:
    """A report with mutated bytes is shown and read, or refused by its name."""
    content = bytearray(data.draw(st.sampled_from(documents)))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(132, len(content) - 1))
        some = data.draw(st.binary(min_size=1, max_size=6))
        if data.draw(st.booleans()):
            content[at : at + len(some)] = some
        else:
            del content[at : at + len(some)]
    (desk / "spoilt.dcm").write_bytes(content)
    assert _is_clean(hosr("show", desk / "spoilt.dcm"), 4)
    assert _is_clean(hosr("read", desk / "spoilt.dcm"), 4)
