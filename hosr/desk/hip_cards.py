"""A hip as the page shows it: its grades with their rules and what may be chosen, its flags, its lengths.

Everything comes from where the report itself has it, so that the page cannot say another thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hosr.desk.remedies import fixes_for_flag, fixes_for_grade
from hosr.desk.sentences import tell_former
from hosr.language.numbers import millimetres, person_name, plane_words, uncertainty
from hosr.narrative.gap_scale import describe_gap_scale
from hosr.narrative.grading import note_of, rule_of, scale_name
from hosr.narrative.remarks import name_flag, tell_flag
from hosr.narrative.words import HIPS, Telling
from hosr.report import Report, grade_json

if TYPE_CHECKING:
    from hosr.desk.reported import Told
    from hosr.grading import GradedLength
    from hosr.language import Language
    from hosr.report import GradedHip
    from hosr.scales.scale import Grade
    from hosr.templating.sources import Wording
    from hosr.vocabulary.flags import Flag

Json = dict[str, Any]


def hips_json(report: Report | None, told: Told) -> list[Json]:
    """The hips; without a report those that can be graded by the record alone."""
    decided = {graded.hip.side: graded for graded in told.judged.decided}
    return [
        _hip(graded, decided.get(graded.hip.side, graded), report, told)
        for graded in told.judged.hips
    ]


def _hip(graded: GradedHip, decided: GradedHip, report: Report | None, told: Told) -> Json:
    """A hip with the grades that stand, and those that may be chosen."""
    wording, language = told.wording, told.wording.language
    flags = [
        {
            "key": flag.value,
            "sentence": _flag(flag, decided, report, language),
            "fixes": fixes_for_flag(flag, graded, told.record, language),
        }
        for flag in decided.flags
    ]
    chosen = _chosen(graded, told.decisions)
    scales = [
        {
            **_scale(decided.grade(grade.scale) or grade, decided, report, wording),
            **_choice(graded, grade, told, chosen.get(grade.scale)),
        }
        for grade in graded.grades
    ]
    return {**_findings(decided, report, wording), "scales": scales, "flags": flags}


def signed_hip_json(graded: GradedHip, report: Report, wording: Wording) -> Json:
    """The same of what was signed: nothing is to be chosen."""
    language = wording.language
    flags: list[Json] = [
        {"key": flag.value, "sentence": _flag(flag, graded, report, language), "fixes": []}
        for flag in graded.flags
    ]
    scales = [
        {**_scale(grade, graded, report, wording), **_given(graded, grade)}
        for grade in graded.grades
    ]
    return {**_findings(graded, report, wording), "scales": scales, "flags": flags}


def _flag(flag: Flag, graded: GradedHip, report: Report | None, language: Language) -> str:
    return (
        name_flag(flag, language)
        if report is None
        else tell_flag(flag, graded, Telling(report, language))
    )


def _chosen(graded: GradedHip, decisions: Sequence[str]) -> dict[str, str]:
    """The grades that were decided of a hip, by scale."""
    side = f"{graded.hip.side.value}:"
    own = (each.removeprefix(side).partition("=") for each in decisions if each.startswith(side))
    return {scale: grade for scale, _, grade in own}


def _findings(graded: GradedHip, report: Report | None, wording: Wording) -> Json:
    facts, hip = graded.facts, graded.hip
    measured = iter(facts.islands)
    return {
        "side": hip.side.value,
        "name": wording.language.say(HIPS[hip.side]),
        "gap": _length(facts.gap, wording),
        "gap_lateral": _length(facts.gap_lateral, wording),
        "islands": [
            None if island.length is None else _length(next(measured, None), wording)
            for island in hip.islands or ()
        ],
        "calibration": hip.calibration and {"true_mm": hip.calibration.true_mm},
        "gap_scale_svg": None if report is None else _gap_scale(report, graded, wording),
    }


def _scale(grade: Grade, graded: GradedHip, report: Report | None, wording: Wording) -> Json:
    """A grade that stands, or the words for there being none."""
    language = wording.language
    stated = grade.stated if graded.is_told(grade) else ()
    rule = language.say(rule_of(grade.scale, stated[0])) if len(stated) == 1 else ""
    return {
        "key": grade.scale,
        "title": scale_name(grade.scale),
        "grade": stated[0] if len(stated) == 1 else None,
        "label": language.listed(stated, "or") if stated else language.say("not graded"),
        "rule": rule,
        "note": "" if report is None else note_of(grade, graded, Telling(report, language)),
    }


def _choice(graded: GradedHip, grade: Grade, told: Told, decision: str | None) -> Json:
    """What the findings and the source say of a grade, and what a person may choose."""
    judged, language = told.judged, told.wording.language
    is_conflict = judged.is_conflict(graded, grade)
    former = judged.former_of(graded, grade)
    other = told.others.get(f"{graded.hip.side.value}:{grade.scale}")
    return {
        **_given(graded, grade),
        "is_conflict": is_conflict,
        "is_open": graded.is_told(grade) and not is_conflict and len(grade.stated) > 1,
        "decision": decision,
        "former": former and tell_former(former, language),
        "chosen": other and {"grade": other[0], "by": person_name(other[1])},
        "choices": fixes_for_grade(graded, grade, judged.choices(graded, grade), language),
    }


def _given(graded: GradedHip, grade: Grade) -> Json:
    """What the findings and the source say of a grade of which nothing is to be chosen."""
    told = grade_json(graded, grade)
    return {
        "derived": told["derived"],
        "possible": told["possible"],
        "source_grade": told["source_grade"],
        "is_conflict": grade.differs,
        "is_open": False,
        "decision": None,
        "former": None,
        "chosen": None,
        "choices": [],
    }


def _length(graded: GradedLength | None, wording: Wording) -> Json | None:
    """A length with its plane, its uncertainty and all of it in words."""
    if graded is None:
        return None
    length, language = graded.length, wording.language
    if length.mm is None:
        sentence = language.say("not measured")
    else:
        sentence = (
            f"{millimetres(length.mm, language)} ± {uncertainty(graded.uncertainty_mm, language)}, "
            f"{plane_words(length, language)}"
        )
    return {
        "mm": length.mm,
        "plane": length.plane.value,
        "basis": length.basis.value,
        "category": length.gap_class.value if length.gap_class else None,
        "uncertainty_mm": graded.uncertainty_mm,
        "sentence": sentence,
    }


def _gap_scale(report: Report, graded: GradedHip, wording: Wording) -> Json | None:
    scale = describe_gap_scale(report, graded, wording.language)
    return scale if scale["shown"] else None
