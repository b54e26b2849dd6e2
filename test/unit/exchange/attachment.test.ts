/** Attachments between whole nodes: delivered when stored, resumed where they broke off, believed by digest and key alone. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/base/clock.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import type { PartialOptions } from '../../../src/exchange/index.ts';
import type {
  FetchAttachmentRequest,
  FetchAttachmentResponse,
} from '../../../src/gen/tocsin/exchange/v1/exchange_service.ts';
import { Purpose } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { RecallReason } from '../../../src/gen/tocsin/record/v1/recall.ts';
import type { Attachment } from '../../../src/gen/tocsin/record/v1/shared_facets.ts';
import { createLifecycle } from '../../../src/lifecycle/index.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { type RecordContent, reasonName, type SignedHeader } from '../../../src/record/index.ts';
import { blobBytesOf } from '../../../src/seal/index.ts';
import { removeUnnamed, sweepBlobs } from '../../../src/store/index.ts';
import { RpcError, Status } from '../../../src/transport/index.ts';
import { blobName, fileOf, keepFile, readFile, withFiles } from '../../support/attachments.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';
import { type CallUnderWay, QUICK, TestNetwork, type TestNode } from '../../support/exchange-network.ts';

const NODES = [
  { node: 'XA', groups: ['adequate', 'sac'] },
  { node: 'XB', groups: ['adequate', 'sac'] },
  { node: 'XC', groups: ['sac'] },
];
const OFFICER = { fingerprint: 'aa01', name: 'Anna', deskGroup: 2 } as const;
const PIECE = LIMITS.attachmentPieceBytes;
const DAY_MS = 24 * 3_600_000;

let federation: Federation;
let net: TestNetwork;
let xa: TestNode;
let xb: TestNode;
let xc: TestNode;

beforeAll(async () => {
  federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
});
afterAll(() => federation[Symbol.asyncDispose]());
afterEach(() => net.close());

async function network(attachment: PartialOptions['attachment'] = {}): Promise<void> {
  const options = { ...QUICK, attachment: { ...QUICK.attachment, ...attachment } };
  net = await TestNetwork.create({ nodes: NODES, options }, federation);
  [xa, xb, xc] = [net.of('XA'), net.of('XB'), net.of('XC')];
  await net.start();
}

type Piece = FetchAttachmentResponse;

/** What the recipient asked for, and how it is answered. */
function onFetch(
  answer: (
    call: FetchAttachmentRequest,
    pieces: AsyncIterable<Piece>,
    under: CallUnderWay,
  ) => AsyncIterable<Piece>,
) {
  const asked: FetchAttachmentRequest[] = [];
  net.between = (under, answers) => {
    if (under.name !== 'fetchAttachment') return answers;
    const request = under.request as FetchAttachmentRequest;
    asked.push(request);
    return answer(request, answers as AsyncIterable<Piece>, under);
  };
  return asked;
}

/** Lets so many pieces through, then breaks the connection. */
async function* cutAfter(count: number, pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  let seen = 0;
  for await (const piece of pieces) {
    if (seen === count) throw new RpcError(Status.UNAVAILABLE, 'the connection broke');
    seen += 1;
    yield piece;
  }
}

const nothing = (): AsyncIterable<Piece> => cutAfter(0, onePiece());

async function* onePiece(): AsyncGenerator<Piece> {
  yield { offset: 0n, data: Buffer.alloc(1), total: 1n };
}

const only =
  (nodes: readonly string[], ...files: readonly Attachment[]) =>
  (content: RecordContent): RecordContent => ({
    ...withFiles(...files)(content),
    marking: {
      ...content.marking,
      releasableTo: [...nodes],
      purposes: [Purpose.PURPOSE_INVESTIGATION],
      // Pictures go only where the marking names them (R7).
      alsoFacets: files.length > 0 ? ['attachments'] : [],
    },
  });

const release = (files: readonly Attachment[], nodes: readonly string[] = ['XB'], from = xa) =>
  from.release('seizure-notice', { edit: only(nodes, ...files) });

const rows = async (signed: SignedHeader, from = xa) =>
  (await from.store.read((tx) => tx.outbox.ofRecord(signed.digest))).map(
    ({ recipient, state, resultReason }) =>
      `${recipient} ${state}${resultReason ? ` ${reasonName(resultReason)}` : ''}`,
  );

const held = (node: TestNode, signed: SignedHeader) =>
  node.store.read(async (tx) => (await tx.records.facets(signed.digest)).map(({ facet }) => facet));

const arrived = (node: TestNode, signed: SignedHeader) =>
  net.until(`${node.self} has the record`, async () => (await held(node, signed)).includes('attachments'));

const delivered = (signed: SignedHeader, from = xa) =>
  net.until('it is delivered', async () =>
    (await rows(signed, from)).every((row) => row.endsWith(' receipted')),
  );

const refused = (signed: SignedHeader, reason: string) =>
  net.until(`it is refused with ${reason}`, async () =>
    (await rows(signed)).includes(`XB refused ${reason}`),
  );

const waits = (node: TestNode) => node.store.read((tx) => tx.attachments.allWaits());
const folder = (node: TestNode): string[] => readdirSync(join(node.directoryOnDisk, 'blobs')).sort();
const partSize = (node: TestNode, file: Attachment): number => {
  try {
    return statSync(join(node.directoryOnDisk, 'blobs', `${blobName(file)}.part`)).size;
  } catch {
    return 0;
  }
};

const lifecycleOf = (node: TestNode) =>
  createLifecycle({
    store: node.store,
    policy: () => node.policy,
    ledger: node.ledger,
    exchange: node.exchange,
    self: {
      node: node.self,
      network: federation.network,
      logOrigin: (world) => node.ledger.origins[world],
    },
    clock: node.clock,
    random: systemRandom,
  });

/** How many receipts of XB the originator holds. */
const receiptsAt = (node: TestNode) =>
  node.store.read(
    async (tx) =>
      (await tx.records.list({ world: 'both', origin: 'partner', kind: 'receipt', limit: 500 })).items.length,
  );

describe('delivery', () => {
  test('an item is pending while its blob is on its way, and delivered only once the blob is stored', async () => {
    await network();
    const gate = Promise.withResolvers<void>();
    onFetch(async function* (_, pieces) {
      await gate.promise;
      yield* pieces;
    });
    const file = fileOf(150_000);
    const attachment = await keepFile(xa, file);
    const signed = await release([attachment]);
    await arrived(xb, signed);
    await net.until('the first receipt came', async () => (await receiptsAt(xa)) === 1);
    expect(await rows(signed)).toEqual(['XB sent']);
    expect(xa.told.delivered).toBe(0);
    const holders = () => xa.store.read((tx) => tx.holders.holdersOf(signed.digest, xa.clock.nowMs()));
    expect(await holders()).toMatchObject([{ node: 'XB', state: 'sent' }]);
    // The lane goes on meanwhile.
    const next = await release([]);
    await delivered(next);
    expect(await rows(signed)).toEqual(['XB sent']);
    expect(folder(xb).filter((name) => /^[0-9a-f]{64}$/.test(name))).toEqual([]);

    gate.resolve();
    await delivered(signed);
    expect(await readFile(xb.blobs, attachment)).toEqual(file);
    expect((await xb.store.read((tx) => tx.attachments.held([attachment.blobSha256]))).size).toBe(1);
    expect(await holders()).toMatchObject([{ node: 'XB', state: 'holds' }]);
    expect(await waits(xb)).toEqual([]);
    expect(await xb.alarms()).toEqual([]);
  });

  test('one item of a manifest waits alone, and all blobs of an item are waited for', async () => {
    await network();
    const [first, second] = [await keepFile(xa, fileOf(40_000, 2)), await keepFile(xa, fileOf(70_000, 3))];
    let missing = true;
    onFetch((call, pieces) =>
      missing && Buffer.from(call.blobDigest).equals(second.blobSha256) ? nothing() : pieces,
    );
    const both = await release([first, second]);
    await net.until(
      'the first blob is here',
      async () => (await xb.blobs.size(first.blobSha256)) !== undefined,
    );
    await net.until('the first receipt came', async () => (await receiptsAt(xa)) >= 1);
    expect(await rows(both)).toEqual(['XB sent']);
    missing = false;
    await delivered(both);
    expect(await readFile(xb.blobs, second)).toEqual(fileOf(70_000, 3));
  });

  test('a blob that is here already is opened with the key of the further record before that is delivered', async () => {
    await network();
    const file = fileOf(90_000);
    const attachment = await keepFile(xa, file);
    await delivered(await release([attachment]));
    const again = await release([attachment]);
    await delivered(again);
    // Another record, or another member, that names the same blob with a wrong key cannot take it away.
    const wrong = await release([{ ...attachment, fileKey: Buffer.alloc(32, 1) }]);
    await refused(wrong, 'ATTACHMENT_INVALID');
    expect(await readFile(xb.blobs, attachment)).toEqual(file);
    expect(await xb.alarms()).toEqual(['ATTACHMENT_INVALID']);
  });

  test('two senders that owe the same blob bring it once, whole', async () => {
    await network();
    const file = fileOf(300_000);
    const fileKey = systemRandom.bytes(32);
    const attachment = await keepFile(xa, file, { fileKey });
    await keepFile(xc, file, { fileKey });
    const asked = onFetch(async function* (_, pieces) {
      for await (const piece of pieces) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield piece;
      }
    });
    const [one, other] = await Promise.all([release([attachment]), release([attachment], ['XB'], xc)]);
    await delivered(one);
    await delivered(other, xc);
    expect(asked).toHaveLength(1);
    expect(await readFile(xb.blobs, attachment)).toEqual(file);
  });
});

describe('a stream that breaks', () => {
  test('goes on at the byte where it stopped', async () => {
    await network();
    const size = 10 * PIECE + 500;
    const file = fileOf(size);
    const attachment = await keepFile(xa, file);
    let served = 0;
    const asked = onFetch(async function* (_, pieces) {
      for await (const piece of cutAfter(3, pieces)) {
        served += piece.data.length;
        yield piece;
      }
    });
    const signed = await release([attachment]);
    await delivered(signed);
    expect(await readFile(xb.blobs, attachment)).toEqual(file);
    expect(asked.map(({ offset }) => Number(offset) / PIECE).slice(0, 3)).toEqual([0, 3, 6]);
    expect(served).toBe(blobBytesOf(size));
  });

  test('goes on there too when the recipient was stopped in between', async () => {
    await network();
    const file = fileOf(8 * PIECE);
    const attachment = await keepFile(xa, file);
    let open = false;
    const asked = onFetch((_, pieces) => (open ? pieces : cutAfter(asked.length === 1 ? 5 : 0, pieces)));
    const signed = await release([attachment]);
    await net.until('five pieces are here', () => partSize(xb, attachment) === 5 * PIECE);
    await xb.stop();
    // As the node does at its start: what is waited for stays.
    await sweepBlobs(xb.store, xb.blobs, xb.clock.nowMs());
    expect(partSize(xb, attachment)).toBe(5 * PIECE);
    open = true;
    const before = asked.length;
    await xb.restart();
    await delivered(signed);
    expect(Number(asked[before]?.offset)).toBe(5 * PIECE);
    expect(await readFile(xb.blobs, attachment)).toEqual(file);
  });
});

describe('bytes that are not what was named', () => {
  const forgeries: readonly (readonly [string, (pieces: AsyncIterable<Piece>) => AsyncIterable<Piece>])[] = [
    [
      'other bytes',
      async function* (pieces) {
        for await (const piece of pieces) yield { ...piece, data: Buffer.alloc(piece.data.length, 7) };
      },
    ],
    [
      'another size',
      async function* (pieces) {
        for await (const piece of pieces) yield { ...piece, total: piece.total + 1n };
      },
    ],
    [
      'another offset',
      async function* (pieces) {
        for await (const piece of pieces) yield { ...piece, offset: piece.offset + 1n };
      },
    ],
    [
      'more than the whole',
      async function* (pieces) {
        for await (const piece of pieces) yield piece;
        yield {
          offset: BigInt(blobBytesOf(50_000)),
          data: Buffer.alloc(9),
          total: BigInt(blobBytesOf(50_000)),
        };
      },
    ],
    [
      'a piece above its bound',
      async function* (pieces) {
        const right: Piece[] = [];
        for await (const piece of pieces) right.push(piece);
        const whole = Buffer.concat(right.map(({ data }) => data));
        const total = BigInt(whole.length);
        for (let at = 0; at < whole.length; at += PIECE + 1)
          yield { offset: BigInt(at), data: whole.subarray(at, at + PIECE + 1), total };
      },
    ],
    [
      'nothing in a piece',
      async function* () {
        yield { offset: 0n, data: Buffer.alloc(0), total: BigInt(blobBytesOf(50_000)) };
      },
    ],
  ];

  test.each(forgeries)(
    '%s: nothing is kept, people are told, and the right ones still count',
    async (_, forge) => {
      await network();
      const attachment = await keepFile(xa, fileOf(50_000));
      let forging = true;
      onFetch((_call, pieces) => (forging ? forge(pieces) : pieces));
      const signed = await release([attachment]);
      await net.until('people are told', async () => (await xb.alarms()).includes('ATTACHMENT_MISMATCH'));
      expect(await xb.blobs.size(attachment.blobSha256)).toBeUndefined();
      expect(await rows(signed)).toEqual(['XB sent']);
      forging = false;
      await delivered(signed);
      expect(await readFile(xb.blobs, attachment)).toEqual(fileOf(50_000));
      expect(folder(xb)).toEqual([blobName(attachment)]);
    },
  );

  test.each([
    ['another key than it is encrypted with', { fileKey: Buffer.alloc(32, 5) }],
    ['another file', { sha256: Buffer.alloc(32, 5) }],
    ['another size, in the same number of bytes', { size: 50_001 }],
  ])('a signed facet that states %s is refused, with an alarm, and nothing is kept', async (_, lie) => {
    await network();
    const attachment = { ...(await keepFile(xa, fileOf(50_000))), ...lie };
    // A sender that goes along with the lie about the size.
    if ('size' in lie)
      onFetch(async function* (_call, pieces) {
        const total = BigInt(blobBytesOf(50_001));
        let end = 0n;
        for await (const piece of pieces) {
          end = piece.offset + BigInt(piece.data.length);
          yield { ...piece, total };
        }
        yield { offset: end, data: Buffer.alloc(1), total };
      });
    const signed = await release([attachment]);
    if ('size' in lie) {
      await net.until('people are told', async () => (await xb.alarms()).includes('ATTACHMENT_MISMATCH'));
      expect(await rows(signed)).toEqual(['XB sent']);
    } else {
      await refused(signed, 'ATTACHMENT_INVALID');
      expect(await xb.alarms()).toEqual(['ATTACHMENT_INVALID']);
      expect(folder(xb)).toEqual([]);
    }
    expect(await xb.blobs.size(attachment.blobSha256)).toBeUndefined();
    expect((await xb.store.read((tx) => tx.attachments.allHeld())).length).toBe(0);
  });
});

describe('a blob that does not come', () => {
  test('is an alarm, and after long enough the item is refused as not delivered', async () => {
    await network({ lateMs: 300, giveUpMs: 1_500 });
    const attachment = await keepFile(xa, fileOf(5 * PIECE));
    onFetch((_, pieces) => cutAfter(0, pieces));
    const signed = await release([attachment]);
    await net.until('it is late', async () => (await xb.alarms()).includes('ATTACHMENT_LATE'));
    expect(await rows(signed)).toEqual(['XB sent']);
    await refused(signed, 'ATTACHMENT_MISSING');
    expect(xb.told.alarms).toEqual(['ATTACHMENT_LATE', 'ATTACHMENT_GIVEN_UP']);
    expect(await waits(xb)).toEqual([]);
    await net.until('nothing of it is left', () => folder(xb).length === 0);
    // The record itself was taken, and its originator still counts XB among those who hold it.
    expect(await xa.store.read((tx) => tx.holders.holdersOf(signed.digest, xa.clock.nowMs()))).toMatchObject([
      { node: 'XB' },
    ]);
  });

  test('is asked for at once when its sender is heard again', async () => {
    await network({ retryMs: 60_000, retryMaxMs: 120_000 });
    const attachment = await keepFile(xa, fileOf(20_000));
    let broken = true;
    onFetch((_, pieces) => (broken ? nothing() : pieces));
    const signed = await release([attachment]);
    await net.until('one try failed', async () => ((await waits(xb))[0]?.attempts ?? 0) > 0);
    broken = false;
    xa.reachable = false;
    await xb.exchange.ask('XA');
    xa.reachable = true;
    await net.until('XA is heard again', async () => {
      await xb.exchange.ask('XA');
      return (await rows(signed))[0] === 'XB receipted';
    });
    expect(await readFile(xb.blobs, attachment)).toEqual(fileOf(20_000));
  });
});

describe('who gets a blob', () => {
  const ask = async (peer: string, request: Partial<FetchAttachmentRequest>): Promise<string> => {
    const handler = xa.exchange.handlers.fetchAttachment;
    const signal = new AbortController().signal;
    const asked = { headerDigest: Buffer.alloc(32), blobDigest: Buffer.alloc(32), offset: 0n, ...request };
    let bytes = 0;
    try {
      for await (const piece of handler(asked, { peer, signal } as never)) bytes += piece.data.length;
      return String(bytes);
    } catch (error) {
      if (error instanceof RpcError) return error.code;
      throw error;
    }
  };

  test('those who were shown the facet that names it, and nobody else', async () => {
    await network();
    const secret = await keepFile(xa, fileOf(50_000), { personal: true });
    const forBoth = await release([secret], ['XB', 'XC']);
    await delivered(forBoth);
    // XC has no adequate protection: it got the record without persons and without their pictures.
    expect(await held(xc, forBoth)).toContain('summary');
    expect(await held(xc, forBoth)).not.toContain('attachments');
    const named = { headerDigest: Buffer.from(forBoth.digest), blobDigest: secret.blobSha256 };
    expect(await ask('XB', named)).toBe(String(blobBytesOf(50_000)));
    expect(await ask('XC', named)).toBe('NOT_FOUND');

    const forB = await release([await keepFile(xa, fileOf(10_000, 9))], ['XB']);
    await delivered(forB);
    expect(await ask('XC', { ...named, headerDigest: Buffer.from(forB.digest) })).toBe('NOT_FOUND');
    // Not under another record either, nor what was never there, nor what is no digest.
    expect(await ask('XB', { ...named, headerDigest: Buffer.from(forB.digest) })).toBe('NOT_FOUND');
    expect(await ask('XB', { ...named, blobDigest: Buffer.alloc(32, 3) })).toBe('NOT_FOUND');
    expect(await ask('XB', { ...named, blobDigest: Buffer.alloc(5) })).toBe('NOT_FOUND');
    expect(await ask('XB', { ...named, headerDigest: Buffer.alloc(0) })).toBe('NOT_FOUND');
    expect(await ask('XQ', named)).toBe('PERMISSION_DENIED');
  });

  test('from any offset within it, so many at once and no more', async () => {
    await network();
    const attachment = await keepFile(xa, fileOf(4 * PIECE));
    const signed = await release([attachment]);
    await delivered(signed);
    const whole = blobBytesOf(4 * PIECE);
    const named = { headerDigest: Buffer.from(signed.digest), blobDigest: attachment.blobSha256 };
    expect(await ask('XB', { ...named, offset: BigInt(whole - 7) })).toBe('7');
    expect(await ask('XB', { ...named, offset: BigInt(whole) })).toBe('0');
    expect(await ask('XB', { ...named, offset: BigInt(whole + 1) })).toBe('OUT_OF_RANGE');
    expect(await ask('XB', { ...named, offset: 2n ** 64n - 1n })).toBe('OUT_OF_RANGE');

    const signal = new AbortController().signal;
    const open = Array.from({ length: LIMITS.attachmentCallsPerPeer }, () =>
      xa.exchange.handlers
        .fetchAttachment({ ...named, offset: 0n }, { peer: 'XB', signal } as never)
        [Symbol.asyncIterator](),
    );
    for (const stream of open) expect((await stream.next()).done).toBe(false);
    expect(await ask('XB', named)).toBe('RESOURCE_EXHAUSTED');
    for (const stream of open) await stream.return?.();
    expect(await ask('XB', named)).toBe(String(whole));
  });

  test('nobody once the record is recalled', async () => {
    await network();
    const attachment = await keepFile(xa, fileOf(20_000));
    const signed = await release([attachment]);
    await delivered(signed);
    await lifecycleOf(xa).recall({
      officer: OFFICER,
      headerDigest: signed.digest,
      reason: RecallReason.RECALL_REASON_ERROR,
      mustPurge: true,
    });
    const named = { headerDigest: Buffer.from(signed.digest), blobDigest: attachment.blobSha256 };
    expect(await ask('XB', named)).toBe('NOT_FOUND');
  });
});

describe('what is deleted', () => {
  const recall = (signed: SignedHeader) =>
    lifecycleOf(xa).recall({
      officer: OFFICER,
      headerDigest: signed.digest,
      reason: RecallReason.RECALL_REASON_ERROR,
      mustPurge: true,
    });

  test('a recall takes the blob with the facet, and leaves one that another record names', async () => {
    await network();
    const [gone, shared] = [await keepFile(xa, fileOf(60_000, 4)), await keepFile(xa, fileOf(60_000, 5))];
    const recalled = await release([gone, shared]);
    const stays = await release([shared]);
    await delivered(recalled);
    await delivered(stays);
    expect(folder(xb)).toEqual([blobName(gone), blobName(shared)].sort());
    let told = 0;
    xb.store.onPurged(() => {
      told += 1;
    });
    await recall(recalled);
    await net.until('XB purged it', async () => !(await held(xb, recalled)).includes('attachments'));
    await net.until('the folder is told', () => told > 0);
    expect(await removeUnnamed(xb.store, xb.blobs)).toBe(1);
    expect(folder(xb)).toEqual([blobName(shared)]);
    expect(await readFile(xb.blobs, shared)).toEqual(fileOf(60_000, 5));
  });

  test('a recall ends what is on its way, and removes what was begun', async () => {
    await network();
    const attachment = await keepFile(xa, fileOf(8 * PIECE));
    onFetch((call, pieces) => (call.offset === 0n ? cutAfter(2, pieces) : nothing()));
    const signed = await release([attachment]);
    await net.until('some of it is here', () => partSize(xb, attachment) === 2 * PIECE);
    await recall(signed);
    await net.until('nothing is waited for', async () => (await waits(xb)).length === 0);
    await net.until('nothing of it is left', () => folder(xb).length === 0);
    expect(await held(xb, signed)).not.toContain('attachments');
  });

  test('what the clock takes goes as well', async () => {
    await network();
    const attachment = await keepFile(xa, fileOf(20_000));
    const signed = await release([attachment]);
    await delivered(signed);
    await Promise.all([xa.stop(), xb.stop(), xc.stop()]);
    net.clock.skewMs = 20 * 365 * DAY_MS;
    const lifecycle = lifecycleOf(xb);
    await lifecycle.retain();
    expect(await held(xb, signed)).not.toContain('attachments');
    expect(await removeUnnamed(xb.store, xb.blobs)).toBe(1);
    expect(folder(xb)).toEqual([]);
  });
});
