"""Which objects are images that hosr takes, and what family each belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom import uid

from hosr.vocabulary.terms import ImagingModality


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A sort of image: what it shows (None: its Modality says), and the Modality it has if it names none."""

    family: ImagingModality | None
    modality: str

    @property
    def is_capture(self) -> bool:
        """Whether it is a picture of a picture, whose spacing has no plane."""
        return self.family is None


_CT = Kind(family=ImagingModality.CT, modality="CT")
_MR = Kind(family=ImagingModality.MR, modality="MR")
_CAPTURE = Kind(family=None, modality="OT")


def _radiograph(modality: str) -> Kind:
    return Kind(family=ImagingModality.RADIOGRAPH, modality=modality)


# PS3.4 Annex B.5.
_KINDS = {
    uid.ComputedRadiographyImageStorage: _radiograph("CR"),
    uid.DigitalXRayImageStorageForPresentation: _radiograph("DX"),
    uid.DigitalXRayImageStorageForProcessing: _radiograph("DX"),
    uid.XRayAngiographicImageStorage: _radiograph("XA"),
    uid.EnhancedXAImageStorage: _radiograph("XA"),
    uid.XRayRadiofluoroscopicImageStorage: _radiograph("RF"),
    uid.EnhancedXRFImageStorage: _radiograph("RF"),
    uid.CTImageStorage: _CT,
    uid.EnhancedCTImageStorage: _CT,
    uid.LegacyConvertedEnhancedCTImageStorage: _CT,
    uid.MRImageStorage: _MR,
    uid.EnhancedMRImageStorage: _MR,
    uid.EnhancedMRColorImageStorage: _MR,
    uid.LegacyConvertedEnhancedMRImageStorage: _MR,
    uid.SecondaryCaptureImageStorage: _CAPTURE,
    uid.MultiFrameSingleBitSecondaryCaptureImageStorage: _CAPTURE,
    uid.MultiFrameGrayscaleByteSecondaryCaptureImageStorage: _CAPTURE,
    uid.MultiFrameGrayscaleWordSecondaryCaptureImageStorage: _CAPTURE,
    uid.MultiFrameTrueColorSecondaryCaptureImageStorage: _CAPTURE,
}

# What a capture shows, by its Modality.
_FAMILIES = {
    **dict.fromkeys(("CR", "DX", "RF", "RG", "XA"), ImagingModality.RADIOGRAPH),
    "CT": ImagingModality.CT,
    "MR": ImagingModality.MR,
}


def kind_of(sop_class_uid: str) -> Kind | None:
    """The kind of image of this SOP class; None for every other object."""
    return _KINDS.get(uid.UID(sop_class_uid))


def family_of(kind: Kind, modality: str) -> ImagingModality | None:
    """What an image shows: by its class, or by its Modality where its class is open."""
    return kind.family or _FAMILIES.get(modality)


def name_of(sop_class_uid: str) -> str:
    """What the standard calls objects of this class; the UID where it does not know it."""
    return uid.UID(sop_class_uid).name
