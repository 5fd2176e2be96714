"""What breaks a viewer is found before a document leaves."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset

from hosr import sr
from hosr.errors import Fault
from hosr.sr.check import find_viewer_killers
from tests.narrative.cases import CASES


def _measurement() -> Dataset:
    report = CASES[min(CASES)]
    return pydicom.dcmread(BytesIO(sr.encode(report)))


def _child(dataset: Dataset, code_value: str) -> Dataset:
    for child in dataset.ContentSequence:
        if child.ConceptNameCodeSequence[0].CodeValue == code_value:
            found: Dataset = child
            return found
    raise LookupError(code_value)


def _group(dataset: Dataset) -> Dataset:
    return _child(_child(dataset, "126010"), "125007")


def _without(parent: Dataset, code_value: str) -> None:
    parent.ContentSequence = [
        child
        for child in parent.ContentSequence
        if child.ConceptNameCodeSequence[0].CodeValue != code_value
    ]


def _strip_region(dataset: Dataset) -> None:
    _without(_group(dataset), "111030")


def _strip_tracking(dataset: Dataset) -> None:
    _without(_group(dataset), "112040")


def _strip_groups(dataset: Dataset) -> None:
    _without(_child(dataset, "126010"), "125007")


def _strip_library(dataset: Dataset) -> None:
    _without(dataset, "111028")


def _strip_template(dataset: Dataset) -> None:
    del dataset.ContentTemplateSequence


def _double_group(dataset: Dataset) -> None:
    _child(dataset, "126010").ContentSequence.append(_group(dataset))


def _double_evidence(dataset: Dataset) -> None:
    series = dataset.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    series.ReferencedSOPSequence.append(series.ReferencedSOPSequence[0])


def _unname(dataset: Dataset) -> None:
    del _child(_group(dataset), "121106").ConceptNameCodeSequence


def _empty_number(dataset: Dataset) -> None:
    library = _child(dataset, "111028").ContentSequence[0].ContentSequence[0]
    _child(library, "110910").MeasuredValueSequence = []


def _unselect(dataset: Dataset) -> None:
    del _child(_group(dataset), "111030").ContentSequence


@pytest.mark.parametrize(
    ("breaks", "fault"),
    [
        (_strip_region, "group 1: has no image region; OHIF shows an error page"),
        (_strip_tracking, "group 1: has no tracking identifier and UID; OHIF throws"),
        (_strip_groups, "root: there is no measurement group; OHIF shows an error page"),
        (_strip_library, "root: there is no image library; older OHIF throws"),
        (_strip_template, "root: template 1500 is not named; hydration throws"),
        (_double_group, "group 2: shares its tracking UID; OHIF merges the groups"),
        (_double_evidence, "1.2.3.4.1: is listed twice as evidence; Stone stops at it"),
        (_unname, "TEXT: an item has no concept name; text viewers throw on it"),
        (_empty_number, "NUM: has no value; OHIF throws on it"),
        (_unselect, "SCOORD: is not selected from exactly one image"),
    ],
)
def test_each_known_killer_of_viewers_is_found(
    breaks: Callable[[Dataset], None], fault: str
) -> None:
    """A report with one thing that breaks a viewer is refused for that thing."""
    dataset = _measurement()
    breaks(dataset)

    assert [str(found) for found in find_viewer_killers(dataset)] == [fault]


def test_a_reference_outside_the_evidence_is_found() -> None:
    """Every image that the tree refers to stands in the evidence, else receivers cannot find it."""
    dataset = _measurement()
    del dataset.CurrentRequestedProcedureEvidenceSequence

    assert set(find_viewer_killers(dataset)) == {
        Fault("1.2.3.4.1", "is referred to but is not listed as evidence")
    }


@pytest.mark.parametrize("name", sorted(CASES))
def test_no_report_of_hosr_has_one(name: str) -> None:
    """What hosr writes has none of them, in both documents."""
    sections = (("findings", ("Right hip: islands.",)),)
    for data in (sr.encode(CASES[name]), sr.encode_narrative(CASES[name], sections)):
        assert find_viewer_killers(pydicom.dcmread(BytesIO(data))) == []
