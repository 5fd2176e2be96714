"""Presentation state, key objects, PDF and captures before the programs of others."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from hosr.pixels.display_pipeline import ImageDisplay, Rescale
from hosr.pixels.rendering import shade
from hosr.visuals.marks import marks_of, marks_on
from tests.images import film
from tests.outputs.test_display import made as display_of
from tests.outputs.test_display import slopes
from tests.peers.known_messages import (
    DCIODVFY_OF_ENCAPSULATED_PDF,
    DCIODVFY_OF_MODELS,
    DCIODVFY_OF_POOR_HEADERS,
    DCMPSCHK,
    DSRDUMP,
    DSRDUMP_OF_KEY_OBJECTS,
    Known,
    unknown,
    unused,
)
from tests.peers.objects import Objects, make_objects
from tests.peers.orthanc import Orthanc
from tests.peers.presentation import check, render
from tests.peers.samples import SAMPLES
from tests.peers.validators import dciodvfy, dicom_sr_validators, dsrdump, template_verdict
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


@pytest.mark.parametrize("name", SAMPLES)
def test_dciodvfy_finds_no_error(made: Made, name: str) -> None:
    """Each object is taken for what it is, without an error or a warning that is not explained."""
    verdicts = [dciodvfy(path) for path in made(name).all]
    known = OF_OBJECTS + (DCIODVFY_OF_POOR_HEADERS if name == "poor-headers" else ())

    assert [error for verdict in verdicts for error in verdict.errors] == []
    assert unknown((text for verdict in verdicts for text in verdict.messages), known) == []
    assert [verdict.read for verdict in verdicts][:3] == CLASSES
    assert {verdict.read for verdict in verdicts[3:]} == {"SCImage"}


def test_no_explanation_is_idle(made: Made, record_figures: Callable[[str], None]) -> None:
    """An entry of the lists that explains nothing is taken off; another DCMTK may still say it."""
    objects = [made(name) for name in SAMPLES]
    of_modules = [text for each in objects for path in each.all for text in dciodvfy(path).messages]
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


def test_the_key_objects_keep_to_their_template(made: Made) -> None:
    """The validator of templates takes them for TID 2010 and says nothing."""
    paths = [made(name).key_objects for name in SAMPLES]
    prints = dicom_sr_validators(paths)
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
