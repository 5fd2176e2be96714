"""The versions of a report in the real viewer: which stands first, and a line that a reader redraws there."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import generate_uid

from tests.command import Ran, hosr
from tests.peers.ohif import Ohif, Opening, Seen
from tests.peers.orthanc import Orthanc
from tests.peers.samples import SAMPLE_DATA

SAMPLE = SAMPLE_DATA / "brooker-3"
# An end of the gap, where a reader drags it to, and where an amendment has it.
END, DRAGGED, AMENDED = (141.0, 404.0), (120.0, 430.0), [139.0, 408.0]
NERI = ("--as", "Neri^Ada", "--organization", "Synthetic Hospital")
VERSIONS = ("draft", "signed", "amended")
REDRAWN = (
    "ARCHIVE: redrawn: names draft as its predecessor, and hosr did not write it (Unspecified, NOW); look at"
    " both: what was redrawn has no grade until a report is made of it"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """The folders of a report's versions in an archive, what the viewer saved of it, and what was seen."""

    folder: Path
    orthanc: Orthanc
    draft: Seen
    redrawn: Path
    newest: Seen

    def path(self, version: str) -> Path:
        """The measurement report of a version."""
        return self.folder / version / "measurement.dcm"

    def ask(self, *arguments: object) -> Ran:
        """A command; in what it says, each document and the archive have a name."""
        named = {_uid(self.path(version)): version for version in VERSIONS}
        named[_uid(self.folder / "draft" / "narrative.dcm")] = "draft, words"
        named[_uid(self.folder / "gone" / "withdrawal.dcm")] = "gone"
        named |= {_uid(self.redrawn): "redrawn", self.orthanc.dicomweb: "ARCHIVE"}
        ran = hosr(*arguments)
        out, err = ran.out, re.sub(r"[-\d]{10} \d\d:\d\d\)", "NOW)", ran.err)
        for said, name in named.items():
            out, err = out.replace(said, name), err.replace(said, name)
        return Ran(code=ran.code, out=out.rstrip("\n"), err=err.strip("\n"))


@pytest.fixture(scope="module")
def life(orthanc: Orthanc, ohif: Ohif, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """A draft whose line is redrawn although it was signed and amended meanwhile; at last all is withdrawn."""
    folder = tmp_path_factory.mktemp("versions")
    image = _copy_study(folder)
    _make_versions(folder)
    files = [image, *(path for version in VERSIONS for path in (folder / version).glob("*.dcm"))]
    for path in files:
        orthanc.upload(path.read_bytes())
    before = set(orthanc.uids())
    draft = _open(ohif, folder / "draft", "redrawn", track=True, drag=(END, DRAGGED))
    (saved,) = set(orthanc.uids()) - before
    redrawn = folder / "redrawn.dcm"
    redrawn.write_bytes(orthanc.download(saved))
    orthanc.upload((folder / "gone" / "withdrawal.dcm").read_bytes())
    newest = _open(ohif, folder / "amended", "withdrawn")
    return Life(folder=folder, orthanc=orthanc, draft=draft, redrawn=redrawn, newest=newest)


def _copy_study(folder: Path) -> Path:
    """The sample under UIDs of its own: other tests look at the sample as it is."""
    image = dcmread(next((SAMPLE / "images").iterdir()))
    record = (SAMPLE / "record.json").read_text(encoding="utf-8")
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        uid = generate_uid(entropy_srcs=[__name__, keyword])
        record = record.replace(str(image[keyword].value), uid)
        setattr(image, keyword, uid)
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    image.save_as(folder / "image.dcm")
    amended = json.loads(record)
    amended["hips"][0]["gap"]["points"][1] = AMENDED
    (folder / "record.json").write_text(record, encoding="utf-8")
    (folder / "amended.json").write_text(json.dumps(amended), encoding="utf-8")
    return folder / "image.dcm"


def _make_versions(folder: Path) -> None:
    """Each version in a folder, a copy of the draft that nobody signed, and the withdrawal of all."""

    def make(step: str, *arguments: object, out: str) -> None:
        ran = hosr(step, *arguments, "--out", folder / out)
        assert ran.code == 0, ran.err

    def signed(hour: int) -> tuple[object, ...]:
        return (*NERI, "--at", f"2026-03-02T{hour}:00:00+01:00")

    images, record = ("--images", folder / "image.dcm"), folder / "record.json"
    make("report", record, *images, "--make", "measurement,narrative", "--hydrate", out="draft")
    shutil.copytree(folder / "draft", folder / "unsigned")
    make("sign", folder / "draft", *signed(15), out="signed")
    why = ("--record", folder / "amended.json", "--reason", "The gap was read again.")
    make("amend", folder / "signed", *why, *images, *signed(16), out="amended")
    every = [folder / version for version in reversed(VERSIONS)]
    make("withdraw", *every, "--reason", "wrong-patient", *signed(17), out="gone")


def _uid(path: Path) -> str:
    return str(dcmread(path).SOPInstanceUID)


def _open(ohif: Ohif, version: Path, name: str, **more: object) -> Seen:
    document = dcmread(version / "measurement.dcm")
    study, sop = str(document.StudyInstanceUID), str(document.SOPInstanceUID)
    return ohif.open(Opening(study=study, sop=sop, name=name, annotations=1, **more))  # type: ignore[arg-type]


def _listed(seen: Seen) -> list[str]:
    """The descriptions of what the study browser lists, from the top; not the image."""
    return [entry.split("\n")[1] for entry in seen.entries if not entry.startswith("CR")]


def test_the_newest_version_stands_first(life: Life) -> None:
    """Each version has two documents, of which either may stand above the other."""
    listed = _listed(life.draft)
    pairs = [sorted(listed[first : first + 2]) for first in range(0, len(listed), 2)]
    assert pairs == [
        ["HO data, amended: Brooker R III", "HO text, amended: Brooker R III"],
        ["HO data, signed: Brooker R III", "HO text, signed: Brooker R III"],
        ["HO data: right hip (draft)", "HO text: right hip (draft)"],
    ]


def test_an_earlier_version_still_opens(life: Life) -> None:
    """A draft of which newer versions are there is drawn as before, and so is the newest one."""
    for seen in (life.draft, life.newest):
        assert seen.faults == ()
        assert len(seen.labels) == 1
    assert "Distance: 6.24 mm" in life.draft.labels[0].lines
    assert "Distance: 7.70 mm" in life.newest.labels[0].lines


def test_only_a_draft_is_offered_to_be_redrawn(life: Life) -> None:
    """What a viewer saves into the series of a signed report would be called signed."""
    assert "continue tracking" in life.draft.offer
    assert life.newest.offer == ""


def test_a_redrawn_line_has_no_words_that_became_untrue(life: Life) -> None:
    """The viewer keeps all words of the line and its series, and writes its own length beside them."""
    redrawn, saved = dcmread(life.redrawn), life.draft.saved
    assert saved is not None
    assert saved.status == 200
    assert "HO data: right hip (draft)" in saved.proposed
    group = _group(redrawn)
    spacing_mm = [float(mm) for mm in dcmread(life.folder / "image.dcm").ImagerPixelSpacing]
    (length,) = (item for item in group if item.ValueType == "NUM")
    points = list(length.ContentSequence[0].GraphicData)
    assert points == pytest.approx([152.5, 389.0, *DRAGGED], abs=1.5)
    mm = float(length.MeasuredValueSequence[0].NumericValue)
    along = [(points[i] - points[i + 2]) * spacing_mm[1 - i] for i in (0, 1)]
    assert mm == pytest.approx(sum(each**2 for each in along) ** 0.5, abs=0.01)
    assert mm > 15
    assert f"{mm:.1f} mm" in saved.redrawn
    words = [str(item.TextValue) for item in group if item.ValueType == "TEXT"]
    assert words == ["Cornerstone3DTools@^0.1.0:Length", "Right HO gap"]
    assert redrawn.SeriesDescription == "HO data: right hip (draft)"


def _group(document: Dataset) -> list[Dataset]:
    """The content items of its one measurement group."""
    named = {item.ConceptNameCodeSequence[0].CodeValue: item for item in document.ContentSequence}
    (group,) = named["126010"].ContentSequence
    return list(group.ContentSequence)


def test_the_report_that_was_redrawn_is_as_it_was(life: Life) -> None:
    """The viewer makes a document of its own beside it."""
    for version in VERSIONS:
        data = life.path(version).read_bytes()
        assert life.orthanc.download(_uid(life.path(version))) == data
    assert life.ask("show", life.path("draft")).code == 0


def test_a_redrawn_line_is_no_report(life: Life) -> None:
    """What a viewer wrote has no grade, and is refused by name."""
    ran = life.ask("show", life.redrawn)
    assert (ran.code, ran.out) == (4, "")
    assert ran.err == (
        "hosr: document refused\n"
        "  redrawn.dcm: is a structured report of another maker (Unspecified); hosr reads back only what it"
        " wrote"
    )


def test_who_signs_a_draft_is_told_that_it_was_redrawn(life: Life) -> None:
    """Nothing is signed while an archive holds what a viewer saved of the draft, or a note that rejects it."""
    out = life.folder / "no"
    asked = (*NERI, "--newest-in", life.orthanc.dicomweb, "--out", out)
    ran = life.ask("sign", life.folder / "unsigned", *asked)
    said, *told = ran.err.splitlines()
    note = "(Rejected for Patient Safety Reasons); do not go on from it: it was withdrawn"
    assert (ran.code, ran.out, out.exists()) == (2, "", False)
    assert said == "hosr: cannot be done as asked"
    assert set(told) == {
        f"  {REDRAWN}",
        f"  ARCHIVE: gone: rejects draft of this version {note}",
        f"  ARCHIVE: gone: rejects draft, words of this version {note}",
        f"  ARCHIVE: gone: rejects signed, a later version of this report {note}",
        f"  ARCHIVE: gone: rejects amended, a later version of this report {note}",
    }


def test_a_history_tells_what_was_redrawn_and_withdrawn(life: Life) -> None:
    """The versions as they follow each other, and beside them the document of the viewer."""
    study = dcmread(life.redrawn).StudyInstanceUID
    ran = life.ask("history", life.orthanc.dicomweb, "--study", study)
    by = "by Ada Neri, Synthetic Hospital, 2026-03-02"
    rejected, grades = (
        "[withdrawn: Rejected for Patient Safety Reasons]",
        "Right hip: Brooker III, Della Valle C",
    )
    assert (ran.code, ran.err) == (0, f"hosr: {REDRAWN}")
    assert [line.strip() for line in ran.out.splitlines()] == [
        *(f"ARCHIVE: Draft: not reviewed. {rejected}", grades, "draft"),
        *(f"ARCHIVE: Signed {by} 15:00+01:00. {rejected}", grades, "signed"),
        *(f"ARCHIVE: Amended report, signed {by} 16:00+01:00. {rejected}", grades, "amended"),
        f"ARCHIVE: Withdrawn {by} 17:00+01:00: not to be used.",
        *("Report withdrawn, not to be used: wrong patient.", "gone"),
    ]


def test_a_withdrawn_report_is_listed_with_its_withdrawal(life: Life) -> None:
    """The viewer hides nothing that a note rejects; the note stands above all that it is about."""
    assert _listed(life.newest)[0] == "HO report: withdrawn"
    assert sorted(_listed(life.newest)[1:]) == sorted(
        [*_listed(life.draft), "HO data: right hip (draft)"]
    )
