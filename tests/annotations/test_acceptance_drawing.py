"""What a radiologist drew on a sample film gives its truth: grades, and the gap by the implant head."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from hosr.annotations.authorship import Author
from hosr.annotations.context import Context
from hosr.annotations.records import import_sources
from hosr.findings import Person
from hosr.intake.images import read_images
from tests.annotations.viewers.files import SAMPLES

STUDY = SAMPLES / "brooker-3"


def test_a_drawing_gives_the_true_grades() -> None:
    """The viewer wrote the length at the detector; the head in the image makes it that of the patient."""
    truth = json.loads((STUDY / "truth.json").read_text(encoding="utf-8"))
    (expected,) = truth["hips"]
    author = Author(person=Person(name="Reader^Sample"), timezone=dt.UTC)
    context = Context(images=read_images(STUDY / "images"))
    (graded,) = import_sources([STUDY / "drawing.dcm"], context, author).hips
    assert {grade.scale: grade.grade for grade in graded.grades} == {
        scale: expected[scale] for scale in ("brooker", "della_valle")
    }
    assert graded.hip.gap is not None
    assert graded.hip.gap.mm == pytest.approx(expected["gap_mm"], abs=truth["uncertainty_mm"])
    told = [entry.words for entry in context.account.read]
    assert (
        "its writer states 7.56 mm, by the pixel spacing alone; hosr measures 6.2 mm (calibrated to a 32 mm "
        "object)"
    ) in told
