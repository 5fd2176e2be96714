"""A process in a sandbox is short of everything, and its end is told."""

from __future__ import annotations

import errno
import os
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hosr.errors import MachineFailed
from hosr.sandbox import End, Ended, Limits, OutOfTime, WorkRefused, run_in_sandbox, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

pytestmark = pytest.mark.slow

SHORT = Limits(seconds=0.2)
SMALL = Limits(memory_bytes=256 * 1024 * 1024)

_SEEN: dict[str, Any] = {}


@pytest.fixture(params=[True, False], ids=["forked", "started"], autouse=True)
def door(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to a process: a fork of one that waits, where the platform can, and a new one."""
    if not request.param:
        monkeypatch.setattr("hosr.sandbox_server.CAN_FORK", False)


def prepare(asked: Mapping[str, Any]) -> None:
    """Looks around while it still can."""
    _SEEN.update(environment=sorted(os.environ), folder=len(list(Path().iterdir())))
    assert asked["try"]


def work(asked: Mapping[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """The module that is run: tries what the request names, and answers how that went."""
    print("what a library prints")
    if asked["try"] == "refuse":
        raise WorkRefused("not today")
    try:
        how = str(_TRIES[asked["try"]]())
    except Exception as error:  # noqa: BLE001 (every kind is an answer)
        how = type(error).__name__
    return {"how": how, "seen": _SEEN}, content[::-1]


def _end() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


_TRIES: dict[str, Callable[[], object]] = {
    "read": lambda: open("/etc/passwd"),  # noqa: PTH123, SIM115
    "write": lambda: os.open("file", os.O_CREAT | os.O_WRONLY),
    "connect": socket.socket,
    "memory": lambda: len("a" * (1 << 30)),
    "work": lambda: "done",
    "crash": _end,
    "sleep": lambda: time.sleep(60),
    "toil": lambda: sum(iter(int, 1)),
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
}


@pytest.mark.parametrize(
    ("asked", "how"),
    [
        ("work", "done"),
        ("read", "OSError"),
        ("write", "OSError"),
        ("connect", "OSError"),
        ("memory", "MemoryError"),
    ],
)
def test_what_a_process_in_a_sandbox_can_do(asked: str, how: str) -> None:
    """It works and answers, and opens nothing; what is printed beside is no part of the answer."""
    ended = run_in_sandbox(__name__, {"try": asked}, b"ab\nc", limits=SMALL)
    assert (ended.how, ended.told["how"], ended.made) == (End.DONE, how, b"c\nba")


@pytest.mark.parametrize("asked", ["crash", ""])
def test_what_ends_it_ends_nothing_else(asked: str) -> None:
    """A crash and an error before the work are told as one."""
    assert run_in_sandbox(__name__, {"try": asked}) == Ended(how=End.BROKEN)


def test_it_refuses_with_a_reason() -> None:
    """What is refused is told in the words of the work."""
    ended = run_in_sandbox(__name__, {"try": "refuse"})
    assert ended == Ended(how=End.REFUSED, reason="not today")


def test_it_sees_nothing_of_where_it_was_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment and its folder are empty."""
    monkeypatch.setenv("SECRET", "x")
    seen = run_in_sandbox(__name__, {"try": "work"}).told["seen"]

    assert (set(seen["environment"]) <= {"LC_CTYPE"}, seen["folder"]) == (True, 0)


def test_it_is_ended_when_its_time_is_over() -> None:
    """A process that works too long has itself to blame."""
    assert run_in_sandbox(__name__, {"try": "toil"}, limits=SHORT) == Ended(how=End.OUT_OF_TIME)


@pytest.mark.parametrize(
    ("asked", "problem"),
    [("sleep", "gave a process too little time"), ("killed", "ended a process, perhaps for want")],
)
def test_what_the_machine_does_is_told_apart(
    asked: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that gets no time, or is killed from outside, says nothing of what it was given."""
    monkeypatch.setattr("hosr.sandbox._START_SECONDS", 0.5)
    with pytest.raises(MachineFailed, match=f"this machine: {problem}"):
        run_in_sandbox(__name__, {"try": asked}, limits=SHORT)


def test_a_machine_without_processes_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where all files are open that may be."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr("hosr.sandbox_server.socket.socketpair", refuse)
    monkeypatch.setattr("hosr.sandbox.subprocess.run", refuse)
    with pytest.raises(MachineFailed, match=r"cannot start a process \(Too many open files\)"):
        run_in_sandbox(__name__, {"try": "work"})


def test_work_is_stopped_from_within() -> None:
    """A loop ends in time with an error that no handler of ordinary ones stops."""
    with pytest.raises(OutOfTime), timed(0.05):  # noqa: PT012 (the loop is the test)
        while True:
            try:
                sum(range(1000))
            except Exception:  # noqa: BLE001, S112 (what a template's code may do)
                continue


def test_work_in_time_is_left_alone() -> None:
    """The alarm of finished work does not ring later."""
    with timed(0.05):
        pass
    end_s = time.process_time() + 0.1
    while time.process_time() < end_s:
        pass
