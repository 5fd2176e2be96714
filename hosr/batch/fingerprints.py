"""What tells one input of a row from another: the same as long as all is that its files are made of."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.batch.places import as_local, is_url, remote_fingerprint
from hosr.errors import RecordRefused
from hosr.intake.tables.rows import written

if TYPE_CHECKING:
    from hosr.batch.rows import Asked
    from hosr.batch.values import Entry, Settings


_DIRECTORY = "DICOMDIR"

# Once the version of hosr: rows that 0.1.0 finished stay finished, and the version is none of the input.
_DIGEST_FORM = "0.1.0"


def fingerprint(
    entry: Entry,
    asked: Asked,
    settings: Settings,
    stamp_of: Callable[[os.stat_result], str] | None = None,
) -> str:
    """The digest of what the entry says, its record, size and time of its images, and options.

    Images are not read for it: one is taken for the same as long as its size and time are.
    """
    if isinstance(entry.content, bytes):
        said = entry.content.strip().decode("utf-8", "replace")
    else:
        cells = [dict(row.cells) for row in entry.content]
        said = json.dumps(cells, sort_keys=True, default=written)
    parts = (
        said,
        _record_sha256(asked, settings.base),
        [_image_fingerprint(text, settings.base, stamp_of or _stamp) for text in asked.images],
        settings.outputs,
        [str(option) for option in astuple(settings.options)],
        settings.language.tag,
        settings.templates_sha256,
        settings.assume_charset
        if settings.override_charset is None
        else [settings.override_charset],
        _DIGEST_FORM,
        # Where nothing is imported, the digest is what it was before something was.
        *(() if asked.source is None else [asked.source.fingerprint(settings.base)]),
        # Where no message is made, the digest is what it was before there were any.
        *(() if settings.message_form is None else [str(settings.message_form)]),
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


def _image_fingerprint(
    text: str, base: Path, stamp_of: Callable[[os.stat_result], str]
) -> list[str]:
    if is_url(text):
        return remote_fingerprint(text)
    path = base / as_local(text)
    try:
        if path.name.upper() == _DIRECTORY:  # it reaches what lies beside it
            return _folder_fingerprint(path.parent, stamp_of)
        if path.is_dir():
            return _folder_fingerprint(path, stamp_of)
        return [stamp_of(path.stat())]
    except (OSError, ValueError):
        return ["unreadable"]


def _folder_fingerprint(folder: Path, stamp_of: Callable[[os.stat_result], str]) -> list[str]:
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            file = Path(place, name)
            try:
                changed = stamp_of(file.stat())
            except OSError:  # such as a link that leads nowhere
                changed = "unreadable"
            found.append(f"{file.relative_to(folder)} {changed}")
    return sorted(found)


def _stamp(found: os.stat_result) -> str:
    """What changes when a file does, though its size and its time of change were kept."""
    return f"{former_stamp(found)} {found.st_ino} {found.st_ctime_ns}"


def former_stamp(found: os.stat_result) -> str:
    """As it was noted until 0.1.0; what was finished then stays so, and is noted by the other now."""
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
