"""Scores in a table: a row for each hip, or for each study with columns of both, each told by its name.

| A column such as | holds |
| --- | --- |
| `brooker_0`, `p_brooker_III`, `probabilities.brooker.II` | the score of a class |
| `brooker_ge_II`, `cumulative_brooker_II`, `brooker >= II` | the probability of at least a class |
| `logit_brooker_II` | what an activation makes scores of |
| `brooker`, `della_valle` | the grade that the model names |
| `pelvic_spur`, `p_bridging` | the score of a finding |
| `0`, `I`, `II`, `III`, `IV` | classes, where labels.toml names their `scale` |
| `side`, or `right_brooker_0` | the hip |
| `member`, or several rows of one hip | the members of an ensemble |
| `model`, `version`, `made_at`, `study_instance_uid`, `patient_id`, `accession_number` | what they say |
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hosr.annotations.account import Account
from hosr.annotations.labels import Maker
from hosr.annotations.scores.entries import (
    Entry,
    Named,
    Scored,
    Vector,
    claim_named,
    read_moment,
)
from hosr.annotations.scores.names import (
    NO_FINDINGS,
    ColumnName,
    read_column,
    read_finding,
    read_side,
)
from hosr.annotations.sources import Claims
from hosr.errors import Fault, RecordRefused
from hosr.intake.record.grades import grades_named
from hosr.intake.record.refusal import first_of, listing, quoted
from hosr.intake.tables.reader import read_rows
from hosr.intake.tables.rows import written
from hosr.phrases import several
from hosr.scales import SCALES
from hosr.vocabulary.terms import Side

_SAYS: Mapping[str, tuple[str, ...]] = {
    "side": ("side", "hip", "hip_side", "laterality"),
    "model": ("model", "model_name"),
    "version": ("version", "model_version"),
    "manufacturer": ("manufacturer",),
    "made_at": ("made_at", "graded_at", "created_at"),
    "member": ("member", "fold", "seed"),
    "score": ("score", "confidence"),
}
_MEANS = {name: key for key, names in _SAYS.items() for name in names}
_ONE_EACH = ("side", "study_instance_uid", "patient_id", "accession_number")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_OF_SIDE = re.compile(r"(?:(right|left|r|l)[ _.-])?(?:(?:p|prob|score)[ _.-])?(.*)")


def read_entries(path: Path, scale: str, account: Account) -> list[Entry]:
    """The entries of a table, one a row; `scale` is that of columns that name none, "" for none.

    Raises `RecordRefused` where it is no table, or some of its cells cannot be read.
    """
    table = read_rows(path)
    columns = _Columns(path.name, table.header, scale, account)
    faults: list[Fault] = []
    entries = [columns.entry(row.number, row.cells, faults) for row in table.rows]
    if faults:
        raise RecordRefused(first_of(faults, path.name))
    return entries


class _Columns:
    """What each column holds, once for all rows."""

    def __init__(self, name: str, header: tuple[str, ...], scale: str, account: Account) -> None:
        self._name = name
        self._said: dict[str, list[str]] = {}
        self._scores: dict[str, ColumnName] = {}
        self._findings: dict[str, tuple[str, Side | None]] = {}
        seen: set[str] = set()
        for column in filter(None, header):
            plain = column.strip().casefold()
            found = read_column(column, scale)
            if plain in seen:
                problem = "stands in the header more than once"
                account.blame(f"{name}, column {column}", problem, "keep one of them")
            seen.add(plain)
            meant = _MEANS.get(plain) or claim_named(column)
            if meant:
                self._said.setdefault(meant, []).append(column)
            elif found is not None:
                self._scores[column] = found
            else:
                self._other(column, plain, account)
        if not self._scores and not self._findings:
            account.blame(name, "has no column of scores", _remedy(header))

    def _other(self, column: str, plain: str, account: Account) -> None:
        matched = _OF_SIDE.fullmatch(plain)
        side, rest = (matched[1], matched[2]) if matched else ("", plain)
        finding = read_finding(rest)
        place = f"{self._name}, column {column}"
        if finding is not None:
            self._findings[column] = finding, read_side(side or "")
        elif rest in NO_FINDINGS:
            account.leave(place, "is no finding that a grade is derived from")
        else:
            account.leave(place, "is nothing that hosr knows of scores")

    def entry(self, number: int, cells: Mapping[str, Any], faults: list[Fault]) -> Entry:
        """What one row holds; what of it cannot be read is added to the faults."""
        texts = {column: written(value) for column, value in cells.items()}
        given = {
            key: [texts[column] for column in columns if texts.get(column)]
            for key, columns in self._said.items()
        }
        said = {key: found[0] for key, found in given.items() if found}
        row = _Row(f"{self._name}, row {number}", said, faults)
        row.refuse_several(given, self._said)
        groups: dict[tuple[str, Side | None, bool, bool], list[_Cell]] = {}
        for column in filter(texts.__contains__, self._scores):
            named, cell = self._scores[column], _Cell(column, texts[column])
            if named.grade is None:
                row.add_grade(cell, named)
            else:
                key = (named.scale, named.side, named.grade.is_at_least, named.is_logit)
                groups.setdefault(key, []).append(replace(cell, grade=named.grade.grade))
        for (scale, side, is_at_least, is_logits), found in groups.items():
            row.add_vector(found, scale, side, is_at_least=is_at_least, is_logits=is_logits)
        for column, (name, side) in self._findings.items():
            if column in texts:
                row.add_finding(_Cell(column, texts[column]), name, side)
        return row.entry


@dataclass(frozen=True, slots=True)
class _Cell:
    """A filled cell: its column, its text, and of a score its class."""

    column: str
    text: str
    grade: str = ""


class _Row:
    """One row, as far as it is read."""

    def __init__(self, place: str, said: Mapping[str, str], faults: list[Fault]) -> None:
        self._said = said
        self._faults = faults
        self._side = read_side(said.get("side", ""))
        self.entry = Entry(place=place, vectors=[], named=[], scored=[], **_about(said))
        if said.get("side") and self._side is None:
            self._blame("side", f"is {quoted(said['side'])}", 'write "right" or "left"', "E09")

    def _blame(self, column: str, problem: str, remedy: str, rule: str) -> None:
        place = self.entry.place + (f", column {column}" if column else "")
        self._faults.append(Fault(place, problem, remedy, rule))

    def refuse_several(
        self, given: Mapping[str, Sequence[str]], columns: Mapping[str, Sequence[str]]
    ) -> None:
        """Two columns that say differently of which hip or study a row is."""
        for key in _ONE_EACH:
            said = given.get(key, ())
            read = {read_side(text) for text in said} if key == "side" else set(said)
            if len(read) > 1:
                names = several(map(quoted, columns[key]))
                problem = f"says differently in the columns {names}"
                self._blame("", problem, "keep the one that is right", "")

    def _side_of(self, side: Side | None, column: str) -> Side | None:
        """The hip of a column that names one, else of its row; a fault where these differ."""
        if None not in (side, self._side) and side is not self._side:
            problem = f"is of the {side} hip, in a row of the {self._side}"
            self._blame(column, problem, "leave the side of the row out, or correct it", "E09")
        return side or self._side

    def add_vector(
        self,
        cells: Sequence[_Cell],
        scale: str,
        side: Side | None,
        *,
        is_at_least: bool,
        is_logits: bool,
    ) -> None:
        """The scores of classes that stand in one row."""
        values = [self._number(cell.column, cell.text) for cell in cells]
        grades = [cell.grade for cell in cells]
        if len(set(grades)) < len(grades):
            problem = f"scores a class of {SCALES[scale].title} in two columns"
            self._blame("", problem, "keep one of them", "E14")
        elif None not in values:
            read = [value for value in values if value is not None]
            self.entry.vectors.append(
                Vector(
                    place=self.entry.place,
                    scale=scale,
                    side=self._side_of(side, cells[0].column),
                    values=tuple(zip(grades, (number for number, _ in read), strict=True)),
                    is_at_least=is_at_least,
                    is_logits=is_logits,
                    is_percent=all(is_percent for _, is_percent in read),
                )
            )

    def add_grade(self, cell: _Cell, named: ColumnName) -> None:
        """The grade that the model names."""
        grades = grades_named(cell.text, named.scale)
        if grades is None:
            scale = SCALES[named.scale]
            problem = f"is {quoted(cell.text)}, which is no {scale.title} grade"
            self._blame(cell.column, problem, f"write {listing(scale.grades)}", "E13")
            return
        given = self._number("score", self._said["score"]) if "score" in self._said else None
        self.entry.named.append(
            Named(
                place=self.entry.place,
                scale=named.scale,
                side=self._side_of(named.side, cell.column),
                grades=grades,
                score=given and given[0],
            )
        )

    def add_finding(self, cell: _Cell, name: str, side: Side | None) -> None:
        """The score of a finding."""
        found = self._number(cell.column, cell.text)
        if found is None:
            return
        score = found[0] / 100 if found[1] else found[0]
        if 0 <= score <= 1:
            side = self._side_of(side, cell.column)
            scored = Scored(place=self.entry.place, name=name, side=side, score=score)
            self.entry.scored.append(scored)
        else:
            problem = f"is {score:g}, and no score from 0 to 1"
            self._blame(cell.column, problem, "correct it", "E14")

    def _number(self, column: str, text: str) -> tuple[float, bool] | None:
        """A number, and whether it is written as a percentage."""
        bare = text.strip()
        digits = bare.removesuffix("%").strip()
        if _NUMBER.fullmatch(digits):
            return float(digits), bare.endswith("%")
        with_point = digits.replace(",", ".")
        is_comma = _NUMBER.fullmatch(with_point) is not None
        remedy = f"write {with_point}" if is_comma else "write a number with a decimal point"
        self._blame(column, f"is {quoted(bare)}, not a number", remedy, "E14")
        return None


def _about(said: Mapping[str, str]) -> dict[str, Any]:
    maker = Maker(
        name=said.get("model", ""),
        version=said.get("version", ""),
        manufacturer=said.get("manufacturer", ""),
    )
    claims = Claims(
        study_instance_uid=said.get("study_instance_uid", ""),
        patient_id=said.get("patient_id", ""),
        accession_number=said.get("accession_number", ""),
    )
    return {"maker": maker, "claims": claims, "made_at": read_moment(said.get("made_at", ""))}


def _remedy(header: tuple[str, ...]) -> str:
    classes = {grade.casefold() for scale in SCALES.values() for grade in scale.grades}
    if {column.strip().casefold() for column in header} & classes:
        return 'say whose classes they are: scale = "brooker" in [scores] of labels.toml'
    return "name columns by scale and class, such as brooker_III (`hosr describe scores`)"
