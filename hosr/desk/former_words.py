"""Words of those who had a draft in hand before: shown beside the field that they stood in, with the name.

A comment or conclusion that a person wrote stays in the record when another person changes it, for nobody
may lose it without a word; what a model said leaves it with the model's name. Whichever is gone from the
record is told all the same, as long as the draft is there.
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
    for name, (is_person, words) in left.items():
        for (side, key), text in words.items():
            told.setdefault(
                ((side, key), text),
                {
                    "side": side or None,
                    "key": key,
                    "by": person_name(name),
                    "text": text,
                    "may_take": is_person,
                },
            )
    return list(told.values())


def _words(record: Json) -> Iterator[tuple[_Place, str]]:
    conclusion, hips = record.get("conclusion"), record.get("hips")
    if isinstance(conclusion, str) and conclusion.strip():
        yield ("", "conclusion"), conclusion
    for hip in hips if isinstance(hips, list) else ():
        comment = hip.get("comment") if isinstance(hip, dict) else None
        if isinstance(comment, str) and comment.strip():
            yield (str(hip.get("side")), "comment"), comment


def _observer(record: Json) -> str:
    """Who or what a record is by."""
    observer = record.get("observer")
    told = observer if isinstance(observer, dict) else {}
    return " ".join(str(told[key]) for key in ("name", "version") if told.get(key))
