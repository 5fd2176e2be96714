"""The services of one archive: requests with credentials, and what its statuses mean."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from hosr.archive.dicomweb.connection import Connection
from hosr.archive.dicomweb.http_statuses import cause_of
from hosr.archive.dicomweb.secrets import authorization
from hosr.archive.refusals import Cause, refusal
from hosr.archive.statuses import hexadecimal
from hosr.errors import Reason

if TYPE_CHECKING:
    from hosr.archive.destinations import Destination, WebAddress
    from hosr.archive.dicomweb.connection import Answer, Request
    from hosr.errors import ArchiveError


_UNAUTHORIZED = 401


class Service:
    """One archive as its functions use it: what is asked, who asks, and what a no means.

    `clock` gives the time in seconds since 1970, against which a date in Retry-After is held.
    """

    def __init__(
        self,
        destination: Destination,
        address: WebAddress,
        *,
        environ: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:
        self.name = destination.name
        self._connection = Connection(destination, address)
        self._credentials = destination.credentials
        self._environ = environ
        self._clock = clock
        self._authorization = ""

    def close(self) -> None:
        """End the connection and forget the secret."""
        self._connection.close()
        self._authorization = ""

    def ask(self, request: Request) -> Answer:
        """The answer, whatever its status; with a secret that was renewed, where the old is refused."""
        if self._credentials is not None and not self._authorization:
            self._require_confidential()
            self._authorization = authorization(self._credentials, self._environ)
        answer = self._connection.ask(request, self._authorization)
        if answer.status != _UNAUTHORIZED or self._credentials is None:
            return answer
        refused, self._authorization = self._authorization, ""
        renewed = authorization(self._credentials, self._environ)
        # The same secret once more would only lock an account the sooner.
        if renewed == refused:
            return answer
        self._authorization = renewed
        return self._connection.ask(request, renewed)

    def refusal(
        self, answer: Answer, cause: Cause | None = None, *, failure_reason: int | None = None
    ) -> ArchiveError:
        """The error that an answer stands for: by its status, or of a cause known better."""
        why = "" if failure_reason is None else f", {hexadecimal(failure_reason)}"
        return refusal(
            self.name,
            cause or cause_of(answer.status),
            status=answer.words + why,
            retry_after_s=_retry_after_s(answer.headers.get("retry-after", ""), self._clock()),
        )

    def _require_confidential(self) -> None:
        if self._connection.is_secure or _is_loopback(self._connection.host):
            return
        cause = Cause(
            reason=Reason.CONFIGURATION,
            problem="its credentials would go over the network unencrypted",
            remedy="give its address as https",
        )
        raise refusal(self.name, cause)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _retry_after_s(value: str, now: float) -> float | None:
    """The wait that Retry-After asks for (RFC 9110 section 10.2.3): seconds, or a date."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) <= 9:
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=dt.UTC)
    return max(0.0, date.timestamp() - now)
