// Opens one SR of a study in the OHIF application, as a reader would, and tells what is on the page.
//
// In: {address, study, sop, annotations, track, drag, screenshot}; out: what was read from the page itself.
// Or draws on its image: {address, study, draw, screenshot}; out: what was saved.
import { draw } from './draw.mjs';
import { redraw } from './redraw.mjs';
import { STEP, talk } from './talk.mjs';

const CLICKS = 2; // the browser draws its list anew while it loads, and then a double-click gets lost
// Now and then the viewer loads an SR, complains of nothing and never draws it: its drawing tool was told of the
// element before that one was replaced, and no click mends it. A reader opens the study again. Each page has longer
// to draw after a click, in milliseconds: a slow machine is no fault of what is shown.
const SHOW = [15_000, 30_000, 45_000];
// Software rendering: without these nothing is drawn where there is no graphics card.
const FLAGS = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'];
const ENTRY = '[data-cy^="study-browser-thumbnail"]';
const PANE = '[data-cy="viewport-pane"]';
const ERROR_PAGE = 'Something went wrong';

let toured = false; // the viewer shows a reader around once

/** A page, and what it complains of from its first moment; no request may leave the address. */
async function newPage(reader, address) {
  const page = await reader.newPage();
  page.setDefaultTimeout(STEP);
  const heard = { errors: [], outside: [] };
  page.on('console', (m) => m.type() === 'error' && heard.errors.push(m.text()));
  page.on('pageerror', (e) => heard.errors.push(String(e)));
  page.on('request', (r) => {
    const url = r.url();
    if (/^(https?|wss?):/.test(url) && !url.startsWith(`${address}/`)) heard.outside.push(url);
  });
  return { page, heard };
}

/** Opens the study; returns once the first image can be drawn on and the tour is out of the way. */
async function openStudy(page, { address, study }) {
  await page.goto(`${address}/viewer?StudyInstanceUIDs=${study}`);
  await page.locator(ENTRY).first().waitFor();
  await page.waitForFunction(() => window.cornerstone?.getEnabledElements().length > 0);
  if (toured) return;
  const skip = page.getByText('Skip all').first();
  toured = await skip.waitFor({ timeout: 10_000 }).then(() => skip.click(), () => false) !== false;
}

/** The study browser's entry of one SR; null when it has none. */
async function findEntry(page, sop) {
  const entry = await page.waitForFunction(
    (uid) => window.services.displaySetService.getActiveDisplaySets()
      .find((set) => set.SOPInstanceUID === uid)?.displaySetInstanceUID,
    sop,
  ).then((found) => found.jsonValue(), () => null);
  return entry && page.locator(`[id="thumbnail-${entry}"]`);
}

/** Waits for the annotations, or the document's text when none are due, or the error page. */
async function waitUntilShown(page, annotations, timeout) {
  const ready = ([count, pane, failure]) => {
    if (document.body.innerText.includes(failure)) return true;
    if (count) return document.querySelectorAll('svg.svg-layer [data-annotation-uid] text').length >= count;
    return /^\s*1\.\s/m.test(document.querySelector(pane)?.innerText ?? '');
  };
  return page.waitForFunction(ready, [annotations, PANE, ERROR_PAGE], { timeout })
    .then(() => true, () => false);
}

/** Double-clicks an entry, once more where nothing comes of it; whether it shows. */
async function openEntry(page, entry, annotations, timeout) {
  for (let click = 0; click < CLICKS; click += 1) {
    await entry.dblclick();
    if (await waitUntilShown(page, annotations, timeout)) return true;
  }
  return false;
}

/** The lines and words of the drawing layer; canvas points are given in image coordinates. */
function readDrawing() {
  const layer = document.querySelector('svg.svg-layer');
  if (!layer) return { image: '', labels: [], shapes: [] };
  const { viewport } = window.cornerstone.getEnabledElements()[0];
  const image = viewport.getCurrentImageId();
  const toImage = (x, y) => Array.from(
    window.cornerstone.utilities.worldToImageCoords(image, viewport.canvasToWorld([x, y])));
  const isInside = (inner, outer) => inner.left >= outer.left && inner.right <= outer.right
    && inner.top >= outer.top && inner.bottom <= outer.bottom;
  const shapes = [...layer.querySelectorAll('line, polyline')]
    .filter((shape) => shape.getAttribute('stroke-dasharray') !== '2,3') // leads from a label to its line
    .map((shape) => {
      const of = (name) => Number(shape.getAttribute(name));
      const canvas = shape.tagName === 'line'
        ? [[of('x1'), of('y1')], [of('x2'), of('y2')]]
        : shape.getAttribute('points').trim().split(/,?\s+/).reduce((pairs, value, index, all) =>
          (index % 2 ? [...pairs, [parseFloat(all[index - 1]), parseFloat(value)]] : pairs), []);
      return { kind: shape.tagName, points: canvas.map(([x, y]) => toImage(x, y)) };
    });
  const labels = [...layer.querySelectorAll('[data-annotation-uid]')].map((group) => ({
    lines: [...group.querySelectorAll('tspan')].map((part) => part.textContent),
    in_view: isInside(group.getBoundingClientRect(), layer.getBoundingClientRect()),
  }));
  return { image, labels, shapes };
}

/** The sentences of a text document that run out of the pane at its right edge. */
function readCut(pane) {
  const root = document.querySelector(pane);
  const edge = root.getBoundingClientRect().right;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const cut = [];
  while (walker.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    if (range.getBoundingClientRect().right > edge) cut.push(walker.currentNode.textContent);
  }
  return cut;
}

/** Answers Yes to tracking and reads the measurement panel. */
async function track(page) {
  await page.locator('[data-cy="viewport-notification"]').getByText('Yes', { exact: true }).click();
  await page.locator('[data-cy="trackedMeasurements-btn"]').click();
  await page.locator('[data-cy^="measurement-table-row"]').first().waitFor();
  return page.locator('[data-cy="trackedMeasurements-panel"]').innerText();
}

/** The labels that the menu of a measurement offers, as the viewer took them from its configuration. */
const readChoices = () => window.services.customizationService.getCustomization('measurementLabels')
  ?.items?.map((item) => item.label) ?? [];

/** Whether the viewer did no more than leave the SR undrawn. */
const isUndrawn = (seen) => seen.listed && !seen.shown && !seen.errors.length && !seen.outside.length;

/** The SR, from the first request to the screenshot. */
async function look(reader, asked, timeout) {
  const { page, heard } = await newPage(reader, asked.address);
  await openStudy(page, asked);
  const entries = await page.locator(ENTRY).allInnerTexts();
  const entry = await findEntry(page, asked.sop);
  const listed = entry !== null;
  const shown = listed && await openEntry(page, entry, asked.annotations, timeout);
  await page.waitForLoadState('networkidle'); // a failure that comes a moment later is one too
  const body = await page.locator('body').innerText();
  const offer = (await page.locator('[data-cy="viewport-notification"]').allInnerTexts()).join('\n');
  const text = (await page.locator(PANE).allInnerTexts()).join('\n');
  const drawing = await page.evaluate(readDrawing);
  const choices = await page.evaluate(readChoices);
  const cut = asked.annotations ? [] : await page.evaluate(readCut, PANE);
  const panel = asked.track && shown ? await track(page) : '';
  const saved = asked.drag && panel ? await redraw(page, asked.drag) : null;
  await page.screenshot({ path: asked.screenshot });
  await page.close();
  const broken = body.includes(ERROR_PAGE) || heard.errors.some((e) => e.includes('Error Boundary'));
  return { entries, listed, shown, error_page: broken, text, cut, offer, choices, ...drawing, panel, saved, ...heard };
}

/** Lines drawn on the first image of the study, from the first request to the screenshot. */
async function drawOn(reader, asked) {
  const { page, heard } = await newPage(reader, asked.address);
  await openStudy(page, asked);
  const saved = await draw(page, asked.draw);
  await page.screenshot({ path: asked.screenshot });
  await page.close();
  return { saved, ...heard };
}

let reader; // one profile, as at a reader's desk: the application is fetched and compiled once
await talk(FLAGS, async (browser, asked) => {
  reader ??= await browser.newContext({ viewport: { width: 1400, height: 900 } });
  if (asked.draw) return drawOn(reader, asked);
  let seen;
  for (const timeout of SHOW) {
    seen = await look(reader, asked, timeout);
    if (!isUndrawn(seen)) break;
  }
  return seen;
});
