"""Presentation state, key objects, PDF and captures before the programs of others."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmread

import hosr
from hosr.pixels.display_pipeline import ImageDisplay, Rescale
from hosr.pixels.rendering import shade
from hosr.visuals.marks import marks_of, marks_on
from tests.images import dicom_bytes, film
from tests.intake.test_images_uids import ZEROS
from tests.intake.test_images_uids import record_of as record_on
from tests.outputs.test_display import made as display_of
from tests.outputs.test_display import slopes
from tests.peers.known_messages import (
    DCIODVFY,
    DCIODVFY_OF_ENCAPSULATED_PDF,
    DCIODVFY_OF_MODELS,
    DCIODVFY_OF_ODD_UIDS,
    DCIODVFY_OF_POOR_HEADERS,
    DCMPSCHK,
    DCMPSCHK_OF_ODD_UIDS,
    DICOM_SR_VALIDATOR,
    DSRDUMP,
    DSRDUMP_OF_KEY_OBJECTS,
    DSRDUMP_OF_ODD_UIDS,
    Known,
    unknown,
    unused,
)
from tests.peers.objects import Objects, make_objects
from tests.peers.orthanc import Orthanc
from tests.peers.presentation import check, render
from tests.peers.processes import program, run
from tests.peers.samples import SAMPLES
from tests.peers.validators import (
    ValidatorError,
    Verdict,
    dciodvfy,
    dicom_sr_validators,
    dsrdump,
    template_verdict,
    tid1500,
)
from tests.pixels.test_fitting import table

Made = Callable[[str], Objects]

OF_OBJECTS: tuple[Known, ...] = (*DCIODVFY_OF_MODELS, *DCIODVFY_OF_ENCAPSULATED_PDF)
CLASSES = ["GrayscaleSoftcopyPresentationState", "KeyObjectSelectionDocument", "EncapsulatedPDF"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A function that makes the objects of a sample; once for each."""
    kept: dict[str, Objects] = {}

    def make(name: str) -> Objects:
        if name not in kept:
            kept[name] = make_objects(name, tmp_path_factory.mktemp(name))
        return kept[name]

    return make


@pytest.fixture(scope="module")
def judged(made: Made) -> dict[str, list[Verdict]]:
    """What dciodvfy says of each object of each sample."""
    return {name: [dciodvfy(path) for path in made(name).all] for name in SAMPLES}


@pytest.mark.parametrize("name", SAMPLES)
def test_dciodvfy_finds_no_error(judged: dict[str, list[Verdict]], name: str) -> None:
    """Each object is taken for what it is, without an error or a warning that is not explained."""
    verdicts = judged[name]
    known = OF_OBJECTS + (DCIODVFY_OF_POOR_HEADERS if name == "poor-headers" else ())

    assert [error for verdict in verdicts for error in verdict.errors] == []
    assert unknown((text for verdict in verdicts for text in verdict.messages), known) == []
    assert [verdict.read for verdict in verdicts][:3] == CLASSES
    assert {verdict.read for verdict in verdicts[3:]} == {"SCImage"}


def test_no_explanation_is_idle(
    made: Made, judged: dict[str, list[Verdict]], record_figures: Callable[[str], None]
) -> None:
    """An entry of the lists that explains nothing is taken off; another DCMTK may still say it."""
    objects = [made(name) for name in SAMPLES]
    of_modules = [text for each in judged.values() for said in each for text in said.messages]
    of_trees = [text for each in objects for text in dsrdump(each.key_objects).messages]
    of_states = [text for each in objects for text in check(each.overlay).messages]

    idle = [*unused(of_trees, DSRDUMP_OF_KEY_OBJECTS), *unused(of_states, DCMPSCHK)]
    for pattern in idle:
        record_figures(f"DCMTK no longer says: {pattern}")
    assert unused(of_modules, OF_OBJECTS) == []


ODD_WINDOWS: dict[str, dict[str, Any]] = {
    "16 bits over entries of 12": {"VOILUTSequence": [table(16, 4095)]},
    "12 bits": {"VOILUTSequence": [table(12, 4095)]},
    "beside all values": {"WindowCenter": "30000", "WindowWidth": "100"},
    "one value": {"WindowCenter": "2000", "WindowWidth": "1"},
    "a contradiction": {
        "PhotometricInterpretation": "MONOCHROME1",
        "PresentationLUTShape": "IDENTITY",
    },
}


@pytest.mark.parametrize("header", ODD_WINDOWS.values(), ids=ODD_WINDOWS)
def test_the_state_of_an_odd_window_is_sound(header: dict[str, Any], tmp_path: Path) -> None:
    """Whatever the header of the image says of its display, dciodvfy and DCMTK accept the state."""
    names = {"PatientName": "Rossi^Maria", "ReferringPhysicianName": "Rossi^Anna"}
    files, _ = display_of(film(PixelData=slopes(), **names, **header))
    path = tmp_path / "overlay.dcm"
    path.write_bytes(files["overlay.dcm"])
    verdict = dciodvfy(path)
    assert (verdict.errors, verdict.read) == ((), "GrayscaleSoftcopyPresentationState")
    assert unknown(verdict.messages, (*OF_OBJECTS, *DCIODVFY_OF_POOR_HEADERS)) == []
    assert unknown(check(path).messages, DCMPSCHK) == []


@pytest.fixture(scope="module")
def odd_uids(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The objects of a report on an image whose UIDs have zeros before their numbers."""
    names = {"PatientName": "Rossi^Maria", "ReferringPhysicianName": "Rossi^Anna"}
    content = dicom_bytes(film(PixelData=slopes(), **names, **ZEROS))
    files = hosr.make_files(hosr.make_report(record_on("DX"), content))
    folder = tmp_path_factory.mktemp("odd_uids")
    made = {file.name: folder / file.name for file in files if file.name.endswith(".dcm")}
    for file in files:
        if file.name in made:
            made[file.name].write_bytes(file.data)
    return made


@pytest.fixture(scope="module")
def prints(made: Made, odd_uids: dict[str, Path]) -> dict[Path, str]:
    """What DicomSRValidator prints of all files of these tests: Java starts once."""
    key_objects = [made(name).key_objects for name in SAMPLES]
    return dicom_sr_validators([*key_objects, odd_uids["measurement.dcm"]])


def test_dciodvfy_finds_fault_with_the_odd_uids_alone(odd_uids: dict[str, Path]) -> None:
    """It says of the report what it says of the image, and nothing else."""
    said = [text for path in odd_uids.values() for text in dciodvfy(path).messages]
    known = (*DCIODVFY, *OF_OBJECTS, *DCIODVFY_OF_POOR_HEADERS, *DCIODVFY_OF_ODD_UIDS)
    assert unknown(said, known) == []
    assert unused(said, DCIODVFY_OF_ODD_UIDS) == []


def test_what_other_judges_make_of_the_odd_uids(
    odd_uids: dict[str, Path], prints: dict[Path, str]
) -> None:
    """PixelMed takes them; DCMTK, and dcmqi on it, take no reference to such an image unless told to."""
    measurement, narrative = odd_uids["measurement.dcm"], odd_uids["narrative.dcm"]
    verdict = template_verdict(measurement, prints[measurement])
    assert unknown(verdict.messages, DICOM_SR_VALIDATOR) == []
    known = (*DSRDUMP, *DSRDUMP_OF_ODD_UIDS)
    said = [dsrdump(path) for path in (measurement, narrative)]
    assert unknown((text for each in said for text in each.messages), known) == []
    assert [bool(each.errors) for each in said] == [True, False]
    told_to = run((program("dsrdump", "Debian package dcmtk"), "-Ev", measurement), timeout=60)
    assert told_to.code == 0
    with pytest.raises(ValidatorError, match="found no measurements"):
        tid1500(measurement)
    state = check(odd_uids["overlay.dcm"]).messages
    assert unknown(state, (*DCMPSCHK, *DCMPSCHK_OF_ODD_UIDS)) == []


def test_dcmtk_takes_an_odd_study(tmp_path: Path) -> None:
    """Zeros in the UIDs of study and series alone keep nobody from reading the report."""
    zeros = {key: ZEROS[key] for key in ("StudyInstanceUID", "SeriesInstanceUID")}
    record = record_on("DX")
    del record["hips"][0]["image"]
    outcome = hosr.make_report(record, dicom_bytes(film(PixelData=slopes(), **zeros)))
    path = tmp_path / "measurement.dcm"
    path.write_bytes(hosr.make_files(outcome, "measurement")[0].data)
    assert dsrdump(path).errors == ()


@pytest.mark.parametrize("name", SAMPLES)
def test_dcmtk_finds_the_presentation_state_sound(made: Made, name: str) -> None:
    """The checker of presentation states minds nothing but what it cannot know."""
    assert unknown(check(made(name).overlay).messages, DCMPSCHK) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_dcmtk_reads_the_key_objects(made: Made, name: str) -> None:
    """The tree is valid, and each image is listed with the state that shows it."""
    objects = made(name)
    verdict = dsrdump(objects.key_objects)

    assert unknown(verdict.messages, (*DSRDUMP, *DSRDUMP_OF_KEY_OBJECTS)) == []
    assert verdict.read.count("<contains IMAGE:=(") == len(objects.displays)
    assert verdict.read.count(",(GSPS,)>") == len(objects.displays)


def test_the_key_objects_keep_to_their_template(made: Made, prints: dict[Path, str]) -> None:
    """The validator of templates takes them for TID 2010 and says nothing."""
    paths = [made(name).key_objects for name in SAMPLES]
    verdicts = [template_verdict(path, prints[path]) for path in paths]

    assert [(each.messages, "TID_2010" in each.read) for each in verdicts] == [((), True)] * len(
        paths
    )


def unwindowed(stored: np.ndarray, display: ImageDisplay, bits: int) -> np.ndarray:
    """The greys of an image without a window under a state: all that its bits can hold."""
    assert not isinstance(display.modality, Rescale)
    return np.rint(stored / ((1 << bits) - 1) * 255)


def expected(header: Dataset, display: ImageDisplay) -> np.ndarray:
    """The greys as hosr itself makes them."""
    stored = header.pixel_array
    if display.voi is None:
        return unwindowed(stored, display, header.BitsStored)
    return shade(stored, display)


@pytest.mark.parametrize("name", SAMPLES)
def test_dcmtk_shows_the_image_as_its_header_asks(made: Made, name: str, tmp_path: Path) -> None:
    """Under the state each image looks as hosr's own rendering of its header does."""
    objects = made(name)
    for place, display in objects.displays.items():
        uid = place.sop_instance_uid
        rendered = render(objects.images[uid], objects.overlay, tmp_path)
        own = expected(objects.headers[uid], display)

        assert rendered.greys.shape == own.shape
        assert np.abs(rendered.greys.astype(int) - own).max() <= 1


@pytest.mark.parametrize("name", SAMPLES)
def test_dcmtk_draws_the_marks_of_the_record(made: Made, name: str, tmp_path: Path) -> None:
    """Every marked point is where it was marked, and every grade is written."""
    objects = made(name)
    report = objects.report
    marks = marks_of(report)
    for place in objects.displays:
        image = objects.images[place.sop_instance_uid]
        rendered = render(image, objects.overlay, tmp_path)
        points = {
            point
            for graded in report.hips
            for mark in marks_on(marks, graded.hip.side, place)
            for point in mark.points
        }
        drawn = {point for shape in rendered.shapes for point in shape}

        assert len(drawn) == len(points)
        assert sorted(drawn) == [pytest.approx(point, abs=0.01) for point in sorted(points)]
        sides = [graded.hip.side.value for graded in report.hips if graded.hip.place == place]
        written = [text for text in rendered.texts if text.startswith(("Right hip:", "Left hip:"))]
        assert [text.split()[0].lower() for text in written] == sides


@pytest.mark.parametrize("name", SAMPLES)
def test_an_archive_keeps_every_object_in_the_study(
    orthanc: Orthanc, made: Made, name: str
) -> None:
    """Each object comes back as it was, under the study of its images, in a series of its kind."""
    objects = made(name)
    study = objects.report.subject.study.study_instance_uid
    for path in (*objects.images.values(), *objects.all):
        orthanc.upload(path.read_bytes())
    stored = {
        instance["00080018"]["Value"][0]: instance["0020000E"]["Value"][0]
        for instance in orthanc.instances(study)
    }
    datasets = [dcmread(path) for path in objects.all]

    for path, dataset in zip(objects.all, datasets, strict=True):
        assert orthanc.download(str(dataset.SOPInstanceUID)) == path.read_bytes()
    assert {
        str(each.SOPInstanceUID): str(each.SeriesInstanceUID) for each in datasets
    }.items() <= stored.items()
    series = [(each.SeriesNumber, str(each.SeriesInstanceUID)) for each in datasets]
    assert [number for number, _ in sorted(set(series))] == [9503, 9504, 9505, 9506]


@pytest.mark.parametrize("name", ["brooker-3", "poor-headers"])
def test_an_archive_gives_out_the_pdf(orthanc: Orthanc, made: Made, name: str) -> None:
    """The archive unpacks the very bytes that were put in."""
    objects = made(name)
    identifier = orthanc.upload(objects.pdf.read_bytes())

    assert orthanc.pdf(identifier) == objects.pdf_bytes


def test_the_programs_see_a_spoilt_object(made: Made, tmp_path: Path) -> None:
    """They are awake: each of them minds an object that is wrong."""
    objects = made("brooker-1")
    state = dcmread(objects.overlay)
    del state.PresentationLUTShape
    del state.GraphicAnnotationSequence[0].GraphicLayer
    spoilt = tmp_path / "spoilt.dcm"
    state.save_as(spoilt)

    assert dciodvfy(spoilt).errors
    assert unknown(check(spoilt).messages, DCMPSCHK)
