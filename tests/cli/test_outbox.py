"""`hosr outbox`: what is listed, run, retried and dropped."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
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
            0,
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
        assert "verified: measurement.dcm to shelf" in out

    def test_an_outbox_that_is_no_outbox_is_refused(self) -> None:
        """A file of something else is not written to."""
        Path("outbox.sqlite").write_bytes(b"not a database" * 100)
        ran = hosr("send", "out", "--to", "shelf")
        assert (ran.code, ran.out) == (2, "")
        assert ran.is_safe_to_read
        assert Path("outbox.sqlite").read_bytes() == b"not a database" * 100
