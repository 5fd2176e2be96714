"""A result and its images to a draft, exactly one; newer images to another one that follows it.

What a draft is made of is put down first, and struck off once the draft is there (`memory`). Added again,
a draft of the same record and images is the one that is there; so a kill at any moment costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.annotations.authorship import UNKNOWN_DRAWER
from hosr.drafts import Draft, Drafts, Judged, NewDraft, Sent, Status, judge
from hosr.drafts.states import NEWER_IMAGES, REDRAWN
from hosr.errors import DraftRefused, Fault, ImagesRefused, RecordRefused, StaleDraft
from hosr.intake.images import NamedStudies, read_images
from hosr.intake.matching import match
from hosr.intake.record import parse_record
from hosr.logs import logger
from hosr.persons import find_strangers
from hosr.study import Patient, is_no_id
from hosr.watch.memory import Made, Memory

if TYPE_CHECKING:
    from hosr.image_index.index import StudyImages
    from hosr.intake.images import SourceImages
    from hosr.watch.results import Read, Result
    from hosr.watch.sending import Prepared, Sender

_LOG = logger(__name__)

# Who is said to have held a draft.
BY = "hosr watch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charset:
    """In which character set headers are read, where the site has to say it."""

    assumed: str | None = None
    overridden: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A draft, and the name of the result that it was made of; whether it was there before.

    It `follows` the draft of the same result with fewer images, where it `is_newer`; else the one whose
    report a viewer redrew.
    """

    draft: str
    name: str
    is_known: bool = False
    follows: str = ""
    is_newer: bool = False


class Drafter:
    """Makes drafts, and remembers of what. The `sender` is given each report that is made."""

    def __init__(
        self, drafts: Drafts, memory: Memory, charset: Charset, sender: Sender | None = None
    ) -> None:
        self._drafts, self._memory = drafts, memory
        self._charset, self._sender = charset, sender

    def read_images(self, study: str, paths: tuple[Path, ...] | tuple[str, ...]) -> SourceImages:
        """The images in these files. Raises `ImagesRefused`."""
        return read_images(
            [Path(path) for path in paths],
            self._charset.assumed,
            override_charset=self._charset.overridden,
            named=NamedStudies(study_instance_uids=frozenset({study})),
        )

    def read_study(self, study: str, images: StudyImages) -> SourceImages:
        """The images of a study. Raises `ImagesRefused`, also where a copy of one is of another person.

        Of an image that was corrected since, nobody knows which place has the right one.
        """
        source = self.read_images(study, images.paths)
        if images.copies:
            copied = self.read_images(study, images.copies).patient
            _require_same_person(source.patient, copied)
        return source

    def make(
        self, result: Result, read: Read, images: StudyImages, source: SourceImages
    ) -> Drafted:
        """The draft of a result; the one that is there where the result has come before."""
        former = self._memory.draft_of(result.digest)
        if former:
            return Drafted(draft=former, name=result.name, is_known=True)
        made = Made(
            result=result.digest,
            study=result.study,
            name=result.name,
            record=read.record,
            account=dict(read.account),
            images=tuple(map(str, images.paths)),
            instances=images.instances,
            follows=self._memory.newest_of(read.redrawn) if read.redrawn else "",
        )
        return self._begin(made, source)

    def followed(self, study: str, images: StudyImages) -> Iterator[Made]:
        """The results of a study of which there are newer images than their last drafts have.

        One that a viewer redrew is none of them: its lines are those of the newer result.
        """
        redrawn = self._memory.redrawn(study)
        for former in self._memory.made_of(study):
            is_old = not set(images.instances) <= set(former.instances)
            if is_old and former.result not in redrawn:
                yield former

    def find_again(self, study: str, images: StudyImages) -> None:
        """Have the drafts of a study know where their images lie, once these were moved."""
        for former in self._memory.made_of(study):
            if set(former.instances) == set(images.instances):
                self._drafts.find_again(former.draft, map(str, images.paths))

    def follow(self, former: Made, images: StudyImages) -> Drafted:
        """A new draft of a result, with all the images of its study.

        Raises `RecordRefused` and `ImagesRefused` where the result is not one of those images too.
        """
        source = self.read_study(former.study, images)
        _require_match(former.record, source)
        made = Made(
            result=former.result,
            study=former.study,
            name=former.name,
            record=former.record,
            account=former.account,
            images=tuple(map(str, images.paths)),
            instances=images.instances,
            follows=former.draft,
        )
        return self._begin(made, source)

    def finish(self) -> Iterator[Drafted]:
        """The drafts that were begun and not ended when hosr was killed."""
        for made in self._memory.unfinished():
            try:
                yield self._end(made, self.read_images(made.study, made.images))
            except (RecordRefused, ImagesRefused):  # gone or changed since: it begins anew
                self._memory.give_up(made)

    def _begin(self, made: Made, source: SourceImages) -> Drafted:
        made = self._memory.put_down(made)
        try:
            return self._end(made, source)
        except Exception:
            self._memory.give_up(made)
            raise

    def _end(self, made: Made, source: SourceImages) -> Drafted:
        judged: Judged = judge(made.record, source)
        prepared = self._prepare(made, judged)
        draft = self._drafts.add(
            NewDraft(
                record=made.record,
                images=made.images,
                made_from=(made.name,),
                account=made.account,
                follows=made.follows,
                assume_charset=self._charset.assumed or "",
                override_charset=self._charset.overridden or "",
                sent=None if prepared is None else prepared.sent,
            ),
            judged,
        )
        is_newer = bool(made.follows) and self._memory.result_of(made.follows) == made.result
        if made.follows:
            why = NEWER_IMAGES if is_newer else REDRAWN
            self._hold(made.follows, why.format(draft=draft.draft_id))
        if self._sender and prepared and _is_to_be_sent(prepared.sent, draft):
            self._sender.put(prepared)
        is_known = self._memory.is_made(draft.draft_id)
        self._memory.strike_off(made, draft.draft_id)
        _LOG.info("draft %s: made of %d images", draft.draft_id, len(source.images))
        return Drafted(
            draft=draft.draft_id,
            name=made.name,
            is_known=is_known,
            follows=made.follows,
            is_newer=is_newer,
        )

    def _prepare(self, made: Made, judged: Judged) -> Prepared | None:
        """The report of a draft as it is to be sent, in the place of what was sent of those before."""
        if self._sender is None or judged.outcome is None:
            return None
        before = self._drafts.preliminaries(made.follows) if made.follows else None
        follows_signed = self._follows_signed(made.follows)
        return self._sender.prepare(judged.outcome, before, follows_signed=follows_signed)

    def _follows_signed(self, former_id: str) -> bool:
        """Whether a draft, or one of those before it, is signed."""
        while former_id:
            former = self._drafts.get(former_id)
            if former.status is Status.SIGNED:
                return True
            former_id = former.follows
        return False

    def _hold(self, former_id: str, reason: str) -> None:
        """Put back a draft that nobody has in hand; one that is opened, held or signed stays as it is."""
        former = self._drafts.get(former_id)
        if former.status is not Status.WAITING:
            return
        try:
            self._drafts.hold(former_id, former.etag, reason, by=BY)
        except (StaleDraft, DraftRefused):  # somebody has taken it in hand just now
            _LOG.info("draft %s: in hand, and not held", former_id)


def _is_to_be_sent(sent: Sent, draft: Draft) -> bool:
    """Whether it was noted; what was signed meanwhile is not followed by its draft."""
    return draft.status is not Status.SIGNED and sent in draft.sent


def _require_match(record: dict[str, Any], source: SourceImages) -> None:
    """Whether a record is of these images, as if somebody had drawn what nobody has claimed yet."""
    drawn = {"observer": {"type": "person", "name": UNKNOWN_DRAWER.name}, **record}
    match(parse_record(drawn), source)


def _require_same_person(patient: Patient, copied: Patient) -> None:
    """Refuse copies of images that name another person than these do."""
    one_id = patient.patient_id == copied.patient_id
    is_held = one_id and not is_no_id(patient.patient_id)
    if one_id and not any(find_strangers([patient, copied], one_id=is_held)):
        return
    problem = "lie in two places, and name two persons"
    remedy = "remove the place that was not corrected"
    raise ImagesRefused(Fault("images", problem, remedy))
