"""The drawings of the page: a matrix, grades by time point, changes of grade, and reliability.

Each is what its template needs: places in CSS pixels from the top left, words, and what is told to
those who cannot see it. A grade has the colour of its place on the scale, which the page defines.
All are as wide as a phone shows, so that their words are nowhere smaller than those of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, TypeAlias

from hosr.cohort.page.tables import clip, decimal
from hosr.cohort.statistics.accuracy import Bin
from hosr.cohort.statistics.incidence import Incidence

Drawing: TypeAlias = dict[str, Any]

_WIDTH = 320
_LETTER = 9  # as wide as most letters are at most, in any font of a reader's machine
_SHADES = 5  # the grades of the longest scale

# Of the colour of a cell: one hip is seen, and words on the most stay readable on any paper.
_FAINTEST, _STRONGEST = 0.08, 0.38


def draw_matrix(
    labels: Sequence[str], matrix: Sequence[Sequence[int]], axes: tuple[str, str]
) -> Drawing:
    """A matrix of counts with its totals, the diagonal framed; `axes` are what rows and columns are."""
    left, top, cell = 54, 50, 44
    extent = len(labels) * cell
    height = top + extent + 30
    centres = [place * cell + cell / 2 for place in range(len(labels))]
    totals = [*map(sum, matrix)], [sum(column) for column in zip(*matrix, strict=True)]
    rows = "; ".join(
        f"{label}: {', '.join(map(str, row))}" for label, row in zip(labels, matrix, strict=True)
    )
    return {
        "template": "matrix.svg",
        "alternative": f"Matrix of counts. Rows, {axes[0]}; columns, {axes[1]}, {', '.join(labels)}. {rows}.",
        "width": _WIDTH,
        "height": height,
        "left": left,
        "top": top,
        "cell": cell,
        "extent": extent,
        "row_title": clip(axes[0], height // _LETTER),
        "column_title": clip(axes[1], (_WIDTH - left) // _LETTER),
        "cells": [
            {"x": left + x, "y": top + y, "is_same": x == y, **drawn}
            for y, row in zip(centres, _cells(matrix), strict=True)
            for x, drawn in zip(centres, row, strict=True)
        ],
        "rows": [
            {"at": top + y, "label": label, "total": str(total), "size": _size(str(total), 4)}
            for y, label, total in zip(centres, labels, totals[0], strict=True)
        ],
        "columns": [
            {"at": left + x, "label": label, "total": str(total), "size": _size(str(total), 4)}
            for x, label, total in zip(centres, labels, totals[1], strict=True)
        ],
    }


def _cells(matrix: Sequence[Sequence[int]]) -> list[list[Drawing]]:
    """Each count with its size and its tint, which is strongest for the highest."""
    most = max(1, *(count for row in matrix for count in row))
    tint = (_STRONGEST - _FAINTEST) / most
    return [
        [
            {
                "text": str(count),
                "size": _size(str(count), 4, 14) if count else 12,
                "opacity": round(_FAINTEST + tint * count, 2) if count else 0,
            }
            for count in row
        ]
        for row in matrix
    ]


def draw_grades(title: str, incidences: Sequence[Incidence]) -> Drawing:
    """One bar a time point, cut into the shares of each grade, with counts."""
    labels = [share.name for share in incidences[0].grades]
    top, row = 34, 52
    told = []
    for incidence in incidences:
        counts = ", ".join(f"{grade.name} {grade.share.count}" for grade in incidence.grades)
        told.append(f"{incidence.time_point}: {counts} of {incidence.graded}.")
    return {
        "template": "grades.svg",
        "alternative": f"{title}. {' '.join(told)}",
        "width": _WIDTH,
        "height": top + len(incidences) * row,
        "legend": [
            {"x": place * 62, "label": label, "shade": _shade(place, len(labels))}
            for place, label in enumerate(labels)
        ],
        "bars": [
            {
                "y": top + number * row,
                "name": clip(incidence.time_point, 26),
                "graded": str(incidence.graded),
                "parts": _bar_parts(incidence),
            }
            for number, incidence in enumerate(incidences)
        ],
    }


def _bar_parts(incidence: Incidence) -> list[Drawing]:
    """The parts of a bar that have a length; a count is written where its part has room for it."""
    lengths = [_WIDTH * (grade.share.value or 0) for grade in incidence.grades]
    starts = accumulate(lengths, initial=0.0)
    parts = []
    for place, (grade, x, length) in enumerate(
        zip(incidence.grades, starts, lengths, strict=False)
    ):
        text = str(grade.share.count)
        if length:
            parts.append(
                {
                    "x": _px(x),
                    "length": _px(length),
                    "middle": _px(x + length / 2),
                    "text": text if length > 8 * len(text) + 4 else "",
                    "shade": _shade(place, len(lengths)),
                }
            )
    return parts


def draw_flow(
    labels: Sequence[str], matrix: Sequence[Sequence[int]], times: tuple[str, str]
) -> Drawing:
    """How hips move from the grades at one time point, on the left, to those at the next."""
    top, height, size = 34, 240, len(labels)
    scale = (height - 8 * (size - 1)) / max(1, sum(map(sum, matrix)))
    before = _stack([sum(row) for row in matrix], labels, scale, top)
    after = _stack([sum(column) for column in zip(*matrix, strict=True)], labels, scale, top)
    moves = [(i, j, count) for i, row in enumerate(matrix) for j, count in enumerate(row) if count]
    told = ", ".join(f"{labels[i]} to {labels[j]} {count}" for i, j, count in moves)
    lowest = max([top, *(each["bottom"] for each in (*before, *after))])
    return {
        "template": "flow.svg",
        "alternative": f"Hips by grade, {times[0]} to {times[1]}: {told or 'none'}.",
        "width": _WIDTH,
        "height": lowest + 8,
        "left": 76,
        "right": _WIDTH - 76,
        "upright": 16,
        "earlier": clip(times[0], 17),
        "later": clip(times[1], 17),
        "before": [each for each in before if each["height"]],
        "after": [each for each in after if each["height"]],
        "ribbons": _ribbons(moves, before, after, scale),
    }


def _stack(counts: Sequence[int], labels: Sequence[str], scale: float, top: float) -> list[Drawing]:
    """The uprights of one time point, from the top; a grade that nobody has takes no room."""
    stack, y = [], float(top)
    for place, (count, label) in enumerate(zip(counts, labels, strict=True)):
        # Room for the words beside the upright, however thin it is.
        room = max(count * scale, 10) if count else 0
        stack.append(
            {
                "y": _px(y),
                "height": _px(count * scale),
                "middle": _px(y + count * scale / 2),
                "bottom": _px(y + room),
                "text": f"{label}: {count}",
                "size": _size(f"{label}: {count}", 8),
                "shade": _shade(place, len(counts)),
            }
        )
        y += room + 8 if count else 0
    return stack


def _ribbons(
    moves: Sequence[tuple[int, int, int]],
    before: Sequence[Drawing],
    after: Sequence[Drawing],
    scale: float,
) -> list[Drawing]:
    """A band for each move, from the upright that hips leave to the one that they reach."""
    left, right = [each["y"] for each in before], [each["y"] for each in after]
    ribbons = []
    for i, j, count in moves:
        thick = count * scale
        ribbons.append(
            {
                "top": _px(left[i]),
                "bottom": _px(left[i] + thick),
                "upper": _px(right[j]),
                "lower": _px(right[j] + thick),
                "shade": after[j]["shade"],
            }
        )
        left[i] += thick
        right[j] += thick
    return ribbons


def draw_reliability(bins: Sequence[Bin]) -> Drawing:
    """What the model said against what was so, with exact intervals and the number of hips."""
    left, top, side, foot = 56, 10, 250, 370
    most = max(one.hips for one in bins)
    told = " ".join(
        f"{decimal(one.low)} to {decimal(one.high)}: {one.severe.count} of {one.hips}, mean"
        f" probability {decimal(one.mean_probability)}."
        for one in bins
    )
    return {
        "template": "reliability.svg",
        "alternative": f"Reliability of the probabilities of III or IV, by bin. {told}",
        "width": _WIDTH,
        "height": foot + 26,
        "left": left,
        "right": left + side,
        "top": top,
        "low": top + side,
        "foot": foot,
        "ticks": [
            {"x": left + side * tick, "y": top + side * (1 - tick), "text": decimal(tick)}
            for tick in (0, 0.25, 0.5, 0.75, 1)
        ],
        "bins": [
            {
                "x": _px(left + one.mean_probability * side),
                "y": _px(top + (1 - (one.severe.value or 0)) * side),
                # An interval is there for every bin, since none is empty.
                "least": _px(top + (1 - (one.severe.interval.low or 0)) * side),
                "greatest": _px(top + (1 - (one.severe.interval.high or 0)) * side),
                "start": _px(left + one.low * side + 1),
                "width": _px((one.high - one.low) * side - 2),
                "middle": _px(left + (one.low + one.high) / 2 * side),
                "height": _px(42 * one.hips / most),
                "text": str(one.hips),
                "size": _size(str(one.hips), 3, 11),
            }
            for one in bins
        ],
    }


def _shade(place: int, size: int) -> int:
    """The colour of a grade by its place on a scale of that size; the last is the darkest."""
    return round(place * (_SHADES - 1) / max(1, size - 1))


def _size(text: str, fitting: int, usual: float = 12) -> float:
    """The size of letters of which so many fit; smaller where there are more."""
    return round(usual * min(1, fitting / len(text)), 1)


def _px(value: float) -> float:
    return round(value, 1)
