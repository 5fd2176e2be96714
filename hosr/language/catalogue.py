"""The catalogue of a language: a gettext file among the templates, parsed when it is needed."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from hosr._files import template_dir


def catalogue_path(tag: str) -> Path:
    """Where the catalogue of a language lies."""
    return template_dir() / tag / "messages.po"


@cache
def catalogue_of(tag: str) -> NullTranslations:
    """The messages of a language; one that a catalogue does not hold stays English."""
    path = catalogue_path(tag)
    if not path.is_file():
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        messages = read_po(file, locale=tag)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return GNUTranslations(compiled)
