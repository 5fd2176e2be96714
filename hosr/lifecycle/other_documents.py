"""What documents that are no reports of hosr say of one: that they took its place, or that it is rejected.

A viewer that redraws a report names it as predecessor. A note of rejection is a key object by which
an archive is told that documents are not to be used (Image Object Change Management, IHE RAD-66):
its title says why, and its evidence what. Whoever wrote the note, a report that it names is withdrawn.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass

from hosr import sr
from hosr.composite import REJECTION_TAGS, find_rejected
from hosr.dicom.elements import Peeked, peek
from hosr.errors import DocumentRefused
from hosr.sr import RejectionNote

_INSTANCE, _TITLE, _MEANING = 0x00080018, 0x0040A043, 0x00080104
_DATE, _TIME, _MAKER = 0x00080023, 0x00080033, 0x00080070
_PREDECESSORS = 0x0040A360
_SERIES, _OBJECTS, _REFERENCED = 0x00081115, 0x00081199, 0x00081155
_LONGEST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A note of rejection: its UID, its title in words, and the SOP Instance UIDs that it names.

    `place` is its folder, or the archive that gave it; `note` is all that it says, where hosr wrote it.
    """

    sop_instance_uid: str
    title: str
    documents: frozenset[str]
    place: str = ""
    is_archived: bool = False
    note: RejectionNote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignSuccessor:
    """A structured report that hosr did not write and that names predecessors, by their UIDs.

    `maker` and `made` (date and time of its content) are as its header says; "" where it does not.
    """

    sop_instance_uid: str
    maker: str
    made: str
    predecessors: frozenset[str]


def read_rejection(data: bytes, place: str = "", *, is_archived: bool = False) -> Rejection | None:
    """The note of rejection in a file; None where it is something else, such as key images.

    One of hosr that was changed, or is damaged, rejects what it names all the same. Raises `UnusableFile`
    where the file cannot be read.
    """
    seen = peek(data, (*REJECTION_TAGS, _INSTANCE))
    rejected = find_rejected(seen)
    if not rejected:
        return None
    return Rejection(
        sop_instance_uid=seen.text(_INSTANCE),
        title=_shown(seen.items(_TITLE)[0].text(_MEANING)),
        documents=rejected,
        place=place,
        is_archived=is_archived,
        note=_read_own(data),
    )


def _read_own(data: bytes) -> RejectionNote | None:
    with suppress(DocumentRefused):
        note = sr.read_rejection(data)
        return None if note is None or note.is_altered else note
    return None


def read_foreign_successor(data: bytes) -> ForeignSuccessor | None:
    """What a document says of its predecessors; None where it names none. Raises `UnusableFile`."""
    seen = peek(data, (_INSTANCE, _DATE, _TIME, _MAKER, _PREDECESSORS))
    predecessors = _referenced(seen)
    if not predecessors:
        return None
    return ForeignSuccessor(
        sop_instance_uid=seen.text(_INSTANCE),
        maker=_shown(seen.text(_MAKER)),
        made=_moment(seen.text(_DATE), seen.text(_TIME)),
        predecessors=predecessors,
    )


def _referenced(seen: Peeked) -> frozenset[str]:
    """The predecessors, below their studies and series (PS3.3 table C.17-3)."""
    return frozenset(
        uid
        for study in seen.items(_PREDECESSORS)
        for series in study.items(_SERIES)
        for named in series.items(_OBJECTS)
        if (uid := named.text(_REFERENCED))
    )


def _moment(date: str, time: str) -> str:
    """Date and time of DICOM as they are printed; "" for what is no date."""
    try:
        moment = dt.datetime.strptime(date + (time[:4] or "0000"), "%Y%m%d%H%M")
    except ValueError:
        return ""
    return f"{moment:%Y-%m-%d %H:%M}"


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST and text.isprintable() else ""
