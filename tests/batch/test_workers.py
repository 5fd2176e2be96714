"""Batches as processes: two at once, workers that are killed, an interrupt, memory, a full disk."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.batch.calls import batch, begin, completed
from tests.batch.manifests import (
    LEDGER,
    faults_of,
    left_behind,
    lines_of,
    results_of,
    write_films,
    write_lines,
)
from tests.command import Ran

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.batch.gate import Gate

pytestmark = pytest.mark.slow

ROWS = 60
RESULTS = "results: {}: results.jsonl, results.parquet\n"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with films, their manifest, and what an undisturbed batch makes of it."""
    folder = tmp_path_factory.mktemp("study")
    write_films(folder, ROWS)
    write_lines(folder / "m.jsonl", lines_of(ROWS))
    assert batch(folder / "m.jsonl", out=str(folder / "expected")).code == 0
    return folder


def wait_for(happened: Callable[[], object]) -> None:
    """Wait until something has happened, for a minute at most."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "it has not happened"
        time.sleep(0.005)


def made(out: Path) -> int:
    """How many reports are there."""
    return len(list(out.glob("*/manifest.json")))


def _has_made(out: Path, count: int) -> bool:
    return made(out) >= count


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The processes that do the rows: those that the process which imports has begun."""
    return [worker for child in _children(process.pid) for worker in _children(child)]


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]


def test_two_at_once_refuse_each_other(study: Path, tmp_path: Path, gate: Gate) -> None:
    """Of two batches that write one folder the second is refused, and the first is undisturbed."""
    out = tmp_path / "out"
    manifest = write_lines(study / "gate.jsonl", gate.lines_of(ROWS))
    first = begin(manifest, out, "--jobs", "1")
    wait_for(lambda: made(out))
    second = batch(manifest, out=str(out))
    assert first.poll() is None
    gate.open()
    fault = f"{LEDGER}: is in use by another batch; wait until that has ended"
    assert second == Ran(code=2, err=f"hosr: cannot be done as asked\n  {fault}\n")
    assert completed(first) == Ran(code=0, out=f"{ROWS} done, 0 refused\n{RESULTS.format(out)}")
    assert left_behind(out) == left_behind(study / "expected")


def test_a_killed_worker_takes_nothing_with_it(study: Path, tmp_path: Path) -> None:
    """Rows of a worker that was killed are done by another, each once."""
    out = tmp_path / "out"
    process = begin(study / "m.jsonl", out, "--jobs", "2")
    for number in (1, 20, 40):
        wait_for(partial(_has_made, out, number))
        for worker in workers_of(process)[:1]:
            with suppress(ProcessLookupError):  # it has ended with its last row
                os.kill(worker, signal.SIGKILL)
    assert completed(process) == Ran(code=0, out=f"{ROWS} done, 0 refused\n{RESULTS.format(out)}")
    assert left_behind(out) == left_behind(study / "expected")


def test_a_row_that_ends_its_workers_is_refused(study: Path, tmp_path: Path) -> None:
    """A row at which two workers are killed is refused in words; the others are done."""
    with socket.create_server(("127.0.0.1", 0)) as server:  # whoever asks it for something waits
        server.settimeout(60)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/waits.json"
        write_lines(study / "waits.jsonl", [*lines_of(6), {**lines_of(7)[-1], "record": url}])
        out = tmp_path / "out"
        process = begin(study / "waits.jsonl", out, "--jobs", "2")
        for _ in range(3):  # at it with others, then twice alone
            connection, (_, port) = server.accept()
            with connection:
                wait_for(lambda: made(out) == 6)
                (worker,) = (pid for pid in workers_of(process) if _holds(pid, port))
                os.kill(worker, signal.SIGKILL)
        assert completed(process) == Ran(code=3, out=f"6 done, 1 refused\n{RESULTS.format(out)}")
    remedy = "see how large its images are; use fewer --jobs, and run the batch again"
    how = "by signal 9; perhaps for want of memory"
    assert faults_of(out) == [*[[]] * 6, [f"row: ended its worker twice ({how}); {remedy}"]]


def _holds(pid: int, port: int) -> bool:
    """Whether a process has a connection from this port."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port:04X}")}
    return not sockets.isdisjoint(_opened(pid))


def _opened(pid: int) -> Iterator[str]:
    """What a process has open; some of it may be closed meanwhile."""
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            yield str(file.readlink())


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupt_ends_it_cleanly(study: Path, tmp_path: Path, gate: Gate, jobs: int) -> None:
    """Ctrl-C ends with 130, no partial file and no process left; the next call goes on.

    A row that waits keeps the batch from ending before the interrupt, however late that comes.
    """
    out = tmp_path / "out"
    manifest = write_lines(study / "gate.jsonl", gate.lines_of(ROWS))
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "hosr",
            "batch",
            manifest,
            "--out",
            out,
            "--jobs",
            str(jobs),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for(lambda: made(out) >= 3)
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to all of them
    assert completed(process) == Ran(code=130, err="hosr: interrupted\n")
    assert not list(out.rglob("*.partial"))
    done = made(out)
    assert 3 <= done < ROWS
    gate.open()
    ran = batch(manifest, "--json", out=str(out))
    # Of what the workers had in hands some may be there that was not noted any more.
    assert 0 < json.loads(ran.out)["already"] <= done
    assert left_behind(out) == left_behind(study / "expected")


ROOT = Path(__file__).resolve().parents[2]


def peak_of_batch(manifest: Path, out: Path) -> int:
    """The most memory that a batch has had."""
    program = (
        "import sys; from hosr.cli import main; from tests.memory import peak_kib; "
        "print(main(sys.argv[1:]), peak_kib())"
    )
    call = [sys.executable, "-c", program, "batch", str(manifest), "--out", str(out)]
    ran = subprocess.run(
        [*call, "--jobs", "1"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    code, peak = ran.stdout.split()[-2:]
    assert code == "3"
    return int(peak)


FAULTY: dict[str, Callable[[int], str]] = {
    "jsonl": lambda number: json.dumps({"id": f"row {number}", "record": {"hips": [{}, {}, {}]}}),
    "csv": lambda number: f"{number},=1+1,,{'x' * 500}",
}


@pytest.mark.parametrize("form", sorted(FAULTY))
def test_memory_is_flat(tmp_path: Path, form: str, record_figures: Callable[[str], None]) -> None:
    """Once its buffers are full, more faulty rows take no more memory; each is a row of the results."""
    peaks = []
    for rows in (6_000, 12_000):
        manifest = tmp_path / f"{rows}.{form}"
        with manifest.open("w", encoding="utf-8") as file:
            if form == "csv":
                file.write("id,images,side,gap.mm\n")
            file.writelines(f"{FAULTY[form](number)}\n" for number in range(rows))
        out = tmp_path / f"out-{rows}"
        peaks.append(peak_of_batch(manifest, out))
        found = results_of(out)
        assert [row["number"] for row in found] == list(range(1, rows + 1))
        assert all(row["state"] == "refused" and row["faults"] for row in found)
    few, many = peaks
    record_figures(f"batch of faulty {form}: {few} KiB for 6,000 rows, {many} KiB for 12,000")
    assert many < few + 9_000  # 1.5 KiB a row


# A disk of its own that is too small at first, and as large as it takes at the second call.
DISK = """
mount -t tmpfs -o size=400k tmpfs "$2"
"$0" -m hosr batch "$1" --out "$2" --jobs "$4"
echo "code $?"
mount -o remount,size=40m "$2"
"$0" -m hosr batch "$1" --out "$2" --jobs "$4" || exit
cp -r "$2" "$3"
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_full_disk_is_one_fault(study: Path, tmp_path: Path, jobs: int) -> None:
    """On a full disk it ends in one sentence; with room it goes on, and ends as undisturbed."""
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    disk.mkdir()
    call = ["unshare", "--mount", "--map-root-user", "sh", "-c", DISK, sys.executable]
    ran = subprocess.run(
        [*call, study / "m.jsonl", disk, kept, str(jobs)],
        capture_output=True,
        text=True,
        check=False,
    )
    told = "hosr: cannot be done as asked\n  "
    full = "cannot be written: the disk is full; "
    assert (ran.returncode, ran.stderr.count("\n")) == (0, 2), ran.stderr
    assert ran.stderr.startswith(told)
    assert full in ran.stderr
    first, *rest = ran.stdout.splitlines()
    assert first == "code 2"
    assert rest == f"{ROWS} done, 0 refused\n{RESULTS.format(disk)}".splitlines() or (
        rest[0].endswith("of them before), 0 refused")
    )
    assert left_behind(kept) == left_behind(study / "expected")
