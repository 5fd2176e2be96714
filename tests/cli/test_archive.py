"""`hosr archive`, and images out of an archive, against a real Orthanc over both protocols."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import SegmentationStorage

from hosr.archive.dicomweb import WebArchive
from hosr.archive.values import Locator
from tests.command import Ran, folder_bytes, hosr, marked, write_record
from tests.images import FILM_UID, SLICE_UID, STUDY_UID, axial, dicom_bytes, film
from tests.peers.archiving import ArchivingOrthanc, archiving_orthanc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PROTOCOLS = ("pacs", "web")
CHECKS = ("association", "connection")
SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
STUDIES = ("bilateral", "brooker-3", "ct", "mr-early", "poor-headers")


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArchivingOrthanc]:
    """An Orthanc that lets hosr find and fetch."""
    with archiving_orthanc(tmp_path_factory.mktemp("orthanc")) as archive:
        yield archive


@pytest.fixture
def configured(desk: Path, orthanc: ArchivingOrthanc, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The desk, with Orthanc configured as `pacs` and `web`, and a folder for private files."""
    monkeypatch.setenv("HOSR_CONFIG", str(orthanc.configure(desk / "config.toml")))
    (desk / "private").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(desk / "private"))
    return desk


def study_uid(folder: Path) -> str:
    """The study of the images in a folder."""
    path = next(path for path in sorted(folder.rglob("*")) if path.is_file())
    return str(dcmread(path, stop_before_pixels=True).StudyInstanceUID)


def upload(orthanc: ArchivingOrthanc, images: Sequence[Dataset]) -> None:
    """Put these images into the archive."""
    for image in images:
        orthanc.running.upload(dicom_bytes(image))


def objects(folder: Path) -> dict[str, bytes]:
    """What was made, without the manifest, which names the files that were read."""
    return {k: v for k, v in folder_bytes(folder).items() if k != "manifest.json"}


def renamed_report(study: str) -> tuple[str, bytes]:
    """A measurement report of a study, after an archive has written itself into Manufacturer."""
    Path("study.dcm").write_bytes(dicom_bytes(film(StudyInstanceUID=study)))
    assert hosr("report", "record.json", "--images", "study.dcm", "--out", study).code == 0
    dataset = dcmread(f"{study}/measurement.dcm")
    dataset.Manufacturer = "ARCHIVE"
    stream = io.BytesIO()
    dataset.save_as(stream)
    return str(dataset.SOPInstanceUID), stream.getvalue()


def found_reports(archive: str, study: str) -> list[str]:
    """The SOP Instance UIDs of the reports that `find --reports` lists."""
    ran = hosr("archive", "find", archive, "--study", study, "--reports", "--json")
    assert (ran.code, ran.err) == (0, "")
    return [each["sop_instance_uid"] for each in json.loads(ran.out)["instances"]]


@pytest.mark.usefixtures("desk")
def test_a_report_of_a_folder_is_read_whatever_maker_stands_in_it() -> None:
    """What `find` lists, `show` and `cohort` read: all ask whether it is one of hosr alike."""
    uid, data = renamed_report("1.2.13.9")
    Path("shelf").mkdir()
    Path(f"shelf/{uid}.dcm").write_bytes(data)

    assert found_reports("./shelf", "1.2.13.9") == [uid]
    assert hosr("show", f"shelf/{uid}.dcm").code == 0
    ran = hosr("cohort", "shelf", "--out", "cohort", "--json")
    assert (ran.code, json.loads(ran.out)["reports"]) == (0, 1)


@pytest.mark.usefixtures("configured")
class TestImages:
    """`--images` out of an archive."""

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    @pytest.mark.parametrize("name", STUDIES)
    def test_the_report_is_the_one_made_from_the_files(
        self, name: str, protocol: str, orthanc: ArchivingOrthanc
    ) -> None:
        """Every file of the report is the same byte for byte, pictures and pages too."""
        images, record = SAMPLES / name / "images", SAMPLES / name / "record.json"
        for path in sorted(images.rglob("*")):
            if path.is_file():
                orthanc.running.upload(path.read_bytes())
        common = ("report", record, "--make", "measurement,narrative,html,overlay,keyobjects")
        assert hosr(*common, "--images", images, "--out", "files").code == 0
        study = ("--study", study_uid(images))
        ran = hosr(*common, "--images", f"archive:{protocol}", *study, "--out", "archive")
        assert (ran.code, ran.err) == (0, "")
        assert objects(Path("archive")) == objects(Path("files"))
        assert list(Path("private").iterdir()) == []

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    @pytest.mark.parametrize(
        "study", [{"study_instance_uid": "1.2.10"}, {"accession_number": "ORDER-1"}]
    )
    def test_the_record_says_which_study(
        self, study: dict[str, str], protocol: str, orthanc: ArchivingOrthanc
    ) -> None:
        """Its study or its accession number is looked for."""
        uids = {"StudyInstanceUID": "1.2.10", "SOPInstanceUID": "1.2.10.1"}
        upload(orthanc, [film(AccessionNumber="ORDER-1", **uids)])
        write_record(Path("record.json"), {**marked(), "study": study})
        ran = hosr("grade", "record.json", "--images", f"archive:{protocol}")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith("right: Brooker III")

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_an_order_of_two_studies_is_refused(
        self, protocol: str, orthanc: ArchivingOrthanc
    ) -> None:
        """Where an accession number leaves open which study is meant, none is taken."""
        for study in ("1.2.11", "1.2.12"):
            uids = {"StudyInstanceUID": study, "SOPInstanceUID": f"{study}.1"}
            upload(orthanc, [film(AccessionNumber="ORDER-2", **uids)])
        asserted = {"accession_number": "ORDER-2"}
        write_record(Path("record.json"), {**marked(), "study": asserted})
        assert hosr("grade", "record.json", "--images", f"archive:{protocol}") == Ran(
            code=4,
            err=(
                f"hosr: images refused\n  {protocol}: has 2 studies of this accession number; "
                "name one with --study UID\n"
            ),
        )

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_text_of_any_script_is_the_same(self, protocol: str, orthanc: ArchivingOrthanc) -> None:
        """A header in another character set gives the same report, whoever decoded it."""
        uids = {"StudyInstanceUID": "1.2.7", "SOPInstanceUID": "1.2.7.1"}
        image = film(SpecificCharacterSet="ISO_IR 100", StudyDescription="Hüfte", **uids)
        upload(orthanc, [image])
        Path("latin.dcm").write_bytes(dicom_bytes(image))
        common = ("report", "record.json", "--make", "measurement,narrative,text")
        assert hosr(*common, "--images", "latin.dcm", "--out", "files").code == 0
        archive = ("--images", f"archive:{protocol}", "--study", "1.2.7")
        assert hosr(*common, *archive, "--out", "archive").code == 0
        assert objects(Path("archive")) == objects(Path("files"))
        assert "Hüfte" in Path("archive/report.txt").read_text(encoding="utf-8")

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_reports_in_the_study_are_no_images(
        self, protocol: str, orthanc: ArchivingOrthanc
    ) -> None:
        """An earlier report and its pictures lie in the study and change nothing."""
        uids = {"StudyInstanceUID": "1.2.6", "SOPInstanceUID": f"1.2.6.{PROTOCOLS.index(protocol)}"}
        uids["StudyInstanceUID"] += f".{PROTOCOLS.index(protocol)}"
        image = film(**uids)
        upload(orthanc, [image])
        Path("film.dcm").write_bytes(dicom_bytes(image))
        made = ("report", "record.json", "--make", "measurement,captures,overlay")
        assert hosr(*made, "--images", "film.dcm", "--out", "files").code == 0
        for data in folder_bytes(Path("files")).values():
            if data[128:132] == b"DICM":
                orthanc.running.upload(data)
        archive = ("--images", f"archive:{protocol}", "--study", uids["StudyInstanceUID"])
        assert hosr(*made, *archive, "--out", "archive").code == 0
        assert objects(Path("archive")) == objects(Path("files"))

    def test_masks_in_the_study_are_told(self, orthanc: ArchivingOrthanc) -> None:
        """A segmentation beside the images is not fetched; who makes a report learns of it."""
        uids = {"StudyInstanceUID": "1.2.90", "SOPInstanceUID": "1.2.90.1"}
        mask = {**uids, "SOPInstanceUID": "1.2.90.2", "SOPClassUID": SegmentationStorage}
        upload(orthanc, [film(**uids), film(**mask, Modality="SEG")])
        archive = ("--images", "archive:web", "--study", "1.2.90")
        checked = hosr("check", "record.json", *archive)
        assert checked.code == 0
        assert (
            "holds an object that is no radiograph, CT or MR image but Segmentation Storage; "
            "`hosr import FILE --labels"
        ) in checked.out

    def test_an_address_does_for_a_name(self, orthanc: ArchivingOrthanc) -> None:
        """Both protocols work by address."""
        upload(orthanc, [film()])
        for address in (orthanc.dimse().address, orthanc.web().address):
            ran = hosr("grade", "record.json", "--images", address, "--study", STUDY_UID)
            assert (ran.code, ran.err) == (0, "")

    def test_only_headers_are_fetched_where_no_picture_is_made(
        self, orthanc: ArchivingOrthanc, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Over DICOMweb a grade fetches no pixels, and a picture those of its own image."""
        upload(orthanc, [axial(n, StudyInstanceUID="1.2.5") for n in (1, 2, 3)])
        points = {"points": [[10, 10], [18, 10]], "image": f"{SLICE_UID}2"}
        write_record(Path("record.json"), marked(gap=points))
        fetched: list[str] = []
        fetch = WebArchive.fetch

        def counted(archive: WebArchive, locator: Locator) -> bytes:
            fetched.append(locator.sop_instance_uid)
            return fetch(archive, locator)

        monkeypatch.setattr(WebArchive, "fetch", counted)
        archive = ("--images", "archive:web", "--study", "1.2.5")
        assert hosr("grade", "record.json", *archive).code == 0
        assert fetched == []
        ran = hosr("report", "record.json", *archive, "--out", "out", "--make", "pictures")
        assert (ran.code, Path("out/key_right.png").exists()) == (0, True)
        assert fetched == [f"{SLICE_UID}2"]

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_a_study_that_is_not_there_is_said(self, protocol: str) -> None:
        """What is missing is named, and the same is a fault of `check`."""
        line = f"{protocol}: has no such study; check the study, and which archive has it\n"
        archive = ("--images", f"archive:{protocol}", "--study", "1.2.404")
        assert hosr("grade", "record.json", *archive) == Ran(
            code=4, err=f"hosr: images refused\n  {line}"
        )
        assert hosr("check", "record.json", *archive) == Ran(code=4, out=line)

    def test_a_record_that_names_no_study_is_refused(self) -> None:
        """Nothing is fetched by guess."""
        write_record(Path("record.json"), {**marked(), "study": {}})
        assert hosr("grade", "record.json", "--images", "archive:pacs") == Ran(
            code=2,
            err=(
                "hosr: cannot be done as asked\n  record.json: does not say which study to fetch; "
                "name it with --study UID, or fill in study.study_instance_uid of the record\n"
            ),
        )

    def test_a_study_is_for_archives_alone(self) -> None:
        """Files are of the study that they are of."""
        ran = hosr("grade", "record.json", "--images", "film.dcm", "--study", STUDY_UID)
        assert ran == Ran(
            code=2,
            err=(
                "hosr: cannot be done as asked\n  --study: is for images of an archive; leave it "
                "out: the study of files is the one they belong to\n"
            ),
        )

    def test_a_broken_record_is_said_before_anything_is_fetched(self) -> None:
        """`check` lists the faults of the record where it cannot ask for images."""
        write_record(Path("record.json"), marked(gap={"mm": "9,5"}))
        ran = hosr("check", "record.json", "--images", "archive:pacs")
        assert (ran.code, ran.err) == (3, "")
        assert ran.out.startswith("$.hips[0].gap.mm: is text, not a number")

    def test_an_archive_that_does_not_answer_is_said(self) -> None:
        """Nobody there is exit code 7, and no file is left."""
        archive = ("--images", "dimse://NOBODY@127.0.0.1:1", "--study", "1.2.3")
        ran = hosr("report", "record.json", *archive, "--out", "out")
        assert (ran.code, ran.out) == (7, "")
        assert ran.err.startswith(
            "hosr: archive unreachable\n  dimse://NOBODY@127.0.0.1:1?calling="
        )
        assert not Path("out").exists()
        assert list(Path("private").iterdir()) == []


@pytest.mark.usefixtures("configured")
class TestArchive:
    """`hosr archive`."""

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_what_works_is_said(self, protocol: str, orthanc: ArchivingOrthanc) -> None:
        """The address, then one line for each thing that was tried."""
        ran = hosr("archive", "test", protocol)
        assert (ran.code, ran.err) == (0, "")
        address = {"pacs": orthanc.dimse(), "web": orthanc.web()}[protocol].address
        first, second, *_ = ran.out.splitlines()
        assert first == f"{protocol}: {address}"
        assert second.startswith(tuple(f"  {check}: works; " for check in CHECKS))
        told = json.loads(hosr("archive", "test", protocol, "--json").out)
        assert (told["archive"], told["address"]) == (protocol, str(address))
        assert {"works"} <= {check["outcome"] for check in told["checks"]}

    def test_what_does_not_work_is_an_exit_code(self) -> None:
        """An archive that is not there fails its test, with what to do."""
        ran = hosr("archive", "test", "dimse://NOBODY@127.0.0.1:1")
        assert (ran.code, ran.err) == (6, "")
        assert "\n  association: fails; no connection (Connection refused); check the" in ran.out

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_reports_are_found_and_fetched(self, protocol: str, orthanc: ArchivingOrthanc) -> None:
        """What `send` stored is found as reports of hosr, and comes back as files."""
        upload(orthanc, [film()])
        made = ("report", "record.json", "--images", "film.dcm", "--out", "out")
        assert hosr(*made, "--make", "measurement,narrative").code == 0
        assert hosr("send", "out", "--to", protocol).code == 0
        asked = ("archive", "find", protocol, "--study", STUDY_UID, "--reports")
        found = json.loads(hosr(*asked, "--json").out)["instances"]
        uids = {str(dcmread(f"out/{n}.dcm").SOPInstanceUID) for n in ("measurement", "narrative")}
        assert {each["sop_instance_uid"] for each in found} == uids
        assert {each["title"] for each in found} == {
            "Imaging Measurement Report",
            "Diagnostic Imaging Report",
        }
        assert all(f"    {uid} " in hosr(*asked).out for uid in uids)
        fetched = ("archive", "fetch", protocol, "--study", STUDY_UID, "--reports", "--out", "got")
        assert hosr(*fetched).code == 0
        assert {path.stem for path in Path("got").iterdir()} == uids
        for path in Path("got").iterdir():
            assert hosr("show", path).code == 0
        assert hosr(*fetched).code == 0

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_a_report_is_found_whatever_maker_the_archive_wrote(
        self, protocol: str, orthanc: ArchivingOrthanc
    ) -> None:
        """Manufacturer is what archives and routers rewrite; it hides no report."""
        study = f"1.2.13.{PROTOCOLS.index(protocol)}"
        uid, data = renamed_report(study)
        orthanc.running.upload(data)
        assert found_reports(protocol, study) == [uid]

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    @pytest.mark.parametrize(
        "option", [("--study", STUDY_UID), ("--patient", "P-4711"), ("--accession", "A-17")]
    )
    def test_a_study_is_found_by_what_names_it(
        self, option: tuple[str, str], protocol: str, orthanc: ArchivingOrthanc
    ) -> None:
        """Study, patient and order lead to the same image; nothing of the patient is printed."""
        upload(orthanc, [film()])
        ran = hosr("archive", "find", protocol, *option)
        assert (ran.code, ran.err, ran.is_safe_to_read) == (0, "", True)
        assert f"study {STUDY_UID}\n" in ran.out
        assert f"    {FILM_UID} Digital X-Ray Image Storage - For Presentation\n" in ran.out

    @pytest.mark.parametrize("protocol", PROTOCOLS)
    def test_what_is_not_there_is_not_found(self, protocol: str) -> None:
        """Nothing found is no failure, and nothing to fetch is one."""
        study = ("--study", "1.2.404")
        assert hosr("archive", "find", protocol, *study) == Ran(code=0, out="nothing found\n")
        assert hosr("archive", "fetch", protocol, *study, "--out", "got") == Ran(
            code=2,
            err=(
                f"hosr: cannot be done as asked\n  {protocol}: has no such study; nothing was "
                "written; check the study\n"
            ),
        )
        assert not Path("got").exists()

    @pytest.mark.parametrize(
        ("option", "value", "problem"),
        [
            ("--study", "abc", "is no UID"),
            ("--patient", "P*", "is empty, or has a wildcard, a backslash or a control character"),
            (
                "--accession",
                "1\\2",
                "is empty, or has a wildcard, a backslash or a control character",
            ),
            ("--patient", "", "is empty, or has a wildcard"),
        ],
    )
    def test_what_would_find_too_much_is_refused(
        self, option: str, value: str, problem: str
    ) -> None:
        """Whole values are looked for, never patterns or nothing."""
        ran = hosr("archive", "find", "web", option, value)
        assert (ran.code, ran.out) == (2, "")
        assert problem in ran.err

    def test_whole_objects_are_fetched(self, orthanc: ArchivingOrthanc) -> None:
        """Without `--reports` everything of the study comes, images too."""
        upload(orthanc, [film(StudyInstanceUID="1.2.8", SOPInstanceUID="1.2.8.1")])
        assert hosr("archive", "fetch", "web", "--study", "1.2.8", "--out", "got") == Ran(
            code=0, out="got/1.2.8.1.dcm\n"
        )
        fetched = dcmread(io.BytesIO(Path("got/1.2.8.1.dcm").read_bytes()))
        assert fetched.PixelData == film().PixelData
