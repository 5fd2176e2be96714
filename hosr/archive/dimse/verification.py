"""Trying what an archive says it offers: an accepted context alone proves nothing.

Everything is asked about an instance that does not exist, so that nothing is stored or committed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.archive.dimse.listening import listen
from hosr.archive.values import Check, Locator, Outcome, Query
from hosr.errors import ArchiveError, Reason
from hosr.identity import derive_uid

if TYPE_CHECKING:
    from hosr.archive.destinations import Destination
    from hosr.archive.dimse.archive import DimseArchive
    from hosr.archive.values import CommitmentReport


_NOBODY = derive_uid("an instance that does not exist")
_NOTHING = Locator(
    study_instance_uid=_NOBODY,
    series_instance_uid=_NOBODY,
    sop_class_uid="1.2.840.10008.5.1.4.1.1.88.34",
    sop_instance_uid=_NOBODY,
)


def try_services(
    archive: DimseArchive, destination: Destination, checks: Sequence[Check], transaction_uid: str
) -> tuple[Check, ...]:
    """The checks, with those of C-FIND, C-GET and storage commitment replaced by what a try gave.

    Storage commitment is tried under this transaction UID, which must never have been used, and
    only where there is a listener.
    """
    tries: dict[str, Callable[[], str]] = {
        "C-FIND": lambda: _find(archive),
        "C-GET": lambda: _get(archive),
    }
    if destination.listener is not None:
        tries["storage commitment"] = lambda: _commit(archive, destination, transaction_uid)
    return tuple(
        _tried(check, tries[check.name])
        if check.name in tries and check.outcome is Outcome.WORKS
        else check
        for check in checks
    )


def _tried(check: Check, attempt: Callable[[], str]) -> Check:
    try:
        return replace(check, words=attempt())
    except ArchiveError as error:
        words = "; ".join(f"{fault.problem}; {fault.remedy}" for fault in error.faults)
        return replace(check, outcome=Outcome.FAILS, words=words)


def _find(archive: DimseArchive) -> str:
    archive.find(Query(study_instance_uid=_NOBODY))
    return "it was asked for a study: studies can be looked up"


def _get(archive: DimseArchive) -> str:
    try:
        archive.fetch(_NOTHING)
    except ArchiveError as error:
        if error.reason is not Reason.ABSENT:
            raise
    return "it was asked for an object: objects can be read back"


def _commit(archive: DimseArchive, destination: Destination, transaction_uid: str) -> str:
    """Ask for commitment to what does not exist, and wait until the archive says so."""
    reported = threading.Event()

    def take_report(report: CommitmentReport) -> bool:
        expected = report.transaction_uid == transaction_uid
        if expected:
            reported.set()
        return expected

    with listen(destination, take_report):
        archive.request_commitment(transaction_uid, [_NOTHING.reference], take_report)
        if not reported.wait(destination.answer_s):
            raise _unreported(destination)
    return "it was asked, and reported: it can be asked to vouch for what it stored"


def _unreported(destination: Destination) -> ArchiveError:
    from hosr.archive.dimse.refusals import refusal

    listener = destination.listener
    at = f"{listener.host}:{listener.port}" if listener else "here"
    problem = f"heard the request, and reported nothing to {at} within {destination.answer_s:g} s"
    remedy = (
        "register this host and port for the calling AE title at the archive, and let it through "
        "the firewall"
    )
    return refusal(destination.name, Reason.UNCONFIRMED, problem, remedy)
