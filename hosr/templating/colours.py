"""Colours as CSS writes them, without transparency, and how well one is read on another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

from hosr.templating.unclear import Unclear

Colour: TypeAlias = tuple[int, int, int]

# The sixteen of HTML 4; others are written in figures.
_NAMED = {
    "black": "000000",
    "silver": "c0c0c0",
    "gray": "808080",
    "grey": "808080",
    "white": "ffffff",
    "maroon": "800000",
    "red": "ff0000",
    "purple": "800080",
    "fuchsia": "ff00ff",
    "green": "008000",
    "lime": "00ff00",
    "olive": "808000",
    "yellow": "ffff00",
    "navy": "000080",
    "blue": "0000ff",
    "teal": "008080",
    "aqua": "00ffff",
}
_FIGURES = re.compile(r"#(?:([0-9a-f]{3})|([0-9a-f]{6}))")
_CHANNELS = re.compile(r"rgb\( ?(\d{1,3})(?: ?, ?| )(\d{1,3})(?: ?, ?| )(\d{1,3}) ?\)")
_VARIABLE = re.compile(r"var\( ?(--[\w-]+) ?(?:, ?([^()]+))?\)")
_DEPTH = 8


class UnclearColour(Unclear):
    """What is no colour, or one that something shines through."""


def read_colour(value: str, variables: Mapping[str, str]) -> Colour:
    """A colour from how it is written, with the variables that it may name.

    Raises `UnclearColour`.
    """
    for _ in range(_DEPTH):
        named = _VARIABLE.fullmatch(value)
        if named is None:
            break
        value = variables.get(named[1], named[2] or "nothing").strip()
    figures = _FIGURES.fullmatch(value)
    if value in _NAMED:
        return _channels(_NAMED[value])
    if figures is not None:
        return _channels(figures[2] or "".join(2 * figure for figure in figures[1]))
    channels = _CHANNELS.fullmatch(value)
    if channels is None:
        raise UnclearColour("{}, which is not written as #rrggbb", value[:40])
    red, green, blue = (min(int(channel), 255) for channel in channels.groups())
    return red, green, blue


def _channels(figures: str) -> Colour:
    red, green, blue = bytes.fromhex(figures)
    return red, green, blue


def contrast(front: Colour, behind: Colour) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((_luminance(front), _luminance(behind)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
