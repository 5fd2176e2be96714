"""What a result says by itself: its study, its images, and what stands for it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hosr.annotations.labels import Labels, read_labels
from hosr.errors import RecordRefused, UsageError
from hosr.watch.results import Result, examine
from tests.images import FILM_UID, STUDY_UID
from tests.watch.watching import SAMPLES, record_of

CT = json.loads((SAMPLES / "ct" / "record.json").read_text())["study"]["study_instance_uid"]
SCORES = {
    "model": {"name": "HipGrader", "version": "2.1"},
    "study_instance_uid": STUDY_UID,
    "right": {"brooker": {"0": 0.01, "I": 0.04, "II": 0.46, "III": 0.44, "IV": 0.05}},
}


def _examine(path: Path) -> Result:
    return examine(path, Labels())


def _written(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return path


def test_a_record_names_its_study_and_the_images_of_its_marks(tmp_path: Path) -> None:
    """As a file, and alone in a folder."""
    for path in (tmp_path / "a.json", tmp_path / "folder" / "a.json"):
        _written(path, record_of())
        result = _examine(path if path.parent == tmp_path else path.parent)
        assert (result.study, result.images) == (STUDY_UID, frozenset({FILM_UID}))
        assert result.record is not None


def test_a_segmentation_names_its_study_and_its_slices() -> None:
    """All those that it refers to, by its header."""
    result = _examine(SAMPLES / "ct" / "segmentation.dcm")
    assert result.study == CT
    assert len(result.images) == 24
    assert result.record is None


def test_a_drawing_of_a_viewer_names_its_study_and_its_image() -> None:
    """By its evidence; the documents that it replaces are no images."""
    result = _examine(SAMPLES / "brooker-3" / "drawing.dcm")
    record = json.loads((SAMPLES / "brooker-3" / "record.json").read_text())
    assert result.study == record["study"]["study_instance_uid"]
    assert result.images == {record["hips"][0]["gap"]["image"]}


def test_scores_name_their_study(tmp_path: Path) -> None:
    """Where they say it."""
    result = _examine(_written(tmp_path / "scores.json", SCORES))
    assert (result.study, result.images) == (STUDY_UID, frozenset())


def test_a_folder_names_the_study_of_what_does_not(tmp_path: Path) -> None:
    """A mask in millimetres says nothing of its study; the folder's labels.toml goes before others."""
    folder = tmp_path / CT
    folder.mkdir()
    for name in ("mask.nii.gz", "labels.toml"):
        shutil.copy(SAMPLES / "ct" / name, folder)
    result = _examine(folder)
    assert (result.study, result.images) == (CT, frozenset())
    assert result.labels == read_labels(folder / "labels.toml")


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no study": (
        lambda folder: _written(folder / "a.json", {k: SCORES[k] for k in ("model", "right")}),
        "does not name its study",
    ),
    "two studies": (
        lambda folder: _written(folder / "1.2.3" / "a.json", record_of()).parent,
        "names 2 studies",
    ),
    "no UID": (
        lambda folder: _written(folder / "a.json", SCORES | {"study_instance_uid": "CASE 7"}),
        "names its study by something that is no UID",
    ),
    "an image": (
        lambda folder: Path(
            shutil.copy(SAMPLES / "brooker-3" / "images" / "image-1.dcm", folder / "a.dcm")
        ),
        "an image says nothing of what was drawn on it",
    ),
    "half an object": (
        lambda folder: _half(SAMPLES / "ct" / "segmentation.dcm", folder / "a.dcm"),
        "a.dcm: ",
    ),
    "nothing": (lambda folder: _written(folder / "x" / ".hidden", 1).parent, "without a source"),
    "noise": (
        lambda folder: _noise(folder / "a.json"),
        "of no kind that hosr knows",
    ),
}


def _noise(place: Path) -> Path:
    place.write_bytes(bytes(range(255, 0, -1)) * 20)
    return place


def _half(path: Path, place: Path) -> Path:
    data = path.read_bytes()
    place.write_bytes(data[: len(data) // 2])
    return place


@pytest.mark.parametrize(("make", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_names_no_study_is_refused(
    make: Callable[[Path], Path], words: str, tmp_path: Path
) -> None:
    """Before any image is looked for."""
    with pytest.raises(RecordRefused, match=words):
        _examine(make(tmp_path))


def test_broken_labels_are_a_fault(tmp_path: Path) -> None:
    """Of the folder that brings them."""
    (tmp_path / "labels.toml").write_text("labels = 3")
    with pytest.raises(UsageError, match=r"labels\.toml"):
        _examine(tmp_path)


def test_a_digest_stands_for_study_content_and_labels(tmp_path: Path) -> None:
    """The name of a single file does not count; its bytes, its labels and its study do."""
    one = _examine(_written(tmp_path / "a.json", SCORES)).digest
    assert _examine(_written(tmp_path / "b.json", SCORES)).digest == one
    labels = read_labels(SAMPLES / "ct" / "labels.toml")
    others = {
        _examine(_written(tmp_path / "c.json", SCORES | {"study_instance_uid": "1.2.3"})).digest,
        _examine(_written(tmp_path / "d.json", SCORES | {"made_at": "2026-03-02"})).digest,
        examine(tmp_path / "a.json", labels).digest,
    }
    assert len(others | {one}) == 4
