"""What qualifies a grade, in words: one row for each flag, and where in the report it is said.

A flag on the whole grading (the view, the time since the event) is a limitation, said once; a
flag on one hip is said beside its grade; some are said already by another sentence (`SAID_BY`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from hosr.findings import Plane
from hosr.language import message, sentence
from hosr.language.numbers import millimetres, uncertainty
from hosr.measure.magnification import patient_interval_mm
from hosr.narrative import words
from hosr.narrative.grading import (
    between_gap_grades,
    between_island_grades,
    grade_name,
    grade_words,
)
from hosr.scales.extent import longest_island
from hosr.scales.flags import is_equivocal, uncertainty_mm
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import ImagingModality

if TYPE_CHECKING:
    from hosr.findings import Hip, Length
    from hosr.narrative.telling import Telling
    from hosr.report import GradedHip


# By the plane of the length, whether magnification was allowed for.
# Translators: without a full stop, as it may go on after a colon with the grades in question
_WITHIN_SPACE = {
    False: message("The space is within its uncertainty ({width}) of 1 cm"),
    True: message(
        "With magnification allowed for, the space is within its uncertainty ({width}) of 1 cm"
    ),
}
# Translators: without a full stop, as it may go on after a colon with the grades in question
_WITHIN_LATERAL_SPACE = {
    False: message("The space on the lateral view is within its uncertainty ({width}) of 1 cm"),
    True: message(
        "With magnification allowed for, the space on the lateral view is within its uncertainty "
        "({width}) of 1 cm"
    ),
}
# Translators: without a full stop, as it may go on after a colon with the grades in question
_WITHIN_ISLAND = {
    False: message("The longest island is within its uncertainty ({width}) of 1 cm"),
    True: message(
        "With magnification allowed for, the longest island is within its uncertainty ({width}) "
        "of 1 cm"
    ),
}

# What a length that is not one in the patient stands for there, by its plane.
_SPACE_STANDS_FOR = {
    Plane.DETECTOR: message(
        "A space of {length} at the detector plane stands for about {low} to {high} in the patient."
    ),
    Plane.UNKNOWN: message(
        "A space of {length} in a plane not known stands for about {low} to {high} in the patient."
    ),
}
_LATERAL_SPACE_STANDS_FOR = {
    Plane.DETECTOR: message(
        "A lateral-view space of {length} at the detector plane stands for about {low} to {high} "
        "in the patient."
    ),
    Plane.UNKNOWN: message(
        "A lateral-view space of {length} in a plane not known stands for about {low} to {high} "
        "in the patient."
    ),
}
_ISLAND_STANDS_FOR = {
    Plane.DETECTOR: message(
        "An island of {length} at the detector plane stands for about {low} to {high} in the patient."
    ),
    Plane.UNKNOWN: message(
        "An island of {length} in a plane not known stands for about {low} to {high} in the patient."
    ),
}


def qualify_hip(graded: GradedHip, telling: Telling) -> list[str]:
    """What must be known beside the grade of one hip."""
    sentences = [_OF_HIP[flag](graded.hip, telling) for flag in graded.flags if flag in _OF_HIP]
    return [text for text in (*sentences, tell_highest_score(graded.hip, telling)) if text]


def limit_grading(hips: Sequence[GradedHip], telling: Telling) -> list[str]:
    """What limits the grading as a whole, from the flags of all hips."""
    say = telling.language.say
    sides = {
        flag: tuple(graded.hip.side for graded in hips if flag in graded.flags)
        for flag in _OF_GRADING
    }
    return [
        say(text, on_view=telling.on_view, for_hips=say(words.FOR_HIPS[sides[flag]]))
        for flag, text in _OF_GRADING.items()
        if sides[flag]
    ]


def tell_highest_score(hip: Hip, telling: Telling) -> str:
    """What a model scored highest, where its grade is another one."""
    told = []
    for given in hip.probabilities:
        highest = max(score for _, score in given.scores)
        best = tuple(grade for grade, score in given.scores if score == highest)
        if not set(best) & set(hip.source_grade(given.scale)):
            grades = grade_words(given.scale, best, telling.language)
            text = message("The highest model score is that of {grades}.")
            told.append(telling.language.say(text, grades=grades))
    return " ".join(told)


def _said(text: str) -> Callable[[Hip, Telling], str]:
    return lambda _, telling: telling.language.say(text)


def _equivocal(hip: Hip, telling: Telling) -> str:
    told = []
    if hip.gap is not None and is_equivocal(hip.gap, telling.setting):
        statement = _within(_WITHIN_SPACE, hip.gap, telling)
        told.append(_going_on(statement, between_gap_grades(hip, telling), telling))
    if hip.gap_lateral is not None and is_equivocal(hip.gap_lateral, telling.setting):
        told.append(sentence(_within(_WITHIN_LATERAL_SPACE, hip.gap_lateral, telling)))
    return " ".join(told)


def _island_equivocal(hip: Hip, telling: Telling) -> str:
    longest = longest_island(hip)
    if longest is None:
        return ""
    statement = _within(_WITHIN_ISLAND, longest, telling)
    return _going_on(statement, between_island_grades(hip, telling), telling)


def _within(texts: Mapping[bool, str], length: Length, telling: Telling) -> str:
    say = telling.language.say
    width = uncertainty(uncertainty_mm(length, telling.setting), telling.language)
    if length.uncertainty_mm is None:
        width = say("{width}, assumed", width=width)
    return say(texts[length.plane is not Plane.PATIENT], width=width)


def _going_on(statement: str, grades: str, telling: Telling) -> str:
    if not grades:
        return sentence(statement)
    return telling.language.say("{statement}: {grades}.", statement=statement, grades=grades)


def _uncalibrated(hip: Hip, telling: Telling) -> str:
    """What a length that is not one in the patient stands for there: a number beside its grade."""
    if hip.spurs.any is False:
        lengths = [island.length for island in hip.islands or () if island.length is not None]
        told = [_stands_for(_ISLAND_STANDS_FOR, it, telling) for it in _longest_off_plane(lengths)]
    else:
        told = [
            _stands_for(_SPACE_STANDS_FOR, hip.gap, telling),
            _stands_for(_LATERAL_SPACE_STANDS_FOR, hip.gap_lateral, telling),
        ]
    return " ".join(filter(None, told))


def _longest_off_plane(lengths: list[Length]) -> list[Length]:
    off = [length for length in lengths if length.plane is not Plane.PATIENT]
    return sorted(off, key=lambda length: -(length.mm or 0.0))[:1]


def _stands_for(texts: Mapping[Plane, str], length: Length | None, telling: Telling) -> str:
    if length is None or length.plane is Plane.PATIENT:
        return ""
    interval = patient_interval_mm(length)
    if length.mm is None or interval is None or not length.mm:
        return ""
    low, high = (millimetres(mm, telling.language) for mm in interval)
    return telling.language.say(
        texts[length.plane],
        length=millimetres(length.mm, telling.language),
        low=low.removesuffix("\u00a0mm"),
        high=high,
    )


def _island_near_bone(_: Hip, telling: Telling) -> str:
    return telling.language.say(
        "An island lies less than 1 cm from bone; by the wording of the class this is {island}, "
        "but readers may say {spur}.",
        island=grade_name("brooker", "I"),
        spur=grade_name("brooker", "III"),
    )


def _apparent_only(_: Hip, telling: Telling) -> str:
    if telling.setting.modality is ImagingModality.RADIOGRAPH:
        return telling.language.say("Overlap can imitate bridging; motion was not assessed.")
    return telling.language.say("Bridging was not confirmed; motion was not assessed.")


def _view_conflict(_: Hip, telling: Telling) -> str:
    return telling.language.say(
        "The views disagree: bone bridges the joint {on_view}, and the lateral view leaves a "
        "space. The hip is graded {on_view}.",
        on_view=telling.on_view,
    )


def _gap_without_spurs(hip: Hip, telling: Telling) -> str:
    say = telling.language.say
    if hip.gap is None or (hip.gap.mm is None and hip.gap.gap_class is None):
        return say("A space was marked without a statement on spurs.")
    if hip.spurs.any is False:
        return say("The space was given without spurs and does not enter the grade.")
    return say(
        "The space was given without a full statement on spurs; the grade takes it as left by spurs."
    )


_OF_HIP: dict[Flag, Callable[[Hip, Telling], str]] = {
    Flag.PRESENCE_INDETERMINATE: _said(words.SERIAL_IMAGING),
    Flag.EQUIVOCAL: _equivocal,
    Flag.UNCALIBRATED: _uncalibrated,
    Flag.GAP_BOUNDARY: _said(message("The space is exactly 1 cm, which counts as at least 1 cm.")),
    Flag.ISLAND_BOUNDARY: _said(
        message("An island is exactly 1 cm long, which counts as at least 1 cm.")
    ),
    Flag.ISLAND_EQUIVOCAL: _island_equivocal,
    Flag.ISLAND_NEAR_BONE: _island_near_bone,
    Flag.APPARENT_ONLY: _apparent_only,
    Flag.VIEW_CONFLICT: _view_conflict,
    Flag.GAP_WITHOUT_SPURS: _gap_without_spurs,
    Flag.GAP_WITH_BRIDGING: _said(
        message("A space was given beside bridging; the grade follows the bridging.")
    ),
    Flag.UNIT_SLIP: _said(
        message("A length of at most 2 mm was stated; it may have been meant in centimetres.")
    ),
    Flag.MINERALIZATION_WITH_BRIDGING: _said(
        message("Bridging in the mineralization stage is unusual.")
    ),
    Flag.MODEL_BORDERLINE: _said(message("The two highest model scores are close to one another.")),
    Flag.CENTRAL_ORDER: _said(
        message(
            "Mineralization from the centre outwards is not the usual order; other causes are not excluded."
        )
    ),
    Flag.EARLY_MINERALIZATION: _said(
        message(
            "Mineralization within 10 days of the index event is unusually early: debris, older "
            "ossification or a wrong date can be the reason."
        )
    ),
    Flag.EARLY_MATURITY: _said(
        message(
            "Mature bone within 6 weeks of the index event is unusually early: older ossification or "
            "a wrong date can be the reason."
        )
    ),
}

# {on_view} is where the grading was made, {for_hips} the hips that the sentence is about.
_OF_GRADING: dict[Flag, str] = {
    Flag.VIEW_NOT_AP: message(
        "The grading systems are defined on an anteroposterior view; this grading was made {on_view}."
    ),
    Flag.CROSS_SECTIONAL_BASIS: message(
        "Graded {on_view}, outside the definition of the grading systems."
    ),
    Flag.EARLY_FILM: message(
        "Less than 12 weeks after the index event: ossification may still be forming, and a grade "
        "may still rise."
    ),
    Flag.NO_ARTHROPLASTY: message(
        "The grading systems were made for hips after arthroplasty; none is recorded {for_hips}."
    ),
}

# Flags whose words stand elsewhere, and where.
SAID_BY = {
    Flag.NOT_EVALUABLE: "the findings, and the technique with its reason",
    Flag.GRADE_DIFFERS: "the grade, which names what the findings give",
    Flag.GRADE_UNSUPPORTED: "the grade",
    Flag.GAP_MISSING: "the grade, as what leaves it open",
    Flag.CATEGORICAL_GAP: "the findings",
    Flag.CONTACT: "the findings",
    Flag.SPUR_UNKNOWN: "the grade, as what leaves it open",
    Flag.ISLAND_LENGTH_MISSING: "the grade, as what leaves it open",
}
