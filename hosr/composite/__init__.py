"""What every DICOM object that hosr makes has in common (PS3.3 Annex C.7 and C.12).

Whatever its class, an object belongs to the patient, the study and the order of the graded
images, lies in a series of its own, names who made it, and has an identity that follows from its
content. Its own part is written by the packages above.
"""

from __future__ import annotations

from hosr.composite.encoding import (
    Encoded,
    derive_instance,
    encode,
    encode_values,
    invalid,
    refusing_invalid,
)
from hosr.composite.header import (
    Series,
    compose,
    content_date_values,
    date_and_time,
    date_content,
    header_values,
    laterality_of,
)
from hosr.composite.references import (
    by_series,
    code_item,
    code_values,
    evidence_of,
    numbered,
    shown_places,
    sop_item,
)

__all__ = [
    "Encoded",
    "Series",
    "by_series",
    "code_item",
    "code_values",
    "compose",
    "content_date_values",
    "date_and_time",
    "date_content",
    "derive_instance",
    "encode",
    "encode_values",
    "evidence_of",
    "header_values",
    "invalid",
    "laterality_of",
    "numbered",
    "refusing_invalid",
    "shown_places",
    "sop_item",
]
