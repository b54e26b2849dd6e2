/** Numbers of others that are valid or not, read in the one box as an officer would type them. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { IdentifierIndex } from '../../../../src/screening/identifiers/identifier-index.ts';
import type { Reading } from '../../../../src/screening/identifiers/listed.ts';
import { guessSchemes } from '../../../../src/screening/identifiers/readings.ts';

const shared = process.env.TOCSIN_SHARED ?? '../shared';
const validity = resolve(shared, 'data/screening/identifier-validity.tsv');
const vectors = resolve(shared, 'vectors/identifiers/identifiers.json');
for (const file of [validity, vectors])
  if (!existsSync(file)) console.warn(`skipped: known answers of identifiers are not at ${file}`);

const index = new IdentifierIndex();

const passing = (text: string, schemes: readonly string[]): Reading | undefined =>
  index
    .search({ value: text })
    .readings.find(
      ({ scheme, notes }) =>
        schemes.includes(scheme) &&
        !notes.some((note) => note !== 'leading-zeros-added' && note !== 'taken-out-of-text'),
    );

const SCHEMES: Readonly<Record<string, readonly string[]>> = {
  imo: ['imo-ship', 'imo-company'],
  iso6346: ['container'],
};

describe.skipIf(!existsSync(validity))('valid and invalid numbers as typed', () => {
  const rows = existsSync(validity)
    ? readFileSync(validity, 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split('\t'))
    : [];

  it('pass or fail as they should, and are normalised', () => {
    expect(rows.length).toBeGreaterThan(20);
    for (const [scheme = '', text = '', expected, normalised = ''] of rows) {
      const reading = passing(text, SCHEMES[scheme] ?? []);
      expect(reading === undefined ? 'invalid' : 'valid', `${scheme} ${text}`).toBe(expected);
      if (normalised !== '') expect(`IMO${reading?.value}`).toBe(normalised);
    }
  });
});

describe.skipIf(!existsSync(vectors))('numbers of published test suites', () => {
  const read = (scheme: string): readonly string[] =>
    existsSync(vectors) ? (JSON.parse(readFileSync(vectors, 'utf8'))[scheme].valid ?? []) : [];

  it.each([
    ['lei', 'lei'],
    ['iso6346', 'container'],
    ['imo', 'imo-ship'],
  ])('%s are guessed first', (name, scheme) => {
    const values = read(name);
    expect(values.length).toBeGreaterThan(2);
    for (const value of values) expect(guessSchemes(value)[0], value).toBe(scheme);
  });
});
