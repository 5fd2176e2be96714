"""The report that the commands are tried with, and what is printed of it."""

from __future__ import annotations

from tests.command import Ran, hosr

__all__ = ["GRADED", "HINT", "UNMEASURED", "report"]

HINT = "hosr: lengths marked by points are not measured; name the images with --images\n"

GRADED = """\
right: Brooker III (findings: III; source: -; remarks: UNCALIBRATED)
right: Della Valle C (findings: C; source: -; remarks: UNCALIBRATED)
"""
UNMEASURED = """\
right: Brooker II or III (findings: II or III; source: -; remarks: UNCALIBRATED, GAP_MISSING)
right: Della Valle B or C (findings: B or C; source: -; remarks: UNCALIBRATED, GAP_MISSING)
"""


def report(*options: str, out: str = "out") -> Ran:
    """Report the film by its record."""
    return hosr("report", "record.json", "--images", "film.dcm", "--out", out, *options)
