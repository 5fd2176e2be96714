"""Kill -9 at random moments: what is begun again ends as if nothing had been."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.batch.calls import batch
from tests.batch.killing import Campaign
from tests.batch.manifests import left_behind, lines_of, write_films, write_lines

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

ROWS = 200
KILLS, KILLS_WITH_WORKERS = 90, 10


def test_a_hundred_kills_change_nothing(
    tmp_path: Path, record_figures: Callable[[str], None]
) -> None:
    """After a hundred kills every batch ends with the bytes of an undisturbed one.

    After each kill, no file has other bytes than it must have, and the ledger says of no row that
    it is done whose files are not there.
    """
    write_films(tmp_path, ROWS)
    manifest = write_lines(tmp_path / "m.jsonl", lines_of(ROWS))
    expected = tmp_path / "expected"
    assert batch(manifest, out=str(expected)).code == 0
    campaign = Campaign(
        kills=KILLS,
        kills_with_workers=KILLS_WITH_WORKERS,
        seed=5,
        manifest=str(manifest),
        expected=str(expected),
        out=str(tmp_path / "out"),
    )
    ran = subprocess.run(
        [sys.executable, "-m", "tests.batch.killing"],
        input=json.dumps(asdict(campaign)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    figures = told["figures"]
    record_figures(f"batch, kill -9: {json.dumps(figures)}")
    assert figures["wrong"] == []
    assert figures["kills"] == KILLS + KILLS_WITH_WORKERS
    assert figures["with_workers"] == KILLS_WITH_WORKERS
    assert told["ended"]
    for out in told["ended"]:
        assert left_behind(Path(out)) == left_behind(expected)
