"""The flow on one page: record and images in, the files of one report out.

    read_record + read_images -> match -> assemble -> Report -> measurement, narrative, text

Everything is built in memory first; files are written last, all or none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hosr import __version__
from hosr.errors import HosrError, RecordRefused
from hosr.findings import Hip
from hosr.intake.choosing import Recorded, choose, read_records
from hosr.intake.images import Note, SourceImages, read_images
from hosr.intake.matching import match
from hosr.intake.record import Record, record_json
from hosr.report import GradedHip, Reading, Report, assemble, grade_reading, grading_json
from hosr.sr.profiles import Options
from hosr.vocabulary.features import FEATURES, Stage
from hosr.vocabulary.terms import VIEW_MODALITIES, ImagingModality, View

__all__ = [
    "OUTPUTS",
    "Made",
    "Outcome",
    "find_refusals",
    "grade_record",
    "is_unmeasured",
    "make_files",
    "make_report",
    "report_record",
]

OUTPUTS = ("measurement", "narrative", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A report, and what was tolerated on the way to it."""

    report: Report
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One file to be written."""

    name: str
    data: bytes
    sop_class_uid: str = ""
    sop_instance_uid: str = ""


def make_report(record: Record, images: SourceImages) -> Outcome:
    """The report of a record on its images."""
    matched = match(record, images)
    return Outcome(
        report=assemble(matched.subject, matched.reading),
        notes=(*images.notes, *matched.notes),
    )


def grade_record(record: Record) -> tuple[GradedHip, ...]:
    """The grades of a record without its images: a gap that was only marked is not measured.

    Raises `RecordRefused` with every contradiction.
    """
    reading = Reading(
        observer=record.observer,
        graded_at=record.graded_at,
        view=_presumed_view(record),
        context=record.context,
        hips=record.hips,
    )
    graded, faults = grade_reading(reading)
    if faults:
        raise RecordRefused(faults)
    return graded


def _presumed_view(record: Record) -> View:
    """The view of the record; where it leaves that to the images, what its words belong to."""
    if record.view is not None:
        return record.view
    families = {FEATURES[key].modality for hip in record.hips for key in hip.features}
    if any(hip.stage is Stage.DELAYED for hip in record.hips):
        families.add(ImagingModality.MR)
    for view in (View.MR, View.CT):
        if VIEW_MODALITIES[view] in families:
            return view
    return View.AP_PELVIS


def is_unmeasured(hip: Hip) -> bool:
    """Whether a length of the hip was marked by points and has no millimetres yet."""
    islands = [island.length for island in hip.islands or ()]
    lengths = [length for length in (hip.gap, hip.gap_lateral, *islands) if length is not None]
    return any(length.line is not None and length.mm is None for length in lengths)


def find_refusals(
    record: Path, images: Sequence[Path] = (), assume_charset: str | None = None
) -> list[HosrError]:
    """Every refusal: of the record and the images on their own, then of both together."""
    refusals: list[HosrError] = []
    records: tuple[Recorded, ...] = ()
    source: SourceImages | None = None
    with _collected(refusals):
        records = read_records(record)
    if images:
        with _collected(refusals):
            source = read_images(images, assume_charset)
    for recorded in records:
        with _collected(refusals), recorded.located():
            grade_record(recorded.record)
    if records and source is not None:
        with _collected(refusals):
            chosen = choose(records, source, record.name)
            with chosen.located():
                make_report(chosen.record, source)
    return refusals


@contextmanager
def _collected(refusals: list[HosrError]) -> Iterator[None]:
    try:
        yield
    except HosrError as error:
        refusals.append(error)


def make_files(
    outcome: Outcome, outputs: Iterable[str] = OUTPUTS, options: Options | None = None
) -> tuple[Made, ...]:
    """The files of a report, the manifest last."""
    chosen = [name for name in OUTPUTS if name in set(outputs)]
    options = options or Options()
    files = [_MAKERS[name](outcome.report, options) for name in chosen]
    return (*files, _manifest(outcome, files, options))


def report_record(report: Report) -> dict[str, Any]:
    """The record that makes this report again, from the same images."""
    return record_json(
        graded_at=report.graded_at,
        study_instance_uid=report.subject.study.study_instance_uid,
        patient_id=report.subject.patient.patient_id or None,
        accession_number=report.subject.study.accession_number or None,
        observer=report.observer,
        context=report.context,
        view=report.view,
        hips=[graded.hip for graded in report.hips],
    )


def _measurement(report: Report, options: Options) -> Made:
    from hosr.sr import encode
    from hosr.sr.measurement import measurement_instance

    instance = measurement_instance(report, options)
    return Made(
        name="measurement.dcm",
        data=encode(report, options),
        sop_class_uid=instance.sop_class_uid,
        sop_instance_uid=instance.sop_instance_uid,
    )


def _narrative(report: Report, options: Options) -> Made:
    from hosr.narrative import compose_sections
    from hosr.narrative.layout import wrap
    from hosr.sr import encode_narrative
    from hosr.sr.narrative import narrative_instance

    # OHIF prints each paragraph in one line and cuts it off at the edge, unless it is broken.
    sections = tuple(
        (section.key, tuple(wrap(text).replace("\n", "\r\n") for text in section.paragraphs))
        for section in compose_sections(report)
    )
    instance = narrative_instance(report, sections, options)
    return Made(
        name="narrative.dcm",
        data=encode_narrative(report, sections, options),
        sop_class_uid=instance.sop_class_uid,
        sop_instance_uid=instance.sop_instance_uid,
    )


def _text(report: Report, _: Options) -> Made:
    from hosr.narrative import render_text

    return Made(name="report.txt", data=render_text(report).encode())


_MAKERS = {"measurement": _measurement, "narrative": _narrative, "text": _text}


def _manifest(outcome: Outcome, files: list[Made], options: Options) -> Made:
    """What was made, of what grade, and what was tolerated: for programs."""
    content = {
        "hosr_version": __version__,
        "study_instance_uid": outcome.report.subject.study.study_instance_uid,
        "profile": options.profile,
        "terminology": options.terminology,
        "hydrate": options.hydrate,
        "status": {
            "completion": "COMPLETE",
            "verification": "UNVERIFIED",
            "preliminary": "PRELIMINARY",
        },
        "files": [_entry(made) for made in files],
        **grading_json(outcome.report.hips),
        "tolerated": [{"path": n.path, "problem": n.problem} for n in outcome.notes],
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    return Made(name="manifest.json", data=text.encode())


def _entry(made: Made) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": made.name}
    if made.sop_instance_uid:
        entry["sop_class_uid"] = made.sop_class_uid
        entry["sop_instance_uid"] = made.sop_instance_uid
    return {**entry, "sha256": hashlib.sha256(made.data).hexdigest(), "bytes": len(made.data)}
