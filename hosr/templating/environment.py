r"""The one Jinja environment: sandboxed, strict, fed with plain data only; and a template printed.

The end of a template's name says what it prints: values are escaped for HTML in .html and .svg,
for Typst in .typ, and stand as they are in .txt. No template can switch that off. Typst takes
`\u{23}` for the character # in markup and in a string alike, so one way of writing serves both:
whatever could mean something is given by its number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePosixPath
from string import Formatter
from typing import Any, TypeAlias

from jinja2 import (
    ChoiceLoader,
    Environment,
    FunctionLoader,
    PrefixLoader,
    StrictUndefined,
    Undefined,
    nodes,
)
from jinja2.exceptions import TemplateRuntimeError, TemplateSyntaxError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_context

from hosr.language import ENGLISH, Language
from hosr.language.language import odd_fields
from hosr.templating.sources import Source, read_shipped

# What a template may be given: no object with methods of its own ever reaches one.
Plain: TypeAlias = "str | int | float | bool | Sequence[Plain] | Mapping[str, Plain]"

# What two templates must share to be parts of one another: how values are escaped.
_KINDS = {".html": "html", ".svg": "html", ".typ": "typ", ".txt": "txt"}

# Filters that print a value as markup, that hide a misspelt name, or that give one report twice
# in two ways.
_FORBIDDEN_FILTERS = ("safe", "default", "d", "random")
_FORBIDDEN_GLOBALS = ("lipsum",)

# The methods of text that a template may call. Those left out are of no use to it, or make markup of
# what was escaped (`translate`, `unescape`).
_METHODS = frozenset(
    (
        *("capitalize", "casefold", "lower", "swapcase", "title", "upper"),
        *("center", "expandtabs", "ljust", "rjust", "zfill"),
        *("count", "endswith", "find", "index", "rfind", "rindex", "startswith"),
        *("isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower"),
        *("isnumeric", "isprintable", "isspace", "istitle", "isupper"),
        *("join", "partition", "removeprefix", "removesuffix", "replace", "rpartition", "rsplit"),
        *("split", "splitlines", "lstrip", "rstrip", "strip", "striptags", "format", "format_map"),
    )
)

# Letters, digits and commas mean nothing, nor does a single blank between two of them; every
# other character of ASCII may, and so may the line ends of Unicode.
_MEANINGFUL = re.compile(
    "[\\x00-\\x1f\\x21-\\x2b\\x2d-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\xa0\\u2028\\u2029\\ufeff]"
    r"|\A | \Z|(?<= ) "
)

_MAX_CHARACTERS = 16 * 1024 * 1024

# No length or coordinate of a page comes near; products of such numbers stay quick.
_GREATEST = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to print: a template, with data, and which of its blocks beside the whole text."""

    template: str
    data: Mapping[str, Plain]
    blocks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Printout:
    """The whole text, and the text of each block that was asked for and is there."""

    text: str
    blocks: Mapping[str, str] = field(default_factory=dict)


class OutputTooLarge(Exception):
    """A template prints more than any report."""


@cache
def environment_of(language: Language = ENGLISH) -> ImmutableSandboxedEnvironment:
    """The environment of the shipped templates in a language; a site's own run elsewhere."""
    return make_environment({}, read_shipped(), language)


def make_environment(
    own: Mapping[str, Source], shipped: Mapping[str, Source], language: Language
) -> ImmutableSandboxedEnvironment:
    """An environment of a site's own templates, which go before those shipped.

    "default:" before a name means the shipped one.
    """
    default = _loader(shipped)
    environment = _Environment(
        loader=ChoiceLoader([_loader(own), default, PrefixLoader({"default": default}, ":")]),
        autoescape=lambda name: kind_of(name) == "html",
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for name in _FORBIDDEN_FILTERS:
        del environment.filters[name]
    for name in _FORBIDDEN_GLOBALS:
        del environment.globals[name]
    environment.filters["typst_string"] = _quote
    environment.globals["_"] = _plainly(language.say)
    environment.globals["ngettext"] = _plainly(language.count)
    return environment


@cache
def kind_of(name: str | None) -> str:
    """How values are escaped in a template of this name."""
    return _KINDS.get(PurePosixPath(name or "").suffix, "txt")


class Unprintable(TemplateRuntimeError):
    """A template asks for what none is given; the words of this error tell nothing of a report."""


class _Environment(ImmutableSandboxedEnvironment):
    """Keeps apart what is escaped in different ways, and calculates with small numbers only."""

    intercepted_binops = frozenset(("*", "**"))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """A product of two numbers; texts are not multiplied, and no power is taken."""
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "**" or not numbers or max(abs(left), abs(right)) > _GREATEST:
            raise Unprintable("multiplies more than numbers of a page")
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Of text only such methods as never turn what is escaped into markup again."""
        if isinstance(obj, str) and attr not in _METHODS:
            return False
        return bool(super().is_safe_attribute(obj, attr, value))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """A format of a text, whose braces hold names or numbers and nothing of the values."""
        fill = super().wrap_str_format(value)
        if fill is None:
            return None
        text = value.__self__

        def filled(*args: Any, **values: Any) -> str:
            if _walks(text):
                raise Unprintable("formats a text that holds more than names in its braces")
            done = fill(*args, **values)
            # What was filled into something printed is not escaped yet.
            return str(done) if isinstance(done, Printed) else done

        return filled

    @staticmethod
    def concat(pieces: Iterable[str]) -> str:
        """What a macro or a block has printed, known as such and not escaped a second time."""
        return Printed("".join(pieces))

    def join_path(self, template: str, parent: str) -> str:
        """The name of a template that another one uses; both escape values in the same way."""
        if kind_of(template) != kind_of(parent):
            raise Unprintable(
                f"{parent!r} cannot use {template!r}, which prints values in another way"
            )
        return template

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """The template as a tree, without any switch of escaping."""
        tree = super()._parse(source, name, filename)
        for node in tree.find_all(nodes.EvalContextModifier):
            raise TemplateSyntaxError("escaping cannot be switched", node.lineno, name, filename)
        for call in tree.find_all(nodes.Call):
            for text in _messages(call):
                for odd in odd_fields(text):
                    problem = f"the message {text!r} holds {odd!r} in its braces, and no name"
                    raise TemplateSyntaxError(problem, call.lineno, name, filename)
        return tree


def _walks(text: str) -> bool:
    """Whether the braces of a format reach into a value, or print it for programmers."""
    try:
        parts = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:  # which formatting it says in its own words
        return False
    return any(
        conversion or set(".[") & set(field or "") or _walks(form or "")
        for field, form, conversion in parts
    )


def _messages(call: nodes.Call) -> list[str]:
    """The messages that a call says, as far as they stand there."""
    if not isinstance(call.node, nodes.Name) or call.node.name not in ("_", "ngettext"):
        return []
    given = [part.value for part in call.args if isinstance(part, nodes.Const)]
    return [text for text in given if isinstance(text, str)]


def _loader(sources: Mapping[str, Source]) -> FunctionLoader:
    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        source = sources.get(name)
        return None if source is None else (source.text, source.path, lambda: True)

    return FunctionLoader(load)


@pass_context
def _finalize(context: Context, value: Any) -> Any:
    """The value as it is printed, escaped where Jinja itself does not."""
    printable = _printable(value)
    if kind_of(context.name) == "typ" and isinstance(value, str) and not isinstance(value, Printed):
        return escape_typst(value)
    return printable


def _printable(value: Any) -> str | int | float:
    """The value; what has no words of its own is refused."""
    if isinstance(value, Undefined):
        return str(value)  # raises, and says what is undefined
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unprintable(f"prints {_NOUNS.get(type(value), 'what is no text')}")
    return value


_NOUNS: dict[type, str] = {
    bool: "a truth value",
    type(None): "nothing (none)",
    list: "a whole list",
    dict: "a whole mapping",
}


def _quote(value: Any) -> str:
    return quote_typst(str(_printable(value)))


def _plainly(say: Callable[..., str]) -> Callable[..., str]:
    """Says a message with text in its places, and nothing that has attributes worth reading."""

    def plainly(*parts: Any, **values: Any) -> str:
        if any(odd_fields(part) for part in parts if isinstance(part, str)):
            raise Unprintable("says a message that holds more than names in its braces")
        texts = {key: str(_printable(value)) for key, value in values.items()}
        try:
            return say(*parts, **texts)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise Unprintable("says a message without what stands in its braces") from None

    return plainly


class Printed(str):
    """What a template has printed: its values are escaped already."""

    __slots__ = ()


def escape_typst(text: str) -> Printed:
    """The text for markup, and for use within the quotation marks of a string."""
    return Printed(_MEANINGFUL.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", text))


def quote_typst(text: str) -> Printed:
    """The text as a string of Typst code, with its quotation marks."""
    return Printed(f'"{escape_typst(text)}"')


def print_task(
    environment: Environment, task: Task, max_characters: int = _MAX_CHARACTERS
) -> Printout:
    """The task done; whatever Jinja raises passes, with the frames of the templates."""
    template = environment.get_template(task.template)
    context = template.new_context(dict(task.data))
    pieces: list[str] = []
    printed = 0
    printing: Any = template.root_render_func(context)
    for piece in printing:
        printed += len(piece)
        if printed > max_characters:
            printing.throw(OutputTooLarge())  # from within, so that the line is known
        pieces.append(piece)
    # Once all is printed, the blocks of the templates that this one extends are known as well.
    known = {name: context.blocks[name][0] for name in task.blocks if name in context.blocks}
    blocks: dict[str, str] = {}
    for name, render in known.items():
        blocks[name] = "".join(render(context))
        printed += len(blocks[name])
        if printed > 2 * max_characters:  # what is in a block stands in the whole as well
            raise OutputTooLarge
    return Printout(text="".join(pieces), blocks=blocks)
