"""Numbers, days and names in print."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.findings import Line, Place
from hosr.language import ENGLISH, LANGUAGES, numbers

_LINE = Line(start=(0.0, 0.0), end=(3.0, 4.0), place=Place(sop_instance_uid="1.2.3"))


def _plainly(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("mm", "printed"),
    [
        (0.0, "0.0\u00a0mm"),
        (-0.0, "0.0\u00a0mm"),
        (0.04, "less\u00a0than\u00a00.1\u00a0mm"),
        (0.05, "0.1\u00a0mm"),
        (6.2, "6.2\u00a0mm"),
        (9.94, "9.9\u00a0mm"),
        (9.95, "9.9\u00a0mm"),
        (9.999999999, "9.9\u00a0mm"),
        (10.0, "10.0\u00a0mm"),
        (10.04, "10.0\u00a0mm"),
        (10.06, "10.1\u00a0mm"),
        (187.45, "187.4\u00a0mm"),
    ],
)
def test_millimetres(mm: float, printed: str) -> None:
    """Millimetres have one decimal, and 9.96 is not printed as 10.0."""
    assert numbers.millimetres(mm, ENGLISH) == printed


@given(st.floats(0.05, 200.0))
def test_printed_millimetres_are_on_the_side_of_the_limit(mm: float) -> None:
    """A length is printed below 10 mm if and only if it is below."""
    printed = float(numbers.millimetres(mm, ENGLISH).removesuffix("\u00a0mm").split("\u00a0")[-1])
    assert (printed < 10) is (mm < 10)


@pytest.mark.parametrize(
    ("mm", "printed"),
    [(1.0, "1.0\u00a0mm"), (0.57, "0.6\u00a0mm"), (0.3, "0.3\u00a0mm"), (1.01, "1.1\u00a0mm")],
)
def test_uncertainty_is_rounded_up(mm: float, printed: str) -> None:
    """An uncertainty is never printed smaller than it is."""
    assert numbers.uncertainty(mm, ENGLISH) == printed


@pytest.mark.parametrize(
    ("low", "high", "printed"),
    [
        (9.2, 9.97, "9.2 to 9.9\u00a0mm"),
        (0.96, 1.04, "1.0\u00a0mm"),
        (0.04, 0.3, "less\u00a0than\u00a00.1 to 0.3\u00a0mm"),
        (0.01, 0.02, "less\u00a0than\u00a00.1\u00a0mm"),
    ],
)
def test_lengths_that_print_alike_are_one(low: float, high: float, printed: str) -> None:
    """What a short length stands for is not told as "about 1.0 to 1.0 mm"."""
    assert numbers.span(low, high, ENGLISH) == printed


@pytest.mark.parametrize(
    ("mm", "printed"), [(32.0, "32\u00a0mm"), (22.225, "22.225\u00a0mm"), (40.0, "40\u00a0mm")]
)
def test_known_size_has_no_needless_decimals(mm: float, printed: str) -> None:
    """The size of an implant head is printed as its maker does."""
    assert numbers.size(mm, ENGLISH) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [(0.8, "0.80"), (0.29, "0.29"), (0.999, "0.99"), (1.0, "1.00"), (0, "0.00")],
)
def test_score_is_rounded_down(value: float, printed: str) -> None:
    """A score below 1 is never printed as 1.00."""
    assert numbers.score(value, ENGLISH) == printed


def test_pixels() -> None:
    """The length of a line is printed in pixels of its image."""
    assert numbers.pixels(_LINE, ENGLISH) == "5.0\u00a0pixels"


@pytest.mark.parametrize(
    ("since", "until", "printed"),
    [
        ("2026-03-01", "2026-03-02", "1 day"),
        ("2026-02-17", "2026-03-02", "13 days"),
        ("2026-02-16", "2026-03-02", "2 weeks (14 days)"),
        ("2026-01-03", "2026-03-02", "8 weeks (58 days)"),
        ("2026-01-02", "2026-03-02", "2 months (59 days)"),
        ("2025-09-01", "2026-03-02", "6 months (182 days)"),
        ("2024-03-02", "2026-03-02", "2 years (730 days)"),
        ("2023-01-31", "2026-03-02", "3 years 1 month (1126 days)"),
    ],
)
def test_elapsed(since: str, until: str, printed: str) -> None:
    """Time is told in whole units of the calendar, with the days."""
    assert (
        _plainly(
            numbers.elapsed(dt.date.fromisoformat(since), dt.date.fromisoformat(until), ENGLISH)
        )
        == printed
    )


@pytest.mark.parametrize(
    ("text", "printed"),
    [("20260302", "2\u00a0March\u00a02026"), ("", ""), ("20261399", "20261399")],
)
def test_dicom_day(text: str, printed: str) -> None:
    """A DICOM date is told in words; what is no date is told as it is."""
    assert numbers.dicom_day(text, ENGLISH) == printed


def test_moment() -> None:
    """A moment has its offset from UTC."""
    moment = dt.datetime.fromisoformat("2026-03-02T10:15:59-03:30")
    assert numbers.moment(moment, ENGLISH) == "2\u00a0March\u00a02026, 10:15\u00a0(UTC-03:30)"
    assert numbers.moment(dt.datetime(2026, 3, 2, tzinfo=dt.UTC), ENGLISH).endswith(
        "00:00\u00a0(UTC+00:00)"
    )


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Rossi^Maria", "Maria Rossi"),
        (
            "Adams^John Robert Quincy^^Rev.^B.A. M.Div.",
            "Rev. John Robert Quincy Adams, B.A. M.Div.",
        ),
        ("O'Hara^Siobhán^Anne", "Siobhán Anne O'Hara"),
        ("Doe", "Doe"),
        ("^Maria", "Maria"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Tarou Yamada (山田 太郎; やまだ たろう)"),
        ("=王^小東", "王 小東"),
        ("Hong^Gildong==홍^길동", "Gildong Hong (홍 길동)"),
        ("  Rossi ^ Maria  ", "Maria Rossi"),
        ("^^^^", ""),
        ("", ""),
    ],
)
def test_person_name(name: str, printed: str) -> None:
    """A name is told as it is spoken, with its other scripts."""
    assert numbers.person_name(name) == printed


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("two\n lines\t here ", "two lines here"),
        ("bell\x07 and escape\x1b[31m", "bell and escape[31m"),
        ("3.2 \u202emm 01\u202c", "3.2 mm 01"),
        ("\x07", ""),
    ],
)
def test_plain_text(text: str, printed: str) -> None:
    """Free text becomes one line without controls, which a terminal would obey."""
    assert numbers.plain(text) == printed


@pytest.mark.parametrize(
    ("tag", "length", "date", "scored", "share"),
    [
        ("en", "1.6\u00a0mm", "1\u00a0March\u00a02026", "0.20", "20%"),
        ("de", "1,6\u00a0mm", "1.\u00a0März\u00a02026", "0,20", "20\u00a0%"),
        ("fr", "1,6\u00a0mm", "1er\u00a0mars\u00a02026", "0,20", "20\u00a0%"),
        ("es", "1,6\u00a0mm", "1\u00a0de\u00a0marzo\u00a0de\u00a02026", "0,20", "20\u00a0%"),
        ("it", "1,6\u00a0mm", "1º\u00a0marzo\u00a02026", "0,20", "20%"),
    ],
)
def test_numbers_and_days_follow_the_language(
    tag: str, length: str, date: str, scored: str, share: str
) -> None:
    """Decimals and dates are those of the language, and none of their blanks ends a line."""
    language = LANGUAGES[tag]
    assert numbers.millimetres(1.6, language) == length
    assert numbers.day(dt.date(2026, 3, 1), language) == date
    assert numbers.score(0.2, language) == scored
    assert numbers.percent(20, language) == share


@given(st.floats(0.0, 200.0), st.sampled_from(sorted(LANGUAGES)))
def test_every_language_prints_the_same_length(mm: float, tag: str) -> None:
    """The figures of a length are those of the English, but for the decimal sign."""
    told = numbers.millimetres(mm, LANGUAGES[tag]).replace(",", ".").split("\u00a0")
    english = numbers.millimetres(mm, ENGLISH).split("\u00a0")
    assert told[-2:] == english[-2:]
    assert (len(told) > 2) is (len(english) > 2)


def test_the_word_for_the_hour_stays_with_it() -> None:
    """What a language says behind a time is on the same line."""
    told = numbers.moment(dt.datetime(2026, 3, 2, tzinfo=dt.UTC), LANGUAGES["de"])
    assert told == "2.\u00a0März\u00a02026, 00:00\u00a0Uhr (UTC+00:00)"


def test_percent() -> None:
    """A percentage keeps its sign on the line."""
    assert numbers.percent(20, LANGUAGES["de"]) == "20\u00a0%"


@pytest.mark.parametrize(
    ("text", "ended"),
    [
        ("Maria Rossi", "Maria Rossi"),
        ("\u05e9\u05e8\u05d4, Haifa", "\u05e9\u05e8\u05d4, Haifa"),
        ("\u05e9\u05e8\u05d4", "\u05e9\u05e8\u05d4\u200e"),
        ("Haifa, \u05e9\u05e8\u05d4 (1)", "Haifa, \u05e9\u05e8\u05d4 (1)\u200e"),
        ("\u0623\u062d\u0645\u062f", "\u0623\u062d\u0645\u062f\u200e"),
        ("", ""),
        ("12", "12"),
    ],
)
def test_a_number_stays_behind_a_name(text: str, ended: str) -> None:
    """After letters from right to left a mark ends them; else a date would be drawn before them."""
    assert numbers.in_order(text) == ended
