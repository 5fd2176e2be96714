"""A picture as plain data: every mark where it lies, named and in the legend."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.findings import Outline, Place, Plane, Polygon
from hosr.language import ENGLISH, LANGUAGES, Language, language_of
from hosr.pixels.frames import REASONS, Crop
from hosr.status import DRAFT
from hosr.visuals.drawing import describe_picture
from hosr.visuals.marks import KeyImage, Mark, MarkKind, Missing
from hosr.vocabulary.surfaces import Structure
from hosr.vocabulary.terms import Side

PLACE = Place(sop_instance_uid="1.2.3")


def _mark(kind: MarkKind, *points: tuple[float, float], mm: float | None = None) -> Mark:
    return Mark(kind=kind, side=Side.RIGHT, place=PLACE, points=points, mm=mm)


GAP = _mark(MarkKind.GAP, (140.0, 130.0), (140.0, 150.0), mm=6.2)
ISLAND = _mark(MarkKind.ISLAND, (160.0, 105.0), (170.0, 105.0), (165.0, 115.0))
BALL = _mark(MarkKind.CALIBRATION, (110.0, 180.0), (150.0, 180.0), mm=32.0)

# The crop of 100 pixels is shown tenfold.
IMAGE = KeyImage(
    side=Side.RIGHT,
    place=PLACE,
    crop=Crop(left=100, top=100, width=100, height=100),
    width=1000,
    height=1000,
    png=b"picture",
    marks=(GAP, ISLAND, BALL),
    toward_left="R",
    toward_right="L",
    centimetre=62.5,
)


def _described(image: KeyImage | Missing, language: Language = ENGLISH) -> dict[str, Any]:
    return dict(describe_picture(image, DRAFT, language))


def test_a_picture_is_described_whole() -> None:
    """Marks in picture coordinates, each length beside its line, ruler, sides and legend."""
    gap, ball = "6.2\u00a0mm", "32\u00a0mm"
    assert _described(IMAGE) == {
        "missing": "",
        "width": 1000,
        "height": 1000,
        "font_size": 36.0,
        "stroke": 4.2,
        "href": "data:image/png;base64,cGljdHVyZQ==",
        "hip": "Right hip",
        "draft": "Draft",
        "day": "",
        "alternative": (
            "Excerpt of the graded image around the right hip. Yellow: space between opposing "
            f"bone surfaces, {gap}. Blue: islands of bone. White, dashed: object of known size, "
            f"{ball}."
        ),
        "lines": [
            {
                "kind": "gap",
                "x1": 400.0,
                "y1": 300.0,
                "x2": 400.0,
                "y2": 500.0,
                "caps": [
                    {"x1": 414.0, "y1": 300.0, "x2": 386.0, "y2": 300.0},
                    {"x1": 414.0, "y1": 500.0, "x2": 386.0, "y2": 500.0},
                ],
                "dashed": False,
            },
            {
                "kind": "calibration",
                "x1": 100.0,
                "y1": 800.0,
                "x2": 500.0,
                "y2": 800.0,
                "caps": [
                    {"x1": 100.0, "y1": 786.0, "x2": 100.0, "y2": 814.0},
                    {"x1": 500.0, "y1": 786.0, "x2": 500.0, "y2": 814.0},
                ],
                "dashed": False,
            },
        ],
        "dots": [],
        "outlines": [{"kind": "island", "points": "600,50 700,50 650,150"}],
        "surfaces": [],
        "words": [
            {"kind": "gap", "x": 488.56, "y": 410.08, "text": gap},
            {"kind": "calibration", "x": 577.4, "y": 810.08, "text": ball},
        ],
        "toward_left": "R",
        "toward_right": "L",
        "ruler": {"x1": 20.0, "x2": 82.5, "y": 980.0, "text": "1\u00a0cm"},
        "legend": [
            f"Yellow: space between opposing bone surfaces, {gap}.",
            "Blue: islands of bone.",
            f"White, dashed: object of known size, {ball}.",
            "An excerpt for orientation, not for diagnosis.",
        ],
    }


@pytest.mark.parametrize(
    "gone",
    [
        {"marks": ()},
        {"toward_left": "", "toward_right": ""},
        {"centimetre": None},
        {"centimetre": 501.0},
    ],
)
def test_what_is_not_known_is_not_drawn(gone: dict[str, Any]) -> None:
    """No mark, no direction, no ruler where the image tells none, or it is half the picture."""
    described = _described(replace(IMAGE, **gone))
    empty = {
        "marks": described["lines"] == described["outlines"] == described["words"] == [],
        "toward_left": described["toward_left"] == described["toward_right"] == "",
        "centimetre": described["ruler"] == {},
    }
    assert [key for key, is_empty in empty.items() if is_empty] == [
        key for key in empty if key in gone
    ]


def test_a_picture_without_marks_says_so() -> None:
    """Nobody has to look for marks that are not there."""
    assert _described(replace(IMAGE, marks=()))["legend"] == [
        "Nothing is marked in this excerpt.",
        "An excerpt for orientation, not for diagnosis.",
    ]


def test_lengths_of_one_kind_share_their_entry() -> None:
    """Each kind of mark is once in the legend, with all its lengths."""
    islands = [_mark(MarkKind.ISLAND, (120.0, y), (130.0, y), mm=y / 20) for y in (120.0, 160.0)]
    assert _described(replace(IMAGE, marks=tuple(islands)))["legend"][0] == (
        "Blue: islands of bone, 6.0\u00a0mm; 8.0\u00a0mm."
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", REASONS)
def test_a_missing_picture_says_why(reason: str, language: str) -> None:
    """One sentence instead of a picture, in the language of the report."""
    spoken = language_of(language)
    described = _described(Missing(side=Side.LEFT, reason=reason), spoken)
    assert list(described) == ["missing"]
    assert spoken.say(reason) in described["missing"]
    assert described["missing"].endswith(".")


_points = st.tuples(st.floats(100, 200), st.floats(100, 200))


@given(_points, _points)
def test_caps_stand_across_their_line(start: tuple[float, float], end: tuple[float, float]) -> None:
    """Each cap is centred on an end of its line, at a right angle, and of one length."""
    image = replace(IMAGE, marks=(_mark(MarkKind.GAP, start, end),))
    (line,) = _described(image)["lines"]
    along = (line["x2"] - line["x1"], line["y2"] - line["y1"])
    ends = [(line["x1"], line["y1"]), (line["x2"], line["y2"])]
    for (x, y), cap in zip(ends, line["caps"], strict=True):
        across = (cap["x2"] - cap["x1"], cap["y2"] - cap["y1"])
        assert ((cap["x1"] + cap["x2"]) / 2, (cap["y1"] + cap["y2"]) / 2) == pytest.approx(
            (x, y), abs=0.02
        )
        size = sum(part**2 for part in along) ** 0.5
        if size > 10:
            assert abs(along[0] * across[0] + along[1] * across[1]) / size < 0.1
            assert sum(part**2 for part in across) ** 0.5 == pytest.approx(28.0, abs=0.1)


@given(st.lists(st.tuples(_points, _points, st.floats(0, 99)), max_size=4))
def test_words_stay_in_the_picture(
    lines: list[tuple[tuple[float, float], tuple[float, float], float]],
) -> None:
    """However the marks lie, each length is within the picture and clear of its edge."""
    marks = tuple(_mark(MarkKind.ISLAND, start, end, mm=mm) for start, end, mm in lines)
    words = _described(replace(IMAGE, marks=marks))["words"]
    assert len(words) == len(lines)
    for word in words:
        half = len(word["text"]) * 36 * 0.62 / 2
        assert word["x"] - half + 0.01 >= 20
        assert word["x"] + half <= 980.01
        assert 50 <= word["y"] <= 980


def test_a_line_that_goes_on_in_another_image_is_a_dot() -> None:
    """Of a line across slices, each picture shows the end that lies on it, with the length."""
    (gap, *_) = IMAGE.marks
    drawn = _described(replace(IMAGE, marks=(replace(gap, points=gap.points[:1]),)))
    assert (drawn["dots"], drawn["lines"]) == ([{"kind": "gap", "x": 400.0, "y": 300.0}], [])
    assert [word["text"] for word in drawn["words"]] == ["6.2\u00a0mm"]
    assert "A point is one end of a line that goes on in another image." in drawn["legend"]


def test_a_line_across_slices_is_dashed_or_a_dot_and_the_legend_says_so() -> None:
    """What is drawn of it is shorter than the length beside it, and no end of it."""
    (gap, *_) = IMAGE.marks
    dashed = _described(replace(IMAGE, marks=(replace(gap, is_projected=True),)))
    (line,) = dashed["lines"]
    assert (line["dashed"], [word["text"] for word in dashed["words"]]) == (True, ["6.2\u00a0mm"])
    assert dashed["legend"][1] == (
        "A dashed line runs across slices: its projection on this one is drawn, not its whole length."
    )
    point = replace(gap, is_projected=True, points=gap.points[:1])
    dot = _described(replace(IMAGE, marks=(point,)))
    assert (dot["lines"], len(dot["dots"])) == ([], 1)
    assert dot["legend"][1] == "A point is where a line runs straight through this slice."


def test_surfaces_are_outlined_by_what_they_are_of() -> None:
    """Also those that leave the picture; the legend has each colour once."""
    corners = ((150.0, 150.0), (190.0, 150.0), (220.0, 170.0))
    polygon = Polygon(corners=corners, place=PLACE)
    kinds = {Structure.FEMUR: "bone", Structure.ISLAND: "new", Structure.PELVIC_SPUR: "new"}
    surfaces = tuple(Outline(structure=structure, polygon=polygon) for structure in kinds)
    drawn = _described(replace(IMAGE, marks=(), surfaces=surfaces))
    points = "500,500 900,500 1200,700"
    assert drawn["surfaces"] == [{"kind": kind, "points": points} for kind in kinds.values()]
    assert drawn["legend"][:2] == [
        "Thin, green: outlines of bone, as found.",
        "Thin, orange: outlines of heterotopic bone, as found.",
    ]


@pytest.mark.parametrize(
    ("plane", "told"),
    [(Plane.DETECTOR, "at the detector plane"), (Plane.UNKNOWN, "plane not known")],
)
def test_a_length_says_in_which_plane_it_holds(plane: Plane, told: str) -> None:
    """A magnified length never stands as if it were one in the patient, in no picture or legend."""
    drawn = _described(replace(IMAGE, marks=(replace(GAP, plane=plane),)))
    first, second = drawn["words"]
    assert (first["text"], second["text"]) == ("6.2\u00a0mm", told)
    assert (first["x"], second["y"]) == (second["x"], pytest.approx(first["y"] + 1.38 * 36))
    assert drawn["legend"][0] == (
        f"Yellow: space between opposing bone surfaces, 6.2\u00a0mm, {told}."
    )


def test_a_picture_without_directions_says_so() -> None:
    """Where no letters stand at the edges, the name of the hip is not taken for one of a side."""
    told = "The image does not clearly say which side is which."
    assert told not in _described(IMAGE)["legend"]
    assert told in _described(replace(IMAGE, toward_left="", toward_right=""))["legend"]
