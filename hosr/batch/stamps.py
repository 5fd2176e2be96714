"""The fingerprint of an entry: the same as long as all is the same that its files are made of."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.batch.places import as_local, is_url
from hosr.batch.stores import remote_stamp
from hosr.errors import RecordRefused

if TYPE_CHECKING:
    from hosr.batch.asking import Asked
    from hosr.batch.values import Entry, Settings


_DIRECTORY = "DICOMDIR"


def fingerprint(entry: Entry, asked: Asked, settings: Settings) -> str:
    """The digest of what the entry says, its record, size and time of its images, and options.

    Images are not read for it: one is taken for the same as long as its size and time are.
    """
    if isinstance(entry.content, bytes):
        said = entry.content.strip().decode("utf-8", "replace")
    else:
        cells = [row.cells for row in entry.content]
        said = json.dumps(cells, sort_keys=True, default=str)
    parts = (
        said,
        _record_sha256(asked, settings.base),
        [_image_stamp(text, settings.base) for text in asked.images],
        settings.outputs,
        [str(option) for option in astuple(settings.options)],
        settings.language.tag,
        settings.templates_sha256,
        settings.assume_charset,
        settings.version,
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _record_sha256(asked: Asked, base: Path) -> str:
    """The digest of a record that lies in a file; a file that cannot be read has none."""
    if asked.path is None:
        return ""
    try:
        return hashlib.sha256(asked.read_bytes(base)).hexdigest()
    except RecordRefused:
        return "unreadable"


def _image_stamp(text: str, base: Path) -> list[str]:
    if is_url(text):
        return remote_stamp(text)
    path = base / as_local(text)
    try:
        if path.name.upper() == _DIRECTORY:  # it reaches what lies beside it
            return _folder_stamp(path.parent)
        return _folder_stamp(path) if path.is_dir() else [_stamp(path.stat())]
    except (OSError, ValueError):
        return ["unreadable"]


def _folder_stamp(folder: Path) -> list[str]:
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            file = Path(place, name)
            try:
                stamp = _stamp(file.stat())
            except OSError:  # such as a link that leads nowhere
                stamp = "unreadable"
            found.append(f"{file.relative_to(folder)} {stamp}")
    return sorted(found)


def _stamp(found: os.stat_result) -> str:
    return f"{found.st_size} {found.st_mtime_ns}"


def folder_sha256(folder: Path | None) -> str:
    """The digest of a folder of templates, by name and content; empty where there is none."""
    if folder is None:
        return ""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(json.dumps(path.relative_to(folder).as_posix()).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
