"""How grades are put into words: what is stated, what the findings give, and what is left open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hosr.findings import Island, Length, Spurs
from hosr.language import capitalized, message, sentence
from hosr.narrative import words
from hosr.narrative.rules import may_follow_from_a_grade, tell_rule
from hosr.scales import SCALES
from hosr.scales.extent import allowed_worlds, has_extent, why_not_gradable
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import ImagingModality, Presence

if TYPE_CHECKING:
    from hosr.findings import Hip
    from hosr.language import Language
    from hosr.narrative.telling import Telling
    from hosr.report import GradedHip
    from hosr.scales.scale import Grade


# What leaves a grade open, and the words; uncalibrated lengths are the reason only where no other is.
# Translators: a clause; it stands alone, after a colon, in brackets or in a list of such
_OPEN_QUESTIONS = {
    Flag.CONTACT: message("bone surfaces touch and bridging is not stated"),
    Flag.GAP_MISSING: message("the space was not measured"),
    Flag.SPUR_UNKNOWN: message("spurs are not stated"),
    Flag.ISLAND_LENGTH_MISSING: message("the length of an island is not known"),
}


@dataclass(frozen=True, slots=True)
class _Statement:
    """What is said of the grade on one scale: a message with a place for the grades that share it."""

    grades: str
    is_one: bool
    text: str
    values: tuple[tuple[str, str], ...] = ()


def state_grades(graded: GradedHip, telling: Telling) -> list[str]:
    """A sentence for each scale; one for all where the findings leave all of them open."""
    say = telling.language.say
    obstacle = why_not_gradable(graded.hip)
    if obstacle:
        return [_state_not_derived(graded, say(obstacle), telling)]
    if not any(is_told(grade, graded.hip) for grade in graded.grades):
        return [say("not graded, as nothing was given to grade by.")]
    if all(is_open(grade, graded.hip) for grade in graded.grades):
        language = telling.language
        names = language.joined(grade_words(g.scale, g.possible, language) for g in graded.grades)
        return [say("{grades}: {reason}.", grades=names, reason=open_question(graded, telling))]
    statements = (_state(grade, graded, telling) for grade in graded.grades)
    first, *others = _joined(statements, telling.language)
    return [first, *map(capitalized, others)]


def _state_not_derived(graded: GradedHip, reason: str, telling: Telling) -> str:
    say, given = telling.language.say, _given(graded, telling.language)
    if not given:
        return say("not graded, as {reason}.", reason=reason)
    text = message("{grades} {as_graded}; not derived, as {reason}.")
    return say(text, grades=given, as_graded=telling.as_graded, reason=reason)


def _given(graded: GradedHip, language: Language) -> str:
    """The grades of the source; "" where there are none."""
    given = [grade for grade in graded.grades if grade.source]
    return language.joined(grade_words(g.scale, g.source, language, ranged=True) for g in given)


def _joined(statements: Iterable[_Statement], language: Language) -> list[str]:
    """Grades of which the same is said, said together."""
    alike: dict[tuple[str, tuple[tuple[str, str], ...]], list[_Statement]] = {}
    for statement in statements:
        alike.setdefault((statement.text, statement.values), []).append(statement)
    told = []
    for (text, values), members in alike.items():
        names = [member.grades for member in members]
        are_single = all(member.is_one for member in members)
        grades = language.listed(names) if are_single else language.joined(names)
        told.append(language.say(text, grades=grades, **dict(values)))
    return told


def grades_in_short(graded: GradedHip, telling: Telling) -> str:
    """What an impression says: every scale that has a grade, and what leaves it open."""
    say = telling.language.say
    if why_not_gradable(graded.hip):
        given = _given(graded, telling.language)
        if not given:
            return say("Not graded.")
        text = message("{grades} {as_graded}, not derived from findings.")
        return capitalized(say(text, grades=given, as_graded=telling.as_graded))
    told = [grade for grade in graded.grades if is_told(grade, graded.hip)]
    if not told:
        return say("Not graded: nothing was given to grade by.")
    reason = open_question(graded, telling)
    if all(is_open(grade, graded.hip) for grade in told):
        names = telling.language.joined(_in_short(grade, telling) for grade in told)
        return capitalized(say("{grades}: {reason}.", grades=names, reason=reason))
    parts = (
        f"{_in_short(grade, telling)}{f' ({reason})' if is_open(grade, graded.hip) else ''}"
        for grade in told
    )
    return sentence(telling.language.joined(parts))


def is_told(grade: Grade, hip: Hip) -> bool:
    """Whether there is a grade to tell: given by the source, or derived from something."""
    derived = has_extent(hip) or hip.presence is Presence.ABSENT
    return bool(grade.source or (derived and grade.possible))


def is_open(grade: Grade, hip: Hip) -> bool:
    """Whether the findings leave several grades and the source chose none of them."""
    return is_told(grade, hip) and not grade.source and len(grade.possible) > 1


def scale_name(scale: str) -> str:
    """The name of a system on one line: a proper name, which no language changes."""
    return SCALES[scale].title.replace(" ", "\u00a0")


def grade_name(scale: str, grade: str) -> str:
    """One grade by the name of its system, on one line."""
    return f"{scale_name(scale)}\u00a0{grade}"


def grade_words(
    scale: str, grades: tuple[str, ...], language: Language, *, ranged: bool = False
) -> str:
    """Grades with the name of their system: alternatives, or the range that a source gave."""
    first, *others = (grade_name(scale, grades[0]), *grades[1:])
    if not ranged or not others:
        return language.listed((first, *others), "or")
    order = SCALES[scale].grades
    places = [order.index(grade) for grade in grades]
    if places == [places[0], places[0] + 1]:
        return language.say("between {first} and {last}", first=first, last=others[-1])
    if places == list(range(places[0], places[-1] + 1)):
        return language.say("{first} to {last}", first=first, last=others[-1])
    return language.listed((first, *others), "or")


def open_question(graded: GradedHip, telling: Telling) -> str:
    """Why the findings leave several grades possible."""
    gap, say = graded.hip.gap, telling.language.say
    measured = gap is not None and (gap.mm is not None or gap.gap_class is not None)
    if telling.setting.modality is ImagingModality.MR and measured:
        return say("a space on MR decides no grade")
    if gap is not None and gap.line is not None and not measured:
        return say(words.CANNOT_MEASURE)
    found = {flag: say(text) for flag, text in _OPEN_QUESTIONS.items() if flag in graded.flags}
    if Flag.GAP_MISSING in found and graded.hip.gap_lateral is not None:
        # The space on the lateral view is told as measured; only the graded view decides.
        text = message("the space was not measured {on_view}")
        found[Flag.GAP_MISSING] = say(text, on_view=telling.on_view)
    if found:
        return telling.language.listed(found.values())
    if Flag.UNCALIBRATED in graded.flags:
        return say("the length is not calibrated to the patient")
    return say("the findings do not decide")


def between_gap_grades(hip: Hip, telling: Telling) -> str:
    """The grades on either side of 1 cm, were the space not known so well."""
    unsure = replace(hip, spurs=Spurs(pelvis=True), gap=Length(), gap_lateral=None)
    return _between(unsure, telling)


def between_island_grades(hip: Hip, telling: Telling) -> str:
    """The grades on either side of 1 cm, were the longest island not known so well."""
    return _between(replace(hip, islands=(Island(),)), telling)


def _between(unsure: Hip, telling: Telling) -> str:
    worlds = allowed_worlds(unsure, telling.setting.modality)
    possible = {key: SCALES[key].possible(worlds) for key in ("brooker", "della_valle")}
    return ", ".join(
        grade_words(key, grades, telling.language, ranged=True)
        for key, grades in possible.items()
        if len(grades) > 1
    )


def _in_short(grade: Grade, telling: Telling) -> str:
    language = telling.language
    derived = grade_words(grade.scale, grade.possible, language) if grade.possible else ""
    if not grade.source:
        return derived
    stated = grade_words(grade.scale, grade.source, language, ranged=True)
    if not grade.differs:
        return stated
    if grade.grade:
        text = message("{grades} {as_graded} (the findings give {derived})")
    else:
        text = message("{grades} {as_graded} (the findings leave {derived})")
    return language.say(text, grades=stated, as_graded=telling.as_graded, derived=derived)


def _state(grade: Grade, graded: GradedHip, telling: Telling) -> _Statement:
    """The grade by its name, and what is said of it."""
    if not is_told(grade, graded.hip):
        return _Statement(scale_name(grade.scale), True, message("{grades}: not graded."))
    if grade.source:
        return _compare(grade, graded, telling)
    derived = grade_words(grade.scale, grade.possible, telling.language)
    if is_open(grade, graded.hip):
        reason = ("reason", open_question(graded, telling))
        return _Statement(derived, False, message("{grades}: {reason}."), (reason,))
    rule = tell_rule(grade, graded.hip, telling)
    if may_follow_from_a_grade(graded.hip):
        return _Statement(derived, True, message("{grades}: {reason}."), (("reason", rule),))
    by_findings = message("{grades} by the findings: {rule}.")
    return _Statement(derived, True, by_findings, (("rule", rule),))


def _compare(grade: Grade, graded: GradedHip, telling: Telling) -> _Statement:
    """The grade of the source, and what the findings say to it."""
    stated = grade_words(grade.scale, grade.source, telling.language, ranged=True)
    text, needed = _comparison(grade, graded)
    told = {"as_graded": telling.as_graded}
    if "derived" in needed:
        told["derived"] = grade_words(grade.scale, grade.possible, telling.language)
    if "reason" in needed:
        told["reason"] = open_question(graded, telling)
    if "rule" in needed:
        told["rule"] = tell_rule(grade, graded.hip, telling)
    return _Statement(stated, len(grade.source) == 1, text, tuple(told.items()))


def _comparison(grade: Grade, graded: GradedHip) -> tuple[str, set[str]]:
    """The message for a grade of the source, and the places in it that the findings fill."""
    derivable = has_extent(graded.hip) or graded.hip.presence is Presence.ABSENT
    if not derivable and not grade.differs:
        given = message("{grades} {as_graded}; no findings were given to derive a grade from.")
        return given, set()
    if not grade.possible:
        return message("{grades} {as_graded}; the findings give no grade."), set()
    if len(grade.possible) == 1:
        return _comparison_with_one(grade, graded.hip)
    if not derivable:
        left = message("{grades} {as_graded}; the findings exclude it and leave {derived}.")
        return left, {"derived"}
    left = message("{grades} {as_graded}; the findings leave {derived}: {reason}.")
    return left, {"derived", "reason"}


def _comparison_with_one(grade: Grade, hip: Hip) -> tuple[str, set[str]]:
    """The same where the findings give one grade."""
    if grade.possible != grade.source:
        other = message("{grades} {as_graded}; the findings give {derived}: {rule}.")
        return other, {"derived", "rule"}
    if may_follow_from_a_grade(hip):
        # It may be this grade that the absence is known from: no finding confirms it.
        return message("{grades} {as_graded}: {rule}."), {"rule"}
    return message("{grades} {as_graded} and by the findings: {rule}."), {"rule"}
