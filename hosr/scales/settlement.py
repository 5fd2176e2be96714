"""What a hip's record implies without saying it, said: presence, and a model's own grade."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.findings import Island, Probabilities
from hosr.scales import SCALES
from hosr.scales.extent import is_bridged
from hosr.vocabulary.terms import Presence

if TYPE_CHECKING:
    from hosr.findings import Hip

__all__ = ["settle"]


def settle(hip: Hip) -> Hip:
    """The same hip with what follows from it filled in, and its parts in a fixed order.

    A model that gives scores and no grade has graded by its highest score (all of the highest,
    on a tie). Presence follows from islands, spurs, bridging or a grade; it stays None where
    nothing tells.
    """
    graded = replace(hip, source_grades=_source_grades(hip), probabilities=_probabilities(hip))
    return replace(graded, presence=_presence(graded), islands=_islands(hip))


def _source_grades(hip: Hip) -> tuple[tuple[str, tuple[str, ...]], ...]:
    best = {given.scale: _best(given) for given in hip.probabilities}
    grades = {**best, **dict(hip.source_grades)}
    return tuple((key, grades[key]) for key in SCALES if grades.get(key))


def _best(given: Probabilities) -> tuple[str, ...]:
    highest = max(score for _, score in given.scores)
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
    brooker = set(hip.source_grade("brooker"))
    if hip.islands or hip.spurs.any or is_bridged(hip) or (brooker and "0" not in brooker):
        return Presence.PRESENT
    if set(hip.source_grade("della_valle")) and "A" not in hip.source_grade("della_valle"):
        return Presence.PRESENT
    return Presence.ABSENT if brooker == {"0"} else None


def _islands(hip: Hip) -> tuple[Island, ...] | None:
    """Localised islands first, then those with a length, then the rest; else as given."""
    return None if hip.islands is None else tuple(sorted(hip.islands, key=_rank))


def _rank(island: Island) -> int:
    if island.region is not None or (island.length is not None and island.length.line is not None):
        return 0
    return 1 if island.length is not None else 2
