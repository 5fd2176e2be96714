"""Whatever sources say together: a record that hosr takes, or a refusal, and nobody is named in either."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from hosr.annotations.authorship import Author
from hosr.annotations.context import Context
from hosr.annotations.labels import parse_labels
from hosr.annotations.records import Imported, import_sources
from hosr.errors import Fault, HosrError
from hosr.intake.images import SourceImages, read_images
from hosr.intake.record import parse_record, record_json
from hosr.pipeline import grade_record, make_report
from hosr.report import GradedHip
from tests.drawn import drawn
from tests.images import dicom_bytes, film

COLUMNS, ROWS = 120, 80
AUTHOR = Author(at=dt.datetime(2026, 7, 1, 10, tzinfo=dt.UTC))
PATIENT = {
    "PatientName": "Zweistein^Ottokar",
    "PatientID": "QX-4711",
    "AccessionNumber": "ACC-0815",
}
ROLES = (
    "pelvis",
    "femur",
    "implant",
    "ossification",
    "island",
    "pelvic_spur",
    "femoral_spur",
    "spur",
)
MARKS = ("gap", "gap_start", "gap_end", "ignore")
GRADES = ("0", "I", "II", "III", "IV")


def _toml() -> str:
    rows = ['schema_version = "1.0"', "[observer]", 'name = "Any"', 'version = "1"', "[labels]"]
    for side in ("right", "left"):
        rows += [
            f'{side}_{role} = {{ role = "{role}", side = "{side}" }}' for role in (*ROLES, *MARKS)
        ]
        rows.append(f'{side}_ball = {{ role = "calibration", side = "{side}", true_mm = 9 }}')
    rows += ['ball = { role = "calibration", true_mm = 9 }', 'island = "island"']
    return "\n".join((*rows, "[scores.thresholds]", "presence = 0.5", "pelvic_spur = 0.5"))


LABELS = parse_labels(_toml())


@cache
def _images() -> SourceImages:
    return read_images(dicom_bytes(film(**PATIENT)))


_LABELS = st.sampled_from((*LABELS.meanings, "unknown", ""))
_POINTS = st.tuples(st.integers(0, COLUMNS // 2), st.integers(0, ROWS)).map(list)


@st.composite
def _shapes(draw: st.DrawFn) -> dict[str, Any]:
    """A LabelMe file; a few figures lie in the half of the left hip, as their labels or do not."""
    shapes = []
    for _ in range(draw(st.integers(1, 5))):
        label = draw(_LABELS)
        form = draw(st.sampled_from(("line", "point", "circle", "rectangle", "polygon")))
        count = {"point": 1, "polygon": draw(st.integers(3, 6))}.get(form, 2)
        points = draw(st.lists(_POINTS, min_size=count, max_size=count))
        if label.startswith("left") or draw(st.integers(0, 9)) == 0:
            points = [[COLUMNS - column, row] for column, row in points]
        shapes.append({"label": label, "shape_type": form, "points": points})
    return {"shapes": shapes, "imagePath": "a.png", "imageWidth": COLUMNS, "imageHeight": ROWS}


@st.composite
def _scores(draw: st.DrawFn) -> dict[str, Any]:
    """Scores of either hip: grades that a model names, of each class, and of findings."""
    hips: dict[str, Any] = {}
    for side in draw(st.sets(st.sampled_from(("right", "left")), min_size=1)):
        weights = draw(st.lists(st.integers(0, 9), min_size=5, max_size=5).filter(any))
        vector = dict(zip(GRADES, (each / sum(weights) for each in weights), strict=True))
        hips[side] = {"brooker": draw(st.sampled_from((*GRADES, vector)))}
        if draw(st.booleans()):
            hips[side]["findings"] = {"presence": draw(st.floats(0, 1)), "pelvic_spur": 0.7}
    claims = draw(st.sampled_from(({}, {"patient_id": "QX-4711"}, {"patient_id": "QX-4712"})))
    return {"model": {"name": "Any", "version": "1"}, **claims, **hips}


_SOURCES = st.lists(st.one_of(_shapes(), _shapes(), _scores()), min_size=1, max_size=2)


def _import(sources: list[dict[str, Any]], context: Context) -> Imported | tuple[Fault, ...]:
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.json" for number in range(len(sources))]
        for path, source in zip(paths, sources, strict=True):
            path.write_text(json.dumps(source), encoding="utf-8")
        try:
            return import_sources(paths, context, AUTHOR)
        except HosrError as refusal:
            return refusal.faults


def _grades(hips: tuple[GradedHip, ...]) -> list[Any]:
    return [(graded.hip.side, graded.grades, graded.flags) for graded in hips]


@drawn(examples=30)
@given(_SOURCES)
def test_what_is_imported_is_taken_again_and_names_nobody(sources: list[dict[str, Any]]) -> None:
    """The record is read back as it is, graded, and reported with the same grades."""
    context = Context(labels=LABELS, images=_images())
    found = _import(sources, context)

    told = str([found if isinstance(found, tuple) else None, context.account.as_json()])
    assert not [word for value in PATIENT.values() for word in value.split("^") if word in told]
    event("refused" if isinstance(found, tuple) else "taken")
    if isinstance(found, tuple):
        assert found
        return
    written = json.loads(json.dumps(record_json(found.record)))
    record = parse_record(written)
    assert record == found.record
    assert grade_record(record)
    assert _grades(make_report(record, _images()).report.hips) == _grades(found.hips)
