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
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import NoReturn

from hosr.archive import open_archive
from hosr.archive.addresses import Destination, DimseAddress, Listener
from hosr.archive.dimse.listener import listen
from hosr.outbox import Limits, Outbox, deliver
from tests.peers.remains import Remains
from tests.peers.reports import make_report

# How long an awaited report may take here before it is asked for anew: its listener was killed.
COMMITMENT_S = 2.0
# Longer than any single child should need, kills or not.
CHILD_S = 60.0
# How many children are left alone, to see how long one takes.
UNDISTURBED = 3


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
    """What happened: kills, what they fell into, and the reports that were begun and accepted.

    `fell_into` counts the rounds that left objects so: two workers, or two children, may each have
    been at something else.
    """

    kills: int = 0
    before_accepting: int = 0
    ended_unharmed: int = 0
    pairs: int = 0
    reports: int = 0
    accepted: int = 0
    fell_into: dict[str, int] = field(default_factory=dict)


def _work(campaign: Campaign, report: int, say: int, seed: int) -> NoReturn:
    """A child: put a report down, say so, deliver."""
    draw = random.Random(seed)  # noqa: S311 (names of workers, not secrets)
    destination = campaign.destination()
    with Outbox(Path(campaign.outbox), clock=time.time, random=draw) as outbox:
        outbox.enqueue(
            make_report("kills", str(report)),
            destination.name,
            f"report {report}",
            address=str(destination.address),
        )
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


def _wait_or_kill(child: int, pipe: int, deadline: float) -> tuple[bool, str]:
    """Whether it was killed, and what it said."""
    said = b""
    while (left := deadline - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            part = os.read(pipe, 4096)
            if not part:
                break
            said += part
    else:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    while part := os.read(pipe, 4096):  # what it said between the last look and its end
        said += part
    os.close(pipe)
    words = said.decode()
    if "failed" in words:
        raise RuntimeError(words)
    return os.WIFSIGNALED(status), words


def _undisturbed(campaign: Campaign, report: int, seed: int) -> tuple[float, float]:
    """How long a child takes to put its report down, and to come to its end."""
    start = time.monotonic()
    child, pipe = _fork(campaign, report, seed)
    select.select([pipe], [], [], CHILD_S)  # until it says that the report was accepted
    accepting_s = time.monotonic() - start
    was_killed, _ = _wait_or_kill(child, pipe, start + CHILD_S)
    if was_killed:
        raise RuntimeError(f"a child that nobody disturbed took longer than {CHILD_S} s")
    return accepting_s, time.monotonic() - start


def run(campaign: Campaign) -> tuple[Figures, list[int]]:
    """The campaign; the numbers of the reports of which a child said that they were accepted."""
    draw = random.Random(campaign.seed)  # noqa: S311 (when to kill)
    figures, accepted = Figures(), set[int](range(UNDISTURBED))
    times = [_undisturbed(campaign, number, draw.getrandbits(64)) for number in accepted]
    accepting_s, undisturbed_s = (median(each) for each in zip(*times, strict=True))
    reach_s = 1.1 * undisturbed_s
    figures.reports = UNDISTURBED
    remains = Remains(Path(campaign.outbox))
    while figures.kills < campaign.kills:
        pair = draw.random() < 0.25
        figures.pairs += pair
        children = []
        for _ in range(2 if pair else 1):
            # Every third one early: putting down is short beside delivering.
            is_late = draw.random() < 2 / 3
            latest_s = reach_s if is_late else accepting_s
            deadline = time.monotonic() + draw.uniform(0, latest_s)
            number = figures.reports
            child, pipe = _fork(campaign, number, draw.getrandbits(64))
            children.append((deadline, number, child, pipe, is_late))
            figures.reports += 1
        for deadline, number, child, pipe, is_late in sorted(children):
            was_killed, said = _wait_or_kill(child, pipe, deadline)
            if is_late:  # one in ten comes to its end, however busy the machine becomes
                reach_s *= 1.01 if was_killed else 1 / 1.1
            if "accepted" in said:
                accepted.add(number)
            figures.kills += was_killed
            figures.ended_unharmed += not was_killed
            figures.before_accepting += was_killed and "accepted" not in said
        for moment in remains.look():
            figures.fell_into[moment] = figures.fell_into.get(moment, 0) + 1
    figures.accepted = len(accepted)
    return figures, sorted(accepted)


if __name__ == "__main__":
    figures, accepted = run(Campaign(**json.load(sys.stdin)))
    json.dump({"figures": asdict(figures), "accepted": accepted}, sys.stdout)
