"""Messages of several parts: what was wrapped is found again, and nothing else is taken for it."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.archive.dicomweb.messages import (
    MalformedMessageError,
    content_type,
    first_part,
    media_type,
    wrap,
)

KIND = 'multipart/related; type="application/dicom"; boundary='


@given(st.binary(max_size=300))
def test_what_was_wrapped_is_found(data: bytes) -> None:
    """Any bytes come back as they were, with their type."""
    boundary, blocks = wrap(data, "application/dicom")
    body = b"".join(blocks)
    assert first_part(body, content_type(boundary, "application/dicom")) == (
        "application/dicom",
        data,
    )
    assert len(boundary) <= 70


@given(st.binary(max_size=200), st.data())
def test_a_message_cut_anywhere_is_no_message(data: bytes, draw: st.DataObject) -> None:
    """Without its last boundary a message has not come to its end."""
    boundary, blocks = wrap(data, "application/dicom")
    body = b"".join(blocks)
    end = len(body) - len("--\r\n")
    cut = body[: draw.draw(st.integers(0, end - 1))]
    with pytest.raises(MalformedMessageError):
        first_part(cut, content_type(boundary, "application/dicom"))


def test_a_boundary_is_not_in_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even were the digest of the data known to whoever wrote them."""
    plain = hashlib.sha256

    def guessed(data: bytes) -> object:
        return plain(b"" if data.startswith(guess) else data)

    guess = plain(b"").hexdigest().encode()
    monkeypatch.setattr("hosr.archive.dicomweb.messages.hashlib.sha256", guessed)
    boundary, _ = wrap(guess + b" and more", "application/dicom")
    assert boundary.encode() != guess
    assert len(boundary) == len(guess)


@pytest.mark.parametrize(
    ("body", "kind", "found"),
    [
        (b"--b\r\n\r\ndata\r\n--b--", KIND + "b", ("", b"data")),
        (b"\r\n--b\r\nContent-Type: a/b; c=d\r\n\r\ndata\r\n--b--", KIND + '"b"', ("a/b", b"data")),
        (b"preamble\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--", KIND + "b", ("", b"one")),
        (b"--b \r\ncontent-type:A/B\r\nX: y\r\n\r\n\r\n--b--", KIND + "b", ("a/b", b"")),
        (b"--b\r\n\r\ndata\r\n--b--", "Multipart/Related; Boundary=b", ("", b"data")),
        (b"--a b\r\n\r\ndata\r\n--a b--", KIND + '"a b"', ("", b"data")),
    ],
)
def test_messages_of_other_servers_are_read(
    body: bytes, kind: str, found: tuple[str, bytes]
) -> None:
    """With and without quotes, headers, preamble and further parts."""
    assert first_part(body, kind) == found


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"--b\r\n\r\ndata\r\n--b--", "multipart/related"),
        (b"--b\r\n\r\ndata\r\n--b--", "multipart/mixed; boundary=b"),
        (b"--b\r\n\r\ndata\r\n--b--", "text/html; boundary=b"),
        (b"--b\r\n\r\ndata\r\n--b--", ""),
        (b"--b\r\n\r\ndata\r\n--b--", KIND + "c"),
        (b"x--b\r\n\r\ndata\r\n--b--", KIND + "b"),
        (b"--b--", KIND + "b"),
        (b"", KIND + "b"),
        (b"--b\r\nX: " + b"y" * 70_000 + b"\r\n\r\ndata\r\n--b--", KIND + "b"),
    ],
)
def test_what_is_no_message_is_refused(body: bytes, kind: str) -> None:
    """Another type, no boundary, no part."""
    with pytest.raises(MalformedMessageError):
        first_part(body, kind)


@pytest.mark.parametrize("text", ["Text/HTML", "text/html;charset=x", " text/html ; a=b"])
def test_a_media_type_stands_without_its_parameters(text: str) -> None:
    """In lower case, as types are compared."""
    assert media_type(text) == "text/html"
