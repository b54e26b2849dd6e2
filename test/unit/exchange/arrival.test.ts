/** Each parcel that must be refused, with its own reason; none of them costs the parcels behind it (P10). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { base64, utf8 } from '../../../src/base/bytes.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { judgeMisconduct } from '../../../src/ledger/index.ts';
import { formatNote, judgeCheckpointText, parseNote } from '../../../src/merkle/index.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { QUICK, TestNetwork } from '../../support/exchange-network.ts';
import type { Posted } from '../../support/memory-mail.ts';
import { type Opened, ParcelForge } from '../../support/parcel-forge.ts';

const NODES = ['XA', 'XB', 'XC'].map((node) => ({ node, groups: ['adequate', 'sac'] }));

let federation: Federation;
let net: TestNetwork;
let forge: ParcelForge;
/** The first parcel, which was taken; the next, which waits for the end of the tests; and the one behind it. */
let taken: Posted;
let next: Posted;
let last: Posted;
let opened: Opened;

beforeAll(async () => {
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
  net = await TestNetwork.create(
    {
      nodes: NODES,
      // Nothing heals by itself while the refusals are counted.
      options: { ...QUICK, lane: { ...QUICK.lane, resendMs: 600_000, resendMaxMs: 600_000 } },
    },
    federation,
  );
  forge = new ParcelForge(net);
  await net.start();
  const [xa, xb] = [net.of('XA'), net.of('XB')];
  const mails = () =>
    net.mail.posted.filter(({ sender, recipient, lane }) => sender + recipient + lane === 'XAXB1');
  await xa.release();
  await net.until('the first is in', () => xb.told.received === 1);
  await net.until('its receipt is in', () => xa.told.delivered > 0);
  xa.reachable = false;
  net.mail.fate = () => ({ copies: 0, behind: 0 });
  for (const count of [2, 3]) {
    await xa.release();
    await net.until('it is put', () => mails().length === count);
  }
  const [first, second, third] = mails();
  if (!first || !second || !third) throw new Error('expected three parcels');
  [taken, next, last] = [first, second, third];
  opened = await forge.open(next);
});

afterAll(async () => {
  await net.close();
  await federation[Symbol.asyncDispose]();
});

/** Delivers bytes under a name and waits for the refusal that they cause. */
async function refused(bytes: Uint8Array, sender = 'XA', lane: 0 | 1 = 1): Promise<string> {
  const xb = net.of('XB');
  const before = xb.told.refused.length;
  const [items, received] = [await xb.inbox(), xb.told.received];
  net.mail.deliver({ sender, recipient: 'XB', lane, bytes });
  await net.until('it is judged', () => xb.told.refused.length > before);
  expect(await xb.inbox()).toEqual(items);
  expect(xb.told.received).toBe(received);
  expect(net.mail.backlog('XB', lane)).toBe(0);
  return xb.told.refused[before] ?? '';
}

const signedThen = async (
  change: Parameters<ParcelForge['sign']>[1],
  options?: Parameters<ParcelForge['sign']>[2],
): Promise<Uint8Array> => forge.seal(await forge.sign(opened, change, options));

/** The checkpoint with other lines; its signatures stay as they are. */
function noteWith(note: Uint8Array, change: (text: string) => string): Buffer {
  const parsed = parseNote(note);
  if (!parsed.ok) throw new Error(parsed.detail);
  return Buffer.from(formatNote(change(parsed.value.text), parsed.value.signatures));
}

describe('a parcel is refused', () => {
  test('as REPLAY when it was taken before, byte by byte or sealed anew', async () => {
    expect(await refused(taken.bytes)).toBe('REPLAY');
    const { content } = await forge.open(taken);
    expect(await refused(await forge.seal(content))).toBe('REPLAY');
  });

  test('as WRONG_DESTINATION when it was meant for another recipient or lane', async () => {
    const other = net.mail.posted.find((mail) => mail.recipient === 'XC' && mail.sender === 'XA');
    expect(await refused(other?.bytes ?? new Uint8Array())).toBe('WRONG_DESTINATION');
    expect(await refused(next.bytes, 'XA', 0)).toBe('WRONG_DESTINATION');
    // Sealed to XB under XB's name, but signed for XC.
    expect(await refused(await signedThen({ recipient: 'XC' }))).toBe('WRONG_DESTINATION');
  });

  test('as WRONG_NETWORK when envelope or manifest are of another', async () => {
    const network = new Uint8Array(32).fill(7);
    expect(await refused(await forge.seal(opened.content, { network }))).toBe('WRONG_NETWORK');
    expect(await refused(await signedThen({}, { network }))).toBe('WRONG_NETWORK');
  });

  test('as WRONG_SENDER when the subject, or the manifest, names another', async () => {
    expect(await refused(next.bytes, 'XC')).toBe('WRONG_SENDER');
    const inner = await signedThen({ sender: 'XC' }, { signer: 'XC' });
    expect(await refused(inner)).toBe('WRONG_SENDER');
  });

  test('as SEAL_BROKEN or MALFORMED wherever a byte is edited', async () => {
    const edited = Uint8Array.from(next.bytes);
    edited[edited.length - 40] = (edited[edited.length - 40] ?? 0) ^ 1;
    expect(await refused(edited)).toBe('SEAL_BROKEN');
    expect(await refused(next.bytes.subarray(0, -1))).toBe('MALFORMED');
  });

  test('as PREKEY_GONE when it is sealed to a key that is not held any more', async () => {
    expect(await refused(await forge.seal(opened.content, { prekeyId: new Uint8Array(16) }))).toBe(
      'PREKEY_GONE',
    );
  });

  test('as TOO_LARGE before anything of it is read', async () => {
    expect(await refused(new Uint8Array(LIMITS.sealedParcelBytes + 1))).toBe('TOO_LARGE');
  });

  test('as FORMAT_UNSUPPORTED when it speaks another format', async () => {
    expect(await refused(await signedThen({ format: 9 }))).toBe('FORMAT_UNSUPPORTED');
  });

  test('as ITEM_NOT_IN_MANIFEST when it carries other items than listed', async () => {
    const { content } = await forge.open(taken);
    const foreign = { ...opened.content, items: content.items };
    expect(await refused(await forge.seal(foreign))).toBe('ITEM_NOT_IN_MANIFEST');
    expect(await refused(await forge.seal({ ...opened.content, items: [] }))).toBe('ITEM_NOT_IN_MANIFEST');
    const [item] = opened.content.items;
    const fewer = item && { ...item, facets: item.facets.slice(1) };
    expect(await refused(await forge.seal({ ...opened.content, items: fewer ? [fewer] : [] }))).toBe(
      'ITEM_NOT_IN_MANIFEST',
    );
  });

  test('as EQUIVOCATION, with an alarm and evidence, when a second body comes under one number', async () => {
    const first = await forge.open(taken);
    const second = await forge.sign(first, {
      items: first.manifest.items.map((line) => ({ ...line, basis: 'R0' })),
    });
    expect(await refused(await forge.seal(second))).toBe('EQUIVOCATION');
    const { items } = await net.of('XB').store.read((tx) => tx.alarms.list({ code: 'EQUIVOCATION' }));
    expect(items[0]?.subject).toBe('XA');
    expect(items[0]?.evidence?.length).toBeGreaterThan(first.content.manifest.length);
    const networkDigest = federation.network;
    const proof = judgeMisconduct({ bytes: items[0]?.evidence ?? new Uint8Array(), networkDigest });
    expect(proof).toMatchObject({ ok: true, value: { culprits: ['XA'], deed: 'manifest-fork' } });
  });

  test('as DOWNGRADE when a half of the signature is missing', async () => {
    const content = await forge.sign(opened, {});
    const { signature } = content;
    const half = { ed25519: signature?.ed25519 ?? Buffer.alloc(0), mlDsa44: Buffer.alloc(0) };
    expect(await refused(await forge.seal({ ...content, signature: half }))).toBe('DOWNGRADE');
    expect(await refused(await forge.seal({ ...content, signature: undefined }))).toBe('DOWNGRADE');
  });

  test('as SIGNATURE_INVALID when another member signed, as LABEL_MISMATCH when it is no manifest', async () => {
    expect(await refused(await signedThen({}, { signer: 'XC' }))).toBe('SIGNATURE_INVALID');
    expect(await refused(await signedThen({}, { type: 'skip' }))).toBe('LABEL_MISMATCH');
  });

  test('as CHAIN_BROKEN when it does not continue the link', async () => {
    const bytes = await signedThen({ previous: Buffer.alloc(32, 1) });
    expect(await refused(bytes)).toBe('CHAIN_BROKEN');
  });

  test('as ROSTER_FORK when the sender uses another roster of this version', async () => {
    const bytes = await signedThen({ rosterDigest: Buffer.alloc(32, 1) });
    expect(await refused(bytes)).toBe('ROSTER_FORK');
  });

  test('as WRONG_SENDER when it names the key statement of another', async () => {
    const digest = Buffer.from(federation.of('XC').statement.digest);
    await net.of('XB').directory.judgeAndKeep('XC', federation.of('XC').signedStatement);
    expect(await refused(await signedThen({ statementDigest: digest }))).toBe('WRONG_SENDER');
  });

  test('as CHECKPOINT_EXTENSION, SIGNATURE_INVALID or CHECKPOINT_INVALID for what its log did not sign', async () => {
    const with_ = (change: (text: string) => string) =>
      signedThen({ checkpoint: noteWith(opened.manifest.checkpoint, change) });
    expect(await refused(await with_((text) => `${text}extension\n`))).toBe('CHECKPOINT_EXTENSION');
    expect(await refused(await with_((text) => text.replace(/\n(\d+)\n/, '\n9999\n')))).toBe(
      'SIGNATURE_INVALID',
    );
    expect(await refused(await with_((text) => text.replace('/log/live/', '/log/other/')))).toBe(
      'CHECKPOINT_INVALID',
    );
  });

  test('as LOG_INCONSISTENT when the log does not continue', async () => {
    const bytes = await signedThen({ consistencyProof: [Buffer.alloc(32, 3)] });
    expect(await refused(bytes)).toBe('LOG_INCONSISTENT');
  });

  test('as MALFORMED for bytes that are none of ours', async () => {
    expect(await refused(utf8('hello'))).toBe('MALFORMED');
    expect(await refused(new Uint8Array([10, 3, 1]))).toBe('MALFORMED');
  });
});

describe('after all this', () => {
  test('people were told, the table says every reason, and the next genuine parcel is taken', async () => {
    const xb = net.of('XB');
    expect(await xb.alarms()).toContain('REFUSALS_REPEATED');
    expect(new Set(await xb.refusals())).toEqual(new Set(xb.told.refused));
    net.mail.deliver({ ...next });
    await net.until('it is taken', () => xb.told.received === 2);
  });

  test('a number ahead is a gap, not a refusal: it waits, and what is missing is asked for', async () => {
    const xb = net.of('XB');
    const third = await forge.open(last);
    const ahead = await forge.sign(third, { seq: third.manifest.seq + 5n });
    const before = xb.told.refused.length;
    net.mail.deliver({ ...last, bytes: await forge.seal(ahead) });
    await net.until('the gap is seen', () => xb.told.gaps.includes(8));
    expect(xb.told.refused.length).toBe(before);
  });

  test('a log that shows two roots for one size is refused as LOG_FORK, with both notes as evidence', async () => {
    const xb = net.of('XB');
    const { manifest } = await forge.open(last);
    const parsed = parseNote(manifest.checkpoint);
    const checkpoint = parsed.ok ? judgeCheckpointText(parsed.value.text) : parsed;
    if (!checkpoint.ok) throw new Error(checkpoint.detail);
    const { origin, size } = checkpoint.value;
    const root = new Uint8Array(32).fill(9);
    const note = utf8(`${origin}\n${size}\n${base64(root)}\n`);
    await xb.store.write((tx) => tx.ledger.keepKnownLog({ origin, size, root, note, node: 'XA', at: 1 }));
    expect(await refused(last.bytes)).toBe('LOG_FORK');
    const { items } = await xb.store.read((tx) => tx.alarms.list({ code: 'LOG_FORK' }));
    // By its origin, as where it is seen by heartbeats or by a witness: one fork is one alarm.
    expect(items.map(({ subject }) => subject)).toEqual([origin]);
    const evidence = Buffer.from(items[0]?.evidence ?? []);
    expect(evidence.includes(Buffer.from(note))).toBe(true);
    expect(evidence.includes(manifest.checkpoint)).toBe(true);
  });
});
