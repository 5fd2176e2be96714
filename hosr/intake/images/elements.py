"""Which elements of a header matter, and what is done where one is absent or unfit.

A report must not carry a wrong identity, and must not be lost to a header that lacks something.
So an *essential* value that cannot be read for certain refuses the image, and one that is merely
too long for its element is kept as it is and noted (nothing is ever cut; what cannot be written
is refused when it is written). Any other value that cannot be used is left out and noted.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.datadict import tag_for_keyword


@dataclass(frozen=True, slots=True)
class Text:
    """One text element: its keyword, value representation, and whether it is essential.

    `expected` ones are noted where they are absent or empty.
    """

    keyword: str
    vr: str
    words: str
    essential: bool = False
    expected: bool = False


# Field of hosr.study.Patient: its element.
PATIENT = {
    "name": Text("PatientName", "PN", "Patient's Name", essential=True, expected=True),
    "patient_id": Text("PatientID", "LO", "Patient ID", essential=True, expected=True),
    "issuer": Text("IssuerOfPatientID", "LO", "Issuer of Patient ID", essential=True),
    "birth_date": Text("PatientBirthDate", "DA", "Patient's Birth Date", expected=True),
    "sex": Text("PatientSex", "CS", "Patient's Sex", expected=True),
}

# Field of hosr.study.SourceStudy: its element.
STUDY = {
    "study_id": Text("StudyID", "SH", "Study ID", essential=True, expected=True),
    "date": Text("StudyDate", "DA", "Study Date", expected=True),
    "time": Text("StudyTime", "TM", "Study Time", expected=True),
    "accession_number": Text(
        "AccessionNumber", "SH", "Accession Number", essential=True, expected=True
    ),
    "referring_physician": Text(
        "ReferringPhysicianName", "PN", "Referring Physician's Name", essential=True, expected=True
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
