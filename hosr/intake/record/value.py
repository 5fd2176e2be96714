"""The record as a frozen value, in the terms of `hosr.findings`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from hosr.findings import (
    Algorithm,
    Basis,
    Boundary,
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
    SpacePoint,
    Spurs,
)
from hosr.intake.record.forms import PersonForm
from hosr.intake.record.leaves import SCHEMA_VERSION
from hosr.scales import SCALES
from hosr.scales.scores import to_scores
from hosr.study import HeaderOverride

if TYPE_CHECKING:
    from hosr.findings import Observer, Point
    from hosr.intake.record.forms import (
        AlgorithmForm,
        ContextForm,
        HipForm,
        IndexEventForm,
        IslandForm,
        MassForm,
        OverrideForm,
        RecordForm,
    )
    from hosr.intake.record.marked import (
        BoundaryForm,
        CalibrationForm,
        CandidateForm,
        LengthForm,
        OutlineForm,
        RegionForm,
    )
    from hosr.vocabulary.terms import View


FormT = TypeVar("FormT")
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A grading as its source gave it, before anything is measured on the images.

    The study, its date, patient and accession number are assertions to be compared with the image
    headers.
    A length marked by points on an image has no millimetres yet: its basis is UNCALIBRATED, its plane
    UNKNOWN unless the source stated one; that of stated millimetres is UNSTATED unless it did. A place
    whose image was left out has the UID "".
    """

    schema_version: str = SCHEMA_VERSION
    graded_at: dt.datetime
    study_instance_uid: str | None = None
    patient_id: str | None = field(default=None, repr=False)
    accession_number: str | None = field(default=None, repr=False)
    study_date: dt.date | None = None
    observer: Observer
    context: Context = Context()  # noqa: RUF009 (frozen)
    view: View | None = None
    hips: tuple[Hip, ...]
    conclusion: str = ""
    incomplete: str = ""
    overrides: tuple[HeaderOverride, ...] = ()


def to_record(form: RecordForm) -> Record:
    """The value of a checked form."""
    study = form.study
    return Record(
        schema_version=form.schema_version,
        graded_at=form.graded_at,
        study_instance_uid=study.study_instance_uid if study else None,
        patient_id=study.patient_id if study else None,
        accession_number=study.accession_number if study else None,
        study_date=study.date if study else None,
        observer=_observer(form.observer),
        context=_context(form.context) if form.context else Context(),
        view=form.view,
        hips=tuple(map(_hip, form.hips)),
        conclusion=form.conclusion or "",
        incomplete=form.incomplete or "",
        overrides=tuple(map(_override, form.overrides or ())),
    )


def _override(form: OverrideForm) -> HeaderOverride:
    directions = form.orientation
    return HeaderOverride(
        reason=form.reason,
        sop_instance_uid=form.image or "",
        side=form.side,
        view=form.view,
        orientation=None if directions is None else (directions[0], directions[1]),
    )


def _if_given(form: FormT | None, make: Callable[[FormT], ValueT]) -> ValueT | None:
    return None if form is None else make(form)


def _observer(form: PersonForm | AlgorithmForm) -> Observer:
    if isinstance(form, PersonForm):
        return Person(name=form.name, organization=form.organization or "")
    return Algorithm(
        name=form.name,
        version=form.version,
        manufacturer=form.manufacturer or "",
        device_uid=form.device_uid or "",
        parameters=tuple(sorted((form.parameters or {}).items())),
    )


def _context(form: ContextForm) -> Context:
    given = form.index_events or filter(None, (form.index_event,))
    first, other, *_ = *map(_index_event, given), None, None
    return Context(
        indication=form.indication or "",
        causes=tuple(form.causes or ()),
        symptoms=tuple(form.symptoms or ()),
        index_event=first,
        other_event=other,
    )


def _index_event(form: IndexEventForm) -> IndexEvent:
    return IndexEvent(procedure=form.procedure, side=form.side, date=form.date)


def _hip(form: HipForm) -> Hip:
    return Hip(
        side=form.side,
        evaluable=form.evaluable,
        not_evaluable_reason="" if form.evaluable else form.not_evaluable_reason or "",
        presence=form.presence,
        islands=None if form.islands is None else tuple(map(_island, form.islands)),
        spurs=Spurs(pelvis=form.spurs.pelvis, femur=form.spurs.femur) if form.spurs else Spurs(),
        gap=_if_given(form.gap, _length),
        gap_lateral=_if_given(form.gap_lateral, _length),
        bridging=form.bridging,
        bridging_basis=form.bridging_basis,
        sites=tuple(form.site or ()),
        hardware_nearby=form.hardware_nearby,
        mass=_if_given(form.mass, _mass),
        boundary=_if_given(form.boundary, _boundary),
        candidates=tuple(map(_candidate, form.candidates or ())),
        outlines=tuple(map(_outline, form.outlines or ())),
        stage=form.stage,
        features=tuple(form.features or ()),
        source_grades=_source_grades(form),
        probabilities=_probabilities(form),
        calibration=_if_given(form.calibration, _calibration),
        place=_key_place(form),
        comment=form.comment or "",
    )


def _source_grades(form: HipForm) -> tuple[tuple[str, tuple[str, ...]], ...]:
    given = ((scale, getattr(form.grades, scale, None)) for scale in SCALES)
    return tuple((scale, grades) for scale, grades in given if grades)


def _probabilities(form: HipForm) -> tuple[Probabilities, ...]:
    found = []
    for key, scale in SCALES.items():
        cumulative = getattr(form.cumulative, key, None) or {}
        scores = getattr(form.probabilities, key, None)
        if cumulative:
            scores = to_scores(cumulative, scale)
        if scores:
            pairs, at_least = tuple(scores.items()), tuple(cumulative.items())
            found.append(Probabilities(scale=key, scores=pairs, cumulative=at_least))
    return tuple(found)


def _key_place(form: HipForm) -> Place | None:
    if form.image is None and form.frame is None:
        return None
    return Place(sop_instance_uid=form.image or "", frame=form.frame)


def _island(form: IslandForm) -> Island:
    return Island(
        length=_if_given(form.length, _length),
        region=_if_given(form.region, _region),
        sites=tuple(form.site or ()),
    )


def _boundary(form: BoundaryForm) -> Boundary:
    return Boundary(
        basis=form.basis,
        sd_mm=None if form.sd_mm is None else form.sd_mm + 0.0,
        sd_is_stated=form.sd_mm is not None and form.sd_stated is not False,
        cell_mm=tuple(form.cell_mm or ()),
        level=None if form.level is None else form.level + 0.0,
    )


def _candidate(form: CandidateForm) -> Candidate:
    first, second = form.between
    return Candidate(
        between=(first, second),
        length=_length(form.length),
        why=form.why,
        level=None if form.level is None else form.level + 0.0,
    )


def _outline(form: OutlineForm) -> Outline:
    return Outline(structure=form.structure, polygon=_region(form))


def _mass(form: MassForm) -> Mass:
    return Mass(sizes_mm=tuple(form.sizes_mm or ()), contrast=form.contrast)


def _region(form: RegionForm) -> Polygon:
    place = Place(sop_instance_uid=form.image or "", frame=form.frame)
    return Polygon(corners=tuple(map(_point, form.polygon)), place=place)


def _calibration(form: CalibrationForm) -> Calibration:
    place = Place(sop_instance_uid=form.image or "", frame=form.frame)
    start, end = map(_point, form.points)
    return Calibration(line=Line(start=start, end=end, place=place), true_mm=form.true_mm + 0.0)


def _length(form: LengthForm) -> Length:
    """Points in space stand above millimetres beside them, which they agree with but for rounding."""
    marked = form.points is not None
    segment = _segment(form)
    return Length(
        mm=None if segment or form.mm is None else form.mm + 0.0,
        gap_class=getattr(form, "category", None),
        plane=_plane(form),
        basis=Basis.UNCALIBRATED if marked else Basis.STATED,
        uncertainty_mm=None if form.uncertainty_mm is None else form.uncertainty_mm + 0.0,
        line=_line(form),
        segment=segment,
    )


def _plane(form: LengthForm) -> Plane:
    if form.plane not in (None, Plane.UNSTATED):
        return form.plane
    return Plane.UNSTATED if form.points is None else Plane.UNKNOWN


def _line(form: LengthForm) -> Line | None:
    if form.points is None:
        return None
    images: list[str] = form.image or [""]
    frames: list[int | None] = [*form.frame] if form.frame else [None]
    start, end = map(_point, form.points)
    place = Place(sop_instance_uid=images[0], frame=frames[0])
    end_place = Place(sop_instance_uid=images[-1], frame=frames[-1])
    other = None if end_place == place else end_place
    return Line(start=start, end=end, place=place, end_place=other)


def _segment(form: LengthForm) -> Segment | None:
    if form.points_mm is None:
        return None
    start, end = map(_space_point, form.points_mm)
    place = Place(
        sop_instance_uid=form.image[0] if form.image else "",
        frame=form.frame[0] if form.frame else None,
    )
    is_placed = form.image is not None or form.frame is not None
    return Segment(
        start_mm=start,
        end_mm=end,
        frame_of_reference_uid=form.frame_of_reference_uid or "",
        place=place if is_placed else None,
    )


def _space_point(triple: list[float]) -> SpacePoint:
    x, y, z = triple
    return x, y, z


def _point(pair: list[float]) -> Point:
    column, row = pair
    return column, row
