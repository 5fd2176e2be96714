"""Segmentations between hosr and dcmqi, which reads and writes them apart from it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hosr.annotations.labels import parse_labels
from hosr.annotations.volumes import nifti, segmentation
from tests.annotations.volumes.makers import CT, labels
from tests.annotations.volumes.test_nifti import BY_NUMBER
from tests.annotations.volumes.test_segmentation import expected, in_patient

if TYPE_CHECKING:
    from hosr.annotations.context import Context

pytestmark = pytest.mark.peer

pytest.importorskip("nibabel")

BIN = Path(sys.executable).parent


def _run(program: str, *arguments: str, folder: Path) -> None:
    command = [str(BIN / program), *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)


def test_the_sample_there_and_back(tmp_path: Path, context: Context) -> None:
    """What dcmqi finds in the sample hosr finds too, and in what dcmqi makes of it."""
    # Each file of dcmqi holds one segment, by its number.
    numbered = replace(context, labels=parse_labels(BY_NUMBER))
    shutil.copy(CT / "segmentation.dcm", tmp_path)
    taken = ("--inputDICOM", "segmentation.dcm", "--outputDirectory", ".", "-t", "nii")
    _run("segimage2itkimage", *taken, folder=tmp_path)
    for number in (1, 2, 3):
        (mask,) = nifti.read(tmp_path / f"{number}.nii.gz", numbered).masks
        np.testing.assert_allclose(in_patient(mask), expected(labels() == number), atol=1e-3)
    made = ("--outputDICOM", "made.dcm", "--inputMetadata", "meta.json")
    given = ("--inputImageList", "1.nii.gz,2.nii.gz,3.nii.gz")
    images = ("--inputDICOMDirectory", str(CT / "images"))
    _run("itkimage2segimage", *given, *images, *made, folder=tmp_path)
    found = segmentation.read(tmp_path / "made.dcm", numbered)
    assert [mask.label.name for mask in found.masks] == ["hip_right", "femur_right", "ossification"]
    for number, mask in enumerate(found.masks, 1):
        np.testing.assert_allclose(in_patient(mask), expected(labels() == number), atol=1e-3)
