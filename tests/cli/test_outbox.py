"""`hosr outbox`: what is listed, run, retried and dropped."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.command import Ran, hosr


def states() -> list[str]:
    """The state of every object in the outbox."""
    objects = json.loads(hosr("outbox", "list", "--all", "--json").out)["objects"]
    return [each["state"] for each in objects]


def uids() -> list[str]:
    """The UID of every object in the outbox."""
    objects = json.loads(hosr("outbox", "list", "--all", "--json").out)["objects"]
    return [each["sop_instance_uid"] for each in objects]


@pytest.mark.usefixtures("reported")
class TestOutbox:
    """`hosr outbox`."""

    def test_an_outbox_that_was_never_used_is_empty_and_not_made(self) -> None:
        """Looking into it makes no file."""
        assert hosr("outbox", "list") == Ran(code=0, out="everything is archived\n")
        assert hosr("outbox", "show", "1.2.3").code == 2
        assert hosr("outbox", "prune", "--older-than", "0", "--to", "x").code == 0
        for command in ("verify", "check"):
            assert hosr("outbox", command).code == 0
        assert not Path("outbox.sqlite").exists()

    def test_what_waits_is_listed_with_the_reason(self) -> None:
        """One line each, then what the state means."""
        hosr("send", "out", "--to", "nobody")
        ran = hosr("outbox", "list")
        line = (
            r"queued: measurement\.dcm to nobody \(2\.25\.\d+\): no connection "
            r"\(Connection refused\); check the address, and that the archive runs; "
            r"tried once(; next try in \d s)?"
        )
        lines = ran.out.splitlines()
        assert (ran.code, len(lines), lines[2:]) == (
            7,
            4,
            ["", "queued: waiting to be sent"],
        )
        assert re.fullmatch(line, lines[0])

    def test_what_is_archived_is_listed_when_asked_for(self) -> None:
        """`--all` and `--state` show what is done."""
        hosr("send", "out", "--to", "shelf")
        assert hosr("outbox", "list").out == "everything is archived\n"
        assert hosr("outbox", "list", "--state", "hold").out == "nothing to list\n"
        for option in (("--all",), ("--state", "verified")):
            lines = hosr("outbox", "list", *option).out.splitlines()
            assert [line.split(" (")[0] for line in lines[:2]] == [
                "verified: measurement.dcm to shelf",
                "verified: narrative.dcm to shelf",
            ]

    def test_run_sends_what_is_due(self) -> None:
        """It says what became of it; then there is nothing to send."""
        hosr("send", "out", "--to", "shelf", "--later")
        ran = hosr("outbox", "run")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.endswith(
            "\n\nverified: archived: read back, and the same as what was sent\n"
        )
        assert hosr("outbox", "run") == Ran(code=0, out="nothing to send\n")

    def test_run_ends_as_send_does(self) -> None:
        """7 where it will be tried again, 6 where a person is needed."""
        hosr("send", "out", "--to", "nobody", "--later")
        ran = hosr("outbox", "run", "--json")
        assert (ran.code, [o["state"] for o in json.loads(ran.out)["objects"]]) == (
            7,
            ["queued"] * 2,
        )
        Path("config.toml").write_text('[outbox]\npath = "outbox.sqlite"\n')
        hosr("outbox", "retry", "--all")
        ran = hosr("outbox", "run")
        assert (ran.code, states()) == (6, ["hold"] * 2)
        assert "nobody" in ran.out

    def test_drop_and_retry_are_for_a_person(self) -> None:
        """What is given up can be sent again from the report; what is held, from the outbox."""
        hosr("send", "out", "--to", "shelf", "--later")
        first, second = uids()
        assert hosr("outbox", "drop", first, "--why", "graded anew") == Ran(
            code=0,
            out="1 object dropped; the files that they were sent from are still yours\n",
        )
        assert states() == ["dropped", "queued"]
        assert hosr("outbox", "retry", second) == Ran(
            code=0, out="1 object queued; `hosr outbox run` sends what is queued\n"
        )
        assert hosr("send", "out", "--to", "shelf").code == 0
        assert states() == ["verified"] * 2

    def test_what_is_not_there_is_refused(self) -> None:
        """An unknown UID, or none at all, is a fault."""
        hosr("send", "out", "--to", "shelf", "--later")
        for command in (("retry", "1.2.3"), ("drop", "1.2.3", "--why", "x")):
            ran = hosr("outbox", *command)
            assert (ran.code, ran.err) == (
                2,
                (
                    "hosr: cannot be done as asked\n"
                    "  1.2.3: is not in the outbox; see what `hosr outbox list --all` names\n"
                ),
            )
        assert hosr("outbox", "retry").code == 2
        assert hosr("outbox", "drop", "1.2.3").code == 2
        assert states() == ["queued"] * 2

    def test_listing_ends_as_sending_does(self) -> None:
        """Whatever is printed, the exit code tells a program what is in the outbox."""
        hosr("send", "out", "--to", "nobody")
        assert hosr("outbox", "list", "--state", "verified") == Ran(code=7, out="nothing to list\n")
        assert hosr("outbox", "run").code == 7
        Path("config.toml").write_text('[outbox]\npath = "outbox.sqlite"\n')
        hosr("outbox", "retry", "--all")
        hosr("outbox", "run")
        assert (hosr("outbox", "list").code, hosr("outbox", "run").code) == (6, 6)

    def test_verify_asks_again(self) -> None:
        """What an archive lost is found out, and sent again from the report."""
        assert hosr("outbox", "verify").out == "nothing to ask for: no archive proved to have any\n"
        hosr("send", "out", "--to", "shelf")
        ran = hosr("outbox", "verify")
        assert (ran.code, ran.out) == (
            0,
            "shelf: 2 objects verified; archived: read back, and the same as what was sent\n",
        )
        shutil.rmtree("shelf")
        ran = hosr("outbox", "verify", "shelf")
        assert (ran.code, states()) == (6, ["hold"] * 2)
        assert "`hosr send` the report again" in ran.out
        assert hosr("send", "out", "--to", "shelf").code == 0
        assert (states(), len(list(Path("shelf").iterdir()))) == (["verified"] * 2, 2)

    def test_an_archive_that_moved_gets_what_the_other_had(self) -> None:
        """An address under the same name is another place, and another proof."""
        hosr("send", "out", "--to", "shelf")
        config = Path("config.toml")
        config.write_text(config.read_text().replace("/shelf", "/other"))
        assert hosr("send", "out", "--to", "shelf").code == 0
        assert len(list(Path("other").iterdir())) == 2

    def test_an_archive_that_moved_does_not_vouch_for_what_the_other_had(self) -> None:
        """`verify` asks where the archive is now."""
        hosr("send", "out", "--to", "shelf")
        config = Path("config.toml")
        config.write_text(config.read_text().replace("/shelf", "/other"))
        assert (hosr("outbox", "verify").code, states()) == (6, ["hold"] * 2)

    def test_check_is_a_line_for_monitoring(self) -> None:
        """0 where all is well, 7 where something waits too long, 6 where a person is needed."""
        assert hosr("outbox", "check") == Ran(code=0, out="0 objects held, none on the way\n")
        hosr("send", "out", "--to", "nobody")
        assert hosr("outbox", "check") == Ran(
            code=0, out="0 objects held, 2 on the way, none for longer than 1h\n"
        )
        assert hosr("outbox", "check", "--older-than", "0") == Ran(
            code=7, out="0 objects held, 2 on the way, 2 of them for longer than 0\n"
        )
        Path("config.toml").write_text('[outbox]\npath = "outbox.sqlite"\n')
        hosr("outbox", "retry", "--all")
        hosr("outbox", "run")
        assert hosr("outbox", "check") == Ran(code=6, out="2 objects held, none on the way\n")
        assert hosr("outbox", "check", "--older-than", "soon").code == 2

    def test_show_tells_the_history(self) -> None:
        """When it was put in, what happened when, and at which address it is."""
        hosr("send", "out", "--to", "shelf")
        uid = uids()[0]
        ran = hosr("outbox", "show", uid)
        time_, lines = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", ran.out.splitlines()
        assert lines[0] == f"verified: measurement.dcm to shelf ({uid})"
        assert re.fullmatch(rf"  {time_} put in; file://.*/shelf", lines[1])
        assert [re.sub(time_, "at", line) for line in lines[2:]] == [
            "  at claim: sending",
            "  at store: stored [placed]",
            "  at prove: proving [placed]",
            "  at verify: verified [placed]",
        ]
        told = json.loads(hosr("outbox", "show", uid, "--json").out)["objects"]
        assert [change["event"] for change in told[0]["history"]] == [
            *("claim", "store", "prove", "verify")
        ]
        assert hosr("outbox", "show", "1.2.3").code == 2

    def test_prune_moves_what_is_old_to_a_file(self) -> None:
        """Which is this user's alone, and never written over."""
        hosr("send", "out", "--to", "shelf")
        prune = ("outbox", "prune", "--to", "old.jsonl", "--older-than")
        assert hosr(*prune, "1d") == Ran(code=0, out="nothing is that old\n")
        assert not Path("old.jsonl").exists()
        assert hosr(*prune, "0") == Ran(code=0, out="2 objects moved to old.jsonl\n")
        assert (uids(), Path("old.jsonl").stat().st_mode & 0o777) == ([], 0o600)
        before = Path("old.jsonl").read_bytes()
        ran = hosr(*prune, "0")
        assert (ran.code, Path("old.jsonl").read_bytes()) == (2, before)
        assert "is there already" in ran.err
        hosr("send", "out", "--to", "shelf")
        ran = hosr("outbox", "prune", "--older-than", "0", "--to", "no/such/folder/old.jsonl")
        assert (ran.code, states()) == (2, ["verified"] * 2)

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_watching_ends_when_it_is_told_to(self, number: signal.Signals) -> None:
        """It sends what comes in, and a signal ends it without a traceback."""
        command = [sys.executable, "-m", "hosr", "outbox", "run", "--watch"]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
        ) as process:
            try:
                hosr("send", "out", "--to", "shelf", "--later")
                deadline = time.monotonic() + 60
                while states() != ["verified"] * 2 and time.monotonic() < deadline:
                    time.sleep(0.05)
                process.send_signal(number)
                out, err = process.communicate(timeout=60)
            finally:
                process.kill()
        assert (process.returncode, err, states()) == (0, "", ["verified"] * 2)
        assert re.search(r"^\S+T\S+ verified: measurement.dcm to shelf \(\S+\)$", out, re.MULTILINE)

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_signal_in_the_midst_of_a_wait_ends_it(self, number: signal.Signals) -> None:
        """Whoever waits has the lock of the event for a moment: a handler that asked for it would hang."""
        program = f"""
            import os, threading
            from hosr.cli.deliveries import stopped_by_signals
            stop = threading.Event()
            with stopped_by_signals(stop):
                with stop._cond:
                    os.kill(os.getpid(), {int(number)})
                raise SystemExit(0 if stop.wait(20) else 1)
            """
        ran = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program)], timeout=60, check=False
        )
        assert ran.returncode == 0

    def test_an_outbox_that_is_no_outbox_is_refused(self) -> None:
        """A file of something else is not written to."""
        Path("outbox.sqlite").write_bytes(b"not a database" * 100)
        ran = hosr("send", "out", "--to", "shelf")
        assert (ran.code, ran.out) == (2, "")
        assert ran.is_safe_to_read
        assert Path("outbox.sqlite").read_bytes() == b"not a database" * 100
