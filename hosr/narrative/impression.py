"""The impression: one line a hip, with what a surgeon looks for first, and its grades as a headline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hosr.findings import Basis
from hosr.language import capitalized, message, sentence
from hosr.language.numbers import millimetres, plain
from hosr.narrative import words
from hosr.narrative.circumstances import tell_overrides
from hosr.narrative.comparison import compare_in_short
from hosr.narrative.grading import (
    between_grades,
    describe_grade,
    grades_in_short,
    note_of,
    open_question,
)
from hosr.narrative.phrases import describe_islands, describe_sites, quotation, tell_sizes
from hosr.narrative.remarks import decisive_remarks, may_rise, tell_highest_score
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Bridging, Presence, Stage

if TYPE_CHECKING:
    from hosr.findings import Hip
    from hosr.grading import GradedLength
    from hosr.language import Language
    from hosr.narrative.words import Telling
    from hosr.report import GradedHip, Report
    from hosr.templating.environment import Plain


_BY_ALGORITHM = message("Graded by an algorithm.")

# Features of a lesion before it has bone, what says most of it first.
_LESIONS = (
    "XR_EARLY_MASS",
    "CT_EARLY_ENHANCEMENT",
    "CT_EARLY_LOW_ATTENUATION",
    "MR_EARLY_ENHANCEMENT",
    "MR_EARLY_T2_HETEROGENEOUS_HIGH",
    "MR_EARLY_MUSCLE_ENLARGED",
    "MR_EARLY_EDEMA",
    "CT_EARLY_INDISTINCT_PLANES",
)
# Those that name a mass, and so may have its size behind them.
_MASSES = frozenset({"XR_EARLY_MASS", "CT_EARLY_ENHANCEMENT", "CT_EARLY_LOW_ATTENUATION"})

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


# A length against 1 cm, by whether it is below.
_AS_CATEGORY = {
    True: message("below 1 cm, not measured"),
    False: message("at least 1 cm, not measured"),
}
_WITH_MAGNIFICATION = {
    True: message("below 1 cm, with magnification allowed for"),
    False: message("at least 1 cm, with magnification allowed for"),
}
_IN_MILLIMETRES = {
    True: message("{length}, below 1 cm"),
    False: message("{length}, at least 1 cm"),
}


def write_impression(report: Report, telling: Telling) -> list[str]:
    """One line a hip, one in all where neither has ossification; last, who concluded or graded."""
    lines = _lines(report, telling)
    overridden = tell_overrides(report, telling.language)
    concluded = tell_conclusion(report, telling.language)
    # A line that tells of a grade by whom it is tells it once.
    is_told = all(map(telling.names_algorithm, lines))
    by_algorithm = telling.by_algorithm and not is_told
    graded_by = telling.language.say(_BY_ALGORITHM) if by_algorithm else ""
    return [*lines, *filter(None, [overridden, concluded, graded_by])]


def tell_conclusion(report: Report, language: Language) -> str:
    """The reader's own words for the impression, as theirs; "" where there are none."""
    conclusion = plain(report.conclusion)
    if not conclusion:
        return ""
    return language.say(words.CONCLUSION, quotation=quotation(conclusion, language))


def _lines(report: Report, telling: Telling) -> list[str]:
    if len(report.hips) == 2 and all(_is_clear(graded.hip) for graded in report.hips):
        endings = {
            " ".join(filter(None, (grades_in_short(graded, telling), *_rest(graded, telling))))
            for graded in report.hips
        }
        if len(endings) == 1:
            clear = telling.language.say("No heterotopic ossification seen at either hip.")
            return [f"{clear} {endings.pop()}"]
    return [_line(graded, telling) for graded in report.hips]


def summarize(graded: GradedHip, telling: Telling) -> list[str]:
    """The sentences of the impression on one hip, all but the one that tells its grades."""
    overridden = tell_overrides(telling.report, telling.language)
    notes = (note_of(grade, graded, telling) for grade in graded.grades)
    by_algorithm = telling.by_algorithm and not any(map(telling.names_algorithm, notes))
    told = (
        capitalized(_finding(graded, telling)),
        *_rest(graded, telling),
        overridden,
        telling.language.say(_BY_ALGORITHM) if by_algorithm else "",
    )
    return [text for text in told if text]


def _is_clear(hip: Hip) -> bool:
    return hip.evaluable and hip.presence is Presence.ABSENT and hip.stage is None


def _line(graded: GradedHip, telling: Telling) -> str:
    grades = grades_in_short(graded, telling)
    sentences = [_finding(graded, telling), grades, *_rest(graded, telling)]
    hip = telling.language.say(words.HIPS[graded.hip.side])
    return telling.language.labelled(hip, " ".join(filter(None, sentences)))


def _rest(graded: GradedHip, telling: Telling) -> list[str]:
    """What follows the grades, "" where nothing is due."""
    hip, say = graded.hip, telling.language.say
    told = []
    if not graded.facts.obstacle and hip.presence is not Presence.ABSENT:
        told += [_say_unsupported(graded, telling), _say_undecided(graded, telling)]
        told += _extent(graded, telling)
    told += describe_sites(hip, telling.language)
    told += [*decisive_remarks(graded, telling), tell_highest_score(graded, telling)]
    told += [
        _mass(hip, telling.language),
        _off_label(graded, telling),
        _early_film(graded, telling),
    ]
    if hip.stage is not None and hip.evaluable and hip.presence is Presence.PRESENT:
        told.append(say(words.MATURITY[hip.stage]))
    if hip.stage is Stage.EARLY or hip.presence is Presence.INDETERMINATE:
        told.append(say(words.SERIAL_IMAGING))
    return [*told, *compare_in_short(hip.side, telling)]


def _finding(graded: GradedHip, telling: Telling) -> str:
    """What was found; it follows the name of the hip and a colon."""
    hip, say = graded.hip, telling.language.say
    if not hip.evaluable:
        return say("not evaluable.")
    if hip.presence is Presence.ABSENT:
        return say("no heterotopic ossification seen.")
    if hip.presence is Presence.INDETERMINATE:
        return _undecided(hip, telling.language)
    if graded.facts.obstacle:
        return _early(hip, telling.language)
    return say("heterotopic ossification.") if hip.presence is Presence.PRESENT else ""


def _off_label(graded: GradedHip, telling: Telling) -> str:
    if not _OFF_LABEL & set(graded.flags):
        return ""
    text = message("Graded {on_view}, outside the definition of the systems.")
    return telling.language.say(text, on_view=telling.on_view)


def _early(hip: Hip, language: Language) -> str:
    if hip.source_grades:
        told = language.say("heterotopic ossification in the early stage.")
    else:
        told = language.say("heterotopic ossification in the early stage, without bone to grade.")
    lesion = "" if hip.mass else _lesion(hip, language)
    return f"{told} {sentence(lesion)}" if lesion else told


def _undecided(hip: Hip, language: Language) -> str:
    lesion = _lesion(hip, language)
    if not lesion:
        return language.say("presence of heterotopic ossification cannot be decided.")
    # Translators: {lesion} is one of the imaging features, as "enhancing mass", of any gender
    text = message("{lesion}; whether this is early heterotopic ossification cannot be decided.")
    return language.say(text, lesion=lesion)


def _lesion(hip: Hip, language: Language) -> str:
    """What was seen before there is bone, with the size of a mass; "" for nothing."""
    seen = [key for key in _LESIONS if key in hip.features]
    if hip.mass is None:
        return language.say(words.FEATURES[seen[0]]) if seen else ""
    masses = [words.FEATURES[key] for key in seen if key in _MASSES]
    told = language.say(masses[0] if masses else words.MASS)
    return f"{told} ({tell_sizes(hip.mass, language)})" if hip.mass.sizes_mm else told


def _mass(hip: Hip, language: Language) -> str:
    """A mass beside ossification: it is not to be lost behind a grade."""
    if hip.mass is None or hip.presence is Presence.INDETERMINATE:
        return ""
    return f"{capitalized(_lesion(hip, language))}."


def _early_film(graded: GradedHip, telling: Telling) -> str:
    if Flag.EARLY_FILM not in graded.flags:
        return ""
    if may_rise(graded):
        text = message("Less than 12 weeks after the index event, the grade may still rise.")
    else:
        text = message(
            "Less than 12 weeks after the index event, ossification may still be forming."
        )
    return telling.language.say(text)


def _say_unsupported(graded: GradedHip, telling: Telling) -> str:
    unsupported = Flag.GRADE_UNSUPPORTED in graded.flags
    unsupported = unsupported and Flag.GRADE_DIFFERS not in graded.flags
    text = message("No findings were given to derive a grade from.")
    return telling.language.say(text) if unsupported else ""


def _say_undecided(graded: GradedHip, telling: Telling) -> str:
    """What the findings leave open where the source graded all the same."""
    told = [grade for grade in graded.grades if graded.is_told(grade)]
    if any(map(graded.is_open, told)) or not graded.facts.has_grounds:
        return ""
    is_open = any(len(grade.possible) > 1 for grade in told)
    return sentence(open_question(graded, telling)) if is_open else ""


def _extent(graded: GradedHip, telling: Telling) -> list[str]:
    hip = graded.hip
    if graded.facts.is_bridged:
        return _bridging(graded, telling.language)
    if hip.spurs.any or (hip.spurs.any is None and hip.gap is not None):
        trusted = (graded.facts.gap, graded.facts.gap_lateral)
        return [*_space(graded, telling), *_low_trust(trusted, telling.language)]
    if not hip.islands:
        return []
    # Where spurs are not stated, nothing is said of them.
    tell = _islands if hip.spurs.any is False else describe_islands
    longest = (graded.facts.longest_island,)
    return [tell(graded, telling.language), *_low_trust(longest, telling.language)]


def _low_trust(lengths: Iterable[GradedLength | None], language: Language) -> list[str]:
    if not any(each and each.length.basis is Basis.ESTIMATED_DISTANCE for each in lengths):
        return []
    return [
        language.say(
            "The length rests on distances in the image header, which are of limited reliability."
        )
    ]


def _bridging(graded: GradedHip, language: Language) -> list[str]:
    conflict = Flag.VIEW_CONFLICT in graded.flags
    lateral = [_lateral_of_conflict(graded, language)] if conflict else []
    if graded.hip.bridging is Bridging.CONFIRMED:
        told = language.say(words.CONFIRMED_IN_SHORT[graded.hip.bridging_basis])
        return [told, *lateral]
    told = language.say("Bridging is apparent, not confirmed; motion was not assessed.")
    return [told, *lateral, language.say("Correlate with range of motion.")]


def _lateral_of_conflict(graded: GradedHip, language: Language) -> str:
    lateral = graded.facts.gap_lateral
    against = _against_limit(lateral, language)
    if not against:
        return language.say("The lateral view leaves a space.")
    return language.say("The lateral view leaves a space: {length}.", length=against)


def _space(graded: GradedHip, telling: Telling) -> list[str]:
    facts, language = graded.facts, telling.language
    gap, say = facts.gap, language.say
    if gap is None or gap.is_below is None or not facts.space_decides:
        return _lateral_space(_LATERAL_ALONE, graded, language)
    if facts.in_contact:
        # Where bridging is not stated, that they touch is what leaves the grade open.
        is_told = graded.hip.bridging is None
        touching = say("Opposing bone surfaces touch; the space is below 1 cm.")
        told = [] if is_told else [touching]
        return [*told, *_lateral_space(_LATERAL_ALONE, graded, language)]
    length = _against_limit(gap, language)
    if gap.is_equivocal:
        text = message("The space between opposing bone surfaces is {length}, equivocal: {grades}.")
        told = [say(text, length=length, grades=between_grades(facts.grades_by_gap, language))]
    else:
        told = [say("The space between opposing bone surfaces is {length}.", length=length)]
    return [*told, *_lateral_space(_LATERAL_AFTER, graded, language)]


def _lateral_space(texts: dict[bool, str], graded: GradedHip, language: Language) -> list[str]:
    gap = graded.facts.gap_lateral
    against = _against_limit(gap, language) if graded.facts.space_decides else ""
    if gap is None or not against:
        return []
    if gap.length.mm == 0:
        return [language.say("On the lateral view opposing bone surfaces touch.")]
    equivocal = Flag.EQUIVOCAL in graded.flags and gap.is_equivocal
    return [language.say(texts[equivocal], length=against)]


def _islands(graded: GradedHip, language: Language) -> str:
    number, longest = len(graded.hip.islands or ()), graded.facts.longest_island
    count, against = language.count, _against_limit(longest, language)
    if longest is None or not against:
        told = count(
            "One island of bone without spurs.", "{n} islands of bone without spurs.", number
        )
    elif longest.is_equivocal:
        told = count(
            "One island of bone without spurs, {length}, equivocal: {grades}.",
            "{n} islands of bone without spurs, the longest {length}, equivocal: {grades}.",
            number,
            length=against,
            grades=between_grades(graded.facts.grades_by_island, language),
        )
    else:
        told = count(
            "One island of bone without spurs, {length}.",
            "{n} islands of bone without spurs, the longest {length}.",
            number,
            length=against,
        )
    return capitalized(told)


def _against_limit(length: GradedLength | None, language: Language) -> str:
    """The length against 1 cm, with its millimetres where they are those of the patient."""
    if length is None or length.is_below is None:
        return ""
    if length.length.mm is None:
        return language.say(_AS_CATEGORY[length.is_below])
    if not length.in_patient:
        return language.say(_WITH_MAGNIFICATION[length.is_below])
    mm = millimetres(length.length.mm, language)
    return language.say(_IN_MILLIMETRES[length.is_below], length=mm)


def describe_headline(graded: GradedHip, telling: Telling) -> dict[str, Plain]:
    """Each grade with its note and rule, and the impression but for the grades."""
    return {
        "grades": [describe_grade(grade, graded, telling) for grade in graded.grades],
        "summary": summarize(graded, telling),
    }
