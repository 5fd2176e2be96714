"""A file of scores to a source: whose they are, and what they say of each hip."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from hosr.annotations.account import Account
from hosr.annotations.context import Context
from hosr.annotations.json_files import read_json
from hosr.annotations.labels import Labels, Maker
from hosr.annotations.scores import json_forms, tables
from hosr.annotations.scores.entries import (
    Entry,
    Named,
    Scored,
    Vector,
    entries_of_study,
    side_of,
)
from hosr.annotations.scores.hips import find_hip
from hosr.annotations.sources import Source, first_claims
from hosr.findings import Algorithm
from hosr.intake.record.json_text import refusing_unreadable
from hosr.phrases import several
from hosr.vocabulary.terms import Side


def read(path: Path, context: Context) -> Source:
    """What a file of scores holds, as hips.

    Raises `RecordRefused` where it cannot be read; a fault of a score is kept in the account.
    """
    return read_together([path], context)


def read_together(paths: Sequence[Path], context: Context) -> Source:
    """The same of several files as of one: those of an ensemble that has a file for each member."""
    account, scoring = context.account, context.labels.scoring
    name = several(dict.fromkeys(path.name for path in paths), ",")
    every = [entry for path in paths for entry in _entries(path, scoring.scale, account)]
    entries = entries_of_study(every, context.images, name, account)
    if every and entries and all(entry.is_empty for entry in entries) and not account.faults:
        remedy = 'name scales and classes: {"right": {"brooker": {"I": 0.2, ...}}}'
        account.blame(name, "holds no scores of a hip", remedy)
    hips, parameters = [], dict[str, str]()
    for side in Side:
        hip, told = find_hip(side, entries, context)
        parameters |= told
        hips += [hip] if hip is not None else []
    _blame_sideless(entries, context)
    return Source(
        name=name,
        kind="scores",
        hips=tuple(hips),
        observer=_find_maker(entries or every, name, context.labels, account),
        made_at=_made_at(entries or every),
        claims=first_claims(entry.claims for entry in entries),
        parameters=tuple(sorted(parameters.items())),
    )


def _entries(path: Path, scale: str, account: Account) -> list[Entry]:
    with refusing_unreadable(path.name), path.open("rb") as file:
        begun = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if begun in (b"{", b"["):
        return json_forms.read_entries(read_json(path), path.name, scale, account)
    return tables.read_entries(path, scale, account)


def _blame_sideless(entries: Sequence[Entry], context: Context) -> None:
    for each in _every(entries):
        if side_of(each, context.labels.scoring.side) is None:
            remedy = (
                'say "side": "right" or "left" there, or side = "right" in [scores] of labels.toml'
            )
            context.account.blame(each.place, "does not say of which hip it is", remedy, "E09")


def _every(entries: Sequence[Entry]) -> Iterator[Vector | Named | Scored]:
    for entry in entries:
        yield from entry.vectors
        yield from entry.named
        yield from entry.scored


def _find_maker(
    entries: Sequence[Entry], name: str, labels: Labels, account: Account
) -> Algorithm | None:
    """The model that the source names; None where it names none, or not which version."""
    makers = {entry.maker for entry in entries if entry.maker.name}
    if not makers:
        return None
    if len(makers) > 1:
        shown = several(sorted(f"{each.name} {each.version}".strip() for each in makers), ",")
        remedy = "import them apart; members of an ensemble are one model"
        account.blame(name, f"holds scores of several models: {shown}", remedy)
        return None
    (maker,) = makers
    if not maker.version and not _knows_version(labels, maker):
        remedy = f"write it there, or as version in [observer] of {labels.name}"
        account.blame(name, f"names the model {maker.name} without its version", remedy)
        return None
    return Algorithm(name=maker.name, version=maker.version, manufacturer=maker.manufacturer)


def _knows_version(labels: Labels, maker: Maker) -> bool:
    return bool(labels.maker.name and labels.maker.version and maker.name)


def _made_at(entries: Sequence[Entry]) -> dt.datetime | None:
    """The newest time; one without an offset from UTC only where no other is said."""
    said = [entry.made_at for entry in entries if entry.made_at is not None]
    aware = [moment for moment in said if moment.utcoffset() is not None]
    return max(aware or said, default=None)
