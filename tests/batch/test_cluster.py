"""A Dask cluster of two workers does what one process does, although a worker is killed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.batch.calls import batch, begin, completed
from tests.batch.manifests import left_behind, lines_of, write_films, write_lines
from tests.command import Ran

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.batch.gate import Gate

pytestmark = pytest.mark.slow

ROWS = 250
RESULTS = "results: {}: results.jsonl, results.parquet\n"

# What a cluster is begun with here, in place of `dask scheduler` and `dask worker`: no dashboard,
# and nothing that other machines reach.
SCHEDULER = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
WORKER = ("worker", "--nthreads", "1", "--no-dashboard", "--no-nanny", "--host", "127.0.0.1")


class Cluster:
    """A scheduler, its address, and its workers."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        file = folder / "scheduler.json"
        self.scheduler = self._begin(*SCHEDULER, "--scheduler-file", str(file))
        _wait_for(file)
        self.address = str(json.loads(file.read_text())["address"])
        self.workers: list[subprocess.Popen[bytes]] = []

    def add_worker(self) -> None:
        """Begin one more worker, with a thread, and without anybody who would begin it again."""
        scratch = str(self._folder)
        self.workers.append(self._begin(*WORKER, "--local-directory", scratch, self.address))

    def _begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not (path.exists() and path.stat().st_size):
        assert time.monotonic() < deadline, "the scheduler does not begin"
        time.sleep(0.02)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of two workers."""
    with ExitStack() as stack:
        cluster = Cluster(tmp_path, stack)
        cluster.add_worker()
        cluster.add_worker()
        yield cluster


def made(out: Path) -> int:
    """How many reports are there."""
    return len(list(out.glob("*/manifest.json")))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with films, their manifest, and what one process makes of it."""
    folder = tmp_path_factory.mktemp("study")
    write_films(folder, ROWS)
    manifest = write_lines(folder / "m.jsonl", [*lines_of(ROWS), {"id": "bad"}])
    assert batch(manifest, out=str(folder / "local")).code == 3
    return folder


def wait_for_some(out: Path, process: subprocess.Popen[str]) -> None:
    """Wait until some of the reports are there, and not yet all."""
    deadline = time.monotonic() + 120
    while made(out) < ROWS // 4:
        assert time.monotonic() < deadline, "the cluster does nothing"
        assert process.poll() is None
        time.sleep(0.01)


def test_a_killed_worker_loses_and_doubles_nothing(
    study: Path, tmp_path: Path, cluster: Cluster, gate: Gate
) -> None:
    """What the cluster leaves is what one process leaves, byte for byte; and again it is there."""
    out = tmp_path / "out"
    manifest = write_lines(study / "gate.jsonl", [*gate.lines_of(ROWS), {"id": "bad"}])
    process = begin(manifest, out, "--dask", cluster.address)
    wait_for_some(out, process)
    cluster.workers[0].kill()
    assert made(out) < ROWS
    gate.open()
    results = RESULTS.format(out)
    assert completed(process) == Ran(code=3, out=f"{ROWS} done, 1 refused\n{results}")
    assert left_behind(out) == left_behind(study / "local")
    again = completed(begin(manifest, out, "--dask", cluster.address))
    assert again == Ran(code=3, out=f"{ROWS} done ({ROWS} of them before), 1 refused\n{results}")


def test_a_scheduler_that_ends_is_one_fault(
    study: Path, tmp_path: Path, cluster: Cluster, gate: Gate
) -> None:
    """Where the scheduler is gone the batch ends in one sentence, and another run goes on."""
    out = tmp_path / "out"
    manifest = write_lines(study / "gate.jsonl", [*gate.lines_of(ROWS), {"id": "bad"}])
    process = begin(manifest, out, "--dask", cluster.address)
    wait_for_some(out, process)
    cluster.scheduler.kill()
    gate.open()
    ran = completed(process)
    remedy = "see whether the scheduler runs, and run the same command again"
    fault = f"--dask: the cluster is gone; {remedy}"
    assert ran == Ran(code=2, err=f"hosr: cannot be done as asked\n  {fault}\n")
    for worker in cluster.workers:
        worker.kill()
        worker.wait()
    assert batch(manifest, out=str(out)).code == 3
    assert left_behind(out) == left_behind(study / "local")


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("tcp://127.0.0.1:1", "cannot be reached"),
        ("nonsense://x", "is no address of a scheduler"),
    ],
)
def test_a_cluster_must_be_there(tmp_path: Path, address: str, problem: str) -> None:
    """An address at which there is no scheduler is told in one sentence."""
    write_films(tmp_path, 1)
    manifest = write_lines(tmp_path / "m.jsonl", lines_of(1))
    ran = completed(begin(manifest, tmp_path / "out", "--dask", address))
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 2)
    assert ran.err.startswith(f"hosr: cannot be done as asked\n  --dask: {problem}")
