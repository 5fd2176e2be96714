"""Earlier films out of the folders that are looked through: chosen, shown beside, with the marks that are known."""

import time
from pathlib import Path
from typing import Any

import pydicom
import pytest
from playwright.sync_api import Browser, expect

from hosr.drafts import Drafts
from hosr.image_index.index import ImageIndex
from hosr.image_index.seen import SeenImages
from tests.desk.browser.conftest import Start
from tests.desk.browser.desks import SAMPLES, DeskOfSamples, record_of
from tests.desk.browser.sittings import reading
from tests.desk.browser.test_slices import FIRST, GAP, LAST, across
from tests.desk.desks import add_draft
from tests.drafts.signatures import signed

pytestmark = [pytest.mark.peer, pytest.mark.slow]


def _file_before(sample: str, folder: Path, date: str) -> dict[str, str]:
    """The images of a sample as those of another study, and its UIDs by the sample's."""
    renamed: dict[str, str] = {}
    folder.mkdir(parents=True)
    for path in sorted((SAMPLES / sample / "images").glob("*.dcm")):
        image = pydicom.dcmread(path)
        for name in (
            "StudyInstanceUID",
            "SeriesInstanceUID",
            "SOPInstanceUID",
            "FrameOfReferenceUID",
        ):
            if name in image:
                renamed[image[name].value] = f"{image[name].value[:60]}.{date[3]}"
                setattr(image, name, renamed[image[name].value])
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        image.StudyDate = date
        image.save_as(folder / path.name)
    return renamed


def _look_through(desk: DeskOfSamples, folder: Path) -> None:
    with SeenImages(desk.folder) as seen:
        ImageIndex(seen, [folder], desk.folder / "received").renew()


def _renamed(record: Any, renamed: dict[str, str]) -> Any:
    """A record of the sample as one of that other study."""
    if isinstance(record, dict):
        return {key: _renamed(value, renamed) for key, value in record.items()}
    if isinstance(record, list):
        return [_renamed(each, renamed) for each in record]
    return renamed.get(record, record) if isinstance(record, str) else record


def test_a_film_of_the_folders_is_shown_and_another_is_chosen(
    chromium: Browser, start: Start, tmp_path: Path
) -> None:
    """The newest first, which nobody reported; an older one, which is signed, with its marks; one that is gone."""
    desk = start("follow-up-2")
    _file_before("follow-up-2", tmp_path / "films" / "b", "20250804")
    _file_before("follow-up-2", tmp_path / "films" / "c", "20240804")
    _look_through(desk, tmp_path / "films")
    (tmp_path / "films" / "c" / "image-1.dcm").unlink()
    with Drafts(desk.folder, clock=time.time) as drafts:
        images = SAMPLES / "follow-up-1" / "images"
        signed(drafts, add_draft(desk.folder, record_of("follow-up-1"), images))
    with reading(chromium, desk) as at_desk:
        prior = at_desk.page.locator(".pane.prior")
        at_desk.press("p")
        expect(prior.locator(".corner.title")).to_contain_text("Aug")
        expect(prior.locator(".told")).to_contain_text("No valid report of this study is known")
        expect(prior.locator(".mark")).to_have_count(0)
        prior.get_by_label("Earlier studies").select_option(index=1)
        expect(prior.locator(".mark.prior.islands")).to_have_count(1)
        expect(prior.locator(".mark.prior.region")).to_have_count(1)
        expect(prior.locator(".told")).to_contain_text("Signed by Maria Rossi")
        at_desk.press("p")
        expect(prior).to_be_hidden()
        at_desk.press("p")
        expect(prior.locator(".mark.prior.islands")).to_have_count(1)
        # Nothing of what was shown before stands where a film is gone.
        prior.get_by_label("Earlier studies").select_option(index=2)
        expect(prior.locator(".told")).to_contain_text("image-1.dcm is no longer there")
        expect(prior.locator(".mark")).to_have_count(0)
        assert set(prior.locator(".corner").all_inner_texts()) == {""}


def test_a_line_of_an_earlier_ct_is_seen_on_each_slice_that_it_passes(
    chromium: Browser, start: Start, tmp_path: Path
) -> None:
    """As today's: each end on its own slice, between them the line alone, beyond them nothing."""
    desk = start("ct")
    renamed = _file_before("ct", tmp_path / "ct", "20241203")
    record = {key: each for key, each in _renamed(across(), renamed).items() if key != "study"}
    with Drafts(desk.folder, clock=time.time) as drafts:
        signed(drafts, add_draft(desk.folder, record, tmp_path / "ct"))
    with reading(chromium, desk) as at_desk:
        prior = at_desk.page.locator(".pane.prior")
        mark = prior.locator(f'.mark[data-key="prior.{GAP}"]')
        at_desk.press("p")
        expect(prior.locator(".corner.info")).to_contain_text(f"Slice {FIRST} of 24")
        today = at_desk.page.locator(".pane.now .corner.info").inner_text()
        prior.locator(".view").press("PageUp")
        seen = []
        for number in range(FIRST - 1, LAST + 2):
            expect(prior.locator(".corner.info")).to_contain_text(f"Slice {number} of 24")
            seen.append((number, mark.count()))
            prior.locator(".view").press("PageDown")
        expect(at_desk.page.locator(".pane.now .corner.info")).to_have_text(today)
        assert seen == [(12, 0), (13, 1), (14, 1), (15, 1), (16, 1), (17, 0)]
        prior.locator(".slices").fill(str(LAST))
        expect(mark.locator(".label")).to_contain_text("slices 13 to 16")
