"""What a radiologist draws in the real viewer becomes a graded report; and hosr's own, redrawn there, another."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydicom import DataElement, Dataset, dcmread
from pydicom.uid import generate_uid

from tests.annotations.viewers.files import redrawn_in_ohif
from tests.command import Ran, hosr
from tests.images import dicom_bytes
from tests.peers.ohif import Drawn, NewLine, Ohif, Opening, Seen
from tests.peers.orthanc import Orthanc
from tests.peers.samples import SAMPLE_DATA

SAMPLE = SAMPLE_DATA / "brooker-3"
NERI = ("--as", "Neri^Ada", "--organization", "Synthetic Hospital", "--timezone", "Europe/Berlin")
# The ends of the gap of the sample, of 6.2 mm, and of the implant head of 32 mm.
GAP, HEAD = ((152.5, 389.0), (141.0, 404.0)), ((227.5, 420.0), (296.0, 488.5))
# Where a reader drags the second end to: 15.7 mm of the patient from the first.
DRAGGED = (124.0, 427.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A copy of the sample in an archive, under UIDs of its own, and where its files lie."""

    folder: Path
    orthanc: Orthanc
    uid: str

    @property
    def image(self) -> Path:
        """Its film."""
        return self.folder / "image.dcm"

    def take(self, name: str) -> Ran:
        """Import what was drawn last, and report it."""
        record, out = self.folder / f"{name}.json", self.folder / name
        taken = hosr(
            *("import", self.orthanc.dicomweb, "--study", self.uid, *NERI, "--out", record)
        )
        assert taken.code == 0, taken.err
        made = hosr(
            *("report", record, "--images", self.orthanc.dicomweb, "--study", self.uid),
            *("--make", "measurement,text", "--out", out),
        )
        assert made.code == 0, made.err
        return Ran(code=0, out=taken.out, err=made.out)


@pytest.fixture
def study(orthanc: Orthanc, tmp_path: Path, request: pytest.FixtureRequest) -> Study:
    """The sample as another study: other tests look at the sample as it is."""
    image = dcmread(next((SAMPLE / "images").iterdir()))
    record = (SAMPLE / "record.json").read_text(encoding="utf-8")
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        uid = generate_uid(entropy_srcs=[__name__, request.node.name, keyword])
        record = record.replace(str(image[keyword].value), uid)
        setattr(image, keyword, uid)
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    image.save_as(tmp_path / "image.dcm")
    (tmp_path / "record.json").write_text(record, encoding="utf-8")
    orthanc.upload((tmp_path / "image.dcm").read_bytes())
    return Study(folder=tmp_path, orthanc=orthanc, uid=str(image.StudyInstanceUID))


def test_lines_that_are_drawn_and_labelled_become_a_graded_report(ohif: Ohif, study: Study) -> None:
    """Side, gap and calibration are those of the labels; the length is measured anew, by the head."""
    lines = [
        NewLine(points=GAP, label="Right HO gap"),
        NewLine(points=HEAD, label="Calibration 32 mm"),
    ]
    drawn: Drawn = ohif.draw(study.uid, lines, "drawn")
    assert (drawn.saved.status, drawn.errors, drawn.outside) == (200, (), ())
    taken = study.take("drawn")
    assert ("group 1", '"Right HO gap": gap, right hip') in _told(taken)
    assert "right: Brooker III " in taken.out
    (hip,) = json.loads((study.folder / "drawn.json").read_text(encoding="utf-8"))["hips"]
    for found, expected in zip(
        (*hip["gap"]["points"], *hip["calibration"]["points"]), (*GAP, *HEAD), strict=True
    ):
        assert found == pytest.approx(expected, abs=2)
    text = " ".join((study.folder / "drawn" / "report.txt").read_text(encoding="utf-8").split())
    assert "Findings by Ada Neri" in text
    assert "(calibrated to an object of 32 mm, uncertainty" in text
    assert "Right hip: heterotopic ossification. Brooker III" in text


def _told(taken: Ran) -> set[tuple[str, str]]:
    """What is told of each place of the file, without the file's name."""
    lines = (line.strip().partition(": ") for line in taken.out.splitlines())
    return {(place.rpartition(", ")[2], words) for place, _, words in lines}


def test_a_report_that_is_redrawn_becomes_the_next_one(ohif: Ohif, study: Study) -> None:
    """Brooker III becomes II; calibration and findings are those of the report; old and new are told."""
    draft = study.folder / "draft"
    made = hosr(
        *("report", study.folder / "record.json", "--images", study.image, "--out", draft),
        *("--make", "measurement,narrative", "--hydrate"),
    )
    assert made.code == 0, made.err
    assert "right: Brooker III " in made.out
    for path in draft.glob("*.dcm"):
        study.orthanc.upload(path.read_bytes())
    document = dcmread(draft / "measurement.dcm")
    opening = Opening(
        study=study.uid,
        sop=str(document.SOPInstanceUID),
        name="redrawn-to-be-imported",
        annotations=1,
        track=True,
        drag=(GAP[1], DRAGGED),
    )
    seen: Seen = ohif.open(opening)
    assert seen.faults == ()
    assert seen.saved is not None
    assert seen.saved.status == 200
    taken = study.take("redrawn")
    (changes,) = (words for _, words in _told(taken) if "->" in words)
    assert changes.startswith("gap: 6.2 mm -> 15.")
    assert changes.endswith(" mm; Brooker III -> II; Della Valle C -> B")
    (hip,) = json.loads((study.folder / "redrawn.json").read_text(encoding="utf-8"))["hips"]
    assert (hip["spurs"], hip["calibration"]["true_mm"]) == ({"pelvis": True, "femur": True}, 32.0)
    assert "grades" not in hip
    text = " ".join((study.folder / "redrawn" / "report.txt").read_text(encoding="utf-8").split())
    assert "Right hip: heterotopic ossification. Brooker II; Della Valle B." in text


def test_a_line_that_was_deleted_over_several_drawings_is_known(study: Study) -> None:
    """Orthanc gives the report and what was saved over it, twice: of the gap nothing is measured any more."""
    draft = study.folder / "draft"
    made = hosr(
        *("report", study.folder / "record.json", "--images", study.image, "--out", draft),
        *("--make", "measurement", "--hydrate"),
    )
    assert made.code == 0, made.err
    report = dcmread(draft / "measurement.dcm")
    first = _saved(report, [152.5, 389.0, 120.0, 430.0], study, "202744")
    last = _saved(first, [102.5, 339.0, 70.0, 380.0], study, "212744")
    (group,) = last.ContentSequence[-1].ContentSequence
    group.ContentSequence[-1].TextValue = "Right HO island"
    for document in (report, first, last):
        study.orthanc.upload(dicom_bytes(document))
    ran = hosr("import", study.orthanc.dicomweb, "--study", study.uid, *NERI, "--json")
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)
    place = f"{last.SOPInstanceUID}, right hip"
    assert {"place": place, "words": "the gap line was deleted: no gap is measured any more"} in (
        told["refused"]
    )
    assert "gap" not in told["record"]["hips"][0]


def _saved(before: Dataset, points: list[float], study: Study, time: str) -> Dataset:
    """What OHIF saves over a document of a study at this time, with the line elsewhere."""
    saved, image = redrawn_in_ohif(before, points), dcmread(study.image)
    sample = dcmread(next((SAMPLE / "images").iterdir()))
    names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    uids = {str(sample[name].value): str(image[name].value) for name in names}

    def rename(_: Dataset, element: DataElement) -> None:
        if element.VR == "UI" and str(element.value) in uids:
            element.value = uids[str(element.value)]

    saved.walk(rename)
    saved.ContentTime = time
    saved.SOPInstanceUID = generate_uid(entropy_srcs=[study.uid, time])
    saved.file_meta.MediaStorageSOPInstanceUID = saved.SOPInstanceUID
    return saved
