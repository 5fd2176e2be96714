"""The log of requests over DICOMweb: which service was asked, and how and when it answered.

A path is told without what it names, and a query not at all: they hold UIDs and patient data.
"""

from __future__ import annotations

import re
import time

from hosr.errors import ArchiveError
from hosr.logs import logger

_LOG = logger(__name__)

_NAMED = re.compile(r"/[^/]*[^a-z/][^/]*")


class RequestLog:
    """One request, from when it is asked."""

    def __init__(self, method: str, target: str, authority: str) -> None:
        path = _NAMED.sub("/*", target.partition("?")[0]) or "/"
        self._service = f"{method} {path} at {authority}"
        self._begun = time.monotonic()

    def answered(self, words: str, size: int) -> None:
        """It was answered."""
        after_s = time.monotonic() - self._begun
        _LOG.info("%s: %s, %d bytes after %.2f s", self._service, words, size, after_s)

    def failed(self, error: ArchiveError) -> None:
        """There was no answer."""
        why = f"{error.reason} {error.status}".strip()
        after_s = time.monotonic() - self._begun
        _LOG.info("%s: no answer (%s) after %.2f s", self._service, why, after_s)
