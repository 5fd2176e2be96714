"""The vocabulary in running text, one table for each kind of word; and a report that is told in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.findings import Algorithm, Basis
from hosr.language import message
from hosr.vocabulary.terms import (
    BridgingBasis,
    Cause,
    Contrast,
    Event,
    ImageSide,
    ImagingModality,
    Side,
    Site,
    Stage,
    Symptom,
    View,
)

if TYPE_CHECKING:
    from hosr.language import Language
    from hosr.report import Report


# Translators: the hip as a label, with a capital letter
HIPS = {Side.RIGHT: message("Right hip"), Side.LEFT: message("Left hip")}

# Translators: the hips that a sentence is about, in the case that it has there
FOR_HIPS = {
    (Side.RIGHT,): message("for the right hip"),
    (Side.LEFT,): message("for the left hip"),
    (Side.RIGHT, Side.LEFT): message("for either hip"),
}

EVENT_SIDES = {
    Side.RIGHT: message("right side"),
    Side.LEFT: message("left side"),
    None: message("side not given"),
}

# Translators: the sex of the patient, after a label
SEXES = {"M": message("male"), "F": message("female"), "O": message("other")}

# Translators: beside a grade, as in "Brooker III as graded by the observer"
AS_GRADED = {
    False: message("as graded by the observer"),
    True: message("as graded by the algorithm"),
}
# Translators: the same of grades that the person who signed gave, or left as they were
AS_SIGNED = message("as graded and signed")
# Translators: where lengths come from, after "Lengths:" and a colon
AS_STATED = {
    False: message("as stated by the observer"),
    True: message("as stated by the algorithm"),
}

# Translators: {name} is the hip; {quotation} are free words, and end with their own full stop
REMARKS = {
    False: message("{name}, remark of the observer, as given: {quotation}"),
    True: message("{name}, remark of the algorithm, as given: {quotation}"),
}

# Bridging that was confirmed, by what confirmed it: the finding, and the impression.
BRIDGING_CONFIRMED = {
    None: message(
        "Bone bridges the joint (recorded as confirmed; how it was confirmed is not stated; "
        "motion was not assessed)."
    ),
    BridgingBasis.SECOND_VIEW: message(
        "Bone bridges the joint (recorded as confirmed on a second view; motion was not assessed)."
    ),
    BridgingBasis.CT: message(
        "Bone bridges the joint (recorded as confirmed on CT; motion was not assessed)."
    ),
    BridgingBasis.MOTION: message(
        "Bone bridges the joint (recorded as confirmed by examination of motion)."
    ),
    BridgingBasis.OPERATION: message(
        "Bone bridges the joint (recorded as confirmed at operation; motion was not assessed)."
    ),
}
CONFIRMED_IN_SHORT = {
    None: message("Bridging is recorded as confirmed; motion was not assessed."),
    BridgingBasis.SECOND_VIEW: message(
        "Bridging is recorded as confirmed on a second view; motion was not assessed."
    ),
    BridgingBasis.CT: message("Bridging is recorded as confirmed on CT; motion was not assessed."),
    BridgingBasis.MOTION: message("Bridging is recorded as confirmed by examination of motion."),
    BridgingBasis.OPERATION: message(
        "Bridging is recorded as confirmed at operation; motion was not assessed."
    ),
}

# Translators: {quotation} are free words, and end with their own full stop
CONCLUSION = message("Conclusion of the observer, as given: {quotation}")

# Every answer of `why_not_gradable`.
# Translators: a clause, the {reason} of "not graded, as {reason}."
OBSTACLES = frozenset(
    {
        message("the hip is not evaluable"),
        message("presence of heterotopic ossification is indeterminate"),
        message("the lesion is in the early stage, without bone to grade"),
    }
)

# Translators: a clause; it stands alone, after a colon or in brackets
CANNOT_MEASURE = message("the image gives no millimetres")

SERIAL_IMAGING = message("Other causes are not excluded; serial imaging may show the pattern.")

EXAMINATIONS = {
    View.AP_PELVIS: message("Radiograph of the pelvis, anteroposterior view"),
    View.AP_HIP: message("Radiograph of the hip, anteroposterior view"),
    View.LATERAL: message("Radiograph of the hip, lateral view"),
    View.OBLIQUE: message("Radiograph of the hip, oblique view"),
    View.CT: message("Computed tomography (CT)"),
    View.MR: message("Magnetic resonance imaging (MR)"),
}

# Translators: where ossification lies, in a list after a colon
SITES = {
    Site.ANTERIOR: message("anterior to the joint"),
    Site.POSTERIOR: message("posterior to the joint"),
    Site.MEDIAL: message("medial to the joint"),
    Site.LATERAL: message("lateral to the joint"),
    Site.ABOVE_TROCHANTER: message("above the tip of the greater trochanter"),
    Site.BELOW_TROCHANTER: message("below the tip of the greater trochanter"),
    Site.CIRCUMFERENTIAL: message("around the joint"),
}

# Translators: as an imaging feature, in lower case
MASS = message("soft-tissue mass")

CONTRASTS = {
    Contrast.NOT_GIVEN: message("No contrast medium was given."),
    Contrast.ENHANCES: message("The mass enhances with contrast medium."),
    Contrast.NO_ENHANCEMENT: message("The mass does not enhance with contrast medium."),
}

# What a record says of an image in place of its header.
# Translators: nouns without an article, in a list after a colon
IMAGE_SIDES = {
    ImageSide.RIGHT: EVENT_SIDES[Side.RIGHT],
    ImageSide.LEFT: EVENT_SIDES[Side.LEFT],
    ImageSide.BOTH: message("both sides"),
}
# Translators: nouns without an article, in a list after a colon
IMAGE_VIEWS = {
    View.AP_PELVIS: message("anteroposterior view of the pelvis"),
    View.AP_HIP: message("anteroposterior view of the hip"),
    View.LATERAL: message("lateral view of the hip"),
    View.OBLIQUE: message("oblique view of the hip"),
    View.CT: EXAMINATIONS[View.CT],
    View.MR: EXAMINATIONS[View.MR],
}

# Translators: where something is seen or graded, as an adverb
ON_VIEWS = {
    View.AP_PELVIS: message("on the anteroposterior view"),
    View.AP_HIP: message("on the anteroposterior view"),
    View.LATERAL: message("on the lateral view"),
    View.OBLIQUE: message("on the oblique view"),
    View.CT: message("on CT"),
    View.MR: message("on MR"),
}

# Translators: nouns without an article, in a list after a colon
CAUSES = {
    Cause.MUSCULOSKELETAL_TRAUMA: message("musculoskeletal trauma"),
    Cause.SPINAL_CORD_INJURY: message("spinal cord injury"),
    Cause.TRAUMATIC_BRAIN_INJURY: message("traumatic brain injury"),
    Cause.BURN: message("burn"),
    Cause.POSTOPERATIVE: message("previous operation"),
    Cause.JOINT_REPLACEMENT: message("joint replacement"),
    Cause.NEAR_HARDWARE: message("orthopaedic hardware nearby"),
    Cause.ACETABULAR_FRACTURE: message("acetabular fracture"),
    Cause.ARTHROSCOPY: message("hip arthroscopy"),
    Cause.STROKE_OR_ANOXIA: message("stroke or cerebral anoxia"),
    Cause.AMPUTATION: message("amputation"),
    Cause.GENETIC: message("genetic disorder"),
    Cause.FIBRODYSPLASIA_OSSIFICANS_PROGRESSIVA: message("fibrodysplasia ossificans progressiva"),
    Cause.UNKNOWN: message("unknown"),
}

# Translators: nouns without an article, in a list after a colon
SYMPTOMS = {
    Symptom.PAIN: message("pain"),
    Symptom.FEVER: message("fever"),
    Symptom.SWELLING: message("swelling"),
    Symptom.REDUCED_MOTION: message("reduced range of motion"),
}

# Translators: nouns without an article, after a colon and after "after" as well
EVENTS = {
    Event.TOTAL_HIP_ARTHROPLASTY: message("total hip arthroplasty"),
    Event.REVISION_HIP_ARTHROPLASTY: message("revision hip arthroplasty"),
    Event.HEMIARTHROPLASTY: message("hemiarthroplasty of the hip"),
    Event.HIP_RESURFACING: message("hip resurfacing"),
    Event.ACETABULAR_FRACTURE_FIXATION: message("fixation of an acetabular fracture"),
    Event.PROXIMAL_FEMORAL_FRACTURE_FIXATION: message("fixation of a proximal femoral fracture"),
    Event.HIP_ARTHROSCOPY: message("hip arthroscopy"),
    Event.EXCISION_OF_HETEROTOPIC_OSSIFICATION: message("excision of heterotopic ossification"),
    Event.TRAUMA: message("trauma"),
    Event.SPINAL_CORD_INJURY: message("spinal cord injury"),
    Event.TRAUMATIC_BRAIN_INJURY: message("traumatic brain injury"),
    Event.BURN: message("burn"),
}

# Translators: the stage of the ossification, after "Stage:" and a colon
STAGES = {
    Stage.EARLY: message("early, immature"),
    Stage.MINERALIZATION: message("mineralization, maturing"),
    Stage.MATURATION: message("maturation, mature appearance"),
    Stage.DELAYED: message("delayed"),
}

# It says nothing of an operation.
# Translators: a short sentence on how mature the bone looks
MATURITY = {
    Stage.EARLY: message("Immature appearance."),
    Stage.MINERALIZATION: message("Maturing appearance."),
    Stage.MATURATION: message("Mature appearance."),
    Stage.DELAYED: message("Delayed stage on MR."),
}

# Translators: imaging features, nouns in a list after "Features:" and a colon
FEATURES = {
    "XR_EARLY_MASS": message("soft-tissue mass without calcification"),
    "XR_MIN_PERIPHERAL": message("mineralization from the edge inwards"),
    "XR_MIN_CENTRAL": message("mineralization from the centre outwards"),
    "XR_MIN_DISORGANISED": message("mineralization without a pattern"),
    "XR_MIN_ONSET": message("first visible mineralization"),
    "XR_MAT_CORTEX": message("mature bone with a cortex"),
    "CT_EARLY_LOW_ATTENUATION": message("mass of low attenuation"),
    "CT_EARLY_INDISTINCT_PLANES": message("indistinct soft-tissue planes"),
    "CT_EARLY_ENHANCEMENT": message("enhancing mass"),
    "CT_MIN_ZONAL": message("zonal mineralization"),
    "CT_MIN_CENTRAL": message("mineralization from the centre outwards"),
    "CT_MIN_DISORGANISED": message("mineralization without a pattern"),
    "CT_MIN_CENTRAL_FAT": message("marrow fat in the centre"),
    "CT_MAT_PERIPHERAL_CORTEX": message("cortex at the edge"),
    "MR_EARLY_T2_HETEROGENEOUS_HIGH": message("heterogeneous high T2 signal"),
    "MR_EARLY_MUSCLE_ENLARGED": message("enlarged muscle only"),
    "MR_EARLY_EDEMA": message("ill-defined surrounding oedema on T2"),
    "MR_EARLY_ENHANCEMENT": message("enhancing lesion and oedema"),
    "MR_MIN_T1_LOW_RIM": message("zonal rim of low T1 signal"),
    "MR_MIN_T1_HIGH_CENTRE": message("high T1 signal of marrow fat in the centre"),
    "MR_MAT_T1_LOW_RIM": message("cortical rim of low T1 signal"),
    "MR_MAT_T2_PERSISTENT": message("persistent T2 signal"),
    "MR_DEL_STIR_LOW": message("low signal on STIR"),
    "MR_DEL_LITTLE_EDEMA": message("little surrounding oedema"),
}

# Translators: what was measured, as a label before a colon or in a list of such
OWNERS = {
    ("space", Side.RIGHT): message("space of the right hip"),
    ("space", Side.LEFT): message("space of the left hip"),
    ("lateral", Side.RIGHT): message("lateral-view space of the right hip"),
    ("lateral", Side.LEFT): message("lateral-view space of the left hip"),
    ("island", Side.RIGHT): message("island of the right hip"),
    ("island", Side.LEFT): message("island of the left hip"),
    ("islands", Side.RIGHT): message("islands of the right hip"),
    ("islands", Side.LEFT): message("islands of the left hip"),
    ("island of length", Side.RIGHT): message("{length} island of the right hip"),
    ("island of length", Side.LEFT): message("{length} island of the left hip"),
    ("other island", Side.RIGHT): message("other island of the right hip"),
    ("other island", Side.LEFT): message("other island of the left hip"),
    ("other islands", Side.RIGHT): message("other islands of the right hip"),
    ("other islands", Side.LEFT): message("other islands of the left hip"),
}

# What is stated is told by `AS_STATED`.
# Translators: where lengths come from, after "Lengths:" and a colon
ORIGINS = {
    Basis.KNOWN_OBJECT: message(
        "calibrated to an object of known size in the image, valid at the depth of that object"
    ),
    Basis.CALIBRATED_FIDUCIAL: message(
        "calibrated by the image header on an object in the image, valid at the depth of that object"
    ),
    Basis.CALIBRATED_GEOMETRY: message(
        "corrected by the image header for the geometry, valid at a depth it does not state"
    ),
    Basis.CALIBRATED_UNKNOWN: message(
        "calibrated by the image header in a manner it does not state"
    ),
    Basis.ESTIMATED_ERMF: message("estimated with the magnification factor of the image header"),
    Basis.ESTIMATED_DISTANCE: message(
        "estimated from the distances in the image header, which are of limited reliability"
    ),
    Basis.CROSS_SECTIONAL: message("measured on cross-sectional images"),
    Basis.DETECTOR_PLANE: message("measured at the detector plane"),
    Basis.FILM_PLANE: message("measured at the plane of the digitized film"),
    Basis.UNKNOWN: message("measured in a plane that the image header does not state"),
    Basis.UNCALIBRATED: message("marked on an image that gives no millimetres"),
}

# Of a length that runs across slices, and the same beside one length.
ACROSS_SLICES = message("measured in three dimensions on cross-sectional images")
SHORT_ACROSS_SLICES = message("in three dimensions on cross-sectional images")

# The same beside one length.
# Translators: where one length comes from, in brackets behind it
SHORT_ORIGINS = {
    Basis.STATED: message("as stated"),
    Basis.STATED_UNCALIBRATED: message("as stated"),
    Basis.KNOWN_OBJECT: message("calibrated to an object of known size"),
    Basis.CALIBRATED_FIDUCIAL: message("calibrated on an object in the image"),
    Basis.CALIBRATED_GEOMETRY: message("corrected for the geometry"),
    Basis.CALIBRATED_UNKNOWN: message("calibrated, manner not stated"),
    Basis.ESTIMATED_ERMF: message("estimated from the magnification"),
    Basis.ESTIMATED_DISTANCE: message("estimated from the distances"),
    Basis.CROSS_SECTIONAL: message("on cross-sectional images"),
    Basis.DETECTOR_PLANE: message("measured"),
    Basis.FILM_PLANE: message("measured on the film"),
    Basis.UNKNOWN: message("measured"),
    Basis.UNCALIBRATED: message("marked"),
}


@dataclass(frozen=True, slots=True)
class Telling:
    """One report, told in one language: what every sentence depends on beside the hip."""

    report: Report
    language: Language

    @property
    def by_algorithm(self) -> bool:
        """Whether an algorithm graded, and no person."""
        return isinstance(self.report.observer, Algorithm)

    @property
    def is_cross_sectional(self) -> bool:
        """Whether a CT or MR was graded, on which a ruler measures true size."""
        return self.report.setting.modality is not ImagingModality.RADIOGRAPH

    @property
    def as_graded(self) -> str:
        """The words that tell a grade of the source from one by the findings."""
        signing = self.report.signing
        if signing is not None and signing.has_own_grade:
            return self.language.say(AS_SIGNED)
        return self.language.say(AS_GRADED[self.by_algorithm])

    def names_algorithm(self, text: str) -> bool:
        """Whether a text tells of a grade that it is by an algorithm."""
        return self.by_algorithm and self.language.say(AS_GRADED[True]) in text

    @property
    def on_view(self) -> str:
        """The place where the grading was made, as an adverb: "on the lateral view"."""
        return self.language.say(ON_VIEWS[self.report.view])
