"""The languages that a test goes through: English, and those that have a catalogue."""

from __future__ import annotations

from hosr.language import ENGLISH, LANGUAGES
from tests.language.catalogues import catalogues

__all__ = ["TOLD"]

TOLD = {
    tag: language
    for tag, language in LANGUAGES.items()
    if language == ENGLISH or tag in catalogues()
}
