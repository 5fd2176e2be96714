"""Passwords and tokens: read where they are kept, when they are needed, and never shown."""

from __future__ import annotations

import base64
import os
import re
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.archive.refusals import Cause, refusal
from hosr.errors import Reason

if TYPE_CHECKING:
    from hosr.archive.destinations import Credentials


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
    return refusal(where, Cause(reason=Reason.CONFIGURATION, problem=problem, remedy=remedy))
