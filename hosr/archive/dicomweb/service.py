"""The services of one archive: requests with credentials, and what its statuses mean.

Passwords and tokens are read where they are kept, when they are needed, and never shown.
"""

from __future__ import annotations

import base64
import datetime as dt
import os
import re
import stat
import sys
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path

from hosr.archive.addresses import Credentials, Destination, WebAddress, is_loopback
from hosr.archive.dicomweb.connection import Access, Answer, Connection, Request
from hosr.archive.statuses import hexadecimal
from hosr.archive.values import Cause, cause, refusal
from hosr.errors import ArchiveError, Reason

# Unauthorized, and Proxy Authentication Required.
_WANTS_SECRETS = frozenset({401, 407})


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
        self._destination = destination
        self._address = address
        self._environ = environ
        self._clock = clock
        self._access: Access | None = None

    def close(self) -> None:
        """End the connection and forget the secrets."""
        self._connection.close()
        self._access = None

    def ask(self, request: Request) -> Answer:
        """The answer, whatever its status; with a secret that was renewed, where the old is refused."""
        access = self._access = self._access or self._read_access()
        answer = self._connection.ask(request, access)
        if answer.status not in _WANTS_SECRETS:
            return answer
        self._access = None
        renewed = self._read_access()
        # The same secret once more would only lock an account the sooner.
        if renewed == access:
            return answer
        self._access = renewed
        return self._connection.ask(request, renewed)

    def refusal(
        self, answer: Answer, cause: Cause | None = None, *, failure_reason: int | None = None
    ) -> ArchiveError:
        """The error that an answer stands for: by its status, or of a cause known better."""
        why = "" if failure_reason is None else f", {hexadecimal(failure_reason)}"
        return (cause or cause_of(answer.status)).refusal(
            self.name,
            status=answer.words + why,
            retry_after_s=_retry_after_s(answer.headers.get("retry-after", ""), self._clock()),
        )

    def _read_access(self) -> Access:
        """What lets a request in, with the secrets as they are kept now."""
        where, environ = self._destination, self._environ
        kept = {
            each.name: each.value for each in where.headers if isinstance(each.value, Credentials)
        }
        if where.credentials is not None or kept:
            self._require_confidential()
        headers = {each.name: each.value for each in where.headers if isinstance(each.value, str)}
        headers |= {name: read_secret(place, environ) for name, place in kept.items()}
        if where.credentials is not None:
            headers["Authorization"] = authorization(where.credentials, environ)
        proxy = None if where.proxy is None else where.proxy.credentials
        said = "" if proxy is None else authorization(proxy, environ)
        return Access(headers=headers, proxy_authorization=said)

    def _require_confidential(self) -> None:
        is_local = is_loopback(self._address) and self._destination.proxy is None
        if not self._address.secure and not is_local:
            problem = "its credentials would go over the network unencrypted"
            raise refusal(self.name, Reason.CONFIGURATION, problem, "give its address as https")


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


# Not Found, Gone: of a resource it is absent, of a service there is none.
ABSENT = frozenset({404, 410})

_ADDRESS = "check that the address is the root of the DICOMweb services"
_RIGHTS = "check the credentials and their rights in the archive"

_CAUSES = {
    400: cause(Reason.PROCESSING, "called the request malformed", _ADDRESS),
    401: cause(Reason.CONFIGURATION, "wants other credentials", _RIGHTS),
    403: cause(Reason.CONFIGURATION, "does not permit this with these credentials", _RIGHTS),
    404: cause(Reason.CONFIGURATION, "has no such service at this address", _ADDRESS),
    405: cause(Reason.UNSUPPORTED, "does not offer this service", _ADDRESS),
    406: cause(
        Reason.UNSUPPORTED,
        "does not answer in a form that was asked for",
        "it must offer application/dicom+json, and multipart/related for objects",
    ),
    407: cause(
        Reason.CONFIGURATION,
        "a proxy stands before it and wants credentials",
        "write proxy, proxy_user and proxy_password_file or proxy_password_env, or mend them",
    ),
    408: cause(Reason.LOST, "gave up waiting for the request"),
    409: cause(
        Reason.PROCESSING, "refused the object without saying why", "look in the log of the archive"
    ),
    410: cause(Reason.CONFIGURATION, "has no such service at this address", _ADDRESS),
    413: cause(
        Reason.CONFIGURATION,
        "does not take a request of this size",
        "raise the limit of the archive, or of the proxy before it",
    ),
    415: cause(
        Reason.UNSUPPORTED,
        "does not take objects in this form",
        "it must take application/dicom in multipart/related",
    ),
    423: cause(Reason.BUSY, "is locked for now"),
    425: cause(Reason.BUSY, "does not take this so early"),
    429: cause(Reason.BUSY, "has been asked too much for now"),
    500: cause(
        Reason.LOST,  # what became of the request is not said
        "failed within itself",
        "look in the log of the archive",
    ),
    501: cause(Reason.UNSUPPORTED, "does not offer this service", _ADDRESS),
    502: cause(Reason.LOST, "a gateway got no good answer from it"),
    503: cause(Reason.BUSY, "is not available for now"),
    504: cause(Reason.LOST, "a gateway got no answer from it in time"),
    505: cause(Reason.UNSUPPORTED, "does not speak HTTP/1.1"),
    507: cause(Reason.CAPACITY, "has no room left", "make room in the archive"),
    511: cause(
        Reason.CONFIGURATION,
        "the network wants a login before it lets anything through",
        "log in to the network, or use another",
    ),
}

# By the first digit, for all others.
_CLASSES = {
    2: cause(
        Reason.UNRECOGNISED, "answered with a success that does not fit what was asked", _ADDRESS
    ),
    3: cause(
        Reason.CONFIGURATION,
        "sends elsewhere, perhaps to a login page; hosr does not follow",
        "give the address of the DICOMweb services themselves, and credentials",
    ),
    5: _CAUSES[500],
}
_OTHER = cause(Reason.UNRECOGNISED, "refused with a status that DICOMweb does not know", _ADDRESS)


def cause_of(status: int) -> Cause:
    """Why an archive that answers with this status did not do what was asked."""
    return _CAUSES.get(status) or _CLASSES.get(status // 100, _OTHER)


MAX_SECRET_BYTES = 64 << 10

# RFC 6750 section 2.1, b64token.
_BEARER_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")


def read_secret(credentials: Credentials, environ: Mapping[str, str]) -> str:
    """The password or token as it is kept now, without the line ends behind it.

    Raises ArchiveRefused where there is none, where others may read its file, and where it holds
    what no header can carry.
    """
    if credentials.file is not None:
        where, secret = str(credentials.file), _file_content(credentials.file)
    elif credentials.variable is not None:
        where, secret = f"${credentials.variable}", environ.get(credentials.variable, "")
    else:
        raise _refusal("credentials", "name neither a file nor a variable", "name one of them")
    secret = secret.rstrip("\r\n")
    if not secret:
        raise _refusal(where, "holds no secret", "put the password or the token there")
    if not secret.isprintable():
        problem = "holds characters that no password or token has, such as a line end within it"
        raise _refusal(where, problem, "put the secret there alone, on one line")
    return secret


def authorization(credentials: Credentials, environ: Mapping[str, str]) -> str:
    """The value of the header Authorization: Basic with a user (RFC 7617), else Bearer (RFC 6750).

    Raises ArchiveRefused as `read_secret` does.
    """
    secret = read_secret(credentials, environ)
    where = str(credentials.file or f"${credentials.variable}")
    if credentials.user is None:
        if not _BEARER_TOKEN.fullmatch(secret):
            problem = "is no bearer token: it has characters that tokens do not have"
            raise _refusal(
                where, problem, "put the token there alone, or name the user of a password"
            )
        return f"Bearer {secret}"
    if ":" in credentials.user or not credentials.user.isprintable():
        problem = "the name of the user has a colon or a control character, which HTTP cannot say"
        raise _refusal("credentials", problem, "name another user")
    pair = f"{credentials.user}:{secret}".encode()
    return f"Basic {base64.b64encode(pair).decode('ascii')}"


def _file_content(path: Path) -> str:
    # Without waiting for a writer, should the path be a pipe.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
        try:
            _require_private(path, os.fstat(descriptor))
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(MAX_SECRET_BYTES + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        problem = f"cannot be read ({error.strerror or type(error).__name__})"
        raise _refusal(str(path), problem, "check the path and the right to read it") from None
    if len(content) > MAX_SECRET_BYTES:
        raise _refusal(
            str(path), "is larger than 64 KiB", "name the file that holds the secret alone"
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise _refusal(str(path), "is not UTF-8", "put the secret there as plain text") from None


def _require_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _refusal(str(path), "is not a file", "name the file that holds the secret")
    if sys.platform != "win32" and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(status.st_mode)
        problem = f"may be read or changed by others (its mode is {mode:04o})"
        raise _refusal(str(path), problem, f"run `chmod 600 {path}`, and renew the secret")


def _refusal(where: str, problem: str, remedy: str) -> Exception:
    return refusal(where, Reason.CONFIGURATION, problem, remedy)
