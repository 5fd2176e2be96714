// The validator of the npm package fhir: faults of FHIR R4 bundles, read as a list from standard input.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const { modules, bundles } = JSON.parse(readFileSync(0, 'utf8'));
const { Fhir } = createRequire(modules)('fhir');
const judge = new Fhir();
const grave = new Set(['error', 'fatal']);
const faults = bundles.map((bundle) =>
  judge
    .validate(bundle, { errorOnUnexpected: true })
    .messages.filter((found) => grave.has(found.severity))
    .map((found) => `${found.location}: ${found.message}`),
);
console.log(JSON.stringify(faults));
