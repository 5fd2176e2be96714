"""Grades that a model or another reader gave, beside those of who signs."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.desk.browser.conftest import Start
from tests.desk.browser.desks import WEBER, by_model, record_of
from tests.desk.browser.sittings import reading, sitting
from tests.peers.processes import SCREENSHOTS

pytestmark = [pytest.mark.peer, pytest.mark.slow]

# The model graded II / B, and its own findings give III / C.
CONFLICT = by_model(record_of("brooker-3", grades={"brooker": "II", "della_valle": "B"}))


def test_what_another_reader_chose_is_shown_and_chosen_again(
    chromium: Browser, start: Start
) -> None:
    """With their name; it settles nothing until the one who signs has pressed the same button."""
    desk = start(("brooker-3", CONFLICT))
    with reading(chromium, desk) as first, sitting(chromium) as second:
        for scale, grade in (("brooker", "III"), ("della_valle", "C")):
            of_scale = first.page.locator(f'.scale[data-scale="{scale}"]')
            of_scale.get_by_role("button", name=f"{grade}, by the findings").click()
            first.wait_until_saved()
        expect(first.page.locator("#sign")).not_to_have_attribute("aria-disabled", "true")
        second.enter(desk.link(WEBER))
        second.wait_for_image()
        page = second.page
        brooker = page.locator('.scale[data-scale="brooker"]')
        expect(brooker.locator(".sources")).to_have_text("Chosen by Maria RossiIII")
        expect(page.locator(".scale.conflict")).to_have_count(2)
        expect(page.locator("#why-not")).to_contain_text(
            "Maria Rossi chose Brooker\u00a0III. Choose the grade that you sign."
        )
        expect(page.locator("#sign")).to_have_attribute("aria-disabled", "true")
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / "desk_chosen_by_another.png")
        for scale, grade in (("brooker", "II"), ("della_valle", "B")):
            of_scale = page.locator(f'.scale[data-scale="{scale}"]')
            of_scale.get_by_role("button", name=f" {grade}, as graded before").click()
            second.wait_until_saved()
        expect(page.locator(".scale.conflict")).to_have_count(0)
        page.locator("#sign").click()
        page.get_by_role("dialog").get_by_role("button", name="Sign as Jan Weber").click()
        expect(page.locator(".standing")).to_have_attribute("data-status", "signed")
        expect(second.grade()).to_have_text(re.compile("^II "))


def test_a_line_across_1_cm_shows_what_the_model_had_graded(
    chromium: Browser, start: Start
) -> None:
    """In light and dark: the grade of the findings, and the model's beside it, to be chosen."""
    desk = start(("brooker-3", by_model(record_of("brooker-3"))))
    with reading(chromium, desk) as at_desk:
        at_desk.handle("right.gap", 1).focus()
        for key in ("Shift+ArrowLeft", "Shift+ArrowDown", "Shift+ArrowDown"):
            at_desk.page.keyboard.press(key)
        at_desk.wait_until_saved()
        expect(at_desk.page.locator(".scale.conflict")).to_have_count(2)
        expect(at_desk.grade()).to_contain_text("II")
        expect(at_desk.page.locator(".rules")).to_contain_text("at least 1 cm")
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        for scheme in ("light", "dark"):
            at_desk.page.emulate_media(color_scheme=scheme)
            at_desk.page.screenshot(path=SCREENSHOTS / f"desk_models_grade_{scheme}.png")
