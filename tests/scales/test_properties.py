"""What holds for every hip: knowledge narrows, a grade is left, the two systems agree, hips stand alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from hosr.findings import Hip, Island, Length, Plane, Spurs
from hosr.report import grade_reading, grading_json
from hosr.scales import SCALES, grade_hip
from hosr.scales.implied_findings import imply_findings
from hosr.scales.scale import Grade
from hosr.vocabulary.flags import in_order
from hosr.vocabulary.terms import (
    VIEW_MODALITIES,
    Bridging,
    GapClass,
    ImagingModality,
    Presence,
    Side,
    View,
)
from tests.drawn import drawn
from tests.scales import hips
from tests.scales.hips import NARROW, WIDE

_film = ImagingModality.RADIOGRAPH

_millimetres = st.one_of(
    st.sampled_from([0.0, 4.0, 9.0, 9.99, 10.0, 10.01, 11.0, 11.5, 12.0, 12.5, 14.0]),
    st.floats(min_value=0, max_value=200, allow_nan=False),
)
_measures = st.builds(
    Length,
    mm=_millimetres,
    plane=st.sampled_from(Plane),
    uncertainty_mm=st.none() | st.floats(min_value=0, max_value=5),
)
_gaps = st.one_of(_measures, st.sampled_from([NARROW, WIDE, hips.drawn()]))
_islands = st.lists(
    st.builds(Island, length=st.none() | _measures | st.just(hips.drawn())), max_size=3
).map(tuple)
_spurs = st.builds(
    Spurs,
    pelvis=st.sampled_from([None, False, True]),
    femur=st.sampled_from([None, False, True]),
)
_sources = st.fixed_dictionaries(
    {},
    optional={
        key: st.lists(st.sampled_from(scale.grades), min_size=1, max_size=2, unique=True).map(tuple)
        for key, scale in SCALES.items()
    },
).map(lambda found: tuple(found.items()))


def _hips(**fixed: st.SearchStrategy[object]) -> st.SearchStrategy[Hip]:
    free: dict[str, st.SearchStrategy[object]] = {
        "side": st.just(Side.RIGHT),
        "presence": st.sampled_from([None, *Presence]),
        "islands": st.none() | _islands,
        "spurs": _spurs,
        "gap": st.none() | _gaps,
        "gap_lateral": st.none() | _gaps,
        "bridging": st.sampled_from([None, *Bridging]),
        "source_grades": _sources,
    }
    return st.builds(Hip, **{**free, **fixed})


_undenied = _hips(presence=st.just(Presence.PRESENT), source_grades=st.just(()))


def _accepted(hip: Hip, view: View = View.AP_PELVIS) -> tuple[Hip, tuple[Grade, ...]]:
    (graded,), faults = grade_reading(hips.reading(hip, view=view), hips.STUDY_DATE)
    assume(not faults)
    return graded.hip, graded.grades


@given(hip=_hips(), view=st.sampled_from(View))
@drawn(120)
def test_something_is_left_possible(hip: Hip, view: View) -> None:
    """A gradable hip that is not refused keeps at least one grade on some scale, all in order."""
    implied, grades = _accepted(hip, view)
    assume(implied.presence is not Presence.INDETERMINATE)

    assert any(grade.possible for grade in grades)
    for grade in grades:
        order = SCALES[grade.scale].grades
        assert grade.possible == tuple(word for word in order if word in grade.possible)


@given(hip=_undenied, view=st.sampled_from(View))
@drawn(120)
def test_every_scale_is_left_possible_by_findings(hip: Hip, view: View) -> None:
    """Findings without a source's grade leave at least one grade on every scale."""
    _, grades = _accepted(hip, view)

    assert all(grade.possible for grade in grades)


@given(hip=_undenied, view=st.sampled_from(View))
@drawn(120)
def test_severe_by_both(hip: Hip, view: View) -> None:
    """Della Valle C is left possible where Brooker III or IV is, and decided where nothing else is."""
    _, (brooker, della_valle, *_) = _accepted(hip, view)
    severe = {grade in ("III", "IV") for grade in brooker.possible}

    assert {grade == "C" for grade in della_valle.possible} == severe


def _with_mm(length: Length | None, mm: float) -> Length | None:
    """A gap that was not measured, measured; a class stays and must fit."""
    if length is None:
        return Length(mm=mm)
    fits = length.gap_class in (None, GapClass.BELOW_10_MM if mm < 10 else GapClass.AT_LEAST_10_MM)
    return replace(length, mm=mm, plane=Plane.PATIENT) if length.mm is None and fits else length


def _in_the_patient(length: Length | None) -> Length | None:
    """A length in an unknown plane turns out to be in the patient."""
    unknown = length is not None and length.plane is Plane.UNKNOWN
    return replace(length, plane=Plane.PATIENT) if unknown and length else length


def _at_the_detector(length: Length | None) -> Length | None:
    """A length in an unknown plane turns out to be at the detector."""
    unknown = length is not None and length.plane is Plane.UNKNOWN
    return replace(length, plane=Plane.DETECTOR) if unknown and length else length


def _each_island(hip: Hip, change: Callable[[Length | None], Length | None]) -> Hip:
    found = hip.islands or ()
    islands = tuple(replace(island, length=change(island.length)) for island in found)
    return replace(hip, islands=islands if hip.islands is not None else None)


# Ways to learn more of a hip. Left out is what the conventions fill in: bridging that nobody
# mentions counts as not seen, so that to learn of it (or of contact, which asks for it) adds IV.
_LEARNING: dict[str, Callable[[Hip, float], Hip]] = {
    "a spur of the pelvis": lambda hip, _: replace(
        hip, spurs=replace(hip.spurs, pelvis=True) if hip.spurs.pelvis is None else hip.spurs
    ),
    "no spur of the femur": lambda hip, _: replace(
        hip,
        spurs=replace(hip.spurs, femur=False)
        if hip.spurs.femur is None and hip.gap is None
        else hip.spurs,
    ),
    "a gap": lambda hip, mm: replace(hip, gap=_with_mm(hip.gap, mm)),
    "a lateral gap": lambda hip, mm: replace(hip, gap_lateral=_with_mm(hip.gap_lateral, mm)),
    "no bridging": lambda hip, _: replace(hip, bridging=hip.bridging or Bridging.NONE),
    "no islands": lambda hip, _: replace(hip, islands=() if hip.islands is None else hip.islands),
    "an island": lambda hip, mm: replace(
        hip, islands=hips.islands(mm) if hip.islands is None else hip.islands
    ),
    "lengths of islands": lambda hip, mm: _each_island(
        hip, lambda length: length if length and length.mm is not None else Length(mm=mm)
    ),
    "islands in the patient": lambda hip, _: _each_island(hip, _in_the_patient),
    "islands at the detector": lambda hip, _: _each_island(hip, _at_the_detector),
    "a gap in the patient": lambda hip, _: replace(hip, gap=_in_the_patient(hip.gap)),
    "a gap at the detector": lambda hip, _: replace(hip, gap=_at_the_detector(hip.gap)),
}


@given(
    hip=_undenied,
    view=st.sampled_from(View),
    lesson=st.sampled_from(sorted(_LEARNING)),
    mm=_millimetres.filter(bool),
)
@drawn(400)
def test_learning_never_adds_a_grade(hip: Hip, view: View, lesson: str, mm: float) -> None:
    """To know more of a hip may take possible grades away; it never adds one."""
    known, before = _accepted(hip, view)
    _, after = _accepted(_LEARNING[lesson](known, mm), view)

    was = {grade.scale: set(grade.possible) for grade in before}
    assert all(set(grade.possible) <= was.get(grade.scale, set(grade.possible)) for grade in after)


@given(right=_hips(), left=_hips(side=st.just(Side.LEFT)), view=st.sampled_from(View))
@drawn(80)
def test_hips_stand_alone(right: Hip, left: Hip, view: View) -> None:
    """A hip is graded and flagged the same with the other beside it as alone, in either order."""
    (of_right,), _ = grade_reading(hips.reading(right, view=view), hips.STUDY_DATE)
    (of_left,), _ = grade_reading(hips.reading(left, view=view), hips.STUDY_DATE)

    for pair in ((right, left), (left, right)):
        both, _ = grade_reading(hips.reading(*pair, view=view), hips.STUDY_DATE)
        assert both == (of_right, of_left)


@given(hip=_hips())
@drawn(80)
def test_implying_twice_is_implying_once(hip: Hip) -> None:
    """What is implied once implies nothing more."""
    assert imply_findings(imply_findings(hip)) == imply_findings(hip)


@given(hip=_hips(), view=st.sampled_from(View))
@drawn(80)
def test_source_grade_stands(hip: Hip, view: View) -> None:
    """What the source graded is what is stated, whatever is derived."""
    implied, grades = _accepted(hip, view)

    for grade in grades:
        source = implied.source_grade(grade.scale)
        assert grade.source == source
        assert grade.stated == (source or grade.possible)


@given(hip=_hips(), view=st.sampled_from(View))
@drawn(40)
def test_flags_stand_in_their_order(hip: Hip, view: View) -> None:
    """Flags are printed in one order, each once; the grading can be said in JSON."""
    graded, _ = grade_reading(hips.reading(hip, view=view), hips.STUDY_DATE)

    assert graded[0].flags == in_order(set(graded[0].flags))
    assert set(grading_json(graded)["hips"][0]) >= {"side", "brooker", "della_valle", "flags"}


@given(hip=_hips())
@drawn(40)
def test_view_changes_no_grade_within_a_modality(hip: Hip) -> None:
    """Any film gives the grades of any other; that it was not an AP one is a flag."""
    implied = imply_findings(hip)
    films = [view for view in View if VIEW_MODALITIES[view] is _film]

    assert len({grade_hip(implied, VIEW_MODALITIES[view]) for view in films}) == 1
