"""Damaged files and other processes: a report or a refusal, and always the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hosr import sr
from hosr.errors import DocumentRefused
from hosr.report import Report
from tests.drawn import drawn
from tests.narrative.cases import CASES

FILES = [sr.encode(CASES[name]) for name in sorted(CASES)]


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """A report in which some bytes were changed, lost, added, or copied from elsewhere in it."""
    data = bytearray(draw(st.sampled_from(FILES)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(128, len(data) - 1))
        length = draw(st.integers(0, 16))
        if draw(st.booleans()):
            other = draw(st.integers(128, len(data) - 1))
            data[start : start + length] = data[other : other + length]
        else:
            data[start : start + length] = draw(st.binary(max_size=16))
    return bytes(data)


@drawn(160)
@given(data=damaged_files())
def test_a_damaged_file_is_a_report_or_refused(data: bytes) -> None:
    """Nothing but a refusal leaves the reader, whatever happened to a file."""
    try:
        report = sr.decode(data)
    except DocumentRefused:
        return

    assert isinstance(report, Report)


_PROGRAM = """
import hashlib
from hosr import sr
from tests.narrative.cases import CASES
data = [sr.encode(CASES[name]) for name in sorted(CASES)[::9]]
data += [sr.encode_narrative(CASES[name], (("findings", ("A.",)),)) for name in sorted(CASES)[::9]]
print(hashlib.sha256(b"".join(data)).hexdigest())
"""


def test_the_bytes_do_not_depend_on_the_process() -> None:
    """Another process with another order of sets writes the same files."""
    printed = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("0", "1", "4242")
    }

    assert len(printed) == 1


def test_the_order_of_examined_images_does_not_matter() -> None:
    """The same images in another order are the same evidence, item for item."""
    report = CASES["mr_early"]
    turned = replace(report.subject, examined=report.subject.examined[::-1])
    files = [sr.encode(report), sr.encode(replace(report, subject=turned))]

    assert sr.decode(files[0]) == sr.decode(files[1]) == report
