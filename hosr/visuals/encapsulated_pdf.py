"""The PDF report as a DICOM object: Encapsulated PDF (PS3.3 section A.45.1).

It names what it was derived from, images and structured reports alike, as its sources. The
structured reports are also referenced as its Source Document (121335, CID 7006): a document whose
content was transcoded, in whole or in part, to the one that refers to it. The codes of renderings
in that group say the reverse, that the document referred to renders the one that refers to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from pydicom.dataset import Dataset

from hosr import codes
from hosr.composite import (
    Encoded,
    Series,
    code_item,
    compose,
    date_content,
    derive_instance,
    encode,
    evidence_of,
    laterality_of,
    refusing_invalid,
    sop_item,
)
from hosr.composite.labels import series_label
from hosr.identity import fingerprint
from hosr.report import Report
from hosr.study import Instance
from hosr.version import __version__

SOP_CLASS_UID = "1.2.840.10008.5.1.4.1.1.104.1"
_TITLE = "Heterotopic ossification of the hip, draft report"


def encapsulated_pdf(report: Report, pdf: bytes, documents: Sequence[Instance] = ()) -> Encoded:
    """The PDF of a report as a DICOM object; `documents` are the SRs of the same report.

    Raises `Unencodable` where a value has no valid form in DICOM.
    """
    digest = hashlib.sha256(pdf).hexdigest()
    key = fingerprint((fingerprint(report), tuple(documents), digest, __version__))
    instance = derive_instance("encapsulated pdf", SOP_CLASS_UID, key)
    series = Series(modality="DOC", number=9505, description=series_label(report.hips, "PDF"))
    dataset = compose(instance, series, report)
    with refusing_invalid():
        date_content(dataset, report)
        _add_sources(dataset, report, documents)
        _add_document(dataset, report, pdf)
    return Encoded(instance=instance, data=encode(dataset))


def _add_sources(dataset: Dataset, report: Report, documents: Sequence[Instance]) -> None:
    dataset.SourceInstanceSequence = [
        sop_item(instance) for instance in (*evidence_of(report), *documents)
    ]
    if documents:
        dataset.ReferencedInstanceSequence = [_source_document(each) for each in documents]


def _source_document(document: Instance) -> Dataset:
    item = sop_item(document)
    item.PurposeOfReferenceCodeSequence = [code_item(codes.SOURCE_DOCUMENT)]
    return item


def _add_document(dataset: Dataset, report: Report, pdf: bytes) -> None:
    """SC Equipment and Encapsulated Document (PS3.3 sections C.8.6.1 and C.24.2)."""
    dataset.ConversionType = "WSD"
    dataset.AcquisitionDateTime = ""
    side = laterality_of(report)
    dataset.ImageLaterality = side or "B"
    dataset.BurnedInAnnotation = "YES"
    dataset.DocumentTitle = _TITLE
    dataset.ConceptNameCodeSequence = [code_item(codes.DIAGNOSTIC_IMAGING_REPORT)]
    dataset.VerificationFlag = "UNVERIFIED"
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    dataset.EncapsulatedDocumentLength = len(pdf)
