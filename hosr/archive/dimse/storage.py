"""C-STORE of one object, as it is encoded (PS3.4 annex B)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable

from pydicom.uid import UID, DeflatedExplicitVRLittleEndian
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.presentation import PresentationContext, build_context

from hosr.archive.dimse.association import ArchiveAssociation
from hosr.archive.statuses import (
    StoredObject,
    cause_of_status,
    hexadecimal,
    unfit,
    warning_of_status,
)
from hosr.archive.values import Receipt, refusal
from hosr.dicom.structure import UnusableFile
from hosr.dicom.transcoding import implicit_of_explicit, inflated
from hosr.errors import Reason

EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
# In which services without objects are spoken.
SYNTAXES = [EXPLICIT, IMPLICIT]
VERIFICATION = "1.2.840.10008.1.1"

# What hosr writes (PS3.4 table B.5-1), so that one association serves all objects of a report.
SOP_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.88.34": "Comprehensive 3D SR",
    "1.2.840.10008.5.1.4.1.1.88.33": "Comprehensive SR",
    "1.2.840.10008.5.1.4.1.1.88.11": "Basic Text SR",
    "1.2.840.10008.5.1.4.1.1.104.1": "Encapsulated PDF",
    "1.2.840.10008.5.1.4.1.1.11.1": "Grayscale Softcopy Presentation State",
    "1.2.840.10008.5.1.4.1.1.88.59": "Key Object Selection Document",
    "1.2.840.10008.5.1.4.1.1.7": "Secondary Capture Image",
}


def syntaxes_of(transfer_syntax: str) -> tuple[str, ...]:
    """The transfer syntaxes in which such a data set can be sent, the best first."""
    if transfer_syntax in {EXPLICIT, DeflatedExplicitVRLittleEndian}:
        return tuple(dict.fromkeys((transfer_syntax, EXPLICIT, IMPLICIT)))
    return (transfer_syntax,)


def storage_contexts(pairs: Iterable[tuple[str, str]] = ()) -> list[PresentationContext]:
    """Contexts for what hosr writes and for these pairs of SOP class and transfer syntax.

    Each has one transfer syntax, so that the archive says of each whether it takes it.
    """
    own = [(sop_class, syntax) for sop_class in SOP_CLASSES for syntax in (EXPLICIT, IMPLICIT)]
    return [build_context(sop_class, syntax) for sop_class, syntax in dict.fromkeys([*own, *pairs])]


def send_object(
    association: ArchiveAssociation, stored: StoredObject, message_id: int, name: str
) -> Receipt | None:
    """The receipt of the archive, or None where the association ended before there was one.

    Raises
    ------
    ArchiveError
        Where the archive refused, or answered for another object.
    """
    context = _accepted_context(association, stored)
    if context is None:
        raise _unsupported(stored, name)
    request = C_STORE()
    request.MessageID = message_id
    request.Priority = 2  # low; archives ignore it
    request.AffectedSOPClassUID = UID(stored.sop_class_uid)
    request.AffectedSOPInstanceUID = UID(stored.sop_instance_uid)
    request.DataSet = io.BytesIO(_encoded(stored, str(context.transfer_syntax[0]), name))
    answer = association.exchange(request, context.context_id or 0)
    if answer is None:
        return None
    answered_for = str(answer.AffectedSOPInstanceUID or "").strip(" \0")
    if answered_for not in {"", stored.sop_instance_uid}:  # it need not be named (PS3.7 9.3.1.2)
        problem = "answered for another object than the one that was sent"
        raise refusal(name, Reason.UNCONFIRMED, problem, "look at the log of the archive")
    return _receipt(stored.sop_instance_uid, answer.Status, name)


def _receipt(sop_instance_uid: str, status: int, name: str) -> Receipt:
    code = hexadecimal(status)
    warning = warning_of_status(status)
    if warning is None:
        raise cause_of_status(status).refusal(name, status=code)
    return Receipt(sop_instance_uid=sop_instance_uid, status=code, warning=warning)


def _accepted_context(
    association: ArchiveAssociation, stored: StoredObject
) -> PresentationContext | None:
    accepted = {
        str(context.transfer_syntax[0]): context
        for context in association.accepted_contexts
        if context.abstract_syntax == stored.sop_class_uid and context.as_scu
    }
    usable = (accepted.get(syntax) for syntax in syntaxes_of(stored.transfer_syntax))
    return next((context for context in usable if context is not None), None)


def _encoded(stored: StoredObject, syntax: str, name: str) -> bytes:
    """The data set in the transfer syntax that was accepted."""
    if syntax == stored.transfer_syntax:
        return stored.data_set
    try:
        deflated = stored.transfer_syntax == DeflatedExplicitVRLittleEndian
        explicit = inflated(io.BytesIO(stored.data_set)) if deflated else stored.data_set
        return explicit if syntax == EXPLICIT else implicit_of_explicit(explicit)
    except (UnusableFile, struct.error, RecursionError):
        raise unfit(name, "cannot be written in Implicit VR Little Endian") from None


def _unsupported(stored: StoredObject, name: str) -> Exception:
    known = UID(stored.transfer_syntax).name
    problem = f"does not accept {SOP_CLASSES.get(stored.sop_class_uid) or UID(stored.sop_class_uid).name} in {known}"
    remedy = "have the administrator of the archive allow this SOP class"
    return refusal(name, Reason.UNSUPPORTED, problem, remedy)
