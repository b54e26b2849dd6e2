/** The keys of the console. */
import { describe, expect, it } from 'vitest';
import { keyOf, lookUp, SHORTCUTS } from '../../../src/console/keyboard/shortcuts.ts';

const pressed = (key: string, change: object = {}) =>
  keyOf({
    key,
    code: '',
    shiftKey: false,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    isComposing: false,
    ...change,
  });

describe('a key', () => {
  it('is a letter, a slash or a question mark, however one types them', () => {
    expect([pressed('j'), pressed('/'), pressed('/', { shiftKey: true })]).toEqual(['j', '/', '/']);
    expect([pressed('?', { shiftKey: true }), pressed('؟', { shiftKey: true })]).toEqual(['?', '?']);
  });

  it('of another alphabet is the Latin one in its place', () => {
    expect(pressed('ؤ', { code: 'KeyC' })).toBe('c');
    expect(pressed('с', { code: 'KeyC' })).toBe('c');
  });

  it('of another Latin layout is what is printed on it', () => {
    expect(pressed('q', { code: 'KeyA' })).toBe('q');
    expect(pressed('ö', { code: 'KeyA' })).toBeUndefined();
  });

  it.each(['ctrlKey', 'metaKey', 'altKey', 'isComposing', 'shiftKey'])('with %s is not ours', (what) => {
    expect(pressed('c', { [what]: true })).toBeUndefined();
  });

  it.each(['Enter', 'Tab', 'Escape', 'ArrowDown', ' ', 'F5', '1'])('%s is not ours', (key) => {
    expect(pressed(key)).toBeUndefined();
  });
});

describe('the table of keys', () => {
  it('has each once, and none that begins another', () => {
    const all = SHORTCUTS.map(({ keys }) => keys.join(' '));
    expect(new Set(all).size).toBe(all.length);
    for (const one of all) expect(all.filter((other) => other.startsWith(`${one} `))).toEqual([]);
  });

  it('is looked up key by key', () => {
    expect(lookUp(['g'])).toBe('begun');
    expect(lookUp(['g', 'n'])).toMatchObject({ name: 'network' });
    expect(lookUp(['g', 'x'])).toBeUndefined();
    expect(lookUp(['y'])).toBeUndefined();
    for (const one of SHORTCUTS) expect(lookUp(one.keys)).toBe(one);
  });
});
