"""The built OHIF application on a free port, with DICOMweb of an archive behind the same address."""

import http.client
import json
import mimetypes
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from hosr.cli.describe import describe

DATA_SOURCE = {
    "friendlyName": "archive",
    "name": "archive",
    "wadoUriRoot": "/dicom-web",
    "qidoRoot": "/dicom-web",
    "wadoRoot": "/dicom-web",
    "qidoSupportsIncludeField": True,
    "supportsReject": False,
    "imageRendering": "wadors",
    "thumbnailRendering": "wadors",
    "enableStudyLazyLoad": True,
    "supportsFuzzyMatching": False,
    "supportsWildcard": True,
    "omitQuotationForMultipartRequest": True,
    "bulkDataURI": {"enabled": False},
}
APPLICATION = {
    "routerBasename": None,
    "extensions": [],
    "modes": [],
    "customizationService": json.loads(describe("ohif-labels")),
    "showStudyList": True,
    "maxNumberOfWebWorkers": 2,
    "showWarningMessageForCrossOrigin": False,
    "showCPUFallbackMessage": False,
    "showLoadingIndicator": True,
    "strictZSpacingForVolumeViewport": True,
    "showErrorDetails": "always",
    "investigationalUseDialog": {"option": "never"},
    "maxNumRequests": {"interaction": 20, "thumbnail": 5, "prefetch": 5},
    "defaultDataSourceName": "dicomweb",
    "dataSources": [
        {
            "namespace": "@ohif/extension-default.dataSourcesModule.dicomweb",
            "sourceName": "dicomweb",
            "configuration": DATA_SOURCE,
        }
    ],
}
# The viewer shares memory between its workers, which browsers allow only with these.
ISOLATION = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class _Server(ThreadingHTTPServer):
    """Serves one application beside one archive."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, application: Path, archive: str) -> None:
        self.application = application.resolve()
        self.archive = archive
        self.failures: list[str] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that has seen enough hangs up; that is no failure of the server."""


class _Handler(BaseHTTPRequestHandler):
    """Files of the application, its configuration, and the archive's answers."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Answer from the archive, from the configuration or from a file."""
        path = self.path.split("?")[0]
        if path.startswith("/dicom-web/"):
            self._pass_on()
        elif path == "/app-config.js":
            self._answer(
                200, f"window.config = {json.dumps(APPLICATION)};".encode(), "text/javascript"
            )
        else:
            self._file(path)

    def do_POST(self) -> None:
        """What a reader saves goes to the archive."""
        length = int(self.headers.get("Content-Length", "0"))
        self._pass_on(self.rfile.read(length))

    def _pass_on(self, body: bytes | None = None) -> None:
        """Hand the request to the archive and its answer back."""
        said = ("Accept", "Content-Type") if body else ("Accept",)
        headers = {name: self.headers.get(name, "*/*") for name in said}
        request = urllib.request.Request(self.server.archive + self.path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                self._relay(answer.status, answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                self._relay(refusal.code, refusal)

    def _relay(
        self, status: int, answer: http.client.HTTPResponse | urllib.error.HTTPError
    ) -> None:
        kind = answer.headers.get("Content-Type", "application/octet-stream")
        self._answer(status, answer.read(), kind)

    def _file(self, path: str) -> None:
        """A file of the application; any other address is one of its pages."""
        root = self.server.application
        file = (root / path.lstrip("/")).resolve()
        if not file.is_relative_to(root) or not file.is_file():
            file = root / "index.html"
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self._answer(HTTPStatus.OK, file.read_bytes(), kind, keep="max-age=3600")

    def _answer(self, status: int, body: bytes, kind: str, keep: str = "no-store") -> None:
        self.send_response(status)
        self.send_header("Cache-Control", keep)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in ISOLATION.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is inherited
        """Requests are not logged: the browser tells what failed."""


@contextmanager
def serving_ohif(application: Path, archive: str) -> Iterator[str]:
    """Serve the application beside an archive's DICOMweb; the address of the viewer."""
    server = _Server(application, archive)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
