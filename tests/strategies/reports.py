"""Reports, through the same door as every other one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from hypothesis import reject
from hypothesis import strategies as st

from hosr.comparison import flag_comparisons
from hosr.errors import RecordRefused
from hosr.findings import Algorithm
from hosr.report import Reading, Report, assemble
from hosr.study import HeaderOverride, read_date
from hosr.vocabulary.terms import (
    ARTHROPLASTIES,
    VIEW_MODALITIES,
    ImageSide,
    ImagingModality,
    Side,
    View,
)
from tests.strategies.circumstances import contexts, moments, observers
from tests.strategies.hips import hips
from tests.strategies.lookbacks import lookbacks
from tests.strategies.subjects import Scene, subjects
from tests.strategies.texts import lines_of_text, uids

__all__ = ["reports"]


@cache
def header_overrides() -> st.SearchStrategy[HeaderOverride]:
    """What a record may say of headers, with a reason."""
    return st.builds(
        HeaderOverride,
        reason=lines_of_text().filter(bool),
        sop_instance_uid=st.just("") | uids,
        side=st.sampled_from(ImageSide),
        view=st.none() | st.sampled_from(View),
        orientation=st.none() | st.sampled_from([("L", "F"), ("AR", "HL"), ("P", "FL")]),
    )


_sides = st.lists(st.sampled_from(Side), min_size=1, max_size=2, unique=True)
_overrides = st.lists(header_overrides(), max_size=2).map(tuple)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Any report, through the same door as every other one."""
    view = draw(st.sampled_from(View))
    subject = draw(subjects(VIEW_MODALITIES[view]))
    observer = draw(observers)
    context = draw(contexts(read_date(subject.study.date)))
    scene = Scene(
        view=view,
        images=subject.images,
        may_calibrate=(
            VIEW_MODALITIES[view] is ImagingModality.RADIOGRAPH
            and all(event.procedure in ARTHROPLASTIES for event in context.events)
        ),
        is_scored=isinstance(observer, Algorithm),
    )
    sides = draw(_sides)
    reading = Reading(
        observer=observer,
        graded_at=draw(moments),
        view=view,
        context=context,
        hips=tuple(draw(hips(side, scene)) for side in sides),
        conclusion="" if scene.is_scored else draw(lines_of_text()),
        incomplete=draw(st.sampled_from(["", "", "The other hip."])),
        overrides=draw(_overrides),
    )
    try:
        report = assemble(subject, reading)
    except RecordRefused:
        reject()
    if draw(st.integers(0, 3)):
        return report
    sides = [graded.hip.side for graded in report.hips]
    return flag_comparisons(replace(report, lookbacks=draw(lookbacks(sides, scene))))
