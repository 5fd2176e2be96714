"""`hosr send` as a program of its own, against a real Orthanc: what arrives, and what it says."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hosr.outbox import OPEN
from hosr.outbox.comparison import Likeness, compare
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


def put_down() -> dict[str, str]:
    """The state of every object in the outbox, by its UID."""
    listed = objects(hosr("outbox", "list", "--all", "--json"))
    return {one["sop_instance_uid"]: one["state"] for one in listed}


def send_and_kill(folder: Path, after_s: float) -> int:
    """The exit code of a process that sends a folder, which is killed after some time."""
    command = [program("hosr", "this project"), "send", str(folder), "--to", "pacs"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def test_killed_processes_lose_nothing(
    archive: ArchivingOrthanc, tmp_path: Path, record_figures: Callable[[str], None]
) -> None:
    """`hosr send` killed (-9) at random moments: what was put down arrives once, as it was made."""
    archive.configure(tmp_path / "config.toml", commitment_s=2.0)
    draw = random.Random(SEED)  # noqa: S311 (when to kill)
    sent: dict[str, bytes] = {}
    reports: list[set[str]] = []
    accepted: set[str] = set()
    undisturbed_s, codes = SECONDS, Counter[int]()
    while codes[-signal.SIGKILL] < KILLED_PROCESSES:
        folder = tmp_path / f"report {len(reports)}"
        folder.mkdir()
        items = make_report("processes", str(len(reports)))
        for item in items:
            (folder / item.name).write_bytes(item.data)
        data = {item.key: item.data for item in items}
        sent |= data
        reports.append(set(data))
        start = time.monotonic()
        # Late moments more often than early ones: much of the time goes into starting Python.
        latest_s = 1.1 * undisturbed_s
        code = send_and_kill(folder, draw.triangular(0, latest_s, latest_s) if codes else SECONDS)
        if not codes:
            undisturbed_s = time.monotonic() - start
        codes[code] += 1
        accepted |= set() if code < 0 else set(data)
    before = put_down()
    while_delivering = set(before) - accepted
    # One last run; and more only where something waits for its time, never for a person.
    deadline = time.monotonic() + SECONDS
    hosr("outbox", "run")
    while set((after := put_down()).values()) & OPEN:
        assert time.monotonic() < deadline
        hosr("outbox", "run")
    kept = archive.running.uids()
    altered = [
        uid
        for uid in kept
        if compare(sent[uid], archive.running.download(uid)).likeness is not Likeness.SAME
    ]
    record_figures(
        f"hosr send killed (-9) {codes[-signal.SIGKILL]} times, seed {SEED}; exits {dict(codes)}; "
        f"objects put down {len(before)}, by processes that were killed {len(while_delivering)}; "
        f"in the outbox {dict(Counter(before.values()))}, then {dict(Counter(after.values()))}; "
        f"in the archive {len(kept)}, altered {len(altered)}"
    )
    assert set(codes) <= {-signal.SIGKILL, 0, 7}
    assert len(while_delivering) >= KILLED_PROCESSES / 5
    assert accepted <= set(before)
    assert [uids for uids in reports if uids & set(before) not in (uids, set())] == []
    assert set(after) == set(before)
    assert set(after.values()) <= {"committed", "verified"}
    assert sorted(kept) == sorted(before)
    assert altered == []
