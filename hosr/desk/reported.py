"""What is said of a draft, for the page: its grades, its text, its faults, in the words of its report.

Everything comes from where the report itself has it, so that the page cannot say another thing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hosr.desk.remedies import fixes_for_fault, fixes_for_flag, fixes_for_grade
from hosr.desk.sentences import (
    retell,
    tell_chosen,
    tell_fault,
    tell_former,
    tell_obstacle,
    tell_place,
    tell_rival,
)
from hosr.drafts.values import decided_grades
from hosr.errors import Fault, HosrError
from hosr.language.numbers import millimetres, person_name, plane_words, uncertainty
from hosr.lifecycle.given_grades import decide, parse_grades
from hosr.lifecycle.signing import find_impossible_signature
from hosr.narrative import compose_sections
from hosr.narrative.gap_scale import describe_gap_scale
from hosr.narrative.grading import note_of, rule_of, scale_name
from hosr.narrative.remarks import name_flag, tell_flag
from hosr.narrative.signatures import tell_notice
from hosr.narrative.words import HIPS, Telling
from hosr.report import Report, grade_json
from hosr.status import Signature, Signing, Step
from hosr.study import Instance

if TYPE_CHECKING:
    from hosr.desk.readers import Reader
    from hosr.drafts import Listed
    from hosr.drafts.judgement import Judged
    from hosr.grading import GradedLength
    from hosr.intake.images import Note
    from hosr.language import Language
    from hosr.report import GradedHip
    from hosr.scales.scale import Grade
    from hosr.templating.sources import Wording
    from hosr.vocabulary.flags import Flag

Json = dict[str, Any]

# What a signature changes; the rest of the text stays that of the draft until there is one.
_SIGNED_SECTIONS = frozenset({"findings", "impression"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is to be told: a record with what hosr says of it, what was decided, to whom and in which words.

    `others` are the grades that others chose, with their names, by hip and scale (`right:brooker`).
    `signed_in` are the words of the signed version: its text is theirs, and that of an amendment. `rivals`
    are the other drafts of the study that are signed of the same hip.
    """

    record: Json
    decisions: tuple[str, ...]
    others: Mapping[str, tuple[str, str]]
    judged: Judged
    reader: Reader
    wording: Wording
    at: dt.datetime
    signed_in: Wording | None = None
    rivals: tuple[Listed, ...] = ()

    @property
    def text_wording(self) -> Wording:
        """The words of the text that is signed."""
        return self.signed_in or self.wording


def report_json(told: Told) -> Json:
    """The report of a record as it is at this moment."""
    judged = told.judged
    outcome = judged.outcome
    report = None if outcome is None else outcome.report
    refusals = _refusals(told)
    return {
        "faults": [_fault(fault, told) for fault in judged.faults],
        "may_sign": judged.may_be_signed and not refusals,
        "why_not": [*_obstacles(told), *refusals],
        "document": judged.document_uid() or None,
        "hips": _hips(report, told),
        "status_line": "" if report is None else tell_notice(report, told.text_wording.language),
        "sections": [] if report is None else _sections(report, told),
        "notes": [_note(note, told) for note in judged.notes],
    }


def signed_json(report: Report, document: str, told: Told) -> Json:
    """A report that was signed: nothing of it is open. `told` is of the record that it was made of."""
    wording = told.wording
    return {
        "faults": [],
        "may_sign": False,
        "why_not": [],
        "document": document,
        "hips": [_signed_hip(graded, report, wording) for graded in report.hips],
        "status_line": tell_notice(report, told.text_wording.language),
        "sections": _told_sections(report, told.text_wording),
        "notes": [_note(note, told) for note in told.judged.notes],
    }


def _note(note: Note, told: Told) -> Json:
    return {"path": note.path, "problem": retell(note.problem, told.wording.language)}


def _fault(fault: Fault, told: Told) -> Json:
    fixes = fixes_for_fault(fault, told.record, told.wording.language, told.reader)
    problem, remedy = tell_fault(fault, told.wording.language)
    return {
        "path": fault.path,
        "place": tell_place(fault, told.wording.language),
        "problem": problem,
        "remedy": remedy,
        "rule": fault.rule,
        "fix": fixes[0] if fixes else None,
        "fixes": fixes,
    }


def _obstacles(told: Told) -> list[str]:
    """Why it cannot be signed: its faults, and what a person has to decide."""
    language, judged = told.wording.language, told.judged
    if judged.faults:
        return [language.say("The record has faults.")]
    return [*_undecided(told), *_other_obstacles(told)]


def _undecided(told: Told) -> Iterator[str]:
    """A sentence for each grade that waits for a person."""
    language = told.wording.language
    decided = {each.partition("=")[0] for each in told.decisions}
    for graded in told.judged.hips:
        for grade in graded.grades:
            place = f"{graded.hip.side.value}:{grade.scale}"
            if place in decided:
                continue
            if place in told.others:
                yield tell_chosen(graded.hip.side, grade.scale, told.others[place], language)
            elif told.judged.choices(graded, grade):
                former = told.judged.former_of(graded, grade)
                yield tell_obstacle(graded.hip.side, grade, former, language)


def _other_obstacles(told: Told) -> Iterator[str]:
    language = told.wording.language
    sides = {f"{graded.hip.side.value} hip" for graded in told.judged.hips}
    for fault in told.judged.obstacles:
        if fault.path not in sides:
            yield language.labelled(tell_place(fault, language), tell_fault(fault, language)[0])


def _refusals(told: Told) -> list[str]:
    """Why this person cannot sign this report now."""
    language, say = told.wording.language, told.wording.language.say
    if not told.reader.may_write:
        return [say("Nobody is named who could sign.")]
    outcome = told.judged.outcome
    if outcome is None:
        return []
    # The options of the command line, as whoever looks at the page knows them.
    known = {"--as": person_name(told.reader.name), "--organization": told.reader.organization}
    faults = find_impossible_signature(outcome.report, _signature(told))
    return [
        *(tell_rival(rival, language) for rival in told.rivals),
        *(
            language.labelled(
                known.get(fault.path) or tell_place(fault, language), tell_fault(fault, language)[0]
            )
            for fault in faults
        ),
    ]


def _signature(told: Told) -> Signature:
    reader = told.reader
    return Signature(
        name=reader.name,
        organization=reader.organization,
        identifier=reader.identifier,
        signed_at=told.at.replace(microsecond=0),
    )


def _sections(report: Report, told: Told) -> list[Json]:
    """The text of the draft, with findings and impression as they will be signed, once all is decided."""
    sections = _told_sections(report, told.text_wording)
    preview = _preview(report, told)
    if preview is None:
        return sections
    signed = {section["key"]: section for section in _told_sections(preview, told.text_wording)}
    return [
        signed[section["key"]] if section["key"] in _SIGNED_SECTIONS else section
        for section in sections
    ]


def _preview(report: Report, told: Told) -> Report | None:
    """The report with the grades of who is about to sign; None where they gave none, or not all."""
    grades, former = decided_grades(told.decisions), told.judged.former
    if not grades and not former:
        return None
    try:
        hips, changes = decide(report, parse_grades(grades), former)
    except HosrError:
        return None
    # Which document it will take the place of does not show in the sections that are taken from it.
    before = Instance(
        series_instance_uid="2.25.1", sop_class_uid="2.25.1", sop_instance_uid="2.25.1"
    )
    signing = Signing(
        step=Step.SIGN,
        signature=_signature(told),
        predecessors=(before,),
        tracked_as="",
        changes=changes,
    )
    return replace(report, hips=hips, signing=signing)


def _told_sections(report: Report, wording: Wording) -> list[Json]:
    return [
        {"key": each.key, "title": each.title, "paragraphs": list(each.paragraphs)}
        for each in compose_sections(report, wording)
    ]


def _hips(report: Report | None, told: Told) -> list[Json]:
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


def _signed_hip(graded: GradedHip, report: Report, wording: Wording) -> Json:
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
        "is_assumed": length.uncertainty_mm is None,
        "patient_mm": None if graded.patient_mm is None else list(graded.patient_mm),
        "is_equivocal": graded.is_equivocal,
        "sentence": sentence,
    }


def _gap_scale(report: Report, graded: GradedHip, wording: Wording) -> Json | None:
    scale = describe_gap_scale(report, graded, wording.language)
    return scale if scale["shown"] else None
