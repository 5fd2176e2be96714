"""JPEG and its kin, decoded by a process of their own that may crash, hang or run out of memory.

Decoders are C code that is fed with the bytes of others. Of 3,000 damaged files of lossless JPEG
GDCM ended its process over fifty, by abort or by a segmentation fault, and CharLS took seven
seconds over a JPEG-LS image of 64 by 64; none of that may end or hold up a report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from pydicom import uid

from hosr.sandbox import Limits, run_confined

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
}

# Pillow looks for its readers when it needs them.
LIMITS = Limits(seconds=30.0, memory_bytes=4 << 30, files=64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """The code stream of one frame, and what pydicom wants to know of it."""

    syntax: str
    stream: bytes = field(repr=False)
    options: Mapping[str, Any]


def decode(encoded: Encoded) -> Decoded | None:
    """The samples of a frame and their photometric interpretation; None where decoding fails."""
    question = {
        "syntax": encoded.syntax,
        "plugin": DECODABLE[uid.UID(encoded.syntax)],
        "options": dict(encoded.options),
    }
    request = json.dumps(question).encode() + b"\n" + encoded.stream
    try:
        ended = run_confined("hosr.pixels.decoder", request, LIMITS)
    except OSError:
        return None
    header, _, samples = ended.answer.partition(b"\n")
    try:
        said = json.loads(header)
        array = np.frombuffer(samples, dtype=said["dtype"]).reshape(said["shape"])
    except (KeyError, TypeError, ValueError):
        return None
    return array, str(said["photometric_interpretation"])
