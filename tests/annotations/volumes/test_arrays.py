"""Probabilities of nnU-Net lie where its NIfTI file says; other arrays of a volume lie nowhere."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from hosr.annotations.labels import parse_labels
from hosr.annotations.sources import Label
from hosr.annotations.volumes import arrays as under_test
from hosr.errors import RecordRefused
from tests.annotations.volumes.makers import fractions, labels
from tests.annotations.volumes.test_nifti import BY_NUMBER, file_of, volume
from tests.annotations.volumes.test_segmentation import expected, in_patient

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from hosr.annotations.context import Context
    from hosr.intake.images import SourceImages

    Write = Callable[..., Path]


def probabilities(dtype: Any = np.float32) -> NDArray[Any]:
    """[class, z, y, x] of the sample, background first."""
    classes = fractions().transpose(3, 0, 1, 2)
    background = 1 - classes.sum(axis=0, keepdims=True)
    found: NDArray[Any] = np.clip(np.concatenate([background, classes]), 0, 1).astype(dtype)
    return found


def npz(**arrays: Any) -> bytes:
    """A compressed archive of arrays."""
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def npy(array: Any) -> bytes:
    """One array."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


@pytest.fixture
def numbered(context: Context) -> Context:
    """Labels by their numbers."""
    return replace(context, labels=parse_labels(BY_NUMBER))


@pytest.mark.parametrize(
    ("key", "dtype", "given"),
    [("probabilities", np.float32, True), ("softmax", np.float16, False)],
)
def test_probabilities_of_nnunet(
    key: str, dtype: Any, given: bool, write: Write, numbered: Context, ct_images: SourceImages
) -> None:
    """Lie on the bones of the images, class by class."""
    write(file_of(volume()), "case.nii.gz")
    path = write(npz(**{key: probabilities(dtype)}), "case.npz")
    context = replace(numbered, images=ct_images if given else None)
    found = under_test.read(path, context)
    assert [mask.label for mask in found.masks] == [Label(name="", number=n) for n in (1, 2, 3)]
    assert all(mask.is_probability for mask in found.masks)
    assert context.account.faults == []
    np.testing.assert_allclose(
        in_patient(found.masks[2]), expected(fractions()[..., 2].astype(dtype) >= 0.5), atol=1e-3
    )


def test_names_of_the_data_set(write: Write, context: Context) -> None:
    """From `dataset.json` beside the file; classes without a role are listed, and not gathered."""
    write(file_of(volume()), "case.nii.gz")
    write(json.dumps({"labels": {"background": 0, "a": 1, "HO_right": 3}}).encode(), "dataset.json")
    found = under_test.read(write(npz(probabilities=probabilities()), "case.npz"), context)
    assert [(m.label.name, m.occupancy.size > 0) for m in found.masks] == [
        ("a", False),
        ("", False),
        ("HO_right", True),
    ]


SMALL = np.full((2, 3, 4, 5), 0.5, np.float32)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            lambda: npz(probabilities=SMALL[:, :2]),
            "holds probabilities of 2 x 2 x 4 x 5, and case.nii.gz 3 x 4 x 5 voxels",
        ),
        (
            lambda: npz(probabilities=SMALL * 9),
            "holds values of 4.5 to 4.5, which are no probabilities",
        ),
        (
            lambda: npz(probabilities=np.full_like(SMALL, np.nan)),
            "holds values of nan to nan, which are no probabilities",
        ),
        (
            lambda: npz(seg=np.ones((3, 4, 5), np.uint8)),
            "holds an array of 3 x 4 x 5, which does not say where it lies",
        ),
        (
            lambda: npy(np.ones((3, 4, 5), np.uint8)),
            "holds an array of 3 x 4 x 5, which does not say where it lies",
        ),
        (
            lambda: npy(np.array([{"a": 1}])),
            "holds objects of Python, which are never loaded",
        ),
        (
            lambda: npz(probabilities=np.array([{"a": 1}])),
            "holds objects of Python in probabilities, which are never loaded",
        ),
        (lambda: npz(probabilities=SMALL)[:-30], "is truncated or damaged"),
        (lambda: npy(np.ones((40, 40)))[:-30], "is truncated or damaged"),
        (lambda: npy(np.ones((3, 3)))[:40], "is no array of NumPy"),
        (
            lambda: npy(np.ones((4, 4))).replace(b"(4, 4), }", b"(90000, 90000), }"),
            "holds an array of 90000 x 90000",
        ),
    ],
)
def test_what_lies_nowhere_is_refused(
    content: Callable[[], bytes], problem: str, write: Write, numbered: Context
) -> None:
    """In a sentence, with a remedy."""
    write(file_of(np.ones((5, 4, 3), np.uint8)), "case.nii.gz")
    with pytest.raises(RecordRefused) as refused:
        under_test.read(write(content(), "case.npz"), numbered)
    (fault,) = refused.value.faults
    assert (fault.path, fault.problem) == ("case.npz", problem)
    assert fault.remedy


def test_an_archive_of_other_files_is_refused(write: Write, numbered: Context) -> None:
    """Nothing in it is opened."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.npy", npy(np.ones((3, 3), np.uint8)))
        archive.writestr("b.pkl", b"\x80\x04")
    with pytest.raises(RecordRefused, match="holds other files than arrays"):
        under_test.read(write(file.getvalue(), "case.npz"), numbered)


def test_probabilities_without_their_place(write: Write, numbered: Context) -> None:
    """The remedy names the file that lacks; a pickle beside them is not opened."""
    write(b"\x80\x04never loaded", "case.pkl")
    with pytest.raises(RecordRefused) as refused:
        under_test.read(write(npz(probabilities=SMALL), "case.npz"), numbered)
    (fault,) = refused.value.faults
    assert fault.problem == "holds probabilities, and does not say where they lie"
    assert fault.remedy == "put case.nii.gz, which nnU-Net wrote with it, beside it"


def test_a_bomb_is_not_unpacked(write: Write, numbered: Context) -> None:
    """Of an archive whose header says that it is too large nothing more is read."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f4", "fortran_order": False, "shape": (9, 9000, 9000, 9000)}
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("probabilities.npy", header.getvalue() + bytes(30_000_000))
    with pytest.raises(RecordRefused, match="holds probabilities of 9 x 9000 x 9000 x 9000"):
        under_test.read(write(file.getvalue(), "case.npz"), numbered)


def test_flat_arrays_belong_to_a_picture(write: Write, numbered: Context) -> None:
    """And ask for it."""
    under_test.read(write(npy(labels()[3]), "film.npy"), numbered)
    assert len(numbered.account.faults) == 1
    assert "image" in numbered.account.faults[0].problem + numbered.account.faults[0].remedy
