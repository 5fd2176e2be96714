"""What a peer sends, believed up to a rate, a time and a size."""

from __future__ import annotations

import io
import time
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from http.client import HTTPResponse

    from _typeshed import WriteableBuffer


# A peer that sends slower than this, after the first wait, is not answering but holding the line.
MIN_BYTES_PER_S = 4096.0

_BLOCK_BYTES = 1 << 20
# Chunk sizes, trailers and headers beside the content itself.
_OVERHEAD_BYTES = 1 << 20


class TooLongError(Exception):
    """An answer is longer than it may be, as sent or once it is unpacked."""


class EndedEarlyError(Exception):
    """An answer ended before the length that it named, or before its packing did."""


class Incoming(io.RawIOBase):
    """The bytes that arrive on a socket; TimeoutError where they stop or trickle.

    A wait of `wait_s` is granted at the start and never more than that at a time; every byte that
    arrives earns a little of it back. So neither silence nor one byte now and then goes on.

    `has_ended` is that the peer sends no more; `has_more` that it sent more than was asked for.
    """

    def __init__(self, connection: socket.socket, wait_s: float, limit_bytes: int) -> None:
        self._connection = connection
        self._wait_s = wait_s
        self._left_s = wait_s
        self._left_bytes = 2 * limit_bytes + _OVERHEAD_BYTES
        self.has_ended = False
        self.has_more = False
        self._is_finished = False

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """The next bytes, as soon as there are any; 0 at the end."""
        if self._is_finished:
            return 0
        if self._left_s <= 0:
            raise TimeoutError
        self._connection.settimeout(self._left_s)
        start = time.monotonic()
        count = self._connection.recv_into(buffer)
        self.has_ended = count == 0
        earned = count / MIN_BYTES_PER_S - (time.monotonic() - start)
        self._left_s = min(self._wait_s, self._left_s + earned)
        self._left_bytes -= count
        if self._left_bytes < 0:
            raise TooLongError
        return count

    def finish(self) -> None:
        """Take no more from the socket."""
        self._is_finished = True

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What http.client asks of a socket."""
        return _Buffer(self, 1 << 16)


class _Buffer(io.BufferedReader):
    """What has arrived and was not read yet; at its end it tells what nobody read."""

    def close(self) -> None:
        incoming = self.raw
        if isinstance(incoming, Incoming) and not incoming.closed:
            incoming.finish()
            incoming.has_more = bool(self.peek(1))
        super().close()


def read_body(response: HTTPResponse, limit_bytes: int) -> bytes:
    """The content of an answer, unpacked.

    Raises TooLongError, EndedEarlyError, and http.client.HTTPException where it is malformed.
    """
    if response.length is not None and response.length > limit_bytes:
        raise TooLongError
    packed = response.headers.get("Content-Encoding", "").strip().lower() in {"gzip", "x-gzip"}
    blocks = _inflated(response, limit_bytes) if packed else _blocks(response)
    content = bytearray()
    for block in blocks:
        content += block
        if len(content) > limit_bytes:
            raise TooLongError
    return bytes(content)


def _blocks(response: HTTPResponse) -> Iterator[bytes]:
    while block := response.read(_BLOCK_BYTES):
        yield block
    if response.length:
        raise EndedEarlyError


def _inflated(response: HTTPResponse, limit_bytes: int) -> Iterator[bytes]:
    """A body in gzip (RFC 1952), no block of it inflated by more than the limit and one byte.

    A block that would inflate to more has then gone beyond the limit, and nothing else is asked.
    """
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    for block in _blocks(response):
        try:
            yield inflater.decompress(block, limit_bytes + 1)
        except zlib.error:
            raise EndedEarlyError from None
    if not inflater.eof:
        raise EndedEarlyError
