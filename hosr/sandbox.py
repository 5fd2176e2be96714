"""A process of its own for what a stranger wrote: short of time, memory, files and everything else.

One protocol for all that work there. A request is a line of JSON and the bytes behind it; so is an
answer. The module that is asked has a function `work`, which gets the request and returns the
answer, or raises `WorkRefused` with a reason that may be told; and, where it needs what can be read
no later, a function `load` for what all requests need, and `prepare` for what this one does. They are
called before everything is given up; `prepare` may give the files and folders that have to be read
while it works. The process sees no environment variables and stands
in an empty folder; where the platform can (`resource`, `hosr.kernel`), it cannot read or change any
other file, reach a network or another process, or start a program, and it is ended when it takes too
long.

Its time is that of the processor. What the machine does to the work (no process to be had, none of its
time, a kill) is told apart from what the work does to itself, for only that is the input's fault.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import Enum, auto
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

try:
    import resource
except ImportError:  # Windows has none; time and output are limited all the same
    resource = None  # type: ignore[assignment]  # on Windows

from hosr import sandbox_server
from hosr.errors import Fault, MachineFailed
from hosr.kernel import filter_calls, restrict_files
from hosr.logs import logger
from hosr.phrases import Phrase, phrase

_START = "import sys; sys.path += sys.argv[2:]; from hosr.sandbox import serve; serve(sys.argv[1])"
_ATTEND = _START.replace("serve", "attend")

# What starting Python and importing the module may take beside the work itself.
_START_SECONDS = 5.0
# So many times as long as it may work a process is waited for, which a busy machine lets do little.
_PATIENCE = 4

_LOG = logger(__name__)
_ENDED = "%s: process ended with code %d after %.2f s"

_SIGKILL, _SIGTERM, _SIGXCPU = 9, 15, 24  # by number: Windows has no names for them

_AGAIN = phrase("free some of it, or wait until the machine has less to do, and try again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a process in a sandbox may use; `files` is how many it may have open.

    A process without `threads` can start no program either; where the kernel takes no filter of calls
    that does not hold for root.
    """

    seconds: float = 5.0
    memory_bytes: int = 512 * 1024 * 1024
    output_bytes: int = 16 * 1024 * 1024
    files: int = 0
    threads: bool = False


LIMITS = Limits()


class OutOfTime(BaseException):
    """The time is over; no handler of ordinary errors stops this one."""


class WorkRefused(Exception):
    """What was asked cannot be done, for a reason in words that may be told."""


class End(Enum):
    """How a process in a sandbox ended."""

    DONE = auto()
    REFUSED = auto()
    OUT_OF_TIME = auto()
    BROKEN = auto()
    """It crashed, or used up its memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How the work ended: what it told and made, or the reason why it was refused."""

    how: End
    told: Mapping[str, Any] = field(default_factory=dict)
    made: bytes = b""
    reason: str = ""


def run_in_sandbox(
    module: str,
    asked: Mapping[str, Any],
    content: bytes = b"",
    *,
    limits: Limits = LIMITS,
    works: int = 1,
) -> Ended:
    """What `work` of a module makes of a request, in a process of its own.

    `asked` is plain data, ready for JSON. `works` is how many pieces of work, each limited in
    time, the request is for.

    Raises `MachineFailed` where no process can be started, or the machine ends or starves it.
    """
    bounds = {"limits": asdict(limits), "works": works}
    head = json.dumps({"asked": asked, **bounds}, allow_nan=False).encode()
    seconds = _PATIENCE * (works * limits.seconds + _START_SECONDS)
    run = sandbox_server.ask if sandbox_server.CAN_FORK else _start
    begun = time.monotonic()
    _LOG.debug("%s: process starts", module)
    try:
        with tempfile.TemporaryDirectory(prefix="hosr-sandbox-") as empty:
            request = head + b"\n" + content
            code, answer = run(_command(module), request, folder=empty, seconds=seconds)
    except subprocess.TimeoutExpired:
        _LOG.info("%s: process killed after %.2f s of waiting", module, time.monotonic() - begun)
        raise _failed(phrase("gave a process too little time")) from None
    except OSError as error:
        raise _failed(
            phrase("cannot start a process ({told})", told=str(error.strerror))
        ) from error
    ended = (module, code, time.monotonic() - begun)
    _LOG.log(logging.INFO if code else logging.DEBUG, _ENDED, *ended)
    if code in (-_SIGKILL, -_SIGTERM):
        raise _failed(phrase("ended a process, perhaps for want of memory"))
    # A process that has used up its seconds is ended by the system.
    if code == -_SIGXCPU:
        return Ended(how=End.OUT_OF_TIME)
    return _read_answer(answer) if code == 0 else Ended(how=End.BROKEN)


def _command(module: str) -> tuple[str, ...]:
    begin = _ATTEND if sandbox_server.CAN_FORK else _START
    paths = [os.path.abspath(path) for path in sys.path]  # noqa: PTH100 (an empty one is the current folder)
    return (sys.executable, "-I", "-S", "-B", "-c", begin, module, *paths)


def _start(
    command: tuple[str, ...], request: bytes, *, folder: str, seconds: float
) -> tuple[int, bytes]:
    """As `sandbox_server.ask`, by a process that is started for this request."""
    # Windows starts no process without it; it names a folder of the system.
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    done = subprocess.run(  # noqa: S603 (our own interpreter and module)
        command,
        input=request,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=kept,
        timeout=seconds,
        check=False,
    )
    return done.returncode, done.stdout


def _failed(problem: Phrase) -> MachineFailed:
    return MachineFailed(Fault("this machine", problem, _AGAIN))


def _read_answer(answer: bytes) -> Ended:
    line, _, made = answer.partition(b"\n")
    try:
        head = json.loads(line)
        if "refused" in head:
            return Ended(how=End.REFUSED, reason=str(head["refused"]))
        return Ended(how=End.DONE, told=dict(head["told"]), made=made)
    except (KeyError, TypeError, ValueError):
        return Ended(how=End.BROKEN)


def serve(name: str) -> None:
    """Answer the one request on standard input, in the process that was started for it."""
    _answer(_imported(name))


def attend(name: str) -> None:
    """Answer every request by a fork of this process."""
    sandbox_server.attend(partial(_answer, _imported(name)))


def _answer(module: Any) -> None:
    with os.fdopen(os.dup(1), "wb") as answer:
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 (a device)
            os.dup2(nowhere.fileno(), 1)  # what libraries print is no part of the answer
        head = json.loads(sys.stdin.buffer.readline())
        readable = module.prepare(head["asked"]) if hasattr(module, "prepare") else None
        give_up(Limits(**head["limits"]), head["works"], readable or ())
        try:
            told, made = module.work(head["asked"], sys.stdin.buffer.read())
        except WorkRefused as refused:
            answer.write(json.dumps({"refused": str(refused)}).encode())
        else:
            answer.write(json.dumps({"told": told}).encode() + b"\n")
            answer.write(made)
    os._exit(0)  # what libraries have yet to print may find no place


def _imported(name: str) -> Any:
    """A module, whose libraries begin no threads for themselves: not all restrictions would hold for these."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    try:
        module = importlib.import_module(name)
        if hasattr(module, "load"):
            module.load()
        return module
    finally:
        del os.environ["OPENBLAS_NUM_THREADS"]


def give_up(limits: Limits, works: int = 1, readable: Iterable[Path] = ()) -> None:
    """Give up, for good, what the rest of this process does not need; `readable` may still be read."""
    restrict_files(readable)
    _limit(limits, works)
    filter_calls(opens=limits.files > 0, threads=limits.threads)


def _limit(limits: Limits, works: int) -> None:
    if resource is None:
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
        # Of the time the soft limit tells that it is over, where the hard one would only kill.
        last = bound + 1 if kind == resource.RLIMIT_CPU and bound != hard else bound
        resource.setrlimit(kind, (bound, last))


@contextmanager
def timed(seconds: float) -> Iterator[None]:
    """Raises `OutOfTime` within the work when the processor is at it longer, where there are timers."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise OutOfTime
