"""A record without its images: the same report as with them, or a refusal that names what takes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import hosr
from hosr.errors import RecordRefused
from hosr.intake.images import SourceImages
from hosr.library import remake_report
from hosr.measure.spacing import Spacing
from tests.command import marked
from tests.images import write_film

ROOT = Path(__file__).resolve().parents[2]
Record = dict[str, Any]


@cache
def _sample(name: str) -> tuple[Record, SourceImages, hosr.Report]:
    """A sample's record and images, and what its measurement report says."""
    folder = ROOT / "sample_data" / name
    images = hosr.read_images(folder / "images")
    record = json.loads((folder / "record.json").read_bytes())
    report = hosr.decode(hosr.encode(hosr.make_report(record, images).report))
    return record, images, report


def _with_gap(**gap: Any) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        for hip in record["hips"]:
            hip["gap"] = gap
            for word in ("grades", "bridging"):
                hip.pop(word, None)

    return change


def _without_calibration(record: Record) -> None:
    for hip in record["hips"]:
        hip.pop("calibration", None)


def _by_a_model(record: Record) -> None:
    record["observer"] = {"type": "algorithm", "name": "Grader", "version": "1"}
    record.pop("conclusion", None)


def _with_own_uncertainty(record: Record) -> None:
    for hip in record["hips"]:
        hip["gap"]["uncertainty_mm"] = 0.75


def _in_space(record: Record) -> None:
    """The gap of the CT sample from one slice to the one after the next, and no image that is named."""
    record["schema_version"] = "1.1"
    for hip in record["hips"]:
        hip["gap"] = {"points_mm": [[-124.05, -30.7, -3.0], [-134, -23.25, 3.0]], **SPACE}
        hip.pop("islands", None)


def _in_other_words(record: Record) -> None:
    record.pop("view", None)
    record["hips"][0]["comment"] = "Read again."


SPACE = {"frame_of_reference_uid": "2.25.121490734173445087286310437361279088620"}
GAP = "$.hips[0].gap"
TRUE_SIZE = (
    "the report does not tell whether its image shows true size; "
    'say where it holds, such as "plane": "patient", or give the images with --images'
)
OTHER_OBSERVER = (
    "has the uncertainty of another kind of observer; "
    'say its "uncertainty_mm", or give the images with --images'
)
WITHOUT_OBJECT = (
    "was measured by the calibration object, which is left out now; give the images with --images"
)


@pytest.mark.parametrize(
    ("sample", "change", "refused"),
    [
        ("bilateral", _in_other_words, []),
        ("bilateral", _with_gap(mm=9.4, plane="patient"), []),
        ("bilateral", _with_gap(mm=9.4), [f"$.hips[{n}].gap: {TRUE_SIZE}" for n in (0, 1)]),
        ("brooker-3", _in_other_words, []),
        ("brooker-3", _with_own_uncertainty, []),
        ("brooker-3", _without_calibration, [f"{GAP}: {WITHOUT_OBJECT}"]),
        ("brooker-3", _by_a_model, [f"{GAP}: {OTHER_OBSERVER}"]),
        ("brooker-2", _with_gap(mm=9.4), []),
        ("brooker-2", _by_a_model, []),
        ("ct", _in_other_words, []),
        ("ct", _with_gap(mm=9.4), []),
        ("ct", _with_gap(category="<10mm"), []),
        ("poor-headers", _with_gap(mm=9.4), []),
        ("poor-headers", _with_gap(mm=9.4, plane="detector", uncertainty_mm=0.5), []),
    ],
)  # fmt: skip
def test_a_record_gives_the_same_report_without_its_images(
    sample: str, change: Callable[[Record], None], refused: list[str]
) -> None:
    """In its words, numbers and marks that stay; what the report cannot tell is not guessed."""
    original, images, report = _sample(sample)
    record = json.loads(json.dumps(original))
    change(record)
    if refused:
        assert _refusal(record, report) == refused
    else:
        assert remake_report(record, report) == hosr.make_report(record, images).report


@pytest.mark.parametrize("corrected_mm", [0.39, 0.33])
def test_a_report_tells_what_its_header_corrected_for(corrected_mm: float) -> None:
    """Pixel Spacing that is corrected for the table alone shows no true size, and for the hip it does."""
    original, images, _ = _sample("brooker-2")
    spacing = Spacing(pixel_spacing_mm=(corrected_mm,) * 2, imager_pixel_spacing_mm=(0.4, 0.4))
    films = tuple(
        replace(image, geometry=replace(image.geometry, spacing=spacing)) for image in images.images
    )
    images = replace(images, images=films)
    report = hosr.make_report(original, images).report
    record = json.loads(json.dumps(original))
    _with_gap(mm=9.4)(record)
    assert remake_report(record, report) == hosr.make_report(record, images).report


def _refusal(record: Record, report: hosr.Report) -> list[str]:
    with pytest.raises(RecordRefused) as refusal:
        remake_report(record, report)
    return [str(fault) for fault in refusal.value.faults]


GIVE = "give the images with --images"
OWN = "sign a report of its own for it, and let this one be"
ANOTHER = "amend the report that the record is of, or correct the record"
OUTLINE = {"polygon": [[10, 10], [20, 10], [20, 20]]}
OBJECT = {"points": [[5, 5], [30, 5]], "true_mm": 22}


@pytest.mark.parametrize(
    ("hip", "record", "words"),
    [
        ({"gap": {"points": [[10, 10], [19, 10]]}}, {}, f"{GAP}: is not marked so in the report; {GIVE}"),
        ({"gap": {"points": [[10, 10], [18, 10]], "plane": "patient"}}, {},
         f"{GAP}.plane: the plane is given as patient, but the report says detector; leave the plane out, or {GIVE}"),
        ({"islands": [{"region": OUTLINE}]}, {}, f"$.hips[0].islands[0].region: is not drawn so in the report; {GIVE}"),
        ({"islands": [{"length": {"points": [[1, 1], [9, 1]]}}]}, {},
         f"$.hips[0].islands[0].length: is not marked so in the report; {GIVE}"),
        ({"calibration": OBJECT}, {}, f"$.hips[0].calibration: is not that of the report; {GIVE}"),
        ({"gap_lateral": {"mm": 4}}, {"schema_version": "1.1"},
         f"$.hips[0].gap_lateral: is new, and the report does not tell a lateral image; {GIVE}"),
        ({"image": "1.2.3"}, {}, f"$.hips[0]: image 1.2.3 is none of those of the report; correct the UID, or {GIVE}"),
        ({"side": "left"}, {}, f"$.hips[0].side: is left, and the report is not of that hip; {OWN}"),
        ({}, {"view": "ap_hip"}, f'$.view: is "ap_hip", but that of the report is ap_pelvis; {GIVE}'),
        ({}, {"schema_version": "1.1", "overrides": [{"side": "right", "reason": "Marker."}]},
         f"$.overrides: are not those of the report; {GIVE}"),
        ({}, {"study": {"patient_id": "OTHER"}}, f"$.study.patient_id: is not that of the report; {ANOTHER}"),
    ],
)  # fmt: skip
def test_what_takes_the_images_is_named(
    tmp_path: Path, hip: Record, record: Record, words: str
) -> None:
    """Each with its path, and nothing else: what stays of the record is no fault."""
    report = hosr.make_report({**marked(), "view": "ap_pelvis"}, write_film(tmp_path / "a.dcm"))
    assert _refusal({**marked(**hip), **record}, report.report) == [words]


def test_a_slice_is_named_where_the_images_are_not_at_hand() -> None:
    """The middle of a series that is not there is nobody's to find."""
    original, _, report = _sample("ct")
    record = json.loads(json.dumps(original))
    for hip in record["hips"]:
        hip.pop("image", None)
        hip.pop("islands", None)
        hip["gap"] = {"mm": 9.4}
    remedy = f"name the one that was graded, or {GIVE}"
    assert _refusal(record, report)[0] == f"$.hips[0].image: no image is named; {remedy}"


def test_a_line_in_space_keeps_the_slice_that_showed_it() -> None:
    """Named or not; another line, or another slice for it, takes the images."""
    original, images, _ = _sample("ct")
    record = json.loads(json.dumps(original))
    _in_space(record)
    whole = hosr.make_report(record, images).report
    report = hosr.decode(hosr.encode(whole))
    assert report == whole
    (hip,) = record["hips"]
    shown = report.hips[0].hip.place
    assert shown is not None
    for image in ({}, {"image": shown.sop_instance_uid}):
        hip["gap"] |= image
        assert remake_report(record, report) == whole
    hip["gap"]["points_mm"][0][0] -= 1
    assert _refusal(record, report) == [f"{GAP}: is not marked so in the report; {GIVE}"]


def test_surfaces_and_other_distances_stay_as_they_were_found() -> None:
    """Those that the report has are taken from it; what is new takes the images."""
    original, images, _ = _sample("ct")
    record = json.loads(json.dumps(original))
    _in_space(record)
    (hip,) = record["hips"]
    shown = {"image": images.images[11].sop_instance_uid}
    corners = [[10, 10], [40, 10], [40, 50]]
    hip |= {
        "boundary": {"basis": "mask", "sd_mm": 0.5},
        "candidates": [
            {"between": ["pelvis", "femur"], "length": {"mm": 24.5}, "why": "longer"},
            {"between": ["pelvis", "femur"], "length": hip["gap"], "why": "through_bone"},
        ],
        "outlines": [{"structure": "femur", "polygon": corners, **shown}],
    }
    whole = hosr.make_report(record, images).report
    report = hosr.decode(hosr.encode(whole))
    assert report == whole
    assert remake_report(record, report) == whole
    hip["outlines"][0]["structure"] = "pelvis"
    hip["candidates"][1]["why"] = "overlap"
    assert _refusal(record, report) == [
        f"$.hips[0].outlines[0]: is not drawn so in the report; {GIVE}",
        f"$.hips[0].candidates[1]: is not found so in the report; {GIVE}",
    ]
