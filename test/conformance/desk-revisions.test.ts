/** What a revision changed, over the real desk: shown by facet and field to those alone who may see both. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import { type Desk, DeskCallError } from '../../src/desk/index.ts';
import { exampleContent } from '../support/contents.ts';
import { clock, deskWorld, type World } from '../unit/desk/desk-world.ts';

let world: World;
let customs: Desk;
let border: Desk;
let auditor: Desk;
let first: Uint8Array;
let second: Uint8Array;

interface Seizure {
  readonly marking: object;
  readonly facets: { readonly items: { readonly weapons: { make: string }[] } };
}

const content = (edit: (seizure: Seizure) => void = () => undefined): unknown => {
  const seizure = exampleContent('seizure-notice', clock.nowMs()) as unknown as Seizure;
  edit(seizure);
  return { ...seizure, deskGroup: 'customs', marking: { ...seizure.marking, releasableTo: ['sac'] } };
};

async function revise(before: Uint8Array, changed: unknown, node = world.xa): Promise<Uint8Array> {
  const officer = (name: string) => ({ fingerprint: name, name, deskGroup: 2 }) as never;
  const { draft } = await node.lifecycle.revise({
    officer: officer('d'),
    headerDigest: before,
    content: changed,
  });
  await node.lifecycle.submit({ officer: officer('d'), draftId: draft.id });
  const { record } = await node.lifecycle.release({ officer: officer('r'), draftId: draft.id });
  await node.ledger.sequence('live');
  return record.headerDigest;
}

const failure = async (call: Promise<unknown>): Promise<DeskCallError> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof DeskCallError) return error;
  throw new Error('expected the call to be refused', { cause: error });
};

beforeAll(async () => {
  world = await deskWorld();
  [customs, border, auditor] = (
    await Promise.all([
      world.officer('customs', 'officer'),
      world.officer('border', 'officer'),
      world.officer('customs', 'auditor'),
    ])
  ).map((certificate) => world.as(certificate)) as [Desk, Desk, Desk];
  first = await world.release(world.xa, content());
  second = await revise(
    first,
    content(({ facets }) => {
      for (const weapon of facets.items.weapons.slice(0, 1)) weapon.make = 'Corrected Arms';
    }),
  );
});
afterAll(() => world[Symbol.asyncDispose]());

describe('a revision compared', () => {
  it('with the one that it replaced shows the field that changed, and that the rest is the same', async () => {
    const answer = await customs.revisions.compareRevisions({ headerDigest: second });
    expect(answer).toMatchObject({ fromRevision: 1, toRevision: 2 });
    expect(hex(answer.fromDigest)).toBe(hex(first));
    const items = answer.facets.find(({ facet }) => facet === 'items');
    expect(items).toMatchObject({
      state: 'changed',
      changes: [{ path: 'weapons[0].make', afterJson: '"Corrected Arms"' }],
    });
    expect(items?.changes[0]?.beforeJson).not.toBe('');
    expect(answer.facets.find(({ facet }) => facet === 'summary')).toMatchObject({
      state: 'same',
      changes: [],
    });
  });

  it('says nothing about a facet that the officer is not shown of both, not even whether it changed', async () => {
    const answer = await customs.revisions.compareRevisions({ headerDigest: second });
    const source = answer.facets.find(({ facetClass }) => facetClass === 'X');
    expect(source).toMatchObject({ state: 'not-shown', changes: [] });
    expect(source?.reason).not.toBe('');
    const shown = (await customs.records.getRecord({ headerDigest: second })).facets.map(
      ({ facet }) => facet,
    );
    expect(answer.facets.filter(({ state }) => state !== 'not-shown').map(({ facet }) => facet)).toEqual(
      shown,
    );
  });

  it('of a partner shows only what both its revisions disclosed to this desk', async () => {
    const strict = (seizure: unknown) => ({
      ...(seizure as object),
      marking: { ...(seizure as Seizure).marking, tlp: 'amber-strict' },
    });
    const one = await world.release(world.xb, strict(content()));
    await world.deliver(one);
    const changed = content(({ facets }) => {
      for (const weapon of facets.items.weapons) weapon.make = 'Other Arms';
    });
    const two = await revise(one, strict(changed), world.xb);
    await world.deliver(two);
    // The items of the first are gone here: recalled, or never disclosed.
    await world.xa.temporary.store.write((tx) => tx.purges.purgeFacets(one, ['items']));
    const answer = await customs.revisions.compareRevisions({ headerDigest: two });
    const items = answer.facets.find(({ facet }) => facet === 'items');
    expect(items).toMatchObject({ state: 'not-shown', changes: [] });
    expect(
      JSON.stringify(answer, (_key, value) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain('Other Arms');
  });

  it('is refused where the officer may not know of one of them, or they are two records', async () => {
    const other = await world.release(world.xa, content());
    const wrong = await failure(customs.revisions.compareRevisions({ headerDigest: second, against: other }));
    expect(wrong.violations.map(({ field }) => field)).toEqual(['against']);
    const none = await failure(customs.revisions.compareRevisions({ headerDigest: first }));
    expect(none.statusName).toBe('NOT_FOUND');
    const unknown = await failure(
      border.revisions.compareRevisions({ headerDigest: second, against: new Uint8Array(32) }),
    );
    expect(unknown.statusName).toBe('NOT_FOUND');
  });

  it('is kept in the trail as a reading of both', async () => {
    const { rows } = await auditor.audit.listAudit({ action: 'record.compared', pageSize: 100 });
    const subjects = new Set(rows.map(({ subject }) => subject));
    expect(subjects.has(hex(first)) && subjects.has(hex(second))).toBe(true);
  });
});
