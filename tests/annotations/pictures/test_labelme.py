"""LabelMe: each type of shape, and the mask whose box holds its last pixel."""

from __future__ import annotations

import base64
import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from hosr.annotations.pictures.labelme import read
from tests.annotations.pictures.given import (
    COLUMNS,
    ROWS,
    context,
    faults,
    shown,
    whole,
    write_json,
)

if TYPE_CHECKING:
    from pathlib import Path


def _document(*shapes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "version": "5.5.0", "flags": {}, "shapes": list(shapes), "imagePath": "film.png",
        "imageData": None, "imageHeight": ROWS, "imageWidth": COLUMNS, **changes,
    }  # fmt: skip


def _shape(label: str, kind: str, *points: list[float], **more: Any) -> dict[str, Any]:
    return {"label": label, "shape_type": kind, "points": list(points), **more}


def _png(cells: Any) -> str:
    file = io.BytesIO()
    Image.fromarray(np.asarray(cells, np.uint8) * 255).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def test_flags_that_are_set_are_told(tmp_path: Path) -> None:
    """Of the picture and of a shape, by name: only who set them knows what they mean."""
    given = context()
    shape = _shape("gap", "line", [20, 10], [23.5, 14], flags={"unsure": True, "seen": False})
    document = _document(shape, flags={"to be redrawn": True})
    assert len(read(write_json(tmp_path / "a.json", document), given).figures) == 1
    unknown = "set: what it means is not known here"
    assert [f"{entry.place}: {entry.words}" for entry in given.account.refused] == [
        f'a.json: has the flag "to be redrawn" {unknown}',
        f'a.json, shapes[0]: has the flag "unsure" {unknown}',
    ]


def test_each_type_of_shape_is_a_figure(tmp_path: Path) -> None:
    """Points count from the corner of the picture; a label without a role keeps its form."""
    shapes = [
        _shape("gap", "line", [20, 10], [23.5, 14]),
        _shape("gap_start", "point", [20, 10]),
        _shape("island", "rectangle", [20, 10], [50, 30]),
        _shape("trace", "linestrip", [1, 2], [3, 4], [5, 6]),
        _shape("other", "polygon", [20, 10], [50, 10], [50, 30]),
    ]

    source = read(write_json(tmp_path / "a.json", _document(*shapes)), context())

    assert shown(source) == [
        ('"gap"', "line", ((20, 10), (23.5, 14))),
        ('"gap_start"', "point", ((20, 10),)),
        ('"island"', "box", ((20, 10), (50, 10), (50, 30), (20, 30))),
        ('"trace"', "line", ((1, 2), (3, 4), (5, 6))),
        ('"other"', "polygon", ((20, 10), (50, 10), (50, 30))),
    ]


def test_a_circle_is_a_ring_of_corners_and_an_area_a_mask(tmp_path: Path) -> None:
    """The ball of a calibration stays a figure, bone becomes a mask."""
    shapes = [
        _shape("ball", "circle", [40, 30], [50, 30]),
        _shape("HO", "circle", [40, 30], [50, 30]),
    ]

    source = read(write_json(tmp_path / "a.json", _document(*shapes)), context())

    (ball,) = source.figures
    assert {round(math.dist(point, (40, 30)), 4) for point in ball.points} == {10.0}
    (mask,) = source.masks
    assert mask.occupancy.sum() == pytest.approx(math.pi * 100, rel=0.01)


def test_a_mask_holds_both_corner_pixels_of_its_box(tmp_path: Path) -> None:
    """A box from 20 to 22 is three pixels wide."""
    cells = np.array([[1, 0, 1], [0, 1, 1]])
    shapes = [_shape("HO", "mask", [20, 10], [22, 11], mask=_png(cells))]
    given = context()

    source = read(write_json(tmp_path / "a.json", _document(*shapes)), given)

    expected = np.zeros((ROWS, COLUMNS), bool)
    expected[10:12, 20:23] = cells
    (mask,) = source.masks
    assert np.array_equal(whole(mask), expected)
    assert faults(given) == []


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        (_shape("HO", "mask", [20, 10], [23, 11], mask=_png([[1, 0, 1], [0, 1, 1]])),
         "has a mask of 3 x 2 pixels for a box of 4 x 2"),
        (_shape("HO", "mask", [118, 10], [120, 11], mask=_png([[1, 0, 1], [0, 1, 1]])),
         "has a mask outside its picture"),
        (_shape("HO", "mask", [20, 10], [22, 11], mask="no base64!"), "no PNG in base64"),
        (_shape("HO", "mask", [20, 10], [22, 11], mask="aGVsbG8="), "is no PNG"),
        (_shape("HO", "mask", [20, 10], [22, 11]), "is no PNG"),
        (_shape("HO", "polygon", [20, 10], [22, 11]), "fewer than three different corners"),
        (_shape("HO", "polygon", [20, 10], [22, 11], [20, 99]), "[20, 99] outside its image"),
        (_shape("gap", "line", [20, 10], [20, 10]), "a line without two different points"),
        (_shape("gap", "line", [20, 10, 3], [20, 10, 4]), "a point that has not 2 coordinates"),
        (_shape("gap", "point", [20, 10], [20, 10]), "is a point of 2 points"),
        (_shape("gap", "spline", [20, 10]), "is a shape of the type spline"),
        ({"label": "gap"}, "has points that is no list of points"),
    ],
)  # fmt: skip
def test_a_shape_that_is_none_is_a_fault_at_its_place(
    tmp_path: Path, shape: dict[str, Any], problem: str
) -> None:
    """The others are read all the same."""
    given = context()
    other = _shape("island", "rectangle", [20, 10], [50, 30])

    source = read(write_json(tmp_path / "a.json", _document(shape, other)), given)

    (fault,) = faults(given)
    assert fault.startswith("a.json, shapes[0]: ")
    assert problem in fault
    assert len(source.figures) == 1


def test_a_polygon_that_crosses_itself_is_told(tmp_path: Path) -> None:
    """And filled by the even-odd rule."""
    given = context()
    shape = _shape("HO", "polygon", [20, 10], [50, 30], [50, 10], [20, 30])

    read(write_json(tmp_path / "a.json", _document(shape)), given)

    assert given.account.assumed[-1].words == (
        "crosses itself: what it goes round twice is taken as outside"
    )


def test_outlines_that_look_like_border_pixels_are_told_unless_labels_toml_says_which(
    tmp_path: Path,
) -> None:
    """Once for a file; `corners` decides, and moves their edge by half a pixel."""
    steps: list[list[float]] = [
        [30, 10],
        [34, 14],
        [34, 20],
        [30, 24],
        [24, 24],
        [20, 20],
        [20, 14],
        [24, 10],
    ]
    ring: list[list[float]] = [[30, 10], [31, 11], [32, 12], [33, 13], *steps[1:], [26, 10]]
    path = write_json(
        tmp_path / "a.json",
        _document(_shape("HO", "polygon", *ring), _shape("HO", "polygon", *ring)),
    )
    silent, told = context(), context('[pictures]\ncorners = "pixels"\n')

    as_edges, as_pixels = read(path, silent), read(path, told)

    assert len([e for e in silent.account.assumed if "border pixels" in e.words]) == 1
    assert not [e for e in told.account.assumed if "border pixels" in e.words]
    sums = [source.masks[0].occupancy.sum() for source in (as_edges, as_pixels)]
    assert sums[0] == pytest.approx(14 * 14 - 4 * 8, abs=2)
    assert sums[1] > sums[0] + 20


def test_a_file_without_the_size_of_its_picture_is_refused(tmp_path: Path) -> None:
    """Whether it is the image's cannot be told."""
    given = context()

    read(write_json(tmp_path / "a.json", _document(imageWidth=None)), given)

    assert faults(given) == ["a.json: has an imageWidth that is no number; export it anew"]
