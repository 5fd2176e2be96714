"""README and pages of `hosr describe` tell the truth: commands run, tables are those of the code."""

from __future__ import annotations

import fcntl
import json
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from hosr.archive.addresses import Listener
from hosr.archive.configuration import load
from hosr.cli import main
from hosr.cli.describe import PAGES, TOPICS, describe
from hosr.cli.example import EXAMPLES
from hosr.cli.program import make_parser
from hosr.cli.topics import TABLES
from hosr.intake.record import parse_record
from hosr.intake.record.schema import EXAMPLE
from hosr.pipeline import grade_record

pytestmark = pytest.mark.slow

# The sample registry has a row that is wrong on purpose.
_REFUSING = {"--mapping": 3}

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGE_NAMES = sorted(path.stem for path in PAGES.glob("*.md"))
TEXTS = {"README": README, **{name: describe(name) for name in PAGE_NAMES}}


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def _those_with(language: str) -> list[str]:
    """The names of the texts that have such a block."""
    return [name for name, text in TEXTS.items() if _blocks(text, language)]


def _commands(text: str) -> list[tuple[str, str]]:
    """Each command of a console block, with the output that is shown below it."""
    found = []
    for block in _blocks(text, "console"):
        for part in block.split("$ ")[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def test_the_readme_takes_three_minutes() -> None:
    """What is longer goes to `hosr describe`."""
    assert 220 <= len(README.splitlines()) <= 260


def test_the_house_is_drawn_with_every_package() -> None:
    """Each folder of modules stands in the drawing of the README, beside modules that stand alone."""
    drawing = README[README.index("## Working on it") :]
    packages = {path.parent.name for path in (ROOT / "hosr").glob("*/__init__.py")}

    assert packages - set(re.findall(r"\w+", drawing)) == set()


def test_every_topic_is_a_page_or_a_table() -> None:
    """Each topic says something, leaves no marker open, and no page lies about unlisted."""
    assert set(PAGE_NAMES) <= set(TOPICS)
    for topic in TOPICS:
        said = describe(topic)
        assert said.endswith("\n")
        assert len(said) > 100
        assert "<!--" not in said


def test_every_page_is_named_in_the_readme() -> None:
    """A reader of the README learns of each page; every topic that a text or a message names is one."""
    (table,) = re.findall(r"^\| I want to .*?\n\n", README, re.MULTILINE | re.DOTALL)
    column = " ".join(row.split(" | ")[-1] for row in table.splitlines()[2:])
    named = set(re.findall(r"`([\w-]+)`", column))
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "hosr").rglob("*.py"))
    for text in (*TEXTS.values(), *sources):
        named |= set(re.findall(r"`hosr describe ([\w-]+)`", text))

    assert named <= set(TOPICS)
    assert set(PAGE_NAMES) <= named


def test_an_unknown_topic_is_told_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """A topic that does not exist is refused with the list."""
    assert main(["describe", "weather"]) == 2
    said = capsys.readouterr().err
    assert all(f"'{topic}'" in said for topic in TOPICS)


@pytest.mark.parametrize("name", re.findall(r"<!-- /([\w-]+) -->", README))
def test_the_tables_are_those_of_the_code(name: str) -> None:
    """What `hosr describe` prints stands in the README, letter for letter."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", README, re.DOTALL)
    assert found
    assert found[1] == TABLES[name]()


@pytest.mark.parametrize("name", _those_with("json"))
def test_the_records_are_records(name: str) -> None:
    """The door takes every record that is shown."""
    for block in _blocks(TEXTS[name], "json"):
        parse_record(block)


def test_the_record_of_the_readme_has_the_grades_that_it_says() -> None:
    """The short record gives what the sentence above it says."""
    (block,) = _blocks(README, "json")
    (hip,) = grade_record(parse_record(block))
    assert [each.grade for each in hip.grades] == ["III", "C"]
    assert "`hosr grade` prints Brooker III and Della Valle C:" in " ".join(README.split())


def test_the_whole_record_is_the_schema_s_example() -> None:
    """The record that has a little of everything is the example of the schema."""
    (block,) = _blocks(TEXTS["record"], "json")
    assert json.loads(block) == EXAMPLE


@pytest.mark.parametrize("name", _those_with("console"))
def test_the_commands_say_what_is_shown(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command of a text runs in a checkout and prints what stands below it."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    monkeypatch.chdir(tmp_path)
    for variable in ("HOSR_CONFIG", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for command, output in _commands(TEXTS[name]):
        program, *arguments = shlex.split(command)
        assert program == "hosr"
        codes = [_REFUSING[word] for word in arguments if word in _REFUSING]
        assert main(arguments) == max(codes, default=0), command
        printed = capsys.readouterr().out
        if not _is_shortened(output, printed):
            assert printed == output or not output, command


def _is_shortened(output: str, printed: str) -> bool:
    """Whether lines were left out where "..." stands, and the others are as printed."""
    parts = [re.escape(part) for part in output.split("...\n")]
    return len(parts) > 1 and re.fullmatch("(?s:.*)".join(parts), printed) is not None


@pytest.mark.parametrize("name", TEXTS)
def test_the_commands_that_cannot_run_here_are_commands(name: str) -> None:
    """What is shown for archives and clusters has the arguments of today."""
    lines = [line for block in _blocks(TEXTS[name], "sh") for line in block.splitlines()]
    lines += re.findall(r"^    (.*\bhosr .*)$", TEXTS[name], re.MULTILINE)
    for line in lines:
        for command in line.split(" && "):
            program, *arguments = shlex.split(command, comments=True)
            if program == "hosr":
                make_parser().parse_args(arguments)


@pytest.mark.parametrize("name", _those_with("jinja"))
def test_the_templates_are_sound(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example of a site's own template is taken, and ends as the text says."""
    (block,) = _blocks(TEXTS[name], "jinja")
    (tmp_path / "report.txt").write_text(block, encoding="utf-8")

    assert main(["lint", str(tmp_path)]) == 0
    assert f"`{capsys.readouterr().out.strip()}`" in " ".join(TEXTS[name].split())


@pytest.mark.parametrize("name", _those_with("toml"))
def test_the_configurations_are_taken(name: str, tmp_path: Path) -> None:
    """The archives of each configuration file are read as it says."""
    (block,) = _blocks(TEXTS[name], "toml")
    path = tmp_path / "config.toml"
    path.write_text(block, encoding="utf-8")
    archives = load({"HOSR_CONFIG": str(path)}, tmp_path).archives

    addresses = {
        "pacs": "dimse://ORTHANC@pacs.example.org:4242?calling=HOSR",
        "web": "https://pacs.example.org/dicom-web",
        "ris": "mllps://ris.example.org:2576",
        "ehr": "fhir+https://ehr.example.org/r4",
    }
    assert archives.keys() >= {"pacs", "web"}
    assert {name: str(each.address) for name, each in archives.items()} == {
        name: addresses[name] for name in archives
    }
    assert archives["pacs"].listener == Listener(
        host="10.0.0.5", port=11113, peers=("pacs2.example.org",)
    )


@pytest.mark.parametrize("name", _those_with("jsonc"))
def test_what_archives_are_told_is_json(name: str) -> None:
    """The parts of an archive's own configuration can be pasted into it."""
    for block in _blocks(TEXTS[name], "jsonc"):
        json.loads(f"{{{block}}}")


def test_the_first_command_is_the_one_that_is_shown() -> None:
    """The two commands at the top are the ones explained below, on the study that `hosr example` gives."""
    study = next(iter(EXAMPLES))
    first = _commands(README)[0][0]
    assert f"pip install . && {first}\n" in README
    assert f"sample_data/{study}/record.json" in first
    assert "    bash tests/run\n" in README


@pytest.mark.parametrize("name", _those_with("python"))
def test_the_python_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each Python example holds its own assertions."""
    monkeypatch.chdir(ROOT)
    for block in _blocks(TEXTS[name], "python"):
        if "highdicom" in block and find_spec("highdicom") is None:
            continue  # some releases of Python have none
        exec(compile(block, name, "exec"), {})  # noqa: S102 (our own text)


@pytest.mark.slow
def test_the_python_is_typed(tmp_path: Path) -> None:
    """A program written after the examples passes a strict type checker."""
    files = []
    for name in _those_with("python"):
        for number, block in enumerate(_blocks(TEXTS[name], "python")):
            files.append(tmp_path / f"{name}_{number}.py")
            files[-1].write_text(block, encoding="utf-8")
    configured = str(ROOT / "pyproject.toml")
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", configured]
    # What tests/run knows of hosr once it has checked the types is not found out a second time.
    known, checking = Path(sys.prefix) / "mypy_cache", Path(sys.prefix) / "types.lock"
    with checking.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            [*command, "--cache-dir", str(known), *map(str, files)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout) == (
        0,
        f"Success: no issues found in {len(files)} source files\n",
    )


@pytest.mark.parametrize("name", TEXTS)
def test_every_file_named_is_there(name: str) -> None:
    """Pictures and folders that a text names exist."""
    named = re.findall(r"(?:\]\(|`)((?:sample_data|tests)/[\w./-]+)", TEXTS[name])

    assert [name for name in named if not (ROOT / name).exists()] == []
