"""Lines on the image: by drag, by two clicks and by keys, exactly where they were put."""

import pytest
from playwright.sync_api import Browser, expect

from tests.desk.browser.conftest import Start
from tests.desk.browser.desks import DeskOfSamples, by_model, record_of
from tests.desk.browser.sittings import Point, Sitting, reading

pytestmark = [pytest.mark.peer, pytest.mark.slow]

GAP = "right.gap"
_EXACT = 1e-6


def _points(desk: DeskOfSamples) -> list[Point]:
    return [tuple(point) for point in desk.draft("Phantom").record["hips"][0]["gap"]["points"]]


def _scale(at_desk: Sitting, points: list[Point]) -> float:
    """CSS pixels to a pixel of the image."""
    first, second = at_desk.place(GAP, 0), at_desk.place(GAP, 1)
    return (second[0] - first[0]) / (points[1][0] - points[0][0])


@pytest.mark.parametrize("density", [1, 2])
def test_a_dragged_end_lies_where_the_pointer_brought_it_at_any_zoom(
    chromium: Browser, start: Start, density: int
) -> None:
    """Also where it was grabbed beside its middle: nothing jumps, nothing is rounded."""
    desk = start("brooker-2")
    with reading(chromium, desk, device_scale_factor=density) as at_desk:
        for wheel in (0, -900, 300):
            before = _points(desk)
            fitted = _scale(at_desk, before)
            scale = _zoom(at_desk, before, wheel)
            assert (scale > fitted) - (scale < fitted) == (wheel < 0) - (wheel > 0)
            x, y = at_desk.at(at_desk.place(GAP, 1))
            at_desk.drag((x + 3, y - 2), (40.5, -21.25))
            at_desk.wait_until_saved()
            first, second = _points(desk)
            assert first == before[0]
            wanted = (before[1][0] + 40.5 / scale, before[1][1] - 21.25 / scale)
            assert second == pytest.approx(wanted, abs=_EXACT)
            at_desk.press("z")
            at_desk.wait_until_saved()


def _zoom(at_desk: Sitting, points: list[Point], wheel: int) -> float:
    """The wheel turned over an end of the line; the scale once the marks have followed."""
    place = at_desk.place(GAP, 1)
    at_desk.page.mouse.move(*at_desk.at(place))
    if wheel:
        other = at_desk.handle(GAP, 0)
        before = other.get_attribute("transform") or ""
        at_desk.page.mouse.wheel(0, wheel)
        expect(other).not_to_have_attribute("transform", before)
    return _scale(at_desk, points)


def test_what_is_held_of_one_draft_moves_nothing_in_the_next(
    chromium: Browser, start: Start
) -> None:
    """An end that a click took up, or that is dragged while the next draft opens: its line has the same name."""
    desk = start("brooker-2", "follow-up-2")
    with reading(chromium, desk, "Carla") as at_desk:
        page, before = at_desk.page, desk.draft("Iris").record
        x, y = at_desk.at(at_desk.place(GAP, 0))
        page.mouse.click(x, y)
        expect(page.locator("#hint")).to_contain_text("Click where this end belongs")
        at_desk.choose("Iris")
        expect(page.locator("#hint")).not_to_contain_text("Click where this end belongs")
        page.mouse.click(x - 30, y - 12)
        at_desk.choose("Carla")
        x, y = at_desk.at(at_desk.place(GAP, 0))
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 20, y - 8)
        at_desk.wait_until_saved()
        page.locator(".row", has_text="Iris").evaluate("(row) => row.click()")
        expect(page.locator("#patient-name")).to_contain_text("Iris")
        at_desk.wait_for_image()
        page.mouse.move(x - 60, y - 30)
        page.mouse.up()
        at_desk.wait_until_saved()
    assert desk.draft("Iris").record == before


def test_an_end_is_clicked_and_then_its_new_place(chromium: Browser, start: Start) -> None:
    """Whoever cannot drag has two clicks; Escape puts the end back (WCAG 2.2, 2.5.7)."""
    desk = start("brooker-2")
    with reading(chromium, desk) as at_desk:
        before = _points(desk)
        scale = _scale(at_desk, before)
        at_desk.page.mouse.click(*at_desk.at(at_desk.place(GAP, 0)))
        at_desk.page.keyboard.press("Escape")
        assert at_desk.page.locator(".handle[data-carried]").count() == 0
        x, y = at_desk.place(GAP, 0)
        at_desk.page.mouse.click(*at_desk.at((x, y)))
        expect(at_desk.page.locator("#hint")).to_contain_text("Click where this end belongs")
        at_desk.page.mouse.click(*at_desk.at((x - 30, y - 12)))
        at_desk.wait_until_saved()
        # The pointer of a click stands on whole pixels of the page.
        assert _points(desk)[0] == pytest.approx(
            (before[0][0] - 30 / scale, before[0][1] - 12 / scale), abs=1 / scale
        )
        assert _points(desk)[1] == before[1]


def test_an_end_is_moved_by_keys(chromium: Browser, start: Start) -> None:
    """By 1 pixel of the image, with Shift by 10, with Alt by 0.1; what it is now is said with it."""
    desk = start("brooker-2")
    with reading(chromium, desk) as at_desk:
        before = _points(desk)
        handle = at_desk.handle(GAP, 1)
        handle.focus()
        for key in ("ArrowRight", "Shift+ArrowDown", "Alt+ArrowLeft", "Alt+ArrowUp"):
            at_desk.page.keyboard.press(key)
        at_desk.wait_until_saved()
        after = _points(desk)
        wanted = (before[1][0] + 0.9, before[1][1] + 9.9)
        assert after == [before[0], pytest.approx(wanted, abs=_EXACT)]
        told = handle.get_attribute("aria-valuetext")
        assert told is not None
        assert f"column {wanted[0]:.1f}, row {wanted[1]:.1f}" in told
        assert "mm" in told


def test_undo_and_redo_go_over_the_whole_record(chromium: Browser, start: Start) -> None:
    """A drag is one step, and so is a word of the form."""
    desk = start("brooker-2")
    with reading(chromium, desk) as at_desk:
        before = desk.draft("Phantom").record
        at_desk.drag(at_desk.at(at_desk.place(GAP, 1)), (25, 25))
        at_desk.field("Bridging", "apparent").check()
        at_desk.wait_until_saved()
        after = desk.draft("Phantom").record
        at_desk.press("z", "z")
        at_desk.wait_until_saved()
        assert desk.draft("Phantom").record == before
        at_desk.press("Shift+Z", "Shift+Z")
        at_desk.wait_until_saved()
        again = desk.draft("Phantom").record
    assert before["hips"] != after["hips"] == again["hips"]


def test_an_implant_head_is_calibrated_by_three_clicks(chromium: Browser, start: Start) -> None:
    """They become the ends of the level diameter; its true size is asked for, and never guessed."""
    desk = start(("brooker-3", record_of("brooker-3", calibration=None)))
    known = record_of("brooker-3")["hips"][0]["calibration"]["points"]
    center = tuple((known[0][axis] + known[1][axis]) / 2 for axis in (0, 1))
    radius = ((known[0][0] - known[1][0]) ** 2 + (known[0][1] - known[1][1]) ** 2) ** 0.5 / 2
    with reading(chromium, desk) as at_desk:
        points = _points(desk)
        scale = _scale(at_desk, points)
        origin = at_desk.place(GAP, 0)
        at_desk.press("c")
        for dx, dy in ((0, -1), (0.6, 0.8), (-0.8, 0.6)):
            column, row = center[0] + radius * dx, center[1] + radius * dy
            place = (
                origin[0] + (column - points[0][0]) * scale,
                origin[1] + (row - points[0][1]) * scale,
            )
            at_desk.page.mouse.click(*at_desk.at(place))
        expect(at_desk.page.get_by_label("True size")).to_be_focused()
        expect(at_desk.page.locator("#sign")).to_have_attribute("aria-disabled", "true")
        at_desk.page.keyboard.type("32")
        at_desk.wait_until_saved()
        drawn = desk.draft("Phantom").record["hips"][0]["calibration"]
    near = 1.5 / scale  # each click is on a whole pixel of the page
    assert drawn["true_mm"] == 32
    assert drawn["points"][0] == pytest.approx([center[0] - radius, center[1]], abs=near)
    assert drawn["points"][1] == pytest.approx([center[0] + radius, center[1]], abs=near)


def test_a_line_is_drawn_by_keys_alone(chromium: Browser, start: Start) -> None:
    """A cross moves by arrows, Enter places its ends; the line is that of the hip in the form."""
    desk = start("brooker-0")
    with reading(chromium, desk) as at_desk:
        at_desk.press("i", "ArrowLeft", "Shift+ArrowLeft", "Enter", "Shift+ArrowUp", "Enter")
        expect(at_desk.page.locator(".mark.islands")).to_have_count(1)
        expect(at_desk.handle("right.islands.0", 1)).to_be_focused()
        at_desk.wait_until_saved()
        first, second = desk.draft("Phantom").record["hips"][0]["islands"][0]["length"]["points"]
    assert (first[0] - second[0], first[1] - second[1]) == pytest.approx((0, 10), abs=_EXACT)


def test_a_models_line_keeps_its_look_until_a_person_takes_it_over(
    chromium: Browser, start: Start
) -> None:
    """Accepted or moved it is the reader's; the model's own stays beside it, and comes back."""
    desk = start(("brooker-2", by_model(record_of("brooker-2", grades=None))))
    with reading(chromium, desk) as at_desk:
        mark = at_desk.page.locator(f'.mark[data-key="{GAP}"]')
        original = desk.draft("Phantom").original
        expect(mark).to_have_class("mark model gap")
        at_desk.press("a")
        expect(mark).to_have_class("mark own gap")
        at_desk.press("z")
        expect(mark).to_have_class("mark model gap")
        at_desk.drag(at_desk.at(at_desk.place(GAP, 1)), (12, 9))
        expect(mark).to_have_class("mark own gap")
        at_desk.press("o")
        expect(at_desk.page.locator(".mark.original")).to_have_count(1)
        at_desk.wait_until_saved()
        kept = desk.draft("Phantom")
        assert kept.original == original
        assert kept.record["observer"]["name"] == "Rossi^Maria"
        at_desk.page.get_by_role("button", name="Original: Space").click()
        expect(mark).to_have_class("mark model gap")
        at_desk.wait_until_saved()
        assert desk.draft("Phantom").record == original


def test_an_edge_is_offered_and_never_taken_by_itself(chromium: Browser, start: Start) -> None:
    """The steepest edge near an end is a ghost until E is pressed."""
    desk = start("brooker-2")
    with reading(chromium, desk) as at_desk:
        before = _points(desk)
        scale = _zoom(at_desk, before, -900)
        # A little into the bone, along the line.
        dx, dy = (before[1][axis] - before[0][axis] for axis in (0, 1))
        length = (dx**2 + dy**2) ** 0.5
        far = 4 * scale / length
        at_desk.drag(at_desk.at(at_desk.place(GAP, 1)), (dx * far, dy * far))
        expect(at_desk.page.locator(".ghost .ring")).to_have_count(1)
        at_desk.wait_until_saved()
        moved = _points(desk)[1]
        at_desk.page.keyboard.press("e")
        expect(at_desk.page.locator(".ghost .ring")).to_have_count(0)
        at_desk.wait_until_saved()
        taken = _points(desk)[1]
    assert moved == pytest.approx(
        (before[1][0] + 4 * dx / length, before[1][1] + 4 * dy / length), abs=1e-4
    )
    assert abs(taken[0] - moved[0]) + abs(taken[1] - moved[1]) > 0.5
