"""A desk that runs, with drafts of the sample studies in it."""

import copy
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hosr.desk.readers import Reader
from hosr.desk.server import Callbacks, Options, serve
from hosr.drafts import Draft, Drafts, NewDraft, Status, judge
from hosr.intake.images import read_images
from hosr.language import language_of
from hosr.templating.sources import Wording

SAMPLES = Path(__file__).resolve().parents[3] / "sample_data"
ROSSI = Reader(name="Rossi^Maria", organization="Example Hospital")
WEBER = Reader(name="Weber^Jan", organization="Example Hospital")
MODEL = {"type": "algorithm", "name": "hip-grader", "version": "2.1.0"}
_STARTED_IN_S = 30.0

Json = dict[str, Any]


def record_of(name: str, **hip: Any) -> Json:
    """The record of a sample, its first hip changed; None leaves a key out."""
    record: Json = json.loads((SAMPLES / name / "record.json").read_text(encoding="utf-8"))
    for key, value in hip.items():
        record["hips"][0][key] = value
        if value is None:
            del record["hips"][0][key]
    return record


def by_model(record: Json) -> Json:
    """The same record as a model's."""
    return {**copy.deepcopy(record), "observer": MODEL}


@dataclass(slots=True, kw_only=True)
class RunningDesk:
    """A desk that answers; `links` are those printed last, by the name of the reader."""

    folder: Path
    links: dict[str, str] = field(default_factory=dict)
    stop: Callable[[], None] = lambda: None

    def draft(self, patient: str) -> Draft:
        """The draft of the patient whose name begins so, as it is kept."""
        with Drafts(self.folder, clock=time.time) as drafts:
            wanted = [each for each in drafts.listed() if patient in each.patient_name]
            return drafts.get(wanted[0].draft_id)

    def statuses(self) -> dict[str, Status]:
        """How each draft stands, by patient."""
        with Drafts(self.folder, clock=time.time) as drafts:
            return {each.patient_name: each.status for each in drafts.listed()}


def fill(folder: Path, records: Sequence[tuple[str, Json]], images: Path = SAMPLES) -> None:
    """Begin a folder of drafts: names of samples, whose images they are on, and records."""
    with Drafts(folder, clock=time.time) as drafts:
        for name, record in records:
            paths = (str(images / name / "images"),)
            judged = judge(record, read_images(list(paths)))
            drafts.add(NewDraft(record=record, images=paths, made_from=("result.json",)), judged)


@contextmanager
def running_desk(
    folder: Path,
    readers: tuple[Reader, ...] = (ROSSI, WEBER),
    *,
    language: str = "en",
    lock_s: float = 600.0,
) -> Iterator[RunningDesk]:
    """The desk of a folder, in a thread of its own, until the block ends."""
    desk = RunningDesk(folder=folder)
    ready, failed = threading.Event(), []

    def begin(stop: Callable[[], None]) -> None:
        desk.stop = stop
        ready.set()

    def link(reader: Reader, address: str) -> None:
        desk.links[reader.name] = address

    def run() -> None:
        wording = Wording(language_of(language))
        options = Options(folder=folder, readers=readers, wording=wording, lock_s=lock_s)
        try:
            serve(options, Callbacks(link=link, told=lambda _: None, ready=begin))
        except Exception as error:  # noqa: BLE001 (told in the thread of the test)
            failed.append(error)
            ready.set()

    thread = threading.Thread(target=run, name="desk", daemon=True)
    thread.start()
    assert ready.wait(_STARTED_IN_S), "the desk did not start"
    if failed:
        raise failed[0]
    try:
        yield desk
    finally:
        desk.stop()
        thread.join(_STARTED_IN_S)
        assert not thread.is_alive(), "the desk did not end"
