"""Reports of drafts on their way to an archive: put into the outbox, as `hosr send` does with a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hosr.archive.addresses import Destination
from hosr.errors import Unencodable
from hosr.folder import write_folder
from hosr.outbox import Outbox
from hosr.outbox.message_folders import MESSAGE_FILES, read_folders
from hosr.outputs import DEFAULT_OUTPUTS, OutputName, choose_outputs, make_files
from hosr.scratch import private_folder
from hosr.sr.receivers import Options
from hosr.templating.sources import Wording
from hosr.watch.events import Event, Kind, Tell, tell_faults

if TYPE_CHECKING:
    from hosr.messages import MessageForm
    from hosr.pipeline import Outcome


def outputs_for(destination: Destination) -> tuple[OutputName, ...]:
    """What of a report goes to a destination: DICOM objects, or a message."""
    message = MESSAGE_FILES.get((type(destination.address), destination.release))
    return DEFAULT_OUTPUTS if message is None else choose_outputs([message.made_by])


class Sender:
    """Puts reports into an outbox for one destination."""

    def __init__(
        self,
        outbox: Outbox,
        destination: Destination,
        outputs: tuple[OutputName, ...],
        form: MessageForm | None,
        tell: Tell,
    ) -> None:
        self._outbox, self._destination = outbox, destination
        self._outputs, self._form, self._tell = outputs, form, tell

    def put(self, outcome: Outcome) -> None:
        """Put the files of a report into the outbox; they are on the disk then.

        What has no valid form for this destination is told. Raises `UsageError` where the outbox cannot be
        written.
        """
        try:
            made = make_files(outcome, self._outputs, Options(), Wording(), self._form)
        except Unencodable as error:
            words = f"a draft is not sent: {tell_faults(error.faults)}"
            self._tell(Event(kind=Kind.ALERT, subject=self._destination.name, words=words))
            return
        with private_folder() as folder:
            place = Path(folder, "report")
            write_folder({each.name: each.data for each in made}, place)
            for report in read_folders([place], self._destination):
                self._outbox.enqueue(
                    report.files,
                    self._destination.name,
                    report.report,
                    address=str(self._destination.address),
                )
