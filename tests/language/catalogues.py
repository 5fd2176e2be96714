"""The messages of the program and the catalogues of their translations.

`python -m tests.language.catalogues` brings every catalogue up to the source: new messages are
added without words, old ones dropped, translations and notes kept; `... catalogues xx` begins one.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from hosr.language import LANGUAGES
from hosr.language.language import catalogue_path
from hosr.resources import template_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["catalogues", "find_messages", "read_catalogue", "render_catalogue"]

# A message, or the two forms of a counted one; its line; and what translators are told of it.
_Found: TypeAlias = "tuple[str | tuple[str, ...], int, list[str]]"

_ROOT = Path(__file__).resolve().parents[2]

# What marks a message in Python, and which of its arguments are the message: one or, counted, two.
_IN_PYTHON = {
    "say": (0,),
    "message": (0,),
    "_message": (0,),
    "phrase": (0,),
    "count": (0, 1),
    "Criterion": (2,),
}
_TEMPLATES = {".html", ".svg", ".txt", ".typ"}
_FOR_TRANSLATORS = "Translators:"

_NOTE = """\
# The words of hosr in {language}.
#
# The tone is that of a radiology report: short, exact, impersonal. Say neither more nor less than
# the English: hosr claims nothing that was not recorded, and nothing is made stronger or milder.
# What stands in {{braces}} is filled in: keep every place of the English, in the order that the
# language needs. {{grades}} and {{derived}} are names such as "Brooker III and Della Valle C" or
# "between Brooker II and III"; {{as_graded}} is "as graded by the observer"; {{on_view}} is "on the
# lateral view"; {{reason}} is a clause such as "the space was not measured"; {{length}} a length
# with its unit, or "at least 1 cm"; {{origin}} how it was measured, without a verb; {{rule}} the rule
# of a grade; {{state}} what was done ("not measured"), agreeing with "space" or "length"; {{n}} a
# number from two on in words; {{name}} the name of a hip or of a field.
# "One" in the first form of a plural is written out, in its gender. A message that begins with a
# small letter goes on after a colon or inside a sentence. Names of systems and grades stay.
# "Space" is the gap between opposing bone surfaces; an "island" is bone in the soft tissue; a
# "spur" grows from the pelvis or the proximal femur; "bridging" joins the bones.
# Write plain blanks: those at which no line may end are found by the program.
"""


def catalogues() -> dict[str, Path]:
    """The catalogues that exist, by the tag of their language."""
    return {path.parent.name: path for path in sorted(template_dir().glob("*/messages.po"))}


@cache
def find_messages() -> Catalog:
    """Every message of the source, in the order of files and lines."""
    found = Catalog(charset="utf-8")
    templates = [path for path in _ROOT.glob("templates/*") if path.suffix in _TEMPLATES]
    for path in sorted([*_ROOT.glob("hosr/**/*.py"), *templates]):
        place = path.relative_to(_ROOT).as_posix()
        find = _in_python if path.suffix == ".py" else _in_template
        for text, line, comments in sorted(find(path), key=lambda item: item[1]):
            found.add(text, locations=[(place, line)], auto_comments=comments)
    return found


def _in_python(path: Path) -> Iterator[_Found]:
    source = path.read_text(encoding="utf-8")
    if not any(f"{name}(" in source for name in _IN_PYTHON):
        return
    lines = source.splitlines()
    for statement in ast.parse(source).body:
        of_table = _comments(lines, statement.lineno)
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and (texts := _texts(node)):
                text = texts if len(texts) > 1 else texts[0]
                yield text, node.lineno, _comments(lines, node.lineno) or of_table


def _texts(call: ast.Call) -> tuple[str, ...]:
    """The message that a call marks or says; () where it does neither."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    wanted = _IN_PYTHON.get(name, ())
    given = [call.args[index] for index in wanted if index < len(call.args)]
    texts = tuple(
        it.value for it in given if isinstance(it, ast.Constant) and isinstance(it.value, str)
    )
    return texts if len(texts) == len(wanted) else ()


def _comments(lines: list[str], number: int) -> list[str]:
    """The comment for translators above a line, if there is one."""
    above = lines[number - 2].strip() if number > 1 else ""
    return [above.removeprefix("# ")] if above.startswith(f"# {_FOR_TRANSLATORS}") else []


def _in_template(path: Path) -> Iterator[_Found]:
    with path.open("rb") as file:
        options = {"silent": "false", "trim_blocks": "true"}
        for line, _, text, comments in babel_extract(
            file, ("_", "ngettext"), [_FOR_TRANSLATORS], options
        ):
            texts = tuple(it for it in (text if isinstance(text, tuple) else (text,)) if it)
            if texts:
                yield texts if len(texts) > 1 else texts[0], line, list(comments)


def read_catalogue(path: Path) -> Catalog:
    """A catalogue as it is."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.name)


def render_catalogue(tag: str, path: Path) -> str:
    """The catalogue of a language brought up to the source."""
    kept = read_catalogue(path) if path.is_file() else Catalog(locale=tag)
    fresh = Catalog(locale=tag, charset="utf-8")
    # Its own plural forms, whatever the CLDR data of the installed Babel have for the language.
    fresh.mime_headers = [("Plural-Forms", kept.plural_forms)]
    for item in find_messages():
        if item.id:
            fresh[item.id] = _translated(item, kept)
    body = BytesIO()
    write_po(body, fresh, width=100, omit_header=True, include_lineno=False)
    return f"{_note(tag, path)}{_header(fresh)}\n{body.getvalue().decode().strip()}\n"


def _translated(item: Message, kept: Catalog) -> Message:
    known = kept.get(item.id if isinstance(item.id, str) else item.id[0])
    is_same = known is not None and isinstance(known.id, str) is isinstance(item.id, str)
    return Message(
        item.id,
        known.string if is_same and known is not None else "",
        locations=sorted({(place, 0) for place, _ in item.locations}),
        auto_comments=item.auto_comments,
        user_comments=known.user_comments if known is not None else (),
    )


def _note(tag: str, path: Path) -> str:
    """The note for translators: as it stands in the catalogue, or the one to begin with."""
    if not path.is_file():
        return _NOTE.format(language=LANGUAGES[tag].name)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    last = next(index for index, line in enumerate(lines) if not line.startswith("#"))
    return "".join(lines[:last])


def _header(catalogue: Catalog) -> str:
    return (
        'msgid ""\n'
        'msgstr ""\n'
        f'"Language: {catalogue.locale_identifier}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n'
    )


def _update(tags: list[str]) -> None:
    for tag in tags or catalogues():
        path = catalogue_path(tag)
        text = render_catalogue(tag, path)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _update(sys.argv[1:])
