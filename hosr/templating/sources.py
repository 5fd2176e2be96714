"""The texts of templates: those shipped, those of a department's own folder, and what is odd in it.

In which words a report is told: the language, and whose templates.
"""

from __future__ import annotations

import re
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hosr.errors import Fault, TemplateRefused
from hosr.language import ENGLISH, LANGUAGES, Language
from hosr.resources import template_dir

SUFFIXES = (".html", ".svg", ".txt", ".typ")

_BLOCK = re.compile(r"\{%[-+]?\s*block\s+(\w+)")

_MAX_BYTES = 256 * 1024
_MAX_FILES = 200


@dataclass(frozen=True, slots=True)
class Wording:
    """The language of a report, and the folder of a department's own templates, if it has one."""

    language: Language = ENGLISH
    site: Path | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A template: where it lies within its folder, and its text."""

    path: str
    text: str


@cache
def read_shipped(folder: str = "") -> Mapping[str, Source]:
    """The shipped templates by name: those of a report, or those in a folder of their own."""
    return {
        path.name: Source(f"default:{path.name}", path.read_text(encoding="utf-8"))
        for path in sorted((template_dir() / folder).iterdir())
        if path.suffix in SUFFIXES
    }


def blocks_of(source: Source) -> tuple[str, ...]:
    """The blocks of a template, in their order."""
    return tuple(_BLOCK.findall(source.text))


def read_site(folder: Path, tag: str) -> dict[str, Source]:
    """The templates of a site by name; one in the folder of the language goes before others.

    Raises `TemplateRefused` with every file that is none.
    """
    faults: list[Fault] = []
    sources: dict[str, Source] = {}
    for path in _candidates(folder):
        name = path.relative_to(folder).as_posix()
        if path.parent != folder and path.parent.name != tag:
            continue
        try:
            source = Source(name, _read(path, folder))
        except TemplateRefused as refused:
            faults += refused.faults
            continue
        sources[path.name] = source
    if faults:
        raise TemplateRefused(faults)
    return sources


def _candidates(folder: Path) -> list[Path]:
    """Every path in the folder that is named like a template; those of languages come last."""
    found = []
    for place in (folder, *(folder / tag for tag in sorted(LANGUAGES))):
        if place is not folder and not place.is_dir():
            continue
        found += [path for path in _entries(place) if path.suffix in SUFFIXES]
    if len(found) > _MAX_FILES:
        problem = f"holds more than {_MAX_FILES} templates"
        raise TemplateRefused(Fault(_named(folder), problem, "leave only the changed ones in it"))
    return found


def _entries(place: Path) -> Iterator[Path]:
    try:
        yield from sorted(place.iterdir())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is no name of a folder"
        fault = Fault(_named(place), f"cannot be read ({reason})", "name a folder of templates")
        raise TemplateRefused(fault) from error


def _named(folder: Path) -> str:
    return folder.name or str(folder)


def _read(path: Path, folder: Path) -> str:
    name = path.relative_to(folder).as_posix()

    def refused(problem: str, remedy: str) -> TemplateRefused:
        return TemplateRefused(Fault(name, problem, remedy))

    try:
        inside = path.resolve(strict=True).is_relative_to(folder.resolve())
        regular = stat.S_ISREG(path.stat().st_mode)
        if not inside:
            raise refused("leads out of the folder of templates", "put the file itself there")
        if not regular:
            raise refused("is no file", "give the folder another name")
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise refused(f"cannot be read ({error.strerror})", "check its rights") from error
    if len(data) > _MAX_BYTES:
        raise refused(f"is larger than {_MAX_BYTES // 1024} KiB", "make it smaller")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise refused(f"is no text in UTF-8, line {line}", "save it as UTF-8") from error
    text = text.replace("\r\n", "\n")
    for number, line_text in enumerate(text.split("\n"), start=1):
        if any(unicodedata.category(c) == "Cc" and c != "\t" for c in line_text):
            raise refused(f"holds control characters, line {number}", "remove them")
    return text


def find_oddities(folder: Path) -> list[Fault]:
    """One fault for each file and block that changes nothing; none where the folder is unreadable."""
    found: dict[Fault, None] = {}
    for tag in LANGUAGES:
        try:
            own = read_site(folder, tag)
        except TemplateRefused:
            return []
        found |= dict.fromkeys((*_unused(own), *_unknown_blocks(own)))
    return [*found, *_strangers(folder)]


def _unused(own: Mapping[str, Source]) -> Iterator[Fault]:
    """Templates that replace none of those shipped and that no other one uses."""
    for name, source in own.items():
        used = any(
            f"{quote}{name}{quote}" in other.text
            for other in own.values()
            if other is not source
            for quote in "\"'"
        )
        if name not in read_shipped() and not used:
            names = ", ".join(read_shipped())
            yield Fault(source.path, "is used by no report", f"a template is one of {names}")


def _unknown_blocks(own: Mapping[str, Source]) -> Iterator[Fault]:
    """Blocks of a template that extends a shipped one, which has no such place."""
    for name, source in own.items():
        shipped = read_shipped().get(name)
        if shipped is None or f"default:{name}" not in source.text:
            continue
        places = blocks_of(shipped)
        for block in blocks_of(source):
            if block not in places:
                problem = f"the block {block!r} is not in the shipped template"
                remedy = "see `hosr describe templates` for the blocks that there are"
                yield Fault(source.path, problem, remedy)


def _strangers(folder: Path) -> Iterator[Fault]:
    """Files that are no templates, and folders of no language."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == "fonts":
            continue
        if path.is_dir() and path.name not in LANGUAGES:
            tags = ", ".join(LANGUAGES)
            yield Fault(path.name, "is the folder of no language", f"languages are {tags}")
        elif path.is_file() and path.suffix not in SUFFIXES:
            yield Fault(path.name, "is no template", f"names end in {', '.join(SUFFIXES)}")
