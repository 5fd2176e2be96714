"""The vocabulary in running text: one table for each kind of word."""

from __future__ import annotations

from hosr.findings import Basis
from hosr.vocabulary.features import Stage
from hosr.vocabulary.terms import Cause, Event, Side, Symptom, View

__all__ = [
    "CAUSES",
    "EVENTS",
    "EXAMINATIONS",
    "FEATURES",
    "HIPS",
    "MATURITY",
    "ORIGINS",
    "SHORT_ORIGINS",
    "STAGES",
    "SYMPTOMS",
    "VIEWS",
]

HIPS = {Side.RIGHT: "Right hip", Side.LEFT: "Left hip"}

EXAMINATIONS = {
    View.AP_PELVIS: "Radiograph of the pelvis, anteroposterior view",
    View.AP_HIP: "Radiograph of the hip, anteroposterior view",
    View.LATERAL: "Radiograph of the hip, lateral view",
    View.OBLIQUE: "Radiograph of the hip, oblique view",
    View.CT: "Computed tomography (CT)",
    View.MR: "Magnetic resonance imaging (MR)",
}

VIEWS = {
    View.AP_PELVIS: "the anteroposterior view",
    View.AP_HIP: "the anteroposterior view",
    View.LATERAL: "the lateral view",
    View.OBLIQUE: "the oblique view",
    View.CT: "CT",
    View.MR: "MR",
}

CAUSES = {
    Cause.MUSCULOSKELETAL_TRAUMA: "musculoskeletal trauma",
    Cause.SPINAL_CORD_INJURY: "spinal cord injury",
    Cause.TRAUMATIC_BRAIN_INJURY: "traumatic brain injury",
    Cause.BURN: "burn",
    Cause.POSTOPERATIVE: "previous operation",
    Cause.JOINT_REPLACEMENT: "joint replacement",
    Cause.NEAR_HARDWARE: "orthopaedic hardware nearby",
    Cause.ACETABULAR_FRACTURE: "acetabular fracture",
    Cause.ARTHROSCOPY: "hip arthroscopy",
    Cause.STROKE_OR_ANOXIA: "stroke or cerebral anoxia",
    Cause.AMPUTATION: "amputation",
    Cause.GENETIC: "genetic disorder",
    Cause.FIBRODYSPLASIA_OSSIFICANS_PROGRESSIVA: "fibrodysplasia ossificans progressiva",
    Cause.UNKNOWN: "unknown",
}

SYMPTOMS = {
    Symptom.PAIN: "pain",
    Symptom.FEVER: "fever",
    Symptom.SWELLING: "swelling",
    Symptom.REDUCED_MOTION: "reduced range of motion",
}

EVENTS = {
    Event.TOTAL_HIP_ARTHROPLASTY: "total hip arthroplasty",
    Event.REVISION_HIP_ARTHROPLASTY: "revision hip arthroplasty",
    Event.HEMIARTHROPLASTY: "hemiarthroplasty of the hip",
    Event.HIP_RESURFACING: "hip resurfacing",
    Event.ACETABULAR_FRACTURE_FIXATION: "fixation of an acetabular fracture",
    Event.PROXIMAL_FEMORAL_FRACTURE_FIXATION: "fixation of a proximal femoral fracture",
    Event.HIP_ARTHROSCOPY: "hip arthroscopy",
    Event.EXCISION_OF_HETEROTOPIC_OSSIFICATION: "excision of heterotopic ossification",
    Event.TRAUMA: "trauma",
    Event.SPINAL_CORD_INJURY: "spinal cord injury",
    Event.TRAUMATIC_BRAIN_INJURY: "traumatic brain injury",
    Event.BURN: "burn",
}

STAGES = {
    Stage.EARLY: "early, immature",
    Stage.MINERALIZATION: "mineralization, maturing",
    Stage.MATURATION: "maturation, mature appearance",
    Stage.DELAYED: "delayed",
}

# What an impression says of maturity; it says nothing of an operation.
MATURITY = {
    Stage.EARLY: "Immature appearance.",
    Stage.MINERALIZATION: "Maturing appearance.",
    Stage.MATURATION: "Mature appearance.",
    Stage.DELAYED: "Delayed stage on MR.",
}

FEATURES = {
    "XR_EARLY_MASS": "soft-tissue mass without calcification",
    "XR_EARLY_MISSABLE": "a lesion that a radiograph may miss",
    "XR_MIN_PERIPHERAL": "mineralization from the edge inwards",
    "XR_MIN_CENTRAL": "mineralization from the centre outwards",
    "XR_MIN_DISORGANISED": "mineralization without a pattern",
    "XR_MIN_ONSET": "first visible mineralization",
    "XR_MAT_CORTEX": "mature bone with a cortex",
    "CT_EARLY_LOW_ATTENUATION": "mass of low attenuation",
    "CT_EARLY_INDISTINCT_PLANES": "indistinct soft-tissue planes",
    "CT_EARLY_ENHANCEMENT": "enhancing mass",
    "CT_MIN_ZONAL": "zonal mineralization",
    "CT_MIN_CENTRAL_FAT": "marrow fat in the centre",
    "CT_MAT_PERIPHERAL_CORTEX": "cortex at the edge",
    "MR_EARLY_T2_HETEROGENEOUS_HIGH": "heterogeneous high T2 signal",
    "MR_EARLY_MUSCLE_ENLARGED": "enlarged muscle without a focal lesion",
    "MR_EARLY_EDEMA": "ill-defined surrounding edema on T2",
    "MR_EARLY_ENHANCEMENT": "enhancement of lesion and edema",
    "MR_MIN_T1_LOW_RIM": "zonal rim of low T1 signal",
    "MR_MIN_T1_HIGH_CENTRE": "high T1 signal of marrow fat in the centre",
    "MR_MAT_T1_LOW_RIM": "cortical rim of low T1 signal",
    "MR_MAT_T2_PERSISTENT": "persistent high T2 signal",
    "MR_DEL_STIR_LOW": "low signal on STIR",
    "MR_DEL_LITTLE_EDEMA": "little or no surrounding edema",
}

# Where a length in millimetres comes from, for the technique; {size} and {reader} are filled in.
ORIGINS = {
    Basis.STATED: "as stated by the {reader}{plane}",
    Basis.KNOWN_OBJECT: "calibrated to an object{size} in the image, valid at the depth of that object",
    Basis.CALIBRATED_FIDUCIAL: "calibrated by the image header on an object in the image, valid at the depth of that object",
    Basis.CALIBRATED_GEOMETRY: "corrected by the image header for the geometry, valid at a depth it does not state",
    Basis.CALIBRATED_UNKNOWN: "calibrated by the image header in a manner it does not state",
    Basis.ESTIMATED_ERMF: "estimated with the magnification factor of the image header",
    Basis.ESTIMATED_DISTANCE: "estimated from the distances in the image header, which are of low trust",
    Basis.CROSS_SECTIONAL: "measured on cross-sectional images",
    Basis.DETECTOR_PLANE: "measured at the detector plane",
    Basis.FILM_PLANE: "measured at the plane of the digitised film",
    Basis.UNKNOWN: "measured in a plane that the image header does not state",
    Basis.UNCALIBRATED: "marked on an image that gives no millimetres",
}

# The same beside a number among the findings.
SHORT_ORIGINS = {
    Basis.STATED: "as stated",
    Basis.KNOWN_OBJECT: "calibrated to an object of known size",
    Basis.CALIBRATED_FIDUCIAL: "calibrated on an object in the image",
    Basis.CALIBRATED_GEOMETRY: "corrected for the geometry",
    Basis.CALIBRATED_UNKNOWN: "calibrated, manner not stated",
    Basis.ESTIMATED_ERMF: "estimated from the magnification",
    Basis.ESTIMATED_DISTANCE: "estimated from the distances",
    Basis.CROSS_SECTIONAL: "on cross-sectional images",
    Basis.DETECTOR_PLANE: "measured",
    Basis.FILM_PLANE: "measured on the film",
    Basis.UNKNOWN: "measured",
    Basis.UNCALIBRATED: "marked",
}
