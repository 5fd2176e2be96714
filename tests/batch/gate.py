"""A row that waits: it keeps a batch from ending before a test has done to it what it means to do."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.batch.manifests import lines_of

__all__ = ["GATED", "Gate"]

# The number of the row that waits.
GATED = 10


class Gate(ThreadingHTTPServer):
    """Gives the record of one row, once it is open."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.content = json.dumps(lines_of(GATED)[-1]["record"]).encode()
        self.is_open = threading.Event()

    def lines_of(self, count: int) -> list[dict[str, Any]]:
        """The lines of a manifest of which one waits for its record here."""
        lines = lines_of(count)
        lines[GATED - 1]["record"] = f"http://127.0.0.1:{self.server_port}/record.json"
        return lines

    def open(self) -> None:
        """Let the row go on."""
        self.is_open.set()


class _Answer(BaseHTTPRequestHandler):
    server: Gate

    def do_HEAD(self) -> None:
        self.server.is_open.wait(60)
        with suppress(OSError):  # who asked may be gone
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.server.content)))
            self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        with suppress(OSError):
            self.wfile.write(self.server.content)

    def log_message(self, *_: object) -> None:
        pass
