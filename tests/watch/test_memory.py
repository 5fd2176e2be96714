"""What the watch remembers, by itself."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from hosr.errors import UsageError
from hosr.watch.memory import Arrival, Made, Memory

MADE = Made(
    result="digest",
    study="1.2.3",
    name="a.json",
    record={"schema_version": "1.0"},
    account={"read": []},
    images=("/images/a.dcm",),
    instances=("1.2.3.4",),
)


def _open(folder: Path, now: float = 100.0) -> Memory:
    return Memory(folder, clock=lambda: now)


def test_an_arrival_is_known_as_long_as_it_stays_the_same(tmp_path: Path) -> None:
    """Over restarts; another mark begins anew, and a name may be of no encoding."""
    name = b"\xff\xfe.json".decode("utf-8", "surrogateescape")
    with _open(tmp_path) as memory:
        assert memory.arrival(name, "mark") == Arrival(first_at=100.0)
        memory.tell(name)
    with _open(tmp_path, 200.0) as memory:
        assert memory.arrival(name, "mark") == Arrival(first_at=100.0, is_told=True)
        assert memory.arrival(name, "other") == Arrival(first_at=200.0)
        memory.keep_arrivals(["b.json"])
        assert memory.arrival(name, "other") == Arrival(first_at=200.0)
        memory.keep_arrivals([name])
    with _open(tmp_path, 300.0) as memory:
        assert memory.arrival(name, "other") == Arrival(first_at=200.0)


def test_work_that_did_not_end_is_remembered(tmp_path: Path) -> None:
    """An error is an orderly end; a kill is none."""
    with _open(tmp_path) as memory:
        memory.arrival("a", "mark")
        with suppress(ValueError), memory.in_hand("a"):
            raise ValueError
        assert memory.arrival("a", "mark").tries == 0
    killed = (
        "import os, sys; from pathlib import Path; from hosr.watch.memory import Memory\n"
        "with Memory(Path(sys.argv[1]), clock=float).in_hand('a'): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", killed, tmp_path], check=False).returncode == 9
    with _open(tmp_path) as memory:
        assert memory.arrival("a", "mark").tries == 1


def test_a_draft_that_was_put_down_is_unfinished_until_it_is_struck_off(tmp_path: Path) -> None:
    """With all that it is made of; given up, it is forgotten, and struck off it is not."""
    with _open(tmp_path) as memory:
        first, second = memory.put_down(MADE), memory.put_down(MADE)
        assert memory.made_of("1.2.3") == []
        memory.give_up(second)
    with _open(tmp_path) as memory:
        assert memory.unfinished() == [first]
        memory.strike_off(first, "draft-1")
        memory.give_up(first)
        assert memory.unfinished() == []
        (made,) = memory.made_of("1.2.3")
        assert (made.draft, made.record, made.images) == ("draft-1", MADE.record, MADE.images)
        assert memory.made_of("1.2") == []


def test_a_study_without_a_result_is_given_once(tmp_path: Path) -> None:
    """After its time, and not where there is a draft of it."""
    with _open(tmp_path) as memory:
        for study in ("1.2.3", "1.2.4"):
            memory.note_study(study)
        memory.put_down(MADE)
        assert memory.untold_studies(99.0) == []
        assert memory.untold_studies(100.0) == ["1.2.4"]
        assert memory.untold_studies(100.0) == []


def test_the_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """It is told, and stays as it is."""
    path = tmp_path / "watch.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE x (y)")
    with pytest.raises(UsageError, match=r"watch\.sqlite: is no file of hosr watch"):
        _open(tmp_path)


def test_only_this_user_may_read_the_file(tmp_path: Path) -> None:
    """Records of patients stand in it; one that an earlier hosr began loses the right of others, too."""
    path = tmp_path / "watch.sqlite"
    with _open(tmp_path):
        begun = stat.S_IMODE(path.stat().st_mode)
    path.chmod(0o644)
    with _open(tmp_path):
        modes = {
            each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.glob("*.sqlite*")
        }

    assert (begun, set(modes.values())) == (0o600, {0o600}), modes


def test_a_study_is_asked_for_when_its_draft_is_twice_as_old(tmp_path: Path) -> None:
    """From a minute to a day; images that came begin anew, a failure waits, and a clock may jump."""
    now = [1000.0]
    with Memory(tmp_path, clock=lambda: now[0]) as memory:

        def asked_after(
            seconds: float, *, is_newer: bool = False, has_failed: bool = False
        ) -> bool:
            now[0] += seconds
            study = memory.due_study()
            if study:
                memory.note_asked(study, is_newer=is_newer, has_failed=has_failed)
            return bool(study)

        assert not asked_after(0)
        memory.strike_off(memory.put_down(MADE), "draft")
        assert [asked_after(seconds) for seconds in (59, 1, 59, 1, 119, 1)] == [False, True] * 3
        assert asked_after(240, is_newer=True)
        assert [asked_after(seconds) for seconds in (59, 1)] == [False, True]
        assert asked_after(60, has_failed=True)
        assert [asked_after(seconds) for seconds in (299, 1)] == [False, True]
        assert asked_after(-1e6)
        assert asked_after(1e6)
        assert not asked_after(1e6)


def test_a_file_of_the_version_before_is_gone_on_with(tmp_path: Path) -> None:
    """It lacks the studies that archives are asked for, and holds images, which are looked into anew."""
    with _open(tmp_path) as memory:
        memory.strike_off(memory.put_down(MADE), "draft")
    with closing(sqlite3.connect(tmp_path / "watch.sqlite")) as connection:
        connection.execute("DROP TABLE asked")
        connection.execute("CREATE TABLE image (path BLOB PRIMARY KEY)")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    with _open(tmp_path) as memory:
        assert memory.draft_of("digest") == "draft"
        assert memory.due_study() == ""
        assert memory.images.files() == []
    with closing(sqlite3.connect(tmp_path / "watch.sqlite")) as connection:
        assert "image" not in {
            row[0] for row in connection.execute("SELECT name FROM sqlite_master")
        }
