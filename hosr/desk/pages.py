"""The page itself, which holds no data of anybody, and the programs and styles that it loads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.desk.sentences import tell_refusal
from hosr.desk.vocabulary import vocabulary_of
from hosr.desk.words import words_of
from hosr.templating.environment import make_environment
from hosr.templating.sources import read_shipped
from hosr.version import __version__

if TYPE_CHECKING:
    from hosr.language import Language

STATIC = Path(__file__).with_name("static")

# What the page may load, by the end of its name.
KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}

# Groups of the tools: what each does (keys.js), its words, its key, and whether it is on or off.
_TOOLS = (
    (
        ("drawGap", "tool_gap", "G", True),
        ("drawIsland", "tool_island", "I", True),
        ("drawCircle", "tool_circle", "C", True),
        ("drawLine", "tool_line", "L", True),
        ("takeEdge", "tool_edge", "E", False),
    ),
    (("toggleOriginal", "tool_original", "O", True), ("togglePrior", "tool_prior", "P", True)),
    (
        ("fit", "tool_fit", "F", False),
        ("invert", "tool_invert", "N", True),
        ("reset", "tool_reset", "R", False),
    ),
    (("undo", "tool_undo", "Z", False), ("redo", "tool_redo", "Shift Z", False)),
)

# Signs that stand for the words: where everybody knows them, and of the others where there is little room.
_SIGNS = {"undo": "↶", "redo": "↷", "fit": "⤢", "invert": "◐", "reset": "⟲"}
_SIGNS_ALONE = ("undo", "redo")


@dataclass(frozen=True)
class Pages:
    """The pages in a language; `told` is what the programs of the page are told: "blind", "lock_after_s"."""

    language: Language
    told: Mapping[str, Any]

    @cached_property
    def shell(self) -> str:
        """The page of the worklist and of the desk, the same for everybody."""
        words = words_of(self.language)
        tools = [
            [
                {
                    "act": act,
                    "words": words[key],
                    "key": letter,
                    "sign": _SIGNS.get(act, ""),
                    "is_sign": act in _SIGNS_ALONE,
                    "shortcut": letter.replace(" ", "+"),
                    "is_switch": is_switch,
                }
                for act, key, letter, is_switch in group
            ]
            for group in _TOOLS
        ]
        return self._render(
            "desk.html",
            version=__version__,
            said=words,
            words=json.dumps(words, ensure_ascii=False),
            page=json.dumps({**self.told, "vocabulary": vocabulary_of(self.language)}),
            tools=tools,
        )

    @cached_property
    def locked(self) -> str:
        """The page for whoever has no session."""
        problem, remedy = tell_refusal("locked", self.language)
        return self._render("locked.html", problem=problem, remedy=remedy)

    def _render(self, name: str, **told: Any) -> str:
        environment = make_environment({}, read_shipped("desk"), self.language)
        return environment.get_template(name).render(language=self.language.tag, **told)

    @cached_property
    def files(self) -> Mapping[str, tuple[bytes, str]]:
        """What the page loads, by name: the bytes, and what kind they are."""
        return {
            path.name: (path.read_bytes(), KINDS[path.suffix])
            for path in sorted(STATIC.iterdir())
            if path.suffix in KINDS
        }
