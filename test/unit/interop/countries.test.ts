import { describe, expect, it } from 'vitest';
import { countryCode } from '../../../src/interop/countries.ts';
import { judgeCountry } from '../../../src/record/index.ts';

describe('country names', () => {
  it('are known as the United Nations write them, in any case and with accents', () => {
    const names = {
      "Democratic People's Republic of Korea": 'KP',
      'Iran (Islamic Republic of)': 'IR',
      'United Kingdom of Great Britain and Northern Ireland': 'GB',
      'China, Hong Kong Special Administrative Region': 'HK',
      Türkiye: 'TR',
      Namibia: 'NA',
      congo: 'CG',
      'The Gambia': 'GM',
      "Côte d'Ivoire": 'CI',
    };
    for (const [name, code] of Object.entries(names)) expect(countryCode(name), name).toBe(code);
  });

  it('without one present country stay unknown', () => {
    for (const name of ['', 'na', 'former Soviet Union', 'Yugoslavia', 'Europe', 'Unknown Region'])
      expect(countryCode(name), name).toBeUndefined();
  });

  it('lead to assigned codes only', () => {
    for (const name of ['Kosovo', 'Serbia', 'Norway'])
      expect(judgeCountry(countryCode(name) ?? 'ZZ').ok, name).toBe(true);
  });
});
