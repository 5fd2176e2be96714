"""When the disk, the file or another program is against it: plain words, and nothing half done."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from hosr.errors import UsageError
from hosr.outbox import Outbox, State
from hosr.outbox.database import FORM
from tests.children import in_a_child, in_children, killed_at_statement
from tests.outbox.scripted import (
    HERE,
    Script,
    item,
    items,
    open_outbox,
    run,
    states,
)
from tests.privileges import unprivileged

pytestmark = pytest.mark.slow


def _text_file(path: Path) -> None:
    path.write_text("not a database, but a text that is long enough to be taken for one" * 20)


def _other_program(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mail (subject)")
    connection.close()


def _other_application(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA application_id = 7")
        connection.execute("PRAGMA user_version = 1")
    connection.close()


def _newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA application_id = {FORM.application_id}")
        connection.execute(f"PRAGMA user_version = {FORM.version + 1}")
    connection.close()


NOT_OURS = "is not an outbox of hosr; name another file; nothing was added or changed"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_text_file, NOT_OURS),
        (_other_program, NOT_OURS),
        (_other_application, NOT_OURS),
        (
            _newer,
            f"was made by a newer hosr (version {FORM.version + 1} of the outbox); use that hosr; nothing was",
        ),
        (Path.mkdir, "is not a file; name another place; nothing"),
        (os.mkfifo, "is not a file; name another place; nothing"),
    ],
)
def test_what_is_no_outbox_is_left_alone(
    make: Callable[[Path], object], words: str, tmp_path: Path
) -> None:
    """Another file is refused by name and stays as it is."""
    path = tmp_path / "outbox.sqlite"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(UsageError) as caught:
        open_outbox(tmp_path)
    assert str(caught.value).startswith(f"{path}: {words}")
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_file_in_the_way_of_its_folder_is_said(tmp_path: Path) -> None:
    """The place cannot be made."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(
        UsageError, match=r"cannot be opened \(Not a directory\); name another place"
    ):
        open_outbox(tmp_path / "file" / "below")


@pytest.mark.parametrize("mode", [0o500, 0o400])
def test_a_folder_one_may_not_write_to_is_refused(mode: int) -> None:
    """An outbox that cannot be written is not opened at all."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with unprivileged(folder):
            folder.chmod(mode)
            with pytest.raises(UsageError, match=r"cannot be opened \(Permission denied\)"):
                open_outbox(folder)
            folder.chmod(0o700)
        assert list(folder.iterdir()) == []


def test_a_file_one_may_not_write_to_is_refused() -> None:
    """Read-only is found out when it is opened, not when it is too late."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with unprivileged(folder):
            with open_outbox(folder) as outbox:
                outbox.enqueue([item()], "pacs", "report", address=HERE)
            (folder / "outbox.sqlite").chmod(0o400)
            with pytest.raises(UsageError, match="cannot be written; give this user the right"):
                open_outbox(folder)
            (folder / "outbox.sqlite").chmod(0o600)
            with open_outbox(folder) as outbox:
                assert states(outbox.entries()) == [State.QUEUED]


def _damage(path: Path) -> None:
    """Overwrite every page behind the first two with noise."""
    content = bytearray(path.read_bytes())
    size = len(content) - 8192
    content[8192:] = random.Random(4).randbytes(size)  # noqa: S311
    path.write_bytes(content)


def test_a_damaged_file_is_said_to_be(tmp_path: Path) -> None:
    """Nothing is put in, sent or listed from it as if nothing were."""
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue(items(20), "pacs", "report", address=HERE)
    _damage(tmp_path / "outbox.sqlite")
    script = Script()
    with (
        pytest.raises(UsageError, match="is damaged; keep the file"),
        open_outbox(tmp_path) as outbox,
    ):
        run(outbox, script)
    assert script.stores == []


def test_bytes_that_the_disk_altered_are_not_sent(tmp_path: Path) -> None:
    """An object whose digest is wrong is held, and the others go on."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue(items(2), "pacs", "report", address=HERE)
        connection = outbox.database.connection
        connection.execute("DROP TRIGGER payload_is_never_altered")
        connection.execute("UPDATE payload SET data = x'00' WHERE entry = 1")
        first, second = run(outbox, script)
    assert (first.state, second.state) == (State.HOLD, State.VERIFIED)
    assert first.words.startswith("the outbox lost or altered its bytes")
    assert script.stores == ["2.25.2"]


def test_a_locked_file_is_said_to_be_in_use(tmp_path: Path) -> None:
    """After a wait it is refused, nothing is put in, and later it works."""
    with open_outbox(tmp_path, busy_s=0.05) as outbox:
        other = sqlite3.connect(outbox.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UsageError, match="is in use by another program; try again when"):
            outbox.enqueue([item()], "pacs", "report", address=HERE)
        with pytest.raises(UsageError, match="is in use by another program"):
            open_outbox(tmp_path, busy_s=0.05)
        other.execute("ROLLBACK")
        other.close()
        assert outbox.entries() == ()
        assert states(outbox.enqueue([item()], "pacs", "report", address=HERE)) == [State.QUEUED]


def test_it_waits_for_another_program(tmp_path: Path) -> None:
    """A lock that is let go in time is no failure."""
    with open_outbox(tmp_path) as outbox:
        other = sqlite3.connect(outbox.path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
        release.start()
        assert len(outbox.enqueue([item()], "pacs", "report", address=HERE)) == 1
        release.join()
        other.close()


def _limit_pages(outbox: Outbox) -> None:
    pages = outbox.database.connection.execute("PRAGMA page_count").fetchone()[0]
    outbox.database.connection.execute(f"PRAGMA max_page_count = {pages + 3}")


def test_a_full_disk_takes_all_or_nothing(tmp_path: Path) -> None:
    """Where the third object does not fit, the first two are not there either."""
    large = [item(n, "x" * 5000) for n in range(1, 6)]
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item(9)], "pacs", "report", address=HERE)
        before = outbox.entries()
        _limit_pages(outbox)
        with pytest.raises(UsageError, match="has no room: the disk is full; make room; nothing"):
            outbox.enqueue(large, "pacs", "report", address=HERE)
        assert outbox.entries() == before
    with open_outbox(tmp_path) as outbox:
        assert len(outbox.enqueue(large, "pacs", "report", address=HERE)) == 5


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from hosr.errors import UsageError
from tests.outbox.scripted import HERE, item, open_outbox
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open_outbox(Path(sys.argv[1])) as outbox:
    outbox.enqueue([item(99)], "pacs", "report", address=HERE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    try:
        outbox.enqueue([item(n, "x" * 60000) for n in range(1, 21)], "pacs", "report", address=HERE)
    except UsageError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(len(outbox.entries()))
"""


@pytest.mark.parametrize("size", [1, 100_000, 500_000, 1_000_000])
def test_a_file_that_may_not_grow_takes_all_or_nothing(size: int, tmp_path: Path) -> None:
    """The system refuses to write on at some point: what was there before is all there is."""
    ran = subprocess.run(
        [sys.executable, "-c", _LIMITED, tmp_path, str(size)],
        capture_output=True,
        text=True,
        check=True,
    )
    refusal, count = ran.stdout.splitlines()
    assert refusal.startswith(f"{tmp_path / 'outbox.sqlite'}: ")
    assert refusal.endswith("nothing was added or changed")
    assert "disk" in refusal
    assert count == "1"
    with open_outbox(tmp_path) as outbox:
        assert states(run(outbox, Script())) == [State.VERIFIED]


def test_a_full_disk_during_delivery_ends_it(tmp_path: Path) -> None:
    """What cannot be put down is said; afterwards the object is sent again and proven."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        outbox.database.connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON transition WHEN new.event = 'store'"
            " BEGIN SELECT RAISE(FAIL, 'full'); END"
        )
        with pytest.raises(UsageError, match="does not work"):
            run(outbox, script)
        outbox.database.connection.execute("DROP TRIGGER full")
        assert states(outbox.entries()) == [State.SENDING]
        assert states(run(outbox, script)) == [State.VERIFIED]
    assert script.stores == ["2.25.1", "2.25.1"]


def _enqueue_and_die(folder: Path, step: int) -> None:
    """Put three objects in, and be killed at a step of the database's engine."""
    outbox = open_outbox(folder)
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        if steps == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    outbox.database.connection.set_progress_handler(count, 1)
    outbox.enqueue(items(3), "pacs", "report", address=HERE)
    (folder / "accepted").touch()


def test_killed_at_any_step_of_putting_in(tmp_path: Path) -> None:
    """All three objects are there or none; once `enqueue` returned, all are, with their bytes."""
    step, killed, code = 1, 0, -signal.SIGKILL
    while code:
        folder = tmp_path / str(step)
        code = in_a_child(lambda: _enqueue_and_die(folder, step))  # noqa: B023 (called at once)
        assert code in (0, -signal.SIGKILL)
        killed += bool(code)
        with open_outbox(folder) as outbox:
            found = outbox.entries()
            assert len(found) in (0, 3)
            assert len(found) == 3 or not (folder / "accepted").exists()
            assert [outbox.read(entry) for entry in found] == [
                one.data for one in items(len(found))
            ]
            assert len(outbox.enqueue(items(3), "pacs", "report", address=HERE)) == 3
        step += 7
    assert killed > 30


def test_killed_at_any_statement_of_its_beginning(tmp_path: Path) -> None:
    """An outbox that was begun half is begun anew, and works."""
    statement, code = 1, -signal.SIGKILL
    while code:
        folder = tmp_path / str(statement)
        code = in_a_child(killed_at_statement(statement, lambda: open_outbox(folder)))  # noqa: B023 (called at once)
        assert code in (0, -signal.SIGKILL)
        with open_outbox(folder) as outbox:
            assert outbox.entries() == ()
            assert len(outbox.enqueue(items(1), "pacs", "report", address=HERE)) == 1
        statement += 1
    assert statement > 20


def test_several_processes_may_begin_it_at_once(tmp_path: Path) -> None:
    """One begins it, the others wait; all can put objects in."""

    def begin(number: int) -> None:
        with open_outbox(tmp_path) as outbox:
            outbox.enqueue([item(number)], "pacs", "report", address=HERE)

    assert in_children(*(partial(begin, number) for number in range(1, 9))) == [0] * 8
    with open_outbox(tmp_path) as outbox:
        assert len(outbox.entries()) == 8
