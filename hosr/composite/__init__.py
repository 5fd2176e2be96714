"""What every DICOM object that hosr makes has in common (PS3.3 Annex C.7 and C.12).

    instances   who an object is, what it refers to, and the object as a file
    header      patient, study, order, series, equipment, and when it was made
    labels      the words that viewers show of a hip, its grades and its lengths
    rejection   which objects were taken back, by whatever maker

Whatever its class, an object belongs to the patient, the study and the order of the graded
images, lies in a series of its own, names who made it, and has an identity that follows from its
content. Objects are plain values by keyword; their own part is written by the packages above.
"""

from __future__ import annotations

from hosr.composite.header import (
    OWN_TAGS,
    Series,
    content_date_values,
    date_and_time,
    header_values,
    is_own,
    laterality_of,
)
from hosr.composite.instances import (
    Encoded,
    by_series,
    code_values,
    derive_instance,
    encode,
    evidence_of,
    numbered,
    read_referenced,
    refusing_invalid,
    shown_places,
    sop_values,
)
from hosr.composite.rejection import REJECTION_TAGS, REJECTION_TITLES, find_rejected

__all__ = [
    "OWN_TAGS",
    "REJECTION_TAGS",
    "REJECTION_TITLES",
    "Encoded",
    "Series",
    "by_series",
    "code_values",
    "content_date_values",
    "date_and_time",
    "derive_instance",
    "encode",
    "evidence_of",
    "find_rejected",
    "header_values",
    "is_own",
    "laterality_of",
    "numbered",
    "read_referenced",
    "refusing_invalid",
    "shown_places",
    "sop_values",
]
