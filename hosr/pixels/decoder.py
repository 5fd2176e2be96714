"""The process that decodes one frame: a question on standard input, its samples on standard output."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, BinaryIO

import numpy as np
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID, JPEGExtended12Bit, JPEGLossless

from hosr.pixels.decoding import LIMITS
from hosr.sandbox import confine


def main() -> None:
    """Answer the one question, or end without an answer."""
    with os.fdopen(os.dup(1), "wb") as answer:
        # What libraries print is no part of the answer.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        confine(LIMITS)
        question = json.loads(sys.stdin.buffer.readline())
        _answer(question, sys.stdin.buffer.read(), answer)


def _answer(question: dict[str, Any], stream: bytes, answer: BinaryIO) -> None:
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
