"""Images out of archives, where those at hand do not do: found by their study, and kept as received."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from hosr.archive.values import Archive, BulkArchive, Locator, Query
from hosr.composite import OWN_TAGS, is_own
from hosr.dicom.elements import peek
from hosr.dicom.structure import UnusableFile
from hosr.intake.images.elements import kind_of
from hosr.logs import logger
from hosr.watch.received import Received

_LOG = logger(__name__)

_Keep = Callable[[Locator, bytes], None]


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
