"""The analysis as one self-contained HTML page: no script, nothing fetched."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hosr._files import template_dir

if TYPE_CHECKING:
    from jinja2 import Template

    from hosr.cohort.analysis import Analysis

__all__ = ["render_page"]

_NAME = "page.html"


def render_page(analysis: Analysis) -> str:
    """The page; the same analysis gives the same bytes."""
    from hosr.cohort.page.content import describe
    from hosr.version import __version__

    return _template().render(describe(analysis, __version__))


@cache
def _template() -> Template:
    """The template of the page, in the environment that all templates of hosr share."""
    from hosr.language import ENGLISH
    from hosr.templating.environment import make_environment
    from hosr.templating.sources import Source

    text = (template_dir() / "cohort" / _NAME).read_text(encoding="utf-8")
    own = {_NAME: Source(f"cohort/{_NAME}", text)}
    return make_environment(own, {}, ENGLISH).get_template(_NAME)
