"""`hosr report` and `hosr grade`: what they print and make where all goes well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.expected import GRADED, HINT, UNMEASURED, report
from tests.command import Ran, folder_bytes, hosr, marked, write_record
from tests.images import write_film

# In the order in which they are made and printed.
FILES = (
    "measurement.dcm",
    "narrative.dcm",
    "report.txt",
    "report.html",
    "report.pdf",
    "report.pdf.dcm",
    "overlay.dcm",
    "keyobjects.dcm",
    "key_right.png",
    "manifest.json",
)

MAKE = "measurement,narrative,text,html,overlay,keyobjects,pictures,captures"


@pytest.mark.usefixtures("desk")
class TestReport:
    """`hosr report`."""

    def test_it_prints_what_it_made_and_the_grades(self) -> None:
        """The paths of the files come first, then one line for each hip and scale."""
        paths = "".join(f"out/{name}\n" for name in FILES)
        assert report() == Ran(code=0, out=f"{paths}\n{GRADED}\nDraft: not reviewed.\n")

    def test_twice_gives_the_same_bytes(self) -> None:
        """The same input gives the same folder, and again in the folder that is there."""
        report()
        made = folder_bytes(Path("out"))
        assert set(made) == set(FILES)
        assert report().code == 0
        assert report(out="again").code == 0
        assert folder_bytes(Path("out")) == folder_bytes(Path("again")) == made

    def test_another_number_gives_other_uids(self) -> None:
        """A changed measurement is another report: no UID of a document is used twice."""
        report()
        write_record(Path("record.json"), marked(end=(18.5, 10)))
        report(out="other")
        uids = [
            {
                file["sop_instance_uid"]
                for file in json.loads(Path(out, "manifest.json").read_bytes())["files"]
                if "sop_instance_uid" in file
            }
            for out in ("out", "other")
        ]
        assert [len(found) for found in uids] == [5, 5]
        assert not uids[0] & uids[1]

    def test_another_report_is_never_written_over(self) -> None:
        """A folder that holds another report is refused, and stays as it is."""
        report()
        made = folder_bytes(Path("out"))
        write_record(Path("record.json"), marked(end=(18.5, 10)))
        assert report() == Ran(
            code=2,
            err=(
                "hosr: cannot be done as asked\n"
                f"  out: holds another report ({', '.join(FILES)} differ); "
                "choose another folder; nothing was written\n"
            ),
        )
        assert folder_bytes(Path("out")) == made

    def test_a_report_may_lie_among_its_images(self) -> None:
        """What was made is none of the images: the same command gives the same files."""
        Path("study").mkdir()
        Path("film.dcm").rename("study/film.dcm")
        make = ("report", "record.json", "--images", "study", "--out", "study/out", "--make", MAKE)
        first = hosr(*make)
        made = folder_bytes(Path("study/out"))
        assert (first.code, hosr(*make)) == (0, first)
        assert folder_bytes(Path("study/out")) == made
        Path("study/manifest.json").write_text("{}")  # is anybody's
        assert "manifest.json: is not a DICOM file" in hosr("check", *make[1:4]).out

    def test_json_is_the_manifest(self) -> None:
        """With --json the manifest is printed, byte for byte, and nothing else."""
        ran = report("--json")
        assert (ran.code, ran.out, ran.err) == (0, Path("out/manifest.json").read_text(), "")

    def test_what_was_tolerated_is_told(self) -> None:
        """A line for each; of what is lawful, such as an order that names no physician, nothing."""
        assert "note:" not in report(out="first").out
        write_film(Path("film.dcm"), PatientOrientation="", ReferringPhysicianName="")
        ran = report()
        said = "note: film.dcm: Patient Orientation is missing"
        assert ran.out.splitlines()[-3:] == [said, "", "Draft: not reviewed."]

    def test_a_conclusion_is_on_every_page(self) -> None:
        """Once in each, as the reader's; the record that is read back has it."""
        record = {**marked(), "schema_version": "1.1", "conclusion": "Needs a CT first."}
        write_record(Path("record.json"), record)
        assert report().code == 0
        for name in ("report.txt", "report.html"):
            assert Path("out", name).read_text(encoding="utf-8").count("Needs a CT first.") == 1
        read = json.loads(hosr("read", "out/measurement.dcm").out)
        assert (read["schema_version"], read["conclusion"]) == ("1.1", "Needs a CT first.")

    @pytest.mark.parametrize(
        ("make", "made"),
        [
            ("text", ["manifest.json", "report.txt"]),
            (" narrative , text", ["manifest.json", "narrative.dcm", "report.txt"]),
            ("measurement,measurement", ["manifest.json", "measurement.dcm"]),
        ],
    )
    def test_only_what_is_asked_for_is_made(self, make: str, made: list[str]) -> None:
        """--make chooses the outputs; the manifest is always there."""
        assert report("--make", make).code == 0
        assert sorted(folder_bytes(Path("out"))) == made

    def test_a_message_is_written_as_configured(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who sends it and how lines end; an option goes before the file, and what it lacks is noted."""
        Path("hosr.toml").write_text(
            '[hl7]\nsending_facility = "RAD"\nlines = "br"\npdf = true\npdf_characters = 10\n'
        )
        monkeypatch.setenv("HOSR_CONFIG", "hosr.toml")
        ran = report("--make", "hl7")
        assert "report.hl7: the PDF is left out" in ran.out
        assert report("--make", "hl7", "--hl7-lines", "obx-per-line", out="other").code == 0
        by_file, by_option = (
            Path(out, "report.hl7").read_text("utf-8") for out in ("out", "other")
        )
        assert by_file.startswith("MSH|^~\\&|HOSR|RAD|||")
        assert "\\.br\\" in by_file
        assert by_option.count("|TX|") > by_file.count("|TX|") == 1

    def test_it_prints_a_path_that_no_terminal_obeys(self) -> None:
        """Escape sequences in the name of a folder are not sent to the terminal."""
        ran = report(out="\x1b[31mout")
        assert ran.code == 0
        assert ran.out.startswith("?[31mout/measurement.dcm\n")


@pytest.mark.usefixtures("desk")
class TestGrade:
    """`hosr grade`."""

    def test_marks_need_their_image(self) -> None:
        """Without the images a marked gap is not measured, and a hint says so."""
        assert hosr("grade", "record.json") == Ran(code=0, out=UNMEASURED, err=HINT)

    def test_marks_are_measured_on_their_image(self) -> None:
        """With the images the grades are those of the report."""
        assert hosr("grade", "record.json", "--images", "film.dcm") == Ran(code=0, out=GRADED)

    def test_json_holds_one_object_for_one_record(self) -> None:
        """The hint goes to stderr, so that stdout stays JSON."""
        ran = hosr("grade", "record.json", "--json")
        (hip,) = json.loads(ran.out)["hips"]
        assert list(hip) == ["side", "brooker", "della_valle", "flags"]
        assert hip["brooker"]["possible"] == ["II", "III"]
        assert ran.err == HINT

    def test_a_view_left_to_the_images_is_presumed(self) -> None:
        """A feature of CT is no contradiction while nobody has said that the study is none."""
        ct = marked(gap={"mm": 8}, features=["CT_MIN_ZONAL"], stage="mineralization")
        write_record(Path("record.json"), ct)
        assert hosr("grade", "record.json").code == 0
        assert hosr("check", "record.json", "--images", "film.dcm").code == 3
