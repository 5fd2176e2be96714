"""What in a site's folder has no effect: mostly a misspelt name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.errors import Fault, TemplateRefused
from hosr.language import LANGUAGES
from hosr.templating.sources import SUFFIXES, blocks_of, read_shipped, read_site

if TYPE_CHECKING:
    from hosr.templating.sources import Source


_FONTS = "fonts"


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
        if path.name.startswith(".") or path.name == _FONTS:
            continue
        if path.is_dir() and path.name not in LANGUAGES:
            tags = ", ".join(LANGUAGES)
            yield Fault(path.name, "is the folder of no language", f"languages are {tags}")
        elif path.is_file() and path.suffix not in SUFFIXES:
            yield Fault(path.name, "is no template", f"names end in {', '.join(SUFFIXES)}")
