"""What surrounds the findings: examination, indication, technique, who graded by what, provenance."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from hosr.findings import Algorithm
from hosr.grading import SCALES
from hosr.language import message
from hosr.language.numbers import (
    day,
    dicom_day,
    elapsed,
    in_order,
    moment,
    person_name,
    plain,
    score,
)
from hosr.narrative import words
from hosr.narrative.grading import grade_words, scale_name
from hosr.narrative.lengths import describe_lengths
from hosr.narrative.phrases import quotation
from hosr.narrative.remarks import limit_grading
from hosr.narrative.surfaces import describe_boundaries
from hosr.study import read_date
from hosr.vocabulary.terms import ARTHROPLASTIES, Cause, Event, Side, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hosr.findings import IndexEvent, Observer
    from hosr.language import Language
    from hosr.narrative.words import Telling
    from hosr.report import GradedHip, Report
    from hosr.study import HeaderOverride
    from hosr.templating.environment import Plain


_EXAMINED_HIPS = {
    (Side.RIGHT,): message("Right hip."),
    (Side.LEFT,): message("Left hip."),
    (Side.RIGHT, Side.LEFT): message("Right and left hip."),
}
_MISSABLE = "XR_EARLY_MISSABLE"
# An injury and an operation leave open what else was done.
_IMPLANT_CAUSES = {
    Cause.JOINT_REPLACEMENT,
    Cause.NEAR_HARDWARE,
    Cause.POSTOPERATIVE,
    Cause.ACETABULAR_FRACTURE,
}
_IMPLANT_EVENTS = ARTHROPLASTIES | {
    Event.ACETABULAR_FRACTURE_FIXATION,
    Event.PROXIMAL_FEMORAL_FRACTURE_FIXATION,
    Event.EXCISION_OF_HETEROTOPIC_OSSIFICATION,
    Event.TRAUMA,
}
_AP_VIEWS = (View.AP_PELVIS, View.AP_HIP)


def describe_examination(report: Report, language: Language) -> list[str]:
    """Modality, view, date, images, and the hips that were looked at."""
    date = dicom_day(report.subject.study.date, language) or language.say("date not given")
    made = language.say(words.EXAMINATIONS[report.view])
    sides = tuple(graded.hip.side for graded in report.hips)
    return [
        language.say("{examination}, {date}.", examination=made, date=date),
        _images(report, language),
        language.say(_EXAMINED_HIPS[sides]),
    ]


def _images(report: Report, language: Language) -> str:
    modalities = sorted({plain(image.modality) for image in report.subject.images})
    named = ", ".join(filter(None, modalities)) or language.say("modality not given")
    total = len(report.subject.images) + len(report.subject.examined)
    return language.count(
        "{number} image ({modalities}).", "{number} images ({modalities}).", total, modalities=named
    )


def describe_indication(report: Report, language: Language) -> list[str]:
    """What the source says of the reason for imaging; nothing is concluded from it."""
    context, say = report.context, language.say
    sentences = []
    if context.indication:
        given = quotation(plain(context.indication), language)
        # Translators: {quotation} ends with its own full stop
        sentences.append(say("As given: {quotation}", quotation=given))
    for event in context.events:
        sentences += _describe_event(event, report, language)
    if context.causes:
        causes = [say(words.CAUSES[cause]) for cause in context.causes]
        sentences.append(
            language.count(
                "Cause as given: {causes}.",
                "Causes as given: {causes}.",
                len(causes),
                causes=language.joined(causes),
            )
        )
    if context.symptoms:
        symptoms = [say(words.SYMPTOMS[symptom]) for symptom in context.symptoms]
        sentences.append(
            language.count(
                "Symptom as given: {symptoms}.",
                "Symptoms as given: {symptoms}.",
                len(symptoms),
                symptoms=language.listed(symptoms),
            )
        )
    return sentences or [say("Not given.")]


def _describe_event(event: IndexEvent, report: Report, language: Language) -> list[str]:
    say = language.say
    procedure, side = say(words.EVENTS[event.procedure]), say(words.EVENT_SIDES[event.side])
    date = day(event.date, language) if event.date else say("date not given")
    told = [say("Index event: {event}, {side}, {date}.", event=procedure, side=side, date=date)]
    studied = read_date(report.subject.study.date)
    if event.date is not None and studied is not None:
        if studied > event.date:
            apart = elapsed(event.date, studied, language)
            told.append(say("This study: {time} after {event}.", time=apart, event=procedure))
        else:
            told.append(say("This study: on the day of {event}.", event=procedure))
    return told


def describe_technique(report: Report, telling: Telling) -> list[str]:
    """How lengths came about, and what limits the view and the grading."""
    language = telling.language
    sentences = [*describe_lengths(report, telling), *describe_boundaries(report, language)]
    sentences += _describe_view(report, language)
    sentences += limit_grading(report.hips, telling)
    if any(_MISSABLE in graded.hip.features for graded in report.hips):
        sentences.append(language.say("An early lesion may be missed on a radiograph."))
    sentences += [_describe_override(override, language) for override in report.overrides]
    for graded in report.hips:
        if not graded.hip.evaluable:
            told = _why_not_evaluable(plain(graded.hip.not_evaluable_reason), language)
            sentences.append(language.labelled(language.say(words.HIPS[graded.hip.side]), told))
    return sentences


def _describe_override(override: HeaderOverride, language: Language) -> str:
    # Translators: {quotation} ends with its own full stop
    text = message("In place of the image header, as given: {what}. Reason as given: {quotation}")
    what = language.listed(tell_override(override, language))
    return language.say(text, what=what, quotation=quotation(plain(override.reason), language))


def tell_override(override: HeaderOverride, language: Language) -> Iterator[str]:
    """What is said of an image in place of its header, as nouns."""
    say = language.say
    if override.side is not None:
        yield say(words.IMAGE_SIDES[override.side])
    if override.view is not None:
        yield say(words.IMAGE_VIEWS[override.view])
    if override.orientation is not None:
        row, column = override.orientation
        # Translators: where rows and columns of an image lead, by their letters in DICOM
        yield say(message("orientation {row}/{column}"), row=row, column=column)


def tell_overrides(report: Report, language: Language) -> str:
    """All that was taken in place of headers, in a sentence of the impression; "" for nothing."""
    told = dict.fromkeys(
        text for override in report.overrides for text in tell_override(override, language)
    )
    if not told:
        return ""
    return language.say("The image header was overridden: {what}.", what=language.listed(told))


def _why_not_evaluable(reason: str, language: Language) -> str:
    if not reason:
        return language.say("not evaluable; no reason was given.")
    given = quotation(reason, language)
    # Translators: {quotation} ends with its own full stop
    return language.say("not evaluable; reason as given: {quotation}", quotation=given)


def _describe_view(report: Report, language: Language) -> list[str]:
    if report.view not in _AP_VIEWS:
        return []
    if not any(map(_meets_overlap, report.hips)):
        return []
    return [
        language.say("On the anteroposterior view, overlap can imitate bridging or narrow a space.")
    ]


def _meets_overlap(graded: GradedHip) -> bool:
    hip = graded.hip
    return bool(hip.spurs.any or hip.gap is not None or graded.facts.is_bridged)


def describe_not_assessed(report: Report, language: Language) -> str:
    """What nobody should look for in the report; an implant only where there may be one."""
    if _may_have_implant(report):
        return language.say("Not assessed: implant position, loosening, fracture, infection.")
    return language.say("Not assessed: fracture, infection.")


def _may_have_implant(report: Report) -> bool:
    events, causes = report.context.events, set(report.context.causes)
    if causes & _IMPLANT_CAUSES or any(each.procedure in _IMPLANT_EVENTS for each in events):
        return True
    if any(graded.hip.calibration for graded in report.hips):
        return True
    return not (events or causes or report.view is View.MR)


def missing_hips(report: Report, language: Language) -> list[str]:
    """The hips that the report says nothing of."""
    told = {graded.hip.side for graded in report.hips}
    return [
        language.labelled(language.say(words.HIPS[side]), language.say("not part of this report."))
        for side in Side
        if side not in told
    ]


class _Share(Enum):
    """What of a report its observer gave: grades or their scores, or findings that grades follow from or not."""

    GRADES = auto()
    GRADED_FINDINGS = auto()
    FINDINGS = auto()


# What was measured between the outlines of a model, or along the lines of a reader, is no grade of theirs.
_BY_ALGORITHM = {
    _Share.GRADES: message("Findings and grades are the output of the algorithm {name}, {time}."),
    _Share.GRADED_FINDINGS: message(
        "The findings rest on the output of the algorithm {name}, {time}; the grades follow from them."
    ),
    _Share.FINDINGS: message("The findings rest on the output of the algorithm {name}, {time}."),
}
_BY_PERSON = {
    _Share.GRADES: message("Graded by {name}, {time}."),
    _Share.GRADED_FINDINGS: message("Findings by {name}, {time}; the grades follow from them."),
    _Share.FINDINGS: message("Findings by {name}, {time}."),
}


def describe_method(report: Report, language: Language) -> list[str]:
    """Who graded, when, what a model scored, and by which published rules."""
    cited = _cited_rules(report)
    scores = [text for graded in report.hips for text in _scores(graded, language)]
    told = [_observer(report, language), *scores]
    if cited:
        told.append(language.say("Grading systems: {citations}.", citations=language.joined(cited)))
    return told


def _cited_rules(report: Report) -> list[str]:
    """The publications whose grades are told, as they are cited; the systems' names on one line."""
    scales = dict.fromkeys(
        grade.scale for graded in report.hips for grade in graded.grades if graded.is_told(grade)
    )
    return [SCALES[key].citation.replace(SCALES[key].title, scale_name(key)) for key in scales]


def name_observer(report: Report, language: Language) -> str:
    """Who graded, as `name_of` has it."""
    return name_of(report.observer, language)


def name_of(observer: Observer, language: Language) -> str:
    """The person with the organization, or the algorithm with its version and manufacturer."""
    if isinstance(observer, Algorithm):
        name, version = plain(observer.name), plain(observer.version)
        told = language.say("{name}, version {version}", name=name, version=version)
        return f"{told} ({plain(observer.manufacturer)})" if observer.manufacturer else told
    person = person_name(observer.name) or language.say("a person")
    return f"{person}, {plain(observer.organization)}" if observer.organization else person


def _observer(report: Report, language: Language) -> str:
    when, name = moment(report.graded_at, language), in_order(name_observer(report, language))
    said = _BY_ALGORITHM if isinstance(report.observer, Algorithm) else _BY_PERSON
    return language.say(said[_share_of(report)], name=name, time=when)


def _share_of(report: Report) -> _Share:
    if any(graded.hip.source_grades or graded.hip.probabilities for graded in report.hips):
        return _Share.GRADES
    told = (graded.is_told(grade) for graded in report.hips for grade in graded.grades)
    return _Share.GRADED_FINDINGS if any(told) else _Share.FINDINGS


def _scores(graded: GradedHip, language: Language) -> list[str]:
    """The score of the grade that is stated, and of no other."""
    hip = language.say(words.HIPS[graded.hip.side])
    told = []
    for given in graded.hip.probabilities:
        grade = graded.grade(given.scale)
        if grade is None or not graded.is_told(grade):
            continue
        told += [
            language.say(
                "{hip}, {grade}: model output, score {score}.",
                hip=hip,
                grade=grade_words(given.scale, (name,), language),
                score=score(value, language),
            )
            for name, value in given.scores
            if name in grade.stated
        ]
    return told


def list_provenance(report: Report, language: Language) -> list[Plain]:
    """What the sentences of the method leave out: identifiers and the settings of an algorithm."""
    images = [image.instance.sop_instance_uid for image in report.subject.images]
    facts = [
        *_algorithm(report, language),
        ("Study Instance UID", report.subject.study.study_instance_uid),
        *(("SOP Instance UID", uid) for uid in images),
    ]
    return [{"name": name, "value": value} for name, value in facts if value]


def _algorithm(report: Report, language: Language) -> list[tuple[str, str]]:
    observer = report.observer
    if not isinstance(observer, Algorithm):
        return []
    parameters = (f"{plain(name)}={plain(value)}" for name, value in observer.parameters)
    return [
        ("Device UID", plain(observer.device_uid)),
        (language.say("Parameters"), language.joined(parameters)),
    ]
