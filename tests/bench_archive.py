"""How long it takes to archive 500 small reports beside dcmsend: `python tests/bench_archive.py`.

Both send the same files to the same Orthanc, emptied in between. hosr's time is that of the whole
process: reading, the outbox, sending, and the proof by storage commitment, which dcmsend does not have.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.peers.archiving import AET, ArchivingOrthanc, archiving_orthanc
from tests.peers.processes import program
from tests.peers.reports import make_object

REPORTS = 500


def _seconds(command: Sequence[object], environ: dict[str, str] | None = None) -> float:
    """How long a command takes that must succeed."""
    start = time.perf_counter()
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        capture_output=True,
        env={**os.environ, **(environ or {})},
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    return time.perf_counter() - start


def _write_files(folder: Path) -> list[Path]:
    folder.mkdir()
    paths = [folder / f"{number:03}.dcm" for number in range(REPORTS)]
    for number, path in enumerate(paths):
        path.write_bytes(make_object("bench", str(number)))
    return paths


def _require_all(archive: ArchivingOrthanc) -> None:
    kept = len(archive.running.uids())
    if kept != REPORTS:
        raise RuntimeError(f"the archive has {kept} objects instead of {REPORTS}")


def _send_by_dcmsend(directory: Path, paths: list[Path]) -> float:
    (directory / "first").mkdir()
    with archiving_orthanc(directory / "first") as archive:
        sender = program("dcmsend", "Debian package dcmtk")
        port = archive.dicom_port
        command = [sender, "-aet", "HOSR", "-aec", AET, "127.0.0.1", port, *paths]
        seconds = _seconds(command)
        _require_all(archive)
    return seconds


def _send_by_hosr(directory: Path, folder: Path, to: str) -> float:
    (directory / to).mkdir()
    with archiving_orthanc(directory / to) as archive:
        environ = {"HOSR_CONFIG": str(archive.configure(directory / to / "config.toml"))}
        hosr = program("hosr", "this project")
        seconds = _seconds([hosr, "send", folder, "--to", to], environ)
        _require_all(archive)
    return seconds


def main() -> None:
    """Measure both in one run, and print the ratio."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        paths = _write_files(directory / "reports")
        size = sum(path.stat().st_size for path in paths) / len(paths)
        print(f"{REPORTS} reports of {size / 1000:.0f} kB to Orthanc on this machine")
        reference = _send_by_dcmsend(directory, paths)
        print(f"{'dcmsend, one association, no proof':48}{reference:7.1f} s")
        for to, words in (
            ("pacs", "hosr send, DIMSE, storage commitment"),
            ("web", "hosr send, DICOMweb, read back and compared"),
        ):
            seconds = _send_by_hosr(directory, directory / "reports", to)
            print(f"{words:48}{seconds:7.1f} s   ratio {seconds / reference:.2f}")


if __name__ == "__main__":
    main()
