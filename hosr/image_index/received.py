"""Images that were sent here or fetched: `DRAFTS/received/STUDY/SOP.dcm`, each whole on the disk or not there.

An image that is sent again with other content, as after a correction of the patient, takes the place of
the former, which is kept beside it (`SOP.dcm.1`). A draft that was made on the former finds it changed.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

from hosr.archive.values import Locator
from hosr.folder import flush_folder
from hosr.identity import is_usable_uid

# What is left of the disk for all else, before an image is refused for want of room.
_RESERVE_BYTES = 64 << 20


class NoRoom(OSError):
    """The disk has no room for an image."""


class Received:
    """The folder of received images. Used by several threads at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()

    def keep(self, locator: Locator, data: bytes) -> bool:
        """Keep a file; it is on the disk then. Whether it is another one than was there.

        Raises `OSError` where it cannot be written, `NoRoom` before the disk is full, and `ValueError`
        for UIDs that are no names.
        """
        uids = (locator.study_instance_uid, locator.sop_instance_uid)
        if not all(map(is_usable_uid, uids)):
            raise ValueError("an object without UIDs that a file may be named by")
        folder = self.folder / uids[0]
        with self._lock:
            for made in (self.folder, folder):
                if not made.exists():
                    made.mkdir(parents=True, exist_ok=True)
                    flush_folder(made.parent)
            place = folder / f"{uids[1]}.dcm"
            if place.exists() and _is_same(place.read_bytes(), data):
                return False
            self.require_room(len(data))
            partial = folder / f".{place.name}.part"
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
            with os.fdopen(os.open(partial, flags, 0o640), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if place.exists():
                os.link(place, place.with_name(f"{place.name}.{replaced_count(place) + 1}"))
            partial.rename(place)
            flush_folder(folder)
        return True

    def require_room(self, size: int) -> None:
        """Raise `NoRoom` where the disk is as good as full with so many bytes more."""
        if hasattr(os, "statvfs"):
            self.folder.mkdir(parents=True, exist_ok=True)
            status = os.statvfs(self.folder)
            if status.f_bavail * status.f_frsize < size + _RESERVE_BYTES:
                raise NoRoom("no room")


def _is_same(former: bytes, data: bytes) -> bool:
    """Whether two files hold one data set, however each is encoded."""
    if former == data:
        return True
    from hosr.outbox.comparison import Likeness, compare

    return compare(former, data).likeness is Likeness.SAME


def replaced_count(path: Path) -> int:
    """How many files have stood in the place of this one before."""
    count = 0
    while path.with_name(f"{path.name}.{count + 1}").exists():
        count += 1
    return count
