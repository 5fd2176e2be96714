"""A process of its own for what a stranger wrote: short of time, memory, files and everything else.

The process gets a request on its standard input, answers on its standard output, and is ended
when it takes too long. It sees no environment variables and stands in an empty folder; where the
platform can (`resource`), it cannot write, start a program, or open a file once it is `confine`d.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_START = (
    "import importlib, sys; sys.path += sys.argv[2:]; importlib.import_module(sys.argv[1]).main()"
)

# What starting Python and importing the module may take beside the work itself.
_START_SECONDS = 5.0

_SIGKILL, _SIGXCPU = 9, 24  # by number: Windows has no names for them


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a confined process may use; `files` is how many it may have open.

    A process without `threads` can start no program either, unless its user is root.
    """

    seconds: float = 5.0
    memory_bytes: int = 512 * 1024 * 1024
    output_bytes: int = 16 * 1024 * 1024
    files: int = 0
    threads: bool = False


LIMITS = Limits()


class OutOfTime(BaseException):
    """The time is over; no handler of ordinary errors stops this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended: what it answered, or that it was still at work when its time was over."""

    answer: bytes = b""
    succeeded: bool = False
    in_time: bool = True


def run_confined(module: str, request: bytes, limits: Limits, works: int = 1) -> Ended:
    """The answer of the function `main` of a module, run in a process of its own.

    `works` is how many pieces of work, each limited in time, the request is for.
    """
    paths = [os.path.abspath(path) for path in sys.path]  # noqa: PTH100 (an empty one is the current folder)
    command = [sys.executable, "-I", "-S", "-B", "-c", _START, module, *paths]
    # Windows starts no process without it; it names a folder of the system.
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="hosr-confined-") as empty:
        try:
            done = subprocess.run(  # noqa: S603 (our own interpreter and module)
                command,
                input=request,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=empty,
                env=kept,
                timeout=works * limits.seconds + _START_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Ended(in_time=False)
    # A process that has used up its seconds is ended by the system.
    in_time = done.returncode not in (-_SIGKILL, -_SIGXCPU)
    return Ended(answer=done.stdout, succeeded=done.returncode == 0, in_time=in_time)


def confine(limits: Limits, works: int = 1) -> None:
    """Give up, for good, what the rest of this process does not need."""
    try:
        import resource
    except ImportError:  # Windows has none; time and output are limited all the same
        return
    bounds = {
        resource.RLIMIT_CPU: int(works * limits.seconds) + 2,
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: limits.files,
    }
    if not limits.threads:
        bounds[resource.RLIMIT_NPROC] = 0
    for kind, most in bounds.items():
        _, hard = resource.getrlimit(kind)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))


@contextmanager
def timed(seconds: float) -> Iterator[None]:
    """Raises `OutOfTime` within the work when it takes longer, where the platform has timers."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise OutOfTime
