"""Sources to a record: which files are read, and what is told where their labels and labels.toml differ."""

from __future__ import annotations

import datetime as dt
import json
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from hosr.annotations.account import Account
from hosr.annotations.authorship import Author
from hosr.annotations.context import Context
from hosr.annotations.labels import parse_labels, read_labels
from hosr.annotations.records import import_read, import_sources, read_sources
from hosr.annotations.roles import Meaning, Role
from hosr.annotations.sources import Figure, Form, Label, Mask, PixelGrid, Source
from hosr.annotations.viewers.roles import tell_other_side
from hosr.errors import RecordRefused
from hosr.findings import Hip, Place
from hosr.intake.images import read_images
from hosr.vocabulary.terms import Side, View

OUTLINES = Path(__file__).resolve().parents[2] / "sample_data" / "brooker-3"
SCORES = json.dumps({"right": {"brooker": "III"}})
AT = Author(at=dt.datetime(2026, 7, 1, 10, tzinfo=dt.UTC))


def _refused(*paths: Path, context: Context | None = None) -> list[str]:
    with pytest.raises(RecordRefused) as refusal:
        read_sources(paths, context or Context())
    return [f"{fault.path}: {fault.problem}; {fault.remedy}" for fault in refusal.value.faults]


def test_a_folder_is_its_files_but_for_what_only_tells_of_others(tmp_path: Path) -> None:
    """Hidden files, the file of labels, and what readers look for beside a source."""
    for name in ("b.json", "a.json"):
        (tmp_path / name).write_text(SCORES, encoding="utf-8")
    for name in (".hidden", "dataset.json", "classes.txt", "mine.toml"):
        (tmp_path / name).write_text('schema_version = "1.0"', encoding="utf-8")

    context = Context(labels=read_labels(tmp_path / "mine.toml"))
    assert [source.name for source in read_sources([tmp_path], context)] == ["a.json", "b.json"]
    assert _refused(tmp_path) == [
        (
            "mine.toml: is of no kind that hosr knows: see `hosr describe import`; "
            "export it in one of the forms listed there"
        )
    ]


def test_what_holds_no_source_is_named_with_all_that_is_wrong(tmp_path: Path) -> None:
    """An empty folder, a pipe that nobody fills, and a file that is not there."""
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")

    assert _refused(*(tmp_path / name for name in ("empty", "pipe", "none"))) == [
        "empty: is a folder without a source; name the files",
        "pipe: is a pipe or a device; save what comes out of it as a file",
        "none: does not exist; check the path",
    ]


@pytest.mark.parametrize(
    ("name", "side", "told"),
    [
        ("hip_right", Side.LEFT, True),
        ("Hüfte links", Side.RIGHT, True),
        ("hip_right", Side.RIGHT, False),
        ("hip_right", None, False),
        ("HO", Side.RIGHT, False),
        ("right and left", Side.RIGHT, False),
    ],
)
def test_a_label_that_names_the_other_side_is_told(
    name: str, side: Side | None, told: bool
) -> None:
    """The file of labels stands above the words of a label, and somebody should look."""
    account = Account()
    label = Figure(label=Label(name=name), place="a.json", form=Form.POINT, points=((1, 1),))
    tell_other_side(label, Meaning(role=Role.ISLAND, side=side), "labels.toml", account)
    assert bool(account.assumed) is told


def test_a_label_is_missed_only_where_all_was_read(tmp_path: Path) -> None:
    """Outlines on a picture of another size are not read; that a label lacks there, nobody knows."""
    outlines = json.loads((OUTLINES / "outlines.json").read_text(encoding="utf-8"))
    outlines["images"][0]["width"] += 1
    path = tmp_path / "outlines.json"
    path.write_text(json.dumps(outlines), encoding="utf-8")
    images = read_images([OUTLINES / "images"])
    labels = parse_labels((OUTLINES / "labels.toml").read_text(encoding="utf-8"))
    context = Context(labels=labels, images=images)

    with pytest.raises(RecordRefused, match="is a picture of 1057 x 896 pixels"):
        import_sources([path], context, AT)
    assert context.account.refused == []


def _drawn(name: str, *at: tuple[int, int]) -> Source:
    """A source with a mask of HO for each place: three rows by four columns of an image."""
    grid = PixelGrid(shape=(80, 120), place=Place(sop_instance_uid="1.2"))
    masks = tuple(
        Mask(
            label=Label(name="HO"),
            place=f"{name}, shapes[{number}]",
            grid=grid,
            origin=origin,
            occupancy=np.ones((3, 4 if name == "a" else 5), bool),
        )
        for number, origin in enumerate(at)
    )
    return Source(name=name, kind="masks", masks=masks)


@pytest.mark.parametrize(
    ("sources", "wrong"),
    [
        (
            [_drawn("a", (5, 5)), _drawn("b", (6, 6))],
            ['b, shapes[0]: draws "HO" otherwise than a, shapes[0]'],
        ),
        ([_drawn("a", (5, 5)), _drawn("b", (40, 6))], []),
        ([_drawn("a", (5, 5)), _drawn("a", (5, 5))], []),
        ([_drawn("a", (5, 5), (6, 6))], []),
    ],
)
def test_two_readings_of_one_structure_are_no_structure_together(
    sources: list[Source], wrong: list[str]
) -> None:
    """Two islands of one label, a file and its copy, and several masks of one file are something else."""
    labels = parse_labels(
        'schema_version = "1.0"\n[labels]\nHO = { role = "island", side = "right" }'
    )
    context = Context(labels=labels)
    with suppress(RecordRefused):
        import_read(sources, context, AT)
    told = [f"{fault.path}: {fault.problem}" for fault in context.account.faults]
    assert [words for words in told if "otherwise" in words] == wrong


def test_the_view_of_labels_must_not_contradict_the_source() -> None:
    """A segmentation of CT is none of MR, where no gap derives a grade."""
    labels = parse_labels('schema_version = "1.0"\n[record]\nview = "mr"')
    context = Context(labels=labels)
    source = Source(name="seg.dcm", kind="", hips=(Hip(side=Side.RIGHT),), view=View.CT)
    with pytest.raises(RecordRefused):
        import_read([source], context, AT)
    told = [f"{fault.path}: {fault.problem}; {fault.remedy}" for fault in context.account.faults]
    assert (
        'labels.toml, [record] view: is "mr", and what was drawn is of ct; leave it out, or correct it'
        in told
    )


def test_faults_of_the_record_name_the_hip_and_no_place_in_json(tmp_path: Path) -> None:
    """Nobody has written a record; it is what the sources say that cannot be."""
    given = {"model": "A", "version": "1", "left": {"brooker": "II", "della_valle": "A"}}
    (tmp_path / "scores.json").write_text(json.dumps(given), encoding="utf-8")
    with pytest.raises(RecordRefused) as refusal:
        import_sources([tmp_path / "scores.json"], Context(), AT)
    assert [fault.path for fault in refusal.value.faults] == ["left hip, grades"]
