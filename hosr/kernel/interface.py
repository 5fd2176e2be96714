"""Asking the kernel of Linux what Python has no function for."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache
from typing import Any

_PR_SET_NO_NEW_PRIVS = 38  # prctl(2)


def call(number: int, *arguments: Any) -> int:
    """What a system call answers; `arguments` are whole numbers, bytes, and values of ctypes.

    Raises OSError where it is refused, or where this is not Linux.
    """
    passed = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    answer: int = _library().syscall(ctypes.c_long(number), *passed)
    if answer < 0:
        raise _refused()
    return answer


def forgo_privileges() -> None:
    """Give up that any program could have more rights than this process; restrictions ask for it.

    Raises OSError.
    """
    if _library().prctl(_PR_SET_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0))) < 0:
        raise _refused()


@cache
def _library() -> ctypes.CDLL:
    if not sys.platform.startswith("linux"):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def _refused() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
