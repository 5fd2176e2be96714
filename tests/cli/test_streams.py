"""Help, exit codes, terminals and pipes."""

from __future__ import annotations

import errno
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from hosr import cli
from hosr.cli.describe import TOPICS
from hosr.errors import HosrError
from tests.cli.expected import HINT, report
from tests.command import hosr
from tests.images import write_film

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

COMMANDS = (
    "example",
    "report",
    "grade",
    "check",
    "show",
    "read",
    "sign",
    "amend",
    "addend",
    "withdraw",
    "history",
    "import",
    "batch",
    "cohort",
    "send",
    "outbox",
    "archive",
    "watch",
    "desk",
    "lint",
    "describe",
)


def started(
    *arguments: str, prelude: str = "", stdout: int = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[str]:
    """`hosr` in a process of its own, after a line of Python."""
    program = f"{prelude}\nimport sys\nfrom hosr.cli import run\nsys.argv[0] = 'hosr'\nrun()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, **environment},
    )


class TestHelp:
    """Help, usage and version."""

    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_explains_itself(self, command: str) -> None:
        """--help of every command ends with 0 and says what the command does."""
        ran = hosr(command, "--help")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith(f"usage: hosr {command} ")
        assert "Not a medical device" in ran.out

    def test_help_names_every_command(self) -> None:
        """The help of `hosr` lists the commands that there are."""
        listed = re.findall(r"^    (\w+) ", hosr("--help").out, re.MULTILINE)
        assert tuple(listed) == COMMANDS

    def test_help_loads_nothing_heavy(self) -> None:
        """Help is quick, because no library is imported for it."""
        heavy = "{'pydicom', 'highdicom', 'pydantic', 'rich', 'numpy', 'jinja2', 'pynetdicom', 'requests'}"
        check = f"import atexit, sys; atexit.register(lambda: print(*{heavy} & set(sys.modules)))"
        ran = started("--help", prelude=check)
        assert (ran.returncode, ran.stdout.splitlines()[-1], ran.stderr) == (0, "", "")

    @pytest.mark.parametrize(
        "call",
        ["", "nonsense", "report", "describe nonsense", "grade a --images", "--no"],
    )
    def test_a_call_that_is_none_is_told_its_usage(self, call: str) -> None:
        """What cannot be parsed ends with 2, its usage and one line that says why."""
        ran = hosr(*call.split())
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("usage: hosr")
        assert ": error: " in ran.err.splitlines()[-1]

    def test_the_version_is_printed(self) -> None:
        """--version ends with 0."""
        ran = hosr("--version")
        assert (ran.code, ran.err) == (0, "")
        assert re.fullmatch(r"hosr \d+\.\d+\.\d+\S*\n", ran.out)

    @pytest.mark.parametrize("topic", TOPICS)
    def test_every_topic_is_described(self, topic: str) -> None:
        """Every topic that the help of `describe` names has a description."""
        ran = hosr("describe", topic)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.endswith("\n")

    def test_the_topics_are_listed(self) -> None:
        """`hosr describe` alone names every topic, a line each, with what it tells."""
        ran = hosr("describe")
        assert (ran.code, ran.err) == (0, "")
        assert [line.split()[0] for line in ran.out.splitlines()] == list(TOPICS)
        assert all(words in ran.out for words in TOPICS.values())
        assert max(map(len, ran.out.splitlines())) <= 80

    @pytest.mark.parametrize(
        "call",
        [
            "batch m.jsonl --out o --jobs x",
            "batch m.jsonl --out o --jobs 0",
            "cohort s --out o --jobs 1.5",
            "cohort s --out o --jobs 257",
            "send s --to a --wait soon",
            "send s --to a --wait nan",
            "send s --to a --wait 604801",
        ],
    )
    def test_a_number_that_is_none_is_told_in_words(self, call: str) -> None:
        """What is no number of processes or seconds is told as such, in words of the field."""
        ran = hosr(*call.split())
        assert (ran.code, ran.out) == (2, "")
        *_, option, _ = call.split()
        range_ = "1 to 256" if option == "--jobs" else "seconds from 0 to a week"
        said = f"error: argument {option}: is no number "
        said += f"of {range_}" if option == "--wait" else f"from {range_}"
        assert ran.err.splitlines()[-1].endswith(said)


class TestExitCodes:
    """Every error has one exit code, in one table."""

    def test_every_error_has_a_code(self) -> None:
        """No class that is raised is missing from the table, and each keeps its number."""

        def below(kind: type[HosrError]) -> Iterator[type[HosrError]]:
            for child in kind.__subclasses__():
                yield child
                yield from below(child)

        codes = {kind.__name__: code for kind, (code, _) in cli.EXIT_CODES.items()}
        assert codes == {
            "UsageError": 2,
            "UnknownDraft": 2,
            "StaleDraft": 2,
            "DraftRefused": 2,
            "TemplateRefused": 2,
            "RecordRefused": 3,
            "DocumentRefused": 4,
            "ImagesRefused": 4,
            "Unencodable": 5,
            "ArchiveRefused": 6,
            "ArchiveUnreachable": 7,
            "MachineFailed": 8,
        }
        assert {kind.__name__ for kind in below(HosrError)} - {"ArchiveError", "DraftError"} == set(
            codes
        )

    @pytest.mark.parametrize(
        ("error", "code", "line"),
        [
            (RuntimeError("Doe^Jane"), 1, r"hosr: internal error, RuntimeError in \w+\.py, line \d+; please report it"),
            (RecursionError(), 1, r"hosr: internal error, RecursionError in \w+\.py, line \d+; please report it"),
            (MemoryError(), 1, r"hosr: internal error, MemoryError in \w+\.py, line \d+; please report it"),
            (FileNotFoundError(errno.ENOENT, "no such file", "Doe.dcm"), 1, r"hosr: internal error, FileNotFoundError in \w+\.py, line \d+; please report it"),
            (OSError(errno.ENOSPC, "No space left on device"), 1, r"hosr: the output cannot be written \(No space left on device\)"),
            (KeyboardInterrupt(), 130, "hosr: interrupted"),
        ],
    )  # fmt: skip
    def test_what_was_not_foreseen_is_one_line(
        self, error: BaseException, code: int, line: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An unforeseen error is named by its kind and place, never by its words."""

        def fail(_: Namespace) -> NoReturn:
            raise error

        monkeypatch.setattr("hosr.cli.describe.describe", fail)
        ran = hosr("describe", "scales")
        assert (ran.code, ran.out) == (code, "")
        assert re.fullmatch(f"{line}\n", ran.err)


@pytest.mark.usefixtures("desk")
class TestStreams:
    """Terminals, pipes, and what becomes of them."""

    @pytest.mark.parametrize("columns", ["60", "80", "120"])
    def test_a_terminal_shows_a_table(self, columns: str) -> None:
        """On a terminal the grades stand in a table, and no flag is cut short."""
        parent, child = pty.openpty()
        try:
            ran = started("grade", "record.json", stdout=child, TERM="xterm", COLUMNS=columns)
            shown = os.read(parent, 65536).decode()
        finally:
            os.close(child)
            os.close(parent)
        assert (ran.returncode, ran.stderr) == (0, HINT)
        assert "┏" in shown
        assert [shown.count(flag) for flag in ("UNCALIBRATED", "GAP_MISSING")] == [2, 2]

    def test_a_reader_that_leaves_is_no_failure(self) -> None:
        """A closed pipe ends the command with 0 and without a word."""
        reader, writer = os.pipe()
        os.close(reader)
        try:
            ran = started("describe", "schema", stdout=writer)
        finally:
            os.close(writer)
        assert (ran.returncode, ran.stderr) == (0, "")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is always full")
    def test_output_that_cannot_be_written_is_said(self) -> None:
        """Where stdout goes to a full disk, the command fails in one line."""
        with Path("/dev/full").open("w") as full:
            ran = started("describe", "schema", stdout=full.fileno())
        said = "hosr: the output cannot be written (No space left on device)\n"
        assert (ran.returncode, ran.stderr) == (1, said)

    def test_no_output_at_all_is_no_failure(self) -> None:
        """A command whose stdout was closed before it began does its work."""
        ran = started("check", "record.json", prelude="import sys; sys.stdout = None")
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")

    def test_output_is_utf8_whatever_the_locale(self) -> None:
        """Data are UTF-8 in a pipe, even where the locale knows only ASCII."""
        write_film(Path("film.dcm"), StudyDescription="Größe")
        report()
        ran = started("show", "out/measurement.dcm", PYTHONIOENCODING="ascii")
        assert (ran.returncode, ran.stdout, ran.stderr) == (
            0,
            Path("out/report.txt").read_text(encoding="utf-8"),
            "",
        )

    def test_warnings_of_libraries_are_not_shown(self) -> None:
        """A warning may quote the header, so none reaches the terminal."""
        prelude = (
            "import warnings, hosr.cli.describe as t; "
            "t.describe = lambda _: warnings.warn('Doe') or ''"
        )
        ran = started("describe", "scales", prelude=prelude)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
