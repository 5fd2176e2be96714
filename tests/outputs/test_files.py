"""The files of a report, together and each alone."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pydicom
import pytest

from hosr.intake.images import read_images
from hosr.intake.record import parse_record
from hosr.language import LANGUAGES, language_of
from hosr.outputs import DEFAULT_OUTPUTS, OUTPUTS, OutputName, make_files
from hosr.pipeline import make_report, report_record
from hosr.sr.receivers import Options, ProfileName
from hosr.templating.sources import Wording
from hosr.version import __version__
from tests.command import marked
from tests.images import STUDY_UID, write_film, write_slices

if TYPE_CHECKING:
    from pathlib import Path

    from hosr.outputs import Made
    from hosr.pipeline import Outcome


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
        "language": "en",
        "site_templates": [],
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
    for made in make_files(_outcome(tmp_path), OUTPUTS)[:-1]:
        if not made.name.endswith(".dcm"):
            continue
        path = tmp_path / made.name
        path.write_bytes(made.data)
        dataset = pydicom.dcmread(path)
        assert (dataset.SOPClassUID, dataset.SOPInstanceUID) == (
            made.sop_class_uid,
            made.sop_instance_uid,
        )
        assert dataset.StudyInstanceUID == STUDY_UID


@pytest.mark.parametrize("output", OUTPUTS)
def test_an_output_is_the_same_alone_and_among_others(output: OutputName, tmp_path: Path) -> None:
    """Which other outputs are made changes no byte of one."""
    outcome = _outcome(tmp_path)
    *alone, _ = make_files(outcome, [output])
    assert alone
    assert set(alone) <= set(make_files(outcome, OUTPUTS))


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

    def uids(outcome: Outcome) -> dict[str, str]:
        made = {file.name: file.sop_instance_uid for file in make_files(outcome, OUTPUTS)}
        return {name: uid for name, uid in made.items() if name.endswith(".dcm")}

    first, second = uids(_outcome(tmp_path)), uids(_outcome(tmp_path, record, **header))
    assert first.keys() == second.keys()
    assert not set(first.values()) & set(second.values())


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
    files = make_files(outcome)
    assert make_files(_outcome(tmp_path, report_record(outcome.report))) == files


def test_what_is_made_by_name_only() -> None:
    """What nobody named is made, but for a second form of the pictures, and for messages."""
    assert set(OUTPUTS) - set(DEFAULT_OUTPUTS) == {"captures", "hl7", "fhir", "fhir-r5"}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_language_changes_the_words_and_nothing_else(tag: str, tmp_path: Path) -> None:
    """What is measured and marked is the same object in every language; the words are others."""
    outcome = _outcome(tmp_path)
    english, other = (
        {made.name: made.data for made in make_files(outcome, OUTPUTS, wording=wording)}
        for wording in (Wording(), Wording(language_of(tag)))
    )
    alike = {name for name in english if english[name] == other[name]}
    objects = {"measurement.dcm", "overlay.dcm", "keyobjects.dcm"}
    assert alike == (set(english) if tag == "en" else objects)
