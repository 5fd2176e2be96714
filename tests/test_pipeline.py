"""The flow from record and images to the files of one report."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydicom
import pytest

from hosr import __version__
from hosr.errors import HosrError, RecordRefused
from hosr.intake.images import read_images
from hosr.intake.record import parse_record
from hosr.pipeline import (
    OUTPUTS,
    find_refusals,
    grade_record,
    is_unmeasured,
    make_files,
    make_report,
    report_record,
)
from hosr.sr.profiles import Options, ProfileName
from tests.command import marked, write_record
from tests.images import DELETE, STUDY_UID, write_film, write_slices

if TYPE_CHECKING:
    from hosr.pipeline import Made, Outcome


def _outcome(folder: Path, record: dict[str, Any] | None = None, **header: Any) -> Outcome:
    images = read_images([write_film(folder / "film.dcm", **header)])
    return make_report(parse_record(json.dumps(record or marked())), images)


def _manifest(files: tuple[Made, ...]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(files[-1].data)
    return content


def test_the_manifest_tells_what_was_made(tmp_path: Path) -> None:
    """Every file with its class, UID, digest and size; grades, status and what was tolerated."""
    files = make_files(_outcome(tmp_path, PatientOrientation=""))
    manifest = _manifest(files)
    assert manifest == {
        "hosr_version": __version__,
        "study_instance_uid": STUDY_UID,
        "profile": "air",
        "terminology": "open",
        "hydrate": False,
        "status": {
            "completion": "COMPLETE",
            "verification": "UNVERIFIED",
            "preliminary": "PRELIMINARY",
        },
        "files": [
            {
                "name": made.name,
                **(
                    {"sop_class_uid": made.sop_class_uid, "sop_instance_uid": made.sop_instance_uid}
                    if made.name.endswith(".dcm")
                    else {}
                ),
                "sha256": hashlib.sha256(made.data).hexdigest(),
                "bytes": len(made.data),
            }
            for made in files[:-1]
        ],
        "hips": manifest["hips"],
        "tolerated": [{"path": "film.dcm", "problem": "Patient Orientation is missing"}],
    }
    assert [hip["brooker"]["grade"] for hip in manifest["hips"]] == ["III"]


def test_the_manifest_names_each_document_as_it_names_itself(tmp_path: Path) -> None:
    """Class and UID in the manifest are those in the file."""
    for made in make_files(_outcome(tmp_path), ["measurement", "narrative"])[:-1]:
        path = tmp_path / made.name
        path.write_bytes(made.data)
        dataset = pydicom.dcmread(path)
        assert (dataset.SOPClassUID, dataset.SOPInstanceUID) == (
            made.sop_class_uid,
            made.sop_instance_uid,
        )
        assert dataset.StudyInstanceUID == STUDY_UID


@pytest.mark.parametrize("output", OUTPUTS)
def test_an_output_is_the_same_alone_and_among_others(output: str, tmp_path: Path) -> None:
    """Which other outputs are made changes no byte of one."""
    outcome = _outcome(tmp_path)
    (alone, _) = make_files(outcome, [output])
    assert alone in make_files(outcome)


def test_files_depend_on_nothing_but_their_input(tmp_path: Path) -> None:
    """Other file names, folders and an order of images that was changed give the same files."""
    (tmp_path / "a").mkdir()
    write_slices(tmp_path / "slices", 4)
    named = json.dumps(marked(gap={"points": [[1, 1], [9, 1]]}, image="1.2.826.0.1.1.2.2"))
    paths = sorted((tmp_path / "slices").iterdir())
    outcomes = [
        make_report(parse_record(named), read_images(order)) for order in (paths, paths[::-1])
    ]
    assert make_files(outcomes[0]) == make_files(outcomes[1])


@pytest.mark.parametrize(
    ("record", "header"),
    [
        (marked(end=(18.5, 10)), {}),
        (marked(comment="again"), {}),
        ({**marked(), "graded_at": "2026-03-02T10:15:01+01:00"}, {}),
        ({**marked(), "observer": {"type": "person", "name": "Rossi^Mario"}}, {}),
        (marked(), {"ImagerPixelSpacing": ["1.01", "1.01"]}),
        (marked(), {"PatientID": "P-4712"}),
        (marked(), {"SOPInstanceUID": "2.25.301"}),
    ],
)
def test_another_input_is_another_report(
    record: dict[str, Any], header: dict[str, Any], tmp_path: Path
) -> None:
    """Whatever changes in record or header gives every document another UID."""

    def uids(outcome: Outcome) -> list[str]:
        return [made.sop_instance_uid for made in make_files(outcome, ["measurement", "narrative"])]

    pairs = zip(uids(_outcome(tmp_path)), uids(_outcome(tmp_path, record, **header)), strict=True)
    assert [first == second for first, second in pairs] == [False, False, True]


@pytest.mark.parametrize("option", [Options(profile=ProfileName.STONE), Options(hydrate=True)])
def test_another_option_is_another_document(option: Options, tmp_path: Path) -> None:
    """A measurement report that is written otherwise has another UID."""
    outcome = _outcome(tmp_path)
    (plain, _), (other, manifest) = (
        make_files(outcome, ["measurement"], options) for options in (Options(), option)
    )
    assert plain.sop_instance_uid != other.sop_instance_uid
    assert _manifest((manifest,))["profile"] == option.profile


def test_what_is_read_back_makes_the_same_report(tmp_path: Path) -> None:
    """The record of a report, taken to the same images, gives the same files."""
    outcome = _outcome(tmp_path)
    again = _outcome(tmp_path, report_record(outcome.report))
    assert make_files(again) == make_files(outcome)


def test_a_record_is_graded_without_images() -> None:
    """Without images a marked gap has no millimetres, and leaves both grades possible."""
    (hip,) = grade_record(parse_record(json.dumps(marked())))
    assert [grade.possible for grade in hip.grades] == [("II", "III"), ("B", "C")]
    assert is_unmeasured(hip.hip)


@pytest.mark.parametrize(
    ("hip", "is_marked"),
    [
        ({"gap": {"mm": 8}}, False),
        ({"gap": None}, False),
        ({"gap": {"category": "<10mm"}}, False),
        ({"gap": {"mm": 8}, "gap_lateral": {"points": [[1, 1], [2, 2]]}}, True),
        ({"gap": {"mm": 8}, "islands": [{"length": {"points": [[1, 1], [2, 2]]}}]}, True),
    ],
)
def test_only_a_mark_without_millimetres_is_unmeasured(
    hip: dict[str, Any], is_marked: bool
) -> None:
    """A stated or classed length needs no image."""
    (found,) = parse_record(json.dumps(marked(**hip))).hips
    assert is_unmeasured(found) is is_marked


@pytest.mark.parametrize(
    "hip",
    [
        {"gap": {"mm": 8}, "features": ["CT_MIN_ZONAL"], "stage": "mineralization"},
        {"gap": {"mm": 8}, "stage": "maturation", "features": ["XR_MAT_CORTEX"]},
        {"gap": {"mm": 8}, "stage": "delayed"},
    ],
)
def test_a_view_that_is_left_to_the_images_contradicts_nothing(hip: dict[str, Any]) -> None:
    """Features and stages of any modality are graded while no view is stated."""
    assert grade_record(parse_record(json.dumps(marked(**hip))))


def test_a_contradiction_is_refused_with_and_without_images(tmp_path: Path) -> None:
    """The same contradiction is found when grading and when reporting."""
    record = marked(bridging="confirmed", gap={"mm": 12})
    faults = []
    with pytest.raises(RecordRefused, match="bone bridges the joint") as caught:
        grade_record(parse_record(json.dumps(record)))
    faults.append(caught.value.faults)
    with pytest.raises(RecordRefused, match="bone bridges the joint") as caught:
        _outcome(tmp_path, record)
    faults.append(caught.value.faults)
    assert faults[0] == faults[1]


@pytest.mark.parametrize(
    ("record", "header", "refusals"),
    [
        (marked(), {}, []),
        (marked(side="both"), {}, [["$.hips[0].side"]]),
        (marked(side="both"), {"Rows": DELETE}, [["$.hips[0].side"], ["film.dcm"]]),
        (
            {**marked(bridging="confirmed", gap={"mm": 12}), "study": {"patient_id": "P"}},
            {},
            [["$.hips[0].bridging"], ["$.study.patient_id"]],
        ),
        (marked(image="2.25.1"), {}, [["$.hips[0].image"]]),
    ],
)
def test_all_refusals_are_found_at_once(
    record: dict[str, Any], header: dict[str, Any], refusals: list[list[str]], tmp_path: Path
) -> None:
    """Record, images, contradictions and what does not match are looked at, whatever else fails."""
    path = write_record(tmp_path / "record.json", record)
    image = write_film(tmp_path / "film.dcm", **header)
    found: list[HosrError] = find_refusals(path, [image])
    assert [[fault.path for fault in error.faults] for error in found] == refusals
