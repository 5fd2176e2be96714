"""Words that a record may hold, each with its code: sides, views, causes, stages, features.

The stages early, mineralization and maturation are described for radiographs and CT alike;
MR adds the delayed stage. An imaging feature belongs to one modality and one stage.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hosr import codes
from hosr.codes import Code, hosr_code


class Side(StrEnum):
    """The patient's side."""

    RIGHT = "right"
    LEFT = "left"


SIDE_CODES = {Side.RIGHT: codes.RIGHT, Side.LEFT: codes.LEFT}


class ImageSide(StrEnum):
    """What an image shows: one side, or both."""

    RIGHT = "right"
    LEFT = "left"
    BOTH = "both"


IMAGE_SIDE_CODES = {
    ImageSide.RIGHT: codes.RIGHT,
    ImageSide.LEFT: codes.LEFT,
    ImageSide.BOTH: codes.BILATERAL,
}


class Presence(StrEnum):
    """Whether ossification is seen."""

    PRESENT = "present"
    ABSENT = "absent"
    INDETERMINATE = "indeterminate"


# Whether a thing was looked for and seen, and whether a statement holds.
SEEN_CODES = {True: codes.PRESENT, False: codes.ABSENT}
YES_NO_CODES = {True: codes.YES, False: codes.NO}

PRESENCE_CODES = {
    Presence.PRESENT: codes.PRESENT,
    Presence.ABSENT: codes.ABSENT,
    Presence.INDETERMINATE: codes.UNDETERMINED,
}


class Bridging(StrEnum):
    """Whether bone bridges the joint; apparent on one view, or confirmed by another or clinically."""

    NONE = "none"
    APPARENT = "apparent"
    CONFIRMED = "confirmed"


BRIDGING_CODES = {
    Bridging.NONE: codes.ABSENT,
    Bridging.APPARENT: hosr_code("HO-BR-APPARENT", "Apparent bridging"),
    Bridging.CONFIRMED: hosr_code("HO-BR-CONFIRMED", "Confirmed bridging"),
}


class BridgingBasis(StrEnum):
    """By what bridging was confirmed: what shows that a single view did not imitate it."""

    SECOND_VIEW = "second_view"
    CT = "ct"
    MOTION = "motion"
    OPERATION = "operation"


BRIDGING_BASIS_CODES = {
    BridgingBasis.SECOND_VIEW: hosr_code("HO-BB-VIEW", "Seen on a second view"),
    BridgingBasis.CT: hosr_code("HO-BB-CT", "Seen on CT"),
    BridgingBasis.MOTION: hosr_code("HO-BB-MOTION", "Found on examination of motion"),
    BridgingBasis.OPERATION: hosr_code("HO-BB-OPERATION", "Seen at operation"),
}


class GapClass(StrEnum):
    """The gap against 1 cm, where the source gives no number."""

    AT_LEAST_10_MM = ">=10mm"
    BELOW_10_MM = "<10mm"


GAP_CLASS_CODES = {
    GapClass.AT_LEAST_10_MM: hosr_code("HO-GAP-GE-10MM", "At least 1 cm"),
    GapClass.BELOW_10_MM: hosr_code("HO-GAP-LT-10MM", "Less than 1 cm"),
}


class ImagingModality(StrEnum):
    """The three families of imaging that the vocabulary knows."""

    RADIOGRAPH = "radiograph"
    CT = "ct"
    MR = "mr"


class View(StrEnum):
    """On what the grading was made."""

    AP_PELVIS = "ap_pelvis"
    AP_HIP = "ap_hip"
    LATERAL = "lateral"
    OBLIQUE = "oblique"
    CT = "ct"
    MR = "mr"


VIEW_CODES = {
    View.AP_PELVIS: hosr_code("HO-VIEW-AP-PELV", "Anteroposterior view of the pelvis"),
    View.AP_HIP: hosr_code("HO-VIEW-AP-HIP", "Anteroposterior view of the hip"),
    View.LATERAL: hosr_code("HO-VIEW-LATERAL", "Lateral view of the hip"),
    View.OBLIQUE: hosr_code("HO-VIEW-OBLIQUE", "Oblique view of the hip"),
    View.CT: codes.MODALITIES["CT"],
    View.MR: codes.MODALITIES["MR"],
}

VIEW_MODALITIES = {
    View.AP_PELVIS: ImagingModality.RADIOGRAPH,
    View.AP_HIP: ImagingModality.RADIOGRAPH,
    View.LATERAL: ImagingModality.RADIOGRAPH,
    View.OBLIQUE: ImagingModality.RADIOGRAPH,
    View.CT: ImagingModality.CT,
    View.MR: ImagingModality.MR,
}


class Cause(StrEnum):
    """What led to the ossification, as the source states it."""

    MUSCULOSKELETAL_TRAUMA = "musculoskeletal_trauma"
    SPINAL_CORD_INJURY = "spinal_cord_injury"
    TRAUMATIC_BRAIN_INJURY = "traumatic_brain_injury"
    BURN = "burn"
    POSTOPERATIVE = "postoperative"
    JOINT_REPLACEMENT = "joint_replacement"
    NEAR_HARDWARE = "near_hardware"
    ACETABULAR_FRACTURE = "acetabular_fracture"
    ARTHROSCOPY = "arthroscopy"
    STROKE_OR_ANOXIA = "stroke_or_anoxia"
    AMPUTATION = "amputation"
    GENETIC = "genetic"
    FIBRODYSPLASIA_OSSIFICANS_PROGRESSIVA = "fibrodysplasia_ossificans_progressiva"
    UNKNOWN = "unknown"


CAUSE_CODES = {
    Cause.MUSCULOSKELETAL_TRAUMA: hosr_code("HO-C-TRAUMA", "Musculoskeletal trauma"),
    Cause.SPINAL_CORD_INJURY: hosr_code("HO-C-SCI", "Spinal cord injury"),
    Cause.TRAUMATIC_BRAIN_INJURY: hosr_code("HO-C-TBI", "Traumatic brain injury"),
    Cause.BURN: hosr_code("HO-C-BURN", "Burn"),
    Cause.POSTOPERATIVE: hosr_code("HO-C-POSTOP", "Previous operation"),
    Cause.JOINT_REPLACEMENT: hosr_code("HO-C-JOINT", "Joint replacement"),
    Cause.NEAR_HARDWARE: hosr_code("HO-C-HARDWARE", "Orthopaedic hardware nearby"),
    Cause.ACETABULAR_FRACTURE: hosr_code("HO-C-ACETABULUM", "Acetabular fracture"),
    Cause.ARTHROSCOPY: hosr_code("HO-C-ARTHROSC", "Hip arthroscopy"),
    Cause.STROKE_OR_ANOXIA: hosr_code("HO-C-STROKE", "Stroke or cerebral anoxia"),
    Cause.AMPUTATION: hosr_code("HO-C-AMPUTATION", "Amputation"),
    Cause.GENETIC: hosr_code("HO-C-GENETIC", "Genetic disorder"),
    Cause.FIBRODYSPLASIA_OSSIFICANS_PROGRESSIVA: hosr_code(
        "HO-C-FOP", "Fibrodysplasia ossificans progressiva"
    ),
    Cause.UNKNOWN: hosr_code("HO-C-UNKNOWN", "Unknown cause"),
}


class Symptom(StrEnum):
    """What the patient notices, as the source states it."""

    PAIN = "pain"
    FEVER = "fever"
    SWELLING = "swelling"
    REDUCED_MOTION = "reduced_motion"


SYMPTOM_CODES = {
    Symptom.PAIN: hosr_code("HO-S-PAIN", "Pain"),
    Symptom.FEVER: hosr_code("HO-S-FEVER", "Fever"),
    Symptom.SWELLING: hosr_code("HO-S-SWELLING", "Swelling"),
    Symptom.REDUCED_MOTION: hosr_code("HO-S-MOTION", "Reduced range of motion"),
}


class Event(StrEnum):
    """The operation or injury from which time is counted."""

    TOTAL_HIP_ARTHROPLASTY = "total_hip_arthroplasty"
    REVISION_HIP_ARTHROPLASTY = "revision_hip_arthroplasty"
    HEMIARTHROPLASTY = "hemiarthroplasty"
    HIP_RESURFACING = "hip_resurfacing"
    ACETABULAR_FRACTURE_FIXATION = "acetabular_fracture_fixation"
    PROXIMAL_FEMORAL_FRACTURE_FIXATION = "proximal_femoral_fracture_fixation"
    HIP_ARTHROSCOPY = "hip_arthroscopy"
    EXCISION_OF_HETEROTOPIC_OSSIFICATION = "excision_of_heterotopic_ossification"
    TRAUMA = "trauma"
    SPINAL_CORD_INJURY = "spinal_cord_injury"
    TRAUMATIC_BRAIN_INJURY = "traumatic_brain_injury"
    BURN = "burn"


EVENT_CODES = {
    Event.TOTAL_HIP_ARTHROPLASTY: hosr_code("HO-E-THA", "Total hip arthroplasty"),
    Event.REVISION_HIP_ARTHROPLASTY: hosr_code("HO-E-REVISION", "Revision hip arthroplasty"),
    Event.HEMIARTHROPLASTY: hosr_code("HO-E-HEMI", "Hemiarthroplasty of the hip"),
    Event.HIP_RESURFACING: hosr_code("HO-E-RESURFACE", "Hip resurfacing"),
    Event.ACETABULAR_FRACTURE_FIXATION: hosr_code(
        "HO-E-ACETABULUM", "Fixation of an acetabular fracture"
    ),
    Event.PROXIMAL_FEMORAL_FRACTURE_FIXATION: hosr_code(
        "HO-E-FEMUR", "Fixation of a proximal femoral fracture"
    ),
    Event.HIP_ARTHROSCOPY: CAUSE_CODES[Cause.ARTHROSCOPY],
    Event.EXCISION_OF_HETEROTOPIC_OSSIFICATION: hosr_code(
        "HO-E-EXCISION", "Excision of heterotopic ossification"
    ),
    Event.TRAUMA: hosr_code("HO-E-TRAUMA", "Trauma"),
    Event.SPINAL_CORD_INJURY: CAUSE_CODES[Cause.SPINAL_CORD_INJURY],
    Event.TRAUMATIC_BRAIN_INJURY: CAUSE_CODES[Cause.TRAUMATIC_BRAIN_INJURY],
    Event.BURN: CAUSE_CODES[Cause.BURN],
}

ARTHROPLASTIES = frozenset(
    {
        Event.TOTAL_HIP_ARTHROPLASTY,
        Event.REVISION_HIP_ARTHROPLASTY,
        Event.HEMIARTHROPLASTY,
        Event.HIP_RESURFACING,
    }
)


class Site(StrEnum):
    """Where about the hip ossification lies; at several of these places at once, as anteromedially.

    Anterior, posterior, medial and around the joint as in Mavrogenis et al., J Orthop Traumatol
    2012;13:69-78, lateral as series of arthroplasty tell it, above and below the tip of the greater
    trochanter as in Schmidt and Hackenbroch, Arch Orthop Trauma Surg 1996;115:339-43.
    """

    ANTERIOR = "anterior"
    POSTERIOR = "posterior"
    MEDIAL = "medial"
    LATERAL = "lateral"
    ABOVE_TROCHANTER = "above_trochanter"
    BELOW_TROCHANTER = "below_trochanter"
    CIRCUMFERENTIAL = "circumferential"


SITE_CODES = {
    Site.ANTERIOR: hosr_code("HO-SITE-ANTERIOR", "Anterior to the hip joint"),
    Site.POSTERIOR: hosr_code("HO-SITE-POST", "Posterior to the hip joint"),
    Site.MEDIAL: hosr_code("HO-SITE-MEDIAL", "Medial to the hip joint"),
    Site.LATERAL: hosr_code("HO-SITE-LATERAL", "Lateral to the hip joint"),
    Site.ABOVE_TROCHANTER: hosr_code("HO-SITE-ABOVE", "Above the tip of the greater trochanter"),
    Site.BELOW_TROCHANTER: hosr_code("HO-SITE-BELOW", "Below the tip of the greater trochanter"),
    Site.CIRCUMFERENTIAL: hosr_code("HO-SITE-AROUND", "Around the hip joint"),
}


class Contrast(StrEnum):
    """What contrast medium showed of a mass, or that none was given."""

    NOT_GIVEN = "not_given"
    ENHANCES = "enhances"
    NO_ENHANCEMENT = "no_enhancement"


CONTRAST_CODES = {
    Contrast.NOT_GIVEN: hosr_code("HO-CM-NOT-GIVEN", "No contrast medium given"),
    Contrast.ENHANCES: hosr_code("HO-CM-ENHANCES", "Enhances with contrast medium"),
    Contrast.NO_ENHANCEMENT: hosr_code("HO-CM-NONE", "Does not enhance with contrast medium"),
}


class Stage(StrEnum):
    """How far the ossification has come; the order of the members is the order of time."""

    EARLY = "early"
    MINERALIZATION = "mineralization"
    MATURATION = "maturation"
    DELAYED = "delayed"


STAGE_CODES = {
    Stage.EARLY: hosr_code("HO-ST-EARLY", "Early stage"),
    Stage.MINERALIZATION: hosr_code("HO-ST-MINERAL", "Mineralization stage"),
    Stage.MATURATION: hosr_code("HO-ST-MATURE", "Maturation stage"),
    Stage.DELAYED: hosr_code("HO-ST-DELAYED", "Delayed stage"),
}


@dataclass(frozen=True, slots=True)
class Feature:
    """One imaging feature: its key in the record, where it can be seen, and its code."""

    key: str
    modality: ImagingModality
    stage: Stage
    code: Code


_XR, _CT, _MR = ImagingModality.RADIOGRAPH, ImagingModality.CT, ImagingModality.MR
_E, _I, _M, _D = Stage.EARLY, Stage.MINERALIZATION, Stage.MATURATION, Stage.DELAYED

# key, modality, stage, code value, meaning
_ROWS = (
    ("XR_EARLY_MASS", _XR, _E, "HO-XR-MASS", "Soft-tissue mass without calcification"),
    ("XR_EARLY_MISSABLE", _XR, _E, "HO-XR-MISSABLE", "Lesion may be missed on the radiograph"),
    ("XR_MIN_PERIPHERAL", _XR, _I, "HO-XR-PERIPHERAL", "Mineralization from the edge inwards"),
    ("XR_MIN_CENTRAL", _XR, _I, "HO-XR-CENTRAL", "Mineralization from the centre outwards"),
    ("XR_MIN_DISORGANISED", _XR, _I, "HO-XR-DISORG", "Mineralization without a pattern"),
    ("XR_MIN_ONSET", _XR, _I, "HO-XR-ONSET", "First visible mineralization"),
    ("XR_MAT_CORTEX", _XR, _M, "HO-XR-CORTEX", "Mature bone with a cortex"),
    ("CT_EARLY_LOW_ATTENUATION", _CT, _E, "HO-CT-LOW", "Mass of low attenuation"),
    ("CT_EARLY_INDISTINCT_PLANES", _CT, _E, "HO-CT-PLANES", "Indistinct soft-tissue planes"),
    ("CT_EARLY_ENHANCEMENT", _CT, _E, "HO-CT-ENHANCE", "Enhancing mass on CT"),
    ("CT_MIN_ZONAL", _CT, _I, "HO-CT-ZONAL", "Zonal mineralization on CT"),
    ("CT_MIN_CENTRAL", _CT, _I, "HO-CT-CENTRAL", "Mineralization from the centre outwards on CT"),
    ("CT_MIN_DISORGANISED", _CT, _I, "HO-CT-DISORG", "Mineralization without a pattern on CT"),
    ("CT_MIN_CENTRAL_FAT", _CT, _I, "HO-CT-FAT", "Marrow fat in the centre on CT"),
    ("CT_MAT_PERIPHERAL_CORTEX", _CT, _M, "HO-CT-CORTEX", "Cortex at the edge on CT"),
    ("MR_EARLY_T2_HETEROGENEOUS_HIGH", _MR, _E, "HO-MR-T2-HIGH", "Heterogeneous high T2 signal"),
    ("MR_EARLY_MUSCLE_ENLARGED", _MR, _E, "HO-MR-MUSCLE", "Enlarged muscle without a focal lesion"),
    ("MR_EARLY_EDEMA", _MR, _E, "HO-MR-EDEMA", "Ill-defined surrounding edema on T2"),
    ("MR_EARLY_ENHANCEMENT", _MR, _E, "HO-MR-ENHANCE", "Enhancing lesion and edema on MR"),
    ("MR_MIN_T1_LOW_RIM", _MR, _I, "HO-MR-I-T1-RIM", "Zonal rim of low T1 signal"),
    (
        "MR_MIN_T1_HIGH_CENTRE",
        _MR,
        _I,
        "HO-MR-T1-FAT",
        "High T1 signal of marrow fat in the centre",
    ),
    ("MR_MAT_T1_LOW_RIM", _MR, _M, "HO-MR-M-T1-RIM", "Cortical rim of low T1 signal"),
    ("MR_MAT_T2_PERSISTENT", _MR, _M, "HO-MR-T2-LAST", "Persistent high T2 signal"),
    ("MR_DEL_STIR_LOW", _MR, _D, "HO-MR-STIR-LOW", "Low signal on STIR"),
    ("MR_DEL_LITTLE_EDEMA", _MR, _D, "HO-MR-NO-EDEMA", "Little or no surrounding edema"),
)

FEATURES: dict[str, Feature] = {
    key: Feature(key, modality, stage, hosr_code(value, meaning))
    for key, modality, stage, value, meaning in _ROWS
}
