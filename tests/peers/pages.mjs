// Opens a page file in a real browser, as a reader would, and tells what is wrong with it.
//
// In: {page, settings: [{name, width, height, scheme, media, screenshot, printed}]}
// Out: for each setting what was found; `printed` is where the page is put on paper, "" for not at all.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { STEP, require, talk } from './talk.mjs';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag2aaa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe-core minds, one line for each element, by the beginning of its markup. */
async function judge(page) {
  const told = ['violations', 'incomplete']; // of the rules that are kept it needs no more than their number
  const how = { runOnly: { type: 'tag', values: RULES }, resultTypes: told };
  const answer = await page.evaluate((options) => window.axe.run(document, options), how);
  const lines = (rules) => rules.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 120)}`));
  return { rules: answer.passes.length, violations: lines(answer.violations), undecided: lines(answer.incomplete) };
}

/** What is too wide for its place: the page itself, words of a drawing beyond its edge, words over words. */
function readLayout() {
  const root = document.documentElement;
  const text = (element) => element.textContent.trim();
  const overlaps = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const wide = root.scrollWidth > root.clientWidth ? [`the page: ${root.scrollWidth} > ${root.clientWidth}`] : [];
  for (const element of document.querySelectorAll('body *:not(svg *)')) {
    if (element.getBoundingClientRect().right > root.clientWidth + 1) wide.push(`${element.tagName}: ${text(element).slice(0, 60)}`);
    if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth) wide.push(`in ${element.tagName}: ${text(element).slice(0, 60)}`);
  }
  const cut = [];
  const covered = [];
  for (const drawing of document.querySelectorAll('svg')) {
    const edge = drawing.getBoundingClientRect();
    const words = [...drawing.querySelectorAll('text')].map((word) => [text(word), word.getBoundingClientRect()]);
    for (const [index, [word, box]] of words.entries()) {
      if (box.left < edge.left || box.right > edge.right || box.top < edge.top || box.bottom > edge.bottom) cut.push(word);
      for (const [other, place] of words.slice(index + 1)) if (other !== word && overlaps(box, place)) covered.push(`${word} / ${other}`);
    }
  }
  return { wide, cut, covered };
}

/** The images that the browser could not decode. */
async function findBrokenImages() {
  const sources = [...document.images].map((image) => image.src)
    .concat([...document.querySelectorAll('svg image')].map((image) => image.href.baseVal));
  const broken = await Promise.all(sources.map(async (source) => {
    const image = new Image();
    image.src = source;
    return image.decode().then(() => image.naturalWidth === 0, () => true);
  }));
  return { images: sources.length, broken: sources.filter((_, index) => broken[index]).map((source) => source.slice(0, 80)) };
}

/** The page in one setting; what it complained of since the one before. */
async function look(page, setting, heard) {
  await page.setViewportSize({ width: setting.width, height: setting.height });
  await page.emulateMedia({ media: setting.media, colorScheme: setting.scheme });
  const text = await page.locator('body').innerText();
  const layout = await page.evaluate(readLayout);
  const images = await page.evaluate(findBrokenImages);
  await page.screenshot({ path: setting.screenshot, fullPage: true });
  if (setting.printed) await page.pdf({ path: setting.printed, preferCSSPageSize: true });
  const accessibility = await judge(page);
  const [errors, outside] = [heard.errors.splice(0), heard.outside.splice(0)];
  return { name: setting.name, text, ...layout, ...images, errors, outside, ...accessibility };
}

/** A page that is loaded once, with a browser profile of its own, and held in each of the settings. */
async function open(browser, address, settings) {
  const [first] = settings;
  const context = await browser.newContext({ viewport: { width: first.width, height: first.height }, colorScheme: first.scheme });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP);
  const heard = { errors: [], outside: [] };
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && heard.errors.push(m.text()));
  page.on('pageerror', (e) => heard.errors.push(String(e)));
  page.on('request', (r) => !r.url().startsWith('data:') && r.url() !== address && heard.outside.push(r.url()));
  await page.emulateMedia({ media: first.media, colorScheme: first.scheme });
  await page.goto(address, { waitUntil: 'load' });
  await page.evaluate(AXE);
  const answers = [];
  for (const setting of settings) answers.push(await look(page, setting, heard));
  await context.close();
  return answers;
}

// To pretend to a graphics card takes longer than to do without one.
await talk(['--disable-gpu-compositing'], (browser, asked) => open(browser, pathToFileURL(asked.page).href, asked.settings));
