"""Pixels out of files: whole and as stored, or a reason."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom.data
import pytest
from pydicom import uid

from hosr.pixels.frames import (
    CANNOT_DECODE,
    INCOMPLETE,
    NO_DECODER,
    NO_PIXEL_DATA,
    REASONS,
    TOO_LARGE,
    Undrawable,
    read_frame,
)
from tests.intake.dicom_files import DELETE, encoded
from tests.pixels.encodings import NATIVE, NEAR, encapsulated, film_of, pattern, syntax_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

pytestmark = pytest.mark.slow

DATA = Path(pydicom.data.__file__).parent / "test_files"
PATTERN = pattern()
LOSSLESS = (
    *NATIVE,
    uid.RLELossless,
    uid.JPEGLossless,
    uid.JPEGLosslessSV1,
    uid.JPEGLSLossless,
    uid.JPEG2000Lossless,
)


def _samples(content: bytes, number: int = 1) -> NDArray[Any]:
    return read_frame(content, number).samples


def _reason(content: bytes, number: int = 1) -> str:
    with pytest.raises(Undrawable, match=r"^(the|there)\b") as refusal:
        read_frame(content, number)
    assert refusal.value.reason in REASONS
    return refusal.value.reason


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.keyword)
def test_every_lossless_syntax_gives_the_same_pixels(syntax: uid.UID, tmp_path: Path) -> None:
    """Whatever the pixels are packed in, they are those that were packed."""
    found = _samples(syntax_file(PATTERN, syntax, tmp_path))
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found, PATTERN)


@pytest.mark.parametrize(
    ("syntax", "bits", "most"),
    [
        (uid.JPEGBaseline8Bit, 8, 6),
        (uid.JPEGLSNearLossless, 12, NEAR),
        (uid.JPEG2000, 12, 80),
    ],
    ids=lambda value: getattr(value, "keyword", str(value)),
)
def test_a_lossy_syntax_gives_nearly_the_same_pixels(
    syntax: uid.UID, bits: int, most: int, tmp_path: Path
) -> None:
    """Lossy compression stays within what its encoder was asked for."""
    original = pattern(bits=bits).astype(np.uint8 if bits == 8 else np.uint16)
    found = _samples(syntax_file(original, syntax, tmp_path, bits))
    assert np.abs(found.astype(int) - original.astype(int)).max() <= most


@pytest.mark.parametrize("bits", [8, 10, 16])
@pytest.mark.parametrize("is_colour", [False, True], ids=["grey", "colour"])
@pytest.mark.parametrize("syntax", [uid.JPEGLSLossless, uid.JPEGLSNearLossless])
def test_jpeg_ls_of_every_depth(
    syntax: uid.UID, bits: int, tmp_path: Path, *, is_colour: bool
) -> None:
    """JPEG-LS of 8 to 16 bits, grey and in colour, gives what was packed, or nearly."""
    original = pattern(bits=bits).astype(np.uint8 if bits == 8 else np.uint16)
    changes: dict[str, Any] = {}
    if is_colour:
        original = np.stack([np.roll(original, turn, 1) for turn in range(3)], axis=2)
        changes = {
            "SamplesPerPixel": 3,
            "PhotometricInterpretation": "RGB",
            "PlanarConfiguration": 0,
        }
    found = _samples(syntax_file(original, syntax, tmp_path, bits, **changes))
    assert found.dtype == original.dtype
    apart = np.abs(found.astype(int) - original.astype(int)).max()
    assert 0 < apart <= NEAR if syntax == uid.JPEGLSNearLossless else apart == 0


def test_jpeg_ls_of_another_encoder() -> None:
    """An image that CharLS packed has the pixels of the same image unpacked."""
    packed = _samples((DATA / "MR_small_jpeg_ls_lossless.dcm").read_bytes())
    np.testing.assert_array_equal(packed, _samples((DATA / "MR_small.dcm").read_bytes()))


def test_jpeg_ls_of_few_bits_gives_no_picture(tmp_path: Path) -> None:
    """GDCM cannot decode samples of 6 or 7 bits, which no radiograph has: there is no picture."""
    pixels = pattern(bits=7).astype(np.uint8)
    stream = read_fragment(syntax_file(pixels, uid.JPEGLSLossless, tmp_path, 8))
    content = encapsulated(film_of(pixels, 7), uid.JPEGLSLossless, stream)
    assert _reason(content) == CANNOT_DECODE


@pytest.mark.parametrize("syntax", [*NATIVE, uid.RLELossless, uid.JPEGLSLossless])
def test_signed_pixels(syntax: uid.UID, tmp_path: Path) -> None:
    """Negative values stay negative in every syntax."""
    signed = (PATTERN.astype(int) - 2048).astype(np.int16)
    np.testing.assert_array_equal(_samples(syntax_file(signed, syntax, tmp_path, 16)), signed)


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.RLELossless])
@pytest.mark.parametrize(
    ("packed", "high_bit"), [(PATTERN | 0xA000, 11), (PATTERN << 4 | 0x5, 15), (PATTERN << 2, 13)]
)
def test_overlays_in_the_cells_of_pixels(
    packed: NDArray[np.uint16], high_bit: int, syntax: uid.UID, tmp_path: Path
) -> None:
    """Bits beside those stored, where files of old keep overlays, are no part of a value."""
    content = syntax_file(packed.astype(np.uint16), syntax, tmp_path, HighBit=high_bit)
    np.testing.assert_array_equal(_samples(content), PATTERN)


def test_the_sign_is_the_highest_bit_stored() -> None:
    """A signed value of 12 bits has its sign in bit 11, whatever lies above."""
    packed = (PATTERN | 0x3000).astype(np.int16)
    expected = np.where(PATTERN > 2047, PATTERN.astype(int) - 4096, PATTERN)
    np.testing.assert_array_equal(_samples(encoded(film_of(packed))), expected)


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian])
@pytest.mark.parametrize("bits", [1, 8, 16, 32])
def test_a_frame_of_several(bits: int, syntax: uid.UID) -> None:
    """Each frame is its own, also where frames of an odd size follow one another."""
    rows, columns = (4, 6) if bits == 1 else (3, 5)
    frames = (np.arange(3 * rows * columns) // 5 % 2).reshape(3, rows, columns)
    order = ">" if syntax == uid.ExplicitVRBigEndian else "<"
    kind = np.dtype(f"{order}u{max(bits, 8) // 8}")
    data = frames.astype(kind).tobytes()
    if bits == 1:
        data = np.packbits(frames.astype(np.uint8), bitorder="little").tobytes()
    elif bits == 8 and syntax == uid.ExplicitVRBigEndian:
        data = np.frombuffer(data + b"\0", "<u2").astype(">u2").tobytes()
    cells = np.zeros((rows, columns), np.uint16)
    image = film_of(cells, 1, BitsAllocated=bits, NumberOfFrames="3")
    image.PixelData = data + b"\0" * (len(data) % 2)
    image["PixelData"].VR = "OB" if bits == 1 else "OW"
    for number in (1, 2, 3):
        found = _samples(encoded(image, syntax), number)
        np.testing.assert_array_equal(found, frames[number - 1])


def test_a_compressed_frame_of_several(tmp_path: Path) -> None:
    """A frame of a compressed object is found by its number."""
    streams = [
        read_fragment(syntax_file(np.roll(PATTERN, n, 1), uid.JPEGLSLossless, tmp_path))
        for n in range(3)
    ]
    image = film_of(PATTERN, NumberOfFrames="3")
    content = encapsulated(image, uid.JPEGLSLossless, *streams)
    for number in (1, 2, 3):
        np.testing.assert_array_equal(_samples(content, number), np.roll(PATTERN, number - 1, 1))
    assert _reason(content, 4) == INCOMPLETE


def read_fragment(content: bytes) -> bytes:
    """The one code stream of a file."""
    image = pydicom.dcmread(pydicom.filebase.DicomBytesIO(content))
    return pydicom.encaps.get_frame(image.PixelData, 0)


@pytest.mark.parametrize("keyword", ["FloatPixelData", "DoubleFloatPixelData"])
def test_floating_point_pixels(keyword: str) -> None:
    """Pixels of floating point are what they are."""
    values: NDArray[Any] = PATTERN / 7
    values = values.astype(np.float32 if keyword == "FloatPixelData" else np.float64)
    image = film_of(values, BitsStored=DELETE, HighBit=DELETE, PixelData=DELETE)
    setattr(image, keyword, values.tobytes())
    np.testing.assert_array_equal(_samples(encoded(image)), values)


def _film(**changes: Any) -> bytes:
    return encoded(film_of(PATTERN, **changes))


def _packed(tmp_path: Path, change: Any, syntax: uid.UID = uid.JPEGLosslessSV1) -> bytes:
    """A compressed film with another code stream."""
    stream = read_fragment(syntax_file(PATTERN, syntax, tmp_path))
    return encapsulated(film_of(PATTERN), syntax, change(stream))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (_film(PixelData=DELETE), NO_PIXEL_DATA),
        (_film(PixelData=b""), NO_PIXEL_DATA),
        (_film(PixelData=PATTERN.tobytes()[:-2]), INCOMPLETE),
        (_film(Rows=49), INCOMPLETE),
        (_film()[:-10], INCOMPLETE),
        (_film(Rows=65535, Columns=65535), TOO_LARGE),
        (_film(Rows=10_000, Columns=7_000), TOO_LARGE),
        (_film(Rows=0), CANNOT_DECODE),
        (_film(Rows=DELETE), CANNOT_DECODE),
        (_film(BitsAllocated=12), CANNOT_DECODE),
        (_film(BitsAllocated=0), CANNOT_DECODE),
        (_film(BitsStored=17), CANNOT_DECODE),
        (_film(HighBit=16), CANNOT_DECODE),
        (_film(HighBit=3), CANNOT_DECODE),
        (_film(SamplesPerPixel=2), CANNOT_DECODE),
        (_film(SamplesPerPixel=3, PhotometricInterpretation="RGB"), INCOMPLETE),
        (_film(PhotometricInterpretation=DELETE), CANNOT_DECODE),
        (_film(NumberOfFrames="-1"), CANNOT_DECODE),
        (encapsulated(film_of(PATTERN), uid.HTJ2KLossless, b"\xff\x4f\xff\xd9"), CANNOT_DECODE),
        (encapsulated(film_of(PATTERN), uid.JPEG2000MC, b"\xff\x4f\xff\xd9"), NO_DECODER),
        (encapsulated(film_of(PATTERN), uid.MPEG2MPML, b"\0\0\1\xb3"), NO_DECODER),
        (_film().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.7\0"), NO_DECODER),
        (b"", INCOMPLETE),
        (b"\0" * 128 + b"DICM", INCOMPLETE),
        (b"no image at all" * 100, INCOMPLETE),
    ],
)
def test_what_cannot_be_drawn_has_a_reason(content: bytes, reason: str) -> None:
    """A file without pixels that make sense gives no pixels, and says why."""
    assert _reason(content) == reason


@pytest.mark.parametrize(
    ("syntax", "change", "reason"),
    [
        (uid.JPEGLosslessSV1, lambda stream: stream[: len(stream) // 2], INCOMPLETE),
        (uid.JPEG2000Lossless, lambda stream: stream[: len(stream) // 2], INCOMPLETE),
        (uid.JPEGLSLossless, lambda stream: stream[:100] + bytes(len(stream) - 100), INCOMPLETE),
        (uid.JPEGLSLossless, lambda stream: stream[:60] + stream[-40:], CANNOT_DECODE),
        (uid.JPEGLSLossless, lambda _: b"\xff\xd8\xff\xd9", CANNOT_DECODE),
        (uid.JPEGLosslessSV1, lambda _: b"\xff\xd8\xff\xd9", CANNOT_DECODE),
        (uid.JPEG2000Lossless, lambda _: b"\xff\x4f\xff\xd9", CANNOT_DECODE),
        (uid.JPEGBaseline8Bit, lambda stream: stream, CANNOT_DECODE),
        (uid.RLELossless, lambda stream: stream[: len(stream) // 2], CANNOT_DECODE),
        (uid.RLELossless, lambda _: b"\0\0", CANNOT_DECODE),
    ],
)
def test_a_damaged_stream_gives_no_half_picture(
    syntax: uid.UID, change: Any, reason: str, tmp_path: Path
) -> None:
    """A code stream that ends too early, or is none, gives no pixels."""
    source = uid.JPEGLSLossless if syntax == uid.JPEGBaseline8Bit else syntax
    stream = read_fragment(syntax_file(PATTERN, source, tmp_path))
    changed = change(stream)
    changed += b"\0" * (len(changed) % 2)
    assert _reason(encapsulated(film_of(PATTERN), syntax, changed)) == reason


def test_the_header_and_the_stream_disagree_on_the_size(tmp_path: Path) -> None:
    """A stream of another size than the header's gives no pixels."""
    stream = read_fragment(syntax_file(PATTERN, uid.JPEGLSLossless, tmp_path))
    image = film_of(PATTERN, Rows=PATTERN.shape[1], Columns=PATTERN.shape[0])
    assert _reason(encapsulated(image, uid.JPEGLSLossless, stream)) == CANNOT_DECODE


@pytest.mark.parametrize("padding", [b"", b"\0\0", b"\xff\0", b"\xff\xff"])
def test_a_padded_stream(padding: bytes, tmp_path: Path) -> None:
    """What writers put behind the end of a stream is no damage."""
    content = _packed(tmp_path, lambda stream: stream + padding)
    np.testing.assert_array_equal(_samples(content), PATTERN)


def test_nothing_of_the_header_is_told(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Decoding and failing to, neither warn nor log: either would quote the header."""
    content = _film(PixelData=PATTERN.tobytes() + bytes(100), StudyDate="MILLER^ANNE")
    content += struct.pack("<HH", 0xFFFC, 0xFFFC)
    np.testing.assert_array_equal(_samples(content), PATTERN)
    _reason(_film(BitsAllocated=12))
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


FILES = [
    path.relative_to(DATA).as_posix()
    for path in sorted(DATA.rglob("*"))
    if path.is_file() and path.read_bytes()[128:132] == b"DICM"
]

# Of the images that pydicom is tested with, those of which there is no picture.
UNDRAWABLE = {
    "GDCMJ2K_TextGBR.dcm": CANNOT_DECODE,
    "JPEG2000-embedded-sequence-delimiter.dcm": CANNOT_DECODE,
    "MR_truncated.dcm": INCOMPLETE,
    "badVR.dcm": CANNOT_DECODE,
    "meta_missing_tsyntax.dcm": CANNOT_DECODE,
    "nested_priv_SQ.dcm": CANNOT_DECODE,
    "rtplan_truncated.dcm": INCOMPLETE,
}


def _outcome(content: bytes) -> str:
    try:
        read_frame(content, 1)
    except Undrawable as undrawable:
        return undrawable.reason
    return ""


@pytest.mark.parametrize("file", FILES)
def test_a_real_image_gives_pixels_or_a_reason(file: str) -> None:
    """Every image of pydicom's own tests gives a whole frame, but for a few that are known."""
    outcome = _outcome((DATA / file).read_bytes())
    if file in UNDRAWABLE:
        assert outcome == UNDRAWABLE[file]
    else:
        assert outcome in ("", NO_PIXEL_DATA)
