"""A filter of system calls: those that a process has given up are refused to all its threads.

seccomp(2); a program of the classic Berkeley Packet Filter, <linux/filter.h>, which the kernel runs
before each call over `struct seccomp_data`: the number of the call, the architecture it is of, where
it was made, and its six arguments of 64 bits.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from hosr.kernel.interface import call, forgo_privileges
from hosr.kernel.system_calls import (
    FIRST_NEW_CALL,
    GIVEN_UP,
    MAKE_THREAD,
    OPEN_FILES,
    SET_LIMITS,
    SIGNAL_OTHERS,
    Calls,
)

# <linux/filter.h>: load a word, jump where it is equal, greater or equal, or has bits; the end.
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_BITS, _END = 0x20, 0x15, 0x35, 0x45, 0x06

# <linux/seccomp.h>
_SET_FILTER, _IS_OFFERED, _ALL_THREADS = 1, 2, 1
_KILL_PROCESS, _REFUSE, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 32

_CLONE_THREAD = 0x00010000  # clone(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Processor:
    """How a kind of processor is named in the filter, and the place of its numbers in the tables."""

    audit_name: int  # <linux/audit.h>: AUDIT_ARCH_*
    column: int
    seccomp: int


_PROCESSORS = {
    "x86_64": _Processor(audit_name=0xC000003E, column=0, seccomp=317),
    "aarch64": _Processor(audit_name=0xC00000B7, column=1, seccomp=277),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def has_filters() -> bool:
    """Whether the kernel takes filters, and the numbers of its calls are known here."""
    processor = _processor()
    if processor is None:
        return False
    try:
        call(processor.seccomp, _IS_OFFERED, 0, ctypes.byref(ctypes.c_uint32(_REFUSE)))
    except OSError:
        return False
    return True


def filter_calls(*, opens: bool = False, threads: bool = False) -> bool:
    """Give up, for the whole process, the calls that it does not need; whether it is so.

    Where it `opens` files they may be opened, not changed; where it has `threads` it may begin more.
    """
    processor = _processor()
    if processor is None:
        return False
    steps = b"".join(_steps(processor, opens=opens, threads=threads))
    program = _Program(length=len(steps) // 8, steps=steps)
    try:
        forgo_privileges()
        # With all threads an answer that is not 0 is the number of one that cannot have the filter.
        return not call(processor.seccomp, _SET_FILTER, _ALL_THREADS, ctypes.byref(program))
    except OSError:
        return False


def _processor() -> _Processor | None:
    """That of this kernel, where programs of 64 bits run on it as this one does."""
    is_wide = ctypes.sizeof(ctypes.c_void_p) == 8
    return _PROCESSORS.get(os.uname().machine) if hasattr(os, "uname") and is_wide else None


def _steps(processor: _Processor, *, opens: bool, threads: bool) -> Iterator[bytes]:
    """The program. Calls of another architecture have other numbers: nothing here makes them."""
    yield _step(_LOAD, _ARCHITECTURE)
    yield _step(_IF_EQUAL, processor.audit_name, yes=1)
    yield _step(_END, _KILL_PROCESS)
    yield _step(_LOAD, _NUMBER)
    # As on a kernel that does not know them, so that libraries go their older way.
    yield _step(_IF_AT_LEAST, FIRST_NEW_CALL, no=1)
    yield _step(_END, _REFUSE | errno.ENOSYS)
    for calls in GIVEN_UP if opens else (OPEN_FILES, *GIVEN_UP):
        for number in _numbers(calls, processor):
            yield _step(_IF_EQUAL, number, no=1)
            yield _step(_END, _REFUSE | calls.error)
    for number in _numbers(SIGNAL_OTHERS, processor):
        yield from _unless(_IF_EQUAL, os.getpid(), number, SIGNAL_OTHERS.error)
    for number in _numbers(SET_LIMITS, processor):
        yield from _unless_empty(number, SET_LIMITS.error)
    for number in _numbers(MAKE_THREAD, processor):
        bit = _CLONE_THREAD if threads else 0
        yield from _unless(_IF_BITS, bit, number, MAKE_THREAD.error)
    yield _step(_END, _ALLOW)


def _unless(test: int, value: int, number: int, error: int) -> Iterator[bytes]:
    """Refuse a call whose first argument does not pass; of all these its lower half is meant."""
    yield _step(_IF_EQUAL, number, no=4)
    yield _step(_LOAD, _FIRST_ARGUMENT)
    yield _step(test, value, no=1)
    yield _step(_END, _ALLOW)
    yield _step(_END, _REFUSE | error)


def _unless_empty(number: int, error: int) -> Iterator[bytes]:
    """Refuse a call whose third argument points to something."""
    yield _step(_IF_EQUAL, number, no=6)
    yield _step(_LOAD, _THIRD_ARGUMENT)
    yield _step(_IF_EQUAL, 0, no=3)
    yield _step(_LOAD, _THIRD_ARGUMENT + 4)
    yield _step(_IF_EQUAL, 0, no=1)
    yield _step(_END, _ALLOW)
    yield _step(_END, _REFUSE | error)


def _numbers(calls: Calls, processor: _Processor) -> list[int]:
    numbers = (both[processor.column] for both in calls.numbers.values())
    return [number for number in numbers if number is not None]


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """One step, and how many are passed over where its test says yes, or no."""
    return struct.pack("=HBBI", code, yes, no, value)
