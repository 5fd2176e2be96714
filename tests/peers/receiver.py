"""A receiver of messages by another maker, and what it makes of them."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hl7

from tests.peers.orthanc import free_port, stop
from tests.peers.processes import leashed

# States of a socket in /proc/net/tcp.
_LISTEN, _TIME_WAIT = "0A", "06"


@contextmanager
def receiving(bundles: Path) -> Iterator[int]:
    """The listener of hl7v2-fhir-bridge, which keeps what it makes of a message as a file."""
    port = free_port()
    serve = (sys.executable, "-m", "v2fhir", "serve", "--host", "127.0.0.1", "--port", port)
    with (bundles.parent / "bridge.log").open("wb") as log:
        process = subprocess.Popen(leashed([*serve, "--out", bundles]), stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 5).close()
                break
            except OSError:
                assert process.poll() is None, (bundles.parent / "bridge.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield port
    finally:
        stop(process)


def wait_until_idle(port: int) -> None:
    """Until the receiver has ended every connection, also one whose sender was killed.

    It handles the same message of two connections at once, and then fails at the one or the other.
    """
    deadline = time.monotonic() + 60
    while _has_connections(port):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _has_connections(port: int) -> bool:
    """Whether the system knows connections at a port of this machine (proc(5), /proc/net/tcp)."""
    lines = Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
    sockets = [line.split()[1:4] for line in lines]
    ours = [state for local, _, state in sockets if int(local.rpartition(":")[2], 16) == port]
    return any(state not in (_LISTEN, _TIME_WAIT) for state in ours)


def send(port: int, data: bytes) -> Any:
    """The acknowledgement of a message."""
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.sendall(b"\x0b" + data + b"\x1c\r")
        answer = b""
        while not answer.endswith(b"\x1c\r"):
            part = connection.recv(65_536)
            assert part
            answer += part
    return hl7.parse(answer[1:-2].decode())


def held(bundles: Path, kind: str) -> list[dict[str, Any]]:
    """What the receiver made of messages, the last one last."""
    paths = sorted(bundles.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    entries = (entry for path in paths for entry in json.loads(path.read_bytes())["entry"])
    found = [entry["resource"] for entry in entries]
    return [resource for resource in found if resource["resourceType"] == kind]
