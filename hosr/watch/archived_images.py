"""Images out of archives, where those at hand do not do: found by their study, and kept as received.

Of a study that has a draft the archives are asked again, for images that came there later: each time once
the draft is twice as old, from a minute to a day. Images that came begin that anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from hosr.archive.values import Archive, BulkArchive, Locator, Query
from hosr.composite import OWN_TAGS, is_own
from hosr.dicom.elements import peek
from hosr.dicom.structure import UnusableFile
from hosr.errors import ArchiveError
from hosr.image_index.index import ImageIndex
from hosr.image_index.received import Received
from hosr.intake.images.elements import kind_of
from hosr.logs import logger
from hosr.phrases import several
from hosr.watch.memory import Memory

if TYPE_CHECKING:
    from hosr.archive.addresses import Destination

_LOG = logger(__name__)

_Keep = Callable[[Locator, bytes], None]


OpenArchive = Callable[[str], "AbstractContextManager[tuple[Destination, Archive]]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Archives:
    """Archives by name or address, and where what they give is kept."""

    names: tuple[str, ...]
    open_archive: OpenArchive
    received: Received

    def fetch(self, study: str, known: frozenset[str]) -> tuple[int, str]:
        """Fetch what they have of a study: how many images, and why one of them could not be asked.

        Raises `OSError` where an image cannot be kept.
        """
        words: list[str] = []
        count = 0
        for name in self.names:
            try:
                with self.open_archive(name) as (_, archive):
                    count += fetch_study(archive, study, known, self.received)
            except ArchiveError as error:
                words += [f"{fault.path} {fault.problem}" for fault in error.faults]
        return count, several(words, ";")

    def ask_again(self, memory: Memory, index: ImageIndex) -> str | None:
        """Ask for later images of the study that is due first; why an archive could not be asked.

        None where no study is due.
        """
        study = memory.due_study() if self.names else ""
        if not study:
            return None
        count, words = self.fetch(study, index.study(study).uids)
        memory.note_asked(study, is_newer=count > 0, has_failed=bool(words))
        if count:
            index.hurry()
        return words


def fetch_study(archive: Archive, study: str, known: frozenset[str], received: Received) -> int:
    """Fetch the images of a study that are not known yet; how many were kept.

    Raises `ArchiveError`, and `OSError` where they cannot be kept. What came before that is kept.
    """
    found = archive.find(Query(study_instance_uid=study))
    wanted = [
        locator
        for locator in found
        if locator.study_instance_uid == study
        and locator.sop_instance_uid not in known
        # Some archives do not say the class; the file does.
        and (not locator.sop_class_uid or kind_of(locator.sop_class_uid) is not None)
    ]
    count = 0

    def keep(locator: Locator, data: bytes) -> None:
        nonlocal count
        if is_of_others(data):
            count += received.keep(locator, data)

    _fetch(archive, wanted, keep)
    _LOG.info("%d of %d objects of a study fetched", count, len(found))
    return count


def _fetch(archive: Archive, wanted: Sequence[Locator], keep: _Keep) -> None:
    if wanted and hasattr(archive, "fetch_all"):
        cast("BulkArchive", archive).fetch_all(wanted, keep)
        return
    for locator in wanted:
        keep(locator, archive.fetch(locator))


def is_of_others(data: bytes) -> bool:
    """Whether hosr did not make an object itself: its own say nothing new, and show no hip."""
    try:
        return not is_own(peek(data, OWN_TAGS))
    except UnusableFile:
        return False
