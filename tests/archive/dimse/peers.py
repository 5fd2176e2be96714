"""Archives to talk to: DCMTK's storescp, pynetdicom's, and sockets that do as they are told."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pynetdicom
from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.transport import ThreadedAssociationServer

from hosr.archive.addresses import Destination, DimseAddress, Tls
from hosr.archive.dimse.association import close_association, open_association
from hosr.archive.dimse.storage import SOP_CLASSES, storage_contexts
from hosr.errors import ArchiveError
from tests.archive.dimse.objects import EXPLICIT, IMPLICIT
from tests.peers.orthanc import free_port, stop
from tests.peers.processes import installed, leashed

START_SECONDS = 30.0
# Not by its name, which a program of pynetdicom has too.
STORESCP = Path("/usr/bin/storescp")
VERIFICATION = "1.2.840.10008.1.1"


def destination(port: int, **changes: Any) -> Destination:
    """The archive at this port of this machine."""
    address = DimseAddress(called_aet="ARCHIVE", host="127.0.0.1", port=port)
    return replace(Destination(name="pacs", address=address), **changes)


def secure_destination(port: int, tls: Tls, *, host: str = "localhost") -> Destination:
    """The same, encrypted."""
    address = DimseAddress(called_aet="ARCHIVE", host=host, port=port, secure=True)
    return Destination(name="pacs", address=address, tls=tls)


@contextmanager
def storescp(folder: Path, *options: str) -> Iterator[int]:
    """DCMTK's storescp, which writes what it is sent into the folder, at a port."""
    port = free_port()
    folder.mkdir(exist_ok=True)
    command = [installed(STORESCP, "Debian package dcmtk"), "-aet", "ARCHIVE", "-od", folder]
    with (
        (folder.parent / f"storescp-{port}.log").open("wb") as log,
        subprocess.Popen(leashed([*command, *options, port]), stdout=log, stderr=log) as process,
    ):
        try:
            await_listener(port)
            yield port
        finally:
            stop(process)


def await_listener(port: int) -> None:
    """Return once somebody listens at the port."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        time.sleep(0.02)
    raise TimeoutError(f"nobody listens at port {port}")


@contextmanager
def serving(entity: pynetdicom.AE, *handlers: evt.EventHandlerType) -> Iterator[int]:
    """An entity of pynetdicom that listens at a port, and ends as soon as it is told to.

    Its own `start_server` looks twice a second whether it was.
    """
    server = entity.make_server(
        ("127.0.0.1", 0), evt_handlers=list(handlers), server_class=ThreadedAssociationServer
    )
    entity._servers.append(server)  # from where it takes itself at its end
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        for association in entity.active_associations:
            association.join(10)


@contextmanager
def scp(
    store: Callable[[evt.Event], int],
    *,
    sop_classes: Sequence[str] = (*SOP_CLASSES, VERIFICATION),
    syntaxes: Sequence[str] = (EXPLICIT, IMPLICIT),
    called_aet: bool = False,
    calling_aets: Sequence[str] = (),
    maximum: int = 10,
) -> Iterator[int]:
    """An archive of pynetdicom, whose answer to C-STORE is what `store` returns, at a port."""
    entity = pynetdicom.AE(ae_title="ARCHIVE")
    entity.require_called_aet = called_aet
    entity.require_calling_aet = list(calling_aets)
    entity.maximum_associations = maximum
    entity.acse_timeout = 2
    for sop_class in sop_classes:
        entity.add_supported_context(UID(sop_class), list(syntaxes))
    with serving(entity, (evt.EVT_C_STORE, store)) as port:
        yield port


@contextmanager
def scripted(script: Callable[[socket.socket], None], times: int = 1) -> Iterator[int]:
    """A socket at a port that lets a script talk to each of so many connections in turn."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(START_SECONDS)

        def serve() -> None:
            for _ in range(times):
                with suppress(OSError):
                    connection, _ = listener.accept()
                    with connection:
                        connection.settimeout(START_SECONDS)
                        script(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.close()
            thread.join()


def refused(where: Destination) -> ArchiveError | None:
    """Why there is no association with the archive; None where there is one."""
    try:
        close_association(open_association(where, storage_contexts()))
    except ArchiveError as error:
        return error
    return None
