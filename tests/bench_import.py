"""How long `hosr import` takes with masks of a whole pelvis on its CT: `python tests/bench_import.py`.

512 x 512 x 300 voxels of 0.7 x 0.7 x 1.0 mm with both hips, five labels, as Segmentations of three types
and as NIfTI; 300 slices of CT that are not compressed. Each import is a process of its own, from its
start to the grade, with the check against the images. hosr is compiled before, as pip does where it installs it,
and OpenBLAS is left to choose for itself.
"""

from __future__ import annotations

import compileall
import gzip
import os
import resource
import subprocess
import sys
import tempfile
import time
from copy import deepcopy
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.remove(str(Path(__file__).resolve().parent))  # whose sample_data are tests

import highdicom
import nibabel
import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGLSLossless

from tests.annotations.pelvis import EDGES, SHAPE, START, pelvis_labels
from tests.annotations.volumes.makers import described, file_of, slices

NAMES = ("hip_right", "femur_right", "ossification", "hip_left", "femur_left")
LABELS = """schema_version = "1.0"
preset = "totalsegmentator-2"
[observer]
name = "Benchmark"
version = "1"
[labels]
ossification = "ossification"
"""
MAKE = "make"
KINDS = {
    "binary.dcm": ("BINARY", ExplicitVRLittleEndian),
    "fractional.dcm": ("FRACTIONAL", ExplicitVRLittleEndian),
    "label_map.dcm": ("LABELMAP", JPEGLSLossless),
}
# Set for another machine than this one, they slow down what numpy does with matrices.
OPENBLAS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def main() -> None:
    """Make the masks and their CT, and import each in a process of its own."""
    compileall.compile_dir(Path(__file__).parents[1] / "hosr", quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        for each in (MAKE, *KINDS, "mask.nii.gz"):
            subprocess.run([sys.executable, __file__, folder, each], check=True)


def _make(folder: Path) -> None:
    """In a process of its own: a peak of memory is handed down to those that a process starts."""
    volume = _with_sides(pelvis_labels())
    sources = _write_ct(volume, folder / "images")
    _write_masks(volume, sources, folder)


def _import(folder: Path, name: str) -> None:
    """The command as a person starts it; of this process nothing is counted."""
    start = time.perf_counter()
    named = ("--labels", folder / "labels.toml", "--images", folder / "images")
    at = ("--at", "2026-01-01T00:00:00Z")
    command = ("import", folder / name, *named, *at, "--dry-run")
    code = subprocess.run(
        [sys.executable, "-m", "hosr", *map(str, command)],
        env={name: value for name, value in os.environ.items() if name not in OPENBLAS},
        stdout=subprocess.DEVNULL,
        check=False,
    ).returncode
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall, cpu = time.perf_counter() - start, used.ru_utime + used.ru_stime
    told = f"{wall:.1f} s ({cpu:.1f} s of one core), {used.ru_maxrss / 1024:.0f} MB at most"
    print(f"{name}: {told}; ended with {code}", file=sys.stderr)


def _with_sides(labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The bones on the left, whose x is positive, have numbers of their own."""
    middle = round(-START[0] / EDGES[2])
    left = labels[:, :, middle:]
    left[left == 1] = 4
    left[left == 2] = 5
    return labels


def _write_ct(volume: npt.NDArray[np.uint8], folder: Path) -> list[Dataset]:
    """Slices on which bone has 700 HU and all else 40; their headers are those of the sample CT."""
    folder.mkdir()
    headers = []
    for index, plane in enumerate(volume):
        header = deepcopy(slices()[0])
        header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        header.SOPInstanceUID = UID(f"1.2.3.{index + 1}")
        header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
        del header.Laterality
        header.InstanceNumber, header.SliceThickness = index + 1, EDGES[0]
        header.Rows, header.Columns = SHAPE[1:]
        header.PixelSpacing = list(EDGES[1:])
        header.ImagePositionPatient = [START[0], START[1], START[2] + index * EDGES[0]]
        header.add_new(0x7FE00010, "OW", np.where(plane > 0, 1724, 1064).astype("<u2").tobytes())
        (folder / f"{index:03d}.dcm").write_bytes(file_of(header))
        del header.PixelData
        headers.append(header)
    return headers


def _write_masks(volume: npt.NDArray[np.uint8], sources: list[Dataset], folder: Path) -> None:
    (folder / "labels.toml").write_text(LABELS, encoding="utf-8")
    for name, (kind, syntax) in KINDS.items():
        pixels: npt.NDArray[np.generic] = volume
        if kind == "FRACTIONAL":
            each = [(volume == number) * np.float32(0.9) for number in range(1, 6)]
            pixels = np.stack(each, axis=-1)
        made = highdicom.seg.Segmentation(
            source_images=sources,
            pixel_array=pixels,
            segmentation_type=kind,
            segment_descriptions=[described(n, label) for n, label in enumerate(NAMES, 1)],
            series_instance_uid="1.2.4",
            series_number=2,
            sop_instance_uid=f"1.2.5.{len(name)}",
            instance_number=1,
            manufacturer="Benchmark",
            manufacturer_model_name="Benchmark",
            software_versions="1",
            device_serial_number="1",
            transfer_syntax_uid=syntax,
        )
        (folder / name).write_bytes(file_of(made))
    matrix = np.diag([-EDGES[2], -EDGES[1], EDGES[0], 1.0])
    matrix[:3, 3] = -START[0], -START[1], START[2]
    image = nibabel.Nifti1Image(volume.transpose(2, 1, 0), matrix)  # type: ignore[no-untyped-call]
    rows = "".join(f'<Label Key="{n}">{label}</Label>' for n, label in enumerate(NAMES, 1))
    table = f"<CaretExtension><LabelTable>{rows}</LabelTable></CaretExtension>".encode()
    extension = nibabel.nifti1.Nifti1Extension(0, table)
    image.header.extensions.append(extension)
    (folder / "mask.nii.gz").write_bytes(gzip.compress(image.to_bytes(), 1))


if __name__ == "__main__":
    if sys.argv[2:] == [MAKE]:
        _make(Path(sys.argv[1]))
    elif sys.argv[1:]:
        _import(Path(sys.argv[1]), sys.argv[2])
    else:
        main()
