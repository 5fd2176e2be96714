"""A folder as an archive: each object a file `<SOP Instance UID>.dcm`, whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hosr.archive.addresses import Destination, FolderAddress
from hosr.archive.statuses import is_instance
from hosr.archive.values import Check, Entered, Locator, Outcome, Query, Receipt, cause, refusal
from hosr.dicom.elements import MAX_FILE_BYTES, peek
from hosr.dicom.structure import UnusableFile
from hosr.errors import ArchiveError, Reason, UsageError
from hosr.folder import write_folder
from hosr.identity import is_usable_uid, is_valid_uid

PLACED = "placed"

_MAX_FILES = 50_000

# SOP class and instance, Modality, accession number, patient, study, series.
_TAGS = (0x00080016, 0x00080018, 0x00080050, 0x00080060, 0x00100020, 0x0020000D, 0x0020000E)

# What the system says: why that is, and what to do.
_CAUSES = {
    **dict.fromkeys(
        (errno.ENOSPC, errno.EDQUOT, errno.EFBIG), (Reason.CAPACITY, "make room there")
    ),
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG),
        (Reason.CONFIGURATION, "check the path and the right to write there"),
    ),
    **dict.fromkeys((errno.EIO, errno.ESTALE), (Reason.UNREACHABLE, "check the disk")),
}
_UNFORESEEN = (Reason.PROCESSING, "check the folder")

_NOT_THE_OBJECT = cause(
    Reason.DATA,
    "was given something other than the DICOM file of this UID",
    "make the report again",
)
_TAKEN = cause(
    Reason.DUPLICATE,
    "holds a file under this UID that is not the same",
    "compare the two; nothing was written",
)
_ABSENT = cause(Reason.ABSENT, "holds no such object")
_DAMAGED = cause(
    Reason.PROCESSING, "holds something other than this object under its UID", "look at that file"
)
_CROWDED = cause(
    Reason.UNSUPPORTED,
    f"holds more than {_MAX_FILES} files, too many to look through",
    "use a folder for fewer",
)


class FolderArchive(Entered):
    """The folder at a `FolderAddress`; it is made when the first object is stored."""

    def __init__(self, destination: Destination) -> None:
        if not isinstance(destination.address, FolderAddress):
            raise TypeError("the destination is no folder")
        self._name = destination.name
        self._folder = destination.address.path

    def store(self, data: bytes, sop_instance_uid: str) -> Receipt:
        """Store one DICOM file; one that is there with the same bytes stays as it is."""
        if not is_valid_uid(sop_instance_uid) or not is_instance(data, sop_instance_uid):
            raise _NOT_THE_OBJECT.refusal(self._name)
        path = self._path(sop_instance_uid)
        try:
            write_folder({path.name: data}, self._folder)
        except UsageError as error:
            if isinstance(error.__cause__, OSError):
                raise self._failure(error.__cause__, "cannot be written") from None
            raise _TAKEN.refusal(self._name, status="other content") from None
        return Receipt(sop_instance_uid=sop_instance_uid, status=PLACED)

    def fetch(self, locator: Locator) -> bytes:
        """The file of one instance; ABSENT where there is none."""
        if not is_usable_uid(locator.sop_instance_uid):
            raise _ABSENT.refusal(self._name)
        try:
            data = _content(self._path(locator.sop_instance_uid))
        except FileNotFoundError:
            raise _ABSENT.refusal(self._name) from None
        except OSError as error:
            raise self._failure(error, "cannot be read") from None
        if not is_instance(data, locator.sop_instance_uid):
            raise _DAMAGED.refusal(self._name)
        return data

    def find(self, query: Query) -> tuple[Locator, ...]:
        """The instances that match, in the order of their UIDs; none is no error."""
        query.require_named(self._name)
        try:
            paths = [p for p in self._folder.iterdir() if p.suffix == ".dcm"]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise self._failure(error, "cannot be read") from None
        if len(paths) > _MAX_FILES:
            raise _CROWDED.refusal(self._name)
        found = (_matching(path, query) for path in paths)
        return tuple(sorted(locator for locator in found if locator is not None))

    def examine(self) -> tuple[Check, ...]:
        """Whether the folder can be written to, by a file that is gone at once."""
        try:
            if not self._folder.exists():
                words = "is not there yet; it is made when the first object is stored"
                return (Check(name="folder", outcome=Outcome.UNTRIED, words=words),)
            with tempfile.TemporaryFile(dir=self._folder) as file:
                file.write(b"DICM")
        except OSError as error:
            words = str(self._failure(error, "cannot be written").faults[0].problem)
            return (Check(name="folder", outcome=Outcome.FAILS, words=words),)
        return (Check(name="folder", outcome=Outcome.WORKS, words="can be written to"),)

    def _path(self, sop_instance_uid: str) -> Path:
        return self._folder / f"{sop_instance_uid}.dcm"

    def _failure(self, error: OSError, what: str) -> ArchiveError:
        reason, remedy = _CAUSES.get(error.errno or 0, _UNFORESEEN)
        problem = f"{what} ({error.strerror or type(error).__name__})"
        return refusal(self._name, reason, problem, remedy)


def _content(path: Path) -> bytes:
    """The whole of a file; links are not followed, and nothing but files is read."""
    # Without waiting for a writer, should the path be a pipe.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.ENOTDIR, "Not a file")
        return file.read(MAX_FILE_BYTES)


def _values(data: bytes) -> Mapping[int, str]:
    """The values that objects are found by; none where this is no whole DICOM file."""
    try:
        return peek(data, _TAGS).texts
    except UnusableFile:
        return {}


def _matching(path: Path, query: Query) -> Locator | None:
    try:
        values = _values(_content(path))
    except OSError:
        return None
    if values.get(0x00080018) != path.stem:
        return None
    asked = (
        (query.study_instance_uid, 0x0020000D),
        (query.accession_number, 0x00080050),
        (query.patient_id, 0x00100020),
    )
    if any(text and values.get(tag) != text for text, tag in asked):
        return None
    if query.modalities and values.get(0x00080060) not in query.modalities:
        return None
    return Locator(
        study_instance_uid=values.get(0x0020000D, ""),
        series_instance_uid=values.get(0x0020000E, ""),
        sop_class_uid=values.get(0x00080016, ""),
        sop_instance_uid=path.stem,
    )
