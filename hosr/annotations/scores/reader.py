"""A file of scores to a source: whose they are, and what they say of each hip."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from hosr.annotations.account import Account
from hosr.annotations.context import Context
from hosr.annotations.json_files import read_json
from hosr.annotations.labels import Labels
from hosr.annotations.scores import json_forms, tables
from hosr.annotations.scores.entries import (
    Entry,
    Maker,
    Named,
    Scored,
    Vector,
    entries_of_study,
)
from hosr.annotations.scores.findings import find_by_scores
from hosr.annotations.scores.vectors import score_hip
from hosr.annotations.sources import Claims, Source
from hosr.findings import Algorithm, Hip, Probabilities
from hosr.intake.record.json_text import refusing_unreadable
from hosr.scales import SCALES
from hosr.vocabulary.terms import Side

Grades = tuple[tuple[str, tuple[str, ...]], ...]


def read(path: Path, context: Context) -> Source:
    """What a file of scores holds, as hips.

    Raises `RecordRefused` where it cannot be read; a fault of a score is kept in the account.
    """
    return read_together([path], context)


def read_together(paths: Sequence[Path], context: Context) -> Source:
    """The same of several files as of one: those of an ensemble that has a file for each member."""
    account, scoring = context.account, context.labels.scoring
    name = ", ".join(dict.fromkeys(path.name for path in paths))
    every = [entry for path in paths for entry in _entries(path, scoring.scale, account)]
    entries = entries_of_study(every, context.images, name, account)
    if every and entries and all(entry.is_empty for entry in entries) and not account.faults:
        remedy = 'name scales and classes: {"right": {"brooker": {"I": 0.2, ...}}}'
        account.blame(name, "holds no scores of a hip", remedy)
    hips, parameters = [], dict[str, str]()
    for side in Side:
        hip, told = _Hip(side, entries, context).read()
        parameters |= told
        hips += [hip] if hip is not None else []
    _blame_sideless(entries, context)
    return Source(
        name=name,
        kind="scores",
        hips=tuple(hips),
        observer=_find_maker(entries or every, name, context.labels, account),
        made_at=_made_at(entries or every),
        claims=_claims(entries),
        parameters=tuple(sorted(parameters.items())),
    )


def _entries(path: Path, scale: str, account: Account) -> list[Entry]:
    with refusing_unreadable(path.name), path.open("rb") as file:
        begun = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if begun in (b"{", b"["):
        return json_forms.read_entries(read_json(path), path.name, scale, account)
    return tables.read_entries(path, scale, account)


class _Hip:
    """One hip of the entries."""

    def __init__(self, side: Side, entries: Sequence[Entry], context: Context) -> None:
        self._side = side
        self._scoring = context.labels.scoring
        self._account = context.account
        self._activation = next((e.activation for e in entries if e.activation), "")
        self._vectors = [v for e in entries for v in e.vectors if self._is_mine(v)]
        self._named = [n for e in entries for n in e.named if self._is_mine(n)]
        self._scored = [s for e in entries for s in e.scored if self._is_mine(s)]

    def _is_mine(self, each: Vector | Named | Scored) -> bool:
        return side_of(each, self._scoring.side) is self._side

    def read(self) -> tuple[Hip | None, dict[str, str]]:
        """What is scored of it, and what the observer shall tell; None where nothing is."""
        found, parameters = find_by_scores(self._scored, self._side, self._scoring, self._account)
        probabilities, told = self._probabilities()
        grades, scores = self._grades()
        if not (found or probabilities or grades):
            return None, {}
        hip = found or Hip(side=self._side)
        named = replace(hip, probabilities=probabilities, source_grades=grades)
        return named, {**parameters, **told, **scores}

    def _probabilities(self) -> tuple[tuple[Probabilities, ...], dict[str, str]]:
        scoring = self._scoring
        if self._activation and not scoring.activation:
            scoring = replace(scoring, activation=self._activation)
        found, parameters = [], dict[str, str]()
        for scale in SCALES:
            vectors = [vector for vector in self._vectors if vector.scale == scale]
            if vectors:
                scored, told = score_hip(vectors, self._side, scoring, self._account)
                parameters |= told
                found += [scored] if scored is not None else []
        return tuple(found), parameters

    def _grades(self) -> tuple[Grades, dict[str, str]]:
        """The grades that the model names, each of a scale once."""
        found: dict[str, Named] = {}
        parameters: dict[str, str] = {}
        for named in self._named:
            first = found.setdefault(named.scale, named)
            title = SCALES[named.scale].title
            if first is named:
                told = "/".join(named.grades)
                self._account.take(named.place, f"{title} {told} of the {self._side} hip")
                if named.score is not None:
                    parameters[f"{self._side}.{named.scale}.score"] = f"{named.score:.10g}"
            elif first.grades != named.grades:
                problem = f"grades the {self._side} hip otherwise than {first.place} by {title}"
                self._account.blame(named.place, problem, "keep one of them")
        return tuple((scale, named.grades) for scale, named in found.items()), parameters


def side_of(each: Vector | Named | Scored, told: str) -> Side | None:
    """The hip that something is of: as the source says, or else as labels.toml does."""
    return each.side or (Side(told) if told else None)


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
        shown = ", ".join(sorted(f"{each.name} {each.version}".strip() for each in makers))
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


def _claims(entries: Sequence[Entry]) -> Claims:
    def first(name: str) -> str:
        return next(filter(None, (getattr(entry.claims, name) for entry in entries)), "")

    return Claims(
        study_instance_uid=first("study_instance_uid"),
        patient_id=first("patient_id"),
        accession_number=first("accession_number"),
    )
