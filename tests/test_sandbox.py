"""A confined process is short of everything, and its end is told."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hosr.sandbox import Ended, Limits, OutOfTime, confine, run_confined, timed

if TYPE_CHECKING:
    from collections.abc import Callable

SHORT = Limits(seconds=0.2)


def main() -> None:
    """The module that is run: tries what the request names, and answers how that went."""
    asked = sys.stdin.buffer.read().decode()
    before = {"environment": sorted(os.environ), "folder": len(list(Path().iterdir()))}
    confine(Limits(memory_bytes=256 * 1024 * 1024))
    try:
        answer = json.dumps(before) if asked == "look" else str(_TRIES[asked]())
    except Exception as error:  # noqa: BLE001 (every kind is an answer)
        answer = type(error).__name__
    sys.stdout.write(answer)


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
}


@pytest.mark.parametrize(
    ("asked", "ended"),
    [
        ("work", Ended(answer=b"done", succeeded=True)),
        ("read", Ended(answer=b"OSError", succeeded=True)),
        ("write", Ended(answer=b"OSError", succeeded=True)),
        ("connect", Ended(answer=b"OSError", succeeded=True)),
        ("memory", Ended(answer=b"MemoryError", succeeded=True)),
        ("crash", Ended()),
    ],
)
def test_what_a_confined_process_can_do(asked: str, ended: Ended) -> None:
    """It works and answers; it opens nothing, and what crashes it crashes nothing else."""
    assert run_confined(__name__, asked.encode(), Limits()) == ended


def test_it_sees_nothing_of_where_it_was_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment and its folder are empty."""
    monkeypatch.setenv("SECRET", "x")
    seen = json.loads(run_confined(__name__, b"look", Limits()).answer)

    assert (set(seen["environment"]) <= {"LC_CTYPE"}, seen["folder"]) == (True, 0)


def test_it_is_ended_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that sleeps is not waited for."""
    monkeypatch.setattr("hosr.sandbox._START_SECONDS", 1.0)

    assert run_confined(__name__, b"sleep", SHORT) == Ended(in_time=False)


def test_work_is_stopped_from_within() -> None:
    """A loop ends in time with an error that no handler of ordinary ones stops."""
    with pytest.raises(OutOfTime), timed(0.05):  # noqa: PT012 (the loop is the test)
        while True:
            try:
                time.sleep(0.001)
            except Exception:  # noqa: BLE001, S112 (what a template's code may do)
                continue


def test_work_in_time_is_left_alone() -> None:
    """The alarm of finished work does not ring later."""
    with timed(0.05):
        pass
    time.sleep(0.1)
