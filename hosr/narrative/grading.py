"""Grades in words: what is stated, what the findings give and by which rule, what is left open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.grading import SCALES, Alternatives, Grade, OpenQuestion
from hosr.language import capitalized, message, sentence
from hosr.narrative import words
from hosr.vocabulary.terms import Presence

if TYPE_CHECKING:
    from hosr.language import Language
    from hosr.narrative.words import Telling
    from hosr.report import GradedHip
    from hosr.templating.environment import Plain


# What leaves a grade open.
# Translators: a clause; it stands alone, after a colon, in brackets or in a list of such
_OPEN_QUESTIONS = {
    OpenQuestion.SPACE_ON_MR: message("a space on MR decides no grade"),
    OpenQuestion.NO_MILLIMETRES: words.CANNOT_MEASURE,
    OpenQuestion.CONTACT: message("bone surfaces touch and bridging is not stated"),
    OpenQuestion.SPACE: message("the space was not measured"),
    OpenQuestion.SPACE_ON_VIEW: message("the space was not measured {on_view}"),
    OpenQuestion.SPURS: message("spurs are not stated"),
    OpenQuestion.BRIDGING: message("bridging is not stated"),
    OpenQuestion.SPURS_AND_BRIDGING: message("spurs and bridging are not stated"),
    OpenQuestion.ISLAND_LENGTH: message("the length of an island is not known"),
    OpenQuestion.CALIBRATION: message("the length is not calibrated to the patient"),
    OpenQuestion.UNKNOWN: message("the findings do not decide"),
}

_SHORT_ISLANDS = message("only islands of bone shorter than 1 cm")
# What stands for a rule or a reason that an earlier sentence has told, after a colon.
_AGAIN = {"rule": message("the same rule"), "reason": message("for the same reason")}
_LONG_ISLAND = message("an island of bone of at least 1 cm")


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
    if graded.facts.obstacle:
        return [_state_not_derived(graded, say(graded.facts.obstacle), telling)]
    if not any(graded.is_told(grade) for grade in graded.grades):
        return [say("not graded, as nothing was given to grade by.")]
    if all(graded.is_open(grade) for grade in graded.grades):
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
    names = [grade_words(g.scale, g.source, language, ranged=True) for g in given]
    are_single = given and all(len(grade.source) == 1 for grade in given)
    return language.listed(names) if are_single else language.joined(names)


def _joined(statements: Iterable[_Statement], language: Language) -> list[str]:
    """Grades of which the same is said, said together."""
    alike: dict[tuple[str, tuple[tuple[str, str], ...]], list[_Statement]] = {}
    for statement in statements:
        alike.setdefault((statement.text, statement.values), []).append(statement)
    told, said = [], set[str]()
    for (text, values), members in alike.items():
        names = [member.grades for member in members]
        are_single = all(member.is_one for member in members)
        grades = language.listed(names) if are_single else language.joined(names)
        places = {
            key: language.say(_AGAIN[key]) if key in _AGAIN and value in said else value
            for key, value in values
        }
        said |= {value for key, value in values if key in _AGAIN}
        told.append(language.say(text, grades=grades, **places))
    return told


def grades_in_short(graded: GradedHip, telling: Telling) -> str:
    """What an impression says: every scale that has a grade, and what leaves it open."""
    say = telling.language.say
    if graded.facts.obstacle:
        given = _given(graded, telling.language)
        if not given:
            return say("Not graded.")
        text = message("{grades} {as_graded}, not derived from findings.")
        return capitalized(say(text, grades=given, as_graded=telling.as_graded))
    told = [grade for grade in graded.grades if graded.is_told(grade)]
    if not told:
        return say("Not graded: nothing was given to grade by.")
    reason = open_question(graded, telling)
    if all(graded.is_open(grade) for grade in told):
        names = telling.language.joined(_in_short(grade, telling) for grade in told)
        return capitalized(say("{grades}: {reason}.", grades=names, reason=reason))
    parts = [_in_short(grade, telling) for grade in told]
    last_open = max((i for i, grade in enumerate(told) if graded.is_open(grade)), default=None)
    if last_open is not None:
        parts[last_open] += f" ({reason})"
    return sentence(telling.language.joined(parts))


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
    if not (ranged and SCALES[scale].is_range(grades)):
        return language.listed((first, *others), "or")
    are_two = len(others) == 1
    text = message("between {first} and {last}") if are_two else message("{first} to {last}")
    return language.say(text, first=first, last=others[-1])


def describe_grade(grade: Grade, graded: GradedHip, telling: Telling) -> dict[str, Plain]:
    """One grade as a headline has it: its system, figures, note and rule."""
    title = SCALES[grade.scale].title
    told = graded.is_told(grade)
    stated = grade.stated if told else ()
    rule = telling.language.say(rule_of(grade.scale, stated[0])) if len(stated) == 1 else ""
    return {
        "system": title,
        "grade": _figures(grade, stated, telling),
        "note": note_of(grade, graded, telling),
        "rule": rule,
    }


def _figures(grade: Grade, stated: tuple[str, ...], telling: Telling) -> str:
    """The grade without the name of its system: "III", "II or III", "I to III"."""
    if not stated:
        return ""
    language = telling.language
    if grade.source and SCALES[grade.scale].is_range(stated):
        return language.say("{first} to {last}", first=stated[0], last=stated[-1])
    return language.listed(stated, "or")


def note_of(grade: Grade, graded: GradedHip, telling: Telling) -> str:
    """Who graded, where that is not the findings; or what left the grade open."""
    say = telling.language.say
    if not graded.is_told(grade):
        return say("not graded")
    if graded.is_open(grade):
        return open_question(graded, telling)
    if not grade.source:
        return ""
    if graded.facts.obstacle:
        text = message("{as_graded}, not derived from findings")
        return say(text, as_graded=telling.as_graded)
    if not grade.differs:
        return telling.as_graded
    derived = grade_words(grade.scale, grade.possible, telling.language)
    if len(grade.possible) == 1:
        text = message("{as_graded}; the findings give {derived}")
    else:
        text = message("{as_graded}; the findings leave {derived}")
    return say(text, as_graded=telling.as_graded, derived=derived)


def open_question(graded: GradedHip, telling: Telling) -> str:
    """Why the findings leave several grades possible."""
    say, asked = telling.language.say, graded.facts.open_questions
    return telling.language.listed(
        say(_OPEN_QUESTIONS[question], on_view=telling.on_view) for question in asked
    )


def between_grades(grades: Alternatives, language: Language) -> str:
    """The grades on either side of 1 cm, were a length not known so well."""
    return ", ".join(grade_words(key, each, language, ranged=True) for key, each in grades)


def _in_short(grade: Grade, telling: Telling) -> str:
    language = telling.language
    derived = grade_words(grade.scale, grade.possible, language) if grade.possible else ""
    if not grade.source:
        return derived
    stated = grade_words(grade.scale, grade.source, language, ranged=True)
    if not grade.differs:
        return stated
    if len(grade.possible) == 1:
        text = message("{grades} {as_graded} (the findings give {derived})")
    else:
        text = message("{grades} {as_graded} (the findings leave {derived})")
    return language.say(text, grades=stated, as_graded=telling.as_graded, derived=derived)


def _state(grade: Grade, graded: GradedHip, telling: Telling) -> _Statement:
    """The grade by its name, and what is said of it."""
    if not graded.is_told(grade):
        return _Statement(scale_name(grade.scale), True, message("{grades}: not graded."))
    if grade.source:
        return _compare(grade, graded, telling)
    derived = grade_words(grade.scale, grade.possible, telling.language)
    if graded.is_open(grade):
        reason = ("reason", open_question(graded, telling))
        return _Statement(derived, False, message("{grades}: {reason}."), (reason,))
    rule = _tell_rule(grade, graded, telling)
    if graded.facts.absent_by_grade:
        return _Statement(derived, True, message("{grades}: {rule}."), (("rule", rule),))
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
        told["rule"] = _tell_rule(grade, graded, telling)
    return _Statement(stated, len(grade.source) == 1, text, tuple(told.items()))


def _comparison(grade: Grade, graded: GradedHip) -> tuple[str, set[str]]:
    """The message for a grade of the source, and the places in it that the findings fill."""
    derivable = graded.facts.has_grounds
    if not derivable and not grade.differs:
        given = message("{grades} {as_graded}; no findings were given to derive a grade from.")
        return given, set()
    if not grade.possible:
        return message("{grades} {as_graded}; the findings give no grade."), set()
    if len(grade.possible) == 1:
        return _comparison_with_one(grade, graded)
    if not derivable:
        left = message("{grades} {as_graded}; the findings exclude it and leave {derived}.")
        return left, {"derived"}
    left = message("{grades} {as_graded}; the findings leave {derived}: {reason}.")
    return left, {"derived", "reason"}


def _comparison_with_one(grade: Grade, graded: GradedHip) -> tuple[str, set[str]]:
    """The same where the findings give one grade."""
    if grade.possible != grade.source:
        other = message("{grades} {as_graded}; the findings give {derived}: {rule}.")
        return other, {"derived", "rule"}
    if graded.facts.absent_by_grade:
        # It may be this grade that the absence is known from: no finding confirms it.
        return message("{grades} {as_graded}: {rule}."), {"rule"}
    return message("{grades} {as_graded} and by the findings: {rule}."), {"rule"}


def _tell_rule(grade: Grade, graded: GradedHip, telling: Telling) -> str:
    """The rule that gave the one possible grade; of alternatives, the one that the hip meets."""
    (possible,) = grade.possible
    met = _della_valle_alternative(possible, graded) if grade.scale == "della_valle" else ""
    return telling.language.say(met or rule_of(grade.scale, possible))


def rule_of(scale: str, grade: str) -> str:
    """The rule of a grade with all its alternatives, as a message."""
    return SCALES[scale].sentence(grade)


def _della_valle_alternative(grade: str, graded: GradedHip) -> str:
    """Which of the alternatives of a Della Valle grade holds, in the words that Brooker has for it.

    "" where the findings do not tell which one it is.
    """
    hip, facts = graded.hip, graded.facts
    if grade == "A":
        return rule_of("brooker", "0") if hip.presence is Presence.ABSENT else _SHORT_ISLANDS
    if grade == "B":
        by_spur = rule_of("brooker", "II") if facts.has_spur else _LONG_ISLAND
        return "" if facts.has_spur is None else by_spur
    if facts.is_bridged:
        return rule_of("brooker", "IV")
    touching = hip.bridging is None and facts.in_contact
    return "" if touching or not facts.has_spur else rule_of("brooker", "III")
