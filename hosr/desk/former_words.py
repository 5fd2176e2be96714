"""Words of those who had a draft in hand before: shown beside the field that they stood in, with the name.

What a person wrote stays in the record when another person changes it, for nobody may lose it without a
word; what a model said leaves it with the model's name. Whichever is gone from the record is told all the
same, as long as the draft is there. Why the patient was imaged and what is still to be done came with a
model's record, and is nothing that it found: that is told only once it is gone, and may be put back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from hosr.desk.authorship import is_by_person
from hosr.language.numbers import person_name

if TYPE_CHECKING:
    from hosr.desk.readers import Reader
    from hosr.drafts import Entry

Json = dict[str, Any]
_Place = tuple[str, str]  # a side, or "" for the whole record, and a key

_OF_HIP = ("comment", "not_evaluable_reason")
_OF_RECORD = ("conclusion", "incomplete")
_FOUND = ("comment", "conclusion", "not_evaluable_reason")


def former_words(runs: Sequence[Entry], reader: Reader) -> list[Json]:
    """What others wrote, as they left it, the first writer of the same words alone.

    `runs` are the last entries of each who changed a draft, oldest first. Words of the reader are told
    where another one changed the draft after them.
    """
    left: dict[str, tuple[bool, dict[_Place, str]]] = {}
    for entry in runs:
        is_person = bool(entry.by) or is_by_person(entry.record)
        left[entry.by or _observer(entry.record)] = (is_person, dict(_words(entry.record)))
    if runs and reader.is_called(runs[-1].by):
        left.pop(runs[-1].by, None)
    told: dict[tuple[_Place, str], Json] = {}
    persons: dict[tuple[_Place, str], bool] = {}
    for name, (is_person, words) in left.items():
        for (side, key), text in words.items():
            persons.setdefault(((side, key), text), is_person)
            told.setdefault(
                ((side, key), text),
                {
                    "side": side or None,
                    "key": key,
                    "by": person_name(name),
                    "text": text,
                    "may_take": is_person or key not in _FOUND,
                },
            )
    standing = dict(_words(runs[-1].record)) if runs else {}
    return [
        told[place, text]
        for place, text in told
        if place[1] in _FOUND or persons[place, text] or standing.get(place) != text
    ]


def _words(record: Json) -> Iterator[tuple[_Place, str]]:
    """Every text of a record that a person may have written, by where it stands."""
    context, hips = record.get("context"), record.get("hips")
    held = [("", key, record) for key in _OF_RECORD]
    held += [("", "indication", context)] if isinstance(context, dict) else []
    for hip in hips if isinstance(hips, list) else ():
        if isinstance(hip, dict):
            held += [(str(hip.get("side")), key, hip) for key in _OF_HIP]
    for side, key, values in held:
        text = values.get(key)
        if isinstance(text, str) and text.strip():
            yield (side, key), text


def _observer(record: Json) -> str:
    """Who or what a record is by."""
    observer = record.get("observer")
    told = observer if isinstance(observer, dict) else {}
    return " ".join(str(told[key]) for key in ("name", "version") if told.get(key))
