"""Two readers, a desk that stops answering, a locked page, and the buttons of a browser."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.desk.browser.conftest import Start
from tests.desk.browser.desks import SAMPLES, WEBER, record_of
from tests.desk.browser.sittings import Sitting, reading, sitting
from tests.desk.desks import ROSSI, add_draft
from tests.images import write_film
from tests.peers.processes import SCREENSHOTS

pytestmark = [pytest.mark.peer, pytest.mark.slow]

HOSTILE = "<img onerror>alert(1)</img>^<b>Mallory</b>"


def test_a_stale_save_shows_both_versions_and_loses_neither(
    chromium: Browser, start: Start
) -> None:
    """The second reader sees field by field what each of them said, and chooses."""
    desk = start("brooker-2")
    with reading(chromium, desk) as first, sitting(chromium) as second:
        second.enter(desk.link(WEBER))
        second.wait_for_image()
        expect(second.page.locator(".row .chip")).to_have_text("Opened · Maria Rossi")
        first.field("Spur, femur", "no").check()
        first.page.get_by_label("Comment").fill("Seen by Rossi")
        first.wait_until_saved()
        second.page.get_by_label("Conclusion").fill("Seen by Weber")
        dialog = second.page.get_by_role("dialog")
        expect(dialog).to_contain_text("Somebody else changed this draft")
        expect(dialog).to_contain_text("changed by Maria Rossi while you")
        expect(dialog).to_contain_text("Seen by Rossi")
        expect(dialog).to_contain_text("Seen by Weber")
        expect(second.page.locator("#saved")).to_have_attribute("data-state", "stale")
        assert desk.draft("Phantom").record["hips"][0]["comment"] == "Seen by Rossi"
        second.page.keyboard.press("Escape")  # put off: nothing is saved until it is chosen
        expect(dialog).to_have_count(0)
        expect(second.page.locator("#sign")).to_have_attribute("aria-disabled", "true")
        second.page.get_by_label("Conclusion").fill("Seen by Weber.")
        for name, is_mine in (("Conclusion", True), ("Comment", False)):  # by who changed it
            mine = dialog.get_by_role("row", name=name).get_by_role("radio").first
            assert mine.is_checked() is is_mine
        dialog.get_by_role("button", name="Save the choice").click()
        second.wait_until_saved()
        first.page.get_by_label("Comment", exact=True).fill("Seen again")
        told = first.page.get_by_role("dialog")
        expect(told).to_contain_text("changed by Jan Weber while you")  # not by who opened it
    record = desk.draft("Phantom").record
    assert record["conclusion"] == "Seen by Weber."
    assert record["hips"][0]["spurs"] == {"pelvis": True, "femur": False}


def test_words_of_a_first_reader_stand_beside_their_field(chromium: Browser, start: Start) -> None:
    """Whose they are is told while they stand, and what they were once they are replaced."""
    desk = start("brooker-2")
    with reading(chromium, desk) as first, sitting(chromium) as second:
        comment = first.page.get_by_label("Comment", exact=True)
        comment.fill("Seen by Rossi.")
        first.wait_until_saved()
        second.enter(desk.link(WEBER))
        second.wait_for_image()
        page = second.page
        field = page.locator(".field.words", has_text="Comment")
        own = page.get_by_label("Comment", exact=True)
        expect(own).to_have_value("Seen by Rossi.")
        expect(field.locator(".former")).to_have_text("Words of Maria Rossi")
        second.field("Spur, femur", "no").check()
        second.wait_until_saved()
        expect(own).to_have_value("Seen by Rossi.")
        own.fill("Seen by Weber.")
        second.wait_until_saved()
        expect(field.locator(".former")).to_contain_text("Maria Rossi wrote: Seen by Rossi.")
        field.get_by_role("button", name="Put back: Comment").click()
        second.wait_until_saved()
        expect(own).to_have_value("Seen by Weber.\nSeen by Rossi.")
        expect(field.locator(".former")).to_have_text("Words of Maria Rossi")
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / "desk_former_words.png")
        second.field("Spur, femur", "yes").check()
        second.wait_until_saved()
        page.locator("#sign").click()
        told = "In it are words of Maria Rossi: Seen by Rossi."
        expect(page.get_by_role("dialog")).to_contain_text(told)
    kept = desk.draft("Phantom").record["hips"][0]["comment"]
    assert kept == "Seen by Weber.\nSeen by Rossi."


def test_what_the_desk_did_not_get_is_kept_and_sent_again(chromium: Browser, start: Start) -> None:
    """While it does not answer the page says so; what was typed is there, and arrives in the end."""
    desk = start("brooker-2", "follow-up-2")
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        name = page.locator("#patient-name").inner_text()

        def refuse(route: Route) -> None:
            route.abort()

        page.route("**/drafts/**", refuse)
        page.get_by_label("Comment").fill("Typed while nothing answered")
        expect(page.locator("#saved")).to_contain_text("NOT SAVED")
        expect(page.locator("#sign")).to_have_attribute("aria-disabled", "true")
        at_desk.press("j")  # it stays, for it cannot be left without loss
        expect(page.locator("#notice")).to_contain_text("stays open")
        expect(page.locator("#patient-name")).to_have_text(name)
        page.unroute_all(behavior="wait")
        expect(page.locator("#saved")).to_have_attribute("data-state", "saved")
        expect(page.locator("#sign")).not_to_have_attribute("aria-disabled", "true")
        expect(page.get_by_label("Comment")).to_have_value("Typed while nothing answered")
    kept = desk.draft(name.split()[0]).record
    assert kept["hips"][0]["comment"] == "Typed while nothing answered"


def test_what_is_typed_after_a_lost_answer_is_kept(chromium: Browser, start: Start) -> None:
    """The desk kept the first words and could not say so: the page goes on from them, and loses none."""
    desk = start("brooker-2")
    with reading(chromium, desk) as at_desk:
        page = at_desk.page

        def lose(route: Route) -> None:
            route.fetch()
            route.abort()

        page.route("**/drafts/*", lose)
        page.get_by_label("Comment").fill("First")
        expect(page.locator("#saved")).to_contain_text("NOT SAVED")
        assert desk.draft("Phantom").record["hips"][0]["comment"] == "First"
        page.get_by_label("Comment").fill("First and second")
        page.unroute_all(behavior="wait")
        at_desk.wait_until_saved()
        expect(page.get_by_label("Comment")).to_have_value("First and second")
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert desk.draft("Phantom").record["hips"][0]["comment"] == "First and second"


def test_words_of_another_reader_are_never_taken_for_ones_own(
    chromium: Browser, start: Start
) -> None:
    """What was not answered had not arrived either, and somebody else wrote in its place."""
    desk = start("brooker-2")
    with reading(chromium, desk) as first, sitting(chromium) as second:
        second.enter(desk.link(WEBER))
        second.wait_for_image()

        def refuse(route: Route) -> None:
            route.abort()

        first.page.route("**/drafts/*", refuse)
        first.page.get_by_label("Comment").fill("Seen by Rossi")
        expect(first.page.locator("#saved")).to_contain_text("NOT SAVED")
        second.page.get_by_label("Comment").fill("Seen by Weber")
        second.wait_until_saved()
        first.page.unroute_all(behavior="wait")
        dialog = first.page.get_by_role("dialog")
        for words in ("Seen by Rossi", "Seen by Weber"):
            expect(dialog).to_contain_text(words)


def test_a_locked_page_holds_nothing_of_any_patient(chromium: Browser, start: Start) -> None:
    """By its button, and where the session ended: image, form and list are gone, also by going back."""
    desk = start("brooker-2")
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        page.get_by_role("button", name="Lock").click()
        expect(page.locator("#locked h1")).to_be_in_viewport()
        assert "Phantom" not in page.content()
        assert page.locator("canvas").count() == 0
        assert "Phantom" not in page.title()
        page.go_back()
        assert "Phantom" not in page.content()


def _type_unheard(at_desk: Sitting, words: str) -> None:
    """Type what does not reach the desk, and lock the page."""

    def refuse(route: Route) -> None:
        route.abort()

    at_desk.page.route("**/drafts/*", refuse)
    at_desk.page.get_by_label("Comment", exact=True).fill(words)
    expect(at_desk.page.locator("#saved")).to_contain_text("NOT SAVED")
    at_desk.page.get_by_role("button", name="Lock").click()
    note = at_desk.page.locator("#locked-note")
    expect(note).to_contain_text(
        "newest link of Maria Rossi in another tab, at the same address (127."
    )
    at_desk.page.unroute_all(behavior="wait")


def test_a_locked_page_holds_unsaved_words_for_its_reader(chromium: Browser, start: Start) -> None:
    """Out of sight, also of another reader in the same browser; it goes on where they were."""
    desk = start("brooker-2", "follow-up-2")
    with reading(chromium, desk, "Carla") as at_desk:
        page = at_desk.page
        _type_unheard(at_desk, "Typed while nothing answered")
        for hidden in ("Phantom", "Typed while"):
            assert hidden not in page.content()
        assert page.locator("canvas").count() == 0
        other = page.context.new_page()
        other.goto(desk.link(WEBER))
        other.locator("body[data-ready]").wait_for()
        page.wait_for_timeout(5000)  # it is looked for several times
        expect(page.locator("#locked")).to_be_visible()
        assert "Typed while" not in page.content()
        key, address = desk.running.new_links.get()
        assert key == ROSSI.key
        other.goto(address)
        at_desk.wait_until_saved()
        expect(page.locator("#locked")).to_be_hidden()
        expect(page.locator("#patient-name")).to_contain_text("Carla")
        words = page.get_by_label("Comment", exact=True)
        expect(words).to_have_value("Typed while nothing answered")
        other.close()
        at_desk.wait_for_image()
        words.fill("Typed, and more")  # the page works as before
        at_desk.wait_until_saved()
    kept = desk.draft("Carla").record
    assert kept["hips"][0]["comment"] == "Typed, and more"


def test_what_a_locked_page_held_is_compared_with_what_came_since(
    chromium: Browser, start: Start
) -> None:
    """Another reader changed the draft meanwhile: both versions are shown, and none is lost."""
    desk = start("brooker-2")
    with reading(chromium, desk) as at_desk, sitting(chromium) as second:
        _type_unheard(at_desk, "Seen by Rossi")
        second.enter(desk.link(WEBER))
        second.wait_for_image()
        second.page.get_by_label("Comment", exact=True).fill("Seen by Weber")
        second.wait_until_saved()
        other = at_desk.page.context.new_page()
        other.goto(desk.running.new_links.get()[1])
        dialog = at_desk.page.get_by_role("dialog")
        for words in ("Seen by Rossi", "Seen by Weber"):
            expect(dialog).to_contain_text(words)
        dialog.get_by_role("button", name="Save all of mine").click()
        at_desk.wait_until_saved()
        former = at_desk.page.locator(".field.words", has_text="Comment").locator(".former")
        expect(former).to_contain_text("Jan Weber wrote: Seen by Weber")
    assert desk.draft("Phantom").record["hips"][0]["comment"] == "Seen by Rossi"


def test_a_page_that_nobody_uses_is_locked(chromium: Browser, start: Start) -> None:
    """After so many seconds without a movement."""
    desk = start("brooker-2", lock_s=3.0)
    with sitting(chromium) as at_desk:
        at_desk.enter(desk.link())
        expect(at_desk.page.locator("#locked")).to_be_visible()
        assert "Phantom" not in at_desk.page.content()


def test_back_and_forward_lead_through_the_drafts(chromium: Browser, start: Start) -> None:
    """Each draft has its address, and a page loaded anew shows the same one."""
    desk = start("brooker-2", "follow-up-2", "ct")
    with reading(chromium, desk, "Carla") as at_desk:
        page = at_desk.page
        at_desk.choose("Hugo")
        page.go_back()
        expect(page.locator("#patient-name")).to_contain_text("Carla")
        page.go_forward()
        expect(page.locator("#patient-name")).to_contain_text("Hugo")
        page.reload()
        page.locator("body[data-ready]").wait_for()
        expect(page.locator("#patient-name")).to_contain_text("Hugo")
        # What was asked about one draft is not answered for the next.
        page.get_by_role("button", name="Put on hold").click()
        page.get_by_role("dialog").get_by_label("Reason").fill("Of Hugo")
        page.go_back()
        expect(page.locator("#patient-name")).to_contain_text("Carla")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_two_pages_of_one_reader_do_not_overwrite_one_another(
    chromium: Browser, start: Start
) -> None:
    """The second tab is told, as another reader would be."""
    desk = start("brooker-2")
    with reading(chromium, desk) as at_desk:
        other = at_desk.page.context.new_page()
        other.goto(at_desk.page.url)
        other.locator("body[data-ready]").wait_for()
        at_desk.page.get_by_label("Comment").fill("From the first tab")
        at_desk.wait_until_saved()
        other.get_by_label("Conclusion").fill("From the second")
        expect(other.get_by_role("dialog")).to_contain_text("From the first tab")


def test_markup_in_names_and_words_is_text(chromium: Browser, start: Start) -> None:
    """A header and a model may hold anything: it is shown as it is written, and runs nowhere."""
    record = record_of("brooker-2", comment="<script>alert(2)</script>", gap=None, grades=None)
    desk = start()
    film = write_film(desk.folder / "film" / "film.dcm", PatientName=HOSTILE)
    record.pop("study")
    record["hips"][0]["gap"] = {"mm": 12.0}
    add_draft(desk.folder, record, film.parent, made_from=("<i>result</i>.json",))
    with sitting(chromium) as at_desk:
        dialogs: list[str] = []
        at_desk.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        at_desk.enter(desk.link())
        expect(at_desk.page.locator("#patient-name")).to_contain_text("<img onerror>alert(1)</img>")
        expect(at_desk.page.locator(".row .name")).to_contain_text("<b>Mallory</b>")
        expect(at_desk.page.get_by_label("Comment")).to_have_value("<script>alert(2)</script>")
        expect(at_desk.page.locator("#made-by")).to_contain_text("<i>result</i>.json")
        assert at_desk.page.locator("img, b, i, script:not([src])").count() == 0
        assert dialogs == []


def test_a_draft_whose_images_are_gone_is_told_and_not_signed(
    chromium: Browser, start: Start, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The form is there, in the place of the picture stands why there is none."""
    folder = tmp_path_factory.mktemp("images")
    image = folder / "image-1.dcm"
    image.write_bytes((SAMPLES / "brooker-2" / "images" / "image-1.dcm").read_bytes())
    desk = start()
    add_draft(desk.folder, record_of("brooker-2"), folder)
    image.unlink()
    with sitting(chromium) as at_desk:
        at_desk.enter(desk.link())
        expect(at_desk.page.locator(".pane.now .note")).to_contain_text("images")
        expect(at_desk.page.locator(".findings")).to_be_visible()
        expect(at_desk.page.locator("#sign")).to_have_attribute("aria-disabled", "true")


_EVENT = {"procedure": "total_hip_arthroplasty", "date": "2024-10-08"}
MINE: dict[str, Any] = {
    "context": {"indication": "Pain", "index_event": _EVENT},
    "hips": [{"side": "right", "hardware_nearby": True, "candidates": [{"mm": 5}]}],
}
THEIRS: dict[str, Any] = {"context": {"indication": "Stiffness"}, "hips": [{"side": "right"}]}


def _content(record: dict[str, Any], decisions: list[str]) -> dict[str, Any]:
    return {"record": record, "decisions": decisions}


def test_two_lines_with_the_same_ends_on_two_slices_are_told_apart(
    chromium: Browser, start: Start
) -> None:
    """Who chooses between two versions sees on which image each line lies, and how sure it is said to be."""
    desk = start("ct")
    ends = [[10, 20], [30.5, 20]]
    here = {"points": ends, "image": "1.2.3.1", "frame": 1}
    there = {"points": ends, "image": "1.2.3.2", "frame": 2, "uncertainty_mm": 0.4}
    with reading(chromium, desk) as at_desk:
        told = at_desk.page.evaluate(
            """async (values) => {
              const { tell } = await import("/static/conflict.js");
              return values.map(tell);
            }""",
            [here, there, [{"length": {"mm": 6.2}, "site": ["lateral"]}], {"category": "<10mm"}],
        )
        asked = at_desk.page.evaluate(
            """async (contents) => {
              const { differences, tell } = await import("/static/conflict.js");
              const told = ({ label, mine, theirs }) => [label, tell(mine), tell(theirs)];
              const found = differences(...contents);
              found[0].put(contents[1]);
              return [found.map(told), contents[1].record.context];
            }""",
            [
                _content(MINE, ["right:brooker=III", "right:island.0=accepted"]),
                _content(THEIRS, []),
            ],
        )
    line = "(10.0, 20.0) \N{EN DASH} (30.5, 20.0)"
    assert told == [
        f"{line}, Image: 1.2.3.1, Slice: 1",
        f"{line}, Image: 1.2.3.2, Slice: 2, \N{PLUS-MINUS SIGN}\N{NO-BREAK SPACE}0.4\N{NO-BREAK SPACE}mm",
        "6.2\N{NO-BREAK SPACE}mm, Site: lateral to the joint",
        "less than 1\N{NO-BREAK SPACE}cm",
    ]
    assert asked == [
        [
            ["Operation or injury", "total hip arthroplasty, 2024-10-08", "not stated"],
            ["Indication", "Pain", "Stiffness"],
            ["Right hip: Hardware nearby", "yes", "not stated"],
            [
                "Decisions",
                "Right hip: Brooker III; Right hip: Island 1: taken over from the model",
                "none",
            ],
        ],
        {"indication": "Stiffness", "index_event": MINE["context"]["index_event"]},
    ]
