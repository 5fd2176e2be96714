"""How grades are put into words: what is stated, what the findings give, and what is left open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.findings import Island, Length, Spurs
from hosr.narrative.phrases import CANNOT_MEASURE, listed, reader_of, sentence
from hosr.narrative.words import VIEWS
from hosr.scales import SCALES
from hosr.scales.extent import (
    allowed_worlds,
    has_extent,
    has_spur,
    in_contact,
    is_bridged,
    why_not_gradable,
)
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import ImagingModality, Presence

if TYPE_CHECKING:
    from collections.abc import Iterable

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


_SHORT_ISLANDS = "only islands of bone shorter than 1 cm"
_LONG_ISLAND = "an island of bone of at least 1 cm"


def state_grades(graded: GradedHip, setting: Setting) -> list[str]:
    """A sentence for each scale; one for all where the findings leave all of them open."""
    obstacle = why_not_gradable(graded.hip)
    if obstacle:
        given = _as_given(graded, setting)
        return [f"{given}; not derived, as {obstacle}." if given else f"not graded, as {obstacle}."]
    if not any(is_told(grade, graded.hip) for grade in graded.grades):
        return ["not graded, as nothing was given to grade by."]
    if all(is_open(grade, graded.hip) for grade in graded.grades):
        names = "; ".join(grade_words(grade.scale, grade.possible) for grade in graded.grades)
        return [f"{names}: {open_question(graded, setting)}."]
    first, *others = _joined(_state(grade, graded, setting) for grade in graded.grades)
    return [f"{first}.", *map(sentence, others)]


def _as_given(graded: GradedHip, setting: Setting) -> str:
    """The grades of the source where the findings can give none; "" where there are none."""
    given = [grade for grade in graded.grades if grade.source]
    names = "; ".join(grade_words(grade.scale, grade.source, ranged=True) for grade in given)
    return f"{names} as graded by the {reader_of(setting)}" if names else ""


def _joined(stated: Iterable[tuple[str, str]]) -> list[str]:
    """Grades of which the same is said, said together."""
    alike: dict[str, list[str]] = {}
    for name, said in stated:
        alike.setdefault(said, []).append(name)
    return [
        f"{'; '.join(names) if _has_several(names) else listed(names)}{said}"
        for said, names in alike.items()
    ]


def _has_several(names: list[str]) -> bool:
    return any(word in name.split() for name in names for word in ("or", "and", "to"))


def grades_in_short(graded: GradedHip, setting: Setting) -> str:
    """What an impression says: every scale that has a grade, and what leaves it open."""
    if why_not_gradable(graded.hip):
        given = _as_given(graded, setting)
        return sentence(f"{given}, not derived from findings") if given else "Not graded."
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
    if Flag.GAP_MISSING in graded.flags and graded.hip.gap_lateral is not None:
        # The space on the lateral view is told as measured; only the graded view decides.
        missing = _OPEN_QUESTIONS[Flag.GAP_MISSING]
        found[found.index(missing)] = f"{missing} on {VIEWS[setting.view]}"
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
    verb = "give" if grade.grade else "leave"
    return f"{text} as graded by the {reader_of(setting)} (the findings {verb} {derived})"


def _state(grade: Grade, graded: GradedHip, setting: Setting) -> tuple[str, str]:
    """The grade by its name, and what is said of it."""
    if not is_told(grade, graded.hip):
        title = SCALES[grade.scale].title
        return title, ": not graded"
    derived = grade_words(grade.scale, grade.possible)
    if is_open(grade, graded.hip):
        return derived, f": {open_question(graded, setting)}"
    if not grade.source:
        return derived, f" by the findings{_rule(grade, graded.hip, setting)}"
    stated = grade_words(grade.scale, grade.source, ranged=True)
    return stated, f" as graded by the {reader_of(setting)}{_compare(grade, graded, setting)}"


def _compare(grade: Grade, graded: GradedHip, setting: Setting) -> str:
    """What the findings say to the grade of the source."""
    derivable = has_extent(graded.hip) or graded.hip.presence is Presence.ABSENT
    if not derivable and not grade.differs:
        return "; no findings were given to derive a grade from"
    if not grade.possible:
        return "; the findings give no grade"
    derived = grade_words(grade.scale, grade.possible)
    if len(grade.possible) > 1 and not derivable:
        return f"; the findings exclude it and leave {derived}"
    if len(grade.possible) > 1:
        return f"; the findings leave {derived}: {open_question(graded, setting)}"
    rule = _rule(grade, graded.hip, setting)
    if grade.possible == grade.source:
        return f" and by the findings{rule}"
    return f"; the findings give {derived}{rule}"


def _rule(grade: Grade, hip: Hip, setting: Setting) -> str:
    """The rule that gave the grade; of a rule with alternatives, the one that the hip meets."""
    if grade.grade is None:
        return ""
    if grade.scale == "della_valle":
        met = _della_valle_alternative(grade.grade, hip, setting)
        return f": {met or SCALES[grade.scale].sentence(grade.grade)}"
    return f": {SCALES[grade.scale].sentence(grade.grade)}"


def _della_valle_alternative(grade: str, hip: Hip, setting: Setting) -> str:
    """Which of the alternatives of a Della Valle grade holds, in the words that Brooker has for it.

    "" where the findings do not tell which one it is.
    """
    brooker, spur = SCALES["brooker"], has_spur(hip, setting.modality)
    if grade == "A":
        return brooker.sentence("0") if hip.presence is Presence.ABSENT else _SHORT_ISLANDS
    if grade == "B":
        return "" if spur is None else brooker.sentence("II") if spur else _LONG_ISLAND
    if is_bridged(hip):
        return brooker.sentence("IV")
    touching = hip.bridging is None and in_contact(hip)
    return "" if touching or not spur else brooker.sentence("III")
