"""The grades of a hip as the first thing that is seen, each with what must stand beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.language import message
from hosr.narrative.grading import grade_words, is_open, is_told, open_question
from hosr.narrative.impression import summarize
from hosr.narrative.rules import rule_of
from hosr.scales import SCALES
from hosr.scales.extent import why_not_gradable

if TYPE_CHECKING:
    from hosr.narrative.telling import Telling
    from hosr.report import GradedHip
    from hosr.scales.scale import Grade
    from hosr.templating.environment import Plain


def describe_headline(graded: GradedHip, telling: Telling) -> dict[str, Plain]:
    """Each grade with its note and rule, and the impression but for the grades."""
    return {
        "grades": [_describe(grade, graded, telling) for grade in graded.grades],
        "summary": summarize(graded, telling),
    }


def _describe(grade: Grade, graded: GradedHip, telling: Telling) -> dict[str, Plain]:
    title = SCALES[grade.scale].title
    told = is_told(grade, graded.hip)
    stated = grade.stated if told else ()
    rule = telling.language.say(rule_of(grade.scale, stated[0])) if len(stated) == 1 else ""
    return {
        "system": title,
        "grade": _figures(grade, stated, telling),
        "note": _note(grade, graded, telling),
        "rule": rule,
    }


def _figures(grade: Grade, stated: tuple[str, ...], telling: Telling) -> str:
    """The grade without the name of its system: "III", "II or III", "I to III"."""
    if not stated:
        return ""
    language = telling.language
    order = SCALES[grade.scale].grades
    first = order.index(stated[0])
    if grade.source and len(stated) > 1 and order[first : first + len(stated)] == stated:
        return language.say("{first} to {last}", first=stated[0], last=stated[-1])
    return language.listed(stated, "or")


def _note(grade: Grade, graded: GradedHip, telling: Telling) -> str:
    """Who graded, where that is not the findings; or what left the grade open."""
    say = telling.language.say
    if not is_told(grade, graded.hip):
        return say("not graded")
    if is_open(grade, graded.hip):
        return open_question(graded, telling)
    if not grade.source:
        return ""
    if why_not_gradable(graded.hip):
        text = message("{as_graded}, not derived from findings")
        return say(text, as_graded=telling.as_graded)
    if not grade.differs:
        return telling.as_graded
    derived = grade_words(grade.scale, grade.possible, telling.language)
    if grade.grade:
        text = message("{as_graded}; the findings give {derived}")
    else:
        text = message("{as_graded}; the findings leave {derived}")
    return say(text, as_graded=telling.as_graded, derived=derived)
