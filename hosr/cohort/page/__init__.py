"""The analysis as one self-contained HTML page: no script, nothing fetched.

content       sentences, tables and drawings in the order of the page
  tables      numbers and names as words, in rows and columns
  drawings    places and words of each drawing
templates/cohort/ lays them out: page.html, and an .svg for each kind of drawing.
"""

from __future__ import annotations

from hosr.cohort.analysis import Analysis

__all__ = ["render_page"]


def render_page(analysis: Analysis) -> str:
    """The page; the same analysis gives the same bytes."""
    from hosr.cohort.page.content import describe
    from hosr.language import ENGLISH
    from hosr.templating.environment import make_environment
    from hosr.templating.sources import read_shipped
    from hosr.version import __version__

    environment = make_environment({}, read_shipped("cohort"), ENGLISH)
    return environment.get_template("page.html").render(describe(analysis, __version__))
