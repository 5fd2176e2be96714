"""The plots of a cohort: a matrix, grades by time point, changes of grade, and reliability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hosr.cohort.page.canvas import (
    ACCENT,
    FAINT,
    INK,
    LINE,
    Canvas,
    grade_colour,
    on_grade,
)
from hosr.cohort.page.tables import clip, decimal

if TYPE_CHECKING:
    from hosr.cohort.statistics.accuracy import Bin
    from hosr.cohort.statistics.incidence import Incidence


_CELL = 44
_LETTER = 9  # as wide as most letters are at most
_STRONGEST = 0.38  # so that words on the colour stay readable on light and dark paper


def draw_matrix(
    labels: Sequence[str],
    matrix: Sequence[Sequence[int]],
    axes: tuple[str, str],
) -> str:
    """A matrix of counts, the diagonal framed; `axes` are what rows and columns are."""
    size, left, top = len(labels), 66, 46
    canvas = Canvas(left + size * _CELL + 8, top + size * _CELL + 8)
    most = max(1, *(count for row in matrix for count in row))
    middle = size * _CELL / 2
    fitting = size * _CELL // _LETTER
    canvas.title((left + middle, 14), clip(axes[1], fitting))
    canvas.title((14, top + middle), clip(axes[0], fitting), turned=True)
    for i, row in enumerate(matrix):
        half = i * _CELL + _CELL / 2
        canvas.words((left + half, top - 12), labels[i], colour=FAINT)
        canvas.words((left - 10, top + half), labels[i], colour=FAINT, align="right")
        for j, count in enumerate(row):
            corner = (left + j * _CELL, top + i * _CELL)
            inner = (corner[0] + 1.5, corner[1] + 1.5)
            if count:
                canvas.box(inner, (_CELL - 3, _CELL - 3), ACCENT, opacity=_STRONGEST * count / most)
            if i == j:
                canvas.box(inner, (_CELL - 3, _CELL - 3), "none", outline=ACCENT)
            colour = INK if count else FAINT
            centre = (corner[0] + _CELL / 2, corner[1] + _CELL / 2)
            canvas.words(centre, str(count), colour=colour, size=14 if count else 12)
    rows = "; ".join(
        f"{label}: {', '.join(map(str, row))}" for label, row in zip(labels, matrix, strict=True)
    )
    told = f"Matrix of counts. Rows, {axes[0]}; columns, {axes[1]}, {', '.join(labels)}. {rows}."
    return canvas.svg(told)


def draw_grades(title: str, incidences: Sequence[Incidence]) -> str:
    """One bar a time point, cut into the shares of each grade, with counts."""
    labels = [share.name for share in incidences[0].grades]
    left, width, bar, top = 118, 380, 26, 40
    canvas = Canvas(left + width + 58, top + len(incidences) * (bar + 12))
    _draw_legend(canvas, labels, left)
    told = []
    for number, incidence in enumerate(incidences):
        y = top + number * (bar + 12)
        canvas.words((left - 10, y + bar / 2), clip(incidence.time_point, 14), align="right")
        x = float(left)
        for place, grade in enumerate(incidence.grades):
            length = width * (grade.share.value or 0)
            canvas.box((x, y), (length, bar), grade_colour(place, len(labels)))
            if length > 8 * len(str(grade.share.count)) + 4:
                centre = (x + length / 2, y + bar / 2)
                canvas.words(centre, str(grade.share.count), colour=on_grade(place, len(labels)))
            x += length
        beside = (left + width + 8, y + bar / 2)
        canvas.words(beside, f"n={incidence.graded}", colour=FAINT, align="left")
        counts = ", ".join(f"{grade.name} {grade.share.count}" for grade in incidence.grades)
        told.append(f"{incidence.time_point}: {counts} of {incidence.graded}.")
    return canvas.svg(f"{title}. {' '.join(told)}")


def _draw_legend(canvas: Canvas, labels: Sequence[str], left: float) -> None:
    for place, label in enumerate(labels):
        x = left + place * 64
        canvas.box((x, 8), (14, 14), grade_colour(place, len(labels)))
        canvas.words((x + 20, 15), label, align="left")


def draw_flow(
    labels: Sequence[str], matrix: Sequence[Sequence[int]], times: tuple[str, str]
) -> str:
    """How hips move from the grades at one time point, on the left, to those at the next."""
    total = sum(map(sum, matrix))
    top, height, left, right, upright = 40, 240, 66, 314, 16
    scale = (height - 8 * (len(labels) - 1)) / max(1, total)
    before = [sum(row) for row in matrix]
    after = [sum(column) for column in zip(*matrix, strict=True)]
    (starts, lowest), (ends, lower) = _stack(before, scale, top), _stack(after, scale, top)
    canvas = Canvas(right + 66, max(lowest, lower) + 6)
    canvas.title((left, 16), clip(times[0], 15))
    canvas.title((right, 16), clip(times[1], 15))
    used_before, used_after = [*starts], [*ends]
    size = len(labels)
    for i, row in enumerate(matrix):
        for j, count in enumerate(row):
            if count:
                thick = count * scale
                start = (left + upright / 2, used_before[i], used_before[i] + thick)
                end = (right - upright / 2, used_after[j], used_after[j] + thick)
                canvas.ribbon(start, end, grade_colour(j, size))
                used_before[i] += thick
                used_after[j] += thick
    sides = ((left, starts, before, "right", -12), (right, ends, after, "left", 12))
    for x, tops, counts, align, aside in sides:
        for place, count in enumerate(counts):
            if count:
                size_of = (upright, count * scale)
                canvas.box((x - upright / 2, tops[place]), size_of, grade_colour(place, size))
                middle = (x + aside, tops[place] + count * scale / 2)
                canvas.words(middle, f"{labels[place]}: {count}", align=align)
    moves = ", ".join(
        f"{labels[i]} to {labels[j]} {count}"
        for i, row in enumerate(matrix)
        for j, count in enumerate(row)
        if count
    )
    return canvas.svg(f"Hips by grade, {times[0]} to {times[1]}: {moves or 'none'}.")


def _stack(counts: Sequence[int], scale: float, top: float) -> tuple[list[float], float]:
    """The top of each upright, and where the last one ends; a grade that nobody has takes no room."""
    tops, y = [], float(top)
    for count in counts:
        tops.append(y)
        # Room for the words beside the upright, however thin it is.
        y += max(count * scale, 9) + 8 if count else 0
    return tops, y


def draw_reliability(bins: Sequence[Bin]) -> str:
    """What the model said against what was so, with exact intervals and the number of hips."""
    left, top, side, gap = 62, 14, 260, 46
    low = top + side + gap
    canvas = Canvas(left + side + 16, low + 88)

    def at(said: float, true: float) -> tuple[float, float]:
        return left + said * side, top + (1 - true) * side

    for tick in (0, 0.25, 0.5, 0.75, 1):
        canvas.line([at(0, tick), at(1, tick)], LINE)
        canvas.line([at(tick, 0), at(tick, 1)], LINE)
        canvas.words(
            (left - 8, at(0, tick)[1]), decimal(tick), colour=FAINT, align="right", size=11
        )
        canvas.words((at(tick, 0)[0], top + side + 12), decimal(tick), colour=FAINT, size=11)
    canvas.line([at(0, 0), at(1, 1)], FAINT, dashed=True)
    canvas.title((left + side / 2, top + side + 30), "Probability of III or IV by the model")
    canvas.title((14, top + side / 2), "Share III or IV by the reference", turned=True)
    most = max(1, *(one.hips for one in bins), 1)
    for one in bins:
        share = one.severe
        if share.interval.low is not None and share.interval.high is not None:
            limits = [
                at(one.mean_probability, edge) for edge in (share.interval.low, share.interval.high)
            ]
            canvas.line(limits, ACCENT, width=2)
        canvas.dot(at(one.mean_probability, share.value or 0), ACCENT)
        height = 44 * one.hips / most
        x, width = left + one.low * side, (one.high - one.low) * side
        canvas.box((x + 1, low + 64 - height), (width - 2, height), ACCENT, opacity=_STRONGEST)
        canvas.words((x + width / 2, low + 64 - height - 8), str(one.hips), size=11)
    canvas.line([(left, low + 64), (left + side, low + 64)], LINE)
    canvas.words((left + side / 2, low + 77), "Hips in each bin", colour=FAINT, size=11)
    told = " ".join(
        f"{decimal(one.low)} to {decimal(one.high)}: {one.severe.count} of {one.hips}, mean"
        f" probability {decimal(one.mean_probability)}."
        for one in bins
    )
    return canvas.svg(f"Reliability of the probabilities of III or IV, by bin. {told}")
