"""Masks of the sample CT in every form give the grades and sizes that the phantom has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sample_data.phantom import anatomy
from tests.annotations.volumes.makers import CT, LABELS, affine, labels, segmentation, slices
from tests.annotations.volumes.test_nifti import with_table
from tests.command import Ran, hosr

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.slow

nib: Any = pytest.importorskip("nibabel")

TRUE_GAP_MM, TRUE_ISLAND_MM = 12.4, 18.0
NAMES = {1: "pelvis_right", 2: "femur_right", 3: "HO_right"}
AT = ("--at", "2025-12-03T13:45:00+01:00")
MODEL = '[observer]\nname = "HipSeg"\nversion = "2.1"\n'


def shuffled(kind: str) -> bytes:
    """A Segmentation whose frames follow slices in no order."""
    order = np.random.default_rng(5).permutation(len(slices()))
    sources = [slices()[index] for index in order]
    if kind == "FRACTIONAL":
        from tests.annotations.volumes.makers import fractions

        return segmentation(kind, fractions()[order], sources=sources)
    return segmentation(kind, labels()[order], sources=sources)


def nifti(codes: str) -> bytes:
    """The label map with its axes along these directions, and its names in it."""
    image = nib.Nifti1Image.from_bytes(with_table(NAMES))
    turn = nib.orientations.ornt_transform(
        nib.io_orientation(affine()), nib.orientations.axcodes2ornt(tuple(codes))
    )
    return bytes(image.as_reoriented(turn).to_bytes())


def with_bone_in_the_joint() -> NDArray[np.uint8]:
    """The sample with all of the space between head and socket called heterotopic."""
    found = labels().copy()
    centre = np.array(anatomy.HIP) * [-1, 1, 1]
    for index, header in enumerate(slices()):
        start = np.array(header.ImagePositionPatient, dtype=float)
        step = float(header.PixelSpacing[0])
        x = start[0] + step * np.arange(found.shape[2])[None, :]
        y = start[1] + step * np.arange(found.shape[1])[:, None]
        away = np.sqrt((x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (start[2] - centre[2]) ** 2)
        found[index][(away < anatomy.SOCKET_MM + 1) & (found[index] == 0)] = 3
    assert (found != labels()).sum() > 1000
    return found


SOURCES = {
    "binary.dcm": lambda: shuffled("BINARY"),
    "fractional.dcm": lambda: shuffled("FRACTIONAL"),
    "labelmap.dcm": lambda: shuffled("LABELMAP"),
    "lps.nii": lambda: nifti("LPS"),
    "ras.nii": lambda: nifti("RAS"),
    "in_joint.dcm": lambda: segmentation("LABELMAP", with_bone_in_the_joint()),
}


def imported(source: Path, *options: object) -> Ran:
    """What `hosr import` says of a source, with the images of the CT."""
    text = LABELS.replace("[labels]", f"{MODEL}[labels]")
    (source.parent / "labels.toml").write_text(text, encoding="utf-8")
    named = ("--labels", source.parent / "labels.toml", "--images", CT / "images")
    return hosr("import", source, *named, *AT, *options)


def length_mm(length: dict[str, Any]) -> float:
    """The distance of the two points of a length."""
    first, second = np.array(length["points_mm"])
    return float(np.linalg.norm(first - second))


@pytest.mark.parametrize("name", SOURCES)
def test_masks_of_the_sample_ct(name: str, tmp_path: Path) -> None:
    """Brooker II and Della Valle B, a gap of 12.4 mm and an island of 18 mm, whatever the form."""
    source = tmp_path / name
    source.write_bytes(SOURCES[name]())
    ran = imported(source, "--json")
    assert (ran.code, ran.err) == (0, "")
    record = json.loads(ran.out)["record"]
    (hip,) = record["hips"]
    assert hip["side"] == "right"
    assert length_mm(hip["gap"]) == pytest.approx(TRUE_GAP_MM, abs=0.7)
    (island,) = hip["islands"]
    assert length_mm(island["length"]) == pytest.approx(TRUE_ISLAND_MM, abs=0.8)
    written = tmp_path / "record.json"
    written.write_text(json.dumps(record), encoding="utf-8")
    graded = json.loads(hosr("grade", written, "--json").out)["hips"][0]
    assert (graded["brooker"]["grade"], graded["della_valle"]["grade"]) == ("II", "B")


def test_a_mirrored_mask_makes_no_record(tmp_path: Path) -> None:
    """It is refused, and nothing is written."""
    source = tmp_path / "mirrored.dcm"
    source.write_bytes(segmentation("BINARY", np.ascontiguousarray(labels()[:, :, ::-1])))
    ran = imported(source, "--out", tmp_path / "record.json")
    assert ran.code == 3
    assert "mirrored.dcm: does not lie on the bones of the images" in ran.err
    assert "mirrored left to right, it would be 100%" in ran.err
    assert not (tmp_path / "record.json").exists()
    assert ran.is_safe_to_read


@pytest.mark.parametrize("name", ["segmentation.dcm", "mask.nii.gz"])
def test_the_masks_among_the_samples(name: str, tmp_path: Path) -> None:
    """Become a report, from the files that are shipped."""
    truth = json.loads((CT / "truth.json").read_text(encoding="utf-8"))["hips"][0]
    record = tmp_path / "record.json"
    named = ("--labels", CT / "labels.toml", "--images", CT / "images")
    assert hosr("import", CT / name, *named, *AT, "--out", record).code == 0
    made = hosr("report", record, "--images", CT / "images", "--out", tmp_path / "report")
    assert made.code == 0
    told = json.loads((tmp_path / "report" / "manifest.json").read_text(encoding="utf-8"))
    (hip,) = told["hips"]
    assert hip["brooker"]["grade"] == truth["brooker"] == "II"
    assert hip["della_valle"]["grade"] == truth["della_valle"] == "B"
