"""Where the files of rows are put: a folder for each row, in a local folder or in a store."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from hosr.errors import Fault, UsageError
from hosr.folder import write_folder

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_REMEDY = "use another id or another --out; nothing was written"

# What says that no row can be written, and not only this one.
_STOPPING = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota is used up",
    errno.EFBIG: "files may not be as large as this",
    errno.EROFS: "the disk can only be read",
    errno.EIO: "the disk does not work",
    errno.ESTALE: "the network drive is gone",
    errno.ENODEV: "the drive is gone",
    errno.ENOMEM: "there is no memory left",
    errno.EMFILE: "too many files are open",
    errno.ENFILE: "too many files are open",
}


class PlaceFailed(Exception):
    """Nothing can be put here any more; the batch stops, and can be taken up later."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class Place(Protocol):
    """Where the files of rows are put."""

    def publish(self, name: str, files: Mapping[str, bytes]) -> None:
        """Put down the files of a row, the last of them last; those that are there stay.

        Raises UsageError where other content is there, and PlaceFailed.
        """

    def holds(self, name: str, sizes: Mapping[str, int]) -> bool:
        """Whether all these files of a row are there, each of its size in bytes."""


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A local folder: files as `hosr report` writes them."""

    folder: Path

    def publish(self, name: str, files: Mapping[str, bytes]) -> None:
        """Put down the files of a row, all or none."""
        try:
            write_folder(files, self.folder / name)
        except UsageError as error:
            cause = error.__cause__
            if isinstance(cause, OSError):
                fault = stop_fault(cause)
                if fault is not None:
                    raise PlaceFailed(fault) from error
            raise UsageError([Fault(name, f.problem, _REMEDY) for f in error.faults]) from error

    def holds(self, name: str, sizes: Mapping[str, int]) -> bool:
        """Whether all these files are there, each of its size."""
        folder = self.folder / name
        try:
            return all((folder / file).stat().st_size == size for file, size in sizes.items())
        except OSError:
            return False


def stop_fault(error: OSError) -> Fault | None:
    """The fault of a disk on which nothing more can be written; None for what is one file's."""
    words = _STOPPING.get(error.errno or 0)
    if words is None:
        return None
    remedy = "see to that and run the same command again; it goes on where it was"
    return Fault("--out", f"cannot be written: {words}", remedy)


def is_url(text: str) -> bool:
    """Whether this is the address of a store, and no local path."""
    return _URL.match(text) is not None and not text.lower().startswith("file://")


def as_local(text: str) -> Path:
    """The local path that a text without the address of a store stands for."""
    return Path(unquote(urlsplit(text).path)) if text.lower().startswith("file://") else Path(text)
