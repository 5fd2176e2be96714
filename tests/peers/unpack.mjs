// Fetches the published applications that package.json lists under "packed": as built, without their dependencies.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [, , peers] = process.argv;
const { packed } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
for (const [application, integrity] of Object.entries(packed)) {
  const [, scope] = /^@([^/]+)\//.exec(application);
  const target = join(peers, scope);
  mkdirSync(target, { recursive: true });
  const said = execFileSync('npm', ['pack', application, '--json', '--loglevel=error', '--pack-destination', target], { encoding: 'utf8' });
  const [{ filename, integrity: found }] = JSON.parse(said);
  if (found !== integrity) throw new Error(`${application} is not the one that was reviewed: ${found}`);
  execFileSync('tar', ['--exclude=*.map', '-xzf', join(target, filename), '-C', target]);
  rmSync(join(target, filename));
}
