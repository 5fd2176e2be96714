"""The README tells the truth: its commands run, its tables are those of the code."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from hosr.archive.addresses import Listener
from hosr.archive.configuration import load
from hosr.cli import EXIT_CODES, main
from hosr.cli.topics import describe
from hosr.intake.record import parse_record
from hosr.intake.record.schema import EXAMPLE

# The sample registry has a row that is wrong on purpose.
_REFUSING = {"import": 3}

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _between(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", README, re.DOTALL)
    assert found, f"the README has no section {name}"
    return found.group(1)


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def _commands() -> list[tuple[str, str]]:
    """Each command of a console block, with the output that is shown below it."""
    found = []
    for block in _blocks("console"):
        for part in block.split("$ ")[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


@pytest.mark.parametrize("topic", ["scales", "flags", "outputs", "delivery", "conformance"])
def test_the_tables_are_those_of_the_code(topic: str) -> None:
    """What `hosr describe` prints stands in the README, letter for letter."""
    assert _between(topic) == describe(topic)


def test_the_exit_codes_are_those_of_the_code() -> None:
    """The table of exit codes is the one that the command line uses."""
    rows = {0: "done", 1: "internal error"}
    for code, words in EXIT_CODES.values():
        rows[code] = f"{rows[code]}, {words}" if code in rows else words
    lines = ["| Code | Meaning |", "| --- | --- |"]
    lines += [f"| {code} | {rows[code]} |" for code in sorted(rows)]

    assert _between("exit-codes") == "\n".join(lines) + "\n"


def test_the_record_is_the_schema_s_example() -> None:
    """The record of the README is the example of the schema, and the door takes it."""
    (block,) = _blocks("json")

    assert json.loads(block) == EXAMPLE
    parse_record(block)


def test_the_commands_say_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command of the README runs in a checkout and prints what stands below it."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    monkeypatch.chdir(tmp_path)
    for variable in ("HOSR_CONFIG", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for command, output in _commands():
        program, *arguments = shlex.split(command)
        assert program == "hosr"
        assert main(arguments) == _REFUSING.get(arguments[0], 0), command
        printed = capsys.readouterr().out
        if not _is_shortened(output, printed):
            assert printed == output or not output, command


def _is_shortened(output: str, printed: str) -> bool:
    """Whether lines were left out where "..." stands, and the others are as printed."""
    parts = [re.escape(part) for part in output.split("...\n")]
    return len(parts) > 1 and re.fullmatch("(?s:.*)".join(parts), printed) is not None


def test_the_template_of_the_readme_is_sound(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example of a site's own template is taken, and ends as the README says."""
    (block,) = _blocks("jinja")
    (tmp_path / "report.txt").write_text(block, encoding="utf-8")

    assert main(["lint", str(tmp_path)]) == 0
    assert f"`{capsys.readouterr().out.strip()}`" in " ".join(README.split())


def test_the_configuration_of_the_readme_is_taken(tmp_path: Path) -> None:
    """The archives of the README's configuration file are read as it says."""
    (block,) = _blocks("toml")
    path = tmp_path / "config.toml"
    path.write_text(block, encoding="utf-8")
    archives = load({"HOSR_CONFIG": str(path)}, tmp_path).archives

    assert {name: str(archive.address) for name, archive in archives.items()} == {
        "pacs": "dimse://ORTHANC@pacs.example.org:4242?calling=HOSR",
        "web": "https://pacs.example.org/dicom-web",
    }
    assert archives["pacs"].listener == Listener(
        host="10.0.0.5", port=11113, peers=("pacs2.example.org",)
    )


def test_the_first_command_is_the_one_that_is_shown() -> None:
    """The two commands at the top are the ones explained below."""
    assert f"pip install . && {_commands()[0][0]}\n" in README
    assert "    bash tests/run\n" in README


def test_the_python_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python example holds its own assertions."""
    monkeypatch.chdir(ROOT)
    (block,) = _blocks("python")
    exec(compile(block, "README.md", "exec"), {})  # noqa: S102 (our own README)


def test_every_file_named_is_there() -> None:
    """Pictures and folders that the README names exist."""
    named = re.findall(r"(?:\]\(|`)(sample_data/[\w./-]+)", README)

    assert [name for name in named if not (ROOT / name).exists()] == []
