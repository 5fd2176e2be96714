"""What qualifies a grade, in words: one row for each flag, and where in the report it is said.

A flag on the whole grading (the view, the time since the event) is a limitation, said once; a
flag on one hip is said beside its grade; some are said already by another sentence (`SAID_BY`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.findings import Plane
from hosr.measure.magnification import patient_interval_mm
from hosr.narrative import words
from hosr.narrative.grading import between_gap_grades, between_island_grades, grade_words
from hosr.narrative.numbers import millimetres, uncertainty
from hosr.narrative.phrases import listed
from hosr.scales.extent import longest_island
from hosr.scales.flags import is_equivocal, uncertainty_mm
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import ImagingModality

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hosr.findings import Hip, Length
    from hosr.report import GradedHip
    from hosr.scales.setting import Setting

__all__ = ["SAID_BY", "limit_grading", "qualify_hip", "tell_highest_score"]

_OTHER_CAUSES = "Other causes are not excluded; serial imaging may show the pattern."


def qualify_hip(graded: GradedHip, setting: Setting) -> list[str]:
    """What must be known beside the grade of one hip."""
    sentences = [_OF_HIP[flag](graded.hip, setting) for flag in graded.flags if flag in _OF_HIP]
    return [text for text in (*sentences, tell_highest_score(graded.hip)) if text]


def limit_grading(hips: Sequence[GradedHip], setting: Setting) -> list[str]:
    """What limits the grading as a whole, from the flags of all hips."""
    sides = {
        flag: [graded.hip.side.value for graded in hips if flag in graded.flags]
        for flag in _OF_GRADING
    }
    return [
        text(setting).format(hips=f"the {listed(sides[flag])} hip")
        for flag, text in _OF_GRADING.items()
        if sides[flag]
    ]


def tell_highest_score(hip: Hip) -> str:
    """What a model scored highest, where its grade is another one."""
    told = []
    for given in hip.probabilities:
        highest = max(score for _, score in given.scores)
        best = tuple(grade for grade, score in given.scores if score == highest)
        if not set(best) & set(hip.source_grade(given.scale)):
            told.append(f"The highest model score is that of {grade_words(given.scale, best)}.")
    return " ".join(told)


def _say(text: str) -> Callable[[Hip, Setting], str]:
    return lambda _, __: text


def _equivocal(hip: Hip, setting: Setting) -> str:
    told = []
    if hip.gap is not None and is_equivocal(hip.gap, setting):
        between = between_gap_grades(hip, setting)
        told.append(f"{_within('space', hip.gap, setting)}: {between}.")
    if hip.gap_lateral is not None and is_equivocal(hip.gap_lateral, setting):
        told.append(f"{_within('space on the lateral view', hip.gap_lateral, setting)}.")
    return " ".join(told)


def _island_equivocal(hip: Hip, setting: Setting) -> str:
    longest = longest_island(hip)
    if longest is None:
        return ""
    between = between_island_grades(hip, setting)
    text = _within("longest island", longest, setting)
    return f"{text}: {between}." if between else f"{text}."


def _within(name: str, length: Length, setting: Setting) -> str:
    width = uncertainty(uncertainty_mm(length, setting))
    assumed = ", assumed" if length.uncertainty_mm is None else ""
    text = f"the {name} is within its uncertainty ({width}{assumed}) of 1 cm"
    if length.plane is not Plane.PATIENT:
        text = f"with magnification allowed for, {text}"
    return f"{text[0].upper()}{text[1:]}"


def _uncalibrated(hip: Hip, _: Setting) -> str:
    """What a length that is not one in the patient stands for there: a number beside its grade."""
    if hip.spurs.any is False:
        lengths = [island.length for island in hip.islands or () if island.length is not None]
        told = [_stands_for("island", longest) for longest in _longest_off_plane(lengths)]
    else:
        told = [_stands_for("space", hip.gap), _stands_for("lateral-view space", hip.gap_lateral)]
    return " ".join(filter(None, told))


def _longest_off_plane(lengths: list[Length]) -> list[Length]:
    off = [length for length in lengths if length.plane is not Plane.PATIENT]
    return sorted(off, key=lambda length: -(length.mm or 0.0))[:1]


def _stands_for(name: str, length: Length | None) -> str:
    if length is None or length.plane is Plane.PATIENT:
        return ""
    interval = patient_interval_mm(length)
    if length.mm is None or interval is None or not length.mm:
        return ""
    plane = "at the detector plane" if length.plane is Plane.DETECTOR else "in a plane not known"
    low, high = (millimetres(mm).removesuffix(" mm") for mm in interval)
    return (
        f"{'An' if name == 'island' else 'A'} {name} of {millimetres(length.mm)} {plane} "
        f"stands for about {low} to {high} mm in the patient."
    )


def _apparent_only(_: Hip, setting: Setting) -> str:
    if setting.modality is ImagingModality.RADIOGRAPH:
        return "Overlap can imitate bridging; motion was not assessed."
    return "Bridging was not confirmed; motion was not assessed."


def _view_conflict(_: Hip, setting: Setting) -> str:
    view = words.VIEWS[setting.view]
    return (
        f"The views disagree: bone bridges the joint on {view}, and the lateral view leaves a "
        f"space. The grade is that of {view}."
    )


def _gap_without_spurs(hip: Hip, _: Setting) -> str:
    if hip.gap is None or (hip.gap.mm is None and hip.gap.gap_class is None):
        return "A space was marked without a statement on spurs."
    if hip.spurs.any is False:
        return "The space was given without spurs and does not enter the grade."
    return "The space was given without a full statement on spurs; the grade takes it as left by spurs."


_OF_HIP: dict[Flag, Callable[[Hip, Setting], str]] = {
    Flag.PRESENCE_INDETERMINATE: _say(_OTHER_CAUSES),
    Flag.EQUIVOCAL: _equivocal,
    Flag.UNCALIBRATED: _uncalibrated,
    Flag.GAP_BOUNDARY: _say("The space is exactly 1 cm, which counts as at least 1 cm."),
    Flag.ISLAND_BOUNDARY: _say("An island is exactly 1 cm long, which counts as at least 1 cm."),
    Flag.ISLAND_EQUIVOCAL: _island_equivocal,
    Flag.ISLAND_NEAR_BONE: _say(
        "An island lies less than 1 cm from bone; by the wording of the class this is Brooker I, "
        "but readers may say Brooker III."
    ),
    Flag.APPARENT_ONLY: _apparent_only,
    Flag.VIEW_CONFLICT: _view_conflict,
    Flag.GAP_WITHOUT_SPURS: _gap_without_spurs,
    Flag.GAP_WITH_BRIDGING: _say(
        "A space was given beside bridging; the grade follows the bridging."
    ),
    Flag.UNIT_SLIP: _say(
        "A length of at most 2 mm was stated; it may have been meant in centimetres."
    ),
    Flag.MINERALIZATION_WITH_BRIDGING: _say("Bridging in the mineralization stage is unusual."),
    Flag.MODEL_BORDERLINE: _say("The two highest model scores are close to one another."),
    Flag.CENTRAL_ORDER: _say(
        "Mineralization from the centre outwards is not the usual order; other causes are not excluded."
    ),
    Flag.EARLY_MINERALIZATION: _say(
        "Mineralization within 10 days of the index event is unusually early: debris, older "
        "ossification or a wrong date can be the reason."
    ),
    Flag.EARLY_MATURITY: _say(
        "Mature bone within 6 weeks of the index event is unusually early: older ossification or "
        "a wrong date can be the reason."
    ),
}

_OF_GRADING: dict[Flag, Callable[[Setting], str]] = {
    Flag.VIEW_NOT_AP: lambda setting: (
        "The grading systems are defined on an anteroposterior view; this grading was made on "
        f"{words.VIEWS[setting.view]}."
    ),
    Flag.CROSS_SECTIONAL_BASIS: lambda setting: (
        f"Graded on {words.VIEWS[setting.view]}, outside the definition of the grading systems."
    ),
    Flag.EARLY_FILM: lambda _: (
        "Less than 12 weeks after the index event: ossification may still be forming, and a grade "
        "may still rise."
    ),
    Flag.NO_ARTHROPLASTY: lambda _: (
        "The grading systems were made for hips after arthroplasty; none is recorded for {hips}."
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
