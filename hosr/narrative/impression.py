"""The impression: one line a hip, with what a surgeon looks for first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.findings import Length, Plane
from hosr.measure.magnification import patient_interval_mm
from hosr.narrative import words
from hosr.narrative.grading import (
    between_gap_grades,
    between_island_grades,
    grades_in_short,
    is_open,
    open_question,
)
from hosr.narrative.numbers import count, millimetres
from hosr.narrative.phrases import sentence
from hosr.narrative.remarks import tell_highest_score
from hosr.scales.extent import LIMIT_MM, in_contact, is_bridged, is_gradable, longest_island
from hosr.scales.flags import is_equivocal
from hosr.vocabulary.features import Stage
from hosr.vocabulary.flags import Flag
from hosr.vocabulary.terms import Bridging, GapClass, ImagingModality, Presence

if TYPE_CHECKING:
    from hosr.findings import Hip
    from hosr.report import GradedHip, Report
    from hosr.scales.setting import Setting

__all__ = ["write_impression"]

_OFF_LABEL = frozenset({Flag.CROSS_SECTIONAL_BASIS, Flag.VIEW_NOT_AP})
_SERIAL_IMAGING = "Other causes are not excluded; serial imaging may show the pattern."


def write_impression(report: Report) -> list[str]:
    """One line a hip; one line in all where neither hip has ossification."""
    setting = report.setting
    if len(report.hips) == 2 and all(_is_clear(graded.hip) for graded in report.hips):
        endings = {
            f"{grades_in_short(graded, setting)} {_off_label(graded, setting)}".rstrip()
            for graded in report.hips
        }
        if len(endings) == 1:
            return [f"No heterotopic ossification seen at either hip. {endings.pop()}"]
    return [_line(graded, setting) for graded in report.hips]


def _is_clear(hip: Hip) -> bool:
    return hip.evaluable and hip.presence is Presence.ABSENT and hip.stage is None


def _line(graded: GradedHip, setting: Setting) -> str:
    hip = graded.hip
    sentences = [_headline(hip), grades_in_short(graded, setting)]
    if is_gradable(hip) and hip.presence is not Presence.ABSENT:
        sentences += [_say_unsupported(graded), *_extent(graded, setting)]
    sentences.append(tell_highest_score(hip))
    sentences.append(_off_label(graded, setting))
    if hip.stage is not None and hip.evaluable:
        sentences.append(words.MATURITY[hip.stage])
    if hip.stage is Stage.EARLY or hip.presence is Presence.INDETERMINATE:
        sentences.append(_SERIAL_IMAGING)
    text = " ".join(filter(None, sentences))
    return f"{words.HIPS[hip.side]}: {text}"


def _headline(hip: Hip) -> str:
    if not hip.evaluable:
        return "not evaluable."
    if hip.presence is Presence.ABSENT:
        return "no heterotopic ossification seen."
    if hip.presence is Presence.INDETERMINATE:
        return "presence of heterotopic ossification cannot be decided."
    if not is_gradable(hip) and hip.source_grades:
        return "heterotopic ossification in the early stage."
    if not is_gradable(hip):
        return "heterotopic ossification in the early stage, without bone to grade."
    return "heterotopic ossification." if hip.presence is Presence.PRESENT else ""


def _off_label(graded: GradedHip, setting: Setting) -> str:
    if not _OFF_LABEL & set(graded.flags):
        return ""
    return f"Graded on {words.VIEWS[setting.view]}, outside the definition of the systems."


def _say_unsupported(graded: GradedHip) -> str:
    unsupported = Flag.GRADE_UNSUPPORTED in graded.flags
    unsupported = unsupported and Flag.GRADE_DIFFERS not in graded.flags
    return "No findings were given to derive a grade from." if unsupported else ""


def _extent(graded: GradedHip, setting: Setting) -> list[str]:
    hip = graded.hip
    if is_bridged(hip):
        return _bridging(graded)
    if hip.spurs.any or (hip.spurs.any is None and hip.gap is not None):
        return _space(graded, setting)
    if hip.islands and hip.spurs.any is False:
        return [_islands(graded, setting)]
    return []


def _bridging(graded: GradedHip) -> list[str]:
    conflict = Flag.VIEW_CONFLICT in graded.flags
    lateral = ["The lateral view leaves a space."] if conflict else []
    if graded.hip.bridging is Bridging.CONFIRMED:
        return ["Bridging is recorded as confirmed.", *lateral]
    told = ["Bridging is apparent, not confirmed; motion was not assessed.", *lateral]
    return [*told, "Correlate with range of motion."]


def _space(graded: GradedHip, setting: Setting) -> list[str]:
    hip = graded.hip
    below = None if setting.modality is ImagingModality.MR else _is_below(hip.gap)
    if below is None:
        asked = any(is_open(grade, hip) for grade in graded.grades)
        told = [] if asked else [sentence(open_question(graded, setting))]
        return [*told, *_lateral_space("the space", graded, setting)]
    if in_contact(hip):
        touching = "Opposing bone surfaces touch; the space is below 1 cm."
        return [touching, *_lateral_space("the space", graded, setting)]
    text = f"The space between opposing bone surfaces is {_against_limit(hip.gap)}"
    if is_equivocal(hip.gap, setting):
        text = f"{text}, equivocal: {between_gap_grades(hip, setting)}"
    return [f"{text}.", *_lateral_space("it", graded, setting)]


def _lateral_space(name: str, graded: GradedHip, setting: Setting) -> list[str]:
    gap = graded.hip.gap_lateral
    against = "" if setting.modality is ImagingModality.MR else _against_limit(gap)
    if not against:
        return []
    equivocal = Flag.EQUIVOCAL in graded.flags and is_equivocal(gap, setting)
    return [f"On the lateral view {name} is {against}{', equivocal' if equivocal else ''}."]


def _islands(graded: GradedHip, setting: Setting) -> str:
    number = len(graded.hip.islands or ())
    text = f"{count(number, 'island')} of bone without spurs"
    longest = longest_island(graded.hip)
    against = _against_limit(longest)
    if not against:
        return sentence(text)
    text = f"{text}, {against}" if number == 1 else f"{text}, the longest {against}"
    if is_equivocal(longest, setting):
        text = f"{text}, equivocal: {between_island_grades(graded.hip, setting)}"
    return sentence(text)


def _against_limit(length: Length | None) -> str:
    """The length against 1 cm, with its millimetres where they are those of the patient."""
    below = _is_below(length)
    if length is None or below is None:
        return ""
    limit = "below 1 cm" if below else "at least 1 cm"
    if length.mm is None:
        return limit
    if length.plane is not Plane.PATIENT:
        return f"{limit}, with magnification allowed for"
    return f"{millimetres(length.mm)}, {limit}"


def _is_below(length: Length | None) -> bool | None:
    """Whether a length is below 1 cm in the patient; None where that is open."""
    if length is None:
        return None
    if length.mm is None:
        return None if length.gap_class is None else length.gap_class is GapClass.BELOW_10_MM
    low, high = patient_interval_mm(length) or (0.0, LIMIT_MM)
    return None if low < LIMIT_MM <= high else high < LIMIT_MM
