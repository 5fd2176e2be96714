"""The page as it is sent: its words, its tools, and nothing of any patient."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hosr.desk.words import words_of
from hosr.templating.environment import make_environment
from hosr.templating.sources import read_shipped
from hosr.version import __version__

if TYPE_CHECKING:
    from hosr.language import Language

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

# Signs that stand for the words where everybody knows them.
_SIGNS = {"undo": "↶", "redo": "↷"}


def render_shell(language: Language, page: Mapping[str, Any]) -> str:
    """The page in a language; `page` is what its programs are told: "blind", "lock_after_s"."""
    words = words_of(language)
    tools = [
        [
            {
                "act": act,
                "words": words[key],
                "key": letter,
                "sign": _SIGNS.get(act, ""),
                "shortcut": letter.replace(" ", "+"),
                "is_switch": is_switch,
            }
            for act, key, letter, is_switch in group
        ]
        for group in _TOOLS
    ]
    environment = make_environment({}, read_shipped("desk"), language)
    return environment.get_template("desk.html").render(
        language=language.tag,
        version=__version__,
        said=words,
        words=json.dumps(words, ensure_ascii=False),
        page=json.dumps(dict(page)),
        tools=tools,
    )
