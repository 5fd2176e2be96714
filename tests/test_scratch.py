"""What is fetched does not stay behind, however a command ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hosr.scratch import PREFIX, private_folder

_HOLDS = """
import signal, sys
from hosr.scratch import ended_by_sigterm, private_folder
with ended_by_sigterm(), private_folder() as folder:
    (folder / "header.dcm").write_text("Muster^Anna")
    print(folder, flush=True)
    signal.pause()
"""
_BEGINS = """
from hosr.scratch import private_folder
with private_folder() as folder:
    pass
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and locks")


def _started(temporary: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that holds a folder with a name in it, and the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDS],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def _begin_another(temporary: Path) -> None:
    environ = {**os.environ, "TMPDIR": str(temporary)}
    subprocess.run([sys.executable, "-c", _BEGINS], check=True, env=environ)


def _age(folder: Path) -> None:
    os.utime(folder, (1_000_000_000, 1_000_000_000))


def test_it_is_for_this_user_alone_and_gone_afterwards() -> None:
    """Mode 0700, and nothing is left."""
    with private_folder() as folder:
        (folder / "header.dcm").write_text("Muster^Anna")
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_all_that_is_in_it(number: signal.Signals, tmp_path: Path) -> None:
    """The exit code says which."""
    process, folder = _started(tmp_path)
    with process:
        assert folder.is_dir()
        process.send_signal(number)
        assert process.wait(60) in (128 + number, -number, 1)
    assert list(tmp_path.iterdir()) == []


def test_what_a_kill_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """And nothing that a process still holds, that is young, or that is somebody's link."""
    killed, left = _started(tmp_path)
    living, held = _started(tmp_path)
    with killed, living:
        killed.kill()
        killed.wait(60)
        assert left.is_dir()
        young = tmp_path / f"{PREFIX}young"
        young.mkdir()
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        link = tmp_path / f"{PREFIX}link"
        link.symlink_to(elsewhere)
        for folder in (left, held, elsewhere):
            _age(folder)
        _begin_another(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {
            *(held.name, young.name, "elsewhere", link.name)
        }
        assert (held / "header.dcm").exists()
        living.terminate()
        assert living.wait(60) == 128 + signal.SIGTERM
