"""A report in a folder: whole or not at all, and never over another one."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import NoReturn

import pytest

from hosr.errors import UsageError
from hosr.folder import write_folder
from tests.command import folder_bytes, written_at
from tests.privileges import unprivileged

FILES = {"a.dcm": b"first" * 100, "b.txt": b"second", "manifest.json": b"{}"}
REMEDY = "choose another folder; nothing was written"


@pytest.mark.parametrize("place", ["here", "new", "new/and/deeper"])
def test_files_are_written_in_order_and_whole(place: str, tmp_path: Path) -> None:
    """All files are there with their bytes, and nothing else is; folders are made as needed."""
    (tmp_path / "here").mkdir()
    folder = tmp_path / place
    paths = write_folder(FILES, folder)
    assert paths == tuple(folder / name for name in FILES)
    assert folder_bytes(folder) == FILES
    assert stat.S_IMODE(paths[0].stat().st_mode) & 0o007 == 0


def test_new_folders_are_on_the_disk_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut after the call loses neither the files nor a folder that was made for them."""
    flushed: list[Path] = []
    monkeypatch.setattr("hosr.folder.flush_folder", flushed.append)
    write_folder(FILES, tmp_path / "new" / "and" / "deeper")
    assert flushed == [
        tmp_path / "new" / "and" / "deeper",
        tmp_path / "new" / "and",
        tmp_path / "new",
        tmp_path,
    ]


def test_the_same_files_again_are_left_alone(tmp_path: Path) -> None:
    """A file that is there with the same bytes is not touched."""
    write_folder(FILES, tmp_path)
    before = {path.name: written_at(path) for path in tmp_path.iterdir()}
    write_folder(FILES, tmp_path)
    assert {path.name: written_at(path) for path in tmp_path.iterdir()} == before


def test_what_is_missing_is_added(tmp_path: Path) -> None:
    """A folder that an earlier call left incomplete is completed, and other files stay."""
    (tmp_path / "a.dcm").write_bytes(FILES["a.dcm"])
    (tmp_path / "notes.txt").write_bytes(b"mine")
    write_folder(FILES, tmp_path)
    assert folder_bytes(tmp_path) == {**FILES, "notes.txt": b"mine"}


def _other_bytes(path: Path) -> None:
    path.write_bytes(b"other")


def _link_to_the_same(path: Path) -> None:
    (path.parent / "elsewhere").write_bytes(FILES[path.name])
    path.symlink_to(path.parent / "elsewhere")


def _dangling_link(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


@pytest.mark.parametrize(
    "obstacle", [_other_bytes, _link_to_the_same, _dangling_link, Path.mkdir, os.mkfifo]
)
def test_what_is_in_the_way_stays(obstacle: object, tmp_path: Path) -> None:
    """Another file, a link, a folder or a pipe under one name refuses them all."""
    assert callable(obstacle)
    obstacle(tmp_path / "b.txt")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(UsageError, match=r"holds another report \(b\.txt differs\)") as caught:
        write_folder(FILES, tmp_path)
    assert caught.value.faults[0].remedy == REMEDY
    assert sorted(path.name for path in tmp_path.iterdir()) == before


@pytest.mark.parametrize("place", ["file", "file/below", "link"])
def test_a_file_is_no_folder(place: str, tmp_path: Path) -> None:
    """A path that is a file, or lies below one, is refused."""
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"is not a folder|cannot be written \(Not a directory\)"):
        write_folder(FILES, tmp_path / place)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


@pytest.mark.parametrize("place", [".", "new"])
def test_a_folder_one_may_not_write_to_is_refused(place: str) -> None:
    """Permissions are said as the system says them, and nothing is left behind."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with unprivileged(folder):
            folder.chmod(0o500)
            with pytest.raises(UsageError, match=r"cannot be written \(Permission denied\)"):
                write_folder(FILES, folder / place)
            folder.chmod(0o700)
        assert list(folder.iterdir()) == []


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from hosr.folder import write_folder
from hosr.errors import UsageError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_folder({"a.dcm": b"first", "b.txt": b"second" * 1000}, Path(sys.argv[1]))
except UsageError as error:
    print(error)
"""


@pytest.mark.parametrize("exists", [True, False])
def test_a_disk_that_is_full_leaves_nothing(exists: bool, tmp_path: Path) -> None:
    """Where the second file does not fit, the first is not there either, nor a folder made for it."""
    folder = tmp_path / "out"
    if exists:
        folder.mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", _LIMITED, folder], capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"{folder}: cannot be written (File too large); {REMEDY}\n"
    assert folder.exists() is exists
    assert not exists or list(folder.iterdir()) == []


_KILLED = """
import os, signal, sys
from pathlib import Path
from hosr import folder

calls = 0
def counted(real):
    def call(*arguments, **options):
        global calls
        calls += 1
        if calls == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)
    return call

os.link, os.fsync, os.open = counted(os.link), counted(os.fsync), counted(os.open)
folder.write_folder({"a.dcm": b"first" * 100, "b.txt": b"second", "manifest.json": b"{}"}, Path(sys.argv[1]))
"""


@pytest.mark.parametrize("step", range(1, 17))
def test_a_run_that_is_killed_leaves_only_whole_files(step: int, tmp_path: Path) -> None:
    """Killed at any step, a file is there whole or not at all, and the next run completes all."""
    ran = subprocess.run([sys.executable, "-c", _KILLED, tmp_path, str(step)], check=False)
    assert ran.returncode in (0, -signal.SIGKILL)
    found = {k: v for k, v in folder_bytes(tmp_path).items() if not k.startswith(".")}
    assert found.items() <= FILES.items()
    assert list(found) == list(FILES)[: len(found)]
    write_folder(FILES, tmp_path)
    assert folder_bytes(tmp_path) == FILES


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.EIO, "Input/output error")])
def test_a_failure_takes_back_what_was_placed(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted between two files, none of them stays."""
    link = os.link

    def second_fails(whole: Path, place: Path) -> None:
        if place.name == "b.txt":
            raise error
        link(whole, place)

    monkeypatch.setattr(os, "link", second_fails)
    with pytest.raises((KeyboardInterrupt, UsageError)):
        write_folder(FILES, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_links_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On FAT and some network shares files are moved into their places instead."""

    def no_link(_: Path, __: Path) -> NoReturn:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_link)
    write_folder(FILES, tmp_path)
    assert folder_bytes(tmp_path) == FILES


def test_several_runs_at_once_agree(tmp_path: Path) -> None:
    """Runs of the same report into one folder wait for one another, and all succeed."""
    refused: list[UsageError] = []

    def write() -> None:
        try:
            write_folder(FILES, tmp_path)
        except UsageError as error:
            refused.append(error)

    threads = [threading.Thread(target=write) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    assert folder_bytes(tmp_path) == FILES
