"""The PDF report as a DICOM object: Encapsulated PDF (PS3.3 section A.45.1).

It names what it was derived from, images and structured reports alike, as its sources. The
structured reports are also referenced as its Source Document (121335, CID 7006): a document whose
content was transcoded, in whole or in part, to the one that refers to it. The codes of renderings
in that group say the reverse, that the document referred to renders the one that refers to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from hosr import codes
from hosr.composite import (
    Encoded,
    Series,
    code_values,
    content_date_values,
    derive_instance,
    encode,
    evidence_of,
    header_values,
    laterality_of,
    sop_values,
)
from hosr.composite.labels import series_label
from hosr.dicom.writing import Value
from hosr.identity import fingerprint
from hosr.report import Report
from hosr.study import Instance

SOP_CLASS_UID = "1.2.840.10008.5.1.4.1.1.104.1"


def encapsulated_pdf(report: Report, pdf: bytes, documents: Sequence[Instance] = ()) -> Encoded:
    """The PDF of a report as a DICOM object; `documents` are the SRs of the same report.

    Raises `Unencodable` where a value has no valid form in DICOM.
    """
    digest = hashlib.sha256(pdf).hexdigest()
    key = fingerprint((fingerprint(report), tuple(documents), digest, report.form))
    instance = derive_instance("encapsulated pdf", SOP_CLASS_UID, key)
    series = Series(modality="DOC", number=9505, description=series_label(report, "PDF"))
    return encode(
        instance,
        {
            **header_values(instance, series, report),
            **content_date_values(report),
            **_sources(report, documents),
            **_document(report, pdf),
        },
    )


def _sources(report: Report, documents: Sequence[Instance]) -> dict[str, Value]:
    every = [sop_values(instance) for instance in (*evidence_of(report), *documents)]
    purpose = {"PurposeOfReferenceCodeSequence": [code_values(codes.SOURCE_DOCUMENT)]}
    referenced = [{**sop_values(document), **purpose} for document in documents]
    return {
        "SourceInstanceSequence": every,
        **({"ReferencedInstanceSequence": referenced} if referenced else {}),
    }


def _document(report: Report, pdf: bytes) -> dict[str, Value]:
    """SC Equipment and Encapsulated Document (PS3.3 sections C.8.6.1 and C.24.2)."""
    return {
        "ConversionType": "WSD",
        "AcquisitionDateTime": "",
        "ImageLaterality": laterality_of(report) or "B",
        "BurnedInAnnotation": "YES",
        "DocumentTitle": f"Heterotopic ossification of the hip, {report.status.label} report",
        "ConceptNameCodeSequence": [code_values(codes.DIAGNOSTIC_IMAGING_REPORT)],
        "VerificationFlag": report.status.verification,
        "MIMETypeOfEncapsulatedDocument": "application/pdf",
        "EncapsulatedDocument": pdf,
        "EncapsulatedDocumentLength": len(pdf),
    }
