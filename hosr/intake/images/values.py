"""What reading images gives: one patient, one study, its images; and what was tolerated or refused.

The file of an image is read once more when a picture is made of it, and only if it is the same: of a
file by itself no more than is asked for, else the whole. No handle stays open meanwhile, so whatever
may have happened to the file is found then, with the caps of the first reading.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from hosr.dicom.elements import BARE_BYTES, MAX_FILE_BYTES, PREAMBLE, begins_bare, peek
from hosr.dicom.structure import UnusableFile
from hosr.errors import Fault, ImagesRefused
from hosr.phrases import phrase

if TYPE_CHECKING:
    import os

    from hosr.measure.spacing import ImageGeometry
    from hosr.study import ImageReference, Patient, SourceStudy
    from hosr.vocabulary.terms import ImagingModality, Side, View


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Note:
    """A deficiency that was tolerated: the file it is in and the words for it, never patient data."""

    path: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceImage:
    """One image of the study, as far as a report needs it.

    `family` is None for a secondary capture that does not say what it shows. `header_side` and
    `header_view` are None where the header leaves them open; `described_side` is a side that a
    description names, and its element. `overridden` names what a record says in place of the
    header. `patient` is who its own header says was imaged. `file` is where its pixels lie, None where they are to be fetched; an image is the same
    wherever that is.
    """

    reference: ImageReference
    geometry: ImageGeometry
    family: ImagingModality | None
    header_side: Side | None = None
    header_view: View | None = None
    described_side: tuple[Side, str] | None = field(default=None, compare=False)
    overridden: frozenset[str] = field(default=frozenset(), compare=False)
    is_localizer: bool = False
    is_capture: bool = False
    instance_number: int | None = None
    patient: Patient | None = field(default=None, repr=False, compare=False)
    file: StoredFile | HeldFile | None = field(default=None, repr=False, compare=False)

    @property
    def sop_instance_uid(self) -> str:
        """The UID that a record names the image by."""
        return self.reference.instance.sop_instance_uid


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceImages:
    """The images of one study of one patient, ordered by series, number and UID.

    `fetch` gives the file of an image of which only the header is here.
    """

    patient: Patient
    study: SourceStudy
    images: tuple[SourceImage, ...]
    notes: tuple[Note, ...] = ()
    fetch: Callable[[str], bytes] | None = field(default=None, repr=False, compare=False)

    def find(self, sop_instance_uid: str) -> SourceImage | None:
        """The image of this SOP Instance UID; None where it is not among them."""
        matches = (i for i in self.images if i.sop_instance_uid == sop_instance_uid)
        return next(matches, None)

    def read_file(self, sop_instance_uid: str) -> bytes:
        """The whole DICOM file of an image, read anew from where its header was found, or fetched.

        Raises ImagesRefused where the file is gone, was changed, or cannot be read any more, and
        what `fetch` raises.
        """
        with self.open_file(sop_instance_uid) as stream:
            return stream.read()

    def open_file(self, sop_instance_uid: str) -> BinaryIO:
        """The same, not read yet where it is a file by itself.

        Raises as `read_file`, and so does what reads it later.
        """
        image = self.find(sop_instance_uid)
        if image is not None and image.file is None and self.fetch is not None:
            return io.BytesIO(self.fetch(sop_instance_uid))
        if image is None or image.file is None:
            problem = phrase("image {uid} is not among the images given", uid=sop_instance_uid)
            raise ImagesRefused(Fault("images", problem, phrase("give that image")))
        return open_stored(image.file, sop_instance_uid)


class Ledger:
    """Notes and faults as they are found; the order of files does not show in the result."""

    def __init__(self) -> None:
        self._notes: dict[str, list[str]] = defaultdict(list)
        self._faults: set[Fault] = set()

    def note(self, path: str, problem: str) -> None:
        """Keep a deficiency that is tolerated."""
        self._notes[problem].append(path)

    def refuse(self, path: str, problem: str, remedy: str = "") -> None:
        """Keep a fault; reading goes on, so that all faults are named at once."""
        self._faults.add(Fault(path, problem, remedy))

    def notes(self) -> tuple[Note, ...]:
        """One note for each problem, named by its first file and the number of others."""
        return tuple(
            sorted(
                Note(path=min(paths), problem=counted(problem, paths))
                for problem, paths in self._notes.items()
            )
        )

    def raise_faults(self) -> None:
        """Raise ImagesRefused with every fault, if there is one."""
        if self._faults:
            raise ImagesRefused(sorted(self._faults, key=str))


def label(name: str) -> str:
    """A file name that fits on one line of a terminal, whatever the name holds."""
    return "".join(c if c.isprintable() else "?" for c in name) or "?"


def counted(problem: str, paths: Sequence[str]) -> str:
    """A problem with the number of files that have it beside the one that is named."""
    others = len(paths) - 1
    if not others:
        return problem
    if others == 1:
        return phrase("{problem} (and 1 more file)", problem=problem)
    return phrase("{problem} (and {number} more files)", problem=problem, number=others)


MAX_MEMBER_BYTES = 512 << 20
MAX_ARCHIVE_BYTES = 4 << 30

_SOP_INSTANCE_UID = 0x00080018
_AGAIN = phrase("make the report again from files that stay as they are")


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
        raise UnusableFile(phrase("is neither a file nor a folder"))
    if status.st_size > MAX_FILE_BYTES:
        raise UnusableFile(phrase("is larger than 2 GiB"), phrase("give the images one by one"))
    return path.open("rb")


def with_preamble(content: bytes) -> bytes:
    """The file with the preamble that its writer left out; any other as it is."""
    return PREAMBLE + content if begins_bare(content) else content


class _Completed(io.RawIOBase):
    """A file as if its writer had not left the preamble out."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_END:
            offset += len(PREAMBLE) + self._stream.seek(0, io.SEEK_END)
        self._place = offset + (self._place if whence == io.SEEK_CUR else 0)
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        part = PREAMBLE[self._place :][: len(buffer)]
        if not part:
            self._stream.seek(self._place - len(PREAMBLE))
            part = self._stream.read(len(buffer))
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)

    def close(self) -> None:
        self._stream.close()
        super().close()


def completed(stream: BinaryIO) -> BinaryIO:
    """The file with the preamble that its writer left out, read no further than it is asked for."""
    is_bare = begins_bare(stream.read(BARE_BYTES))
    stream.seek(0)
    return io.BufferedReader(_Completed(stream)) if is_bare else stream


def require_bearable(members: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse an archive by what it declares, before anything in it is inflated."""
    if any(member.flag_bits & 1 for member in members):
        raise UnusableFile(phrase("is encrypted"), phrase("give the images themselves"))
    if max((member.file_size for member in members), default=0) > MAX_MEMBER_BYTES:
        raise UnusableFile(
            phrase("holds a file larger than 512 MiB"), phrase("give the images themselves")
        )
    if sum(member.file_size for member in members) > MAX_ARCHIVE_BYTES:
        raise UnusableFile(phrase("holds more than 4 GiB"), phrase("give the images themselves"))


class _ImageFile(io.FileIO):
    """A file whose failures to be read are told as those of its image."""

    def __init__(self, file: StoredFile) -> None:
        self._label = file.label
        super().__init__(file.path)

    def readinto(self, buffer: Any, /) -> int | None:
        try:
            return super().readinto(buffer)
        except OSError:
            raise _unreadable(self._label) from None

    def readall(self) -> bytes:
        try:
            return super().readall()
        except OSError:
            raise _unreadable(self._label) from None


def open_stored(file: StoredFile | HeldFile, sop_instance_uid: str) -> BinaryIO:
    """The file of an image from its start; ImagesRefused where it is gone or no longer that image."""
    try:
        with ExitStack() as closing:
            stream = closing.enter_context(_open(file))
            _require_same(stream, sop_instance_uid)
            stream.seek(0)
            closing.pop_all()
    except UnusableFile as refusal:
        raise ImagesRefused(Fault(file.label, refusal.problem, refusal.remedy)) from None
    except FileNotFoundError:
        raise ImagesRefused(Fault(file.label, phrase("is no longer there"), _AGAIN)) from None
    except ImagesRefused:
        raise
    except Exception:  # noqa: BLE001 (whatever a damaged container makes its readers throw)
        raise _unreadable(file.label) from None
    return stream


def _unreadable(name: str) -> ImagesRefused:
    remedy = phrase("check the file and the right to read it")
    return ImagesRefused(Fault(name, phrase("can no longer be read"), remedy))


def _open(file: StoredFile | HeldFile) -> BinaryIO:
    if isinstance(file, HeldFile):
        return io.BytesIO(with_preamble(file.content))
    if size_and_time(file.path.stat()) != file.size_and_time:
        raise UnusableFile(phrase("was changed after its header was read"), _AGAIN)
    if file.member is not None:
        return io.BytesIO(with_preamble(_member(file.path, file.member)))
    open_file(file.path).close()  # for what it refuses
    return completed(io.BufferedReader(_ImageFile(file)))


def _member(path: Path, number: int) -> bytes:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        require_bearable(members)
        return archive.read(members[number])


def _require_same(stream: BinaryIO, sop_instance_uid: str) -> None:
    if peek(stream, (_SOP_INSTANCE_UID,)).text(_SOP_INSTANCE_UID) != sop_instance_uid:
        raise UnusableFile(phrase("holds another image than when its header was read"), _AGAIN)
