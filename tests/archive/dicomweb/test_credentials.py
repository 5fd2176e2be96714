"""Secrets: where they are read, when they are sent, and that nothing shows them."""

from __future__ import annotations

import base64
import os
import traceback
from pathlib import Path

import pytest

from hosr.archive.addresses import Credentials
from hosr.archive.dicomweb.service import authorization, read_secret
from hosr.errors import ArchiveRefused, Reason
from tests.archive.dicomweb.peers import FILE, UID, archive_at, refused, stored
from tests.archive.dicomweb.scripted import answer, dicom_json, scripted_peer
from tests.privileges import unprivileged

TOKEN = "eyJhbGciOi.J9-_~+/abc=="  # noqa: S105 (made up)
YES = dicom_json(200, stored())


def _kept(folder: Path, content: bytes, mode: int = 0o600) -> Credentials:
    path = folder / "token"
    path.write_bytes(content)
    path.chmod(mode)
    return Credentials(file=path)


def _problem(credentials: Credentials, **environ: str) -> str:
    with pytest.raises(ArchiveRefused) as caught:
        authorization(credentials, environ)
    assert caught.value.reason is Reason.CONFIGURATION
    (fault,) = caught.value.faults
    assert fault.remedy
    return f"{fault.path}: {fault.problem}"


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n"])
@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_secret_is_read_from_its_file(end: bytes, mode: int, tmp_path: Path) -> None:
    """The line end that editors put behind it is no part of it."""
    assert read_secret(_kept(tmp_path, TOKEN.encode() + end, mode), {}) == TOKEN


def test_a_secret_is_read_from_its_variable() -> None:
    """The variable is the one that was named."""
    assert read_secret(Credentials(variable="T"), {"T": f"{TOKEN}\n", "U": "other"}) == TOKEN


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o666, 0o620])
def test_a_file_that_others_may_read_is_refused(mode: int, tmp_path: Path) -> None:
    """A secret that others may read or change is none; the sentence says what to do."""
    credentials = _kept(tmp_path, TOKEN.encode(), mode)
    with pytest.raises(ArchiveRefused) as caught:
        read_secret(credentials, {})
    assert str(caught.value) == (
        f"{credentials.file}: may be read or changed by others (its mode is {mode:04o}); "
        f"run `chmod 600 {credentials.file}`, and renew the secret"
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "holds no secret"),
        (b"\n", "holds no secret"),
        (
            b"a\nX-Injected: b",
            "holds characters that no password or token has, such as a line end within it",
        ),
        (b"a\r\nb", "holds characters that no password or token has, such as a line end within it"),
        (b"a\0", "holds characters that no password or token has, such as a line end within it"),
        (b"a\x7f", "holds characters that no password or token has, such as a line end within it"),
        (
            "a\u2028b".encode(),
            "holds characters that no password or token has, such as a line end within it",
        ),
        (b"a b", "is no bearer token: it has characters that tokens do not have"),
        (b"a:b", "is no bearer token: it has characters that tokens do not have"),
        ("tökén".encode(), "is no bearer token: it has characters that tokens do not have"),
        (b"\xff", "is not UTF-8"),
        (b"a" * 70_000, "is larger than 64 KiB"),
    ],
)
def test_what_no_header_can_carry_is_refused(content: bytes, problem: str, tmp_path: Path) -> None:
    """A secret cannot bring another header with it, and is not guessed at."""
    credentials = _kept(tmp_path, content)
    assert _problem(credentials) == f"{credentials.file}: {problem}"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """So is a folder, and a pipe, for which nothing is waited."""
    missing = tmp_path / "nowhere"
    said = _problem(Credentials(file=missing))
    assert said == f"{missing}: cannot be read (No such file or directory)"
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path, tmp_path / "pipe"):
        assert _problem(Credentials(file=path)) == f"{path}: is not a file"


def test_a_file_one_may_not_read_is_refused(tmp_path: Path) -> None:
    """The sentence of the system says why."""
    credentials = _kept(tmp_path, TOKEN.encode(), 0o000)
    with unprivileged(tmp_path):
        assert "(Permission denied)" in _problem(credentials)


@pytest.mark.parametrize(
    ("credentials", "problem"),
    [
        (Credentials(variable="T"), "$T: holds no secret"),
        (Credentials(), "credentials: name neither a file nor a variable"),
        (
            Credentials(variable="P", user="a:b"),
            "credentials: the name of the user has a colon or a control character, which HTTP cannot say",
        ),
        (
            Credentials(variable="P", user="a\r\nX: b"),
            "credentials: the name of the user has a colon or a control character, which HTTP cannot say",
        ),
    ],
)
def test_credentials_that_say_nothing_are_refused(credentials: Credentials, problem: str) -> None:
    """An unset variable, no place at all, and users that HTTP cannot name."""
    assert _problem(credentials, P="secret") == problem


def test_a_user_has_a_password() -> None:
    """Basic authentication in UTF-8 (RFC 7617); the password may hold a colon and a space."""
    header = authorization(Credentials(variable="P", user="Jürgen"), {"P": "pä ss:wörd"})
    scheme, _, value = header.partition(" ")
    assert (scheme, base64.b64decode(value).decode()) == ("Basic", "Jürgen:pä ss:wörd")


def test_a_token_goes_with_every_request() -> None:
    """It is sent as the bearer token of each, to the address of the archive."""
    credentials = Credentials(variable="T")
    with (
        scripted_peer(YES) as peer,
        archive_at(peer.url, credentials=credentials, environ={"T": TOKEN}) as archive,
    ):
        archive.store(FILE, UID)
        archive.store(FILE, UID)
    assert [r.headers["authorization"] for r in peer.received] == [f"Bearer {TOKEN}"] * 2
    assert TOKEN not in peer.received[0].target


def test_a_token_that_was_renewed_is_read_anew(tmp_path: Path) -> None:
    """Refused with 401, the file is read once more, and its new token is kept."""
    credentials = _kept(tmp_path, b"old\n")
    with (
        scripted_peer(YES, answer(401), YES) as peer,
        archive_at(peer.url, credentials=credentials) as archive,
    ):
        archive.store(FILE, UID)
        _kept(tmp_path, b"new\n")
        archive.store(FILE, UID)
        archive.store(FILE, UID)
    said = [request.headers["authorization"].removeprefix("Bearer ") for request in peer.received]
    assert said == ["old", "old", "new", "new"]
    assert peer.received[1].body == peer.received[2].body


def test_a_token_that_stays_refused_is_tried_once(tmp_path: Path) -> None:
    """The same secret is not sent twice, and a renewed one that is refused too is not renewed."""
    credentials = _kept(tmp_path, b"same")
    with (
        scripted_peer(answer(401)) as peer,
        archive_at(peer.url, credentials=credentials) as archive,
    ):
        error = refused(Reason.CONFIGURATION, archive.store, FILE, UID)
        assert (error.status, len(peer.received)) == ("HTTP 401", 1)
        _kept(tmp_path, b"other")
        refused(Reason.CONFIGURATION, archive.store, FILE, UID)
    said = [request.headers["authorization"] for request in peer.received]
    assert said == ["Bearer same", "Bearer other"]


def test_401_without_credentials_says_so() -> None:
    """An archive that wants credentials where none are given is asked once."""
    with scripted_peer(answer(401)) as peer, archive_at(peer.url) as archive:
        error = refused(Reason.CONFIGURATION, archive.store, FILE, UID)
    assert error.faults[0].problem == "wants other credentials"
    assert len(peer.received) == 1


@pytest.mark.parametrize("place", ["same", "other"])
def test_a_redirect_takes_no_token_along(place: str) -> None:
    """No other host, port or path ever sees the token, because none is asked."""
    credentials = Credentials(variable="T")
    with scripted_peer(YES) as other:
        where = f"{other.url}/studies" if place == "other" else "/dicom-web/elsewhere"
        with (
            scripted_peer(answer(307, headers={"Location": where})) as peer,
            archive_at(peer.url, credentials=credentials, environ={"T": TOKEN}) as archive,
        ):
            refused(Reason.CONFIGURATION, archive.store, FILE, UID)
            assert len(archive.examine()) == 5
    assert other.received == []
    assert {request.target.partition("?")[0] for request in peer.received} == {
        "/dicom-web/studies",
        *(r.target for r in peer.received if r.target.endswith("/metadata")),
    }


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "archive.example", "localhost.example", "[2001:db8::1]"]
)
def test_no_secret_goes_out_unencrypted(host: str) -> None:
    """Plain http is for this machine alone; elsewhere nothing is even connected."""
    credentials = Credentials(variable="T")
    url = f"http://{host}:1/dicom-web"
    with archive_at(url, credentials=credentials, environ={"T": TOKEN}) as archive:
        error = refused(Reason.CONFIGURATION, archive.store, FILE, UID)
    assert error.faults[0].problem == "its credentials would go over the network unencrypted"


def test_nothing_shows_a_secret(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither an error with its whole trace, nor a repr, nor a log, nor the terminal."""
    credentials = Credentials(variable="T", user="reader")
    encoded = base64.b64encode(f"reader:{TOKEN}".encode()).decode()
    caplog.set_level(0)
    with (
        scripted_peer(answer(500)) as peer,
        archive_at(peer.url, credentials=credentials, environ={"T": TOKEN}) as archive,
    ):
        error = refused(Reason.LOST, archive.store, FILE, UID)
        shown = [repr(archive), repr(credentials), *traceback.format_exception(error)]
    out, err = capfd.readouterr()
    whole = "".join([*shown, out, err, caplog.text])
    assert peer.received[0].headers["authorization"] == f"Basic {encoded}"
    assert TOKEN not in whole
    assert encoded not in whole
    assert {record.name for record in caplog.records} <= {"hosr.archive.dicomweb.request_log"}
