"""Nothing is lost, doubled or altered, however often the sender or the archive is killed."""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from hosr.archive.comparison import Likeness, compare
from hosr.archive.dimse.listening import listen
from hosr.archive.opening import open_archive
from hosr.archive.outbox import ARCHIVED, Item, Limits, Outbox, deliver
from tests.peers.archiving import ArchivingOrthanc, archiving_orthanc
from tests.peers.killing import Campaign
from tests.peers.processes import run
from tests.peers.reports import make_report

KILLS = 300
SEED = 20261122
Print = Callable[[str], None]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[ArchivingOrthanc]:
    """An Orthanc that commits to what it holds."""
    (tmp_path / "orthanc").mkdir()
    with archiving_orthanc(tmp_path / "orthanc") as running:
        yield running


def finish(campaign: Campaign) -> dict[str, int]:
    """One last delivery, undisturbed; how many objects stand in which state after it."""
    destination = campaign.destination()
    draw = random.Random(campaign.seed)  # noqa: S311 (names of workers)
    with Outbox(Path(campaign.outbox), clock=time.time, random=draw) as outbox:
        outbox.retry()
        deliver(
            outbox,
            lambda _: destination,
            partial(open_archive, environ={}, clock=time.time),
            listen=listen,
            limits=Limits(wait_s=120.0),
        )
        return dict(Counter(entry.state.value for entry in outbox.entries()))


def found_in(archive: ArchivingOrthanc, items: list[Item]) -> dict[str, int]:
    """What the archive has of these objects: seen from outside of hosr."""
    kept = Counter(archive.running.uids())
    found = Counter({"lost": 0, "doubled": 0, "altered": 0, "stored once, unaltered": 0})
    for item in items:
        uid = item.locator.sop_instance_uid
        if kept[uid] != 1:
            found["lost" if kept[uid] == 0 else "doubled"] += 1
            continue
        likeness = compare(item.data, archive.running.download(uid)).likeness
        found["stored once, unaltered" if likeness is Likeness.SAME else "altered"] += 1
    return dict(found)


def test_kills_of_the_sender_lose_double_and_alter_nothing(
    archive: ArchivingOrthanc, tmp_path: Path, record_figures: Print
) -> None:
    """300 kills (-9) while reports are put down, sent, committed and recorded: all are archived once."""
    campaign = Campaign(
        kills=KILLS,
        seed=SEED,
        outbox=str(tmp_path / "outbox.sqlite"),
        dicom_port=archive.dicom_port,
        listen_port=archive.listen_port,
    )
    asked = json.dumps({name: getattr(campaign, name) for name in Campaign.__slots__})
    done = run([sys.executable, "-m", "tests.peers.killing"], text=asked, timeout=1200.0)
    assert done.code == 0, done.err[-2000:]
    told = json.loads(done.out)
    states = finish(campaign)
    items = [item for number in told["accepted"] for item in make_report("kills", str(number))]
    found = found_in(archive, items)
    record_figures(
        f"kills of the sender: {told['figures']}; seed {SEED}; objects accepted {len(items)}; "
        f"in the archive: {found}; in the outbox: {states}"
    )

    assert told["figures"]["kills"] >= KILLS
    assert told["figures"]["while_delivering"] >= KILLS / 2
    assert told["figures"]["before_accepting"] >= KILLS / 10
    assert found == {
        "lost": 0,
        "doubled": 0,
        "altered": 0,
        "stored once, unaltered": len(items),
    }
    assert set(states) <= {state.value for state in ARCHIVED}
    assert len(set(archive.running.uids())) == sum(states.values())


def test_kills_of_the_archive_lose_nothing(
    archive: ArchivingOrthanc, tmp_path: Path, record_figures: Print
) -> None:
    """An archive that is killed while it is sent to has everything in the end, as it was sent."""
    campaign = Campaign(
        kills=0,
        seed=SEED,
        outbox=str(tmp_path / "outbox.sqlite"),
        dicom_port=archive.dicom_port,
        listen_port=archive.listen_port,
    )
    items = [item for number in range(20) for item in make_report("archive", str(number))]
    draw = random.Random(SEED)  # noqa: S311 (names of workers)
    with Outbox(Path(campaign.outbox), clock=time.time, random=draw) as outbox:
        for item in items:
            outbox.enqueue([item], "pacs", "report")
        seen: list[str] = []

        def kill_sometimes(entry: object) -> None:
            seen.append(str(entry))
            if len(seen) in {20, 60, 100}:
                archive.kill()
                archive.start()

        destination = campaign.destination()
        for _ in range(4):
            outbox.retry()
            deliver(
                outbox,
                lambda _: destination,
                partial(open_archive, environ={}, clock=time.time),
                listen=listen,
                on_change=kill_sometimes,
            )
    states = finish(campaign)
    found = found_in(archive, items)
    record_figures(f"kills of the archive: 3; in the archive: {found}; in the outbox: {states}")
    assert found["stored once, unaltered"] == len(items)
    assert set(states) <= {state.value for state in ARCHIVED}
