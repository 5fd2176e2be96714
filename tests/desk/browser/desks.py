"""A desk with drafts of the sample studies in it, for readers in a browser."""

import copy
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hosr.desk.readers import Reader
from hosr.drafts import Draft, Drafts, Status
from hosr.language.numbers import person_name
from tests.desk.desks import ROSSI, Running, add_draft, running

SAMPLES = Path(__file__).resolve().parents[3] / "sample_data"
WEBER = Reader(name="Weber^Jan", organization="Example Hospital")
MODEL = {"type": "algorithm", "name": "hip-grader", "version": "2.1.0"}
ACCOUNT = {
    "read": [{"place": "result.json", "words": "a record"}],
    "refused": [{"place": "result.json, left hip", "words": "its outline has no area"}],
    "assumed": [{"place": "result.json", "words": "its outlines are of the only image"}],
}

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


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskOfSamples:
    """A desk that answers, and the folder of its drafts."""

    folder: Path
    running: Running

    def link(self, reader: Reader = ROSSI) -> str:
        """The address that lets a reader in once; that of an onlooker where no reader is named."""
        return self.running.links.get(reader.key) or self.running.links[Reader().key]

    def draft(self, patient: str) -> Draft:
        """The draft of the patient whose name holds these words, as it is kept."""
        with Drafts(self.folder, clock=time.time) as drafts:
            wanted = [each for each in drafts.listed() if patient in each.patient_name]
            return drafts.get(wanted[0].draft_id)

    def statuses(self) -> dict[str, Status]:
        """How each draft stands, by patient."""
        with Drafts(self.folder, clock=time.time) as drafts:
            return {person_name(each.patient_name): each.status for each in drafts.listed()}


@contextmanager
def desk_of(
    folder: Path,
    records: Sequence[tuple[str, Json]],
    readers: Sequence[Reader] = (ROSSI, WEBER),
    **options: Any,
) -> Iterator[DeskOfSamples]:
    """A desk with a draft for each sample named and its record, most of which are the sample's own."""
    for name, record in records:
        images = SAMPLES / name / "images"
        add_draft(folder, record, images, made_from=("result.json",), account=ACCOUNT)
    with running(folder, *readers, **options) as desk:
        yield DeskOfSamples(folder=folder, running=desk)
