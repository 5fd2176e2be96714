"""Two fingers on the image, a pinch on a trackpad, and the keys that do the same."""

import pytest
from playwright.sync_api import Browser, CDPSession, expect

from tests.desk.browser.conftest import Start
from tests.desk.browser.desks import DeskOfSamples
from tests.desk.browser.sittings import Point, Sitting, reading

pytestmark = [pytest.mark.peer, pytest.mark.slow]

GAP = "right.gap"


class _Fingers:
    """Fingers on a screen; each step is where all of them are."""

    def __init__(self, at_desk: Sitting) -> None:
        self._at_desk = at_desk
        self._session: CDPSession = at_desk.page.context.new_cdp_session(at_desk.page)

    def move(self, kind: str, *places: Point) -> None:
        """Put down, moved or lifted, at places of the picture."""
        points = [
            {"x": x, "y": y, "id": number}
            for number, (x, y) in enumerate(map(self._at_desk.at, places))
        ]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def _ends(at_desk: Sitting) -> tuple[Point, Point]:
    return at_desk.place(GAP, 0), at_desk.place(GAP, 1)


def _record(desk: DeskOfSamples) -> object:
    return desk.draft("Phantom").record


def test_two_fingers_zoom_and_move_what_lies_under_them(chromium: Browser, start: Start) -> None:
    """What lay under each finger still does; window and record are as before."""
    desk = start("brooker-2")
    with reading(chromium, desk, has_touch=True) as at_desk:
        before, record = _ends(at_desk), _record(desk)
        window = at_desk.page.locator(".pane.now .corner.info").inner_text().partition(" ·")[0]
        fingers = _Fingers(at_desk)
        fingers.move("touchStart", (200, 300))
        fingers.move("touchMove", (206, 304))
        fingers.move("touchStart", (200, 300), (400, 300))
        for step in range(1, 11):
            fingers.move(
                "touchMove", (200 - 8 * step, 300 + 5 * step), (400 + 12 * step, 300 + 5 * step)
            )
        fingers.move("touchEnd")
        scale = (520 - 120) / 200
        for old, new in zip(before, _ends(at_desk), strict=True):
            wanted = (120 + (old[0] - 200) * scale, 350 + (old[1] - 300) * scale)
            assert new == pytest.approx(wanted, abs=0.5)
        expect(at_desk.page.locator(".pane.now .corner.info")).to_contain_text(window)
        assert _record(desk) == record


def test_a_pinch_with_a_tool_in_hand_draws_nothing(chromium: Browser, start: Start) -> None:
    """Nor does one that begins on the end of a line move it; a tap places a point."""
    desk = start("brooker-2")
    with reading(chromium, desk, has_touch=True) as at_desk:
        record, fingers = _record(desk), _Fingers(at_desk)
        x, y = at_desk.place(GAP, 1)
        fingers.move("touchStart", (x, y))
        fingers.move("touchMove", (x + 12, y + 12))
        fingers.move("touchStart", (x + 12, y + 12), (x + 90, y))
        fingers.move("touchMove", (x + 12, y + 12), (x + 120, y))
        fingers.move("touchEnd")
        at_desk.wait_until_saved()
        assert _record(desk) == record
        at_desk.press("f", "i")
        fingers.move("touchStart", (200, 300))
        fingers.move("touchStart", (200, 300), (400, 300))
        fingers.move("touchMove", (190, 300), (410, 300))
        fingers.move("touchEnd")
        expect(at_desk.page.locator(".band .ring")).to_have_count(0)
        for place in ((200, 300), (260, 340)):
            fingers.move("touchStart", place)
            fingers.move("touchEnd")
        expect(at_desk.page.locator(".mark.islands")).to_have_count(1)


def test_a_pinch_on_a_trackpad_zooms_a_stack(chromium: Browser, start: Start) -> None:
    """Browsers tell it as the wheel with Ctrl; Shift and arrows move the image, arrows alone the slices."""
    with reading(chromium, start("ct")) as at_desk:
        page = at_desk.page
        info = page.locator(".pane.now .corner.info")
        first = info.inner_text()
        before = _ends(at_desk)
        page.mouse.move(*at_desk.at(before[0]))
        page.keyboard.down("Control")
        page.mouse.wheel(0, -20)
        page.keyboard.up("Control")
        expect(info).not_to_have_text(first)
        expect(info).to_contain_text("Slice 15 of 24")
        after = _ends(at_desk)
        assert after[0] == pytest.approx(before[0], abs=1)
        zoom = (after[1][0] - after[0][0]) / (before[1][0] - before[0][0])
        assert zoom == pytest.approx(1.01**20, abs=0.01)
        at_desk.press("Shift+ArrowUp")
        expect(info).to_contain_text("Slice 15 of 24")
        assert at_desk.place(GAP, 0)[1] == pytest.approx(after[0][1] + 40, abs=1)
        at_desk.press("ArrowUp")
        expect(info).to_contain_text("Slice 14 of 24")
