"""Who graded, when, and after what."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from hosr.findings import Algorithm, Context, IndexEvent, Observer, Person
from hosr.vocabulary.terms import Cause, Event, Side, Symptom
from tests.strategies.texts import lines_of_text, long_texts, person_names, uids, words

__all__ = ["contexts", "events", "moments", "observers"]

_offsets = st.integers(-12 * 60, 14 * 60).map(lambda m: dt.timezone(dt.timedelta(minutes=m)))
moments = st.datetimes(
    dt.datetime(1900, 1, 2),
    dt.datetime(2199, 12, 30),
    timezones=_offsets,
).map(lambda moment: moment.replace(microsecond=0))

observers: st.SearchStrategy[Observer] = st.builds(
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


_causes = st.lists(st.sampled_from(Cause), max_size=3, unique=True).map(tuple)
_symptoms = st.lists(st.sampled_from(Symptom), max_size=3, unique=True).map(tuple)
_rights, _lefts = st.just(Side.RIGHT), st.just(Side.LEFT)
_some_sides = st.none() | st.sampled_from(Side)
_procedures = st.sampled_from(Event)


@st.composite
def contexts(draw: st.DrawFn, studied: dt.date | None) -> Context:
    """Why a patient was imaged, by events before the study."""
    days = st.dates(dt.date(1900, 1, 1), studied or dt.date(2199, 12, 31))
    of_each_hip = draw(st.integers(0, 3)) == 0
    has_event = of_each_hip or draw(st.booleans())
    sides = _rights if of_each_hip else _some_sides
    return Context(
        indication=draw(lines_of_text()),
        causes=draw(_causes),
        symptoms=draw(_symptoms),
        index_event=draw(events(sides, days)) if has_event else None,
        other_event=draw(events(_lefts, days)) if of_each_hip else None,
    )


@st.composite
def events(
    draw: st.DrawFn, sides: st.SearchStrategy[Side | None], days: st.SearchStrategy[dt.date]
) -> IndexEvent:
    """An index event of these sides and days, or without a day."""
    return IndexEvent(
        procedure=draw(_procedures),
        side=draw(sides),
        date=draw(days) if draw(st.booleans()) else None,
    )
