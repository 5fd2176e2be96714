"""Headers as devices wrote them: every DICOM file that pydicom is tested with."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path

import pydicom
import pydicom.data
import pytest

from tests.command import folder_bytes, hosr, write_record

pytestmark = pytest.mark.slow

DATA = Path(pydicom.data.__file__).parent
NO_IMAGE = "there is no radiograph, CT or MR image"
NO_CLASS = "SOP Class UID is missing or not valid"

# Why a file is refused, by what its path matches; every other file gives a report.
# (The wheel's DICOMDIRs hold three patients; ultrasound, dose, plans, masks and waveforms are no
# images of a hip; the small files without a SOP class try out one element each.)
REFUSALS: dict[str, str] = {
    r".*/(ExplVR_BigEnd|badVR|examples_(jpeg2k|palette|rgb_color|ybr_color))\.dcm": NO_IMAGE,
    r".*/(liver|rtdose|rtplan|reportsi|test-SR|waveform)(?!.*truncated).*\.dcm": NO_IMAGE,
    r".*/(ExplVR_LitEndNoMeta|rtstruct)\.dcm": NO_IMAGE,  # and no preamble
    r".*/(ExplVR_BigEndNoMeta|no_meta)\.dcm": "is not a DICOM file",
    r".*_truncated\.dcm": "is truncated or damaged",
    r".*/(JPEGLSNearLossless_|SC_rgb_jls_lossy_).*": "Study Instance UID is missing",
    r".*/(UN_sequence|empty_charset_LEI|meta_missing_tsyntax)\.dcm": NO_CLASS,
    r".*/(nested_priv_SQ|priv_SQ|no_meta_group_length|chrSQEncoding1?)\.dcm": NO_CLASS,
    r".*/TINY_ALPHA/.*": "has no Rows and Columns, so it is no image",
    r".*/DICOMDIR-empty\.dcm": NO_IMAGE,
    r".*/DICOMDIR(-(bigEnd|implicit|nooffset|nopatient|reordered))?": "Patient ID is not that of",
}


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return path.suffix == ".dcm" or file.read(132)[128:] == b"DICM"


FILES = [
    path.relative_to(DATA).as_posix()
    for folder in ("test_files", "charset_files")
    for path in sorted((DATA / folder).rglob("*"))
    if path.is_file() and _is_dicom(path)
]


def _reason(file: str) -> str | None:
    return next((reason for name, reason in REFUSALS.items() if re.fullmatch(name, file)), None)


def _record(**more: str) -> dict[str, object]:
    return {
        "schema_version": "1.0",
        "graded_at": "2026-03-02T10:15:00+01:00",
        "observer": {"type": "person", "name": "Rossi^Maria"},
        "hips": [{"side": "right", "grades": {"brooker": "II"}, "frame": 1}],
        **more,
    }


def test_there_are_files() -> None:
    """The wheel of pydicom brings its test files, and no row of the table is out of use."""
    assert len(FILES) > 100
    unused = [name for name in REFUSALS if not any(re.fullmatch(name, file) for file in FILES)]
    assert unused == []


FILES_MADE = {
    "keyobjects.dcm",
    "manifest.json",
    "measurement.dcm",
    "narrative.dcm",
    "report.html",
    "report.pdf",
    "report.pdf.dcm",
    "report.txt",
}
# Made of images whose pixels can be drawn, or the manifest says why not.
PICTURED = {"key_right.png", "overlay.dcm"}


@pytest.mark.parametrize("file", FILES)
def test_a_real_header_gives_a_report_or_a_reason(file: str, tmp_path: Path) -> None:
    """An image of a patient's study gives a report of that patient; anything else says what it is."""
    out, record = tmp_path / "out", write_record(tmp_path / "record.json", _record())
    call = ("report", record, "--images", DATA / file, "--out", out)
    ran = hosr(*call)
    if ran.code == 3 and "$.view" in ran.err:
        write_record(record, _record(view="ap_pelvis"))
        ran = hosr(*call)
    reason = _reason(file)
    if reason is not None:
        assert (ran.code, ran.out) == (4, "")
        assert all(line.startswith("  ") for line in ran.err.splitlines()[1:])
        assert reason in ran.err
        assert not out.exists()
        return
    assert (ran.code, ran.err) == (0, "")
    made = set(folder_bytes(out))
    assert made - PICTURED == FILES_MADE
    tolerated = json.loads((out / "manifest.json").read_bytes())["tolerated"]
    told = {note["path"]: note["problem"] for note in tolerated}
    is_missing = told.get("key image of the right hip", "").startswith("there is none: ")
    assert ("key_right.png" in made) is not is_missing
    assert ("overlay.dcm" in made) is ("overlay.dcm" not in told)
    for name in made:
        if name.endswith(".dcm"):
            _assert_same_owner(out / name, DATA / file)


def _assert_same_owner(report: Path, image: Path) -> None:
    made = pydicom.dcmread(report)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the source may be as odd as it likes
        source = pydicom.dcmread(image, stop_before_pixels=True)
    for keyword in ("StudyInstanceUID", "PatientID", "PatientName", "AccessionNumber"):
        assert str(made.get(keyword, "")) == str(source.get(keyword, "") or ""), keyword
