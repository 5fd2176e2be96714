"""COCO: where its numbers count from, down which way its runs go, and what of it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hosr.annotations.account import Unusable
from hosr.annotations.pictures.coco import read
from hosr.annotations.pictures.run_lengths import decode_columns
from hosr.errors import RecordRefused
from hosr.intake.images import read_images
from tests.annotations.pictures.given import (
    COLUMNS,
    ROWS,
    context,
    faults,
    shown,
    whole,
    write_json,
)
from tests.images import FILM_UID, dicom_bytes, film

CATEGORIES = [
    {"id": 1, "name": "HO"},
    {"id": 2, "name": "hip", "keypoints": ["gap_start", "gap_end"]},
    {"id": 3, "name": "island"},
    {"id": 4, "name": "unknown"},
]
IMAGE = {"id": 5, "file_name": "film.png", "width": COLUMNS, "height": ROWS}
POLYGON = [20, 10, 50, 10, 50, 30, 20, 30]


def _document(*annotations: dict[str, Any], **changes: Any) -> dict[str, Any]:
    entries = [{"id": n, "image_id": 5, **entry} for n, entry in enumerate(annotations)]
    return {"images": [IMAGE], "categories": CATEGORIES, "annotations": entries, **changes}


def test_polygons_boxes_and_key_points_lie_where_they_count_from(tmp_path: Path) -> None:
    """Corners for areas; half a pixel on for key points; absent ones are none."""
    given = context()
    document = _document(
        {"category_id": 1, "segmentation": [POLYGON], "bbox": [1, 1, 5, 5]},
        {"category_id": 3, "bbox": [20, 10, 30, 20], "segmentation": []},
        {"category_id": 2, "keypoints": [20, 10, 2, 30, 12, 1], "bbox": [0, 0, 50, 50]},
        {"category_id": 2, "keypoints": [0, 0, 0, 30, 13, 2]},
    )

    source = read(write_json(tmp_path / "a.json", document), given)

    (mask,) = source.masks
    assert (mask.label.name, mask.place) == ("HO", "a.json, annotations[0]")
    assert (whole(mask)[12:28, 22:48] == 1).all()
    assert shown(source) == [
        ('"island" (3)', "box", ((20, 10), (50, 10), (50, 30), (20, 30))),
        ('"gap_start"', "point", ((20.5, 10.5),)),
        ('"gap_end"', "point", ((30.5, 12.5),)),
        ('"gap_end"', "point", ((30.5, 13.5),)),
    ]
    assert [entry.words for entry in given.account.assumed] == [
        "shows the only image given, image 1",
        "is marked though it is hidden",
    ]
    assert faults(given) == []


def test_attributes_that_are_set_are_told(tmp_path: Path) -> None:
    """CVAT writes them beside each annotation; only who set them knows what they mean."""
    given = context()
    attributes = {"occluded": True, "rotation": 0.0, "sure": False}
    entry = {"category_id": 1, "segmentation": [POLYGON], "attributes": attributes}
    read(write_json(tmp_path / "a.json", _document(entry)), given)
    assert [f"{entry.place}: {entry.words}" for entry in given.account.refused] == [
        'a.json, annotations[0]: has the flag "occluded" set: what it means is not known here'
    ]


# As pycocotools 2.0.11 writes them; on 300 random masks its decoder and this one agreed.
SMALL = np.array([[0, 1, 1, 0, 0], [0, 1, 1, 0, 1], [0, 0, 1, 0, 1], [0, 0, 0, 0, 1]], bool)
FIRST_FULL = np.array([[1, 0], [1, 0], [0, 1]], bool)


@pytest.mark.parametrize(
    ("mask", "counts", "text"),
    [
        (SMALL, [4, 2, 2, 3, 6, 3], "422140"),
        (FIRST_FULL, [0, 2, 3, 1], "023O"),
        (np.zeros((3, 2), bool), [6], "6"),
    ],
)
def test_run_lengths_go_down_the_columns(mask: Any, counts: list[int], text: str) -> None:
    """As a list, and as the text that pycocotools writes of it."""
    rows, columns = mask.shape

    assert np.array_equal(decode_columns(counts, rows, columns), mask)
    assert np.array_equal(decode_columns(text, rows, columns), mask)


def test_the_text_of_a_disc_is_that_of_pycocotools() -> None:
    """With differences, negative numbers and numbers of two characters in it."""
    text = (
        "Rd3=P26K4L4M2M4M2N2N2O0O2N2O0O2O0O2O000O2O000000000000000000000001N10001N101N101N2N101N2N2N3L3N3L4L"
        "5Jam1"
    )
    row, column = np.mgrid[:ROWS, :COLUMNS]

    disc = decode_columns(text, ROWS, COLUMNS)

    assert np.array_equal(disc, (row - 40) ** 2 + (column - 70) ** 2 < 25**2)


@pytest.mark.parametrize(
    ("counts", "problem"),
    [
        ([4, 2, 2], "has run lengths for 8 pixels, and 20 are there"),
        ([4, 2, 2, 3, 6, 3, 4], "has run lengths for 24 pixels, and 20 are there"),
        # As CVAT has it: the box behind the runs.
        ([4, 2, 2, 3, 6, 3, 0, 0, 4, 3], "has run lengths for 27 pixels, and 20 are there"),
        ([-4, 24], "has a negative run length"),
        ("\x7f", "holds counts that are no compressed run lengths"),
        ("PPPPPPPPPP0", "holds counts that are no compressed run lengths"),
        ("4P", "holds counts that end in the middle of a number"),
    ],
)
def test_runs_of_another_picture_or_order_are_refused(counts: Any, problem: str) -> None:
    """Too few, too many, negative, or no text of runs."""
    with pytest.raises(Unusable) as refusal:
        decode_columns(counts, 4, 5)

    assert refusal.value.problem == problem


def test_a_mask_as_large_as_a_bomb_is_refused_before_it_is_made() -> None:
    """By its size alone."""
    with pytest.raises(Unusable):
        decode_columns([10**10], 10**5, 10**5)


def test_a_mask_in_runs_is_that_of_the_image(tmp_path: Path) -> None:
    """One whose size is not that of its picture is refused."""
    cells = np.zeros((ROWS, COLUMNS), bool)
    cells[10:20, 30:50] = True
    flat = cells.T.reshape(-1)
    edges = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff([0, *edges, flat.size]).tolist()
    runs = {"counts": counts, "size": [ROWS, COLUMNS]}
    given = context()

    source = read(
        write_json(
            tmp_path / "a.json",
            _document(
                {"category_id": 1, "segmentation": runs, "iscrowd": 1},
                {"category_id": 1, "segmentation": {**runs, "size": [COLUMNS, ROWS]}},
            ),
        ),
        given,
    )

    assert np.array_equal(whole(source.masks[0]), cells)
    assert faults(given) == [
        "a.json, annotations[1]: has run lengths of a picture of 80 x 120 pixels; export it anew"
    ]


BOX = {"category_id": 3, "bbox": [20, 10, 30, 20]}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"category_id": 1, "segmentation": [[1, 2, 3, 4, 5]]}, "a polygon of 5 numbers"),
        ({"category_id": 1, "segmentation": [[1, 2, 3, 4]]}, "fewer than three different corners"),
        ({"category_id": 1, "segmentation": [[1, 2, 3, None, 5, 6]]}, "that is no number"),
        ({"category_id": 1, "segmentation": [[1, 2, 3, 4, 900, 6]]}, "[900, 6] outside its image"),
        ({"category_id": 1, "segmentation": "x"}, "neither polygons nor run lengths"),
        (
            {"category_id": 1, "segmentation": {"counts": [9600]}},
            "without the size of their picture",
        ),
        ({"category_id": 2, "keypoints": [1, 2, 2]}, "key points of 3 numbers for 2 names"),
        (
            {"category_id": 9, "bbox": [1, 2, 3, 4]},
            "of the category 9, which the file does not",
        ),
        ({"bbox": [1, 2, 3, 4]}, "has a category_id that is no number"),
        ({**BOX, "bbox": [1, 2, -3, 4]}, "a box that is not x, y, width and height"),
        ({**BOX, "bbox": [1, 2, 3]}, "a box that is not x, y, width and height"),
        ({**BOX, "image_id": 6}, "of the image 6, which the file does not name"),
        ({**BOX, "score": 0.5}, "holds scores, and nobody says from which on a finding counts"),
        ({**BOX, "score": "high"}, "has a score that is no number"),
    ],
)
def test_what_cannot_be_meant_is_a_fault_at_its_place(
    tmp_path: Path, entry: dict[str, Any], problem: str
) -> None:
    """One sentence, and no other annotation is lost for it."""
    given = context()

    source = read(write_json(tmp_path / "a.json", _document(entry, BOX)), given)

    (fault,) = faults(given)
    assert problem in fault
    assert len(source.figures) >= 1


def test_a_category_with_a_role_and_no_object_was_searched_for(tmp_path: Path) -> None:
    """An empty mask of its structure, and told; one without a role, or of points, says nothing.

    Boxes alone do not show what was looked at; and what cannot be read may be of any category.
    """
    given = context()
    outlined = {"category_id": 1, "segmentation": [POLYGON]}

    source = read(write_json(tmp_path / "a.json", _document(outlined)), given)
    boxes = read(write_json(tmp_path / "b.json", _document(BOX)), context())
    spoilt = read(
        write_json(tmp_path / "c.json", _document(outlined, {"category_id": 9})), context()
    )

    assert [mask.label.name for mask in source.masks if not mask.occupancy.size] == ["island"]
    assert given.account.assumed[-1].words == (
        '"island" (3) has no object in this source: it was searched for and not found'
    )
    assert boxes.masks == ()
    assert [mask.label.name for mask in spoilt.masks] == ["HO"]


def test_of_many_shapes_that_are_none_the_first_are_told(tmp_path: Path) -> None:
    """And how many more there are; areas without end are no findings of a film."""
    given, many = context(), context()
    ring = {"category_id": 1, "segmentation": [[1, 1, 4, 1, 4, 4]]}

    read(write_json(tmp_path / "a.json", _document(*([{"category_id": 9}] * 50))), given)
    source = read(write_json(tmp_path / "b.json", _document(*([ring] * 530))), many)

    assert len(faults(given)) == 21
    assert faults(given)[-1] == (
        "a.json: has 30 more shapes that cannot be used; correct those, and import it again"
    )
    assert len(source.masks) == 500
    assert "is one area of more than 500" in faults(many)[0]


def test_an_entry_with_a_score_and_no_place_is_told_and_left(tmp_path: Path) -> None:
    """A list of results that only classifies."""
    given = context("[pictures]\nleast_score = 0.5\n")
    entries = [{"image_id": 1, "category_id": 7, "score": 0.9}]

    read(write_json(tmp_path / "a.json", entries), given)

    assert [entry.words for entry in given.account.refused] == [
        "label 7 has no outline, box or point: a score alone says not where it is"
    ]


def test_results_below_the_least_score_count_as_not_found(tmp_path: Path) -> None:
    """By number, as a list of results has no names; the score goes into the record's parameters."""
    given = context("[pictures]\nleast_score = 0.5\nsize = [120, 80]\nresized = [120, 80]\n")
    entries = [
        {"image_id": 1, "category_id": 7, "bbox": [20, 10, 30, 20], "score": score}
        for score in (0.4, 0.5)
    ]

    source = read(write_json(tmp_path / "a.json", entries), given)

    assert len(source.figures) == 1
    assert source.parameters == (("least_score", "0.5"),)
    assert [entry.words for entry in given.account.refused] == [
        "label 7 is scored 0.4, below the least score of 0.5"
    ]


def test_of_several_pictures_those_of_the_images_given_are_read(tmp_path: Path) -> None:
    """By the name of their file or the SOP Instance UID; where none fits, the images are listed."""
    others = [
        {**IMAGE, "id": 6, "file_name": "other.png"},
        {**IMAGE, "id": 5, "file_name": f"x/{FILM_UID}.png"},
    ]
    document = _document(BOX, {**BOX, "image_id": 6}, images=others)
    given = context()

    source = read(write_json(tmp_path / "a.json", document), given)

    assert len(source.figures) == 1
    assert [entry.words for entry in given.account.refused] == [
        "1 of its pictures show no image given: other.png"
    ]
    two = read_images([dicom_bytes(film()), dicom_bytes(film(SOPInstanceUID=f"{FILM_UID}2"))])
    lost = context(images=two)
    read(write_json(tmp_path / "b.json", _document(BOX)), lost)
    (fault,) = faults(lost)
    assert fault == (
        "b.json, film.png: fits none of the images given: image 1, image 2; give its image alone, or "
        "name film.png like its file or by its SOP Instance UID"
    )


def test_two_pictures_of_one_name_are_refused(tmp_path: Path) -> None:
    """Two patients' folders may each hold a film.png; whose image was given, nobody knows."""
    pictures = [{**IMAGE, "id": 5 + n, "file_name": f"patient-{n}/{FILM_UID}.png"} for n in (0, 1)]
    entry = {"category_id": 1, "segmentation": [POLYGON]}
    given = context()
    read(write_json(tmp_path / "a.json", _document(entry, images=pictures)), given)
    (fault,) = faults(given)
    assert fault == (
        f"a.json: has two pictures of the name of one image: patient-0/{FILM_UID}.png and "
        f"patient-1/{FILM_UID}.png; keep what is of one picture"
    )


def test_results_of_several_pictures_are_those_of_the_image_by_name(tmp_path: Path) -> None:
    """As detectors write them that name a picture by its file, without a suffix."""
    more = "[pictures]\nleast_score = 0.5\nsize = [120, 80]\nresized = [120, 80]\n"
    ids = [FILM_UID, "other", "another", "one-more", "last"]
    entries = [
        {"image_id": each, "category_id": 7, "bbox": [20, 10, 30, 20], "score": 0.9} for each in ids
    ]
    given, lost = context(more), context(more)

    source = read(write_json(tmp_path / "a.json", entries), given)
    read(write_json(tmp_path / "b.json", entries[1:]), lost)

    assert len(source.figures) == 1
    assert [entry.words for entry in given.account.refused] == [
        "4 of its pictures show no image given: other, another, one-more, 1 more"
    ]
    (fault,) = faults(lost)
    assert "fits none of the images given: image 1" in fault


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"images": []}, "names no images"),
        ({"images": [IMAGE, IMAGE]}, "names an image twice"),
        ({"categories": [CATEGORIES[0], CATEGORIES[0]]}, "names the category 1 twice"),
    ],
)
def test_a_file_that_leaves_open_what_its_numbers_are_is_refused(
    tmp_path: Path, changes: dict[str, Any], problem: str
) -> None:
    """Before an annotation is read."""
    with pytest.raises(RecordRefused, match=problem):
        read(write_json(tmp_path / "a.json", _document(BOX, **changes)), context())


def test_a_picture_of_another_size_is_refused_or_laid_on_its_image(tmp_path: Path) -> None:
    """A letterbox without its numbers is a fault; with them each axis has its own factor."""
    picture = {**IMAGE, "width": 64, "height": 64}
    path = write_json(tmp_path / "a.json", _document(BOX, images=[picture]))
    silent = context()
    told = context("[pictures]\nsize = [64, 64]\nresized = [60, 40]\noffset = [2, 12]\n")
    swapped = context()

    read(path, silent)
    source = read(
        write_json(
            tmp_path / "b.json",
            _document({"category_id": 3, "bbox": [12, 17, 15, 10]}, images=[picture]),
        ),
        told,
    )
    turned = {**IMAGE, "width": ROWS, "height": COLUMNS}
    read(write_json(tmp_path / "c.json", _document(BOX, images=[turned])), swapped)

    (fault,) = faults(silent)
    assert fault == (
        "a.json, film.png: is a picture of 64 x 64 pixels, its image has 120 x 80; say in [pictures] "
        "of labels.toml how it was made of the image: size, resized and offset"
    )
    assert shown(source) == [('"island" (3)', "box", ((20, 10), (50, 10), (50, 30), (20, 30)))]
    assert "columns and rows look exchanged" in faults(swapped)[0]
