"""Rows whose source is what a viewer saved over a report of hosr name that report."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import fsspec
import pytest
from pydicom import dcmread

from tests.annotations.viewers.files import SAMPLES, redrawn_in_ohif
from tests.batch.calls import batch
from tests.batch.manifests import faults_of, results_of, write_csv, write_lines
from tests.command import hosr

_FILM = SAMPLES / "brooker-3" / "images"
_ZONE = {"as": "Neri^Ada", "organization": "Synthetic Hospital", "timezone": "Europe/Berlin"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a draft, what a viewer saved over it, and the draft of another study."""
    folder = tmp_path_factory.mktemp("desk")
    for sample, name in (("brooker-3", "draft"), ("brooker-1", "other")):
        record, images = SAMPLES / sample / "record.json", SAMPLES / sample / "images"
        options = ("--out", folder / name, "--make", "measurement", "--hydrate")
        assert hosr("report", record, "--images", images, *options).code == 0
    report = dcmread(folder / "draft" / "measurement.dcm")
    redrawn_in_ohif(report, [152.5, 389.0, 120.0, 430.0]).save_as(folder / "saved.dcm")
    shutil.copy(SAMPLES / "brooker-3" / "drawing.dcm", folder / "drawing.dcm")
    return folder


@pytest.fixture(autouse=True)
def _there(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(desk, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)


def _line(name: str, **said: Any) -> dict[str, Any]:
    return {"id": name, "images": str(_FILM), "source": "saved.dcm", **_ZONE, **said}


def test_a_redraw_has_what_holds_of_its_report() -> None:
    """By the folder or the file, in a line or in a row: the record that `hosr import --prior` makes."""
    images = ("--images", _FILM, "--as", "Neri^Ada", "--organization", "Synthetic Hospital")
    zone = ("--timezone", "Europe/Berlin")
    ran = hosr("import", "saved.dcm", *images, *zone, "--prior", "draft", "--out", "record.json")
    assert ran.code == 0
    lines = [
        _line("folder", redrawn="draft"),
        _line("file", redrawn="draft/measurement.dcm"),
        {"id": "record", "images": str(_FILM), "record": "record.json"},
    ]
    assert batch(write_lines(Path("m.jsonl"), lines)).code == 0
    row = {**_line("row", redrawn="draft"), "images": str(_FILM)}
    assert batch(write_csv(Path("m.csv"), [row]), out="table").code == 0
    made = {
        each["id"]: [file["sha256"] for file in each["files"] if file["name"].endswith(".dcm")]
        for each in (*results_of(Path("out")), *results_of(Path("table")))
    }
    assert len(made) == 4
    assert made["folder"] == made["file"] == made["record"] == made["row"] != []


def test_all_that_is_wrong_with_a_row_is_said_at_once() -> None:
    """The report by what the row calls it, beside what is wrong with the source."""
    Path("notes.txt").write_text("for the surgeon", encoding="utf-8")
    Path("draft/report.txt").write_text("", encoding="utf-8")
    shutil.copytree("draft", "changed")
    document = dcmread("changed/measurement.dcm")
    document.PatientName = "Somebody^Else"
    document.save_as("changed/measurement.dcm")
    lines = [
        _line("1"),
        _line("2", redrawn="gone", source="notes.txt"),
        _line("3", redrawn="changed"),
        _line("4", redrawn="other"),
        _line("5", redrawn="saved.dcm"),
        _line("6", redrawn=["draft"]),
        _line("7", prior="draft", redrawn="draft"),
        {"id": "8", "images": str(_FILM), "record": {}, "redrawn": "draft"},
    ]
    assert batch(write_lines(Path("m.jsonl"), lines)).code == 3
    uids = [str(dcmread(f"{name}/measurement.dcm").SOPInstanceUID) for name in ("draft", "other")]
    give = "give the folder of the report that was redrawn, or its measurement.dcm"
    again = "make the report again, and look at what changed the file"
    kinds = "export it in one of the forms listed there"
    assert faults_of(Path("out")) == [
        [
            (
                f"saved.dcm: was drawn over report {uids[0]}, whose calibration and findings it does not "
                'hold; name that report with "redrawn"'
            )
        ],
        [
            f"notes.txt: is of no kind that hosr knows: see `hosr describe import`; {kinds}",
            f"gone: cannot be read (No such file or directory); {give}",
        ],
        [f"changed/measurement.dcm: was changed since the report was made; {again}"],
        ["$.redrawn: is of another study than the images; name the report that was redrawn"],
        [
            (
                "saved.dcm: is a structured report of another maker (Unspecified); hosr reads back only "
                "what it wrote"
            )
        ],
        ["$.redrawn: is no text; write it in quotes, or leave it out"],
        [
            (
                '$["prior"]: is an unknown key; name a report that a viewer redrew as "redrawn"; with '
                "earlier reports a batch compares nothing"
            )
        ],
        [
            '$.source: is no path, and no list of paths; write "path" or ["path", ...]',
            "$.record: is given beside a source; keep one of them",
        ],
    ]


def test_a_store_gives_the_report_as_a_file() -> None:
    """Of a folder there nobody could say that nothing in it was changed."""
    store = fsspec.filesystem("memory")
    store.put("draft", "/redraw/draft", recursive=True)
    lines = [
        _line("1", redrawn="memory://redraw/draft/measurement.dcm"),
        _line("2", redrawn="memory://redraw/draft"),
    ]
    assert batch(write_lines(Path("m.jsonl"), lines)).code == 3
    assert faults_of(Path("out")) == [
        [],
        ["draft: is a folder of a store; name the measurement.dcm in it"],
    ]


def test_the_report_is_input_and_what_a_person_did_to_it_since_is_not() -> None:
    """Signed meanwhile, a row that is done stays done; of another report it is another row."""
    manifest = write_lines(Path("m.jsonl"), [_line("1", redrawn="draft")])
    assert batch(manifest).code == 0
    signer = ("--as", "Meier^Jan", "--organization", "Synthetic Hospital", "--out", "signed")
    assert hosr("sign", "draft", *signer).code == 0
    assert Path("draft/successor.json").is_file()
    assert batch(manifest).out.startswith("1 done (1 of them before), 0 refused")
    assert batch(manifest, out="after").code == 0
    (result,) = results_of(Path("after"))
    assert "of which there is a later version (sign, " in json.dumps(result["tolerated"])
    shutil.rmtree("draft")
    shutil.copytree("other", "draft")
    assert batch(manifest).out.startswith("0 done, 1 refused")
