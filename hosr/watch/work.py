"""One result, from where it lies to its draft: what it says, its images, its record, and its place after."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.annotations.authorship import Author
from hosr.annotations.labels import Labels
from hosr.errors import ArchiveError, Fault, ImagesRefused, RecordRefused, UsageError
from hosr.findings import Person
from hosr.image_index.index import ImageIndex, StudyImages
from hosr.intake.images.values import label
from hosr.phrases import several
from hosr.watch.archived_images import Archives
from hosr.watch.drafting import Charset, Drafted, Drafter
from hosr.watch.events import Event, Kind, Tell
from hosr.watch.inbox import Inbox, Lying, obstacle, reason_text
from hosr.watch.memory import Memory
from hosr.watch.predecessors import Predecessors
from hosr.watch.results import Read, Result, examine, files_in, read_on_images

if TYPE_CHECKING:
    from hosr.intake.images import SourceImages

# An archive that has not all images of a result is asked again after this time, then after twice as long.
_FIRST_ASK_S, _LONGEST_ASK_S = 15.0, 300.0
# By how much the clock of a maker may be ahead of that of this machine.
_CLOCKS_DIFFER_S = 300.0
_CLOCK_AGAIN_S = 30.0
# An archive that could not be asked for the report that a viewer redrew is asked again after this time.
_REPORT_AGAIN_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is watched and how: waits are in seconds.

    `images` are files and folders, `archives` names or addresses of those to be asked where these do not
    do. `labels` are for results that bring none. `drawer` is who draws in the viewer, for lines that name
    nobody. `timezone` is that of times without an offset from UTC;
    with `has_file_times` a result that says no time was made when its file was written. With `once` what is
    there is worked off, and that is all.
    """

    inbox: Path
    labels: Labels = field(default_factory=Labels)
    drawer: Person | None = None
    images: tuple[Path, ...] = ()
    archives: tuple[str, ...] = ()
    timezone: dt.tzinfo | None = None
    has_file_times: bool = False
    charset: Charset = field(default_factory=Charset)
    patience_s: float = 3600.0
    quiet_s: float = 5.0
    once: bool = False


class NotYet(Exception):
    """A result whose images are still coming, or have just changed: it is looked at again soon."""


class Waits(Exception):
    """A result that is neither refused nor ready: its words say for what it waits.

    `again_s` is after which time it is looked at again, where nothing tells that it may be ready.
    """

    def __init__(self, words: str, again_s: float = 0.0) -> None:
        super().__init__(words)
        self.again_s = again_s


@dataclass(slots=True, kw_only=True)
class Asked:
    """What is known of a result that lies there, and when archives may be asked for its images again.

    `lacking` is what it waited for in a `round` of the index, `words` why an archive could not be asked,
    `fetched` how many images the last one gave.
    """

    result: Result | None = None
    lacking: str = ""
    round: int = 0
    due_s: float = float("-inf")
    wait_s: float = _FIRST_ASK_S
    words: str = ""
    fetched: int = 0


@dataclass(slots=True, kw_only=True)
class Work:
    """Works off single results of an inbox."""

    settings: Settings
    inbox: Inbox
    index: ImageIndex
    drafter: Drafter
    archives: Archives
    reports: Predecessors
    memory: Memory
    tell: Tell

    def work(self, lying: Lying, asked: Asked) -> Drafted | None:
        """The draft of a result; None where it was refused, or is to be looked at again.

        Raises
        ------
        NotYet
            Where its images are still coming.
        Waits
            Where it stays in the inbox until something comes.
        HosrError, OSError
            Where this machine or an archive failed; it stays in the inbox too.
        """
        path = self.inbox.path_of(lying.name)
        why = obstacle(path)
        if why:
            self._refuse(lying, [Fault(label(lying.name), why, "give the files themselves")])
            return None
        try:
            result = self._examine(path, asked)
            self._require_quiet(result.study)
            images = self._images_of(result, asked)
            self._require_quiet(result.study)  # some may have just been fetched
            if not self.index.is_as_seen(images):
                self.index.hurry()
                raise NotYet
            source = self.drafter.read_study(result.study, images)
        except (RecordRefused, ImagesRefused) as error:
            # What was changed while it was read is looked at again.
            if asked.result is None or self.index.is_as_seen(self.index.study(asked.result.study)):
                self._refuse(lying, error.faults)
            return None
        return self._draft(lying, result, images, source)

    def _draft(
        self, lying: Lying, result: Result, images: StudyImages, source: SourceImages
    ) -> Drafted | None:
        with self.inbox.taken(lying) as path, self.memory.in_hand(lying.name):
            if path is None:
                return None
            try:
                read = self._read(result, path, source)
                self._require_past(read.graded_at)
                if not self.inbox.is_as_seen(lying):  # somebody goes on writing to it
                    return None
                drafted = self.drafter.make(result, read, images, source)
            except (RecordRefused, ImagesRefused) as error:
                if self.inbox.is_as_seen(lying) and self.index.is_as_seen(images):
                    self._refuse_taken(lying, error.faults)
                return None
            self.inbox.keep(lying.name)
        return drafted

    def _read(self, result: Result, path: Path, source: SourceImages) -> Read:
        try:
            return read_on_images(result, path, source, self._author(path), self.reports)
        except ArchiveError as error:
            words = several((f"{fault.path} {fault.problem}" for fault in error.faults), ";")
            problem = f"the report that it was drawn over is not here; {words}"
            raise Waits(problem, _REPORT_AGAIN_S) from None

    def _author(self, path: Path) -> Author:
        """What is said of who made a result, and when: the time of its files where that was asked for."""
        settings = self.settings
        author = Author(drawer=settings.drawer, may_be_claimed=True, timezone=settings.timezone)
        if not settings.has_file_times:
            return author
        written_s = max(file.stat().st_mtime for file in files_in(path))
        zone = settings.timezone or dt.datetime.now().astimezone().tzinfo
        at = dt.datetime.fromtimestamp(int(written_s), zone)
        return replace(author, written_at=at)

    def _examine(self, path: Path, asked: Asked) -> Result:
        if asked.result is None:
            try:
                with self.memory.in_hand(path.name):
                    asked.result = examine(path, self.settings.labels)
            except UsageError as error:  # its own labels.toml
                raise RecordRefused(error.faults) from None
        return asked.result

    def _images_of(self, result: Result, asked: Asked) -> StudyImages:
        """The images of a result, all that it names among them. Raises `Waits`."""
        is_due = time.monotonic() >= asked.due_s and bool(self.settings.archives)
        if asked.lacking and asked.round == self.index.round and not is_due:
            raise Waits(asked.lacking)
        images = self.index.study(result.study)
        # Of a study that gave images more may have come to the archive meanwhile.
        if (is_due and _lacking(result, images)) or asked.fetched:
            asked.due_s = time.monotonic() + asked.wait_s
            asked.wait_s = min(2 * asked.wait_s, _LONGEST_ASK_S)
            asked.fetched, asked.words = self.archives.fetch(result.study, images.uids)
            self.index.hurry()
            self.index.renew()
            images = self.index.study(result.study)
        lacking = _lacking(result, images)
        if lacking:
            asked.lacking = f"{lacking}; {asked.words}" if asked.words else lacking
            asked.round = self.index.round
            raise Waits(asked.lacking)
        asked.lacking = ""
        return images

    def _require_quiet(self, study: str) -> None:
        if self.index.quiet_s(study) < self.settings.quiet_s:
            self.index.hurry()
            raise NotYet

    def _require_past(self, graded_at: dt.datetime) -> None:
        """Nobody could sign what was graded later than now; one of two clocks is wrong."""
        if graded_at.timestamp() > self.memory.clock() + _CLOCKS_DIFFER_S:
            words = f"it was graded at {graded_at.isoformat()}, which lies in the future"
            remedy = "correct the clock of this machine, or that of its maker"
            raise Waits(f"{words}: {remedy}", _CLOCK_AGAIN_S)

    def _refuse(self, lying: Lying, faults: Sequence[Fault]) -> None:
        with self.inbox.taken(lying) as path:
            if path is not None:
                self._refuse_taken(lying, faults)

    def _refuse_taken(self, lying: Lying, faults: Sequence[Fault]) -> None:
        place = self.inbox.refuse(lying.name, reason_text(faults))
        words = f"see {place.parent.name}/{label(place.name)}.reason.txt"
        self.tell(Event(kind=Kind.REFUSED, subject=label(lying.name), words=words))


def _lacking(result: Result, images: StudyImages) -> str:
    """What of its images is not here, in words; "" where all that it needs is."""
    if not images.paths:
        return f"no image of study {result.study} is here"
    missing = len(result.images - images.uids)
    if not missing:
        return ""
    are = "is" if missing == 1 else "are"
    return f"{missing} of the {len(result.images)} images that it names {are} not here"
