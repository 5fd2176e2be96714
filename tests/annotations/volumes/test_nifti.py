"""A NIfTI file gives the masks that are in it, wherever its axes point, and nothing it cannot hold."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from hosr.annotations.labels import parse_labels
from hosr.annotations.slices import Slice
from hosr.annotations.sources import Label, VoxelGrid
from hosr.annotations.volumes import agreement
from hosr.annotations.volumes import nifti as under_test
from hosr.annotations.volumes.image_stacks import ImageStack
from hosr.errors import RecordRefused
from hosr.findings import Place
from hosr.measure.spacing import FrameGeometry
from tests.annotations.volumes.makers import affine, fractions, labels, slices
from tests.annotations.volumes.test_segmentation import expected, in_patient

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from hosr.annotations.context import Context
    from hosr.intake.images import SourceImages

    Write = Callable[..., Path]

nib: Any = pytest.importorskip("nibabel")

BY_NUMBER = """
schema_version = "1.0"
[labels]
1 = { role = "pelvis", side = "right" }
2 = { role = "femur", side = "right" }
3 = { role = "ossification", side = "right" }
"""


def volume(dtype: Any = np.uint8) -> NDArray[Any]:
    """The sample's labels as (i, j, k): columns, rows, slices."""
    return labels().transpose(2, 1, 0).astype(dtype)


def file_of(data: NDArray[Any], matrix: NDArray[np.float64] | None = None, **changes: Any) -> bytes:
    """A NIfTI file, in RAS as they are; `changes` are values of its header."""
    image = nib.Nifti1Image(data, affine() if matrix is None else matrix, dtype=data.dtype)
    image.header.set_xyzt_units("mm")
    content = bytes(image.to_bytes())
    header = nib.Nifti1Header(content[:348])
    for key, value in changes.items():
        header[key] = value
    return bytes(header.binaryblock) + content[348:]


def with_table(names: dict[int, str], data: NDArray[Any] | None = None) -> bytes:
    """The sample with a table of labels as TotalSegmentator writes it."""
    rows = "".join(
        f'<Label Key="{n}" Red="1"><![CDATA[{name}]]></Label>\n' for n, name in names.items()
    )
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?> <CaretExtension>  <VolumeInformation Index="0">'
        f"<LabelTable>\n{rows}\n</LabelTable></VolumeInformation></CaretExtension>\n    "
    )
    image = nib.Nifti1Image(volume() if data is None else data, affine())
    image.header.extensions.append(nib.nifti1.Nifti1Extension(0, xml.encode()))
    return bytes(image.to_bytes())


@pytest.fixture
def numbered(context: Context) -> Context:
    """Labels by their numbers."""
    return replace(context, labels=parse_labels(BY_NUMBER))


@pytest.mark.parametrize("codes", ["LPS", "RAS", "PIR"])
@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_axes_may_point_anywhere(
    codes: str, pack: Callable[[bytes], bytes], write: Write, numbered: Context
) -> None:
    """The same bone is found in the same place in the patient."""
    image = nib.Nifti1Image(volume(), affine())
    turn = nib.orientations.ornt_transform(
        nib.io_orientation(image.affine), nib.orientations.axcodes2ornt(tuple(codes))
    )
    turned = image.as_reoriented(turn)
    assert nib.aff2axcodes(turned.affine) == tuple(codes)
    found = under_test.read(write(pack(turned.to_bytes()), "mask.nii.gz"), numbered)
    assert [mask.label for mask in found.masks] == [Label(name="", number=n) for n in (1, 2, 3)]
    for number, mask in enumerate(found.masks, 1):
        np.testing.assert_allclose(in_patient(mask), expected(labels() == number), atol=1e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16, np.uint16, np.int64, ">i2"])
def test_numbers_of_any_kind(dtype: Any, write: Write, numbered: Context) -> None:
    """Decimal ones that are whole are labels, and told."""
    found = under_test.read(write(file_of(volume(dtype)), "mask.nii"), numbered)
    assert [int(m.occupancy.sum()) for m in found.masks] == np.bincount(labels().ravel())[
        1:
    ].tolist()
    told = [entry.words for entry in numbered.account.assumed]
    words = "its numbers are whole though written as decimal ones: taken as labels"
    assert (words in told) == (np.dtype(dtype).kind == "f")


def test_probabilities_of_one_class(write: Write, context: Context) -> None:
    """Are named by the file, and keep their values."""
    share = fractions()[..., 2].transpose(2, 1, 0)
    found = under_test.read(write(file_of(share), "HO_right.nii.gz"), context)
    (mask,) = found.masks
    assert (mask.label, mask.is_probability) == (Label(name="HO_right"), True)
    assert float(mask.occupancy.sum()) == pytest.approx(float(share[share >= 0.05].sum()), rel=1e-3)


def test_stored_values_are_scaled(write: Write, context: Context) -> None:
    """A byte of 255 is a probability of 1 where the header says so."""
    stored = np.round(fractions()[..., 2] * 255).astype(np.uint8).transpose(2, 1, 0)
    content = file_of(stored, scl_slope=1 / 255, scl_inter=0.0)
    (mask,) = under_test.read(write(content, "HO_right.nii"), context).masks
    assert mask.is_probability
    assert float(mask.occupancy.max()) == pytest.approx(1.0)


@pytest.mark.parametrize("full", [1, 255])
def test_one_class_a_file(full: int, write: Write, context: Context) -> None:
    """Is named by the stem of its file; so is one that holds nothing."""
    filled = (volume() == 2).astype(np.uint8) * np.uint8(full)
    (mask,) = under_test.read(write(file_of(filled), "femur_right.nii.gz"), context).masks
    assert mask.label == Label(name="femur_right", number=full)
    np.testing.assert_allclose(in_patient(mask), expected(labels() == 2), atol=1e-3)
    (empty,) = under_test.read(write(file_of(filled * 0), "HO_right.nii.gz"), context).masks
    assert (empty.label, empty.occupancy.size) == (Label(name="HO_right", number=1), 0)


def test_names_of_a_table_in_the_file(write: Write, context: Context) -> None:
    """Numbers have the names of the label table; one with a role and no voxel is an empty mask."""
    context = replace(
        context, labels=parse_labels('schema_version="1.0"\npreset="totalsegmentator-2"')
    )
    names = {1: "hip_right", 2: "femur_right", 3: "colon", 75: "femur_left", 5: "liver"}
    found = under_test.read(write(with_table(names), "total.nii.gz"), context)
    assert [(str(mask.label), mask.occupancy.size > 0) for mask in found.masks] == [
        ('"hip_right" (1)', True),
        ('"femur_right" (2)', True),
        ('"colon" (3)', False),
        ('"femur_left" (75)', False),
    ]


def test_a_table_that_expands_entities_is_no_table(write: Write, numbered: Context) -> None:
    """XML that defines its own entities is passed over, and nothing is expanded."""
    image = nib.Nifti1Image(volume(), affine())
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa">]><CaretExtension><Label Key="1">&a;</Label></CaretExtension>'
    image.header.extensions.append(nib.nifti1.Nifti1Extension(0, bomb))
    found = under_test.read(write(bytes(image.to_bytes()), "mask.nii"), numbered)
    assert [mask.label.name for mask in found.masks] == ["", "", ""]


@pytest.mark.parametrize(
    "said", [{"background": 0, "HO_right": 3}, {"0": "background", "3": "HO_right"}]
)
def test_names_of_nnunet_beside_the_file(
    said: dict[str, Any], write: Write, context: Context
) -> None:
    """`dataset.json` of version 2 and of version 1."""
    write(json.dumps({"labels": said}).encode(), "dataset.json")
    found = under_test.read(write(file_of(volume()), "case_01.nii.gz"), context)
    assert [mask.label.name for mask in found.masks] == ["", "", "HO_right"]
    assert found.masks[2].occupancy.any()


def test_the_frame_of_reference_is_that_of_the_images(
    write: Write, numbered: Context, ct_images: SourceImages
) -> None:
    """Where the mask lies on their bones, and not before; it is told."""
    context = replace(numbered, images=ct_images)
    found = under_test.read(write(file_of(volume()), "mask.nii.gz"), context)
    for mask in found.masks:
        assert isinstance(mask.grid, VoxelGrid)
        assert mask.grid.frame_of_reference_uid == slices()[0].FrameOfReferenceUID
    assert [entry.words for entry in context.account.assumed] == [
        "lies in the frame of reference of the images, which its file cannot say"
    ]


def test_lps_for_ras_is_refused(write: Write, numbered: Context, ct_images: SourceImages) -> None:
    """A file whose maker forgot that NIfTI is RAS."""
    context = replace(numbered, images=ct_images)
    wrong = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine()
    found = under_test.read(write(file_of(volume(), wrong), "mask.nii.gz"), context)
    (fault,) = context.account.faults
    assert fault.problem == (
        "does not lie on the bones of the images: 0% of its bone is denser than 100 HU; with its "
        "coordinates taken as LPS for RAS, or the other way, it would be 100%"
    )
    assert isinstance(found.masks[0].grid, VoxelGrid)
    assert not found.masks[0].grid.frame_of_reference_uid


def _qform_elsewhere() -> bytes:
    image = nib.Nifti1Image(volume(), affine())
    image.header.set_xyzt_units("mm")
    moved = affine()
    moved[0, 3] += 7.5
    image.set_qform(moved, 1)
    return bytes(image.to_bytes())


def _metres() -> bytes:
    image = nib.Nifti1Image(volume(), np.diag([1e-3, 1e-3, 1e-3, 1]) @ affine())
    image.header.set_xyzt_units("meter")
    return bytes(image.to_bytes())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (_qform_elsewhere, "lies where its sform says; its qform puts it up to 7.5 mm elsewhere"),
        (lambda: file_of(volume(), xyzt_units=0), "its lengths are millimetres: it names no unit"),
        (lambda: file_of(volume(), sform_code=0, qform_code=1), ""),
        (_metres, ""),
    ],
)
def test_where_it_lies(
    content: Callable[[], bytes], told: str, write: Write, numbered: Context
) -> None:
    """By sform before qform, in the unit that the file names; what it leaves open is told."""
    found = under_test.read(write(content(), "mask.nii.gz"), numbered)
    np.testing.assert_allclose(in_patient(found.masks[2]), expected(labels() == 3), atol=2e-2)
    unseen = "lies on the right bones: without images nobody looked"
    assert [e.words for e in numbered.account.assumed if e.words != unseen] == (
        [told] if told else []
    )


def _sheared() -> NDArray[np.float64]:
    matrix = affine()
    matrix[0, 2] += 1.2
    return matrix


SMALL = np.ones((4, 4, 4), np.uint8)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            lambda: file_of(SMALL, sform_code=0, qform_code=0),
            "does not say where it lies in the patient (neither sform nor qform)",
        ),
        (
            lambda: file_of(SMALL, _sheared()),
            "has voxels that are no boxes: its axes are at an angle",
        ),
        (
            lambda: file_of(np.ones((4, 4, 4, 3), np.float32)),
            "has 4 dimensions (4 x 4 x 4 x 3)",
        ),
        (
            lambda: file_of(np.linspace(-900, 1400, 64).reshape(4, 4, 4)),
            "holds values of -900 to 1400: neither labels nor probabilities",
        ),
        (
            lambda: file_of(np.arange(-32, 32, dtype=np.int16).reshape(4, 4, 4)),
            "holds values of -32 to 31, which are no numbers of labels",
        ),
        (
            lambda: file_of(np.arange(1331, dtype=np.int16).reshape(11, 11, 11)),
            "holds more than 1000 different numbers",
        ),
        (
            lambda: file_of(np.full((4, 4, 4), np.nan, np.float32)),
            "holds values that are no numbers (NaN)",
        ),
        (
            lambda: file_of(np.ones((4, 4, 4), np.complex64)),
            "holds colours or complex numbers, and no labels",
        ),
        (lambda: file_of(SMALL, magic=b"ni1"), "is the header of a pair of files (.hdr and .img)"),
        (lambda: file_of(SMALL)[:-20], "is truncated or damaged"),
        (lambda: file_of(SMALL)[:200], "is truncated or damaged"),
        (lambda: gzip.compress(file_of(volume()))[:-3000], "is truncated or damaged"),
        (
            lambda: gzip.compress(file_of(SMALL, dim=[3, 30000, 30000, 30000, 1, 1, 1, 1])),
            "has a size of 30000 x 30000 x 30000 voxels",
        ),
        (lambda: file_of(SMALL, vox_offset=3e9), "does not say where its voxels begin"),
        (lambda: file_of(SMALL, datatype=77), "has a header that contradicts itself"),
        (lambda: file_of(SMALL, srow_x=[0, 0, 0, 5]), "has voxels of no size in the patient"),
    ],
)
def test_what_is_no_label_map_is_refused(
    content: Callable[[], bytes], problem: str, write: Write, numbered: Context
) -> None:
    """In a sentence, with a remedy."""
    with pytest.raises(RecordRefused) as refused:
        under_test.read(write(content(), "mask.nii.gz"), numbered)
    (fault,) = refused.value.faults
    assert (fault.path, fault.problem) == ("mask.nii.gz", problem)
    assert fault.remedy


def test_more_behind_the_voxels_is_not_unpacked(write: Write, numbered: Context) -> None:
    """A bomb behind a small volume is nothing that is read."""
    bomb = gzip.compress(file_of(SMALL) + bytes(50_000_000))
    assert len(bomb) < 100_000
    found = under_test.read(write(bomb, "mask.nii.gz"), numbered)
    assert [mask.occupancy.shape for mask in found.masks] == [(4, 4, 4)]


def test_damaged_headers_are_refused_or_read(write: Write, numbered: Context) -> None:
    """Nothing else is ever thrown."""
    content = with_table({1: "hip_right"}, SMALL)
    rng = np.random.default_rng(7)
    outcomes = set()
    for _ in range(150):
        damaged = bytearray(content)
        for offset in rng.integers(0, len(content) - 64, 3):
            damaged[int(offset)] = int(rng.integers(256))
        try:
            under_test.read(write(bytes(damaged), "mask.nii"), numbered)
            outcomes.add("read")
        except RecordRefused as refused:
            outcomes.add(f"refused by {len(refused.faults)} fault")
    assert outcomes == {"read", "refused by 1 fault"}


def test_a_class_that_is_ignored_is_not_read(write: Write, context: Context) -> None:
    """One of the hundred files that a program writes, each for a class: its voxels may even lack."""
    named = parse_labels('schema_version="1.0"\npreset="totalsegmentator-2"')
    path = write(file_of(SMALL)[:-60], "colon.nii.gz")
    (mask,) = under_test.read(path, replace(context, labels=named)).masks
    assert (mask.label, mask.occupancy.size) == (Label(name="colon"), 0)


@pytest.mark.parametrize(("hu", "is_taken"), [(90, True), (40, False)])
def test_young_heterotopic_bone_is_hardly_denser_than_muscle(
    hu: int, is_taken: bool, write: Write, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself a mask of it is taken if it is denser than what lies around it, by a little."""
    shown = np.full((24, 24, 8), 55, np.float32)
    shown[8:16, 8:16, 2:6] = hu
    monkeypatch.setattr(agreement, "find_stacks", lambda _: [stack_of(shown)])
    bone = np.zeros(shown.shape, np.uint8)
    bone[8:16, 8:16, 2:6] = 1
    given: Any = object()
    matrix = np.diag([-1.0, -1.0, 1.0, 1.0])
    under_test.read(write(file_of(bone, matrix), "HO_right.nii"), replace(context, images=given))
    assert (context.account.faults == []) == is_taken


def stack_of(values: NDArray[np.float32]) -> ImageStack:
    """Slices of 1 mm with these values (column, row, slice), in a frame of reference."""
    frames = [
        FrameGeometry(
            position_mm=(0, 0, k), orientation=(1, 0, 0, 0, 1, 0), pixel_spacing_mm=(1, 1)
        )
        for k in range(values.shape[2])
    ]
    given: Any = None
    return ImageStack(
        images=given,
        frame_of_reference_uid="1.2.3",
        modality="CT",
        slices=tuple(
            Slice(
                place=Place(sop_instance_uid=f"1.{k}"),
                frame=frame,
                rows=values.shape[1],
                columns=values.shape[0],
            )
            for k, frame in enumerate(frames)
        ),
        normal=np.array([0.0, 0.0, 1.0]),
        heights=np.arange(values.shape[2], dtype=float),
        _values={k: values[:, :, k].T for k in range(values.shape[2])},
    )


@pytest.mark.parametrize(
    ("first", "told", "wrong"),
    [
        (4, ["50% of its bone lies beyond the slices given, where nobody looked"], []),
        (7, [], ["has no bone on the slices of the images"]),
    ],
)
def test_bone_beyond_the_slices_is_told(
    first: int,
    told: list[str],
    wrong: list[str],
    write: Write,
    context: Context,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where some of the slices are given nobody looks at the rest; where none fit, it is refused."""
    stack = stack_of(np.full((24, 24, 8), 700, np.float32))
    stack.slices, stack.heights = stack.slices[first:], stack.heights[first:]
    stack._values = {k - first: values for k, values in stack._values.items()}
    monkeypatch.setattr(agreement, "find_stacks", lambda _: [stack])
    bone = np.zeros((24, 24, 8), np.uint8)
    bone[8:16, 8:16, 2:6] = 1
    given: Any = object()
    matrix = np.diag([-1.0, -1.0, 1.0, 1.0])
    under_test.read(write(file_of(bone, matrix), "HO_right.nii"), replace(context, images=given))
    assert [entry.words for entry in context.account.refused] == told
    assert [fault.problem for fault in context.account.faults] == wrong


def test_planes_evenly_spaced_that_slices_are_not(
    write: Write, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A conversion that closes the gap of a slice that lacks puts all behind it in the wrong place."""
    stack = stack_of(np.full((24, 24, 8), 700, np.float32))
    stack.heights = np.array([0.0, 1, 2, 4, 5, 6, 7, 8])
    monkeypatch.setattr(agreement, "find_stacks", lambda _: [stack])
    bone = np.zeros((24, 24, 8), np.uint8)
    bone[8:16, 8:16, 2:6] = 1
    given: Any = object()
    matrix = np.diag([-1.0, -1.0, 1.0, 1.0])
    under_test.read(write(file_of(bone, matrix), "HO_right.nii"), replace(context, images=given))
    assert [fault.problem for fault in context.account.faults] == [
        "has its planes evenly spaced, and the slices that it was made of are 1.00 to 2.00 mm apart"
    ]
