"""The tables of the page, and numbers and names as it prints them: nothing left to compute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from hosr.cohort.analysis import Analysis
from hosr.cohort.statistics.accuracy import Accuracy
from hosr.cohort.statistics.agreement import FIRST, Agreement
from hosr.cohort.statistics.crosswalk import DellaValleByBrooker, GradeBounds
from hosr.cohort.statistics.estimates import Estimate, Interval, Share
from hosr.cohort.statistics.gradings import MAJORITY, SCALES
from hosr.cohort.statistics.incidence import Denominators, GradeShare, Incidence
from hosr.cohort.statistics.progression import BaselineFailure, Transition
from hosr.language.numbers import in_order, plain
from hosr.scales import SCALES as BY_KEY

Lines: TypeAlias = list[str]
Table: TypeAlias = dict[str, Any]


def decimal(value: float) -> str:
    """Two decimals, with a real minus sign, and no minus before a zero."""
    text = f"{value:.2f}"
    return text.replace("-0.00", "0.00").replace("-", "−")  # noqa: RUF001 (a minus, not a hyphen)


def _percent(value: float) -> str:
    """A share in percent, without its unit."""
    return f"{100 * value:.1f}"


def clip(text: str, most: int) -> str:
    """A name on one line, cut where a drawing has no room for more."""
    line = plain(text)
    return line if len(line) <= most else f"{line[: most - 1]}…"


def plural(number: int, one: str, several: str) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else several}"


def _interval_words(interval: Interval, *, as_percent: bool) -> str:
    """The limits, with one blank at which a line may end; nothing where there are none."""
    if interval.low is None or interval.high is None:
        return ""
    written = _percent if as_percent else decimal
    return f"{written(interval.low)}\u00a0to {written(interval.high)}"


def _estimate_lines(estimate: Estimate) -> list[str]:
    """A value, its interval, and that by subject in brackets; or the reason for none."""
    if estimate.value is None:
        return ["–", estimate.reason.removeprefix("undefined: ")]  # noqa: RUF001 (a dash)
    independent = _interval_words(estimate.interval, as_percent=False)
    by_subject = _interval_words(estimate.clustered, as_percent=False)
    lines = [decimal(estimate.value), independent, by_subject and f"[{by_subject}]"]
    if not independent and not by_subject:
        lines.append("no interval")
    return [line for line in lines if line]


def _share_lines(share: Share) -> list[str]:
    """Count, denominator, percentage and intervals; a percentage never without its count."""
    if share.value is None:
        return ["0 of 0"]
    by_subject = _interval_words(share.clustered, as_percent=True)
    lines = [
        f"{share.count}\u00a0of\u00a0{share.total} ({_percent(share.value)}\u00a0%)",
        _interval_words(share.interval, as_percent=True),
        by_subject and f"[{by_subject}]",
    ]
    return [line for line in lines if line]


def scale_title(key: str) -> str:
    """The name of a scale."""
    return BY_KEY[key].title


def _table(
    caption: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Lines]]]
) -> Table:
    """A table whose first column heads its rows."""
    return {
        "caption": caption,
        "columns": [*columns],
        "rows": [{"head": plain(head), "cells": cells} for head, cells in rows],
    }


def reader_table(counted: Denominators) -> Table:
    """What each reader graded, by first readings."""
    grades = [f"{scale.title} {grade}" for scale in SCALES for grade in scale.grades]
    columns = ["Reader", "Kind", "Hip examinations", "Not evaluable", *grades, "Read again"]
    rows = []
    for one in counted.readers:
        counts = [count for scale in SCALES for count in one.grades[scale.key].values()]
        cells = [one.examinations, one.not_evaluable, *counts, one.reread]
        rows.append((one.reader, [[one.kind], *([str(cell)] for cell in cells)]))
    return _table("Readers and their grades, first readings", columns, rows)


def pair_table(pairs: Sequence[Agreement], caption: str, *, again: bool = False) -> Table:
    """Percent agreement and the three kappas of each pair, or of each reader who read again."""
    columns = [
        "Reader" if again else "Readers",
        "Hip examinations (subjects)",
        "Agreement",
        "κ unweighted",
        "κ linear",
        "κ quadratic",
    ]
    rows = [
        (
            pair.first.removesuffix(FIRST) if again else _both(pair),
            [
                [f"{pair.hips} ({pair.subjects})", f"{pair.left_out} left out"],
                _share_lines(pair.percent),
                _estimate_lines(pair.unweighted),
                _estimate_lines(pair.linear),
                _estimate_lines(pair.quadratic),
            ],
        )
        for pair in pairs
    ]
    return _table(caption, columns, rows)


def _both(pair: Agreement) -> str:
    return f"{in_order(plain(pair.first))} and {in_order(plain(pair.second))}"


def several_table(analysis: Analysis) -> Table:
    """Fleiss' kappa of three or more readers."""
    columns = ["Scale", "Readers", "Hip examinations (subjects)", "Fleiss' κ"]
    rows = [
        (
            scale_title(one.scale),
            [
                [", ".join(clip(name, 40) for name in one.readers)],
                [f"{one.hips} ({one.subjects})", f"{one.left_out} left out"],
                _estimate_lines(one.kappa),
            ],
        )
        for one in analysis.several_readers
    ]
    return _table("Three or more readers, on what all of them graded", columns, rows)


def incidence_table(incidences: Sequence[Incidence], caption: str) -> Table:
    """The grades of one reader on one scale, by time point, by hip and by patient."""
    first = incidences[0]
    together = [share for share in (first.any_bone, first.severe) if share is not None]
    named = [share.name for share in first.grades] + [_summary_name(share) for share in together]
    columns = ["Time point", "Unit", "Graded", "Not graded", *named]
    rows = []
    for one in incidences:
        shares = [*one.grades, *(share for share in (one.any_bone, one.severe) if share)]
        lacking = "majority" if one.kind == MAJORITY else "single grade"
        missing = [f"{one.not_evaluable} not evaluable", f"{one.ungraded} without a {lacking}"]
        if one.repeated:
            missing.append(f"{one.repeated} further studies")
        cells = [[f"per {one.unit}"], [str(one.graded)], missing]
        rows.append((one.time_point, [*cells, *(_short_lines(share) for share in shares)]))
    return _table(caption, columns, rows)


def by_brooker_table(derived: Sequence[DellaValleByBrooker], caption: str) -> Table:
    """Della Valle of one reader as Brooker leaves it, by time point, by hip and by patient."""
    named = [bounds.name for bounds in (*derived[0].grades, derived[0].severe)]
    columns = ["Time point", "Unit", "With Brooker", "Left open", *named]
    rows = []
    for one in derived:
        left = [f"{count} {what.replace('|', ' or ')}" for what, count in one.open.items()]
        cells = [[f"per {one.unit}"], [str(one.derived)], [str(one.derived - one.decided), *left]]
        rows.append((one.time_point, [*cells, *map(_bound_lines, (*one.grades, one.severe))]))
    return _table(caption, columns, rows)


def _bound_lines(bounds: GradeBounds) -> Lines:
    """One share where both bounds are equal; else the lesser and the greater, each with its name."""
    least, most = bounds.at_least, bounds.at_most
    if least.count == most.count:
        return _in_row(least)
    return [
        f"at least {least.count} ({_percent(least.count / least.total)}\u00a0%)",
        *_share_lines(least)[1:],
        f"at most {most.count} ({_percent(most.count / most.total)}\u00a0%)",
        *_share_lines(most)[1:],
    ]


def _summary_name(share: GradeShare) -> str:
    return (
        f"{share.name} ({share.grades[0]} to {share.grades[-1]})"
        if len(share.grades) > 1
        else share.name
    )


def _short_lines(named: GradeShare) -> Lines:
    """The lines of a share whose denominator stands in the same row."""
    return _in_row(named.share)


def _in_row(share: Share) -> Lines:
    return (
        [f"{share.count} ({_percent(share.value)}\u00a0%)", *_share_lines(share)[1:]]
        if share.value is not None
        else ["0"]
    )


def transition_table(transitions: Sequence[Transition]) -> Table:
    """How many hips progressed, stayed and regressed."""
    columns = ["Reader", "From and to", "Hips (subjects)", "Progressed", "Same", "Regressed"]
    rows = [
        (
            one.reader,
            [
                [f"{clip(one.earlier, 40)} to {clip(one.later, 40)}"],
                [
                    f"{one.hips} ({one.subjects})",
                    f"{one.only_earlier} only earlier",
                    f"{one.only_later} only later",
                ],
                _share_lines(one.progressed),
                _share_lines(one.same),
                _share_lines(one.regressed),
            ],
        )
        for one in transitions
    ]
    title = scale_title(transitions[0].scale)
    return _table(f"{title}: change of grade of the same hip", columns, rows)


def matrix_table(one: Transition) -> Table:
    """The transition matrix: rows the earlier grade, columns the later."""
    rows = [
        (label, [[str(count)] for count in row])
        for label, row in zip(one.labels, one.matrix, strict=True)
    ]
    caption = f"{one.reader}: {plain(one.earlier)} (rows) to {plain(one.later)} (columns), hips"
    return _table(plain(caption), [scale_title(one.scale), *one.labels], rows)


def failure_table(failures: Sequence[BaselineFailure]) -> Table:
    """Hips whose last grade is above that immediately after surgery."""
    columns = ["Reader", "Scale", "Above baseline", "Without a baseline or a later grade"]
    rows = [
        (
            one.reader,
            [[scale_title(one.scale)], _share_lines(one.failed), [str(one.without_baseline)]],
        )
        for one in failures
    ]
    days = failures[0].baseline_days
    return _table(
        f"Last grade above baseline (day 0 to {days} after the index event)", columns, rows
    )


def model_table(model: Accuracy) -> Table:
    """Sensitivity to quadratic kappa of one model, each with its denominator."""
    severity, calibration = model.severity, model.calibration
    severe, other = severity.true_positive, severity.true_negative
    rows: list[tuple[str, list[Lines]]] = [
        ("Sensitivity", [_share_lines(severity.sensitivity), [severity.sensitivity.of]]),
        ("Specificity", [_share_lines(severity.specificity), [severity.specificity.of]]),
        (
            "Positive predictive value",
            [
                _share_lines(severity.positive_predictive_value),
                [severity.positive_predictive_value.of],
            ],
        ),
        (
            "Negative predictive value",
            [
                _share_lines(severity.negative_predictive_value),
                [severity.negative_predictive_value.of],
            ],
        ),
        (
            "Correct and incorrect",
            [
                [f"{severe} true and {severity.false_positive} false positive"],
                [f"{other} true and {severity.false_negative} false negative"],
            ],
        ),
    ]
    named = [
        ("κ quadratic, all grades", model.agreement.quadratic),
        ("Area under the ROC curve", calibration.area_under_curve),
        ("Brier score", calibration.brier_score),
    ]
    rows += [(name, [_estimate_lines(one), [f"{one.n} hip examinations"]]) for name, one in named]
    return _table("Brooker III or IV, yes or no", ["Measure", "Value", "Of"], rows)


def reliability_table(model: Accuracy) -> Table:
    """The bins of the reliability plot."""
    columns = ["Probability", "Hip examinations", "Mean probability", "III or IV by the reference"]
    rows = [
        (
            f"{decimal(one.low)} to {decimal(one.high)}",
            [[str(one.hips)], [decimal(one.mean_probability)], _share_lines(one.severe)],
        )
        for one in model.calibration.bins
    ]
    return _table("Reliability of the probabilities of III or IV", columns, rows)
