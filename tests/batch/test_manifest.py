"""Bad input: a fault is that of its row alone, and the batch goes on."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.batch.calls import batch
from tests.batch.manifests import (
    faults_of,
    lines_of,
    results_of,
    study_uid,
    table_rows,
    write_csv,
    write_lines,
    write_parquet,
)
from tests.command import marked
from tests.images import write_film

if TYPE_CHECKING:
    from collections.abc import Mapping

FORM = 'write {"id": "...", "images": "path" or ["path", ...], "record": {...} or "path"}'
IMAGES = 'write "path" or ["path", ...]'
FOLDER = "its folder is named by it; use another"


def line(**changes: Any) -> dict[str, Any]:
    """The line of the second film, changed; None leaves a key out."""
    changed = {**lines_of(2)[1], **changes}
    return {key: value for key, value in changed.items() if value is not None}


LINES: dict[str, tuple[Any, list[str]]] = {
    "no JSON": (
        "{",
        [
            f"line 2: is not JSON (line 1, column 2: expecting property name enclosed in double quotes); {FORM}"
        ],
    ),
    "not UTF-8": (b'{"id": "\xff"}', [f"line 2: is not UTF-8 text; {FORM}"]),
    "a list": ([1], [f"line 2: is a list; {FORM}"]),
    "deep": ("[" * 100_000, [f"line 2: is nested too deeply; {FORM}"]),
    "no id": (
        line(id=None),
        ["$.id: is missing; give every line an id; its folder is named by it"],
    ),
    "number as id": (line(id=7), ["$.id: is a number; write it as text, in quotes"]),
    "way out": (
        line(id="../x"),
        [f"$.id: holds a character that a folder cannot be named with; {FOLDER}"],
    ),
    "hidden": (line(id=".x"), [f"$.id: begins or ends with a dot; {FOLDER}"]),
    "device": (line(id="NUL"), [f"$.id: is a name that is reserved; {FOLDER}"]),
    "own file": (line(id="Results.JSONL"), [f"$.id: is a name that is reserved; {FOLDER}"]),
    "control": (
        line(id="a\nb"),
        [f"$.id: holds a character that cannot be seen, or begins or ends with a space; {FOLDER}"],
    ),
    "long": (line(id="x" * 129), [f"$.id: is longer than 128 characters or 240 bytes; {FOLDER}"]),
    "unknown key": (
        line(image="x"),
        ['$["image"]: is an unknown key; a line holds "id", "images", "record", "source", '],
    ),
    "no images": (line(images=None), [f"$.images: is missing; {IMAGES}"]),
    "images of another kind": (
        line(images=[1, ""]),
        [f"$.images[0]: is no path; {IMAGES}", f"$.images[1]: is no path; {IMAGES}"],
    ),
    "missing images": (line(images="films/9.dcm"), ["9.dcm: there is no such file or folder"]),
    "no record": (
        line(record=None),
        ["$.record: is missing; write the record, its path, or the source "],
    ),
    "missing record": (line(record="none.json"), ["none.json: does not exist; check the path"]),
    "record of another kind": (line(record=[]), ["$.record: is a list, not an object"]),
    "given twice": (
        '{"id": "x", "images": "a", "images": "b", "record": {}}',
        ["$.images: is given more than once; keep one of them"],
    ),
    "mixed units": (line(record=marked(gap={"mm": "0.9 cm"})), ["$.record.hips[0].gap.mm: "]),
    "contradiction": (line(record=marked(presence="absent")), ["$.record.hips[0]"]),
    "other patient": (
        line(record={**marked(), "study": {"patient_id": "P-1"}}),
        ["$.record.study.patient_id: "],
    ),
    "two patients": (line(images=["films/1.dcm", "films/3.dcm"]), ["3.dcm: "]),
}


@pytest.mark.usefixtures("films")
class TestLines:
    """Lines of JSONL."""

    @pytest.mark.parametrize("name", sorted(LINES))
    def test_a_fault_is_that_of_its_line(self, name: str) -> None:
        """Every fault is told with its place and remedy, and the lines around it are done."""
        bad, expected = LINES[name]
        first, _, third = lines_of(3)
        ran = batch(write_lines(Path("m.jsonl"), [first, bad, third]))
        assert (ran.code, ran.err) == (3, "")
        assert ran.is_safe_to_read
        assert [row["state"] for row in results_of(Path("out"))] == ["done", "refused", "done"]
        before, found, after = faults_of(Path("out"))
        assert (before, after) == ([], [])
        assert found
        assert [f[: len(e)] for f, e in zip(found, expected, strict=False)] == expected

    def test_what_is_missing_in_both_is_told_at_once(self) -> None:
        """The faults of the record and those of the images come together."""
        write_lines(Path("m.jsonl"), [line(record={}, images="none")])
        assert batch("m.jsonl").code == 3
        (faults,) = faults_of(Path("out"))
        assert [fault.split(":")[0] for fault in faults] == [
            *("$.record.schema_version", "$.record.graded_at", "$.record.observer"),
            *("$.record.hips", "none"),
        ]

    def test_an_id_stands_once(self) -> None:
        """Of rows with one id none is done, whichever case or form its letters have."""
        ids = ["one", "two", "ONE", "caf\u00e9", "cafe\u0301", "one"]
        lines = [line(id=name) for name in ids]
        assert batch(write_lines(Path("m.jsonl"), lines)).code == 3
        remedy = "give each report an id of its own; rows of one record stand together"
        assert faults_of(Path("out")) == [
            [f"row 1: has the id of row 3; {remedy}"],
            [],
            [f"row 3: has the id of row 1; {remedy}"],
            [f"row 4: has the id of row 5; {remedy}"],
            [f"row 5: has the id of row 4; {remedy}"],
            [f"row 6: has the id of row 1; {remedy}"],
        ]
        assert sorted(path.name for path in Path("out").iterdir() if path.is_dir()) == ["two"]

    def test_a_line_that_is_too_long_is_one_fault(self) -> None:
        """A line longer than any record is passed over, and the next is read."""
        long = json.dumps(line(id="x" * 17_000_000))
        assert batch(write_lines(Path("m.jsonl"), [long, *lines_of(1)])).code == 3
        remedy = "a record holds one study"
        assert faults_of(Path("out")) == [[f"line 1: is longer than 16 MiB; {remedy}"], []]


def changed(number: int, **changes: Any) -> list[dict[str, Any]]:
    """The rows of three studies, the one of this number (from 2, as shown) with other cells."""
    rows = table_rows(3)
    rows[number - 2].update({key.replace("__", "."): value for key, value in changes.items()})
    return rows


ROWS: dict[str, tuple[list[dict[str, Any]], dict[str, list[str]]]] = {
    "mixed units": (
        changed(4, gap__mm="0.9 cm"),
        {"study-2": ["row 4, column gap.mm: is not a number with a decimal point; write 9"]},
    ),
    "decimal comma": (
        changed(5, gap__mm="9,5"),
        {"study-2": ["row 5, column gap.mm: is not a number with a decimal point; write 9.5"]},
    ),
    "formula": (
        changed(4, observer__name="=1+1"),
        {"study-2": ["row 5, column observer.name: differs from another row of the same record; "]},
    ),
    "no images": (changed(4, images=""), {"study-2": []}),
    "other images": (
        changed(5, images="films/1.dcm"),
        {"study-2": ["row 5, column images: differs from another row of the same record; "]},
    ),
    "same side": (changed(5, side="right"), {"study-2": ["row 5, column side: "]}),
    "no id": (
        changed(4, id=""),
        {
            "study-1": [
                "row 3: stands beside row 4, which may be its other hip and cannot be assigned; correct row 4"
            ],
            "": ["row 4, column id: is empty; fill it in, so that the rows of one study are known"],
            "study-2": [
                "row 5: stands beside row 4, which may be its other hip and cannot be assigned; correct row 4"
            ],
        },
    ),
    "parted": (
        [*table_rows(3)[1:], table_rows(3)[0]],
        {"study-1": ["row 2: has the id of row 7; ", "row 7: has the id of row 2; "]},
    ),
    "three hips": (
        [*table_rows(3), table_rows(3)[5]],
        {
            "study-3": [
                "row 8, column side: is one row too many for its record; a record has one or two hips"
            ]
        },
    ),
    "way out": (
        changed(4, id="../x"),
        {
            "study-2": [],
            "": ["row 4: the id holds a character that a folder cannot be named with; "],
        },
    ),
}


@pytest.mark.usefixtures("films")
class TestRows:
    """Rows of a table."""

    @pytest.mark.parametrize("name", sorted(ROWS))
    @pytest.mark.parametrize("form", ["csv", "parquet"])
    def test_a_fault_is_that_of_its_record(self, form: str, name: str) -> None:
        """Every fault is told with its row and column, and the other records are done."""
        rows, expected = ROWS[name]
        if form == "csv":
            manifest = write_csv(Path("m.csv"), rows)
        else:
            cells = [{key: str(value) for key, value in row.items()} for row in rows]
            manifest = write_parquet(Path("m.parquet"), cells)
        ran = batch(manifest)
        assert ran.is_safe_to_read
        found: dict[str, list[str]] = {}
        for row, faults in zip(results_of(Path("out")), faults_of(Path("out")), strict=True):
            if faults:
                found.setdefault(row["id"] or "", []).extend(faults)
        assert ran.code == (3 if found else 0)
        assert _begun(found, expected) == {name: f for name, f in expected.items() if f}

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('study-2,films/2.dcm,"a', ["row 4: is not CSV; check its quotes"]),
            ("study-2,films/2.dcm", ["row 4: has 2 cells, the header 12; write the empty c"]),
            (
                "study-2,b\udcff,,,,,,,,,,",
                ["row 4, column images: holds bytes that are no utf-8 text; correct the file, or"],
            ),
        ],
        ids=["quote", "cells", "bytes"],
    )
    def test_a_row_that_cannot_be_read_is_one_fault(self, text: str, expected: list[str]) -> None:
        """The rows below such a row are read as they stand, and none is lost."""
        path = write_csv(Path("m.csv"), table_rows(3))
        rows = path.read_text().splitlines()
        rows[3:5] = [text]
        path.write_bytes("\n".join(rows).encode(errors="surrogateescape"))
        assert batch(path).code == 3
        found = {row["id"]: row for row in results_of(Path("out"))}
        bad = found.get("study-2") or found[None]
        assert [
            f"{f['path']}: {f['problem']}; {f['remedy']}"[: len(e)]
            for f, e in zip(bad["faults"], expected, strict=True)
        ] == expected
        assert bad["rows"] == [4]
        assert sum(len(row["rows"]) for row in found.values()) == 5


def _begun(
    found: Mapping[str, list[str]], expected: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """What was found, each as far as something is expected of it."""
    return {
        name: [
            fault[: len(expected[name][i])] if i < len(expected.get(name, [])) else fault
            for i, fault in enumerate(faults)
        ]
        for name, faults in found.items()
        if expected.get(name) or name not in expected
    }


WHOLES: dict[str, tuple[str, bytes, str]] = {
    "no rows": ("m.jsonl", b"\n\n", "m.jsonl: holds no rows; give one line or row for each report"),
    "empty table": ("m.csv", b"", "m.csv: holds no rows; give a header and the rows below it"),
    "no images": ("m.csv", b"id,side\n", "header: does not say where the images are; "),
    "no id": ("m.csv", b"images,side\n", "header: does not say which rows are of one study; "),
    "unknown column": ("m.csv", b"id,images,sides\n", "column sides: is an unknown column; "),
    "UTF-16": ("m.csv", "id,images".encode("utf-16-le"), "m.csv: is not UTF-8 text; "),
    "no Parquet": ("m.parquet", b"PAR1", "m.parquet: is not a readable Parquet file; "),
    "another name": ("m.txt", b"", "m.txt: is not named as a manifest; "),
}


@pytest.mark.usefixtures("films")
class TestManifests:
    """Manifests that cannot be used at all."""

    @pytest.mark.parametrize("name", sorted(WHOLES))
    def test_a_fault_of_the_whole_ends_it(self, name: str) -> None:
        """Nothing is made, and the exit code is that of a call that cannot be done."""
        path, content, fault = WHOLES[name]
        Path(path).write_bytes(content)
        ran = batch(path)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f"hosr: cannot be done as asked\n  {fault}")
        assert not Path("out/results.jsonl").exists()

    def test_there_must_be_one(self) -> None:
        """A path that leads nowhere is told as such."""
        ran = batch("none.csv")
        fault = "none.csv: cannot be read (No such file or directory); check the path"
        assert ran.err == f"hosr: cannot be done as asked\n  {fault}\n"


@pytest.mark.usefixtures("films")
def test_images_of_two_patients_are_refused() -> None:
    """Films of two patients under one study are no images of one record."""
    write_film(
        Path("films/other.dcm"),
        StudyInstanceUID=study_uid(1),
        SeriesInstanceUID=f"{study_uid(1)}.1",
        SOPInstanceUID=f"{study_uid(1)}.1.2",
        PatientID="P-4711-other",
    )
    lines = [{**lines_of(1)[0], "images": ["films/1.dcm", "films/other.dcm"]}]
    ran = batch(write_lines(Path("m.jsonl"), lines))
    refusal = "Patient ID is not that of 1.dcm; give the images of one patient and one study"
    assert (ran.code, faults_of(Path("out"))) == (3, [[f"other.dcm: {refusal}"]])


@pytest.mark.usefixtures("films")
def test_rows_may_name_their_studies_of_one_folder() -> None:
    """Each row takes its own study of a folder of many; one that names none of them is refused."""
    record = lines_of(1)[0]["record"]
    lines = [
        {"id": uid, "images": "films", "record": {**record, "study": {"study_instance_uid": uid}}}
        for uid in (study_uid(2), study_uid(3), "1.2.3")
    ]
    ran = batch(write_lines(Path("m.jsonl"), lines))
    refusals = [fault for faults in faults_of(Path("out")) for fault in faults]
    assert ran.code == 3
    assert any("None of them fits the record; name one in study." in fault for fault in refusals)
    done = [row for row in results_of(Path("out")) if row["state"] == "done"]
    assert [row["study_instance_uid"] for row in done] == [study_uid(2), study_uid(3)]


@pytest.mark.usefixtures("films")
@pytest.mark.parametrize("name", ["pipe.json", "/dev/null"])
def test_what_could_be_waited_for_is_no_record(name: str) -> None:
    """A row does not wait for what nobody may ever write."""
    os.mkfifo("pipe.json")
    ran = batch(write_lines(Path("m.jsonl"), [{**lines_of(1)[0], "record": name}]))
    refusal = f"{Path(name).name}: is a pipe or a device; name a file"
    assert (ran.code, faults_of(Path("out"))) == (3, [[refusal]])
