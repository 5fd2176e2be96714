"""What findings must not say at once: the refusals E01-E15 and V1-V7 that join several fields.

Each row is a rule number, where it points, when it is broken, and what to do. Rules on a single
field (a negative length, an unknown letter) are kept by the door that reads the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.errors import Fault
from hosr.scales.extent import LIMIT_MM, has_extent, is_bridged
from hosr.vocabulary.features import FEATURES, Stage
from hosr.vocabulary.terms import ARTHROPLASTIES, GapClass, ImagingModality, Presence

if TYPE_CHECKING:
    from collections.abc import Callable

    from hosr.findings import Hip, Length
    from hosr.scales.scale import Grade
    from hosr.scales.setting import Setting

__all__ = ["LEGAL_PAIRS", "find_contradictions", "find_setting_contradictions"]

# The only pairs that the two rules can give for one hip (by enumeration of all findings).
LEGAL_PAIRS = frozenset(
    {("0", "A"), ("I", "A"), ("I", "B"), ("II", "B"), ("III", "C"), ("IV", "C")}
)


@dataclass(frozen=True, slots=True)
class _Contradiction:
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
        for row in _ROWS
        if row.broken(hip, grades, setting)
    ]


def find_setting_contradictions(setting: Setting) -> list[Fault]:
    """Contradictions of the context with the study."""
    days = setting.days_since_event
    if days is not None and days < 0:
        problem = "the index event is later than the study"
        return [Fault("$.context.index_event.date", problem, "correct the date or leave it out")]
    return []


def _source(hip: Hip, scale: str) -> set[str]:
    return set(hip.source_grade(scale))


def _positive_description(hip: Hip) -> bool:
    spurs = hip.spurs.any is True
    graded = _source(hip, "brooker") - {"0"} or _source(hip, "della_valle") - {"A"}
    gaps = hip.gap is not None or hip.gap_lateral is not None
    biplanar = _source(hip, "simplified_biplanar") - {"0"}
    return bool(hip.islands or spurs or gaps or is_bridged(hip) or graded or biplanar)


def _mineral_features(hip: Hip) -> set[str]:
    late = (Stage.MINERALIZATION, Stage.MATURATION, Stage.DELAYED)
    return {key for key in hip.features if FEATURES[key].stage in late}


def _grades_bone(grades: tuple[Grade, ...]) -> bool:
    bone = {"brooker": {"I", "II", "III", "IV"}, "della_valle": {"B", "C"}}
    return any(
        stated and set(stated) <= bone[grade.scale]
        for grade in grades
        if grade.scale in bone
        for stated in (grade.source, grade.possible)
    )


def _nothing_described(hip: Hip) -> bool:
    if hip.presence is not Presence.PRESENT or not hip.evaluable:
        return False
    if hip.source_grades or is_bridged(hip) or hip.islands or hip.spurs.any:
        return False
    denied = hip.islands == () and hip.spurs.any is False
    silent = not has_extent(hip) and hip.stage is None and not hip.features
    return denied or silent


def _illegal_pair(hip: Hip) -> bool:
    pairs = {(b, d) for b in _source(hip, "brooker") for d in _source(hip, "della_valle")}
    return bool(pairs) and not pairs & LEGAL_PAIRS


def _class_contradicts(length: Length | None) -> bool:
    if length is None or length.mm is None or length.gap_class is None:
        return False
    return (length.mm < LIMIT_MM) is not (length.gap_class is GapClass.BELOW_10_MM)


def _wide_gap(hip: Hip) -> bool:
    if hip.gap is None:
        return False
    wide_class = hip.gap.gap_class is GapClass.AT_LEAST_10_MM
    return wide_class or (hip.gap.mm is not None and hip.gap.mm >= LIMIT_MM)


def _implantless_calibration(hip: Hip, setting: Setting) -> bool:
    event = setting.context.index_event
    return (
        hip.calibration is not None and event is not None and event.procedure not in ARTHROPLASTIES
    )


_ROWS = (
    _Contradiction(
        "E01",
        "presence",
        lambda hip, _, __: hip.presence is Presence.ABSENT and _positive_description(hip),
        "ossification is absent, yet islands, spurs, a gap, bridging or a grade are given",
        'say "present", or remove what describes it',
    ),
    _Contradiction(
        "E02",
        "grades.brooker",
        lambda hip, _, __: hip.presence is Presence.PRESENT and _source(hip, "brooker") == {"0"},
        "ossification is present, yet Brooker 0 is given",
        "correct the presence or the grade",
    ),
    _Contradiction(
        "E03",
        "presence",
        lambda hip, _, __: _nothing_described(hip),
        "ossification is present, but nothing describes it and no grade is given",
        "give islands, spurs, gap, bridging or the grade",
    ),
    _Contradiction(
        "E04",
        "bridging",
        lambda hip, _, __: is_bridged(hip) and _wide_gap(hip),
        "bone bridges the joint, yet a gap of 1 cm or more is given on the same view",
        "correct the bridging or the gap; a gap on the lateral view goes into gap_lateral",
    ),
    _Contradiction(
        "E07",
        "grades",
        lambda hip, _, __: _illegal_pair(hip),
        "this pair of Brooker and Della Valle grades is impossible for one hip",
        "possible pairs are 0/A, I/A, I/B, II/B, III/C and IV/C",
    ),
    _Contradiction(
        "E08",
        "gap",
        lambda hip, _, __: _class_contradicts(hip.gap),
        "the class of the gap contradicts its millimetres",
        "correct one of them",
    ),
    _Contradiction(
        "E08",
        "gap_lateral",
        lambda hip, _, __: _class_contradicts(hip.gap_lateral),
        "the class of the gap contradicts its millimetres",
        "correct one of them",
    ),
    _Contradiction(
        "E11",
        "stage",
        lambda hip, _, setting: (
            hip.stage is Stage.DELAYED and setting.modality is not ImagingModality.MR
        ),
        "the delayed stage is described on MR only",
        "use early, mineralization or maturation on radiograph and CT",
    ),
    _Contradiction(
        "E12",
        "stage",
        lambda hip, grades, setting: (
            hip.stage is Stage.EARLY
            and setting.modality is not ImagingModality.MR
            and _grades_bone(grades)
        ),
        "the early stage has no calcification, yet the grade counts bone",
        "use mineralization or maturation, or remove the grade and what it derives from",
    ),
    _Contradiction(
        "E15",
        "calibration",
        lambda hip, _, setting: _implantless_calibration(hip, setting),
        "an implant head calibrates the image, yet the index event left no implant",
        "correct the index event or remove the calibration",
    ),
    _Contradiction(
        "V2",
        "features",
        lambda hip, _, __: hip.stage is Stage.EARLY and bool(_mineral_features(hip)),
        "the early stage excludes features of mineralized or mature bone",
        "correct the stage or the features",
    ),
    _Contradiction(
        "V3",
        "features",
        lambda hip, _, __: hip.stage is Stage.MATURATION and "XR_EARLY_MASS" in hip.features,
        "the maturation stage excludes a mass without calcification",
        "correct the stage or the features",
    ),
    _Contradiction(
        "V5",
        "features",
        lambda hip, _, __: {"XR_MIN_PERIPHERAL", "XR_MIN_CENTRAL"} <= set(hip.features),
        "mineralization from the edge and from the centre exclude one another",
        "keep the one that was seen",
    ),
    _Contradiction(
        "V6",
        "features",
        lambda hip, _, setting: any(
            FEATURES[key].modality is not setting.modality for key in hip.features
        ),
        "a feature belongs to another modality than the study",
        "XR_ features need a radiograph, CT_ a CT, MR_ an MR",
    ),
    _Contradiction(
        "",
        "evaluable",
        lambda hip, _, __: (
            not hip.evaluable and (_positive_description(hip) or bool(hip.source_grades))
        ),
        "the hip is not evaluable, yet findings or grades are given",
        "say that it is evaluable, or remove them",
    ),
    _Contradiction(
        "",
        "presence",
        lambda hip, _, __: (
            hip.presence is Presence.INDETERMINATE
            and (_positive_description(hip) or bool(hip.source_grades))
        ),
        "presence is indeterminate, yet findings of bone or grades are given",
        'say "present", or remove them',
    ),
)
