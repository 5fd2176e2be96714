"""A DICOM Segmentation of any type gives the masks that were written, whatever its order and compression."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

from hosr.annotations.labels import parse_labels
from hosr.annotations.sources import Label, Mask, PixelGrid, VoxelGrid
from hosr.annotations.volumes import segmentation as under_test
from hosr.annotations.volumes.boxes import LEAST_PROBABILITY
from hosr.errors import RecordRefused
from hosr.findings import Algorithm, Place
from hosr.intake.images import read_images
from hosr.vocabulary.terms import View
from tests.annotations.volumes.makers import (
    LABELS,
    NAMES,
    ROOT,
    file_of,
    fractions,
    labels,
    segmentation,
    slices,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from hosr.annotations.context import Context
    from hosr.intake.images import SourceImages

    Write = Callable[..., Path]

pytestmark = pytest.mark.slow

KINDS = ("BINARY", "FRACTIONAL", "LABELMAP")


@pytest.fixture(params=["highdicom", "own"])
def _reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to find the grid: where highdicom has one, and where it has none."""
    if request.param == "own":
        monkeypatch.setattr(under_test, "stack_by_highdicom", lambda *_: None)


both_readers = pytest.mark.usefixtures("_reader")


@pytest.fixture(scope="session")
def binary() -> bytes:
    """The sample's structures, a bit each."""
    return segmentation("BINARY")


def changed(content: bytes, change: Callable[[Any], None]) -> bytes:
    """A file with its data set changed."""
    data_set = pydicom.dcmread(BytesIO(content))
    change(data_set)
    return file_of(data_set)


def in_patient(mask: Mask) -> NDArray[np.float64]:
    """Where the filled cells of a mask lie: LPS, mm."""
    assert isinstance(mask.grid, VoxelGrid)
    cells = np.argwhere(mask.occupancy >= 0.5) + np.array(mask.origin)
    matrix = np.array(mask.grid.to_patient_mm)
    found: NDArray[np.float64] = cells @ matrix[:, :3].T + matrix[:, 3]
    return found[np.lexsort(found.round(3).T)]


def expected(filled: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The same of an array of the sample's slices, by the headers of the slices alone."""
    places = []
    for header, plane in zip(slices(), filled, strict=True):
        row, column = np.nonzero(plane)
        spacing = np.array(header.PixelSpacing, dtype=float)
        rows, columns = np.split(np.array(header.ImageOrientationPatient, dtype=float), 2)
        start = np.array(header.ImagePositionPatient, dtype=float)
        steps = (column[:, None] * rows * spacing[1], row[:, None] * columns * spacing[0])
        places.append(start + steps[0] + steps[1])
    found = np.concatenate(places)
    return found[np.lexsort(found.round(3).T)]


@both_readers
@pytest.mark.parametrize("kind", KINDS)
def test_each_type_gives_what_was_written(kind: str, write: Write, context: Context) -> None:
    """Every structure, in its place in the patient, from sources in any order."""
    order = np.random.default_rng(3).permutation(len(slices()))
    pixels = (fractions() if kind == "FRACTIONAL" else labels())[order]
    content = segmentation(kind, pixels, sources=[slices()[index] for index in order])
    found = under_test.read(write(content), context)
    assert [mask.label for mask in found.masks] == [
        Label(name=name, number=number) for number, name in enumerate(NAMES, 1)
    ]
    filled = fractions() if kind == "FRACTIONAL" else None
    for number, mask in enumerate(found.masks):
        assert mask.is_probability == (kind == "FRACTIONAL")
        truth = (
            labels() == number + 1 if filled is None else np.round(filled[..., number] * 255) >= 128
        )
        np.testing.assert_allclose(in_patient(mask), expected(truth), atol=1e-3)
    if filled is not None:
        total = float(found.masks[2].occupancy.sum())
        assert total == pytest.approx(float(filled[..., 2].sum()), rel=0.01)


@pytest.mark.parametrize("kind", KINDS)
def test_voxels_and_grid_are_those_of_highdicom(kind: str, write: Write, context: Context) -> None:
    """What highdicom reads of the file itself is read, cell by cell, in the grid that it gives."""
    seg = pytest.importorskip("highdicom.seg")
    order = np.random.default_rng(5).permutation(len(slices()))
    pixels = (fractions() if kind == "FRACTIONAL" else labels())[order]
    path = write(segmentation(kind, pixels, sources=[slices()[index] for index in order]))
    volume = seg.segread(path).get_volume(combine_segments=False, rescale_fractional=True)
    for number, mask in enumerate(under_test.read(path, context).masks):
        assert isinstance(mask.grid, VoxelGrid)
        assert np.array_equal(mask.grid.to_patient_mm, volume.affine[:3])
        own = np.zeros(mask.grid.shape, np.float32)
        ends = np.add(mask.origin, mask.occupancy.shape)
        own[tuple(map(slice, mask.origin, ends))] = mask.occupancy
        theirs = volume.array[..., number].astype(np.float32)
        theirs[theirs < LEAST_PROBABILITY] = 0
        own[own < LEAST_PROBABILITY] = 0
        np.testing.assert_allclose(own, theirs, atol=1e-7)


@both_readers
@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless])
def test_compressed_frames(syntax: str, write: Write, context: Context) -> None:
    """Of a label map, decoded in the sandbox."""
    found = under_test.read(write(segmentation("LABELMAP", syntax=syntax)), context)
    assert [int(mask.occupancy.sum()) for mask in found.masks] == np.bincount(
        labels().ravel()
    ).tolist()[1:]


@both_readers
def test_numbers_of_two_bytes(write: Write, context: Context) -> None:
    """A label map of more than 255 segments has them, and they need not follow one another."""
    pixels = np.array([0, 7, 300, 1001], np.uint16)[labels()]
    numbers = (7, 300, 1001)
    content = segmentation("LABELMAP", pixels, numbers=numbers, syntax=RLELossless)
    found = under_test.read(write(content), context)
    assert {mask.label.number: int(mask.occupancy.sum()) for mask in found.masks} == dict(
        zip(numbers, np.bincount(labels().ravel())[1:].tolist(), strict=True)
    )


@both_readers
def test_deflated(binary: bytes, write: Write, context: Context) -> None:
    """The data set as a whole."""
    data_set = pydicom.dcmread(BytesIO(binary))
    data_set.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    found = under_test.read(write(file_of(data_set)), context)
    assert [int(mask.occupancy.sum()) for mask in found.masks] == np.bincount(
        labels().ravel()
    ).tolist()[1:]


def test_what_the_file_says_of_itself(binary: bytes, write: Write, context: Context) -> None:
    """Who made it, when, of which study, on which slices, and in which frame of reference."""
    found = under_test.read(write(binary), context)
    first = slices()[0]
    assert (found.name, found.kind) == ("seg.dcm", "DICOM Segmentation (BINARY)")
    assert (found.observer, found.view) == (Algorithm(name="HipSeg", version="2.1"), View.CT)
    assert found.made_at == dt.datetime(
        2026, 3, 2, 11, 20, tzinfo=dt.timezone(dt.timedelta(hours=1))
    )
    assert found.claims.study_instance_uid == first.StudyInstanceUID
    assert found.claims.patient_id == first.PatientID
    grid = found.masks[0].grid
    assert isinstance(grid, VoxelGrid)
    assert grid.frame_of_reference_uid == first.FrameOfReferenceUID
    assert set(grid.image_uids) <= {each.SOPInstanceUID for each in slices()}
    assert [entry.words for entry in context.account.assumed] == [
        "lies on the right bones: without images nobody looked"
    ]


def test_a_label_without_a_role_is_listed_and_not_gathered(
    binary: bytes, write: Write, context: Context
) -> None:
    """Its mask holds no cell."""
    few = LABELS.replace('femur_right = { role = "femur", side = "right" }', "")
    found = under_test.read(write(binary), replace(context, labels=parse_labels(few)))
    assert [(str(m.label), m.occupancy.size > 0) for m in found.masks] == [
        ('"pelvis_right" (1)', True),
        ('"femur_right" (2)', False),
        ('"HO_right" (3)', True),
    ]


@both_readers
def test_empty_slices_may_lack(write: Write, context: Context) -> None:
    """Frames that hold nothing are left out by most writers; the grid has their planes all the same."""
    pixels = np.zeros_like(labels())
    pixels[[4, 9, 13]] = labels()[[4, 9, 13]]
    found = under_test.read(write(segmentation("BINARY", pixels)), context)
    grid = found.masks[0].grid
    assert isinstance(grid, VoxelGrid)
    assert grid.shape == (10, 320, 320)
    np.testing.assert_allclose(in_patient(found.masks[1]), expected(pixels == 2), atol=1e-3)


@both_readers
def test_a_segment_without_a_frame_is_an_empty_mask(write: Write, context: Context) -> None:
    """The file names it, and it fills nothing."""
    found = under_test.read(
        write(segmentation("BINARY", np.where(labels() == 3, 0, labels()))), context
    )
    assert [mask.occupancy.size > 0 for mask in found.masks] == [True, True, False]


@both_readers
def test_one_slice(write: Write, context: Context) -> None:
    """A segmentation of one slice is as thick as it says."""
    content = segmentation("BINARY", labels()[12:13], sources=slices()[12:13])
    found = under_test.read(write(content), context)
    grid = found.masks[0].grid
    assert isinstance(grid, VoxelGrid)
    assert grid.shape == (1, 320, 320)
    np.testing.assert_allclose(
        np.linalg.norm(np.array(grid.to_patient_mm)[:, :3], axis=0), [3.0, 0.7, 0.7]
    )


@both_readers
def test_segments_may_overlap(write: Write, context: Context) -> None:
    """Each has what it fills, whatever the others do."""
    pixels = np.stack([labels() == 1, labels() >= 1, labels() == 3], axis=-1).astype(np.uint8)
    found = under_test.read(write(segmentation("BINARY", pixels)), context)
    assert [int(mask.occupancy.sum()) for mask in found.masks] == pixels.sum((0, 1, 2)).tolist()


def test_of_a_radiograph(write: Write, context: Context) -> None:
    """Without planes each mask lies on the image that it was drawn on."""
    path = next((ROOT / "sample_data" / "brooker-3" / "images").iterdir())
    film = pydicom.dcmread(path, stop_before_pixels=True)
    pixels = np.zeros((1, film.Rows, film.Columns), np.uint8)
    pixels[0, 40:60, 100:130] = 3
    content = segmentation("BINARY", pixels, sources=[film])
    (mask,) = (m for m in under_test.read(write(content), context).masks if m.occupancy.size)
    assert mask.label == Label(name="HO_right", number=3)
    place = Place(sop_instance_uid=film.SOPInstanceUID)
    assert mask.grid == PixelGrid(shape=(film.Rows, film.Columns), place=place)
    assert (mask.origin, mask.occupancy.shape) == ((40, 100), (20, 30))


def _uneven(data_set: Any) -> None:
    groups = data_set.PerFrameFunctionalGroupsSequence
    del data_set.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices
    heights = sorted(
        {float(each.PlanePositionSequence[0].ImagePositionPatient[2]) for each in groups}
    )
    for each in groups:
        position = each.PlanePositionSequence[0].ImagePositionPatient
        position[2] += 1.3 if float(position[2]) > heights[len(heights) // 2] else 0.0


def _slanted(data_set: Any) -> None:
    for each in data_set.PerFrameFunctionalGroupsSequence:
        position = each.PlanePositionSequence[0].ImagePositionPatient
        position[1] += float(position[2]) * 0.3


def _far(data_set: Any) -> None:
    position = data_set.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence[0]
    position.ImagePositionPatient = [-217, -107, 3_000_000]


def _no_segment(data_set: Any) -> None:
    data_set.SegmentSequence = []


def _only_background(data_set: Any) -> None:
    for each in data_set.SegmentSequence:
        each.SegmentNumber = 0
    del data_set.SegmentSequence[1:]


def _one_frame_less(data_set: Any) -> None:
    del data_set.PerFrameFunctionalGroupsSequence[-1]


def _twice(data_set: Any) -> None:
    groups = data_set.PerFrameFunctionalGroupsSequence
    groups[1].PlanePositionSequence = groups[0].PlanePositionSequence
    groups[1].SegmentIdentificationSequence = groups[0].SegmentIdentificationSequence


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_uneven, "has slices that are not evenly spaced (3.00 to 4.30 mm apart)"),
        (_slanted, "has slices that are stacked at a slant (as with a tilted gantry)"),
        (_far, "has slices that lie 1000013 apart"),
        (_no_segment, "describes no segment"),
        (_only_background, "describes no segment"),
        (_one_frame_less, "has 60 frames and describes 59"),
        (_twice, "has two frames of segment 1 in one place"),
        (lambda d: setattr(d, "SegmentationType", "SURFACE"), "does not say which type"),
        (lambda d: setattr(d, "PixelData", d.PixelData[:2000]), "the pixel data of the image are"),
        (lambda d: setattr(d, "Rows", 0), "has no rows, columns or frames"),
        (lambda d: delattr(d, "SegmentSequence"), "describes no segment"),
        (lambda d: delattr(d, "Rows"), "is damaged and cannot be read"),
    ],
)
def test_what_is_no_stack_is_refused(
    change: Callable[[Any], None], words: str, binary: bytes, write: Write, context: Context
) -> None:
    """In a sentence that says why, and with a remedy."""
    with pytest.raises(RecordRefused) as refused:
        under_test.read(write(changed(binary, change)), context)
    (fault,) = refused.value.faults
    assert fault.path == "seg.dcm"
    assert fault.problem.startswith(words)
    assert fault.remedy


def test_a_segmentation_of_a_phantom_is_refused(
    binary: bytes, write: Write, context: Context
) -> None:
    """Nor is what was made for research taken without a word."""

    def try_out(data_set: Any) -> None:
        data_set.QualityControlImage, data_set.ContentQualification = "YES", "RESEARCH"

    under_test.read(write(changed(binary, try_out)), context)
    assert [str(fault) for fault in context.account.faults] == [
        "seg.dcm: says that it shows a phantom (Quality Control Image); give what was drawn on the patient"
    ]
    words = "says that what made it is not approved for clinical use (RESEARCH)"
    assert words in [entry.words for entry in context.account.assumed]


def _without_version(data_set: Any) -> None:
    for each in data_set.SegmentSequence:
        each.SegmentAlgorithmName = "HipSeg"
        del each.SegmentationAlgorithmIdentificationSequence


def _manual(data_set: Any) -> None:
    for each in data_set.SegmentSequence:
        each.SegmentAlgorithmType = "MANUAL"


@pytest.mark.parametrize(
    ("change", "told"),
    [(_without_version, ["names the program HipSeg, and not its version"]), (_manual, [])],
)
def test_no_observer_without_a_name_and_a_version(
    change: Callable[[Any], None], told: list[str], binary: bytes, write: Write, context: Context
) -> None:
    """A person is not named by a Segmentation, and half a program is none."""
    found = under_test.read(write(changed(binary, change)), context)
    assert found.observer is None
    assert [entry.words for entry in context.account.refused] == told


TURNS: dict[str, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
    "mirrored head to foot": lambda a: a[::-1],
    "with rows and columns exchanged": lambda a: a.transpose(0, 2, 1),
}


@pytest.mark.parametrize("turn", TURNS)
def test_a_mask_that_is_turned_over_is_refused(
    turn: str, write: Write, context: Context, ct_images: SourceImages
) -> None:
    """And told how."""
    pixels = np.ascontiguousarray(TURNS[turn](labels()))
    context = replace(context, images=ct_images)
    under_test.read(write(segmentation("LABELMAP", pixels)), context)
    (fault,) = context.account.faults
    assert fault.problem.startswith("does not lie on the bones of the images: ")
    assert fault.problem.endswith(f"; {turn}, it would be 100%")


def test_a_mask_in_its_place(
    binary: bytes, write: Write, context: Context, ct_images: SourceImages
) -> None:
    """Lies on the bones of the images, and nothing is assumed."""
    context = replace(context, images=ct_images)
    under_test.read(write(binary), context)
    assert [entry.words for entry in context.account.read] == [
        "DICOM Segmentation (BINARY): 3 segments, 60 frames",
        "lies on the bones of the images: 100% of its bone is denser than 100 HU",
    ]
    account = context.account
    assert (account.assumed, account.refused, account.faults) == ([], [], [])


def test_a_mask_one_slice_off_is_told(
    write: Write, context: Context, ct_images: SourceImages
) -> None:
    """Its lengths are right, and its place is not."""
    context = replace(context, images=ct_images)
    under_test.read(write(segmentation("LABELMAP", np.roll(labels(), 1, 0))), context)
    (entry,) = context.account.assumed
    assert entry.words.endswith(
        "% of its bone is denser than 100 HU; moved by one slice, it would be 92%"
    )


@pytest.mark.parametrize(
    ("folder", "problem"),
    [
        ("mr-early", "lies in another frame of reference than the images"),
        ("brooker-3", "is a volume, and the images given are no slices"),
    ],
)
def test_images_of_another_place_are_refused(
    folder: str, problem: str, binary: bytes, write: Write, context: Context
) -> None:
    """A frame of reference is compared, and a film is no volume."""
    images = read_images([ROOT / "sample_data" / folder / "images"])
    context = replace(context, images=images)
    under_test.read(write(binary), context)
    assert [fault.problem for fault in context.account.faults] == [problem]


def _mutations(content: bytes, count: int) -> Iterator[bytes]:
    rng = np.random.default_rng(13)
    for _ in range(count):
        damaged = bytearray(content)
        begin = 132 + int(rng.integers(len(content) - 40_000 if len(content) > 80_000 else 4_000))
        for offset in rng.integers(0, 60, 4):
            damaged[min(begin + int(offset), len(damaged) - 1)] = int(rng.integers(256))
        yield bytes(damaged[: len(damaged) - int(rng.integers(2)) * int(rng.integers(500))])


def test_damaged_files_are_refused_or_read(write: Write, context: Context) -> None:
    """In one sentence; nothing else is ever thrown, and nothing hangs."""
    content = segmentation("BINARY", labels()[11:14], sources=slices()[11:14])
    header = content[: content.index(b"\xe0\x7f\x10\x00") + 12]
    outcomes = set()
    for damaged in _mutations(header, 60):
        try:
            under_test.read(write(damaged + content[len(header) :]), context)
            outcomes.add("read")
        except RecordRefused as refused:
            outcomes.add(f"refused by {len(refused.faults)} fault")
    assert outcomes == {"read", "refused by 1 fault"}
