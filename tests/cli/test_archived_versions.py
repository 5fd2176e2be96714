"""Versions of reports in archives, as the commands tell of them: a real Orthanc, and a folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pydicom import dcmread

from hosr.archive.dicomweb import WebArchive
from hosr.archive.folder import FolderArchive
from hosr.archive.values import Locator
from hosr.errors import Reason
from tests.command import Ran, folder_bytes, hosr
from tests.lifecycle.versions import (
    SIGNER,
    changed,
    documents,
    redrawn,
    rejecting,
    uid_in,
    uid_of,
    write_addended,
    write_draft,
    write_signed,
)
from tests.outbox.scripted import failure
from tests.peers.archiving import ArchivingOrthanc

STUDY = "1.2.826.0.8.1"
PROTOCOLS = ("pacs", "web", "shelf")
VERSIONS = ("draft", "signed", "more")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a draft, its signed version, and that with an addendum."""
    folder = tmp_path_factory.mktemp("life")
    write_draft(folder / "draft", STUDY)
    write_signed(folder / "draft", folder / "signed")
    write_addended(folder / "signed", folder / "more")
    return folder


@pytest.fixture(scope="module")
def told(life: Path) -> tuple[str, str]:
    """Their history out of these folders, as lines and as JSON."""
    versions = [life / name for name in VERSIONS]
    return hosr("history", *versions).out, hosr("history", *versions, "--json").out


@pytest.fixture
def desk(tmp_path: Path, orthanc: ArchivingOrthanc, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Orthanc as `pacs` and `web`, an empty folder as `shelf`, and nobody."""
    config = orthanc.configure(tmp_path / "config.toml")
    more = f'[archives.shelf]\nurl = "file://{tmp_path}/shelf"\n'
    more += '[archives.nobody]\nurl = "dimse://NOBODY@127.0.0.1:1"\n'
    config.write_text(more + config.read_text())
    monkeypatch.setenv("HOSR_CONFIG", str(config))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shelf").mkdir()
    for uid in orthanc.running.uids():
        orthanc.running.remove(uid)
    return tmp_path


def _keep(desk: Path, orthanc: ArchivingOrthanc, *files: bytes) -> None:
    """Put files into all archives."""
    for data in files:
        orthanc.running.upload(data)
        (desk / "shelf" / f"{uid_in(data)}.dcm").write_bytes(data)


def _history(archive: str, *options: str, study: str = STUDY) -> Ran:
    return hosr("history", f"archive:{archive}", "--study", study, *options)


class TestHistory:
    """`hosr history` of an archive."""

    @pytest.mark.parametrize("archive", PROTOCOLS)
    def test_it_is_the_one_of_the_folders(
        self,
        archive: str,
        desk: Path,
        life: Path,
        told: tuple[str, str],
        orthanc: ArchivingOrthanc,
    ) -> None:
        """The same versions, marks, grades and times; only where they lie is another place."""
        _keep(desk, orthanc, *(data for name in VERSIONS for data in documents(life / name)))
        ran, (lines, plain) = _history(archive), told
        assert (ran.code, ran.err, "[prevails]" in ran.out) == (0, "", True)
        for name in VERSIONS:
            lines = lines.replace(f"{life / name}: ", f"{archive}: ")
        assert ran.out == lines
        moved = {"folder": None, "archive": archive}
        found = json.loads(_history(archive, "--json").out)
        assert found == [{**one, **moved} for one in json.loads(plain)]

    def test_an_address_does_for_a_name(self, desk: Path, life: Path) -> None:
        """An archive that is not configured can be written out; nobody there is exit code 7."""
        (desk / "shelf" / f"{uid_of(life / 'draft')}.dcm").write_bytes(documents(life / "draft")[0])
        address = f"file://{desk}/shelf"
        ran = hosr("history", address, "--study", STUDY)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith(f"{address}: Draft: not reviewed.\n")
        assert _history("nobody").code == 7

    @pytest.mark.parametrize("archive", PROTOCOLS)
    def test_a_version_that_was_rejected_is_marked_and_nothing_prevails(
        self, archive: str, desk: Path, life: Path, orthanc: ArchivingOrthanc
    ) -> None:
        """A note of any maker withdraws what it names."""
        draft, signed = (documents(life / name)[0] for name in ("draft", "signed"))
        note = rejecting(signed)
        _keep(desk, orthanc, draft, signed, note)
        ran = _history(archive)
        assert (ran.code, ran.err) == (0, "")
        assert [line for line in ran.out.splitlines() if "]" in line] == [
            (
                f"  {archive}: Signed by Anna Bianchi, Synthetic Hospital, 2026-03-02 11:20+01:00. "
                "[withdrawn: Rejected for Patient Safety Reasons]"
            )
        ]
        told = json.loads(_history(archive, "--json").out)
        assert [(one["prevails"], one["rejected_by"]) for one in told] == [
            (False, None),
            (False, uid_in(note)),
        ]

    def test_an_archive_stores_a_withdrawal_beside_the_report_and_hides_nothing(
        self, desk: Path, life: Path, orthanc: ArchivingOrthanc
    ) -> None:
        """What `hosr describe signing` says of Orthanc; the history there ends as in the folders."""
        _keep(desk, orthanc, *(data for name in VERSIONS for data in documents(life / name)))
        before = orthanc.running.uids()
        copy = desk / "more"
        shutil.copytree(life / "more", copy)
        why = ("--reason", "wrong-patient", "--at", "2026-03-09T08:00:00+01:00")
        gone = ("withdraw", copy, *why, *SIGNER, "--out", desk / "gone")
        assert hosr(*gone).code == 0
        sent = hosr("send", desk / "gone", "--to", "web")
        assert (sent.code, sent.err) == (0, "")
        note = str(dcmread(desk / "gone" / "withdrawal.dcm").SOPInstanceUID)
        assert sorted(orthanc.running.uids()) == sorted([*before, note])
        (report, _) = documents(copy)
        assert orthanc.running.download(uid_in(report)) == report
        listed = {each["00080018"]["Value"][0] for each in orthanc.running.instances(STUDY)}
        assert {uid_in(report), note} <= listed
        ran = _history("web")
        assert (ran.code, ran.err, "[prevails]" in ran.out) == (0, "", False)
        assert [line.strip() for line in ran.out.splitlines()[-3:]] == [
            (
                "web: Withdrawn by Anna Bianchi, Synthetic Hospital, 2026-03-09 08:00+01:00: "
                "not to be used."
            ),
            "Report withdrawn, not to be used: wrong patient.",
            note,
        ]

    def test_forks_redraws_and_damage_are_told(
        self, desk: Path, life: Path, orthanc: ArchivingOrthanc
    ) -> None:
        """Of two successors none prevails; what a viewer made of a report is no version of it."""
        other = life.with_name("other")
        if not other.exists():
            (life / "signed" / "successor.json").rename(life / "kept.json")  # another machine
            write_addended(life / "signed", other, "--text", "On another machine.")
            (life / "kept.json").replace(life / "signed" / "successor.json")
        draft, signed, more = (documents(life / name)[0] for name in VERSIONS)
        redraw = redrawn(signed)
        spoilt = draft.replace(b"Brooker III", b"Brooker II ")
        _keep(desk, orthanc, spoilt, signed, more, documents(other)[0], redraw)
        ran = _history("web")
        assert ran.code == 0
        assert ran.out.count("[one of several successors]") == 2
        assert "[prevails]" not in ran.out
        assert ran.err.splitlines() == [
            f"hosr: web: {uid_in(draft)}: was changed after it was written; give a file as hosr wrote it",
            (
                f"hosr: web: {uid_in(redraw)}: names {uid_in(signed)} as its predecessor, and hosr did not "
                "write it (Viewer, 2026-03-05 10:15); look at both: what was redrawn has no grade until a "
                "report is made of it"
            ),
        ]

    def test_no_image_is_fetched(
        self,
        desk: Path,
        life: Path,
        orthanc: ArchivingOrthanc,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Of a study with its images only the documents are asked for."""
        image = (life / f"{STUDY}.dcm").read_bytes()
        _keep(
            desk, orthanc, image, changed(image, SOPInstanceUID="1.2.99"), *documents(life / "more")
        )
        fetched: list[str] = []
        fetch = WebArchive.fetch

        def counted(archive: WebArchive, locator: Locator) -> bytes:
            fetched.append(locator.sop_instance_uid)
            return fetch(archive, locator)

        monkeypatch.setattr(WebArchive, "fetch", counted)
        assert _history("web").code == 0
        assert sorted(fetched) == sorted(map(uid_in, documents(life / "more")))

    @pytest.mark.usefixtures("desk")
    @pytest.mark.parametrize(
        ("arguments", "code", "words"),
        [
            (("archive:shelf", "--study", "1.2.404"), 4, "shelf: holds no report of hosr in this study"),
            (("archive:shelf",), 2, "archive:shelf: is an archive, and no study is named; name it with --study UID"),
            (("archive:shelf", "--study", "1.2.*"), 2, "--study: is no UID"),
            (("archive:shelf", "archive:web", "--study", "1.2"), 2, "archive:web: is one source too many"),
            (("shelf", "--study", "1.2"), 2, "--study: is for the reports of an archive; leave it out"),
            (("archive:self", "--study", "1.2"), 2, "did you mean shelf?"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_told_is_said(
        self, arguments: tuple[str, ...], code: int, words: str
    ) -> None:
        """A study without reports, none named, a pattern, two sources, a folder with a study."""
        ran = hosr("history", *arguments)
        assert (ran.code, ran.out) == (code, "")
        assert words in ran.err


@pytest.fixture
def draft(desk: Path, life: Path) -> Path:
    """A draft that nobody signed yet."""
    shutil.copytree(life / "draft", desk / "draft", ignore=shutil.ignore_patterns("successor.json"))
    return desk / "draft"


class TestNewestIn:
    """`--newest-in`: nobody signs what is not the newest."""

    AT = ("--at", "2026-03-02T11:20:00+01:00")

    def _sign(self, draft: Path, *archives: str) -> Ran:
        asked = [part for name in archives for part in ("--newest-in", name)]
        return hosr("sign", draft, *SIGNER, *self.AT, "--out", draft.with_name("out"), *asked)

    @pytest.mark.parametrize("archive", PROTOCOLS)
    def test_an_archive_with_something_newer_stops_it(
        self, archive: str, desk: Path, life: Path, draft: Path, orthanc: ArchivingOrthanc
    ) -> None:
        """The later version and the redraw are named, nothing is begun, and the draft can go on."""
        more, redraw = documents(life / "more")[0], redrawn(documents(draft)[0])
        _keep(desk, orthanc, documents(draft)[0], more, redraw)
        ran = self._sign(draft, archive)
        assert (ran.code, ran.out) == (2, "")
        heading, *faults = ran.err.splitlines()
        assert heading == "hosr: cannot be done as asked"
        assert faults == [
            (
                f"  {archive}: {uid_in(redraw)}: names {uid_of(draft)} as its predecessor, and hosr did "
                "not write it (Viewer, 2026-03-05 10:15); look at both: what was redrawn has no grade "
                "until a report is made of it"
            ),
            (
                f"  {archive}: {uid_in(more)}: is a newer version of this report (addendum, 2026-03-02 "
                "12:20+01:00); go on from that version"
            ),
        ]
        assert not (draft / "successor.json").exists()
        assert not (desk / "out").exists()
        assert self._sign(draft).code == 0

    def test_what_is_the_newest_is_signed_also_again(
        self, desk: Path, life: Path, draft: Path, orthanc: ArchivingOrthanc
    ) -> None:
        """A draft in the archive, then its signed version too: both times the same files."""
        archives = ("pacs", "archive:web", f"file://{desk}/shelf")
        _keep(desk, orthanc, *documents(draft))
        assert self._sign(draft, *archives).code == 0
        files = folder_bytes(desk / "out")
        _keep(desk, orthanc, *documents(desk / "out"))
        assert self._sign(draft, *archives).code == 0
        assert folder_bytes(desk / "out") == files
        more = ("--text", "More.", *SIGNER, "--at", "2026-03-02T12:20:00+01:00")
        asked = ("--newest-in", "web", "--out", desk / "more")
        assert hosr("addend", desk / "out", *more, *asked).code == 0
        _keep(desk, orthanc, documents(life / "more")[0])
        (desk / "out" / "successor.json").unlink()
        ran = hosr("addend", desk / "out", *more, *asked[:2], "--out", desk / "again")
        assert f"web: {uid_of(life / 'more')}: took the place of this version" in ran.err

    def test_an_archive_that_does_not_answer_stops_it(self, draft: Path) -> None:
        """Not being able to ask is not taken for a no."""
        ran = self._sign(draft, "nobody")
        assert (ran.code, ran.out) == (7, "")
        assert "nobody: no connection (Connection refused); check the address" in ran.err
        assert not (draft / "successor.json").exists()
        assert self._sign(draft, "self").code == 2


@pytest.fixture(scope="module")
def late(life: Path) -> Path:
    """Another draft of the same study and hip."""
    return write_draft(life.with_name("late"), STUDY, minute=30)


class TestSend:
    """`hosr send` warns of what an archive holds beside what was sent, and sends all the same."""

    @pytest.mark.parametrize("archive", PROTOCOLS)
    def test_another_report_of_the_hip_is_told(
        self, archive: str, desk: Path, life: Path, late: Path, orthanc: ArchivingOrthanc
    ) -> None:
        """By its UID, with its status and since when; what was sent took the place of the draft."""
        _keep(desk, orthanc, documents(life / "draft")[0], documents(late)[0])
        ran = hosr("send", life / "more", "--to", archive, "--json")
        assert ran.code == 0
        assert ran.err == (
            f"hosr: warning: {archive}: {uid_of(late)}: is another report of this study and hip, and "
            "what was sent does not take its place (draft, 2026-03-02 10:30+01:00); `hosr history "
            f"archive:NAME --study {STUDY}` tells which one prevails\n"
        )
        assert json.loads(ran.out)["other_reports"] == [
            {
                "archive": archive,
                "study_instance_uid": STUDY,
                "sop_instance_uid": uid_of(late),
                "status": "draft",
                "since": "2026-03-02T10:30:00+01:00",
                "newer": False,
                "withdrawn": False,
            }
        ]

    @pytest.mark.usefixtures("desk")
    def test_a_newer_version_is_told_and_what_is_sent_together_is_not(self, life: Path) -> None:
        """A draft that is sent late is older than what is there; the versions of one report are not rivals."""
        every = [life / name for name in VERSIONS]
        assert hosr("send", *every, "--to", "shelf").err == ""
        err = hosr("send", life / "draft", "--to", "shelf").err
        assert [line.split(";")[0] for line in err.splitlines()] == [
            f"hosr: warning: shelf: {uid_of(life / name)}: is a newer version of the report that was sent ({told})"
            for name, told in sorted(
                {
                    "signed": "signed, 2026-03-02 11:20+01:00",
                    "more": "addendum, 2026-03-02 12:20+01:00",
                }.items(),
                key=lambda each: uid_of(life / each[0]),
            )
        ]

    @pytest.mark.usefixtures("desk")
    @pytest.mark.parametrize(
        ("reason", "note"),
        [
            (Reason.LOST, "note: was not asked for other reports of the studies: pacs: was lost; mend it\n"),
            (Reason.UNSUPPORTED, ""),
        ],
    )  # fmt: skip
    def test_a_search_that_fails_is_a_note(
        self, life: Path, reason: Reason, note: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was sent has arrived; an archive that never tells what it has is not asked again and again."""

        def fail(*_: object) -> None:
            raise failure(reason)

        monkeypatch.setattr(FolderArchive, "find", fail)
        ran = hosr("send", life / "draft", "--to", "shelf")
        assert (ran.code, ran.err) == (0, note)
        assert "2 objects verified" in ran.out

    @pytest.mark.usefixtures("desk")
    def test_nothing_is_asked_where_nothing_arrived(
        self, life: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of an archive that is down, and with `--later`; of many studies the first are looked at."""
        assert hosr("send", life / "draft", "--to", "nobody").err == ""
        assert hosr("send", life / "draft", "--to", "shelf", "--later").err == ""
        monkeypatch.setattr("hosr.cli.rivals.MOST_STUDIES", 0)
        ran = hosr("send", life / "draft", "--to", "shelf")
        assert ran.err == "note: other reports were looked for in the first 0 of 1 studies\n"
