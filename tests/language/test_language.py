"""How messages, lists, quotations and counted things are said."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from babel.messages import plurals

from hosr.errors import TemplateRefused
from hosr.language import ENGLISH, LANGUAGES, Language, capitalized, language_of, sentence
from hosr.language.language import catalogue_of, odd_fields

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GERMAN = LANGUAGES["de"]
UNKNOWN = Language("xx", "Of nobody", "en_GB")


def test_a_message_is_said_with_its_places_filled() -> None:
    """The words are those of the catalogue, the places those of the caller."""
    assert ENGLISH.say("uncertainty {width}", width="1.0 mm") == "uncertainty 1.0 mm"
    assert GERMAN.say("uncertainty {width}", width="1,0 mm") == "Unsicherheit 1,0 mm"


def test_braces_in_the_words_of_others_are_printed() -> None:
    """What fills a place is not read as a message."""
    assert ENGLISH.say("As given: {quotation}", quotation="{0.mro} {x}") == "As given: {0.mro} {x}"


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("{a}, {b_2}", ()),
        ("{{a.b}} {", ()),
        ("{a.__class__}", ("a.__class__",)),
        ("{a[0]} {0} {}", ("a[0]", "0", "")),
        ("{a!r} {a:>99}", ("a!r", "a:>99")),
    ],
)
def test_braces_of_a_message_hold_names(text: str, odd: tuple[str, ...]) -> None:
    """No attribute, no member, no place without a name, and nothing of how to print it."""
    assert odd_fields(text) == odd
    if odd:
        with pytest.raises(ValueError, match="hold more than a name"):
            ENGLISH.say(text, a="x")
        with pytest.raises(ValueError, match="hold more than a name"):
            ENGLISH.count("one", text, 2, a="x")


def test_a_catalogue_whose_braces_hold_more_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the file and the message, before anything is said."""
    lines = [
        'msgid ""',
        'msgstr "Language: de\\n"',
        "",
        'msgid "{a} b"',
        'msgstr "{a.__class__} c"',
    ]
    (tmp_path / "xx").mkdir()
    (tmp_path / "xx" / "messages.po").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr("hosr.language.language.template_dir", lambda: tmp_path)
    with pytest.raises(TemplateRefused) as refused:
        catalogue_of.__wrapped__("xx")
    assert [str(fault) for fault in refused.value.faults] == [
        "xx/messages.po: holds {a.__class__} in '{a.__class__} c'; name what is filled in"
    ]


def test_a_message_without_a_translation_stays_english() -> None:
    """A missing catalogue or message falls back to the English."""
    assert UNKNOWN.say("not measured") == "not measured"
    assert GERMAN.say("words that no report has") == "words that no report has"


@pytest.mark.parametrize(
    ("language", "number", "told"),
    [
        (ENGLISH, 1, "one island without a length"),
        (ENGLISH, 2, "two\u00a0islands without a length"),
        (ENGLISH, 11, "11\u00a0islands without a length"),
        (GERMAN, 1, "eine Knocheninsel ohne Längenangabe"),
        (GERMAN, 3, "drei\u00a0Knocheninseln ohne Längenangabe"),
    ],
)
def test_small_numbers_are_words(language: Language, number: int, told: str) -> None:
    """Numbers up to ten are words, and one has the gender of what it counts."""
    assert (
        language.count("one island without a length", "{n} islands without a length", number)
        == told
    )


@pytest.fixture(params=[2, 3])
def _plurals_of_babel(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Babel with the plural forms of its releases before and after 2.19, which has one for millions."""
    expressions = {2: "(n != 1)", 3: "(n == 1 ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2)"}
    for tag in LANGUAGES:
        monkeypatch.setitem(plurals.PLURALS, tag, (request.param, expressions[request.param]))
    catalogue_of.cache_clear()
    yield
    catalogue_of.cache_clear()


@pytest.mark.usefixtures("_plurals_of_babel")
@pytest.mark.parametrize("number", [0, 1, 2, 999_999, 1_000_000, 2_000_000])
@pytest.mark.parametrize(
    ("tag", "one", "many"),
    [
        ("de", "eine Knocheninsel ohne Längenangabe", "Knocheninseln ohne Längenangabe"),
        ("es", "un islote sin longitud", "islotes sin longitud"),
        ("fr", "un îlot sans longueur connue", "îlots sans longueur connue"),
        ("it", "un'isola senza valore di lunghezza", "isole senza valore di lunghezza"),
    ],
)
def test_a_catalogue_is_read_by_its_own_plural_forms(
    tag: str, number: int, one: str, many: str
) -> None:
    """No CLDR data of the installed Babel, which know three forms or two, choose the words."""
    language = LANGUAGES[tag]
    is_one = number < 2 if tag == "fr" else number == 1
    told = language.count("one island without a length", "{n} islands without a length", number)
    assert told == (one if is_one else f"{language.number(number)}\u00a0{many}")


@pytest.mark.parametrize(
    ("tag", "items", "last", "told"),
    [
        ("en", ["a"], "and", "a"),
        ("en", ["a", "b"], "and", "a and b"),
        ("en", ["a", "b", "c"], "or", "a, b or c"),
        ("de", ["a", "b", "c"], "and", "a, b und c"),
        ("de", ["II", "III"], "or", "II oder III"),
    ],
)
def test_lists(tag: str, items: list[str], last: str, told: str) -> None:
    """The last of a list is joined by a word, without a comma before it."""
    assert LANGUAGES[tag].listed(items, last) == told


@pytest.mark.parametrize(
    ("items", "last", "told"),
    [
        (["dolor", "fiebre"], "and", " y fiebre"),
        (["dolor", "inflamación"], "and", " e inflamación"),
        (["dolor", "hinchazón"], "and", " e hinchazón"),
        (["agua", "hielo"], "and", " y hielo"),
        (["III", "IV"], "and", " y IV"),
        (["una", "otra"], "or", " u otra"),
        (["uno", "hombre"], "or", " u hombre"),
        (["II", "III"], "or", " o III"),
    ],
)
def test_spanish_joins_by_sound(items: list[str], last: str, told: str) -> None:
    """Before the sound of i "y" is "e", before that of o "o" is "u"; figures keep theirs."""
    assert LANGUAGES["es"].listed(items, last).endswith(told)


@pytest.mark.parametrize(
    ("tag", "told"),
    [("en", '"a"'), ("de", "„a“"), ("fr", "«\u00a0a\u00a0»"), ("es", "«a»"), ("it", "«a»")],
)
def test_quotation_marks(tag: str, told: str) -> None:
    """The words of others stand between the marks of the language."""
    assert LANGUAGES[tag].quoted("a") == told


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("at least 1 cm, or 12 weeks", "at least 1\u00a0cm, or 12\u00a0weeks"),
        ("high T2 signal", "high T2 signal"),
        ("Motif : absent ; fin", "Motif\u00a0: absent\u00a0; fin"),
    ],
)
def test_a_line_never_ends_within_a_measure(text: str, bound: str) -> None:
    """A number holds on to what it counts, and French marks to the word before them."""
    assert UNKNOWN.say(text) == bound


def test_capitals_are_for_the_first_letter_alone() -> None:
    """A sentence begins with a capital; nothing else is changed."""
    assert capitalized("größer als Brooker II") == "Größer als Brooker II"
    assert sentence("the space was not measured") == "The space was not measured."
    assert capitalized("") == ""


def test_a_language_is_found_by_its_tag() -> None:
    """A tag that is not offered is no language."""
    assert language_of("de") is GERMAN
    with pytest.raises(KeyError, match="tlh"):
        language_of("tlh")


def test_languages_cost_nothing_until_they_are_spoken() -> None:
    """Neither the import nor an English message loads what parses catalogues and numbers."""
    program = (
        "import sys; from hosr.language import ENGLISH; import hosr.language.numbers; "
        "ENGLISH.say('not measured'); print('babel' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
