"""Report to DICOM structured report and back: `encode`, `encode_narrative`, `decode`.

    items                the content tree as frozen values, apart from any DICOM library
    measurement          the measurement report, TID 1500, and its groups; of these parts:
      context, library, lengths, answers
    observations         the UIDs of what a group says
    signing, changes     what persons did to it, and what an amendment changed
    labels               the regions and words that viewers show of a group
    receivers            the forms that receivers need, and what breaks one of them
    lookbacks            what earlier reports say, and what follows from it
    found                surfaces and distances beside the findings, which are not graded
    narrative            the narrative report as Basic Text SR
    key_objects          the images that show the graded hips
    rejection            the withdrawal of a report, as a note that rejects its objects
    document             the file: what documents have beyond every object, and items as bytes
    content              the content tree of a file, read
    decoding             items to the report; hip_decoding: to one hip of it
    alterations          what a file says besides, and what was changed about it since
    highdicom_bridge     the measurement report as highdicom's own objects, and back

What the standard leaves open stands in `receivers`, and a document that breaks one is not made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import pydicom
from pydicom.dataset import Dataset

from hosr import codes
from hosr.codes import Code
from hosr.composite import OWN_TAGS, REJECTION_TAGS, Encoded, find_rejected, is_own
from hosr.dicom.elements import Peeked, peek, quiet_pydicom, unvalidated_pydicom
from hosr.dicom.structure import UnusableFile
from hosr.errors import DocumentRefused, Fault, Unencodable
from hosr.language import ENGLISH, Language, language_of
from hosr.report import Report
from hosr.sr.content import read_item, read_title
from hosr.sr.document import Document, encode_report
from hosr.sr.items import Item
from hosr.sr.measurement import measurement_document
from hosr.sr.narrative import narrative_document
from hosr.sr.receivers import Options, find_viewer_killers
from hosr.sr.rejection import RejectionNote, read_note, rejection_note
from hosr.study import Instance
from hosr.vocabulary.terms import Side

Paragraphs = tuple[str, ...]

__all__ = [
    "Decoded",
    "Options",
    "RejectionNote",
    "check_narrative",
    "decode",
    "decode_whole",
    "encode",
    "encode_narrative",
    "make_measurement",
    "make_narrative",
    "read_language",
    "read_narrative",
    "read_rejection",
    "read_tracking",
    "rejection_note",
]

_MODALITY, _MANUFACTURER, _TITLE = 0x00080060, 0x00080070, 0x0040A043
# Object, name, ID, birth date, sex, study and series: a report in which one of them stands twice is
# of two patients or studies, depending on who reads it.
_ONCE = (0x00080018, 0x00100010, 0x00100020, 0x00100030, 0x00100040, 0x0020000D, 0x0020000E)
_LIMIT_BYTES = 64 * 1024 * 1024


def encode(report: Report, options: Options | None = None) -> bytes:
    """The measurement report as a DICOM file; raises as `make_measurement`."""
    return make_measurement(report, options or Options()).data


def encode_narrative(
    report: Report,
    sections: tuple[tuple[str, Paragraphs], ...],
    options: Options | None = None,
    language: Language = ENGLISH,
) -> bytes:
    """The narrative report as a DICOM file; as `make_narrative`."""
    return make_narrative(report, sections, options or Options(), language).data


def make_measurement(report: Report, options: Options) -> Encoded:
    """The measurement report: its identity and its file.

    Raises `Unencodable` where a value has no valid form, or a viewer would fail on the result.
    """
    return _finished(measurement_document(report, options), report)


def make_narrative(
    report: Report,
    sections: tuple[tuple[str, Paragraphs], ...],
    options: Options,
    language: Language,
) -> Encoded:
    """The narrative report: its identity and its file; `sections` are pairs of a key and paragraphs.

    `language` is the one that the paragraphs are in. Raises as `make_measurement`.
    """
    return _finished(narrative_document(report, sections, options, language), report)


def _finished(document: Document, report: Report) -> Encoded:
    study_uid = report.subject.study.study_instance_uid
    evidence = [(study_uid, each.sop_instance_uid) for each in document.evidence]
    pertinent = [each.sop_instance_uid for _, others in document.pertinent for each in others]
    faults = find_viewer_killers(document.root, evidence, study_uid, pertinent)
    if faults:
        raise Unencodable(faults)
    return encode_report(document, report)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A report that was read, and the form it was in.

    `alterations` says in words what was changed around its content since hosr wrote it, such as the
    patient by an archive; it is empty where nothing was, or nothing that can be known.
    """

    report: Report
    options: Options
    alterations: tuple[str, ...]


def decode(data: bytes, name: str = "document") -> Report:
    """The report that a measurement file was made from, whatever an archive set right around it.

    Raises `DocumentRefused`, naming what the file is instead.
    """
    return decode_whole(data, name).report


def decode_whole(data: bytes, name: str = "document") -> Decoded:
    """The report of a measurement file, and what became of the file. Raises as `decode`."""
    dataset, title = _read_document(data, name)
    if not _is_measurement(title):
        remedy = "give the measurement report of the same study"
        problem = f'is a "{_shown(title.meaning, 64)}", which holds no record'
        raise DocumentRefused(Fault(name, problem, remedy))
    from hosr.sr.alterations import find_alterations  # most who make reports read none
    from hosr.sr.decoding import decode_dataset

    with _reading(name):
        report, options = decode_dataset(dataset)
        alterations = find_alterations(data, dataset, report, options)
        return Decoded(report=report, options=options, alterations=alterations)


def read_tracking(
    data: bytes, name: str = "document"
) -> tuple[Instance, tuple[tuple[Side, str], ...]]:
    """What a measurement file is known by, and the tracking UID of each hip in it. Raises as `decode`."""
    dataset, _ = _read_document(data, name)
    from hosr.sr.decoding import read_hip_tracking

    with _reading(name):
        instance = Instance(
            series_instance_uid=str(dataset.SeriesInstanceUID),
            sop_class_uid=str(dataset.SOPClassUID),
            sop_instance_uid=str(dataset.SOPInstanceUID),
        )
        return instance, tuple(read_hip_tracking(read_item(dataset)))


def read_narrative(
    data: bytes, name: str = "document"
) -> tuple[tuple[str, Paragraphs], ...] | None:
    """The headings and paragraphs of a narrative report; None for a measurement report."""
    dataset, title = _read_document(data, name)
    if _is_measurement(title):
        return None
    from hosr.sr.signing import require_stated_status

    with _reading(name):
        root = read_item(dataset)
        require_stated_status(dataset, root)
        sections = [item for item in root.children if item.value_type == "CONTAINER"]
    return tuple((str(s.name and s.name.meaning), _paragraphs(s)) for s in sections)


def read_rejection(data: bytes, name: str = "document") -> RejectionNote | None:
    """The withdrawal of a report by its note; None for what is no key object selection of hosr.

    Raises `DocumentRefused` for one that is another selection, such as that of key images, or damaged.
    """
    try:
        seen = peek(data, (*OWN_TAGS, *REJECTION_TAGS, *_ONCE))
    except UnusableFile as refusal:
        raise DocumentRefused(Fault(name, refusal.problem, refusal.remedy)) from refusal
    if seen.text(_MODALITY) != "KO" or not is_own(seen):
        return None
    if not find_rejected(seen):
        problem = "is a selection of key images, which says nothing of its report"
        raise DocumentRefused(Fault(name, problem, "give measurement.dcm or narrative.dcm"))
    with _reading(name):
        return read_note(pydicom.dcmread(BytesIO(data)))


def check_narrative(data: bytes, written: bytes, name: str = "document") -> None:
    """Whether a narrative report says, word for word, what another file of it says.

    Raises `DocumentRefused` where it says anything else, or is of another measurement report.
    """
    from hosr.sr.alterations import require_same_narrative

    dataset, _ = _read_document(data, name)
    other, _ = _read_document(written, name)
    with _reading(name):
        require_same_narrative(dataset, other)


def read_language(data: bytes, name: str = "document") -> Language:
    """The language of a report. Raises `DocumentRefused` where it is none of hosr."""
    dataset, _ = _read_document(data, name)
    with _reading(name):
        stated = read_item(dataset).first(codes.LANGUAGE)
        if stated is None or not isinstance(stated.value, Code):
            raise ValueError("the report names no language")
        return language_of(stated.value.value)


def _is_measurement(title: Code) -> bool:
    return title.key == codes.IMAGING_MEASUREMENT_REPORT.key


def _paragraphs(section: Item) -> Paragraphs:
    texts = (str(item.value) for item in section.children if item.value_type == "TEXT")
    return tuple(text.replace("\r\n", "\n") for text in texts)


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Whatever a damaged tree makes Python say, said once and without its content."""
    try:
        with quiet_pydicom(), unvalidated_pydicom():
            yield
    except UnusableFile as refusal:
        raise DocumentRefused(Fault(name, refusal.problem, refusal.remedy)) from refusal
    except Exception as error:
        problem = f"is a damaged or foreign report ({type(error).__name__})"
        raise DocumentRefused(Fault(name, problem, "give a file as hosr wrote it")) from error


def _read_document(data: bytes, name: str) -> tuple[Dataset, Code]:
    """The dataset and title of a report of hosr; everything else is refused by name."""
    if len(data) > _LIMIT_BYTES:
        raise DocumentRefused(Fault(name, "is larger than any report", "give a report of hosr"))
    try:
        _require_own_report(peek(data, (*OWN_TAGS, _TITLE, *_ONCE)))
    except UnusableFile as refusal:
        raise DocumentRefused(Fault(name, refusal.problem, refusal.remedy)) from refusal
    with _reading(name):
        dataset = pydicom.dcmread(BytesIO(data))
        title = read_title(dataset)
        if title is None:
            raise ValueError("the report has no title")
        return dataset, title


def _require_own_report(seen: Peeked) -> None:
    modality, maker = seen.text(_MODALITY), seen.text(_MANUFACTURER)
    if modality != "SR" or not seen.items(_TITLE):
        problem = f"is not a structured report (modality {_shown(modality, 16) or 'absent'})"
        raise UnusableFile(problem, "give measurement.dcm or narrative.dcm")
    if not is_own(seen):
        problem = f"is a structured report of another maker ({_shown(maker, 64) or 'unnamed'})"
        raise UnusableFile(problem, "hosr reads back only what it wrote")


def _shown(value: str, longest: int) -> str:
    """A value as a message may hold it; in a damaged file it may have swallowed its neighbours."""
    return value if len(value) <= longest and value.isprintable() else "unreadable"
