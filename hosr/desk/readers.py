"""Who may use the desk: readers by links that work once, their sessions, and the lock of those left alone.

A link holds a token of 256 bits. The first request with it begins a session, named by a cookie that no
program of a page can read; the token is worth nothing from then on. Where a session ends, by its reader,
by the lock or by time, there is a new link for that reader.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hosr.identity import fingerprint
from hosr.persons import spellings

_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads, as they sign: a DICOM person name, for whom, and their identifier there.

    Without a name nobody is meant: such a reader looks and changes nothing.
    """

    name: str = field(default="", repr=False)
    organization: str = ""
    identifier: str = field(default="", repr=False)

    @property
    def may_write(self) -> bool:
        """Whether there is somebody who can answer for a change."""
        return bool(self.name)

    @property
    def key(self) -> str:
        """What stands for them where no name may stand: the same for the same person, and no name."""
        if not self.name:
            return "onlooker"
        return fingerprint((self.name, self.organization, self.identifier))[:16]

    def is_called(self, name: str) -> bool:
        """Whether a name is theirs, however it is spelled."""
        return bool(spellings(self.name) & spellings(name))


@dataclass(slots=True, kw_only=True)
class Session:
    """A reader at work, until `seen_at` is too long ago; in seconds of a clock that never jumps."""

    reader: Reader
    seen_at: float


class Sessions:
    """The links and the sessions of all readers.

    `clock` gives seconds that only go forward. After `lock_s` seconds without a request that a person
    made, a session is over. `on_link` is called with a reader and the token of a new link of theirs.
    """

    def __init__(
        self, *, clock: Callable[[], float], lock_s: float, on_link: Callable[[Reader, str], None]
    ) -> None:
        self._clock = clock
        self._lock_s = lock_s
        self._on_link = on_link
        self._links: dict[str, Reader] = {}
        self._sessions: dict[str, Session] = {}

    def admit(self, reader: Reader) -> None:
        """Make a link for a reader."""
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._links[_digest(token)] = reader
        self._on_link(reader, token)

    def begin(self, token: str) -> tuple[str, Reader] | None:
        """The session that a token begins, by the value of its cookie; None where it is worth nothing."""
        reader = self._links.pop(_digest(token), None)
        if reader is None:
            return None
        cookie = secrets.token_urlsafe(_TOKEN_BYTES)
        self._sessions[_digest(cookie)] = Session(reader=reader, seen_at=self._clock())
        return cookie, reader

    def find(self, cookie: str, *, by_person: bool) -> Reader | None:
        """Whose session a cookie names; one that a person uses goes on."""
        self.expire()
        session = self._sessions.get(_digest(cookie))
        if session is None:
            return None
        if by_person:
            session.seen_at = self._clock()
        return session.reader

    def end(self, cookie: str) -> Reader | None:
        """End a session; its reader has a new link then."""
        session = self._sessions.pop(_digest(cookie), None)
        if session is None:
            return None
        self.admit(session.reader)
        return session.reader

    def expire(self) -> tuple[Reader, ...]:
        """End the sessions that nobody uses any more, and give their readers new links."""
        return tuple(self._expired())

    def _expired(self) -> Iterator[Reader]:
        now = self._clock()
        for key, session in list(self._sessions.items()):
            if now - session.seen_at >= self._lock_s:
                del self._sessions[key]
                self.admit(session.reader)
                yield session.reader


def _digest(secret: str) -> str:
    """What a secret is kept as: what is looked up then tells nothing by the time that it takes."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
