"""One connection to an archive: what goes wrong on the wire, and what is made of it."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
import tracemalloc
import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.archive.addresses import FolderAddress
from hosr.archive.dicomweb import connection, wire
from hosr.archive.dicomweb.archive import WebArchive
from hosr.archive.values import Query
from hosr.errors import ArchiveError, Reason
from tests.archive.dicomweb.peers import (
    FILE,
    LOCATOR,
    STUDY,
    UID,
    archive_at,
    destination_at,
    refused,
    stored,
)
from tests.archive.dicomweb.scripted import (
    Step,
    answer,
    cut,
    dicom_json,
    drip,
    hang,
    pour,
    raw,
    reset,
    scripted_peer,
)
from tests.drawn import drawn

pytestmark = pytest.mark.slow

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/dicom+json\r\n"
YES = json.dumps(stored()).encode()
LARGE = FILE + bytes(20_000_000)


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("host", "problem"),
    [
        ("127.0.0.1", r"cannot be connected to \(Connection refused\)"),
        (
            "[::1]",
            r"cannot be connected to \((Connection refused|Cannot assign requested address)\)",
        ),
        ("archive.invalid", r"the name of its host is not known"),
        ("a" * 70 + ".example", r"the name of its host is not known"),
    ],
)
def test_no_connection_is_unreachable(host: str, problem: str) -> None:
    """Nobody listens, or there is no such host."""
    with archive_at(f"http://{host}:{_closed_port()}/dicom-web") as archive:
        error = refused(Reason.UNREACHABLE, archive.store, FILE, UID)
    assert re.fullmatch(problem, error.faults[0].problem)


def test_a_host_that_accepts_nothing_is_unreachable() -> None:
    """A connection that does not come about is given up after the wait for it."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        # The queue is full now: further attempts are met with silence.
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/dicom-web"
        destination = destination_at(url, connect_s=0.3)
        with WebArchive(destination, environ={}, clock=lambda: 0.0) as archive:
            error = refused(Reason.UNREACHABLE, archive.store, FILE, UID)
    assert error.faults[0].problem == "cannot be connected to (no answer)"


@pytest.mark.parametrize(
    "step",
    [
        cut(),
        reset(),
        raw(b"HTTP/1.1 20"),
        raw(OK),
        raw(OK + b"Content-Length: 1000\r\n\r\n" + YES),
        raw(OK + b"Content-Length: 1000\r\n\r\n"),
        reset(OK + b"Content-Length: 1000\r\n\r\n" + YES),
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n" % len(YES) + YES + b"\r\n"),
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n" % len(YES) + YES[:5]),
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\nnothing\r\n"),
        raw(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(YES)[:-4]),
        raw(OK + b"Content-Encoding: gzip\r\n\r\n" + YES),
        raw(OK + b"Content-Encoding: gzip\r\n\r\n"),
    ],
)
def test_an_answer_that_ends_early_is_lost(step: Step) -> None:
    """Whatever ends before its end leaves the outcome unknown, even where it said yes so far."""
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        refused(Reason.LOST, archive.store, FILE, UID)
    assert len(peer.received) == 1


def test_a_reset_within_the_request_is_lost() -> None:
    """The archive goes away while the object is being sent."""
    with scripted_peer(reset(early=True)) as peer, archive_at(peer.url) as archive:
        refused(Reason.LOST, archive.store, LARGE, UID)
    assert len(peer.received) == 1


@pytest.mark.parametrize(
    "step",
    [
        hang(),
        hang(b"HTTP/1.1 200 OK\r\nContent-"),
        hang(OK + b"Content-Length: 1000\r\n\r\n{"),
        drip(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        drip(OK + b"\r\n", b" "),
        drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_silence_and_trickles_end(step: Step) -> None:
    """A peer that stops, or sends a byte now and then for ever, is waited for no longer than said."""
    with scripted_peer(step) as peer, archive_at(peer.url, answer_s=0.5) as archive:
        error = refused(Reason.LOST, archive.store, FILE, UID)
    assert error.faults[0].problem == "did not answer to the end in time"


def test_a_peer_that_does_not_read_is_not_sent_to_for_ever() -> None:
    """A request that is not taken is given up."""

    def act(_: socket.socket, done: threading.Event) -> bool:
        done.wait()
        return False

    with (
        scripted_peer(Step(act=act, early=True)) as peer,
        archive_at(peer.url, answer_s=0.5) as archive,
    ):
        error = refused(Reason.LOST, archive.store, LARGE, UID)
    assert error.faults[0].problem == "did not answer to the end in time"


@pytest.mark.parametrize(
    "content",
    [
        b"220 ftp.example ready\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28\r\n\r\n",
        b"HTTP/1.1 what\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    ],
)
def test_what_does_not_speak_http_is_said(content: bytes) -> None:
    """Another protocol, or an HTTP without measure, is no archive."""
    with scripted_peer(raw(content)) as peer, archive_at(peer.url) as archive:
        error = refused(Reason.UNRECOGNISED, archive.store, FILE, UID)
    assert error.faults[0].problem == "does not speak HTTP at this port"


BOMB = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
PACKED = BOMB.compress(b" " * (1 << 20)) + BOMB.flush()


@pytest.mark.parametrize(
    "step",
    [
        raw(OK + b"Content-Length: 999999999999\r\n\r\n"),
        pour(OK + b"\r\n", b" " * 65536),
        pour(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"),
        pour(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        answer(200, PACKED, headers={"Content-Encoding": "gzip"}),
        answer(200, PACKED, headers={"Content-Encoding": "X-GZIP"}),
    ],
)
def test_an_answer_without_measure_is_refused(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its length, as it comes, or once it is unpacked; no more of it is kept than the limit."""

    class Small(connection.Connection):
        def ask(self, request: connection.Request, access: connection.Access) -> connection.Answer:
            return super().ask(replace(request, limit_bytes=1 << 19), access)

    monkeypatch.setattr("hosr.archive.dicomweb.service.Connection", Small)
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        error = refused(Reason.UNRECOGNISED, archive.store, FILE, UID)
    assert error.faults[0].problem == "gives an answer beyond all measure"


def test_a_bomb_is_not_inflated() -> None:
    """A small answer that would become a large one takes no more memory than the limit."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    zeros = bytes(1 << 20)
    bomb = b"".join(packer.compress(zeros) for _ in range(400)) + packer.flush()
    assert len(bomb) < 1 << 20
    step = answer(200, bomb, headers={"Content-Encoding": "gzip"})
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        tracemalloc.start()
        try:
            refused(Reason.UNRECOGNISED, archive.find, Query(study_instance_uid=STUDY))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 200 << 20


def test_an_answer_may_be_packed() -> None:
    """Metadata compress well, and gzip is asked for and understood."""
    body = gzip.compress(json.dumps([]).encode())
    step = answer(200, body, headers={"Content-Encoding": "gzip"})
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        assert archive.find(Query(study_instance_uid=STUDY)) == ()
    assert peer.received[0].headers["accept-encoding"] == "gzip"


def test_one_connection_serves_many_requests() -> None:
    """It is kept, and opened anew only where the archive wants it closed."""
    kept = dicom_json(200, stored())
    closing = dicom_json(200, stored(), Connection="close")
    with scripted_peer(kept, kept, closing, kept) as peer, archive_at(peer.url) as archive:
        for _ in range(5):
            archive.store(FILE, UID)
        assert (len(peer.received), peer.connections) == (5, 2)


def test_a_connection_that_went_stale_is_opened_anew() -> None:
    """An archive that ended the connection between two requests is asked again, at once."""
    head = OK + b"Content-Length: %d\r\n\r\n" % len(YES)
    with scripted_peer(raw(head + YES)) as peer, archive_at(peer.url) as archive:
        for _ in range(4):
            archive.store(FILE, UID)
        assert peer.connections == 4


@pytest.mark.parametrize("end", [cut(), reset()])
def test_a_connection_that_ends_as_it_is_used_again_is_opened_anew(end: Step) -> None:
    """A kept connection that ends without any answer is no loss: the request is sent once more."""
    yes = dicom_json(200, stored())
    with scripted_peer(yes, end, yes) as peer, archive_at(peer.url) as archive:
        archive.store(FILE, UID)
        archive.store(FILE, UID)
    assert [len(request.body) for request in peer.received] == [len(peer.received[0].body)] * 3
    assert peer.connections == 2


def test_a_request_is_sent_once_more_and_no_further() -> None:
    """A second connection that ends as the first one is a loss."""
    yes = dicom_json(200, stored())
    with scripted_peer(yes, cut()) as peer, archive_at(peer.url) as archive:
        archive.store(FILE, UID)
        refused(Reason.LOST, archive.store, FILE, UID)
    assert len(peer.received) == 3


def test_an_answer_before_the_end_of_the_request_counts() -> None:
    """An archive may refuse by the head alone; what it says is heard, or the outcome is unknown."""
    step = answer(413, early=True)
    with scripted_peer(step) as peer, archive_at(peer.url) as archive:
        with pytest.raises(Exception, match=r"size|ended the connection") as caught:
            archive.store(LARGE, UID)
        assert getattr(caught.value, "reason", None) in {Reason.CONFIGURATION, Reason.LOST}
    assert peer.connections == 1


def test_nothing_is_left_of_an_exchange_that_failed() -> None:
    """The rest of an answer that was given up is not taken for the answer to the next request."""
    late = raw(OK + b"Content-Length: 999999999999\r\n\r\n" + OK + b"\r\n" + YES)
    with scripted_peer(late, dicom_json(200, {})) as peer, archive_at(peer.url) as archive:
        refused(Reason.UNRECOGNISED, archive.store, FILE, UID)
        refused(Reason.UNCONFIRMED, archive.store, FILE, UID)
    assert peer.connections == 2


def test_what_comes_unasked_is_not_the_next_answer() -> None:
    """Bytes behind an answer end the connection; they answer nothing."""
    head = OK + b"Content-Length: %d\r\n\r\n" % len(YES)

    def act(stream: socket.socket, _: threading.Event) -> bool:
        stream.sendall(head + YES + head + YES)
        return True

    with (
        scripted_peer(Step(act=act), dicom_json(200, {})) as peer,
        archive_at(peer.url) as archive,
    ):
        archive.store(FILE, UID)
        refused(Reason.UNCONFIRMED, archive.store, FILE, UID)
    assert peer.connections == 2


def test_no_environment_and_no_netrc_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Proxies and passwords of the surroundings change nothing."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b")
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with scripted_peer(dicom_json(200, stored())) as peer, archive_at(peer.url) as archive:
        archive.store(FILE, UID)
    assert "authorization" not in peer.received[0].headers


def test_a_slow_line_is_told_from_a_trickle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that sends steadily may take longer in all than the wait for silence."""
    monkeypatch.setattr(wire, "MIN_BYTES_PER_S", 50.0)
    body = b'{"00081199": {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": ["%s"]}}]}}'
    body %= UID.encode()

    def act(stream: socket.socket, done: threading.Event) -> bool:
        stream.sendall(OK + b"Content-Length: %d\r\n\r\n" % (len(body) + 700))
        for start in range(0, 700, 50):
            stream.sendall(b" " * 50)
            done.wait(0.25 if start else 0)
        stream.sendall(body)
        return False

    with scripted_peer(Step(act=act)) as peer, archive_at(peer.url, answer_s=3.0) as archive:
        assert archive.store(FILE, UID).sop_instance_uid == UID


def test_nothing_goes_on_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """However steadily a peer sends, an answer has a time in all, and so has a request."""
    monkeypatch.setattr(wire, "MIN_BYTES_PER_S", 50.0)
    monkeypatch.setattr(wire, "MAX_S", 1.0)

    def act(stream: socket.socket, done: threading.Event) -> bool:
        stream.sendall(OK + b"Content-Length: 1000000\r\n\r\n")
        with suppress(OSError):
            while not done.wait(0.1):
                stream.sendall(b" " * 100)
        return False

    with scripted_peer(Step(act=act)) as peer, archive_at(peer.url, answer_s=30.0) as archive:
        error = refused(Reason.LOST, archive.store, FILE, UID)
    assert error.faults[0].problem == "did not answer to the end in time"


def test_fetching_has_the_same_guards() -> None:
    """A truncated object is lost, not short."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/dicom\r\nContent-Length: 99999\r\n\r\n"
    with scripted_peer(raw(head + FILE[:500])) as peer, archive_at(peer.url) as archive:
        refused(Reason.LOST, archive.fetch, LOCATOR)


@pytest.mark.parametrize("path", ["/dicom web", "/dicom\x7f", "/größe"])
def test_an_address_that_http_cannot_say_is_refused(path: str) -> None:
    """It is not bent into another, and nothing is sent."""
    with (
        scripted_peer(dicom_json(200, stored())) as peer,
        archive_at(peer.url.replace("/dicom-web", path)) as archive,
    ):
        refused(Reason.CONFIGURATION, archive.store, FILE, UID)
    assert peer.received == []


def test_an_archive_of_another_protocol_is_a_mistake_of_the_caller() -> None:
    """A folder is no DICOMweb archive."""
    destination = replace(destination_at(""), address=FolderAddress(path=Path("/")))
    with pytest.raises(TypeError, match="no DICOMweb archive"):
        WebArchive(destination, environ={}, clock=lambda: 0.0)


WHOLE = {
    "length": OK + b"Content-Length: %d\r\n\r\n" % len(YES) + YES,
    "chunks": OK
    + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(YES)
    + YES
    + b"\r\n0\r\nX: y\r\n\r\n",
    "gzip": OK
    + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(gzip.compress(YES))
    + gzip.compress(YES),
    "to the end": OK + b"Connection: close\r\n\r\n" + YES,
    "busy": b"HTTP/1.0 503 No\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n",
}
PIECES = (
    b"", b"\r\n", b"\n", b"\0", b"\xff", b";", b"-1\r\n", b"ffffffffffffffffff\r\n", b" folded\r\n", b"101 ",
    b"Content-Length: -1\r\n", b"Content-Length: 99999999999999999999\r\n", b"Content-Encoding: br\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Location: http://[::1\r\n", b"HTTP/1.1 ",
)  # fmt: skip
CHANGES = st.tuples(st.integers(0, 400), st.integers(0, 9), st.sampled_from(PIECES) | st.binary())


@pytest.mark.parametrize("kind", WHOLE)
@drawn(24)
@given(changes=st.lists(CHANGES, min_size=1, max_size=4))
def test_whatever_is_answered_ends_in_a_receipt_or_an_error(
    kind: str, changes: list[tuple[int, int, bytes]]
) -> None:
    """Nothing that a peer sends gets further than an error of archives, and soon."""
    content = bytearray(WHOLE[kind])
    for start, length, piece in changes:
        content[start : start + length] = piece
    with (
        scripted_peer(raw(bytes(content))) as peer,
        archive_at(peer.url, answer_s=5.0) as archive,
        suppress(ArchiveError),
    ):
        assert archive.store(FILE, UID).sop_instance_uid == UID
    assert peer.connections == 1
