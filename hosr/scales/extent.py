"""How far the ossification of one hip reaches: every possibility that its findings allow.

Conventions of the project, where the published wording leaves something open:

- A gap lies between spurs, so a gap on the graded view implies them unless they are denied.
- Bridging that nobody mentions is unknown, unless spurs are denied or the graded view shows a space.
- A gap on MR bears on no grade and implies nothing: the systems are radiographic.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from hosr.findings import Length
from hosr.measure.length import patient_interval_mm
from hosr.scales.scale import Possibility
from hosr.vocabulary.terms import FEATURES, Bridging, GapClass, ImagingModality, Presence, Stage

if TYPE_CHECKING:
    from hosr.findings import Hip


# Both systems turn on 1 cm; "at least" takes exactly 1 cm to the upper side.
LIMIT_MM = 10.0

_EITHER = frozenset({False, True})
_NO = frozenset({False})
_YES = frozenset({True})


def why_not_gradable(hip: Hip) -> str:
    """The reason why no grade can be given, in words; "" where one can."""
    if not hip.evaluable:
        return "the hip is not evaluable"
    if hip.presence is Presence.INDETERMINATE:
        return "presence of heterotopic ossification is indeterminate"
    if hip.stage is Stage.EARLY and not describes_bone(hip):
        return "the lesion is in the early stage, without bone to grade"
    return ""


def is_gradable(hip: Hip) -> bool:
    """Whether a grade can be given at all."""
    return not why_not_gradable(hip)


def is_bridged(hip: Hip) -> bool:
    """Whether bone bridges the joint, apparently or confirmed."""
    return hip.bridging in (Bridging.APPARENT, Bridging.CONFIRMED)


def is_given(length: Length | None) -> bool:
    """Whether a length says anything: a number, a class, or a line that was drawn."""
    return length is not None and (length.mm, length.gap_class, length.line) != (None, None, None)


def is_open(length: Length | None) -> bool:
    """Whether a length tells of a space: one that is given, and not of bone in contact."""
    return length is not None and is_given(length) and length.mm != 0


def reaches_limit(length: Length | None) -> bool:
    """Whether a length surely reaches 1 cm in the patient."""
    return is_given(length) and below_limit(length) == {False}


def contradicts_class(length: Length | None) -> bool:
    """Whether no length in the patient that the millimetres may stand for is of the class."""
    if length is None or length.mm is None or length.gap_class is None:
        return False
    said = length.gap_class is GapClass.BELOW_10_MM
    return said not in below_limit(replace(length, gap_class=None))


def describes_bone(hip: Hip) -> bool:
    """Whether islands, spurs, a gap or bridging are seen."""
    gaps = is_given(hip.gap) or is_given(hip.gap_lateral)
    return bool(hip.islands) or hip.spurs.any is True or gaps or is_bridged(hip)


def has_extent(hip: Hip) -> bool:
    """Whether the record says enough of the extent that grades follow: bone, or that no spur is."""
    return describes_bone(hip) or hip.spurs.any is False


def has_grounds(hip: Hip) -> bool:
    """Whether there are findings to derive a grade from: an extent, or that there is no bone."""
    return has_extent(hip) or hip.presence is Presence.ABSENT


def mineral_stages(hip: Hip) -> frozenset[Stage]:
    """The stages later than early that the stage or a feature of the hip speaks of."""
    spoken = {FEATURES[key].stage for key in hip.features} | {hip.stage}
    return frozenset(stage for stage in spoken if stage not in (None, Stage.EARLY))


def in_contact(hip: Hip) -> bool:
    """Whether the gap is zero."""
    return hip.gap is not None and hip.gap.mm == 0


def grading_gap(hip: Hip, modality: ImagingModality) -> Length | None:
    """The gap on the graded view, unless it was seen on MR or says nothing."""
    return hip.gap if is_given(hip.gap) and modality is not ImagingModality.MR else None


def has_spur(hip: Hip, modality: ImagingModality) -> bool | None:
    """Whether there are spurs, as stated or as a gap between them implies; None where unknown."""
    if hip.spurs.any is None and grading_gap(hip, modality) is not None:
        return True
    return hip.spurs.any


def is_bridging_open(hip: Hip, modality: ImagingModality) -> bool:
    """Whether bone may bridge the joint: nobody said, and neither spurs denied nor a space exclude it."""
    gap = grading_gap(hip, modality)
    shows_space = gap is not None and gap.mm != 0
    return hip.bridging is None and hip.spurs.any is not False and not shows_space


def longest_island(hip: Hip) -> Length | None:
    """The longest island, measured in the patient at the least.

    Where some islands have no length, it is the longest of those that surely reach 1 cm, for
    one of them is enough; None where there is none.
    """
    lengths = [island.length for island in hip.islands or ()]
    known = [length for length in lengths if length is not None and length.mm is not None]
    if len(known) < len(lengths):
        known = [length for length in known if below_limit(length) == _NO]
    return max(known, key=_least_mm, default=None)


def below_limit(length: Length | None) -> frozenset[bool]:
    """Whether a length lies below 1 cm in the patient: yes, no, or either.

    A class decides what the millimetres leave open. Where they exclude one another the
    millimetres stand, and the contradiction is refused elsewhere.
    """
    if length is None:
        return _EITHER
    interval = patient_interval_mm(length)
    measured = _EITHER if interval is None else frozenset(mm < LIMIT_MM for mm in interval)
    if length.gap_class is None:
        return measured
    return measured & {length.gap_class is GapClass.BELOW_10_MM} or measured


def is_uncalibrated(length: Length | None) -> bool:
    """Whether a length was measured, but in no known plane of the patient."""
    if length is None:
        return False
    if length.mm is None:
        return length.line is not None and length.gap_class is None
    return not length.plane.is_true_size


def possibilities_of(hip: Hip, modality: ImagingModality) -> frozenset[Possibility]:
    """Every fully known hip that the findings allow; empty where no grade can be given."""
    if not is_gradable(hip):
        return frozenset()
    if hip.presence is Presence.ABSENT:
        return frozenset({Possibility()})
    lateral = None if modality is ImagingModality.MR else hip.gap_lateral
    spur = has_spur(hip, modality)
    allowed = (
        Possibility(
            bridged=bridged,
            spur=spur,
            gap_below=spur and gap_below,
            gap_lateral_below=spur and gap_lateral_below,
            island=island,
            island_long=island and island_long,
        )
        for bridged, spur, gap_below, gap_lateral_below, island, island_long in product(
            _bridging(hip, modality),
            _EITHER if spur is None else frozenset({spur}),
            below_limit(grading_gap(hip, modality)),
            below_limit(lateral),
            _EITHER if hip.islands is None else frozenset({bool(hip.islands)}),
            _island_long(hip),
        )
    )
    return frozenset(each for each in allowed if each.bridged or each.spur or each.island)


def _bridging(hip: Hip, modality: ImagingModality) -> frozenset[bool]:
    return _EITHER if is_bridging_open(hip, modality) else frozenset({is_bridged(hip)})


def _island_long(hip: Hip) -> frozenset[bool]:
    """Whether any island reaches 1 cm: one that surely does is enough, none may where all fail."""
    below = [below_limit(island.length) for island in hip.islands or ()]
    if not below or any(answer == _NO for answer in below):
        return _YES if below else _EITHER
    return _NO if all(answer == _YES for answer in below) else _EITHER


def _least_mm(length: Length) -> float:
    interval = patient_interval_mm(length)
    return 0.0 if interval is None else interval[0]
