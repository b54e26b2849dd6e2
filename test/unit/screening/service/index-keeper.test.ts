/** The index beside the store: ready when it is whole, kept in a file, and never with what was deleted. All names are made up. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../../../src/base/clock.ts';
import {
  ScreeningAgreement,
  ScreeningAlertType,
  ScreeningOutcome,
  ScreeningQuery,
} from '../../../../src/gen/tocsin/desk/v1/screening_service.ts';
import { DeskGroup, Status } from '../../../../src/gen/tocsin/record/v1/marking.ts';
import { desksOf, purposesOf } from '../../../../src/policy/index.ts';
import { createScreening, type NodeOfScreening, type Screening } from '../../../../src/screening/index.ts';
import { exampleContent } from '../../../support/contents.ts';
import { clock, deskWorld, type World } from '../../desk/desk-world.ts';

const HIT = ScreeningOutcome.SCREENING_OUTCOME_HIT;

let world: World;
let file: Uint8Array | undefined;
let writes = 0;
const failures: unknown[] = [];
/** Desk groups of XA; absent = those that it has. */
let desks: readonly DeskGroup[] | undefined;
const tables: object[] = [];

const OFFICER = {
  fingerprint: 'officer',
  node: 'XA',
  deskGroup: DeskGroup.DESK_GROUP_LICENSING,
  role: 'officer',
  purposes: purposesOf(DeskGroup.DESK_GROUP_LICENSING),
  world: 'live',
} as const;

/** A node's screening as after a start. */
function started(more: Partial<NodeOfScreening> = {}): Screening {
  return createScreening({
    store: world.xa.temporary.store,
    clock,
    random: systemRandom,
    network: world.federation.network,
    self: 'XA',
    floor: {},
    policy: () => world.xa.policy,
    purposesOf,
    desks: () => desks ?? desksOf(world.xa.member.member),
    locks: () => false,
    isConditionAccepted: async () => false,
    refer: async () => 0,
    onFailure: (error) => failures.push(error),
    onTables: ({ tables: count, unused }) => tables.push({ count, unused }),
    file: {
      read: async () => file,
      write: async (bytes, isWanted) => {
        writes += 1;
        if (isWanted()) file = bytes;
      },
      remove: async () => {
        file = undefined;
      },
    },
    ...more,
  });
}

const line = (name: string, keep: boolean) => ({
  query: ScreeningQuery.fromPartial({ name }),
  reference: '',
  keep,
});

async function ask(screening: Screening, name: string, keep = false) {
  const audited = (action: string, subject: string, detail: object) => ({
    at: clock.nowMs(),
    actor: 'officer',
    action,
    subject,
    detail: { ...detail },
  });
  const { results, against } = await screening.ask(OFFICER, [line(name, keep)], audited);
  return { outcome: results[0]?.outcome, results, against };
}

/** The outcome of a question after a round of everything that is to be done. */
async function renewed(screening: Screening, name: string): Promise<ScreeningOutcome | undefined> {
  await screening.settle();
  return (await ask(screening, name)).outcome;
}

const release = (ship: string): Promise<Uint8Array> => {
  const example = exampleContent('watchlist-entry', clock.nowMs()) as { facets: Record<string, object> };
  const vessels = [{ ref: 'v1', names: [{ text: ship }], flags: [{ country: 'XE' }] }];
  return world.release(world.xa, {
    ...example,
    marking: { releasableTo: ['XB'] },
    facets: { summary: example.facets.summary, entities: { vessels } },
  });
};

beforeAll(async () => {
  world = await deskWorld();
  await release('Cinder Godwit');
});
beforeEach(() => {
  desks = undefined;
  failures.length = 0;
  tables.length = 0;
});
afterAll(() => world[Symbol.asyncDispose]());

describe('the index of a node', () => {
  it('answers nothing before it is whole', async () => {
    const screening = started();
    await expect(ask(screening, 'Cinder Godwit')).rejects.toMatchObject({
      code: 'NOT_READY',
      retry: 'later',
    });
    expect((await screening.status(OFFICER)).progress.ready).toBe(false);
    await screening.settle();
    expect((await screening.status(OFFICER)).progress).toMatchObject({ ready: true, read: 1, toRead: 1 });
    expect((await ask(screening, 'Cinder Godwit')).outcome).toBe(HIT);
  });

  it('is read from its file after a restart, with what came since', async () => {
    expect(file).toBeDefined();
    await release('Ochre Dunlin');
    const screening = started();
    await screening.settle();
    // Nothing was read again but what changed.
    expect((await screening.status(OFFICER)).progress).toMatchObject({ ready: true, read: 0 });
    expect((await ask(screening, 'Cinder Godwit')).outcome).toBe(HIT);
    const { outcome, against } = await ask(screening, 'Ochre Dunlin');
    expect(outcome).toBe(HIT);
    expect(against.lists).toMatchObject([{ originator: 'XA', entries: 2 }]);
  });

  it('is built from the store where its file is damaged', async () => {
    const whole = file ?? new Uint8Array();
    file = whole.map((byte, at) => (at === Math.floor(whole.length / 2) ? byte ^ 1 : byte));
    const screening = started();
    await screening.settle();
    expect(failures).toMatchObject([{ code: 'SNAPSHOT_UNUSABLE' }]);
    expect((await screening.status(OFFICER)).progress).toMatchObject({ ready: true, read: 2 });
    expect((await ask(screening, 'Ochre Dunlin')).outcome).toBe(HIT);
  });

  it('loses its file with what is deleted from the store, and writes it without', async () => {
    const digest = await release('Umber Whimbrel');
    const screening = started();
    await screening.settle();
    expect((await ask(screening, 'Umber Whimbrel')).outcome).toBe(HIT);
    const before = writes;
    await world.xa.temporary.store.write(async (tx) => {
      await tx.records.setState(digest, 'recalled');
      await tx.purges.purgeFacets(digest);
    });
    expect(file).toBeUndefined();
    expect((await ask(screening, 'Umber Whimbrel')).outcome).not.toBe(HIT);
    await screening.settle();
    expect(writes).toBeGreaterThan(before);
    expect(Buffer.from(file ?? []).includes('Whimbrel')).toBe(false);
    expect(Buffer.from(file ?? []).includes('umber')).toBe(false);
  });

  it('waits with an entry until its time has come (R19), and drops it at its end', async () => {
    const at = clock.nowMs();
    let now = at;
    const screening = started({ clock: { nowMs: () => now } });
    const example = exampleContent('watchlist-entry', at) as { facets: Record<string, object> };
    const vessels = [{ ref: 'v1', names: [{ text: 'Saffron Knot' }], flags: [{ country: 'XE' }] }];
    await world.release(world.xa, {
      ...example,
      marking: { releasableTo: ['XB'], notBefore: new Date(at + 3_600_000).toISOString() },
      reviewBy: new Date(at + 86_400_000).toISOString(),
      facets: { summary: example.facets.summary, entities: { vessels } },
    });
    await screening.settle();
    expect((await ask(screening, 'Saffron Knot')).outcome).not.toBe(HIT);
    now = at + 3_600_000;
    expect((await ask(screening, 'Saffron Knot')).outcome).toBe(HIT);
    now = at + 86_400_000;
    expect((await ask(screening, 'Saffron Knot')).outcome).not.toBe(HIT);
  });

  it('leaves no file that would be read without what came since', async () => {
    const broken = started({
      file: {
        read: async () => file,
        write: () => Promise.reject(new Error('no space is left')),
        remove: async () => {
          file = undefined;
        },
      },
    });
    expect(file).toBeDefined();
    await release('Lilac Dunlin');
    await broken.settle();
    expect(failures).toMatchObject([{ message: 'no space is left' }]);
    expect(file).toBeUndefined();
    expect(await renewed(started(), 'Lilac Dunlin')).toBe(HIT);
  });
});

describe('published tables of equivalent spellings', () => {
  /** The example of a table with one row, released at XA unless said otherwise. */
  const publish = (
    words: readonly string[],
    changes: object = {},
    marking: object = {},
    node: World['xa'] = world.xa,
  ) => {
    const example = exampleContent('reference-table', clock.nowMs()) as {
      marking: object;
      facets: { table: object };
    };
    const rows = [{ words, knownFrom: 'made up' }];
    return world.release(node, {
      ...example,
      ...changes,
      marking: { ...example.marking, ...marking },
      facets: { table: { ...example.facets.table, rows } },
    });
  };
  const recall = (digest: Uint8Array) =>
    world.xa.temporary.store.write((tx) => tx.records.setState(digest, 'recalled'));
  const usesWord = async (screening: Screening, word: string) => {
    const { results } = await ask(screening, `Cinder ${word}`);
    const lines = results.flatMap(({ hits }) => hits.flatMap((hit) => hit.lines));
    return lines.some((each) => each.agreement === ScreeningAgreement.SCREENING_AGREEMENT_EQUIVALENT);
  };

  it('count from the next round on, and no more once they are recalled', async () => {
    const screening = started();
    expect(await renewed(screening, 'Cinder Quillver')).not.toBe(HIT);
    const before = (await ask(screening, 'Cinder Godwit')).against.ruleVersion;
    const digest = await publish(['Godwit', 'Quillver']);
    expect(await renewed(screening, 'Cinder Quillver')).toBe(HIT);
    expect((await ask(screening, 'Cinder Godwit')).against.ruleVersion).not.toBe(before);
    await recall(digest);
    expect(await renewed(screening, 'Cinder Quillver')).not.toBe(HIT);
    expect((await ask(screening, 'Cinder Godwit')).against.ruleVersion).toBe(before);
    expect(tables).toEqual([
      { count: 0, unused: {} },
      { count: 1, unused: {} },
      { count: 0, unused: {} },
    ]);
  });

  it('count where a partner published them, as far as it means them for every desk', async () => {
    const screening = started();
    await screening.settle();
    // Of TLP CLEAR this class of facet would be public, whatever the purposes.
    const marking = { tlp: 'GREEN', purposes: ['licensing'] };
    const forOne = await publish(['Godwit', 'Quillver'], {}, marking, world.xb);
    await world.deliver(forOne);
    expect(await renewed(screening, 'Cinder Quillver')).not.toBe(HIT);
    const forAll = await publish(['Godwit', 'Quillver'], {}, {}, world.xb);
    await world.deliver(forAll);
    expect(await renewed(screening, 'Cinder Quillver')).toBe(HIT);
    await recall(forAll);
    expect(await renewed(screening, 'Cinder Quillver')).not.toBe(HIT);
  });

  it('say by counts what of them is not used', async () => {
    const digest = await publish(['Godwit', 'Quillver', 'bin']);
    await started().settle();
    expect(tables).toEqual([{ count: 1, unused: { 'no-name-word': 1 } }]);
    await recall(digest);
  });

  it('of an exercise change nothing (R21)', async () => {
    const screening = started();
    await screening.settle();
    const digest = await publish(['Godwit', 'Quillver'], {}, { status: 'exercise' });
    const stored = await world.xa.temporary.store.read((tx) => tx.records.byDigest(digest));
    expect(stored?.status).toBe(Status.STATUS_EXERCISE);
    expect(await renewed(screening, 'Cinder Quillver')).not.toBe(HIT);
    expect(tables).toEqual([{ count: 0, unused: {} }]);
  });

  it('count only where every desk of the node may meet them', async () => {
    const screening = started();
    // One agency's own: the desk group that speaks is the hub's.
    const digest = await publish(['Godwit', 'Quillver'], {}, { tlp: 'AMBER_STRICT' });
    expect(await renewed(screening, 'Cinder Quillver')).not.toBe(HIT);
    desks = [DeskGroup.DESK_GROUP_HUB];
    expect(await renewed(screening, 'Cinder Quillver')).toBe(HIT);
    desks = [];
    expect(await renewed(screening, 'Cinder Quillver')).not.toBe(HIT);
    await recall(digest);
  });

  it('count from their time on, and not after it (R19)', async () => {
    const at = clock.nowMs();
    let now = at;
    const screening = started({ clock: { nowMs: () => now } });
    const iso = (ms: number) => new Date(ms).toISOString();
    const digest = await publish(
      ['Godwit', 'Quillver'],
      { reviewBy: iso(at + 86_400_000) },
      { notBefore: iso(at + 3_600_000) },
    );
    expect(await renewed(screening, 'Cinder Quillver')).not.toBe(HIT);
    now = at + 3_600_000;
    expect(await renewed(screening, 'Cinder Quillver')).toBe(HIT);
    now = at + 86_400_000;
    expect(await renewed(screening, 'Cinder Quillver')).not.toBe(HIT);
    await recall(digest);
  });

  it('that went while the node stood still have the index built anew, not read from its file', async () => {
    const digest = await publish(['Godwit', 'Quillver']);
    await started().settle();
    failures.length = 0;
    const again = started();
    expect(await renewed(again, 'Cinder Quillver')).toBe(HIT);
    expect((await again.status(OFFICER)).progress.read).toBe(0);
    expect(failures).toEqual([]);
    await recall(digest);
    const screening = started();
    expect(await renewed(screening, 'Cinder Quillver')).not.toBe(HIT);
    expect(failures).toMatchObject([{ code: 'SNAPSHOT_UNUSABLE' }]);
    expect((await screening.status(OFFICER)).progress.read).toBeGreaterThan(0);
  });

  it('of one originator count up to 16, the first by header digest', async () => {
    const published: { digest: Uint8Array; word: string }[] = [];
    for (const letter of 'abcdefghijklmnopq') {
      const word = `${letter}uillver`;
      published.push({ word, digest: await publish(['Godwit', word]) });
    }
    const screening = started();
    await screening.settle();
    expect(tables).toEqual([{ count: 16, unused: {} }]);
    published.sort((a, b) => Buffer.compare(a.digest, b.digest));
    for (const [at, { word }] of published.entries())
      expect(await usesWord(screening, word), word).toBe(at < 16);
    for (const { digest } of published) await recall(digest);
  });

  it('count for declarations that were kept before', async () => {
    const screening = started();
    await screening.settle();
    await ask(screening, 'Lilac Quillver', true);
    const digest = await publish(['Godwit', 'Quillver']);
    await screening.settle();
    const alerted = async () => {
      const query = { deskGroup: OFFICER.deskGroup, exercise: false, acknowledgedToo: true };
      const { items } = await screening.alerts(OFFICER, query);
      return items.filter(({ screening: asked }) => asked?.query?.name === 'Lilac Quillver');
    };
    expect(await alerted()).toEqual([]);
    await release('Lilac Godwit');
    await screening.settle();
    expect(await alerted()).toMatchObject([
      { type: ScreeningAlertType.SCREENING_ALERT_TYPE_NEW_ENTRY, hit: { lines: expect.anything() } },
    ]);
    await recall(digest);
  });
});
