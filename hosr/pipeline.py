"""The flow on one page: record and images in, the files of one report out.

    read_record + read_images -> match -> assemble -> Report -> the files of `outputs`

Everything is built in memory first; files are written last, all or none. A door that takes a record in
passes the time by its clock (`now`): a record of later than that is refused. None asks no clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from hosr.errors import Fault, HosrError, RecordRefused
from hosr.findings import Hip
from hosr.intake.images import NamedStudies, Note, SourceImages
from hosr.intake.matching import match, note_identity, note_missing_codes, require_identity
from hosr.intake.own_words import note_words
from hosr.intake.record import Record, RecordSource, record_json
from hosr.intake.record_selection import (
    Recorded,
    choose,
    name_records,
    named_studies,
    read_records,
)
from hosr.intake.reported_images import match_reported
from hosr.report import GradedHip, Reading, Report, assemble, grade_reading
from hosr.vocabulary.terms import FEATURES, VIEW_MODALITIES, ImagingModality, Stage, View


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierImage:
    """The key image of a hip in the earlier report that it is compared with.

    `report` is that report with this hip alone; `open_image` opens its image by SOP Instance UID.
    """

    report: Report
    open_image: Callable[[str], BinaryIO]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A report, the way to the files of its images by SOP Instance UID, and what was tolerated.

    A file that is opened is read no further than it is asked for. Without images (`has_images`) there
    is none to open. `earlier_images` are those of earlier reports that pages show beside its own.
    """

    report: Report
    read_image: Callable[[str], bytes]
    open_image: Callable[[str], BinaryIO]
    notes: tuple[Note, ...]
    has_images: bool = True
    earlier_images: tuple[EarlierImage, ...] = ()


def make_report(
    record: Record,
    images: SourceImages,
    *,
    identified: bool = False,
    now: dt.datetime | None = None,
) -> Outcome:
    """The report of a record on its images; where it must be `identified`, of one that names them."""
    if identified:
        require_identity(record)
    matched = match(record, images)
    report = assemble(matched.subject, matched.reading, now)
    return Outcome(
        report=report,
        read_image=images.read_file,
        open_image=images.open_file,
        notes=(*images.notes, *matched.notes, *note_words(report)),
    )


def remake_report(record: Record, report: Report, *, now: dt.datetime | None = None) -> Report:
    """The report of another record on the images of this one, which are not at hand.

    Raises `RecordRefused` where the record needs them, and as `make_report`.
    """
    matched = match_reported(record, report)
    return assemble(matched.subject, matched.reading, now)


def grade_record(record: Record, *, now: dt.datetime | None = None) -> tuple[GradedHip, ...]:
    """The grades of a record without its images: a gap that was only marked is not measured.

    Raises `RecordRefused` with every contradiction.
    """
    reading = Reading(
        observer=record.observer,
        graded_at=record.graded_at,
        view=_presumed_view(record),
        context=record.context,
        hips=record.hips,
        conclusion=record.conclusion,
        incomplete=record.incomplete,
    )
    graded, faults = grade_reading(reading, record.study_date, now=now)
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
    if any(length.segment for hip in record.hips for length in hip.lengths):
        families.add(ImagingModality.CT)
    for view in (View.MR, View.CT):
        if VIEW_MODALITIES[view] in families:
            return view
    return View.AP_PELVIS


def is_unmeasured(hip: Hip) -> bool:
    """Whether a length of the hip was marked by points and has no millimetres yet."""
    return any(length.line is not None and length.mm is None for length in hip.lengths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found in a record and its images: every refusal, and what would be tolerated."""

    refusals: tuple[HosrError, ...]
    notes: tuple[Note, ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault once."""
        return tuple(dict.fromkeys(fault for error in self.refusals for fault in error.faults))


def check(
    record: RecordSource,
    read: Callable[[NamedStudies], SourceImages] | None,
    write: Callable[[Outcome], Iterable[Note]],
    *,
    identified: bool = False,
    compare: Callable[[Outcome], Outcome] | None = None,
    now: dt.datetime | None = None,
) -> Checked:
    """What is wrong with the record and the images on their own, then with both together.

    `read` is given what the records say of their study. `compare` sets the report against earlier ones,
    `write` is tried on it, and gives what is to be noted then. A record that names nothing of its images is refused where it
    must be `identified`, else noted.
    """
    refusals: list[HosrError] = []
    notes: list[Note] = []
    records: tuple[Recorded, ...] = ()
    source: SourceImages | None = None
    with _collected(refusals):
        records = read_records(record)
    if read is not None:
        with _collected(refusals):
            source = read(named_studies(records))
    for recorded in records:
        with _collected(refusals), recorded.located():
            grade_record(recorded.record, now=now)
        notes += note_missing_codes(recorded.record, recorded.path)
        with _collected(refusals), recorded.located():
            if identified:
                require_identity(recorded.record)
            else:
                notes += note_identity(recorded.record, f"{recorded.path}.study")
    if source is not None:
        notes += source.notes
        with _collected(refusals):
            if records:
                chosen = choose(records, source, name_records(record))
                with chosen.located():
                    outcome = make_report(chosen.record, source, now=now)
                outcome = outcome if compare is None else compare(outcome)
                notes += outcome.notes
                notes += write(outcome)
    return Checked(refusals=tuple(refusals), notes=tuple(dict.fromkeys(notes)))


@contextmanager
def _collected(refusals: list[HosrError]) -> Iterator[None]:
    try:
        yield
    except HosrError as error:
        refusals.append(error)


def report_record(report: Report) -> dict[str, Any]:
    """The record that makes this report again, from the same images."""
    record = Record(
        graded_at=report.graded_at,
        study_instance_uid=report.subject.study.study_instance_uid,
        patient_id=report.subject.patient.patient_id or None,
        accession_number=report.subject.study.accession_number or None,
        observer=report.observer,
        context=report.context,
        view=report.view,
        hips=tuple(graded.hip for graded in report.hips),
        conclusion=report.conclusion,
        incomplete=report.incomplete,
        overrides=report.overrides,
    )
    return record_json(record)
