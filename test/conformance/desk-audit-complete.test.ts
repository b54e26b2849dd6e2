/**
 * Every method of every service of the desk leaves a row in the audit trail, whoever calls it. The methods are read from the proto files:
 * one that is added without a call among the desk's calls fails, and so does one that answers without a row.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../../src/desk/index.ts';
import { type Call, callsOf, DESK_METHODS, type DeskName, openDesks } from '../support/desk-calls.ts';
import { deskWorld, type World } from '../unit/desk/desk-world.ts';

let world: World;
let desks: Readonly<Record<DeskName, Desk>>;
let calls: Readonly<Record<string, Call>>;
/** Fingerprints by the desk that calls. */
const actors = new Map<Desk, string>();

beforeAll(async () => {
  world = await deskWorld();
  desks = await openDesks(world);
  calls = callsOf(world, desks);
  for (const desk of Object.values(desks)) {
    // In the other world: of one verb in one world there is one row a minute.
    const { officer } = await desk.network.getNodeStatus({}, { mode: 'exercise' });
    actors.set(desk, officer?.fingerprint ?? '');
  }
});
afterAll(() => world[Symbol.asyncDispose]());

describe('the audit trail', () => {
  it('is asked about every method that the proto files have, and no other', () => {
    expect(Object.keys(calls).toSorted()).toEqual(DESK_METHODS.toSorted());
    expect(DESK_METHODS.length).toBeGreaterThan(40);
  });

  it.each(DESK_METHODS)('has a row of the officer who called %s, when the answer is out', async (method) => {
    const entry = calls[method];
    if (entry === undefined) throw new Error(`expected a call of ${method} among the desk’s calls`);
    const desk = desks[entry.by];
    const call = await entry.call(desk);
    const store = world.xa.temporary.store;
    const before = (await store.read((tx) => tx.audit.list({ limit: 1 }))).items[0]?.seq ?? 0n;
    await call(desk);
    const { items } = await store.read((tx) => tx.audit.list({ limit: 100 }));
    const fresh = items.filter(({ seq, actor }) => seq > before && actor === actors.get(desk));
    expect(fresh.length).toBeGreaterThan(0);
    expect(fresh.every(({ detail }) => detail.role !== undefined && detail.deskGroup !== undefined)).toBe(
      true,
    );
  });
});
