"""The page itself, which holds no data of anybody, and the programs and styles that it loads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.desk.sentences import tell_refusal
from hosr.desk.shell import render_shell
from hosr.templating.environment import make_environment
from hosr.templating.sources import read_shipped

if TYPE_CHECKING:
    from hosr.language import Language

STATIC = Path(__file__).with_name("static")

# What the page may load, by the end of its name.
KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Pages:
    """The pages in a language; `told` is what the programs of the page are told of the desk."""

    language: Language
    told: Mapping[str, Any]

    @cached_property
    def shell(self) -> str:
        """The page of the worklist and of the desk, the same for everybody."""
        return render_shell(self.language, self.told)

    @cached_property
    def locked(self) -> str:
        """The page for whoever has no session."""
        problem, remedy = tell_refusal("locked", self.language)
        environment = make_environment({}, read_shipped("desk"), self.language)
        template = environment.get_template("locked.html")
        return template.render(language=self.language.tag, problem=problem, remedy=remedy)

    @cached_property
    def files(self) -> Mapping[str, tuple[bytes, str]]:
        """What the page loads, by name: the bytes, and what kind they are."""
        return {
            path.name: (path.read_bytes(), KINDS[path.suffix])
            for path in sorted(STATIC.iterdir())
            if path.suffix in KINDS
        }
