"""What `hosr describe watch` shows for services: a unit, a container and a program, as far as they can be tried."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from hosr.cli.describe import describe
from hosr.cli.program import make_parser
from tests.peers.processes import program, run

ROOT = Path(__file__).resolve().parents[2]


def block(language: str) -> str:
    """The only block of this language on the page."""
    (found,) = re.findall(
        rf"^```{language}\n(.*?)^```", describe("watch"), re.MULTILINE | re.DOTALL
    )
    assert isinstance(found, str)
    return found


def _sections(unit: str) -> dict[str, list[str]]:
    joined = unit.replace("\\\n", " ")
    found = re.findall(r"^(\w+)=(.*)$", joined, re.MULTILINE)
    return {key: [value for name, value in found if name == key] for key, _ in found}


def test_the_unit_starts_a_command_that_is_one() -> None:
    """Its arguments are those of today; what it needs is made by systemd, and readable for nobody else."""
    said = _sections(block("ini"))
    name, *arguments = shlex.split(said["ExecStart"][0])
    assert Path(name).name == "hosr"
    parsed = make_parser().parse_args(arguments)
    state = said["StateDirectory"][0].split()
    assert said["WorkingDirectory"] == [f"/var/lib/{state[0]}"]
    assert f"{state[0]}/{parsed.inbox}" in state
    assert said["UMask"] == ["0077"]


@pytest.mark.peer
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """`systemd-analyze verify` finds no fault in it, once its program is one that is here."""
    verify = program("systemd-analyze", "Debian package systemd")
    unit = tmp_path / "hosr-watch.service"
    hosr = shutil.which("hosr", path=str(Path(sys.executable).parent)) or sys.executable
    unit.write_text(
        block("ini").replace("/opt/hosr/bin/hosr", hosr).replace("User=hosr", "User=daemon")
    )
    ran = run([verify, "verify", unit], timeout=60)
    told = [line for line in ran.err.splitlines() if unit.name in line]
    assert (ran.code, told) == (0, [])


def test_the_container_runs_a_command_that_is_one() -> None:
    """Entry point and arguments together are a call of today; the extras and folders are there."""
    said = dict(line.split(" ", 1) for line in block("dockerfile").splitlines())
    known = {"FROM", "COPY", "RUN", "USER", "VOLUME", "EXPOSE", "ENTRYPOINT", "CMD"}
    assert said.keys() == known
    call: list[str] = [*json.loads(said["ENTRYPOINT"]), *json.loads(said["CMD"])]
    assert call[0] == "hosr"
    parsed = make_parser().parse_args(call[1:])
    volumes = {Path(path) for path in json.loads(said["VOLUME"])}
    assert {parsed.drafts, parsed.inbox, *map(Path, parsed.images)} == volumes
    assert parsed.listen.endswith(f":{said['EXPOSE']}")
    (extra,) = re.findall(r"/src\[(\w+)\]", block("dockerfile"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert extra in project["optional-dependencies"]
    for command in re.findall(r"(?:^RUN|&&) (\S+)", block("dockerfile"), re.MULTILINE):
        assert shutil.which(command), command


def test_the_program_for_orthanc_is_python() -> None:
    """It can be compiled; what it does is tried with Orthanc."""
    compiled = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import sys; compile(sys.stdin.read(), 'x', 'exec')"],
        input=block("py"),
        text=True,
        check=False,
    )
    assert compiled.returncode == 0
