"""One language: how a message, a list, a quotation and a counted thing are said in it.

Its catalogue is a gettext file among the templates, parsed when it is needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from string import Formatter

from hosr.errors import Fault, TemplateRefused
from hosr.phrases import Figures, Phrase, Several
from hosr.resources import template_dir

# A line never ends between a number and what it counts, nor before the marks that French sets off.
_COUNTING = re.compile(r"(?<!\w)(\d+|\{n\}|\{number\}) (?=\w)")
# What turns letters that follow it round, whatever they are (Unicode UAX 9).
_OVERRIDES = "\u202d\u202e"
_SET_OFF = re.compile(r"(?<=\S) (?=[:;?!%»])|(?<=«) ")


def message(text: str) -> str:
    """Marks a message of a table, which is said later; it stays as it is."""
    return text


# "One" has a gender in most languages: it is a word of each message that counts one thing.
_NUMBERS = {
    2: message("two"),
    3: message("three"),
    4: message("four"),
    5: message("five"),
    6: message("six"),
    7: message("seven"),
    8: message("eight"),
    9: message("nine"),
    10: message("ten"),
}


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its tag (RFC 5646), its English name, and the locale of its numbers and dates.

    `quotes` stand around the words of others, `semicolon` between parts that hold commas.
    """

    tag: str
    name: str
    locale: str
    quotes: tuple[str, str] = ('"', '"')
    semicolon: str = "; "

    def say(self, text: str, /, **values: str) -> str:
        """The message in this language, its {places} filled in."""
        return _filled(_bound(catalogue_of(self.tag).gettext(text)), values)

    def retell(self, said: str, name_of: Callable[[StrEnum], str] = str) -> str:
        """What was said in English, again in this language; what is no `hosr.phrases` stays as it is.

        `name_of` gives the name of a word of the record where this language has one.
        """
        if self.tag == ENGLISH.tag:
            return str(said)
        if isinstance(said, Phrase):
            values = {
                name: self.retell(value, name_of) if isinstance(value, str) else str(value)
                for name, value in said.values
            }
            return self.say(said.template, **values)
        if isinstance(said, Figures):
            return said.figures.replace(".", _decimal_mark(self.locale))
        if isinstance(said, Several):
            return self._relisted(said, [self.retell(name, name_of) for name in said.names])
        return name_of(said) if isinstance(said, StrEnum) else said

    def _relisted(self, said: Several, names: list[str]) -> str:
        if said.more:
            names = [*names, self.say("{number} more", number=str(said.more))]
        if said.last == ";":
            return self.joined(names)
        if said.last == ",":
            return ", ".join(names)
        return self.listed(names, said.last) if names else ""

    def count(self, one: str, many: str, amount: int, /, **values: str) -> str:
        """The form of a message for an amount, which is {n} in words or {number} in figures."""
        text = catalogue_of(self.tag).ngettext(one, many, amount)
        figures = {"n": self.number(amount), "number": str(amount)}
        return _filled(_bound(text), {**figures, **values})

    def number(self, amount: int) -> str:
        """An amount from two to ten in words, any other in figures."""
        return self.say(_NUMBERS[amount]) if amount in _NUMBERS else str(amount)

    def listed(self, items: Iterable[str], last: str = "and") -> str:
        """One, "a and b", or "a, b and c"; with "or" where that is the last word."""
        *most, final = items
        if not most:
            return final
        before = ", ".join(most)
        if last == "or":
            joined = self.say("{most} or {last}", most=before, last=final)
        else:
            joined = self.say("{most} and {last}", most=before, last=final)
        return _euphonic(joined, final) if self.tag == "es" else joined

    def labelled(self, label: str, text: str) -> str:
        """A label and what belongs to it."""
        return self.say("{name}: {text}", name=label, text=text)

    def joined(self, parts: Iterable[str]) -> str:
        """Parts that hold commas or joining words themselves, told apart."""
        return self.semicolon.join(parts)

    def quoted(self, text: str) -> str:
        """The words of others between quotation marks."""
        return f"{self.quotes[0]}{text}{self.quotes[1]}"


ENGLISH = Language("en", "English", "en_GB")

LANGUAGES = {
    language.tag: language
    for language in (
        ENGLISH,
        Language("de", "German", "de", quotes=("„", "“")),
        Language("fr", "French", "fr", ("«\u00a0", "\u00a0»"), "\u00a0; "),
        Language("es", "Spanish", "es", quotes=("«", "»")),
        Language("it", "Italian", "it", quotes=("«", "»")),
    )
}


def catalogue_path(tag: str) -> Path:
    """Where the catalogue of a language lies."""
    return template_dir() / tag / "messages.po"


@cache
def _decimal_mark(locale: str) -> str:
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(locale)


@cache
def catalogue_of(tag: str) -> NullTranslations:
    """The messages of a language; one that a catalogue does not hold stays English.

    Raises `TemplateRefused` where the braces of a translation hold more than names.
    """
    path = catalogue_path(tag)
    if not path.is_file():
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        messages = read_po(file, locale=tag)
    faults = [
        Fault(f"{tag}/{path.name}", f"holds {{{field}}} in {said!r}", "name what is filled in")
        for told in messages
        for said in ([told.string] if isinstance(told.string, str) else told.string or ())
        for field in odd_fields(said)
    ]
    if faults:
        raise TemplateRefused(faults)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return GNUTranslations(compiled)


@lru_cache(maxsize=4096)
def odd_fields(text: str) -> tuple[str, ...]:
    """What stands in the braces of a message beside plain names: `{a.b}`, `{a[0]}`, `{0}`, `{a!r}`."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:  # braces that are not closed, which cannot be filled in either
        return ()
    return tuple(
        f"{field}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}"
        for _, field, form, conversion in parts
        if field is not None and (form or conversion or not field.isidentifier())
    )


def _filled(text: str, values: Mapping[str, str]) -> str:
    """The message with its places filled in; ValueError where they are more than names."""
    if odd_fields(text):
        raise ValueError("the braces of a message hold more than a name")
    return text.format(**values)


def language_of(tag: str) -> Language:
    """The language of a tag; KeyError where there is no such catalogue."""
    return LANGUAGES[tag]


def capitalized(text: str) -> str:
    """The words with a capital letter, as a sentence begins."""
    return f"{text[:1].upper()}{text[1:]}"


def sentence(text: str) -> str:
    """The words as a sentence, with a capital letter and a full stop."""
    return f"{capitalized(text)}."


def turns_letters(text: str) -> bool:
    """Whether a text holds characters that show what follows them in another order: VI as IV."""
    return any(character in text for character in _OVERRIDES)


def _bound(text: str) -> str:
    return _SET_OFF.sub("\u00a0", _COUNTING.sub("\\1\u00a0", text))


def _euphonic(joined: str, final: str) -> str:
    """Spanish "y" is "e" before the sound of i, "o" is "u" before that of o; figures keep theirs."""
    before = joined.removesuffix(final)
    if re.match(r"(?i:h?[ií])(?![aeou])[a-záéíóúñ]", final):
        return re.sub(r" y $", " e ", before) + final
    if re.match(r"(?i:h?[oó])[a-záéíóúñ]", final):
        return re.sub(r" o $", " u ", before) + final
    return joined
