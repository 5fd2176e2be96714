r"""`labels.toml`: what the labels of a source stand for, as whoever trained the model says it.

No public model of heterotopic ossification exists whose names could be taken for granted, so a
label means what this file says, and nothing else:

    schema_version = "1.0"
    preset = "totalsegmentator-2"       # optional: the labels of a known program, by name

    [observer]                          # optional: else what the source says of its maker
    name = "HipSeg"
    version = "2.1"
    manufacturer = "Example AG"
    boundary_sd_mm = 0.5                # how far its surfaces are off, as its card says

    [labels]                            # the name of a label, or its number, and its role
    HO = "ossification"
    hip_right = { role = "pelvis", side = "right" }
    head = { role = "calibration", side = "right", true_mm = 32 }

    [record]                            # optional: what no source says and the record shall
    view = "ct"                         # `view` and `context` of a record

    [pictures]                          # optional: pictures that are not their image, pixel by pixel
    size = [640, 640]                   # see `hosr describe pictures`

    [scores]                            # optional: what of scores is done only by name
    ensemble = "mean"                   # see `hosr describe scores`

Names are compared exactly, apart from blanks around them and how accents are composed. A number is
asked for where no name fits, and never in a preset: numbers move between versions of a program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.annotations.pictures.settings import KEYS as OF_PICTURES
from hosr.annotations.pictures.settings import Pictures, read_pictures
from hosr.annotations.presets import PRESETS
from hosr.annotations.roles import Meaning, Role
from hosr.annotations.scores.settings import KEYS as OF_SCORES
from hosr.annotations.scores.settings import Scoring, read_scoring
from hosr.errors import Fault, UsageError
from hosr.intake.record.json_text import read_bytes
from hosr.intake.record.refusal import first_of, listing, nearest_first, quoted
from hosr.intake.tables.rows import normalized
from hosr.toml import MAX_TOML_BYTES, parse_toml
from hosr.vocabulary.terms import Side

if TYPE_CHECKING:
    from hosr.annotations.sources import Label

SCHEMA_VERSION = "1.0"

_MAX_LABELS = 1000
_DIGITS = 16
_SECTIONS = ("schema_version", "preset", "observer", "labels", "record", "pictures", "scores")
_OF_OBSERVER = ("name", "version", "manufacturer", "device_uid", "boundary_sd_mm", "parameters")
_OF_LABEL = ("role", "side", "true_mm")
_OF_RECORD = ("view", "context")

# Surfaces that are off by more than a centimetre are no surfaces of a space of one.
_MOST_SD_MM = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """The model as its users know it; "" and None where the file does not say."""

    name: str = ""
    version: str = ""
    manufacturer: str = ""
    device_uid: str = ""
    boundary_sd_mm: float | None = None
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What labels stand for. Without a file nothing has a meaning, and everything is listed.

    `record` holds values of a record as JSON has them; `digest` begins the SHA-256 of the file.
    """

    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    preset: str = ""
    maker: Maker = Maker()
    record: Mapping[str, Any] = field(default_factory=dict)
    pictures: Pictures = field(default_factory=Pictures)
    scoring: Scoring = field(default_factory=Scoring)
    name: str = "labels.toml"
    digest: str = ""

    def meaning_of(self, label: Label) -> Meaning | None:
        """What a label stands for; None where nobody says it."""
        key = self._key_of(label)
        if key is not None:
            return self.meanings[key]
        return PRESETS[self.preset].get(label.name) if self.preset else None

    def role_of(self, label: Label) -> Role | None:
        """The role of a label; None where nobody gives it one."""
        meaning = self.meaning_of(label)
        return None if meaning is None else meaning.role

    def takes(self, label: Label) -> bool:
        """Whether a label has a role, and one that is not to be left out."""
        return self.role_of(label) not in (None, Role.IGNORE)

    def unmatched(self, seen: Iterable[Label]) -> tuple[str, ...]:
        """The keys of the file that no label of the sources has; those of a preset are no claim."""
        used = {self._key_of(label) for label in seen}
        return tuple(key for key in self.meanings if key not in used)

    def _key_of(self, label: Label) -> str | None:
        names = [normalized(label.name.strip())] if label.name else []
        numbers = [] if label.number is None else [str(label.number)]
        return next((key for key in (*names, *numbers) if key in self.meanings), None)


def read_labels(path: Path) -> Labels:
    """The labels in a TOML file.

    Raises `UsageError` with every fault of the file, and `RecordRefused` where it cannot be read.
    """
    content = read_bytes(path, MAX_TOML_BYTES)
    return replace(parse_labels(content, path.name), digest=sha256(content).hexdigest()[:_DIGITS])


def parse_labels(content: bytes | str, name: str = "labels.toml") -> Labels:
    """The labels that a TOML document holds; `name` stands for it in its faults."""
    reader = _Reader(name, parse_toml(content, name))
    labels = reader.labels()
    if reader.faults:
        raise UsageError(first_of(reader.faults, name))
    return labels


class _Reader:
    """The sections of one document, and the faults found so far."""

    def __init__(self, name: str, document: dict[str, Any]) -> None:
        self._name = name
        self._document = document
        self.faults: list[Fault] = []

    def _blame(self, place: str, problem: str, remedy: str = "") -> None:
        self.faults.append(Fault(f"{self._name}, {place}", problem, remedy))

    def labels(self) -> Labels:
        self._check_keys("", self._document, _SECTIONS)
        if self._document.get("schema_version") != SCHEMA_VERSION:
            shown = "is missing" if "schema_version" not in self._document else "is unknown"
            self._blame("schema_version", shown, f'write schema_version = "{SCHEMA_VERSION}"')
        return Labels(
            meanings=dict(self._meanings()),
            preset=self._preset(),
            maker=self._maker(),
            record=self._record(),
            pictures=self._pictures(),
            scoring=self._scoring(),
            name=self._name,
        )

    def _section(self, key: str) -> dict[str, Any]:
        section = self._document.get(key, {})
        if isinstance(section, dict):
            return section
        self._blame(key, "is not a section", f"write it as [{key}]")
        return {}

    def _check_keys(self, place: str, section: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in section:
            if key not in known:
                near = listing(nearest_first(key, known)[:3])
                self._blame(f"{place} {key}".strip(), "is an unknown key", f"write {near}")

    def _preset(self) -> str:
        preset = self._document.get("preset", "")
        if preset == "" or preset in PRESETS:
            return str(preset)
        self._blame("preset", "is unknown", f"write {listing(tuple(PRESETS))}")
        return ""

    def _meanings(self) -> Iterator[tuple[str, Meaning]]:
        section = self._section("labels")
        if len(section) > _MAX_LABELS:
            self._blame("[labels]", f"has more than {_MAX_LABELS} labels", "keep those with a role")
            return
        seen: set[str] = set()
        for written, value in section.items():
            key, place = normalized(written.strip()), f"[labels] {quoted(written)}"
            if key in seen:
                self._blame(place, "is given more than once", "keep one of them")
            seen.add(key)
            meaning = self._meaning(place, value)
            if meaning is not None:
                yield key, meaning

    def _meaning(self, place: str, value: Any) -> Meaning | None:
        said = {"role": value} if isinstance(value, str) else value
        if not isinstance(said, dict):
            self._blame(place, "is no role", 'write "ossification", or { role = ..., side = ... }')
            return None
        self._check_keys(place, said, _OF_LABEL)
        role = self._word(f"{place} role", said.get("role"), Role)
        if role is None:
            return None
        side = self._word(f"{place} side", said["side"], Side) if "side" in said else None
        return Meaning(role=role, side=side, true_mm=self._true_mm(place, role, said))

    def _word(self, place: str, value: Any, terms: type[Role | Side]) -> Any:
        words = [term.value for term in terms]
        if isinstance(value, str) and value in words:
            return terms(value)
        if value is None:
            problem = "is missing"
        else:
            problem = f"is {quoted(value)}" if isinstance(value, str) else "is no word"
        near = nearest_first(value, words)[:3] if isinstance(value, str) else words
        self._blame(place, problem, f"write {listing(near)}")
        return None

    def _true_mm(self, place: str, role: Role, said: Mapping[str, Any]) -> float | None:
        if role is not Role.CALIBRATION:
            if "true_mm" in said:
                self._blame(f"{place} true_mm", "belongs to a calibration object", "leave it out")
            return None
        if "true_mm" not in said:
            remedy = "give the true size of the object in mm: true_mm = 32"
            self._blame(place, "is a calibration object of no known size", remedy)
            return None
        return self._number(f"{place} true_mm", said["true_mm"], 1.0, 500.0)

    def _number(self, place: str, value: Any, least: float, most: float) -> float | None:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and least <= value <= most:
            return float(value)
        self._blame(place, "is no such number", f"write one from {least:g} to {most:g}")
        return None

    def _maker(self) -> Maker:
        section = self._section("observer")
        self._check_keys("[observer]", section, _OF_OBSERVER)
        words = {
            key: self._text(f"[observer] {key}", section[key])
            for key in ("name", "version", "manufacturer", "device_uid")
            if key in section
        }
        sd_mm = None
        if "boundary_sd_mm" in section:
            given = section["boundary_sd_mm"]
            sd_mm = self._number("[observer] boundary_sd_mm", given, 0.0, _MOST_SD_MM)
        return Maker(**words, boundary_sd_mm=sd_mm, parameters=self._parameters(section))

    def _parameters(self, section: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        given = section.get("parameters", {})
        if not isinstance(given, dict):
            self._blame("[observer] parameters", "is no table", 'write { threshold = "0.5" }')
            return ()
        found = []
        for key, value in given.items():
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                found.append((key, str(value)))
            else:
                self._blame(
                    f"[observer] parameters {key}", "is no text or number", "write it as one"
                )
        return tuple(sorted(found))

    def _text(self, place: str, value: Any) -> str:
        if isinstance(value, str) and value.strip() and value.isprintable():
            return value.strip()
        self._blame(place, "is no text of one line", "write it in quotes")
        return ""

    def _pictures(self) -> Pictures:
        section = self._section("pictures")
        self._check_keys("[pictures]", section, OF_PICTURES)

        def blame(key: str, problem: str, remedy: str) -> None:
            self._blame(f"[pictures] {key}", problem, remedy)

        return read_pictures(section, blame)

    def _scoring(self) -> Scoring:
        section = self._section("scores")
        self._check_keys("[scores]", section, OF_SCORES)
        return read_scoring(section, self._blame)

    def _record(self) -> dict[str, Any]:
        section = self._section("record")
        self._check_keys("[record]", section, _OF_RECORD)
        return {key: section[key] for key in _OF_RECORD if key in section}
