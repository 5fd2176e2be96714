"""What is no image, or an image that would harm: one line each, no traceback, no noise."""

from __future__ import annotations

import gzip
import logging
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from pydicom import Dataset, data
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
)

from hosr.dicom import structure
from hosr.errors import ImagesRefused
from hosr.intake.images import read_images
from tests.drawn import drawn
from tests.intake.dicom_files import (
    ct,
    deflated,
    encoded,
    enhanced_ct,
    item,
    nested,
    radiograph,
    respelt,
)

NOT_DICOM = "is not a DICOM file; give DICOM files, a folder, a DICOMDIR or a ZIP archive of them"
CUT = "is truncated or damaged; fetch the file again"
TOO_DEEP = "nests sequences more than 32 deep; give the file as the archive holds it"
BOMB = "inflates to more than 64 MB; give the file uncompressed"

PIXELS = b"\xe0\x7f\x10\x00OW\0\0"
COMPLETE = encoded(radiograph())
BEHIND_META = COMPLETE.index(b"\x08\x00\x05\x00CS")


def before_pixels(inserted: bytes) -> bytes:
    """The complete radiograph with more elements before its pixel data."""
    return COMPLETE.replace(PIXELS, inserted + PIXELS)


def bomb() -> bytes:
    """A small file of a deflated data set of 400 MB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = packer.compress(COMPLETE[BEHIND_META:-24]) + packer.flush(zlib.Z_FULL_FLUSH)
    # Behind a full flush nothing refers to what came before it: one such block may stand 400 times.
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return deflated_meta() + head + block * 400 + packer.flush()


def deflated_meta() -> bytes:
    """What stands before a deflated data set."""
    content = deflated(radiograph())
    return content[: content.index(b"1.2.840.10008.1.2.1.99") + 22 + _implementation(content)]


def _implementation(content: bytes) -> int:
    """How much of the file meta information follows the transfer syntax."""
    start = content.index(b"1.2.840.10008.1.2.1.99") + 22
    length = int.from_bytes(content[140:144], "little")
    return 144 + length - start


BAD = {
    "nothing": (b"", "is empty; fetch the file again"),
    "text": (b"The patient was seen today.", NOT_DICOM),
    "long text": (b"text " * 1000, NOT_DICOM),
    "compressed": (gzip.compress(COMPLETE), NOT_DICOM),
    "mark only": (bytes(128) + b"DICM", "is truncated: there is no data set; fetch the file again"),
    "cut in the meta information": (COMPLETE[:200], None),
    "cut in the header": (COMPLETE[:700], CUT),
    "cut in the pixels": (COMPLETE[:-10], CUT),
    "no rows": (encoded(radiograph(Rows=0)), "has no Rows and Columns, so it is no image; give the image itself"),
    "no frames": (encoded(radiograph(NumberOfFrames="-1")), "Number of Frames is no number of frames; correct the file"),
    "deep, with lengths": (before_pixels(nested(500, defined=True)), TOO_DEEP),
    "deep, with delimiters": (before_pixels(nested(500, defined=False)), TOO_DEEP),
    "deep, in an element that nobody reads": (
        before_pixels(nested(500, defined=True, tag=(0x0041, 0x1001))),
        TOO_DEEP,
    ),
    "very deep": (before_pixels(nested(5000, defined=False)), TOO_DEEP),
    "sequence as text": (before_pixels(b"\x40\0\x75\x02LO\x02\0AB"), "RequestAttributesSequence is damaged; fetch the file again"),
    "text as sequence": (
        before_pixels(b"\x40\0\x16\x20SQ\0\0\xff\xff\xff\xff\xfe\xff\xdd\xe0\0\0\0\0"),
        "PlacerOrderNumberImagingServiceRequest is damaged; fetch the file again",
    ),
    "text without end": (
        before_pixels(b"\x40\0\x16\x20UN\0\0\2\0\1\0" + b"A" * 65538),
        "PlacerOrderNumberImagingServiceRequest is larger than any value may be; fetch the file again",
    ),
    "half a number": (respelt(COMPLETE, b"US", b"\x03\0", b""), "has no Rows and Columns, so it is no image; give the image itself"),
    "deflated bomb": (bomb(), BOMB),
    "deflated and cut": (deflated(radiograph())[:-20], CUT),
    "not deflated": (deflated_meta() + COMPLETE[BEHIND_META:], "is damaged and cannot be read; fetch the file again"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "problem"), BAD.values(), ids=BAD)
def test_bad_input(
    tmp_path: Path, content: bytes, problem: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    """What cannot be read as an image is refused with one line that says why, at once."""
    path = tmp_path / "image.dcm"
    path.write_bytes(content)
    begun_s = time.process_time()  # how busy the machine is does not count
    with pytest.raises(ImagesRefused, match=r"^image\.dcm: ") as refusal:
        read_images([path])
    assert time.process_time() - begun_s < 5
    (fault,) = refusal.value.faults
    assert problem is None or str(fault) == f"image.dcm: {problem}"
    assert "\n" not in str(fault)
    assert capfd.readouterr() == ("", "")
    assert [entry.name for entry in tmp_path.iterdir()] == ["image.dcm"]


def test_elements_without_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A header has no million elements."""
    path = tmp_path / "image.dcm"
    path.write_bytes(COMPLETE)
    assert structure.MAX_ELEMENTS == 1_000_000
    monkeypatch.setattr(structure, "MAX_ELEMENTS", 5)
    with pytest.raises(ImagesRefused, match=r"^image\.dcm: has more than a million elements; give"):
        read_images([path])


def test_empty_sequence_as_text(tmp_path: Path) -> None:
    """A sequence of nothing is nothing, whatever it is called."""
    path = tmp_path / "image.dcm"
    path.write_bytes(before_pixels(b"\x40\0\x75\x02LO\0\0"))
    assert read_images([path]).notes == ()


def test_depth_that_is_fine(tmp_path: Path) -> None:
    """Sequences as deep as any standard object has them are no reason to refuse."""
    path = tmp_path / "image.dcm"
    path.write_bytes(before_pixels(nested(30, defined=True, tag=(0x0041, 0x1001))))
    assert read_images([path]).notes == ()


# In a process of its own: the peak of this one may be higher than a bomb would take it.
_ROOT = Path(__file__).resolve().parents[2]
_MEASURED = """
import sys
from pathlib import Path
from hosr.errors import ImagesRefused
from hosr.intake.images import read_images
from tests.memory import peak_kib
before = peak_kib()
try:
    read_images([Path(sys.argv[1])])
except ImagesRefused as refused:
    print(before, peak_kib(), refused)
"""


def test_memory_of_a_bomb(tmp_path: Path) -> None:
    """A bomb is refused before it takes up memory."""
    path = tmp_path / "image.dcm"
    path.write_bytes(bomb())
    assert path.stat().st_size < 1 << 20
    ran = subprocess.run(
        [sys.executable, "-c", _MEASURED, path],
        capture_output=True,
        text=True,
        check=True,
        cwd=_ROOT,
    )
    before_kib, after_kib, sentence = ran.stdout.split(" ", 2)
    assert "inflates to more than 64 MB" in sentence
    assert int(after_kib) - int(before_kib) < 200_000


def test_length_beyond_the_file(tmp_path: Path) -> None:
    """A length of 4 GB in a small file allocates nothing."""
    path = tmp_path / "image.dcm"
    path.write_bytes(before_pixels(b"\x09\x00\x01\x10OB\0\0\xfe\xff\xff\xff"))
    with pytest.raises(ImagesRefused, match=CUT):
        read_images([path])


def test_encapsulated_pixels(tmp_path: Path) -> None:
    """Compressed pixels are followed from fragment to fragment: one that is cut is found."""
    image = radiograph()
    fragments = b"\xfe\xff\x00\xe0\0\0\0\0" + b"\xfe\xff\x00\xe0\x04\0\0\0\xff\x4f\xff\x51"
    end = b"\xfe\xff\xdd\xe0\0\0\0\0"
    del image.PixelData
    content = encoded(image, JPEG2000Lossless)
    content += b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff" + fragments
    path = tmp_path / "image.dcm"
    path.write_bytes(content + end)
    assert read_images([path]).notes == ()
    for cut in (content, content[:-2], content + end[:4]):
        path.write_bytes(cut)
        with pytest.raises(ImagesRefused, match=CUT):
            read_images([path])


def test_silence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing of a patient reaches stderr or a log, however odd the header is."""
    image = radiograph(
        PatientName="SECRETNAME" * 10, PatientID="S" * 70, StudyDate="SECRET", PatientSex="secret"
    )
    path = tmp_path / "image.dcm"
    path.write_bytes(encoded(image).replace(b"ISO_IR 100", b"ISO-IR 100"))
    capfd.readouterr()
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        source = read_images([path])
    # Libraries say nothing at all; what hosr says are counts.
    assert {record.name.partition(".")[0] for record in caplog.records} <= {"hosr"}
    assert "SECRET" not in caplog.text
    assert capfd.readouterr() == ("", "")
    assert "SECRET" not in " ".join(note.problem for note in source.notes)
    assert not logging.getLogger("pydicom").disabled


CORPUS = sorted(path for path in Path(data.__file__).parent.rglob("*") if path.is_file())

# Why files of pydicom's own tests are no images for hosr; 89 of 144 are, in version 3.0.2.
REASONS = (
    "there is no radiograph, CT or MR image",  # SR, SEG, RT, US, waveform, photographs
    "is no radiograph, CT or MR image but ",
    "refers to no file",
    "is not a DICOM file",  # text, JSON, gzip
    "has no Rows and Columns, so it is no image",
    "SOP Class UID is missing or not valid",
    "Study Instance UID is missing",
    "is truncated or damaged",
    "Patient ID is not that of ",  # a DICOMDIR of several patients
    "are of ",  # and of several studies
)


def test_corpus() -> None:
    """Every file of pydicom's own tests gives a result, or is refused in so many words."""
    images, problems = 0, set()
    for path in CORPUS:
        try:
            images += len(read_images([path]).images)
        except ImagesRefused as refusal:
            problems |= {fault.problem for fault in refusal.faults}
    assert {problem for problem in problems if not problem.startswith(REASONS)} == set()
    assert images >= 80


IMAGES: dict[str, Dataset] = {
    "radiograph": radiograph(
        RequestAttributesSequence=[item(RequestedProcedureID="1")],
        AnatomicRegionSequence=[item(CodeValue="24136001", CodeMeaning="Hip joint")],
        EstimatedRadiographicMagnificationFactor="1.2",
    ),
    "slice": ct(1),
    "volume": enhanced_ct(2),
    "name": radiograph(SpecificCharacterSet="ISO_IR 192", PatientName="Yamada^Tarou=山田^太郎"),
}
# Lengths, value representations and items where none should be, signs of other character sets.
TROUBLE = (
    b"\xff\xff\xff\xff",
    b"SQ",
    b"UN",
    b"\xfe\xff\x00\xe0",
    b"\0\0",
    b"\x1b$B",
    b"\\",
    b"\xfc",
)
SYNTAXES = (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)
WHOLE = [encoded(image, syntax) for image in IMAGES.values() for syntax in SYNTAXES]


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A file with a few bytes changed in place, or taken out or put in, or with its end cut off."""
    content = bytearray(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(min_value=1, max_value=6))):
        new = draw(st.one_of(st.binary(min_size=1, max_size=4), st.sampled_from(TROUBLE)))
        start = draw(st.integers(min_value=132, max_value=len(content)))
        kept = draw(st.sampled_from([True, True, True, False]))
        content[start : start + (len(new) if kept else draw(st.integers(0, 4)))] = new
    whole = draw(st.sampled_from([True, True, True, False]))
    return bytes(content if whole else content[: draw(st.integers(0, len(content)))])


@drawn(500, unchecked=[HealthCheck.function_scoped_fixture])
@given(content=spoilt())
def test_spoilt_headers(tmp_path: Path, content: bytes) -> None:
    """Whatever happens to a file, it gives a result or a refusal of one line a fault."""
    path = tmp_path / "image.dcm"
    path.write_bytes(content)
    faults: tuple[str, ...] = ()
    try:
        images = len(read_images([path]).images)
    except ImagesRefused as refusal:
        images, faults = 0, tuple(map(str, refusal.faults))
    assert (images == 1) != bool(faults)
    assert all(fault.isprintable() and "4711" not in fault for fault in faults)
