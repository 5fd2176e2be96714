"""The log of associations: opened and closed with whom, what was asked, and how it was answered.

Of messages only the kind and the status are told: identifiers hold patient data.
"""

from __future__ import annotations

import logging
import time

from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.events import Event

from hosr.archive.statuses import hexadecimal
from hosr.errors import ArchiveError
from hosr.logs import logger

_LOG = logger(__name__)

_PENDING = frozenset({0xFF00, 0xFF01})


class MessageLog:
    """What one association asked and was answered."""

    def __init__(self, association: Association, place: str) -> None:
        self._place = place
        self._asked_at = time.monotonic()
        self._is_open = False
        association.bind(evt.EVT_DIMSE_SENT, self._sent)
        association.bind(evt.EVT_DIMSE_RECV, self._received)

    def opened(self, calling: str) -> None:
        """It was accepted."""
        self._is_open = True
        _LOG.info("%s: association opened by %s", self._place, calling)

    def closed(self, association: Association) -> None:
        """It has ended, if there ever was one."""
        if self._is_open:
            how = "released" if association.is_released else "ended"
            _LOG.info("%s: association %s", self._place, how)
        self._is_open = False

    def _sent(self, event: Event) -> None:
        kind = _kind(event)
        if kind.endswith("-RQ"):
            self._asked_at = time.monotonic()
        _LOG.debug("%s: %s sent", self._place, kind)

    def _received(self, event: Event) -> None:
        kind, status = _kind(event), event.message.command_set.get("Status")
        is_answer = kind.endswith("-RSP") and status is not None and status not in _PENDING
        level = logging.INFO if is_answer else logging.DEBUG
        if not _LOG.isEnabledFor(level):
            return
        words = "" if status is None else f" {hexadecimal(int(status))}"
        after_s = time.monotonic() - self._asked_at
        _LOG.log(level, "%s: %s%s after %.2f s", self._place, kind, words, after_s)


def _kind(event: Event) -> str:
    """The kind of a message as the standard writes it: C-FIND-RSP."""
    return type(event.message).__name__.replace("_", "-")


def log_refused(place: str, error: ArchiveError) -> None:
    """There is no association."""
    _LOG.info("%s: no association (%s)", place, f"{error.reason} {error.status}".strip())
