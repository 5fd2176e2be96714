"""What works with an archive over DIMSE: what it accepts, and then what it does when it is asked.

An accepted context alone proves nothing. Everything is asked about an instance that does not
exist, so that nothing is stored or committed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from pydicom.uid import UID
from pynetdicom.dimse_primitives import C_ECHO
from pynetdicom.presentation import build_context

from hosr.archive.addresses import Destination
from hosr.archive.dimse.association import ArchiveAssociation, close_association, open_association
from hosr.archive.dimse.commitment import STORAGE_COMMITMENT
from hosr.archive.dimse.listener import listen
from hosr.archive.dimse.query import FIND, GET, MOVE
from hosr.archive.dimse.storage import (
    EXPLICIT,
    IMPLICIT,
    SOP_CLASSES,
    SYNTAXES,
    VERIFICATION,
    storage_contexts,
)
from hosr.archive.statuses import SUCCESS, hexadecimal
from hosr.archive.values import (
    Check,
    CommitmentReport,
    CommittingArchive,
    Locator,
    Outcome,
    Query,
    failed_check,
    refusal,
)
from hosr.errors import ArchiveError, Reason
from hosr.identity import derive_uid

# Services besides storage (PS3.4 annexes J and C): SOP class, name, what it is good for.
_SERVICES = (
    (STORAGE_COMMITMENT, "storage commitment", "it can be asked to vouch for what it stored"),
    (FIND, "C-FIND", "studies can be looked up"),
    (GET, "C-GET", "objects can be fetched on the same connection"),
    (MOVE, "C-MOVE", "objects can be fetched by way of a listener"),
)

_NOBODY = derive_uid("an instance that does not exist")
_NOTHING = Locator(
    study_instance_uid=_NOBODY,
    series_instance_uid=_NOBODY,
    sop_class_uid="1.2.840.10008.5.1.4.1.1.88.34",
    sop_instance_uid=_NOBODY,
)


def examine(destination: Destination) -> tuple[Check, ...]:
    """Each thing that hosr may want of the archive, and whether it is to be had."""
    services = [build_context(sop_class, SYNTAXES) for sop_class, _, _ in _SERVICES]
    contexts = [build_context(VERIFICATION, IMPLICIT), *services, *storage_contexts()]
    try:
        association = open_association(destination, contexts)
    except ArchiveError as error:
        return (failed_check("association", error), *_untried())
    try:
        return (
            _check("association", Outcome.WORKS, "it takes associations from this AE title"),
            _check_encryption(association),
            _check_echo(association),
            *_check_storage(association),
            *_check_services(association),
        )
    finally:
        close_association(association)


def _check(name: str, outcome: Outcome, words: str) -> Check:
    return Check(name=name, outcome=outcome, words=words)


def _untried() -> list[Check]:
    names = ["encryption", "C-ECHO", *SOP_CLASSES.values(), *(name for _, name, _ in _SERVICES)]
    return [_check(name, Outcome.UNTRIED, "there is no association") for name in names]


def _check_encryption(association: ArchiveAssociation) -> Check:
    version = association.connection.tls_version
    if version:
        return _check("encryption", Outcome.WORKS, f"{version}; its certificate is trusted")
    words = "patient data travel readable for everybody on the way; use `dimses://` if it can"
    return _check("encryption", Outcome.ABSENT, words)


def _check_echo(association: ArchiveAssociation) -> Check:
    context = next(
        (c for c in association.accepted_contexts if c.abstract_syntax == VERIFICATION), None
    )
    if context is None:
        return _check("C-ECHO", Outcome.ABSENT, "it does not offer verification")
    request = C_ECHO()
    request.MessageID = 1
    request.AffectedSOPClassUID = UID(VERIFICATION)
    answer = association.exchange(request, context.context_id or 0)
    if answer is None:
        return _check("C-ECHO", Outcome.FAILS, "it gave no answer")
    if answer.Status != SUCCESS:
        return _check("C-ECHO", Outcome.FAILS, f"it answered {hexadecimal(answer.Status)}")
    return _check("C-ECHO", Outcome.WORKS, "it answers")


def _check_storage(association: ArchiveAssociation) -> Sequence[Check]:
    accepted: dict[str, set[str]] = {}
    for context in association.accepted_contexts:
        syntaxes = accepted.setdefault(str(context.abstract_syntax), set())
        syntaxes.add(str(context.transfer_syntax[0]))
    return [
        _check_class(name, accepted.get(sop_class, set()))
        for sop_class, name in SOP_CLASSES.items()
    ]


def _check_class(name: str, syntaxes: set[str]) -> Check:
    if EXPLICIT in syntaxes:
        return _check(name, Outcome.WORKS, "it accepts such objects")
    if IMPLICIT in syntaxes:
        words = "it accepts such objects, in Implicit VR Little Endian only"
        return _check(name, Outcome.WORKS, words)
    return _check(name, Outcome.ABSENT, "it does not accept such objects")


def _check_services(association: ArchiveAssociation) -> Sequence[Check]:
    accepted = {str(context.abstract_syntax) for context in association.accepted_contexts}
    return [
        _check(name, Outcome.WORKS, f"it accepts requests: {words}")
        if sop_class in accepted
        else _check(name, Outcome.ABSENT, "it does not accept requests")
        for sop_class, name, words in _SERVICES
    ]


def try_services(
    archive: CommittingArchive,
    destination: Destination,
    checks: Sequence[Check],
    transaction_uid: str,
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
        return failed_check(check.name, error)


def _find(archive: CommittingArchive) -> str:
    archive.find(Query(study_instance_uid=_NOBODY))
    return "it was asked for a study: studies can be looked up"


def _get(archive: CommittingArchive) -> str:
    try:
        archive.fetch(_NOTHING)
    except ArchiveError as error:
        if error.reason is not Reason.ABSENT:
            raise
    return "it was asked for an object: objects can be read back"


def _commit(archive: CommittingArchive, destination: Destination, transaction_uid: str) -> str:
    """Ask for commitment to what does not exist, and wait until the archive says so."""
    reported = threading.Event()

    def take_report(report: CommitmentReport) -> bool:
        expected = report.transaction_uid == transaction_uid
        if expected:
            reported.set()
        return expected

    with listen(destination, take_report) as turned_away:
        archive.request_commitment(transaction_uid, [_NOTHING.reference], take_report)
        if not reported.wait(destination.answer_s):
            raise _unreported(destination, turned_away())
    return "it was asked, and reported: it can be asked to vouch for what it stored"


def _unreported(destination: Destination, turned_away: Sequence[str]) -> ArchiveError:
    listener = destination.listener
    at = f"{listener.host}:{listener.port}" if listener else "here"
    problem = f"heard the request, and reported nothing to {at} within {destination.answer_s:g} s"
    if turned_away:
        problem += f"; {' and '.join(dict.fromkeys(turned_away))} was turned away"
        remedy = (
            "have the archive report under the AE title of its address to the calling one there, "
            "or name its other hosts in `peers`"
        )
        return refusal(destination.name, Reason.UNCONFIRMED, problem, remedy)
    remedy = (
        "register this host and port for the calling AE title at the archive, and let it through "
        "the firewall"
    )
    return refusal(destination.name, Reason.UNCONFIRMED, problem, remedy)
