"""Small cohorts whose statistics can be counted by hand."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from hosr.cohort.analysis import Analysis, analyse
from hosr.cohort.statistics.estimates import Share
from hosr.cohort.statistics.incidence import Denominators, ReaderCounts
from hosr.errors import RecordRefused, UsageError
from tests.cohort.statistics.tables import Row, make_row


def analysed(rows: list[Row], **how: Any) -> Analysis:
    """The analysis with few resamples."""
    return analyse(rows, **{"resamples": 50, **how})


def hip(subject: str, side: str, visit: int, grade: str | None, **given: Any) -> Row:
    """A row of a subject's hip at a visit a hundred days after the last."""
    made = {
        "subject_id": subject,
        "hip_side": side,
        "study_id": f"{subject}-{visit}",
        "study_day": 100 * visit,
        "time_point": f"visit {visit}",
        "brooker": grade,
    }
    return make_row(**{**made, **given})


def counted(share: Share) -> str:
    """A share as people write it."""
    return f"{share.count}/{share.total}"


COURSE = [
    hip("SYN-1", "right", 1, "0", days_since_index=1),
    hip("SYN-1", "left", 1, "I", days_since_index=1),
    hip("SYN-1", "right", 2, "II", days_since_index=101),
    hip("SYN-1", "left", 2, "I", days_since_index=101),
    hip("SYN-2", "right", 1, "III", days_since_index=2),
    hip("SYN-2", "right", 2, "II", days_since_index=102),
    hip("SYN-3", "left", 1, "0", days_since_index=3),
    hip("SYN-3", "left", 2, None, days_since_index=103, evaluable=False),
    hip("SYN-4", "left", 2, None, days_since_index=104),
    hip("SYN-4", "left", 10, "IV", days_since_index=1000),
]


def test_everything_is_counted_once() -> None:
    """Hips, studies, subjects, and what was not evaluable or has no single grade."""
    grades = {"0": 2, "I": 2, "II": 2, "III": 1, "IV": 1}
    none = dict.fromkeys("ABC", 0)
    reader = ReaderCounts(
        reader="reader-1",
        kind="person",
        readings=10,
        examinations=10,
        hips=5,
        studies=8,
        subjects=4,
        evaluable=9,
        not_evaluable=1,
        ungraded={"brooker": 1, "della_valle": 9},
        grades={"brooker": grades, "della_valle": none},
        reread=0,
    )
    assert analysed(COURSE).denominators == Denominators(
        readings=10,
        examinations=10,
        hips=5,
        studies=8,
        subjects=4,
        bilateral_subjects=1,
        evaluable=9,
        not_evaluable=1,
        not_evaluable_reasons={"no reason given": 1},
        ungraded={"brooker": 1, "della_valle": 9},
        readers=(reader,),
    )


def test_time_points_stand_in_the_order_of_their_days() -> None:
    """Visit 10 comes after visit 2, and what has no days is sorted as people count."""
    assert analysed(COURSE).time_points == ("visit 1", "visit 2", "visit 10")
    names = ("12 months", "3 months", "1 month")
    same_day = [hip(f"SYN-{name}", "left", 1, "0", time_point=name) for name in names]
    assert analysed(same_day).time_points == ("1 month", "3 months", "12 months")


@pytest.mark.parametrize(
    ("names", "steps"),
    [
        (
            ("1 year", "3 months", "postoperative"),
            ["postoperative > 3 months", "3 months > 1 year"],
        ),
        (("after", "before"), []),
        (("1 year", "later"), []),
        (("undated",), []),
    ],
)
def test_what_has_no_day_is_in_order_only_by_a_known_time_of_follow_up(
    names: tuple[str, ...], steps: list[str]
) -> None:
    """A name alone does not tell what came first, so that no change of grade turns round."""
    undated = {"study_day": None, "days_since_index": None}
    analysis = analysed(
        [
            hip("SYN-1", "right", visit, "I", time_point=name, **undated)
            for visit, name in enumerate(names)
        ]
    )
    found = [each for each in analysis.transitions if each.scale == "brooker"]

    assert [f"{each.earlier} > {each.later}" for each in found] == steps


def test_visits_and_times_since_an_event_are_courses_of_their_own() -> None:
    """No step leads from a time that is counted from an operation to a visit that is not."""
    rows = [
        hip("SYN-1", "left", 1, "0", time_point="1 year", days_since_index=360, study_day=0),
        hip("SYN-1", "left", 2, "I", time_point="2 years", days_since_index=720, study_day=360),
        hip("SYN-1", "left", 3, "I", time_point="3 months", days_since_index=90, study_day=900),
        hip("SYN-1", "right", 1, "I", study_day=5),
        hip("SYN-1", "right", 2, "I", study_day=1),
    ]
    found = analysed(rows)
    assert found.time_points == ("3 months", "1 year", "2 years", "visit 2", "visit 1")
    steps = [(one.earlier, one.later) for one in found.transitions if one.scale == "brooker"]
    assert steps == [("3 months", "1 year"), ("1 year", "2 years"), ("visit 2", "visit 1")]


def test_incidence_by_hip_and_by_patient() -> None:
    """A patient counts once, with the worse hip; the denominator holds the graded only."""
    found = [
        (
            *(one.time_point, one.unit, one.examined, one.not_evaluable, one.ungraded),
            *(counted(named.share) for named in one.grades),
            counted(one.any_bone.share) if one.any_bone else "",
            counted(one.severe.share),
        )
        for one in analysed(COURSE).incidence
        if one.scale == "brooker"
    ]
    assert found == [
        ("visit 1", "hip", 4, 0, 0, "2/4", "1/4", "0/4", "1/4", "0/4", "2/4", "1/4"),
        ("visit 1", "patient", 3, 0, 0, "1/3", "1/3", "0/3", "1/3", "0/3", "2/3", "1/3"),
        ("visit 2", "hip", 5, 1, 1, "0/3", "1/3", "2/3", "0/3", "0/3", "3/3", "0/3"),
        ("visit 2", "patient", 4, 1, 1, "0/2", "0/2", "2/2", "0/2", "0/2", "2/2", "0/2"),
        ("visit 10", "hip", 1, 0, 0, "0/1", "0/1", "0/1", "0/1", "1/1", "1/1", "1/1"),
        ("visit 10", "patient", 1, 0, 0, "0/1", "0/1", "0/1", "0/1", "1/1", "1/1", "1/1"),
    ]


def test_a_scale_whose_least_grade_may_hold_bone_says_nothing_of_any() -> None:
    """Della Valle A holds small islands, so that "any ossification" cannot be told; 0 is read as A."""
    rows = [hip("SYN-1", "left", 1, None, della_valle=grade, hip_side=side)
            for grade, side in (("0", "left"), ("C", "right"))]  # fmt: skip
    found = next(one for one in analysed(rows).incidence if one.scale == "della_valle")
    assert [(named.name, counted(named.share)) for named in found.grades] == [
        ("A", "1/2"),
        ("B", "0/2"),
        ("C", "1/2"),
    ]
    assert (found.any_bone, found.severe.grades, counted(found.severe.share)) == (
        None,
        ("C",),
        "1/2",
    )


def test_a_hip_counts_once_at_a_time_point() -> None:
    """Of two studies at one time point the first that is evaluable counts; the other is told."""
    rows = [
        hip("SYN-1", "left", 1, None, evaluable=False),
        hip("SYN-1", "left", 2, "II", time_point="visit 1"),
        hip("SYN-1", "left", 3, "IV", time_point="visit 1"),
    ]
    found = analysed(rows).incidence[0]
    assert (found.examined, found.repeated, found.graded) == (1, 2, 1)
    assert [counted(named.share) for named in found.grades] == ["0/1", "0/1", "1/1", "0/1", "0/1"]


def test_transitions_of_the_same_hip() -> None:
    """Rows are the earlier grade; hips graded at one of the two time points only are counted apart."""
    first, second = (one for one in analysed(COURSE).transitions if one.scale == "brooker")
    assert (first.earlier, first.later, first.hips, first.subjects) == ("visit 1", "visit 2", 3, 2)
    assert first.matrix == (
        (0, 0, 1, 0, 0),
        (0, 1, 0, 0, 0),
        (0, 0, 0, 0, 0),
        (0, 0, 1, 0, 0),
        (0, 0, 0, 0, 0),
    )
    shares = (first.progressed, first.same, first.regressed)
    assert [counted(share) for share in shares] == ["1/3", "1/3", "1/3"]
    assert (first.only_earlier, first.only_later) == (1, 0)
    assert (second.hips, second.only_earlier, second.only_later) == (0, 3, 1)
    assert second.same.reason == "undefined: there are no hips graded at both time points"


def test_failure_is_a_last_grade_above_the_baseline() -> None:
    """Only hips with a grade up to day 30 and a later one count; the others are told."""
    (found,) = analysed(COURSE).baseline_failures
    assert (counted(found.failed), found.without_baseline, found.baseline_days) == ("1/3", 2, 30)
    assert analysed([{**row, "days_since_index": None} for row in COURSE]).baseline_failures == ()


def test_a_second_operation_begins_a_course_of_its_own() -> None:
    """What grew before a revision is no failure after it."""
    days = ((0, 5, "0"), (100, 105, "III"), (200, 2, "I"), (300, 102, "I"))
    rows = [
        hip("SYN-1", "left", visit, grade, study_day=day, days_since_index=since)
        for visit, (day, since, grade) in enumerate(days)
    ]
    rows.append(hip("SYN-2", "left", 1, "I"))
    (found,) = analysed(rows).baseline_failures
    assert (counted(found.failed), found.without_baseline) == ("1/2", 1)


def test_what_lies_outside_the_time_points_is_no_step_of_a_course() -> None:
    """It is counted by itself, after the others, and no transition leads there."""
    names = ("visit 1", "outside the windows", None)
    rows = [
        hip("SYN-1", "left", visit, "I", time_point=name, study_day=-visit)
        for visit, name in enumerate(names)
    ]
    found = analysed(rows)
    assert found.time_points == ("visit 1", "no time point", "outside the windows")
    assert found.transitions == ()
    assert {one.time_point for one in found.incidence} == {*found.time_points}


VOTES = [
    (("I", "I", "II"), "I"),
    (("I", "I"), "I"),
    (("I", "II"), None),
    (("I", "II", "III"), None),
    (("I", "I", "II", "III"), None),
    (("IV", None, None), "IV"),
    ((None, None), None),
]


@pytest.mark.parametrize(("votes", "winner"), VOTES)
def test_the_majority_is_more_than_half_of_those_who_graded(
    votes: tuple[str | None, ...], winner: str | None
) -> None:
    """A tie, and a grade that only most of them gave, is no majority."""
    rows = [hip("SYN-1", "left", 1, vote, reader_id=f"reader-{n}") for n, vote in enumerate(votes)]
    found = analysed(rows)
    shares = next(one.grades for one in found.incidence if one.kind == "majority of persons")
    assert [named.name for named in shares if named.share.count] == ([winner] if winner else [])
    assert found.undecided["brooker"] == (winner is None and any(votes))


MODEL: dict[str, Any] = {"reader_id": "model-1", "reader_type": "algorithm"}


def compared() -> list[Row]:
    """Six hips of a model and of two persons: three can be compared."""
    persons = [("III", "III"), ("0", "0"), ("IV", "IV"), ("I", "II"), (None, None), ("II", "II")]
    model = ["IV", "0", "II", "I", "0", None]
    rows = []
    for number, (votes, graded) in enumerate(zip(persons, model, strict=True)):
        subject = f"SYN-{number}"
        rows += [
            hip(subject, "left", 1, vote, reader_id=f"reader-{n}") for n, vote in enumerate(votes)
        ]
        scores = {"p_brooker_III": 0.1 * number, "p_brooker_IV": 0.15}
        rows.append(hip(subject, "left", 1, graded, **MODEL, **scores))
    return [*rows, hip("SYN-9", "left", 1, "0", **MODEL)]


def test_what_a_model_is_compared_with() -> None:
    """Ties, hips that nobody else graded and hips that the model did not grade are left out."""
    (found,) = analysed(compared()).accuracy
    left = found.left_out
    assert (found.hips, left.not_graded_by_model, left.no_reference, left.no_majority) == (
        3,
        1,
        2,
        1,
    )
    severity = found.severity
    assert [
        counted(severity.sensitivity),
        counted(severity.specificity),
        counted(severity.positive_predictive_value),
        counted(severity.negative_predictive_value),
    ] == ["1/2", "1/1", "1/1", "1/2"]
    assert found.calibration.area_under_curve.value == 0.5
    # 0.85 squared, 0.25 squared, 0.65 squared
    assert found.calibration.brier_score.value == pytest.approx((0.7225 + 0.0625 + 0.4225) / 3)


def test_a_named_reader_is_the_reference() -> None:
    """Then nobody votes, and the first reading of that reader counts."""
    found = analysed(compared(), reference="reader-0")
    assert (found.reference, found.undecided) == ("the first reading of reader-0", {})
    left = found.accuracy[0].left_out
    assert (found.accuracy[0].hips, left.no_reference, left.no_majority) == (4, 2, 0)
    assert analysed(compared(), reference="model-1").accuracy == ()


def test_nobody_is_compared_without_a_person() -> None:
    """Models alone have no reference."""
    found = analysed([hip("SYN-1", "left", 1, "I", **MODEL)])
    assert (found.accuracy, found.reference) == ((), "none: no person graded")


def test_bins_are_those_of_the_calibration_curve() -> None:
    """Counts and means of the bins agree with scikit-learn's, edges included."""
    from sklearn.calibration import calibration_curve  # takes a second, of all that collect

    said = [0.0, 0.1, 0.1, 0.2, 0.25, 0.5, 0.55, 0.9, 1.0, 1.0]
    severe = [0, 0, 1, 0, 1, 0, 1, 1, 1, 0]
    rows = []
    for number, (score, true) in enumerate(zip(said, severe, strict=True)):
        grade = "III" if true else "I"
        rows.append(hip(f"SYN-{number}", "left", 1, grade))
        scores = {"p_brooker_III": score, "p_brooker_IV": 0.0}
        rows.append(hip(f"SYN-{number}", "left", 1, "I", **MODEL, **scores))
    bins = analysed(rows).accuracy[0].calibration.bins
    shares, means = calibration_curve(severe, said, n_bins=10)
    assert [one.severe.value for one in bins] == pytest.approx(list(shares))
    assert [one.mean_probability for one in bins] == pytest.approx(list(means))
    assert [one.hips for one in bins] == [3, 1, 1, 1, 1, 1, 2]


def test_readings_of_one_reader_are_compared() -> None:
    """The first two readings of a hip; one that was read once takes no part."""
    rows = [
        hip("SYN-1", "left", 1, "I"),
        hip("SYN-1", "left", 1, "II", read_no=2),
        hip("SYN-1", "left", 1, "IV", read_no=3),
        hip("SYN-2", "left", 1, "0"),
        hip("SYN-2", "left", 1, "0", read_no=2),
        hip("SYN-3", "left", 1, "0"),
    ]
    found = analysed(rows).rereading[0]
    assert (found.first, found.second) == ("reader-1, first reading", "reader-1, second reading")
    assert (found.hips, counted(found.percent), found.matrix[1]) == (2, "1/2", (0, 0, 1, 0, 0))


REASONS = [
    ([("I", "I")], "undefined: fewer than 2 hips were graded by both"),
    (
        [("I", "I"), ("I", "I")],
        "undefined: one grade only, so that agreement by chance is complete",
    ),
    ([("I", None), (None, "I")], "undefined: fewer than 2 hips were graded by both"),
]


@pytest.mark.parametrize(("grades", "reason"), REASONS)
def test_what_is_undefined_says_why(
    grades: list[tuple[str | None, str | None]], reason: str
) -> None:
    """Too few hips, or one grade only, have no kappa, and a sentence in its place."""
    rows = [
        hip(f"SYN-{number}", "left", 1, grade, reader_id=f"reader-{reader}")
        for number, pair in enumerate(grades)
        for reader, grade in enumerate(pair)
    ]
    pair = analysed(rows).agreement[0]
    for kappa in (pair.unweighted, pair.linear, pair.quadratic):
        assert (kappa.value, kappa.reason) == (None, reason)
        assert kappa.interval.reason == kappa.clustered.reason == "no interval: kappa is undefined"


def test_one_subject_has_no_interval_by_subject() -> None:
    """Two hips of one patient say nothing of other patients."""
    rows = [
        hip("SYN-1", side, 1, grade, reader_id=reader)
        for reader in ("reader-1", "reader-2")
        for side, grade in (("left", "I"), ("right", "II"))
    ]
    pair = analysed(rows).agreement[0]
    assert pair.linear.value == 1
    assert pair.linear.clustered.reason == "no interval: fewer than 2 subjects"
    assert pair.percent.clustered.reason == "no interval: fewer than 2 subjects"


def test_rows_that_cannot_be_counted_are_all_named() -> None:
    """Unknown grades and readers, empty keys and doubles; nothing of the rows but their numbers."""
    rows = [
        hip("SYN-1", "left", 1, "V", della_valle="D"),
        hip("SYN-2", "left", 1, "I", reader_type="robot"),
        hip("", "left", 1, "I"),
        hip("SYN-3", "left", 1, "I"),
        hip("SYN-3", "left", 1, "II"),
    ]
    with pytest.raises(RecordRefused, match="row 1") as refused:
        analysed(rows)
    assert [str(fault) for fault in refused.value.faults] == [
        "row 1: brooker is not one of 0, I, II, III, IV; correct the grade",
        "row 1: della_valle is not one of A, B, C; correct the grade",
        "row 2: reader_type is neither person nor algorithm; say which",
        "row 3: subject_id is empty; give it",
        "row 5: is the same hip, study, reader and reading as row 4; number the readings, or leave one out",
    ]


def test_an_unknown_reference_is_refused() -> None:
    """The sentence names the readers that there are."""
    sentence = "reference: is no reader of this table; name one of its readers: reader-1"
    with pytest.raises(UsageError, match=f"^{sentence}$"):
        analysed(COURSE, reference="reader-9")


def test_missing_libraries_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever installed hosr alone reads what to install."""
    for module in ("sklearn", "statsmodels"):
        monkeypatch.setitem(sys.modules, module, None)
    sentence = "hosr cohort: needs scikit-learn, statsmodels, which are not installed; install hosr[cohort]"
    with pytest.raises(UsageError) as refused:
        analysed(COURSE)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("rows", "ungraded"),
    [
        pytest.param(
            [("0", "A"), ("II", None), ("IV", None)], {"brooker": 0, "della_valle": 3}, id="Brooker"
        ),
        pytest.param(
            [("0", "A"), (None, "B"), (None, "C")],
            {"brooker": 3, "della_valle": 0},
            id="Della Valle",
        ),
        pytest.param([("0", "A"), ("0", "A")], {"brooker": 0, "della_valle": 0}, id="clear hips"),
        pytest.param(
            [("0", "A"), ("II", "B"), ("I", None)], {"brooker": 0, "della_valle": 1}, id="both"
        ),
    ],
)
def test_a_scale_that_nobody_graded_on_has_no_statistics(
    rows: list[tuple[str | None, str | None]], ungraded: dict[str, int]
) -> None:
    """That clear hips have the least grade of every scale says nothing of the others."""
    found = analysed(
        [
            hip(f"SYN-{number}", "right", 1, brooker, della_valle=della_valle)
            for number, (brooker, della_valle) in enumerate(rows)
        ]
    )
    assert found.denominators.ungraded == ungraded
    for one in found.incidence:
        assert one.graded == len(rows) - ungraded[one.scale]


def test_readers_that_never_agree_are_not_said_to_agree() -> None:
    """Kappa is -1 there, with a standard error of 0 as in complete agreement."""
    grades = [("0", "I"), ("I", "0")] * 2
    rows = [
        hip(f"SYN-{number}", "right", 1, grade, reader_id=f"reader-{reader}")
        for number, pair in enumerate(grades)
        for reader, grade in enumerate(pair)
    ]
    kappa = analysed(rows).agreement[0].unweighted
    assert kappa.value == pytest.approx(-1)
    assert "complete agreement or disagreement" in kappa.interval.reason


def test_hips_that_not_all_readers_graded_are_counted() -> None:
    """Fleiss' kappa is of those that all of them graded; the others are told."""
    rows = [
        hip(f"SYN-{number}", "right", 1, "I", reader_id=f"reader-{reader}")
        for number in range(4)
        for reader in range(3)
        if (number, reader) not in {(2, 0), (3, 1)}
    ]
    several = analysed(rows).several_readers[0]
    assert (several.hips, several.left_out) == (2, 2)
