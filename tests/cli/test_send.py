"""`hosr send`: what is printed and how it ends, for archives that take, refuse or do not answer."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from pydicom import dcmread

from hosr import cli
from hosr.outbox.states import MEANINGS, State
from tests.cli.expected import report
from tests.command import Ran, folder_bytes, hosr

OBJECTS = ("measurement.dcm", "narrative.dcm")
REFUSED_CONNECTION = (
    "no connection (Connection refused); check the address, and that the archive runs; tried once"
)


def uid(name: str) -> str:
    """The SOP Instance UID of an object of the report."""
    return str(dcmread(Path("out") / name).SOPInstanceUID)


def listed() -> str:
    """The objects of the report as they are listed below a reason."""
    return "".join(f"    out/{name} ({uid(name)})\n" for name in OBJECTS)


@pytest.mark.usefixtures("reported")
class TestSend:
    """`hosr send`."""

    def test_every_object_arrives_and_is_proven(self) -> None:
        """The archive has the very bytes, and one line says what proof there is."""
        assert hosr("send", "out", "--to", "shelf") == Ran(
            code=0,
            out="shelf: 2 objects verified; archived: read back, and the same as what was sent\n",
        )
        assert folder_bytes(Path("shelf")) == {
            f"{uid(name)}.dcm": (Path("out") / name).read_bytes() for name in OBJECTS
        }

    def test_sending_again_changes_nothing(self) -> None:
        """What is archived stays archived."""
        first = hosr("send", "out", "--to", "shelf")
        before = folder_bytes(Path("shelf"))
        assert hosr("send", "out", "--to", "shelf") == first
        assert folder_bytes(Path("shelf")) == before

    def test_an_address_does_for_a_name(self) -> None:
        """What is not configured can be written out."""
        ran = hosr("send", "out", "--to", "./elsewhere")
        assert ran.code == 0
        assert ran.out.startswith(f"file://{Path.cwd()}/elsewhere: 2 objects verified; ")

    def test_an_archive_that_does_not_answer_is_tried_later(self) -> None:
        """Everything stays in the outbox, the reason is said once, and the exit code is 7."""
        ran = hosr("send", "out", "--to", "nobody")
        assert ran == Ran(
            code=7,
            out=(
                "nobody: 2 objects queued; waiting to be sent\n"
                f"  {REFUSED_CONNECTION}\n"
                f"{listed()}"
                "what is not archived stays in the outbox; `hosr outbox run` tries it again\n"
            ),
        )
        objects = json.loads(hosr("outbox", "list", "--json").out)["objects"]
        assert [(o["state"], o["tries"], o["reason"]) for o in objects] == [
            ("queued", 1, "unreachable")
        ] * 2

    def test_another_object_under_the_uid_needs_a_person(self) -> None:
        """What the archive has is never written over; the exit code is 6."""
        place = Path("shelf") / f"{uid('narrative.dcm')}.dcm"
        place.parent.mkdir()
        other = dcmread("out/narrative.dcm")
        other.ContentDate = "20000101"
        other.save_as(place)
        before = place.read_bytes()
        ran = hosr("send", "out", "--to", "shelf")
        assert ran.code == 6
        assert ran.out.startswith(
            "shelf: 1 object verified; archived: read back, and the same as what was sent\n"
            "shelf: 1 object conflict; "
        )
        assert f"    out/narrative.dcm ({uid('narrative.dcm')})\n" in ran.out
        assert place.read_bytes() == before

    def test_later_only_puts_it_in_the_outbox(self) -> None:
        """Exit 0 then means that it is on the disk, and `run` sends it."""
        assert hosr("send", "out", "--to", "shelf", "--later") == Ran(
            code=0, out="shelf: 2 objects in the outbox\n`hosr outbox run` sends them\n"
        )
        assert not Path("shelf").exists()
        assert stat.S_IMODE(Path("outbox.sqlite").stat().st_mode) == 0o600
        assert hosr("outbox", "run").code == 0
        assert len(list(Path("shelf").iterdir())) == 2

    def test_json_tells_all_of_it(self) -> None:
        """A program reads path, UID, state and proofs of each object."""
        ran = hosr("send", "out", "--to", "shelf", "--json")
        found = json.loads(ran.out)
        assert (ran.code, ran.err, found["outbox"]) == (0, "", str(Path.cwd() / "outbox.sqlite"))
        assert [
            (o["path"], o["sop_instance_uid"], o["archive"], o["state"], "read-back" in o["proofs"])
            for o in found["objects"]
        ] == [(f"out/{name}", uid(name), "shelf", "verified", True) for name in OBJECTS]

    def test_a_report_that_was_changed_is_refused_whole(self) -> None:
        """Nothing is put into the outbox where a file is not the one that was made."""
        path = Path("out/narrative.dcm")
        path.write_bytes(path.read_bytes() + b"\0")
        assert hosr("send", "out", "--to", "shelf") == Ran(
            code=4,
            err=(
                "hosr: document refused\n  out/narrative.dcm: was changed after the report was "
                "made; make the report again\n"
            ),
        )
        assert not Path("outbox.sqlite").exists()
        assert not Path("shelf").exists()

    def test_an_unknown_archive_is_refused_with_those_there_are(self) -> None:
        """A misspelt name is answered with the right one."""
        ran = hosr("send", "out", "--to", "self")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(
            "hosr: cannot be done as asked\n  self: there is no archive of this name; "
            f"did you mean shelf? configured in {Path.cwd()}/config.toml: nobody, shelf; "
        )

    @pytest.mark.parametrize("address", ["https://u:hunter2@h/x", "https://h/x?token=hunter2"])
    def test_a_secret_in_an_address_is_not_repeated(self, address: str) -> None:
        """It is refused, and neither printed nor kept."""
        ran = hosr("send", "out", "--to", address)
        assert ran.code == 2
        assert "hunter2" not in ran.out + ran.err
        assert not Path("outbox.sqlite").exists()

    def test_no_patient_gets_into_the_outbox_but_in_its_objects(self) -> None:
        """Names of folders and files that a person chose are not kept."""
        assert report("--make", "measurement", out="Mustermann").code == 0
        Path("Mustermann/manifest.json").unlink()
        Path("Mustermann/measurement.dcm").rename("Mustermann/Mustermann.dcm")
        ran = hosr("send", "Mustermann", "--to", "shelf", "--json")
        assert ran.code == 0
        assert all(b"Mustermann" not in p.read_bytes() for p in Path().glob("outbox.sqlite*"))


def test_every_state_has_words() -> None:
    """What an object can be is said in words, each state once."""
    assert list(MEANINGS) == list(State)


def test_waits_are_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """A wait that is no time is refused before anything is done."""
    assert cli.main(["send", "out", "--to", "x", "--wait", "-1"]) == 2
    assert "is no number of seconds from 0 to a week" in capsys.readouterr().err
