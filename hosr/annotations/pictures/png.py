"""The numbers of a PNG of one channel, decoded in a sandbox: it is C code, fed with the bytes of others."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hosr.annotations.account import Unusable
from hosr.annotations.pictures.run_lengths import MOST_PIXELS
from hosr.sandbox import End, Limits, WorkRefused, run_in_sandbox

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Bytes = npt.NDArray[np.uint8]

LIMITS = Limits(seconds=20.0, memory_bytes=1 << 30)

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHUNK, _CHECKSUM_BYTES = struct.Struct(">L4s"), 4
_BEGIN = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"
_HEAD = struct.Struct(">LLBB")
_GREY, _PALETTE = 0, 3
_MOST_BITS = 8
# Pillow spreads greys of few bits over all of a byte.
_STEPS = {2: 85, 4: 17}


def read_png(content: bytes) -> Bytes:
    """The number of each pixel, (rows, columns): the grey, or the place in the palette.

    Raises `Unusable` for a picture of colours or of 16 bits, one of more pixels than any film has, by
    its header and before anything is inflated; and for one that cannot be decoded. Raises
    `MachineFailed` where the machine is at fault.
    """
    import numpy as np

    if not content.startswith(_BEGIN) or len(content) < len(_BEGIN) + _HEAD.size:
        raise Unusable("is no PNG", "save it as PNG")
    columns, rows, bits, colours, *_ = _HEAD.unpack_from(content, len(_BEGIN))
    if colours not in (_GREY, _PALETTE):
        problem = "has colours or transparency, and a label map has one number a pixel"
        raise Unusable(problem, "save it as greys or with a palette")
    if bits > _MOST_BITS:
        raise Unusable(f"has {bits} bits a pixel", "save the numbers of its labels in 8 bits")
    if not 0 < columns * rows <= MOST_PIXELS:
        raise Unusable(f"is a picture of {columns} x {rows} pixels", "no film has so many")
    # The lines of the seven passes of interlacing are at least as long together.
    asked = {"step": bits, "bytes": rows * (1 + (columns * bits + 7) // 8)}
    if colours == _PALETTE:
        asked["step"] = 1
    ended = run_in_sandbox(__name__, asked, content, limits=LIMITS)
    if ended.how is not End.DONE or len(ended.made) != rows * columns:
        raise Unusable("is a PNG that cannot be decoded", "save it anew")
    return np.frombuffer(ended.made, np.uint8).reshape(rows, columns)


def load() -> None:
    """Import the reader, whose files cannot be opened later."""
    import numpy as np  # noqa: F401 (to have it loaded)
    from PIL import Image, PngImagePlugin  # noqa: F401 (to have it loaded)

    Image.preinit()


def work(asked: Mapping[str, Any], content: bytes) -> tuple[dict[str, Any], memoryview]:
    """The numbers of all pixels, in the sandbox."""
    import io

    import numpy as np
    from PIL import Image

    _require_whole(content, asked["bytes"])
    Image.MAX_IMAGE_PIXELS = None  # its header was looked at
    with Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
        numbers = np.asarray(picture).astype(np.uint8)
    return {}, np.ascontiguousarray(numbers // _STEPS.get(asked["step"], 1)).data


def _require_whole(content: bytes, length: int) -> None:
    """Pillow takes what is missing for background; WorkRefused where less than all lines are there."""
    inflate = zlib.decompressobj()
    found, position = 0, len(_SIGNATURE)
    while position + _CHUNK.size <= len(content) and found < length:
        size, name = _CHUNK.unpack_from(content, position)
        start = position + _CHUNK.size
        if name == b"IDAT":
            found += len(inflate.decompress(content[start : start + size], length - found))
        position = start + size + _CHECKSUM_BYTES
    if found < length:
        raise WorkRefused("lines are missing")
