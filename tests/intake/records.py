"""Strategies: records as people and programs write them, spoilt records, and findings."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from hosr.findings import (
    Algorithm,
    Basis,
    Calibration,
    Candidate,
    Context,
    Hip,
    IndexEvent,
    Island,
    Length,
    Line,
    Mass,
    Outline,
    Person,
    Place,
    Plane,
    Polygon,
    Probabilities,
    Segment,
    Spurs,
    to_graphic_precision,
)
from hosr.intake.record import Record
from hosr.intake.record.schema import EXAMPLE
from hosr.scales import SCALES
from hosr.scales.scores import to_scores
from hosr.study import HeaderOverride
from hosr.vocabulary.surfaces import SetAside, Structure
from hosr.vocabulary.terms import (
    FEATURES,
    VIEW_MODALITIES,
    Bridging,
    BridgingBasis,
    Cause,
    Contrast,
    Event,
    GapClass,
    ImageSide,
    ImagingModality,
    Presence,
    Side,
    Site,
    Stage,
    Symptom,
    View,
)
from tests.strategies.surfaces import boundaries

__all__ = ["SPACE", "WHOLE", "json_values", "minimal", "records", "spoilt_records"]


def minimal(**hip: Any) -> dict[str, Any]:
    """The smallest record, with more said of its one hip."""
    return {
        "schema_version": "1.0",
        "graded_at": "2026-03-02T10:15:00+01:00",
        "observer": {"type": "person", "name": "Rossi^Maria"},
        "hips": [{"side": "right", **hip}],
    }


def _uid(number: int) -> str:
    return f"2.25.{number}"


# 12.4 mm to the head and to the back.
SPACE: dict[str, Any] = {
    "points_mm": [[-81.5, 12.25, -40], [-81.5, 19.69, -30.08]],
    "frame_of_reference_uid": _uid(9),
}

# Records that between them hold every key.
WHOLE: tuple[dict[str, Any], ...] = (
    EXAMPLE,
    {
        "schema_version": "1.0",
        "graded_at": "2026-03-02T09:15:00.25Z",
        "study": {"study_instance_uid": _uid(1), "patient_id": "P1", "accession_number": "A1"},
        "observer": {
            "type": "algorithm",
            "name": "hip-grader",
            "version": "2.1.0",
            "manufacturer": "Example",
            "device_uid": _uid(2),
            "parameters": {"threshold": 0.5, "flip": False, "weights": "v7"},
        },
        "context": {"indication": "Pain", "index_event": {"procedure": "trauma"}},
        "view": "ct",
        "hips": [
            {
                "side": "left",
                "joint": "hip",
                "presence": "present",
                "islands": [
                    {"length": {"points": [[1, 2], [30.25, 4]], "image": _uid(3), "frame": 2}},
                    {
                        "length": {"mm": 12, "plane": "detector", "uncertainty_mm": 0.5},
                        "region": {"polygon": [[1, 1], [9, 1], [9, 9]], "image": _uid(3)},
                    },
                ],
                "spurs": {"pelvis": None, "femur": True},
                "gap": {
                    "points": [[1, 2], [3, 4]],
                    "image": [_uid(3), _uid(4)],
                    "category": "<10mm",
                },
                "gap_lateral": {"mm": 12, "category": ">=10mm"},
                "grades": {"brooker": "II-III", "della_valle": "b", "simplified_biplanar": 1},
                "probabilities": {
                    "brooker": {"0": 0.01, "I": 0.04, "II": 0.1, "III": 0.8, "IV": 0.05},
                    "della_valle": {"a": 0, "b": 0.5, "c": 0.5},
                    "simplified_biplanar": {"1": 1},
                },
                "calibration": {"points": [[5, 5], [50, 50]], "image": _uid(3), "true_mm": 32},
                "image": _uid(3),
                "frame": 2,
                "comment": "Seen on two slices.",
            },
            {"side": "right", "evaluable": False, "not_evaluable_reason": "outside the image"},
        ],
    },
    {
        **minimal(
            gap={**SPACE, "mm": 12.4, "uncertainty_mm": 1.3, "category": ">=10mm"},
            islands=[{"length": {**SPACE, "plane": "patient", "image": _uid(3), "frame": 7}}],
        ),
        "schema_version": "1.1",
        "view": "ct",
    },
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=12), children, max_size=4)
    ),
    max_leaves=12,
)

_letters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\\")
# Blanks around a text are not read.
_lines = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n"), max_size=40).map(
    str.strip
)
_names = st.text(_letters, min_size=1, max_size=40).map(str.strip).filter(bool)
_person_names = st.from_regex(r"[A-Za-zÅ-ž]{1,12}(\^[A-Za-z]{1,12}){0,4}", fullmatch=True)
_uids = st.integers(1, 10**30).map(lambda number: f"2.25.{number}")
_days = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))
_offsets = st.integers(-12 * 60, 14 * 60).map(lambda m: dt.timezone(dt.timedelta(minutes=m)))
_instants = st.datetimes(
    dt.datetime(1900, 1, 1),
    dt.datetime(2199, 12, 31),
    timezones=_offsets,
)
_millimetres = st.floats(0, 200).map(abs)
_lengths_mm = st.floats(0, 200, exclude_min=True)
_coordinates = st.floats(0, 65535, width=32).map(abs)
_points = st.tuples(_coordinates, _coordinates)
_space_points = st.tuples(*[st.floats(-800, 800, width=16).map(lambda mm: mm + 0.0)] * 3)
_steps = st.tuples(*[st.sampled_from([0.0, 0.7, -12.3, 40.0])] * 3)
_frames = st.none() | st.integers(1, 500)
_places = st.builds(Place, sop_instance_uid=_uids | st.just(""), frame=_frames)


@st.composite
def _lines_on_images(draw: st.DrawFn, *, may_span: bool = True) -> Line:
    start, end = draw(st.lists(_points, min_size=2, max_size=2, unique=True))
    place = draw(_places)
    if not may_span or not draw(st.booleans()):
        return Line(start=start, end=end, place=place)
    several = place.sop_instance_uid and place.frame is not None
    other = Place(
        sop_instance_uid=draw(_uids) if several else place.sop_instance_uid,
        frame=draw(st.integers(1, 500)) if several else place.frame,
    )
    return Line(start=start, end=end, place=place, end_place=None if other == place else other)


@st.composite
def _stated(draw: st.DrawFn, mm: st.SearchStrategy[float]) -> Length:
    return Length(
        mm=draw(mm),
        plane=draw(st.sampled_from(Plane)),
        uncertainty_mm=draw(st.none() | _millimetres),
    )


@st.composite
def _marked(draw: st.DrawFn, *, is_gap: bool) -> Length:
    return Length(
        line=draw(_lines_on_images()),
        gap_class=draw(st.none() | st.sampled_from(GapClass)) if is_gap else None,
        plane=draw(st.sampled_from([plane for plane in Plane if plane is not Plane.UNSTATED])),
        basis=Basis.UNCALIBRATED,
        uncertainty_mm=draw(st.none() | _millimetres),
    )


@st.composite
def _in_space(draw: st.DrawFn, *, is_gap: bool) -> Length:
    start = draw(_space_points)
    offset = draw(_steps.filter(any))
    x, y, z = (to_graphic_precision(a + b) for a, b in zip(start, offset, strict=True))
    place = draw(st.none() | _places.filter(lambda at: at.sop_instance_uid or at.frame))
    return Length(
        segment=Segment(
            start_mm=start,
            end_mm=(x, y, z),
            frame_of_reference_uid=draw(_uids),
            place=place,
        ),
        gap_class=draw(st.none() | st.sampled_from(GapClass)) if is_gap else None,
        uncertainty_mm=draw(st.none() | _millimetres),
    )


_gaps = (
    _stated(_millimetres)
    | _in_space(is_gap=True)
    | _marked(is_gap=True)
    | st.builds(Length, gap_class=st.sampled_from(GapClass))
)


@st.composite
def _polygons(draw: st.DrawFn) -> Polygon:
    corners = draw(st.lists(_points, min_size=3, max_size=6, unique=True))
    return Polygon(corners=tuple(corners), place=draw(_places))


@st.composite
def _probabilities(draw: st.DrawFn) -> tuple[Probabilities, ...]:
    scales = [scale for scale in SCALES.values() if draw(st.booleans())]
    given = []
    for scale in scales:
        weights = [draw(st.integers(1, 99)) for _ in scale.grades]
        if draw(st.booleans()):
            falling = sorted((weight / 100 for weight in weights[1:]), reverse=True)
            at_least = dict(zip(scale.grades[1:], falling, strict=True))
            pairs = tuple(to_scores(at_least, scale).items())
            cumulative = tuple(at_least.items())
            given.append(Probabilities(scale=scale.key, scores=pairs, cumulative=cumulative))
            continue
        scores = tuple((g, w / sum(weights)) for g, w in zip(scale.grades, weights, strict=True))
        given.append(Probabilities(scale=scale.key, scores=scores))
    return tuple(given)


@st.composite
def _source_grades(draw: st.DrawFn) -> tuple[tuple[str, tuple[str, ...]], ...]:
    given = []
    for scale in SCALES.values():
        grades = draw(st.sets(st.sampled_from(scale.grades), max_size=len(scale.grades)))
        if grades:
            given.append((scale.key, tuple(g for g in scale.grades if g in grades)))
    return tuple(given)


_sites = st.lists(st.sampled_from(Site), max_size=2, unique=True).map(tuple)
_islands = st.builds(
    Island,
    length=st.none() | _stated(_lengths_mm) | _marked(is_gap=False) | _in_space(is_gap=False),
    region=st.none() | _polygons(),
    sites=_sites,
)
_levels = st.none() | st.floats(0, 1).map(abs)
_boundaries = st.builds(
    lambda boundary, cells, level: replace(boundary, cell_mm=cells, level=level),
    boundaries(),
    st.just(()) | st.lists(st.floats(0.01, 50), min_size=2, max_size=3).map(tuple),
    _levels,
)
_candidates = st.builds(
    Candidate,
    between=st.tuples(st.sampled_from(Structure), st.sampled_from(Structure)),
    length=_stated(_lengths_mm) | _marked(is_gap=False) | _in_space(is_gap=False),
    why=st.sampled_from(SetAside),
    level=_levels,
)
_outlines = st.builds(Outline, structure=st.sampled_from(Structure), polygon=_polygons())
_masses = st.builds(
    Mass,
    sizes_mm=st.lists(_lengths_mm, min_size=1, max_size=3).map(tuple),
    contrast=st.none() | st.sampled_from(Contrast),
) | st.builds(Mass, contrast=st.sampled_from(Contrast))
_calibrations = st.builds(Calibration, line=_lines_on_images(may_span=False), true_mm=_lengths_mm)
_seen = st.none() | st.booleans()


@st.composite
def _hips(draw: st.DrawFn, side: Side) -> Hip:
    evaluable = draw(st.booleans())
    return Hip(
        side=side,
        evaluable=evaluable,
        not_evaluable_reason="" if evaluable else draw(_names),
        presence=draw(st.none() | st.sampled_from(Presence)),
        islands=draw(st.none() | st.lists(_islands, max_size=3).map(tuple)),
        spurs=draw(st.builds(Spurs, pelvis=_seen, femur=_seen)),
        gap=draw(st.none() | _gaps),
        gap_lateral=draw(st.none() | _gaps),
        bridging=draw(st.none() | st.sampled_from(Bridging)),
        bridging_basis=draw(st.none() | st.sampled_from(BridgingBasis)),
        sites=draw(_sites),
        hardware_nearby=draw(_seen),
        mass=draw(st.none() | _masses),
        boundary=draw(st.none() | _boundaries),
        candidates=tuple(draw(st.lists(_candidates, max_size=2))),
        outlines=tuple(draw(st.lists(_outlines, max_size=1))),
        stage=draw(st.none() | st.sampled_from(Stage)),
        features=tuple(draw(st.lists(st.sampled_from(list(FEATURES)), max_size=3, unique=True))),
        source_grades=draw(_source_grades()),
        probabilities=draw(_probabilities()),
        calibration=draw(st.none() | _calibrations),
        place=draw(st.none() | _places.filter(lambda p: p.sop_instance_uid or p.frame)),
        comment=draw(_lines),
    )


_people = st.builds(Person, name=_person_names, organization=st.just("") | _names)
_algorithms = st.builds(
    Algorithm,
    name=_names,
    version=_names,
    manufacturer=st.just("") | _names,
    device_uid=st.just("") | _uids,
    parameters=st.dictionaries(_names.filter(lambda n: "=" not in n), _lines, max_size=3).map(
        lambda given: tuple(sorted(given.items()))
    ),
)


def _events(sides: st.SearchStrategy[Side | None]) -> st.SearchStrategy[IndexEvent]:
    return st.builds(
        IndexEvent, procedure=st.sampled_from(Event), side=sides, date=st.none() | _days
    )


_told: dict[str, st.SearchStrategy[Any]] = {
    "indication": _lines,
    "causes": st.lists(st.sampled_from(Cause), max_size=3, unique=True).map(tuple),
    "symptoms": st.lists(st.sampled_from(Symptom), max_size=3, unique=True).map(tuple),
}
_contexts = st.builds(
    Context, **_told, index_event=st.none() | _events(st.none() | st.sampled_from(Side))
) | st.builds(
    Context,
    **_told,
    index_event=_events(st.just(Side.LEFT)),
    other_event=_events(st.just(Side.RIGHT)),
)


_overrides = st.builds(
    HeaderOverride,
    reason=_lines.filter(bool),
    sop_instance_uid=st.just("") | _uids,
    side=st.sampled_from(ImageSide),
    view=st.none() | st.sampled_from(View),
    orientation=st.none() | st.sampled_from([("L", "F"), ("AR", "HL"), ("P", "FL")]),
)


def _is_newer(hip: Hip) -> bool:
    islands = any(island.sites for island in hip.islands or ())
    found = hip.boundary or hip.candidates or hip.outlines
    said = hip.bridging_basis or hip.sites or hip.mass or islands or found or _is_in_space(hip)
    return bool(said) or hip.hardware_nearby is not None


def _is_in_space(hip: Hip) -> bool:
    candidates = (candidate.length for candidate in hip.candidates)
    return any(length.segment for length in (*hip.lengths, *candidates))


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Any record that the door lets in."""
    sides = draw(st.lists(st.sampled_from(Side), min_size=1, max_size=2, unique=True))
    conclusion, studied = draw(_lines), draw(st.none() | _days)
    hips = tuple(draw(_hips(side)) for side in sides)
    incomplete = draw(_lines).strip()
    overrides = tuple(draw(st.lists(_overrides, max_size=2)))
    context = draw(_contexts)
    said = (conclusion, incomplete, studied, overrides, context.other_event)
    views = [view for view in View if VIEW_MODALITIES[view] is not ImagingModality.RADIOGRAPH]
    is_newer = any(said) or any(map(_is_newer, hips))
    return Record(
        schema_version="1.1" if is_newer else "1.0",
        conclusion=conclusion,
        incomplete=incomplete,
        overrides=overrides,
        study_date=studied,
        graded_at=draw(_instants),
        study_instance_uid=draw(st.none() | _uids),
        patient_id=draw(st.none() | _names),
        accession_number=draw(st.none() | _names),
        observer=draw(_people | _algorithms),
        context=context,
        view=draw(st.none() | st.sampled_from(views if any(map(_is_in_space, hips)) else View)),
        hips=hips,
    )


# What goes wrong in practice: other types, texts for numbers, limits, extremes, hostile texts.
_SPOILS: tuple[Any, ...] = (
    None, True, False, 0, -1, 3, 10.0, 1e308, float("nan"), float("inf"), 2**64, "", " ", "9,5", ">= 1 cm",
    "10", "IV", "none", "\x00", "\ud800", "\u202e", "right", "both", "1.2.3", "2026-03-02", [], {}, [[]],
    [1, 2], [[1, 2], [3, 4]], {"mm": 8.2}, {"category": "<10mm"}, "x" * 2000,
)  # fmt: skip


@st.composite
def spoilt_records(draw: st.DrawFn) -> Any:
    """A whole record with a few values replaced, removed, repeated or added anywhere."""
    spoilt = copy.deepcopy(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
        holder: Any = spoilt
        while True:
            keys = list(range(len(holder))) if isinstance(holder, list) else list(holder)
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            child = holder[key]
            if isinstance(child, list | dict) and child and draw(st.integers(0, 3)):
                holder = child
                continue
            _spoil(draw, holder, key)
            break
    return spoilt


def _spoil(draw: st.DrawFn, holder: Any, key: Any) -> None:
    how = draw(st.sampled_from(("replace", "remove", "null", "add", "any")))
    if how == "remove":
        del holder[key]
    elif how == "replace":
        holder[key] = copy.deepcopy(draw(st.sampled_from(_SPOILS)))
    elif how == "null":
        holder[key] = None
    elif how == "any":
        holder[key] = draw(json_values)
    elif isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        words = ("mm", "points", "image", "frame", "category", "grade", "joint", "evaluable", "gap")
        holder[draw(st.sampled_from(words) | st.text(max_size=6))] = draw(json_values)
