"""Numbers and names as the page prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.language.numbers import plain

if TYPE_CHECKING:
    from hosr.cohort.statistics.estimates import Estimate, Interval, Share


def decimal(value: float) -> str:
    """Two decimals, with a real minus sign, and no minus before a zero."""
    text = f"{value:.2f}"
    return text.replace("-0.00", "0.00").replace("-", "−")  # noqa: RUF001 (a minus, not a hyphen)


def percent(value: float) -> str:
    """A share in percent, without its unit."""
    return f"{100 * value:.1f}"


def clip(text: str, most: int) -> str:
    """A name on one line, cut where a drawing has no room for more."""
    line = plain(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"


def plural(number: int, one: str, several: str) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else several}"


def interval_words(interval: Interval, *, as_percent: bool) -> str:
    """The limits, with one blank at which a line may end; nothing where there are none."""
    if interval.low is None or interval.high is None:
        return ""
    written = percent if as_percent else decimal
    return f"{written(interval.low)}\u00a0to {written(interval.high)}"


def estimate_lines(estimate: Estimate) -> list[str]:
    """A value, its interval, and that by subject in brackets; or the reason for none."""
    if estimate.value is None:
        return ["–", estimate.reason.removeprefix("undefined: ")]  # noqa: RUF001 (a dash)
    independent = interval_words(estimate.interval, as_percent=False)
    by_subject = interval_words(estimate.clustered, as_percent=False)
    lines = [decimal(estimate.value), independent, by_subject and f"[{by_subject}]"]
    if not independent and not by_subject:
        lines.append("no interval")
    return [line for line in lines if line]


def share_lines(share: Share) -> list[str]:
    """Count, denominator, percentage and intervals; a percentage never without its count."""
    if share.value is None:
        return ["0 of 0"]
    by_subject = interval_words(share.clustered, as_percent=True)
    lines = [
        f"{share.count}\u00a0of\u00a0{share.total} ({percent(share.value)}\u00a0%)",
        interval_words(share.interval, as_percent=True),
        by_subject and f"[{by_subject}]",
    ]
    return [line for line in lines if line]
