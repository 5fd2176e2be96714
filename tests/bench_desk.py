"""How long a reader at the desk waits, in Chromium without a graphics card: `python tests/bench_desk.py`.

| figure        | from                                        | to                                     |
|---------------|---------------------------------------------|----------------------------------------|
| first picture | the link is followed                        | the image is drawn                     |
| frame         | one frame                                   | the next, while the window is dragged  |
| slice         | a key                                       | the next slice is drawn                |
| grade         | an end of the line is moved by a key        | the grade of the moved line is shown   |
| list          | a thousand drafts are asked for             | they are here                          |

Times are those of a clock: what else works on the machine counts. The film has 3008 x 2594 pixels of 16
bits, made of the sample brooker-2; the volume is the sample ct.
"""

from __future__ import annotations

import copy
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.remove(str(Path(__file__).resolve().parent))  # whose sample_data are tests

import numpy as np
import pydicom
from playwright.sync_api import Browser, expect, sync_playwright

from hosr.drafts import Drafts, NewDraft, judge
from hosr.intake.images import read_images
from tests.desk.browser.desks import SAMPLES, record_of
from tests.desk.browser.sittings import Sitting, sitting
from tests.desk.desks import ROSSI, Running, add_draft, running
from tests.peers.processes import program

SCALE = 2.35  # of the film against its sample
DRAFTS, TURNS, FRAMES_S = 1000, 20, 2.0
_CHANGED = "(found, before) => found.textContent !== before"
_NOT_BUSY = "(found) => found.getAttribute('aria-busy') === 'false'"

# Runs before the page does: notes when the picture is there, how far apart frames are, what keys lead to.
_CLOCKS = """
  const seen = {};
  window.clocks = {
    seen,
    key(key, selector, holds) {
      const found = document.querySelector(selector);
      const before = found.textContent;
      return new Promise((done) => {
        const start = performance.now();
        const watch = new MutationObserver(() => {
          if (!holds(found, before)) return;
          watch.disconnect();
          done(performance.now() - start);
        });
        watch.observe(found, { attributes: true, childList: true, characterData: true, subtree: true });
        const pressed = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
        document.activeElement.dispatchEvent(pressed);
      });
    },
    frames(seconds) {
      return new Promise((done) => {
        const times = [];
        const tick = (at) => {
          times.push(at);
          if (at - times[0] < seconds * 1000) requestAnimationFrame(tick);
          else done(times.slice(1).map((each, index) => each - times[index]));
        };
        requestAnimationFrame(tick);
      });
    },
  };
  document.addEventListener("DOMContentLoaded", () => {
    const look = () => {
      if (document.querySelector(".pane.now .corner.info")?.textContent) seen.picture = performance.now();
      else requestAnimationFrame(look);
    };
    look();
  });
"""


def main() -> None:
    """Make the drafts, sit down at the desk, and print how long each thing takes."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        path = program("chromium", "Debian package chromium")
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        _film(browser, Path(folder, "film"))
        _volume(browser, Path(folder, "volume"))
        _list(browser, Path(folder, "list"))
        browser.close()


def _film(browser: Browser, folder: Path) -> None:
    add_draft(folder / "drafts", _enlarged(folder / "images"), folder / "images")
    pictures = []
    for _ in range(5):
        with running(folder / "drafts", ROSSI) as desk, _clocked(browser, desk) as at_desk:
            pictures.append(at_desk.page.evaluate("clocks.seen.picture"))
            frames = _drag(at_desk)
            at_desk.handle("right.gap", 1).focus()
            keys = ["ArrowDown", "ArrowUp"] * (TURNS // 2)
            grades = [_pressed(at_desk, key, "#grades", _NOT_BUSY) for key in keys]
    print(f"first picture  {_told(pictures)}")
    print(f"frame          {_told(frames)}")
    print(f"grade          {_told(grades)}")


def _volume(browser: Browser, folder: Path) -> None:
    add_draft(folder, record_of("ct"), SAMPLES / "ct" / "images")
    with running(folder, ROSSI) as desk, _clocked(browser, desk) as at_desk:
        print(f"first slice    {_told([at_desk.page.evaluate('clocks.seen.picture')])}")
        at_desk.view.focus()
        keys = ["PageDown", "PageUp"] * (TURNS // 2)
        slices = [_pressed(at_desk, key, ".pane.now .corner.info", _CHANGED) for key in keys]
        print(f"slice          {_told(slices)}")


def _list(browser: Browser, folder: Path) -> None:
    record, images = record_of("brooker-3"), SAMPLES / "brooker-3" / "images"
    judged = judge(record, read_images(images))
    with Drafts(folder, clock=time.time) as drafts:
        for number in range(DRAFTS):
            own = {**record, "conclusion": f"Draft {number}"}
            drafts.add(NewDraft(record=own, images=(str(images),)), judged)
    with running(folder, ROSSI) as desk, _clocked(browser, desk) as at_desk:
        expect(at_desk.page.locator("#worklist")).to_contain_text("Phantom")
        asked = at_desk.page.evaluate(
            "performance.getEntriesByType('resource').filter((e) => e.name.endsWith('/drafts'))"
            ".map((e) => e.responseEnd - e.startTime)"
        )
        print(f"list           {_told(asked)}")


@contextmanager
def _clocked(browser: Browser, desk: Running) -> Iterator[Sitting]:
    """A reader at a desk with its first picture, and clocks in the page."""
    with sitting(browser) as at_desk:
        at_desk.page.add_init_script(f"(() => {{{_CLOCKS}}})()")
        at_desk.enter(desk.links[ROSSI.key])
        at_desk.wait_for_image()
        yield at_desk


def _drag(at_desk: Sitting) -> list[float]:
    """Milliseconds from frame to frame while the window is dragged."""
    page, box = at_desk.page, at_desk.view.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + 30
    page.evaluate(f"() => {{ window.drawn = clocks.frames({FRAMES_S}); }}")
    page.mouse.move(x, y)
    page.mouse.down()
    begun_s = time.monotonic()
    while time.monotonic() - begun_s < FRAMES_S:
        moved = 80 * (time.monotonic() - begun_s)
        page.mouse.move(x + moved, y + moved)
    page.mouse.up()
    frames: list[float] = page.evaluate("window.drawn")
    return frames


def _pressed(at_desk: Sitting, key: str, selector: str, holds: str) -> float:
    """Milliseconds from a key to what it leads to."""
    at_desk.wait_until_saved()
    ms: float = at_desk.page.evaluate(f"clocks.key({key!r}, {selector!r}, {holds})")
    return ms


def _told(times_ms: Sequence[float]) -> str:
    ordered = sorted(times_ms)
    late = ordered[round(0.95 * (len(ordered) - 1))]
    return f"{statistics.median(ordered):7.1f} ms, 95 % under {late:.1f} ms"


def _enlarged(folder: Path) -> dict[str, Any]:
    """The film, with more and smaller pixels of 16 bits, and its record."""
    header = pydicom.dcmread(SAMPLES / "brooker-2" / "images" / "image-1.dcm")
    header.decompress(generate_instance_uid=False)
    pixels = header.pixel_array
    rows, columns = (round(side * SCALE) for side in pixels.shape)
    picked = [(np.arange(count) / SCALE).astype(int) for count in (rows, columns)]
    header.Rows, header.Columns = rows, columns
    header.PixelData = pixels[np.ix_(*picked)].astype("<u2").tobytes()
    for keyword in ("PixelSpacing", "ImagerPixelSpacing"):
        header[keyword].value = [f"{value / SCALE:.10g}" for value in header[keyword].value]
    folder.mkdir(parents=True)
    header.save_as(folder / "image-1.dcm")
    record = copy.deepcopy(record_of("brooker-2"))
    gap = record["hips"][0]["gap"]
    gap["points"] = [[round(value * SCALE, 1) for value in point] for point in gap["points"]]
    return record


if __name__ == "__main__":
    main()
