"""Every output asks the status of its report, and writes none by hand."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from hosr.identity import fingerprint
from hosr.intake.images import read_images
from hosr.intake.record import parse_record
from hosr.outputs import OutputName, make_files
from hosr.pipeline import Outcome, make_report
from hosr.status import DRAFT, Status
from tests.command import marked
from tests.images import write_film

# As no report is: what it says can come from nowhere else.
INVENTED = Status(
    completion="PARTIAL",
    verification="VERIFIED",
    preliminary="FINAL",
    label="invented",
    summary="Invented, as a test has it.",
    told="Invented: by a test.",
    notice="INVENTED by a test. Not a medical device.",
    word="Invented",
    origin="Invented from nothing.",
)

_OUTPUTS: tuple[OutputName, ...] = (
    "measurement",
    "narrative",
    "text",
    "html",
    "encapsulated",
    "overlay",
    "keyobjects",
    "captures",
)
_OF_A_DRAFT = re.compile("draft|unverified|preliminary", re.IGNORECASE)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A film on which a gap was marked, and its report."""
    film = write_film(tmp_path_factory.mktemp("status") / "film.dcm")
    return make_report(parse_record(json.dumps(marked())), read_images([film]))


def _said(name: str, data: bytes) -> str:
    """What a file says: its values, without names of attributes, classes and styles."""
    if name.endswith(".dcm"):
        elements = pydicom.dcmread(BytesIO(data)).iterall()
        return "\n".join(
            str(element.value) for element in elements if element.VR not in ("OB", "OW")
        )
    if name.endswith(".html"):
        return re.sub(r"<style>.*?</style>|class=\"[^\"]*\"", "", data.decode(), flags=re.DOTALL)
    return re.sub('"(completion|verification|preliminary)":', "", data.decode())


def _files(outcome: Outcome, status: Status) -> dict[str, str]:
    told = replace(outcome, report=replace(outcome.report, status=status))
    return {made.name: _said(made.name, made.data) for made in make_files(told, _OUTPUTS)}


def test_no_output_of_another_status_says_that_it_is_a_draft(outcome: Outcome) -> None:
    """Headers, labels, titles, pages and sentences change with the status of the report."""
    files = _files(outcome, INVENTED)
    assert {name for name, said in files.items() if _OF_A_DRAFT.search(said)} == set()
    assert {
        name for name, said in files.items() if "nvented" not in said.replace("INV", "inv")
    } == {"manifest.json"}
    for name in ("measurement.dcm", "narrative.dcm", "manifest.json"):
        assert {"PARTIAL", "VERIFIED", "FINAL"} <= set(re.findall("[A-Z]+", files[name]))
    assert re.search(r"^VERIFIED$", files["report.pdf.dcm"], re.MULTILINE)


def test_every_output_of_a_draft_says_so(outcome: Outcome) -> None:
    """None is without it: the pattern of the test above finds what there is to find."""
    assert {
        name for name, said in _files(outcome, DRAFT).items() if not _OF_A_DRAFT.search(said)
    } == set()


def test_no_module_but_the_status_s_own_writes_it() -> None:
    """The flags of a document and the word in brackets of a label stand in one module."""
    written = re.compile(r"\"(?:UNVERIFIED|PRELIMINARY)\"|\(draft\)|\bDRAFT - |\"Draft")
    modules = Path(__file__).parents[1] / "hosr"
    found = {path.name for path in modules.rglob("*.py") if written.search(path.read_text("utf-8"))}
    assert found == {"status.py", "labels.py"}  # the label has one as an example


def test_a_draft_keeps_the_identity_it_had_before_reports_had_a_status(outcome: Outcome) -> None:
    """The default counts for nothing, any other status makes another object."""
    report = outcome.report
    others = {fingerprint(replace(report, status=status)) for status in (INVENTED, DRAFT)}
    assert len(others) == 2
    assert fingerprint(report) in others
