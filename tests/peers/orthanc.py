"""A real Orthanc with DICOMweb on a free port of this machine, and its REST interface."""

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.peers.processes import installed, leashed, program

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
START_SECONDS = 60.0


class OrthancError(RuntimeError):
    """Orthanc did not start, or refused what was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orthanc:
    """A running archive; all that it keeps goes when it stops."""

    url: str
    log: Path
    process_id: int = 0

    @property
    def dicomweb(self) -> str:
        """The root of its DICOMweb services."""
        return f"{self.url}/dicom-web"

    def upload(self, content: bytes) -> str:
        """Store one DICOM file; Orthanc's own identifier of the instance."""
        answer = self._ask("/instances", content)
        identifier: str = answer["ID"]
        return identifier

    def download(self, sop_instance_uid: str) -> bytes:
        """The file of an instance as it is kept."""
        found = self._ask("/tools/lookup", sop_instance_uid.encode())
        if len(found) != 1:
            raise OrthancError(f"{len(found)} instances with the UID {sop_instance_uid}")
        return self._fetch(f"/instances/{found[0]['ID']}/file")

    def remove(self, sop_instance_uid: str) -> None:
        """Take an instance out, as if it had never been there."""
        for found in self._ask("/tools/lookup", sop_instance_uid.encode()):
            path = f"/instances/{found['ID']}"
            request = urllib.request.Request(self.url + path, method="DELETE")
            with urllib.request.urlopen(request, timeout=60):
                pass

    def uids(self) -> list[str]:
        """The SOP Instance UID of everything that is kept, each as often as it is."""
        kept: list[dict[str, Any]] = self._ask("/instances?expand&limit=100000&since=0")
        return sorted(one["MainDicomTags"]["SOPInstanceUID"] for one in kept)

    def pdf(self, identifier: str) -> bytes:
        """The PDF in an instance, by Orthanc's own identifier of it."""
        return self._fetch(f"/instances/{identifier}/pdf")

    def instances(self, study_instance_uid: str) -> list[dict[str, Any]]:
        """All instances of a study, as DICOMweb tells of them (DICOM JSON)."""
        answer: list[dict[str, Any]] = self._ask(
            f"/dicom-web/studies/{study_instance_uid}/metadata"
        )
        return answer

    def _ask(self, path: str, body: bytes | None = None) -> Any:
        return json.loads(self._fetch(path, body))

    def _fetch(self, path: str, body: bytes | None = None) -> bytes:
        try:
            with urllib.request.urlopen(self.url + path, data=body, timeout=60) as answer:
                content: bytes = answer.read()
        except urllib.error.HTTPError as refusal:
            with refusal:
                said = refusal.read().decode("utf-8", "replace")
            raise OrthancError(f"{path}: {refusal.code} {said}") from refusal
        return content


@contextmanager
def running_orthanc(
    directory: Path, settings: Mapping[str, object] | None = None
) -> Iterator[Orthanc]:
    """Start Orthanc in an empty directory, with other settings where given, and stop it after."""
    command = program("Orthanc", "Debian package orthanc")
    installed(PLUGIN, "Debian package orthanc-dicomweb")
    port = free_port()
    configuration = {
        "Name": "hosr tests",
        "StorageDirectory": str(directory / "storage"),
        "IndexDirectory": str(directory / "index"),
        "HttpPort": port,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomServerEnabled": False,
        "OverwriteInstances": True,
        "SaveJobs": False,
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        **(settings or {}),
    }
    path = directory / "orthanc.json"
    path.write_text(json.dumps(configuration, indent=2))
    written = directory / "orthanc.log"
    with (
        written.open("wb") as log,
        subprocess.Popen(
            leashed([command, path]), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        ) as process,
    ):
        archive = Orthanc(url=f"http://127.0.0.1:{port}", log=written, process_id=process.pid)
        try:
            _wait(archive, process)
            yield archive
        finally:
            stop(process)


def stop(process: "subprocess.Popen[bytes]", seconds: float = 15) -> None:
    """Ask a program to end, and end it when it does not."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait(archive: Orthanc, process: "subprocess.Popen[bytes]") -> None:
    """Return once DICOMweb answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{archive.dicomweb}/studies?limit=1", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise OrthancError(f"Orthanc did not start: {archive.log.read_text(errors='replace')[-2000:]}")
