"""Which objects are images that hosr takes, which elements of a header matter, and what is done without them.

A report must not carry a wrong identity, and must not be lost to a header that lacks something.
So an *essential* value that cannot be read for certain refuses the image. Nothing is ever cut: a
value that is merely too long for its element is left out and noted, unless it says who the patient
is; then it is kept, and refused when it is written. Any other value that cannot be used is left out
and noted.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydicom import uid
from pydicom.datadict import tag_for_keyword

from hosr.vocabulary.terms import ImagingModality


@dataclass(frozen=True, slots=True)
class Text:
    """One text element: its keyword, value representation, and whether it is essential.

    `expected` ones are noted where they are absent (Type 2, PS3.5 section 7.4.3), those that say
    `whose` image it is where they are empty too. A value that is `asserted` by records is kept at
    any length to be compared with them, and left out of a report where it does not fit.
    """

    keyword: str
    vr: str
    words: str
    essential: bool = False
    expected: bool = False
    whose: bool = False
    asserted: bool = False

    @property
    def most(self) -> int:
        """The characters that a value, or a component group of a name, may have (PS3.5 table 6.2-1)."""
        return _MAX_CHARACTERS[self.vr]


_MAX_CHARACTERS = {"LO": 64, "PN": 64, "SH": 16}

# Field of hosr.study.Patient: its element.
PATIENT = {
    "name": Text("PatientName", "PN", "Patient's Name", essential=True, expected=True, whose=True),
    "patient_id": Text("PatientID", "LO", "Patient ID", essential=True, expected=True, whose=True),
    "issuer": Text("IssuerOfPatientID", "LO", "Issuer of Patient ID", essential=True, whose=True),
    "birth_date": Text("PatientBirthDate", "DA", "Patient's Birth Date", expected=True),
    "sex": Text("PatientSex", "CS", "Patient's Sex", expected=True),
}

# Field of hosr.study.SourceStudy: its element.
STUDY = {
    "study_id": Text("StudyID", "SH", "Study ID", essential=True, expected=True),
    "date": Text("StudyDate", "DA", "Study Date", expected=True),
    "time": Text("StudyTime", "TM", "Study Time", expected=True),
    "accession_number": Text(
        "AccessionNumber", "SH", "Accession Number", essential=True, expected=True, asserted=True
    ),
    "referring_physician": Text(
        "ReferringPhysicianName", "PN", "Referring Physician's Name", expected=True
    ),
    "description": Text("StudyDescription", "LO", "Study Description"),
    "timezone_offset": Text("TimezoneOffsetFromUTC", "TZ", "Timezone Offset From UTC"),
    "requested_procedure_id": Text(
        "RequestedProcedureID", "SH", "Requested Procedure ID", essential=True
    ),
    "requested_procedure_description": Text(
        "RequestedProcedureDescription", "LO", "Requested Procedure Description"
    ),
    "placer_order_number": Text(
        "PlacerOrderNumberImagingServiceRequest", "LO", "Placer Order Number", essential=True
    ),
    "filler_order_number": Text(
        "FillerOrderNumberImagingServiceRequest", "LO", "Filler Order Number", essential=True
    ),
}

CALIBRATION_TYPE = Text("PixelSpacingCalibrationType", "CS", "Pixel Spacing Calibration Type")

# Everything that is read at the top level of a data set; nothing else is touched.
_KEYWORDS = (
    "SpecificCharacterSet",
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "Modality",
    "ImageType",
    "InstanceNumber",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "BurnedInAnnotation",
    "PatientOrientation",
    "Laterality",
    "ImageLaterality",
    "BodyPartExamined",
    "SeriesDescription",
    "ProtocolName",
    "ViewPosition",
    "ViewCodeSequence",
    "AnatomicRegionSequence",
    "PrimaryAnatomicStructureSequence",
    "PixelSpacing",
    "ImagerPixelSpacing",
    "NominalScannedPixelSpacing",
    "PixelAspectRatio",
    "PixelSpacingCalibrationType",
    "EstimatedRadiographicMagnificationFactor",
    "DistanceSourceToDetector",
    "DistanceSourceToPatient",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "FrameOfReferenceUID",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "RequestAttributesSequence",
    *(text.keyword for text in (*PATIENT.values(), *STUDY.values())),
)

TAGS = tuple(tag for tag in map(tag_for_keyword, _KEYWORDS) if tag is not None)

# What is left out where it stands twice with different values; an image with two of the others is refused.
DISPENSABLE = frozenset(
    tag
    for tag in map(
        tag_for_keyword,
        (
            "InstanceNumber",
            "StudyTime",
            "StudyDescription",
            "SeriesDescription",
            "ProtocolName",
            "TimezoneOffsetFromUTC",
            "RequestedProcedureDescription",
        ),
    )
    if tag is not None
)


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


def image_classes() -> tuple[str, ...]:
    """The SOP classes of all images that hosr takes."""
    return tuple(map(str, _KINDS))


def kind_of(sop_class_uid: str) -> Kind | None:
    """The kind of image of this SOP class; None for every other object."""
    return _KINDS.get(uid.UID(sop_class_uid))


def family_of(kind: Kind, modality: str) -> ImagingModality | None:
    """What an image shows: by its class, or by its Modality where its class is open."""
    return kind.family or _FAMILIES.get(modality)
