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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from hosr import versions
from hosr.drafts.former_grades import former_grades
from hosr.drafts.imagery import find_changed_images, images_of
from hosr.drafts.judgement import Judged, comparing, judge
from hosr.drafts.pending import alone, settle_study, taken_back
from hosr.drafts.rows import Content
from hosr.drafts.signed import (
    find_amended,
    find_amending,
    find_rivals,
)
from hosr.drafts.states import Event, next_status
from hosr.drafts.store import Drafts
from hosr.drafts.values import Changed, Draft, Listed, decided_grades
from hosr.errors import (
    DraftRefused,
    Fault,
    ImagesRefused,
    RecordRefused,
    StaleDraft,
    UsageError,
)
from hosr.folder import write_folder
from hosr.intake.images import SourceImages
from hosr.lifecycle.steps import NewVersion
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Amends:
    """The signed report that a draft amends, by its measurement report as it was seen, and why."""

    document_uid: str
    reason: str = field(repr=False)


_PLAIN = Form()


def sign_draft(
    drafts: Drafts,
    draft_id: str,
    seen: Seen,
    signature: Signature,
    form: Form = _PLAIN,
    amends: Amends | None = None,
) -> Draft:
    """Sign a draft as it was seen: the draft with its signed version, newest last.

    One that was drawn over what is signed is signed as the amendment of that (`find_amended`). The same
    step again, by the same person on the same draft, gives what it gave.

    Raises
    ------
    StaleDraft
        Where the draft is not any more what was seen, or its report another one, or what it amends.
    DraftRefused
        Where it is held, or signed; or another draft is signed of the same hip and study.
    ImagesRefused
        Where an image is gone or was changed since the draft was made.
    RecordRefused
        Where faults stand against it, or a grade is in conflict or left open and nobody decided.
    UsageError, DocumentRefused, ArchiveError, ...
        As `hosr.sign` and `make_files`. Then nothing was signed, and nothing is left.
    """
    with alone(drafts):
        draft = settle_study(drafts, draft_id)
        step = _Step(event=Event.SIGN, seen=seen, signature=signature, form=form)
        if step.is_done(drafts, draft, draft.record, draft.decisions):
            return draft
        # What another one chose is not signed for them.
        decisions, compare = draft.decisions_of(signature.name), comparing(draft.priors)
        images, judged = step.examine(drafts, draft, draft.record, decisions, compare)
        before = _find_amended(drafts, draft, judged, amends)
        files = step.make_files(judged)
        place, out = _places(drafts, draft)

        with taken_back(drafts, draft, step.event, out, by=signature.name):
            options = step.options(images, judged, seen.document_uid, decisions)
            options = replace(options, preliminaries=drafts.preliminaries(draft_id))
            if before is None or amends is None:
                write_folder({made.name: made.data for made in files}, place)
                made = versions.sign(place, out, signature, options)
            else:
                options = replace(options, document=before.document_uid, compare=compare)
                made = _amend(before, out, signature, draft.record, amends.reason, options)
            return drafts.sign(draft_id, seen.etag, out, _uid_of(made), by=signature.name)


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
    with alone(drafts):
        draft = settle_study(drafts, draft_id)
        step = _Step(event=Event.AMEND, seen=seen, signature=signature, form=form)
        record, decisions = amendment.record, amendment.decisions
        if step.is_done(drafts, draft, record, decisions):
            return draft
        _require_newest(drafts, draft)
        compare = comparing(draft.priors)
        images, judged = step.examine(drafts, draft, record, decisions, compare)
        out = _places(drafts, draft)[1]
        with taken_back(drafts, draft, step.event, out, by=signature.name):
            options = step.options(images, judged, draft.document_uid, decisions)
            options = replace(options, compare=compare)  # with what was on the screen
            made = _amend(draft, out, signature, record, amendment.reason, options)
            change = Changed(record=record, decisions=decisions, judged=judged)
            uid, by = _uid_of(made), signature.name
            return drafts.sign(draft_id, seen.etag, out, uid, by=by, change=change)


def _amend(
    draft: Draft,
    out: Path,
    signature: Signature,
    record: Mapping[str, Any],
    reason: str,
    options: StepOptions,
) -> NewVersion:
    """The amendment of the newest version of a draft."""
    before = Path(draft.versions[-1])
    return versions.amend(
        before, out, signature, record=dict(record), reason=reason, options=options
    )


def _find_amended(
    drafts: Drafts, draft: Draft, judged: Judged, amends: Amends | None
) -> Draft | None:
    """The signed draft that one amends. Raises where that is not what was seen, or others are signed too."""
    rivals = find_rivals(drafts, draft, {graded.hip.side for graded in judged.hips})
    before = find_amended(drafts, draft, rivals)
    if amends is None:
        before = None
    elif before is None or before.document_uid != amends.document_uid:
        raise _stale(draft, phrase("amends a report that is not any more the one that was seen"))
    others = [each for each in rivals if before is None or each.draft_id != before.draft_id]
    if others:
        raise DraftRefused(map(_rival, others))
    return before


def _require_newest(drafts: Drafts, draft: Draft) -> None:
    """Raise StaleDraft where another draft was signed as the amendment of this one."""
    other = find_amending(drafts, Path(draft.versions[-1]))
    if other is not None:
        raise _stale(draft, phrase("was amended by draft {number}", number=other.draft_id))


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
