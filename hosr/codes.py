"""Every coded concept of the documents, each spelled once, with its source.

Standard concepts come from the content mapping resource (PS3.16) or LOINC; what no public scheme
names stands in the private scheme 99HOSR, which each document declares. SNOMED CT concepts
outside the set that DICOM may use free of charge are written only on request (`Terminology`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Self


class _Fields(NamedTuple):
    value: str
    scheme: str
    meaning: str


class Code(_Fields):
    """A coded concept: value, scheme designator and meaning (PS3.3 section 8.8).

    A tuple, for a report looks hundreds of them up.
    """

    __slots__ = ()

    def __new__(cls, value: str, scheme: str, meaning: str) -> Self:
        """The concept. Raises ValueError for a value or meaning that no attribute can hold."""
        if not 0 < len(value) <= 16 or not 0 < len(meaning) <= 64:
            raise ValueError(f"code value or meaning is empty or too long: {value!r}, {meaning!r}")
        return super().__new__(cls, value, scheme, meaning)

    @property
    def key(self) -> tuple[str, str]:
        """What identifies the concept: scheme and value; the meaning is for people."""
        return self.scheme, self.value


def hosr_code(value: str, meaning: str) -> Code:
    """A concept of the private scheme."""
    return Code(value, PRIVATE_SCHEME, meaning)


class Terminology(StrEnum):
    """Which codes stand for the few concepts that DICOM's free SNOMED CT set lacks."""

    OPEN = "open"
    SNOMED = "snomed"


# The private scheme, PS3.3 section 8.2: "99" and letters; no other characters.
PRIVATE_SCHEME = "99HOSR"
PRIVATE_SCHEME_UID = "2.25.147861183327953426839386316098817246514"
PRIVATE_SCHEME_NAME = "Heterotopic ossification structured reporting"
PRIVATE_SCHEME_VERSION = "1"
PRIVATE_SCHEME_ORGANIZATION = "hosr project"


def _dcm(value: str, meaning: str) -> Code:
    return Code(value, "DCM", meaning)


def _sct(value: str, meaning: str) -> Code:
    return Code(value, "SCT", meaning)


def _ln(value: str, meaning: str) -> Code:
    return Code(value, "LN", meaning)


# Document structure: TID 1500, 1204, 1001-1004, 1600-1604, 1410, 1419, 4019 (PS3.16 Annex A).
IMAGING_MEASUREMENT_REPORT = _dcm("126000", "Imaging Measurement Report")
IMAGING_MEASUREMENTS = _dcm("126010", "Imaging Measurements")
MEASUREMENT_GROUP = _dcm("125007", "Measurement Group")
QUALITATIVE_EVALUATIONS = Code("C0034375", "UMLS", "Qualitative Evaluations")
LANGUAGE = _dcm("121049", "Language of Content Item and Descendants")
OBSERVER_TYPE = _dcm("121005", "Observer Type")
PERSON = _dcm("121006", "Person")
DEVICE = _dcm("121007", "Device")
PERSON_OBSERVER_NAME = _dcm("121008", "Person Observer Name")
PERSON_OBSERVER_ORGANIZATION = _dcm("121009", "Person Observer's Organization Name")
DEVICE_OBSERVER_UID = _dcm("121012", "Device Observer UID")
DEVICE_OBSERVER_NAME = _dcm("121013", "Device Observer Name")
DEVICE_OBSERVER_MANUFACTURER = _dcm("121014", "Device Observer Manufacturer")
DEVICE_OBSERVER_MODEL = _dcm("121015", "Device Observer Model Name")
ALGORITHM_NAME = _dcm("111001", "Algorithm Name")
ALGORITHM_PARAMETERS = _dcm("111002", "Algorithm Parameters")
ALGORITHM_VERSION = _dcm("111003", "Algorithm Version")
PROCEDURE_REPORTED = _dcm("121058", "Procedure reported")
IMAGE_LIBRARY = _dcm("111028", "Image Library")
IMAGE_LIBRARY_GROUP = _dcm("126200", "Image Library Group")
MODALITY = _dcm("121139", "Modality")
TARGET_REGION = _dcm("123014", "Target Region")
IMAGE_LATERALITY = _dcm("111027", "Image Laterality")
IMAGE_VIEW = _dcm("111031", "Image View")
ANTEROPOSTERIOR = _sct("399348003", "antero-posterior")
STUDY_DATE = _dcm("111060", "Study Date")
ROWS = _dcm("110910", "Pixel Data Rows")
COLUMNS = _dcm("110911", "Pixel Data Columns")
FRAME_COUNT = _dcm("121140", "Number of Frames")
PATIENT_ORIENTATION_ROW = _dcm("111044", "Patient Orientation Row")
PATIENT_ORIENTATION_COLUMN = _dcm("111043", "Patient Orientation Column")
HORIZONTAL_PIXEL_SPACING = _dcm("111026", "Horizontal Pixel Spacing")
VERTICAL_PIXEL_SPACING = _dcm("111066", "Vertical Pixel Spacing")
TRACKING_IDENTIFIER = _dcm("112039", "Tracking Identifier")
TRACKING_UID = _dcm("112040", "Tracking Unique Identifier")
FINDING_CATEGORY = _sct("276214006", "Finding category")
MORPHOLOGICALLY_ABNORMAL = _sct("49755003", "Morphologically Abnormal Structure")
FINDING = _dcm("121071", "Finding")
FINDING_SITE = _sct("363698007", "Finding Site")
LATERALITY = _sct("272741003", "Laterality")
GEOMETRIC_PURPOSE = _dcm("130400", "Geometric purpose of region")
BOUNDED_BY = _sct("75958009", "Bounded by")
OUTLINE = _dcm("111041", "Outline")
IMAGE_REGION = _dcm("111030", "Image Region")
PATH = _dcm("121055", "Path")
FRAME_OF_REFERENCE = _dcm("112227", "Frame of Reference UID")
SOURCE = _sct("260753009", "Source")
ORIGINAL_SOURCE = _dcm("111040", "Original Source")
DERIVATION = _dcm("121401", "Derivation")
MINIMUM = _sct("255605001", "Minimum")
MEASUREMENT_METHOD = _sct("370129005", "Measurement Method")
UPPER_UNCERTAINTY = _sct("371886008", "+, range of upper measurement uncertainty")
LOWER_UNCERTAINTY = _sct("371885007", "-, range of lower measurement uncertainty")
COMMENT = _dcm("121106", "Comment")
DISTANCE = _dcm("121206", "Distance")
LONG_AXIS = _sct("103339001", "Long axis")
TIME_POINT = _dcm("126070", "Subject Time Point Identifier")
TIME_POINT_ORDER = _dcm("126073", "Time Point Order")
TEMPORAL_OFFSET = _dcm("128740", "Longitudinal Temporal Offset from Event")
CURRENT_PROCEDURE_EVIDENCE = _dcm("122073", "Current procedure evidence")
OF_INTEREST = _dcm("113000", "Of Interest")
KEY_OBJECT_DESCRIPTION = _dcm("113012", "Key Object Description")
DOCUMENT_TITLE_MODIFIER = _dcm("113011", "Document Title Modifier")
# Titles that reject what a selection names (CID 7010, IHE RAD TF-3 section 4.66), and the reason (CID 7011).
REJECTED_FOR_QUALITY = _dcm("113001", "Rejected for Quality Reasons")
REJECTED_FOR_SAFETY = _dcm("113037", "Rejected for Patient Safety Reasons")
INCORRECT_WORKLIST_ENTRY = _dcm("113038", "Incorrect Modality Worklist Entry")
RETENTION_EXPIRED = _dcm("113039", "Data Retention Policy Expired")
OTHER_FAILURE = _dcm("111220", "Other failure")
SOURCE_DOCUMENT = _dcm("121335", "Source Document")
SOURCE_IMAGE = _dcm("121322", "Source image for image processing operation")
PROCESSING_EQUIPMENT = _dcm("109102", "Processing Equipment")

# Sides and sites: CID 244, CID 4031, CID 7304.
RIGHT = _sct("24028007", "Right")
LEFT = _sct("7771000", "Left")
BILATERAL = _sct("51440002", "Bilateral")
HIP_JOINT = _sct("24136001", "Hip joint")
BONY_PELVIS = _sct("118645006", "Pelvis")
PROXIMAL_FEMUR = _sct("310651003", "Proximal Femur")

# Result values: CID 240 and neighbours.
PRESENT = _sct("52101004", "Present")
ABSENT = _sct("272519000", "Absent")
UNDETERMINED = _sct("373068000", "Undetermined")
UNKNOWN = _sct("261665006", "Unknown")
YES = _sct("373066001", "Yes")
NO = _sct("373067005", "No")

# Units: UCUM.
MILLIMETER = Code("mm", "UCUM", "mm")
PIXELS = Code("{pixels}", "UCUM", "pixels")
NO_UNITS = Code("1", "UCUM", "no units")
DAY = Code("d", "UCUM", "day")
FRAMES = Code("{frames}", "UCUM", "frames")

# Modalities: CID 29.
MODALITIES = {
    "CR": _dcm("CR", "Computed Radiography"),
    "CT": _dcm("CT", "Computed Tomography"),
    "DX": _dcm("DX", "Digital Radiography"),
    "MR": _dcm("MR", "Magnetic Resonance"),
    "OT": _dcm("OT", "Other Modality"),
    "RF": _dcm("RF", "Radiofluoroscopy"),
    "RG": _dcm("RG", "Radiographic imaging"),
    "XA": _dcm("XA", "X-Ray Angiography"),
}

# The finding itself. Free: the UMLS concept; on request: SNOMED CT, an affiliate licence may be needed.
HETEROTOPIC_OSSIFICATION = {
    Terminology.OPEN: Code("C0029396", "UMLS", "Heterotopic Ossification"),
    Terminology.SNOMED: _sct("128491006", "Heterotopic ossification"),
}

# Headings of the narrative: LOINC codes of CID 7001 and the title of CID 7000.
DIAGNOSTIC_IMAGING_REPORT = _ln("18748-4", "Diagnostic Imaging Report")
PROCEDURE_HEADING = _ln("55111-9", "Current Procedure Descriptions")
INDICATION_HEADING = _ln("18785-6", "Indications for Procedure")
COMPARISON_HEADING = _ln("18834-2", "Previous Findings")
FINDINGS_HEADING = _ln("59776-5", "Findings")
IMPRESSION_HEADING = _ln("19005-8", "Impressions")
PROCEDURE_DESCRIPTION = _dcm("121065", "Procedure Description")
HISTORY = _ln("11329-0", "History")
PREVIOUS_FINDING = _dcm("121069", "Previous Finding")
IMPRESSION = _dcm("121073", "Impression")

# The private scheme: concept names (the question) of the measurement report.
EVALUABLE = hosr_code("HO-EVALUABLE", "Hip evaluable for heterotopic ossification")
NOT_EVALUABLE_REASON = hosr_code("HO-NOTEVAL-WHY", "Reason why the hip is not evaluable")
PRESENCE = hosr_code("HO-PRESENCE", "Presence of heterotopic ossification")
LOOKED_FOR = hosr_code("HO-LOOKED-FOR", "Condition that was looked for")
# The finding of a hip that has none to count: 3D Slicer reads no group without a finding.
NOT_SEEN = hosr_code("HO-FI-NOT-SEEN", "No heterotopic ossification seen")
NOT_DECIDED = hosr_code("HO-FI-OPEN", "Heterotopic ossification neither found nor excluded")
NOT_JUDGED = hosr_code("HO-FI-NOT-JUDGED", "Hip not judged for heterotopic ossification")
ISLANDS = hosr_code("HO-ISLANDS", "Islands of bone in the soft tissue")
ISLAND_LENGTH = hosr_code("HO-ISLAND-LEN", "Length of an island that was not drawn")
ISLAND_LINE = hosr_code("HO-ISLAND-LINE", "Length line of an island, not in millimetres")
GAP_LATERAL_LINE = hosr_code("HO-LATERAL-LINE", "Gap line on the lateral view, not in millimetres")
REGION = hosr_code("HO-REGION", "What the image region shows")
ISLAND_OF_BONE = hosr_code("HO-ISLAND-BONE", "Island of heterotopic bone")
NOT_GRADED = hosr_code("HO-NOT-GRADED", "Not graded")
UNDECIDED = hosr_code("HO-UNDECIDED", "Undecided between grades")
REMARK = hosr_code("HO-REMARK", "Remark of the observer")
SPUR_PELVIS = hosr_code("HO-SPUR-PELVIS", "Bone spur from the pelvis")
SPUR_FEMUR = hosr_code("HO-SPUR-FEMUR", "Bone spur from the proximal femur")
BRIDGING = hosr_code("HO-BRIDGING", "Bone bridging of the hip joint")
BRIDGING_BASIS = hosr_code("HO-BRIDGED-BY", "By what bridging was confirmed")
SITE = hosr_code("HO-SITE", "Place about the hip joint")
ISLAND_SITE = hosr_code("HO-ISLAND-SITE", "Place of an island about the hip")
MASS = hosr_code("HO-MASS", "Soft-tissue mass at the hip")
MASS_SIZE = hosr_code("HO-MASS-SIZE", "Diameter of the mass, as given")
MASS_CONTRAST = hosr_code("HO-MASS-CONTRAST", "Contrast medium and the mass")
HARDWARE_NEARBY = hosr_code("HO-HARDWARE", "Orthopaedic hardware near the hip joint")
STAGE = hosr_code("HO-STAGE", "Stage of heterotopic ossification")
FEATURE = hosr_code("HO-FEATURE", "Imaging feature of heterotopic ossification")
FLAG = hosr_code("HO-FLAG", "Remark on the grading")
GAP_LATERAL = hosr_code("HO-GAP-LATERAL", "Gap between opposing bone surfaces, lateral view")
GAP_CLASS = hosr_code("HO-GAP-CLASS", "Gap against 1 cm, as stated by the source")
GAP_LATERAL_CLASS = hosr_code("HO-GAP-LAT-CLASS", "Gap on the lateral view against 1 cm, as stated")
# A line in space: what an image shows of it, and its ends where a document may hold no shape in space.
ISLAND_SEEN = hosr_code("HO-ISLAND-SEEN", "Length line of an island in space, on this image")
ISLAND_PROJECTED = hosr_code(
    "HO-ISLAND-PROJ", "Length line of an island in space, projected on this image"
)
LATERAL_SEEN = hosr_code("HO-LATERAL-SEEN", "Gap line in space on the lateral view, on this image")
LATERAL_PROJECTED = hosr_code(
    "HO-LATERAL-PROJ", "Gap line on the lateral view, projected on this image"
)
SPACE_ENDS = hosr_code("HO-SPACE-ENDS", "Ends of the line in patient coordinates, x y z in mm")
# What a program found beside the findings, and is not graded: surfaces, and distances between them.
FOUND = hosr_code("HO-FOUND", "Surfaces and distances that were found, not graded")
SURFACES_FROM = hosr_code("HO-SURFACE-BASIS", "What surfaces were taken from")
SURFACE_SD = hosr_code("HO-SURFACE-SD", "Standard deviation of the surfaces, as its maker states")
SURFACE_USUAL_SD = hosr_code(
    "HO-SURFACE-USUAL", "Standard deviation of the surfaces, usual one taken"
)
CELL_EDGE = hosr_code("HO-CELL-EDGE", "Edge of a voxel or pixel")
SURFACE_LEVEL = hosr_code("HO-LEVEL", "Level that is taken for the surface")
SET_ASIDE = hosr_code("HO-SET-ASIDE", "Why a distance that was found is not the gap")
BETWEEN = hosr_code("HO-BETWEEN-WHAT", "Structure at an end of the distance")
FOUND_DISTANCE = hosr_code("HO-FOUND-DIST", "Distance that was found")
LENGTH_PLANE = hosr_code("HO-PLANE", "Plane in which the length holds")
CALIBRATION_OBJECT = hosr_code("HO-CALIBRATION", "True size of the calibration object")
CAUSE = hosr_code("HO-CAUSE", "Cause of heterotopic ossification")
SYMPTOM = hosr_code("HO-SYMPTOM", "Symptom")
INDEX_EVENT = hosr_code("HO-INDEX-EVENT", "Index event")
INDEX_DATE = hosr_code("HO-INDEX-DATE", "Date of the index event")
VIEW = hosr_code("HO-VIEW", "View on which the grading was made")
VIEW_POSITION = hosr_code("HO-VIEW-POS", "View Position of the header")
HEADER_OVERRIDE = hosr_code("HO-OVERRIDE", "Why the header of images does not hold")
OVERRIDDEN_IMAGE = hosr_code("HO-OV-IMAGE", "Image of which the header does not hold")
OVERRIDDEN_VIEW = hosr_code("HO-OV-VIEW", "View that the image shows")
CONCLUSION = _dcm("121077", "Conclusion")
# What persons did to a report.
INCOMPLETE = hosr_code("HO-INCOMPLETE", "What is still to be done")
REPORT_STATUS = hosr_code("HO-STATUS", "What a person did to the report")
SIGNER = hosr_code("HO-SIGNER", "Person who signed")
SIGNER_ORGANIZATION = hosr_code("HO-SIGNER-ORG", "Organization of who signed")
SIGNER_ID = hosr_code("HO-SIGNER-ID", "Identifier of who signed")
SIGNED_AT = hosr_code("HO-SIGNED-AT", "Time of the signature")
REPLACED_DOCUMENT = hosr_code("HO-REPLACED", "Document that this one takes the place of")
TRACKED_AS = hosr_code("HO-TRACKED-AS", "What tracking identifiers follow from")
AMENDMENT_REASON = hosr_code("HO-AMENDED-WHY", "Reason of the amendment")
CHANGED_GRADE = hosr_code("HO-CHANGED", "Grade that was changed")
SIGNERS_GRADE = hosr_code("HO-SIGNER-GRADE", "Grade given by who signed")
CHANGED_LENGTH = hosr_code("HO-CHANGED-LEN", "Length that was changed")
CHANGED_OBSERVER = hosr_code("HO-CH-OBSERVER", "Who graded, before the change")
OBSERVER_AFTER = hosr_code("HO-OBSERVER-TO", "Who graded, after the change")
CHANGED_OTHER = hosr_code("HO-CHANGED-ELSE", "What else was changed")
CHANGED_FINDINGS = hosr_code("HO-CH-FINDINGS", "Findings of the hip")
CHANGED_REPORT = hosr_code("HO-CH-REPORT", "Parts of the report beside the hips")
LENGTH_BEFORE = hosr_code("HO-LEN-FROM", "Length before the change")
LENGTH_AFTER = hosr_code("HO-LEN-TO", "Length after the change")
GRADE_BEFORE = hosr_code("HO-CHANGED-FROM", "Grade before the change, as stated")
GRADED_BEFORE_BY = hosr_code("HO-CHANGED-BY", "Who had stated the grade before the change")
GRADE_AFTER = hosr_code("HO-CHANGED-TO", "Grade after the change, as stated")
ADDENDUM = hosr_code("HO-ADDENDUM", "Words added to the signed report")
# What an earlier report of the patient says, and what follows from it.
PRIOR_REPORT = _dcm("122075", "Prior report for current patient")
PRIOR_STUDY = hosr_code("HO-PRIOR-STUDY", "Study of the earlier report")
PRIOR_IMAGE = hosr_code("HO-PRIOR-IMAGE", "Image of the earlier report")
PRIOR_PATIENT_ID = hosr_code("HO-PRIOR-ID", "Patient ID of the earlier report, merged since")
PASSED_OVER = hosr_code("HO-PASSED", "Earlier report that is not compared with")
PASSED_FOR = hosr_code("HO-PASSED-WHY", "Why it is not compared with")
EVENT_BETWEEN = hosr_code("HO-BETWEEN", "Index event that lies, or may lie, between the studies")
SPACE_COMPARED = hosr_code("HO-CMP-SPACE", "Gap against that of the earlier report")
SPACE_CHANGE = hosr_code("HO-CMP-CHANGE", "Gap now less gap then")
SPACE_VARIATION = hosr_code("HO-CMP-VARIES", "Measurement variation of the two gaps, 95 %")
NOT_COMPARABLE_FOR = hosr_code("HO-CMP-WHY-NOT", "Why the two gaps are not comparable")
READING_VARIATION = hosr_code("HO-CMP-READING", "Grades differ no more than two readers differ")
# What a message names beside the text of a report; what was seen then has names of its own.
COMPARED = hosr_code("HO-CMP", "Comparison with an earlier report")
SPACE_THEN = hosr_code("HO-CMP-THEN", "Gap in the earlier report")
GRADE_THEN = hosr_code("HO-CMP-GRADE", "Grade in the earlier report")
PRIOR_DATE = hosr_code("HO-PRIOR-DATE", "Date of the study of the earlier report")
PRIOR_SR_UID = hosr_code("HO-PRIOR-SR-UID", "SR Instance UID of the earlier report")
SR_UID = hosr_code("HO-SR-UID", "SR Instance UID")
# Purposes of a reference to a predecessor: CID 7009.
PRELIMINARY_REPORT = _dcm("121362", "Preliminary report")
REPLACED_REPORT = _dcm("121360", "Replaced report")
ADDENDED_REPORT = _dcm("121361", "Addended report")
INDICATION = hosr_code("HO-INDICATION", "Indication as given")
GRADE_PROBABILITY = hosr_code("HO-PROBABILITY", "Model score of the grade")
GRADE_AT_LEAST = hosr_code("HO-P-AT-LEAST", "Model score of at least the grade")
