"""Files that SQLite keeps: begun, brought to this version, or refused in one sentence."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from hosr.batch.ledger import open_ledger
from hosr.errors import UsageError
from hosr.sqlite import Database, Form, bring_to_version, connect, version_of

FIRST = Form(
    name="list",
    application_id=0x11,
    schema=("CREATE TABLE one (a)", "INSERT INTO one VALUES (1)"),
    not_ours=("is no list", "name another file"),
    kept="nothing was changed",
)
SECOND = replace(
    FIRST,
    schema=("CREATE TABLE two (a, b)",),
    migrations=(
        ("CREATE TABLE two (a, b)", "INSERT INTO two SELECT a, 2 FROM one", "DROP TABLE one"),
    ),
)
THIRD = replace(
    SECOND,
    schema=("CREATE TABLE three (a, b)",),
    migrations=(*SECOND.migrations, ("ALTER TABLE two RENAME TO three",)),
)


def opened(path: Path, form: Form) -> Database:
    """The file, of this version from now on."""
    database = Database(path=path, name=path.name, form=form, connection=connect(path, busy_s=0.05))
    try:
        bring_to_version(database)
    except BaseException:
        database.close()
        raise
    return database


def test_a_file_is_begun_once(tmp_path: Path) -> None:
    """With its tables and its marks; opened again it is as it was."""
    for _ in range(2):
        with closing(opened(tmp_path / "a", FIRST)) as database:
            assert version_of(database) == 1
            assert database.connection.execute("SELECT a FROM one").fetchall()[0]["a"] == 1


@pytest.mark.parametrize("form", [SECOND, THIRD])
def test_an_older_file_takes_every_step(form: Form, tmp_path: Path) -> None:
    """From whichever version it was left at."""
    opened(tmp_path / "a", FIRST).close()
    with closing(opened(tmp_path / "a", form)) as database:
        assert version_of(database) == form.version
        table = {2: "two", 3: "three"}[form.version]
        found = database.connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
    assert [tuple(row) for row in found] == [(1, 2)]


def test_a_step_that_fails_changes_nothing(tmp_path: Path) -> None:
    """The file stays of the version that it was, and is told in words."""
    opened(tmp_path / "a", FIRST).close()
    broken = replace(SECOND, migrations=((*SECOND.migrations[0], "DROP TABLE missing"),))
    with pytest.raises(UsageError, match="a: does not work"):
        opened(tmp_path / "a", broken)
    with closing(opened(tmp_path / "a", FIRST)) as database:
        assert database.connection.execute("SELECT a FROM one").fetchone()["a"] == 1


def test_a_step_that_breaks_what_belongs_together_is_taken_back(tmp_path: Path) -> None:
    """References hold when a migration is over."""
    opened(tmp_path / "a", FIRST).close()
    step = ("CREATE TABLE of (one REFERENCES one)", "INSERT INTO of VALUES (99)")
    keyed = ("CREATE TABLE key (a PRIMARY KEY)", "CREATE TABLE of (one REFERENCES key)")
    for migration in (step, (*keyed, "INSERT INTO of VALUES (99)")):
        with pytest.raises(UsageError, match=r"a: "):
            opened(tmp_path / "a", replace(FIRST, migrations=(migration,)))
        opened(tmp_path / "a", FIRST).close()


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    """It is said by which version, and the file stays to the byte."""
    opened(tmp_path / "a", THIRD).close()
    before = (tmp_path / "a").read_bytes()
    with pytest.raises(UsageError) as caught:
        opened(tmp_path / "a", SECOND)
    said = "was made by a newer hosr (version 3 of the list); use that hosr; nothing was changed"
    assert str(caught.value) == f"a: {said}"
    assert (tmp_path / "a").read_bytes() == before


def test_another_form_is_not_ours(tmp_path: Path) -> None:
    """Also one of hosr's own."""
    opened(tmp_path / "a", FIRST).close()
    with pytest.raises(UsageError, match=r"^a: is no list; name another file; nothing"):
        opened(tmp_path / "a", replace(FIRST, application_id=0x12))


def test_a_ledger_of_a_newer_hosr_says_so(tmp_path: Path) -> None:
    """In one sentence, and it is left alone."""
    path = tmp_path / "ledger.sqlite"
    with open_ledger(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")
    before = path.read_bytes()
    with pytest.raises(UsageError) as caught, open_ledger(path):
        pass
    said = "was made by a newer hosr (version 2 of the ledger); use that hosr"
    assert str(caught.value) == f"ledger.sqlite: {said}"
    assert path.read_bytes() == before


def _clear_and_fail(database: Database) -> None:
    with database.changing() as connection:
        connection.execute("DELETE FROM one")
        connection.execute("DROP TABLE missing")


def test_changes_are_made_together(tmp_path: Path) -> None:
    """Where one fails, none is made; another program's lock is told."""
    with closing(opened(tmp_path / "a", FIRST)) as database:
        with pytest.raises(UsageError, match="does not work"):
            _clear_and_fail(database)
        assert database.connection.execute("SELECT count(*) FROM one").fetchone()[0] == 1
        with closing(connect(tmp_path / "a", busy_s=0.05)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(UsageError, match="is in use by another program; try again when"):
                database.changing().__enter__()
