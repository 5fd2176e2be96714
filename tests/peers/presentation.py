"""DCMTK on presentation states: its checker, and its renderer of an image under a state."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread

from tests.peers.processes import program, run
from tests.peers.validators import ValidatorError, Verdict

SECONDS = 60.0

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What DCMTK makes of an image under a state: its greys, and what it would draw over them."""

    greys: NDArray[np.uint8]
    texts: tuple[str, ...]
    shapes: tuple[Points, ...]


def check(path: Path) -> Verdict:
    """The modules of a presentation state, as DCMTK knows them."""
    done = run([program("dcmpschk", "Debian package dcmtk"), path], timeout=SECONDS)
    lines = done.err.splitlines()
    outcome = _after("W: Test ", lines)
    if len(outcome) != 1:
        raise ValidatorError(f"dcmpschk did not read {path}: {done}")
    warnings = (text for text in _after("W: ", lines) if not text.startswith("Test"))
    return Verdict(read=outcome[0], errors=_after("E: ", lines), warnings=tuple(warnings))


def _after(prefix: str, lines: Sequence[str]) -> tuple[str, ...]:
    """What the lines with this beginning go on to say."""
    said = (line.removeprefix(prefix).strip() for line in lines if line.startswith(prefix))
    return tuple(filter(None, said))


def render(image: Path, state: Path, folder: Path) -> Rendered:
    """The image under the state; the image is decompressed first, for DCMTK reads no JPEG-LS here."""
    plain, picture = folder / "plain.dcm", folder / "picture.pgm"
    dataset = dcmread(image)
    if dataset.file_meta.TransferSyntaxUID.is_compressed:
        dataset.decompress(generate_instance_uid=False)
    dataset.save_as(plain)
    done = run(
        [program("dcmp2pgm", "Debian package dcmtk"), "-v", "-p", state, plain, picture],
        timeout=SECONDS,
    )
    if done.code or not picture.is_file():
        raise ValidatorError(f"dcmp2pgm did not render {image}: {done.err[-2000:]}")
    with Image.open(picture) as opened:
        greys = np.asarray(opened.convert("L"))
    return Rendered(
        greys=greys,
        texts=tuple(re.findall(r'text \d+: "(.*)"', done.err)),
        shapes=tuple(map(_points, re.findall(r"coordinates: (.*)", done.err))),
    )


def _points(line: str) -> Points:
    pairs = re.findall(r"([\d.]+)\\([\d.]+)", line)
    return tuple((float(column), float(row)) for column, row in pairs)
