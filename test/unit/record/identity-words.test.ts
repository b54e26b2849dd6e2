import { describe, expect, it } from 'vitest';
import { identityFindings } from '../../../src/record/rules/identity-words.ts';

describe('words that may tell who called', () => {
  it.each([
    ['ring 555 0147 any time', 'PHONE_LIKE'],
    ['ligar +299 555-0147-22', 'PHONE_LIKE'],
    ['téléphone (05) 55.01.47.22', 'PHONE_LIKE'],
    ['هاتف ٥٥٥٠١٤٧', 'PHONE_LIKE'],
    ['write to noor.k@example.org', 'EMAIL_LIKE'],
    ['escreva para noor arroba example.org', 'EMAIL_LIKE'],
    ['write to noor(at)example.org', 'EMAIL_LIKE'],
    ['my name is Noor', 'NAME_LIKE'],
    ["the caller's name is Noor", 'NAME_LIKE'],
    ['Je m’appelle Noor', 'NAME_LIKE'],
    ['Me llamo Noor', 'NAME_LIKE'],
    ['Chamo-me Noor', 'NAME_LIKE'],
    ['o meu nome é Noor', 'NAME_LIKE'],
    ['اسمي نور', 'NAME_LIKE'],
  ])('are found in «%s»', (text, code) => {
    expect(identityFindings(text)).toEqual([code]);
  });

  it.each([
    'Two lorries at 02:30, about 40 rifles, 7.62 mm, 1998 model.',
    'Dois camiões seguem de noite para a fronteira com caixas compridas.',
    'The ship is called Kelp, of 12,000 tonnes.',
    'شاحنتان ليلاً نحو الحدود ومعهما ٤٠ بندقية.',
    'Meet at the market @ noon.',
  ])('are not seen in «%s»', (text) => {
    expect(identityFindings(text)).toEqual([]);
  });

  it('are looked for in time that grows with the text', () => {
    const started = performance.now();
    identityFindings(`${'1 '.repeat(50_000)}${'a.'.repeat(50_000)}${'chamo-me '.repeat(10_000)}`);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
