"""The watch: round after round, what lies in the inbox and is whole is worked off; the rest waits.

Time that must pass is measured by a clock that nobody sets. How long a result has waited over a restart is
told by that of the machine, and decides on nothing but when somebody is alerted.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from hosr.archive.values import Locator
from hosr.drafts import Drafts
from hosr.errors import HosrError, ImagesRefused, RecordRefused, place_of
from hosr.image_index.index import ImageIndex, StudyImages
from hosr.image_index.received import Received
from hosr.intake.images.elements import kind_of
from hosr.intake.images.values import label
from hosr.logs import logger
from hosr.watch.archived_images import Archives, OpenArchive, is_of_others
from hosr.watch.drafting import Drafted, Drafter
from hosr.watch.events import Event, Kind, Tell, tell_faults
from hosr.watch.inbox import Inbox, Lying, is_being_written
from hosr.watch.memory import Made, Memory
from hosr.watch.predecessors import Predecessors
from hosr.watch.work import Asked, NotYet, Settings, Waits, Work

if TYPE_CHECKING:
    from hosr.watch.sending import Sender

_LOG = logger(__name__)

_POLL_S = 0.5
# A failure is tried again after this time, then after twice as long, and so on.
_FIRST_RETRY_S, _LONGEST_RETRY_S = 5.0, 300.0
# Between two questions to the archives for later images, and where one could not be asked.
_NEXT_ASK_S, _FAILED_ASK_S = 1.0, 60.0
# Begun so often and never ended: what hosr may have died of goes behind all others.
_SUSPECT_TRIES = 3


@dataclass(slots=True, kw_only=True)
class _Look:
    """What is known of a result as long as it lies there unchanged."""

    mark: str
    since_s: float
    waited_s: float
    is_told: bool
    due_s: float = 0.0
    retry_s: float = _FIRST_RETRY_S
    words: str = ""
    asked: Asked = field(default_factory=Asked)


class Watch:
    """One watch of one inbox, for one thread; `take` alone is called from others.

    Whoever runs it, or has it take something, is alone in working its inbox off (`Inbox.alone`).
    """

    def __init__(
        self,
        settings: Settings,
        drafts: Drafts,
        memory: Memory,
        tell: Tell,
        *,
        open_archive: OpenArchive,
        sender: Sender | None = None,
    ) -> None:
        self._settings, self._memory, self._tell = settings, memory, tell
        self._clock = memory.clock
        self._inbox = Inbox(settings.inbox)
        self._received = Received(drafts.received)
        self._index = ImageIndex(memory.images, settings.images, self._received.folder)
        self._drafter = Drafter(drafts, memory, settings.charset, sender)
        self._archives = Archives(
            names=settings.archives, open_archive=open_archive, received=self._received
        )
        self._work = Work(
            settings=settings,
            inbox=self._inbox,
            index=self._index,
            drafter=self._drafter,
            archives=self._archives,
            reports=Predecessors(drafts=drafts, memory=memory, archives=self._archives),
            memory=memory,
            tell=tell,
        )
        self._looks: dict[str, _Look] = {}
        self._come: SimpleQueue[str] = SimpleQueue()
        self._coming: dict[str, tuple[int, float]] = {}
        self._failed: dict[str, str] = {}
        self._putting_in = threading.Lock()
        self._ask_s = float("-inf")
        self._is_pending = False

    def take(self, locator: Locator, data: bytes) -> None:
        """Keep an object that was sent: an image for its study, what others measured as a result.

        What hosr made itself is kept and wakes nobody. Raises `OSError` where there is no room for it.
        """
        is_image = kind_of(locator.sop_class_uid) is not None
        if is_image or not is_of_others(data):
            self._received.keep(locator, data)
        else:
            self._received.require_room(len(data))
            with self._putting_in:
                self._inbox.put_in(f"{locator.sop_instance_uid}.dcm", data)
        if is_image:
            self._come.put(locator.study_instance_uid)

    def run(self, stop: threading.Event) -> None:
        """Watch until `stop` is set, then end after the result in hand.

        Raises `UsageError` where the drafts cannot be written to.
        """
        self._tell(Event(kind=Kind.WATCHING, subject=label(str(self._inbox.folder))))
        for drafted in self._drafter.finish():
            self._tell_drafted(drafted)
        begun_s = time.monotonic()
        while not stop.is_set():
            self._is_pending = False
            is_done = self._round(stop)
            is_over = time.monotonic() - begun_s > self._settings.quiet_s
            if self._settings.once and is_over and not (is_done or self._is_pending):
                break
            stop.wait(min(_POLL_S, max(self._settings.quiet_s / 2, 0.02)))
        self._tell(Event(kind=Kind.STOPPED))

    def _round(self, stop: threading.Event) -> bool:
        """Work off what is ready; whether anything was."""
        try:
            lying = self._inbox.lying()
            self._memory.keep_arrivals(each.name for each in lying)
            self._looks = {each.name: self._look(each) for each in lying}
            self._index.renew(stop.is_set)
            while self._index.refused:
                name, problem = self._index.refused.pop(0)
                self._alert(label(name), f"{problem}: its images are not used")
            self._note_received()
            done = [self._see_to(each, self._looks[each.name], stop) for each in lying]
            newer = [] if stop.is_set() else self._follow_newer()
            self._ask_again(stop)
            self._tell_lonely()
        except (HosrError, OSError) as error:
            # The inbox or the memory itself; what lies there lies there.
            self._fail("the watch", error)
            return False
        self._failed.pop("the watch", None)
        return any((*done, *newer))

    def _look(self, lying: Lying) -> _Look:
        known = self._looks.get(lying.name)
        if known is not None and known.mark == lying.mark:
            return known
        arrival = self._memory.arrival(lying.name, lying.mark)
        now_s = time.monotonic()
        look = _Look(
            mark=lying.mark,
            since_s=now_s,
            waited_s=max(self._clock() - arrival.first_at, 0.0),
            is_told=arrival.is_told,
        )
        if arrival.tries >= _SUSPECT_TRIES:
            look.due_s = now_s + min(2.0**arrival.tries, _LONGEST_RETRY_S)
            words = f"hosr has ended {arrival.tries} times while it had this in hand"
            self._alert(label(lying.name), words)
        return look

    def _see_to(self, lying: Lying, look: _Look, stop: threading.Event) -> bool:
        """Work off one result if it is time; whether it has its draft."""
        now_s = time.monotonic()
        is_quiet = now_s - look.since_s >= self._settings.quiet_s
        if stop.is_set() or not is_quiet or now_s < look.due_s:
            return False
        if is_being_written(self._inbox.path_of(lying.name)):
            look.since_s = now_s
            return False
        drafted = self._try(lying, look)
        if drafted is not None:
            self._tell_drafted(drafted)
        return drafted is not None

    def _try(self, lying: Lying, look: _Look) -> Drafted | None:
        """The draft of a result; None where it has none, which was told, or is looked at again."""
        drafted = None
        try:
            drafted = self._work.work(lying, look.asked)
        except NotYet:
            self._is_pending = True
        except Waits as waits:
            look.due_s = time.monotonic() + waits.again_s
            self._wait(lying, look, str(waits))
        except Exception as error:  # noqa: BLE001 (one result must not keep the others waiting)
            if not os.path.lexists(self._inbox.path_of(lying.name)):  # taken away meanwhile
                return None
            look.due_s = time.monotonic() + look.retry_s
            look.retry_s = min(2 * look.retry_s, _LONGEST_RETRY_S)
            self._fail(label(lying.name), error)
        else:
            self._failed.pop(label(lying.name), None)
        return drafted

    def _wait(self, lying: Lying, look: _Look, words: str) -> None:
        """Tell once for what a result waits; and, once it has waited for too long, that it does."""
        if words != look.words:
            look.words = words
            self._tell(Event(kind=Kind.WAITING, subject=label(lying.name), words=words))
        waited_s = look.waited_s + time.monotonic() - look.since_s
        if waited_s >= self._settings.patience_s and not look.is_told:
            look.is_told = True
            self._memory.tell(lying.name)
            self._alert(label(lying.name), f"has waited for {waited_s:.0f} s: {words}")

    def _follow_newer(self) -> list[Drafted]:
        """New drafts of studies of which images have come since."""
        made: list[Drafted] = []
        for study in self._memory.images.changed_studies():
            if self._index.quiet_s(study) < self._settings.quiet_s:
                self._index.hurry()
                self._is_pending = True
                continue
            images = self._index.study(study)
            if not self._index.is_as_seen(images):
                self._index.hurry()
                continue
            try:
                self._drafter.find_again(study, images)
            except (HosrError, OSError) as error:
                self._fail(f"study {study}", error)
                continue
            # One result that cannot follow keeps no other one from it.
            followed = list(self._drafter.followed(study, images))
            ended = [self._follow(former, images, made) for former in followed]
            if all(ended):
                self._memory.images.note_compared(study)
        return made

    def _follow(self, former: Made, images: StudyImages, made: list[Drafted]) -> bool:
        """Add the draft of a result on newer images to those made; False where it is tried again."""
        try:
            drafted = self._drafter.follow(former, images)
        except (RecordRefused, ImagesRefused) as error:
            words = f"newer images cannot be used for {former.name}: {tell_faults(error.faults)}"
            self._alert(f"study {former.study}", words)
        except (HosrError, OSError) as error:  # of this study, which is looked at again
            self._fail(f"study {former.study}", error)
            return False
        else:
            self._tell_drafted(drafted)
            made.append(drafted)
        return True

    def _ask_again(self, stop: threading.Event) -> None:
        """Have later images come out of the archives, of one study at a time and at a bearable pace."""
        if stop.is_set() or time.monotonic() < self._ask_s:
            return
        words = self._archives.ask_again(self._memory, self._index)
        self._ask_s = time.monotonic() + (_FAILED_ASK_S if words else _NEXT_ASK_S)
        self._is_pending |= words == ""
        if words:
            told = f"archives cannot be asked for later images ({words}); it is tried again"
            if self._failed.get("later images") != told:
                self._failed["later images"] = told
                self._tell(Event(kind=Kind.FAILED, subject="later images", words=told))

    def _note_received(self) -> None:
        """Tell of images that were sent, once no more of their study come."""
        now_s = time.monotonic()
        while True:
            try:
                study = self._come.get_nowait()
            except Empty:
                break
            count, _ = self._coming.get(study, (0, now_s))
            if not count:
                self._memory.note_study(study)
            self._coming[study] = (count + 1, now_s)
        for study, (count, last_s) in [*self._coming.items()]:
            if now_s - last_s >= self._settings.quiet_s:
                del self._coming[study]
                words = f"{count} image{'' if count == 1 else 's'}"
                self._tell(Event(kind=Kind.RECEIVED, subject=f"study {study}", words=words))

    def _tell_lonely(self) -> None:
        """Alert of images that were sent and have no result for too long."""
        for study in self._memory.untold_studies(self._clock() - self._settings.patience_s):
            self._alert(f"study {study}", "its images were sent here, and no result came")

    def _tell_drafted(self, drafted: Drafted) -> None:
        kind = Kind.KNOWN if drafted.is_known else Kind.NEWER if drafted.is_newer else Kind.DRAFT
        words = f"of {drafted.name}"
        if drafted.follows:
            words += f", follows {drafted.follows}"
        self._tell(Event(kind=kind, subject=drafted.draft, words=words))

    def _alert(self, subject: str, words: str) -> None:
        _LOG.warning("an alert was told: somebody should look")
        self._tell(Event(kind=Kind.ALERT, subject=subject, words=words))

    def _fail(self, subject: str, error: Exception) -> None:
        """Tell once of a failure that stays the same."""
        if isinstance(error, HosrError):
            words = tell_faults(error.faults)
        elif isinstance(error, OSError):
            why = error.strerror or type(error).__name__
            words = f"cannot be read, moved or written to ({why}); it is tried again"
        else:
            words = f"internal error, {place_of(error)}; please report it"
        _LOG.warning("failed: %s", place_of(error))
        if self._failed.get(subject) != words:
            self._failed[subject] = words
            self._tell(Event(kind=Kind.FAILED, subject=subject, words=words))
