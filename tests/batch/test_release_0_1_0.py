"""A batch that hosr 0.1.0 began, and was killed at: it goes on where it was.

tests/data_0_1_0/make_batch.txt tells how it was made, with that release.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hosr.batch.ledger import open_ledger
from tests.batch.calls import batch
from tests.batch.manifests import LEDGER, left_behind, results_of, write_films

DATA = Path(__file__).parents[1] / "data_0_1_0" / "batch"
FILM_NS = 10**18  # when its films were written: part of what tells one input from another


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what was left, beside its films."""
    shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    write_films(tmp_path, 5)
    for path in (tmp_path / "films").iterdir():
        os.utime(path, ns=(FILM_NS, FILM_NS))
    return tmp_path / "out"


def entries(ledger: Path) -> list[tuple[str, ...]]:
    """What became of which id, as the file has it."""
    with closing(sqlite3.connect(ledger)) as connection:
        return connection.execute("SELECT * FROM entry ORDER BY folded").fetchall()


def test_it_goes_on(left: Path) -> None:
    """What was done stays as it is and is not done again; the rest is made."""
    before = left_behind(left)
    told = entries(left / LEDGER)
    assert [(name, state) for name, _, state, *_ in told] == [
        ("study-2", "done"),
        ("study-3", "refused"),
        ("study-4", "done"),
    ]
    ran = batch("m.jsonl", "--make", "measurement", "--no-require-identity")
    assert (ran.code, ran.err) == (3, "")
    assert ran.out.startswith("3 done (2 of them before), 4 refused\n")
    after = left_behind(left)
    whole = {name: data for name, data in before.items() if not name.endswith(".partial")}
    assert whole.items() <= after.items()
    assert "study-5/measurement.dcm" in after
    # How its input is told from another is noted in today's way.
    kept = {name: rest for name, _, *rest in entries(left / LEDGER)}
    assert {name: kept[name] for name, *_ in told} == {name: rest for name, _, *rest in told}
    again = batch("m.jsonl", "--make", "measurement", "--no-require-identity")
    assert again.out.startswith("3 done (3 of them before), 4 refused\n")
    results = {row["id"]: row for row in results_of(left) if row["rows"] != [1]}
    for name, _, _, numbers, text in told:
        assert {"rows": json.loads(numbers), **json.loads(text)}.items() <= results[name].items()


def test_it_is_listed(left: Path) -> None:
    """The ledger is opened as it is, and tells of every row that was listed."""
    with open_ledger(left / LEDGER) as ledger:
        told = [(row.number, row.id, bool(row.text)) for row in ledger.results() if row.text]
    assert told == [
        (1, "study-1", True),
        (2, "study-2", True),
        (3, "study-3", True),
        (4, "study-4", True),
        (7, "", True),
    ]
