"""The comparison of a hip with an earlier report of it, and the flags that it raises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from hosr.comparison.spaces import compare_spaces, is_calibrated_apart, is_same_view
from hosr.comparison.values import Comparison, GradePair, Pair, Verdict
from hosr.findings import Algorithm, IndexEvent, Observer
from hosr.persons import spellings
from hosr.priors import PriorHip
from hosr.report import GradedHip, Report
from hosr.scales import SCALES
from hosr.scales.flags import EARLY_FILM_DAYS
from hosr.study import read_date
from hosr.vocabulary.flags import Flag, in_order
from hosr.vocabulary.terms import ARTHROPLASTIES, Event, Presence, Side, Stage

# What removes bone, or what it lies on; a lower grade after it is no surprise.
_REMOVALS = {Event.REVISION_HIP_ARTHROPLASTY, Event.EXCISION_OF_HETEROTOPIC_OSSIFICATION}
# Later growth after arthroplasty is not what is described (Willburger et al., J Orthop Surg Res 2022,
# doi 10.1186/s13018-022-02959-z).
_LATE_DAYS = 3 * 365.25
# More classes than readers of one film mostly differ by.
_JUMP = 2


def compare_hips(report: Report) -> tuple[Comparison, ...]:
    """Each hip that has an earlier report to stand against, in the order of the report."""
    pairs = ((graded, report.prior_of(graded.hip.side)) for graded in report.hips)
    return tuple(_compare(report, graded, prior) for graded, prior in pairs if prior is not None)


def compare_hip(report: Report, side: Side) -> Comparison | None:
    """One hip against its earlier report; None where there is none."""
    return next((each for each in compare_hips(report) if each.side is side), None)


def flag_comparisons(report: Report) -> Report:
    """The report with the flags that its comparisons raise, and with none that they do not."""
    raised = {each.side: set(each.flags) for each in compare_hips(report)}
    hips = tuple(
        replace(graded, flags=in_order((set(graded.flags) - COMPARISON_FLAGS) | here))
        for graded in report.hips
        for here in [raised.get(graded.hip.side, set())]
    )
    return replace(report, hips=hips)


def _compare(report: Report, graded: GradedHip, prior: PriorHip) -> Comparison:
    events, undated = _find_events(report, graded.hip.side, prior)
    pair = Pair(report=report, graded=graded, prior=prior, events=events, undated=undated)
    grades, space = _pair_grades(graded, prior), compare_spaces(pair)
    is_same_reader = _is_same_reader(report.observer, prior.report.observer)
    steps = {abs(each.classes) for each in grades if each.classes}
    is_far = space is not None and space.verdict is Verdict.BEYOND
    compared = Comparison(
        side=graded.hip.side,
        prior=prior,
        is_same_view=is_same_view(pair),
        is_same_reader=is_same_reader,
        events=events,
        undated=undated,
        grades=grades,
        space=space,
        is_reading_variation=(steps == {1} and not (is_same_reader or is_far or events or undated)),
        is_early_prior=_is_early(prior),
    )
    flags = {flag for flag, raised in _CONDITIONS.items() if raised(pair, compared)}
    return replace(compared, flags=in_order(flags))


def _find_events(
    report: Report, side: Side, prior: PriorHip
) -> tuple[tuple[IndexEvent, ...], tuple[IndexEvent, ...]]:
    """The events of a hip that lie between the two studies, and those that may."""
    known = None if prior.event is None else prior.event.procedure
    then = read_date(prior.report.study_date) or dt.date.min
    between, undated = [], []
    for event in report.context.events:
        if event.side not in (None, side):
            continue
        is_known = event.procedure is known
        if event.date is None:
            # Where then no event was told, the one that is told now may have been there already.
            is_other = known is not None or event.procedure in _REMOVALS
            undated += [event] if is_other and not is_known else []
        elif event.date > then or (event.date == then and not is_known):
            between.append(event)
    return tuple(between), tuple(undated)


def _is_early(prior: PriorHip) -> bool:
    """Whether it was soon after the event that the study then was made (W07)."""
    event, then = prior.event, read_date(prior.report.study_date)
    if event is None or event.date is None or then is None:
        return False
    return 0 <= (then - event.date).days < EARLY_FILM_DAYS


def _is_same_reader(one: Observer, other: Observer) -> bool:
    """A person is known by the name; a model by name, version, maker and how it was set up."""
    if isinstance(one, Algorithm) and isinstance(other, Algorithm):
        return replace(one, device_uid="") == replace(other, device_uid="")
    if isinstance(one, Algorithm) or isinstance(other, Algorithm):
        return False
    return bool(spellings(one.name) & spellings(other.name))


def _pair_grades(graded: GradedHip, prior: PriorHip) -> tuple[GradePair, ...]:
    """The scales on which a grade is told of one of the two."""
    told = {grade.scale: grade.stated for grade in graded.grades if graded.is_told(grade)}
    pairs = ((key, prior.grade(key), told.get(key, ())) for key in SCALES)
    return tuple(
        GradePair(scale=key, before=then, after=now, classes=_classes(key, then, now))
        for key, then, now in pairs
        if then or now
    )


def _classes(scale: str, before: tuple[str, ...], after: tuple[str, ...]) -> int | None:
    if len(before) != 1 or len(after) != 1:
        return None
    order = SCALES[scale].grades
    return order.index(after[0]) - order.index(before[0])


def _fell(_: Pair, compared: Comparison) -> bool:
    """W09: a lower grade, and nothing that removes bone is recorded between."""
    between = (*compared.events, *compared.undated)
    is_removed = any(event.procedure in _REMOVALS for event in between)
    return not is_removed and any((each.classes or 0) < 0 for each in compared.grades)


def _jumped(_: Pair, compared: Comparison) -> bool:
    """W10: two classes or more."""
    return any(abs(each.classes or 0) >= _JUMP for each in compared.grades)


def _is_apart(pair: Pair, compared: Comparison) -> bool:
    """W11: read on another view, or calibrated otherwise."""
    return not compared.is_same_view or is_calibrated_apart(pair)


def _grew_late(pair: Pair, compared: Comparison) -> bool:
    """W12: more bone than at a study that itself was made more than 3 years after arthroplasty."""
    event = pair.report.context.event_of(compared.side)
    then = read_date(pair.prior.report.study_date)
    if event is None or event.procedure not in ARTHROPLASTIES or None in (event.date, then):
        return False
    since = (then or dt.date.min) - (event.date or dt.date.max)
    if since.days <= _LATE_DAYS or compared.is_reading_variation:
        return False
    space, now = compared.space, pair.graded.hip
    narrowed = space is not None and space.verdict is Verdict.BEYOND and (space.change_mm or 0) < 0
    is_new = pair.prior.presence is Presence.ABSENT and now.presence is Presence.PRESENT
    return narrowed or is_new or any((each.classes or 0) > 0 for each in compared.grades)


def _turned_back(pair: Pair, _: Comparison) -> bool:
    """V12: an earlier stage than then."""
    order, then, now = list(Stage), pair.prior.stage, pair.graded.hip.stage
    return then is not None and now is not None and order.index(now) < order.index(then)


_CONDITIONS: dict[Flag, Callable[[Pair, Comparison], bool]] = {
    Flag.GRADE_FELL: _fell,
    Flag.GRADE_JUMPED: _jumped,
    Flag.COMPARED_APART: _is_apart,
    Flag.LATE_GROWTH: _grew_late,
    Flag.STAGE_BACKWARD: _turned_back,
}

COMPARISON_FLAGS = frozenset(_CONDITIONS)
