"""Reports, through the same door as every other one."""

from __future__ import annotations

import datetime as dt

from hypothesis import reject
from hypothesis import strategies as st

from hosr.errors import RecordRefused
from hosr.findings import Algorithm, Context, IndexEvent, Observer, Person
from hosr.report import Reading, Report, assemble
from hosr.study import HeaderOverride, read_date
from hosr.vocabulary.terms import (
    ARTHROPLASTIES,
    VIEW_MODALITIES,
    Cause,
    Event,
    ImageSide,
    ImagingModality,
    Side,
    Symptom,
    View,
)
from tests.strategies.hips import hips
from tests.strategies.subjects import Scene, subjects
from tests.strategies.texts import lines_of_text, long_texts, person_names, uids, words

__all__ = ["reports"]

_offsets = st.integers(-12 * 60, 14 * 60).map(lambda m: dt.timezone(dt.timedelta(minutes=m)))
_moments = st.datetimes(
    dt.datetime(1900, 1, 2),
    dt.datetime(2199, 12, 30),
    timezones=_offsets,
).map(lambda moment: moment.replace(microsecond=0))

_observers: st.SearchStrategy[Observer] = st.builds(
    Person, name=person_names(), organization=long_texts
) | st.builds(
    Algorithm,
    name=words(),
    version=words(),
    manufacturer=long_texts,
    device_uid=st.just("") | uids,
    parameters=st.dictionaries(
        words(16).filter(lambda w: "=" not in w), lines_of_text(20), max_size=3
    ).map(lambda given: tuple(sorted(given.items()))),
)


@st.composite
def _contexts(draw: st.DrawFn, studied: dt.date | None) -> Context:
    days = st.dates(dt.date(1900, 1, 1), studied or dt.date(2199, 12, 31))
    of_each_hip = draw(st.integers(0, 3)) == 0
    sides = st.just(Side.RIGHT) if of_each_hip else st.none() | st.sampled_from(Side)
    return Context(
        indication=draw(lines_of_text()),
        causes=tuple(draw(st.lists(st.sampled_from(Cause), max_size=3, unique=True))),
        symptoms=tuple(draw(st.lists(st.sampled_from(Symptom), max_size=3, unique=True))),
        index_event=draw(_events(sides, days) if of_each_hip else st.none() | _events(sides, days)),
        other_event=draw(_events(st.just(Side.LEFT), days)) if of_each_hip else None,
    )


def _events(
    sides: st.SearchStrategy[Side | None], days: st.SearchStrategy[dt.date]
) -> st.SearchStrategy[IndexEvent]:
    return st.builds(
        IndexEvent, procedure=st.sampled_from(Event), side=sides, date=st.none() | days
    )


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


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Any report, through the same door as every other one."""
    view = draw(st.sampled_from(View))
    subject = draw(subjects(VIEW_MODALITIES[view]))
    observer = draw(_observers)
    context = draw(_contexts(read_date(subject.study.date)))
    scene = Scene(
        view=view,
        images=subject.images,
        may_calibrate=(
            VIEW_MODALITIES[view] is ImagingModality.RADIOGRAPH
            and all(event.procedure in ARTHROPLASTIES for event in context.events)
        ),
        is_scored=isinstance(observer, Algorithm),
    )
    sides = draw(st.lists(st.sampled_from(Side), min_size=1, max_size=2, unique=True))
    reading = Reading(
        observer=observer,
        graded_at=draw(_moments),
        view=view,
        context=context,
        hips=tuple(draw(hips(side, scene)) for side in sides),
        conclusion="" if scene.is_scored else draw(lines_of_text()),
        incomplete=draw(st.sampled_from(["", "", "The other hip."])),
        overrides=tuple(draw(st.lists(header_overrides(), max_size=2))),
    )
    try:
        return assemble(subject, reading)
    except RecordRefused:
        reject()
