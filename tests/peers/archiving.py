"""An Orthanc that takes objects over DIMSE and commits to them, as hosr delivers to it."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hosr.archive.addresses import Destination, DimseAddress, Listener, WebAddress
from tests.peers.orthanc import Orthanc, free_port, running_orthanc

AET = "ORTHANC"
CALLING_AET = "HOSR"


@dataclass(slots=True, kw_only=True)
class ArchivingOrthanc:
    """Orthanc with a DIMSE port that stays the same when it is started anew."""

    directory: Path
    dicom_port: int
    listen_port: int
    allow_get: bool = True
    running: Orthanc = field(init=False)
    stack: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Start it, on what an earlier run left."""
        self.running = self.stack.enter_context(running_orthanc(self.directory, self._settings()))

    def stop(self) -> None:
        """Stop it."""
        self.stack.close()

    def kill(self) -> None:
        """Kill it, as a loss of power would."""
        os.kill(self.running.process_id, signal.SIGKILL)
        self.stop()

    def dimse(self, **changes: Any) -> Destination:
        """How hosr sends to it over DIMSE; with a listener it is asked for commitment."""
        address = DimseAddress(
            called_aet=AET, host="127.0.0.1", port=self.dicom_port, calling_aet=CALLING_AET
        )
        return Destination(name="pacs", address=address, **changes)

    def listener(self) -> Listener:
        """Where it reports commitments to."""
        return Listener(host="127.0.0.1", port=self.listen_port)

    def web(self, **changes: Any) -> Destination:
        """How hosr sends to it over DICOMweb."""
        address = WebAddress(url=self.running.dicomweb, secure=False)
        return Destination(name="web", address=address, **changes)

    def configure(self, path: Path, *, commitment_s: float = 60.0) -> Path:
        """A configuration file of hosr that names it `pacs` over DIMSE and `web` over DICOMweb."""
        path.write_text(
            f"""\
[archives.pacs]
url = "dimse://{AET}@127.0.0.1:{self.dicom_port}?calling={CALLING_AET}"
listen = "127.0.0.1:{self.listen_port}"
commitment_s = {commitment_s}

[archives.web]
url = {json.dumps(self.running.dicomweb)}

[outbox]
path = {json.dumps(str(path.with_name("outbox.sqlite")))}
"""
        )
        return path

    def _settings(self) -> dict[str, object]:
        hosr = {
            "AET": CALLING_AET,
            "Host": "127.0.0.1",
            "Port": self.listen_port,
            "AllowStore": True,
            "AllowStorageCommitment": True,
            "AllowFind": True,
            "AllowGet": self.allow_get,
            "AllowMove": True,
        }
        return {
            "DicomServerEnabled": True,
            "DicomAet": AET,
            "DicomPort": self.dicom_port,
            "DicomCheckCalledAet": True,
            "DicomAlwaysAllowStore": False,
            "DicomModalities": {"hosr": hosr},
            "DicomScuTimeout": 5,
            "OverwriteInstances": False,
        }


@contextmanager
def archiving_orthanc(directory: Path, *, allow_get: bool = True) -> Iterator[ArchivingOrthanc]:
    """One that is empty, in an empty directory."""
    archive = ArchivingOrthanc(
        directory=directory,
        dicom_port=free_port(),
        listen_port=free_port(),
        allow_get=allow_get,
    )
    archive.start()
    try:
        yield archive
    finally:
        archive.stop()
