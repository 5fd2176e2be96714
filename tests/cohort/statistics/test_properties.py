"""What holds for the statistics of any cohort."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.cohort.analysis import analyse, analysis_json
from hosr.cohort.statistics.agreement import cohen_kappas, compare_pairs
from hosr.cohort.statistics.estimates import Sampling, clustered_shares
from hosr.cohort.statistics.gradings import read_gradings
from tests.cohort.statistics.tables import BROOKER, DELLA_VALLE, FEW, Row, make_row, pair_rows
from tests.drawn import drawn

PLACES = st.integers(min_value=0, max_value=4)
PAIRS = st.lists(st.tuples(PLACES, PLACES), min_size=2, max_size=30)
WEIGHTS = ("unweighted", "linear", "quadratic")


@st.composite
def cohorts(draw: st.DrawFn) -> list[Row]:
    """Rows of any few subjects, sides, studies and readers, with grades and scores or without."""
    readers = (("reader-1", "person"), ("reader-2", "person"), ("model-1", "algorithm"))
    keys = st.tuples(
        st.integers(0, 3), st.sampled_from(("right", "left")), st.integers(0, 2),
        st.sampled_from(readers), st.integers(1, 2),
    )  # fmt: skip
    rows = []
    for subject, side, study, (reader, kind), number in draw(st.sets(keys, max_size=14)):
        severe = draw(st.none() | st.floats(0, 1))
        rows.append(
            make_row(
                subject_id=f"SYN-{subject}",
                hip_side=side,
                study_id=f"SYN-{subject}-{study}",
                study_day=100 * study,
                days_since_index=draw(st.none() | st.integers(-5, 400)),
                time_point=f"visit {study}",
                evaluable=draw(st.booleans()),
                brooker=draw(st.none() | st.sampled_from(BROOKER)),
                della_valle=draw(st.none() | st.sampled_from(DELLA_VALLE)),
                p_brooker_III=severe,
                p_brooker_IV=None if severe is None else 1 - severe,
                reader_id=reader,
                reader_type=kind,
                read_no=number,
            )
        )
    return rows


def numbers(value: Any, path: str = "$") -> Iterator[tuple[str, float]]:
    """Every number of a JSON value, with its path."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from numbers(part, f"{path}.{key}")
    elif isinstance(value, list):
        for part in value:
            yield from numbers(part, f"{path}[]")
    elif isinstance(value, int | float):
        yield path, value


@drawn(12)
@given(cohorts())
def test_every_number_is_finite_or_missing_with_a_reason(rows: list[Row]) -> None:
    """Whatever the rows, JSON can hold the result, and what has no value says why."""
    found = analysis_json(analyse(rows, resamples=20))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert [path for path, number in numbers(found) if not math.isfinite(number)] == []
    assert [part for part in parts(found) if is_unexplained(part)] == []


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within a JSON value."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from parts(part)


def is_unexplained(part: dict[str, Any]) -> bool:
    """Whether a value or an interval is missing without a reason, or has one beside a value."""
    if "low" in part and "method" in part:
        return (part["low"] is None) != bool(part["reason"]) or not part["method"]
    if "value" in part:
        return (part["value"] is None) != bool(part["reason"]) or not part["method"]
    return False


@drawn(6)
@given(cohorts(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_no_matter(rows: list[Row], random: Any) -> None:
    """Shuffled rows give the same analysis."""
    shuffled = random.sample(rows, len(rows))
    assert analyse(shuffled, resamples=20) == analyse(rows, resamples=20)


@drawn(12)
@given(PAIRS)
def test_kappa_is_symmetric(pairs: list[tuple[int, int]]) -> None:
    """It does not matter which reader is the first, neither for kappa nor for its intervals."""
    subjects = [f"SYN-{number // 2}" for number in range(len(pairs))]
    there = cohen_kappas(subjects, pairs, 5, FEW)
    back = cohen_kappas(subjects, [(second, first) for first, second in pairs], 5, FEW)
    for one, other in zip(there, back, strict=True):
        assert one.reason == other.reason
        assert (one.value is None) == (other.value is None)
        assert one.value is None or one.value == pytest.approx(other.value)
        for name in ("interval", "clustered"):
            limits, others = getattr(one, name), getattr(other, name)
            assert (limits.reason, limits.undefined) == (others.reason, others.undefined)
            assert limits.low is None or limits.low == pytest.approx(others.low)
            assert limits.high is None or limits.high == pytest.approx(others.high)


@given(st.lists(PLACES, min_size=2, max_size=30))
def test_kappa_of_one_who_repeats_the_other_is_one(places: list[int]) -> None:
    """Identical readers have kappa 1, or none where they gave one grade only; never an interval."""
    subjects = [f"SYN-{number}" for number in range(len(places))]
    for estimate in cohen_kappas(subjects, [(place, place) for place in places], 5, FEW):
        if len(set(places)) == 1:
            assert (estimate.value, estimate.interval.low) == (None, None)
            assert estimate.reason.startswith("undefined: one grade only")
        else:
            assert estimate.value == pytest.approx(1)
            assert estimate.interval.reason.startswith(
                "no interval: the large-sample standard error"
            )


@pytest.mark.parametrize("weights", WEIGHTS)
def test_hips_that_copy_each_other_are_no_more_data(weights: str) -> None:
    """Two identical hips a subject have the interval by subject that one hip each would have.

    The interval that takes hips as independent becomes narrower, falsely.
    """
    table = [[12, 3, 0], [2, 9, 2], [0, 4, 8]]
    alone = pair_rows(table)
    both = [*alone, *({**row, "hip_side": "left"} for row in alone)]
    (one, two) = (
        getattr(compare_pairs(read_gradings(rows), Sampling(seed=1, resamples=4000))[0], weights)
        for rows in (alone, both)
    )
    assert one.clustered.reason == "not needed: every subject contributes one grading"
    assert two.value == pytest.approx(one.value)
    width_of_one = one.interval.high - one.interval.low
    assert two.interval.high - two.interval.low == pytest.approx(
        width_of_one / math.sqrt(2), rel=0.02
    )
    assert two.clustered.high - two.clustered.low == pytest.approx(width_of_one, rel=0.1)


def test_interval_by_subject_of_a_share_is_that_of_the_binomial() -> None:
    """Pairs of equal hips: the resampled limits are the quantiles of the binomial distribution."""
    from scipy.stats import binom

    subjects = [f"SYN-{number // 2}" for number in range(200)]
    counted = [int(number // 2 < 30) for number in range(200)]
    sampling = Sampling(seed=1, resamples=20_000)
    (share,) = clustered_shares(subjects, counted, [{1}], "hips", sampling)
    expected = [binom.ppf(tail, 100, 0.3) / 100 for tail in (0.025, 0.975)]
    assert [share.clustered.low, share.clustered.high] == pytest.approx(expected, abs=0.0101)
    assert (share.count, share.total, share.clustered.undefined) == (60, 200, 0)


def test_a_seed_gives_the_same_numbers_again() -> None:
    """One seed, one result; another seed, other intervals of the same value."""
    table = [[5, 2, 1], [1, 6, 2], [0, 2, 5]]
    rows = [*pair_rows(table), *({**row, "hip_side": "left"} for row in pair_rows(table))]
    first, again, other = (analyse(rows, seed=seed, resamples=50) for seed in (1, 1, 2))
    assert first == again
    assert first.agreement[0].linear.value == other.agreement[0].linear.value
    assert first.agreement[0].linear.clustered != other.agreement[0].linear.clustered
