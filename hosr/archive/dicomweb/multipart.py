"""Messages of several parts (RFC 2046 section 5.1, RFC 2387): one part written, one part read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from email.message import Message

_LINE_END = b"\r\n"
_MAX_PART_HEADER_BYTES = 64 << 10


class MalformedMessageError(Exception):
    """A message that is not what its Content-Type says, or that ends too early."""

    def __init__(self, problem: str, *, is_cut: bool = False) -> None:
        super().__init__(problem)
        self.is_cut = is_cut


def wrap(data: bytes, part_type: str) -> tuple[str, Sequence[bytes]]:
    """One part as a message: the boundary, and the blocks of the message in their order."""
    boundary = _boundary(data)
    head = f"--{boundary}\r\nContent-Type: {part_type}\r\nContent-Length: {len(data)}\r\n\r\n"
    return boundary, (head.encode("ascii"), data, f"\r\n--{boundary}--\r\n".encode("ascii"))


def content_type(boundary: str, part_type: str) -> str:
    """The Content-Type of a message with this boundary."""
    return f'multipart/related; type="{part_type}"; boundary={boundary}'


def media_type(header: str) -> str:
    """The media type of a Content-Type, in lower case and without its parameters."""
    return header.partition(";")[0].strip().lower()


def first_part(body: bytes, header: str) -> tuple[str, bytes]:
    """The media type and the content of the first part of a message with this Content-Type.

    Raises MalformedMessageError where there is none, or where the message does not end as it must.
    """
    delimiter = b"--" + _named_boundary(header)
    start = body.find(delimiter)
    if start < 0 or (start > 0 and body[start - 2 : start] != _LINE_END):
        raise MalformedMessageError("has no part")
    if body.startswith(b"--", start + len(delimiter)):
        raise MalformedMessageError("has no part")
    # From the delimiter's own line end on, so that a part without headers is found as well.
    fields = body.find(_LINE_END, start)
    head = body.find(2 * _LINE_END, fields, fields + _MAX_PART_HEADER_BYTES)
    if fields < 0 or head < 0:
        raise MalformedMessageError("ends within the head of a part", is_cut=True)
    content = head + 2 * len(_LINE_END)
    # The content may be empty: its end may share the line end of its header.
    end = body.find(_LINE_END + delimiter, content - len(_LINE_END))
    if end < 0:
        raise MalformedMessageError("ends within a part", is_cut=True)
    return _part_type(body[fields:head]), body[content : max(content, end)]


def _boundary(data: bytes) -> str:
    """A boundary that the data do not hold.

    It is derived from the data, so nobody can write it into them; that it is not there is checked
    all the same.
    """
    digest = hashlib.sha256(data)
    while digest.hexdigest().encode("ascii") in data:
        digest.update(b"again")
    return digest.hexdigest()


def _named_boundary(header: str) -> bytes:
    message = Message()
    message["Content-Type"] = header
    boundary = message.get_param("boundary")
    if media_type(header) != "multipart/related" or not isinstance(boundary, str) or not boundary:
        raise MalformedMessageError("is no message of parts")
    return boundary.encode("utf-8", "replace")


def _part_type(head: bytes) -> str:
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-type":
            return media_type(value)
    return ""
