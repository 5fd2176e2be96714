"""An earlier image beside the draft, and a reading without the model's."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from hosr.drafts import Drafts
from hosr.lifecycle.versions import read_version
from hosr.vocabulary.terms import Side
from tests.desk.browser.conftest import Start
from tests.desk.browser.desks import SAMPLES, DeskOfSamples, by_model, record_of
from tests.desk.browser.sittings import Point, Sitting, reading
from tests.desk.desks import add_draft
from tests.drafts.signatures import signed

pytestmark = [pytest.mark.peer, pytest.mark.slow]


# The corners of an outline, three and more.
_CORNERS = re.compile(r"^(-?[\d.]+,-?[\d.]+ ?){3,}$")


def _sign_and_follow(at_desk: Sitting, desk: DeskOfSamples, record: dict[str, Any]) -> None:
    """The draft that is open signed, the next one of the patient opened, its earlier film beside it."""
    page = at_desk.page
    page.locator("#sign").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign as").click()
    expect(page.locator(".standing")).to_have_attribute("data-status", "signed")
    add_draft(desk.folder, record, SAMPLES / "follow-up-2" / "images")
    page.goto(page.url.partition("#")[0])
    page.locator("body[data-ready]").wait_for()
    page.locator('.row[data-status="opened"], .row[data-status="waiting"]').click()
    expect(page.locator("#patient-facts")).to_contain_text("2026")
    at_desk.wait_for_image()
    at_desk.press("p")
    expect(page.locator(".pane.prior")).to_be_visible()
    expect(page.locator(".pane.prior .corner.info")).not_to_be_empty()


def test_the_earlier_image_stands_beside_and_follows(chromium: Browser, start: Start) -> None:
    """On P, with its own lines and outlines dashed; zoomed, moved and resized together, window each its own."""
    desk = start("follow-up-1")
    with reading(chromium, desk) as at_desk:
        _sign_and_follow(at_desk, desk, record_of("follow-up-2"))
        page = at_desk.page
        prior = page.locator(".pane.prior")
        expect(prior.locator(".mark.prior.islands")).to_have_count(1)
        expect(prior.locator(".mark.prior.region .rim")).to_have_attribute("points", _CORNERS)
        expect(prior.locator(".handle:visible")).to_have_count(0)
        title = prior.locator(".corner.title")
        expect(title).to_contain_text("2025")
        page.set_viewport_size({"width": 1280, "height": 720})
        page.wait_for_timeout(300)
        rim = prior.locator(".mark.prior.region .rim")
        resized = rim.get_attribute("points")
        edge, told = (each.bounding_box() for each in (prior.locator(".corner.top"), title))
        assert edge is not None
        assert told is not None
        assert told["y"] >= edge["y"] + edge["height"] - 4  # below its letter, two lines at most
        assert told["height"] < 40, title.inner_text()
        at_desk.press("r")  # the same place as of films that are looked at anew
        page.wait_for_timeout(300)
        assert rim.get_attribute("points") == resized
        at_desk.press("+", "+", "+")
        now = page.locator(".pane.now .corner.info").inner_text().rsplit("·", 1)[1]
        expect(prior.locator(".corner.info")).to_contain_text(now.strip())
        at_desk.press("p")
        expect(prior).to_be_hidden()


def test_a_comparison_that_is_new_is_told_before_it_is_signed(
    chromium: Browser, start: Start
) -> None:
    """An earlier report signed elsewhere while the page is open: told, read, and then signed with it."""
    desk = start("follow-up-2")
    with reading(chromium, desk) as at_desk, Drafts(desk.folder, clock=time.time) as drafts:
        page = at_desk.page
        earlier = add_draft(
            desk.folder, record_of("follow-up-1"), SAMPLES / "follow-up-1" / "images"
        )
        document = signed(drafts, earlier).document_uid
        notice = page.locator("#signing .hold-reason")
        for is_told in (False, True):
            expect(notice).to_have_count(int(is_told))
            page.locator("#sign").click()
            page.get_by_role("dialog").get_by_role("button", name="Sign as").click()
        expect(page.locator(".standing")).to_have_attribute("data-status", "signed")
        expect(notice).to_have_count(0)
        later = next(each for each in drafts.listed() if each.draft_id != earlier.draft_id)
        (folder,) = drafts.get(later.draft_id).versions
        prior = read_version(Path(folder)).report.prior_of(Side.RIGHT)
        assert prior is not None
        assert prior.report.documents[0].sop_instance_uid == document


def test_read_blind_the_model_is_shown_after_the_reader(chromium: Browser, start: Start) -> None:
    """No line, word or grade of the model before; then both, and the model's beside the reader's."""
    record = by_model(record_of("brooker-2", comment="Seen by the model"))
    desk = start(("brooker-2", record), is_blind=True)
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        expect(page.locator("#made-by")).to_contain_text("Blind reading")
        expect(page.locator(".mark")).to_have_count(0)
        assert "Seen by the model" not in page.content()
        at_desk.field("Ossification", "present").check()
        at_desk.field("Spur, pelvis", "yes").check()
        at_desk.field("Spur, femur", "yes").check()
        at_desk.field("Bridging", "none").check()
        at_desk.press("g")
        x, y = at_desk.at((300, 300))
        page.mouse.click(x, y)
        page.mouse.click(x + 30, y + 40)
        at_desk.wait_until_saved()
        expect(page.locator("#made-by")).not_to_contain_text("Blind reading")
        at_desk.press("o")
        expect(page.locator(".mark.original.gap")).to_have_count(1)
        expect(page.locator(".mark.own.gap")).to_have_count(1)


def test_an_island_that_is_removed_leaves_the_others_the_models(
    chromium: Browser, start: Start
) -> None:
    """What was accepted stays accepted, and what was not keeps its look, wherever it stands now."""
    desk = start(("brooker-1", by_model(record_of("brooker-1", grades=None))))
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        expect(page.locator(".mark.model.islands")).to_have_count(2)
        expect(page.locator(".mark.model.region .rim")).to_have_count(2)
        page.get_by_role("button", name="Remove: Island 1").click()
        expect(page.locator(".mark.model.islands")).to_have_count(1)
        page.get_by_role("button", name="Accept: Island 1").click()
        expect(page.locator(".mark.own.islands")).to_have_count(1)
        expect(page.locator(".mark.own.region")).to_have_count(1)
        at_desk.wait_until_saved()
        assert "left:island.1=accepted" in desk.draft("Phantom").decisions
        expect(page.locator("#sign")).not_to_have_attribute("aria-disabled", "true")


def _head(center: tuple[float, float], diameter: float) -> dict[str, Any]:
    """An implant head of 36 mm that is marked across its level diameter."""
    x, y, half = *center, diameter / 2
    return {"points": [[x - half, y], [x + half, y]], "true_mm": 36.0}


def _in_pane(at_desk: Sitting, pane: str, place: Point) -> Point:
    """A place of a pane on the page."""
    box = at_desk.page.locator(f".pane.{pane} .view").bounding_box()
    assert box is not None
    return box["x"] + place[0], box["y"] + place[1]


def _middle_of(at_desk: Sitting, pane: str, mark: str) -> Point:
    """Where the middle of a line stands, as shares of the pane."""
    line = at_desk.page.locator(f'.pane.{pane} .mark[data-key="{mark}"] .line')
    box = at_desk.page.locator(f".pane.{pane} .view").bounding_box()
    assert box is not None
    x1, y1, x2, y2 = (float(line.get_attribute(name) or "nan") for name in ("x1", "y1", "x2", "y2"))
    return (x1 + x2) / 2 / box["width"], (y1 + y2) / 2 / box["height"]


def test_both_films_show_the_same_place_by_the_implant_head(
    chromium: Browser, start: Start
) -> None:
    """A head lies in the same place of both panes and is as large, however the films were taken."""
    before = record_of("follow-up-1", calibration=_head((329.5, 566.1), 127.0))
    after = record_of("follow-up-2", calibration=_head((260.0, 600.0), 114.3))
    desk = start(("follow-up-1", before))
    with reading(chromium, desk) as at_desk:
        _sign_and_follow(at_desk, desk, after)
        page = at_desk.page
        kept = desk.draft("Phantom").record
        prior = page.locator(".pane.prior")
        key = prior.locator(".mark.prior.calibration").get_attribute("data-key") or ""
        for keys in ((), ("+", "+", "+"), ("ArrowLeft", "ArrowUp", "-")):
            at_desk.press(*keys)
            expect(prior.locator(".corner.title")).to_contain_text("by the implant head")
            now = _middle_of(at_desk, "now", "right.calibration")
            assert _middle_of(at_desk, "prior", key) == pytest.approx(now, abs=1e-3)
            across = [
                float(
                    page.locator(f".pane.{pane} .mark.calibration .circle").get_attribute("r") or 0
                )
                for pane in ("now", "prior")
            ]
            assert across[0] == pytest.approx(across[1], abs=0.01)
        # A movement of the earlier film takes the newer one with it.
        at_desk.drag(_in_pane(at_desk, "prior", (200, 300)), (40, 25), button="middle")
        now = _middle_of(at_desk, "now", "right.calibration")
        assert _middle_of(at_desk, "prior", key) == pytest.approx(now, abs=1e-3)
        assert desk.draft("Phantom").record == kept
