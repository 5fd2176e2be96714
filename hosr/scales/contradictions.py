"""What findings must not say at once: the refusals E01-E15 and V1-V7 that join several fields.

Each row is a rule number, where it points, when it is broken, and what to do. Rules on a single
field (a negative length, an unknown letter) are kept by the door that reads the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hosr.errors import Fault
from hosr.scales import SCALES
from hosr.scales.extent import (
    below_limit,
    describes_bone,
    has_extent,
    is_bridged,
    is_given,
    mineral_stages,
)
from hosr.scales.implied_findings import is_graded_for_presence
from hosr.vocabulary.terms import (
    FEATURES,
    Bridging,
    Cause,
    Contrast,
    Event,
    GapClass,
    ImagingModality,
    Presence,
    Stage,
    View,
)

if TYPE_CHECKING:
    from hosr.findings import Hip, Length
    from hosr.scales.scale import Grade, Scale, Setting


# The only pairs that the two rules can give for one hip (by enumeration of all findings).
LEGAL_PAIRS = frozenset(
    {("0", "A"), ("I", "A"), ("I", "B"), ("II", "B"), ("III", "C"), ("IV", "C")}
)

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


def _class_contradicts(length: Length | None) -> bool:
    """Whether no length in the patient that the millimetres may stand for is of the class."""
    if length is None or length.mm is None or length.gap_class is None:
        return False
    said = length.gap_class is GapClass.BELOW_10_MM
    return said not in below_limit(replace(length, gap_class=None))


def _wide_gap(hip: Hip) -> bool:
    """Whether the gap surely reaches 1 cm in the patient."""
    return is_given(hip.gap) and below_limit(hip.gap) == {False}


def _open_on_lateral(hip: Hip) -> bool:
    return hip.gap_lateral is not None and is_given(hip.gap_lateral) and hip.gap_lateral.mm != 0


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
        "ossification is absent, yet bone, its stage or a grade that counts bone is given",
        'say "present", or remove what describes it',
    ),
    Contradiction(
        "E01",
        "presence",
        lambda hip, _, __: hip.presence is Presence.ABSENT and _early_lesion(hip),
        "ossification is absent, yet a lesion in its early stage is described",
        'say "indeterminate", or remove the stage and the features',
    ),
    Contradiction(
        "E01",
        "presence",
        lambda hip, _, __: hip.presence is Presence.ABSENT and bool(hip.sites),
        "ossification is absent, yet it is said where it lies",
        'say "present", or remove the site',
    ),
    Contradiction(
        "E01",
        "presence",
        lambda hip, _, __: hip.presence is Presence.ABSENT and hip.mass is not None,
        "ossification is absent, yet a soft-tissue mass is described, of which it may be the beginning",
        'say "indeterminate", or describe a mass that is another in the comment',
    ),
    Contradiction(
        "",
        "mass.contrast",
        lambda hip, _, __: _shown_without_contrast(hip),
        "enhancement is among the features, yet the mass is said not to enhance, or to have had no contrast",
        "correct one of them",
    ),
    *(
        Contradiction(
            "E02",
            f"grades.{scale.key}",
            _grades_none(scale),
            f"ossification is present, yet {scale.title} {scale.grades[0]} is given",
            "correct the presence or the grade",
        )
        for scale in SCALES.values()
        if scale.least_is_absence
    ),
    Contradiction(
        "E03",
        "presence",
        lambda hip, _, __: _nothing_described(hip),
        "ossification is present, but nothing describes it and no grade is given",
        "give islands, spurs, gap, bridging or the grade",
    ),
    Contradiction(
        "E03",
        "presence",
        lambda hip, _, __: _all_denied(hip),
        "ossification is present, yet there are no islands, no spurs and no bridging",
        "correct one of them; what bridges the joint is given as bridging",
    ),
    Contradiction(
        "E04",
        "bridging",
        lambda hip, _, __: is_bridged(hip) and _wide_gap(hip),
        "bone bridges the joint, yet a gap of 1 cm or more is given on the same view",
        "correct the bridging or the gap; a gap on the lateral view goes into gap_lateral",
    ),
    Contradiction(
        "E04",
        "bridging_basis",
        lambda hip, _, __: (
            hip.bridging_basis is not None and hip.bridging is not Bridging.CONFIRMED
        ),
        "is given, yet bridging is not confirmed",
        'say "bridging": "confirmed", or leave it out',
    ),
    Contradiction(
        "E04",
        "bridging",
        lambda hip, _, __: hip.bridging is Bridging.CONFIRMED and _open_on_lateral(hip),
        "bridging is confirmed, yet a gap is given on the lateral view",
        'say "apparent", as bridging on one view only is, or correct the gap on the lateral view',
    ),
    Contradiction(
        "E07",
        "grades",
        lambda hip, _, __: _illegal_pair(hip),
        "this pair of Brooker and Della Valle grades is impossible for one hip",
        "possible pairs are 0/A, I/A, I/B, II/B, III/C and IV/C",
    ),
    Contradiction(
        "E08",
        "gap",
        lambda hip, _, __: _class_contradicts(hip.gap),
        "the class of the gap contradicts its millimetres",
        "correct one of them",
    ),
    Contradiction(
        "E08",
        "gap_lateral",
        lambda hip, _, __: _class_contradicts(hip.gap_lateral),
        "the class of the gap contradicts its millimetres",
        "correct one of them",
    ),
    Contradiction(
        "",
        "gap_lateral",
        lambda hip, _, setting: (
            is_given(hip.gap_lateral) and setting.view in (View.LATERAL, View.OBLIQUE)
        ),
        "a gap on a second, lateral view is given, yet the graded view is not anteroposterior",
        'give the gap of the graded view as gap, or "view" as that of the anteroposterior image',
    ),
    Contradiction(
        "",
        "gap_lateral",
        lambda hip, _, setting: (
            is_given(hip.gap_lateral) and setting.modality is not ImagingModality.RADIOGRAPH
        ),
        "a gap on a second, lateral view is given, yet the study is no radiograph",
        "give the gap of this study as gap, and that of a radiograph with the report on it",
    ),
    Contradiction(
        "E11",
        "stage",
        lambda hip, _, setting: (
            hip.stage is Stage.DELAYED and setting.modality is not ImagingModality.MR
        ),
        "the delayed stage is described on MR only",
        "use early, mineralization or maturation on radiograph and CT",
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
        "the early stage has no calcification, yet the grade counts bone",
        "use mineralization or maturation, or remove the grade and what it derives from",
    ),
    Contradiction(
        "E15",
        "calibration",
        lambda hip, _, setting: _implantless_calibration(hip, setting),
        "an implant calibrates the image, yet the index event left none",
        "correct the index event, add the cause joint_replacement, or give lengths in mm",
    ),
    Contradiction(
        "V2",
        "features",
        lambda hip, _, __: hip.stage is Stage.EARLY and bool(mineral_stages(hip)),
        "the early stage excludes features of mineralized or mature bone",
        "correct the stage or the features",
    ),
    Contradiction(
        "V3",
        "features",
        lambda hip, _, __: (
            hip.stage in (Stage.MATURATION, Stage.DELAYED)
            and bool(_UNMINERALIZED & set(hip.features))
        ),
        "mature bone excludes a mass without calcification, and a muscle that is only enlarged",
        "correct the stage or the features",
    ),
    Contradiction(
        "V5",
        "features",
        lambda hip, _, __: any(len(orders & set(hip.features)) > 1 for orders in _ORDERS),
        "mineralization from the edge, from the centre and without a pattern exclude one another",
        "keep the one that was seen",
    ),
    Contradiction(
        "V5",
        "features",
        lambda hip, _, __: {"MR_EARLY_EDEMA", "MR_DEL_LITTLE_EDEMA"} <= set(hip.features),
        "surrounding edema and little or no edema exclude one another",
        "keep the one that was seen",
    ),
    Contradiction(
        "V6",
        "features",
        lambda hip, _, setting: any(
            FEATURES[key].modality is not setting.modality for key in hip.features
        ),
        "a feature belongs to another modality than the study",
        "XR_ features need a radiograph, CT_ a CT, MR_ an MR",
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
        "the hip is not evaluable, yet findings or grades are given",
        "say that it is evaluable, or remove them",
    ),
    Contradiction(
        "",
        "presence",
        lambda hip, _, __: (
            hip.evaluable
            and hip.presence is Presence.INDETERMINATE
            and (_positive_description(hip) or is_graded_for_presence(hip))
        ),
        "presence is indeterminate, yet findings of bone or grades are given",
        'say "present", or remove them',
    ),
    Contradiction(
        "",
        "presence",
        lambda hip, _, __: _presence_unknown(hip),
        "nothing tells whether ossification is present (Della Valle A alone leaves it open)",
        'say "present", "absent" or "indeterminate", or give a Brooker grade',
    ),
)
