"""PNG and arrays: which structure a map is of, on which image, and what is no label map."""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from hosr.annotations.figures.polygons import longest_diameter, roundness
from hosr.annotations.pictures.label_maps import read, read_flat
from hosr.annotations.pictures.png import read_png
from hosr.annotations.sources import Form, PixelGrid
from hosr.intake.images import read_images
from tests.annotations.pictures.given import COLUMNS, FILM_UID, ROWS, context, faults, whole
from tests.images import axial, dicom_bytes, write_film

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELLS = np.zeros((ROWS, COLUMNS), np.uint8)
CELLS[10:20, 30:50] = 1


def _save(path: Path, cells: NDArray[Any], mode: str | None = None, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.fromarray(cells)
    if mode == "P":
        picture.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0] + [9] * 759)
    elif mode:
        picture = picture.convert(mode)
    picture.save(path, **options)
    return path


def test_the_pixels_of_a_ball_are_its_outline(tmp_path: Path) -> None:
    """Its diameter calibrates, to a third of a pixel; the middle of a pixel is where DICOM has it."""
    rows, columns = np.mgrid[:ROWS, :COLUMNS] + 0.5
    ball = np.hypot(columns - 60.2, rows - 40.4) < 25

    source = read(_save(tmp_path / "ball.png", (ball * 255).astype(np.uint8)), context())

    (figure,) = source.figures
    corners = np.array(figure.points)
    assert figure.form is Form.POLYGON
    assert np.hypot(*(corners - [60.2, 40.4]).T) == pytest.approx(25, abs=0.3)
    points = [(float(x), float(y)) for x, y in figure.points]
    assert math.dist(*longest_diameter(points)) == pytest.approx(50, abs=0.34)
    assert roundness(points) > 0.98


@pytest.mark.parametrize(
    ("cells", "mode", "options"),
    [
        (CELLS * 255, None, {}),
        (CELLS, None, {}),
        (CELLS, "P", {}),
        (CELLS, "P", {"bits": 1}),
        (CELLS * 255, "1", {}),
    ],
)
def test_a_file_named_for_a_structure_is_that_structure(
    tmp_path: Path, cells: NDArray[Any], mode: str | None, options: dict[str, Any]
) -> None:
    """Whatever number it is written in, as greys, black and white, or with a palette."""
    given = context()

    source = read(_save(tmp_path / "HO.png", cells, mode, **options), given)

    (mask,) = source.masks
    assert (mask.label.name, mask.origin) == ("HO", (10, 30))
    assert np.array_equal(whole(mask), CELLS.astype(bool))
    assert faults(given) == []


def test_an_empty_file_of_a_structure_is_an_empty_mask(tmp_path: Path) -> None:
    """The model looked, and found none; an empty map of no structure says nothing."""
    given = context()

    named = read(_save(tmp_path / "HO.png", CELLS * 0), given)
    other = read(_save(tmp_path / "map.png", CELLS * 0), given)

    assert [mask.occupancy.size for mask in named.masks] == [0]
    assert other.masks == ()
    assert [entry.words for entry in given.account.refused] == ["holds no label"]


def test_in_any_other_file_each_number_is_a_label(tmp_path: Path) -> None:
    """Of few bits as of eight, though Pillow spreads those of few."""
    cells = CELLS * 7
    cells[40:50, 30:50] = 9

    for bits in (4, 8):
        path = tmp_path / f"{bits}.png"
        path.write_bytes(_png(cells, bits))
        source = read(path, context())
        assert [str(mask.label) for mask in source.masks] == ["label 7"]
        assert [str(figure.label) for figure in source.figures] == ["label 9"]


def _png(cells: NDArray[Any], bits: int = 8, colour: int = 0, size: Any = None) -> bytes:
    """A PNG by hand (PNG 1.2), for what no writer writes."""
    columns, rows = size or (cells.shape[1], cells.shape[0])
    head = struct.pack(">LLBBBBB", columns, rows, bits, colour, 0, 0, 0)
    if bits == 4:
        cells = (cells[:, ::2] << 4) | cells[:, 1::2]
    lines = b"".join(b"\0" + row.tobytes() for row in cells)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    chunks = (
        struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (_png(CELLS, colour=2), "has colours or transparency"),
        (_png(CELLS, colour=6), "has colours or transparency"),
        (_png(CELLS, bits=16), "has 16 bits a pixel"),
        (_png(CELLS, size=(60000, 60000)), "is a picture of 60000 x 60000 pixels; no film"),
        (_png(CELLS[:40], size=(COLUMNS, ROWS)), "cannot be decoded"),
        (_png(CELLS)[:60], "cannot be decoded"),
        (_png(CELLS)[:20], "is no PNG"),
        (_png(CELLS[:, :-2]), "is a picture of 118 x 80 pixels, its image has 120 x 80"),
        (_png(CELLS.T.copy()), "columns and rows look exchanged"),
        (_png(np.arange(ROWS * COLUMNS, dtype=np.uint8).reshape(ROWS, COLUMNS)),
         "holds 255 different numbers: greys of a picture, and no labels"),
        (_png(CELLS + (CELLS.T[:1, :1] == 0)),
         "bears the name of the structure \"HO\", and holds the labels 1, 2"),
    ],
)  # fmt: skip
def test_what_is_no_label_map_of_the_image_is_refused(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    """Colours, 16 bits, a bomb by its header, a picture that was cut off or turned."""
    given = context()
    path = tmp_path / "HO.png"
    path.write_bytes(content)

    source = read(path, given)

    (fault,) = faults(given)
    assert problem in fault
    assert (source.masks, source.figures) == ((), ())


def test_bones_that_overlap_on_a_radiograph_are_no_numbers_of_one_picture(tmp_path: Path) -> None:
    """One would cut the other; on a slice they lie side by side."""
    cells = CELLS * 7
    cells[40:50, 30:50] = 8
    slices = read_images([dicom_bytes(axial())])
    film, scan = context(), context(images=slices)
    path = _save(tmp_path / "map.png", cells)

    read(path, film)
    source = read(path, scan)

    (fault,) = faults(film)
    assert fault == (
        'map.png: holds "island" and "pelvis" as numbers of one picture, and on a radiograph they '
        "overlap; give each structure a picture of its own"
    )
    assert len(source.masks) == 2


@pytest.mark.parametrize("name", ["one_HO.png", "one/HO.png", f"{FILM_UID}/HO.png", "one.png"])
def test_of_several_images_the_name_tells_which(tmp_path: Path, name: str) -> None:
    """By the beginning of the file's name or its folder; else all images are listed."""
    write_film(tmp_path / "images" / "one.dcm")
    write_film(tmp_path / "images" / "two.dcm", SOPInstanceUID=f"{FILM_UID}2")
    images = read_images([tmp_path / "images"])
    given, lost = context(images=images), context(images=images)

    source = read(_save(tmp_path / name, CELLS * 7), given)
    read(_save(tmp_path / "HO.png", CELLS), lost)

    (mask,) = source.masks
    assert isinstance(mask.grid, PixelGrid)
    assert mask.grid.place.sop_instance_uid == FILM_UID
    assert mask.label.name == ("one" if name == "one.png" else "HO")
    (fault,) = faults(lost)
    assert "fits none of the images given: " in fault
    assert "one.dcm" in fault


def test_arrays_are_labels_or_probabilities(tmp_path: Path) -> None:
    """By their type; whole numbers that were saved as floats are labels, which is told."""
    soft = CELLS * np.float32(0.75)
    given = context()

    source = read_flat(
        tmp_path / "film.npz",
        {"HO": soft, "pelvis": CELLS.astype(np.float64), "map": CELLS.astype(np.int64) * 7},
        given,
    )

    assert [(m.label.name or m.label.number, m.is_probability) for m in source.masks] == [
        ("HO", True), ("pelvis", False), ("map", False),
    ]  # fmt: skip
    assert np.array_equal(whole(source.masks[0]), soft)
    assert "holds whole numbers as floats: they are labels" in [
        entry.words for entry in given.account.assumed
    ]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (np.where(CELLS, np.nan, 0.5), "holds values that are no numbers (NaN or infinite)"),
        (CELLS * 2.5, "holds values from 0 to 2.5"),
        (CELLS * -0.5, "holds values from -0.5 to -0"),
        (CELLS.astype("c16"), "holds values of the type complex128"),
        (CELLS[:-1], "is a picture of 120 x 79 pixels"),
    ],
)
def test_arrays_of_other_values_are_refused(cells: NDArray[Any], problem: str) -> None:
    """Scores before softmax, NaN, and another size."""
    given = context()

    read_flat(Path("HO.npy"), {"": cells}, given)

    (fault,) = faults(given)
    assert problem in fault


def test_numbers_of_two_bits_are_those_that_were_written() -> None:
    """Pillow spreads them over all of a byte."""
    cells = np.array([[0, 1, 2, 3]], np.uint8)
    packed = np.array([[0b00011011]], np.uint8)
    content = _png(packed, 2, size=(4, 1))

    assert np.array_equal(read_png(content), cells)
