"""The folded part of the form: what a report says beside its grade can be seen and changed by its signer."""

import re

import pytest
from playwright.sync_api import Browser, expect

from hosr.drafts import Status
from tests.desk.browser.conftest import Start
from tests.desk.browser.desks import by_model, record_of
from tests.desk.browser.sittings import Sitting, reading

pytestmark = [pytest.mark.peer, pytest.mark.slow]

SAID = {
    "stage": "mineralization",
    "features": ["XR_MIN_PERIPHERAL"],
    "site": ["anterior", "above_trochanter"],
    "hardware_nearby": True,
    "gap_lateral": {"mm": 14.5},
    "mass": {"sizes_mm": [34, 28], "contrast": "not_given"},
}


def unfolded(at_desk: Sitting) -> None:
    """Open the fold, where no fault within it has."""
    if not at_desk.page.locator("details.more[open]").count():
        at_desk.page.locator("details.more summary").click()


def test_all_that_a_record_says_beside_its_grade_is_in_the_form(
    chromium: Browser, start: Start
) -> None:
    """Each word of a full record stands in its field, and the chief ones on the fold."""
    islands = [{"length": {"mm": 6.2}}, {"length": {"mm": 5}, "site": ["medial", "posterior"]}]
    overrides = [{"view": "ap_pelvis", "side": "both", "reason": "Wrong in the header"}]
    record = record_of("brooker-2", **SAID, islands=islands)
    record |= {"schema_version": "1.1", "incomplete": "Left hip", "overrides": overrides}
    desk = start(("brooker-2", record))
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        folded = page.locator("details.more summary")
        for words in ("mineralization", "edge inwards", "anterior", "total hip", "08 Oct 2024"):
            expect(folded).to_contain_text(words)
        unfolded(at_desk)
        form = page.locator("details.more")
        shown = {
            label: form.get_by_label(label, exact=True).input_value()
            for label in ("Stage", "Stated", "Soft-tissue mass", "Contrast medium", "Its date")
        }
        ticked = form.locator("input[type=checkbox]:checked + label").all_inner_texts()
        written = [form.get_by_label(each).input_value() for each in ("Indication", "Still to be")]
        event = form.get_by_label("Operation or injury").input_value()
        expect(at_desk.field("Hardware nearby", "yes")).to_be_checked()
        corrections = form.get_by_role("group", name="Corrections of headers")
        expect(corrections).to_contain_text(
            "All images: both sides, Pelvis, AP: Wrong in the header"
        )
        first = form.get_by_role("group", name="Island 1: Site", exact=True)
        first.get_by_label("lateral to the joint").check()
        at_desk.wait_until_saved()
        kept = desk.draft("Phantom").record
        assert [each.get("site") for each in kept["hips"][0]["islands"]] == [
            ["lateral"],
            ["medial", "posterior"],
        ]
        assert kept["overrides"] == overrides
        first.get_by_label("lateral to the joint").uncheck()
        at_desk.wait_until_saved()
        assert desk.draft("Phantom").record["hips"][0]["islands"] == islands
    assert shown == {
        "Stage": "mineralization",
        "Stated": "14.5",
        "Soft-tissue mass": "34 \u00d7 28",
        "Contrast medium": "not_given",
        "Its date": "2024-10-08",
    }
    assert ticked == [
        *("mineralization from the edge inwards", "anterior to the joint"),
        *("above the tip of the greater trochanter", "posterior to the joint"),
        *("medial to the joint", "previous operation"),
        "reduced range of motion",
    ]
    assert written == ["Stiffness after hip replacement", "Left hip"]
    assert event == "total_hip_arthroplasty"


def test_what_a_model_said_of_maturity_is_the_signer_s_to_change(
    chromium: Browser, start: Start
) -> None:
    """The words of the report follow, only what fits is offered, and the record is the reader's."""
    desk = start(("brooker-2", by_model(record_of("brooker-2"))))
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        expect(page.locator("#text")).to_contain_text("Mature appearance")
        unfolded(at_desk)
        page.get_by_label("Stage", exact=True).select_option("mineralization")
        cortex = page.get_by_label("mature bone with a cortex")
        expect(cortex).to_be_checked()  # stays in sight, though it contradicts the stage
        cortex.uncheck()
        expect(cortex).to_be_hidden()
        page.get_by_label("first visible mineralization").check()
        page.get_by_label("lateral to the joint").check()
        page.get_by_label("Soft-tissue mass", exact=True).fill("34 x 28,5")
        expect(page.locator("#text")).to_contain_text("Maturing appearance")
        expect(page.locator("#text")).not_to_contain_text("Mature appearance")
        expect(page.locator("#text")).to_contain_text(re.compile(r"34\smm\s.\s28\.5\smm"))
        at_desk.wait_until_saved()
        mass = page.get_by_label("Soft-tissue mass", exact=True)
        mass.fill("34,28")
        expect(mass).to_have_attribute("aria-invalid", "true")
        expect(page.locator(".more .fault")).to_contain_text(
            "one size or two. Write two so: 34 \u00d7 28.5"
        )
        expect(page.locator("#sign")).to_have_attribute("aria-disabled", "true")
        expect(page.locator(".reasons")).to_have_text("The record has faults: Soft-tissue mass.")
        mass.fill("34 x 28,5 mm")
        expect(page.locator(".more .fault")).to_have_count(0)
        at_desk.wait_until_saved()
    record = desk.draft("Phantom").record
    hip = record["hips"][0]
    assert record["observer"]["name"] == "Rossi^Maria"
    assert (hip["stage"], hip["features"]) == ("mineralization", ["XR_MIN_ONSET"])
    assert (hip["site"], hip["mass"]) == (["lateral"], {"sizes_mm": [34, 28.5]})


def test_time_is_counted_from_the_event_of_the_form(chromium: Browser, start: Start) -> None:
    """Another operation, another day: the report tells the days from it; one after the images is a fault."""
    desk = start("brooker-2")
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        unfolded(at_desk)
        page.get_by_label("Operation or injury").select_option("revision_hip_arthroplasty")
        page.get_by_label("Its date").fill("2026-01-10")
        expect(page.locator("#text")).to_contain_text("revision hip arthroplasty")
        expect(page.locator("#text")).to_contain_text("10 January 2026")
        page.get_by_label("Its date").fill("2026-11-01")
        expect(page.locator(".more .faulty")).to_have_count(1)
        page.get_by_label("Its date").fill("2026-01-11")
        expect(page.locator(".more .faulty")).to_have_count(0)
        page.get_by_label("Operation or injury").select_option("")
        expect(page.get_by_label("Its date")).to_be_hidden()
        expect(page.locator("#text")).not_to_contain_text("hip arthroplasty")
        at_desk.wait_until_saved()
    assert "index_event" not in desk.draft("Phantom").record["context"]


def test_each_hip_has_its_own_event(chromium: Browser, start: Start) -> None:
    """The event of the one stays as it is; both are listed, each with its side; one alone stands by itself."""
    desk = start("bilateral")
    right, left = ({"procedure": "hemiarthroplasty", "side": side} for side in ("right", "left"))
    kept = []
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        unfolded(at_desk)
        event = page.get_by_label("Operation or injury")
        for hip, procedure in (
            ("Left", right["procedure"]),
            ("Right", left["procedure"]),
            ("Left", ""),
        ):
            page.get_by_role("button", name=f"{hip} hip", exact=True).click()
            event.select_option(procedure)
            at_desk.wait_until_saved()
            context = desk.draft("Phantom").record["context"]
            kept.append(context.get("index_events") or [context["index_event"]])
    assert kept == [[left], [right, left], [right]]


def test_a_partial_draft_of_nobody_is_claimed_completed_and_signed(
    chromium: Browser, start: Start
) -> None:
    """By a button its reader says that they drew the lines; what was still to be done is theirs to take away."""
    record = {**record_of("brooker-2"), "schema_version": "1.1", "incomplete": "Spurs to be seen."}
    del record["observer"]
    desk = start(("brooker-2", record))
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        expect(page.locator("#sign")).to_have_attribute("aria-disabled", "true")
        claim = page.get_by_role("button", name="I drew these lines")
        claim.click()
        expect(claim).to_have_count(0)
        unfolded(at_desk)
        todo = page.locator(".field.words", has_text="Still to be done")
        todo.get_by_role("textbox").fill("")
        expect(todo.locator(".former")).to_have_text(
            "an unnamed source wrote: Spurs to be seen.Put back"
        )
        at_desk.wait_until_saved()
        kept = desk.draft("Phantom").record["observer"]
        assert (kept["type"], kept["name"]) == ("person", "Rossi^Maria")
        page.locator("#sign").click()
        page.get_by_role("dialog").get_by_role("button", name="Sign as").click()
        expect(page.locator(".standing")).to_have_attribute("data-status", "signed")
    assert list(desk.statuses().values()) == [Status.SIGNED]
