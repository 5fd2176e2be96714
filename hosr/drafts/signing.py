"""Signing a draft and amending it: what a person saw is what is signed, whatever is killed meanwhile.

The person names what was on the screen by the ETag of the draft and the UID of its measurement report.
Both are made anew from the record and the images as they lie there, and must be the same. Then:

    1  the draft is marked as being signed, and nobody changes it     drafts.sqlite
    2  its files are written as it was seen                           reports/ID/draft
    3  it is signed, by the code of the command line                  reports/ID/1, 2, ...
    4  the version is noted, the draft is signed                      drafts.sqlite

What ends before 4 is taken back as a whole: at once where it failed, else (`settle`) before anybody
signs again and when a program that signs begins. Who holds the lock beside the store signs; a mark
of another one is that of a process that is gone, and stands in nobody's way.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from hosr import versions
from hosr.drafts.former_grades import former_grades
from hosr.drafts.imagery import find_changed_images, images_of
from hosr.drafts.judgement import Judged, comparing, judge
from hosr.drafts.rows import Content
from hosr.drafts.signed import find_rivals
from hosr.drafts.states import Event, next_status
from hosr.drafts.store import Drafts
from hosr.drafts.values import Changed, Draft, Listed, decided_grades
from hosr.errors import (
    DraftRefused,
    Fault,
    HosrError,
    ImagesRefused,
    RecordRefused,
    StaleDraft,
    UsageError,
)
from hosr.folder import flush_folder, locked, write_folder
from hosr.intake.images import SourceImages
from hosr.lifecycle.steps import NewVersion
from hosr.lifecycle.succession import SUCCESSOR, read_successor
from hosr.logs import logger
from hosr.messages import MessageForm
from hosr.outputs import Made, OutputName, make_files
from hosr.phrases import phrase
from hosr.pipeline import Outcome
from hosr.sr.receivers import Options
from hosr.status import Signature
from hosr.templating.sources import Wording
from hosr.versions import StepOptions

_LOG = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How the files of a draft and of what is signed are made.

    `outputs` are names of `OUTPUTS`, None those that are made by default; `newest_in` the archives
    that are asked whether they hold anything newer. The person saw the document that `options` give.
    """

    outputs: tuple[OutputName, ...] | None = None
    options: Options = Options()  # noqa: RUF009 (frozen)
    wording: Wording = Wording()  # noqa: RUF009 (frozen)
    message_form: MessageForm | None = None
    newest_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a person saw of a draft, and signs: its ETag, and the UID of its measurement report."""

    etag: str
    document_uid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What a signed draft is to say from now on, with the grades that the person chose, and why."""

    record: Mapping[str, Any] = field(repr=False)
    decisions: tuple[str, ...] = ()
    reason: str = field(repr=False)


_PLAIN = Form()


def sign_draft(
    drafts: Drafts, draft_id: str, seen: Seen, signature: Signature, form: Form = _PLAIN
) -> Draft:
    """Sign a draft as it was seen: the draft with its signed version, newest last.

    The same step again, by the same person on the same draft, gives what it gave.

    Raises
    ------
    StaleDraft
        Where the draft is not any more what was seen, or its report another one.
    DraftRefused
        Where it is held, or signed; or another draft is signed of the same hip and study.
    ImagesRefused
        Where an image is gone or was changed since the draft was made.
    RecordRefused
        Where faults stand against it, or a grade is in conflict or left open and nobody decided.
    UsageError, DocumentRefused, ArchiveError, ...
        As `hosr.sign` and `make_files`. Then nothing was signed, and nothing is left.
    """
    with _alone(drafts):
        draft = _settle(drafts, drafts.get(draft_id))
        step = _Step(event=Event.SIGN, seen=seen, signature=signature, form=form)
        if step.is_done(drafts, draft, draft.record, draft.decisions):
            return draft
        decisions = draft.decisions_of(
            signature.name
        )  # what another one chose is not signed for them
        compare = comparing(draft.priors)
        images, judged = step.examine(drafts, draft, draft.record, decisions, compare)
        files = step.make_files(judged)
        place, out = _places(drafts, draft)

        with _taken_back(drafts, draft, step, out):
            write_folder({made.name: made.data for made in files}, place)
            options = step.options(images, judged, seen.document_uid, decisions)
            options = replace(options, preliminaries=drafts.preliminaries(draft_id))
            uid = _uid_of(versions.sign(place, out, signature, options))
            return drafts.sign(draft_id, seen.etag, out, uid, by=signature.name)


def amend_draft(
    drafts: Drafts,
    draft_id: str,
    seen: Seen,
    signature: Signature,
    amendment: Amendment,
    form: Form = _PLAIN,
) -> Draft:
    """Amend a signed draft: `seen` names the signed draft, and the report of the record of the amendment.

    Raises as `sign_draft`; `UsageError` too without a reason, and where nothing else is said.
    """
    with _alone(drafts):
        draft = _settle(drafts, drafts.get(draft_id))
        step = _Step(event=Event.AMEND, seen=seen, signature=signature, form=form)
        record, decisions = amendment.record, amendment.decisions
        if step.is_done(drafts, draft, record, decisions):
            return draft
        compare = comparing(draft.priors)
        images, judged = step.examine(drafts, draft, record, decisions, compare)
        before, out = Path(draft.versions[-1]), _places(drafts, draft)[1]
        with _taken_back(drafts, draft, step, out):
            options = step.options(images, judged, draft.document_uid, decisions)
            options = replace(options, compare=compare)  # with what was on the screen
            why = amendment.reason
            made = versions.amend(
                before, out, signature, record=dict(record), reason=why, options=options
            )
            change = Changed(record=record, decisions=decisions, judged=judged)
            uid, by = _uid_of(made), signature.name
            return drafts.sign(draft_id, seen.etag, out, uid, by=by, change=change)


def settle(drafts: Drafts) -> tuple[str, ...]:
    """Take back whatever was begun to be signed by a process that is gone; the ids of these drafts."""
    with _alone(drafts):
        pending = drafts.signing()
        for draft_id in pending:
            _settle(drafts, drafts.get(draft_id))
    return pending


@contextmanager
def _alone(drafts: Drafts) -> Iterator[None]:
    """Sign while nobody else does in this folder."""
    lock = drafts.signing_lock
    try:
        os.close(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise _unwritable(lock, error) from error
    with locked(lock):
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What a person asks for: a step on what they saw, and how its files are made."""

    event: Event
    seen: Seen
    signature: Signature
    form: Form

    def is_done(
        self, drafts: Drafts, draft: Draft, record: Mapping[str, Any], decisions: tuple[str, ...]
    ) -> bool:
        """Whether the draft is what this very step gave; its answer may have been lost.

        Raises StaleDraft where the draft is another than was seen, DraftRefused where its status
        does not allow the step.
        """
        if draft.etag == self.seen.etag:
            next_status(self.event, draft.status, draft.draft_id)
            return False
        before, newest = ((None, None), *pairwise(drafts.history(draft.draft_id)))[-1]
        if (
            newest is None
            or before is None
            or (before.etag, newest.event, newest.by)
            != (self.seen.etag, self.event, self.signature.name)
            or (newest.record_digest, newest.decisions) != (Content.of(record).digest, decisions)
        ):
            raise _stale(draft, phrase("was changed since it was looked at"))
        return True

    def examine(
        self,
        drafts: Drafts,
        draft: Draft,
        record: Mapping[str, Any],
        decisions: Sequence[str],
        compare: Callable[[Outcome], Outcome],
    ) -> tuple[SourceImages, Judged]:
        """The images, and what hosr says of a record on them: unchanged, sound, and what was seen."""
        changed = find_changed_images(drafts.image_files(draft.draft_id), by_content=True)
        if changed:
            raise ImagesRefused(changed)
        images = images_of(draft)
        judged = judge(
            record,
            images,
            decisions=decisions,
            compare=compare,
            now=self.signature.signed_at,
            former=former_grades(draft.original, record),
        )
        if judged.faults or judged.obstacles:
            raise RecordRefused(judged.faults or judged.obstacles)
        if judged.document_uid(self.form.options) != self.seen.document_uid:
            raise _stale(draft, phrase("is not the report that was looked at"))
        rivals = find_rivals(drafts, draft, {graded.hip.side for graded in judged.hips})
        if rivals and self.event is Event.SIGN:  # what is wrong is amended all the same
            raise DraftRefused(map(_rival, rivals))
        return images, judged

    def make_files(self, judged: Judged) -> tuple[Made, ...]:
        """The files of the draft as it was seen; `examine` has refused one without a report."""
        if judged.outcome is None:
            raise ValueError("a draft without a report is not signed")
        form = self.form
        return make_files(
            judged.outcome, form.outputs, form.options, form.wording, form.message_form
        )

    def options(
        self, images: SourceImages, judged: Judged, document_uid: str, decisions: Sequence[str]
    ) -> StepOptions:
        """How the step is taken by the code of the command line."""
        return StepOptions(
            grades=decided_grades(decisions),
            images=images,
            templates=self.form.wording.site,
            message_form=self.form.message_form,
            document=document_uid,
            newest_in=self.form.newest_in,
            former=judged.former,
        )


def _rival(rival: Listed) -> Fault:
    problem = phrase("is signed, of the same hip and study")
    return Fault(f"draft {rival.draft_id}", problem, phrase("amend that one, or withdraw it first"))


def _stale(draft: Draft, problem: str) -> StaleDraft:
    remedy = phrase("look at it again before you sign; nothing was signed")
    return StaleDraft(Fault(f"draft {draft.draft_id}", problem, remedy), current=draft)


def _unwritable(path: Path, error: OSError) -> UsageError:
    problem = phrase("cannot be written ({told})", told=error.strerror or type(error).__name__)
    remedy = phrase("see that the disk has room and is sound; nothing was signed")
    return UsageError(Fault(str(path), problem, remedy))


def _places(drafts: Drafts, draft: Draft) -> tuple[Path, Path]:
    """Where the draft lies that is signed, and where its next version does. Neither is there yet."""
    reports = drafts.reports(draft.draft_id)
    place, out = reports / "draft", reports / str(len(draft.versions) + 1)
    taken = [path for path in (place, out) if path.exists() and (path is out or not draft.versions)]
    if taken:
        remedy = phrase("find out what it is (an older copy of the store may have been put back)")
        raise UsageError([Fault(str(path), phrase("is there already"), remedy) for path in taken])
    return place, out


def _uid_of(made: NewVersion) -> str:
    """The SOP Instance UID of the measurement report of a version."""
    return next(file.sop_instance_uid for file in made.files if file.name == "measurement.dcm")


@contextmanager
def _taken_back(drafts: Drafts, draft: Draft, step: _Step, out: Path) -> Iterator[None]:
    """Mark the draft as being signed; where that fails, leave nothing of it."""
    name, by = draft.draft_id, step.signature.name
    drafts.begin_signing(name, step.seen.etag, step.event, out, by=by)
    try:
        yield
    except BaseException:
        with suppress(HosrError):  # what is left then, the next one takes back
            _settle(drafts, drafts.get(name))
        raise


def _settle(drafts: Drafts, draft: Draft) -> Draft:
    """The draft as it is when nobody is signing it: what was made and not noted is removed."""
    if not draft.signing_by:
        return draft
    _LOG.warning("draft %s: what was begun to be signed is taken back", draft.draft_id)
    reports, out = drafts.reports(draft.draft_id), Path(draft.signing_folder)
    try:
        if draft.versions:
            _free(Path(draft.versions[-1]), out)
        else:
            _remove(reports / "draft")
        _remove(out)
        if reports.is_dir():
            flush_folder(reports)
            with suppress(OSError):  # versions lie in it
                reports.rmdir()
    except OSError as error:
        raise _unwritable(reports, error) from error
    return drafts.end_signing(draft.draft_id)


def _free(before: Path, out: Path) -> None:
    """Let a version have another successor than the one that was to lie in a folder."""
    begun = read_successor(before)
    if begun is not None and Path(begun.folder) == out:
        (before / SUCCESSOR).unlink()


def _remove(folder: Path) -> None:
    """Remove a folder that was not there when it was begun."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
