"""`hosr send` as a program of its own, against a real Orthanc: what arrives, and what it says."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hosr.archive.comparison import Likeness, compare
from tests.peers.archiving import ArchivingOrthanc, archiving_orthanc
from tests.peers.conftest import Report
from tests.peers.processes import Ran, program, run
from tests.peers.reports import make_report
from tests.peers.samples import SAMPLES

KILLED_PROCESSES = 25
SEED = 41
SECONDS = 120.0


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArchivingOrthanc]:
    """An Orthanc, and a configuration of hosr that knows it over both protocols."""
    (tmp_path / "orthanc").mkdir()
    with archiving_orthanc(tmp_path / "orthanc") as running:
        monkeypatch.setenv("HOSR_CONFIG", str(running.configure(tmp_path / "config.toml")))
        yield running


def hosr(*arguments: object) -> Ran:
    """Run the command to its end."""
    return run([program("hosr", "this project"), *arguments], timeout=SECONDS)


def objects(ran: Ran) -> list[dict[str, Any]]:
    """What a command tells of each object with --json."""
    found: list[dict[str, Any]] = json.loads(ran.out)["objects"]
    return found


def kept_as_sent(archive: ArchivingOrthanc, path: Path, uid: str) -> bool:
    """Whether the archive has this file once, with its data set as it is."""
    once = archive.running.uids().count(uid) == 1
    kept = archive.running.download(uid)
    return once and compare(path.read_bytes(), kept).likeness is Likeness.SAME


@pytest.mark.parametrize(("to", "state"), [("pacs", "committed"), ("web", "verified")])
def test_every_object_of_every_sample_arrives_and_is_proven(
    archive: ArchivingOrthanc, reported: Report, to: str, state: str
) -> None:
    """Over DIMSE each is committed to, over DICOMweb each is read back; all are as they were made."""
    folders = {name: reported(name).out for name in SAMPLES}
    ran = hosr("send", *folders.values(), "--to", to, "--json")
    found = objects(ran)
    files = [path for folder in folders.values() for path in folder.glob("*.dcm")]
    assert ran.code == 0, ran.err
    assert ran.err == ""
    assert Counter(one["state"] for one in found) == {state: len(files)}
    assert sorted(one["path"] for one in found) == sorted(map(str, files))
    changed = [
        one["path"]
        for one in found
        if not kept_as_sent(archive, Path(one["path"]), one["sop_instance_uid"])
    ]
    assert changed == []


def test_an_archive_that_is_down_gets_everything_when_it_is_up(
    archive: ArchivingOrthanc, reported: Report
) -> None:
    """Exit 7 and kept; then `outbox run` delivers, and the list is empty."""
    folder = reported("brooker-3").out
    archive.stop()
    assert hosr("send", folder, "--to", "pacs").code == 7
    waiting = objects(hosr("outbox", "list", "--json"))
    assert {one["state"] for one in waiting} == {"queued"}
    archive.start()
    assert hosr("outbox", "retry", "--all").code == 0
    assert hosr("outbox", "run").code == 0
    assert hosr("outbox", "list").out == "everything is archived\n"
    assert len(archive.running.uids()) == len(waiting)


def test_an_archive_that_does_not_know_us_needs_a_person(
    archive: ArchivingOrthanc, reported: Report, tmp_path: Path
) -> None:
    """Orthanc answers strangers with an abort, of which the outcome is unknown: kept, and exit 7."""
    text = (tmp_path / "config.toml").read_text().replace("calling=HOSR", "calling=STRANGER")
    (tmp_path / "config.toml").write_text(text)
    ran = hosr("send", reported("brooker-3").out, "--to", "pacs", "--json")
    assert ran.code == 7
    assert {(one["state"], one["reason"]) for one in objects(ran)} == {("queued", "lost")}
    assert archive.running.uids() == []


def test_killed_processes_lose_nothing(
    archive: ArchivingOrthanc, tmp_path: Path, record_figures: Callable[[str], None]
) -> None:
    """`hosr send` killed (-9) at random moments: what was put down arrives once, as it was made."""
    draw = random.Random(SEED)  # noqa: S311 (when to kill)
    sent: dict[str, bytes] = {}
    for number in range(KILLED_PROCESSES):
        folder = tmp_path / f"report {number}"
        folder.mkdir()
        for item in make_report("processes", str(number)):
            (folder / item.name).write_bytes(item.data)
            sent[item.locator.sop_instance_uid] = item.data
        process = subprocess.Popen(
            [program("hosr", "this project"), "send", folder, "--to", "pacs"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(draw.uniform(0.3, 2.0))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
    put_down = {
        one["sop_instance_uid"] for one in objects(hosr("outbox", "list", "--all", "--json"))
    }
    for _ in range(5):
        hosr("outbox", "retry", "--all")
        if hosr("outbox", "run").code == 0:
            break
    states = Counter(one["state"] for one in objects(hosr("outbox", "list", "--all", "--json")))
    kept = archive.running.uids()
    record_figures(
        f"hosr send killed {KILLED_PROCESSES} times: {len(put_down)} objects put down; "
        f"in the outbox: {dict(states)}; in the archive: {len(kept)}"
    )
    assert sorted(kept) == sorted(put_down)
    assert set(states) <= {"committed", "verified"}
    assert [
        uid
        for uid in put_down
        if compare(sent[uid], archive.running.download(uid)).likeness is not Likeness.SAME
    ] == []
