"""The drawings of the page as numbers, and with more in them than a drawing has room for."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosr.cohort.page.drawings import (
    Drawing,
    draw_flow,
    draw_grades,
    draw_matrix,
    draw_reliability,
)
from hosr.cohort.statistics.accuracy import Bin
from hosr.cohort.statistics.estimates import share
from hosr.cohort.statistics.incidence import GradeShare, Incidence
from hosr.language import ENGLISH
from hosr.templating.environment import make_environment
from hosr.templating.sources import read_shipped
from tests.cohort.page.cohorts import analysed
from tests.cohort.statistics.tables import BROOKER, DELLA_VALLE
from tests.peers.pages import open_page

_LONG = "a name as long as none that anybody has or a time point could have"
_BOLD = '* { font-family: "DejaVu Sans", Verdana, sans-serif; font-weight: bold; }'


def many(labels: tuple[str, ...], counts: tuple[int, ...]) -> Incidence:
    """The grades of so many hips at a time point of a long name."""
    total = sum(counts)
    shares = tuple(
        GradeShare(name=label, grades=(label,), share=share(count, total, "hips"))
        for label, count in zip(labels, counts, strict=True)
    )
    return Incidence(
        reader=_LONG,
        kind="person",
        scale="brooker",
        time_point=_LONG,
        unit="hip",
        examined=total,
        not_evaluable=0,
        ungraded=0,
        repeated=0,
        graded=total,
        grades=shares,
        any_bone=None,
        severe=shares[-1],
    )


def bins(*hips: int) -> tuple[Bin, ...]:
    """Ten bins of so many hips each, all at their upper ends."""
    return tuple(
        Bin(
            low=number / 10,
            high=(number + 1) / 10,
            hips=count,
            mean_probability=(number + 1) / 10,
            severe=share(count, count, "hips in this bin"),
        )
        for number, count in enumerate(hips)
    )


def crowded() -> list[Drawing]:
    """Each drawing with names too long, numbers too large and parts too small for it."""
    full = [[11111] * 5] * 5
    thin = [[1, 0, 0, 0, 99999], *[[1, 1, 1, 1, 1]] * 4]
    return [
        draw_matrix(BROOKER, full, (_LONG, _LONG)),
        draw_matrix(DELLA_VALLE, [[0, 1, 99999]] * 3, (_LONG, _LONG)),
        draw_flow(BROOKER, full, (_LONG, _LONG)),
        draw_flow(BROOKER, thin, (_LONG, _LONG)),
        draw_flow(DELLA_VALLE, [[0, 0, 0], [0, 1, 0], [0, 0, 0]], (_LONG, _LONG)),
        draw_grades(_LONG, [many(BROOKER, (99999, 9999, 999, 99, 9))] * 9),
        draw_grades(_LONG, [many(DELLA_VALLE, (0, 0, 1))]),
        draw_reliability(bins(*[11111] * 10)),
        draw_reliability(bins(1)),
    ]


@pytest.mark.peer
def test_words_have_room_in_a_crowded_drawing(tmp_path: Path) -> None:
    """However long the names and large the numbers, no words are cut or lie on others."""
    environment = make_environment({}, read_shipped("cohort"), ENGLISH)
    drawn = [
        environment.get_template(drawing["template"]).render(drawing=drawing)
        for drawing in crowded()
    ]
    page = tmp_path / "page.html"
    head = "<!DOCTYPE html><html lang='en'><title>Drawings</title><meta charset='utf-8'>"
    page.write_text(f"{head}<style>{_BOLD}</style><main><h1>All</h1>{''.join(drawn)}</main></html>")
    seen = open_page(page, "cohort-drawings", ("light",), tmp_path / "printed.pdf")["light"]
    assert [fault for fault in seen.faults if "words" in fault] == []


def test_a_matrix_counts_everything_once() -> None:
    """The totals are those of rows and columns; a cell without a hip has no colour."""
    drawing = draw_matrix(("A", "B"), [[3, 1], [0, 0]], ("one", "another"))
    assert [row["total"] for row in drawing["rows"]] == ["4", "0"]
    assert [column["total"] for column in drawing["columns"]] == ["3", "1"]
    assert [(cell["text"], cell["opacity"]) for cell in drawing["cells"]] == [
        ("3", 0.38),
        ("1", 0.18),
        ("0", 0),
        ("0", 0),
    ]
    assert [cell["is_same"] for cell in drawing["cells"]] == [True, False, False, True]
    assert drawing["alternative"] == (
        "Matrix of counts. Rows, one; columns, another, A, B. A: 3, 1; B: 0, 0."
    )


def test_a_bar_is_as_long_as_its_shares() -> None:
    """The parts follow one another to the end; a grade that nobody has is no part."""
    (bar,) = draw_grades("title", [many(BROOKER, (8, 0, 4, 3, 1))])["bars"]
    parts = [(part["x"], part["length"], part["text"], part["shade"]) for part in bar["parts"]]
    assert parts == [
        (0.0, 160.0, "8", 0),
        (160.0, 80.0, "4", 2),
        (240.0, 60.0, "3", 3),
        (300.0, 20.0, "1", 4),
    ]


def test_bands_fill_the_uprights() -> None:
    """What leaves one grade is as thick as what arrives, without gaps."""
    drawing = draw_flow(("A", "B", "C"), [[2, 1, 0], [0, 0, 1], [0, 0, 0]], ("first", "then"))
    assert [each["text"] for each in drawing["before"]] == ["A: 3", "B: 1"]
    assert [each["text"] for each in drawing["after"]] == ["A: 2", "B: 1", "C: 1"]
    for band in drawing["ribbons"]:
        assert band["bottom"] - band["top"] == pytest.approx(band["lower"] - band["upper"])
    thick = sum(band["bottom"] - band["top"] for band in drawing["ribbons"])
    assert thick == pytest.approx(sum(each["height"] for each in drawing["before"]))
    assert drawing["alternative"] == "Hips by grade, first to then: A to A 2, A to B 1, B to C 1."


def test_a_point_of_reliability_lies_in_its_interval() -> None:
    """Of every bin of the full cohort, on the paper and at its place."""
    (model,) = analysed("full").accuracy
    drawing = draw_reliability(model.calibration.bins)
    assert len(drawing["bins"]) == len(model.calibration.bins) > 3
    for one, bin_ in zip(drawing["bins"], model.calibration.bins, strict=True):
        assert drawing["top"] <= one["greatest"] <= one["y"] <= one["least"] <= drawing["low"]
        assert drawing["left"] <= one["x"] <= drawing["right"]
        assert one["text"] == str(bin_.hips)
        assert f"{bin_.severe.count} of {bin_.hips}" in drawing["alternative"]
