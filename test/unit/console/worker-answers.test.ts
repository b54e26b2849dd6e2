/** What the service worker answers out of its copy of the program, and which copies it gives up. */
import { describe, expect, it } from 'vitest';
import { answeredBy, cacheOf, outdated } from '../../../src/console/worker/answers.ts';

const ORIGIN = 'https://desk.example';
const FILES = new Set(['/index.html', '/app-AbCdEfGh12.js', '/bell.svg']);
const answered = (path: string, mode = 'cors', method = 'GET') =>
  answeredBy({ method, mode, url: new URL(path, ORIGIN).href }, ORIGIN, FILES);

describe('the service worker', () => {
  it('answers every address of the console with its one page', () => {
    for (const path of ['/', '/record/abc_-1', '/compose/seizure-notice', '/invitation'])
      expect(answered(path, 'navigate')).toBe('page');
  });

  it('answers parts of this build and of an earlier one, and no other file', () => {
    for (const path of ['/app-AbCdEfGh12.js', '/bell.svg', '/network-ZZZZZZZZ.js', '/land-JRbJFYZ8e6.json'])
      expect(answered(path)).toBe('part');
    for (const path of ['/other.svg', '/service-worker.js', '/folder/app-AbCdEfGh12.js', '/app-short.js'])
      expect(answered(path)).toBe('none');
  });

  it('never answers for the desk, for others, or what is no reading', () => {
    expect(answered('/api/v1/me')).toBe('none');
    expect(answered('/api/v1/records/abc/evidence', 'navigate')).toBe('none');
    expect(answered('https://elsewhere.example/app-AbCdEfGh12.js')).toBe('none');
    expect(answered('/bell.svg', 'cors', 'POST')).toBe('none');
    expect(answered('/openapi.json', 'navigate')).toBe('none');
  });

  it('keeps the copy in use and the one before it, and leaves what is not its own', () => {
    const names = ['program-a', 'other', 'program-b', 'program-c'];
    expect(outdated(names, cacheOf('c'))).toEqual(['program-a']);
    expect(outdated(['program-a', 'program-b'], cacheOf('b'))).toEqual([]);
  });
});
