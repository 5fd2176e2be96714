"""The receiver: a storage provider that takes images and results from whoever sends them (PS3.4 annex B).

An object is whole, is what it was announced as, and is kept by `keep` before it is answered with success.
Which classes are taken is said as the association is negotiated; nothing else can be sent then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from pynetdicom import evt
from pynetdicom.events import Event
from pynetdicom.presentation import build_context

from hosr.archive.addresses import Destination, DimseAddress, Tls
from hosr.archive.dimse.association import application_entity
from hosr.archive.dimse.retrieval import STORED_SYNTAXES
from hosr.archive.dimse.server import IDLE_S, AssociationServer, Interface, bind_server
from hosr.archive.dimse.storage import SYNTAXES, VERIFICATION
from hosr.archive.tls import server_context
from hosr.archive.values import Locator
from hosr.archive.written_addresses import is_ae_title, parse_host_and_port
from hosr.dicom.elements import peek
from hosr.errors import Fault, UsageError
from hosr.identity import is_usable_uid
from hosr.logs import logger

_LOG = logger(__name__)

MAX_OBJECT_BYTES = 512 << 20
# Each may hold an object in memory.
_MAX_ASSOCIATIONS = 8

# What the sender of an object is told (PS3.4 table B.2-1).
TAKEN, NO_ROOM, OTHER_CLASS, DAMAGED = 0x0000, 0xA700, 0xA900, 0xC000

_IDENTITY = (0x00080016, 0x00080018, 0x0020000D, 0x0020000E)

Keep = Callable[[Locator, bytes], None]
Taking = Callable[[Keep], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverAddress:
    """`AET@host:port`: the title that is answered to, and one interface of this machine.

    `callers` are the AE titles that may call; none named, everybody's. With `tls` connections are
    encrypted, and with authorities in it only who shows a certificate of theirs is let in.
    """

    aet: str
    host: str
    port: int
    callers: tuple[str, ...] = ()
    tls: Tls | None = None

    def as_destination(self) -> Destination:
        """The entity that answers there, with the waits that every association has."""
        address = DimseAddress(
            called_aet=self.aet, calling_aet=self.aet, host=self.host, port=self.port
        )
        return Destination(name=str(self), address=address)

    def __str__(self) -> str:
        """The address as it is written."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.aet}@{host}:{self.port}"


def parse_receiver(
    text: str, callers: Sequence[str], where: str, tls: Tls | None = None
) -> ReceiverAddress:
    """The address of a receiver as it is written. Raises `UsageError` with every fault."""
    aet, at, rest = text.partition("@")
    remedy = "write AET@host:port, such as HOSR@127.0.0.1:11112"
    faults = [
        Fault(where, f"{title!a} is no AE title", remedy)
        for title in (aet, *callers)
        if not is_ae_title(title)
    ]
    if not at:
        faults.append(Fault(where, "does not say AE title, host and port", remedy))
    if faults:
        raise UsageError(faults)
    host, port = parse_host_and_port(rest, where)
    return ReceiverAddress(aet=aet, host=host, port=port, callers=tuple(callers), tls=tls)


@contextmanager
def bound(address: ReceiverAddress, sop_classes: Sequence[str]) -> Iterator[Taking]:
    """A receiver of objects of these classes, which has its interface as long as the context lasts.

    It takes them as long as the context of what is given lasts: callers wait until then. `keep` is called
    from other threads, with where an object belongs and its whole file; it returns once that is on the disk.
    An `OSError` of it is answered as want of room, whatever else as a failure.

    Raises `ArchiveRefused` with CONFIGURATION where there is no such interface, its port is taken, or
    TLS cannot be set up.
    """
    entity = application_entity(address.as_destination())
    entity.network_timeout = IDLE_S
    entity.require_called_aet = True
    entity.require_calling_aet = list(address.callers)
    entity.maximum_associations = _MAX_ASSOCIATIONS
    contexts = [build_context(VERIFICATION, SYNTAXES)]
    contexts += [build_context(uid, list(STORED_SYNTAXES)) for uid in sop_classes]
    interface = Interface(
        name=str(address),
        host=address.host,
        port=address.port,
        context=None if address.tls is None else server_context(address.tls, str(address)),
    )
    server = bind_server(_Receiver, interface, entity, contexts)
    server.archive, server.hosts = address.aet, None
    server.bind(evt.EVT_C_STORE, server.take)

    @contextmanager
    def taking(keep: Keep) -> Iterator[None]:
        server.keep = keep
        server.start()
        _LOG.info("receiving at %s:%d", address.host, address.port)
        try:
            yield
        finally:
            server.stop()
            _LOG.info("no longer receiving")

    try:
        yield taking
    finally:
        server.server_close()


@contextmanager
def receiving(address: ReceiverAddress, sop_classes: Sequence[str], keep: Keep) -> Iterator[None]:
    """Take objects of these classes as long as the context lasts; `keep`, and what is raised, as of `bound`."""
    with bound(address, sop_classes) as taking, taking(keep):
        yield


class _Receiver(AssociationServer):
    """Gives each object that is whole to `keep`."""

    keep: Keep

    @property
    def message_limit_bytes(self) -> int:
        """A longer one ends its association: it is not kept in memory until it is whole."""
        return MAX_OBJECT_BYTES

    def take(self, event: Event) -> int:
        """Keep an object; the status that is answered."""
        try:
            data = event.encoded_dataset()
            seen = peek(data, _IDENTITY)
        except Exception:  # noqa: BLE001 (the reader of elements throws what it likes)
            return _told(DAMAGED)
        sop_class, instance, study, series = map(seen.text, _IDENTITY)
        announced = (
            str(getattr(event.request, keyword, ""))
            for keyword in ("AffectedSOPClassUID", "AffectedSOPInstanceUID")
        )
        if (sop_class, instance) != tuple(announced):
            return _told(OTHER_CLASS)
        if not all(map(is_usable_uid, (instance, study, series))):
            return _told(OTHER_CLASS)
        locator = Locator(
            study_instance_uid=study,
            series_instance_uid=series,
            sop_class_uid=sop_class,
            sop_instance_uid=instance,
        )
        try:
            self.keep(locator, data)
        except OSError:
            return _told(NO_ROOM)
        except Exception:  # noqa: BLE001 (an association must not end without an answer)
            return _told(DAMAGED)
        return TAKEN


def _told(status: int) -> int:
    _LOG.warning("an object was refused with %04X", status)
    return status
