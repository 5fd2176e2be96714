"""The manifest of a report: the files that lie beside it, and how they were made.

Whatever takes a folder for a report (signing, sending, looking for images) reads it here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hosr.dicom.structure import UnusableFile

MANIFEST = "manifest.json"
WITHDRAWAL = "withdrawal.dcm"  # in place of a report
_MOST_BYTES = 16 << 20
_AGAIN = "make the report again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A file of a report as it was made; the UIDs are empty where it is no DICOM object."""

    name: str
    sha256: str
    size_bytes: int
    sop_class_uid: str = ""
    sop_instance_uid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What was made; `tolerated` are the pairs of path and problem that were told then."""

    files: tuple[Listed, ...]
    language: str
    has_site_templates: bool
    tolerated: tuple[tuple[str, str], ...]


def read_manifest(folder: Path) -> Manifest:
    """The manifest in a folder; every version of hosr wrote what is read of it.

    Raises `UnusableFile` where there is none, and where it names files of other folders.
    """
    try:
        manifest = _parse(json.loads(read_plain(folder / MANIFEST, _MOST_BYTES)))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise UnusableFile("is no manifest of a report", _AGAIN) from None
    if not all(_is_of_the_folder(file.name) for file in manifest.files):
        raise UnusableFile("names a file outside of its folder", "do not trust this folder")
    return manifest


def read_plain(path: Path, most_bytes: int) -> bytes:
    """What a file holds that is no link; read once, so that what is compared is what is used.

    Raises `UnusableFile` where there is no such file, or a larger one.
    """
    try:
        if path.is_symlink() or not path.is_file():
            raise UnusableFile("is missing" if not path.exists() else "is no plain file", _AGAIN)
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        problem = f"cannot be read ({error.strerror or type(error).__name__})"
        raise UnusableFile(problem, "check the right to read it") from None
    if len(content) > most_bytes:
        raise UnusableFile(f"is larger than {most_bytes >> 20} MiB", "send it by other means")
    return content


def _parse(content: Mapping[str, Any]) -> Manifest:
    _ = content["hosr_version"]  # a manifest of anybody else has files as well
    return Manifest(
        files=tuple(
            Listed(
                name=str(entry["name"]),
                sha256=str(entry["sha256"]),
                size_bytes=int(entry["bytes"]),
                sop_class_uid=str(entry.get("sop_class_uid", "")),
                sop_instance_uid=str(entry.get("sop_instance_uid", "")),
            )
            for entry in content["files"]
        ),
        language=str(content["language"]),
        has_site_templates=bool(content["site_templates"]),
        tolerated=tuple((str(note["path"]), str(note["problem"])) for note in content["tolerated"]),
    )


def _is_of_the_folder(name: str) -> bool:
    is_plain = name.isprintable() and "\\" not in name and name not in {"", ".."}
    return is_plain and Path(name).name == name
