"""No process but a sandbox has the libraries that decode pixels."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_data" / "bilateral"

# What stands in the path of a library: GDCM with its OpenSSL, other decoders, and the reader of PDF.
DECODERS = ("gdcm", "jpeg_ls", "pylibjpeg", "openjpeg", "pypdfium2", "libcrypto-", "libssl-")

# Runs commands as a user does, and tells of each what this process and its children then have mapped.
PROGRAM = """
import json, os, sys
from pathlib import Path
from hosr import sandbox_server
from hosr.cli import run

def mapped(process):
    lines = Path(f"/proc/{process}/maps").read_text().splitlines()
    return sorted({line.split()[-1] for line in lines if ".so" in line})

told = {}
for arguments in json.loads(sys.argv[1]):
    sys.argv[1:] = arguments
    try:
        run()
    except SystemExit as end:
        waiting = {str(server._process.pid) for server in sandbox_server._servers.values()}
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        children = [child for child in children if child not in waiting]  # they are the sandbox
        told[arguments[0]] = {"code": end.code, "mapped": [mapped(each) for each in ("self", *children)]}
print(json.dumps(told), file=sys.stderr)
"""


def test_commands_map_no_decoder(tmp_path: Path) -> None:
    """Neither a command nor the process that workers are begun from; nor Pillow, before there are pictures."""
    record, images = str(SAMPLE / "record.json"), str(SAMPLE / "images")
    manifest = tmp_path / "m.jsonl"
    manifest.write_text(json.dumps({"id": "1", "record": record, "images": images}) + "\n")
    (report,) = (ROOT / "sample_data" / "reports").glob("brooker-2.dcm")
    commands = [
        ["show", str(report)],
        ["check", record, "--images", images],
        ["report", record, "--images", images, "--out", str(tmp_path / "report")],
        ["batch", str(manifest), "--out", str(tmp_path / "batch"), "--jobs", "2"],
    ]
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(commands)],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(ran.stderr.splitlines()[-1])
    assert [told[command[0]]["code"] for command in commands] == [0, 0, 0, 0], ran.stderr

    every = [path for ended in told.values() for maps in ended["mapped"] for path in maps]
    assert [path for path in every if any(name in path for name in DECODERS)] == []
    (showing,) = told["show"]["mapped"]
    assert any("numpy" in path for path in showing)
    assert [path for path in showing if "pillow" in path or "/PIL/" in path] == []
    _, *children = told["batch"]["mapped"]
    assert children
    assert any("numpy" in path for maps in children for path in maps)
