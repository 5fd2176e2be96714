"""What lies beside images and is none: what it is, and the command that would read it."""

from __future__ import annotations

from pydicom import uid

from hosr.composite import OWN_TAGS, is_own
from hosr.dicom.elements import peek
from hosr.dicom.structure import UnusableFile
from hosr.intake.images.sources import Found
from hosr.phrases import phrase

# Supplement 243 of DICOM (2024c); pydicom 3.0 has no name for it.
LABEL_MAP_SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.7"
_NAMES = {LABEL_MAP_SEGMENTATION: "Label Map Segmentation Storage"}

_IMPORT = "hosr import FILE --labels labels.toml --images ..."
_MASKS = phrase("`{command}` makes a record of its segments", command=_IMPORT)
_DRAWN = phrase("`{command}` makes a record of what was drawn in it", command=_IMPORT)
_CONVERT = phrase("convert it to a DICOM Segmentation, of which `hosr import` makes a record")

# What of other makers hosr reads, or would in another form. PS3.4 Annex B.5.
_OF_OTHERS: dict[str, str] = {
    uid.SegmentationStorage: _MASKS,
    LABEL_MAP_SEGMENTATION: _MASKS,
    uid.SurfaceSegmentationStorage: _CONVERT,
    uid.RTStructureSetStorage: _CONVERT,
    uid.EnhancedSRStorage: _DRAWN,
    uid.ComprehensiveSRStorage: _DRAWN,
    uid.Comprehensive3DSRStorage: _DRAWN,
    uid.GrayscaleSoftcopyPresentationStateStorage: _DRAWN,
}
_REPORT = phrase(
    "it is a report of hosr: `hosr show FILE` prints it, `--prior FILE` compares with it"
)
_TEXT = phrase("it is a report of hosr: `hosr show FILE` prints it")
_PART = phrase("it is part of a report of hosr")
# What hosr itself writes beside its pictures, and what of that is a report.
_OF_HOSR: dict[str, str] = {
    uid.ComprehensiveSRStorage: _REPORT,
    uid.Comprehensive3DSRStorage: _REPORT,
    uid.BasicTextSRStorage: _TEXT,
    uid.KeyObjectSelectionDocumentStorage: _PART,
    uid.GrayscaleSoftcopyPresentationStateStorage: _PART,
    uid.EncapsulatedPDFStorage: _PART,
}
# Of these nobody's is hosr's own, so that a list of an archive says as much as the file.
FOREIGN = frozenset(_OF_OTHERS) - frozenset(_OF_HOSR)


def name_of(sop_class_uid: str) -> str:
    """What the standard calls objects of this class; the UID where it is not known."""
    return _NAMES.get(sop_class_uid) or uid.UID(sop_class_uid).name


def tell_other(sop_class_uid: str, found: Found | None = None) -> str:
    """That an object is no image, what it is, and what would read it; `found` is its file."""
    told = phrase("is no radiograph, CT or MR image but {name}", name=name_of(sop_class_uid))
    may_be_own = found is not None and sop_class_uid in _OF_HOSR
    own = may_be_own and found is not None and _is_of_hosr(found)
    what = (_OF_HOSR if own else _OF_OTHERS).get(sop_class_uid)
    return phrase("{problem}; {remedy}", problem=told, remedy=what) if what else told


def _is_of_hosr(found: Found) -> bool:
    with found.open() as stream:
        try:
            return is_own(peek(stream, OWN_TAGS))
        except UnusableFile:
            return False
