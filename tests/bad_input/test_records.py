"""Records that are wrong, or are not of the images: exit 3 or 4, every fault on a line, no file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.command import Ran, hosr, marked, write_record
from tests.images import FILM_UID, STUDY_UID, film, write_film

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSED = "hosr: record refused\n"
NOT_MATCHING = "hosr: images refused\n"
ANOTHER = "is not that of the images; give the images that were graded, or correct the record"
OUTSIDE = "points are [column, row] within 0..120, 0..80"


def _hip(**hip: Any) -> dict[str, Any]:
    return marked(**hip)


def _whole(**record: Any) -> dict[str, Any]:
    return {**marked(), **record}


def _study(**asserted: str) -> dict[str, Any]:
    return _whole(study=asserted)


# What is wrong with the record: the record, the exit code, the faults.
WRONG_RECORDS: dict[str, tuple[Any, int, list[str]]] = {
    "a gap in words": (_hip(gap={"mm": "9,5"}), 3, []),
    "a grade that is none": (_hip(grades={"brooker": "V"}), 3, []),
    "a side that is none": (_hip(side="both"), 3, []),
    "an unknown key": (_hip(gap_mm=8), 3, []),
    "an infinite length": (_hip(gap={"mm": 1e999}), 3, []),
    "no hips": (_whole(hips=[]), 3, []),
    "one side twice": (_whole(hips=[*marked()["hips"], *marked()["hips"]]), 3, []),
    "a list": ([], 3, []),
    "a naive time": (_whole(graded_at="2026-03-02T10:15:00"), 3, []),
    "an unknown observer": (_whole(observer={"type": "robot"}), 3, []),
    "absent, with spurs": (_hip(presence="absent"), 3, []),
    "bridged, with a gap": (_hip(bridging="confirmed", gap={"mm": 12}), 3, []),
    "a CT feature on a film": (_hip(features=["CT_MIN_ZONAL"]), 3, []),
    "two classes of one gap": (_hip(gap={"mm": 8, "category": ">=10mm"}), 3, []),
    "a class that the points deny": (
        _hip(gap={"points": [[10, 10], [18, 10]], "category": ">=10mm"}), 3, [],
    ),
    "points outside the image": (marked(end=(121, 10)), 3, []),
    "an outline outside the image": (
        _hip(islands=[{"region": {"polygon": [[1, 1], [200, 2], [3, 90]]}}]), 3, [],
    ),
    "a frame that is not there": (_hip(gap={"points": [[1, 1], [9, 1]], "frame": 2}), 3, []),
    "a calibration without size": (
        _hip(calibration={"points": [[5, 5], [5, 5]], "true_mm": 32}), 3, [],
    ),
    "an implausible calibration": (
        _hip(calibration={"points": [[5, 5], [9, 5]], "true_mm": 60}), 3, [],
    ),
    "a plane that the header denies": (
        _hip(gap={"points": [[10, 10], [18, 10]], "plane": "patient"}), 3, [],
    ),
    "another patient": (_study(patient_id="P-4712"), 4, []),
    "another study": (_study(study_instance_uid="2.25.9"), 4, []),
    "another accession": (_study(accession_number="A-18"), 4, []),
    "everything of another": (
        _study(study_instance_uid="2.25.9", patient_id="P", accession_number="A"), 4, [],
    ),
    "an image that was not given": (_hip(image="2.25.7"), 4, []),
    "the same unknown image thrice": (
        _hip(image="2.25.7", gap={"points": [[1, 1], [9, 1]], "image": "2.25.7"}), 4, [],
    ),
    "a CT on a film": (_whole(view="ct"), 4, []),
    "a lateral view on an AP film": (_whole(view="lateral"), 4, []),
    "both at once": ({**marked(end=(121, 10)), "study": {"patient_id": "P"}}, 4, []),
}  # fmt: skip
