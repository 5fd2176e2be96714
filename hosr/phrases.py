"""Words that are said in English now, and may be said again in another language.

Faults are told in English by the command line, by logs and in Python; at the desk a reader reads them in
their own language. A phrase is its English, as any text, and keeps the message that it was made of, with
what was filled in: `hosr.language` says it again. What is in no catalogue has no phrase made of it.

    phrase(text, name=value)   a message with its places filled in
    figures(text)              a number as English writes it, which other languages write otherwise
    several(items)             names in a sentence: of many the first, and how many more
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Self, TypeAlias

# How many names a sentence lists; more of them nobody reads, and they hide what is to be done.
MOST_NAMED = 10
_MARKS = (",", ";")

Value: TypeAlias = "str | int"


class _Kept(str):
    """A text that keeps what it was made of; as a text it is as any other, and never changes."""

    __slots__: tuple[str, ...] = ()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return type(self), tuple(getattr(self, name) for name in type(self).__slots__)


class Phrase(_Kept):
    """A message in English with its places filled in: `template`, and the `values` by name."""

    __slots__ = ("template", "values")
    template: str
    values: tuple[tuple[str, Value], ...]

    def __new__(cls, template: str, values: tuple[tuple[str, Value], ...] = ()) -> Self:
        """Fill in the places."""
        self = super().__new__(cls, template.format(**dict(values)) if values else template)
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "values", values)
        return self


class Figures(_Kept):
    """A number as English writes it, with a point."""

    __slots__ = ("figures",)
    figures: str

    def __new__(cls, figures: str) -> Self:
        """Keep the figures as they are."""
        self = super().__new__(cls, figures)
        object.__setattr__(self, "figures", figures)
        return self


class Several(_Kept):
    """Names as a person lists them: `names` joined by `last`, and `more` that are not named."""

    __slots__ = ("last", "more", "names")
    names: tuple[str, ...]
    last: str
    more: int

    def __new__(cls, last: str, more: int, names: tuple[str, ...]) -> Self:
        """Join them in English."""
        listed = (*names, f"{more} more") if more else names
        *head, final = listed or ("",)
        text = f"{', '.join(head)} {last} {final}" if head else final
        if last in _MARKS:
            text = f"{last} ".join(listed)
        self = super().__new__(cls, text)
        for name, value in (("last", last), ("more", more), ("names", names)):
            object.__setattr__(self, name, value)
        return self


def phrase(text: str, /, **values: Value) -> Phrase:
    """A message with its {places} filled in. It is found by its text, so that must stand here whole.

    A value is told as it is, but for a phrase, figures, several names, and a member of a `StrEnum`, which
    is a word of the record that a language may have a name for.
    """
    return Phrase(text, tuple(values.items()))


def figures(text: str) -> Figures:
    """A number as it was formatted, `f"{mm:.1f}"`."""
    return Figures(text)


def several(items: Iterable[str], last: str = "and", most: int = MOST_NAMED) -> Several:
    """Names in a sentence, "a, b and c": of more than `most` the first, "and 12 more".

    `last` is "and" or "or", or the mark between all of them: "," or ";".
    """
    names = tuple(items)
    return Several(last, max(0, len(names) - most), names[:most])
