"""JPEG and its kin, decoded by a process of their own that may crash, hang or run out of memory.

Decoders are C code that is fed with the bytes of others. Of 3,000 damaged files of lossless JPEG
GDCM ended its process over fifty, by abort or by a segmentation fault, and CharLS took seven
seconds over a JPEG-LS image of 64 by 64; none of that may end or hold up a report.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydicom import uid

from hosr.sandbox import End, Limits, run_in_sandbox

Decoded: TypeAlias = "tuple[NDArray[Any], str]"

# One plugin each: where a strict decoder refuses a damaged stream, a lenient one is not asked.
DECODABLE = {
    uid.JPEGBaseline8Bit: "pillow",
    uid.JPEGExtended12Bit: "gdcm",
    uid.JPEGLossless: "gdcm",
    uid.JPEGLosslessSV1: "gdcm",
    uid.JPEGLSLossless: "gdcm",
    uid.JPEGLSNearLossless: "gdcm",
    uid.JPEG2000Lossless: "pillow",
    uid.JPEG2000: "pillow",
    uid.HTJ2KLossless: "pillow",
    uid.HTJ2KLosslessRPCL: "pillow",
    uid.HTJ2K: "pillow",
}

# Syntaxes that a plugin decodes, though pydicom keeps it from them by their names: it reads the process
# from the stream. OpenJPEG reads High-Throughput JPEG 2000 (ISO 15444-15) from version 2.5 on.
_DECODED_AS = {
    uid.HTJ2KLossless: uid.JPEG2000Lossless,
    uid.HTJ2KLosslessRPCL: uid.JPEG2000Lossless,
    uid.HTJ2K: uid.JPEG2000,
}

LIMITS = Limits(seconds=30.0, memory_bytes=4 << 30)

_JPEG_2000 = b"\xff\x4f\xff\x51"
_JPEG = b"\xff\xd8"

# The file format of JPEG 2000 (ISO 15444-1 annex I) begins with this box.
_JP2 = b"\0\0\0\x0cjP  \r\n\x87\n"
_CODE_STREAM = b"jp2c"
_BOX_HEAD, _LONG_BOX_HEAD = 8, 16

# Start of frame, ISO 10918-1 table B.1, and that of JPEG-LS, ISO 14495-1.
_FRAMES = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}

# Markers without a segment behind them.
_BARE = {0x01, *range(0xD0, 0xD9)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """The code stream of one frame, and what pydicom wants to know of it."""

    syntax: str
    stream: bytes = field(repr=False)
    options: Mapping[str, Any]


def decode(encoded: Encoded) -> Decoded | None:
    """The samples of a frame and their photometric interpretation; None where decoding fails.

    Raises `MachineFailed`, which says nothing of the image.
    """
    decoded = decode_alike([encoded])
    return None if decoded is None else (decoded[0][0], decoded[1])


def decode_alike(frames: Sequence[Encoded]) -> Decoded | None:
    """The samples of frames of one image, one behind another; None where decoding one of them fails.

    By one process, in the time of one frame: starting it takes as long as decoding some twenty.
    """
    first = frames[0]
    asked = {
        "syntax": first.syntax,
        "plugin": DECODABLE[uid.UID(first.syntax)],
        "options": dict(first.options),
        "lengths": [len(frame.stream) for frame in frames],
    }
    content = b"".join(frame.stream for frame in frames)
    ended = run_in_sandbox(__name__, asked, content, limits=LIMITS)
    if ended.how is not End.DONE:
        return None
    try:
        array = np.frombuffer(ended.made, dtype=ended.told["dtype"]).reshape(ended.told["shape"])
    except (KeyError, TypeError, ValueError):
        return None
    return array, str(ended.told["photometric_interpretation"])


def load() -> None:
    """Import the decoders, whose files cannot be opened later."""
    import pydicom.encaps
    import pydicom.pixels.decoders.base  # noqa: F401 (to have it loaded)


def prepare(asked: Mapping[str, Any]) -> None:
    """Import the decoders that only some pixels need."""
    if asked["plugin"] == "pillow":
        # Pillow looks for its readers when it needs them, and for all it has where these do not read.
        from PIL import Image, Jpeg2KImagePlugin, MpoImagePlugin  # noqa: F401 (to have it loaded)

        Image.preinit()


def work(asked: Mapping[str, Any], streams: bytes) -> tuple[dict[str, Any], memoryview]:
    """The samples of frames, in the sandbox, with their type, shape and interpretation."""
    decoded = []
    begin = 0
    for length in asked["lengths"]:
        decoded.append(_decoded(asked, streams[begin : begin + length]))
        begin += length
    samples = np.stack([each for each, _ in decoded])
    told = {
        "dtype": samples.dtype.str,
        "shape": samples.shape,
        "photometric_interpretation": decoded[0][1],
    }
    return told, samples.data


def _decoded(asked: Mapping[str, Any], stream: bytes) -> Decoded:
    from pydicom.encaps import encapsulate
    from pydicom.pixels.decoders.base import get_decoder

    syntax = _DECODED_AS.get(uid.UID(asked["syntax"]), uid.UID(asked["syntax"]))
    if syntax == uid.JPEGExtended12Bit and asked["options"]["bits_stored"] > 8:
        # GDCM reads the process from the stream; pydicom keeps it from one of 12 bits by its name.
        syntax = uid.JPEGLossless
    samples, properties = get_decoder(syntax).as_array(
        encapsulate([stream]), index=0, decoding_plugin=asked["plugin"], **asked["options"]
    )
    return samples, str(properties["photometric_interpretation"])


def unboxed(stream: bytes) -> bytes:
    """The code stream alone, where a writer left it in the file format of JPEG 2000; else as it is.

    PS3.5 section A.4.4 wants it alone. What the other boxes say of colours, the header says.
    """
    position = len(_JP2) if stream.startswith(_JP2) else len(stream)
    while position + _BOX_HEAD <= len(stream):
        (length,) = struct.unpack_from(">L", stream, position)
        head = _BOX_HEAD
        if length == 1 and position + _LONG_BOX_HEAD <= len(stream):
            head = _LONG_BOX_HEAD
            (length,) = struct.unpack_from(">Q", stream, position + _BOX_HEAD)
        end = position + length if length else len(stream)
        if end < position + head:
            break
        if stream[position + 4 : position + 8] == _CODE_STREAM:
            return stream[position + head : end]
        position = end
    return stream


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSize:
    """Rows, columns, components, and the bits of a sample."""

    rows: int
    columns: int
    components: int
    precision: int


def size_of(stream: bytes) -> StreamSize | None:
    """The size that a JPEG, JPEG-LS or JPEG 2000 code stream states; None where it is none.

    Asked before anything decodes it: decoders take its word for the size and leave memory and
    time to it; one that contradicts the header would also be laid out in rows of another length,
    as a picture of nothing.
    """
    try:
        return _jpeg_2000(stream) if stream.startswith(_JPEG_2000) else _jpeg(stream)
    except (IndexError, struct.error):
        return None


def _jpeg_2000(stream: bytes) -> StreamSize:
    """By its SIZ segment (ISO 15444-1 section A.5.1)."""
    right, bottom, left, top = struct.unpack_from(">4L", stream, 8)
    (components,) = struct.unpack_from(">H", stream, 40)
    return StreamSize(
        rows=bottom - top,
        columns=right - left,
        components=components,
        precision=(stream[42] & 0x7F) + 1,
    )


def _jpeg(stream: bytes) -> StreamSize | None:
    """By its start of frame (ISO 10918-1 section B.2.2)."""
    position = 2 if stream.startswith(_JPEG) else len(stream)
    while stream[position] == 0xFF:
        marker = stream[position + 1]
        if marker in _FRAMES:
            precision, rows, columns, components = struct.unpack_from(">BHHB", stream, position + 4)
            return StreamSize(
                rows=rows, columns=columns, components=components, precision=precision
            )
        if marker in _BARE or marker == 0xFF:
            position += 1 if marker == 0xFF else 2
        else:
            position += 2 + max(2, struct.unpack_from(">H", stream, position + 2)[0])
    return None
