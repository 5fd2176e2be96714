// One browser for many questions: each line of stdin is one, in JSON; each is answered by a line on stdout.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

export const STEP = 90_000; // milliseconds: a slow machine is no fault of what is shown
const FLAGS = ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

const [modules, executablePath, without] = process.argv.slice(2);
export const require = createRequire(modules);

/** Answers every question with a browser that is started with these flags besides. */
export async function talk(flags, answer) {
  const browser = await require('playwright-core').chromium
    .launch({ executablePath, args: [...FLAGS, without, ...flags], timeout: STEP });
  try {
    for await (const line of createInterface({ input: process.stdin })) {
      process.stdout.write(`${JSON.stringify(await answer(browser, JSON.parse(line)))}\n`);
    }
  } finally {
    await browser.close();
  }
}
