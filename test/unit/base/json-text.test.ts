/** JSON by strangers (T32, T36): what JSON.parse would take and others read otherwise is refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../src/base/json-text.ts';
import { RequestFields } from '../../../src/desk/grpc/request.ts';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { contentFromJson } from '../../../src/record/index.ts';
import { readMessage } from '../../../src/record/json.ts';
import { exampleContent } from '../../support/contents.ts';

const NOW_MS = Date.parse('2026-03-02T10:00:00Z');
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('JSON of a stranger', () => {
  it('is read as JSON.parse reads it where no name comes twice', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        expect(parseJson(text)).toEqual(JSON.parse(text));
      }),
    );
    expect(parseJson('[{"a":{"a":["a","a"]}},{"a":"{\\"a\\":1,\\"a\\":2}"}]')).toEqual([
      { a: { a: ['a', 'a'] } },
      { a: '{"a":1,"a":2}' },
    ]);
  });

  it.each([
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '[{"b":{"a":[],"c":{},"a":1}}]',
    '{"__proto__":1,"__proto__":2}',
    '{"\\\\":1,"b":"}","\\\\":2}',
  ])('with a name twice in one object is refused: %s', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
    const fields = new RequestFields();
    fields.json('content_json', text);
    expect(() => fields.done()).toThrow(
      expect.objectContaining({ faults: [expect.objectContaining({ code: 'NOT_JSON' })] }),
    );
  });

  it('is nested 100 deep at most, and a million levels are refused at once', () => {
    expect(parseJson(nested(100))).toBeDefined();
    expect(() => parseJson(nested(101))).toThrow(/nested deeper/);
    const began = performance.now();
    expect(() => parseJson(nested(1_000_000))).toThrow(/nested deeper|call stack/);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('with names of prototypes, ten thousand of them, changes no prototype and is refused by its fields', () => {
    const before = Object.getOwnPropertyNames(Object.prototype).sort();
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
    const many = Array.from({ length: 10_000 }, (_, at) => `"p${at}":{"__proto__":{"polluted":true}}`);
    const hostile = `{${names.map((name) => `${JSON.stringify(name)}:{"polluted":true}`).join()},${many.join()}}`;
    const read = parseJson(hostile) as Record<string, unknown>;
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    const { faults } = readMessage('tocsin.record.v1.Marking', read, 'marking');
    expect(faults.filter(({ code }) => code !== 'UNKNOWN_FIELD')).toEqual([]);
    expect(faults).toHaveLength(names.length + many.length);

    const example = exampleContent('warning', NOW_MS) as { facets: object };
    const defaults = { deskGroup: DeskGroup.DESK_GROUP_CUSTOMS, nowMs: NOW_MS };
    expect(contentFromJson(example, defaults).content).toBeDefined();
    const facets = parseJson(
      JSON.stringify(example.facets).replace(
        /\{/,
        `{${names.map((name) => `"${name}":{"polluted":true}`).join()},`,
      ),
    );
    const content = contentFromJson({ ...example, facets }, defaults);
    expect(content.content).toBeUndefined();
    expect(content.faults.map(({ path }) => path)).toEqual(names.map((name) => `facets.${name}`));
    const itself = contentFromJson(parseJson(hostile), defaults);
    expect(itself.content).toBeUndefined();
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
