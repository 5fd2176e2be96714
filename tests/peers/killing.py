"""Kills at random moments while reports are put down, sent, proven and recorded.

A program of its own, for it forks: python -m tests.peers.killing < campaign.json > figures.json
Each child puts one report into the outbox, says so, and delivers what is due; after a random time
it is killed with signal 9. What a child said is remembered here, outside of what is killed.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sys
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

from hosr.archive.destinations import Destination, DimseAddress, Listener
from hosr.archive.dimse.listening import listen
from hosr.archive.opening import open_archive
from hosr.archive.outbox import Limits, Outbox, deliver
from tests.peers.reports import make_report

# How long an awaited report may take here before it is asked for anew: its listener was killed.
COMMITMENT_S = 2.0
# Longer than any single child should need, kills or not.
CHILD_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What to do: how many kills, from which seed, into which outbox, to which archive."""

    kills: int
    seed: int
    outbox: str
    dicom_port: int
    listen_port: int

    def destination(self) -> Destination:
        """The archive."""
        return Destination(
            name="pacs",
            address=DimseAddress(called_aet="ORTHANC", host="127.0.0.1", port=self.dicom_port),
            listener=Listener(host="127.0.0.1", port=self.listen_port),
            proofs=(),
            connections=2,
            commitment_s=COMMITMENT_S,
        )


@dataclass(slots=True)
class Figures:
    """What happened: kills by what the child had said last, and the reports that were accepted."""

    kills: int = 0
    before_accepting: int = 0
    while_delivering: int = 0
    ended_unharmed: int = 0
    pairs: int = 0
    accepted: int = 0


def _work(campaign: Campaign, report: int, say: int, seed: int) -> NoReturn:
    """A child: put a report down, say so, deliver."""
    draw = random.Random(seed)  # noqa: S311 (names of workers, not secrets)
    destination = campaign.destination()
    with Outbox(Path(campaign.outbox), clock=time.time, random=draw) as outbox:
        outbox.enqueue(make_report("kills", str(report)), destination.name, f"report {report}")
        os.write(say, b"accepted\n")
        deliver(
            outbox,
            lambda _: destination,
            partial(open_archive, environ=os.environ, clock=time.time),
            listen=listen,
            limits=Limits(),
        )
        os.write(say, b"done\n")
    os._exit(0)


def _fork(campaign: Campaign, report: int, seed: int) -> tuple[int, int]:
    """A child and the pipe on which it speaks."""
    hear, say = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hear)
        try:
            _work(campaign, report, say, seed)
        except BaseException as error:  # noqa: BLE001 (a child must not go on as the parent)
            os.write(say, f"failed {type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(1)
    os.close(say)
    return child, hear


def _heard(pipe: int) -> str:
    """All that a child said before it ended."""
    said = b""
    while part := os.read(pipe, 4096):
        said += part
    os.close(pipe)
    return said.decode()


def _wait_or_kill(child: int, pipe: int, after_s: float) -> tuple[bool, str]:
    """Whether it was killed, and what it said."""
    deadline, said = time.monotonic() + after_s, b""
    while (left := deadline - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            part = os.read(pipe, 4096)
            if not part:
                break
            said += part
    else:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    words = said.decode() + _heard(pipe)
    if "failed" in words:
        raise RuntimeError(words)
    return os.WIFSIGNALED(status), words


def run(campaign: Campaign) -> tuple[Figures, list[int]]:
    """The campaign; the numbers of the reports of which a child said that they were accepted."""
    draw = random.Random(campaign.seed)  # noqa: S311 (when to kill)
    figures, accepted, report = Figures(), set[int](), 0
    start = time.monotonic()
    child, pipe = _fork(campaign, report, draw.getrandbits(64))
    select.select([pipe], [], [], CHILD_S)  # until it says that the report was accepted
    accepting_s = time.monotonic() - start
    _wait_or_kill(child, pipe, CHILD_S)
    undisturbed_s = time.monotonic() - start
    accepted.add(report)
    while figures.kills < campaign.kills:
        pair = draw.random() < 0.25
        children = []
        for _ in range(2 if pair else 1):
            report += 1
            children.append((report, *_fork(campaign, report, draw.getrandbits(64))))
        figures.pairs += pair
        for number, child, pipe in children:
            # Every third one early: putting down is short beside delivering.
            latest_s = 1.1 * undisturbed_s if draw.random() < 2 / 3 else accepting_s
            was_killed, said = _wait_or_kill(child, pipe, draw.uniform(0, latest_s))
            if "accepted" in said:
                accepted.add(number)
            figures.kills += was_killed
            figures.ended_unharmed += not was_killed
            if was_killed and "accepted" in said:
                figures.while_delivering += 1
            elif was_killed:
                figures.before_accepting += 1
    figures.accepted = len(accepted)
    return figures, sorted(accepted)


if __name__ == "__main__":
    figures, accepted = run(Campaign(**json.load(sys.stdin)))
    json.dump({"figures": asdict(figures), "accepted": accepted}, sys.stdout)
