/** Check-digit vectors of others: container, IMO ship and legal entity numbers. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type IdentifierCheck, judgeImoShip, judgeIso6346, judgeLei } from '../../src/record/index.ts';

const file = resolve(process.env.TOCSIN_SHARED ?? '../shared', 'vectors/identifiers/identifiers.json');
const present = existsSync(file);
if (!present) console.warn(`skipped: identifier vectors are not at ${file}`);

interface Vectors {
  readonly valid: readonly string[];
  readonly invalid?: Readonly<Record<string, string>>;
}

const vectors: Readonly<Record<string, Vectors>> = present ? JSON.parse(readFileSync(file, 'utf8')) : {};
const judges: readonly (readonly [string, (text: string) => IdentifierCheck])[] = [
  ['iso6346', judgeIso6346],
  ['imo', judgeImoShip],
  ['lei', judgeLei],
];

describe.skipIf(!present)('identifier vectors', () => {
  it.each(judges)('%s: valid numbers pass', (scheme, judge) => {
    const values = vectors[scheme]?.valid ?? [];
    expect(values.length).toBeGreaterThan(0);
    for (const value of values) expect(judge(value), value).toMatchObject({ ok: true });
  });

  it.each(judges)('%s: invalid numbers are told why', (scheme, judge) => {
    for (const [value, fault] of Object.entries(vectors[scheme]?.invalid ?? {})) {
      const check = judge(value);
      expect(check.ok, value).toBe(false);
      expect(check.fault, value).toBe(fault);
    }
  });
});
