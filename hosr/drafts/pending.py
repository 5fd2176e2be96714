"""What was begun to be signed and did not end: taken back as a whole, by whoever signs next.

Who holds the lock beside the store signs; a mark of another one is that of a process that is gone.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hosr.drafts.signed import find_signed_before
from hosr.drafts.states import Event
from hosr.drafts.store import Drafts
from hosr.drafts.values import Draft
from hosr.errors import Fault, HosrError, UsageError
from hosr.folder import flush_folder, locked
from hosr.lifecycle.succession import SUCCESSOR, read_successor
from hosr.logs import logger
from hosr.phrases import phrase

_LOG = logger(__name__)


def settle(drafts: Drafts) -> tuple[str, ...]:
    """Take back whatever was begun to be signed by a process that is gone; the ids of these drafts."""
    with alone(drafts):
        pending = drafts.signing()
        for draft_id in pending:
            _settle(drafts, drafts.get(draft_id))
    return pending


@contextmanager
def alone(drafts: Drafts) -> Iterator[None]:
    """Sign while nobody else does in this folder."""
    lock = drafts.signing_lock
    try:
        os.close(os.open(lock, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise _unwritable(lock, error) from error
    with locked(lock):
        yield


@contextmanager
def taken_back(drafts: Drafts, draft: Draft, event: Event, out: Path, *, by: str) -> Iterator[None]:
    """Mark the draft as being signed, as it is now; where that fails, leave nothing of it."""
    name = draft.draft_id
    drafts.begin_signing(name, draft.etag, event, out, by=by)
    try:
        yield
    except BaseException:
        with suppress(HosrError):  # what is left then, the next one takes back
            _settle(drafts, drafts.get(name))
        raise


def settle_study(drafts: Drafts, draft_id: str) -> Draft:
    """The draft as it is when nobody is signing it, or another one of the study that amends it."""
    study = drafts.get(draft_id).study_instance_uid
    for pending in map(drafts.get, drafts.signing()):
        if pending.study_instance_uid == study:
            _settle(drafts, pending)
    return drafts.get(draft_id)


def _settle(drafts: Drafts, draft: Draft) -> Draft:
    """The draft as it is when nobody is signing it: what was made and not noted is removed."""
    if not draft.signing_by:
        return draft
    _LOG.warning("draft %s: what was begun to be signed is taken back", draft.draft_id)
    reports, out = drafts.reports(draft.draft_id), Path(draft.signing_folder)
    try:
        before = draft if draft.versions else find_signed_before(drafts, draft)
        if before is not None:
            _free(Path(before.versions[-1]), out)
        if not draft.versions:
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
    """Let a version have another successor than the one that was to lie in a folder.

    Both lie in the folder of the drafts, which may have been moved since.
    """
    begun = read_successor(before)
    if begun is not None and Path(begun.folder).parts[-3:] == out.parts[-3:]:
        (before / SUCCESSOR).unlink()


def _remove(folder: Path) -> None:
    """Remove a folder that was not there when it was begun."""
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)


def _unwritable(path: Path, error: OSError) -> UsageError:
    problem = phrase("cannot be written ({told})", told=error.strerror or type(error).__name__)
    remedy = phrase("see that the disk has room and is sound; nothing was signed")
    return UsageError(Fault(str(path), problem, remedy))
