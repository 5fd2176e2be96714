"""The one Jinja environment: sandboxed, strict, and fed with plain data only."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from hosr._files import template_dir

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LANGUAGE", "Plain", "environment_of"]

# What a template may be given: no object with methods of its own ever reaches one.
Plain: TypeAlias = "str | int | float | bool | Sequence[Plain] | Mapping[str, Plain]"

LANGUAGE = "en"


@cache
def environment_of(language: str = LANGUAGE) -> ImmutableSandboxedEnvironment:
    """The environment of one language, which is a folder of templates."""
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(template_dir() / language),
        autoescape=False,  # plain text; a page of HTML needs it on
        undefined=StrictUndefined,
        finalize=_refuse_none,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _refuse_none(value: Any) -> Any:
    if value is None:
        raise TypeError("a template was given nothing to print")
    return value
