"""What is said of a draft, for the page: its grades, its text, its faults, in the words of its report.

Everything comes from where the report itself has it, so that the page cannot say another thing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hosr.desk.earlier import compared_json
from hosr.desk.hip_cards import hips_json, signed_hip_json
from hosr.desk.remedies import fixes_for_fault
from hosr.desk.sentences import (
    retell,
    tell_amended,
    tell_chosen,
    tell_fault,
    tell_field,
    tell_obstacle,
    tell_other_hips,
    tell_place,
    tell_repeated,
    tell_rival,
)
from hosr.drafts.values import decided_grades
from hosr.errors import Fault, HosrError
from hosr.language import message
from hosr.language.numbers import person_name
from hosr.lifecycle.amendment import says_something_else
from hosr.lifecycle.given_grades import decide, parse_grades
from hosr.lifecycle.signing import find_impossible_signature
from hosr.narrative import compose_sections
from hosr.narrative.signatures import tell_notice
from hosr.report import Report
from hosr.status import Signature, Signing, Step
from hosr.study import Instance

if TYPE_CHECKING:
    from hosr.desk.readers import Reader
    from hosr.drafts import Draft, Listed
    from hosr.drafts.judgement import Judged
    from hosr.intake.images import Note
    from hosr.language import Language
    from hosr.templating.sources import Wording

Json = dict[str, Any]

# What a signature changes; the rest of the text stays that of the draft until there is one.
_SIGNED_SECTIONS = frozenset({"findings", "impression"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is to be told: a record with what hosr says of it, what was decided, to whom and in which words.

    `others` are the grades that others chose, with their names, by hip and scale (`right:brooker`).
    `signed_in` are the words of the signed version: its text is theirs, and that of an amendment. `rivals`
    are the other drafts of the study that are signed of the same hip, but for the one that is `amended` by
    signing this one: it was drawn over that. `replaced` is its report.
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
    amended: Draft | None = None
    replaced: Report | None = None

    @property
    def is_of_other_hips(self) -> bool:
        """Whether the signed report that it would take the place of is of other hips."""
        if self.amended is None:
            return False
        signed = {hip["side"] for hip in self.amended.record["hips"]}
        return signed != {graded.hip.side.value for graded in self.judged.hips}

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
        "compared": report and compared_json(report),
        "hips": hips_json(report, told),
        "amends": _amends(told),
        "status_line": "" if report is None else tell_notice(report, told.text_wording.language),
        "sections": [] if report is None else _sections(report, told),
        "notes": [_note(note, told) for note in judged.notes],
    }


def _amends(told: Told) -> Json | None:
    """The signed report that this one takes the place of once it is signed."""
    amended, before = told.amended, told.replaced
    if amended is None or before is None:
        return None
    words = tell_amended(amended, before, told.wording.language)
    return {"document": amended.document_uid, "words": words}


def signed_json(report: Report, document: str, told: Told) -> Json:
    """A report that was signed: nothing of it is open. `told` is of the record that it was made of."""
    wording = told.wording
    return {
        "faults": [],
        "may_sign": False,
        "why_not": [],
        "document": document,
        "compared": compared_json(report),
        "hips": [signed_hip_json(graded, report, wording) for graded in report.hips],
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
        return [_faulty(judged.faults, language)]
    return [*_undecided(told), *_other_obstacles(told)]


def _faulty(faults: Sequence[Fault], language: Language) -> str:
    """That the record has faults, and in which fields; each is told beside its own."""
    places = dict.fromkeys(tell_field(fault, language) for fault in faults)
    named = [each for each in places if each]
    if not named:
        return language.say("The record has faults.")
    text = message("The record has faults: {places}.")
    return language.say(text, places=language.joined(named))


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
        *([tell_other_hips(language)] if told.is_of_other_hips else _repeated(told)),
        *(
            language.labelled(
                known.get(fault.path) or tell_place(fault, language), tell_fault(fault, language)[0]
            )
            for fault in faults
        ),
    ]


def _repeated(told: Told) -> Iterator[str]:
    """That the report which it would take the place of says the same; a grade that is open is told by itself."""
    outcome, before = told.judged.outcome, told.replaced
    if outcome is None or before is None or told.amended is None:
        return
    try:
        given = parse_grades(decided_grades(told.decisions))
        if not says_something_else(before, outcome.report, given, told.judged.former):
            yield tell_repeated(told.amended, told.wording.language)
    except HosrError:
        return


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
