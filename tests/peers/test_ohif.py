"""The reports in the real viewer: what a reader sees after a double-click."""

import json
from functools import cache
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import generate_uid

from hosr import cli
from hosr.sr.labels import line_labels
from tests.peers.conftest import Report
from tests.peers.ohif import Ohif, Opening, Seen, Shape
from tests.peers.orthanc import Orthanc
from tests.peers.samples import SAMPLE_DATA, SAMPLES, Group, Reported, texts

# The one item that the viewer cannot print: a narrative points at its measurement report.
LINK_TO_MEASUREMENTS = "Current procedure evidence: [COMPOSITE is not supported]"

Point = tuple[float, float]


def archived(orthanc: Orthanc, sample: Reported) -> Reported:
    """The sample, after all that belongs to it was stored."""
    for path in (*sample.images, *sorted(sample.out.glob("*.dcm"))):
        orthanc.upload(path.read_bytes())
    return sample


@cache
def seen(ohif: Ohif, path: Path, name: str, *, annotations: int, track: bool = False) -> Seen:
    """What a reader sees of one document, which is opened once."""
    document = dcmread(path)
    opening = Opening(
        study=str(document.StudyInstanceUID),
        sop=str(document.SOPInstanceUID),
        name=name,
        annotations=annotations,
        track=track,
    )
    return ohif.open(opening)


def in_space(folder: Path) -> Reported:
    """The CT sample with its gap across slices, as a program found it that outlines what it measured."""
    images = sorted((SAMPLE_DATA / "ct" / "images").iterdir())
    record = json.loads((SAMPLE_DATA / "ct" / "record.json").read_bytes())
    (hip,) = record["hips"]
    start, end = [-124.04, -30.7, -6.0], [-133.98, -23.28, 6.0]
    frame = str(dcmread(images[0]).FrameOfReferenceUID)
    hip["gap"] = {"points_mm": [start, end], "frame_of_reference_uid": frame}
    shown = hip["islands"][0]["length"]["image"]
    corners = [[100 + 20 * x, 100 + 20 * y] for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
    hip |= {
        "boundary": {"basis": "mask", "sd_mm": 0.5, "cell_mm": [0.7, 0.7, 3]},
        "candidates": [
            {"between": ["pelvic_spur", "femur"], "length": {"mm": 24.5}, "why": "longer"},
            {"between": ["pelvis", "femoral_spur"], "length": hip["gap"], "why": "through_bone"},
        ],
        "outlines": [
            {"structure": each, "polygon": corners, "image": shown} for each in ("pelvis", "island")
        ],
    }
    path = folder / "record.json"
    path.write_text(json.dumps({**record, "schema_version": "1.1"}), encoding="utf-8")
    out = folder / "out"
    paths = [str(each) for each in (path, images[0].parent, out)]
    assert cli.main(["report", paths[0], "--images", paths[1], "--out", paths[2]]) == 0
    return Reported(name="in space", images=tuple(images), out=out)


def first_image(sample: Reported) -> list[Group]:
    """The groups that are drawn at once: those on the image of the first one."""
    return [group for group in sample.groups if group.image == sample.groups[0].image]


def covers(shapes: tuple[Shape, ...], points: tuple[Point, ...]) -> bool:
    """Whether a line is drawn through these points of the image, to half a pixel."""
    wanted = [pytest.approx(point, abs=0.5) for point in points]
    return any(
        len(shape.points) == len(wanted) and list(shape.points) == wanted for shape in shapes
    )


def millimetres(group: Group) -> list[str]:
    """The lines that the viewer should write for a group's lengths."""
    lengths = [number for number in group.numbers if number[2] == "mm"]
    return [f"{meaning}: {value:.2f} mm" for meaning, value, _ in lengths]


def lines(sample: Reported) -> list[Group]:
    """The groups whose region is a line between two points; a localised gap is one."""
    found = [group for group in sample.groups if len(group.points) == 2]
    assert found
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_a_measurement_report_opens_on_its_image(
    orthanc: Orthanc, ohif: Ohif, reported: Report, name: str
) -> None:
    """Each region is drawn where the report says, with the report's numbers and nothing else."""
    sample = archived(orthanc, reported(name))
    groups = first_image(sample)
    found = seen(ohif, sample.measurement, name, annotations=len(groups))
    assert found.faults == ()
    assert groups[0].image in found.image
    assert [group.points for group in groups if not covers(found.shapes, group.points)] == []
    drawn = [line for label in found.labels for line in label.lines if line.endswith(" mm")]
    assert sorted(drawn) == sorted(line for group in groups for line in millimetres(group))
    assert found.offer == ""


def test_the_gap_line_stands_with_its_millimetres(
    orthanc: Orthanc, ohif: Ohif, reported: Report
) -> None:
    """A localised gap is a line between two points, labelled with its length and its joint."""
    sample = archived(orthanc, reported("brooker-3"))
    found = seen(ohif, sample.measurement, "brooker-3", annotations=len(first_image(sample)))
    for gap in lines(sample):
        assert covers(found.shapes, gap.points)
        assert millimetres(gap)
        labels = [label for label in found.labels if set(millimetres(gap)) <= set(label.lines)]
        assert any(label.in_view for label in labels)
        assert any("hip" in line.lower() for label in labels for line in label.lines)


def test_the_narrative_shows_as_text(orthanc: Orthanc, ohif: Ohif, reported: Report) -> None:
    """The narrative report can be read in the viewer: every sentence, to its end."""
    sample = archived(orthanc, reported("brooker-3"))
    found = seen(ohif, sample.narrative, "narrative", annotations=0)
    page = " ".join(found.text.split())
    assert found.faults == ()
    assert [text for text in texts(sample.narrative) if " ".join(text.split()) not in page] == []
    assert found.cut == ()
    unsupported = [line for line in found.text.splitlines() if "not supported]" in line]
    assert unsupported == [LINK_TO_MEASUREMENTS]


def test_a_hydrated_line_appears_in_the_measurement_panel(
    orthanc: Orthanc, ohif: Ohif, reported: Report
) -> None:
    """With --hydrate the viewer offers tracking; after Yes the panel holds the line by its comment."""
    sample = archived(orthanc, reported("brooker-3", "--hydrate"))
    annotations = len(first_image(sample))
    found = seen(ohif, sample.measurement, "hydrated", annotations=annotations, track=True)
    assert found.faults == ()
    assert "continue tracking" in found.offer
    assert found.choices == line_labels()
    assert {gap.comment for gap in lines(sample)} <= set(found.choices)
    assert [gap.comment for gap in lines(sample) if gap.comment not in found.panel] == []
    assert " mm" in found.panel


def test_lines_in_space_and_surfaces_open_on_their_slices(
    orthanc: Orthanc, ohif: Ohif, tmp_path: Path
) -> None:
    """A line across slices is drawn as its projection with its own millimetres; outlines stay out of sight."""
    sample = archived(orthanc, in_space(tmp_path))
    groups = first_image(sample)
    found = seen(ohif, sample.measurement, "in space", annotations=len(groups))
    assert found.faults == ()
    assert groups[0].image in found.image
    assert [group.points for group in groups if not covers(found.shapes, group.points)] == []
    assert len(found.shapes) == len(groups)
    drawn = [line for label in found.labels for line in label.lines if line.endswith(" mm")]
    assert sorted(drawn) == sorted(line for group in groups for line in millimetres(group))


def test_an_error_page_is_noticed(
    orthanc: Orthanc, ohif: Ohif, reported: Report, tmp_path: Path
) -> None:
    """A group without coordinates breaks the viewer, and these tests see that it does."""
    sample = archived(orthanc, reported("brooker-3"))
    broken = dcmread(sample.measurement)
    broken.SOPInstanceUID = generate_uid()
    broken.SeriesInstanceUID = generate_uid()
    broken.file_meta.MediaStorageSOPInstanceUID = broken.SOPInstanceUID
    without_coordinates(broken)
    path = tmp_path / "broken.dcm"
    broken.save_as(path)
    orthanc.upload(path.read_bytes())
    found = seen(ohif, path, "broken", annotations=1)
    assert found.error_page
    assert found.faults


def without_coordinates(item: Dataset) -> None:
    """Take all coordinates out of a document."""
    if "ContentSequence" in item:
        item.ContentSequence = [
            child for child in item.ContentSequence if child.ValueType != "SCOORD"
        ]
        for child in item.ContentSequence:
            without_coordinates(child)
