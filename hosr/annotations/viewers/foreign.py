"""A file of another maker's: a structured report or a presentation state, whose it is and by whom.

What cannot be used is refused by name, with the reason: a grade is never read out of sentences, and a
report of hosr is no drawing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydicom.dataset import Dataset

from hosr import codes
from hosr.annotations.formats import refusing_damaged
from hosr.annotations.sources import Claims, Source
from hosr.annotations.stated_status import tell_status
from hosr.annotations.viewers.tree import Node, read_tree
from hosr.composite import OWN_TAGS, is_own
from hosr.dicom.elements import (
    is_dicom,
    peek,
    read_data_set,
    unvalidated_pydicom,
)
from hosr.dicom.structure import UnusableFile
from hosr.errors import Fault, RecordRefused
from hosr.findings import Algorithm, Observer, Person
from hosr.intake.record.json_text import refusing_unreadable

if TYPE_CHECKING:
    from hosr.annotations.account import Account, OptionNames
    from hosr.annotations.context import Context

# More than any report of measurements holds.
MOST_BYTES = 64 << 20

_SR, _PRESENTATION = "1.2.840.10008.5.1.4.1.1.88.", "1.2.840.10008.5.1.4.1.1.11."
# What measurements are stated in (PS3.4 Annex B.5): Enhanced, Comprehensive, Comprehensive 3D, Extensible SR.
_MEASURED = {_SR + number for number in ("22", "33", "34", "35")}
# Presentation states that refer to images by frames: greyscale, colour, pseudo-colour and blending.
_DRAWN = {_PRESENTATION + number for number in ("1", "2", "3", "4")}
_IN_WORDS = "draw and label the lines in a viewer, or write the record from it"
_REFUSED = {
    _SR + "11": (
        "is a report in sentences (Basic Text SR), from which a grade is never read: it holds no code",
        _IN_WORDS,
    ),
    _SR + "59": ("is a selection of key images, in which nothing is measured", _IN_WORDS),
}

# A document to which another one only adds (DCM, PS3.16 CID 7009).
_ADDENDED = "121361"

_NOBODY = {"", "unknown", "unknown unknown", "anonymous", "none", "n a"}
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)", re.ASCII)
_DATE_TIME = re.compile(r"(\d{8})(\d{6})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """What a file is, and the content of it: a tree of a report (`root`), or a presentation state.

    `made_at` is the time of its content, with an offset from UTC where the file says one.
    """

    name: str
    sop_instance_uid: str
    maker: str
    claims: Claims
    made_at: dt.datetime | None
    observer: Observer | None
    is_by_program: bool
    predecessors: tuple[str, ...]
    supersedes: tuple[str, ...]
    dataset: Dataset
    root: Node | None = None

    def source(self, what: str, account: Account) -> Source:
        """Whose it is and by whom, before its figures are read; what it says of its state is told."""
        with reading(self.name):
            incomplete = tell_status(self.dataset, self.name, account)
        return Source(
            name=self.name,
            kind=f"{what} ({self.maker or 'of an unnamed maker'})",
            observer=self.observer,
            is_by_program=self.is_by_program,
            made_at=self.made_at,
            claims=self.claims,
            predecessors=self.predecessors,
            sop_instance_uid=self.sop_instance_uid,
            supersedes=self.supersedes,
            incomplete=incomplete,
            is_in_words=True,
        )


def read_file(path: Path) -> bytes:
    """The bytes of a file, no more than a report may have. Raises `RecordRefused`."""
    with refusing_unreadable(path.name), path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def read_foreign(data: bytes, name: str, account: Account) -> Foreign:
    """The file's content. Raises `RecordRefused`, saying what it is instead, or what is wrong with it."""
    if len(data) > MOST_BYTES:
        raise RecordRefused(Fault(name, "is larger than any report", "give one report"))
    with reading(name):
        return _read(data, name, account.options)


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Values are read as they are; of damaged ones it is told, as `RecordRefused`."""
    with refusing_damaged(name), unvalidated_pydicom():
        yield


def _read(data: bytes, name: str, options: OptionNames) -> Foreign:
    if not is_dicom(BytesIO(data)):
        raise UnusableFile("is not a DICOM file", "give the report as the viewer saved it")
    if is_own(peek(data, OWN_TAGS)):
        problem = "is of hosr itself, and nothing was drawn in it"
        raise UnusableFile(problem, f"read it with `hosr show`, or name it with {options.prior}")
    dataset, _ = read_data_set(BytesIO(data))
    sop_class = _text(dataset, "SOPClassUID")
    if sop_class not in _MEASURED | _DRAWN:
        other = "is neither a report of measurements nor a presentation state"
        raise UnusableFile(*_REFUSED.get(sop_class, (other, _IN_WORDS)))
    root = read_tree(dataset) if sop_class in _MEASURED else None
    predecessors = [*_predecessors(dataset)]
    if root is not None:
        _require_readable_by_all(root)
    return Foreign(
        name=name,
        sop_instance_uid=_text(dataset, "SOPInstanceUID"),
        maker=_text(dataset, "Manufacturer"),
        claims=_claims(dataset),
        made_at=_made(dataset),
        observer=None if root is None else _observer(root, dataset),
        is_by_program=root is not None and _names_program(root),
        predecessors=tuple(dict.fromkeys(uid for uid, _ in predecessors)),
        supersedes=tuple(dict.fromkeys(uid for uid, is_kept in predecessors if not is_kept)),
        dataset=dataset,
        root=root,
    )


_CLASS, _DATE_TAG, _TIME_TAG, _REPLACED = 0x00080016, 0x00080023, 0x00080033, 0x0040A360
_SERIES, _OBJECTS, _REFERENCED = 0x00081115, 0x00081199, 0x00081155
_PURPOSE, _CODE = 0x0040A170, 0x00080100


class Peeked(NamedTuple):
    """When the content of a report was made, as written, which sorts; and its predecessors, as of a `Source`."""

    made: str
    predecessors: tuple[str, ...]
    supersedes: tuple[str, ...]


def peek_drawing(data: bytes) -> Peeked | None:
    """When a report of measurements was made, and from what.

    None for what is of hosr, or no report of measurements. Raises
    `UnusableFile`.
    """
    seen = peek(data, (*OWN_TAGS, _CLASS, _DATE_TAG, _TIME_TAG, _REPLACED))
    if is_own(seen) or seen.text(_CLASS) not in _MEASURED:
        return None
    named = [
        (uid, any(purpose.text(_CODE) == _ADDENDED for purpose in each.items(_PURPOSE)))
        for study in seen.items(_REPLACED)
        for series in study.items(_SERIES)
        for each in series.items(_OBJECTS)
        if (uid := each.text(_REFERENCED))
    ]
    return Peeked(
        made=seen.text(_DATE_TAG) + seen.text(_TIME_TAG),
        predecessors=tuple(dict.fromkeys(uid for uid, _ in named)),
        supersedes=tuple(dict.fromkeys(uid for uid, is_kept in named if not is_kept)),
    )


def _text(dataset: Dataset, keyword: str) -> str:
    value = dataset.get(keyword)
    return "" if value is None else str(value).strip(" \0")


def _require_readable_by_all(root: Node) -> None:
    """A shape is selected from its image (PS3.3 table A.35.3-2); readers refuse all else, as DCMTK does."""
    for node in root.walk():
        if node.value_type != "SCOORD":
            continue
        for image in node.of_type("IMAGE"):
            if image.relation != "SELECTED FROM":
                problem = (
                    f"relates a shape to its image by {image.relation or 'nothing'} (item {image.number}), "
                    "which the standard does not allow: other programs refuse the file"
                )
                remedy = "have it written with SELECTED FROM (in highdicom: SourceImageForRegion)"
                raise UnusableFile(problem, remedy)


def _claims(dataset: Dataset) -> Claims:
    return Claims(
        study_instance_uid=_text(dataset, "StudyInstanceUID"),
        patient_id=_text(dataset, "PatientID"),
        accession_number=_text(dataset, "AccessionNumber"),
    )


def _made(dataset: Dataset) -> dt.datetime | None:
    """When its content was made, with the offset from UTC where it says one.

    A presentation state has a date of its own (PS3.3 section C.11.10).
    """
    kind = "Content" if _text(dataset, "ContentDate") else "PresentationCreation"
    written = f"{_text(dataset, f'{kind}Date')}{_text(dataset, f'{kind}Time')[:6]}"
    match = _DATE_TIME.fullmatch(written)
    if match is None:
        return None
    try:
        moment = dt.datetime.strptime(match[1] + (match[2] or "000000"), "%Y%m%d%H%M%S")
    except ValueError:
        return None
    offset = _OFFSET.fullmatch(_text(dataset, "TimezoneOffsetFromUTC"))
    if offset is None:
        return moment
    away = dt.timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    if away >= dt.timedelta(days=1):
        return moment
    return moment.replace(tzinfo=dt.timezone(away if offset[1] == "+" else -away))


def _predecessors(dataset: Dataset) -> Iterator[tuple[str, bool]]:
    """The documents that it was made from, and whether it only adds to them.

    They are known by their UIDs alone: viewers leave their class out.
    """
    for study in dataset.get("PredecessorDocumentsSequence") or ():
        for series in study.get("ReferencedSeriesSequence") or ():
            for named in series.get("ReferencedSOPSequence") or ():
                uid = _text(named, "ReferencedSOPInstanceUID")
                purposes = named.get("PurposeOfReferenceCodeSequence") or ()
                if uid:
                    yield uid, any(_text(each, "CodeValue") == _ADDENDED for each in purposes)


def _observer(root: Node, dataset: Dataset) -> Observer | None:
    """Who or what drew; None where the document names nobody, or no version of a program."""
    told = {node.name.key: node.text for node in root.walk() if node.name is not None and node.text}
    person = told.get(codes.PERSON_OBSERVER_NAME.key, "")
    if not is_nobody(person):
        organization = told.get(codes.PERSON_OBSERVER_ORGANIZATION.key, "")
        return Person(name=person, organization=organization)
    name = told.get(codes.ALGORITHM_NAME.key) or told.get(codes.DEVICE_OBSERVER_NAME.key) or ""
    version = told.get(codes.ALGORITHM_VERSION.key) or _text(dataset, "SoftwareVersions")
    if not name or not version:  # the name of a model says nothing of its version
        return None
    return Algorithm(
        name=name,
        version=version,
        manufacturer=told.get(codes.DEVICE_OBSERVER_MANUFACTURER.key, ""),
        device_uid=told.get(codes.DEVICE_OBSERVER_UID.key, ""),
    )


def _names_program(root: Node) -> bool:
    """Whether a document names a program that drew, and no person, be it nobody."""
    told = {node.name.key for node in root.walk() if node.name is not None and node.text}
    programs = {codes.ALGORITHM_NAME.key, codes.DEVICE_OBSERVER_NAME.key}
    return bool(told & programs) and codes.PERSON_OBSERVER_NAME.key not in told


def is_nobody(name: str) -> bool:
    """Whether a name of an observer is none: viewers that do not know who drew write one all the same."""
    words = re.split(r"[\W_]+", name.casefold())
    return " ".join(filter(None, words)) in _NOBODY


def require_images(name: str, context: Context) -> None:
    """Blame a file whose images are not given: what its viewer measured is never taken in their place."""
    if context.images is None:
        problem = "was drawn on images, on which every length is measured anew"
        remedy = f"give them with {context.account.options.images}"
        context.account.blame(name, problem, remedy)
