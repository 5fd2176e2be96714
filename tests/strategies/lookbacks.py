"""What earlier reports may say of the hips of a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from hosr.codes import MODALITIES
from hosr.findings import Length
from hosr.priors import Lookback, PassedOver, Passing, PriorHip, PriorReport
from hosr.scales import SCALES
from hosr.sr.signing import STEP_CODES
from hosr.status import Signature
from hosr.study import Instance
from hosr.vocabulary.terms import Bridging, Presence, Side, Stage, View
from tests.strategies.circumstances import events, moments, observers
from tests.strategies.lengths import gaps
from tests.strategies.subjects import Scene
from tests.strategies.texts import days, person_names, words

__all__ = ["lookbacks"]

_SR, _DX = "1.2.840.10008.5.1.4.1.1.88.34", "1.2.840.10008.5.1.4.1.1.1.1"
_modalities = st.sampled_from(["", *MODALITIES])
_steps = st.sampled_from(list(STEP_CODES))
_former_names = st.just("") | words()
_grades = {key: st.none() | st.sampled_from(scale.grades) for key, scale in SCALES.items()}
_presences = st.none() | st.sampled_from(Presence)
_bridgings = st.none() | st.sampled_from(Bridging)
_stages = st.none() | st.sampled_from(Stage)
_object_sizes = st.none() | st.just(32.0)
_passings = st.lists(st.sampled_from(Passing), max_size=2)
_signatures = st.builds(
    Signature,
    name=person_names(),
    organization=words(),
    identifier=st.just("") | words(16),
    signed_at=moments,
)


def _instances(number: int, sop_class: str, start: int, count: int) -> tuple[Instance, ...]:
    """Objects of a study, whose UIDs are no other one's."""
    return tuple(
        Instance(
            series_instance_uid=f"2.25.7{number}.{start}",
            sop_class_uid=sop_class,
            sop_instance_uid=f"2.25.7{number}.{start}.{each}",
        )
        for each in range(1, count + 1)
    )


@st.composite
def _prior_reports(draw: st.DrawFn, number: int) -> PriorReport:
    return PriorReport(
        study_instance_uid=f"2.25.7{number}",
        study_date=draw(days).strftime("%Y%m%d"),
        documents=_instances(number, _SR, 1, draw(st.integers(1, 2))),
        images=_instances(number, _DX, 2, draw(st.integers(1, 2))),
        modality=draw(_modalities),
        view=draw(st.sampled_from(View)),
        observer=draw(observers),
        step=draw(_steps),
        signature=draw(_signatures),
        time_point=draw(st.integers(1, 9)),
        formerly=draw(_former_names),
    )


def _without_line(gap: Length) -> Length | None:
    if gap.mm is None:
        return None if gap.gap_class is None else Length(gap_class=gap.gap_class)
    return replace(gap, line=None, segment=None)


@st.composite
def _prior_hips(draw: st.DrawFn, side: Side, number: int, scene: Scene) -> PriorHip:
    gap = gaps(scene, is_calibrated=draw(st.booleans()), is_narrow=False).map(_without_line)
    stated = {key: draw(grades) for key, grades in _grades.items()}
    return PriorHip(
        report=draw(_prior_reports(number)),
        grades=tuple((key, (grade,)) for key, grade in stated.items() if grade),
        presence=draw(_presences),
        bridging=draw(_bridgings),
        stage=draw(_stages),
        gap=draw(gap) if draw(st.booleans()) else None,
        object_mm=draw(_object_sizes),
        event=draw(events(st.just(side), days)) if draw(st.booleans()) else None,
        tracking_uid=f"2.25.7{number}.3",
    )


@st.composite
def lookbacks(draw: st.DrawFn, sides: Sequence[Side], scene: Scene) -> tuple[Lookback, ...]:
    """One for each hip, compared with a report or not, and some that were passed over."""
    return tuple(
        Lookback(
            side=side,
            compared=draw(_prior_hips(side, 2 * place, scene)) if draw(st.booleans()) else None,
            passed_over=tuple(
                PassedOver(
                    why=why,
                    study_instance_uid=f"2.25.7{2 * place + 1}",
                    study_date=draw(days).strftime("%Y%m%d"),
                    documents=_instances(2 * place + 1, _SR, number, 1),
                )
                for number, why in enumerate(draw(_passings))
            ),
        )
        for place, side in enumerate(sides)
    )
