"""Reports of drafts on their way to an archive: put into the outbox, as `hosr send` does with a folder.

What is sent is noted with its draft first. A report that was signed of it, or of a draft that follows it,
takes its place: receivers know both as one report.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.dicom.elements import peek
from hosr.drafts import Sent
from hosr.errors import Unencodable
from hosr.folder import write_folder
from hosr.outbox.message_folders import MESSAGE_FILES, read_folders
from hosr.outputs import DEFAULT_OUTPUTS, Made, OutputName, choose_outputs, make_files
from hosr.scratch import private_folder
from hosr.sr.measurement import content_key, measurement_instance
from hosr.sr.receivers import Options
from hosr.study import Instance
from hosr.templating.sources import Wording
from hosr.watch.events import Event, Kind, Tell, tell_faults

if TYPE_CHECKING:
    from hosr.archive.addresses import Destination
    from hosr.messages import MessageForm
    from hosr.outbox import Outbox
    from hosr.pipeline import Outcome
    from hosr.status import Preliminaries

_SERIES, _SOP_CLASS, _SOP_INSTANCE = 0x0020000E, 0x00080016, 0x00080018
_NARRATIVE = "narrative.dcm"


def outputs_for(destination: Destination) -> tuple[OutputName, ...]:
    """What of a report goes to a destination: DICOM objects, or a message."""
    message = MESSAGE_FILES.get((type(destination.address), destination.release))
    return DEFAULT_OUTPUTS if message is None else choose_outputs([message.made_by])


@dataclass(frozen=True, slots=True, kw_only=True)
class SentForm:
    """In which form reports are sent: that of their structured reports, their words, their message."""

    options: Options = Options()  # noqa: RUF009 (frozen)
    wording: Wording = Wording()  # noqa: RUF009 (frozen)
    message_form: MessageForm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A report to be sent: what is noted of it, and its files."""

    sent: Sent
    files: tuple[Made, ...] = field(repr=False)


class Sender:
    """Puts reports into an outbox for one destination."""

    def __init__(
        self, outbox: Outbox, destination: Destination, form: SentForm, tell: Tell
    ) -> None:
        self._outbox, self._destination = outbox, destination
        self._outputs, self._form, self._tell = outputs_for(destination), form, tell

    def prepare(
        self, outcome: Outcome, before: Preliminaries | None, *, follows_signed: bool
    ) -> Prepared | None:
        """The report of a draft, in the place of those that were sent `before`; None where it is not sent.

        That is told: it has no valid form for this destination, or is a message on a study of which a draft
        before it is signed. Who receives messages keeps one report, and what is signed of that stays.
        """
        if follows_signed and self._outputs != DEFAULT_OUTPUTS:
            self._tell_unsent("a draft before it is signed")
            return None
        report, options = outcome.report, self._form.options
        key = content_key(report, options)
        if before is not None:
            before = replace(before, tracked_as=before.tracked_as or key)
            report = replace(report, preliminaries=before)
        try:
            made = make_files(
                replace(outcome, report=report),
                self._outputs,
                options,
                self._form.wording,
                self._form.message_form,
            )
        except Unencodable as error:
            self._tell_unsent(tell_faults(error.faults))
            return None
        measurement = measurement_instance(content_key(report, options), options)
        sent = Sent(
            documents=(measurement, *map(_instance_of, filter(_is_narrative, made))),
            tracked_as=report.tracked_as(key),
            follows=report.predecessors,
        )
        return Prepared(sent=sent, files=made)

    def put(self, prepared: Prepared) -> None:
        """Put the files of a report into the outbox; they are on the disk then.

        Raises `UsageError` where the outbox cannot be written.
        """
        with private_folder() as folder:
            place = Path(folder, "report")
            write_folder({each.name: each.data for each in prepared.files}, place)
            for report in read_folders([place], self._destination):
                self._outbox.enqueue(
                    report.files,
                    self._destination.name,
                    report.report,
                    address=str(self._destination.address),
                )

    def _tell_unsent(self, why: str) -> None:
        name, words = self._destination.name, f"a draft is not sent: {why}"
        self._tell(Event(kind=Kind.ALERT, subject=name, words=words))


def _is_narrative(made: Made) -> bool:
    return made.name == _NARRATIVE


def _instance_of(made: Made) -> Instance:
    header = peek(made.data, (_SERIES, _SOP_CLASS, _SOP_INSTANCE))
    return Instance(
        series_instance_uid=header.text(_SERIES),
        sop_class_uid=header.text(_SOP_CLASS),
        sop_instance_uid=header.text(_SOP_INSTANCE),
    )
