"""Lines in the patient, over the slices of a volume: where they are seen, drawn and moved."""

import shutil
from pathlib import Path
from typing import Any

import pydicom
import pytest
from playwright.sync_api import Browser, Locator, expect
from pydicom.uid import UID

import hosr
from hosr.desk.imagery import ordered
from hosr.intake.images import read_images
from hosr.measure.length import in_patient_mm
from hosr.measure.slices import seen_from
from hosr.measure.spacing import FrameGeometry
from tests.desk.browser.conftest import Start
from tests.desk.browser.desks import SAMPLES, record_of
from tests.desk.browser.sittings import Sitting, reading
from tests.desk.desks import add_draft

pytestmark = [pytest.mark.peer, pytest.mark.slow]

IMAGES = SAMPLES / "ct" / "images"
GAP = "right.gap"
FIRST, LAST = 13, 16  # the slices of both ends, counted from 1
START, END = (132.8, 109.0), (118.6, 119.6)
_EXACT = 1e-6


def _slices() -> list[tuple[str, FrameGeometry]]:
    """The slices of the sample in the order of the desk: UID, and where it lies."""
    images = ordered(read_images(IMAGES))
    return [(image.sop_instance_uid, image.geometry.frames[0]) for image in images]


def _frame_of_reference() -> str:
    return read_images(IMAGES).images[0].geometry.frame_of_reference_uid


def across() -> dict[str, Any]:
    """The record of the sample, with a gap from one slice to the third after it, in the patient."""
    slices = _slices()
    ends = [
        list(in_patient_mm(point, slices[number - 1][1]))
        for point, number in ((START, FIRST), (END, LAST))
    ]
    gap = {"points_mm": ends, "frame_of_reference_uid": _frame_of_reference()}
    return {**record_of("ct", gap=gap), "schema_version": "1.1"}


def _info(at_desk: Sitting) -> Locator:
    return at_desk.page.locator(".pane.now .corner.info")


def _mm(record: dict[str, Any]) -> float:
    """The millimetres of the gap as `hosr grade` has them."""
    gap = hosr.make_report(record, IMAGES).report.hips[0].hip.gap
    assert gap is not None
    assert gap.mm is not None
    return gap.mm


def test_a_line_over_slices_is_seen_on_each_that_it_passes(chromium: Browser, start: Start) -> None:
    """Each end on its own slice, between them its projection without ends, beyond them nothing."""
    with reading(chromium, start(("ct", across()))) as at_desk:
        mark = at_desk.page.locator(f'.mark[data-key="{GAP}"]')
        seen = []
        expect(_info(at_desk)).to_contain_text(f"Slice {FIRST} of 24")
        at_desk.press("PageUp")
        for number in range(FIRST - 1, LAST + 2):
            expect(_info(at_desk)).to_contain_text(f"Slice {number} of 24")
            is_across = mark.count() == 1 and "across" in (mark.get_attribute("class") or "")
            seen.append((number, is_across, mark.locator(".handle:visible").count()))
            at_desk.press("PageDown")
        assert seen == [(12, False, 0), (13, True, 1), (14, True, 0), (15, True, 0), (16, True, 1), (17, False, 0)]  # fmt: skip
        at_desk.press("PageUp", "PageUp")
        expect(mark.locator(".label")).to_contain_text("slices 13 to 16")


def test_each_end_is_reached_by_a_key_and_by_a_button(chromium: Browser, start: Start) -> None:
    """X goes to the other end; the form has a button for either."""
    with reading(chromium, start(("ct", across()))) as at_desk:
        expect(_info(at_desk)).to_contain_text(f"Slice {FIRST} of 24")
        for number, end in ((LAST, 1), (FIRST, 0)):
            at_desk.press("x")
            expect(_info(at_desk)).to_contain_text(f"Slice {number} of 24")
            expect(at_desk.handle(GAP, end)).to_be_focused()
        at_desk.page.get_by_role("button", name="Other end: Space").click()
        expect(_info(at_desk)).to_contain_text(f"Slice {LAST} of 24")
        expect(at_desk.handle(GAP, 1)).to_be_focused()
        told = at_desk.handle(GAP, 1).get_attribute("aria-valuetext") or ""
        assert f"Slice {LAST}" in told
        at_desk.page.get_by_role("button", name="Find: Space").click()
        expect(_info(at_desk)).to_contain_text(f"Slice {FIRST} of 24")


def test_a_line_drawn_from_slice_to_slice_is_as_long_as_the_grade_has_it(
    chromium: Browser, start: Start
) -> None:
    """It is kept in the patient; the same ends marked on their two slices give the same millimetres."""
    desk = start(("ct", record_of("ct", gap=None)))
    slices = _slices()
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        page.locator(".pane.now .slices").fill(str(FIRST))
        expect(_info(at_desk)).to_contain_text(f"Slice {FIRST} of 24")
        at_desk.press("g")
        page.mouse.click(*at_desk.at((300, 300)))
        at_desk.press(*["PageDown"] * (LAST - FIRST))
        expect(_info(at_desk)).to_contain_text(f"Slice {LAST} of 24")
        page.mouse.click(*at_desk.at((321, 333)))
        expect(at_desk.handle(GAP, 1)).to_be_focused()
        at_desk.wait_until_saved()
        record = desk.draft("Hugo").record
        shown = page.locator('.field[aria-label="Space"] .value').inner_text()
    gap = record["hips"][0]["gap"]
    assert set(gap) == {"points_mm", "frame_of_reference_uid"}
    assert record["schema_version"] == "1.1"
    ends = [
        seen_from(tuple(end), slices[number - 1][1])
        for end, number in zip(gap["points_mm"], (FIRST, LAST), strict=True)
    ]
    assert [end.height_mm for end in ends] == pytest.approx([0, 0], abs=1e-4)
    marked = {
        "points": [list(end.point) for end in ends],
        "image": [slices[number - 1][0] for number in (FIRST, LAST)],
    }
    mm = _mm(record)
    on_slices = record_of("ct", gap=marked)
    assert mm == pytest.approx(_mm(on_slices), abs=_EXACT)
    assert shown == f"{mm:.1f}\N{NO-BREAK SPACE}mm"


def test_an_end_of_a_line_over_slices_is_moved_by_itself(chromium: Browser, start: Start) -> None:
    """The other stays exactly where it is in the patient; put down on another slice it lies there."""
    desk = start(("ct", across()))
    slices = _slices()
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        before = desk.draft("Hugo").record["hips"][0]["gap"]["points_mm"]
        at_desk.drag(at_desk.at(at_desk.place(GAP, 0)), (20, 10))
        at_desk.wait_until_saved()
        moved = desk.draft("Hugo").record["hips"][0]["gap"]["points_mm"]
        assert moved[1] == before[1]
        assert moved[0] != before[0]
        seen = seen_from(tuple(moved[0]), slices[FIRST - 1][1])
        assert seen.height_mm == pytest.approx(0, abs=1e-4)
        page.mouse.click(*at_desk.at(at_desk.place(GAP, 0)))
        expect(page.locator("#hint")).to_contain_text("Click where this end belongs")
        at_desk.press("PageDown")
        expect(_info(at_desk)).to_contain_text(f"Slice {FIRST + 1} of 24")
        page.mouse.click(*at_desk.at((300, 300)))
        expect(at_desk.handle(GAP, 0)).to_be_focused()
        at_desk.wait_until_saved()
        lifted = desk.draft("Hugo").record["hips"][0]["gap"]["points_mm"]
    assert lifted[1] == before[1]
    seen = seen_from(tuple(lifted[0]), slices[FIRST][1])
    assert seen.height_mm == pytest.approx(0, abs=1e-4)


def test_ends_on_two_films_make_no_line(chromium: Browser, start: Start, tmp_path: Path) -> None:
    """Two radiographs are no volume: it is said, and nothing is drawn."""
    desk = start("ct")
    (film,) = (SAMPLES / "brooker-0" / "images").iterdir()
    films = tmp_path / "films"
    films.mkdir()
    shutil.copy(film, films)
    other = pydicom.dcmread(film)
    other.SOPInstanceUID = UID(f"{other.SOPInstanceUID}9")
    other.file_meta.MediaStorageSOPInstanceUID = other.SOPInstanceUID
    other.InstanceNumber = 2
    other.save_as(films / "second.dcm")
    draft = add_draft(desk.folder, record_of("brooker-0"), films)
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        page.locator(f'.row[data-draft="{draft.draft_id}"]').click()
        expect(_info(at_desk)).to_contain_text("Image 1 of 2")
        at_desk.press("i")
        page.mouse.click(*at_desk.at((300, 300)))
        at_desk.press("PageDown")
        expect(_info(at_desk)).to_contain_text("Image 2 of 2")
        page.mouse.click(*at_desk.at((320, 330)))
        expect(page.locator("#hint")).to_contain_text("The ends have to lie on one image")
        expect(page.locator(".mark")).to_have_count(0)
