"""Files to images of one study: the flow of the package."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom import Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from hosr.dicom.elements import MEDIA_DIRECTORY, data_set_start, quiet_pydicom, read_elements
from hosr.dicom.structure import UnusableFile, standing_twice
from hosr.errors import Fault, ImagesRefused, UsageError
from hosr.intake.images.charset import assumed_charset
from hosr.intake.images.elements import DISPENSABLE, TAGS, kind_of
from hosr.intake.images.header import Header
from hosr.intake.images.identity import Owner, agreed, require_uids
from hosr.intake.images.image import LOCALIZER, as_localizer, find_scouts, read_image
from hosr.intake.images.others import tell_other
from hosr.intake.images.sources import Found, find_files, name_source
from hosr.intake.images.studies import choose_study
from hosr.intake.images.values import HeldFile, Ledger, SourceImages
from hosr.logs import logger
from hosr.persons import find_strangers
from hosr.phrases import phrase

if TYPE_CHECKING:
    from hosr.dicom.elements import Contents
    from hosr.intake.images.charset import Charset
    from hosr.intake.images.studies import NamedStudies
    from hosr.intake.images.values import SourceImage


_LOG = logger(__name__)

# How many of the things that were found instead of images are told.
_MOST_CAUSES = 5


@dataclass(frozen=True, slots=True)
class _Read:
    """One image as read from one file, with what is to be noted of it."""

    found: Found
    owner: Owner
    image: SourceImage
    notes: tuple[str, ...]

    @property
    def order(self) -> tuple[str, float, str, str]:
        number = self.image.instance_number
        instance = self.image.reference.instance
        return (
            instance.series_instance_uid,
            float("inf") if number is None else number,
            instance.sop_instance_uid,
            self.found.label,
        )


ImageSource = str | os.PathLike[str] | bytes | Dataset


def read_images(
    source: ImageSource | Iterable[ImageSource],
    assume_charset: str | None = None,
    fetch: Callable[[str], bytes] | None = None,
    *,
    override_charset: str | None = None,
    named: NamedStudies | None = None,
) -> SourceImages:
    """The images of one study, in any order.

    Parameters
    ----------
    source
        A file, folder, DICOMDIR or ZIP archive by its path, the bytes of a DICOM file, a pydicom
        Dataset, or any number of these. Objects that are not images, and deficiencies that make
        no report false, are noted.
    assume_charset
        Specific Character Set of images that declare none.
    fetch
        Gives the whole file of an image by its SOP Instance UID where only its header is here.
    override_charset
        Specific Character Set that all texts are read in, whatever the images declare; is noted.
    named
        What is known of the study that is meant, where images of several are given.

    Raises
    ------
    ImagesRefused
        With every fault, for files that cannot be read for certain, for images of more than one
        patient or study, and where there is no image at all.
    UsageError
        For a source of another type.
    """
    sources = _listed(source)
    assumed = assumed_charset(assume_charset, override_charset)
    ledger = Ledger()
    with ExitStack() as stack, quiet_pydicom():
        found = find_files(sources, stack, ledger)
        every = [_read(file, assumed, ledger, elsewhere=fetch is not None) for file in found]
        read_ones = _of_one_study([read for read in every if read is not None], named, ledger)
        images = _distinct(sorted(read_ones, key=lambda r: r.order), ledger)
    scouts = find_scouts([read.image for read in images])
    images = [_as_scout(read) if read.image.sop_instance_uid in scouts else read for read in images]
    if not images:
        ledger.raise_faults()
        causes = [Fault(note.path, note.problem) for note in ledger.notes()[:_MOST_CAUSES]]
        raise ImagesRefused([_nothing(sources), *causes])
    _LOG.debug("%d files read, %d images used", len(every), len(images))
    patient, study = agreed([read.owner for read in images], ledger)
    ledger.raise_faults()
    for read in images:
        for problem in read.notes:
            ledger.note(read.found.label, problem)
    return SourceImages(
        patient=patient,
        study=study,
        images=tuple(read.image for read in images),
        notes=ledger.notes(),
        fetch=None if fetch is None else partial(_fetch_meant, fetch, images, assumed),
    )


def _of_one_study(images: list[_Read], named: NamedStudies | None, ledger: Ledger) -> list[_Read]:
    """The images of the study that is meant; all of them where there is one, or a fault."""
    meant = choose_study([(read.owner, read.image) for read in images], named, ledger)
    return [read for read in images if meant in (None, read.owner.study.study_instance_uid)]


def _fetch_meant(
    fetch: Callable[[str], bytes], images: Sequence[_Read], assumed: Charset | None, uid: str
) -> bytes:
    """The whole file of an image whose header was read before, which must be of that same image."""
    content, name = fetch(uid), f"image {uid}"
    header = next((read for read in images if read.image.sop_instance_uid == uid), None)
    found = Found(HeldFile(label=name, content=content), partial(BytesIO, content))
    ledger = Ledger()
    with quiet_pydicom():
        whole = _read(found, assumed, ledger, elsewhere=False)
    ledger.raise_faults()
    differs = "Class" if whole is None else None if header is None else _difference(header, whole)
    if differs:
        problem = f"comes with another {differs} than its header had"
        raise ImagesRefused(Fault(name, problem, "look at the study in the archive"))
    return content


def _difference(header: _Read, whole: _Read) -> str:
    """What shows that a file is not of the image that its header is of; "" where nothing does."""
    patients = [header.owner.patient, whole.owner.patient]
    ids = {patient.patient_id for patient in patients if patient.patient_id}
    told: dict[str, Callable[[_Read], object]] = {
        "SOP Instance, Class or Series Instance UID": lambda read: read.image.reference.instance,
        "Study Instance UID": lambda read: read.owner.study.study_instance_uid,
        "number of rows": lambda read: read.image.reference.rows,
        "number of columns": lambda read: read.image.reference.columns,
        "number of frames": lambda read: read.image.reference.frames,
    }
    for words, of in told.items():
        if of(header) != of(whole):
            return words
    is_other = len(ids) > 1 or any(find_strangers(patients, one_id=bool(ids)))
    return "patient" if is_other else ""


def _as_scout(read: _Read) -> _Read:
    return replace(read, image=as_localizer(read.image), notes=(*read.notes, LOCALIZER))


def _listed(source: ImageSource | Iterable[ImageSource]) -> list[Path | bytes]:
    """Every source as a path or as the bytes of a file."""
    if isinstance(source, Dataset | str | bytes) or not isinstance(source, Iterable):
        return [_plain(source, 1)]
    return [_plain(each, number) for number, each in enumerate(source, start=1)]


def _plain(source: object, number: int) -> Path | bytes:
    if isinstance(source, str | os.PathLike):
        return Path(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    if isinstance(source, Dataset):
        return _file_of(source, f"image {number}")
    problem = f"is of the type {type(source).__name__}"
    remedy = "give a path, the bytes of a DICOM file, a pydicom Dataset, or a list of these"
    raise UsageError(Fault(f"image {number}", problem, remedy))


def _file_of(data_set: Dataset, name: str) -> bytes:
    """The DICOM file that a data set would be; the data set stays as it is."""
    copied = copy(data_set)
    meta = FileMetaDataset(getattr(data_set, "file_meta", FileMetaDataset()))
    if "TransferSyntaxUID" not in meta:
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
    copied.file_meta = meta
    file = BytesIO()
    try:
        dcmwrite(file, copied, enforce_file_format=True)
    except Exception:  # noqa: BLE001 (pydicom throws of every kind on values that cannot be written)
        problem = "is a Dataset that cannot be written as a file"
        remedy = "set its SOP Class and Instance UID and the Transfer Syntax of its pixels"
        raise ImagesRefused(Fault(name, problem, remedy)) from None
    return file.getvalue()


def _nothing(sources: Sequence[Path | bytes]) -> Fault:
    name = name_source(sources[0], 1) if len(sources) == 1 else "images"
    remedy = phrase("give the DX, CR, CT, MR or secondary capture images that were graded")
    return Fault(name, phrase("there is no radiograph, CT or MR image"), remedy)


def _read(
    found: Found, assumed: Charset | None, ledger: Ledger, *, elsewhere: bool
) -> _Read | None:
    """The image in a file; None where it holds another object, or a fault was found."""
    try:
        return _read_image(found, assumed, ledger, elsewhere=elsewhere)
    except UnusableFile as refusal:
        ledger.refuse(found.label, refusal.problem, refusal.remedy)
    except Exception:  # noqa: BLE001 (pydicom throws of every kind on damaged files)
        ledger.refuse(
            found.label, phrase("is damaged and cannot be read"), phrase("fetch the file again")
        )
    return None


def _read_image(
    found: Found, assumed: Charset | None, ledger: Ledger, *, elsewhere: bool
) -> _Read | None:
    with found.open() as stream:
        contents = read_elements(stream, TAGS)
    notes: dict[str, None] = {}
    twice = _without_dispensable(contents, notes)
    header = Header(contents.elements, notes.setdefault, assumed=assumed)
    sop_class_uid = header.uid("SOPClassUID")
    if contents.media_sop_class_uid == MEDIA_DIRECTORY:
        sop_class_uid = MEDIA_DIRECTORY
    if not sop_class_uid:
        raise UnusableFile(
            phrase("SOP Class UID is missing or not valid"),
            phrase("give the image as the archive holds it"),
        )
    kind = kind_of(sop_class_uid)
    if kind is None:
        ledger.note(found.label, tell_other(sop_class_uid, found))
        return None
    if twice:
        raise standing_twice(twice[0])
    require_uids(header)
    if found.lacks_preamble:
        header.note(phrase("has no preamble and DICOM mark; it is read all the same"))
    image = read_image(header, kind, pixel_data=contents.pixel_data or elsewhere)
    is_here = contents.pixel_data or not elsewhere
    owner = Owner.of(header, found.label)
    image = replace(image, patient=owner.patient, file=found.stored if is_here else None)
    return _Read(found, owner, image, tuple(notes))


def _without_dispensable(contents: Contents, notes: dict[str, None]) -> tuple[int, ...]:
    """Leave out what stands twice with different values and may be missed; the tags of the others."""
    for tag in DISPENSABLE.intersection(contents.repeated):
        del contents.elements[tag]
        told = phrase("{problem}; it is left out", problem=standing_twice(tag).problem)
        notes[told] = None
    return tuple(tag for tag in contents.repeated if tag not in DISPENSABLE)


def _distinct(images: list[_Read], ledger: Ledger) -> list[_Read]:
    """Each image once; two that differ under one SOP Instance UID are a fault."""
    by_uid: dict[str, _Read] = {}
    for read in images:
        first = by_uid.setdefault(read.image.sop_instance_uid, read)
        if first is read:
            continue
        if _digest(first.found) == _digest(read.found):
            problem = phrase("is the same image once more; it is used once")
            ledger.note(read.found.label, problem)
        else:
            problem = phrase("has the SOP Instance UID of another file, but not its content")
            ledger.refuse(
                read.found.label, problem, phrase("give the image as the archive holds it")
            )
    return list(by_uid.values())


def _digest(found: Found) -> str:
    """A fingerprint of the data set, whatever the preamble and file meta information."""
    with found.open() as stream:
        stream.seek(data_set_start(stream))
        digest = hashlib.sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
