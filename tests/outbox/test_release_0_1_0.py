"""An outbox that hosr 0.1.0 wrote, and was killed at: all of it is there and goes on.

tests/data_0_1_0/make_outbox.txt tells how it was made, with that release.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, astuple, replace
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import pytest

from hosr.archive.addresses import Proof
from hosr.errors import UsageError
from hosr.outbox import ARCHIVED, Outbox, State, deliver
from hosr.outbox.claims import WorkerMark
from hosr.outbox.database import FORM, Database
from hosr.sqlite import bring_to_version
from tests.children import in_a_child, in_children, killed_at_statement
from tests.command import hosr
from tests.outbox.scripted import (
    HERE,
    LISTENER,
    Clock,
    Script,
    ScriptedCommittingArchive,
    destination,
    item,
    open_outbox,
    reference,
    report,
)

DATA = Path(__file__).parents[1] / "data_0_1_0" / "outbox"
TOLD: dict[str, Any] = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))
PACS = destination(listener=LISTENER)
WHERE = {
    "pacs": PACS,
    "word": destination(Proof.RESPONSE, name="word"),
    "second": destination(Proof.READ_BACK, name="second"),
}


@pytest.fixture
def clock() -> Clock:
    """The time at which that hosr was killed."""
    return Clock(TOLD["now"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the outbox as it was left."""
    return left_by_0_1_0(tmp_path / "left")


def left_by_0_1_0(folder: Path) -> Path:
    """A copy of what was left: the file and its log."""
    folder.mkdir()
    for name in ("outbox.sqlite", "outbox.sqlite-wal"):
        shutil.copyfile(DATA / name, folder / name)
    return folder


def told_of(outbox: Outbox) -> list[dict[str, Any]]:
    """All entries and their histories, as 0.1.0 told of them."""
    return [
        {
            "entry": {
                name: sorted(value) if isinstance(value, frozenset) else value
                for name, value in asdict(entry).items()
                if name in TOLD["entries"][0]["entry"]
            },
            "history": [list(astuple(change)) for change in outbox.history(entry)],
            "holds_bytes": outbox.read(entry) is not None,
        }
        for entry in outbox.entries()
    ]


def rows(path: Path, query: str) -> list[list[Any]]:
    """What stands in the file."""
    connection = sqlite3.connect(path)
    found = [list(row) for row in connection.execute(query)]
    connection.close()
    return found


def test_everything_is_there_to_the_letter(folder: Path, clock: Clock) -> None:
    """Every object in its state, with its history, its bytes, and what was counted and asked for."""
    with open_outbox(folder, clock) as outbox:
        assert told_of(outbox) == TOLD["entries"]
        kept = [entry for entry in outbox.entries() if outbox.read(entry) is not None]
        assert len(kept) == 11
        for entry in kept:
            number, data = int(entry.name.removesuffix(".dcm")), outbox.read(entry)
            assert data in (item(number).data, item(number, patient="Nobody^None").data)
    path = folder / "outbox.sqlite"
    assert rows(path, "SELECT * FROM tally ORDER BY 1, 2") == TOLD["tallies"]
    assert rows(path, "SELECT * FROM commitment ORDER BY 1") == TOLD["commitments"]
    assert rows(path, "SELECT * FROM commitment_reference ORDER BY 1, 2") == TOLD["references"]
    assert rows(path, "PRAGMA integrity_check") == [["ok"]]
    assert rows(path, "PRAGMA foreign_key_check") == []


def test_it_becomes_like_a_new_one(folder: Path, tmp_path: Path, clock: Clock) -> None:
    """The same tables, indexes and triggers, to the letter; so the same is forbidden."""
    tables = "SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2"
    for place in (folder, tmp_path / "new"):
        open_outbox(place, clock).close()
    assert rows(folder / "outbox.sqlite", tables) == rows(tmp_path / "new/outbox.sqlite", tables)


@pytest.mark.parametrize("version", [2, 3])
def test_a_form_between_is_read_too(
    version: int, folder: Path, tmp_path: Path, clock: Clock
) -> None:
    """What was made by a hosr between the releases becomes like a new one as well."""
    path, tables = (
        folder / "outbox.sqlite",
        "SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2",
    )
    first = replace(FORM, migrations=FORM.migrations[: version - 1])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        bring_to_version(
            Database(
                path=path,
                name="",
                form=first,
                connection=connection,
                clock=clock,
                random=SystemRandom(),
            )
        )
    assert rows(path, "PRAGMA user_version") == [[version]]
    with open_outbox(folder, clock) as outbox:
        assert told_of(outbox) == TOLD["entries"]
    open_outbox(tmp_path / "new", clock).close()
    assert rows(path, tables) == rows(tmp_path / "new/outbox.sqlite", tables)


def test_every_state_was_left() -> None:
    """The copy shows what it is to show."""
    left = {told["entry"]["state"] for told in TOLD["entries"]}
    assert left == {state.value for state in State} - {State.SUPERSEDED}  # which is of later


def test_it_is_finished(folder: Path, clock: Clock) -> None:
    """Reports that were awaited or come late count, and what is open or retried gets there."""
    with open_outbox(folder, clock) as outbox:
        before = {entry.id: outbox.history(entry) for entry in outbox.entries()}
        assert outbox.take_report(report(TOLD["awaited"], [reference(2)]), PACS)
        assert outbox.take_report(report(TOLD["late"], [reference(13)]), PACS)
        assert len(outbox.retry()) == 8
        script = Script(reports=report, kept={"2.25.10": item(10).data})  # stored before the kill
        deliver(outbox, WHERE.__getitem__, lambda _: ScriptedCommittingArchive(script))
        after = outbox.entries()
        for entry in after:
            assert outbox.history(entry)[: len(before[entry.id])] == before[entry.id]
        open_ones = [entry for entry in after if entry.state not in ARCHIVED]
        assert {(entry.name, entry.state) for entry in open_ones} == {
            ("5.dcm", State.CONFLICT),
            ("6.dcm", State.DROPPED),
        }
    assert script.kept["2.25.7"] == item(7).data


def test_the_same_report_is_known(folder: Path, clock: Clock) -> None:
    """What was archived is asked for and not sent twice; what was dropped comes back."""
    with open_outbox(folder, clock) as outbox:
        archived, dropped = outbox.enqueue([item(1), item(6)], "pacs", "2.25.100", address=HERE)
        assert (archived.id, archived.state) == (1, State.STORED)
        assert (dropped.id, dropped.state, outbox.read(dropped)) == (7, State.QUEUED, item(6).data)
        (new,) = outbox.enqueue([item(30)], "pacs", "2.25.100", address=HERE)
        assert new.id == len(TOLD["entries"]) + 1


def test_the_command_line_lists_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`hosr outbox list` as ever; the file is where the configuration says."""
    config = folder / "config.toml"
    config.write_text('[outbox]\npath = "outbox.sqlite"\n')
    monkeypatch.setenv("HOSR_CONFIG", str(config))
    ran = hosr("outbox", "list", "--all", "--json")
    assert (ran.code, ran.err) == (6, "")  # some need a person
    listed = json.loads(ran.out)["objects"]
    assert [(o["sop_instance_uid"], o["archive"], o["state"], o["words"]) for o in listed] == [
        (t["entry"]["locator"]["sop_instance_uid"], *map(t["entry"].get, KEYS))
        for t in TOLD["entries"]
    ]
    assert hosr("outbox", "retry", "2.25.3").out.startswith("1 object queued")


KEYS = ("destination", "state", "words")


def test_killed_at_any_statement_of_opening_it(tmp_path: Path, clock: Clock) -> None:
    """Whenever a process is killed (-9) that makes a file of 0.1.0 its own, nothing is lost."""
    statement, killed, code = 1, 0, -9
    while code:
        folder = left_by_0_1_0(tmp_path / str(statement))
        code = in_a_child(killed_at_statement(statement, lambda: open_outbox(folder)))  # noqa: B023 (called at once)
        assert code in (0, -9)
        killed += bool(code)
        with open_outbox(folder, clock) as outbox:
            assert told_of(outbox) == TOLD["entries"]
        statement += 1
    assert killed > 5


def test_processes_open_it_at_once(folder: Path, clock: Clock) -> None:
    """One makes it its own, the others wait, and all see the same."""

    def look() -> None:
        with open_outbox(folder, clock) as outbox:
            assert told_of(outbox) == TOLD["entries"]

    assert in_children(*[look] * 6) == [0] * 6


def test_a_process_that_works_at_it_is_not_cut_off(folder: Path, clock: Clock) -> None:
    """While one of 0.1.0 is at work, the file stays as that one knows it."""
    path = folder / "outbox.sqlite"
    mark = WorkerMark(path, Random(4))  # noqa: S311
    with pytest.raises(UsageError, match="is in use by an older hosr; stop that one, then try"):
        open_outbox(folder, clock)
    assert rows(path, "PRAGMA user_version") == [[1]]
    mark.remove()
    (folder / f"{path.name}.worker-of-the-dead").touch()
    with open_outbox(folder, clock) as outbox:
        assert told_of(outbox) == TOLD["entries"]
