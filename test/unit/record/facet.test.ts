import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import type { DisclosedFacet } from '../../../src/gen/tocsin/record/v1/header.ts';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { assembleRecord } from '../../../src/record/assemble.ts';
import { contentFromJson } from '../../../src/record/content-json.ts';
import { commitFacet, isForbiddenFacet, judgeFacets } from '../../../src/record/facet.ts';
import { judgeHeader } from '../../../src/record/header.ts';
import { kindOf } from '../../../src/record/kinds.ts';
import { logOrigin, netToken } from '../../../src/record/signed.ts';
import { titleOf } from '../../../src/record/title.ts';
import { viewOf } from '../../../src/record/view.ts';
import { EXAMPLE_KINDS, EXAMPLE_NOW_MS, exampleWithAttachments } from '../../support/contents.ts';

const network = new Uint8Array(32).fill(3);

function assemble(kind: string) {
  const { content } = contentFromJson(exampleWithAttachments(kind), {
    deskGroup: DeskGroup.DESK_GROUP_CUSTOMS,
    nowMs: EXAMPLE_NOW_MS,
  });
  if (content === undefined) throw new Error(kind);
  let count = 0;
  return assembleRecord({
    network,
    logOrigin: logOrigin(netToken(network), 'XA', 'live', 1),
    originator: 'XA',
    recordId: new Uint8Array(16).fill(9),
    revision: 1,
    content,
    released: EXAMPLE_NOW_MS,
    salt: () => createHash('sha256').update(String(count++)).digest(),
  });
}

const { signed, facets } = assemble('seizure-notice');
const leaving = facets.filter((facet) => !isForbiddenFacet('seizure-notice', facet.facet));
const swap = (name: string, change: Partial<DisclosedFacet>): DisclosedFacet[] =>
  leaving.map((facet) => (facet.facet === name ? { ...facet, ...change } : facet));

describe('a commitment', () => {
  const parts = fc.record({
    recordId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    revision: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    facet: fc.stringMatching(/^[a-z][a-z-]{1,10}$/),
    salt: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    body: fc.uint8Array({ maxLength: 60 }),
  });

  it('is the hash that the proto file describes', () => {
    fc.assert(
      fc.property(parts, (of) => {
        const u32 = (value: number) => {
          const out = Buffer.alloc(4);
          out.writeUInt32BE(value);
          return out;
        };
        const lp = (bytes: Uint8Array) => Buffer.concat([u32(bytes.length), bytes]);
        const preimage = Buffer.concat([
          Buffer.from('tocsin/facet/v1\n'),
          lp(of.recordId),
          u32(of.revision),
          lp(Buffer.from(of.facet)),
          of.salt,
          lp(of.body),
        ]);
        expect(Buffer.from(commitFacet(of))).toEqual(createHash('sha256').update(preimage).digest());
      }),
      { numRuns: 50 },
    );
  });

  it('differs wherever any part differs', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same =
          Buffer.compare(a.recordId, b.recordId) === 0 &&
          a.revision === b.revision &&
          a.facet === b.facet &&
          Buffer.compare(a.salt, b.salt) === 0 &&
          Buffer.compare(a.body, b.body) === 0;
        expect(Buffer.compare(commitFacet(a), commitFacet(b)) === 0).toBe(same);
        expect(commitFacet({ ...a, revision: b.revision, facet: b.facet })).toEqual(
          commitFacet({ ...a, revision: b.revision, facet: b.facet }),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('does not let bytes move from one part to the next', () => {
    const of = { recordId: new Uint8Array(16), revision: 1, salt: new Uint8Array(32) };
    const a = commitFacet({ ...of, facet: 'ab', body: Buffer.from('c') });
    const b = commitFacet({ ...of, facet: 'a', body: Buffer.from('bc') });
    expect(Buffer.compare(a, b)).not.toBe(0);
  });
});

describe('judgeFacets', () => {
  it('takes any subset of the facets that may leave, in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(leaving), (subset) => {
        expect(judgeFacets(signed, subset).ok).toBe(true);
        const view = viewOf(signed, subset);
        expect(view.disclosed.size + view.withheld.length).toBe(facets.length);
      }),
      { numRuns: 40 },
    );
  });

  it('takes everything from the originator’s own store', () => {
    expect(judgeFacets(signed, facets, { own: true }).ok).toBe(true);
  });

  it('refuses facets that never leave, by class or by name', () => {
    for (const name of ['source', 'internal']) {
      const facet = facets.filter((one) => one.facet === name);
      expect(judgeFacets(signed, facet)).toMatchObject({ reason: Reason.REASON_FORBIDDEN_FACET });
    }
    expect(isForbiddenFacet('lost-stolen-notice', 'vulnerability')).toBe(true);
  });

  it('refuses altered bytes, another salt, a swapped name, an unknown name', () => {
    const summary = leaving.find((facet) => facet.facet === 'summary');
    const cases: DisclosedFacet[][] = [
      swap('summary', { body: Buffer.concat([summary?.body ?? Buffer.alloc(0), Buffer.from([0])]) }),
      swap('summary', { body: Buffer.alloc(0) }),
      swap('summary', { salt: Buffer.alloc(32) }),
      swap('items', { body: summary?.body ?? Buffer.alloc(0), salt: summary?.salt ?? Buffer.alloc(0) }),
      [{ facet: 'holdings', salt: Buffer.alloc(32), body: Buffer.alloc(0) }],
    ];
    for (const facetList of cases)
      expect(judgeFacets(signed, facetList)).toMatchObject({ reason: Reason.REASON_COMMITMENT_MISMATCH });
  });

  it('refuses a facet twice and a salt of another length', () => {
    const [first] = leaving;
    if (first === undefined) throw new Error('no facet');
    expect(judgeFacets(signed, [first, first])).toMatchObject({ reason: Reason.REASON_MALFORMED });
    expect(judgeFacets(signed, swap('summary', { salt: Buffer.alloc(31) }))).toMatchObject({
      reason: Reason.REASON_MALFORMED,
    });
  });

  it('refuses a facet beyond the size limit before hashing it', () => {
    const body = Buffer.alloc(LIMITS.facetBytes + 1);
    expect(judgeFacets(signed, swap('items', { body }))).toMatchObject({ reason: Reason.REASON_TOO_LARGE });
  });

  it('refuses bytes that the originator committed to but that are no message', () => {
    const body = Buffer.from([0xff]);
    const salt = Buffer.alloc(32, 1);
    const { recordId, revision } = signed.header;
    const commitments = signed.header.commitments.map((one) =>
      one.facet === 'summary'
        ? { ...one, digest: Buffer.from(commitFacet({ recordId, revision, facet: 'summary', salt, body })) }
        : one,
    );
    const lying = { ...signed, header: { ...signed.header, commitments } };
    expect(judgeFacets(lying, [{ facet: 'summary', salt, body }])).toMatchObject({
      reason: Reason.REASON_RECORD_INVALID,
    });
  });
});

describe('assembleRecord', () => {
  it.each(EXAMPLE_KINDS)('makes a record of %s that its receiver believes', (kind) => {
    const record = assemble(kind);
    expect(judgeHeader(network, record.signed.bytes).ok).toBe(true);
    const shown = record.facets.filter((facet) => !isForbiddenFacet(kind, facet.facet));
    expect(judgeFacets(record.signed, shown).ok).toBe(true);
    expect(record.facets.map((facet) => facet.facet)).toEqual(
      kindOf(kind)?.facets.map((facet) => facet.name),
    );
    expect(new Set(record.facets.map((facet) => facet.salt.toString('hex'))).size).toBe(record.facets.length);
    expect(titleOf(kind, shown)).not.toBe(kind);
  });

  it('commits to empty facets just as to others', () => {
    const empty = facets.find((facet) => facet.facet === 'distribution');
    expect(empty?.body.length).toBe(0);
    expect(signed.header.commitments.map((one) => one.facet)).toContain('distribution');
  });

  it('refuses kinds and facets outside the table, and short salts', () => {
    const { content } = contentFromJson(exampleWithAttachments('link'), {
      deskGroup: DeskGroup.DESK_GROUP_HUB,
      nowMs: EXAMPLE_NOW_MS,
    });
    if (content === undefined) throw new Error('link');
    const input = {
      network,
      logOrigin: logOrigin(netToken(network), 'HR', 'live', 1),
      originator: 'HR',
      recordId: new Uint8Array(16),
      revision: 1,
      content,
      released: EXAMPLE_NOW_MS,
      salt: () => new Uint8Array(32),
    };
    expect(() => assembleRecord({ ...input, content: { ...content, kind: 'nothing' } })).toThrow(/kind/);
    const stray = { ...content, facets: { ...content.facets, persons: new Uint8Array() } };
    expect(() => assembleRecord({ ...input, content: stray })).toThrow(/facets of link/);
    expect(() => assembleRecord({ ...input, salt: () => new Uint8Array(16) })).toThrow(/salt/);
    expect(() => assembleRecord({ ...input, released: EXAMPLE_NOW_MS + 1 })).toThrow(/well-formed/);
  });
});

describe('titleOf', () => {
  it('reads class S only and falls back to the kind', () => {
    const { facets: all } = assemble('hotline-report');
    const title = titleOf('hotline-report', all);
    expect(title).toBe('Hotline: movement, hours, XL-N');
    expect(title).not.toContain('7Q4');
    expect(
      titleOf(
        'hotline-report',
        all.filter((facet) => facet.facet !== 'summary'),
      ),
    ).toBe('hotline-report');
    expect(titleOf('nothing', [])).toBe('nothing');
    expect(titleOf('warning', { summary: new Uint8Array([0xff, 0xff]) })).toBe('warning');
  });
});
