// Draws a line of a hydrated SR anew and saves it, as a reader does with the mouse.

export const PANEL = '[data-cy="trackedMeasurements-panel"]';
const HOVER = 500; // milliseconds in which a line shows the handles of its ends under the mouse

/** Where a point of the image stands on the page. */
export const onPage = ([x, y]) => {
  const { viewport } = window.cornerstone.getEnabledElements()[0];
  const world = window.cornerstone.utilities.imageToWorldCoords(viewport.getCurrentImageId(), [x, y]);
  const [left, top] = viewport.worldToCanvas(world);
  const box = viewport.element.getBoundingClientRect();
  return [box.left + left, box.top + top];
};

/** Takes hold of the end of a line; the picture moves while the panel opens. */
async function grasp(page, end) {
  const handles = page.locator('svg.svg-layer circle').first();
  let held = false;
  for (let attempt = 0; attempt < 20 && !held; attempt += 1) {
    const [left, top] = await page.evaluate(onPage, end);
    await page.mouse.move(left + 2, top + 2);
    await page.mouse.move(left, top);
    held = await handles.waitFor({ timeout: HOVER }).then(() => true, () => false);
  }
  await page.mouse.down();
}

/** Whether the panel shows the length that the line has now; it follows the mouse late. */
function isUpToDate([css, before]) {
  const { innerText } = document.querySelector(css);
  const [{ displayText }] = window.services.measurementService.getMeasurements();
  return innerText !== before && displayText.primary.every((words) => innerText.includes(words));
}

/** Drags an end of a line elsewhere and saves where the viewer proposes to; what panel and dialog said. */
export async function redraw(page, [from, to]) {
  const panel = page.locator(PANEL);
  const before = await panel.innerText();
  await grasp(page, from);
  await page.mouse.move(...await page.evaluate(onPage, to), { steps: 5 });
  await page.mouse.up();
  await page.waitForFunction(isUpToDate, [PANEL, before]);
  const redrawn = await panel.innerText();
  return { redrawn, ...await save(page) };
}

/** Saves all measurements where the viewer proposes to; what its dialog said, and the archive's answer. */
export async function save(page) {
  await page.locator(PANEL).getByText('Create SR').click();
  const dialog = page.locator('[role="dialog"]');
  const proposed = await dialog.innerText();
  const answer = page.waitForResponse((each) => each.request().method() === 'POST');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  const status = (await answer).status();
  await page.getByText('Measurements saved successfully').waitFor();
  return { proposed, status };
}
