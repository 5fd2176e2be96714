"""What a hip's record implies without saying it, said: presence, and a model's own grade."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.findings import Island, Length, Probabilities
from hosr.scales import SCALES
from hosr.scales.extent import (
    has_grounds,
    is_bridged,
    is_given,
    mineral_stages,
    possibilities_of,
)
from hosr.scales.scores import left_open, wavering
from hosr.vocabulary.terms import Bridging, ImagingModality, Presence

if TYPE_CHECKING:
    from hosr.findings import Hip
    from hosr.scales.scale import Scale


# Measured lengths keep this many decimals of a millimetre. Coordinates of 32 bits tell no more on
# an image of some thousand pixels; what is beyond is noise of the computation, and without this
# a line of exactly 1 cm could come out as 9.9999999 mm, on the wrong side of the limit.
_DECIMALS = 4


def imply_findings(hip: Hip, modality: ImagingModality = ImagingModality.RADIOGRAPH) -> Hip:
    """The same hip with what follows from it filled in, and its parts in a fixed order.

    A model that gives scores and no grade has graded by its highest score; where that does not
    stand clear (`hosr.scales.scores`), all that it left open, and no grade where the findings decide
    among them. Presence follows from islands, spurs, a gap, bridging, a stage of mineral or a
    grade; absence from a grade that says so, or from islands, spurs and bridging all denied. It is
    indeterminate where a model wavers between bone and none, and stays None where nothing tells.
    Millimetres computed from points lose the noise of that computation; stated ones stay as they are.
    """
    graded = replace(
        hip,
        source_grades=_source_grades(hip),
        probabilities=_probabilities(hip),
        islands=_islands(hip),
        gap=_without_noise(hip.gap),
        gap_lateral=_without_noise(hip.gap_lateral),
    )
    known = replace(graded, presence=_presence(graded))
    stated = {key for key, _ in hip.source_grades}
    return replace(known, source_grades=_without_decided(known, stated, modality))


def _source_grades(hip: Hip) -> tuple[tuple[str, tuple[str, ...]], ...]:
    scored = {given.scale: _scored(given, hip) for given in hip.probabilities}
    grades = {**scored, **dict(hip.source_grades)}
    return tuple(
        (key, tuple(grade for grade in scale.grades if grade in grades[key]))
        for key, scale in SCALES.items()
        if grades.get(key)
    )


def _scored(given: Probabilities, hip: Hip) -> tuple[str, ...]:
    """What a model graded by its scores; bone that is known excludes a grade of none among several."""
    scale = SCALES[given.scale]
    grades = left_open(given, scale)
    if hip.presence is Presence.PRESENT and scale.least_is_absence and len(grades) > 1:
        return tuple(grade for grade in grades if not scale.denies_bone((grade,)))
    return grades


def _without_decided(
    hip: Hip, stated: set[str], modality: ImagingModality
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The grades of the source, but for those that a model left open and the findings decide."""
    allowed = possibilities_of(hip, modality) if has_grounds(hip) else frozenset()
    kept = []
    for key, grades in hip.source_grades:
        left = set(SCALES[key].possible(allowed))
        decided = key not in stated and len(grades) > 1 and left and left <= set(grades)
        if not decided:
            kept.append((key, grades))
    return tuple(kept)


def _probabilities(hip: Hip) -> tuple[Probabilities, ...]:
    given = {item.scale: item for item in hip.probabilities if item.scores}
    return tuple(
        Probabilities(
            scale=key,
            scores=_in_order(given[key].scores, scale),
            cumulative=_in_order(given[key].cumulative, scale),
        )
        for key, scale in SCALES.items()
        if key in given
    )


def _in_order(scores: tuple[tuple[str, float], ...], scale: Scale) -> tuple[tuple[str, float], ...]:
    found = dict(scores)
    return tuple((grade, found[grade]) for grade in scale.grades if grade in found)


def _presence(hip: Hip) -> Presence | None:
    if hip.presence is not None or not hip.evaluable:
        return hip.presence
    if _implies_bone(hip):
        return Presence.PRESENT
    denied = hip.islands == () and hip.spurs.any is False and hip.bridging is Bridging.NONE
    graded_none = any(SCALES[key].denies_bone(grades) for key, grades in hip.source_grades)
    if denied or graded_none:
        return Presence.ABSENT
    return Presence.INDETERMINATE if _wavers_on_bone(hip) else None


def is_graded_for_presence(hip: Hip) -> bool:
    """Whether the source graded, and not only by scores that leave open whether there is bone."""
    return bool(hip.source_grades) and not _wavers_on_bone(hip)


def _wavers_on_bone(hip: Hip) -> bool:
    """Whether the scores of a model leave open that there is no bone, and no grade tells it."""
    if any(SCALES[key].denies_bone(grades) for key, grades in hip.source_grades):
        return False
    return any(
        SCALES[key].grades[0] in grades and set(grades) <= set(wavering(hip, SCALES[key]))
        for key, grades in hip.source_grades
    )


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
