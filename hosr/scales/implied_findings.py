"""What a hip's record implies without saying it, said: presence, and a model's own grade."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.findings import Island, Length, Probabilities
from hosr.scales import SCALES
from hosr.scales.extent import is_bridged, is_given, mineral_stages
from hosr.vocabulary.terms import Bridging, Presence

if TYPE_CHECKING:
    from hosr.findings import Hip


# Measured lengths keep this many decimals of a millimetre. Coordinates of 32 bits tell no more on
# an image of some thousand pixels; what is beyond is noise of the computation, and without this
# a line of exactly 1 cm could come out as 9.9999999 mm, on the wrong side of the limit.
_DECIMALS = 4


def imply_findings(hip: Hip) -> Hip:
    """The same hip with what follows from it filled in, and its parts in a fixed order.

    A model that gives scores and no grade has graded by its highest score (all of the highest,
    on a tie). Presence follows from islands, spurs, a gap, bridging, a stage of mineral or a
    grade; absence from a grade that says so, or from islands, spurs and bridging all denied. It
    stays None where nothing tells. Millimetres computed from points lose the noise of that
    computation; stated ones stay as they are.
    """
    graded = replace(
        hip,
        source_grades=_source_grades(hip),
        probabilities=_probabilities(hip),
        islands=_islands(hip),
        gap=_without_noise(hip.gap),
        gap_lateral=_without_noise(hip.gap_lateral),
    )
    return replace(graded, presence=_presence(graded))


def _source_grades(hip: Hip) -> tuple[tuple[str, tuple[str, ...]], ...]:
    best = {given.scale: highest_scored(given) for given in hip.probabilities}
    grades = {**best, **dict(hip.source_grades)}
    return tuple(
        (key, tuple(grade for grade in scale.grades if grade in grades[key]))
        for key, scale in SCALES.items()
        if grades.get(key)
    )


def highest_scored(given: Probabilities) -> tuple[str, ...]:
    """The grade that a model scored highest; all of them on a tie, in order of severity."""
    highest = max((score for _, score in given.scores), default=0.0)
    best = {grade for grade, score in given.scores if score == highest}
    return tuple(grade for grade in SCALES[given.scale].grades if grade in best)


def _probabilities(hip: Hip) -> tuple[Probabilities, ...]:
    given = {item.scale: dict(item.scores) for item in hip.probabilities}
    return tuple(
        Probabilities(
            scale=key,
            scores=tuple((g, given[key][g]) for g in scale.grades if g in given[key]),
        )
        for key, scale in SCALES.items()
        if given.get(key)
    )


def _presence(hip: Hip) -> Presence | None:
    if hip.presence is not None or not hip.evaluable:
        return hip.presence
    if _implies_bone(hip):
        return Presence.PRESENT
    denied = hip.islands == () and hip.spurs.any is False and hip.bridging is Bridging.NONE
    graded_none = any(SCALES[key].denies_bone(grades) for key, grades in hip.source_grades)
    return Presence.ABSENT if denied or graded_none else None


def _implies_bone(hip: Hip) -> bool:
    if any(SCALES[key].counts_bone(grades) for key, grades in hip.source_grades):
        return True
    if hip.islands or hip.spurs.any or is_bridged(hip) or mineral_stages(hip):
        return True
    # A gap beside denied spurs may be that of an island, or a mistake: it implies nothing.
    gap = is_given(hip.gap) or is_given(hip.gap_lateral)
    return gap and hip.spurs.any is None


def _islands(hip: Hip) -> tuple[Island, ...] | None:
    """Localised islands first, then those with a length, then the rest; else as given."""
    if hip.islands is None:
        return None
    islands = (replace(island, length=_without_noise(island.length)) for island in hip.islands)
    return tuple(sorted(islands, key=_rank))


def _rank(island: Island) -> int:
    if island.region is not None or (island.length is not None and island.length.line is not None):
        return 0
    return 1 if island.length is not None else 2


def _without_noise(length: Length | None) -> Length | None:
    if length is None or length.mm is None or length.is_stated:
        return length
    # Two marked points are never in contact, however near: contact would ask about bridging.
    return replace(length, mm=round(length.mm, _DECIMALS) or length.mm)
