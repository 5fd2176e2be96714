"""The catalogues against the source: complete, without leftovers, and true to every place."""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING

import pytest

from hosr.language import ENGLISH, LANGUAGES
from hosr.language.language import catalogue_path
from hosr.narrative import words
from hosr.scales.extent import why_not_gradable
from tests.language.catalogues import catalogues, find_messages, read_catalogue, render_catalogue
from tests.narrative.cases import CASES

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

TRANSLATED = sorted(set(LANGUAGES) - {ENGLISH.tag})

# Messages that are the same in English and in another language.
_SAME = {
    "de": {
        "C {center} W {width}",
        "CT",
        "L",
        "Original",
        "Patient",
        "R",
        "Status",
    },
    "fr": {
        "Calibration",
        "Causes",
        "Conclusion",
        "Grades",
        "Image",
        "Images",
        "Indication",
        "Original",
        "Ossification",
        "Patient",
        "Signature",
        "Version {number}",
        "amputation",
        "apparent",
        "calibration",
        "contradiction",
        "six",
        "{name}, version {version}",
        "{number} image ({modalities}).",
        "{number} images ({modalities}).",
        "{number} pixels",
    },
    "es": {
        "Original",
        "no",
        "pelvis",
    },
    "it": {
        "no",
        "trauma",
    },
}
# Proper names and figures, which are kept as they are.
_KEPT = re.compile(r"Brooker|Della Valle|hosr|UTC|STIR|T[12]|\b\d+\b")


def _known(tag: str) -> Catalog:
    path = catalogue_path(tag)
    if not path.is_file():
        pytest.fail(f"the catalogue of {LANGUAGES[tag].name} is missing")
    return read_catalogue(path)


def _forms(strings: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (strings,) if isinstance(strings, str) else tuple(strings or ())


def _said(tag: str) -> list[tuple[str, str]]:
    """Each English form beside each form of the language that stands for it."""
    pairs = []
    for item in _known(tag):
        if not item.id:
            continue
        ids, strings = _forms(item.id), _forms(item.string)
        pairs += [(ids[min(index, len(ids) - 1)], text) for index, text in enumerate(strings)]
    return pairs


def _ids(catalogue: Catalog) -> list[tuple[str, ...]]:
    return [_forms(item.id) for item in catalogue if item.id]


def _places(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_every_catalogue_is_of_a_language() -> None:
    """No folder of messages is left over from a language that is not offered."""
    assert set(catalogues()) <= set(TRANSLATED)


@pytest.mark.parametrize("tag", TRANSLATED)
def test_a_catalogue_holds_the_messages_of_the_source(tag: str) -> None:
    """Every message of the source is there, none is left over, and the file is in its order."""
    catalogue = _known(tag)
    assert _ids(catalogue) == _ids(find_messages())
    assert not catalogue.obsolete
    assert catalogue_path(tag).read_text(encoding="utf-8") == render_catalogue(
        tag, catalogue_path(tag)
    )


@pytest.mark.parametrize("tag", TRANSLATED)
def test_every_message_has_its_words(tag: str) -> None:
    """No message is empty or unsure, and each has the plural forms that the catalogue declares."""
    catalogue = _known(tag)

    def is_lacking(item: Message) -> bool:
        forms = _forms(item.string)
        plurals = 1 if isinstance(item.id, str) else catalogue.num_plurals
        return item.fuzzy or len(forms) != plurals or not all(forms)

    assert [item.id for item in catalogue if item.id and is_lacking(item)] == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_places_are_kept(tag: str) -> None:
    """A translation has the places of the English, once each; "one" is always a word."""
    assert [pair for pair in _said(tag) if _places(pair[0]) != _places(pair[1])] == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_names_and_numbers_are_kept(tag: str) -> None:
    """Names of systems and figures are those of the English."""
    kept = [(sorted(_KEPT.findall(text)), sorted(_KEPT.findall(said))) for text, said in _said(tag)]
    assert [pair for pair in kept if pair[0] != pair[1]] == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_nothing_is_left_in_english(tag: str) -> None:
    """No message says the same as the English, but for words that both languages have."""
    same = {text for text, said in _said(tag) if text == said and _words(text)}
    assert same - _SAME[tag] == set()


def _words(text: str) -> list[str]:
    """The words of a message beside its places, and beside units."""
    bare = re.sub(r"\{\w+\}", "", text)
    return [word for word in re.findall(r"[^\W\d_]+", bare) if word not in ("cm", "mm", "UTC")]


@pytest.mark.parametrize("tag", TRANSLATED)
def test_blanks_and_ends_are_those_of_the_english(tag: str) -> None:
    """No blank is doubled, bound by hand or at an end, and full stops are where the English has them."""

    def is_off(text: str, said: str) -> bool:
        blanks = said != " ".join(said.split(" ")).strip() or "  " in said
        bound = re.search("[\u00a0\u202f\t\n]", said) is not None
        return blanks or bound or text.endswith(".") is not said.endswith(".")

    assert [pair for pair in _said(tag) if is_off(*pair)] == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_a_sentence_begins_with_a_capital_where_the_english_does(tag: str) -> None:
    """What stands at the begin of a sentence in English does so in every language."""
    assert [
        (text, said)
        for text, said in _said(tag)
        if text[0].isupper() and said[0].isalpha() and not said[0].isupper()
    ] == []


def test_every_reason_why_a_hip_is_not_gradable_is_a_message() -> None:
    """The reasons that the grading gives are those that the narrative knows words for."""
    told = {why_not_gradable(graded.hip) for report in CASES.values() for graded in report.hips}
    assert told - {""} == words.OBSTACLES
