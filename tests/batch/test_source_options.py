"""A row of a batch has keys, and no options: faults of its sources name what it may say by its own keys."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread

from tests.annotations.viewers.files import FILES, SAMPLES, redrawn_in_ohif
from tests.annotations.volumes.test_nifti import file_of, volume
from tests.batch.calls import batch
from tests.batch.manifests import faults_of, write_csv, write_lines
from tests.command import hosr

_FILM = SAMPLES / "brooker-3" / "images"
_AT = {"at": "2026-03-02T11:20:00+01:00"}
_NERI = {"as": "Neri^Ada", **_AT}
_SCORES = {"II": 0.9, "III": 0.06, "IV": 0.04}
_BY_MODEL = {"model": "HipGrader", "version": "2.1"}
_SOURCES: dict[str, Any] = {
    "scores.json": {"right": {"brooker": _SCORES}},
    "model.json": {**_BY_MODEL, "right": {"brooker": _SCORES}},
    "ensemble.json": {**_BY_MODEL, "right": {"brooker": [_SCORES, _SCORES]}},
    "rising.json": {
        **_BY_MODEL,
        "right": {"brooker": {"at_least": {"I": 0.9, "II": 0.5, "III": 0.6, "IV": 0.1}}},
    },
}
# Sources of a row, what else it says, and its fault; {report} is the draft that a viewer drew over.
_FAULTS: list[tuple[Any, dict[str, str], str]] = [
    (
        "scores.json",
        _AT,
        (
            "scores.json: does not say who or what drew it; name the model in [observer] of labels.toml, or the "
            'person with "as"'
        ),
    ),
    (
        ["drawing.dcm", "model.json"],
        _AT,
        (
            "drawing.dcm: does not say who drew it; the others are by HipGrader 2.1; import what a person drew by "
            'itself, with "as"'
        ),
    ),
    (
        "scores.json",
        {**_NERI, "labels": "model.toml"},
        "$.as: names a person, and [observer] of model.toml a model; leave one of them out",
    ),
    (
        "model.json",
        _NERI,
        (
            'model.json: was made by a program, HipGrader 2.1, and no person drew it; leave "as" out; a person '
            "signs the report"
        ),
    ),
    (
        "person.dcm",
        _NERI,
        (
            'person.dcm: names another person who drew it than "as" does; leave "as" out; whoever reads it signs '
            "the report"
        ),
    ),
    (
        "model.json",
        {"at": "2099-03-02T11:20:00+01:00"},
        (
            "model.json: was made at 2099-03-02T11:20:00+01:00, which lies in the future; say with "
            '"at" when it was made, or correct this clock'
        ),
    ),
    (
        "drawing.dcm",
        {"as": "Neri^Ada"},
        (
            "drawing.dcm: gives its time without an offset from UTC; name the time zone of that clock with "
            '"timezone", such as Europe/Berlin'
        ),
    ),
    (
        "model.json",
        {},
        'model.json: does not say when it was made; say it with "at", such as 2026-03-02T11:20:00+01:00',
    ),
    (
        "outlines.json",
        _NERI,
        (
            'outlines.json: holds nothing that a hip is graded by; say with "labels" what its labels stand for '
            "(`hosr describe labels`)"
        ),
    ),
    (
        "saved.dcm",
        _NERI,
        (
            "saved.dcm: was drawn over report {report}, whose calibration and findings it does not hold; name "
            'that report with "redrawn"'
        ),
    ),
    (
        "model.json",
        {**_AT, "redrawn": "draft"},
        (
            "$.redrawn: is for a report that was redrawn in a viewer; leave it out; an earlier report to compare "
            "with is named to `hosr report`"
        ),
    ),
    (
        "saved.dcm",
        {**_NERI, "redrawn": "other"},
        "$.redrawn: is of another study than the images; name the report that was redrawn",
    ),
    (
        "draft/measurement.dcm",
        _NERI,
        (
            "measurement.dcm: is of hosr itself, and nothing was drawn in it; read it with `hosr show`, or name it "
            'with "redrawn"'
        ),
    ),
    (
        "greys.nii",
        _NERI,
        (
            "greys.nii: holds values of -32 to -29, which are no numbers of labels; give the label map; images go "
            'to "images"'
        ),
    ),
    (
        "film.dcm",
        _NERI,
        "film.dcm: is an image: an image says nothing of what was drawn on it; give it among the images",
    ),
    (
        "ensemble.json",
        _AT,
        (
            "ensemble.json, $.right.brooker[0]: has 2 vectors of Brooker for the right hip; give one; of an "
            'ensemble, `ensemble = "mean"` in [scores] of labels.toml takes their mean and keeps them all'
        ),
    ),
    (
        "rising.json",
        _AT,
        (
            'rising.json, $.right.brooker.at_least: falls and rises: "III" 0.6 after "II" 0.5; the probability of '
            "at least a class never rises from class to class: correct it, or have "
            '`repair = "running-minimum"` in [scores] of labels.toml take the least so far'
        ),
    ),
]
_TOML = 'schema_version = "1.0"\n[observer]\nname = "HipGrader"\nversion = "2.1"\n'


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with sources of every kind that a fault may ask something for."""
    folder = tmp_path_factory.mktemp("desk")
    for sample, name in (("brooker-3", "draft"), ("brooker-1", "other")):
        record, images = SAMPLES / sample / "record.json", SAMPLES / sample / "images"
        options = ("--out", folder / name, "--make", "measurement", "--hydrate")
        assert hosr("report", record, "--images", images, *options).code == 0
    report = dcmread(folder / "draft" / "measurement.dcm")
    redrawn_in_ohif(report, [152.5, 389.0, 120.0, 430.0]).save_as(folder / "saved.dcm")
    for name in ("drawing.dcm", "outlines.json"):
        shutil.copy(SAMPLES / "brooker-3" / name, folder / name)
    shutil.copy(FILES / "highdicom" / "tid1410-planar.dcm", folder / "person.dcm")
    shutil.copy(next(_FILM.iterdir()), folder / "film.dcm")
    for name, content in _SOURCES.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    (folder / "model.toml").write_text(_TOML, encoding="utf-8")
    (folder / "greys.nii").write_bytes(file_of(volume(np.int16) - 32))
    return folder


@pytest.fixture(autouse=True)
def _there(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)


def test_a_fault_names_the_keys_of_the_row(tmp_path: Path) -> None:
    """Every refusal that asks for something that may be said beside a source, and no option of `hosr import`."""
    lines = [
        {"id": f"row-{number}", "images": str(_FILM), "source": source, **said}
        for number, (source, said, _) in enumerate(_FAULTS)
    ]
    assert batch(write_lines(Path("m.jsonl"), lines), out=str(tmp_path / "out")).code == 3
    report = str(dcmread("draft/measurement.dcm").SOPInstanceUID)
    found = faults_of(tmp_path / "out")
    assert found == [[told.replace("{report}", report)] for _, _, told in _FAULTS]
    assert re.findall(r"--\w+", str(found)) == []


def test_a_fault_names_the_columns_of_a_table(tmp_path: Path) -> None:
    """What stands in a column is found there."""
    rows: list[dict[str, Any]] = [
        {"source": "scores.json", **_NERI, "labels": "model.toml", "redrawn": ""},
        {"source": "saved.dcm", **_NERI, "labels": "", "redrawn": "other"},
    ]
    rows = [{"id": str(n), "images": str(_FILM), **row} for n, row in enumerate(rows)]
    assert batch(write_csv(Path("m.csv"), rows), out=str(tmp_path / "out")).code == 3
    assert faults_of(tmp_path / "out") == [
        [
            (
                "row 2, column as: names a person, and [observer] of model.toml a model; leave one of them "
                "out"
            )
        ],
        [
            (
                "row 3, column redrawn: is of another study than the images; name the report that was "
                "redrawn"
            )
        ],
    ]
