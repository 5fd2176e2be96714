"""Forks of a process that waits: each its own, and none outlives who asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hosr import sandbox_server
from hosr.errors import MachineFailed
from hosr.sandbox import End, Limits, run_in_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = pytest.mark.skipif(not sandbox_server.CAN_FORK, reason="it is for Linux")

_ASKED: list[str] = []


def work(asked: Mapping[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """What this process was asked so far, and which one it is."""
    _ASKED.append(str(asked.get("name")))
    if asked.get("sleep"):
        time.sleep(asked["sleep"])
    return {"asked": _ASKED, "fork": os.getpid(), "server": asked.get("server")}, content


@pytest.fixture(autouse=True)
def nobody_waits() -> Iterator[None]:
    """Each test begins without a process that waits, and leaves none."""
    sandbox_server._end_servers()
    sandbox_server._servers.clear()
    yield
    sandbox_server._end_servers()
    sandbox_server._servers.clear()


def _waiting() -> list[int]:
    return [server._process.pid for server in sandbox_server._servers.values()]


def _is_gone(number: int, seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_nothing_is_left_of_one_request_in_the_next() -> None:
    """Each has a fork of its own, of one process that is asked nothing itself."""
    ends = [run_in_sandbox(__name__, {"name": name}) for name in "abc"]
    assert [end.told["asked"] for end in ends] == [["a"], ["b"], ["c"]]
    assert len({end.told["fork"] for end in ends}) == 3
    assert len(_waiting()) == 1


def test_a_large_request_comes_back_whole() -> None:
    """Beyond what any buffer between the two holds."""
    content = os.urandom(1 << 20) * 8
    assert run_in_sandbox(__name__, {}, content).made == content


def test_many_ask_at_once() -> None:
    """Threads that start at the same moment have one process, and each its own answer."""
    with ThreadPoolExecutor(8) as pool:
        ends = [*pool.map(lambda name: run_in_sandbox(__name__, {"name": name}), "abcdefgh")]
    assert [end.told["asked"] for end in ends] == [[name] for name in "abcdefgh"]
    assert len(_waiting()) == 1


def test_a_process_that_was_ended_is_started_anew() -> None:
    """As where the machine has no memory left for it."""
    run_in_sandbox(__name__, {})
    (first,) = _waiting()
    os.kill(first, signal.SIGKILL)
    assert run_in_sandbox(__name__, {}).how is End.DONE
    assert _waiting() != [first]


def test_who_was_forked_has_a_process_of_its_own() -> None:
    """A worker of a batch asks none that its parent asks, and ends only its own."""
    run_in_sandbox(__name__, {})
    number = os.fork()
    if not number:
        done = run_in_sandbox(__name__, {"name": "child"}).told.get("asked") == ["child"]
        sandbox_server._end_servers()
        os._exit(0 if done else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) == 0
    assert run_in_sandbox(__name__, {"name": "parent"}).told["asked"] == ["parent"]


def test_a_fork_that_gets_no_time_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not go on when nobody waits for it any more; the next request is answered."""
    monkeypatch.setattr("hosr.sandbox._START_SECONDS", 0.5)
    before = time.monotonic()
    with pytest.raises(MachineFailed, match="too little time"):
        run_in_sandbox(__name__, {"sleep": 60}, limits=Limits(seconds=0.1))
    assert time.monotonic() - before < 30
    (server,) = _waiting()
    children = Path(f"/proc/{server}/task/{server}/children")
    end = time.monotonic() + 30
    while children.read_text().split() and time.monotonic() < end:
        time.sleep(0.02)
    assert children.read_text().split() == []


_KILLED = """
import os, signal
from hosr import sandbox_server
from hosr.sandbox import run_in_sandbox
run_in_sandbox("tests.test_sandbox_server", {})
(server,) = sandbox_server._servers.values()
print(server._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nothing_is_left_of_it_when_who_asks_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends by itself; no request, no folder."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", _KILLED], stdout=subprocess.PIPE, cwd=Path.cwd(), check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert _is_gone(int(done.stdout))
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_started_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where there is no interpreter any more."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(MachineFailed, match=r"cannot start a process \(No such file"):
        run_in_sandbox(__name__, {})
    assert list(tmp_path.iterdir()) == []
