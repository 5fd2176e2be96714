"""A row may name what its record is imported from; its faults are its own, and its bytes are its input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hosr.batch.sources import read_sourced
from tests.batch.calls import batch
from tests.batch.manifests import faults_of, results_of, study_uid, write_csv, write_lines
from tests.command import Ran, hosr

_AT = "2026-03-02T11:20:00+01:00"
_MODEL = 'schema_version = "1.0"\n[observer]\nname = "HipGrader"\nversion = "2.1"\n'
_SCORES = {"II": 0.9, "III": 0.06, "IV": 0.04}


@pytest.fixture(autouse=True)
def _labels(films: Path) -> None:
    """The name of the model, beside the manifest."""
    (films / "labels.toml").write_text(_MODEL, encoding="utf-8")


def _scores(number: int, name: str = "", **said: Any) -> str:
    """A file of scores of one film."""
    path = name or f"scores-{number}.json"
    content = {"study_instance_uid": study_uid(number), "right": {"brooker": _SCORES}, **said}
    Path(path).write_text(json.dumps(content), encoding="utf-8")
    return path


def _line(number: int, **said: Any) -> dict[str, Any]:
    row = {"id": f"study-{number}", "images": f"films/{number}.dcm", "labels": "labels.toml"}
    return {**row, "at": _AT, **said}


def _run(*lines: dict[str, Any]) -> Ran:
    return batch(write_lines(Path("m.jsonl"), lines))


def test_rows_of_sources_make_reports() -> None:
    """One source or several; what of them was assumed or not used stands in the row's result."""
    findings = {"findings": {"pelvic_spur": 0.9}}
    several = [_scores(2), _scores(2, "left.json", right=findings, left={"brooker": {"0": 1}})]
    assert _run(_line(1, source=_scores(1)), _line(2, source=several)).code == 0
    first, second = results_of(Path("out"))
    assert [first["brooker_right"], second["brooker_right"]] == ["II", "II"]
    assert (first["brooker_left"], second["brooker_left"]) == (None, "0")
    told = [note["problem"] for note in second["tolerated"] if note["path"].startswith("left")]
    words = "a threshold in [scores.thresholds] of labels.toml makes a finding of it"
    assert told == [f"not used: scores pelvic_spur of the right hip 0.9: {words}"]


def test_rows_of_a_table_name_sources() -> None:
    """Columns in place of findings; a row without one holds its record as ever."""
    row = {"id": "a", "images": "films/1.dcm", "source": _scores(1), "labels": "labels.toml"}
    whole = {**row, "at": _AT, "study.study_instance_uid": "", "side": "", "grades.brooker": ""}
    whole |= {"graded_at": "", "observer.type": "", "observer.name": ""}
    by_hand = dict.fromkeys(whole, "") | {
        "id": "b",
        "images": "films/2.dcm",
        "study.study_instance_uid": study_uid(2),
        "side": "left",
        "grades.brooker": "III",
        "graded_at": _AT,
        "observer.type": "person",
        "observer.name": "Rossi^Maria",
    }
    wrong = {**whole, "id": "c", "grades.brooker": "II"}
    assert batch(write_csv(Path("m.csv"), [whole, by_hand, wrong])).code == 3
    assert [row["brooker_right"] or row["brooker_left"] for row in results_of(Path("out"))] == [
        "II",
        "III",
        None,
    ]
    assert faults_of(Path("out"))[2] == [
        "row 4, column grades.brooker: is filled in beside a source; leave it empty: the source says it"
    ]


def test_a_row_without_a_record_is_none_for_other_commands() -> None:
    """They say which command makes its report."""
    write_lines(Path("m.jsonl"), [_line(1, source=_scores(1))])
    ran = hosr("grade", "m.jsonl")
    problem = "names a source, of which there is no record yet"
    remedy = "make its report with `hosr batch`, or its record with `hosr import`"
    told = f"hosr: record refused\n  row 1, $.source: {problem}; {remedy}\n"
    assert (ran.code, ran.err) == (3, told)


def test_faults_are_those_of_the_row() -> None:
    """Whatever is wrong with a source, its labels or the row, the others are made."""
    Path("broken.toml").write_text("schema_version = 1", encoding="utf-8")
    Path("notes.txt").write_text("for the surgeon", encoding="utf-8")
    Path("unsaid.json").write_text('{"right": {"brooker": {"II": 1}}}', encoding="utf-8")
    lines = [
        _line(1, source="gone.json"),
        _line(1, source="notes.txt"),
        _line(1, source=_scores(1), labels="broken.toml"),
        _line(1, source=_scores(2)),
        _line(1, source="unsaid.json"),
        _line(1, source="unsaid.json", study_instance_uid=study_uid(2)),
        _line(1, source=[], at="noon"),
        _line(1, source=_scores(1), record={}),
        _line(1),
        _line(1, source="unsaid.json", study_instance_uid=study_uid(1)),
    ]
    assert _run(*({**line, "id": f"row-{n}"} for n, line in enumerate(lines))).code == 3
    assert faults_of(Path("out")) == [
        ["gone.json: does not exist; check the path"],
        [
            (
                "notes.txt: is of no kind that hosr knows: see `hosr describe import`; export it in "
                "one of the forms listed there"
            )
        ],
        ['broken.toml, schema_version: is unknown; write schema_version = "1.0"'],
        [
            (
                "scores-2.json: holds no scores of the study of the images; give the images that "
                "were scored, or the scores of this study"
            )
        ],
        [
            (
                "unsaid.json: names neither study, patient, accession number nor image, so it may be "
                'of other images; add "study_instance_uid" to the row, or let it be with '
                "--no-require-identity"
            )
        ],
        [
            (
                "$.study.study_instance_uid: is not that of the images; give the images that were "
                "graded, or correct the record"
            )
        ],
        [
            '$.source: is no path, and no list of paths; write "path" or ["path", ...]',
            f"$.at: is no time; write {_AT}",
        ],
        ["$.record: is given beside a source; keep one of them"],
        ['$.source: is no path, and no list of paths; write "path" or ["path", ...]'],
        [],
    ]


def test_sources_that_do_not_say_whose_they_are_are_taken_by_name() -> None:
    """As records are, and counted as they are."""
    Path("unsaid.json").write_text('{"right": {"brooker": {"II": 1}}}', encoding="utf-8")
    manifest = write_lines(Path("m.jsonl"), [_line(1, source="unsaid.json")])
    ran = batch(manifest, "--no-require-identity")
    assert (ran.code, ran.out.splitlines()[1]) == (
        0,
        "1 names neither study, patient, accession number nor image",
    )


@pytest.mark.parametrize("changed", ["scores-1.json", "labels.toml"])
def test_the_bytes_of_sources_and_labels_are_the_input(changed: str) -> None:
    """What is done stays done, until a byte of either is another one; the first report stays."""
    line = _line(1, source=_scores(1))
    _run(line)
    assert _run(line).out.startswith("1 done (1 of them before), 0 refused")
    path = Path(changed)
    path.write_bytes(path.read_bytes().replace(b"0.9", b"0.8").replace(b"2.1", b"2.2"))
    again = _run(line)
    assert again.out.startswith("0 done, 1 refused")


@pytest.mark.parametrize(
    ("source", "beside"),
    [
        ("masks/ho.nii.gz", "masks/dataset.json"),
        ("masks/ho.npz", "masks/ho.nii.gz"),
        ("run/labels/film.txt", "run/labels/classes.txt"),
        ("run/labels/film.txt", "data.yaml"),
        ("run/labels", "run/data.yaml"),
    ],
)
def test_what_a_reader_finds_beside_a_source_is_input_too(
    tmp_path: Path, source: str, beside: str
) -> None:
    """Names of labels and grids of arrays change what a source says, so that its row is done anew."""
    is_folder = not Path(source).suffix
    for path in (
        tmp_path / source / "film.txt" if is_folder else tmp_path / source,
        tmp_path / beside,
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"0")
    row, _ = read_sourced({"source": source}, str)
    assert row is not None
    before = row.fingerprint(tmp_path)
    assert before == row.fingerprint(tmp_path)
    (tmp_path / beside).write_bytes(b"1")
    assert before != row.fingerprint(tmp_path)
