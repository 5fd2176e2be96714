"""How grades are put into words: what is stated, what the findings give, and what is left open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.findings import Island, Length, Spurs
from hosr.narrative.phrases import CANNOT_MEASURE, listed, reader_of, sentence
from hosr.scales import SCALES
from hosr.scales.extent import allowed_worlds, has_extent, why_not_gradable
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import ImagingModality, Presence

if TYPE_CHECKING:
    from hosr.findings import Hip
    from hosr.report import GradedHip
    from hosr.scales.scale import Grade
    from hosr.scales.setting import Setting

__all__ = [
    "between_gap_grades",
    "between_island_grades",
    "grade_words",
    "grades_in_short",
    "is_open",
    "is_told",
    "open_question",
    "state_grades",
]

# What leaves a grade open, and the words; uncalibrated lengths are the reason only where no other is.
_OPEN_QUESTIONS = {
    Flag.CONTACT: "bone surfaces touch and bridging is not stated",
    Flag.GAP_MISSING: "the space was not measured",
    Flag.SPUR_UNKNOWN: "spurs are not stated",
    Flag.ISLAND_LENGTH_MISSING: "the length of an island is not known",
}


def state_grades(graded: GradedHip, setting: Setting) -> list[str]:
    """A sentence for each scale; one for all where the findings leave all of them open."""
    obstacle = why_not_gradable(graded.hip)
    if obstacle:
        return [f"not graded, as {obstacle}."]
    if all(is_open(grade, graded.hip) for grade in graded.grades):
        names = "; ".join(grade_words(grade.scale, grade.possible) for grade in graded.grades)
        return [f"{names}: {open_question(graded, setting)}."]
    return [_state(grade, graded, setting) for grade in graded.grades]


def grades_in_short(graded: GradedHip, setting: Setting) -> str:
    """What an impression says: every scale that has a grade, and what leaves it open."""
    if why_not_gradable(graded.hip):
        return "Not graded."
    told = [grade for grade in graded.grades if is_told(grade, graded.hip)]
    if not told:
        return "Not graded: nothing was given to grade by."
    reason = open_question(graded, setting)
    if all(is_open(grade, graded.hip) for grade in told):
        return sentence(f"{'; '.join(_in_short(grade, setting) for grade in told)}: {reason}")
    parts = (
        f"{_in_short(grade, setting)}{f' ({reason})' if is_open(grade, graded.hip) else ''}"
        for grade in told
    )
    return sentence("; ".join(parts))


def is_told(grade: Grade, hip: Hip) -> bool:
    """Whether there is a grade to tell: given by the source, or derived from something."""
    derived = has_extent(hip) or hip.presence is Presence.ABSENT
    return bool(grade.source or (derived and grade.possible))


def is_open(grade: Grade, hip: Hip) -> bool:
    """Whether the findings leave several grades and the source chose none of them."""
    return is_told(grade, hip) and not grade.source and len(grade.possible) > 1


def grade_words(scale: str, grades: tuple[str, ...], *, ranged: bool = False) -> str:
    """Grades with the name of their system: alternatives, or the range that a source gave."""
    title = SCALES[scale].title
    if not ranged or len(grades) == 1:
        return f"{title} {listed(grades, 'or')}"
    order = SCALES[scale].grades
    places = [order.index(grade) for grade in grades]
    if places == [places[0], places[0] + 1]:
        return f"between {title} {grades[0]} and {grades[1]}"
    if places == list(range(places[0], places[-1] + 1)):
        return f"{title} {grades[0]} to {grades[-1]}"
    return f"{title} {listed(grades, 'or')}"


def open_question(graded: GradedHip, setting: Setting) -> str:
    """Why the findings leave several grades possible."""
    gap = graded.hip.gap
    measured = gap is not None and (gap.mm is not None or gap.gap_class is not None)
    if setting.modality is ImagingModality.MR and measured:
        return "a space on MR decides no grade"
    if gap is not None and gap.line is not None and not measured:
        return CANNOT_MEASURE
    found = [words for flag, words in _OPEN_QUESTIONS.items() if flag in graded.flags]
    if not found and Flag.UNCALIBRATED in graded.flags:
        return "the length is not calibrated to the patient"
    return listed(found) if found else "the findings do not decide"


def between_gap_grades(hip: Hip, setting: Setting) -> str:
    """The grades on either side of 1 cm, were the space not known so well."""
    unsure = replace(hip, spurs=Spurs(pelvis=True), gap=Length(), gap_lateral=None)
    return _between(unsure, setting)


def between_island_grades(hip: Hip, setting: Setting) -> str:
    """The grades on either side of 1 cm, were the longest island not known so well."""
    return _between(replace(hip, islands=(Island(),)), setting)


def _between(unsure: Hip, setting: Setting) -> str:
    worlds = allowed_worlds(unsure, setting.modality)
    possible = {key: SCALES[key].possible(worlds) for key in ("brooker", "della_valle")}
    return ", ".join(
        grade_words(key, grades, ranged=True) for key, grades in possible.items() if len(grades) > 1
    )


def _in_short(grade: Grade, setting: Setting) -> str:
    if not grade.source:
        return grade_words(grade.scale, grade.possible)
    text = grade_words(grade.scale, grade.source, ranged=True)
    if not grade.differs:
        return text
    derived = grade_words(grade.scale, grade.possible)
    return f"{text} as graded by the {reader_of(setting)} (the findings give {derived})"


def _state(grade: Grade, graded: GradedHip, setting: Setting) -> str:
    if not is_told(grade, graded.hip):
        title = SCALES[grade.scale].title
        return f"{title}: not graded, and no findings to derive a grade from."
    if is_open(grade, graded.hip):
        derived = grade_words(grade.scale, grade.possible)
        return f"{derived}: {open_question(graded, setting)}."
    if not grade.source:
        return f"{grade_words(grade.scale, grade.possible)} by the findings{_rule(grade)}."
    stated = grade_words(grade.scale, grade.source, ranged=True)
    return f"{stated} as graded by the {reader_of(setting)}{_compare(grade, graded, setting)}."


def _compare(grade: Grade, graded: GradedHip, setting: Setting) -> str:
    """What the findings say to the grade of the source."""
    if not has_extent(graded.hip) and graded.hip.presence is not Presence.ABSENT:
        return "; no findings were given to derive it from"
    if not grade.possible:
        return "; the findings give no grade"
    derived = grade_words(grade.scale, grade.possible)
    if len(grade.possible) > 1:
        return f"; the findings leave {derived}: {open_question(graded, setting)}"
    if grade.possible == grade.source:
        return f" and by the findings{_rule(grade)}"
    return f"; the findings give {derived}{_rule(grade)}"


def _rule(grade: Grade) -> str:
    if len(grade.possible) != 1:
        return ""
    return f": {SCALES[grade.scale].sentence(grade.possible[0])}"
