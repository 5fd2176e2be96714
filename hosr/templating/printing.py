"""One template printed with its data: the whole text, and blocks of it on their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

    from hosr.templating.environment import Plain


_MAX_CHARACTERS = 16 * 1024 * 1024


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
    blocks = {name: "".join(render(context)) for name, render in known.items()}
    return Printout(text="".join(pieces), blocks=blocks)
