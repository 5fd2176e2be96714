"""Any text goes through Typst as that text."""

from __future__ import annotations

import json
from typing import Any

import typst
from hypothesis import example, given
from hypothesis import strategies as st

from hosr.language import ENGLISH
from hosr.templating.environment import make_environment
from hosr.templating.sources import Source
from tests.drawn import drawn

TEMPLATE = (
    "#metadata([{{ text }}])<text>\n"
    '#metadata("{{ text }}")<within>\n'
    "#metadata({{ text | typst_string }})<string>\n"
)
ENVIRONMENT = make_environment({"page.typ": Source("page.typ", TEMPLATE)}, {}, ENGLISH)

MEANINGFUL = "\\#$*_`<>@[]~=-+/\"'.:;,{}()|&^%!? \t\r\n\u00a0\u0085\u2028\u2029\ufeff"
TEXTS = st.text(
    st.sampled_from(MEANINGFUL) | st.sampled_from("ab1é") | st.characters(codec="utf-8")
)


def _asked(source: str, label: str) -> Any:
    (found,) = json.loads(typst.query(source.encode(), f"<{label}>", field="value"))
    return found


def _words(content: Any) -> str:
    """The text of content that holds nothing else."""
    if content["func"] == "sequence":
        return "".join(map(_words, content["children"]))
    if content["func"] == "space":
        return " "
    assert content["func"] in ("text", "symbol")
    return str(content["text"])


@drawn(60)
@given(TEXTS)
@example("= Heading")
@example("- item")
@example("+ item")
@example("/ term: words")
@example("1. item")
@example("#panic()")
@example("*bold* _italic_ `raw` $x$ @ref <label>")
@example("https://example.com // comment /* comment */")
@example("-- --- ... ~ -? \"quoted\" 'quoted'")
@example("\\u{41} \\")
@example("  two  blanks  ")
@example("line\n\nparagraph")
@example("a]; #panic(); [b")
def test_text_stays_text(text: str) -> None:
    """In markup, within quotation marks, and as a string: the same text and nothing else."""
    source = ENVIRONMENT.get_template("page.typ").render(text=text)

    assert _words(_asked(source, "text")) == text
    assert _asked(source, "within") == text
    assert _asked(source, "string") == text
