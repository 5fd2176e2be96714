"""Headers of the configuration: they go with every request, and those that are secrets are not shown."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from hosr.archive.addresses import Credentials, Header
from hosr.archive.dicomweb import WebArchive
from hosr.archive.values import Query
from hosr.errors import Reason
from tests.archive.dicomweb.peers import FILE, NOW, STUDY, UID, destination_at, refused, stored
from tests.archive.dicomweb.scripted import answer, dicom_json, scripted_peer

YES = dicom_json(200, stored())
KEY = "k3y/of=gateway"


def archive_with(url: str, *headers: Header, environ: dict[str, str] | None = None) -> WebArchive:
    """The archive at this address, asked with these headers."""
    destination = destination_at(url, headers=headers)
    return WebArchive(destination, environ=environ or {}, clock=lambda: NOW)


def _kept(folder: Path, content: str) -> Header:
    path = folder / "key"
    path.write_text(content)
    path.chmod(0o600)
    return Header(name="X-Key", value=Credentials(file=path))


def test_they_go_with_every_request(tmp_path: Path) -> None:
    """Text as it stands, a secret as it is kept; beside what hosr says itself."""
    tenant = Header(name="X-Tenant", value="ward 7")
    other = Header(name="X-Other", value=Credentials(variable="OTHER"))
    headers = (tenant, _kept(tmp_path, f"{KEY}\n"), other)
    with (
        scripted_peer(YES, dicom_json(200, [])) as peer,
        archive_with(peer.url, *headers, environ={"OTHER": "x"}) as archive,
    ):
        archive.store(FILE, UID)
        archive.find(Query(study_instance_uid=STUDY))
    for request in peer.received:
        said = {name: request.headers[name] for name in ("x-tenant", "x-key", "x-other")}
        assert said == {"x-tenant": "ward 7", "x-key": KEY, "x-other": "x"}
        assert request.headers["user-agent"] == "hosr"


def test_a_key_that_was_renewed_is_read_anew(tmp_path: Path) -> None:
    """As a token: refused with 401, it is read once more, and sent only where it is another."""
    header = _kept(tmp_path, "old")
    with (
        scripted_peer(YES, answer(401), YES, answer(401)) as peer,
        archive_with(peer.url, header) as archive,
    ):
        archive.store(FILE, UID)
        _kept(tmp_path, "new")
        archive.store(FILE, UID)
        refused(Reason.CONFIGURATION, archive.store, FILE, UID)
    assert [request.headers["x-key"] for request in peer.received] == ["old", "old", "new", "new"]


@pytest.mark.parametrize("content", ["", "clé", "a\nX-Injected: b"])
def test_a_key_that_no_header_can_carry_is_refused(content: str, tmp_path: Path) -> None:
    """It brings no other header with it, and is not repeated."""
    with (
        scripted_peer(YES) as peer,
        archive_with(peer.url, _kept(tmp_path, content)) as archive,
        pytest.raises(Exception, match=r"holds? ") as caught,
    ):
        archive.store(FILE, UID)
    assert peer.received == []
    assert getattr(caught.value, "reason", None) is Reason.CONFIGURATION
    assert not content or content not in "".join(traceback.format_exception(caught.value))


def test_a_key_does_not_go_out_unencrypted(tmp_path: Path) -> None:
    """What is kept as a secret is one; text of the configuration is not."""
    with archive_with("http://archive.example:1/x", _kept(tmp_path, KEY)) as archive:
        error = refused(Reason.CONFIGURATION, archive.store, FILE, UID)
    assert error.faults[0].problem == "its credentials would go over the network unencrypted"


def test_nothing_shows_a_key(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither an error with its whole trace, nor a repr, nor a log."""
    caplog.set_level(0)
    header = _kept(tmp_path, KEY)
    with scripted_peer(answer(500)) as peer, archive_with(peer.url, header) as archive:
        error = refused(Reason.LOST, archive.store, FILE, UID)
        access = repr(archive._service._access)
        shown = [repr(archive), repr(header), access, *traceback.format_exception(error)]
    assert peer.received[0].headers["x-key"] == KEY
    assert KEY not in "".join([*shown, caplog.text])
