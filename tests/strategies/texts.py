"""Texts of any script, names, days and UIDs as headers and records hold them."""

from __future__ import annotations

import datetime as dt
from functools import cache

from hypothesis import strategies as st

__all__ = [
    "days",
    "dicom_days",
    "lines_of_text",
    "long_texts",
    "person_names",
    "short_texts",
    "uids",
    "words",
]

_NAMES = (
    "Rossi^Maria",
    "Yamada^Tarou=山田^太郎=やまだ^たろう",
    "Hong^Gildong=洪^吉洞=홍^길동",
    "=王^小東",
    "Müller^Jörg^^Dr.^",
    "Люксембург",
    "Διονυσιος",
    "قباني^لنزار",
    "שרון^דבורה",
    "O'Hara^Siobhán^Anne^Prof.^MD, PhD",
)

_one_line = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\\")
_name_part = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\\^=")


@cache
def words(longest: int = 64) -> st.SearchStrategy[str]:
    """Text on one line, of any script, without blanks at its ends."""
    return st.text(_one_line, min_size=1, max_size=longest).map(str.strip).filter(bool)


@cache
def lines_of_text(longest: int = 80) -> st.SearchStrategy[str]:
    """Text that may have line ends, and may be empty."""
    return st.text(_one_line | st.just("\n"), max_size=longest).map(str.strip)


@cache
def person_names() -> st.SearchStrategy[str]:
    """DICOM person names of up to three groups; none is empty."""
    part = st.text(_name_part, min_size=1, max_size=12).map(str.strip).filter(bool)
    group = st.lists(part, min_size=1, max_size=5).map("^".join)
    groups = st.lists(group, min_size=1, max_size=3).map("=".join)
    return st.sampled_from(_NAMES) | groups


uids = st.integers(1, 2**100).map(lambda number: f"2.25.{number}")
days = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))
dicom_days = st.just("") | days.map(lambda day: day.strftime("%Y%m%d"))
short_texts = st.just("") | words(16)
long_texts = st.just("") | words(64)
