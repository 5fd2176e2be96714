"""A real FHIR R4 server on a free port of this machine, and its REST interface."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.peers.orthanc import free_port, stop
from tests.peers.processes import leashed

_START_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirServer:
    """A running server; all that it keeps goes when it stops."""

    url: str

    def post(self, resource: bytes) -> tuple[int, dict[str, Any]]:
        """Post a bundle to the root; the status and what is answered."""
        return self._ask("", resource)

    def create(self, resource: dict[str, Any]) -> None:
        """Have a resource created."""
        self._ask(f"/{resource['resourceType']}", json.dumps(resource).encode())

    def search(self, kind: str, criteria: str = "") -> list[dict[str, Any]]:
        """All resources of a type, or those that are searched for."""
        _, found = self._ask(f"/{kind}?{criteria}&_count=200")
        return [entry["resource"] for entry in found.get("entry", [])]

    def history(self, kind: str, number: str) -> list[dict[str, Any]]:
        """The versions of a resource, the newest first."""
        _, found = self._ask(f"/{kind}/{number}/_history")
        return [entry["resource"] for entry in found["entry"]]

    def _ask(self, path: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
        headers = {"Content-Type": "application/fhir+json"}
        request = urllib.request.Request(self.url + path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)


@contextmanager
def running_fhir_server(directory: Path) -> Iterator[FhirServer]:
    """Start one that is empty, in an empty directory, and stop it after."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/fhir"
    settings = directory / "settings.yaml"
    held = {"base_url": url, "host": "127.0.0.1", "port": port, "data_dir": str(directory)}
    settings.write_text(json.dumps({**held, "simulator": {"enabled": False}}))
    written = directory / "server.log"
    command = [sys.executable, "-m", "uvicorn", "--factory", "sekmet.main:app_factory"]
    with (
        written.open("wb") as log,
        subprocess.Popen(
            leashed([*command, "--host", "127.0.0.1", "--port", port]),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=directory,
            env={**os.environ, "SEKMET_CONFIG": str(settings)},
        ) as process,
    ):
        try:
            _wait(url, process, written)
            yield FhirServer(url=url)
        finally:
            stop(process)


def _wait(url: str, process: "subprocess.Popen[bytes]", written: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/metadata", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the FHIR server did not start: {written.read_text()[-2000:]}")
