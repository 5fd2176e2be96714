"""A row whose record is imported: sources of other makers in place of a record, as `hosr import` reads them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hosr.annotations.account import Account, Option, OptionNames
from hosr.batch.places import as_local, is_url, local_images, remote_fingerprint
from hosr.errors import Fault, HosrError, RecordRefused
from hosr.identity import is_usable_uid
from hosr.intake.images import NamedStudies, Note
from hosr.intake.matching import UNNAMED
from hosr.intake.record.json_text import refuse_file
from hosr.intake.tables.rows import written
from hosr.pipeline import make_report

if TYPE_CHECKING:
    from hosr.annotations.authorship import Author
    from hosr.annotations.context import Context
    from hosr.annotations.labels import Labels
    from hosr.annotations.sources import Source
    from hosr.annotations.viewers.predecessors import Predecessor
    from hosr.batch.values import Settings
    from hosr.intake.images import SourceImages
    from hosr.pipeline import Outcome

SOURCE = "source"
_STUDY = "study_instance_uid"
# The report of hosr that a viewer redrew: no earlier one to compare with, which a row has none of.
REDRAWN = "redrawn"
OPTIONS = ("labels", REDRAWN, _STUDY, "as", "organization", "at", "timezone")
KEYS = (SOURCE, *OPTIONS)
_OF_TABLE = f"study.{_STUDY}"
_PATHS = 'write "path" or ["path", ...]'
_TIME = "write 2026-03-02T11:20:00+01:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """Where the sources of a row are, what their labels mean, of which study, and who drew them, when.

    `redrawn` is the report of hosr that they were drawn over: its folder, or its measurement.dcm.
    `options` are the keys of the row, as faults of the sources name them.
    """

    paths: tuple[str, ...]
    options: OptionNames
    labels: str = ""
    redrawn: str = ""
    study_instance_uid: str = ""
    name: str = ""
    organization: str = ""
    at: dt.datetime | None = None
    timezone: str = ""

    @property
    def named(self) -> NamedStudies:
        """The study that is meant, where images of several are given."""
        uids = filter(None, [self.study_instance_uid])
        return NamedStudies(study_instance_uids=frozenset(uids))

    def report(self, images: SourceImages, settings: Settings) -> Outcome:
        """The report of what the sources say on the images, with what was not used and what was assumed.

        Raises
        ------
        RecordRefused, ImagesRefused, DocumentRefused, UsageError
            With every fault of the sources; where the settings require identity, also for sources that do
            not say whose they are.
        """
        from hosr.annotations.context import Context
        from hosr.annotations.labels import Labels
        from hosr.annotations.records import import_read

        places = (*self.paths, *filter(None, [self.labels, self.redrawn]))
        with local_images(places, settings.base) as local:
            for path in local:
                _require_file(path)
            labels = _read_labels(local[len(self.paths)]) if self.labels else Labels()
            account = Account(options=self.options)
            context = Context(labels=labels, images=images, account=account, now=settings.now)
            sources, before = self._read(local, context)
        imported = import_read(sources, context, self._author(), before)
        named = bool(self.study_instance_uid) or any(map(_says_whose, sources))
        if settings.require_identity and not named:
            remedy = 'add "study_instance_uid" to the row, or let it be with --no-require-identity'
            raise RecordRefused(Fault(self.paths[0].rsplit("/", 1)[-1], UNNAMED, remedy))
        record = imported.record
        if self.study_instance_uid:
            record = replace(record, study_instance_uid=self.study_instance_uid)
        outcome = make_report(record, images)
        unnamed = () if named else (Note(path="$.source", problem=UNNAMED),)
        return replace(outcome, notes=(*outcome.notes, *unnamed, *_told(imported.account)))

    def _read(
        self, local: Sequence[Path], context: Context
    ) -> tuple[list[Source], Predecessor | None]:
        """The sources, and the report that was redrawn; where both are refused, with the faults of both."""
        from hosr.annotations.records import read_sources

        sources: list[Source] = []
        before: Predecessor | None = None
        refused: list[HosrError] = []
        try:
            sources = read_sources(local[: len(self.paths)], context)
        except HosrError as error:
            refused.append(error)
        try:
            before = _read_redrawn(self.redrawn, local[-1]) if self.redrawn else None
        except HosrError as error:
            refused.append(error)
        if refused:
            raise type(refused[0])([fault for error in refused for fault in error.faults])
        return sources, before

    def _author(self) -> Author:
        from hosr.annotations.authorship import Author
        from hosr.findings import Person

        person = Person(name=self.name, organization=self.organization) if self.name else None
        zone = ZoneInfo(self.timezone) if self.timezone else None
        return Author(person=person, at=self.at, timezone=zone)

    def fingerprint(self, base: Path) -> list[list[str]]:
        """The bytes of the sources, of what their readers find beside them, and of what they rest on.

        A report that was redrawn stays the same input when a person signs it.
        """
        said = [_digest(text, base) for text in (*self.paths, self.labels) if text]
        if not self.redrawn:
            return said
        from hosr.lifecycle.succession import SUCCESSOR

        return [*said, _digest(self.redrawn, base, SUCCESSOR)]


def _require_file(path: Path) -> None:
    """Refuse a pipe or a device, on which a row could wait for ever."""
    if path.is_fifo() or path.is_char_device():
        raise refuse_file(path.name, "is a pipe or a device", "name a file")


def _read_redrawn(text: str, path: Path) -> Predecessor:
    """The report that was redrawn; its faults name it as the row does."""
    from hosr.lifecycle.drawings import read_predecessor

    name = text.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1] if is_url(text) else text
    if is_url(text) and path.is_dir():
        raise RecordRefused(Fault(name, "is a folder of a store", "name the measurement.dcm in it"))
    try:
        return read_predecessor(path)
    except HosrError as error:
        faults = [replace(each, path=each.path.replace(str(path), name)) for each in error.faults]
        raise type(error)(faults) from error


def _read_labels(path: Path) -> Labels:
    from hosr.annotations.labels import read_labels

    return read_labels(path)


def _says_whose(source: Source) -> bool:
    """Whether a source says of which study it is, or is held against the images by its voxels."""
    from hosr.annotations.sources import VoxelGrid

    claims = source.claims
    said = claims.study_instance_uid or claims.patient_id or claims.accession_number
    return bool(said) or any(isinstance(mask.grid, VoxelGrid) for mask in source.masks)


def _told(account: Account) -> Iterator[Note]:
    """What an import tells of what went into no record, and of what no source says."""
    for entry in account.refused:
        yield Note(path=entry.place, problem=f"not used: {entry.words}")
    for entry in account.assumed:
        yield Note(path=entry.place, problem=f"assumed: {entry.words}")


def _digest(text: str, base: Path, but: str = "") -> list[str]:
    from hosr.annotations.sidecars import files_beside

    if is_url(text):
        return remote_fingerprint(text)
    path = base / as_local(text)
    try:
        files = (
            sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        )
        read = dict.fromkeys((*files, *(each for file in files for each in files_beside(file))))
        return [f"{each.name} {_sha256(each)}" for each in read if each.name != but]
    except (OSError, ValueError):
        return ["unreadable"]


def _sha256(path: Path) -> str:
    if path.is_fifo() or path.is_char_device():
        return "unreadable"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_sourced(
    said: Mapping[str, Any], place_of: Callable[[str], str]
) -> tuple[Sourced | None, list[Fault]]:
    """What a row says of its sources, or what is wrong with it; `place_of` a key is where it stands."""
    faults: list[Fault] = []
    given = said.get(SOURCE)
    paths = [given] if isinstance(given, str) else given
    if not isinstance(paths, list) or not paths or not all(_is_text(path) for path in paths):
        problem = "is no path, and no list of paths"
        faults.append(Fault(place_of(SOURCE), problem, _PATHS))
    texts = {key: said[key] for key in OPTIONS if said.get(key) is not None}
    for key, value in texts.items():
        if not _is_text(value):
            faults.append(Fault(place_of(key), "is no text", "write it in quotes, or leave it out"))
    if texts.get("organization") and not texts.get("as"):
        remedy = 'name the person with "as"'
        faults.append(Fault(place_of("organization"), "is that of a person", remedy))
    faults += _time_faults(texts, place_of)
    if _is_text(texts.get(_STUDY)) and not is_usable_uid(texts[_STUDY]):
        faults.append(Fault(place_of(_STUDY), "is no UID", "write the Study Instance UID"))
    if faults:
        return None, faults
    sourced = Sourced(
        paths=tuple(paths or ()),
        options=_keys_of(place_of),
        labels=texts.get("labels", ""),
        redrawn=texts.get(REDRAWN, ""),
        study_instance_uid=texts.get(_STUDY, ""),
        name=texts.get("as", ""),
        organization=texts.get("organization", ""),
        at=dt.datetime.fromisoformat(texts["at"]) if "at" in texts else None,
        timezone=texts.get("timezone", ""),
    )
    return sourced, []


def _keys_of(place_of: Callable[[str], str]) -> OptionNames:
    """What faults of sources call what a row may say beside them: its own keys."""

    def option(key: str) -> Option:
        return Option(f'"{key}"', place_of(key))

    return OptionNames(
        person=option("as"),
        at=option("at"),
        timezone=option("timezone"),
        labels=option("labels"),
        images=option("images"),
        prior=option(REDRAWN),
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _time_faults(texts: Mapping[str, Any], place_of: Callable[[str], str]) -> Iterator[Fault]:
    at, zone = texts.get("at"), texts.get("timezone")
    if isinstance(at, str):
        try:
            offset = dt.datetime.fromisoformat(at).utcoffset()
        except ValueError:
            yield Fault(place_of("at"), "is no time", _TIME)
        else:
            if offset is None or offset % dt.timedelta(minutes=1):
                yield Fault(place_of("at"), "has no offset from UTC in whole minutes", _TIME)
    if isinstance(zone, str):
        try:
            ZoneInfo(zone)
        except Exception:  # noqa: BLE001 (ZoneInfo raises OSError, ValueError, TypeError, KeyError)
            remedy = "write Europe/Berlin or UTC, for example"
            yield Fault(place_of("timezone"), "is no time zone of the IANA list", remedy)


def listed(cell: Any) -> list[str]:
    """The paths of a cell: a list of a typed table, or parted by a bar."""
    parts = cell if isinstance(cell, list) else str(cell or "").split("|")
    return [str(part).strip() for part in parts]


def read_sourced_rows(
    rows: Sequence[Mapping[str, Any]], numbers: Sequence[int], allowed: frozenset[str]
) -> tuple[Sourced | None, list[Fault]]:
    """The same of the rows of a table, of which there must be one, with nothing else filled in."""
    cells, number = rows[0], numbers[0]

    def place_of(key: str) -> str:
        return f"row {number}, column {key}"

    faults = [
        Fault(
            place_of(column), "is filled in beside a source", "leave it empty: the source says it"
        )
        for column in cells
        if column not in allowed and column not in KEYS
    ]
    if len(rows) > 1:
        problem = "is one row too many for its record"
        faults.append(Fault(f"row {numbers[1]}", problem, "a source is of both hips: one row"))
    said: dict[str, Any] = {key: written(cells[key]) for key in OPTIONS if key in cells}
    if _OF_TABLE in cells:
        said[_STUDY] = written(cells[_OF_TABLE])
    said[SOURCE] = listed(cells.get(SOURCE))
    sourced, wrong = read_sourced(said, place_of)
    return (None if faults else sourced), [*faults, *wrong]
