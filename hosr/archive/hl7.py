"""A receiver of HL7 v2 messages, such as a RIS, as the outbox delivers to it: over MLLP, one by one."""

from __future__ import annotations

from hosr.archive.addresses import Destination, MllpAddress
from hosr.archive.mllp import Receiver, connect, deliver
from hosr.archive.tls import client_context
from hosr.archive.values import (
    Check,
    Entered,
    Locator,
    Outcome,
    Query,
    Receipt,
    cause,
    failed_check,
)
from hosr.errors import ArchiveError, Reason

_GIVES_NOTHING = cause(
    Reason.UNSUPPORTED,
    "takes messages, and gives nothing back",
    "name an archive over DIMSE or DICOMweb, or a folder",
)
_REMARKED = "it took the message and remarked on it ({count} x ERR): look at its log"


class Hl7Receiver(Entered):
    """The receiver at an `MllpAddress`. Each message has a connection of its own."""

    def __init__(self, destination: Destination) -> None:
        if not isinstance(destination.address, MllpAddress):
            raise TypeError("the destination is no receiver of HL7")
        self._destination = destination
        self._address = destination.address
        self._known: Receiver | None = None

    def store(self, data: bytes, control_id: str) -> Receipt:
        """Send the message with this control ID; a receipt only where it was acknowledged."""
        acknowledged = deliver(data, control_id, self._receiver())
        count = acknowledged.remarks
        return Receipt(
            sop_instance_uid=control_id,
            status=acknowledged.code,
            warning=_REMARKED.format(count=count) if count else "",
        )

    def fetch(self, locator: Locator) -> bytes:  # noqa: ARG002 (nothing is ever given back)
        """Refused: messages are not given back."""
        raise _GIVES_NOTHING.refusal(self._destination.name)

    def find(self, query: Query) -> tuple[Locator, ...]:  # noqa: ARG002 (as every archive)
        """Refused: there is nothing to look for."""
        raise _GIVES_NOTHING.refusal(self._destination.name)

    def examine(self) -> tuple[Check, ...]:
        """Whether it can be connected to. No message is sent, for a receiver would file it."""
        try:
            connect(self._receiver()).close()
        except ArchiveError as error:
            return (failed_check("connection", error), _UNTRIED)
        words = "somebody listens there" + (", over TLS" if self._address.secure else "")
        return (Check(name="connection", outcome=Outcome.WORKS, words=words), _UNTRIED)

    def _receiver(self) -> Receiver:
        """Who is sent to; `ArchiveError` where the files of its TLS cannot be used."""
        if self._known is None:
            of, secure = self._destination, self._address.secure
            self._known = Receiver(
                name=of.name,
                host=self._address.host,
                port=self._address.port,
                context=client_context(of.tls, of.name) if secure else None,
                connect_s=of.connect_s,
                answer_s=of.answer_s,
            )
        return self._known


_UNTRIED = Check(
    name="messages",
    outcome=Outcome.UNTRIED,
    words="a receiver would file even a test; the first report shows whether it takes them",
)
