"""The impression: one line a hip, with what a surgeon looks for first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.findings import Length, Plane
from hosr.language import capitalized, message, sentence
from hosr.language.numbers import millimetres
from hosr.measure.magnification import patient_interval_mm
from hosr.narrative import words
from hosr.narrative.grading import (
    between_gap_grades,
    between_island_grades,
    grades_in_short,
    is_open,
    open_question,
)
from hosr.narrative.remarks import tell_highest_score
from hosr.scales.extent import LIMIT_MM, in_contact, is_bridged, is_gradable, longest_island
from hosr.scales.flags import is_equivocal
from hosr.vocabulary.features import Stage
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Bridging, GapClass, ImagingModality, Presence

if TYPE_CHECKING:
    from hosr.findings import Hip
    from hosr.language import Language
    from hosr.narrative.telling import Telling
    from hosr.report import GradedHip, Report


_OFF_LABEL = frozenset({Flag.CROSS_SECTIONAL_BASIS, Flag.VIEW_NOT_AP})

# The space on the lateral view, by whether it is equivocal: alone, and after the space on the
# graded view.
_LATERAL_ALONE = {
    False: message("On the lateral view the space is {length}."),
    True: message("On the lateral view the space is {length}, equivocal."),
}
_LATERAL_AFTER = {
    False: message("On the lateral view it is {length}."),
    True: message("On the lateral view it is {length}, equivocal."),
}


def write_impression(report: Report, telling: Telling) -> list[str]:
    """One line a hip; one line in all where neither hip has ossification."""
    language = telling.language
    if len(report.hips) == 2 and all(_is_clear(graded.hip) for graded in report.hips):
        endings = {
            f"{grades_in_short(graded, telling)} {_off_label(graded, telling)}".rstrip()
            for graded in report.hips
        }
        if len(endings) == 1:
            clear = language.say("No heterotopic ossification seen at either hip.")
            return [f"{clear} {endings.pop()}"]
    return [_line(graded, telling) for graded in report.hips]


def summarize(graded: GradedHip, telling: Telling) -> list[str]:
    """The sentences of the impression on one hip, all but the one that tells its grades."""
    return [
        text
        for text in (capitalized(_headline(graded.hip, telling)), *_rest(graded, telling))
        if text
    ]


def _is_clear(hip: Hip) -> bool:
    return hip.evaluable and hip.presence is Presence.ABSENT and hip.stage is None


def _line(graded: GradedHip, telling: Telling) -> str:
    grades = grades_in_short(graded, telling)
    sentences = [_headline(graded.hip, telling), grades, *_rest(graded, telling)]
    hip = telling.language.say(words.HIPS[graded.hip.side])
    return telling.language.labelled(hip, " ".join(filter(None, sentences)))


def _rest(graded: GradedHip, telling: Telling) -> list[str]:
    """What follows the grades, "" where nothing is due."""
    hip, say = graded.hip, telling.language.say
    told = []
    if is_gradable(hip) and hip.presence is not Presence.ABSENT:
        told += [_say_unsupported(graded, telling), *_extent(graded, telling)]
    told += [tell_highest_score(hip, telling), _off_label(graded, telling)]
    if hip.stage is not None and hip.evaluable:
        told.append(say(words.MATURITY[hip.stage]))
    if hip.stage is Stage.EARLY or hip.presence is Presence.INDETERMINATE:
        told.append(say(words.SERIAL_IMAGING))
    return told


def _headline(hip: Hip, telling: Telling) -> str:
    """What was found; it follows the name of the hip and a colon."""
    say = telling.language.say
    if not hip.evaluable:
        return say("not evaluable.")
    if hip.presence is Presence.ABSENT:
        return say("no heterotopic ossification seen.")
    if hip.presence is Presence.INDETERMINATE:
        return say("presence of heterotopic ossification cannot be decided.")
    if not is_gradable(hip) and hip.source_grades:
        return say("heterotopic ossification in the early stage.")
    if not is_gradable(hip):
        return say("heterotopic ossification in the early stage, without bone to grade.")
    return say("heterotopic ossification.") if hip.presence is Presence.PRESENT else ""


def _off_label(graded: GradedHip, telling: Telling) -> str:
    if not _OFF_LABEL & set(graded.flags):
        return ""
    text = message("Graded {on_view}, outside the definition of the systems.")
    return telling.language.say(text, on_view=telling.on_view)


def _say_unsupported(graded: GradedHip, telling: Telling) -> str:
    unsupported = Flag.GRADE_UNSUPPORTED in graded.flags
    unsupported = unsupported and Flag.GRADE_DIFFERS not in graded.flags
    text = message("No findings were given to derive a grade from.")
    return telling.language.say(text) if unsupported else ""


def _extent(graded: GradedHip, telling: Telling) -> list[str]:
    hip = graded.hip
    if is_bridged(hip):
        return _bridging(graded, telling.language)
    if hip.spurs.any or (hip.spurs.any is None and hip.gap is not None):
        return _space(graded, telling)
    if hip.islands and hip.spurs.any is False:
        return [_islands(graded.hip, telling)]
    return []


def _bridging(graded: GradedHip, language: Language) -> list[str]:
    conflict = Flag.VIEW_CONFLICT in graded.flags
    lateral = [language.say("The lateral view leaves a space.")] if conflict else []
    if graded.hip.bridging is Bridging.CONFIRMED:
        return [language.say("Bridging is recorded as confirmed."), *lateral]
    told = language.say("Bridging is apparent, not confirmed; motion was not assessed.")
    return [told, *lateral, language.say("Correlate with range of motion.")]


def _space(graded: GradedHip, telling: Telling) -> list[str]:
    hip, say = graded.hip, telling.language.say
    below = None if telling.setting.modality is ImagingModality.MR else _is_below(hip.gap)
    if below is None:
        asked = any(is_open(grade, hip) for grade in graded.grades)
        told = [] if asked else [sentence(open_question(graded, telling))]
        return [*told, *_lateral_space(_LATERAL_ALONE, graded, telling)]
    if in_contact(hip):
        touching = say("Opposing bone surfaces touch; the space is below 1 cm.")
        return [touching, *_lateral_space(_LATERAL_ALONE, graded, telling)]
    length = _against_limit(hip.gap, telling.language)
    if is_equivocal(hip.gap, telling.setting):
        text = message("The space between opposing bone surfaces is {length}, equivocal: {grades}.")
        told = [say(text, length=length, grades=between_gap_grades(hip, telling))]
    else:
        told = [say("The space between opposing bone surfaces is {length}.", length=length)]
    return [*told, *_lateral_space(_LATERAL_AFTER, graded, telling)]


def _lateral_space(texts: dict[bool, str], graded: GradedHip, telling: Telling) -> list[str]:
    gap = graded.hip.gap_lateral
    is_mr = telling.setting.modality is ImagingModality.MR
    against = "" if is_mr else _against_limit(gap, telling.language)
    if not against:
        return []
    equivocal = Flag.EQUIVOCAL in graded.flags and is_equivocal(gap, telling.setting)
    return [telling.language.say(texts[equivocal], length=against)]


def _islands(hip: Hip, telling: Telling) -> str:
    number, longest = len(hip.islands or ()), longest_island(hip)
    count, against = telling.language.count, _against_limit(longest, telling.language)
    if not against:
        told = count(
            "One island of bone without spurs.", "{n} islands of bone without spurs.", number
        )
    elif is_equivocal(longest, telling.setting):
        told = count(
            "One island of bone without spurs, {length}, equivocal: {grades}.",
            "{n} islands of bone without spurs, the longest {length}, equivocal: {grades}.",
            number,
            length=against,
            grades=between_island_grades(hip, telling),
        )
    else:
        told = count(
            "One island of bone without spurs, {length}.",
            "{n} islands of bone without spurs, the longest {length}.",
            number,
            length=against,
        )
    return capitalized(told)


def _against_limit(length: Length | None, language: Language) -> str:
    """The length against 1 cm, with its millimetres where they are those of the patient."""
    below = _is_below(length)
    if length is None or below is None:
        return ""
    if length.mm is None:
        return language.say("below 1 cm") if below else language.say("at least 1 cm")
    if length.plane is not Plane.PATIENT:
        if below:
            return language.say("below 1 cm, with magnification allowed for")
        return language.say("at least 1 cm, with magnification allowed for")
    mm = millimetres(length.mm, language)
    if below:
        return language.say("{length}, below 1 cm", length=mm)
    return language.say("{length}, at least 1 cm", length=mm)


def _is_below(length: Length | None) -> bool | None:
    """Whether a length is below 1 cm in the patient; None where that is open."""
    if length is None:
        return None
    if length.mm is None:
        return None if length.gap_class is None else length.gap_class is GapClass.BELOW_10_MM
    low, high = patient_interval_mm(length) or (0.0, LIMIT_MM)
    return None if low < LIMIT_MM <= high else high < LIMIT_MM
