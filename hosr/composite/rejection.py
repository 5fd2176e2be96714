"""Which objects of a study were rejected: by key object selections of whatever maker.

A selection with one of these titles takes back what it names, of the same study (IHE Radiology,
Imaging Object Change Management, RAD TF-3 section 4.66); the objects themselves say nothing of it.
"""

from __future__ import annotations

from hosr import codes
from hosr.dicom.elements import Peeked

REJECTION_TITLES = (
    codes.REJECTED_FOR_QUALITY,
    codes.REJECTED_FOR_SAFETY,
    codes.INCORRECT_WORKLIST_ENTRY,
    codes.RETENTION_EXPIRED,
)

_MODALITY, _TITLE, _EVIDENCE = 0x00080060, 0x0040A043, 0x0040A375
# What `find_rejected` asks of a file.
REJECTION_TAGS = (_MODALITY, _TITLE, _EVIDENCE)
_CODE_VALUE, _CODE_SCHEME = 0x00080100, 0x00080102
_SERIES, _OBJECTS, _UID = 0x00081115, 0x00081199, 0x00081155


def find_rejected(seen: Peeked) -> frozenset[str]:
    """The SOP Instance UIDs that a file takes back, of which REJECTION_TAGS were `seen`; often none."""
    titles = {(title.text(_CODE_SCHEME), title.text(_CODE_VALUE)) for title in seen.items(_TITLE)}
    if seen.text(_MODALITY) != "KO" or not titles & {title.key for title in REJECTION_TITLES}:
        return frozenset()
    return frozenset(
        each.text(_UID)
        for study in seen.items(_EVIDENCE)
        for series in study.items(_SERIES)
        for each in series.items(_OBJECTS)
    )
