"""What a batch does without the packages that it can do without, and on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.batch.manifests import lines_of, table_rows, write_lines, write_parquet
from tests.command import Ran

SAVE = "install hosr[table], or save it as CSV"

WITHOUT = """
import sys
sys.modules[sys.argv.pop(1)] = None  # as if it were not installed
from hosr.cli import run
run()
"""


def without(package: str, *arguments: str) -> Ran:
    """Run a batch where this package cannot be imported."""
    call = [sys.executable, "-c", WITHOUT, package, "batch", *arguments]
    ran = subprocess.run(call, capture_output=True, text=True, check=False)
    return Ran(code=ran.returncode, out=ran.stdout, err=ran.stderr)


@pytest.mark.usefixtures("films")
class TestWithout:
    """Packages that are not installed."""

    def test_results_without_pyarrow_are_lines(self) -> None:
        """Without pyarrow there is one file of results, and a sentence says why."""
        write_lines(Path("m.jsonl"), lines_of(1))
        assert without("pyarrow", "m.jsonl", "--out", "out", "--jobs", "1") == Ran(
            code=0,
            out=(
                "1 done, 0 refused\nresults: out: results.jsonl\n"
                "results.parquet was not written: it needs pyarrow; install hosr[table]\n"
            ),
        )

    @pytest.mark.parametrize(
        ("package", "arguments", "fault"),
        [
            (
                "pyarrow",
                ("m.parquet", "--out", "out"),
                f"m.parquet: is Parquet, which needs pyarrow; {SAVE}",
            ),
            (
                "fsspec",
                ("m.parquet", "--out", "memory://out", "--ledger", "l.sqlite", "--jobs", "1"),
                "memory://: needs fsspec; install hosr[dask], or name a local path",
            ),
            (
                "distributed",
                ("m.parquet", "--out", "out", "--dask", "tcp://127.0.0.1:1"),
                "--dask: needs distributed; install hosr[dask], or use --jobs",
            ),
        ],
    )
    def test_what_is_missing_is_named(
        self, package: str, arguments: tuple[str, ...], fault: str
    ) -> None:
        """What cannot be done without a package is told in one sentence."""
        write_parquet(Path("m.parquet"), table_rows(1))
        ran = without(package, *arguments)
        assert ran == Ran(code=2, err=f"hosr: cannot be done as asked\n  {fault}\n")


@pytest.mark.usefixtures("films")
def test_a_terminal_shows_how_far_it_is() -> None:
    """On a terminal a bar counts the rows, tells the rate and the time left, and names nobody."""
    write_lines(Path("m.jsonl"), lines_of(4))
    ours, theirs = pty.openpty()
    call = [sys.executable, "-m", "hosr", "batch", "m.jsonl", "--out", "out", "--jobs", "1"]
    environ = {**os.environ, "COLUMNS": "120", "TERM": "xterm"}
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=theirs, env=environ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            shown += part
    os.close(ours)
    assert process.returncode == 0
    assert b"studies" in shown
    assert b"4/4" in shown
    assert b"a second" in shown
    assert b"study-" not in shown
