"""The process that decodes one frame: a question on standard input, its samples on standard output.

It starts by giving up what it will not need, so that a decoder that goes wrong can take no more.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["run"]

_MOST_MEMORY = 4 << 30


def run() -> None:
    """Answer the one question, or end without an answer."""
    with os.fdopen(os.dup(1), "wb") as answer:
        # What libraries print is no part of the answer.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        question = json.loads(sys.stdin.buffer.readline())
        _confine(question["cpu_seconds"])
        _answer(question, sys.stdin.buffer.read(), answer)


def _confine(cpu_seconds: int) -> None:
    """Limit memory and time, and leave no image of the memory behind; Windows knows no limits."""
    try:
        import resource
    except ImportError:
        return
    for limit, most in (
        (resource.RLIMIT_AS, _MOST_MEMORY),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (allowed, allowed))


def _answer(question: dict[str, Any], stream: bytes, answer: BinaryIO) -> None:
    import numpy as np
    from pydicom.encaps import encapsulate
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import UID, JPEGExtended12Bit, JPEGLossless

    syntax = UID(question["syntax"])
    if syntax == JPEGExtended12Bit and question["options"]["bits_stored"] > 8:
        # GDCM reads the process from the stream; pydicom keeps it from one of 12 bits by its name.
        syntax = JPEGLossless
    samples, properties = get_decoder(syntax).as_array(
        encapsulate([stream]),
        index=0,
        decoding_plugin=question["plugin"],
        **question["options"],
    )
    header = {
        "dtype": samples.dtype.str,
        "shape": samples.shape,
        "photometric_interpretation": str(properties["photometric_interpretation"]),
    }
    answer.write(json.dumps(header).encode() + b"\n")
    answer.write(np.ascontiguousarray(samples).data)
