/**
 * Processes that end at any moment (security promises P1, P2; kill points K1 to K10): real nodes and a real broker, killed
 * with SIGKILL at moments out of a seed while they exchange, and started again. Nobody repairs anything.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../../src/base/async.ts';
import { fromHex, hex } from '../../src/base/bytes.ts';
import { exampleContent } from '../support/contents.ts';
import {
  type Accepted,
  type Arrived,
  brokerStore,
  countInLog,
  draftMany,
  listedOf,
  MOMENTS,
  momentOf,
  openStoreOf,
  releaseStubbornly,
  type Seeded,
  seeded,
  settled,
  shuffled,
  strike,
  stubbornly,
} from '../support/crash.ts';
import { auditLog, auditRecipient, auditSender, type SeenLog } from '../support/crash-audit.ts';
import { eventually, TestFederation } from '../support/federation.ts';

/** Repeats a run: TOCSIN_CRASH_SEED=… vitest run … */
const SEED = Number(process.env.TOCSIN_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** How often each set of victims dies; more for a long run by hand. */
const ROUNDS_EACH = Number(process.env.TOCSIN_CRASH_ROUNDS ?? 2);
const RECORDS = 1_000 * ROUNDS_EACH;
/** Who dies together; each line is drawn `ROUNDS_EACH` times in an order out of the seed. */
const VICTIMS: readonly (readonly string[])[] = [
  ['XA'],
  ['XB'],
  ['broker'],
  ['XA', 'XB'],
  ['XA', 'broker'],
  ['XB', 'broker'],
  ['XA', 'XB', 'broker'],
];
/** A process lives at most so long before it dies again: many short lives meet more moments than a few long ones. */
const LONGEST_LIFE_MS = 900;
/** A moment that a round waits for may not come: what it needs may be on its way up. */
const LONGEST_WAIT_MS = 2_000;
/** Drafts released in one call while processes die. */
const CHUNK = 12;

/** Sent, with all of its attempts: the log says so at this level only. */
const SETTINGS = {
  exchange: { heartbeatMs: 1_000, idleHeartbeatMs: 2_000, resendMs: 1_000, resendMaxMs: 4_000 },
  logLevel: 'debug',
};

describe(`crashes (seed ${SEED})`, () => {
  let federation: TestFederation;
  let nextEntry = 1;
  /** Everything that was ever released here. */
  const released = new Set<string>();
  const seen = new Map<string, SeenLog[]>([
    ['XA', []],
    ['XB', []],
  ]);

  beforeAll(async () => {
    federation = await TestFederation.found({ settings: SETTINGS });
    await federation.startAll();
    // Without first contact nothing can be sealed, let alone be sent.
    await eventually('the two know each other', async () => {
      const { ok } = await stubbornly(federation, 'XA', (desk) => desk.network.testLink({ partner: 'XB' }));
      return ok ? true : undefined;
    });
  });
  afterAll(() => federation?.[Symbol.asyncDispose]());

  const draft = async (count: number): Promise<readonly string[]> => {
    const ids = await draftMany(federation, 'XA', nextEntry, count);
    nextEntry += count;
    return ids;
  };

  const release = async (
    draftIds: readonly string[],
    accepted: Accepted = new Map(),
  ): Promise<Set<string>> => {
    await releaseStubbornly(federation, 'XA', draftIds, accepted);
    for (const digest of accepted.values()) released.add(digest);
    return new Set(accepted.values());
  };

  const look = async (node: string): Promise<void> => {
    const { logs } = await stubbornly(federation, node, (desk) => desk.log.getLog({}));
    const own = logs.find((log) => log.own && log.origin.includes('/live/'));
    if (own) seen.get(node)?.push({ size: own.size, root: own.root });
  };

  /** At the desk of the recipient: everything once, whichever way an officer looks. */
  const expectOnce = async (items: readonly Arrived[]): Promise<void> => {
    const arrived = items.map(({ digest }) => digest);
    expect(arrived.length, 'inbox items').toBe(released.size);
    expect(new Set(arrived)).toEqual(released);
    const listed = await stubbornly(federation, 'XB', (desk) => listedOf(desk, 'XA'));
    expect(listed.length, 'records listed').toBe(released.size);
    expect(new Set(listed)).toEqual(released);
    for (const node of ['XA', 'XB']) {
      const { alarms } = await stubbornly(federation, node, (desk) => desk.network.getNodeStatus({}));
      expect(alarms).toEqual([]);
      expect(countInLog(federation, node, '"msg":"ALARM"'), `alarms in the log of ${node}`).toBe(0);
    }
  };

  /** Ends the nodes and reads their stores from disk. */
  const audit = async (): Promise<void> => {
    await Promise.all(['XA', 'XB'].map((node) => federation.signal(node, 'SIGTERM')));
    const network = fromHex(federation.federation.networkDigest);
    const ends = { network, sender: 'XA', recipient: 'XB' };
    {
      await using store = await openStoreOf(federation, 'XB');
      await auditRecipient(store, ends, released);
      await auditLog(store, network, 'XB', seen.get('XB') ?? []);
    }
    {
      await using store = await openStoreOf(federation, 'XA');
      await auditSender(store, ends, released);
      await auditLog(store, network, 'XA', seen.get('XA') ?? []);
    }
  };

  /** Mail that came although it had been taken before. */
  const repetitions = (): number =>
    countInLog(federation, 'XB', '"reason":"REPLAY"') + countInLog(federation, 'XA', '"reason":"REPLAY"');

  it(`${RECORDS} records arrive exactly once while sender, recipient and broker are killed`, async () => {
    const random: Seeded = seeded(SEED);
    const drafts = await draft(RECORDS);
    const rounds = shuffled(
      VICTIMS.flatMap((victims) => Array.from({ length: ROUNDS_EACH }, () => victims)),
      random,
    );
    const accepted: Accepted = new Map();
    const share = Math.ceil(drafts.length / rounds.length);
    const releasing: Promise<unknown>[] = [];
    for (const [round, victims] of rounds.entries()) {
      const mine = drafts.slice(round * share, (round + 1) * share);
      const done = inChunks(mine, (chunk) => releaseStubbornly(federation, 'XA', chunk, accepted));
      done.catch(() => undefined);
      releasing.push(done);
      const moment = MOMENTS[Math.floor(random() * MOMENTS.length)] ?? 'any';
      const longest = moment === 'any' ? random() * LONGEST_LIFE_MS : LONGEST_WAIT_MS;
      await momentOf(moment, federation, accepted, longest);
      await sleep(random() * 20);
      await strike(federation, victims, random);
      await Promise.all(victims.filter((name) => name !== 'broker').map(look));
    }
    await Promise.all(releasing);
    const digests = await release(drafts, accepted);
    expect(digests.size).toBe(RECORDS);
    await expectOnce(await settled(federation, 'XA', 'XB', released));
    expect(repetitions(), 'mail that came again').toBeGreaterThan(0);
    await audit();
    await Promise.all(['XA', 'XB'].map((node) => federation.startNode(node)));
  });

  const FLASH = {
    ...(exampleContent('seizure-notice', Date.now()) as Readonly<Record<string, unknown>>),
    deskGroup: 'police',
    priority: 'flash',
    marking: { releasableTo: ['XB'] },
  };

  /** Releases a flash behind records that could not leave; its place among all that then arrived. */
  const flashBehind = async (count: number, down: string, up: () => Promise<void>): Promise<number> => {
    const drafts = await draft(count);
    const before = new Set(released);
    await federation.signal(down, 'SIGKILL');
    await release(drafts);
    const flash = hex(await federation.release('XA', FLASH));
    released.add(flash);
    await up();
    const items = await settled(federation, 'XA', 'XB', released);
    await expectOnce(items);
    return items.filter(({ digest }) => !before.has(digest)).findIndex(({ digest }) => digest === flash);
  };

  it(`a flash behind ${RECORDS} records that wait for the broker arrives before nearly all of them`, async () => {
    const place = await flashBehind(RECORDS, 'broker', () => federation.restartBroker());
    // Both lanes start at once: a parcel or two of the others, some 200 records each, may be quicker.
    expect(place).toBeLessThan(RECORDS / 5);
  });

  it('a flash behind mail for a node that is down is the first that it reads', async () => {
    const place = await flashBehind(400, 'XB', () => federation.startNode('XB'));
    expect(place).toBeLessThan(20);
  });

  it('the broker loses its whole store with parcels in it, and later finds an old one again', async () => {
    const drafts = await draft(200);
    await federation.signal('XB', 'SIGKILL');
    const sent = countInLog(federation, 'XA', 'parcel sent');
    await release(drafts.slice(0, 100));
    await eventually('parcels lie in the mailbox', () => more('XA', 'parcel sent', sent));
    await federation.signal('broker', 'SIGKILL');
    const kept = join(federation.dir, 'old-store');
    cpSync(brokerStore(federation), kept, { recursive: true });
    rmSync(brokerStore(federation), { recursive: true });
    await release(drafts.slice(100));
    // The operator makes the mailboxes again: the broker alone knows nothing of them any more.
    await federation.startBroker();
    await federation.startNode('XB');
    await expectOnce(await settled(federation, 'XA', 'XB', released));

    const repeated = repetitions();
    await federation.signal('broker', 'SIGKILL');
    rmSync(brokerStore(federation), { recursive: true });
    cpSync(kept, brokerStore(federation), { recursive: true });
    await federation.restartBroker();
    await eventually('the old mail comes', () => (repetitions() > repeated ? true : undefined));
    await expectOnce(await settled(federation, 'XA', 'XB', released));
  });

  it('a recipient that stood still for a while loses nothing and takes nothing twice', async () => {
    const drafts = await draft(200);
    await federation.signal('XB', 'SIGSTOP');
    try {
      const [sent, failed] = [sentAgain(), countInLog(federation, 'XA', '"what":"heartbeat"')];
      await inChunks(drafts, release);
      await eventually('the sender gets no answer', () => more('XA', '"what":"heartbeat"', failed));
      await eventually('and sends again', () => (sentAgain() > sent ? true : undefined), 120_000);
    } finally {
      await federation.signal('XB', 'SIGCONT');
    }
    await expectOnce(await settled(federation, 'XA', 'XB', released));
  });

  it('leaves stores that hold everything once, and logs that only grew', async () => {
    await audit();
  });

  const sentAgain = (): number =>
    countInLog(federation, 'XA', 'parcel sent') -
    countInLog(federation, 'XA', '"attempt":1,"msg":"parcel sent"');

  const more = (name: string, text: string, than: number): true | undefined =>
    countInLog(federation, name, text) > than ? true : undefined;
});

async function inChunks<Item>(
  items: readonly Item[],
  work: (chunk: readonly Item[]) => Promise<unknown>,
): Promise<void> {
  for (let at = 0; at < items.length; at += CHUNK) await work(items.slice(at, at + CHUNK));
}
