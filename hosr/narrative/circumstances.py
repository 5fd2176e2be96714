"""What surrounds the findings: examination, indication, technique, and who graded by what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.findings import Algorithm, Basis, Length, Plane
from hosr.measure.magnification import MAGNIFICATION
from hosr.narrative import words
from hosr.narrative.grading import grade_words, is_told
from hosr.narrative.numbers import day, dicom_day, elapsed, moment, person_name, plain, score, size
from hosr.narrative.phrases import listed, quoted, reader_of, sentence
from hosr.narrative.remarks import limit_grading
from hosr.scales import SCALES
from hosr.scales.extent import is_bridged
from hosr.study import read_date
from hosr.vocabulary.terms import Side, View

if TYPE_CHECKING:
    from hosr.findings import Hip, IndexEvent
    from hosr.report import GradedHip, Report

__all__ = [
    "describe_examination",
    "describe_indication",
    "describe_method",
    "describe_technique",
    "missing_hips",
]

# What a source says with a length that it states.
_STATED_PLANES = {
    Plane.PATIENT: ", in the patient",
    Plane.DETECTOR: ", at the detector plane",
    Plane.UNKNOWN: "",
}
_AP_VIEWS = (View.AP_PELVIS, View.AP_HIP)


def describe_examination(report: Report) -> list[str]:
    """Modality, view, date, images, and the hips that were looked at."""
    study = report.subject.study
    date = dicom_day(study.date) or "date not given"
    sides = sentence(f"{listed(graded.hip.side.value for graded in report.hips)} hip")
    return [f"{words.EXAMINATIONS[report.view]}, {date}.", _images(report), sides]


def _images(report: Report) -> str:
    modalities = sorted({plain(image.modality) for image in report.subject.images})
    total = len(report.subject.images) + len(report.subject.examined)
    noun = "image" if total == 1 else "images"
    return f"{total} {noun} ({', '.join(filter(None, modalities)) or 'modality not given'})."


def describe_indication(report: Report) -> list[str]:
    """What the source says of the reason for imaging; nothing is concluded from it."""
    context = report.context
    sentences = []
    if context.indication:
        sentences.append(f"As given: {quoted(plain(context.indication))}")
    if context.index_event is not None:
        sentences += _describe_event(context.index_event, report)
    if context.causes:
        noun = "Cause" if len(context.causes) == 1 else "Causes"
        causes = listed(words.CAUSES[cause] for cause in context.causes)
        sentences.append(f"{noun} as given: {causes}.")
    if context.symptoms:
        noun = "Symptom" if len(context.symptoms) == 1 else "Symptoms"
        symptoms = listed(words.SYMPTOMS[symptom] for symptom in context.symptoms)
        sentences.append(f"{noun} as given: {symptoms}.")
    return sentences or ["Not given."]


def _describe_event(event: IndexEvent, report: Report) -> list[str]:
    procedure = words.EVENTS[event.procedure]
    side = f"{event.side.value} side" if event.side else "side not given"
    date = day(event.date) if event.date else "date not given"
    told = [f"Index event: {procedure}, {side}, {date}."]
    studied = read_date(report.subject.study.date)
    if event.date is not None and studied is not None:
        apart = elapsed(event.date, studied)
        told.append(
            f"This study: {apart} after {procedure}."
            if studied > event.date
            else f"This study: on the day of {procedure}."
        )
    return told


def describe_technique(report: Report) -> list[str]:
    """How lengths came about, and what limits the view and the grading."""
    sentences = [*_describe_lengths(report), *_describe_view(report)]
    sentences += limit_grading(report.hips, report.setting)
    for graded in report.hips:
        if not graded.hip.evaluable:
            reason = plain(graded.hip.not_evaluable_reason)
            given = f"reason as given: {quoted(reason)}" if reason else "no reason was given."
            sentences.append(f"{words.HIPS[graded.hip.side]}: not evaluable; {given}")
    return sentences


def _describe_lengths(report: Report) -> list[str]:
    """Each origin once, with what has it; without names where all lengths share it."""
    named: dict[str, list[str]] = {}
    for graded in report.hips:
        for name, length in _lengths(graded.hip):
            text = _origin(length, graded.hip, reader_of(report.setting))
            owners = named.setdefault(text, [])
            owner = f"{name} of the {graded.hip.side.value} hip"
            if owner not in owners:
                owners.append(owner)
    if not named:
        return ["No length was measured."]
    if len(named) == 1:
        return [f"Lengths: {text}." for text in named]
    return [sentence(f"{listed(owners)}: {text}") for text, owners in named.items()]


def _lengths(hip: Hip) -> list[tuple[str, Length]]:
    lengths = [("space", hip.gap), ("lateral-view space", hip.gap_lateral)]
    lengths += [("islands", island.length) for island in hip.islands or ()]
    return [
        (name, length)
        for name, length in lengths
        if length is not None and (length.mm is not None or length.line is not None)
    ]


def _origin(length: Length, hip: Hip, reader: str) -> str:
    known = (
        f" of {size(hip.calibration.true_mm)}" if hip.calibration is not None else " of known size"
    )
    plane = _STATED_PLANES[length.plane]
    origin = words.ORIGINS[length.basis].format(reader=reader, size=known, plane=plane)
    least, greatest = (round(100 * (1 - 1 / factor)) for factor in MAGNIFICATION)
    low, high = (f"{factor:.2f}" for factor in MAGNIFICATION)
    if length.mm is None or length.plane is Plane.PATIENT:
        return origin
    if length.plane is Plane.DETECTOR:
        return (
            f"{origin}, not corrected for magnification; true lengths are expected to be "
            f"about {least} to {greatest} % smaller (magnification {low} to {high})"
        )
    unknown = "" if length.basis is Basis.UNKNOWN else "the plane is not known, and "
    return f"{origin}; {unknown}true lengths may be up to {greatest} % smaller"


def _describe_view(report: Report) -> list[str]:
    if report.view not in _AP_VIEWS:
        return []
    if not any(_meets_overlap(graded.hip) for graded in report.hips):
        return []
    return ["On the anteroposterior view, overlap can imitate bridging or narrow a space."]


def _meets_overlap(hip: Hip) -> bool:
    return bool(hip.spurs.any or hip.gap is not None or is_bridged(hip))


def missing_hips(report: Report) -> list[str]:
    """The hips that the report says nothing of."""
    told = {graded.hip.side for graded in report.hips}
    return [f"{words.HIPS[side]}: not part of this report." for side in Side if side not in told]


def describe_method(report: Report) -> list[str]:
    """Who graded, when, what a model scored, and by which published rules."""
    cited = dict.fromkeys(
        SCALES[grade.scale].citation
        for graded in report.hips
        for grade in graded.grades
        if is_told(grade, graded.hip)
    )
    scores = [text for graded in report.hips for text in _scores(graded)]
    return [
        _observer(report),
        *scores,
        *([f"Grading systems: {'; '.join(cited)}."] if cited else []),
    ]


def _observer(report: Report) -> str:
    when = moment(report.graded_at)
    observer = report.observer
    if isinstance(observer, Algorithm):
        maker = f" ({plain(observer.manufacturer)})" if observer.manufacturer else ""
        name = f"{plain(observer.name)}, version {plain(observer.version)}{maker}"
        return f"Findings and grades are output of the algorithm {name}, {when}."
    organization = f", {plain(observer.organization)}" if observer.organization else ""
    return f"Graded by {person_name(observer.name) or 'a person'}{organization}, {when}."


def _scores(graded: GradedHip) -> list[str]:
    """The score of the grade that is stated, and of no other."""
    told = []
    for given in graded.hip.probabilities:
        grade = graded.grade(given.scale)
        if grade is None or not is_told(grade, graded.hip):
            continue
        scored = [
            f"{grade_words(given.scale, (name,))}: model output, score {score(value)}"
            for name, value in given.scores
            if name in grade.stated
        ]
        told += [f"{words.HIPS[graded.hip.side]}, {text}." for text in scored]
    return told
