"""What a hip was compared with, in sentences: the section on comparison, and the heart of it for the impression.

Which earlier report, by whom; grades and space, then and now; whether the space differs beyond what a
measurement varies by, or why that cannot be told. A difference has no other name here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from hosr.comparison import Comparison, Obstacle, SpaceChange, Verdict, compare_hips
from hosr.findings import Algorithm
from hosr.language import message
from hosr.language.numbers import (
    day,
    decimal,
    dicom_day,
    millimetres,
    moment,
    person_name,
    plain,
    uncertainty,
)
from hosr.narrative import words
from hosr.narrative.circumstances import name_of
from hosr.narrative.grading import grade_words
from hosr.narrative.phrases import tell_manner
from hosr.priors import Passing
from hosr.status import Step
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import VIEW_MODALITIES, Bridging, GapClass

if TYPE_CHECKING:
    from hosr.findings import IndexEvent, Length
    from hosr.language import Language
    from hosr.narrative.words import Telling
    from hosr.priors import Lookback, PassedOver
    from hosr.report import GradedHip, Report
    from hosr.vocabulary.terms import Side

_BRIDGED = (Bridging.APPARENT, Bridging.CONFIRMED)
_MOST_PLACES = 9
_BY_EVENT = {Obstacle.EVENT, Obstacle.UNDATED_EVENT}

# How the earlier report came to be what it is.
_SIGNED = {
    Step.SIGN: message("The earlier report was signed by {name}, {organization}, {time}."),
    Step.AMEND: message(
        "The earlier report, as amended, was signed by {name}, {organization}, {time}."
    ),
    Step.ADDEND: message(
        "The earlier report was signed by {name}, {organization}, {time}; it has an addendum."
    ),
}
# By whether an algorithm graded then.
_SAME_READER = {
    False: message("Graded by the same reader."),
    True: message("Graded by the same algorithm."),
}
_OTHER_READER = {
    False: message("Graded then by {name}."),
    True: message("Graded then by the algorithm {name}."),
}
_VERDICTS = {
    Verdict.BEYOND: message(
        "The change of {change} is beyond the measurement variation of {variation}."
    ),
    Verdict.WITHIN: message(
        "The difference of {change} is within the measurement variation of {variation}."
    ),
    Verdict.NOT_COMPARABLE: message("The two are not comparable, because {reasons}."),
}
# Translators: clauses, the {reasons} of "not comparable, because {reasons}"; {event} is an operation, or
# several
_OBSTACLES = {
    Obstacle.EVENT: message("an event lies between the two studies ({event})"),
    Obstacle.UNDATED_EVENT: message("an event may lie between the two studies ({event})"),
    Obstacle.VIEW: message("the views differ"),
    Obstacle.BRIDGED_THEN: message("bridging was stated then"),
    Obstacle.BRIDGED_NOW: message("bridging is stated now"),
    Obstacle.TOUCHING_THEN: message("bone surfaces touched then"),
    Obstacle.TOUCHING_NOW: message("bone surfaces touch now"),
    Obstacle.NOT_MEASURED_THEN: message("the space was not measured then"),
    Obstacle.NOT_MEASURED_NOW: message("the space was not measured now"),
    Obstacle.CALIBRATION: message("the calibration differs"),
    Obstacle.MANNER: message("the manner of calibration is not known"),
}
# Translators: what a space is where it has no number, after "then:" or "now:"
_STATES = {
    "bridged": message("bridging stated"),
    "touching": message("bone surfaces touching"),
    "above": message("at least 1 cm, not measured"),
    "below": message("below 1 cm, not measured"),
    "none": message("not measured"),
}
_EARLY_PRIOR = message(
    "The study then was made less than 12 weeks after the index event, when ossification may still "
    "have been forming."
)
_READING_VARIATION = message(
    "A difference of one class between two readers is within reading variation."
)
_FLAGGED = {
    Flag.GRADE_FELL: message(
        "The grade is lower than before, and no excision or revision is recorded between."
    ),
    Flag.GRADE_JUMPED: message("The grades differ by two classes or more."),
    Flag.COMPARED_APART: message(
        "View and calibration are not alike, or not known to be, so a difference may not be real."
    ),
    Flag.LATE_GROWTH: message(
        "By grade or space there is more ossification than at a study made more than 3 years after "
        "arthroplasty; growth is described up to 3 years, and whether there is another trigger is "
        "for the reader to judge."
    ),
    Flag.STAGE_BACKWARD: message("The stage is an earlier one than before."),
}
# Those of them that the impression tells too.
_DECISIVE = (Flag.GRADE_FELL, Flag.GRADE_JUMPED, Flag.LATE_GROWTH)
_PASSED = {
    Passing.DRAFT: message(
        "The report on the study of {date} is not signed and was not compared with."
    ),
    Passing.FORK: message(
        "Of the report on the study of {date} there are several versions, none of which takes the "
        "place of the others; none was compared with."
    ),
    Passing.OTHER_HIP: message("The earlier report that was given is of the other hip alone."),
}
# What the impression says of the space.
_SPACE_IN_SHORT = {
    Verdict.BEYOND: message(
        "space {before} then, {after} now, a change beyond the measurement variation"
    ),
    Verdict.WITHIN: message(
        "space {before} then, {after} now, a difference within the measurement variation"
    ),
    Verdict.NOT_COMPARABLE: message("the spaces are not comparable, because {reasons}"),
}


def tell_comparisons(report: Report, telling: Telling) -> list[str]:
    """A paragraph for each hip, or that there was nothing to compare with."""
    language = telling.language
    if not report.lookbacks:
        return [language.say("Not compared with an earlier study.")]
    compared = {each.side: each for each in compare_hips(report)}
    return [_tell(lookback, compared.get(lookback.side), telling) for lookback in report.lookbacks]


def compare_in_short(side: Side, telling: Telling) -> list[str]:
    """What the impression of a hip says of its comparison; nothing where there is none."""
    compared = next((each for each in compare_hips(telling.report) if each.side is side), None)
    if compared is None:
        return []
    language = telling.language
    grades, space = _grades_then(compared, language), compared.space
    told = [language.say("{grades} then", grades=grades)] if grades else []
    told += [] if space is None else [_space_in_short(compared, space, telling)]
    date = dicom_day(compared.prior.report.study_date, language)
    text = message("Compared with {date}: {told}.")
    sentences = [language.say(text, date=date, told=language.joined(told))] if told else []
    if space is None or not _BY_EVENT & set(space.obstacles):
        sentences += _tell_events(compared, language)
    sentences += [language.say(_READING_VARIATION)] if compared.is_reading_variation else []
    return sentences + [language.say(_FLAGGED[f]) for f in _DECISIVE if f in compared.flags]


def _tell(lookback: Lookback, compared: Comparison | None, telling: Telling) -> str:
    language = telling.language
    if compared is None:
        sentences = [language.say("not compared with an earlier report.")]
    else:
        date = dicom_day(compared.prior.report.study_date, language)
        sentences = [language.say("compared with the study of {date}.", date=date)]
        sentences += _tell_prior(compared, telling)
        sentences += _tell_events(compared, language)
        sentences += _tell_grades(compared, language)
        sentences += _tell_space(compared, telling)
        sentences += [language.say(_FLAGGED[flag]) for flag in compared.flags]
    sentences += [_tell_passed(passed, language) for passed in lookback.passed_over]
    return language.labelled(language.say(words.HIPS[lookback.side]), " ".join(sentences))


def _tell_prior(compared: Comparison, telling: Telling) -> Iterator[str]:
    """View, signature and reader of then."""
    language, prior = telling.language, compared.prior.report
    then, now = (
        language.say(words.IMAGE_VIEWS[view]) for view in (prior.view, telling.report.view)
    )
    if then == now:
        yield language.say("View then and now: {view}.", view=now)
    else:
        yield language.say("View then: {then}; now: {now}.", then=then, now=now)
    if compared.is_early_prior:
        yield language.say(_EARLY_PRIOR)
    yield language.say(
        _SIGNED[prior.step],
        name=person_name(prior.signature.name),
        organization=plain(prior.signature.organization),
        time=moment(prior.signature.signed_at, language),
    )
    if prior.formerly:
        text = message("It is filed under the patient ID {identifier}, which was merged, as given.")
        yield language.say(text, identifier=plain(prior.formerly))
    by_algorithm = isinstance(prior.observer, Algorithm)
    if compared.is_same_reader:
        yield language.say(_SAME_READER[by_algorithm])
    else:
        yield language.say(_OTHER_READER[by_algorithm], name=name_of(prior.observer, language))


def _tell_events(compared: Comparison, language: Language) -> Iterator[str]:
    if compared.events:
        events = language.listed(_event(each, language) for each in compared.events)
        yield language.say("Between the two studies: {events}.", events=events)
    if compared.undated:
        events = language.listed(_event(each, language) for each in compared.undated)
        yield language.say("Possibly between the two studies: {events}.", events=events)


def _event(event: IndexEvent, language: Language) -> str:
    date = language.say("date not given") if event.date is None else day(event.date, language)
    return f"{language.say(words.EVENTS[event.procedure])} ({date})"


def _tell_grades(compared: Comparison, language: Language) -> Iterator[str]:
    then = _grades_then(compared, language)
    now = _grades(((pair.scale, pair.after) for pair in compared.grades), language)
    if then or now:
        none = language.say("not graded")
        yield language.say("Grade then: {then}; now: {now}.", then=then or none, now=now or none)
    if compared.is_reading_variation:
        yield language.say(_READING_VARIATION)


def _grades_then(compared: Comparison, language: Language) -> str:
    """The grades of then; "" where there are none."""
    return _grades(((pair.scale, pair.before) for pair in compared.grades), language)


def _grades(stated: Iterable[tuple[str, tuple[str, ...]]], language: Language) -> str:
    given = [(scale, grades) for scale, grades in stated if grades]
    names = [grade_words(scale, grades, language, ranged=True) for scale, grades in given]
    are_single = all(len(grades) == 1 for _, grades in given)
    return "" if not names else language.listed(names) if are_single else language.joined(names)


def _tell_space(compared: Comparison, telling: Telling) -> Iterator[str]:
    space, language = compared.space, telling.language
    if space is None:
        return
    now, widths = _hip_now(compared, telling), space.uncertainties_mm
    then_told = _state(space.before, compared.prior.bridging, language, widths[0])
    now_told = _state(space.after, now.hip.bridging, language, widths[1])
    text = message("Space between opposing bone surfaces then: {before}; now: {after}.")
    yield language.say(text, before=then_told, after=now_told)
    if space.change_mm is not None:
        yield _tell_manner(compared, space, telling)
    yield language.say(_VERDICTS[space.verdict], **_judged(compared, space, language))


def _hip_now(compared: Comparison, telling: Telling) -> GradedHip:
    return next(each for each in telling.report.hips if each.hip.side is compared.side)


def _state(
    gap: Length | None,
    bridging: Bridging | None,
    language: Language,
    width_mm: float | None = None,
) -> str:
    """A space in millimetres, with its uncertainty where that is given; or what stands for it."""
    if gap is not None and gap.mm:
        length = millimetres(gap.mm, language)
        if width_mm is None:
            return length
        width = uncertainty(width_mm, language)
        if gap.uncertainty_mm is None:
            width = language.say("{width}, assumed", width=width)
        width = language.say("uncertainty {width}", width=width)
        return f"{length} ({width})"
    if bridging in _BRIDGED:
        return language.say(_STATES["bridged"])
    if gap is None or (gap.mm is None and gap.gap_class is None):
        return language.say(_STATES["none"])
    if gap.mm == 0:
        return language.say(_STATES["touching"])
    return language.say(_STATES["below" if gap.gap_class is GapClass.BELOW_10_MM else "above"])


def _tell_manner(compared: Comparison, space: SpaceChange, telling: Telling) -> str:
    """How both lengths came about: once where it is the same."""
    language, prior, now = telling.language, compared.prior, _hip_now(compared, telling)
    object_mm = None if now.hip.calibration is None else now.hip.calibration.true_mm
    views = (prior.report.view, telling.report.view)
    lengths = ((space.before, prior.object_mm), (space.after, object_mm))
    told = [
        ", ".join(tell_manner(length, size_mm, VIEW_MODALITIES[view], language))
        for (length, size_mm), view in zip(lengths, views, strict=True)
        if length is not None
    ]
    if len(set(told)) == 1:
        return language.say("Both lengths: {manner}.", manner=told[0])
    return language.say("Length then: {then}; now: {now}.", then=told[0], now=told[-1])


def _judged(compared: Comparison, space: SpaceChange, language: Language) -> dict[str, str]:
    """What the sentence of a verdict is filled with."""
    if space.change_mm is None or space.variation_mm is None:
        return {"reasons": tell_reasons(compared, space, language)}
    is_beyond = space.verdict is Verdict.BEYOND
    change, variation = _apart(abs(space.change_mm), space.variation_mm, is_beyond=is_beyond)
    return {
        "change": f"{decimal(change, language)}\u00a0mm",
        "variation": f"{decimal(variation, language)}\u00a0mm",
    }


def _apart(change_mm: float, variation_mm: float, *, is_beyond: bool) -> tuple[str, str]:
    """Both with one decimal, or as many as show which one is the larger."""
    for places in range(1, _MOST_PLACES):
        told = f"{change_mm:.{places}f}", f"{variation_mm:.{places}f}"
        if (float(told[0]) > float(told[1])) is is_beyond:
            return told
    return f"{change_mm:.{_MOST_PLACES}f}", f"{variation_mm:.{_MOST_PLACES}f}"


def tell_reasons(compared: Comparison, space: SpaceChange, language: Language) -> str:
    """Why two spaces are not comparable, as clauses; "" where they are."""
    if not space.obstacles:
        return ""
    events = {Obstacle.EVENT: compared.events, Obstacle.UNDATED_EVENT: compared.undated}
    named = {
        each: language.listed(language.say(words.EVENTS[event.procedure]) for event in found)
        for each, found in events.items()
        if found
    }
    return language.listed(
        language.say(_OBSTACLES[each], event=named.get(each, "")) for each in space.obstacles
    )


def _space_in_short(compared: Comparison, space: SpaceChange, telling: Telling) -> str:
    language, now = telling.language, _hip_now(compared, telling)
    return language.say(
        _SPACE_IN_SHORT[space.verdict],
        before=_state(space.before, compared.prior.bridging, language),
        after=_state(space.after, now.hip.bridging, language),
        reasons=tell_reasons(compared, space, language),
    )


def _tell_passed(passed: PassedOver, language: Language) -> str:
    return language.say(_PASSED[passed.why], date=dicom_day(passed.study_date, language))
