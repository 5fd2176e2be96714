"""What tells an object of hosr from all others, whatever an archive changed on the way."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset

from hosr import sr
from hosr.composite import OWN_TAGS, is_own
from hosr.dicom.elements import peek
from hosr.visuals.encapsulated_pdf import encapsulated_pdf
from tests.visuals.objects import marked_report

REPORT = marked_report()
MADE = {"report": sr.encode(REPORT), "page": encapsulated_pdf(REPORT, b"%PDF-1.7\n").data}


def _rewritten(dataset: Dataset) -> None:
    dataset.Manufacturer = "ARCHIVE"


def _emptied(dataset: Dataset) -> None:
    dataset.Manufacturer = dataset.ManufacturerModelName = ""


def _undeclared(dataset: Dataset) -> None:
    del dataset.CodingSchemeIdentificationSequence


def _unchanged(_: Dataset) -> None:
    pass


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("report", _unchanged, True),
        ("report", _rewritten, True),
        ("report", _emptied, True),
        ("report", _undeclared, False),
        ("page", _unchanged, True),
        ("page", _rewritten, True),
        ("page", _emptied, False),
    ],
)
def test_an_object_is_own_by_what_no_archive_changes(
    name: str, change: Callable[[Dataset], None], expected: bool
) -> None:
    """A report by the coding scheme that it declares, another object by its equipment."""
    dataset = pydicom.dcmread(BytesIO(MADE[name]))
    change(dataset)
    stream = BytesIO()
    dataset.save_as(stream)

    assert is_own(peek(stream.getvalue(), OWN_TAGS)) is expected
