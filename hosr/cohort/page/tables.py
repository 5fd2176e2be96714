"""The tables of the page: every cell in words, nothing left for the template to compute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from hosr.cohort.page.numbers import clip, decimal, estimate_lines, percent, share_lines
from hosr.cohort.statistics.agreement import FIRST
from hosr.cohort.statistics.gradings import MAJORITY, SCALES
from hosr.language.numbers import in_order, plain
from hosr.scales import SCALES as BY_KEY

if TYPE_CHECKING:
    from hosr.cohort.analysis import Analysis
    from hosr.cohort.statistics.accuracy import Accuracy
    from hosr.cohort.statistics.agreement import Agreement
    from hosr.cohort.statistics.denominators import Denominators
    from hosr.cohort.statistics.incidence import GradeShare, Incidence
    from hosr.cohort.statistics.progression import BaselineFailure, Transition

    Lines: TypeAlias = list[str]
    Table: TypeAlias = dict[str, Any]


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
                share_lines(pair.percent),
                estimate_lines(pair.unweighted),
                estimate_lines(pair.linear),
                estimate_lines(pair.quadratic),
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
                [f"{one.hips} ({one.subjects})"],
                estimate_lines(one.kappa),
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


def _summary_name(share: GradeShare) -> str:
    return (
        f"{share.name} ({share.grades[0]} to {share.grades[-1]})"
        if len(share.grades) > 1
        else share.name
    )


def _short_lines(named: GradeShare) -> Lines:
    """The lines of a share whose denominator stands in the same row."""
    share = named.share
    return (
        [f"{share.count} ({percent(share.value)}\u00a0%)", *share_lines(share)[1:]]
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
                share_lines(one.progressed),
                share_lines(one.same),
                share_lines(one.regressed),
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
            [[scale_title(one.scale)], share_lines(one.failed), [str(one.without_baseline)]],
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
        ("Sensitivity", [share_lines(severity.sensitivity), [severity.sensitivity.of]]),
        ("Specificity", [share_lines(severity.specificity), [severity.specificity.of]]),
        (
            "Positive predictive value",
            [
                share_lines(severity.positive_predictive_value),
                [severity.positive_predictive_value.of],
            ],
        ),
        (
            "Negative predictive value",
            [
                share_lines(severity.negative_predictive_value),
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
    rows += [(name, [estimate_lines(one), [f"{one.n} hip examinations"]]) for name, one in named]
    return _table("Brooker III or IV, yes or no", ["Measure", "Value", "Of"], rows)


def reliability_table(model: Accuracy) -> Table:
    """The bins of the reliability plot."""
    columns = ["Probability", "Hip examinations", "Mean probability", "III or IV by the reference"]
    rows = [
        (
            f"{decimal(one.low)} to {decimal(one.high)}",
            [[str(one.hips)], [decimal(one.mean_probability)], share_lines(one.severe)],
        )
        for one in model.calibration.bins
    ]
    return _table("Reliability of the probabilities of III or IV", columns, rows)
