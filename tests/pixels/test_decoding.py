"""Code streams of others: what they say of themselves, and the process that decodes them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydicom import dcmread, uid
from pydicom.encaps import get_frame
from pydicom.filebase import DicomBytesIO

from hosr.errors import MachineFailed
from hosr.pixels.decoding import Encoded, StreamSize, decode, decode_alike, size_of
from tests.pixels.encodings import pattern, syntax_file

if TYPE_CHECKING:
    from pathlib import Path

PATTERN = pattern()
SYNTAXES = (uid.JPEGLosslessSV1, uid.JPEGLSLossless, uid.JPEG2000Lossless)


def _stream(syntax: uid.UID, folder: Path) -> bytes:
    image = dcmread(DicomBytesIO(syntax_file(PATTERN, syntax, folder)))
    return get_frame(image.PixelData, 0)


def _encoded(stream: bytes, syntax: uid.UID, **options: Any) -> Encoded:
    plain = {
        "rows": PATTERN.shape[0],
        "columns": PATTERN.shape[1],
        "samples_per_pixel": 1,
        "photometric_interpretation": "MONOCHROME2",
        "bits_allocated": 16,
        "bits_stored": 12,
        "pixel_representation": 0,
        "number_of_frames": 1,
        "pixel_keyword": "PixelData",
    }
    return Encoded(syntax=syntax, stream=stream, options={**plain, **options})


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_stream_tells_its_size(syntax: uid.UID, tmp_path: Path) -> None:
    """Rows, columns, components and precision are read without decoding anything."""
    size = size_of(_stream(syntax, tmp_path))
    precision = 16 if syntax == uid.JPEG2000Lossless else size.precision if size else 0
    assert size == StreamSize(rows=48, columns=64, components=1, precision=precision)
    assert precision in (12, 16)


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"\xff",
        b"\xff\xd8",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xc0\x00\x0b",
        b"\xff\xd8" + b"\xff" * 50,
        b"\xff\xd8\xff\xe0\x00\x00" * 20,
        b"\xff\x4f\xff\x51" + bytes(20),
        bytes(100),
    ],
)
def test_what_is_no_stream_has_no_size(stream: bytes) -> None:
    """Bytes without a frame header state no size."""
    assert size_of(stream) is None


def test_a_frame_is_decoded_in_another_process(tmp_path: Path) -> None:
    """The samples come back as they are, with what they stand for."""
    decoded = decode(_encoded(_stream(uid.JPEGLSLossless, tmp_path), uid.JPEGLSLossless))
    assert decoded is not None
    np.testing.assert_array_equal(decoded[0], PATTERN)
    assert decoded[1] == "MONOCHROME2"


def test_a_decoder_that_crashes_ends_no_report(tmp_path: Path) -> None:
    """A stream with which GDCM reads where it must not gives no samples, and nothing else ends."""
    stream = bytearray(_stream(uid.JPEGLosslessSV1, tmp_path))
    stream[stream.index(b"\xff\xc3") + 4] = 17  # bits of a sample
    assert decode(_encoded(bytes(stream), uid.JPEGLosslessSV1)) is None


def test_a_process_that_cannot_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process can be started, nothing is known of the samples."""
    encoded = _encoded(_stream(uid.JPEGLSLossless, tmp_path), uid.JPEGLSLossless)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "lost"))
    with pytest.raises(MachineFailed, match="cannot start a process"):
        decode(encoded)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_frames_that_are_alike_are_decoded_by_one_process(syntax: uid.UID, tmp_path: Path) -> None:
    """Each comes back in its place; one that is damaged leaves none."""
    whole = _encoded(_stream(syntax, tmp_path), syntax)
    decoded = decode_alike([whole, whole, whole])
    assert decoded is not None
    np.testing.assert_array_equal(decoded[0], np.stack([PATTERN] * 3))
    assert decode_alike([whole, _encoded(b"\xff\xd8" + bytes(50), syntax), whole]) is None
