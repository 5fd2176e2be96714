"""JPEG and its kin, decoded by a process of their own that may crash, hang or run out of memory.

Decoders are C code that is fed with the bytes of others. Of 3,000 damaged files of lossless JPEG
GDCM ended its process over fifty, by abort or by a segmentation fault, and CharLS took seven
seconds over a JPEG-LS image of 64 by 64; none of that may end or hold up a report.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Timer
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from pydicom import uid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["DECODABLE", "Decoded", "Encoded", "decode"]

Decoded: TypeAlias = "tuple[NDArray[Any], str]"

# One plugin each: where a strict decoder refuses a damaged stream, a lenient one is not asked.
DECODABLE = {
    uid.JPEGBaseline8Bit: "pillow",
    uid.JPEGExtended12Bit: "gdcm",
    uid.JPEGLossless: "gdcm",
    uid.JPEGLosslessSV1: "gdcm",
    uid.JPEGLSLossless: "pyjpegls",
    uid.JPEGLSNearLossless: "pyjpegls",
    uid.JPEG2000Lossless: "pillow",
    uid.JPEG2000: "pillow",
}

MOST_SECONDS = 30.0

# The modules of this process, and none from wherever it happens to be started.
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from hosr.visuals.decoder import run; run()"
_HEADER_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """The code stream of one frame, what pydicom wants to know of it, and how large it may get."""

    syntax: str
    stream: bytes = field(repr=False)
    options: Mapping[str, Any]
    most_bytes: int


def decode(encoded: Encoded, seconds: float = MOST_SECONDS) -> Decoded | None:
    """The samples of a frame and their photometric interpretation; None where decoding fails."""
    question = {
        "syntax": encoded.syntax,
        "plugin": DECODABLE[uid.UID(encoded.syntax)],
        "options": dict(encoded.options),
        "cpu_seconds": int(seconds),
    }
    request = json.dumps(question).encode() + b"\n" + encoded.stream
    try:
        answer = _ask(request, encoded.most_bytes + _HEADER_BYTES, seconds)
    except OSError:
        return None
    header, _, samples = answer.partition(b"\n")
    try:
        said = json.loads(header)
        array = np.frombuffer(samples, dtype=said["dtype"]).reshape(said["shape"])
    except (KeyError, TypeError, ValueError):
        return None
    return array, str(said["photometric_interpretation"])


def _ask(request: bytes, most_bytes: int, seconds: float) -> bytes:
    """What the process answers, up to so many bytes and in so much time."""
    command = [sys.executable, "-I", "-c", _PROGRAM, *sys.path]
    # A decoder needs no second thread, and each takes of the memory that it may use.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(  # noqa: S603 (this interpreter, with no argument of others)
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as process:
        timer = Timer(seconds, process.kill)
        timer.start()
        try:
            return _converse(process, request, most_bytes)
        finally:
            timer.cancel()
            process.kill()


def _converse(process: subprocess.Popen[bytes], request: bytes, most_bytes: int) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise ValueError("the process has no pipes")
    with suppress(BrokenPipeError):
        process.stdin.write(request)
        process.stdin.close()
    return process.stdout.read(most_bytes)
