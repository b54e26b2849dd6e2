/** Which world a draft of a device speaks in, and which files it names. */
import { describe, expect, it } from 'vitest';
import type { Content } from '../../../src/console/compose/content.ts';
import { filesIn, withFileOf } from '../../../src/console/compose/draft-files.ts';
import { isOfWorld, STATUSES, worldIn } from '../../../src/console/compose/world.ts';

const content = (status?: string): Content => ({
  kind: 'seizure-notice',
  marking: status === undefined ? {} : { status },
  facets: {},
});

describe('the world of a draft', () => {
  it('is the one of its status, in the words of the form and of the node', () => {
    for (const status of ['STATUS_EXERCISE', 'EXERCISE', 'STATUS_TEST', 'test'])
      expect(worldIn(content(status))).toBe('exercise');
    for (const status of ['STATUS_ACTUAL', 'ACTUAL']) expect(worldIn(content(status))).toBe('live');
    for (const status of [undefined, '', 'STATUS_UNSPECIFIED'])
      expect(worldIn(content(status))).toBeUndefined();
  });

  it('is any where nothing is stated, and never the other one', () => {
    expect(isOfWorld(content(), 'exercise')).toBe(true);
    expect(isOfWorld(content(), 'live')).toBe(true);
    expect(isOfWorld(content(STATUSES.live[0]), 'exercise')).toBe(false);
    expect(isOfWorld(content(STATUSES.exercise[0]), 'live')).toBe(false);
  });
});

describe('the files of a draft', () => {
  const file = (sha256: string) => ({
    sha256,
    fileKey: 'AA==',
    mime: 'image/png',
    size: 3,
    caption: sha256,
    class: 'SENSITIVITY_CLASS_OPERATIONAL',
  });
  const named = (...names: readonly string[]): Content => ({
    ...content(),
    facets: { attachments: { files: names.map(file) } },
  });

  it('are taken over from the node one by one, with their keys, and what was written here stays', () => {
    const here = { ...named('a'), facets: { ...named('a').facets, summary: { note: 'typed since' } } };
    const both = withFileOf(here, named('b', 'c'), 'c');
    expect(filesIn(both).map(({ sha256 }) => sha256)).toEqual(['a', 'c']);
    expect(both.facets.summary).toEqual({ note: 'typed since' });
    expect(JSON.stringify(both)).toContain('fileKey');
  });

  it('are named once, and none that the node does not name', () => {
    expect(withFileOf(named('a'), named('a'), 'a')).toEqual(named('a'));
    expect(withFileOf(named('a'), named('b'), 'x')).toEqual(named('a'));
    expect(filesIn(content())).toEqual([]);
  });
});
