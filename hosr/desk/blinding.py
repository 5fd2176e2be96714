"""Reading blind: what a model found is kept from view until the reader's own reading is there.

Shown of the record is what the clinic knows: whose study, which view, why it was made. The reader's own
reading is there once it could be signed; until then it is kept beside the model's, and both stay in the
history of the draft. The first reading of a person is that of the last revision before the unblinding.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hosr.desk.authorship import is_by_person

if TYPE_CHECKING:
    from hosr.desk.readers import Reader
    from hosr.drafts import Draft, Entry

Json = dict[str, Any]

_KNOWN_BEFORE = ("schema_version", "study", "context", "view", "overrides")


def blank_record(original: Json, reader: Reader, at: dt.datetime) -> Json:
    """The record of a reader who has not said anything yet."""
    hips = original.get("hips")
    sides = [hip.get("side") for hip in hips or () if isinstance(hip, dict)]
    observer = {"type": "person", "name": reader.name, "organization": reader.organization}
    return {
        **{key: original[key] for key in _KNOWN_BEFORE if key in original},
        "graded_at": at.replace(microsecond=0).isoformat(),
        "observer": {key: value for key, value in observer.items() if value},
        "hips": [{"side": side, "evaluable": True} for side in sides],
    }


def is_to_be_blind(draft: Draft) -> bool:
    """Whether there is something in a draft that a reader should not see first."""
    return not is_by_person(draft.original)


def find_first_reading(entries: Sequence[Entry]) -> Entry | None:
    """The revision with the first whole reading of a person; None where there is none."""
    raise NotImplementedError(entries)
