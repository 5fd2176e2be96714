"""The analysis as the template takes it: sentences, tables and drawings, in the order of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hosr.cohort.analysis import Analysis
from hosr.cohort.page import tables
from hosr.cohort.page.drawings import draw_flow, draw_grades, draw_matrix, draw_reliability
from hosr.cohort.page.tables import plural
from hosr.cohort.statistics.accuracy import Accuracy
from hosr.cohort.statistics.agreement import Agreement
from hosr.cohort.statistics.crosswalk import DellaValleByBrooker
from hosr.cohort.statistics.gradings import SCALES
from hosr.cohort.statistics.incidence import Incidence
from hosr.cohort.statistics.progression import Transition
from hosr.language.numbers import plain

# Drawings are for looking at; the numbers of all readers are in the JSON.
MOST_DRAWINGS = 12

_INTERVALS = (
    "Below a value stands its 95 % interval, which takes hips as independent. In brackets, where "
    "some subject has several, stands the one that does not: subjects are resampled with all their hips."
)

_BY_BROOKER = "Della Valle by Brooker"
_DERIVED = (
    "Derived from the Brooker grades, not graded: by the definitions 0 is A, II is B, III and IV are C, "
    "and I is A or B, by the length of its longest island, which Brooker does not tell. So a share has two "
    "bounds: those that surely have the grade, and those that may have it, each with its own interval. "
    "Every hip with a Brooker grade is in it, none with a Della Valle grade alone. There is no agreement "
    "and no change of grade on it, for they would be those of Brooker a second time."
)


def describe(analysis: Analysis, version: str) -> dict[str, Any]:
    """What the templates print, as plain data: they escape every word of it."""
    return {
        "version": version,
        "facts": _facts(analysis),
        "not_evaluable": _reasons(analysis),
        "readers": tables.reader_table(analysis.denominators),
        "intervals": _INTERVALS,
        "agreement": [_agreement(analysis, scale.key) for scale in SCALES],
        "several": [tables.several_table(analysis)] if analysis.several_readers else [],
        "rereading": _rereading(analysis),
        "incidence": _incidence(analysis),
        "progression": _progression(analysis),
        "models": [_model(model) for model in analysis.accuracy],
        "reference": _reference(analysis),
        "method": _method(analysis),
    }


def _facts(analysis: Analysis) -> list[dict[str, str]]:
    counted = analysis.denominators
    persons = sum(reader.kind == "person" for reader in counted.readers)
    models = len(counted.readers) - persons
    readers = f"{plural(persons, 'person', 'persons')}, {plural(models, 'algorithm', 'algorithms')}"
    facts = [
        ("Hips", counted.hips, f"{plural(counted.examinations, 'examination', 'examinations')}"),
        ("Subjects", counted.subjects, f"{counted.bilateral_subjects} with both hips"),
        (
            "Studies",
            counted.studies,
            plural(len(analysis.time_points), "time point", "time points"),
        ),
        ("Readers", len(counted.readers), readers),
        ("Readings", counted.readings, f"{counted.evaluable} of evaluable hips"),
    ]
    return [{"name": name, "value": str(value), "note": note} for name, value, note in facts]


def _reasons(analysis: Analysis) -> list[str]:
    counted = analysis.denominators
    told = []
    if counted.not_evaluable:
        reasons = "; ".join(
            f"{plain(reason)}: {number}" for reason, number in counted.not_evaluable_reasons.items()
        )
        told.append(
            f"Not evaluable: {plural(counted.not_evaluable, 'reading', 'readings')} ({reasons})."
        )
    for scale in SCALES:
        open_ = counted.ungraded[scale.key]
        if open_:
            told.append(
                f"Evaluable, without one {scale.title} grade: {plural(open_, 'reading', 'readings')}."
            )
    return told


def _agreement(analysis: Analysis, key: str) -> dict[str, Any]:
    pairs = [pair for pair in analysis.agreement if pair.scale == key]
    title = tables.scale_title(key)
    drawn = [pair for pair in pairs if pair.hips][:MOST_DRAWINGS]
    return {
        "title": title,
        "tables": [tables.pair_table(pairs, f"{title}: pairs of readers, first readings")]
        if pairs
        else [],
        "drawings": [_matrix(pair) for pair in drawn],
        "rest": _rest(len([pair for pair in pairs if pair.hips]), "matrices"),
        "nothing": "" if pairs else "No two readers: there is no agreement to tell.",
    }


def _matrix(pair: Agreement) -> dict[str, Any]:
    axes = (pair.first, pair.second)
    caption = f"{tables.scale_title(pair.scale)}, {plural(pair.hips, 'hip examination', 'hip examinations')}"
    return {**draw_matrix(pair.labels, pair.matrix, axes), "caption": caption}


def _rest(number: int, what: str) -> str:
    left = number - MOST_DRAWINGS
    return f"{left} more {what} are not drawn." if left > 0 else ""


def _rereading(analysis: Analysis) -> list[Any]:
    found = []
    for scale in SCALES:
        pairs = [pair for pair in analysis.rereading if pair.scale == scale.key]
        if pairs:
            found.append(
                tables.pair_table(pairs, f"{scale.title}: first and second reading", again=True)
            )
    return found


def _incidence(analysis: Analysis) -> list[dict[str, Any]]:
    return [
        _incidence_on(scale.key, [one for one in analysis.incidence if one.scale == scale.key])
        for scale in SCALES
    ] + _by_brooker(analysis.della_valle_by_brooker)


def _by_brooker(derived: Sequence[DellaValleByBrooker]) -> list[dict[str, Any]]:
    """What Brooker alone leaves of Della Valle, under a title that says so; nothing where it was graded."""
    groups: dict[str, list[DellaValleByBrooker]] = {}
    for one in derived:
        groups.setdefault(one.reader, []).append(one)
    found = [
        tables.by_brooker_table(own, f"{_BY_BROOKER}, {_name(own[0])}: derived, not graded")
        for own in groups.values()
    ]
    section = {"title": _BY_BROOKER, "drawings": [], "rest": "", "nothing": "", "told": _DERIVED}
    return [{**section, "tables": found[:1], "others": found[1:]}] if found else []


def _incidence_on(key: str, incidences: Sequence[Incidence]) -> dict[str, Any]:
    """One scale: a drawing and a table of each reader who graded on it."""
    graded = {one.reader for one in incidences if one.graded}
    groups: dict[str, list[Incidence]] = {}
    for one in incidences:
        if one.reader in graded:
            groups.setdefault(one.reader, []).append(one)
    title = tables.scale_title(key)
    drawings = []
    for own in [*groups.values()][:MOST_DRAWINGS]:
        caption = f"{title}, {_name(own[0])}, per hip"
        per_hip = [one for one in own if one.unit == "hip" and one.graded]
        drawings.append({**draw_grades(caption, per_hip), "caption": caption})
    found = [tables.incidence_table(own, f"{title}, {_name(own[0])}") for own in groups.values()]
    return {
        "title": title,
        "drawings": drawings,
        "rest": _rest(len(groups), "drawings"),
        "tables": found[:1],
        "others": found[1:],
        "nothing": "" if groups else "Nobody graded.",
        "told": "",
    }


def _name(one: Incidence | DellaValleByBrooker) -> str:
    return plain(one.reader) if one.reader == one.kind else f"{plain(one.reader)} ({one.kind})"


def _progression(analysis: Analysis) -> dict[str, Any]:
    found = []
    for scale in SCALES:
        own = [one for one in analysis.transitions if one.scale == scale.key and one.hips]
        if own:
            found.append(_progression_on(scale.title, own))
    single = len(analysis.time_points) < 2
    nothing = (
        "One time point only" if single else "No hip was graded at two neighbouring time points"
    )
    failures = analysis.baseline_failures
    return {
        "scales": found,
        "failures": [tables.failure_table(failures)] if failures else [],
        "nothing": "" if found else f"{nothing}: there is no progression to tell.",
    }


def _progression_on(title: str, transitions: Sequence[Transition]) -> dict[str, Any]:
    drawings = [
        {
            **draw_flow(one.labels, one.matrix, (one.earlier, one.later)),
            "caption": f"{title}, {plain(one.reader)}: {plural(one.hips, 'hip', 'hips')}",
        }
        for one in transitions[:MOST_DRAWINGS]
    ]
    return {
        "title": title,
        "drawings": drawings,
        "rest": _rest(len(transitions), "transitions"),
        "tables": [tables.transition_table(transitions)],
        "others": [tables.matrix_table(one) for one in transitions],
    }


def _model(model: Accuracy) -> dict[str, Any]:
    left = model.left_out
    told = (
        f"{plural(model.hips, 'hip examination', 'hip examinations')} of "
        f"{plural(model.subjects, 'subject', 'subjects')} compared. Left out: {left.not_graded_by_model} "
        f"not graded by the model, {left.no_reference} without a reference, {left.no_majority} without a "
        "majority."
    )
    described: dict[str, Any] = {"name": plain(model.model), "tables": [], "drawings": []}
    if not model.hips:
        return {**described, "told": told, "no_scores": ""}
    told += " Predictive values hold for the share of severe hips that this cohort has."
    drawings, own_tables = [_matrix(model.agreement)], [tables.model_table(model)]
    bins = model.calibration.bins
    if bins:
        caption = "Reliability; bars are exact 95 % intervals, the dashed line is agreement"
        drawings.append({**draw_reliability(bins), "caption": caption})
        own_tables.append(tables.reliability_table(model))
    without = "" if bins else "The model gave no probabilities of III and IV for these hips."
    shown = {"tables": own_tables, "drawings": drawings}
    return {**described, **shown, "told": told, "no_scores": without}


def _reference(analysis: Analysis) -> str:
    undecided = analysis.undecided.get("brooker", 0)
    without = f" {undecided} hip examinations have no such majority." if undecided else ""
    return f"Reference: {plain(analysis.reference)}.{without}"


def _method(analysis: Analysis) -> list[str]:
    method = analysis.method
    libraries = ", ".join(f"{name} {version}" for name, version in method.libraries.items())
    return [
        *analysis.notes,
        (
            "Exact intervals are those of Clopper and Pearson (statsmodels proportion_confint); Cohen's and "
            "Fleiss' kappa, and the large-sample intervals of Cohen's, are those of its inter_rater, cut at "
            "−1 and 1; area, Brier score and bins are those of scikit-learn."  # noqa: RUF001 (a minus)
        ),
        (
            f"Intervals by subject are percentiles of {method.resamples} resamples of subjects, each with all its "
            f"hips (seed {method.seed}). Where a statistic is undefined in more than one in twenty of them, "
            "or the same in all, there is none."
        ),
        (
            "Linear and quadratic weights count how many grades apart two readers are. No word is put to a "
            "kappa: which one is “good” depends on whose table is read."
        ),
        f"Computed with {libraries}.",
    ]
