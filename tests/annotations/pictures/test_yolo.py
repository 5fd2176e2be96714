"""YOLO: what a line of so many numbers is, and where its classes have their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hosr.annotations.pictures.yolo import read
from hosr.errors import RecordRefused
from tests.annotations.pictures.given import context, faults, shown

if TYPE_CHECKING:
    from pathlib import Path

YAML = "path: ../data\nnames:\n  0: HO\n  1: island\n  2: gap\n"
BOX = "1 0.5 0.5 0.25 0.25"
CORNERS = ((45, 30), (75, 30), (75, 50), (45, 50))
OUTLINE = "1 0.25 0.25 0.5 0.25 0.5 0.5"
LEAST = "[pictures]\nleast_score = 0.5\n"


def _write(folder: Path, text: str, names: str = YAML, name: str = "data.yaml") -> Path:
    (folder / name).write_text(names, encoding="utf-8")
    file = folder / "labels" / "film.txt"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_boxes_and_outlines_are_parts_of_the_image(tmp_path: Path) -> None:
    """The class is named by data.yaml a folder above; a structure's outline is its mask."""
    given = context()

    source = read(_write(tmp_path, f"{BOX}\n\n0{OUTLINE[1:]}\n"), given)

    assert shown(source) == [('"island" (1)', "box", CORNERS)]
    assert [str(mask.label) for mask in source.masks] == ['"HO" (0)']
    assert [entry.words for entry in given.account.assumed] == [
        "shows the only image given, image 1",
        "its numbers are parts of the whole image",
    ]
    assert faults(given) == []


def test_a_score_stands_last_and_counts_from_the_least_score_on(tmp_path: Path) -> None:
    """Five numbers are a box with a score, an odd number of more an outline with one."""
    lines = f"{BOX} 0.9\n{BOX} 0.2\n{OUTLINE} 0.1\n"
    given, silent = context(LEAST), context()

    source = read(_write(tmp_path, lines), given)
    read(_write(tmp_path, lines), silent)

    assert len(source.figures) == 1
    assert [entry.words for entry in given.account.refused] == [
        '"island" (1) is scored 0.2, below the least score of 0.5',
        '"island" (1) is scored 0.1, below the least score of 0.5',
    ]
    (fault,) = faults(silent)
    assert fault == (
        "film.txt: holds scores, and nobody says from which on a finding counts; write least_score "
        "under [pictures] in labels.toml"
    )


@pytest.mark.parametrize("seen", ["", " 2"])
def test_key_points_are_those_of_kpt_shape(tmp_path: Path, seen: str) -> None:
    """Named by the class and their place in it; an absent one is none."""
    dimension = 3 if seen else 2
    yaml = f"names: [HO, island, gap]\nkpt_shape: [3, {dimension}]  # of three points\n"
    absent = " 0 0 0" if seen else " 0 0"
    line = f"2 0.5 0.5 0.2 0.2 0.25 0.5{seen} 0.5 0.25{seen}{absent}"

    source = read(_write(tmp_path, line, yaml), context())

    assert shown(source) == [
        ('"gap[0]"', "point", ((30, 40),)),
        ('"gap[1]"', "point", ((60, 20),)),
    ]


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("data.yaml", "names: [HO, island]"),
        ("data.yaml", "names: ['HO', \"island\"]  # two"),
        ("data.yaml", "names: {0: HO, 1: island}"),
        ("data.yaml", "nc: 2\nnames:\n- HO\n- island\nkpt: 1"),
        ("data.yaml", "names:\n  # classes\n  - HO\n  - 'island'\n"),
        ("data.yaml", "names:\n  1: island\n  0: HO\n"),
        ("classes.txt", "HO\nisland\n"),
        ("classes.txt", "HO\r\nisland \r\n\r\n"),
    ],
)
def test_names_are_read_in_the_forms_that_these_files_have(
    tmp_path: Path, name: str, names: str
) -> None:
    """Lists and mappings, in a line or one a line."""
    source = read(_write(tmp_path, BOX, names, name), context())

    assert shown(source)[0][0] == '"island" (1)'


@pytest.mark.parametrize(
    "names",
    ["names: &a [HO]", "names: !!python/object:os.system [x]", "names:\n  a: b", "names: [a, {b: c}]",
     "kpt_shape: 17", "kpt_shape: [17, 4]", "names: {0: HO, 1: island, 1: gap}", "names:\n  0: HO\n  - island",
     "names: [HO, island]\nnames: [island, HO]"],
)  # fmt: skip
def test_other_yaml_is_refused(tmp_path: Path, names: str) -> None:
    """No YAML is run; the classes can be named by number."""
    with pytest.raises(RecordRefused):
        read(_write(tmp_path, BOX, names), context())


@pytest.mark.parametrize(
    ("names", "line"), [("HO\n\nisland\n", 2), ("\nHO\nisland\n", 1), ("HO\n \nisland\n\n", 2)]
)
def test_a_line_without_a_name_is_refused(tmp_path: Path, names: str, line: int) -> None:
    """Some programs count it and some do not, so that the names below it may be of other classes."""
    with pytest.raises(RecordRefused) as refused:
        read(_write(tmp_path, BOX, names, "classes.txt"), context())
    assert str(refused.value.faults[0]) == (
        f"classes.txt: has no name in line {line}, which some programs count and others do not; write "
        "a name there, or take the line out"
    )


def test_without_names_the_number_is_the_label(tmp_path: Path) -> None:
    """Which labels.toml may give a role."""
    file = _write(tmp_path, f"7{BOX[1:]}")
    (tmp_path / "data.yaml").unlink()

    assert shown(read(file, context())) == [("label 7", "box", CORNERS)]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("1 45 30 75 50", "no part of the picture's width or height, from 0 to 1"),
        ("1 0.5 0.5 0.25", "has 3 numbers behind the class"),
        ("1 0.5 0.5 0.25 nan", "holds what is no number"),
        ("1 0.5 0.5 0.25 1e999", "holds what is no number"),
        ("x 0.5 0.5 0.25 0.25", "does not begin with the number of a class"),
        ("9 0.5 0.5 0.25 0.25", "is of the class 9, which data.yaml does not name"),
        ("1 0.375 0.375 0.25 0.25 0.25 0.25 0.5 0.25 0.5 0.5", "has a box before its outline"),
        ("1 0.5 0.5 0 0.25", "is a box without width or height"),
        ("1 0.25 0.25 0.5 0.25 0.25 0.25", "fewer than three different corners"),
    ],
)
def test_a_line_that_is_none_is_a_fault_at_its_number(
    tmp_path: Path, line: str, problem: str
) -> None:
    """Pixels, a box before its outline, and numbers that are none."""
    given = context()

    source = read(_write(tmp_path, f"{BOX}\n{line}"), given)

    (fault,) = faults(given)
    assert fault.startswith("film.txt, line 2: ")
    assert problem in fault
    assert len(source.figures) == 1


def test_a_class_without_a_line_was_not_found_beside_outlines_of_others(tmp_path: Path) -> None:
    """Where their names are known; a file without a line shows nothing that was looked at."""
    outlined = read(_write(tmp_path, f"0{OUTLINE[1:]}"), context())
    empty = read(_write(tmp_path, ""), context())

    assert [(mask.label.name, mask.occupancy.size > 0) for mask in outlined.masks] == [
        ("HO", True),
        ("island", False),
    ]
    assert empty.masks == ()


def test_a_letterbox_is_undone_by_the_numbers_of_labels_toml(tmp_path: Path) -> None:
    """Parts of the picture that the model saw, not of the image."""
    more = "[pictures]\nsize = [64, 64]\nresized = [60, 40]\noffset = [2, 12]\n"

    source = read(_write(tmp_path, "1 0.5 0.5 0.234375 0.15625"), context(more))

    assert shown(source)[0][2] == ((45, 30), (75, 30), (75, 50), (45, 50))
