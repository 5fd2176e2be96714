"""`hosr check`, `hosr show` and `hosr read`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.cli.expected import report
from tests.command import Ran, folder_bytes, hosr, marked, write_record
from tests.images import write_film

UNNAMED = "names neither study, patient, accession number nor image, so it may be of other images"


@pytest.mark.usefixtures("desk")
class TestCheck:
    """`hosr check`."""

    def test_it_says_so_where_nothing_is_wrong(self) -> None:
        """No faults are said in words, and as an empty list."""
        assert hosr("check", "record.json") == Ran(code=0, out="no faults\n")
        ran = hosr("check", "record.json", "--images", "film.dcm", "--json")
        assert (ran.code, json.loads(ran.out), ran.err) == (0, {"faults": [], "notes": []}, "")

    def test_a_record_that_names_nothing_is_told(self) -> None:
        """It would be taken for any patient's; `--require-identity` refuses it."""
        write_record(Path("record.json"), {**marked(), "study": {"patient_id": "ANONYMOUS"}})
        assert hosr("check", "record.json") == Ran(
            code=0, out=f"no faults\nnote: $.study: {UNNAMED}\n"
        )
        ran = hosr("check", "record.json", "--require-identity")
        assert (ran.code, ran.out.startswith(f"$.study: {UNNAMED}; fill in")) == (3, True)

    def test_it_lists_the_faults_of_record_and_images(self) -> None:
        """A malformed record does not hide what is wrong with the images."""
        write_record(Path("record.json"), marked(gap={"mm": "9,5"}))
        assert hosr("check", "record.json", "--images", "none", "table") == Ran(
            code=3,
            out=(
                '$.hips[0].gap.mm: is text, not a number; write {"mm": 9.5}\n'
                "none: there is no such file or folder\n"
                "table: there is no such file or folder\n"
            ),
        )

    def test_it_lists_contradictions_and_what_does_not_match(self) -> None:
        """A contradiction does not hide that the images are those of another, and each is said once."""
        record = {**marked(bridging="confirmed", gap={"mm": 12}), "study": {"patient_id": "other"}}
        write_record(Path("record.json"), record)
        ran = hosr("check", "record.json", "--images", "film.dcm", "--json")
        found = [(f["path"], f["rule"]) for f in json.loads(ran.out)["faults"]]
        assert (ran.code, found) == (3, [("$.hips[0].bridging", "E04"), ("$.study.patient_id", "")])

    @pytest.mark.parametrize(
        "header",
        [
            {"PatientID": "P" * 70},
            {"PatientName": "N" * 70},
            {"IssuerOfPatientID": "I" * 70},
        ],
    )
    def test_it_tells_what_a_report_refuses(self, header: dict[str, str]) -> None:
        """A patient that no report can name is no surprise of the next command."""
        write_film(Path("film.dcm"), **header)
        checked, reported = hosr("check", "record.json", "--images", "film.dcm"), report()
        assert (checked.code, reported.code) == (5, 5)
        (fault,) = reported.err.splitlines()[1:]
        assert fault.strip() in checked.out.splitlines()

    @pytest.mark.parametrize(
        ("keyword", "length", "words"),
        [
            ("AccessionNumber", 17, "Accession Number"),
            ("StudyID", 46, "Study ID"),
            ("ReferringPhysicianName", 70, "Referring Physician's Name"),
        ],
    )
    def test_what_is_too_long_is_left_out(self, keyword: str, length: int, words: str) -> None:
        """Both commands say so, and the report is made."""
        write_film(Path("film.dcm"), **{keyword: "X" * length})
        write_record(Path("record.json"), {**marked(), "study": {"patient_id": "P-4711"}})
        most = 64 if length > 64 else 16
        note = f"note: film.dcm: {words} is longer than {most} characters; it is left out\n"
        ran = hosr("check", "record.json", "--images", "film.dcm")
        assert (ran.code, ran.out) == (0, f"no faults\n{note}")
        assert note in report().out

    def test_it_tells_what_would_be_tolerated(self) -> None:
        """A spacing that is not used is told before it leaves a grade open."""
        write_film(Path("film.dcm"), ImagerPixelSpacing=["0.0001", "0.0001"])
        unused = "Imager Pixel Spacing would make pixels of 0.0001 mm; it is not used"
        none = "no pixel spacing is given; points give no millimetres"
        assert hosr("check", "record.json", "--images", "film.dcm") == Ran(
            code=0, out=f"no faults\nnote: film.dcm: {unused}\nnote: film.dcm: {none}\n"
        )

    def test_it_writes_nothing(self) -> None:
        """A check leaves no file."""
        before = set(Path().iterdir())
        hosr("check", "record.json", "--images", "film.dcm")
        assert set(Path().iterdir()) == before


@pytest.mark.usefixtures("desk")
class TestShowAndRead:
    """`hosr show` and `hosr read`."""

    def test_a_measurement_report_is_shown_as_its_text(self) -> None:
        """The words of a measurement report are those of report.txt."""
        report()
        assert hosr("show", "out/measurement.dcm") == Ran(
            code=0, out=Path("out/report.txt").read_text(encoding="utf-8")
        )

    def test_a_narrative_report_is_shown_by_section(self) -> None:
        """A narrative report is printed as its headings and paragraphs."""
        report()
        ran = hosr("show", "out/narrative.dcm")
        assert (ran.code, ran.err) == (0, "")
        headings = [line for line in ran.out.splitlines() if line.isupper()]
        assert {"FINDINGS", "IMPRESSIONS"} <= set(headings)
        assert ran.out.splitlines()[-1].startswith("Shown as it stands in the file, not checked")

    def test_a_narrative_report_obeys_no_terminal(self) -> None:
        """Whoever wrote into it, its words move no cursor and change no colour."""
        report()
        narrative = dcmread("out/narrative.dcm")
        for item in next(
            i for i in narrative.ContentSequence if "ContentSequence" in i
        ).ContentSequence:
            item.TextValue = "\x1b[2JBrooker 0\x07\nsigned\u202e"
        narrative.save_as("changed.dcm")
        ran = hosr("show", "changed.dcm")
        assert ran.code == 0
        assert "?[2JBrooker 0?\nsigned?\n" in ran.out
        assert ran.out.replace("\n", "").isprintable()

    @pytest.mark.parametrize("language", ["en", "de"])
    @pytest.mark.parametrize("options", [(), ("--profile", "stone"), ("--hydrate",)])
    def test_a_narrative_is_checked_against_its_measurements(
        self, language: str, options: tuple[str, ...]
    ) -> None:
        """In its own language and form, word for word; and then it is said that it was."""
        report("--language", language, *options)
        ran = hosr("show", "out/narrative.dcm", "--against", "out/measurement.dcm")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.splitlines()[-1] == (
            "Checked: these are the words that hosr writes of measurement.dcm."
        )

    def test_a_narrative_that_says_another_thing_is_refused(self) -> None:
        """A changed word, and the measurements of another report; nothing is printed."""
        report()
        narrative = dcmread("out/narrative.dcm")
        sections = [item for item in narrative.ContentSequence if "ContentSequence" in item]
        sections[-1].ContentSequence[-1].TextValue = "Brooker 0."
        narrative.save_as("changed.dcm")
        write_record(Path("record.json"), marked(gap={"mm": 12}))
        report(out="other")
        for narrative_file, against in (
            ("changed.dcm", "out/measurement.dcm"),
            ("out/narrative.dcm", "other/measurement.dcm"),
        ):
            assert hosr("show", narrative_file, "--against", against) == Ran(
                code=4,
                err=(
                    "hosr: document refused\n"
                    f"  {Path(narrative_file).name}: is not the narrative that hosr writes of this "
                    "measurement report; give the --templates and the hosr that it was written "
                    "with; else it was changed\n"
                ),
            )

    @pytest.mark.parametrize("command", ["show", "read"])
    def test_a_changed_header_is_told(self, command: str) -> None:
        """What an archive set right is read, and a note says that something was."""
        report()
        before = hosr(command, "out/measurement.dcm")
        measurement = dcmread("out/measurement.dcm")
        measurement.ReferringPhysicianName = "Other^Physician"
        measurement.save_as("changed.dcm")
        after = hosr(command, "changed.dcm")
        assert (before.code, before.err, after.code) == (0, "", 0)
        assert after.err.startswith("note: changed.dcm: its UIDs do not follow from what it holds")

    def test_what_is_read_makes_the_samereport(self) -> None:
        """The record that `read` prints gives the same report of the same images, byte for byte."""
        report()
        ran = hosr("read", "out/measurement.dcm")
        Path("record.json").write_text(ran.out)
        assert report(out="again").code == 0
        assert folder_bytes(Path("again")) == folder_bytes(Path("out"))

    def test_a_narrative_report_holds_no_record(self) -> None:
        """A narrative report is refused by `read` with what to give instead."""
        report()
        assert hosr("read", "out/narrative.dcm") == Ran(
            code=4,
            err=(
                "hosr: document refused\n"
                '  narrative.dcm: is a "Diagnostic Imaging Report", which holds no record;'
                " give the measurement report of the same study\n"
            ),
        )
