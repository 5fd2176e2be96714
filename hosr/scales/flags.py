"""When each flag is raised: one row a flag, one condition a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hosr.findings import Basis, Length
from hosr.measure.length import patient_interval_mm, reading_error_mm
from hosr.scales import SCALES
from hosr.scales.extent import (
    LIMIT_MM,
    below_limit,
    describes_bone,
    grading_gap,
    has_extent,
    has_spur,
    in_contact,
    is_bridged,
    is_bridging_open,
    is_given,
    is_gradable,
    is_uncalibrated,
    longest_island,
    mineral_stages,
)
from hosr.scales.scores import wavering
from hosr.vocabulary.flags import Flag, in_order
from hosr.vocabulary.terms import (
    ARTHROPLASTIES,
    Bridging,
    Cause,
    Event,
    ImagingModality,
    Presence,
    Stage,
    View,
)

if TYPE_CHECKING:
    from hosr.findings import Hip
    from hosr.scales.scale import Grade, Setting


# Conventions of the project, in days: a grade may still rise before 12 weeks; mineral before
# 10 days or mature bone before 6 weeks asks for a second look at the dates.
EARLY_FILM_DAYS = 84
_EARLIEST_MINERAL_DAYS = 10
_EARLIEST_MATURE_DAYS = 42
# A length up to this many mm, given in tenths, may be centimetres.
_LIKELY_CENTIMETRES = 2.0
# What a sum or difference of decimal fractions may be off by; far below any reading.
_NOISE = 1e-9

_ARTHROPLASTY_CAUSES = {Cause.JOINT_REPLACEMENT, Cause.POSTOPERATIVE}
# Ossification is excised with the arthroplasty in place or without one; the event does not tell.
_TELL_NO_ARTHROPLASTY = set(Event) - ARTHROPLASTIES - {Event.EXCISION_OF_HETEROTOPIC_OSSIFICATION}


def raise_flags(hip: Hip, grades: tuple[Grade, ...], setting: Setting) -> tuple[Flag, ...]:
    """The flags of one graded hip, in the order they are printed."""
    return in_order({flag for flag, raised in _CONDITIONS.items() if raised(hip, grades, setting)})


def uncertainty_mm(length: Length, setting: Setting) -> float:
    """The uncertainty that holds for a length: its own, or the one of its reader."""
    stated = length.uncertainty_mm
    return reading_error_mm(setting.observer) if stated is None else stated


def _is_boundary(length: Length | None) -> bool:
    return length is not None and length.mm == LIMIT_MM and length.plane.is_true_size


def is_equivocal(length: Length | None, setting: Setting) -> bool:
    """Whether a length decides a grade, yet is within its uncertainty of 1 cm in the patient.

    Where magnification alone leaves the grade open, that is the reason, and not the reading.
    """
    interval = patient_interval_mm(length)
    if length is None or interval is None or interval[0] < LIMIT_MM <= interval[1]:
        return False
    reach = patient_interval_mm(length, uncertainty_mm(length, setting) + _NOISE)
    return reach is not None and reach[0] <= LIMIT_MM <= reach[1]


def _may_be_extended(hip: Hip) -> bool:
    return is_gradable(hip) and hip.presence is not Presence.ABSENT and not is_bridged(hip)


def _gap_decides(hip: Hip, setting: Setting) -> bool:
    return _may_be_extended(hip) and has_spur(hip, setting.modality) is True


def _deciding_gap(hip: Hip, setting: Setting) -> Length | None:
    return grading_gap(hip, setting.modality) if _gap_decides(hip, setting) else None


def _deciding_gaps(hip: Hip, setting: Setting) -> list[Length]:
    """The gap, and beside it the lateral one, unless less than 1 cm on one view settles both."""
    gap = _deciding_gap(hip, setting)
    two_films = gap is not None and setting.modality is ImagingModality.RADIOGRAPH
    lateral = hip.gap_lateral if two_films and below_limit(gap) != {True} else None
    return [length for length in (gap, lateral) if length is not None]


def _equivocal(hip: Hip, _: tuple[Grade, ...], setting: Setting) -> bool:
    return any(is_equivocal(gap, setting) for gap in _deciding_gaps(hip, setting))


def _islands_decide(hip: Hip, setting: Setting) -> bool:
    return _may_be_extended(hip) and bool(hip.islands) and not has_spur(hip, setting.modality)


def _uncalibrated(hip: Hip, _: tuple[Grade, ...], setting: Setting) -> bool:
    if not _islands_decide(hip, setting):
        return any(map(is_uncalibrated, _deciding_gaps(hip, setting)))
    longest = longest_island(hip)
    if longest is not None and below_limit(longest) == {False}:
        return is_uncalibrated(longest)  # it is enough, whatever the plane of the others
    return any(is_uncalibrated(island.length) for island in hip.islands or ())


def stated_without_plane(hip: Hip, setting: Setting) -> list[Length]:
    """The lengths that decide, of those that may be larger than in the patient, as nobody said."""
    longest = longest_island(hip) if _islands_decide(hip, setting) else None
    deciding = (*_deciding_gaps(hip, setting), longest)
    return [each for each in deciding if each and each.basis is Basis.STATED_UNCALIBRATED]


def _gap_missing(hip: Hip, _: tuple[Grade, ...], setting: Setting) -> bool:
    known = hip.gap is not None and (hip.gap.mm is not None or hip.gap.gap_class is not None)
    return _gap_decides(hip, setting) and not known


def _categorical_gap(hip: Hip, _: tuple[Grade, ...], setting: Setting) -> bool:
    gap = _deciding_gap(hip, setting)
    return gap is not None and gap.gap_class is not None and gap.mm is None


def _spur_unknown(hip: Hip, grades: tuple[Grade, ...], setting: Setting) -> bool:
    return _is_derivable(hip, grades) and has_spur(hip, setting.modality) is None


def _bridging_unknown(hip: Hip, grades: tuple[Grade, ...], setting: Setting) -> bool:
    # Of surfaces that touch, another flag asks.
    asked = is_bridging_open(hip, setting.modality) and not _contact(hip, grades, setting)
    return _is_derivable(hip, grades) and asked


def _is_derivable(hip: Hip, grades: tuple[Grade, ...]) -> bool:
    """Whether a grade above islands may follow, from findings or for want of another."""
    ungraded = not any(grade.source for grade in grades)
    return _may_be_extended(hip) and (has_extent(hip) or ungraded)


def _island_length_missing(hip: Hip, _: tuple[Grade, ...], setting: Setting) -> bool:
    implied = _may_be_extended(hip) and hip.islands is None and hip.spurs.any is False
    return implied or (_islands_decide(hip, setting) and longest_island(hip) is None)


def _island_near_bone(hip: Hip, _: tuple[Grade, ...], setting: Setting) -> bool:
    gap = grading_gap(hip, setting.modality)
    denied = _may_be_extended(hip) and hip.spurs.any is False
    return denied and bool(hip.islands) and gap is not None and below_limit(gap) == {True}


def _contact(hip: Hip, _: tuple[Grade, ...], setting: Setting) -> bool:
    return _deciding_gap(hip, setting) is not None and in_contact(hip)


def _gap_without_spurs(hip: Hip, _: tuple[Grade, ...], __: Setting) -> bool:
    return is_given(hip.gap) and hip.spurs.any is not True and not is_bridged(hip)


def _is_open(gap: Length | None) -> bool:
    return gap is not None and is_given(gap) and gap.mm != 0


def _unit_slip(hip: Hip, _: tuple[Grade, ...], __: Setting) -> bool:
    stated = [length.mm for length in hip.lengths if length.is_stated]
    return any(
        mm is not None and 0 < mm <= _LIKELY_CENTIMETRES and round(mm, 1) == mm for mm in stated
    )


def _is_graded(grades: tuple[Grade, ...]) -> bool:
    return any(grade.stated for grade in grades)


def _no_arthroplasty(hip: Hip, grades: tuple[Grade, ...], setting: Setting) -> bool:
    event = setting.context.event_of(hip.side)
    causes = set(setting.context.causes) - {Cause.UNKNOWN}
    if not _is_graded(grades) or Cause.JOINT_REPLACEMENT in causes:
        return False
    if event is not None:
        return event.procedure in _TELL_NO_ARTHROPLASTY
    return bool(causes) and not causes & _ARTHROPLASTY_CAUSES


def _model_borderline(hip: Hip, _: tuple[Grade, ...], __: Setting) -> bool:
    return any(wavering(hip, scale) for scale in SCALES.values())


def _within_days(hip: Hip, setting: Setting, days: int) -> bool:
    since = setting.days_since(setting.context.event_of(hip.side))
    return since is not None and 0 <= since < days


def _early_mineralization(hip: Hip, _: tuple[Grade, ...], setting: Setting) -> bool:
    mineral = describes_bone(hip) or bool(mineral_stages(hip))
    return mineral and _within_days(hip, setting, _EARLIEST_MINERAL_DAYS)


def _early_maturity(hip: Hip, _: tuple[Grade, ...], setting: Setting) -> bool:
    mature = bool(mineral_stages(hip) & {Stage.MATURATION, Stage.DELAYED})
    return mature and _within_days(hip, setting, _EARLIEST_MATURE_DAYS)


def _central_order(hip: Hip, _: tuple[Grade, ...], setting: Setting) -> bool:
    hereditary = {Cause.FIBRODYSPLASIA_OSSIFICANS_PROGRESSIVA, Cause.GENETIC}
    central = bool({"XR_MIN_CENTRAL", "CT_MIN_CENTRAL"} & set(hip.features))
    return central and not hereditary & set(setting.context.causes)


_CONDITIONS: dict[Flag, Callable[[Hip, tuple[Grade, ...], Setting], bool]] = {
    Flag.NOT_EVALUABLE: lambda hip, _, __: not hip.evaluable,
    Flag.PRESENCE_INDETERMINATE: lambda hip, _, __: hip.presence is Presence.INDETERMINATE,
    Flag.GRADE_DIFFERS: lambda _, grades, __: any(grade.differs for grade in grades),
    Flag.GRADE_UNSUPPORTED: lambda hip, grades, _: (
        hip.presence is Presence.PRESENT
        and not has_extent(hip)
        and any(grade.source for grade in grades)
    ),
    Flag.EQUIVOCAL: _equivocal,
    Flag.GAP_BOUNDARY: lambda hip, _, setting: _is_boundary(_deciding_gap(hip, setting)),
    Flag.ISLAND_BOUNDARY: lambda hip, _, setting: (
        _islands_decide(hip, setting) and _is_boundary(longest_island(hip))
    ),
    Flag.ISLAND_EQUIVOCAL: lambda hip, _, setting: (
        _islands_decide(hip, setting) and is_equivocal(longest_island(hip), setting)
    ),
    Flag.UNCALIBRATED: _uncalibrated,
    Flag.PLANE_UNSTATED: lambda hip, _, setting: bool(stated_without_plane(hip, setting)),
    Flag.GAP_MISSING: _gap_missing,
    Flag.CATEGORICAL_GAP: _categorical_gap,
    Flag.CONTACT: _contact,
    Flag.SPUR_UNKNOWN: _spur_unknown,
    Flag.BRIDGING_UNKNOWN: _bridging_unknown,
    Flag.ISLAND_LENGTH_MISSING: _island_length_missing,
    Flag.ISLAND_NEAR_BONE: _island_near_bone,
    Flag.APPARENT_ONLY: lambda hip, _, __: hip.bridging is Bridging.APPARENT,
    Flag.VIEW_CONFLICT: lambda hip, _, __: is_bridged(hip) and _is_open(hip.gap_lateral),
    Flag.GAP_WITHOUT_SPURS: _gap_without_spurs,
    Flag.GAP_WITH_BRIDGING: lambda hip, _, __: is_bridged(hip) and _is_open(hip.gap),
    Flag.UNIT_SLIP: _unit_slip,
    Flag.VIEW_NOT_AP: lambda _, grades, setting: (
        _is_graded(grades) and setting.view in (View.LATERAL, View.OBLIQUE)
    ),
    Flag.CROSS_SECTIONAL_BASIS: lambda _, grades, setting: (
        _is_graded(grades) and setting.modality is not ImagingModality.RADIOGRAPH
    ),
    Flag.EARLY_FILM: lambda hip, grades, setting: (
        _is_graded(grades) and _within_days(hip, setting, EARLY_FILM_DAYS)
    ),
    Flag.NO_ARTHROPLASTY: _no_arthroplasty,
    Flag.MINERALIZATION_WITH_BRIDGING: lambda hip, _, __: (
        hip.stage is Stage.MINERALIZATION and is_bridged(hip)
    ),
    Flag.MODEL_BORDERLINE: _model_borderline,
    Flag.CENTRAL_ORDER: _central_order,
    Flag.EARLY_MINERALIZATION: _early_mineralization,
    Flag.EARLY_MATURITY: _early_maturity,
}
