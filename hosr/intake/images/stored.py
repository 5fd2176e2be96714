"""Where the file of an image lies, and that file once more: whole, and only if it is the same.

No handle stays open between reading a header and looking at its pixels, so whatever may have
happened to the file meanwhile is found here, with the caps of the first reading.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.dicom.elements import MAX_FILE_BYTES, peek
from hosr.dicom.structure import UnusableFile
from hosr.errors import Fault, ImagesRefused

if TYPE_CHECKING:
    import os
    from typing import BinaryIO


MAX_MEMBER_BYTES = 512 << 20
MAX_ARCHIVE_BYTES = 4 << 30

_SOP_INSTANCE_UID = 0x00080018
_AGAIN = "make the report again from files that stay as they are"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """A file that the caller holds in memory."""

    label: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file by itself, or the member of this number in a ZIP archive.

    `size_and_time` is the size and the time of change that `path` had when its header was read.
    """

    label: str
    path: Path
    size_and_time: tuple[int, int]
    member: int | None = None


def size_and_time(status: os.stat_result) -> tuple[int, int]:
    """What of a file changes when it is written to."""
    return status.st_size, status.st_mtime_ns


def open_file(path: Path) -> BinaryIO:
    """The file for reading; only what is a file and of bearable size is opened."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise UnusableFile("is neither a file nor a folder")
    if status.st_size > MAX_FILE_BYTES:
        raise UnusableFile("is larger than 2 GiB", "give the images one by one")
    return path.open("rb")


def require_bearable(members: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse an archive by what it declares, before anything in it is inflated."""
    if any(member.flag_bits & 1 for member in members):
        raise UnusableFile("is encrypted", "give the images themselves")
    if max((member.file_size for member in members), default=0) > MAX_MEMBER_BYTES:
        raise UnusableFile("holds a file larger than 512 MiB", "give the images themselves")
    if sum(member.file_size for member in members) > MAX_ARCHIVE_BYTES:
        raise UnusableFile("holds more than 4 GiB", "give the images themselves")


def read_stored(file: StoredFile | HeldFile, sop_instance_uid: str) -> bytes:
    """The whole file of an image; ImagesRefused where it is gone or no longer that image."""
    try:
        content = _content(file)
        _require_same(content, sop_instance_uid)
    except UnusableFile as refusal:
        raise ImagesRefused(Fault(file.label, refusal.problem, refusal.remedy)) from None
    except FileNotFoundError:
        raise ImagesRefused(Fault(file.label, "is no longer there", _AGAIN)) from None
    except Exception:  # noqa: BLE001 (whatever a damaged container makes its readers throw)
        problem = "can no longer be read"
        remedy = "check the file and the right to read it"
        raise ImagesRefused(Fault(file.label, problem, remedy)) from None
    return content


def _content(file: StoredFile | HeldFile) -> bytes:
    if isinstance(file, HeldFile):
        return file.content
    if size_and_time(file.path.stat()) != file.size_and_time:
        raise UnusableFile("was changed after its header was read", _AGAIN)
    if file.member is not None:
        return _member(file.path, file.member)
    with open_file(file.path) as stream:
        return stream.read()


def _member(path: Path, number: int) -> bytes:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        require_bearable(members)
        return archive.read(members[number])


def _require_same(content: bytes, sop_instance_uid: str) -> None:
    if peek(content, (_SOP_INSTANCE_UID,)).text(_SOP_INSTANCE_UID) != sop_instance_uid:
        raise UnusableFile("holds another image than when its header was read", _AGAIN)
