"""What findings must not say at once: the refusals E01-E15 and V1-V7 that join several fields.

Each row is a rule number, where it points, when it is broken, and what to do. Rules on a single
field (a negative length, an unknown letter) are kept by the door that reads the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.errors import Fault
from hosr.phrases import phrase
from hosr.scales import SCALES
from hosr.scales.crosswalk import LEGAL_PAIRS
from hosr.scales.extent import (
    contradicts_class,
    describes_bone,
    has_extent,
    is_bridged,
    is_given,
    is_open,
    mineral_stages,
    reaches_limit,
)
from hosr.scales.implied_findings import is_graded_for_presence
from hosr.vocabulary.terms import (
    FEATURES,
    Bridging,
    Cause,
    Contrast,
    Event,
    ImagingModality,
    Presence,
    Stage,
    View,
)

if TYPE_CHECKING:
    from hosr.findings import Hip
    from hosr.scales.scale import Grade, Scale, Setting


# After these no implant of known size is left in the hip, unless another cause put one there.
_LEAVE_NO_IMPLANT = {
    Event.HIP_ARTHROSCOPY,
    Event.TRAUMA,
    Event.SPINAL_CORD_INJURY,
    Event.TRAUMATIC_BRAIN_INJURY,
    Event.BURN,
}
# Masses without bone in them, and the ways in which bone comes into one.
_UNMINERALIZED = {"XR_EARLY_MASS", "CT_EARLY_LOW_ATTENUATION", "MR_EARLY_MUSCLE_ENLARGED"}
_ENHANCING = {"CT_EARLY_ENHANCEMENT", "MR_EARLY_ENHANCEMENT"}
# CT shows the order of mineralization as the radiograph does.
_ORDERS = (
    {"XR_MIN_PERIPHERAL", "XR_MIN_CENTRAL", "XR_MIN_DISORGANISED"},
    {"CT_MIN_ZONAL", "CT_MIN_CENTRAL", "CT_MIN_DISORGANISED"},
)
_IMPLANT_CAUSES = {Cause.JOINT_REPLACEMENT, Cause.NEAR_HARDWARE}


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A refusal: its number, the field it points at, when it holds, what it says and asks."""

    rule: str
    field: str
    broken: Callable[[Hip, tuple[Grade, ...], Setting], bool]
    problem: str
    remedy: str


def find_contradictions(
    hip: Hip, grades: tuple[Grade, ...], setting: Setting, path: str
) -> list[Fault]:
    """Every contradiction within one hip; `path` is the hip's place in the record."""
    return [
        Fault(f"{path}.{row.field}", row.problem, row.remedy, row.rule)
        for row in CONTRADICTIONS
        if row.broken(hip, grades, setting)
    ]


def _positive_description(hip: Hip) -> bool:
    graded = any(SCALES[key].counts_bone(grades) for key, grades in hip.source_grades)
    return describes_bone(hip) or graded or bool(mineral_stages(hip))


def _grades_bone(grades: tuple[Grade, ...]) -> bool:
    return any(
        SCALES[grade.scale].counts_bone(stated)
        for grade in grades
        for stated in (grade.source, grade.possible)
    )


def _early_lesion(hip: Hip) -> bool:
    """Whether a lesion is described that has no bone yet; that one may be missed describes none."""
    early = {key for key in hip.features if FEATURES[key].stage is Stage.EARLY}
    return hip.stage is Stage.EARLY or bool(early - {"XR_EARLY_MISSABLE"})


def _shown_without_contrast(hip: Hip) -> bool:
    if hip.mass is None or hip.mass.contrast in (None, Contrast.ENHANCES):
        return False
    return bool(_ENHANCING & set(hip.features))


def _presence_unknown(hip: Hip) -> bool:
    return hip.evaluable and hip.presence is None


def _all_denied(hip: Hip) -> bool:
    """Whether bone is present, yet nothing is left that it could be."""
    if hip.presence is not Presence.PRESENT or not hip.evaluable or hip.stage is Stage.EARLY:
        return False
    return hip.islands == () and hip.spurs.any is False and not is_bridged(hip)


def _nothing_described(hip: Hip) -> bool:
    if hip.presence is not Presence.PRESENT or not hip.evaluable:
        return False
    staged = hip.stage is not None or bool(hip.features)
    return not (has_extent(hip) or hip.source_grades or staged)


def _illegal_pair(hip: Hip) -> bool:
    pairs = {
        (brooker, della_valle)
        for brooker in hip.source_grade("brooker")
        for della_valle in hip.source_grade("della_valle")
    }
    return bool(pairs) and not pairs & LEGAL_PAIRS


def _implantless_calibration(hip: Hip, setting: Setting) -> bool:
    event = setting.context.event_of(hip.side)
    if hip.calibration is None or event is None:
        return False
    implanted = _IMPLANT_CAUSES & set(setting.context.causes)
    return event.procedure in _LEAVE_NO_IMPLANT and not implanted


def _grades_none(scale: Scale) -> Callable[[Hip, tuple[Grade, ...], Setting], bool]:
    def broken(hip: Hip, _: tuple[Grade, ...], __: Setting) -> bool:
        present = hip.presence is Presence.PRESENT
        return present and scale.denies_bone(hip.source_grade(scale.key))

    return broken


CONTRADICTIONS = (
    Contradiction(
        "E01",
        "presence",
        lambda hip, _, __: hip.presence is Presence.ABSENT and _positive_description(hip),
        phrase("ossification is absent, yet bone, its stage or a grade that counts bone is given"),
        phrase('say "present", or remove what describes it'),
    ),
    Contradiction(
        "E01",
        "presence",
        lambda hip, _, __: hip.presence is Presence.ABSENT and _early_lesion(hip),
        phrase("ossification is absent, yet a lesion in its early stage is described"),
        phrase('say "indeterminate", or remove the stage and the features'),
    ),
    Contradiction(
        "E01",
        "presence",
        lambda hip, _, __: hip.presence is Presence.ABSENT and bool(hip.sites),
        phrase("ossification is absent, yet it is said where it lies"),
        phrase('say "present", or remove the site'),
    ),
    Contradiction(
        "E01",
        "presence",
        lambda hip, _, __: hip.presence is Presence.ABSENT and hip.mass is not None,
        phrase(
            "ossification is absent, yet a soft-tissue mass is described, of which it may be the beginning"
        ),
        phrase('say "indeterminate", or describe a mass that is another in the comment'),
    ),
    Contradiction(
        "",
        "mass.contrast",
        lambda hip, _, __: _shown_without_contrast(hip),
        phrase(
            "enhancement is among the features, yet the mass is said not to enhance, or to have had no contrast"
        ),
        phrase("correct one of them"),
    ),
    *(
        Contradiction(
            "E02",
            f"grades.{scale.key}",
            _grades_none(scale),
            phrase(
                "ossification is present, yet {scale} {grade} is given",
                scale=scale.title,
                grade=scale.grades[0],
            ),
            phrase("correct the presence or the grade"),
        )
        for scale in SCALES.values()
        if scale.least_is_absence
    ),
    Contradiction(
        "E03",
        "presence",
        lambda hip, _, __: _nothing_described(hip),
        phrase("ossification is present, but nothing describes it and no grade is given"),
        phrase("give islands, spurs, gap, bridging or the grade"),
    ),
    Contradiction(
        "E03",
        "presence",
        lambda hip, _, __: _all_denied(hip),
        phrase("ossification is present, yet there are no islands, no spurs and no bridging"),
        phrase("correct one of them; what bridges the joint is given as bridging"),
    ),
    Contradiction(
        "E04",
        "bridging",
        lambda hip, _, __: is_bridged(hip) and reaches_limit(hip.gap),
        phrase("bone bridges the joint, yet a gap of 1 cm or more is given on the same view"),
        phrase("correct the bridging or the gap; a gap on the lateral view goes into gap_lateral"),
    ),
    Contradiction(
        "E04",
        "bridging_basis",
        lambda hip, _, __: (
            hip.bridging_basis is not None and hip.bridging is not Bridging.CONFIRMED
        ),
        phrase("is given, yet bridging is not confirmed"),
        phrase('say "bridging": "confirmed", or leave it out'),
    ),
    Contradiction(
        "E04",
        "bridging",
        lambda hip, _, __: hip.bridging is Bridging.CONFIRMED and is_open(hip.gap_lateral),
        phrase("bridging is confirmed, yet a gap is given on the lateral view"),
        phrase(
            'say "apparent", as bridging on one view only is, or correct the gap on the lateral view'
        ),
    ),
    Contradiction(
        "E07",
        "grades",
        lambda hip, _, __: _illegal_pair(hip),
        phrase("this pair of Brooker and Della Valle grades is impossible for one hip"),
        phrase("possible pairs are 0/A, I/A, I/B, II/B, III/C and IV/C"),
    ),
    Contradiction(
        "E08",
        "gap",
        lambda hip, _, __: contradicts_class(hip.gap),
        phrase("the class of the gap contradicts its millimetres"),
        phrase("correct one of them"),
    ),
    Contradiction(
        "E08",
        "gap_lateral",
        lambda hip, _, __: contradicts_class(hip.gap_lateral),
        phrase("the class of the gap contradicts its millimetres"),
        phrase("correct one of them"),
    ),
    Contradiction(
        "",
        "gap_lateral",
        lambda hip, _, setting: (
            is_given(hip.gap_lateral) and setting.view in (View.LATERAL, View.OBLIQUE)
        ),
        phrase(
            "a gap on a second, lateral view is given, yet the graded view is not anteroposterior"
        ),
        phrase(
            'give the gap of the graded view as gap, or "view" as that of the anteroposterior image'
        ),
    ),
    Contradiction(
        "",
        "gap_lateral",
        lambda hip, _, setting: (
            is_given(hip.gap_lateral) and setting.modality is not ImagingModality.RADIOGRAPH
        ),
        phrase("a gap on a second, lateral view is given, yet the study is no radiograph"),
        phrase("give the gap of this study as gap, and that of a radiograph with the report on it"),
    ),
    Contradiction(
        "E11",
        "stage",
        lambda hip, _, setting: (
            hip.stage is Stage.DELAYED and setting.modality is not ImagingModality.MR
        ),
        phrase("the delayed stage is described on MR only"),
        phrase("use early, mineralization or maturation on radiograph and CT"),
    ),
    Contradiction(
        "E12",
        "stage",
        lambda hip, grades, setting: (
            hip.stage is Stage.EARLY
            and (
                # MR shows no calcification: a grade given there may be that of a radiograph.
                describes_bone(hip)
                if setting.modality is ImagingModality.MR
                else _grades_bone(grades)
            )
        ),
        phrase("the early stage has no calcification, yet the grade counts bone"),
        phrase("use mineralization or maturation, or remove the grade and what it derives from"),
    ),
    Contradiction(
        "E15",
        "calibration",
        lambda hip, _, setting: _implantless_calibration(hip, setting),
        phrase("an implant calibrates the image, yet the index event left none"),
        phrase("correct the index event, add the cause joint_replacement, or give lengths in mm"),
    ),
    Contradiction(
        "V2",
        "features",
        lambda hip, _, __: hip.stage is Stage.EARLY and bool(mineral_stages(hip)),
        phrase("the early stage excludes features of mineralized or mature bone"),
        phrase("correct the stage or the features"),
    ),
    Contradiction(
        "V3",
        "features",
        lambda hip, _, __: (
            hip.stage in (Stage.MATURATION, Stage.DELAYED)
            and bool(_UNMINERALIZED & set(hip.features))
        ),
        phrase(
            "mature bone excludes a mass without calcification, and a muscle that is only enlarged"
        ),
        phrase("correct the stage or the features"),
    ),
    Contradiction(
        "V5",
        "features",
        lambda hip, _, __: any(len(orders & set(hip.features)) > 1 for orders in _ORDERS),
        phrase(
            "mineralization from the edge, from the centre and without a pattern exclude one another"
        ),
        phrase("keep the one that was seen"),
    ),
    Contradiction(
        "V5",
        "features",
        lambda hip, _, __: {"MR_EARLY_EDEMA", "MR_DEL_LITTLE_EDEMA"} <= set(hip.features),
        phrase("surrounding edema and little or no edema exclude one another"),
        phrase("keep the one that was seen"),
    ),
    Contradiction(
        "V6",
        "features",
        lambda hip, _, setting: any(
            FEATURES[key].modality is not setting.modality for key in hip.features
        ),
        phrase("a feature belongs to another modality than the study"),
        phrase("XR_ features need a radiograph, CT_ a CT, MR_ an MR"),
    ),
    Contradiction(
        "",
        "evaluable",
        lambda hip, _, __: (
            not hip.evaluable
            and (
                _positive_description(hip)
                or bool(hip.source_grades or hip.sites or hip.mass)
                or hip.presence is Presence.ABSENT
            )
        ),
        phrase("the hip is not evaluable, yet findings or grades are given"),
        phrase("say that it is evaluable, or remove them"),
    ),
    Contradiction(
        "",
        "presence",
        lambda hip, _, __: (
            hip.evaluable
            and hip.presence is Presence.INDETERMINATE
            and (_positive_description(hip) or is_graded_for_presence(hip))
        ),
        phrase("presence is indeterminate, yet findings of bone or grades are given"),
        phrase('say "present", or remove them'),
    ),
    Contradiction(
        "",
        "presence",
        lambda hip, _, __: _presence_unknown(hip),
        phrase(
            "nothing tells whether ossification is present (Della Valle A alone leaves it open)"
        ),
        phrase('say "present", "absent" or "indeterminate", or give a Brooker grade'),
    ),
)
