"""What the resources of a bundle have in common: the report, and the entries that they refer to."""

from __future__ import annotations

from dataclasses import dataclass

from hosr.messages.fhir.actors import Actors, find_actors
from hosr.messages.fhir.elements import Json, Release, given, instant, study_moment
from hosr.messages.fhir.entries import Entry
from hosr.messages.fhir.study import (
    order_entry,
    patient_criteria,
    patient_reference,
    study_entry,
)
from hosr.messages.message_form import MessageForm
from hosr.report import Report
from hosr.study import Instance


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A report with the entries that most others of its bundle refer to.

    `document` is the measurement report of this version, or the note that withdraws the report, and
    `replaced` the UID of the one that it takes the place of, "" for a draft; `tracked_as` is what is
    the same in all versions, the content key of the draft; `patient` is the search for the patient.
    """

    report: Report
    release: Release
    document: Instance
    replaced: str
    tracked_as: str
    patient: str
    actors: Actors
    order: Entry | None
    study: Entry

    @property
    def subject(self) -> Json:
        """The patient."""
        return patient_reference(self.patient)

    @property
    def is_updated(self) -> bool:
        """Whether this version takes the place of what a server has of the report.

        A first draft never does: one that comes late finds a signed one there. One that follows drafts
        which were sent takes their place; before it is sent, the server is asked for what is signed.
        """
        return bool(self.report.predecessors) or self.report.withdrawal is not None

    @property
    def issued(self) -> str:
        """When this version was made: graded, signed, added to, or withdrawn."""
        return instant(self.report.stated_at)

    @property
    def circumstances(self) -> Json:
        """What observations and the report say alike of whom, when and by whom."""
        performers = [
            entry.reference() for someone in self.actors.responsible for entry in someone.entries
        ]
        return given(
            basedOn=[self.order.reference()] if self.order else [],
            subject=self.subject,
            effectiveDateTime=study_moment(self.report.subject.study),
            issued=self.issued,
            performer=list({each["reference"]: each for each in performers}.values()),
        )

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries that others refer to."""
        order = () if self.order is None else (self.order,)
        return (*self.actors.entries, *order, self.study)


def share(
    report: Report,
    release: Release,
    document: Instance,
    replaced: str,
    tracked_as: str,
    form: MessageForm,
) -> Shared:
    """What the bundle of this report has in common. Raises `Unencodable` for one of nobody."""
    patient = patient_criteria(report.subject.patient, form)
    order = order_entry(report, patient, release)
    return Shared(
        report=report,
        release=release,
        document=document,
        replaced=replaced,
        tracked_as=tracked_as,
        patient=patient,
        actors=find_actors(report, release),
        order=order,
        study=study_entry(report, patient, order, release),
    )
