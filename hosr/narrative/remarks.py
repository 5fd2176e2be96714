"""What qualifies a grade, in words: one row for each flag, and where in the report it is said.

A flag on the whole grading (the view, the time since the event) is a limitation, said once; a
flag on one hip is said beside its grade; the others are said by the findings or the grade already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from hosr.grading import LIMIT_MM, SCALES
from hosr.language import message, sentence
from hosr.language.numbers import millimetres, span, uncertainty, where
from hosr.narrative import words
from hosr.narrative.grading import between_grades, grade_name, grade_words
from hosr.vocabulary.flags import FLAG_CODES, Flag
from hosr.vocabulary.terms import ImagingModality

if TYPE_CHECKING:
    from hosr.grading import Alternatives, GradedLength
    from hosr.language import Language
    from hosr.narrative.words import Telling
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

# Translators: without a full stop, as it may go on after a colon with the grades in question
_WITHIN_ONLY_ISLAND = {
    False: message("The island is within its uncertainty ({width}) of 1 cm"),
    True: message(
        "With magnification allowed for, the island is within its uncertainty ({width}) of 1 cm"
    ),
}

# What a length that is not one in the patient stands for there.
# Translators: {where} is "at the detector plane" or another place as an adverb, {span} two lengths
_SPACE_STANDS_FOR = message("A space of {length} {where} stands for about {span} in the patient.")
_LATERAL_SPACE_STANDS_FOR = message(
    "A lateral-view space of {length} {where} stands for about {span} in the patient."
)
_ISLAND_STANDS_FOR = message(
    "An island of {length} {where} stands for about {span} in the patient."
)


# A length that was stated without its plane, of an image on which a ruler measures no true size.
_IF_UNCORRECTED = {
    False: message(
        "The plane of {length} was not stated: if it was read on the image, which is not calibrated, "
        "it stands for about {span} in the patient."
    ),
    True: message(
        "The plane of {length} was not stated: if it was read on the image, which is not calibrated, "
        "it stands for about {span} in the patient, and the grade may then be another one."
    ),
}

# The remarks by which something else may be done; the impression tells them too, after that on a
# length without a plane, where it bears on the grade.
_DECISIVE = (
    Flag.ISLAND_NEAR_BONE,
    Flag.GAP_WITHOUT_SPURS,
    Flag.GAP_WITH_BRIDGING,
    Flag.UNIT_SLIP,
    Flag.MINERALIZATION_WITH_BRIDGING,
    Flag.MODEL_BORDERLINE,
    Flag.CENTRAL_ORDER,
    Flag.EARLY_MINERALIZATION,
    Flag.EARLY_MATURITY,
)


def qualify_hip(graded: GradedHip, telling: Telling) -> list[str]:
    """What must be known beside the grade of one hip."""
    sentences = [_OF_HIP[flag](graded, telling) for flag in graded.flags if flag in _OF_HIP]
    return [text for text in (*sentences, tell_highest_score(graded, telling)) if text]


def decisive_remarks(graded: GradedHip, telling: Telling) -> list[str]:
    """Those of the remarks by which something else may be done, as the impression tells them."""
    sentences = [_OF_HIP[flag](graded, telling) for flag in _DECISIVE if flag in graded.flags]
    uncorrected = graded.facts.uncorrected
    if uncorrected is not None and _may_be_below(uncorrected):
        sentences.insert(0, _plane_unstated(graded, telling))
    if Flag.UNCALIBRATED in graded.flags:
        sentences.insert(0, _either_side_of_limit(graded, telling))
    return [text for text in sentences if text]


def limit_grading(hips: Sequence[GradedHip], telling: Telling) -> list[str]:
    """What limits the grading as a whole, from the flags of all hips."""
    say = telling.language.say
    sides = {
        flag: tuple(graded.hip.side for graded in hips if flag in graded.flags)
        for flag in _OF_GRADING
    }
    told = []
    for flag, text in _OF_GRADING.items():
        if not sides[flag]:
            continue
        is_of_all = len(sides[flag]) == len(hips)
        fitting = text if is_of_all else _OF_SOME_HIPS.get(flag, text)
        if flag is Flag.EARLY_FILM and not any(map(may_rise, hips)):
            fitting = _STILL_FORMING[is_of_all]
        for_hips = say(words.FOR_HIPS[sides[flag]])
        told.append(say(fitting, on_view=telling.on_view, for_hips=for_hips))
    return told


def may_rise(graded: GradedHip) -> bool:
    """Whether ossification soon after the index event may still come to a higher grade."""
    told = (grade for grade in graded.grades if graded.is_told(grade))
    is_early = Flag.EARLY_FILM in graded.flags
    return is_early and any(g.stated[-1] != SCALES[g.scale].grades[-1] for g in told)


def tell_highest_score(graded: GradedHip, telling: Telling) -> str:
    """What a model scored highest, where its grade is another one."""
    language = telling.language
    text = message("The highest model score is that of {grades}.")
    return " ".join(
        language.say(text, grades=grade_words(scale, best, language))
        for scale, best in graded.facts.outscored
    )


def tell_flag(flag: Flag, graded: GradedHip, telling: Telling) -> str:
    """What a flag of a hip means there, where it stands by itself: its remark, else its name."""
    if flag in _OF_GRADING:
        side = words.FOR_HIPS[(graded.hip.side,)]
        say = telling.language.say
        return say(_OF_GRADING[flag], on_view=telling.on_view, for_hips=say(side))
    told = _OF_HIP[flag](graded, telling) if flag in _OF_HIP else ""
    return told or name_flag(flag, telling.language)


def name_flag(flag: Flag, language: Language) -> str:
    """A flag in a few words."""
    return sentence(language.say(FLAG_CODES[flag].meaning))


def _said(text: str) -> Callable[[GradedHip, Telling], str]:
    return lambda _, telling: telling.language.say(text)


def _equivocal(graded: GradedHip, telling: Telling) -> str:
    facts, told = graded.facts, []
    if facts.gap is not None and facts.gap.is_equivocal:
        told.append(_within(_WITHIN_SPACE, facts.gap, facts.grades_by_gap, telling))
    if facts.gap_lateral is not None and facts.gap_lateral.is_equivocal:
        told.append(_within(_WITHIN_LATERAL_SPACE, facts.gap_lateral, (), telling))
    return " ".join(told)


def _island_equivocal(graded: GradedHip, telling: Telling) -> str:
    longest, grades = graded.facts.longest_island, graded.facts.grades_by_island
    texts = _WITHIN_ONLY_ISLAND if len(graded.hip.islands or ()) == 1 else _WITHIN_ISLAND
    return "" if longest is None else _within(texts, longest, grades, telling)


def _within(
    texts: Mapping[bool, str], length: GradedLength, grades: Alternatives, telling: Telling
) -> str:
    """That a length is within its uncertainty of 1 cm, and between which grades it then lies."""
    language = telling.language
    width = uncertainty(length.uncertainty_mm, language)
    if length.length.uncertainty_mm is None:
        width = language.say("{width}, assumed", width=width)
    statement = language.say(texts[not length.in_patient], width=width)
    if not grades:
        return sentence(statement)
    between = between_grades(grades, language)
    return language.say("{statement}: {grades}.", statement=statement, grades=between)


def _uncalibrated(graded: GradedHip, telling: Telling) -> str:
    """What a length that is not one in the patient stands for there: a number beside its grade."""
    told = (_stands_for(text, length, telling) for text, length in _off_lengths(graded))
    return " ".join(filter(None, told))


def _either_side_of_limit(graded: GradedHip, telling: Telling) -> str:
    """The same of lengths that may lie on either side of 1 cm in the patient."""
    told = (
        _stands_for(text, length, telling)
        for text, length in _off_lengths(graded)
        if length is not None and length.is_below is None
    )
    return " ".join(filter(None, told))


def _off_lengths(graded: GradedHip) -> list[tuple[str, GradedLength | None]]:
    facts = graded.facts
    if graded.hip.spurs.any is False:
        off = [island for island in facts.islands if not island.in_patient]
        longest = max(off, key=lambda island: island.length.mm or 0.0, default=None)
        return [(_ISLAND_STANDS_FOR, longest)]
    return [(_SPACE_STANDS_FOR, facts.gap), (_LATERAL_SPACE_STANDS_FOR, facts.gap_lateral)]


def _stands_for(text: str, length: GradedLength | None, telling: Telling) -> str:
    if length is None or length.in_patient or not length.length.mm or length.patient_mm is None:
        return ""
    language = telling.language
    return language.say(
        text,
        length=millimetres(length.length.mm, language),
        where=where(length.length, language),
        span=span(*length.patient_mm, language),
    )


def _plane_unstated(graded: GradedHip, telling: Telling) -> str:
    """What the length that decides is, should nobody have corrected it."""
    length = graded.facts.uncorrected
    if length is None or length.length.mm is None or length.patient_mm is None:
        return ""
    return telling.language.say(
        _IF_UNCORRECTED[_may_be_below(length)],
        length=millimetres(length.length.mm, telling.language),
        span=span(*length.patient_mm, telling.language),
    )


def _may_be_below(length: GradedLength) -> bool:
    """Whether a length of at least 1 cm may be below it in the patient, which is another grade."""
    return length.least_mm < LIMIT_MM <= (length.length.mm or 0.0)


def _island_near_bone(_: GradedHip, telling: Telling) -> str:
    return telling.language.say(
        "An island lies less than 1 cm from bone; by the wording of the class this is {island}, "
        "but readers may say {spur}.",
        island=grade_name("brooker", "I"),
        spur=grade_name("brooker", "III"),
    )


def _apparent_only(graded: GradedHip, telling: Telling) -> str:
    if graded.setting.modality is ImagingModality.RADIOGRAPH:
        return telling.language.say("Overlap can imitate bridging; motion was not assessed.")
    return telling.language.say("Bridging was not confirmed; motion was not assessed.")


def _view_conflict(_: GradedHip, telling: Telling) -> str:
    return telling.language.say(
        "The views disagree: bone appears to bridge the joint {on_view}, and the lateral view leaves a "
        "space. The hip is graded {on_view}.",
        on_view=telling.on_view,
    )


def _gap_without_spurs(graded: GradedHip, telling: Telling) -> str:
    hip, say = graded.hip, telling.language.say
    if hip.gap is None or (hip.gap.mm is None and hip.gap.gap_class is None):
        return say("A space was marked without a statement on spurs.")
    if hip.spurs.any is False:
        return say("The space was given without spurs and does not enter the grade.")
    return say(
        "The space was given without a full statement on spurs; the grade takes it as left by spurs."
    )


_OF_HIP: dict[Flag, Callable[[GradedHip, Telling], str]] = {
    Flag.PRESENCE_INDETERMINATE: _said(words.SERIAL_IMAGING),
    Flag.EQUIVOCAL: _equivocal,
    Flag.UNCALIBRATED: _uncalibrated,
    Flag.PLANE_UNSTATED: _plane_unstated,
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

# By whether it is so of all hips, where none of them can come to a higher grade.
_STILL_FORMING = {
    True: message("Less than 12 weeks after the index event: ossification may still be forming."),
    False: message(
        "Less than 12 weeks after the index event ({for_hips}): ossification may still be forming."
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

# The same where it is so of one hip and not of the other, which had its event at another time.
_OF_SOME_HIPS: dict[Flag, str] = {
    Flag.EARLY_FILM: message(
        "Less than 12 weeks after the index event ({for_hips}): ossification may still be forming, "
        "and a grade may still rise."
    ),
}
