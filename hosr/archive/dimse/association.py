"""Associations with an archive: opened, used and ended without a surprise.

Why there is none is told apart here: pynetdicom says the same of most failures.
"""

from __future__ import annotations

import logging
import queue
import re
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pynetdicom
from pynetdicom import _config, evt
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_primitives import C_ECHO, C_STORE
from pynetdicom.dul import DULServiceProvider
from pynetdicom.events import Event, EventType
from pynetdicom.pdu import A_ABORT_RQ
from pynetdicom.pdu_primitives import A_P_ABORT, P_DATA, SCP_SCU_RoleSelectionNegotiation
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import AddressInformation

from hosr.archive.addresses import Destination, DimseAddress
from hosr.archive.dimse.connection import Connection, open_connection
from hosr.archive.dimse.messages_log import MessageLog, log_refused
from hosr.archive.tls import tls_failure
from hosr.archive.values import refusal
from hosr.archive.written_addresses import is_ae_title
from hosr.composite.instances import IMPLEMENTATION_CLASS_UID
from hosr.errors import ArchiveError, Reason
from hosr.version import __version__

Handler = tuple[EventType, Callable[..., Any]] | tuple[EventType, Callable[..., Any], list[Any]]


# What hosr takes in one P-DATA-TF PDU; announced as Maximum Length Received (PS3.8 annex D.1).
MAX_PDU_LENGTH = 1 << 17

# The data set of one message at most; files have the same limit.
MAX_MESSAGE_BYTES = 2 << 30

# A release that is not answered by then is not waited for: nothing depends on it.
_RELEASE_S = 5.0
# An association that is not used for that long, beyond every wait for an answer, is ended.
_IDLE_S = 60.0

# Less than that in the time for an answer is no transfer under way.
_LEAST_BYTES = 1 << 14

# Why an association is rejected (PS3.8 table 9-21): result, source, reason/diagnostic. A result
# of 2 is transient whatever the reason.
_AE_REMEDY = "have the administrator of the archive register both AE titles, or mend them"
_REJECTIONS = {
    (1, 3): ("does not know the calling AE title {calling}", _AE_REMEDY),
    (1, 7): ("does not answer to the called AE title {called}", _AE_REMEDY),
    (1, 2): ("does not know the DICOM application context", "check the address"),
    (2, 2): ("does not know this version of the DICOM protocol", "check the address"),
}
_NOT_NOW = {(3, 1), (3, 2)}  # congestion, and too many associations, whatever the result says

# How others begin to speak when they are asked for an association.
_OTHERS = (
    (b"\x15\x03", Reason.INSECURE, "asks for an encrypted connection", "use a `dimses://` address"),
    (b"HTTP/", Reason.CONFIGURATION, "is a web server, not a DICOM archive", "check the port"),
    (b"<", Reason.CONFIGURATION, "is a web server, not a DICOM archive", "check the port"),
    (b"SSH-", Reason.CONFIGURATION, "is an SSH server, not a DICOM archive", "check the port"),
)
_PDU_TYPES = frozenset(range(1, 8))
_A_ABORT = b"\7"
# Result, source and reason (PS3.8 section 9.3.4).
_A_ASSOCIATE_RJ = re.compile(rb"\x03.\x00{3}\x04.(...)", re.DOTALL)

# Its records name addresses and the values of identifiers, and its handlers write them out.
logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)
_config.LOG_HANDLER_LEVEL = "none"


class Provider(DULServiceProvider):
    """The state machine's thread, which ends its association instead of showing a traceback."""

    def run(self) -> None:
        """Run until the connection ends."""
        try:
            super().run()
        except Exception:  # noqa: BLE001 - what a peer can bring the state machine to
            self.assoc.is_aborted = True
            self.assoc.is_established = False
            self.to_user_queue.put(A_P_ABORT())
            self.assoc.dimse.msg_queue.put((None, None))
            if self.socket is not None:
                self.socket.close()


class Messages(DIMSEServiceProvider):
    """The queue of messages, which remembers that one did not come in time, and caps their size."""

    limit_bytes: int | None = None  # MAX_MESSAGE_BYTES

    def receive_primitive(self, primitive: P_DATA) -> None:
        """Take a part of a message; one without measure ends the association."""
        super().receive_primitive(primitive)
        message = self.message
        if message is None:
            return
        parts = (message.encoded_command_set, message.data_set)
        if sum(part.tell() for part in parts if part is not None) > (
            self.limit_bytes or MAX_MESSAGE_BYTES
        ):
            self.message = None
            raise OverflowError("a longer message than is bearable")

    def get_msg(self, block: bool = False) -> Any:
        """The next message with its context; nothing where the time is up or it has ended.

        The time runs anew as long as a large object is on its way. Who asked takes the answer:
        pynetdicom's own loop, which polls, may wake late and would take it away and drop it.
        """
        association = self.assoc
        if not isinstance(association, ArchiveAssociation):
            return super().get_msg(block)
        if not block:
            return None, None
        connection = association.connection
        while True:
            before = connection.moved_bytes
            try:
                return self.msg_queue.get(timeout=self.dimse_timeout)
            except queue.Empty:
                if connection.moved_bytes - before < _LEAST_BYTES:
                    association.timed_out = True
                    return None, None


class ArchiveAssociation(Association):
    """An association that hosr asked for.

    `timed_out` is set once an answer did not come in time, `peer_aborted` once the archive sent an
    A-ABORT, which is how many say no.
    """

    def __init__(
        self, entity: pynetdicom.AE, opened: socket.socket, destination: Destination
    ) -> None:
        super().__init__(entity, "requestor")
        self.dul = Provider(self)
        self.messages = self.dimse = Messages(self)
        self.dul.daemon = True  # a peer that hangs must not keep this process alive
        self.network_timeout = self.network_timeout  # told to the new state machine too
        self.acse_timeout = self.acse_timeout
        self.connection = Connection(self, opened, destination.answer_s)
        self.set_socket(self.connection)
        self.timed_out = False
        self.peer_aborted = False
        self.log = MessageLog(self, _place_of(destination))
        self.bind(evt.EVT_PDU_RECV, _note_abort)

    def run(self) -> None:
        """Serve until the association ends."""
        try:
            super().run()
        except Exception:  # noqa: BLE001 - what a peer can bring it to
            self.is_aborted = True
            self.is_established = False
        finally:
            self._is_paused = True  # or those who wait for a pause would wait for ever

    def abort(self, block: bool = True) -> None:
        """Abort it, without a long wait for the peer's part in that."""
        self.connection.hurry()
        super().abort(block)

    def limit_messages(self, limit_bytes: int) -> None:
        """Take no larger message than that: one ends the association."""
        self.messages.limit_bytes = limit_bytes

    def exchange(self, request: C_STORE | C_ECHO, context_id: int) -> Any:
        """The answer to a request, or None where the association ended before there was one.

        Unlike pynetdicom's own methods this sends an encoded data set as it is, and takes no
        answer that belongs to another request.
        """
        if not self.is_established:
            return None
        self._reactor_checkpoint.clear()
        while not self._is_paused:  # or it would take the answer for itself
            time.sleep(0.0001)
        try:
            self.dimse.send_msg(request, context_id)
            _, answer = self.dimse.get_msg(block=True)
        finally:
            self._reactor_checkpoint.set()
        if answer is None:
            self.abort()
            return None
        belongs = answer.MessageIDBeingRespondedTo == request.MessageID
        if not belongs or type(answer) is not type(request) or not answer.is_valid_response:
            self.abort()
            return None
        return answer


def _note_abort(event: Event) -> None:
    if isinstance(event.pdu, A_ABORT_RQ) and isinstance(event.assoc, ArchiveAssociation):
        event.assoc.peer_aborted = True


def open_association(
    destination: Destination,
    contexts: Sequence[PresentationContext],
    *,
    handlers: Sequence[Handler] = (),
    roles: Sequence[SCP_SCU_RoleSelectionNegotiation] = (),
) -> ArchiveAssociation:
    """An association with the archive in which at least one of the contexts was accepted.

    `handlers` are bound as pynetdicom binds them; `roles` are proposed (`build_role`).

    Raises
    ------
    ArchiveError
        UNREACHABLE, INSECURE, BUSY, UNSUPPORTED where no context was accepted, or CONFIGURATION.
    """
    try:
        association = _open(destination, contexts, handlers, roles)
    except ArchiveError as error:
        log_refused(_place_of(destination), error)
        raise
    association.log.opened(_dimse_address(destination).calling_aet)
    return association


def _place_of(destination: Destination) -> str:
    """The archive as the log names it: its AE title, host and port."""
    address = _dimse_address(destination)
    return f"{address.called_aet} at {address.host}:{address.port}"


def _open(
    destination: Destination,
    contexts: Sequence[PresentationContext],
    handlers: Sequence[Handler],
    roles: Sequence[SCP_SCU_RoleSelectionNegotiation],
) -> ArchiveAssociation:
    address = _dimse_address(destination)
    entity = application_entity(destination)
    opened = open_connection(destination, address)
    try:
        association = ArchiveAssociation(entity, opened, destination)
    except BaseException:
        opened.close()
        raise
    association.acceptor.ae_title = address.called_aet
    association.acceptor.address_info = _peer(opened)
    association.requestor.address_info = AddressInformation("127.0.0.1", 0)
    _describe(association, entity, contexts, roles)
    for handler in handlers:
        association.bind(*handler)
    try:
        association.request()
    except BaseException:
        close_association(association)
        raise
    if association.is_established:
        association.start()
        return association
    error = _failure(destination, association)
    close_association(association)
    raise error


def application_entity(destination: Destination) -> pynetdicom.AE:
    """The application entity that hosr is towards this archive.

    Raises ArchiveError with CONFIGURATION for AE titles that are none.
    """
    address = _dimse_address(destination)
    for title in (address.called_aet, address.calling_aet):
        if not is_ae_title(title):
            problem = f"{title!a} is no AE title"
            remedy = "give 1 to 16 printable ASCII characters without a backslash"
            raise refusal(destination.name, Reason.CONFIGURATION, problem, remedy)
    entity = pynetdicom.AE(ae_title=address.calling_aet)
    entity.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    entity.implementation_version_name = f"HOSR_{__version__}".replace(".", "_")[:16]
    entity.maximum_pdu_size = MAX_PDU_LENGTH
    entity.connection_timeout = destination.connect_s
    entity.acse_timeout = destination.answer_s
    entity.dimse_timeout = destination.answer_s
    entity.network_timeout = _IDLE_S + max(destination.answer_s, destination.commitment_s)
    return entity


def close_association(association: Association) -> None:
    """End an association, whatever state it is in; released where that is possible."""
    association.acse_timeout = _RELEASE_S
    with suppress(Exception):
        if association.is_established:
            association.release()
    with suppress(Exception):
        if not (association.is_released or association.is_aborted or association.is_rejected):
            association.abort()
    if isinstance(association, ArchiveAssociation):
        association.connection.cut()
        association.log.closed(association)
    for thread in (association.dul, association):
        if thread.ident is not None:
            thread.join(_RELEASE_S)


def called_aet(destination: Destination) -> str:
    """What the archive calls itself."""
    return _dimse_address(destination).called_aet


def _dimse_address(destination: Destination) -> DimseAddress:
    address = destination.address
    if not isinstance(address, DimseAddress):
        raise TypeError("an association needs a DimseAddress")
    return address


def _describe(
    association: Association,
    entity: pynetdicom.AE,
    contexts: Sequence[PresentationContext],
    roles: Sequence[SCP_SCU_RoleSelectionNegotiation],
) -> None:
    """Say who asks, and for what."""
    numbered = deepcopy(list(contexts))
    for index, context in enumerate(numbered):
        context.context_id = 2 * index + 1
    user = association.requestor
    user.ae_title = entity.ae_title
    user.maximum_length = entity.maximum_pdu_size
    user.implementation_class_uid = entity.implementation_class_uid
    user.implementation_version_name = entity.implementation_version_name
    for role in roles:
        user.add_negotiation_item(role)
    user.requested_contexts = numbered


def _peer(opened: socket.socket) -> AddressInformation:
    try:
        return AddressInformation.from_tuple(opened.getpeername())
    except OSError:  # gone already, which reading will find
        return AddressInformation("127.0.0.1", 0)


def _failure(destination: Destination, association: ArchiveAssociation) -> ArchiveError:
    """Why there is no association although there was a connection."""
    name = destination.name
    # Taken from what was sent: woken late, pynetdicom may end before it has noted a rejection.
    rejection = _A_ASSOCIATE_RJ.match(association.connection.first_bytes)
    if rejection is not None:
        return _rejection(destination, *rejection[1])
    if association.rejected_contexts:
        problem = "accepts none of the services and object classes that were proposed"
        remedy = "have the administrator of the archive allow them"
        return refusal(name, Reason.UNSUPPORTED, problem, remedy)
    connection = association.connection
    if isinstance(connection.failure, ssl.SSLError):
        return tls_failure(connection.failure).refusal(name)
    for start, reason, problem, remedy in _OTHERS:
        if connection.first_bytes.startswith(start):
            return refusal(name, reason, problem, remedy)
    if connection.first_bytes and connection.first_bytes[0] not in _PDU_TYPES:
        problem = "does not speak DICOM on this port"
        return refusal(name, Reason.CONFIGURATION, problem, "check the address and the port")
    if connection.first_bytes.startswith(_A_ABORT):
        problem = "aborted the association instead of answering"
    elif connection.first_bytes:
        problem = "its answer to the proposal of an association was damaged or cut off"
    elif connection.ended:
        problem = "ended the connection when an association was proposed"
    else:
        problem = f"no answer within {destination.answer_s:g} s when an association was proposed"
    remedy = "check the address, and whether that port is encrypted"
    return refusal(name, Reason.UNREACHABLE, problem, remedy)


def _rejection(destination: Destination, result: int, source: int, diagnostic: int) -> ArchiveError:
    address = _dimse_address(destination)
    cause = (source, diagnostic)
    status = f"RJ {result}/{source}/{diagnostic}"
    if result == 2 or cause in _NOT_NOW:
        problem, remedy = "takes no more associations at the moment", "wait; it is tried again"
        return refusal(destination.name, Reason.BUSY, problem, remedy, status=status)
    words, remedy = _REJECTIONS.get(cause, ("rejects the association without a reason", _AE_REMEDY))
    problem = words.format(calling=address.calling_aet, called=address.called_aet)
    return refusal(destination.name, Reason.CONFIGURATION, problem, remedy, status=status)
