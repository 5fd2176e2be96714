"""The films of the samples, outlined as a model would: their findings, lengths and grades are the true ones."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pytest
from PIL import Image

from hosr.annotations.authorship import Author
from hosr.annotations.context import Context
from hosr.annotations.labels import read_labels
from hosr.annotations.pictures.coco import read as read_coco
from hosr.annotations.records import import_sources
from hosr.findings import Plane
from hosr.intake.images import read_images
from tests.command import hosr

if TYPE_CHECKING:
    from hosr.annotations.labels import Labels
    from hosr.intake.images import SourceImages
    from hosr.report import GradedHip

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2] / "sample_data"
FILMS = sorted(path.parent.name for path in ROOT.glob("*/outlines.json"))
Hips: TypeAlias = "tuple[GradedHip, ...]"
Grades: TypeAlias = list[tuple[str, tuple[str, ...], tuple[str, ...]]]
AT = Author(at=dt.datetime(2026, 7, 1, 10, tzinfo=dt.UTC))


@cache
def _images(study: str) -> SourceImages:
    return read_images([ROOT / study / "images"])


def _hips(study: str, *sources: Path, labels: Labels | None = None) -> Hips:
    """The hips of what these sources give, as a report would have them."""
    given = labels or read_labels(ROOT / study / "labels.toml")
    context = Context(labels=given, images=_images(study))
    return import_sources(sources, context, AT).hips


def _truth(study: str) -> list[dict[str, Any]]:
    truth = json.loads((ROOT / study / "truth.json").read_text(encoding="utf-8"))
    hips: list[dict[str, Any]] = truth["hips"]
    return hips


def _grades(hips: Hips) -> Grades:
    """What the findings leave open on both scales, hip by hip."""
    found = []
    for graded in hips:
        brooker, della_valle = graded.grade("brooker"), graded.grade("della_valle")
        assert brooker is not None
        assert della_valle is not None
        found.append((graded.hip.side.value, brooker.possible, della_valle.possible))
    return found


def test_every_film_of_the_samples_is_outlined() -> None:
    """Nine of the eleven studies are radiographs."""
    assert len(FILMS) == 9


@pytest.mark.parametrize("study", FILMS)
def test_the_outlines_of_a_film_give_its_true_grades_and_lengths(study: str) -> None:
    """Gaps and islands to 0.3 mm where the film has a scale in the patient; without one the grade stays open."""
    hips = _hips(study, ROOT / study / "outlines.json")

    expected: Grades = [
        (hip["side"], (hip["brooker"],), (hip["della_valle"],)) for hip in _truth(study)
    ]
    if study == "poor-headers":
        expected = [("right", ("II", "III"), ("B", "C"))]
    assert _grades(hips) == expected
    for graded, truth in zip(hips, _truth(study), strict=True):
        pairs = [(graded.hip.gap, truth["gap_mm"])] if truth["gap_mm"] else []
        islands = [island.length for island in graded.hip.islands or ()]
        assert len(islands) == len(truth["islands"])
        measured = sorted(islands, key=lambda length: (length and length.mm) or 0.0)
        true_mm = sorted(island["length_mm"] for island in truth["islands"])
        pairs += zip(measured, true_mm, strict=True)
        for length, mm in pairs:
            assert length is not None
            if length.plane is Plane.PATIENT:
                assert length.mm == pytest.approx(mm, abs=0.3)


@pytest.fixture(scope="module")
def coco() -> tuple[dict[str, Any], Labels]:
    """The outlines of brooker-2 with the label names of one hip, and what they mean."""
    document = json.loads((ROOT / "brooker-2" / "outlines.json").read_text(encoding="utf-8"))
    return document, read_labels(ROOT / "brooker-2" / "labels.toml")


@pytest.fixture(scope="module")
def expected() -> Hips:
    """What these outlines give as they are."""
    return _hips("brooker-2", ROOT / "brooker-2" / "outlines.json")


def _assert_same(hips: Hips, expected: Hips, most_px: float) -> None:
    assert _grades(hips) == _grades(expected)
    gaps = [found[0].hip.gap for found in (hips, expected)]
    lines = [gap.line for gap in gaps if gap is not None and gap.line is not None]
    assert len(lines) == 2
    ends = [(*line.start, *line.end) for line in lines]
    assert ends[0] == pytest.approx(ends[1], abs=most_px)


def test_label_maps_give_the_same(
    tmp_path: Path, coco: tuple[dict[str, Any], Labels], expected: Hips
) -> None:
    """One PNG for each structure, to what whole pixels leave of the outlines."""
    _, labels = coco
    source = read_coco(
        ROOT / "brooker-2" / "outlines.json",
        Context(labels=labels, images=_images("brooker-2")),
    )
    for mask in source.masks:
        cells = np.zeros(mask.grid.shape, np.uint8)
        top, left = mask.origin
        rows, columns = mask.occupancy.shape
        cells[top : top + rows, left : left + columns] = mask.occupancy >= 0.5
        Image.fromarray(cells * 255).save(tmp_path / f"{mask.label.name}.png")

    hips = _hips("brooker-2", tmp_path, labels=labels)

    # Along the rim of a ball the shortest line may turn by more than it is longer.
    _assert_same(hips, expected, 3.0)
    gaps = [found[0].hip.gap for found in (hips, expected)]
    found_mm = [gap.mm for gap in gaps if gap is not None and gap.mm is not None]
    assert found_mm[0] == pytest.approx(found_mm[1], abs=0.3)


def test_yolo_and_labelme_give_the_same(
    tmp_path: Path, coco: tuple[dict[str, Any], Labels], expected: Hips
) -> None:
    """The same corners in the numbers of two other programs."""
    document, labels = coco
    names = {each["id"]: each["name"] for each in document["categories"]}
    picture = document["images"][0]
    size = (picture["width"], picture["height"])
    rings = [(each["category_id"], each["segmentation"][0]) for each in document["annotations"]]
    (tmp_path / "yolo").mkdir()
    lines = "\n".join(f"  {number}: {name}" for number, name in names.items())
    (tmp_path / "data.yaml").write_text(f"names:\n{lines}\n", encoding="utf-8")
    yolo = tmp_path / "yolo" / "image-1.txt"
    texts = [
        f"{number} " + " ".join(str(v / size[n % 2]) for n, v in enumerate(ring))
        for number, ring in rings
    ]
    yolo.write_text("\n".join(texts), encoding="utf-8")
    shapes = [
        {"label": names[number], "shape_type": "polygon",
         "points": [list(p) for p in zip(ring[::2], ring[1::2], strict=True)]}
        for number, ring in rings
    ]  # fmt: skip
    shapes.append({"label": "island", "shape_type": "point", "points": [[100, 200]]})
    labelme = tmp_path / "image-1.json"
    labelme.write_text(
        json.dumps(
            {"shapes": shapes, "imagePath": "image-1.png", "imageWidth": size[0],
             "imageHeight": size[1], "imageData": None}
        )
    )  # fmt: skip

    _assert_same(_hips("brooker-2", yolo, labels=labels), expected, 0.01)
    drawn = _hips("brooker-2", labelme, labels=labels)
    _assert_same(drawn, expected, 0.01)


def test_a_film_without_a_scale_is_told_where_its_images_were_named() -> None:
    """Nobody is asked for images that were given: what lacks is a size."""
    study = ROOT / "poor-headers"
    sources = [str(study / "outlines.json"), "--labels", str(study / "labels.toml")]
    ran = hosr(
        "import", *sources, "--images", str(study / "images"), "--at", "2026-07-01T10:00:00Z", "--dry-run"
    )  # fmt: skip
    assert ran.code == 0
    assert "The header of an image gives no millimetres: no length is measured on it." in ran.out
    assert "--images" not in ran.out
