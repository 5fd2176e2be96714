"""Kills at random moments of a batch, which is begun again until it is done.

A program of its own, for it forks: python -m tests.batch.killing < campaign.json > figures.json
After each kill every file that is there by its name is compared with that of an undisturbed batch.
"""

from __future__ import annotations

import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NoReturn

from hosr.cli import main
from tests.batch.manifests import LEDGER

_POLL_S = 0.001
_END_S = 60.0
# The longest that a child is left alone, as a part of what a whole batch takes.
_PART = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What to do: how many kills of one process and of one with workers, of which batch.

    `expected` is the folder that an undisturbed batch has left; `out` is for those that are killed.
    """

    kills: int
    kills_with_workers: int
    seed: int
    manifest: str
    expected: str
    out: str


@dataclass(slots=True)
class Figures:
    """What happened: kills, the batches they fell into, and what was found after them."""

    kills: int = 0
    with_workers: int = 0
    batches: int = 0
    before_the_ledger: int = 0
    with_partial_files: int = 0
    published_but_not_noted: int = 0
    while_results_were_written: int = 0
    wrong: list[str] = field(default_factory=list)


class Remains:
    """What a batch has left, beside what an undisturbed one leaves."""

    def __init__(self, expected: Path, out: Path) -> None:
        self._expected, self._out = expected, out
        self._seen: set[tuple[str, int]] = set()

    def look(self, figures: Figures) -> None:
        """Compare each file that has not been seen yet, and count what the kill fell into."""
        noted = self._noted()
        figures.before_the_ledger += noted is None
        partial = list(self._out.rglob("*.partial"))
        for path in partial:
            if path.parent == self._out:  # else it would be counted until the next one is made
                path.unlink()
        figures.with_partial_files += any(path.parent != self._out for path in partial)
        figures.while_results_were_written += any(path.parent == self._out for path in partial)
        manifests = {path.parent.name for path in self._out.glob("*/manifest.json")}
        figures.published_but_not_noted += bool(manifests - (noted or set()))
        for name in (noted or set()) - manifests:
            figures.wrong.append(f"{name} is noted and not there")
        for path in self._out.rglob("*"):
            name = path.relative_to(self._out).as_posix()
            if not path.is_file() or path.name.startswith("."):
                continue
            seen = (name, path.stat().st_ino)
            if seen not in self._seen:
                self._seen.add(seen)
                if path.read_bytes() != (self._expected / name).read_bytes():
                    figures.wrong.append(f"{name} is another")

    def _noted(self) -> set[str] | None:
        """The ids that the ledger says are done; None before it is begun."""
        path = self._out / LEDGER
        if not path.exists():
            return None
        connection = sqlite3.connect(path, timeout=10)
        try:
            found = connection.execute("SELECT folded FROM entry WHERE state = 'done'").fetchall()
        except sqlite3.OperationalError:
            return None
        finally:
            connection.close()
        return {name for (name,) in found}


def _child(campaign: Campaign, out: Path) -> NoReturn:
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 1)
    os.dup2(devnull, 2)
    os._exit(main(["batch", campaign.manifest, "--out", str(out), "--jobs", "1"]))


def _fork(campaign: Campaign, out: Path) -> int:
    child = os.fork()
    if not child:
        _child(campaign, out)
    return child


def _killed(child: int, wait_s: float) -> bool:
    """Whether the child was killed; one that ends before its time is not."""
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            if os.waitstatus_to_exitcode(status) != 0:
                raise RuntimeError(f"the batch ended by itself with {status}")
            return False
        time.sleep(_POLL_S)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _killed_with_workers(campaign: Campaign, out: Path, wait_s: float, *, all_of_it: bool) -> bool:
    """The same of the command itself with two workers: the one process, or all of them at once."""
    call = [sys.executable, "-m", "hosr", "batch", campaign.manifest, "--out", str(out)]
    with subprocess.Popen(
        [*call, "--jobs", "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            code = process.wait(wait_s)
        except subprocess.TimeoutExpired:
            if all_of_it:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            return True
    if code != 0:
        raise RuntimeError(f"the batch ended by itself with {code}")
    return False


def _undisturbed(campaign: Campaign) -> float:
    """How long a batch takes in this process, which has imported all that children need then."""
    begun = time.monotonic()
    with redirect_stdout(io.StringIO()):
        code = main(["batch", campaign.manifest, "--out", f"{campaign.out}/0", "--jobs", "1"])
    if code != 0:
        raise RuntimeError(f"a batch that nobody disturbed ended with {code}")
    return time.monotonic() - begun


def run(campaign: Campaign) -> tuple[Figures, list[str]]:
    """The campaign; the folders of the batches that came to their end."""
    draw = random.Random(campaign.seed)  # noqa: S311 (when to kill)
    figures, ended = Figures(), list[str]()
    longest_s = _PART * _undisturbed(campaign)
    expected = Path(campaign.expected)
    workers_left = campaign.kills_with_workers
    while figures.kills < campaign.kills + campaign.kills_with_workers:
        figures.batches += 1
        out = Path(campaign.out) / str(figures.batches)
        remains = Remains(expected, out)
        goes_on = True
        while goes_on and figures.kills < campaign.kills + campaign.kills_with_workers:
            with_workers = workers_left > 0 and draw.random() < 0.3
            if with_workers:
                # It needs a second and a half before the first row.
                wait_s = draw.uniform(0.2, 1.5 + longest_s)
                both = draw.random() < 0.5
                goes_on = _killed_with_workers(campaign, out, wait_s, all_of_it=both)
            else:
                goes_on = _killed(_fork(campaign, out), draw.uniform(0, longest_s))
            figures.kills += goes_on
            figures.with_workers += goes_on and with_workers
            workers_left -= goes_on and with_workers
            if out.exists() and not (goes_on and with_workers):
                remains.look(figures)
        if goes_on and _killed(_fork(campaign, out), _END_S):
            raise RuntimeError(f"a batch took longer than {_END_S} s")
        remains.look(figures)
        ended.append(str(out))
    return figures, ended


if __name__ == "__main__":
    figures, ended = run(Campaign(**json.load(sys.stdin)))
    json.dump({"figures": asdict(figures), "ended": ended}, sys.stdout)
