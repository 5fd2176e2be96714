"""An earlier image beside the draft, and a reading without the model's."""

import pytest
from playwright.sync_api import Browser, expect

from tests.desk.browser.conftest import Start
from tests.desk.browser.desks import SAMPLES, by_model, record_of
from tests.desk.browser.sittings import reading
from tests.desk.desks import add_draft

pytestmark = [pytest.mark.peer, pytest.mark.slow]


def test_the_earlier_image_stands_beside_and_follows(chromium: Browser, start: Start) -> None:
    """On P, with its own marks dashed; zoomed and moved together, window each its own."""
    desk = start("follow-up-1")
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        page.locator("#sign").click()
        page.get_by_role("dialog").get_by_role("button", name="Sign as").click()
        expect(page.locator(".standing")).to_have_attribute("data-status", "signed")
        add_draft(desk.folder, record_of("follow-up-2"), SAMPLES / "follow-up-2" / "images")
        page.goto(page.url.partition("#")[0])
        page.locator("body[data-ready]").wait_for()
        page.locator('.row[data-status="opened"], .row[data-status="waiting"]').click()
        expect(page.locator("#patient-facts")).to_contain_text("2026")
        at_desk.wait_for_image()
        at_desk.press("p")
        prior = page.locator(".pane.prior")
        expect(prior).to_be_visible()
        expect(prior.locator(".mark.prior.islands")).to_have_count(1)
        expect(prior.locator(".handle:visible")).to_have_count(0)
        expect(prior.locator(".corner.title")).to_contain_text("2025")
        at_desk.press("+", "+", "+")
        now = page.locator(".pane.now .corner.info").inner_text().rsplit("·", 1)[1]
        expect(prior.locator(".corner.info")).to_contain_text(now.strip())
        at_desk.press("p")
        expect(prior).to_be_hidden()


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
        page.get_by_role("button", name="Remove: Island 1").click()
        expect(page.locator(".mark.model.islands")).to_have_count(1)
        page.get_by_role("button", name="Accept: Island 1").click()
        expect(page.locator(".mark.own.islands")).to_have_count(1)
        at_desk.wait_until_saved()
        assert "left:island.1=accepted" in desk.draft("Phantom").decisions
        expect(page.locator("#sign")).not_to_have_attribute("aria-disabled", "true")
