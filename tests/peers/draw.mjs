// Draws lines on the image with the mouse, names each from the list that the viewer offers, and saves them.
import { PANEL, onPage, save } from './redraw.mjs';

const TOOL = '[data-cy="MeasurementTools-split-button-primary"]'; // a length, unless another was chosen before
const OFFER = '[data-cy="viewport-notification"]';
const ROW = '[data-cy^="measurement-table-row"]';

/** How many measurements there are, and whether the last one has its length. */
const isDrawn = (count) => {
  const found = window.services.measurementService.getMeasurements();
  return found.length === count && found.every(({ displayText }) => displayText.primary.length > 0);
};

/** Draws a line from point to point of the image. */
async function drawLine(page, [from, to], count) {
  await page.locator(TOOL).click();
  await page.mouse.move(...await page.evaluate(onPage, from));
  await page.mouse.down();
  await page.mouse.move(...await page.evaluate(onPage, to), { steps: 5 });
  await page.mouse.up();
  await page.waitForFunction(isDrawn, count);
}

/** Names the measurement of a row by an entry of the list. */
async function name(page, row, label) {
  await row.hover();
  await row.locator('[data-cy="actionsMenuTrigger"]').click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('option', { name: label, exact: true }).click();
  await page.locator(PANEL).getByText(label, { exact: true }).waitFor();
}

/** Draws each line of {points, label}, and saves all; what the panel showed then, and the answers. */
export async function draw(page, lines) {
  for (const [index, { points }] of lines.entries()) {
    await drawLine(page, points, index + 1);
    if (!index) await page.locator(OFFER).getByText('Yes', { exact: true }).click();
  }
  await page.locator('[data-cy="trackedMeasurements-btn"]').click();
  const rows = page.locator(ROW);
  for (const [index, { label }] of lines.entries()) await name(page, rows.nth(index), label);
  const redrawn = await page.locator(PANEL).innerText();
  return { redrawn, ...await save(page) };
}
