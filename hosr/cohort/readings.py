"""What one observer said of one hip in one study: from a report, or from a record without images.

One reader is a person by name, or a model by name, version and how it was set up.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hosr.cohort.columns import Row, empty_row
from hosr.findings import Algorithm, Hip, IndexEvent, Length, Observer, Person
from hosr.report import GradedHip, Report
from hosr.scales import SCALES
from hosr.scales.crosswalk import della_valle_by_brooker
from hosr.study import Patient, read_date
from hosr.vocabulary.terms import VIEW_MODALITIES, ImagingModality, View

if TYPE_CHECKING:
    from hosr.intake.record import Record


_MODALITIES = {ImagingModality.CT: "CT", ImagingModality.MR: "MR"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HipReading:
    """One hip of one study as one observer graded it; `cells` are what follows from it alone.

    `place` is where it was read; `index_event` is that of this hip, where the source states one.
    """

    place: str = field(repr=False, compare=False)
    patient: Patient
    study_id: str
    study_date: dt.date | None
    observer: Observer
    graded_at: dt.datetime
    index_event: IndexEvent | None
    cells: Row = field(repr=False)

    @property
    def side(self) -> str:
        """Right or left."""
        return str(self.cells["hip_side"])


def read_report(report: Report, sop_instance_uid: str | None, place: str) -> tuple[HipReading, ...]:
    """The hips of a report; `sop_instance_uid` is that of the file at this place, if it is one."""
    images = report.subject.images
    cells = {
        "modality": _joined(sorted({image.modality for image in images})),
        "view": report.view.value,
        "n_views": len(images),
        "image_sop_uids": _joined(sorted(image.instance.sop_instance_uid for image in images)),
        "sr_sop_instance_uid": sop_instance_uid,
    }
    study_date = read_date(report.subject.study.date)
    return tuple(
        HipReading(
            place=place,
            patient=report.subject.patient,
            study_id=report.subject.study.study_instance_uid,
            study_date=study_date,
            observer=report.observer,
            graded_at=report.graded_at,
            index_event=report.context.event_of(graded.hip.side),
            cells={**empty_row(), **cells, **_hip_cells(graded)},
        )
        for graded in report.hips
    )


def read_table_record(
    record: Record, hips: tuple[GradedHip, ...], name: str, place: str
) -> tuple[HipReading, ...]:
    """The hips of a record that was graded without images; `name` is its id in the table.

    What only image headers tell stays unknown: who was imaged beyond the patient ID that the record
    asserts, and the date of the study where the record does not say it.
    """
    view = record.view
    cells = {} if view is None else {"view": view.value, "modality": _modality(view)}
    return tuple(
        HipReading(
            place=place,
            patient=Patient(patient_id=record.patient_id or ""),
            study_id=record.study_instance_uid or name,
            study_date=record.study_date,
            observer=record.observer,
            graded_at=record.graded_at,
            index_event=record.context.event_of(graded.hip.side),
            cells={**empty_row(), **cells, **_hip_cells(graded)},
        )
        for graded in hips
    )


def _modality(view: View) -> str | None:
    """The modality that a view is of; a radiograph may be any of several."""
    return _MODALITIES.get(VIEW_MODALITIES[view])


def _hip_cells(graded: GradedHip) -> Row:
    hip = graded.hip
    islands = [island.length for island in hip.islands or () if island.length is not None]
    longest = max((i for i in islands if i.mm is not None), key=_mm, default=None)
    return {
        "hip_side": hip.side.value,
        "evaluable": hip.evaluable,
        "reason": hip.not_evaluable_reason or None,
        "presence": _value(hip.presence),
        "island_count": None if hip.islands is None else len(hip.islands),
        "largest_island_mm": None if longest is None else longest.mm,
        "spur_pelvis": hip.spurs.pelvis,
        "spur_femur": hip.spurs.femur,
        **_gap_cells(hip.gap),
        "bridging": _value(hip.bridging),
        "bridging_basis": _value(hip.bridging_basis),
        "stage": _value(hip.stage),
        "ho_site": _joined(site.value for site in hip.sites),
        "mass_largest_mm": None if hip.mass is None else max(hip.mass.sizes_mm, default=None),
        "mass_contrast": None if hip.mass is None else _value(hip.mass.contrast),
        "hardware_nearby": hip.hardware_nearby,
        "features": _joined(hip.features),
        "calibration_label": _calibration(hip.gap) or _calibration(longest),
        **_grade_cells(graded),
        **_probability_cells(hip),
        "flags": _joined(flag.value for flag in graded.flags),
    }


def _mm(length: Length) -> float:
    return length.mm or 0.0


def _gap_cells(gap: Length | None) -> Row:
    if gap is None:
        return {}
    return {
        "gap_mm": gap.mm,
        "gap_u_mm": gap.uncertainty_mm,
        "gap_category": _value(gap.gap_class),
        "gap_plane": None if gap.mm is None else gap.plane.value,
    }


def _calibration(length: Length | None) -> str | None:
    if length is None or (length.mm is None and length.line is None):
        return None
    return length.basis.value


def _grade_cells(graded: GradedHip) -> Row:
    cells = {}
    for scale in ("brooker", "della_valle"):
        grade = graded.grade(scale)
        if grade is not None:
            cells[f"{scale}_source"] = _joined(grade.source)
            cells[f"{scale}_derived"] = graded.derived(grade)
            cells[f"{scale}_possible"] = _joined(grade.possible)
            cells[scale] = grade.grade
    brooker = graded.grade("brooker")
    if brooker is not None:
        cells["della_valle_by_brooker"] = _joined(della_valle_by_brooker(brooker.stated))
    return cells


def _probability_cells(hip: Hip) -> Row:
    given = {each.scale: dict(each.scores) for each in hip.probabilities}.get("brooker", {})
    return {f"p_brooker_{grade}": given.get(grade) for grade in SCALES["brooker"].grades}


def _joined(words: Iterable[str]) -> str | None:
    return "|".join(words) or None


def _value(word: Any) -> str | None:
    return None if word is None else str(word.value)


def name_readers(observers: Iterable[Observer]) -> dict[Observer, str]:
    """A name for each observer; those of one name are one reader.

    Persons of one name are one, unless two organizations are named; models that differ in
    anything beyond name and version are told apart by a number.
    """
    given = set(observers)
    persons = [observer for observer in given if isinstance(observer, Person)]
    models = [observer for observer in given if isinstance(observer, Algorithm)]
    return {**_name_persons(persons), **_name_models(models)}


def _name_persons(persons: Iterable[Person]) -> dict[Observer, str]:
    alike: dict[str, list[Person]] = defaultdict(list)
    for person in persons:
        alike[_name(person).casefold()].append(person)
    names: dict[Observer, str] = {}
    for group in alike.values():
        name = min(_name(person) for person in group)
        organizations = {_folded(p.organization): p.organization for p in group if p.organization}
        for person in group:
            organization = organizations.get(_folded(person.organization))
            is_told_apart = len(organizations) > 1 and organization is not None
            names[person] = f"{name} ({organization})" if is_told_apart else name
    return names


def _name(person: Person) -> str:
    return plain_name(person.name) or "unnamed"


def plain_name(name: str) -> str:
    """The name in its first form that is filled in, without empty components at its end."""
    groups = (group.rstrip("^ ") for group in name.split("="))
    return " ".join(next(filter(None, groups), "").split())


def _folded(organization: str) -> str:
    return " ".join(organization.casefold().split())


def _name_models(models: Iterable[Algorithm]) -> dict[Observer, str]:
    alike: dict[str, list[Algorithm]] = defaultdict(list)
    for model in models:
        alike[" ".join(f"{model.name} {model.version}".split())].append(model)
    names: dict[Observer, str] = {}
    for name, group in alike.items():
        in_order = sorted(group, key=repr)
        for number, model in enumerate(in_order, start=1):
            names[model] = name if len(group) == 1 else f"{name} [{number}]"
    return names
