"""Findings back to the JSON of a record: the other half of reading one."""

from __future__ import annotations

from typing import Any

from hosr.errors import Fault, RecordRefused
from hosr.findings import (
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
    Observer,
    Outline,
    Person,
    Place,
    Plane,
    Polygon,
    Segment,
    to_graphic_precision,
)
from hosr.intake.record.grades import written_grades
from hosr.intake.record.joined_faults import version_of
from hosr.intake.record.value import Record
from hosr.study import HeaderOverride

Json = dict[str, Any]
_FAR = 1e38


def record_json(record: Record) -> Json:
    """A record as plain values; a length that was marked is written as its points."""
    study = {
        "study_instance_uid": record.study_instance_uid,
        "patient_id": record.patient_id,
        "accession_number": record.accession_number,
        "date": record.study_date and record.study_date.isoformat(),
    }
    said = _given(
        graded_at=record.graded_at.isoformat(),
        study=_given(**study),
        observer=_observer(record.observer),
        context=_context(record.context),
        view=record.view and record.view.value,
        conclusion=record.conclusion,
        incomplete=record.incomplete,
        overrides=[override_json(each) for each in record.overrides] or None,
        hips=[hip_json(hip) for hip in record.hips],
    )
    return {"schema_version": max(record.schema_version, version_of(said)), **said}


def override_json(override: HeaderOverride) -> Json:
    """An override as in a record."""
    return _given(
        image=override.sop_instance_uid or None,
        side=override.side and override.side.value,
        view=override.view and override.view.value,
        orientation=override.orientation and list(override.orientation),
        reason=override.reason,
    )


def written(record: Record, name: str) -> Json:
    """A record that was built from values, as plain ones; RecordRefused for values of wrong types."""
    if not all(isinstance(hip, Hip) for hip in record.hips):
        raise _wrong(name, "its hips are not all a Hip")
    try:
        return record_json(record)
    except (AttributeError, TypeError, ValueError) as error:
        raise _wrong(name, str(error)) from None


def _wrong(name: str, problem: str) -> RecordRefused:
    remedy = "build it from the types of hosr: hosr.Side.RIGHT, hosr.Length(mm=8.2)"
    return RecordRefused(Fault(name, f"holds a value of the wrong type ({problem})", remedy))


def _given(**values: Any) -> Json:
    """What there is to say: no key for None, "" or an empty object."""
    return {key: value for key, value in values.items() if value not in (None, "", {})}


def _observer(observer: Observer) -> Json:
    if isinstance(observer, Person):
        return _given(type="person", name=observer.name, organization=observer.organization)
    return _given(
        type="algorithm",
        name=observer.name,
        version=observer.version,
        manufacturer=observer.manufacturer,
        device_uid=observer.device_uid,
        parameters=dict(observer.parameters),
    )


def _context(context: Context) -> Json:
    first, *other = map(_event, context.events) if context.events else (None,)
    return _given(
        indication=context.indication,
        causes=[cause.value for cause in context.causes] or None,
        symptoms=[symptom.value for symptom in context.symptoms] or None,
        index_event=None if other else first,
        index_events=[first, *other] if other else None,
    )


def _event(event: IndexEvent) -> Json:
    return _given(
        procedure=event.procedure.value,
        side=event.side and event.side.value,
        date=event.date and event.date.isoformat(),
    )


def hip_json(hip: Hip) -> Json:
    """A hip as in a record."""
    spurs = {"pelvis": hip.spurs.pelvis, "femur": hip.spurs.femur}
    return {
        "side": hip.side.value,
        "evaluable": hip.evaluable,
        **_given(
            not_evaluable_reason=hip.not_evaluable_reason,
            presence=hip.presence and hip.presence.value,
            islands=None if hip.islands is None else [_island(island) for island in hip.islands],
            spurs=None if set(spurs.values()) == {None} else spurs,
            gap=hip.gap and _length(hip.gap),
            gap_lateral=hip.gap_lateral and _length(hip.gap_lateral),
            bridging=hip.bridging and hip.bridging.value,
            bridging_basis=hip.bridging_basis and hip.bridging_basis.value,
            site=[site.value for site in hip.sites] or None,
            hardware_nearby=hip.hardware_nearby,
            mass=hip.mass and _mass(hip.mass),
            boundary=hip.boundary and _boundary(hip.boundary),
            candidates=[_candidate(each) for each in hip.candidates] or None,
            outlines=[_outline(each) for each in hip.outlines] or None,
            stage=hip.stage and hip.stage.value,
            features=list(hip.features) or None,
            grades={scale: written_grades(grades) for scale, grades in hip.source_grades},
            probabilities={
                each.scale: dict(each.scores) for each in hip.probabilities if not each.cumulative
            },
            cumulative={
                each.scale: dict(each.cumulative) for each in hip.probabilities if each.cumulative
            },
            calibration=hip.calibration and _calibration(hip.calibration),
            **(_place(hip.place) if hip.place else {}),
            comment=hip.comment,
        ),
    }


def _boundary(boundary: Boundary) -> Json:
    is_usual = boundary.sd_mm is not None and not boundary.sd_is_stated
    return _given(
        basis=boundary.basis.value,
        sd_mm=boundary.sd_mm,
        sd_stated=False if is_usual else None,
        cell_mm=list(boundary.cell_mm) or None,
        level=boundary.level,
    )


def _candidate(candidate: Candidate) -> Json:
    return _given(
        between=[structure.value for structure in candidate.between],
        length=_length(candidate.length),
        why=candidate.why.value,
        level=candidate.level,
    )


def _outline(outline: Outline) -> Json:
    return {"structure": outline.structure.value, **_region(outline.polygon)}


def _mass(mass: Mass) -> Json:
    return _given(
        sizes_mm=list(mass.sizes_mm) or None, contrast=mass.contrast and mass.contrast.value
    )


def _island(island: Island) -> Json:
    return _given(
        length=island.length and _length(island.length),
        region=island.region and _region(island.region),
        site=[site.value for site in island.sites] or None,
    )


def _region(region: Polygon) -> Json:
    return {"polygon": _points(*region.corners), **_place(region.place)}


def _calibration(calibration: Calibration) -> Json:
    return {**_line(calibration.line), "true_mm": calibration.true_mm}


def _length(length: Length) -> Json:
    """A marked length is measured again when it is read, so that its plane is not stated."""
    category = length.gap_class and length.gap_class.value
    if length.segment is not None:
        return {
            **_segment(length.segment, length.line),
            **_given(category=category, uncertainty_mm=length.uncertainty_mm),
        }
    if length.line is None:
        default = length.plane if length.mm is None else Plane.UNSTATED
        form = _given(mm=length.mm, category=category)
    else:
        default = length.plane if length.mm is not None else Plane.UNKNOWN
        form = {**_line(length.line), **_given(category=category)}
    plane = None if length.plane is default else length.plane.value
    return {**form, **_given(plane=plane, uncertainty_mm=length.uncertainty_mm)}


def _segment(segment: Segment, line: Line | None) -> Json:
    """Points in space with the slice that shows them."""
    shown_on = segment.place if line is None else line.place
    return {
        "points_mm": _points(segment.start_mm, segment.end_mm),
        "frame_of_reference_uid": segment.frame_of_reference_uid,
        **({} if shown_on is None else _place(shown_on)),
    }


def _line(line: Line) -> Json:
    points = {"points": _points(line.start, line.end)}
    if line.end_place is None:
        return {**points, **_place(line.place)}
    uids = (line.place.sop_instance_uid, line.end_place.sop_instance_uid)
    frames = (line.place.frame, line.end_place.frame)
    return {
        **points,
        **_given(
            image=(uids[0] if uids[0] == uids[1] else list(uids)),
            frame=(frames[0] if frames[0] == frames[1] else list(frames)),
        ),
    }


def _place(place: Place) -> Json:
    return _given(image=place.sop_instance_uid, frame=place.frame)


def _points(*points: tuple[float, ...]) -> list[list[float]]:
    return [[shortest_decimal(value) for value in point] for point in points]


def shortest_decimal(value: float) -> float:
    """A coordinate in no more digits than tell its 32-bit number: 132.8 for 132.8000030517578.

    Nine digits tell every one of them (IEEE 754-2019, 5.12.2).
    """
    for digits in range(1, 9):
        rounded = float(f"{value:.{digits}g}")
        # What would round past the largest number is no coordinate of an image or a patient.
        if abs(rounded) < _FAR and to_graphic_precision(rounded) == value:
            return rounded
    return float(f"{value:.9g}")
