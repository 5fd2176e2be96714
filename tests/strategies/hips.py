"""Hips of every kind: present, graded only, absent, early, undecided, not evaluable."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import strategies as st

from hosr.findings import Calibration, Hip, Mass, Place, Probabilities, Spurs
from hosr.scales import SCALES
from hosr.scales.crosswalk import LEGAL_PAIRS
from hosr.scales.scores import to_scores
from hosr.vocabulary.terms import (
    FEATURES,
    Bridging,
    BridgingBasis,
    Contrast,
    ImagingModality,
    Presence,
    Side,
    Site,
    Stage,
)
from tests.strategies import lengths
from tests.strategies.lengths import gaps, marked_lines
from tests.strategies.subjects import Scene, places
from tests.strategies.surfaces import surfaces
from tests.strategies.texts import lines_of_text, words

__all__ = ["hips"]


@st.composite
def _source_grades(
    draw: st.DrawFn, pairs: tuple[tuple[str, str], ...]
) -> dict[str, tuple[str, ...]]:
    """A pair of grades that one hip can have, or one of them, or a range around it."""
    brooker, della_valle = draw(st.sampled_from(pairs))
    grades: dict[str, tuple[str, ...]] = {"brooker": (brooker,), "della_valle": (della_valle,)}
    kept = draw(st.sampled_from((("brooker",), ("della_valle",), ("brooker", "della_valle"))))
    order = SCALES["brooker"].grades
    place = order.index(brooker)
    if draw(st.integers(0, 3)) == 0 and place > 1:
        grades["brooker"] = order[place - 1 : place + 1]
    stated = {scale: grades[scale] for scale in kept}
    if draw(st.integers(0, 4)) == 0 and della_valle != "A":
        stated["simplified_biplanar"] = ("2" if della_valle == "C" else "1",)
    return stated


@st.composite
def _scores(draw: st.DrawFn, grades: dict[str, tuple[str, ...]]) -> tuple[Probabilities, ...]:
    """Scores of a model that are highest for its own grade."""
    given = []
    for scale, (best, *_) in grades.items():
        weights = {grade: draw(st.integers(0, 9)) for grade in SCALES[scale].grades}
        weights[best] = draw(st.integers(10, 40))
        total = sum(weights.values())
        scores = {grade: round(weight / total, 4) for grade, weight in weights.items()}
        at_least = _at_least(weights) if draw(st.booleans()) else {}
        if at_least:
            scores = to_scores(at_least, SCALES[scale])
        pairs, cumulative = tuple(scores.items()), tuple(at_least.items())
        given.append(Probabilities(scale=scale, scores=pairs, cumulative=cumulative))
    return tuple(given)


def _at_least(weights: dict[str, int]) -> dict[str, float]:
    """What an ordinal model gives for the same: of at least each grade but the first."""
    grades, total = list(weights), sum(weights.values())
    sums = list(accumulate(weights[grade] for grade in reversed(grades)))
    return {
        grade: round(sum_ / total, 4)
        for grade, sum_ in zip(grades[1:], reversed(sums[:-1]), strict=True)
    }


@st.composite
def hips(draw: st.DrawFn, side: Side, scene: Scene) -> Hip:
    """A hip of any kind; most have ossification."""
    kinds = (
        _present,
        _present,
        _present,
        _graded_only,
        _absent,
        _early,
        _undecided,
        _not_evaluable,
    )
    kind = draw(st.sampled_from(kinds))
    return draw(kind(side, scene))


_seen = st.none() | st.booleans()
_presences = st.none() | st.just(Presence.PRESENT)
_bridgings = st.none() | st.sampled_from(Bridging)
_bases = st.none() | st.sampled_from(BridgingBasis)
_numbers = st.integers(0, 3)
_sites = st.lists(st.sampled_from(Site), max_size=2, unique=True).map(tuple)
_masses = st.none() | st.builds(
    Mass,
    sizes_mm=st.lists(st.floats(1.0, 400.0), min_size=1, max_size=3).map(tuple),
    contrast=st.none() | st.just(Contrast.ENHANCES),
)


def _key_place(draw: st.DrawFn, scene: Scene) -> Place:
    return draw(places(draw(st.sampled_from(scene.images))))


# What excludes one another on a radiograph, and on CT.
_ORDERS = ("_MIN_PERIPHERAL", "_MIN_ZONAL", "_MIN_CENTRAL", "_MIN_DISORGANISED")


def _features(draw: st.DrawFn, scene: Scene, stages: set[Stage]) -> tuple[str, ...]:
    keys = [
        key
        for key, feature in FEATURES.items()
        if feature.modality is scene.modality and feature.stage in stages
    ]
    if not keys:
        return ()
    chosen = draw(st.lists(st.sampled_from(keys), max_size=2, unique=True))
    return (
        tuple(chosen[:1])
        if len({key for key in chosen if key.endswith(_ORDERS)}) > 1
        else tuple(chosen)
    )


_PAIRS = tuple(sorted(LEGAL_PAIRS - {("0", "A")}))


@st.composite
def _present(draw: st.DrawFn, side: Side, scene: Scene) -> Hip:
    calibration = None
    if scene.may_calibrate and draw(st.booleans()):
        size = draw(st.sampled_from((22.2, 28.0, 32.0, 36.0)))
        calibration = Calibration(line=draw(marked_lines(scene)), true_mm=size)
    is_calibrated = calibration is not None
    bridging = draw(_bridgings)
    basis = draw(_bases) if bridging is Bridging.CONFIRMED else None
    is_narrow = bridging in (Bridging.APPARENT, Bridging.CONFIRMED)
    gaps_here = gaps(scene, is_calibrated=is_calibrated, is_narrow=is_narrow)
    island = lengths.islands(scene, is_calibrated=is_calibrated)
    stages = [Stage.MINERALIZATION, Stage.MATURATION]
    if scene.modality is ImagingModality.MR:
        stages.append(Stage.DELAYED)
    stage = draw(st.sampled_from([None, *stages]))
    grades = draw(_source_grades(_PAIRS)) if draw(st.booleans()) else {}
    scores = draw(_scores(grades)) if scene.is_scored and draw(st.booleans()) else ()
    return Hip(
        side=side,
        presence=draw(_presences),
        islands=tuple(draw(island) for _ in range(draw(_numbers))) if draw(st.booleans()) else None,
        spurs=Spurs(pelvis=draw(_seen), femur=draw(_seen)),
        gap=draw(gaps_here) if draw(st.booleans()) else None,
        gap_lateral=draw(gaps_here) if draw(st.integers(0, 3)) == 0 else None,
        bridging=bridging,
        bridging_basis=basis,
        sites=draw(_sites),
        hardware_nearby=draw(_seen),
        mass=draw(_masses),
        stage=stage,
        features=_features(draw, scene, {stage} if stage else set()),
        source_grades=tuple(grades.items()),
        probabilities=scores,
        calibration=calibration,
        place=_key_place(draw, scene),
        comment=draw(lines_of_text()),
        **draw(surfaces(scene, is_calibrated=is_calibrated)),
    )


_ALL_PAIRS = tuple(sorted(LEGAL_PAIRS))


@st.composite
def _graded_only(draw: st.DrawFn, side: Side, scene: Scene) -> Hip:
    grades = draw(_source_grades(_ALL_PAIRS))
    scores = draw(_scores(grades)) if scene.is_scored else ()
    # A model may leave its grade to its scores, which may leave it open.
    left_to_scores = bool(scores) and grades.get("brooker") and draw(st.booleans())
    return Hip(
        side=side,
        source_grades=() if left_to_scores else tuple(grades.items()),
        probabilities=scores,
        place=_key_place(draw, scene),
        comment=draw(lines_of_text()),
    )


@st.composite
def _absent(draw: st.DrawFn, side: Side, scene: Scene) -> Hip:
    denied = draw(st.booleans())
    return Hip(
        side=side,
        presence=Presence.ABSENT,
        islands=() if denied else None,
        spurs=Spurs(pelvis=False, femur=False) if denied else Spurs(),
        bridging=draw(st.sampled_from((None, Bridging.NONE))),
        source_grades=draw(
            st.sampled_from(((), (("brooker", ("0",)),), (("della_valle", ("A",)),)))
        ),
        place=_key_place(draw, scene),
        comment=draw(lines_of_text()),
    )


@st.composite
def _early(draw: st.DrawFn, side: Side, scene: Scene) -> Hip:
    return Hip(
        side=side,
        presence=draw(st.sampled_from((Presence.PRESENT, Presence.INDETERMINATE))),
        stage=Stage.EARLY,
        features=_features(draw, scene, {Stage.EARLY}),
        mass=draw(_masses),
        place=_key_place(draw, scene),
        comment=draw(lines_of_text()),
    )


@st.composite
def _undecided(draw: st.DrawFn, side: Side, scene: Scene) -> Hip:
    return Hip(
        side=side,
        presence=Presence.INDETERMINATE,
        features=_features(draw, scene, {Stage.EARLY}),
        mass=draw(_masses),
        place=_key_place(draw, scene),
        comment=draw(lines_of_text()),
    )


@st.composite
def _not_evaluable(draw: st.DrawFn, side: Side, scene: Scene) -> Hip:
    return Hip(
        side=side,
        evaluable=False,
        not_evaluable_reason=draw(words(60)),
        place=_key_place(draw, scene),
        comment=draw(lines_of_text()),
    )
