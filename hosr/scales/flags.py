"""When each flag is raised: one row a flag, one condition a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.findings import Basis, Length, Plane
from hosr.scales.extent import (
    LIMIT_MM,
    has_extent,
    in_contact,
    is_bridged,
    is_gradable,
    is_uncalibrated,
    longest_island,
)
from hosr.vocabulary.features import Stage
from hosr.vocabulary.flags import Flag, in_order
from hosr.vocabulary.terms import (
    ARTHROPLASTIES,
    Bridging,
    Cause,
    GapClass,
    ImagingModality,
    Presence,
    View,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hosr.findings import Hip
    from hosr.scales.scale import Grade
    from hosr.scales.setting import Setting

__all__ = ["raise_flags", "uncertainty_mm"]

# Conventions of the project, in days: a grade may still rise before 12 weeks; mineral before
# 10 days or mature bone before 6 weeks asks for a second look at the dates.
_EARLY_FILM_DAYS = 84
_EARLIEST_MINERAL_DAYS = 10
_EARLIEST_MATURE_DAYS = 42
# Model scores: closer than this, or closer than the second figure astride the 1 cm limit.
_CLOSE_SCORES = 0.2
_CLOSE_SCORES_AT_LIMIT = 0.4
# A length up to this many mm, given in tenths, may be centimetres.
_LIKELY_CENTIMETRES = 2.0

_ARTHROPLASTY_CAUSES = {Cause.JOINT_REPLACEMENT, Cause.POSTOPERATIVE}


def raise_flags(hip: Hip, grades: tuple[Grade, ...], setting: Setting) -> tuple[Flag, ...]:
    """The flags of one graded hip, in the order they are printed."""
    return in_order({flag for flag, raised in _CONDITIONS.items() if raised(hip, grades, setting)})


def uncertainty_mm(length: Length, setting: Setting) -> float:
    """The uncertainty that holds for a length: its own, or the one of its reader."""
    stated = length.uncertainty_mm
    return setting.reading_uncertainty_mm if stated is None else stated


def _is_equivocal(length: Length | None, setting: Setting) -> bool:
    if length is None or length.mm is None or length.plane is not Plane.PATIENT:
        return False
    return abs(length.mm - LIMIT_MM) <= uncertainty_mm(length, setting)


def _has_spur(hip: Hip) -> bool:
    return hip.spurs.any is True or (hip.spurs.any is None and hip.gap is not None)


def _gap_decides(hip: Hip) -> bool:
    return is_gradable(hip) and _has_spur(hip) and not is_bridged(hip)


def _equivocal(hip: Hip, _: tuple[Grade, ...], setting: Setting) -> bool:
    if not _gap_decides(hip) or setting.modality is ImagingModality.MR:
        return False
    return any(_is_equivocal(gap, setting) for gap in (hip.gap, hip.gap_lateral))


def _islands_decide(hip: Hip) -> bool:
    return is_gradable(hip) and bool(hip.islands) and not _has_spur(hip) and not is_bridged(hip)


def _uncalibrated(hip: Hip, _: tuple[Grade, ...], __: Setting) -> bool:
    islands = [island.length for island in hip.islands or ()] if _islands_decide(hip) else []
    return any(map(is_uncalibrated, [hip.gap, hip.gap_lateral, *islands]))


def _gap_missing(hip: Hip, _: tuple[Grade, ...], __: Setting) -> bool:
    known = hip.gap is not None and (hip.gap.mm is not None or hip.gap.gap_class is not None)
    return _gap_decides(hip) and hip.spurs.any is True and not known


def _spur_unknown(hip: Hip, grades: tuple[Grade, ...], _: Setting) -> bool:
    ungraded = not any(grade.source for grade in grades)
    stated = hip.spurs.any is not None or hip.gap is not None or is_bridged(hip)
    present = is_gradable(hip) and hip.presence is not Presence.ABSENT
    return present and not stated and (has_extent(hip) or ungraded)


def _island_length_missing(hip: Hip, _: tuple[Grade, ...], __: Setting) -> bool:
    return _islands_decide(hip) and longest_island(hip) is None


def _island_near_bone(hip: Hip, _: tuple[Grade, ...], __: Setting) -> bool:
    if hip.spurs.any is not False or not hip.islands or hip.gap is None:
        return False
    below = hip.gap.gap_class is GapClass.BELOW_10_MM
    return below or (hip.gap.mm is not None and hip.gap.mm < LIMIT_MM)


def _unit_slip(hip: Hip, _: tuple[Grade, ...], __: Setting) -> bool:
    lengths = [hip.gap, hip.gap_lateral, *(island.length for island in hip.islands or ())]
    stated = [item.mm for item in lengths if item is not None and item.basis is Basis.STATED]
    return any(
        mm is not None and 0 < mm <= _LIKELY_CENTIMETRES and round(mm, 1) == mm for mm in stated
    )


def _is_graded(grades: tuple[Grade, ...]) -> bool:
    return any(grade.stated for grade in grades)


def _no_arthroplasty(_: Hip, grades: tuple[Grade, ...], setting: Setting) -> bool:
    if not _is_graded(grades):
        return False
    event = setting.context.index_event
    if event is not None:
        return event.procedure not in ARTHROPLASTIES
    causes = set(setting.context.causes) - {Cause.UNKNOWN}
    return bool(causes) and not causes & _ARTHROPLASTY_CAUSES


def _model_borderline(hip: Hip, _: tuple[Grade, ...], __: Setting) -> bool:
    return any(map(_is_close, (given.scores for given in hip.probabilities)))


def _is_close(scores: tuple[tuple[str, float], ...]) -> bool:
    ranked = sorted(scores, key=lambda item: -item[1])[:2]
    if len(ranked) < 2:
        return False
    (first, high), (second, low) = ranked
    at_limit = {first, second} in ({"II", "III"}, {"B", "C"}, {"1", "2"})
    return high - low < (_CLOSE_SCORES_AT_LIMIT if at_limit else _CLOSE_SCORES)


def _within_days(setting: Setting, days: int) -> bool:
    since = setting.days_since_event
    return since is not None and 0 <= since < days


def _central_order(hip: Hip, _: tuple[Grade, ...], setting: Setting) -> bool:
    hereditary = {Cause.FIBRODYSPLASIA_OSSIFICANS_PROGRESSIVA, Cause.GENETIC}
    return "XR_MIN_CENTRAL" in hip.features and not hereditary & set(setting.context.causes)


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
    Flag.GAP_BOUNDARY: lambda hip, _, __: (
        _gap_decides(hip) and hip.gap is not None and hip.gap.mm == LIMIT_MM
    ),
    Flag.ISLAND_BOUNDARY: lambda hip, _, __: (
        _islands_decide(hip)
        and any(i.length is not None and i.length.mm == LIMIT_MM for i in hip.islands or ())
    ),
    Flag.ISLAND_EQUIVOCAL: lambda hip, _, setting: (
        _islands_decide(hip) and _is_equivocal(longest_island(hip), setting)
    ),
    Flag.UNCALIBRATED: _uncalibrated,
    Flag.GAP_MISSING: _gap_missing,
    Flag.CATEGORICAL_GAP: lambda hip, _, __: (
        _gap_decides(hip) and hip.gap is not None and hip.gap.mm is None and bool(hip.gap.gap_class)
    ),
    Flag.CONTACT: lambda hip, _, __: in_contact(hip) and not is_bridged(hip),
    Flag.SPUR_UNKNOWN: _spur_unknown,
    Flag.ISLAND_LENGTH_MISSING: _island_length_missing,
    Flag.ISLAND_NEAR_BONE: _island_near_bone,
    Flag.APPARENT_ONLY: lambda hip, _, __: hip.bridging is Bridging.APPARENT,
    Flag.VIEW_CONFLICT: lambda hip, _, __: (
        hip.bridging is Bridging.APPARENT
        and hip.gap_lateral is not None
        and (bool(hip.gap_lateral.mm) or hip.gap_lateral.gap_class is not None)
    ),
    Flag.GAP_WITHOUT_SPURS: lambda hip, _, __: (
        hip.gap is not None and hip.spurs.any is not True and not is_bridged(hip)
    ),
    Flag.GAP_WITH_BRIDGING: lambda hip, _, __: (
        is_bridged(hip)
        and hip.gap is not None
        and (bool(hip.gap.mm) or hip.gap.gap_class is not None)
    ),
    Flag.UNIT_SLIP: _unit_slip,
    Flag.VIEW_NOT_AP: lambda _, grades, setting: (
        _is_graded(grades) and setting.view in (View.LATERAL, View.OBLIQUE)
    ),
    Flag.CROSS_SECTIONAL_BASIS: lambda _, grades, setting: (
        _is_graded(grades) and setting.modality is not ImagingModality.RADIOGRAPH
    ),
    Flag.EARLY_FILM: lambda _, __, setting: _within_days(setting, _EARLY_FILM_DAYS),
    Flag.NO_ARTHROPLASTY: _no_arthroplasty,
    Flag.MINERALIZATION_WITH_BRIDGING: lambda hip, _, __: (
        hip.stage is Stage.MINERALIZATION and is_bridged(hip)
    ),
    Flag.MODEL_BORDERLINE: _model_borderline,
    Flag.CENTRAL_ORDER: _central_order,
    Flag.EARLY_MINERALIZATION: lambda hip, _, setting: (
        hip.stage is Stage.MINERALIZATION and _within_days(setting, _EARLIEST_MINERAL_DAYS)
    ),
    Flag.EARLY_MATURITY: lambda hip, _, setting: (
        hip.stage is Stage.MATURATION and _within_days(setting, _EARLIEST_MATURE_DAYS)
    ),
}
