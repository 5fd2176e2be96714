"""What was met in a table on the way through it: counts, and the words of coded columns alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hosr.intake.registry.mapping import STUDY, is_coded
from hosr.intake.tables.rows import written

if TYPE_CHECKING:
    from hosr.errors import Fault
    from hosr.intake.registry.cells import Cell
    from hosr.intake.registry.mapping import Mapping, Source


_SHOWN_VALUES = 12
_SHOWN_UNKNOWN = 10
_SHOWN_REFUSALS = 20
# A column with more different words than this is not coded; the rest is counted as one.
_MOST_WORDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Rows that became no record, and why."""

    rows: tuple[int, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueReport:
    """A word of a coded column, how often it stands there, and what it becomes."""

    value: str
    count: int
    becomes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnReport:
    """What was read from a column.

    `unknown` lists words that are neither mapped nor words of the record. Words are shown of
    coded columns only, and of these only where some word was understood: a column that was
    mapped by mistake may hold names.
    """

    column: str
    becomes: str
    side: str
    filled: int
    empty: int
    values: tuple[ValueReport, ...]
    more_values: int
    unknown: tuple[ValueReport, ...]
    more_unknown: int
    conversions: dict[str, int]
    assumptions: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import read, made and refused.

    `constants` and `assumed` show the values of coded names only. `refusals` are the first ones;
    `refused_records` counts all. `without_identity` are the records that name neither study, patient,
    accession number nor image; `missing_codes` those with a gap that may be a code for a missing
    value; `left_out` are the rows that [only] does not want.
    """

    rows: int
    records: int
    hips: int
    refused_rows: int
    refused_records: int
    without_images: int
    images_not_found: int
    without_identity: int
    missing_codes: int
    left_out: int
    columns: tuple[ColumnReport, ...]
    constants: dict[str, str]
    assumed: dict[str, dict[str, Any]]
    defaults: tuple[str, ...]
    ignored: tuple[str, ...]
    not_used: tuple[str, ...]
    refusals: tuple[Refusal, ...]


@dataclass(slots=True)
class _Column:
    filled: int = 0
    words: Counter[str] = field(default_factory=Counter)
    meanings: dict[str, str] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    understood: int = 0
    conversions: Counter[str] = field(default_factory=Counter)
    assumptions: Counter[str] = field(default_factory=Counter)


class Survey:
    """The counts of one import, of a size that does not grow with the table."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._columns = {id(source): _Column() for source in mapping.sources}
        self._counted: set[tuple[int, int]] = set()
        self._assumed: Counter[str] = Counter()
        self._refusals: list[Refusal] = []
        self._not_used: tuple[str, ...] = ()
        self._notes: tuple[str, ...] = ()
        self.rows = self.records = self.hips = 0
        self.refused_rows = self.refused_records = 0
        self.without_images = self.images_not_found = self.without_identity = 0
        self.missing_codes = 0
        self.left_out = 0

    def begin(self, header: tuple[str, ...], notes: tuple[str, ...] = ()) -> None:
        """Note which columns are not read, and what was assumed of the file."""
        self._notes = notes
        known = {*self._mapping.columns, *self._mapping.table.ignored}
        self._not_used = tuple(column for column in header if column and column not in known)

    def begin_rows(self, number: int) -> None:
        """Note that so many rows of one name are read."""
        self._counted.clear()
        self.rows += number

    def count(self, source: Source, cell: Cell, row: int) -> None:
        """Note a cell of a row, which several readings may share."""
        if (id(source), row) in self._counted:
            return
        self._counted.add((id(source), row))
        column = self._columns[id(source)]
        column.conversions.update(cell.conversions)
        column.assumptions.update(cell.assumptions)
        if cell.value is None:
            return
        column.filled += 1
        if not is_coded(source.name):
            return
        words = column.unknown if cell.problem else column.words
        column.understood += not cell.problem
        if cell.word in words or len(words) < _MOST_WORDS:
            words[cell.word] += 1
            column.meanings[cell.word] = cell.meaning

    def understands(self, source: Source) -> bool:
        """Whether some word of the column was understood, so that its words may be shown."""
        return self._columns[id(source)].understood > 0

    def assume(self, name: str) -> None:
        """Note that a value of [assumed] was taken."""
        self._assumed[name] += 1

    def refuse(self, refusal: Refusal) -> None:
        """Note a record that was refused; `refused_rows` counts its rows."""
        self.refused_records += 1
        if len(self._refusals) < _SHOWN_REFUSALS:
            self._refusals.append(refusal)

    def report(self) -> ImportReport:
        """What was met so far."""
        mapping = self._mapping
        return ImportReport(
            rows=self.rows,
            records=self.records,
            hips=self.hips,
            refused_rows=self.refused_rows,
            refused_records=self.refused_records,
            without_images=self.without_images,
            images_not_found=self.images_not_found,
            without_identity=self.without_identity,
            missing_codes=self.missing_codes,
            left_out=self.left_out,
            columns=tuple(map(self._column, mapping.sources)),
            constants=dict(_constants(mapping)),
            assumed={
                name: {"value": _shown(name, value), "times": self._assumed[name]}
                for name, value in mapping.assumed.items()
            },
            defaults=(*self._notes, *_defaults(mapping)),
            ignored=mapping.table.ignored,
            not_used=self._not_used,
            refusals=tuple(self._refusals),
        )

    def _column(self, source: Source) -> ColumnReport:
        column = self._columns[id(source)]
        values, more = _most(column.words, column.meanings, _SHOWN_VALUES)
        unknown, more_unknown = _most(column.unknown, {}, _SHOWN_UNKNOWN)
        if not column.understood:
            unknown, more_unknown = (), len(column.unknown)
        return ColumnReport(
            column=" + ".join(source.columns),
            becomes=source.name,
            side=source.side,
            filled=column.filled,
            empty=self.rows - column.filled,
            values=values,
            more_values=more,
            unknown=unknown,
            more_unknown=more_unknown,
            conversions=dict(sorted(column.conversions.items())),
            assumptions=dict(sorted(column.assumptions.items())),
        )


def _constants(mapping: Mapping) -> Iterator[tuple[str, str]]:
    for name, value in mapping.constants.items():
        yield name, _shown(name, value)
    for reading in mapping.readings:
        for name, value in reading.mapping.constants.items():
            if name not in mapping.constants:
                yield f"{name} of {reading.name}", _shown(name, value)


def _defaults(mapping: Mapping) -> Iterator[str]:
    """What a record means by what nothing here fills."""
    filled = {s.name for s in mapping.sources} | {*mapping.constants, *mapping.assumed}
    for name in sorted(name for name in filled if name.endswith(".mm")):
        holder = name.removesuffix(".mm")
        if f"{holder}.plane" not in filled:
            yield f"{name} is in the patient, as nothing says {holder}.plane"
    if mapping.readings and STUDY not in filled:
        yield f"readings of one row are of several studies in a cohort, as nothing says {STUDY}"
    if "evaluable" not in filled:
        yield "every hip is evaluable, as nothing says otherwise"
    if "view" not in filled:
        yield "the view is that of the images, as nothing says view"


def _most(
    words: Counter[str], meanings: dict[str, str], limit: int
) -> tuple[tuple[ValueReport, ...], int]:
    """The most frequent words that can be shown, and how many others there are."""
    ordered = sorted(words.items(), key=lambda item: (-item[1], item[0]))
    shown = [(word, count) for word, count in ordered if word][:limit]
    reports = tuple(
        ValueReport(value=word, count=count, becomes=meanings.get(word, ""))
        for word, count in shown
    )
    return reports, len(ordered) - len(shown)


def _shown(name: str, value: Any) -> str:
    """A value of the mapping, where it is a word of the record."""
    if not is_coded(name):
        return ""
    return "|".join(map(written, value)) if isinstance(value, list) else written(value)
