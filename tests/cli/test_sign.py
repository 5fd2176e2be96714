"""Signing a draft and adding to it: one history, whoever tries, and no word of a draft left over."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest

from hosr.sr import decode
from hosr.status import Step
from tests.command import Ran, folder_bytes, hosr, marked, write_record
from tests.images import write_film

PERSON = ("--as", "Bianchi^Anna", "--organization", "Synthetic Hospital", "--id", "SYN-17")
AT = ("--at", "2026-03-02T11:20:00+01:00")
LATER = ("--at", "2026-03-03T08:00:00+01:00")
# What other systems are told by, of every version that a person made.
MESSAGES = {"report.hl7", "fhir.r4.json"}
ALGORITHM = {"type": "algorithm", "name": "Grader", "version": "1", "manufacturer": "Synthetic"}


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """The image of the reports here."""
    return write_film(tmp_path / "film.dcm")


def _draft(
    folder: Path, film: Path, *options: str, observer: dict[str, str] | None = None, **hip: Any
) -> Path:
    """The folder of a draft."""
    record = marked(**hip)
    if observer is not None:
        record["observer"] = observer
    path = write_record(folder / "record.json", record)
    ran = hosr("report", path, "--images", film, "--out", folder / "draft", *options)
    assert ran.code == 0, ran.err
    return folder / "draft"


def _signed(draft: Path, out: Path, *options: object) -> Ran:
    return hosr("sign", draft, *PERSON, *AT, "--out", out, *options)


def test_a_draft_is_signed_without_its_images(tmp_path: Path, film: Path) -> None:
    """What shows no pixels is made; the rest is named as not made, and the draft stays as it was."""
    draft = _draft(tmp_path, film)
    before = folder_bytes(draft)
    ran = _signed(draft, tmp_path / "signed")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[-1] == (
        "Signed by Anna Bianchi, Synthetic Hospital, 2026-03-02 11:20+01:00."
    )
    assert "note: report.html and 5 others: was not made: it shows images" in ran.out
    made = {path.name for path in (tmp_path / "signed").iterdir()}
    assert made == {"measurement.dcm", "narrative.dcm", "report.txt", "manifest.json", *MESSAGES}
    assert {k: v for k, v in folder_bytes(draft).items() if k != "successor.json"} == before
    report = decode((tmp_path / "signed" / "measurement.dcm").read_bytes())
    assert report.signing is not None
    assert report.signing.step is Step.SIGN
    replaced = {each.sop_instance_uid for each in report.signing.predecessors}
    drafted = {
        str(pydicom.dcmread(draft / name).SOPInstanceUID)
        for name in ("measurement.dcm", "narrative.dcm")
    }
    assert replaced == drafted
    shown = hosr(
        "show",
        tmp_path / "signed" / "narrative.dcm",
        "--against",
        tmp_path / "signed" / "measurement.dcm",
    )
    assert shown.code == 0
    assert "Signed by Anna Bianchi" in shown.out


def test_a_message_of_each_version(
    tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is made of what was signed without images, as configured, and without the PDF then."""
    (tmp_path / "hosr.toml").write_text('[hl7]\nsending_facility = "RAD"\npdf = true\n')
    monkeypatch.setenv("HOSR_CONFIG", str(tmp_path / "hosr.toml"))
    draft = _draft(tmp_path, film, "--make", "measurement,hl7")
    ran = _signed(draft, tmp_path / "signed")
    assert "note: report.hl7: the PDF is left out: it shows images" in ran.out
    words = ("--text", "Left hip too.", *PERSON, *LATER, "--out", tmp_path / "addended")
    assert hosr("addend", tmp_path / "signed", *words).code == 0
    said = [(tmp_path / f / "report.hl7").read_text() for f in ("draft", "signed", "addended")]
    assert [re.findall(r"\|RAD\|([PFC])\|", text) for text in said] == [["P"], ["F"], ["C"]]
    assert len({text.split("|")[9] for text in said}) == 3
    assert all(text.startswith("MSH|^~\\&|HOSR|RAD|") for text in said)
    assert "&Bianchi&Anna|" in said[2]


def test_a_bundle_of_each_version(tmp_path: Path, film: Path) -> None:
    """All versions are one resource of a FHIR server; the page is in those that had images."""
    draft = _draft(tmp_path, film, "--make", "measurement,fhir")
    ran = _signed(draft, tmp_path / "signed")
    assert "note: fhir.r4.json: the page is left out: it shows images" in ran.out
    words = ("--text", "Left hip too.", *PERSON, *LATER, "--out", tmp_path / "addended")
    assert hosr("addend", tmp_path / "signed", *words, "--images", film).code == 0
    reports = []
    for folder in ("draft", "signed", "addended"):
        entries = json.loads((tmp_path / folder / "fhir.r4.json").read_bytes())["entry"]
        found = (entry["resource"] for entry in entries)
        reports += [each for each in found if each["resourceType"] == "DiagnosticReport"]
    assert [each["status"] for each in reports] == ["preliminary", "final", "appended"]
    assert len({each["identifier"][0]["value"] for each in reports}) == 1
    assert [len(each["presentedForm"]) for each in reports] == [2, 1, 2]
    before = [each["extension"][0]["valueReference"]["identifier"] for each in reports[1:]]
    assert before == [each["identifier"][1] for each in reports[:2]]
    assert reports[2]["conclusion"].endswith('"Left hip too."')


def test_a_report_is_signed_whose_patient_no_server_could_find(tmp_path: Path) -> None:
    """There is no bundle then, and a note; whoever asked for one in the draft was refused."""
    film = write_film(tmp_path / "film.dcm", PatientBirthDate="")
    ran = _signed(_draft(tmp_path, film, "--make", "measurement"), tmp_path / "signed")
    assert (ran.code, ran.err) == (0, "")
    assert "note: fhir.r4.json: was not made: PatientID has neither an assigner" in ran.out
    assert not (tmp_path / "signed" / "fhir.r4.json").exists()
    asked = ("--images", film, "--out", tmp_path / "other", "--make", "fhir")
    assert hosr("report", tmp_path / "record.json", *asked).code == 5


def test_with_its_images_all_is_made_anew_and_nothing_says_draft(
    tmp_path: Path, film: Path
) -> None:
    """Pages, pictures and objects of the signed version say who signed; an addendum has them too."""
    draft = _draft(tmp_path, film)
    assert _signed(draft, tmp_path / "signed").code == 0
    added = ("--text", "Seen with the surgeon.", *PERSON, *LATER)
    ran = hosr("addend", tmp_path / "signed", *added, "--images", film, "--out", tmp_path / "more")
    assert (ran.code, ran.err) == (0, "")
    made = {path.name for path in (tmp_path / "more").iterdir()}
    assert made == {path.name for path in draft.iterdir()} - {"successor.json"} | MESSAGES
    page = (tmp_path / "more" / "report.html").read_text("utf-8")
    assert "Signed by Anna Bianchi, Synthetic Hospital" in page
    assert "Seen with the surgeon." in page
    words = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert not re.search("draft|not reviewed", words, re.IGNORECASE)
    for path in (tmp_path / "more").glob("*.dcm"):
        assert not re.search(rb"\(draft|DRAFT|UNVERIFIED", path.read_bytes()), path.name


def test_a_grade_in_conflict_or_open_needs_one_of_the_person(tmp_path: Path, film: Path) -> None:
    """A signed report is acted upon: the person says the grade, and the report that it is theirs."""
    draft = _draft(tmp_path, film, grades={"brooker": "I", "della_valle": "A"})
    ran = _signed(draft, tmp_path / "signed")
    assert ran.code == 3
    assert "right hip: Brooker I is in conflict with the findings" in ran.err
    assert "right hip: Della Valle A is in conflict with the findings" in ran.err
    assert not (draft / "successor.json").exists()
    own = ("--grade", "right:brooker=iii", "--grade", "right:della-valle=C")
    ran = _signed(draft, tmp_path / "signed", *own)
    assert (ran.code, ran.err) == (0, "")
    text = " ".join((tmp_path / "signed" / "report.txt").read_text("utf-8").split())
    assert "Right hip: Brooker III is the grade of who signed; before: Brooker I." in text
    assert "Brooker III and Della Valle C" in text
    assert "as graded by the observer" not in text


def _spoil_a_page(draft: Path) -> None:
    page = draft / "report.html"
    page.write_bytes(page.read_bytes().replace(b"Brooker", b"Broker!"))


def _lose_a_file(draft: Path) -> None:
    (draft / "narrative.dcm").unlink()


def _change_the_report(draft: Path) -> None:
    path = draft / "measurement.dcm"
    dataset = pydicom.dcmread(path)
    dataset.PatientName = "Other^Person"
    dataset.save_as(path)


def _lose_the_manifest(draft: Path) -> None:
    (draft / "manifest.json").unlink()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_spoil_a_page, "report.html: was changed since the report was made"),
        (_lose_a_file, "narrative.dcm: cannot be read"),
        (_change_the_report, "measurement.dcm: was changed since the report was made"),
        (_lose_the_manifest, "manifest.json: is missing"),
    ],
)
def test_a_changed_draft_is_not_signed(
    tmp_path: Path, film: Path, spoil: Callable[[Path], None], words: str
) -> None:
    """Whatever changed a file of the folder, nobody signs it."""
    draft = _draft(tmp_path, film)
    spoil(draft)
    ran = _signed(draft, tmp_path / "signed")
    assert ran.code == 4
    assert words in ran.err
    assert not (tmp_path / "signed").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((*PERSON[2:], "--as", "Grader", *AT), 2, "is the algorithm that graded"),
        ((*PERSON[2:], "--as", "^", *AT), 2, "--as: names nobody"),
        ((*PERSON[:2], "--organization", " ", *AT), 2, "--organization: names nobody"),
        ((*PERSON, "--at", "2026-03-02T10:14:59+01:00"), 2, "is not later than 2026-03-02 10:15"),
        ((*PERSON, "--at", "2026-03-02T11:20:00"), 2, "has no offset from UTC"),
        ((*PERSON, "--at", "2026-03-02T11:20:00+01:00:30"), 2, "has seconds in its offset"),
        ((*PERSON, "--at", "9000-01-01T00:00:00Z"), 2, "lies in the future: give the time when it was"),
        ((*PERSON, "--at", "9999-12-31T23:59:59-01:00"), 2, "lies in the future: give the time when it was"),
        ((*PERSON, "--at", "2026-03-03T12:00:00+23:00"), 2, "is of a year or an offset from UTC"),
        ((*PERSON, *AT, "--document", "2.25.1"), 2, "is none of the documents here"),
        ((*PERSON, *AT, "--grade", "left:brooker=III"), 3, "of a hip or scale that the report"),
        ((*PERSON, *AT, "--grade", "right:brooker=V"), 2, "names no grade of Brooker"),
        ((*PERSON, *AT, "--grade", "rechts:brooker=I"), 2, "is no side and scale"),
        ((*PERSON, "--organization", "x" * 65, *AT), 2, "write one line of at most 64 characters"),
        ((*PERSON, "--as", "A|B\rOBX|9", *AT), 2, "--as: cannot stand in a DICOM document (as PN)"),
        ((*PERSON, "--as", "Rossi^\u202eVI", *AT), 2, "--as: holds a character that shows letters in an"),
        ((*PERSON, "--id", "9" * 17, *AT), 2, "--id: cannot stand in a DICOM document (as SH)"),
    ],
)  # fmt: skip
def test_what_cannot_be_signed_is_refused(
    tmp_path: Path, film: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """Each with one clear sentence, and the draft can be signed after it."""
    draft = _draft(tmp_path, film, observer=ALGORITHM)
    ran = hosr("sign", draft, *arguments, "--out", tmp_path / "signed")
    assert ran.code == code
    assert words in ran.err
    assert not (draft / "successor.json").exists()
    uid = str(pydicom.dcmread(draft / "measurement.dcm").SOPInstanceUID)
    assert _signed(draft, tmp_path / "signed", "--document", uid).code == 0


def test_a_version_has_one_successor(tmp_path: Path, film: Path) -> None:
    """The same signature again is the same files; another one is told of the first."""
    draft, signed = _draft(tmp_path, film), tmp_path / "signed"
    assert _signed(draft, signed).code == 0
    files = folder_bytes(signed)
    assert _signed(draft, signed).code == 0
    assert hosr("sign", draft, *PERSON, "--out", signed).code == 0  # the time is that of the first
    assert folder_bytes(signed) == files
    other = ("--as", "Meier^Jan", "--organization", "Synthetic Hospital")
    ran = hosr("sign", draft, *other, *LATER, "--out", tmp_path / "other")
    assert ran.code == 2
    assert "has a successor already (sign, 2026-03-02T11:20:00+01:00" in ran.err
    assert not (tmp_path / "other").exists()
    ran = _signed(signed, tmp_path / "twice")
    assert "is signed already; add to it with `hosr addend`" in ran.err
    ran = hosr("addend", draft, "--text", "More.", *PERSON, *LATER, "--out", tmp_path / "more")
    assert "is a draft; sign it with `hosr sign`" in ran.err
    ran = hosr("addend", signed, "--text", "a\x1cb", *PERSON, *LATER, "--out", tmp_path / "more")
    assert "--text: holds a character that no document can hold; leave out control" in ran.err
    turned = hosr(
        "addend", signed, "--text", "\u202dVI", *PERSON, *LATER, "--out", tmp_path / "more"
    )
    assert "--text: holds a character that shows letters in another order; leave" in turned.err
    ran = hosr("addend", signed, "--text", " ", *PERSON, *AT, "--out", tmp_path / "more")
    assert "--text: has no words" in ran.err
    assert "is not later than 2026-03-02 11:20:00+01:00, when it was signed last" in ran.err


def test_a_folder_that_holds_another_report_is_no_successor(tmp_path: Path, film: Path) -> None:
    """Nothing was begun, and the draft can be signed into another folder; the same report is one."""
    draft, signed = _draft(tmp_path, film, "--make", "measurement"), tmp_path / "signed"
    ran = _signed(draft, draft)
    assert (ran.code, "holds another report" in ran.err) == (2, True)
    assert not (draft / "successor.json").exists()
    assert _signed(draft, signed).code == 0
    (draft / "successor.json").unlink()
    assert _signed(draft, signed).code == 0
    assert json.loads((draft / "successor.json").read_bytes())["folder"] == str(signed)


def _amended(signed: Path, film: Path, record: dict[str, Any], out: Path, *options: object) -> Ran:
    path = write_record(out.with_suffix(".json"), record)
    why = ("--reason", "The gap was read again.", *PERSON, *LATER)
    return hosr("amend", signed, "--record", path, "--images", film, *why, "--out", out, *options)


def test_an_amendment_says_what_was_changed_and_why(tmp_path: Path, film: Path) -> None:
    """Gap, grades and the rest, from what to what; in place of what was signed, signed anew."""
    draft, signed = _draft(tmp_path, film), tmp_path / "signed"
    assert _signed(draft, signed).code == 0
    record = marked(end=(64, 10), bridging=None)
    ran = _amended(signed, film, record, tmp_path / "amended")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[-1].startswith("Amended report, signed by Anna Bianchi")
    made = {path.name for path in (tmp_path / "amended").iterdir()}
    assert made == {path.name for path in draft.iterdir()} - {"successor.json"} | MESSAGES
    text = " ".join((tmp_path / "amended" / "report.txt").read_text("utf-8").split())
    told = text.partition("Patient:")[0]
    assert "AMENDED REPORT, signed by Anna Bianchi, Synthetic Hospital, 3 March 2026" in told
    assert 'Reason of the amendment, as given: "The gap was read again."' in told
    assert "Right hip: Brooker II; before: Brooker III." in told
    assert re.search(r"Space of the right hip: [\d.]+ mm; before: [\d.]+ mm\.", told)
    assert "Right hip: other findings were changed." in told
    only = _amended(
        tmp_path / "amended",
        film,
        marked(end=(60, 10), bridging=None),
        tmp_path / "again",
        "--at",
        "2026-03-04T08:00:00+01:00",
    )
    assert only.code == 0, only.err
    told = (tmp_path / "again" / "report.txt").read_text("utf-8").partition("Patient:")[0]
    assert "findings were changed" not in told
    assert "Space of the right hip" in told
    report = decode((tmp_path / "amended" / "measurement.dcm").read_bytes())
    before = pydicom.dcmread(signed / "measurement.dcm")
    assert report.signing is not None
    assert report.signing.predecessors[0].sop_instance_uid == before.SOPInstanceUID


@pytest.mark.parametrize("with_images", [False, True])
def test_words_that_the_amendment_contradicts_are_told(
    tmp_path: Path, film: Path, *, with_images: bool
) -> None:
    """The grade follows the new space, and a reader's words of before stay as they were written."""
    words = {"schema_version": "1.1", "conclusion": "Brooker II."}
    signed, new = tmp_path / "signed", tmp_path / "new.json"
    assert _signed(_draft(tmp_path, film, gap={"mm": 14, "plane": "patient"}), signed).code == 0
    write_record(new, marked(gap={"mm": 7, "plane": "patient"}) | words)
    given = ("--images", film) if with_images else ()
    why = ("--record", new, "--reason", "Read again.", *PERSON, *LATER)
    ran = hosr("amend", signed, *why, *given, "--out", tmp_path / "amended")
    assert ran.code == 0, ran.err
    told = "note: $.conclusion: names Brooker II, and the report gives III; compare the words"
    assert told in ran.err + ran.out


def test_a_report_is_amended_without_its_images(tmp_path: Path, film: Path) -> None:
    """The same documents as with them; a page is named as not made, and a moved mark needs them."""
    signed, new = tmp_path / "signed", tmp_path / "new.json"
    assert _signed(_draft(tmp_path, film), signed).code == 0
    write_record(new, marked(gap={"mm": 11.5}, comment="Read on the workstation."))
    by_hand = ("amend", signed, "--record", new, "--reason", "Read again.", *PERSON, *LATER)
    ran = hosr(*by_hand, "--out", tmp_path / "without")
    assert (ran.code, ran.err) == (0, "")
    assert "note: report.html and 5 others: was not made: it shows images" in ran.out
    assert ran.out.splitlines()[-1].startswith("Amended report, signed by Anna Bianchi")
    (signed / "successor.json").unlink()
    assert hosr(*by_hand, "--images", film, "--out", tmp_path / "with").code == 0
    made = [folder_bytes(tmp_path / name) for name in ("without", "with")]
    for name in ("measurement.dcm", "narrative.dcm", "report.txt"):
        assert made[0][name] == made[1][name]
    (signed / "successor.json").unlink()
    write_record(new, marked(end=(19, 10)))
    ran = hosr(*by_hand, "--out", tmp_path / "moved")
    assert (ran.code, ran.err.splitlines()[1:]) == (
        3,
        ["  $.hips[0].gap: is not marked so in the report; give the images with --images"],
    )
    assert not (tmp_path / "moved").exists()


def test_what_is_no_amendment_is_refused(tmp_path: Path, film: Path) -> None:
    """A draft, the other hip, another study or patient, nothing new, no reason: each is told so."""
    draft, signed = _draft(tmp_path, film), tmp_path / "signed"
    record = marked(end=(64, 10))
    ran = _amended(draft, film, record, tmp_path / "a")
    assert "is a draft; make the draft again from the new record, and sign that" in ran.err
    assert _signed(draft, signed).code == 0
    other = write_film(tmp_path / "other.dcm", PatientID="OTHER")
    study = write_film(tmp_path / "study.dcm", StudyInstanceUID="1.2.826.0.1.77")
    for given, image, options, words in (
        (marked(), film, (), "says nothing else than the report that was signed"),
        (
            marked(gap={"points": [[90, 10], [110, 10]]}, side="left"),
            film,
            (),
            "is of the left hip, the report of the right",
        ),
        (record, other, (), "are of another patient than the report"),
        (record, study, (), "are of another study than the report"),
        (record, film, ("--reason", " "), "--reason: has no words"),
        (record, film, ("--reason", "a\x1cb"), "--reason: holds a character that no document"),
        (record, film, AT, "is not later than 2026-03-02 11:20:00+01:00"),
    ):
        ran = _amended(signed, image, given, tmp_path / "b", *options)
        assert ran.code in (2, 4), ran.out
        assert words in ran.err, ran.err
        assert not (signed / "successor.json").exists()
    assert _amended(signed, film, record, tmp_path / "c").code == 0


def test_an_amendment_is_of_the_whole_report(tmp_path: Path, film: Path) -> None:
    """What its record leaves out would be said no longer, so a report of both hips needs both."""
    record, signed = marked(), tmp_path / "signed"
    both = {**record, "hips": [*record["hips"], {"side": "left", "presence": "absent"}]}
    path = write_record(tmp_path / "both.json", both)
    made = ("--images", film, "--out", tmp_path / "draft", "--make", "measurement")
    assert hosr("report", path, *made).code == 0
    assert _signed(tmp_path / "draft", signed).code == 0
    assert _amended(signed, film, record, tmp_path / "one").err == (
        "hosr: cannot be done as asked\n"
        "  --record: is of the right hip, the report of the right and left hip; give the record of "
        "both; an amendment takes the place of the whole report\n"
    )


def test_a_history_tells_what_prevails(tmp_path: Path, film: Path) -> None:
    """Each version below the one it took the place of; of two successors none prevails."""
    draft, signed, amended = (tmp_path / name for name in ("draft", "signed", "amended"))
    _draft(tmp_path, film)
    assert _signed(draft, signed).code == 0
    assert _amended(signed, film, marked(end=(64, 10)), amended).code == 0
    ran = hosr("history", tmp_path)
    uids = [
        str(pydicom.dcmread(folder / "measurement.dcm").SOPInstanceUID)
        for folder in (draft, signed, amended)
    ]
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        f"{draft}: Draft: not reviewed.",
        "  Right hip: Brooker III, Della Valle C",
        f"  {uids[0]}",
        f"  {signed}: Signed by Anna Bianchi, Synthetic Hospital, 2026-03-02 11:20+01:00.",
        "    Right hip: Brooker III, Della Valle C",
        f"    {uids[1]}",
        (
            f"    {amended}: Amended report, signed by Anna Bianchi, Synthetic Hospital, "
            "2026-03-03 08:00+01:00. [prevails]"
        ),
        "      Right hip: Brooker II, Della Valle B",
        f"      {uids[2]}",
    ]
    (signed / "successor.json").unlink()  # as on another machine, which knows of no successor
    more = ("--text", "More.", *PERSON, *LATER)
    assert hosr("addend", signed, *more, "--out", tmp_path / "zz").code == 0
    (tmp_path / "zz" / "report.txt").write_text("spoilt")
    assert hosr("history", tmp_path).err.endswith("look at what changed the file\n")
    assert hosr("addend", signed, *more, "--out", tmp_path / "fork").code == 2
    (signed / "successor.json").unlink()
    assert hosr("addend", signed, *more, "--out", tmp_path / "fork").code == 0
    told = json.loads(hosr("history", tmp_path, "--json").out)
    assert [(each["status"], each["prevails"], each["fork"]) for each in told] == [
        ("draft", False, False),
        ("signed", False, False),
        ("amended", False, True),
        ("addendum", False, True),
    ]
    ran = hosr("history", tmp_path / "film.dcm")
    assert ran.code == 4
    assert "holds no version of a report" in ran.err


KILLED = """
import os, sys
from hosr.cli import main
calls, link = 0, os.link

def dying(*arguments, **options):
    global calls
    calls += 1
    if calls == int(sys.argv[1]):
        os.kill(os.getpid(), 9)
    return link(*arguments, **options)

os.link = dying
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no kill -9")
def test_a_kill_at_any_file_leaves_one_history(tmp_path: Path, film: Path) -> None:
    """Who signs again after it ends what was begun, with the UIDs and the time of the first attempt."""
    draft, signed = _draft(tmp_path, film), tmp_path / "signed"
    command = [str(part) for part in ("sign", draft, *PERSON, "--out", signed)]
    begun: set[str] = set()
    # At the name of the successor; then, each time one file further: three documents, two messages, the manifest.
    for link in (1, 2, 2, 2, 2, 2, 2):
        ran = subprocess.run(
            [sys.executable, "-c", KILLED, str(link), *command],
            env=os.environ,
            capture_output=True,
            check=False,
        )
        assert ran.returncode == -signal.SIGKILL, ran.stderr
        assert not (signed / "manifest.json").exists()
        if link > 1:
            begun.add(json.loads((draft / "successor.json").read_bytes())["signed_at"])
    assert hosr(*command).code == 0
    assert {json.loads((draft / "successor.json").read_bytes())["signed_at"]} == begun
    report = decode((signed / "measurement.dcm").read_bytes())
    assert report.signing is not None
    assert report.signing.signature.signed_at.isoformat() in begun
    assert not list(signed.glob(".*.partial"))


def test_a_part_of_a_report_is_not_signed(tmp_path: Path, film: Path) -> None:
    """It says what it lacks wherever it says that it is a draft, and other systems are told."""
    lacking = "The left hip is still to be graded."
    record = {**marked(), "schema_version": "1.1", "incomplete": lacking}
    write_record(tmp_path / "record.json", record)
    draft = tmp_path / "draft"
    made = ("--images", film, "--out", draft, "--make", "measurement,narrative,text,hl7,fhir")
    ran = hosr("report", tmp_path / "record.json", *made)

    assert ran.out.splitlines()[-1] == "Draft, not complete: not reviewed."
    text = (draft / "report.txt").read_text()
    assert text.splitlines()[1] == "DRAFT, NOT COMPLETE - not reviewed. Not a medical device."
    assert f'Not complete, as given: "{lacking}"' in text.replace("\n", " ")
    assert re.findall(r"\|RAD\|(\w)\|", (draft / "report.hl7").read_text()) == ["A"]
    assert '"status": "partial"' in (draft / "fhir.r4.json").read_text()
    assert json.loads(hosr("read", draft / "measurement.dcm").out)["incomplete"] == lacking
    assert _signed(draft, tmp_path / "signed").err == (
        "hosr: cannot be done as asked\n"
        f"  the report: is not complete ({lacking}); "
        "make it from the whole record, and sign that\n"
    )
    assert not (tmp_path / "signed").exists()
