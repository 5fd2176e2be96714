"""What became of a report since hosr wrote it: nothing, its header, or its content.

The report that was read is written again and compared with the file, whole: byte by byte, and where
these differ, as in another transfer syntax, element by element. Content that is not what hosr makes
of it is refused. Archives lawfully correct patient and study, and a study of de-identified reports
gives new UIDs: that it happened shows in UIDs that follow from other content, and so it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO

from pydicom.datadict import dictionary_description
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.multival import MultiValue

from hosr import codes
from hosr.dicom.original_attributes import former_attributes
from hosr.dicom.structure import UnusableFile
from hosr.dicom.writing import encode_data_set
from hosr.errors import Unencodable
from hosr.report import Report, Subject
from hosr.sr.decoding import AS_WRITTEN, read_patient, read_study
from hosr.sr.document import Document, encode_item, encode_report
from hosr.sr.measurement import content_key, measurement_document, measurement_instance
from hosr.sr.receivers import Options
from hosr.sr.signing import require_same_status
from hosr.study import Instance

_CONTENT = "ContentSequence"
_OBSERVATION_UID = "ObservationUID"
_PADDING = 0xFFFCFFFC  # PS3.10 section 7.2; some writers put it into items too
# Archives correct a header, which these derive from, and leave the tree as it was.
_BY_HEADER = {
    codes.STUDY_DATE.key,
    codes.TEMPORAL_OFFSET.key,
    codes.TIME_POINT.key,
    codes.TRACKING_UID.key,
}
UNEXPLAINED = (
    "its UIDs do not follow from what it holds: patient, study, evidence or UIDs were changed "
    "after hosr wrote it; compare it with the archive that it was sent to"
)


def find_alterations(
    data: bytes, dataset: Dataset, report: Report, options: Options
) -> tuple[str, ...]:
    """What was changed around the content of a file since it was written, in words; often nothing.

    `dataset` is that of the file, `report` and `options` are what it was read as. Raises
    UnusableFile where the content is not the one that the form of the file makes of the report.
    """
    document = measurement_document(report, options)
    if data == _file(document, report):
        return ()
    signatures = () if report.signing is None else report.signing.signatures
    require_same_status(dataset, report.status, signatures, report.incomplete)
    if _said(_tree(document).ContentSequence) != _said(dataset.ContentSequence):
        raise UnusableFile("was changed after it was written", AS_WRITTEN)
    return tuple(_find_other_identity(dataset, report, options, document.instance))


def require_same_narrative(dataset: Dataset, written: Dataset) -> None:
    """Raise UnusableFile where a narrative is not the one that hosr writes of its measurement."""
    if _said(dataset.ContentSequence) == _said(written.ContentSequence):
        return
    problem = "is not the narrative that hosr writes of this measurement report"
    remedy = "give the --templates and the hosr that it was written with; else it was changed"
    raise UnusableFile(problem, remedy)


def _file(document: Document, report: Report) -> bytes:
    """The file as hosr writes it; empty where a header that was corrected since cannot be written."""
    try:
        return encode_report(document, report).data
    except Unencodable:
        return b""


def _tree(document: Document) -> Dataset:
    """The content as a reader of the file finds it."""
    data = encode_data_set({"SpecificCharacterSet": "ISO_IR 192"}) + encode_item(document.root)
    return read_dataset(BytesIO(data), is_implicit_VR=False, is_little_endian=True)


def _said(items: Iterable[Dataset]) -> list[object]:
    """All that content items say, whatever an archive adds of its own."""
    return [_elements(item) for item in items if not _is_by_header(item)]


def _is_by_header(item: Dataset) -> bool:
    names = item.get("ConceptNameCodeSequence") or [Dataset()]
    return (names[0].get("CodingSchemeDesignator"), names[0].get("CodeValue")) in _BY_HEADER


def _elements(item: Dataset) -> dict[int, object]:
    found: dict[int, object] = {}
    for element in item:
        if element.tag.is_private or element.tag.element == 0 or element.tag == _PADDING:
            continue
        if element.keyword == _OBSERVATION_UID:  # follows from the header, as tracking UIDs do
            continue
        if element.keyword == _CONTENT:
            found[element.tag] = _said(element.value)
        elif element.VR == "SQ":
            found[element.tag] = [_elements(each) for each in element.value]
        else:
            found[element.tag] = _plain(element.value)
    return found


def _plain(value: object) -> str:
    """A value as text, in one form for all encodings of a data set."""
    if isinstance(value, bytes):
        return value.decode("ascii", "replace").rstrip(" \0")
    if isinstance(value, MultiValue):
        return "\\".join(map(str, value))
    return "" if value is None else str(value)


def _find_other_identity(
    dataset: Dataset, report: Report, options: Options, derived: Instance
) -> Iterator[str]:
    """Words for UIDs that are not those of the content under this header."""
    stated = str(dataset.SOPInstanceUID), str(dataset.SeriesInstanceUID)
    if stated == _uids(derived):
        return
    keywords, former = _before_corrections(dataset)
    subject = replace(report.subject, patient=read_patient(former), study=read_study(former))
    if keywords and stated == _uids(_instance(report, subject, options)):
        names = ", ".join(map(dictionary_description, keywords))
        yield f"{names} were corrected after hosr wrote it, as its Original Attributes say"
        return
    yield UNEXPLAINED


def _instance(report: Report, subject: Subject, options: Options) -> Instance:
    key = content_key(replace(report, subject=subject), options)
    return measurement_instance(key, options)


def _uids(instance: Instance) -> tuple[str, str]:
    return instance.sop_instance_uid, instance.series_instance_uid


def _before_corrections(dataset: Dataset) -> tuple[list[str], Dataset]:
    """The attributes that an archive keeps the former values of, and the header with these.

    Of several changes the oldest holds.
    """
    former = Dataset()
    former.update({element.tag: element for element in dataset if element.keyword != _CONTENT})
    keywords: list[str] = []
    for modified in former_attributes(dataset, _items, _text):
        former.update({element.tag: element for element in modified})
        keywords += [each.keyword for each in modified if each.keyword not in keywords]
    return keywords, former


def _items(dataset: Dataset, tag: int) -> list[Dataset]:
    return list(dataset[tag].value or ()) if tag in dataset else []


def _text(dataset: Dataset, tag: int) -> str:
    return str(dataset[tag].value) if tag in dataset else ""
