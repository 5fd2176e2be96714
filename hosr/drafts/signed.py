"""What was signed of drafts, as it lies there now: the very reports, and what became of them elsewhere.

A version can be withdrawn or amended by the command line, whose next one lies wherever it was put. The
file beside a version says so (`hosr.lifecycle.succession`); the store knows what was signed here alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from hosr.drafts.states import Status
from hosr.drafts.store import REPORTS, Drafts
from hosr.drafts.values import Draft, Listed
from hosr.errors import DocumentRefused, Fault, UnknownDraft, UsageError
from hosr.folder import is_locked
from hosr.lifecycle.succession import SUCCESSOR, Successor, find_withdrawal, read_successor
from hosr.lifecycle.versions import Version, read_version
from hosr.phrases import phrase
from hosr.vocabulary.terms import Side

UNKNOWN = "unknown"
BY_DRAFT = "by_draft"


def read_signed(draft: Draft) -> Version:
    """The newest signed version of a draft.

    Raises DocumentRefused where a file of it was changed or is missing, or it is another report than
    the one that was signed.
    """
    folder = Path(draft.versions[-1])
    version = read_version(folder)
    if version.documents[0].sop_instance_uid != draft.document_uid:
        problem = phrase("holds another report than the one that was signed")
        remedy = phrase("put back what was signed there")
        raise DocumentRefused(Fault(str(folder), problem, remedy))
    return version


def find_ending(drafts: Drafts, folder: Path) -> Successor | None:
    """What was made of the newest version of a draft elsewhere; None where it still stands.

    What is being signed here at this moment, or was begun by a process that is gone, is not yet made.

    Raises UsageError where what stands beside it names no successor.
    """
    if not (folder / SUCCESSOR).exists():
        return None
    successor = read_successor(folder)
    if successor is None or (_is_own(successor, folder) and _is_unfinished(drafts, successor)):
        return None
    other = _find_other(drafts, successor, folder)
    if other is not None and not _is_noted(other, successor):
        return None
    return successor


def find_amending(drafts: Drafts, folder: Path) -> Draft | None:
    """The draft that was signed as the amendment of the version in a folder; None where none was.

    Raises UsageError where what stands beside it names no successor.
    """
    successor = read_successor(folder)
    other = None if successor is None else _find_other(drafts, successor, folder)
    return other if other and successor and _is_noted(other, successor) else None


def find_signed_before(drafts: Drafts, draft: Draft) -> Draft | None:
    """The nearest of the drafts that one follows which is signed; None where none is."""
    former_id = draft.follows
    while former_id:
        former = drafts.get(former_id)
        if former.versions:
            return former
        former_id = former.follows
    return None


def find_amended(drafts: Drafts, draft: Draft, rivals: Collection[Listed]) -> Draft | None:
    """The one of the `rivals` of a draft that it amends once it is signed: lines were drawn over its report.

    None where it follows no signed draft, or that is not its rival, or its report does not stand any more.
    """
    former = find_signed_before(drafts, draft)
    if former is None or former.draft_id not in {rival.draft_id for rival in rivals}:
        return None
    try:
        is_over = find_ending(drafts, Path(former.versions[-1])) is not None
    except UsageError:
        is_over = True
    return None if is_over else former


def find_endings(drafts: Drafts) -> dict[str, str]:
    """By the ids of the signed drafts that do not stand any more: the step that was taken, or `UNKNOWN`.

    Of one that another draft here amends, `BY_DRAFT`.
    """
    found = {}
    for draft_id, folder in drafts.newest_versions():
        try:
            ending = find_ending(drafts, folder)
        except UsageError:
            found[draft_id] = UNKNOWN
            continue
        if ending is not None:
            is_here = _find_other(drafts, ending, folder) is not None
            found[draft_id] = BY_DRAFT if is_here else ending.step.value
    return found


def find_rivals(drafts: Drafts, draft: Draft, sides: Collection[Side]) -> tuple[Listed, ...]:
    """The other drafts of the study that were signed of one of these hips, and hold.

    That is, not withdrawn since, nor amended by another draft, which holds in their place.

    Two reports that both hold of one hip are acted upon as chance has it: one is amended instead.
    """
    return tuple(_rivals(drafts, draft, sides))


def _rivals(drafts: Drafts, draft: Draft, sides: Collection[Side]) -> Iterator[Listed]:
    for listed in drafts.of_study(draft.study_instance_uid):
        is_other = listed.status is Status.SIGNED and listed.draft_id != draft.draft_id
        if not is_other or not {hip.side for hip in listed.hips} & {*sides}:
            continue
        if not _is_over(drafts, Path(drafts.get(listed.draft_id).versions[-1])):
            yield listed


def _is_over(drafts: Drafts, folder: Path) -> bool:
    try:
        return bool(find_withdrawal(folder) or find_amending(drafts, folder))
    except UsageError:  # then nobody knows
        return False


def _find_other(drafts: Drafts, successor: Successor, folder: Path) -> Draft | None:
    """The other draft here as whose version it is to lie, wherever the drafts lie now."""
    *_, reports, name, _ = ("", "", "", *Path(successor.folder).parts)
    if reports != REPORTS or name == folder.parent.name:
        return None
    try:
        return drafts.get(name)
    except UnknownDraft:
        return None


def _is_noted(draft: Draft, successor: Successor) -> bool:
    """Whether it is a version that was signed of a draft; what was begun and never noted is none."""
    return Path(successor.folder).name in {Path(each).name for each in draft.versions}


def _is_own(successor: Successor, folder: Path) -> bool:
    """Whether it is to lie where the next version of the same draft does, wherever the drafts lie now."""
    following = str(int(folder.name) + 1) if folder.name.isdecimal() else ""
    return Path(successor.folder).parts[-2:] == (folder.parent.name, following)


def _is_unfinished(drafts: Drafts, successor: Successor) -> bool:
    return not successor.is_finished or is_locked(drafts.signing_lock)
