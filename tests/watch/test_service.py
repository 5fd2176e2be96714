"""The watch as a service: what arrives slowly, is replaced, comes twice; how it begins and ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hosr.drafts import Drafts
from hosr.watch.inbox import Inbox
from hosr.watch.memory import Memory
from hosr.watch.results import read_on_images
from hosr.watch.watch import Watch
from hosr.watch.work import Settings
from tests.images import STUDY_UID
from tests.watch.watching import Place, events_of, put_record, record_of, running, write_film

pytestmark = pytest.mark.slow

LATER_UID = "1.2.826.0.1.1.1.2"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place with a film, which records may be of."""
    place = Place(root=tmp_path)
    write_film(place.images / "film.dcm")
    return place


def test_a_line_for_each_event_comes_at_once(place: Place) -> None:
    """With its time, while the service goes on; SIGTERM ends it with 0, and it says so."""
    with running(place) as service:
        for name in ("a.json", "b.json"):
            put_record(place, name)
            service.until("draft " if name == "a.json" else "known ")
        assert service.stop(signal.SIGTERM) == 0
        service.until("stopped")
    assert len(place.listed()) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_after_the_result_in_hand(number: int, tmp_path: Path) -> None:
    """What is in hand gets its draft; the rest stays in the inbox, and the next start goes on with it."""
    place = Place(root=tmp_path)
    write_film(place.images / "film.dcm")
    for count in range(40):
        record = record_of()
        record["hips"][0]["gap"]["points"][1][0] = 18 + count / 10
        (place.inbox / f"{count:02}.json").write_text(json.dumps(record))
    with running(place) as service:
        service.until("draft ")
        assert service.stop(number) == 0
        service.until("stopped")
    done = len(list((place.inbox / "done").iterdir()))
    assert 0 < done < 40
    assert len(place.listed()) == done
    with running(place) as service:
        for _ in range(40 - done):
            service.until("draft ")
    assert len(place.listed()) == 40


def test_a_slow_copy_is_read_when_it_is_whole(place: Place) -> None:
    """As long as a file grows, or its writer has it open, it is not looked at."""
    text = json.dumps(record_of())
    with running(place) as service:
        with (place.inbox / "slow.json").open("w") as file:
            for part in (text[:100], text[100:200], text[200:]):
                file.write(part)
                file.flush()
                time.sleep(0.7)  # longer than it takes to be quiet
        assert service.until("").startswith("draft ")
    assert place.lying() == ["done/slow.json"]


def test_a_folder_that_fills_slowly_is_read_when_it_is_whole(place: Place) -> None:
    """Each file that comes makes the folder another one."""
    folder = place.inbox / STUDY_UID
    with running(place, quiet="1.0") as service:
        folder.mkdir()
        time.sleep(0.5)
        (folder / "record.json").write_text(json.dumps(record_of()))
        assert service.until("").startswith("draft ")


def test_a_file_that_is_replaced_again_and_again_is_read_once_it_is_not(place: Place) -> None:
    """By rename, as careful programs write: the last one is the draft, and no half of any."""
    is_done = threading.Event()
    count = 0

    def replace() -> None:
        nonlocal count
        while not is_done.is_set():
            count += 1
            record = record_of()
            record["hips"][0]["comment"] = f"version {count}"
            partial = place.inbox / "result.json.part"
            partial.write_text(json.dumps(record))
            partial.rename(place.inbox / "result.json")
            time.sleep(0.005)

    with running(place) as service:
        writer = threading.Thread(target=replace)
        writer.start()
        time.sleep(2)
        is_done.set()
        writer.join()
        service.until("draft ")
        time.sleep(1)
        assert service.stop() == 0
    (listed,) = place.listed()
    assert place.draft(listed.draft_id).record["hips"][0]["comment"] == f"version {count}"
    assert place.lying() == ["done/result.json"]


def test_a_file_that_is_replaced_while_it_is_read_is_two_results(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that was taken is read to its end; the one that came meanwhile has its turn after it."""

    def read_while_replaced(*arguments: object) -> object:
        monkeypatch.setattr("hosr.watch.work.read_on_images", read_on_images)
        put_record(place, accession_number="A-17")
        return read_on_images(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("hosr.watch.work.read_on_images", read_while_replaced)
    put_record(place)
    told = place.once().out.splitlines()
    assert [line.split(" ")[1] for line in told] == ["watching", "draft", "draft", "stopped"]
    assert len(place.listed()) == 2
    assert place.lying() == ["done/result.json", "done/result.json.2"]


def test_who_goes_on_writing_to_what_was_taken_gets_it_back(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is made of the first half: the file lies in the inbox again, and is read when it is whole."""
    count = 0

    def read_while_written(result: object, path: Path, *others: object) -> object:
        nonlocal count
        count += 1
        found = read_on_images(result, path, *others)  # type: ignore[arg-type]
        if count == 1:
            path.write_text(json.dumps(record_of(accession_number="A-17")))
        return found

    monkeypatch.setattr("hosr.watch.work.read_on_images", read_while_written)
    put_record(place)
    assert events_of(place.once()) == []
    assert place.lying() == ["result.json"]
    place.once()
    (listed,) = place.listed()
    assert place.draft(listed.draft_id).record["study"]["accession_number"] == "A-17"
    assert place.lying() == ["done/result.json"]


def test_images_that_go_on_arriving_are_waited_for(place: Place) -> None:
    """A draft has all images of its study, and not those that were there first."""
    with running(place, quiet="1.5") as service:
        put_record(place)
        for number in range(2, 6):
            time.sleep(0.6)
            uid = f"1.2.826.0.1.1.1.{number}"
            write_film(place.images / f"{number}.dcm", SOPInstanceUID=uid)
        assert service.until("").startswith("draft ")
        time.sleep(2)
        assert service.stop() == 0
    (listed,) = place.listed()
    assert len(place.draft(listed.draft_id).images) == 5


def test_an_image_that_is_copied_slowly_is_none_until_it_is_whole(tmp_path: Path) -> None:
    """Half a file is no image; when it is whole the draft has it as it is."""
    place = Place(root=tmp_path)
    whole = write_film(tmp_path / "film.dcm").read_bytes()
    put_record(place)
    with running(place) as service:
        with (place.images / "film.dcm").open("wb") as file:
            for start in range(0, len(whole), len(whole) // 3):
                file.write(whole[start : start + len(whole) // 3])
                file.flush()
                time.sleep(0.5)
        service.until("waiting ")
        service.until("draft ")
    assert len(place.listed()) == 1


def test_of_two_watches_of_one_inbox_one_wins(place: Place) -> None:
    """The other one ends with 2 and says why, whichever drafts it was for; nothing is made twice."""
    with running(place) as service:
        for drafts in (place.drafts, place.root / "others"):
            command = (sys.executable, "-m", "hosr", "watch", drafts, "--inbox", place.inbox)
            other = subprocess.run(command, capture_output=True, text=True, check=False)
            assert other.returncode == 2
            assert "is worked off by another `hosr watch`; end that one" in other.stderr
            assert other.stdout == ""
        put_record(place)
        service.until("draft ")
    assert len(place.listed()) == 1
    with running(place):  # the lock has gone with its process
        pass


def test_a_clock_that_jumps_changes_no_draft(place: Place) -> None:
    """A day ahead, a year back: what was quiet is quiet; only an alert may come too early."""
    now = [1.8e9]
    told: list[str] = []
    with (
        Drafts(place.drafts, clock=lambda: now[0]) as drafts,
        Memory(place.drafts, clock=lambda: now[0]) as memory,
    ):
        settings = Settings(
            inbox=place.inbox, images=(place.images,), quiet_s=0.0, patience_s=3600.0, once=True
        )

        def watch() -> list[str]:
            told.clear()
            one = Watch(
                settings,
                drafts,
                memory,
                lambda event: told.append(str(event)),
                open_archive=lambda name: pytest.fail(f"asked {name}"),
            )
            with Inbox(place.inbox).alone():
                one.run(threading.Event())
            return [line.split(" ")[0] for line in told[1:-1]]

        record = record_of(study_instance_uid="1.2.3")
        (place.inbox / "waits.json").write_text(json.dumps(record))
        assert watch() == ["waiting"]
        now[0] += 86_400
        assert watch() == ["waiting", "alert"]
        now[0] -= 365 * 86_400
        put_record(place)
        assert watch() == ["waiting", "waiting"]  # by that clock it was graded in the future
        now[0] += 365 * 86_400
        assert watch() == ["draft", "waiting"]
        write_film(place.images / "b.dcm", SOPInstanceUID=LATER_UID)
        now[0] += 10 * 365 * 86_400
        assert watch() == ["waiting", "newer"]


def test_a_full_disk_costs_nothing_but_time(place: Place) -> None:
    """As long as nothing can be written the result stays in the inbox, which is told; then it is a draft."""
    with running(place):
        pass  # begins the folder of drafts
    put_record(place)
    limit = (  # what SQLite shares between processes, 32 KiB, has room; the log of a change has none
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (36_000, resource.RLIM_INFINITY))"
    )
    with running(place, prelude=limit) as service:
        told = service.until("failed ")
        assert service.stop() == 0
    assert re.search(r"disk|written", told)
    assert place.listed() == ()
    assert place.lying() == ["result.json"]
    with running(place) as service:
        service.until("draft ")
    assert len(place.listed()) == 1


def test_an_inbox_that_is_away_for_a_while_is_waited_for(place: Place) -> None:
    """A share that was unmounted is told of once; the watch goes on when it is back."""
    away = place.root / "away"
    with running(place) as service:
        place.inbox.rename(away)
        service.until("failed ")
        away.rename(place.inbox)
        put_record(place)
        service.until("draft ")


def test_images_that_are_away_for_a_while_are_not_lost(place: Place) -> None:
    """A result waits, and is not refused, while the folder of its images cannot be read."""
    away = place.root / "away"
    with running(place) as service:
        time.sleep(1)
        place.images.rename(away)
        put_record(place)
        time.sleep(1)
        away.rename(place.images)
        service.until("draft ")
    assert place.lying() == ["done/result.json"]


def test_what_it_may_have_died_of_goes_behind_all_others(place: Place) -> None:
    """After three ends in the midst of a result it is told, and others go first; it is tried again later."""
    put_record(place, "a.json")
    die = "import os; import hosr.watch.work as work; work.examine = lambda *_: os._exit(9)"
    for _ in range(3):
        with running(place, prelude=die) as service:
            assert service.process.wait(60) == 9
    with running(place) as service:
        put_record(place, "b.json", accession_number="A-17")
        assert service.until("alert ") == (
            "alert a.json: hosr has ended 3 times while it had this in hand"
        )
        assert service.until("draft ").endswith("b.json")
        assert service.until("draft ").endswith("a.json")


def test_the_log_tells_no_name(place: Place) -> None:
    """`-vv` says what is done by drafts and counts, and nothing that a file or a patient is called."""
    put_record(place, "Muster^Erika.json")
    with running(place, "-vv") as service:
        service.until("draft ")
        put_record(place, "Muster^Erika2.json", patient_id="P-2")
        service.until("refused ")
        service.stop()
    log = (place.root / "stderr.txt").read_text()
    assert re.search(r"INFO hosr\.watch\.\w+: draft [0-9a-f]{16}: ", log)
    assert not re.search(r"Muster|Müller|P-2|P-4711|1\.2\.826", log)
    assert os.fspath(place.root) not in log
