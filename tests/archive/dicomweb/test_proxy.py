"""Archives behind a proxy: it is used as configured, told apart from the archive, and not trusted."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hosr.archive.addresses import Credentials, Proxy
from hosr.archive.dicomweb import WebArchive
from hosr.errors import Reason
from tests.archive.dicomweb.conftest import Authority
from tests.archive.dicomweb.peers import FILE, NOW, UID, destination_at, refused, stored
from tests.archive.dicomweb.proxy import Act, RunningProxy, running_proxy
from tests.archive.dicomweb.scripted import answer, dicom_json, scripted_peer

YES = dicom_json(200, stored())
PASSWORD = "open sesame"  # noqa: S105 (made up)
BASIC = "Basic " + base64.b64encode(f"reader:{PASSWORD}".encode()).decode()
READER = Credentials(variable="P", user="reader")


def archive_behind(
    proxy: RunningProxy | int,
    url: str,
    password: Credentials | None = None,
    environ: Mapping[str, str] | None = None,
    **changes: Any,
) -> WebArchive:
    """The archive at this address, asked by way of the proxy."""
    port = proxy if isinstance(proxy, int) else proxy.port
    way = Proxy(host="127.0.0.1", port=port, credentials=password)
    destination = destination_at(url, proxy=way, **changes)
    return WebArchive(destination, environ=environ or {"P": PASSWORD}, clock=lambda: NOW)


def test_plain_requests_are_passed_on() -> None:
    """The proxy is told the whole address; the archive gets its own path, and no password of it."""
    closing = dicom_json(200, stored(), Connection="close")
    with (
        scripted_peer(closing) as peer,
        running_proxy(wants=BASIC) as proxy,
        archive_behind(proxy, peer.url, READER) as archive,
    ):
        archive.store(FILE, UID)
        archive.store(FILE, UID)
    assert set(proxy.targets) == {f"POST {peer.url}/studies HTTP/1.1"}
    assert [request.target for request in peer.received] == ["/dicom-web/studies"] * 2
    assert peer.received[0].headers["host"] == peer.url.split("/")[2]
    assert "proxy-authorization" not in peer.received[0].headers


def test_tls_goes_through(authority: Authority) -> None:
    """One tunnel serves all requests; the proxy sees the host and port, and nothing else."""
    with (
        scripted_peer(YES, context=authority.server_context()) as peer,
        running_proxy(wants=BASIC) as proxy,
        archive_behind(
            proxy, peer.url, READER, {"P": PASSWORD, "T": "abc"}, tls=authority.trusting,
            credentials=Credentials(variable="T"),
        ) as archive,
    ):  # fmt: skip
        archive.store(FILE, UID)
        archive.store(FILE + bytes(3_000_000), UID)
    (head,) = proxy.heads
    assert head.startswith(f"CONNECT {peer.url.split('/')[2]} HTTP/1.")
    assert "Bearer" not in head
    assert "studies" not in head
    assert [request.headers["authorization"] for request in peer.received] == ["Bearer abc"] * 2
    assert "proxy-authorization" not in peer.received[0].headers


def test_the_archive_is_who_must_be_trusted(authority: Authority, stranger: Authority) -> None:
    """A proxy in between changes nothing: another certificate is refused, in the same words."""
    with (
        scripted_peer(YES, context=stranger.server_context()) as peer,
        running_proxy() as proxy,
        archive_behind(proxy, peer.url, tls=authority.trusting) as archive,
    ):
        error = refused(Reason.INSECURE, archive.store, FILE, UID)
    assert error.faults[0].problem == "shows a certificate of an authority that is not trusted"
    assert peer.received == []


@pytest.mark.parametrize(
    ("credentials", "environ"),
    [(None, {}), (READER, {"P": "wrong"})],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_asks_for_a_password(
    scheme: str, credentials: Credentials | None, environ: dict[str, str], authority: Authority
) -> None:
    """It is said where the password belongs; the archive hears nothing, the proxy hears once."""
    context = authority.server_context() if scheme == "https" else None
    with (
        scripted_peer(YES, context=context) as peer,
        running_proxy(wants=BASIC) as proxy,
        archive_behind(proxy, peer.url, credentials, environ, tls=authority.trusting) as archive,
    ):
        error = refused(Reason.CONFIGURATION, archive.store, FILE, UID)
    assert "proxy" in error.faults[0].problem
    assert "proxy_password_file" in error.faults[0].remedy
    assert peer.received == []
    assert len(proxy.heads) == 1


def test_a_password_that_was_renewed_is_read_anew(tmp_path: Path) -> None:
    """Refused with 407, the file is read once more."""
    kept = tmp_path / "password"
    kept.write_text("old")
    kept.chmod(0o600)
    credentials = Credentials(file=kept, user="reader")
    with (
        scripted_peer(YES) as peer,
        running_proxy(wants=BASIC) as proxy,
        archive_behind(proxy, peer.url, credentials) as archive,
    ):
        refused(Reason.CONFIGURATION, archive.store, FILE, UID)
        assert len(proxy.heads) == 1
        archive._service._access = archive._service._read_access()
        kept.write_text(PASSWORD)
        archive.store(FILE, UID)
    assert len(proxy.heads) == 3
    assert len(peer.received) == 1


def _says(content: bytes) -> Act:
    return lambda client, _: client.sendall(content)


def _hangs(content: bytes = b"") -> Act:
    def act(client: socket.socket, done: threading.Event) -> None:
        client.sendall(content)
        done.wait()

    return act


def _drips(start: bytes, then: bytes) -> Act:
    def act(client: socket.socket, done: threading.Event) -> None:
        client.sendall(start)
        while not done.wait(0.02):
            client.sendall(then)

    return act


def _pours(client: socket.socket, done: threading.Event) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\n")
    while not done.is_set():
        client.sendall(b"X: y\r\n" * 1000)


@pytest.mark.parametrize(
    ("act", "reason", "problem"),
    [
        (
            _says(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"),
            Reason.CONFIGURATION,
            "its proxy did not connect to it (HTTP 403)",
        ),
        (
            _says(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n"),
            Reason.UNREACHABLE,
            "its proxy did not connect to it (HTTP 502)",
        ),
        (
            _says(b"HTTP/1.1 302 Elsewhere\r\nLocation: http://login.example/\r\n\r\n"),
            Reason.CONFIGURATION,
            "its proxy did not connect to it (HTTP 302)",
        ),
        (_hangs(), Reason.UNREACHABLE, "its proxy does not answer in time"),
        (_hangs(b"HTTP/1.1 200 OK\r\n"), Reason.UNREACHABLE, "its proxy does not answer in time"),
        (
            _drips(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
            Reason.UNREACHABLE,
            "its proxy does not answer in time",
        ),
        (
            _drips(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
            Reason.UNREACHABLE,
            "its proxy does not answer in time",
        ),
        (_says(b""), Reason.UNREACHABLE, "its proxy ended the connection without an answer"),
        (_says(b"SSH-2.0-OpenSSH_9.2\r\n"), Reason.CONFIGURATION, "its proxy does not speak HTTP"),
        (_pours, Reason.CONFIGURATION, "its proxy does not speak HTTP"),
    ],
)
def test_a_proxy_that_does_not_connect(
    act: Act, reason: Reason, problem: str, authority: Authority
) -> None:
    """What the proxy does is not taken for what the archive does, and is not waited for for ever."""
    with (
        running_proxy(act=act) as proxy,
        archive_behind(
            proxy, "https://127.0.0.1:1/x", READER, tls=authority.trusting, connect_s=0.5
        ) as archive,
    ):
        error = refused(reason, archive.store, FILE, UID)
    assert error.faults[0].problem == problem
    assert error.faults[0].remedy
    assert len(proxy.heads) == 1


def test_a_proxy_that_ends_a_kept_tunnel_is_asked_for_another(authority: Authority) -> None:
    """As an archive that ended the connection between two requests."""
    closing = dicom_json(200, stored(), Connection="close")
    with (
        scripted_peer(closing, context=authority.server_context()) as peer,
        running_proxy() as proxy,
        archive_behind(proxy, peer.url, tls=authority.trusting) as archive,
    ):
        archive.store(FILE, UID)
        archive.store(FILE, UID)
    assert len(proxy.heads) == 2
    assert len(peer.received) == 2


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there(scheme: str) -> None:
    """It is the proxy that is named, and not the archive; nobody goes round it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    with scripted_peer(YES) as peer:
        url = peer.url.replace("http:", f"{scheme}:")
        with archive_behind(port, url) as archive:
            error = refused(Reason.UNREACHABLE, archive.store, FILE, UID)
    assert error.faults[0].problem == "its proxy cannot be connected to (Connection refused)"
    assert peer.connections == 0
    where = destination_at("https://h/x", proxy=Proxy(host="proxy.invalid", port=1))
    with WebArchive(where, environ={}, clock=lambda: NOW) as archive:
        error = refused(Reason.UNREACHABLE, archive.store, FILE, UID)
    assert error.faults[0].problem == "the name of its proxy is not known"


def test_no_secret_of_the_archive_goes_to_a_proxy_in_plain_http() -> None:
    """What stays on this machine without a proxy leaves it with one."""
    with (
        scripted_peer(YES) as peer,
        running_proxy() as proxy,
        archive_behind(
            proxy, peer.url, environ={"T": "abc"}, credentials=Credentials(variable="T")
        ) as archive,
    ):
        error = refused(Reason.CONFIGURATION, archive.store, FILE, UID)
    assert error.faults[0].problem == "its credentials would go over the network unencrypted"
    assert proxy.heads == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nothing_shows_a_password(
    scheme: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither an error with its whole trace, nor a repr, nor a log, nor the terminal."""
    caplog.set_level(0)
    with (
        running_proxy(act=_says(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")) as proxy,
        archive_behind(proxy, f"{scheme}://127.0.0.1:1/x", READER) as archive,
    ):
        reason = Reason.LOST if scheme == "http" else Reason.UNREACHABLE
        error = refused(reason, archive.store, FILE, UID)
        access = repr(archive._service._access)
        shown = [repr(archive), repr(READER), access, *traceback.format_exception(error)]
    out, err = capfd.readouterr()
    whole = "".join([*shown, out, err, caplog.text])
    assert f"Proxy-Authorization: {BASIC}" in proxy.heads[0]
    assert PASSWORD not in whole
    assert BASIC.removeprefix("Basic ") not in whole
    assert {record.name for record in caplog.records} <= {"hosr.archive.dicomweb.request_log"}


def test_the_tunnel_of_an_ipv6_archive_is_written_in_brackets(authority: Authority) -> None:
    """CONNECT names host and port as RFC 9110 section 9.3.6 has it."""
    with (
        running_proxy(act=_says(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")) as proxy,
        archive_behind(proxy, "https://[::1]:8443/x", tls=authority.trusting) as archive,
    ):
        refused(Reason.CONFIGURATION, archive.store, FILE, UID)
    assert proxy.targets[0].startswith("CONNECT [::1]:8443 HTTP/1.")


def test_what_a_gateway_answers_is_heard() -> None:
    """A proxy that passes on requests answers for the archive where that does not."""
    with (
        running_proxy(act=_says(b"HTTP/1.1 504 No\r\nContent-Length: 0\r\n\r\n")) as proxy,
        archive_behind(proxy, "http://127.0.0.1:1/x") as archive,
    ):
        error = refused(Reason.LOST, archive.store, FILE, UID)
    assert error.status == "HTTP 504"


def test_a_client_certificate_goes_through(authority: Authority) -> None:
    """It is shown to the archive, and never to the proxy."""
    context = authority.server_context(asks=True)
    assert context.verify_mode is ssl.CERT_REQUIRED
    with (
        scripted_peer(YES, answer(500), context=context) as peer,
        running_proxy() as proxy,
        archive_behind(proxy, peer.url, tls=authority.presenting) as archive,
    ):
        assert archive.store(FILE, UID).status == "HTTP 200"
    assert len(proxy.heads) == 1
