"""How far the ossification of one hip reaches, as the set of worlds that its findings allow."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from hosr.findings import Length, Plane
from hosr.measure.magnification import patient_interval_mm
from hosr.scales.scale import World
from hosr.vocabulary.features import Stage
from hosr.vocabulary.terms import Bridging, GapClass, ImagingModality, Presence

if TYPE_CHECKING:
    from hosr.findings import Hip

__all__ = [
    "LIMIT_MM",
    "allowed_worlds",
    "has_extent",
    "in_contact",
    "is_bridged",
    "is_gradable",
    "is_uncalibrated",
    "longest_island",
    "why_not_gradable",
]

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
    if hip.stage is Stage.EARLY and not has_extent(hip):
        return "the lesion is in the early stage, without bone to grade"
    return ""


def is_gradable(hip: Hip) -> bool:
    """Whether a grade can be given at all."""
    return not why_not_gradable(hip)


def is_bridged(hip: Hip) -> bool:
    """Whether bone bridges the joint, apparently or confirmed."""
    return hip.bridging in (Bridging.APPARENT, Bridging.CONFIRMED)


def has_extent(hip: Hip) -> bool:
    """Whether the record describes islands, spurs, a gap or bridging, so that a grade follows."""
    described = (hip.gap, hip.gap_lateral, hip.spurs.any)
    return bool(hip.islands) or is_bridged(hip) or any(item is not None for item in described)


def in_contact(hip: Hip) -> bool:
    """Whether the gap is zero."""
    return hip.gap is not None and hip.gap.mm == 0


def longest_island(hip: Hip) -> Length | None:
    """The longest island whose length is known, if the lengths of all islands are."""
    lengths = [island.length for island in hip.islands or ()]
    known = [length for length in lengths if length is not None and length.mm is not None]
    if not known or len(known) < len(lengths):
        surely_long = [length for length in known if _below_limit(length) == _NO]
        return max(surely_long, key=_millimetres, default=None)
    return max(known, key=_millimetres)


def allowed_worlds(hip: Hip, modality: ImagingModality) -> frozenset[World]:
    """Every fully known hip that the findings allow; empty where no grade can be given.

    A gap seen on MR never decides (the systems are radiographic, and MR shows no cortex edge).
    """
    if not is_gradable(hip):
        return frozenset()
    if hip.presence is Presence.ABSENT:
        return frozenset({World()})
    worlds = (
        World(
            bridged=bridged,
            spur=spur,
            gap_below=spur and gap_below,
            gap_lateral_below=spur and gap_lateral_below,
            island=island,
            island_long=island and island_long,
        )
        for bridged, spur, gap_below, gap_lateral_below, island, island_long in product(
            _bridging(hip),
            _spur(hip),
            _gap(hip.gap, modality),
            _gap(hip.gap_lateral, modality),
            _EITHER if hip.islands is None else frozenset({bool(hip.islands)}),
            _island_long(hip),
        )
    )
    return frozenset(world for world in worlds if world.bridged or world.spur or world.island)


def _bridging(hip: Hip) -> frozenset[bool]:
    if hip.bridging is None and in_contact(hip) and hip.spurs.any is not False:
        return _EITHER
    return frozenset({is_bridged(hip)})


def _spur(hip: Hip) -> frozenset[bool]:
    if hip.spurs.any is not None:
        return frozenset({hip.spurs.any})
    if hip.gap is not None and (hip.gap.mm is not None or hip.gap.gap_class is not None):
        return _YES
    return _EITHER


def _gap(gap: Length | None, modality: ImagingModality) -> frozenset[bool]:
    if gap is None or modality is ImagingModality.MR:
        return _EITHER
    if gap.gap_class is not None and gap.mm is None:
        return frozenset({gap.gap_class is GapClass.BELOW_10_MM})
    return _below_limit(gap)


def _island_long(hip: Hip) -> frozenset[bool]:
    longest = longest_island(hip)
    if longest is None:
        return _EITHER
    return frozenset(not below for below in _below_limit(longest))


def _below_limit(length: Length) -> frozenset[bool]:
    """Whether the length lies below 1 cm in the patient: yes, no, or either."""
    interval = patient_interval_mm(length)
    if interval is None:
        return _EITHER
    low, high = interval
    return frozenset({low < LIMIT_MM, high < LIMIT_MM})


def _millimetres(length: Length) -> float:
    return length.mm or 0.0


def is_uncalibrated(length: Length | None) -> bool:
    """Whether a length is in no known plane of the patient."""
    return length is not None and length.gap_class is None and length.plane is not Plane.PATIENT
