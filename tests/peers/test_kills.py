"""Nothing is lost, doubled or altered, however often the sender or the archive is killed."""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from itertools import chain
from pathlib import Path

import pytest

from hosr.archive import open_archive
from hosr.archive.dimse.listener import listen
from hosr.outbox import (
    ARCHIVED,
    NEEDS_A_PERSON,
    Entry,
    Item,
    Limits,
    Outbox,
    State,
    deliver,
)
from hosr.outbox.claims import LEASE_S
from hosr.outbox.comparison import Likeness, compare
from tests.peers.archiving import ArchivingOrthanc, archiving_orthanc
from tests.peers.killing import Campaign
from tests.peers.processes import run
from tests.peers.reports import make_report

KILLS = 300
KILLS_OF_ARCHIVE = 5
REPORTS = 60
SEED = 20261122
SECONDS = 240.0
# Shorter than a lease: what a dead worker had must be taken up without waiting for it.
WAIT_S = LEASE_S / 2
# Each of these was met by kills, or the campaign proves less than it says.
MOMENTS = ("sending", "asking for the proof", "awaiting the report", "recorded")
Print = Callable[[str], None]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[ArchivingOrthanc]:
    """An Orthanc that commits to what it holds."""
    (tmp_path / "orthanc").mkdir()
    with archiving_orthanc(tmp_path / "orthanc") as running:
        yield running


@pytest.fixture
def campaign(archive: ArchivingOrthanc, tmp_path: Path) -> Campaign:
    """What to send, and to which archive."""
    return Campaign(
        kills=KILLS,
        seed=SEED,
        outbox=str(tmp_path / "outbox.sqlite"),
        dicom_port=archive.dicom_port,
        listen_port=archive.listen_port,
    )


def open_outbox(campaign: Campaign) -> Outbox:
    """The outbox, for one thread."""
    draw = random.Random(campaign.seed)  # noqa: S311 (names of workers)
    return Outbox(Path(campaign.outbox), clock=time.time, random=draw)


def send(
    campaign: Campaign,
    outbox: Outbox,
    limits: Limits,
    on_change: Callable[[Entry], None] | None = None,
) -> None:
    """Deliver from this process."""
    destination = campaign.destination()
    deliver(
        outbox,
        lambda _: destination,
        partial(open_archive, environ={}, clock=time.time),
        listen=listen,
        limits=limits,
        on_change=on_change,
    )


def finish(campaign: Campaign, wait_s: float) -> tuple[Entry, ...]:
    """One last delivery, undisturbed and without anyone asking for what is on hold; what is there."""
    with open_outbox(campaign) as outbox:
        send(campaign, outbox, Limits(wait_s=wait_s))
        return outbox.entries()


def states(entries: Iterable[Entry]) -> dict[str, int]:
    """How many objects stand in which state."""
    return dict(Counter(entry.state.value for entry in entries))


def found_in(archive: ArchivingOrthanc, items: Iterable[Item]) -> dict[str, int]:
    """What the archive has of these objects: seen from outside of hosr."""
    kept = Counter(archive.running.uids())
    found = dict.fromkeys(("stored once, unaltered", "lost", "doubled", "altered"), 0)
    for item in items:
        uid = item.key
        if kept[uid] != 1:
            found["lost" if kept[uid] == 0 else "doubled"] += 1
            continue
        likeness = compare(item.data, archive.running.download(uid)).likeness
        found["stored once, unaltered" if likeness is Likeness.SAME else "altered"] += 1
    return found


def only_unaltered(count: int) -> dict[str, int]:
    """What is found where nothing went wrong."""
    return {"stored once, unaltered": count, "lost": 0, "doubled": 0, "altered": 0}


def test_kills_of_the_sender_lose_double_and_alter_nothing(
    archive: ArchivingOrthanc, campaign: Campaign, record_figures: Print
) -> None:
    """300 kills (-9) while reports are put down, sent, committed and recorded: all are archived once."""
    asked = json.dumps({name: getattr(campaign, name) for name in Campaign.__slots__})
    done = run([sys.executable, "-m", "tests.peers.killing"], text=asked, timeout=1200.0)
    assert done.code == 0, done.err[-2000:]
    told = json.loads(done.out)
    figures, fell_into = told["figures"], told["figures"].pop("fell_into")
    entries = finish(campaign, WAIT_S)
    put_down = {entry.key for entry in entries}
    reports = [make_report("kills", str(number)) for number in range(figures["reports"])]
    uids = [{item.key for item in report} for report in reports]
    # A report that was put down before its child could say so is delivered like all others.
    found = found_in(archive, (item for item in chain(*reports) if _uid(item) in put_down))
    record_figures(
        f"kills (-9) of the sender, seed {SEED}: {figures}; they fell into {fell_into}; objects "
        f"put down {len(entries)}; in the archive: {found}; in the outbox: {states(entries)}"
    )

    assert set().union(*(uids[number] for number in told["accepted"])) <= put_down
    assert [some for some in uids if some & put_down not in (some, set())] == []
    assert found == only_unaltered(len(entries))
    assert sorted(archive.running.uids()) == sorted(put_down)
    assert set(states(entries)) <= {state.value for state in ARCHIVED}
    assert figures["kills"] >= KILLS
    assert figures["before_accepting"] >= KILLS / 100
    assert set(MOMENTS) <= set(fell_into)


def _uid(item: Item) -> str:
    return item.key


def test_kills_of_the_archive_lose_nothing(
    archive: ArchivingOrthanc, campaign: Campaign, record_figures: Print
) -> None:
    """An archive that is killed while it is sent to has everything in the end, as it was sent."""
    reports = [make_report("archive", str(number)) for number in range(REPORTS)]
    items = list(chain(*reports))
    draw = random.Random(SEED)  # noqa: S311 (when to kill)
    kills_after = sorted(draw.sample(range(1, len(items) * 3 // 4), KILLS_OF_ARCHIVE))
    arrived: set[int] = set()
    limits = Limits(watch=True)

    def note(entry: Entry) -> None:
        if entry.state not in {State.QUEUED, State.SENDING}:
            arrived.add(entry.id)

    def send_on() -> None:
        with open_outbox(campaign) as own:
            send(campaign, own, limits, note)

    with open_outbox(campaign) as outbox, ThreadPoolExecutor(1) as thread:
        for report in reports:
            outbox.enqueue(report, "pacs", "report", address=str(campaign.destination().address))
        sending = thread.submit(send_on)
        try:
            for count in kills_after:
                _await(partial(_has, arrived, count), sending, outbox)
                archive.kill()
                archive.start()
        finally:
            limits.stop.set()
        sending.result(SECONDS)
    entries = finish(campaign, SECONDS)
    found = found_in(archive, items)
    record_figures(
        f"kills (-9) of the archive, seed {SEED}: after {kills_after} of {len(items)} objects; "
        f"in the archive: {found}; in the outbox: {states(entries)}"
    )
    assert found == only_unaltered(len(items))
    assert set(states(entries)) <= {state.value for state in ARCHIVED}
    assert len(entries) == len(items)


def _has(arrived: set[int], count: int) -> bool:
    return len(arrived) >= count


def _await(is_so: Callable[[], bool], sending: Future[None], outbox: Outbox) -> None:
    """Return once it is so; meanwhile a person who is impatient says: again."""
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert not sending.done(), sending.exception()
        assert time.monotonic() < deadline, states(outbox.entries())
        assert outbox.entries(states=NEEDS_A_PERSON) == ()
        outbox.retry()
        wait([sending], 0.2)
