"""How the desk looks to people: contrast, names and roles, narrow windows, five languages, stacks."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from hosr.desk.imagery import ordered
from hosr.intake.images import read_images
from hosr.language import LANGUAGES, language_of
from tests.desk.browser.conftest import Start
from tests.desk.browser.desks import SAMPLES, by_model, record_of
from tests.desk.browser.sittings import Sitting, reading
from tests.peers.processes import PEERS, installed

pytestmark = [pytest.mark.peer, pytest.mark.slow]

AXE = PEERS / "node_modules" / "axe-core" / "axe.min.js"
CONFLICT = by_model(record_of("brooker-3", grades={"brooker": "II", "della_valle": "B"}))
_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def _violations(at_desk: Sitting) -> list[Any]:
    """What axe-core finds against WCAG 2.2 AA: rule, and the elements."""
    source = installed(AXE, "npm package axe-core").read_text(encoding="utf-8")
    at_desk.page.evaluate(f"() => {{ {source} }}")
    found = at_desk.page.evaluate(
        "tags => axe.run(document, { runOnly: { type: 'tag', values: tags } })", _WCAG
    )
    assert len(found["passes"]) > 10
    return [
        (rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found["violations"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_against_wcag_2_2_aa(
    chromium: Browser, start: Start, scheme: str
) -> None:
    """With a conflict, with a fault, all unfolded, with the table of keys and in the locked page."""
    desk = start(("brooker-3", CONFLICT), "bilateral", "ct")
    with reading(chromium, desk, "Dario", color_scheme=scheme) as at_desk:
        assert _violations(at_desk) == []
        at_desk.field("Ossification", "absent").check()
        expect(at_desk.page.locator(".field.faulty")).to_have_count(1)
        assert _violations(at_desk) == []
        told = at_desk.page.locator("#text details li").all_inner_texts()
        assert told == [
            "result.json, left hip: its outline has no area",
            "result.json: its outlines are of the only image",
        ]
        at_desk.choose("Hugo")
        at_desk.page.locator("details.more summary").click()
        assert _violations(at_desk) == []
        at_desk.press("?")
        expect(at_desk.page.get_by_role("dialog")).to_be_visible()
        assert _violations(at_desk) == []
        at_desk.page.keyboard.press("Escape")
        at_desk.page.get_by_role("button", name="Lock").click()
        assert _violations(at_desk) == []


# What is typed as millimetres, and as sizes; None where it is a fault of its field. The comma stands
# before decimals in every language but English.
_TYPED = ("12.4", "12,4", "12,4 mm", "1.234", "1,234", "22.225", "0.500", "1 cm", "12.4.5", "0x10")
_SIZES = ("34 x 28", "34,5\u00d728,5 mm", "34,28", "34, 28", "34 28", "34.5", "34;28", "34 x no")
_SAME: list[Any] = [[34, 28], [34.5, 28.5], None, None, None, [34.5], [34, 28], None]
_READINGS = {
    False: [[12.4, 12.4, 12.4, None, 1.234, None, 0.5, None, None, None], _SAME],
    True: [[12.4, 12.4, 12.4, 1.234, None, 22.225, 0.5, None, None, None], _SAME],
}


def _read(at_desk: Sitting) -> Any:
    """What the page takes each of them for; why it takes none is always said."""
    return at_desk.page.evaluate(
        """async ([lengths, sizes]) => {
          const { exact, readMillimetres, readSizes } = await import("/static/numbers.js");
          const told = ({ value, values, why }) => {
            const read = value ?? values;
            return [read].flat().some((each) => typeof each === "string") ? (why ? null : "no reason") : read;
          };
          if (exact(22.225).replace(",", ".") !== "22.225") throw new Error("not exact");
          return [lengths.map(readMillimetres).map(told), sizes.map(readSizes).map(told)];
        }""",
        [_TYPED, _SIZES],
    )


def _in_two_rows(at_desk: Sitting) -> list[str]:
    """The tools, and the choices of the form, that do not fit one row."""
    rows = at_desk.page.locator("#tools, .findings > .choice:visible .segments").all()
    boxes = [(each.bounding_box(), each.inner_text()) for each in rows]
    return [words for box, words in boxes if box is None or box["height"] > 40]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_page_fits_its_window_in_every_language(
    chromium: Browser, start: Start, language: str
) -> None:
    """All of it at 1440 x 900, rows unbroken down to 1280; nothing scrolls sideways at 320 pixels (WCAG 2.2, 1.4.10)."""
    desk = start(("brooker-3", CONFLICT), language=language)
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        assert page.locator("html").get_attribute("lang") == language
        colon = language_of(language).labelled("", "")  # set off in French
        expect(page.locator(".scale-figure figcaption")).to_contain_text(colon)
        assert _read(at_desk) == _READINGS[language == "en"]
        assert page.evaluate("() => document.documentElement.scrollHeight") <= 900
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 1440
        box = page.locator("#sign").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900
        for width in (1440, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert _in_two_rows(at_desk) == []
        page.set_viewport_size({"width": 320, "height": 640})
        for _ in range(2):
            assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
            page.locator("#list-toggle").click()


def test_every_handle_is_a_target_of_24_pixels(chromium: Browser, start: Start) -> None:
    """WCAG 2.2, 2.5.8; and so is every button."""
    with reading(chromium, start("brooker-3")) as at_desk:
        page = at_desk.page
        for target in page.locator(".handle .target").all():
            box = target.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 24
        small = [
            button.inner_text()
            for button in page.locator("button:visible, .segments label:visible").all()
            if (box := button.bounding_box()) and min(box["width"], box["height"]) < 24
        ]
        assert small == []


def test_letters_do_nothing_outside_the_image(chromium: Browser, start: Start) -> None:
    """Whoever types a comment draws no line and signs nothing (WCAG 2.2, 2.1.4)."""
    desk = start("brooker-2")
    with reading(chromium, desk) as at_desk:
        page = at_desk.page
        page.get_by_label("Comment").press_sequentially("gick jzB?")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator('[data-act="drawGap"]')).to_have_attribute("aria-pressed", "false")
        page.locator("#help").press("g")
        expect(page.locator('[data-act="drawGap"]')).to_have_attribute("aria-pressed", "false")
        at_desk.wait_until_saved()
    assert desk.draft("Phantom").record["hips"][0]["comment"] == "gick jzB?"


def test_slices_turn_by_wheel_keys_and_slider(chromium: Browser, start: Start) -> None:
    """A mark is seen on its own slice alone, and found again from the form; without one the image that is named."""
    images = ordered(read_images(SAMPLES / "mr-early" / "images"))
    early = record_of("mr-early", image=images[1].sop_instance_uid)
    with reading(chromium, start("ct", ("mr-early", early)), "Gita") as at_desk:
        page = at_desk.page
        expect(page.locator(".pane.now .corner.info")).to_contain_text("Slice 2 of 7")
        at_desk.press("PageDown", "PageDown", "m")
        expect(page.locator(".pane.now .corner.info")).to_contain_text("Slice 2 of 7")
        at_desk.choose("Hugo")
        info = page.locator(".pane.now .corner.info")
        expect(info).to_contain_text("Slice 15 of 24")
        expect(page.locator(".mark.gap")).to_have_count(1)
        page.mouse.move(*at_desk.at((200, 200)))
        page.mouse.wheel(0, 120)
        expect(info).to_contain_text("Slice 18 of 24")
        expect(page.locator(".mark.gap")).to_have_count(0)
        at_desk.press("ArrowUp", "PageUp")
        expect(info).to_contain_text("Slice 16 of 24")
        page.locator(".pane.now .slices").fill("3")
        expect(info).to_contain_text("Slice 3 of 24")
        page.get_by_role("button", name="Find: Space").click()
        expect(info).to_contain_text("Slice 15 of 24")
        expect(at_desk.handle("right.gap", 0)).to_be_focused()


def test_the_window_follows_a_drag_and_comes_back(chromium: Browser, start: Start) -> None:
    """Left drag windows, the middle button moves, R is as at first; the marks move with the image."""
    with reading(chromium, start("brooker-2")) as at_desk:
        page = at_desk.page
        info = page.locator(".pane.now .corner.info")
        first = info.inner_text()
        place = at_desk.place("right.gap", 0)
        at_desk.drag(at_desk.at((500, 300)), (80, 40))
        expect(info).not_to_have_text(first)
        assert at_desk.place("right.gap", 0) == place
        at_desk.drag(at_desk.at((500, 300)), (50, -20), button="middle")
        moved = at_desk.place("right.gap", 0)
        assert moved == pytest.approx((place[0] + 50, place[1] - 20), abs=1e-3)
        at_desk.press("r")
        expect(info).to_have_text(first)
        assert at_desk.place("right.gap", 0) == place
