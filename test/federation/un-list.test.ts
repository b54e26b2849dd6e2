import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import type { Cast } from '../../src/cli/demo/story.ts';
import type { Desk } from '../../src/desk/index.ts';
import { type GetRecordResponse, ProofState } from '../../src/gen/tocsin/desk/v1/record_service.ts';
import { tocsin } from '../support/command.ts';
import { eventually, TestFederation } from '../support/federation.ts';

const list = resolve(process.env.TOCSIN_SHARED ?? '../shared', 'data/public/un-consolidated.xml');
const present = existsSync(list);
if (!present) console.warn(`the real UN list is not at hand (${list}): its exchange is not tested`);

const PERSONS = 730;
const ENTITIES = 273;
const ENTRIES = PERSONS + ENTITIES;

const state = (id: string, name: string, adequate: boolean, deskGroups: readonly string[]): Cast => ({
  id,
  name,
  country: id,
  role: 'national',
  groups: adequate ? ['sac', 'adequate'] : ['sac'],
  deskGroups,
});

const THREE_STATES: readonly Cast[] = [
  state('XA', 'Arvenia', true, ['police', 'licensing', 'customs']),
  state('XB', 'Borvania', true, ['police']),
  // Without adequate protection of personal data: rule R8 withholds the persons.
  state('XC', 'Cavelia', false, ['customs']),
];

/** Header digests of every record that a desk lists. */
async function listed(desk: Desk): Promise<string[]> {
  const digests: string[] = [];
  let cursor = '';
  do {
    const page = await desk.records.listRecords({ kind: 'watchlist-entry', pageSize: 500, cursor });
    digests.push(...page.records.map(({ headerDigest }) => hex(headerDigest)));
    cursor = page.nextCursor;
  } while (cursor !== '');
  return digests.sort();
}

const arrived = (desk: Desk) =>
  eventually(
    'every entry has arrived',
    async () => {
      const digests = await listed(desk);
      return digests.length >= ENTRIES ? digests : undefined;
    },
    90_000,
  );

/** Records by digest, a few calls at a time. */
async function readAll(desk: Desk, digests: readonly string[]): Promise<Map<string, GetRecordResponse>> {
  const found = new Map<string, GetRecordResponse>();
  const left = [...digests];
  const reader = async () => {
    for (let digest = left.pop(); digest !== undefined; digest = left.pop())
      found.set(digest, await desk.records.getRecord({ headerDigest: Buffer.from(digest, 'hex') }));
  };
  await Promise.all(Array.from({ length: 16 }, reader));
  return found;
}

const facetBytes = (record: GetRecordResponse | undefined) =>
  new Map(record?.facets.map(({ facet, body, salt }) => [facet, `${hex(salt)}:${hex(body)}`]));

const isProven = (record: GetRecordResponse): boolean =>
  record.verification?.state === ProofState.PROOF_STATE_SIGNED ||
  record.verification?.state === ProofState.PROOF_STATE_WITNESSED;

describe.skipIf(!present)('the real UN list between three states', () => {
  let federation: TestFederation;

  beforeAll(async () => {
    federation = await TestFederation.found({ cast: THREE_STATES });
    await federation.startAll();
  });
  afterAll(async () => {
    await federation?.[Symbol.asyncDispose]();
  });

  const importList = (file: string) =>
    tocsin([
      '--json',
      'import',
      'un-list',
      file,
      '--officer',
      federation.officer('XA'),
      '--releaser',
      federation.officer('XA', 'police', 'releaser'),
    ]);

  it('refuses half a list and a list of entities, and imports nothing of either', async () => {
    const text = readFileSync(list, 'utf8');
    const half = join(federation.dir, 'half.xml');
    writeFileSync(half, text.slice(0, text.length / 2));
    const bomb = join(federation.dir, 'bomb.xml');
    writeFileSync(
      bomb,
      `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>${text.slice(text.indexOf('<CONSOLIDATED_LIST'))}`,
    );
    for (const [file, code] of [
      [half, 'XML_MALFORMED'],
      [bomb, 'XML_DOCTYPE'],
    ] as const) {
      const refused = await importList(file);
      expect(refused.exitCode).toBe(4);
      expect(refused.stdout).toBe('');
      expect(refused.stderr).toContain(code);
      expect(refused.stderr).not.toMatch(/\n\s+at /);
    }
    const { drafts } = await federation.desk('XA').records.listDrafts({});
    expect(drafts).toEqual([]);
    expect(await listed(federation.desk('XA'))).toEqual([]);
  });

  it('is drafted, released and exchanged whole: the same bytes, every one verified, persons only where policy says so', async () => {
    const imported = await importList(list);
    expect(imported.stderr).not.toContain('error');
    expect(imported.exitCode).toBe(0);
    expect(JSON.parse(imported.stdout)).toMatchObject({
      entries: ENTRIES,
      categories: { persons: PERSONS, entities: ENTITIES },
      drafted: ENTRIES,
      revised: 0,
      unchanged: 0,
      released: ENTRIES,
      refused: [],
    });

    const own = await listed(federation.desk('XA'));
    expect(own).toHaveLength(ENTRIES);
    expect(await arrived(federation.desk('XB'))).toEqual(own);
    expect(await arrived(federation.desk('XC', 'customs'))).toEqual(own);

    const [atXA, atXB, atXC] = await Promise.all([
      readAll(federation.desk('XA'), own),
      readAll(federation.desk('XB'), own),
      readAll(federation.desk('XC', 'customs'), own),
    ]);
    let people = 0;
    for (const digest of own) {
      const [at, here, there] = [atXA.get(digest), atXB.get(digest), atXC.get(digest)];
      if (at === undefined || here === undefined || there === undefined)
        throw new Error(`${digest} was not read`);
      expect([isProven(at), isProven(here), isProven(there)]).toEqual([true, true, true]);
      const stated = facetBytes(at);
      for (const record of [here, there]) {
        for (const [facet, bytes] of facetBytes(record)) expect(bytes).toBe(stated.get(facet));
        for (const { held, valid } of record.verification?.commitments ?? []) expect(valid).toBe(held);
      }
      expect([...facetBytes(here).keys()]).toEqual(
        expect.arrayContaining(['summary', 'entities', 'persons']),
      );
      const persons = there.verification?.commitments.find(({ facet }) => facet === 'persons');
      expect(persons).toMatchObject({ held: false });
      expect(facetBytes(there).has('persons')).toBe(false);
      if (at.facets.some(({ facet, body }) => facet === 'persons' && body.length > 0)) people += 1;
    }
    expect(people).toBe(PERSONS);
  });

  it('changes nothing when it is imported again', async () => {
    const before = await listed(federation.desk('XB'));
    const again = await importList(list);
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({
      drafted: 0,
      revised: 0,
      unchanged: ENTRIES,
      released: 0,
    });
    expect((await federation.desk('XA').records.listDrafts({})).drafts).toEqual([]);
    expect(await listed(federation.desk('XA'))).toEqual(before);
    expect(await listed(federation.desk('XB'))).toEqual(before);
  });
});
