"""JPEG 2000 as it should not be written but is, and its High-Throughput kind."""

from __future__ import annotations

import base64
import io
import json
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from pydicom import uid

import hosr
from hosr.pixels.decoding import size_of, unboxed
from hosr.pixels.frames import CANNOT_DECODE, INCOMPLETE, NO_DECODER, Undrawable, read_frame
from tests.outputs.test_display import record_of
from tests.pixels.encodings import encapsulated, film_of, pattern

if TYPE_CHECKING:
    from numpy.typing import NDArray

pytestmark = pytest.mark.slow

PATTERN = pattern()
CR, CT, MR = (f"1.2.840.10008.5.1.4.1.1.{kind}" for kind in ("1", "2", "4"))
ROW, COLUMN = np.mgrid[0:16, 0:24]
UNSIGNED = ((ROW * 37 + COLUMN * 101) % 4096).astype(np.uint16)
SIGNED = (UNSIGNED.astype(int) * 7 - 9000).astype(np.int16)
COLOURS = np.stack([ROW * 16, COLUMN * 10, ROW + COLUMN], -1).astype(np.uint8)

# Code streams of OpenJPH 0.26.3 for these pixels: without loss, with loss, signed, in colours.
HIGH_THROUGHPUT = {
    name: base64.b64decode(stream)
    for name, stream in {
        "unsigned": (
            "/0//UQApQAAAAAAYAAAAEAAAAAAAAAAAAAAAGAAAABAAAAAAAAAAAAABDwEB/1AACAACAAAACv9SAAwAAgABAAIEBE"
            "AB/1wACiCIkJCQiIiI/2QAFwABT3BlbkpQSCBWZXIgMC4yNi4zLv+QAAoAAAAAAJcAAf+TwAAu4P9/1/7X/K/71/wh"
            "/tD+Vf8av5EXvzvdr/0u/kP9mvzXvcF+Qy+XP8R733XtEfYdfrLqBkIAMboAwAAVMAAFcMTExMTacYJ1AKQkEolE+u"
            "AQ9iEB7LgAwAAr4AAWyEgkEolEIpHz+np6cQJ4AEgEQRAEQRAEQf7/EAEIHv2EIHv2EIHsvwD/2Q=="
        ),
        "lossy": (
            "/0//UQApQAAAAAAYAAAAEAAAAAAAAAAAAAAAGAAAABAAAAAAAAAAAAABDwEB/1AACAACAAAAKv9SAAwAAgABAAIEBE"
            "AA/1wAESKfhpADkAOQRpfSl9KXYf9kABcAAU9wZW5KUEggVmVyIDAuMjYuMy7/kAAKAAAAAADoAAH/k8AAC9AAZRss"
            "XnAcggkNNBEwB0DU/Xfzj6pfNp/O/SH7wwQJDmxE4OEA9fvH27/vfn36TeKTuk9Sb3z+AOuC7AZawFG6AMAAFtQAAX"
            "QAlhYE4tAhduwsFgRiokPs3P0E7aHIFYhJmQAWWGCBBRZYEAMRAxEDEQMRAxED8QAYBGMAGOAaJNC8AMAAF0MAAF1Q"
            "MByNXC4Ij0YuF4RHI5cLwqORy/Vz8lfyV/JX4grAC30AEAAAAAAAlr/4yy9/+eUvv/zll7/88g/YAACnTAACnTAACm"
            "7WtVrVajQB/9k="
        ),
        "signed": (
            "/0//UQApQAAAAAAYAAAAEAAAAAAAAAAAAAAAGAAAABAAAAAAAAAAAAABjwEB/1AACAACAAAACv9SAAwAAgABAAIEBE"
            "AB/1wACiCIkJCQiIiI/2QAFwABT3BlbkpQSCBWZXIgMC4yNi4zLv+QAAoAAAAAAJwAAf+TwAAuyE/GjX8Df6AfeiAH"
            "5EAO0kQLLa35YcfZA7Bs39MsMGFi1UfUW+V2V+IApRnQFinAUzoAwAAVcAAFoGxkIxvZ+NpzAnUAjGSEEUYYYeTgKP"
            "ZSgey4AMAALSgABbqEEUYYYYQRRhhh8/p6enKCeAAEEiBAgAABAgQIECBA4P8QBCAe/ZCAe/ZCAey/AP/Z"
        ),
        "colours": (
            "/0//UQAvQAAAAAAYAAAAEAAAAAAAAAAAAAAAGAAAABAAAAAAAAAAAAADBwEBBwEBBwEB/1AACAACAAAAA/9SAAwAAg"
            "ABAQIEBEAB/1wACiBQWFhYUFBQ/2QAFwABT3BlbkpQSCBWZXIgMC4yNi4zLv+QAAoAAAAAAU4AAf+TwBbw/e3pWOrw"
            "71bzWeQmH+nyb1eJJA34GUZwgAAAUbkAwBb4xvE/Dtfnx0VcmgNza/3VHfc+FIRd/QHWNDBgRDO5AMAXQP7T9fm83z"
            "+/mRn+kK5AXrgD9AOVefAADAY4w1BE1LoAwArYAWjACpAAAEYAAGYE4axYrbcAAAABAQEBAfkAwHkBjqytuQAAAIAA"
            "NKyttgDACogBMOec89pwAnUAguff7LUAwAqIAVprrfXacAJ1AEbDMAzj4Aj2EIHsuADAFdAFoQBbYEAIAMB/gU9PTp"
            "LVVSoAQFNV1X+BXv3Xv2p7zzIMAAAAAAAAAADrrrrqbrrrrqbrrrrqb9+/fvw1AcAVkAVQEREREfPwp6enwngAAPD/"
            "EDrrrrqYAMAVkAWiMzMzM/Pwp6enwngA3t3d3d3d/xye/fJ798nsuwD/2Q=="
        ),
    }.items()
}


def samples(content: bytes) -> NDArray[Any]:
    """The stored values of a file."""
    return read_frame(content, 1).samples


@pytest.mark.parametrize("syntax", [uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K])
@pytest.mark.parametrize("sop_class", [CR, CT, MR])
def test_high_throughput(syntax: uid.UID, sop_class: str) -> None:
    """Is decoded without loss as it was encoded, whichever of its three syntaxes is named."""
    image = film_of(UNSIGNED, SOPClassUID=sop_class)
    content = encapsulated(image, syntax, HIGH_THROUGHPUT["unsigned"])
    np.testing.assert_array_equal(samples(content), UNSIGNED)


def test_high_throughput_with_loss_signed_and_in_colours() -> None:
    """The other kinds of pixels."""
    lossy = samples(encapsulated(film_of(UNSIGNED), uid.HTJ2K, HIGH_THROUGHPUT["lossy"]))
    assert 0 < np.abs(lossy.astype(int) - UNSIGNED).max() < 40
    signed = encapsulated(film_of(SIGNED, 16), uid.HTJ2KLossless, HIGH_THROUGHPUT["signed"])
    np.testing.assert_array_equal(samples(signed), SIGNED)
    image = film_of(
        COLOURS, 8, SamplesPerPixel=3, PhotometricInterpretation="YBR_RCT", PlanarConfiguration=0
    )
    frame = read_frame(encapsulated(image, uid.HTJ2KLossless, HIGH_THROUGHPUT["colours"]), 1)
    np.testing.assert_array_equal(frame.samples, COLOURS)
    assert frame.photometric_interpretation == "RGB"


def boxed(pixels: NDArray[Any]) -> bytes:
    """A JP2 file of Pillow."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG2000", no_jp2=False, irreversible=False)
    return file.getvalue()


def with_long_box(file: bytes) -> bytes:
    """The same, its code stream in a box with a length of 8 bytes, and another box before it."""
    at = file.index(b"jp2c") - 4
    stream = file[at + 8 :]
    other = struct.pack(">L4s", 12, b"xml ") + b"<a/>"
    return file[:at] + other + struct.pack(">L4sQ", 1, b"jp2c", 16 + len(stream)) + stream


def with_open_box(file: bytes) -> bytes:
    """The same, its last box reaching to the end of the file."""
    at = file.index(b"jp2c") - 4
    return file[:at] + bytes(4) + file[at + 4 :]


def with_box_behind(file: bytes) -> bytes:
    """The same with another box behind the code stream."""
    return file + struct.pack(">L4s", 12, b"xml ") + b"<a/>"


@pytest.mark.parametrize(
    "change", [lambda file: file, with_long_box, with_open_box, with_box_behind]
)
@pytest.mark.parametrize("sop_class", [CR, CT, MR])
def test_a_code_stream_in_boxes(change: Any, sop_class: str) -> None:
    """A JP2 file where a code stream belongs is decoded as the code stream in it."""
    file = change(boxed(PATTERN))
    file += b"\0" * (len(file) % 2)
    image = film_of(PATTERN, SOPClassUID=sop_class)
    content = encapsulated(image, uid.JPEG2000Lossless, file)
    np.testing.assert_array_equal(samples(content), PATTERN)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda file: file[: len(file) // 2], INCOMPLETE),
        (lambda file: file[:12] + bytes([0, 0, 0, 3]) + file[16:], CANNOT_DECODE),
        (lambda file: file[:12] + b"\xff" * 8 + file[20:], CANNOT_DECODE),
        (lambda file: file.replace(b"jp2c", b"jp2x"), CANNOT_DECODE),
    ],
)
def test_damaged_boxes_give_no_picture(change: Any, reason: str) -> None:
    """Boxes that lead nowhere, or hold no code stream, give a reason."""
    file = change(boxed(PATTERN))
    file += b"\0" * (len(file) % 2)
    with pytest.raises(Undrawable) as refusal:
        samples(encapsulated(film_of(PATTERN), uid.JPEG2000Lossless, file))
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    "stream", [b"", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  \r\n\x87\n", bytes(40)]
)
def test_what_is_in_no_boxes_stays(stream: bytes) -> None:
    """A code stream by itself, and what is none."""
    assert unboxed(stream) == stream
    assert size_of(unboxed(stream)) is None


@pytest.mark.parametrize(
    ("syntax", "name"),
    [
        ("1.2.840.10008.1.2.4.110", "JPEG XL Lossless"),
        (uid.MPEG2MPML, "MPEG2 Main Profile / Main Level"),
        (
            uid.JPEG2000MCLossless,
            "JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)",
        ),
        ("1.2.840.99999.1.2.4.100", "transfer syntax 1.2.840.99999.1.2.4.100"),
    ],
)
def test_a_compression_without_decoder_is_named(syntax: str, name: str) -> None:
    """With what to do, in the notes of report and check."""
    known = uid.MPEG2MPML if len(syntax) == len(uid.MPEG2MPML) else syntax
    content = encapsulated(film_of(PATTERN), known, b"\0\0\1\xb3")
    content = content.replace(known.encode(), syntax.encode())
    outcome = hosr.make_report(record_of("right"), content)
    files = hosr.make_files(outcome, "pictures")
    tolerated = json.loads(files[-1].data)["tolerated"]
    assert {
        "path": "key image of the right hip",
        "problem": f"there is none: {NO_DECODER} ({name}; fetch the image as Explicit VR Little "
        "Endian, or have it decompressed)",
    } in tolerated
