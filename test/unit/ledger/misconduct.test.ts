/** Files that convict, judged from the network digest alone (T14, T27, T28); and files that must convict nobody. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import { Misconduct } from '../../../src/gen/tocsin/exchange/v1/misconduct.ts';
import { Manifest } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import { DeskGroup } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { createStatement } from '../../../src/identity/index.ts';
import { judgeMisconduct } from '../../../src/ledger/index.ts';
import { logSigner } from '../../../src/ledger/log-signer.ts';
import {
  appendLeaves,
  consistencyProof,
  EMPTY_FRONTIER,
  inclusionProof,
  leafHash,
  type ReadNodes,
} from '../../../src/merkle/index.ts';
import {
  assembleRecord,
  contentFromJson,
  encodeSigned,
  reasonName,
  sha256,
} from '../../../src/record/index.ts';
import { type Federation, makeFederation, TEST_NOW_MS } from '../../support/authority.ts';
import { exampleContent } from '../../support/contents.ts';

const SECONDS = BigInt(TEST_NOW_MS / 1000);
let federation: Federation;

beforeAll(async () => {
  federation = await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] });
});
afterAll(() => federation[Symbol.asyncDispose]());

/** One history of XA's log: the leaves, and what a log can be asked about them. */
function history(leaves: readonly Uint8Array[]) {
  const { nodes } = appendLeaves(EMPTY_FRONTIER, leaves);
  const read: ReadNodes = async (ids) =>
    ids.map(
      (id) => nodes.find((n) => n.level === id.level && n.index === id.index)?.hash ?? new Uint8Array(),
    );
  const rootAt = (size: number) => appendLeaves(EMPTY_FRONTIER, leaves.slice(0, size)).root;
  return {
    rootAt,
    consistency: async (from: number, to: number) =>
      (await consistencyProof(BigInt(from), BigInt(to), read)).map((hash) => Buffer.from(hash)),
    inclusion: async (index: number, size: number) =>
      (await inclusionProof(BigInt(index), BigInt(size), read)).map((hash) => Buffer.from(hash)),
    note: async (size: number, seconds = SECONDS) => {
      const { keyring, statement } = federation.of('XA');
      const origin = statement.statement.logOrigin;
      const sign = logSigner(keyring, 'live', origin);
      return Buffer.from(await sign({ origin, size: BigInt(size), root: rootAt(size) }, seconds));
    },
  };
}

const leaves = (text: string, count: number) =>
  Array.from({ length: count }, (_, at) => leafHash(utf8(`${text} ${at}`)));
/** Two histories that part after the third leaf. */
const common = leaves('common', 3);
const toB = () => history([...common, ...leaves('b', 6)]);
const toC = () => history([...common, ...leaves('c', 6)]);

const file = (deed: NonNullable<Misconduct['deed']>, change: Partial<Misconduct> = {}): Uint8Array =>
  Misconduct.encode({
    format: 1,
    network: Buffer.from(federation.network),
    rosterHistory: federation.history,
    statements: [federation.of('XA').signedStatement],
    noticedBy: 'XB',
    noticedAt: BigInt(TEST_NOW_MS),
    deed,
    ...change,
  }).finish();

const judge = (bytes: Uint8Array, networkDigest = federation.network) => {
  const verdict = judgeMisconduct({ bytes, networkDigest });
  return verdict.ok ? verdict.value : reasonName(verdict.reason);
};

const forkOf = (noteA: Buffer, noteB: Buffer, rootBAtA = Buffer.alloc(0), proof: Buffer[] = []) => ({
  $case: 'logFork' as const,
  value: { noteA, noteB, rootBAtA, proof },
});

describe('two histories of one log', () => {
  it('convict their owner by two roots for one size', async () => {
    const report = judge(file(forkOf(await toB().note(5), await toC().note(5))));
    expect(report).toMatchObject({
      culprits: ['XA'],
      deed: 'log-fork',
      at: TEST_NOW_MS,
      noticedBy: 'XB',
      what: expect.stringContaining('two roots for size 5'),
    });
  });

  it('convict their owner by two sizes that no tree has, with the larger tree’s own proof', async () => {
    const [b, c] = [toB(), toC()];
    for (const [small, large] of [
      [4, 8],
      [5, 9],
    ] as const) {
      const deed = forkOf(
        await b.note(small),
        await c.note(large),
        Buffer.from(c.rootAt(small)),
        await c.consistency(small, large),
      );
      expect(judge(file(deed))).toMatchObject({ culprits: ['XA'], deed: 'log-fork' });
    }
  });

  it('convict whatever time stands in the notes: a forger would choose one at which no statement held', async () => {
    const old = SECONDS - 400_000_000n;
    expect(judge(file(forkOf(await toB().note(5, old), await toC().note(5))))).toMatchObject({
      culprits: ['XA'],
    });
  });

  it('convict nobody where there is one history', async () => {
    const b = toB();
    expect(judge(file(forkOf(await b.note(5), await b.note(5, SECONDS + 1n))))).toBe('PROOF_INVALID');
    const grown = forkOf(
      await b.note(4),
      await b.note(8),
      Buffer.from(b.rootAt(4)),
      await b.consistency(4, 8),
    );
    expect(judge(file(grown))).toBe('PROOF_INVALID');
    // The part before the fork is shared: XA signed no contradiction in it.
    const shared = forkOf(
      await b.note(3),
      await toC().note(8),
      Buffer.from(toC().rootAt(3)),
      await toC().consistency(3, 8),
    );
    expect(judge(file(shared))).toBe('PROOF_INVALID');
    const made = forkOf(await b.note(4), await b.note(8), Buffer.alloc(32, 7), await b.consistency(4, 8));
    expect(judge(file(made))).toBe('LOG_INCONSISTENT');
  });

  it('convict nobody where a signature, the statement or the network is not the one', async () => {
    const [b, c] = [await toB().note(5), await toC().note(5)];
    const forged = Buffer.from(c);
    forged[forged.length - 40] = forged[forged.length - 40] === 65 ? 66 : 65;
    expect(['SIGNATURE_INVALID', 'CHECKPOINT_INVALID']).toContain(judge(file(forkOf(b, forged))));
    expect(judge(file(forkOf(b, c), { statements: [] }))).toBe('STATEMENT_UNKNOWN');
    expect(judge(file(forkOf(b, c), { statements: [federation.of('XB').signedStatement] }))).toBe(
      'STATEMENT_UNKNOWN',
    );
    expect(judge(file(forkOf(b, c)), new Uint8Array(32).fill(1))).toBe('WRONG_NETWORK');
    expect(judge(file(forkOf(b, c), { network: Buffer.alloc(32, 1) }))).toBe('WRONG_NETWORK');
    expect(judge(file(forkOf(b, c), { format: 2 }))).toBe('FORMAT_UNSUPPORTED');
    const statements = Array.from({ length: 65 }, () => federation.of('XA').signedStatement);
    expect(judge(file(forkOf(b, c), { statements }))).toBe('TOO_LARGE');
    expect(judge(utf8('no such thing'))).toBe('MALFORMED');
  });
});

describe('two histories of one record', () => {
  /** A header of XA's; fresh salts make it another each time. */
  const header = (revision: number, supersedes?: Uint8Array): Uint8Array => {
    const { content } = contentFromJson(exampleContent('warning', TEST_NOW_MS), {
      deskGroup: DeskGroup.DESK_GROUP_POLICE,
      nowMs: TEST_NOW_MS,
    });
    if (!content) throw new Error('expected a content without faults');
    return assembleRecord({
      network: federation.network,
      logOrigin: federation.of('XA').statement.statement.logOrigin,
      originator: 'XA',
      recordId: new Uint8Array(16).fill(3),
      revision,
      content,
      released: TEST_NOW_MS,
      salt: () => systemRandom.bytes(32),
      ...(supersedes && { supersedes }),
    }).signed.bytes;
  };
  const proven = async (bytes: Uint8Array) => {
    const log = history([leafHash(bytes)]);
    return {
      header: Buffer.from(bytes),
      inclusion: { index: 0n, proof: await log.inclusion(0, 1), checkpoint: await log.note(1) },
    };
  };
  const fork = async (a: Uint8Array, b: Uint8Array) =>
    judge(file({ $case: 'recordFork', value: { a: await proven(a), b: await proven(b) } }));

  it('convict their originator, who signed both under its log', async () => {
    expect(await fork(header(1), header(1))).toMatchObject({
      culprits: ['XA'],
      deed: 'record-fork',
      what: expect.stringContaining('two headers for revision 1'),
    });
    expect(await fork(header(1), header(2, new Uint8Array(32)))).toMatchObject({
      culprits: ['XA'],
    });
  });

  it('convict nobody where they are one, follow each other, or stand in no log', async () => {
    const first = header(1);
    expect(await fork(first, first)).toBe('PROOF_INVALID');
    expect(await fork(first, header(2, sha256(first)))).toBe('PROOF_INVALID');
    const a = await proven(first);
    const b = { ...(await proven(header(1))), inclusion: a.inclusion };
    expect(judge(file({ $case: 'recordFork', value: { a, b } }))).toBe('PROOF_INVALID');
    const bare = { header: b.header, inclusion: undefined };
    expect(judge(file({ $case: 'recordFork', value: { a, b: bare } }))).toBe('MALFORMED');
  });
});

describe('two manifests', () => {
  const manifest = (change: Partial<Manifest> = {}) =>
    encodeSigned(
      'manifest',
      federation.network,
      Manifest.encode(
        Manifest.fromPartial({
          format: 1,
          sender: 'XA',
          recipient: 'XB',
          incarnation: 1,
          lane: 1,
          seq: 4n,
          previous: Buffer.alloc(32, 1),
          statementDigest: Buffer.from(federation.of('XA').statement.digest),
          ...change,
        }),
      ).finish(),
    );
  const fork = async (a: Uint8Array, b: Uint8Array, signer = 'XA') => {
    const { keyring } = federation.of(signer);
    return judge(
      file({
        $case: 'manifestFork',
        value: {
          manifestA: Buffer.from(a),
          signatureA: await keyring.sign('link', 'manifest', a),
          manifestB: Buffer.from(b),
          signatureB: await keyring.sign('link', 'manifest', b),
        },
      }),
    );
  };

  it('under one number convict their sender, and so does one that names another predecessor', async () => {
    expect(await fork(manifest(), manifest({ rosterVersion: 9n }))).toMatchObject({
      culprits: ['XA'],
      deed: 'manifest-fork',
      what: expect.stringContaining('number 4 of lane 1 to XB'),
    });
    expect(await fork(manifest(), manifest({ seq: 5n, previous: Buffer.alloc(32) }))).toMatchObject({
      culprits: ['XA'],
    });
  });

  it('convict nobody where they are one, of other lanes, follow each other, or are signed by another', async () => {
    const first = manifest();
    expect(await fork(first, first)).toBe('PROOF_INVALID');
    expect(await fork(first, manifest({ lane: 0 }))).toBe('PROOF_INVALID');
    expect(await fork(first, manifest({ recipient: 'XC' }))).toBe('PROOF_INVALID');
    expect(await fork(first, manifest({ seq: 5n, previous: Buffer.from(sha256(first)) }))).toBe(
      'PROOF_INVALID',
    );
    expect(await fork(first, manifest({ rosterVersion: 9n }), 'XB')).toBe('SIGNATURE_INVALID');
  });
});

describe('two key statements', () => {
  const another = (sequence: bigint, predecessor?: Uint8Array) => {
    const { keyring, authority } = federation.of('XA');
    return createStatement(
      {
        network: federation.network,
        node: 'XA',
        incarnation: 1,
        sequence,
        notBeforeMs: TEST_NOW_MS - 5_000,
        notAfterMs: TEST_NOW_MS + 86_400_000,
        keyring,
        ...(predecessor && { predecessor }),
      },
      authority,
    );
  };

  it('under one sequence convict the authority that signed both; others convict nobody', async () => {
    const { signedStatement: a, statement } = federation.of('XA');
    const fork = (b: typeof a) => judge(file({ $case: 'statementFork', value: { a, b } }));
    expect(fork(await another(1n))).toMatchObject({ culprits: ['XA'], deed: 'statement-fork' });
    expect(fork(a)).toBe('PROOF_INVALID');
    expect(fork(await another(2n, statement.digest))).toBe('PROOF_INVALID');
    expect(fork(federation.of('XB').signedStatement)).toBe('PROOF_INVALID');
  });
});
