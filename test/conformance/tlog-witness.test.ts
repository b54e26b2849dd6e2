/**
 * The nine add-checkpoint requests of litewitness, in order, against one fresh witness, and once more over the sealed
 * call that nodes make. Their log signs with Ed25519 only,
 * so the log is judged by that key alone here; ours are judged by two. For an unknown log litewitness answered 403 where
 * the text of C2SP says 404: the text wins.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBase64, fromHex, textOf, utf8 } from '../../src/base/bytes.ts';
import { believed, disbelieved, type Verdict } from '../../src/base/verdict.ts';
import { witnessHandlers } from '../../src/exchange/index.ts';
import { WitnessServiceDefinition } from '../../src/gen/tocsin/exchange/v1/witness_service.ts';
import { Reason } from '../../src/gen/tocsin/record/v1/reason.ts';
import {
  type AddCheckpoint,
  createWitness,
  type Witness,
  type WitnessAnswer,
} from '../../src/ledger/index.ts';
import {
  type Checkpoint,
  isSignedBy,
  judgeCheckpointText,
  KEY_TYPE,
  parseNote,
  verifySignature,
} from '../../src/merkle/index.ts';
import { judgeCallMessage } from '../../src/node/message-judge.ts';
import { clientOf, createRpcClient, createRpcServer, RpcError, Status } from '../../src/transport/index.ts';
import { makeFederation } from '../support/authority.ts';
import { linkSessionsOf } from '../support/link-sessions.ts';
import { MemoryBroker } from '../support/memory-broker.ts';
import { type TemporaryStore, temporaryStore } from '../support/temporary-store.ts';
import { keyPair, signWith, stillClock } from '../unit/ledger/fixture.ts';

const file = resolve(process.env.TOCSIN_SHARED ?? '../shared', 'vectors/tlog/witness-add-checkpoint.json');
const present = existsSync(file);
if (!present) console.warn(`skipped: no vectors at ${file}; set TOCSIN_SHARED`);

interface Vectors {
  readonly log_origin: string;
  readonly log_ed25519_public_key_hex: string;
  readonly witness_name: string;
  readonly cases: readonly {
    readonly body: string;
    readonly status: number;
    readonly asserts: readonly string[];
  }[];
}

/** Body of the HTTP request, which travels as a protobuf message between our nodes. */
function requestOf(body: string): AddCheckpoint {
  const cut = body.indexOf('\n\n');
  const [old = '', ...hashes] = body.slice(0, cut).split('\n');
  return {
    oldSize: BigInt(old.slice('old '.length)),
    proof: hashes.map(fromBase64),
    checkpoint: utf8(body.slice(cut + 2)),
  };
}

function judgeEd25519(
  note: Uint8Array,
  origin: string,
  key: Uint8Array,
): Verdict<{ checkpoint: Checkpoint }, Reason> {
  const parsed = parseNote(note);
  if (!parsed.ok) return parsed;
  const checkpoint = judgeCheckpointText(parsed.value.text);
  if (!checkpoint.ok) return checkpoint;
  const line = parsed.value.signatures.find((each) => isSignedBy(each, origin, KEY_TYPE.ed25519, key));
  return line && verifySignature(KEY_TYPE.ed25519, key, utf8(parsed.value.text), line.signature)
    ? believed({ checkpoint: checkpoint.value })
    : disbelieved(Reason.REASON_SIGNATURE_INVALID, 'invalid signature');
}

/** C2SP's statuses out of what a call between nodes brings. */
const STATUS = new Map<number, number>([
  [Status.INVALID_ARGUMENT, 400],
  [Status.PERMISSION_DENIED, 403],
  [Status.NOT_FOUND, 404],
  [Status.FAILED_PRECONDITION, 422],
]);

/** The witness behind a sealed call from another member, as nodes ask it. */
async function calledWitness(
  witness: Witness,
): Promise<AsyncDisposable & { ask(body: string): Promise<Seen> }> {
  const stack = new AsyncDisposableStack();
  const federation = stack.use(await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] }));
  const broker = new MemoryBroker();
  const { net } = federation;
  const judge = judgeCallMessage;
  const server = createRpcServer(
    { broker, guard: linkSessionsOf(federation, 'XB') },
    { net, self: 'XB', judge },
  );
  const admit = ({ peer }: { readonly peer: string }) => expect(peer).toBe('XA');
  stack.use(server.add(WitnessServiceDefinition, witnessHandlers(witness, admit)).start());
  const client = stack.use(
    createRpcClient({ broker, guard: linkSessionsOf(federation, 'XA') }, { net, self: 'XA', judge }),
  );
  const calls = clientOf(WitnessServiceDefinition, client.callerTo('XB'));
  return {
    async ask(body) {
      const { oldSize, proof, checkpoint } = requestOf(body);
      const consistencyProof = proof.map((hash) => Buffer.from(hash));
      try {
        const request = { oldSize, consistencyProof, checkpoint: Buffer.from(checkpoint) };
        const { cosignatures, lastSize } = await calls.addCheckpoint(request);
        return cosignatures.length > 0
          ? { status: 200, body: textOf(cosignatures) }
          : { status: 409, body: `${lastSize}\n` };
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        return { status: STATUS.get(error.status) ?? error.status, body: '' };
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

interface Seen {
  readonly status: number;
  readonly body: string;
}

describe.skipIf(!present)('the add-checkpoint requests of litewitness', () => {
  const vectors: Vectors = present
    ? JSON.parse(readFileSync(file, 'utf8'))
    : { log_origin: '', log_ed25519_public_key_hex: '', witness_name: '', cases: [] };
  const logKey = fromHex(vectors.log_ed25519_public_key_hex);
  const key = keyPair();
  let held: TemporaryStore;
  let witness: Witness;

  const witnessOver = ({ store }: TemporaryStore): Witness =>
    createWitness({
      store,
      clock: stillClock(),
      name: vectors.witness_name,
      mlDsa44: () => key.publicKey.mlDsa44,
      sign: async (message) => signWith(key.mlDsa44, message),
      logOf: async (origin) =>
        origin === vectors.log_origin
          ? { node: 'XA', judge: (note) => judgeEd25519(note, origin, logKey) }
          : undefined,
    });

  beforeAll(async () => {
    held = await temporaryStore();
    witness = witnessOver(held);
  });
  afterAll(() => held[Symbol.asyncDispose]());

  const seenOf = (answer: WitnessAnswer): Seen => ({
    status: answer.status,
    body:
      answer.status === 200
        ? textOf(answer.cosignatures)
        : answer.status === 409
          ? `${answer.lastSize}\n`
          : '',
  });
  const expectAnswer = (seen: Seen, vector: Vectors['cases'][number]): void => {
    const unknownLog = vector.asserts.includes('body contains "unknown log"');
    expect(seen.status).toBe(unknownLog ? 404 : vector.status);
    const [, size] = /^body == "(\d+)\\n"$/.exec(vector.asserts[0] ?? '') ?? [];
    if (size !== undefined) expect(seen.body).toBe(`${size}\n`);
    if (seen.status === 200) expect(seen.body).toContain(`\u2014 ${vectors.witness_name}`);
  };

  it('are nine', () => expect(vectors.cases.length).toBe(9));
  it.each(vectors.cases.map((vector, at) => ({ at, ...vector })))('request $at: $status', async (vector) => {
    expectAnswer(seenOf(await witness.addCheckpoint(requestOf(vector.body))), vector);
  });

  it('get the same answers over the sealed call, one after the other', async () => {
    await using fresh = await temporaryStore();
    await using called = await calledWitness(witnessOver(fresh));
    for (const vector of vectors.cases) expectAnswer(await called.ask(vector.body), vector);
  });
});
