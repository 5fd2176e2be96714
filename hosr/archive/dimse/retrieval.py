"""What queries and retrievals share (PS3.4 Annex C): the models, and why there was no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.archive.dimse.refusals import refusal
from hosr.archive.statuses import cause_of_status, hexadecimal
from hosr.errors import Reason

if TYPE_CHECKING:
    from hosr.archive.dimse.association import ArchiveAssociation
    from hosr.errors import ArchiveError


# Study Root (PS3.4 table C.6.2.3-1).
FIND = "1.2.840.10008.5.1.4.1.2.2.1"
MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
GET = "1.2.840.10008.5.1.4.1.2.2.3"

SYNTAXES = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"]
MAX_INSTANCES = 50_000

# The status of an abort before any answer: mostly a no, but once it may be chance.
ABORTED = "A-ABORT"

_RIGHTS = "let its administrator allow query and retrieval to this AE title"


def unanswered(
    association: ArchiveAssociation, name: str, what: str, *, begun: bool = False
) -> ArchiveError:
    """No answer: the archive aborted, as many do where they do not allow it, or was lost.

    Where it had `begun` to answer, an abort is no refusal.
    """
    if association.peer_aborted and not begun:
        problem = f"ended the association when it was asked for {what}"
        return refusal(name, Reason.UNSUPPORTED, problem, _RIGHTS, status=ABORTED)
    problem = f"gave no answer, or none to the end, when it was asked for {what}"
    return refusal(name, Reason.LOST, problem, "try again")


def refused(status: int, name: str, what: str) -> ArchiveError:
    """A status of failure (PS3.4 tables C.4-1 to C.4-3)."""
    reason = cause_of_status(status).reason
    if reason in {Reason.CONFIGURATION, Reason.UNSUPPORTED}:
        reason = Reason.UNSUPPORTED
    elif reason is Reason.DATA:  # of the query, not of an object
        reason = Reason.PROCESSING
    problem = f"refused {what}"
    return refusal(name, reason, problem, _RIGHTS, status=hexadecimal(status))


def absent(name: str, missing: int = 1, wanted: int = 1) -> ArchiveError:
    """What was asked for was not given, and the archive did not say why."""
    objects = f"{missing} of {wanted} objects" if wanted > 1 else "the object"
    problem = f"does not have {objects} that it was asked for, or does not give them"
    return refusal(name, Reason.ABSENT, problem, "find out whether the archive still has them")
