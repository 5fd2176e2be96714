"""Kills (-9) at random while results and images land: each result exactly one draft, nothing lost."""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from hosr.drafts import Status
from hosr.outbox import Outbox
from tests.desk.forks import forks
from tests.watch.watching import Place, events_of, record_of, write_film

pytestmark = [pytest.mark.peer, pytest.mark.slow]

KILLS = 30
_STUDIES, _RESULTS = 12, 3
_DOCUMENTS = ("measurement.dcm", "narrative.dcm")
_IMPORTED = ("hosr.annotations.formats", "hosr.cli.watch", "hosr.watch.watch")


def _uid(study: int) -> str:
    return f"1.2.826.0.2.{study}"


def _put_images(place: Place, study: int, count: int) -> None:
    for number in range(1, count + 1):
        path = place.images / f"{study}-{number}.dcm"
        if not path.exists():
            uids = {"StudyInstanceUID": _uid(study), "SOPInstanceUID": f"{_uid(study)}.{number}"}
            write_film(place.root / "whole", **uids).rename(path)


def _put_result(place: Place, study: int, number: int) -> None:
    """A result of a study, one of several that differ; every third one is a folder."""
    record = record_of(study_instance_uid=_uid(study))
    record["hips"][0]["gap"] = {
        "points": [[10, 10], [15 + number, 10]],
        "image": f"{_uid(study)}.1",
    }
    text = json.dumps(record)
    if number % 3:
        hidden = place.inbox / ".hidden"
        hidden.write_text(text)
        hidden.rename(place.inbox / f"{study}-{number}.json")
    else:
        (place.root / "folder").mkdir()
        (place.root / "folder" / "record.json").write_text(text)
        (place.root / "folder").rename(place.inbox / f"{study}-{number}")


def test_kills_cost_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_figures: Callable[[str], None]
) -> None:
    """Thirty kills while results land before and after their images, and images that come later.

    In the end each result lies in `done`, once, and is one draft of all images of its study. A draft that
    was made before a later image came is held, and followed by that one. Each was sent, and that was noted.
    """
    config = tmp_path / "config.toml"
    config.write_text(f'[outbox]\npath = "{tmp_path}/outbox.sqlite"\n')
    monkeypatch.setenv("HOSR_CONFIG", str(config))
    sending = ("--send", f"file://{tmp_path}/shelf")
    place, draw = Place(root=tmp_path), random.Random(14)  # noqa: S311 (when to kill)
    steps: list[Callable[[], None]] = []
    for study in range(_STUDIES):
        first, *others = (partial(_put_result, place, study, n) for n in range(_RESULTS))
        steps += [first, partial(_put_images, place, study, 1), *others]
        steps += [partial(_put_images, place, study, 2)] if study % 2 else []
    errors = tmp_path / "stderr.txt"
    errors.touch()
    killed_in_hand = 0
    with forks(*_IMPORTED) as commands:
        for kill in range(KILLS):
            commands.start(*place.arguments("--quiet", "0.1", *sending), errors=errors)
            due = len(steps) // (KILLS - kill) if steps else 0
            end_s = time.monotonic() + draw.uniform(0.2, 2.7)
            for step in [steps.pop(0) for _ in range(due)]:
                step()
                time.sleep(draw.uniform(0, 0.3))
            time.sleep(max(end_s - time.monotonic(), 0))
            commands.kill()
            commands.wait()
            taken = place.inbox / ".taken"
            killed_in_hand += taken.is_dir() and any(taken.iterdir())
    assert not steps
    assert errors.read_bytes() == b""
    last = place.once(*sending)
    assert not [line for line in events_of(last) if line.startswith(("refused", "failed", "alert"))]
    record_figures(f"{KILLS} kills of hosr watch, {killed_in_hand} with a result in hand")
    _check_all_there(place)
    _check_all_sent(place, tmp_path / "outbox.sqlite")


def _check_all_sent(place: Place, path: Path) -> None:
    """What is noted of each draft is in the outbox, and nothing else that is a measurement report."""
    drafts = [place.draft(each.draft_id) for each in place.listed()]
    noted = Counter(
        each.sop_instance_uid for draft in drafts for sent in draft.sent for each in sent.documents
    )
    with Outbox(path, clock=time.time, random=random.SystemRandom()) as outbox:
        put = {entry.key for entry in outbox.entries() if entry.name in _DOCUMENTS}
    assert set(noted) == put
    assert set(noted.values()) == {1}
    follow = {draft.draft_id: draft.follows for draft in drafts}
    of = {draft.draft_id: draft.sent for draft in drafts}
    assert all(len(sent) == 1 for sent in of.values())
    for draft_id, former in follow.items():
        assert of[draft_id][0].follows == (of[former][0].documents if former else ())


def _check_all_there(place: Place) -> None:
    names = {
        f"{s}-{n}" + (".json" if n % 3 else "") for s in range(_STUDIES) for n in range(_RESULTS)
    }
    assert {path.name for path in (place.inbox / "done").iterdir()} == names
    assert not any((place.inbox / "refused").iterdir())
    assert not any((place.inbox / ".taken").iterdir())
    listed = place.listed()
    drafts = [place.draft(each.draft_id) for each in listed]
    current = [draft for draft in drafts if draft.status is Status.WAITING]
    made = Counter(json.dumps(draft.original, sort_keys=True) for draft in current)
    assert sorted(made.values()) == [1] * (_STUDIES * _RESULTS)
    for draft in current:
        study = int(draft.record["study"]["study_instance_uid"].rsplit(".", 1)[1])
        assert len(draft.images) == 1 + study % 2
    followed = {draft.follows for draft in drafts if draft.follows}
    assert {draft.draft_id for draft in drafts if draft.status is Status.HELD} == followed
    with closing(sqlite3.connect(place.drafts / "watch.sqlite")) as memory:
        assert memory.execute("SELECT count(*) FROM made WHERE draft = ''").fetchone() == (0,)
