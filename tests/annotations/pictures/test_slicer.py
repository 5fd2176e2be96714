"""3D Slicer: coordinates, units, states of points, and where labels stand."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

import pytest

from hosr.annotations.authorship import Author
from hosr.annotations.pictures.slicer import read
from hosr.annotations.records import import_sources
from hosr.findings import Person
from hosr.intake.images import read_images
from tests.annotations.pictures.given import context, faults, shown, write_json
from tests.images import axial, dicom_bytes

if TYPE_CHECKING:
    from pathlib import Path

LPS = ((10.0, 20.0, 30.0), (13.0, 24.0, 30.5))


def _point(position: tuple[float, ...], label: str = "L-1", **more: Any) -> dict[str, Any]:
    return {"id": "1", "label": label, "position": list(position), **more}


def _markup(kind: str, *points: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": kind, "coordinateSystem": "LPS", "coordinateUnits": "mm",
        "controlPoints": list(points), **more,
    }  # fmt: skip


def _read(folder: Path, *markups: dict[str, Any], name: str = "gap.mrk.json") -> Any:
    given = context()
    source = read(write_json(folder / name, {"@schema": "x", "markups": list(markups)}), given)
    return source, given


@pytest.mark.parametrize(
    ("positions", "changes"),
    [
        (LPS, {}),
        ([(-x, -y, z) for x, y, z in LPS], {"coordinateSystem": "RAS"}),
        ([(-x, -y, z) for x, y, z in LPS], {"coordinateSystem": "0"}),
        ([tuple(1000 * v for v in p) for p in LPS], {"coordinateUnits": "um"}),
        (LPS, {"coordinateUnits": ["UCUM", "mm", "millimeter"]}),
    ],
)
def test_a_line_is_in_lps_and_millimetres(
    tmp_path: Path, positions: Any, changes: dict[str, Any]
) -> None:
    """Whatever its file is in; its label is that of the file, as Slicer saves it."""
    source, given = _read(tmp_path, _markup("Line", *map(_point, positions), **changes))

    ((label, form, points),) = shown(source)
    assert (label, form) == ('"gap"', "line")
    assert [coordinate for point in points for coordinate in point] == pytest.approx(
        [*LPS[0], *LPS[1]]
    )
    assert faults(given) == []


def test_points_have_their_own_labels_and_previews_are_none(tmp_path: Path) -> None:
    """What is not defined was never placed."""
    markup = _markup(
        "Fiducial",
        _point(LPS[0], "gap_start", positionStatus="defined"),
        _point((0, 0, 0), "gap_end", positionStatus="preview"),
        _point(LPS[1], "gap_end"),
    )

    source, given = _read(tmp_path, markup, name="F.mrk.json")

    assert shown(source) == [
        ('"gap_start"', "point", (LPS[0],)),
        ('"gap_end"', "point", (LPS[1],)),
    ]
    assert [entry.words for entry in given.account.refused] == [
        "1 points are not defined, and left out"
    ]


def test_closed_curves_are_outlines_and_boxes_in_space_points(tmp_path: Path) -> None:
    """Both are told as what they are taken for."""
    ring = [_point((x, y, 5.0), "island-1") for x, y in ((0, 0), (9, 0), (9, 9))]
    box = _markup("ROI", _point((1, 2, 3), "island-1"), center=[1, 2, 3], size=[4, 5, 6])

    source, given = _read(tmp_path, _markup("ClosedCurve", *ring), box, _markup("Angle"))

    assert shown(source) == [
        ('"island"', "polygon", ((0, 0, 5), (9, 0, 5), (9, 9, 5))),
        ('"island"', "point", ((1, 2, 3),)),
    ]
    assert len(given.account.assumed) == 2
    assert [entry.words for entry in given.account.refused] == [
        '"markup" is a markup of the type Angle, which is not read'
    ]


@pytest.mark.parametrize(
    ("markup", "problem"),
    [
        (_markup("Line", _point(LPS[0])), "is a line of 1 defined points"),
        (_markup("Line", _point((1, 2)), _point(LPS[0])), "has a position that is not x, y and z"),
        (_markup("Line", _point(LPS[0]), coordinateSystem="IJK"), "is in the coordinates IJK"),
        (_markup("Line", _point(LPS[0]), coordinateUnits="inch"), "is in the unit inch"),
        (_markup("Line", {"position": None}), "has a position that is no list of numbers"),
    ],
)
def test_a_markup_that_leaves_open_where_it_lies_is_a_fault(
    tmp_path: Path, markup: dict[str, Any], problem: str
) -> None:
    """Of an unknown system or unit, or half placed."""
    _, given = _read(tmp_path, markup)

    (fault,) = faults(given)
    assert problem in fault


def test_a_line_of_slicer_becomes_a_length_in_space_of_the_record(tmp_path: Path) -> None:
    """Between two slices, to what graphic data hold; the grade follows from its millimetres."""
    images = read_images([dicom_bytes(axial(number)) for number in (1, 2, 3)])
    x, y, z = images.images[0].geometry.frames[0].position_mm
    ends = [(x + 30.0, y + 20.0, z), (x + 36.0, y + 28.0, z + 3.0)]
    path = write_json(tmp_path / "gap.mrk.json", {"markups": [_markup("Line", *map(_point, ends))]})
    author = Author(
        person=Person(name="Reader^Sample", organization="Phantom Reading Room"),
        at=dt.datetime(2026, 7, 1, 10, tzinfo=dt.UTC),
    )

    imported = import_sources([path], context(images=images), author)

    (graded,) = imported.hips
    gap, brooker = graded.hip.gap, graded.grade("brooker")
    assert gap is not None
    assert gap.mm == pytest.approx(math.dist(*ends), abs=1e-3)
    assert brooker is not None
    assert brooker.possible == ("II",)


_LONG_MM = math.dist(*LPS)


@pytest.mark.parametrize(
    ("measured", "told"),
    [
        ({"value": _LONG_MM, "units": "mm"}, None),
        ({"value": round(_LONG_MM, 2), "units": ["UCUM", "mm", "millimeter"]}, None),
        ({"value": _LONG_MM / 10, "units": "cm"}, None),
        ({"value": 10 * _LONG_MM, "units": "mm", "enabled": False}, None),
        ({"value": 90.0, "units": "deg", "name": "angle"}, None),
        ({"units": "mm"}, None),
        # Points in centimetres that the file calls millimetres.
        ({"value": 10 * _LONG_MM, "units": "mm"}, "50.2"),
        ({"value": _LONG_MM, "units": "cm"}, "50.2"),
        ({"value": 6.0, "units": "mm"}, "6.0"),
    ],
)
def test_a_line_is_as_long_as_slicer_measured_it(
    tmp_path: Path, measured: dict[str, Any], told: str | None
) -> None:
    """What contradicts its own measurement was moved since, or is in another unit than it says."""
    own = {"name": "length", "enabled": True, **measured}
    source, given = _read(tmp_path, _markup("Line", *map(_point, LPS), measurements=[own]))
    problem = f"is 5.0 mm by its points, and {told} mm by its own measurement"
    assert len(source.figures) == (told is None)
    assert faults(given) == (
        []
        if told is None
        else [
            f"gap.mrk.json, markups[0]: {problem}; save it anew from Slicer, which keeps both alike"
        ]
    )
