"""Headers of images from DICOM JSON (PS3.18 Annex F): files of all elements but the bulk data."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydicom import Dataset, config
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from hosr.archive.dicomweb.messages import text_of
from hosr.archive.dicomweb.resources import is_uid
from hosr.dicom.elements import quiet_pydicom

if TYPE_CHECKING:
    from hosr.archive.dicomweb.messages import DataSet


_STUDY_INSTANCE_UID = "0020000D"
_CHARACTER_SET = {"vr": "CS", "Value": ["ISO_IR 192"]}
_SPECIFIC_CHARACTER_SET = "00080005"

# PS3.5 table 6.2-1: bytes that DICOM JSON refers to or gives in Base64.
_BINARY_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_MAX_DEPTH = 32


def header_file(data_set: DataSet, study_instance_uid: str) -> bytes:
    """The header of one instance of the study as a file, its text in UTF-8 (ISO_IR 192).

    Values stay as they are, lawful or not: who reads the file judges them. Raises ValueError for
    what is no header of an instance of this study.
    """
    if text_of(data_set, _STUDY_INSTANCE_UID) != study_instance_uid:
        raise ValueError("is of another study")
    plain = _without_bulk(data_set, depth=0)
    plain[_SPECIFIC_CHARACTER_SET] = _CHARACTER_SET
    try:
        with quiet_pydicom(), config.disable_value_validation():
            return _encoded(_read(plain))
    except Exception:  # noqa: BLE001 (pydicom throws of every kind on malformed JSON)
        raise ValueError("is malformed") from None


def _read(plain: DataSet) -> Dataset:
    """The elements that can be read; one that cannot, such as a length in words, is left out."""
    header = Dataset()
    for tag, attribute in plain.items():
        with suppress(Exception):
            header.update(Dataset.from_json({tag: attribute}))
    return header


def _encoded(header: Dataset) -> bytes:
    if not is_uid(header.SOPInstanceUID) or not is_uid(header.SOPClassUID):
        raise ValueError("names no instance")
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = UID(ExplicitVRLittleEndian)
    stream = io.BytesIO()
    header.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _without_bulk(data_set: DataSet, depth: int) -> dict[str, Any]:
    """The elements of a data set that have plain values, at every level."""
    if depth > _MAX_DEPTH:
        raise ValueError("is nested beyond measure")
    kept: dict[str, Any] = {}
    for tag, attribute in data_set.items():
        if not isinstance(attribute, dict) or not _is_plain(tag, attribute):
            continue
        values = attribute.get("Value")
        if attribute.get("vr") == "SQ" and isinstance(values, list):
            items = [_without_bulk(item, depth + 1) for item in values if isinstance(item, dict)]
            kept[tag] = {"vr": "SQ", "Value": items}
        else:
            kept[tag] = attribute
    return kept


def _is_plain(tag: str, attribute: dict[str, Any]) -> bool:
    """Whether an element belongs into a header: no bulk data, no character set of its own."""
    return (
        attribute.get("vr") not in _BINARY_VRS
        and not {"BulkDataURI", "InlineBinary"} & attribute.keys()
        and tag != _SPECIFIC_CHARACTER_SET
        and tag[:4] not in {"0000", "0002"}
    )
