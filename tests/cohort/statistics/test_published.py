"""The statistics against worked examples that others published."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hosr.cohort.statistics.accuracy import judge_probabilities, judge_severity
from hosr.cohort.statistics.agreement import Agreement, compare_pairs, compare_several
from hosr.cohort.statistics.estimates import exact_interval
from hosr.cohort.statistics.gradings import read_gradings
from tests.cohort.statistics.tables import FEW, pair_rows, rating_rows

# Westlund and Kurland's patients with multiple sclerosis, as Landis and Koch print them
# (Biometrics 1977;33:159-74, doi:10.2307/2529310).
WINNIPEG = [[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]]
NEW_ORLEANS = [[5, 3, 0, 0], [3, 11, 4, 0], [2, 13, 3, 4], [1, 2, 4, 14]]
# Two dermatologists (SAS/STAT 15.1 User's Guide, The FREQ Procedure, Agreement Study).
SKIN = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]
# Two reviewers of films (Agresti and Winner, Chance 1997;10(2):10-14; Agresti, Categorical Data
# Analysis, section 10.5, doi:10.1002/0471249688).
FILMS = [[24, 8, 13], [8, 13, 11], [10, 9, 64]]
# Two judges of 200 patients (Cohen, Psychol Bull 1968;70:213-20, table 1, doi:10.1037/h0026256).
JUDGES = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
# Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd edition 2003, table
# 18.1, doi:10.1002/0471445428.
DIAGNOSES = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]

# Table, weights, and kappa, its standard error and its limits as they were printed, "" where not.
KAPPAS = [
    # Friendly and Meyer, Discrete Data Analysis with R (2015), section 4.7: Kappa(MSPatients)
    (WINNIPEG, "unweighted", "0.208", "0.0505", "0.109 0.307"),
    (WINNIPEG, "linear", "0.380", "0.0517", "0.278 0.481"),
    (NEW_ORLEANS, "unweighted", "0.297", "0.0785", "0.143 0.450"),
    (NEW_ORLEANS, "linear", "0.477", "0.0730", "0.334 0.620"),
    (SKIN, "unweighted", "0.3449", "0.0724", "0.2030 0.4868"),
    (SKIN, "linear", "0.5082", "0.0655", "0.3798 0.6366"),
    (FILMS, "unweighted", "0.389", "0.060", "0.27 0.51"),
    (JUDGES, "unweighted", "0.492", "", ""),
    (DIAGNOSES, "unweighted", "0.68", "", ""),
]

# Fleiss, Psychol Bull 1971;76:378-82, table 1, doi:10.1037/h0031619: 30 patients, 6 psychiatrists.
PSYCHIATRISTS = [
    (0, 0, 0, 6, 0), (0, 3, 0, 0, 3), (0, 1, 4, 0, 1), (0, 0, 0, 0, 6), (0, 3, 0, 3, 0),
    (2, 0, 4, 0, 0), (0, 0, 4, 0, 2), (2, 0, 3, 1, 0), (2, 0, 0, 4, 0), (0, 0, 0, 0, 6),
    (1, 0, 0, 5, 0), (1, 1, 0, 4, 0), (0, 3, 3, 0, 0), (1, 0, 0, 5, 0), (0, 2, 0, 3, 1),
    (0, 0, 5, 0, 1), (3, 0, 0, 1, 2), (5, 1, 0, 0, 0), (0, 2, 0, 4, 0), (1, 0, 2, 0, 3),
    (0, 0, 0, 0, 6), (0, 1, 0, 5, 0), (0, 2, 0, 1, 3), (2, 0, 0, 4, 0), (1, 0, 0, 4, 1),
    (0, 5, 0, 1, 0), (4, 0, 0, 0, 2), (0, 2, 0, 4, 0), (1, 0, 5, 0, 0), (0, 0, 0, 0, 6),
]  # fmt: skip

# Newcombe, Stat Med 1998;17:857-72, table I, method 5 (Clopper-Pearson), DOI
# 10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E
EXACT = [
    (81, 263, 0.2527, 0.3676),
    (15, 148, 0.0578, 0.1617),
    (0, 20, 0.0000, 0.1684),
    (1, 29, 0.0009, 0.1776),
]


def pair_of(table: Sequence[Sequence[int]]) -> Agreement:
    """The agreement of two readers of a printed table, on Brooker grades."""
    return compare_pairs(read_gradings(pair_rows(table)), FEW)[0]


@pytest.mark.parametrize(("table", "weights", "kappa", "error", "limits"), KAPPAS)
def test_cohen_kappa(
    table: list[list[int]], weights: str, kappa: str, error: str, limits: str
) -> None:
    """Kappa, its standard error and its interval are those that were printed, to the last digit."""
    estimate = getattr(pair_of(table), weights)
    low, high = limits.split() if limits else ("", "")
    found = (
        as_printed(estimate.value, kappa),
        as_printed(estimate.standard_error, error),
        as_printed(estimate.interval.low, low),
        as_printed(estimate.interval.high, high),
    )
    assert found == (kappa, error, low, high)


def as_printed(value: float, example: str) -> str:
    """The value with as many decimals as the example has; nothing where that was not printed."""
    return f"{value:.{len(example.partition('.')[2])}f}" if example else ""


@pytest.mark.parametrize("table", [WINNIPEG, NEW_ORLEANS, SKIN, FILMS, JUDGES, DIAGNOSES])
def test_quadratic_kappa_is_a_correlation_where_margins_are_equal(table: list[list[int]]) -> None:
    """With quadratic weights and equal margins, kappa is Pearson's correlation (Cohen 1968, page 219)."""
    from scipy.stats import pearsonr

    size = range(len(table))
    equal = [[table[i][j] + table[j][i] for j in size] for i in size]
    places = [(i, j) for i in size for j in size for _ in range(equal[i][j])]
    assert pair_of(equal).quadratic.value == pytest.approx(pearsonr(*zip(*places, strict=True))[0])


def test_matrix_is_the_printed_table() -> None:
    """The matrix has the first reader's grades as rows, in the order of the scale."""
    assert pair_of(WINNIPEG).matrix == (*((*row, 0) for row in WINNIPEG), (0, 0, 0, 0, 0))
    assert pair_of(WINNIPEG).labels == ("0", "I", "II", "III", "IV")


def test_percent_agreement_of_cohen() -> None:
    """Cohen's judges agree on 140 of 200 patients, 0.70 (1968, page 214)."""
    percent = pair_of(JUDGES).percent
    assert (percent.count, percent.total, percent.value) == (140, 200, 0.7)


def test_fleiss_kappa_of_fleiss() -> None:
    """Six psychiatrists on 30 patients: 0.430 (Fleiss 1971, page 381)."""
    found = compare_several(read_gradings(rating_rows(PSYCHIATRISTS)), FEW)[0]
    assert found.kappa.value is not None
    assert (found.hips, len(found.readers), round(found.kappa.value, 3)) == (30, 6, 0.430)


@pytest.mark.parametrize(("count", "total", "low", "high"), EXACT)
def test_exact_interval_of_newcombe(count: int, total: int, low: float, high: float) -> None:
    """Clopper and Pearson's limits are those of Newcombe's table."""
    interval = exact_interval(count, total)
    assert interval.low is not None
    assert interval.high is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_rule_of_three_quarters() -> None:
    """Of none in n, the exact limit is 1 - 0.025^(1/n) (Clopper and Pearson 1934)."""
    for total in (1, 10, 60, 1000):
        assert exact_interval(0, total).high == pytest.approx(1 - 0.025 ** (1 / total))
        assert exact_interval(total, total).low == pytest.approx(0.025 ** (1 / total))


def test_diagnostic_shares_of_altman_and_bland() -> None:
    """The liver scan: 231/258, 54/86, 231/263 and 54/81.

    Altman and Bland, BMJ 1994;308:1552, doi:10.1136/bmj.308.6943.1552 and 1994;309:102,
    doi:10.1136/bmj.309.6947.102.
    """
    answers = (
        [(True, True)] * 231 + [(True, False)] * 27 + [(False, True)] * 32 + [(False, False)] * 54
    )
    found = judge_severity([f"SYN-{number}" for number in range(344)], answers, FEW)
    shares = [
        found.sensitivity,
        found.specificity,
        found.positive_predictive_value,
        found.negative_predictive_value,
    ]
    assert [(share.count, share.total, round(share.value or 0, 2)) for share in shares] == [
        (231, 258, 0.90),
        (54, 86, 0.63),
        (231, 263, 0.88),
        (54, 81, 0.67),
    ]


def test_area_under_the_curve_of_hanley_and_mcneil() -> None:
    """109 CT images rated 1 to 5 give an area of 0.893.

    Hanley and McNeil, Radiology 1982;143:29-36, table I, doi:10.1148/radiology.143.1.7063747.
    """
    normal, abnormal = (33, 6, 6, 11, 2), (3, 2, 2, 11, 33)
    ratings = [
        (severe, rating / 5)
        for severe, counts in ((False, normal), (True, abnormal))
        for rating, count in enumerate(counts, start=1)
        for _ in range(count)
    ]
    scored = [(f"SYN-{number}", *rating) for number, rating in enumerate(ratings)]
    area = judge_probabilities(scored, FEW).area_under_curve
    assert area.value is not None
    assert (area.n, round(area.value, 3)) == (109, 0.893)
    # Their standard error is 0.032 (page 32): the interval by resampling is about four of it wide.
    assert area.clustered.low is not None
    assert area.clustered.high is not None
    assert (area.clustered.high - area.clustered.low) / (2 * 1.96) == pytest.approx(0.032, rel=0.2)
