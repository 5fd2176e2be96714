"""What a JPEG, JPEG-LS or JPEG 2000 code stream says of itself, before anything decodes it.

Decoders take its word for the size and leave memory and time to it; one that contradicts the
header would also be laid out in rows of another length, as a picture of nothing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_JPEG_2000 = b"\xff\x4f\xff\x51"
_JPEG = b"\xff\xd8"

# Start of frame, ISO 10918-1 table B.1, and that of JPEG-LS, ISO 14495-1.
_FRAMES = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}

# Markers without a segment behind them.
_BARE = {0x01, *range(0xD0, 0xD9)}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSize:
    """Rows, columns, components, and the bits of a sample."""

    rows: int
    columns: int
    components: int
    precision: int


def size_of(stream: bytes) -> StreamSize | None:
    """The size that a code stream states; None where it is none."""
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
