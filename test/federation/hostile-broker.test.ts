/**
 * The broker's operator against real nodes: what it sees, and what becomes of what it replays, moves, edits and invents
 * (issue: what must hold, 4). Attacks that need a member's keys are in hostile-member.test.ts.
 */
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { LIMITS } from '../../src/base/limits.ts';
import type { Cast } from '../../src/cli/demo/story.ts';
import { ExchangeServiceDefinition } from '../../src/gen/tocsin/exchange/v1/exchange_service.ts';
import { ParcelEnvelope, SealedParcel } from '../../src/gen/tocsin/exchange/v1/parcel.ts';
import { Handshake } from '../../src/gen/tocsin/exchange/v1/session.ts';
import { KINDS } from '../../src/record/index.ts';
import { mailStream, type NatsBroker } from '../../src/transport/index.ts';
import { exampleContent, type Json } from '../support/contents.ts';
import { eventually, TestFederation } from '../support/federation.ts';
import { CANARY, CANARY_GROUP, canaryContent } from '../support/hostile-canaries.ts';
import { memberBroker } from '../support/hostile-member.ts';
import { Operator, type Seen } from '../support/hostile-operator.ts';
import { NodeView } from '../support/hostile-view.ts';

const member = (id: string): Cast => ({
  id,
  name: `State ${id}`,
  country: id,
  role: 'national',
  groups: ['adequate', 'sac', CANARY_GROUP],
  deskGroups: ['police'],
});

const CANARY_KINDS = ['seizure-notice', 'watchlist-entry', 'forged-euc-alert', 'warning'];

let federation: TestFederation;
let operator: Operator;
let xb: NodeView;
let xc: NodeView;
/** A parcel of XA to XB that was taken. */
let taken: Seen;

const toXb = { sender: 'XA', recipient: 'XB' } as const;
const toXc = { sender: 'XA', recipient: 'XC' } as const;
const fromXc = { sender: 'XC', recipient: 'XA', lane: 0 } as const;

const release = (content: Json): Promise<Uint8Array> => federation.release('XA', content);

function warning(releasableTo: readonly string[]): Json {
  const { deskGroup: _, ...content } = exampleContent('warning', Date.now()) as { [key: string]: Json };
  return { ...content, marking: { releasableTo } };
}

beforeAll(async () => {
  federation = await TestFederation.found({ cast: ['XA', 'XB', 'XC'].map(member) });
  await federation.startAll();
  xb = new NodeView(federation, 'XB');
  xc = new NodeView(federation, 'XC');
  // Before the operator listens: where it does, a broker no longer says that nobody else is there.
  const digest = await release(warning(['sac']));
  await Promise.all([xb.received(digest), xc.received(digest)]);
  operator = await Operator.watch(federation);
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await federation[Symbol.asyncDispose]();
});

/** Long enough that chance does not write them. */
const isTelling = (name: string): boolean => name.length > 4;
const KIND_NAMES = [...KINDS.keys()].filter(isTelling);
const NAMES = [
  CANARY,
  CANARY_GROUP,
  'tocsin.exchange.v1',
  'tocsin.record.v1',
  ...Object.values(ExchangeServiceDefinition.methods).map(({ name }) => name),
  ...[...KINDS.values()].flatMap(({ facets }) => facets.map(({ name }) => name)),
].filter((name) => isTelling(name) && !KIND_NAMES.includes(name));

const found = (bytes: Uint8Array, names: readonly string[]): readonly string[] => {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return names.filter((name) => all.includes(name));
};

/** Without the key statement that a handshake carries in the clear: it says which kinds a node can read at all. */
function withoutStatement(seen: Seen): Uint8Array {
  const isHandshake = seen.data[0] === 1 && seen.data[1] === 1;
  if (!isHandshake) return seen.data;
  return Handshake.encode({ ...Handshake.decode(seen.data.subarray(18)), statement: undefined }).finish();
}

describe('the operator watches', () => {
  test('records, receipts and calls pass, and no message says what they are', async () => {
    for (const kind of CANARY_KINDS) {
      const digest = await release(canaryContent(kind, Date.now()));
      await Promise.all([xb.received(digest), xc.received(digest)]);
    }
    const { ok } = await federation.desk('XA').network.testLink({ partner: 'XB' });
    expect(ok).toBe(true);
    await eventually(
      'a receipt comes back',
      () => operator.mail({ sender: 'XB', recipient: 'XA', lane: 0 })[0],
    );

    // Each was said in every facet, by records that XB holds: the search looks for something that is there.
    const bodies = xb.rows('SELECT facet.name, facet.body FROM facet JOIN record USING (header_digest)');
    const told = bodies.filter(({ body }) => found(body as Uint8Array, [CANARY]).length > 0);
    expect(new Set(told.map(({ name }) => name)).size).toBeGreaterThan(12);
    expect(operator.mail(toXb).length).toBeGreaterThan(0);
    // The operator's own connection may hear of a call after who made it has its answer.
    await eventually('the calls were seen', () => operator.calls('XA', 'XB')[2]);

    for (const seen of operator.seen) {
      const around = utf8(`${seen.subject}\n${seen.reply}\n${seen.headers}`);
      expect(found(around, [...NAMES, ...KIND_NAMES]), seen.subject).toEqual([]);
      expect(found(seen.data, NAMES), seen.subject).toEqual([]);
      expect(found(withoutStatement(seen), KIND_NAMES), seen.subject).toEqual([]);
    }
  });

  test('neither does a file of the mailboxes, while parcels lie in them', async () => {
    await eventually(
      'XC waits for no answer',
      () => xc.rows('SELECT id FROM outbox WHERE closed_at IS NULL').length === 0 || undefined,
    );
    // The broker would hand mail to inboxes of the node that is gone, as long as somebody listens there.
    await operator.listen('tocsin.>');
    await federation.signal('XC', 'SIGTERM');
    const before = operator.mail(toXc).length;
    const digests: Uint8Array[] = [];
    for (const kind of CANARY_KINDS) digests.push(await release(canaryContent(kind, Date.now())));
    const parked = await eventually('a parcel is parked', () => operator.mail(toXc)[before]);
    const files = await eventually('it is on disk', () => {
      const all = operator.files();
      return all.some((file) => Buffer.from(file).includes(Buffer.from(parked.data))) ? all : undefined;
    });
    // `subject` is a facet's name and also part of the broker's own keys in its JSON: those keys alone are left out.
    for (const file of files) {
      const others = Buffer.from(file)
        .toString('latin1')
        .replace(/"[a-z_]*subject[a-z_]*":/g, '');
      expect(found(Buffer.from(others, 'latin1'), [...NAMES, ...KIND_NAMES])).toEqual([]);
    }

    // What XC answered a moment ago was answered long ago when it comes back: a replay now gets its receipt again.
    const store = new DatabaseSync(xc.storePath);
    store.exec('UPDATE outbox SET closed_at = closed_at - 3600000 WHERE closed_at IS NOT NULL');
    store.close();
    await federation.startNode('XC');
    await operator.listen('>');
    for (const digest of digests) await xc.received(digest);
  });
});

describe('the operator puts into a mailbox', () => {
  beforeAll(() => {
    const [first] = operator.mail(toXb);
    if (!first) throw new Error('expected a parcel of XA to XB');
    taken = first;
  });

  test('a parcel that was taken before, after a restart: REPLAY, and the old receipt again', async () => {
    const [first] = operator.mail(toXc);
    if (!first) throw new Error('expected a parcel of XA to XC');
    const receipts = () =>
      xc.rows(
        "SELECT count(*) AS rows, count(DISTINCT header_digest) AS receipts FROM outbox WHERE recipient = 'XA' AND lane = 0",
      )[0];
    const before = receipts();
    await xc.refuses('REPLAY', () => operator.putMail(toXc, first.data));
    // A second row for a receipt that was made before, not a new receipt.
    await eventually('the receipt is queued again', () => {
      const now = receipts();
      return (now?.rows === Number(before?.rows) + 1 && now.receipts === before?.receipts) || undefined;
    });
    const from = operator.mail(fromXc).length;
    await eventually('and is sent', () => operator.mail(fromXc)[from - 1]);
  });

  test('a parcel for another recipient: WRONG_DESTINATION', async () => {
    await xc.refuses('WRONG_DESTINATION', () => operator.putMail(toXc, taken.data));
    await xb.refuses('WRONG_DESTINATION', () => operator.putMail({ ...toXb, lane: 0 }, taken.data));
  });

  test('a parcel for another network: WRONG_NETWORK', async () => {
    const sealed = SealedParcel.decode(taken.data);
    const envelope = { ...ParcelEnvelope.decode(sealed.envelope), network: Buffer.alloc(32, 7) };
    const other = { ...sealed, envelope: Buffer.from(ParcelEnvelope.encode(envelope).finish()) };
    await xb.refuses('WRONG_NETWORK', () => operator.putMail(toXb, SealedParcel.encode(other).finish()));
  });

  test('a parcel under the name of another sender: WRONG_SENDER', async () => {
    await xb.refuses('WRONG_SENDER', () => operator.putMail({ sender: 'XC', recipient: 'XB' }, taken.data));
  });

  test('a parcel with one bit edited: SEAL_BROKEN', async () => {
    const edited = Uint8Array.from(taken.data);
    const at = edited.length - 40;
    edited[at] = (edited[at] ?? 0) ^ 1;
    await xb.refuses('SEAL_BROKEN', () => operator.putMail(toXb, edited));
  });

  test('an oversized message: TOO_LARGE', async () => {
    const large = new Uint8Array(LIMITS.sealedParcelBytes + 1);
    await xb.refuses('TOO_LARGE', () => operator.putMail(toXb, large));
  });
});

describe('the operator calls with frames of others', () => {
  const firstFrames = (): readonly Seen[] =>
    operator
      .calls('XA', 'XB')
      .filter(({ data }) => data[1] === 2 && Buffer.from(data).readUInt32BE(42) === 0);
  /** The first frame of a call that is over, as the next one has begun, in a session that stands. */
  const recent = async (): Promise<Seen> => {
    const before = firstFrames().length;
    await eventually('XA calls XB twice', () => firstFrames()[before + 1]);
    return eventually('XA has called XB', () => firstFrames()[before]);
  };

  test('a frame under the number of another call: FRAME_FOREIGN', async () => {
    const { subject, reply, data } = await recent();
    const other = Buffer.from(data);
    other.writeBigUInt64BE(other.readBigUInt64BE(34) + 500n, 34);
    await xb.logs('XA FRAME_FOREIGN', () => operator.publish(subject, other, reply));
  });

  test('a call once more: REPLAY', async () => {
    const { subject, reply, data } = await recent();
    await xb.logs('XA REPLAY', () => operator.publish(subject, data, reply));
  });

  test('a call that asks for its answer elsewhere: WRONG_SENDER', async () => {
    const { subject, data } = await recent();
    await xb.logs('XA WRONG_SENDER', () => operator.publish(subject, data, '_INBOX_XC.rpc.0.XB'));
  });

  test('a packet larger than any frame: TOO_LARGE', async () => {
    const { subject, reply } = await recent();
    const large = new Uint8Array(LIMITS.frameBytes + 1);
    await xb.logs('XA TOO_LARGE', () => operator.publish(subject, large, reply));
  });
});

describe("a member's own credentials at the broker", () => {
  let broker: NatsBroker;
  const refused: string[] = [];

  beforeAll(async () => {
    broker = await memberBroker(federation, 'XC');
    broker.onStatus(({ type, detail }) => {
      if (type === 'refused') refused.push(detail);
    });
  });

  afterAll(() => broker[Symbol.asyncDispose]());

  test("give no ear to others' mail, calls, inboxes or the system", async () => {
    const { net } = operator;
    const subjects = [
      '>',
      `tocsin.${net}.mail.>`,
      `tocsin.${net}.mail.XB.*.1`,
      `tocsin.${net}.rpc.XB.*`,
      '$JS.>',
      '$SYS.>',
      '_INBOX.>',
      '_INBOX_XB.>',
    ];
    for (const subject of subjects) broker.subscribe(subject, () => expect.unreachable(subject));
    for (const subject of subjects)
      await eventually(`the broker refuses ${subject}`, () =>
        refused.find((one) => one.endsWith(` ${subject}`)),
      );
  });

  test("and no voice under another's name, in the stream's administration or in others' inboxes", async () => {
    const { net } = operator;
    const stream = mailStream(net);
    const subjects = [
      `tocsin.${net}.mail.XB.XA.1`,
      `tocsin.${net}.rpc.XB.XA`,
      `tocsin.${net}.presence.XA`,
      `$JS.API.STREAM.PURGE.${stream}`,
      `$JS.API.STREAM.DELETE.${stream}`,
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.XB_1`,
      `$JS.API.STREAM.MSG.GET.${stream}`,
      '_INBOX_XB.rpc.0.XC',
    ];
    for (const subject of subjects) broker.publish(subject, utf8('{}'));
    for (const subject of subjects)
      await eventually(`the broker refuses ${subject}`, () =>
        refused.find((one) => one.endsWith(` ${subject}`)),
      );
  });
});

test('after all this a genuine record arrives at both', async () => {
  const digest = await release(warning(['sac']));
  await Promise.all([xb.received(digest), xc.received(digest)]);
});
