"""Records that are wrong, or are not of the images: exit 3 or 4, every fault on a line, no file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.command import Ran, hosr, marked, write_record
from tests.images import write_film

if TYPE_CHECKING:
    pass

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
    "a gap in words": (
        _hip(gap={"mm": "9,5"}),
        3,
        ['  $.hips[0].gap.mm: is text, not a number; write {"mm": 9.5}'],
    ),
    "a grade that is none": (
        _hip(grades={"brooker": "V"}),
        3,
        [
            '  $.hips[0].grades.brooker: is "V", which is no Brooker grade; write "0", "I", "II", "III" or "IV", or a range such as "II-III" [E13]'
        ],
    ),
    "a side that is none": (
        _hip(side="both"),
        3,
        [
            '  $.hips[0].side: is "both", but a grade is for one hip; write one entry for each hip, "side": "right" and "side": "left" [E09]'
        ],
    ),
    "an unknown key": (
        _hip(gap_mm=8),
        3,
        [
            '  $.hips[0].gap_mm: is an unknown key; remove it; the keys here are "gap", "gap_lateral", "frame", "grades", "comment", "bridging_basis" or another of the 26 in the schema'
        ],
    ),
    "an infinite length": (
        _hip(gap={"mm": 1e999}),
        3,
        ["  $.hips[0].gap.mm: is not a finite number; correct it, or leave it out [E05]"],
    ),
    "no hips": (_whole(hips=[]), 3, ["  $.hips: has 0 of at least 1 entries; add what is missing"]),
    "one side twice": (
        _whole(hips=[*marked()["hips"], *marked()["hips"]]),
        3,
        ['  $.hips[1].side: is "right", as in hips[0]; give each side once [E09]'],
    ),
    "a list": (
        [],
        3,
        [
            '  $: is a list, not an object; write an object with "schema_version", "graded_at", "study", "observer", "context", "view", "conclusion", "incomplete", "overrides" or "hips"'
        ],
    ),
    "a naive time": (
        _whole(graded_at="2026-03-02T10:15:00"),
        3,
        [
            '  $.graded_at: has no offset from UTC; write date, time and offset from UTC, such as "2026-03-02T10:15:00+01:00"'
        ],
    ),
    "an unknown observer": (
        _whole(observer={"type": "robot"}),
        3,
        ['  $.observer: has the type "robot"; write "type": "person" or "type": "algorithm"'],
    ),
    "absent, with spurs": (
        _hip(presence="absent"),
        3,
        [
            '  $.hips[0].presence: ossification is absent, yet bone, its stage or a grade that counts bone is given; say "present", or remove what describes it [E01]'
        ],
    ),
    "bridged, with a gap": (
        _hip(bridging="confirmed", gap={"mm": 12}),
        3,
        [
            "  $.hips[0].bridging: bone bridges the joint, yet a gap of 1 cm or more is given on the same view; correct the bridging or the gap; a gap on the lateral view goes into gap_lateral [E04]"
        ],
    ),
    "a CT feature on a film": (
        _hip(features=["CT_MIN_ZONAL"]),
        3,
        [
            "  $.hips[0].features: a feature belongs to another modality than the study; XR_ features need a radiograph, CT_ a CT, MR_ an MR [V6]"
        ],
    ),
    "two classes of one gap": (
        _hip(gap={"mm": 8, "category": ">=10mm"}),
        3,
        [
            "  $.hips[0].gap: the class of the gap contradicts its millimetres; correct one of them [E08]"
        ],
    ),
    "a class that the points deny": (
        _hip(gap={"points": [[10, 10], [18, 10]], "category": ">=10mm"}),
        3,
        [
            "  $.hips[0].gap: the class of the gap contradicts its millimetres; correct one of them [E08]"
        ],
    ),
    "points outside the image": (
        marked(end=(121, 10)),
        3,
        [
            "  $.hips[0].gap.points: the point [121, 10] lies outside the image; points are [column, row] within 0..120, 0..80"
        ],
    ),
    "an outline outside the image": (
        _hip(islands=[{"region": {"polygon": [[1, 1], [200, 2], [3, 90]]}}]),
        3,
        [
            "  $.hips[0].islands[0].region.polygon: the point [200, 2] lies outside the image (and 1 more); points are [column, row] within 0..120, 0..80"
        ],
    ),
    "a frame that is not there": (
        _hip(gap={"points": [[1, 1], [9, 1]], "frame": 2}),
        3,
        ["  $.hips[0].gap.frame: the image has no frame 2; leave it out"],
    ),
    "a calibration without size": (
        _hip(calibration={"points": [[5, 5], [5, 5]], "true_mm": 32}),
        3,
        ["  $.hips[0].calibration.points: marks the same point twice; mark both ends [E05]"],
    ),
    "an implausible calibration": (
        _hip(calibration={"points": [[5, 5], [9, 5]], "true_mm": 60}),
        3,
        [
            "  $.hips[0].gap: the calibration object would be magnified by a factor outside 1.0 to 1.6; check the two points and the true size [E15]"
        ],
    ),
    "a plane that the header denies": (
        _hip(gap={"points": [[10, 10], [18, 10]], "plane": "patient"}),
        3,
        [
            "  $.hips[0].gap.plane: the plane is given as patient, but the image header says detector; leave the plane out"
        ],
    ),
    "another patient": (
        _study(patient_id="P-4712"),
        4,
        [
            "  $.study.patient_id: is not that of the images; give the images that were graded, or correct the record"
        ],
    ),
    "another study": (
        _study(study_instance_uid="2.25.9"),
        4,
        [
            "  $.study.study_instance_uid: is not that of the images; give the images that were graded, or correct the record"
        ],
    ),
    "another accession": (
        _study(accession_number="A-18"),
        4,
        [
            "  $.study.accession_number: is not that of the images; give the images that were graded, or correct the record"
        ],
    ),
    "everything of another": (
        _study(study_instance_uid="2.25.9", patient_id="P", accession_number="A"),
        4,
        [
            "  $.study.study_instance_uid: is not that of the images; give the images that were graded, or correct the record",
            "  $.study.patient_id: is not that of the images; give the images that were graded, or correct the record",
            "  $.study.accession_number: is not that of the images; give the images that were graded, or correct the record",
        ],
    ),
    "an image that was not given": (
        _hip(image="2.25.7"),
        4,
        [
            "  $.hips[0].image: image 2.25.7 is not among the images given; give that image, or correct the UID"
        ],
    ),
    "the same unknown image thrice": (
        _hip(image="2.25.7", gap={"points": [[1, 1], [9, 1]], "image": "2.25.7"}),
        4,
        [
            "  $.hips[0].image: image 2.25.7 is not among the images given; give that image, or correct the UID",
            "  $.hips[0].gap.image: image 2.25.7 is not among the images given; give that image, or correct the UID",
        ],
    ),
    "a CT on a film": (
        _whole(view="ct"),
        4,
        [
            '  $.view: is "ct", but the image headers say ap_pelvis; correct the view, give the images that were graded, or say in overrides why not'
        ],
    ),
    "a lateral view on an AP film": (
        _whole(view="lateral"),
        4,
        [
            '  $.view: is "lateral", but the image headers say ap_pelvis; correct the view, give the images that were graded, or say in overrides why not'
        ],
    ),
    "both at once": (
        {**marked(end=(121, 10)), "study": {"patient_id": "P"}},
        4,
        [
            "  $.hips[0].gap.points: the point [121, 10] lies outside the image; points are [column, row] within 0..120, 0..80",
            "  $.study.patient_id: is not that of the images; give the images that were graded, or correct the record",
        ],
    ),
}


@pytest.mark.parametrize("case", WRONG_RECORDS)
def test_wrong_records_are_refused_in_one_line_each(case: str, tmp_path: Path) -> None:
    """A record that is malformed, contradicts itself or its images leaves its faults and no file."""
    record, code, faults = WRONG_RECORDS[case]
    film = write_film(tmp_path / "film.dcm")
    given = write_record(tmp_path / "record.json", record)
    ran = hosr("report", given, "--images", film, "--out", tmp_path / "out")
    header = {3: "hosr: record refused", 4: "hosr: images refused"}[code]
    assert ran == Ran(code=code, err="".join(f"{line}\n" for line in (header, *faults)))
    assert ran.is_safe_to_read
    assert not (tmp_path / "out").exists()
