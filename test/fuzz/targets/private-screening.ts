/**
 * Private screening, as each side meets the other: what a partner asks of a whole holder, and what a holder that lies answers to who
 * asks. A month's key is signed again after it was changed, so that what comes after the signature is reached.
 */
import { concat } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import {
  EvaluateRequest,
  EvaluateResponse,
  GetBucketRequest,
  GetBucketResponse,
  GetMonthKeyRequest,
  GetMonthKeyResponse,
} from '../../../src/gen/tocsin/exchange/v1/private_screening_service.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { messageDescriptor } from '../../../src/record/descriptor.ts';
import { encodeSigned, judgeMessage, judgeSigned } from '../../../src/record/index.ts';
import {
  PrivateAsker,
  PrivateHolder,
  PrivateScreeningError,
  privateScreeningHandlers,
} from '../../../src/screening/index.ts';
import { epochInfo } from '../../../src/screening/private/epoch.ts';
import { poprf } from '../../../src/screening/private/oprf.ts';
import { type CallContext, Metadata, RpcError } from '../../../src/transport/index.ts';
import { makeFederation } from '../../support/authority.ts';
import { TestNetwork } from '../../support/exchange-network.ts';
import { by, PARTNERS, PRIVATE_NODES, PrivateNode } from '../../support/private-network.ts';
import { generateMessage } from '../mutate/protobuf.ts';
import { accepted, type OpenTarget, type Outcome, outcomeOf, refused, type Target } from '../target.ts';

const NAME = 'Borgatil Ostrog Venskadze';
/** More questions than a run asks. */
const BUDGET = 10_000_000;
const PACKAGE = 'tocsin.exchange.v1';

/** XA lists a name, XB may ask about it. */
async function holderAndAsker() {
  const federation = await makeFederation({ nodes: PRIVATE_NODES, baselinePolicy: baselinePolicy() });
  const net = await TestNetwork.create({ nodes: PRIVATE_NODES }, federation);
  const [xa, xb] = [new PrivateNode(net, 'XA'), new PrivateNode(net, 'XB')];
  for (const { node } of [xa, xb])
    for (const other of PARTNERS)
      await node.directory.judgeAndKeep(other, federation.of(other).signedStatement);
  const signed = await xa.node.release('watchlist-entry');
  const entry = {
    headerDigest: signed.digest,
    recordId: signed.header.recordId,
    names: [NAME],
    identifiers: [],
  };
  const { store, clock, directory, self } = xa.node;
  const { network } = directory;
  const holder = new PrivateHolder(
    {
      store,
      clock,
      network,
      self,
      keys: xa.monthKeys(),
      entriesFor: async function* () {
        yield entry;
      },
      onFailure: (_, error) => {
        throw error;
      },
    },
    { partners: ['XB'], budgetPerDay: BUDGET, rebuildMs: 60_000 },
  );
  await holder.refresh(new AbortController().signal);
  const handlers = privateScreeningHandlers({ holder, directory, clock });
  const { signal } = new AbortController();
  const context = (method: string) =>
    ({ peer: 'XB', method, metadata: new Metadata(), signal }) as unknown as CallContext;
  const month = new Date(clock.nowMs()).toISOString().slice(0, 7);
  const honest = {
    getMonthKey: (request: GetMonthKeyRequest) => handlers.getMonthKey(request, context('GetMonthKey')),
    evaluate: (request: EvaluateRequest) => handlers.evaluate(request, context('Evaluate')),
    getBucket: (request: GetBucketRequest) => handlers.getBucket(request, context('GetBucket')),
  };
  const close = async (): Promise<void> => {
    await net.close();
    await federation[Symbol.asyncDispose]();
  };
  return { federation, xa, xb, honest, month, network, close };
}

/** Both sides refuse by errors of their own. */
async function outcomeOfCall(run: () => Promise<unknown>): Promise<Outcome> {
  try {
    return accepted(await run());
  } catch (error) {
    if (error instanceof RpcError || error instanceof PrivateScreeningError) return refused(error.code);
    throw error;
  }
}

const REQUESTS = [
  ['getMonthKey', 'GetMonthKeyRequest', GetMonthKeyRequest],
  ['evaluate', 'EvaluateRequest', EvaluateRequest],
  ['getBucket', 'GetBucketRequest', GetBucketRequest],
] as const;

const asked: Target = {
  name: 'private-asked',
  reads: 'what a partner asks: every handler of PrivateScreeningService over a holder with a set',
  stateful: true,
  timeMs: 1_500,
  quick: 60,
  open: async (): Promise<OpenTarget> => {
    const { honest, month, network, xb, close } = await holderAndAsker();
    const numberOf = (bytes: Uint8Array) => (bytes[0] ?? 0) % REQUESTS.length;
    const descOf = (number: number) => messageDescriptor(`${PACKAGE}.${REQUESTS[number]?.[1] ?? ''}`);
    const { key, setVersion } = await honest.getMonthKey({ month, holder: '' });
    const suite = poprf(epochInfo({ network, holder: 'XA', asker: 'XB', month }));
    const body = judgeSigned('private-key', network, key?.body ?? new Uint8Array());
    if (!body.ok) throw new Error(body.detail);
    const { elements } = suite.blind(
      Array.from({ length: 8 }, () => systemRandom.bytes(32)),
      body.value.slice(-32),
    );
    const seed = (number: number, bytes: Uint8Array) => concat(Uint8Array.of(number), bytes);
    return {
      form: (bytes) => ({ kind: 'protobuf', prefix: 1, desc: descOf(numberOf(bytes)) }),
      seeds: [
        ...['', 'XA', 'XC'].map((holder) => seed(0, GetMonthKeyRequest.encode({ month, holder }).finish())),
        seed(
          1,
          EvaluateRequest.encode({ month, elements: elements.map((one) => Buffer.from(one)) }).finish(),
        ),
        seed(2, GetBucketRequest.encode({ month, setVersion, prefix: 0 }).finish()),
      ],
      generate: (dice) => {
        const number = dice.below(REQUESTS.length);
        return seed(number, generateMessage(descOf(number), dice));
      },
      read: (bytes) => {
        const [method, type, codec] = REQUESTS[numberOf(bytes)] as (typeof REQUESTS)[number];
        const request = judgeMessage(
          codec as { decode(bytes: Uint8Array): unknown },
          `${PACKAGE}.${type}`,
          bytes.subarray(1),
          LIMITS.messageBytes,
        );
        if (!request.ok) return outcomeOf(request);
        return outcomeOfCall(async () => void (await honest[method](request.value as never)));
      },
      examine: async () => {
        const { hits } = await new PrivateAsker({
          ...xb.askerDeps,
          callsTo: () => honest,
          compareWith: () => [],
        }).ask({
          holder: 'XA',
          names: [NAME],
          identifiers: [],
          by,
          openTasking: async () => new Uint8Array(32),
        });
        return hits.length === 1 ? undefined : 'an honest question is not answered as before';
      },
      close,
    };
  },
};

const RESPONSES = [
  ['getMonthKey', 'GetMonthKeyResponse', GetMonthKeyResponse],
  ['evaluate', 'EvaluateResponse', EvaluateResponse],
  ['getBucket', 'GetBucketResponse', GetBucketResponse],
] as const;
/** The number of a seed that is the body of a month's key, which is signed after the change. */
const KEY_BODY = RESPONSES.length;

const answers: Target = {
  name: 'private-answers',
  reads: 'what a holder answers, and keys that it signs: PrivateAsker.ask',
  stateful: true,
  timeMs: 2_500,
  quick: 30,
  open: async (): Promise<OpenTarget> => {
    const { federation, honest, month, network, xa, xb, close } = await holderAndAsker();
    const { keyring } = federation.of('XA');
    const numberOf = (bytes: Uint8Array) => (bytes[0] ?? 0) % (RESPONSES.length + 1);
    const typeOf = (number: number) => `${PACKAGE}.${RESPONSES[number]?.[1] ?? 'PrivateMonthKey'}`;
    const seed = (number: number, bytes: Uint8Array) => concat(Uint8Array.of(number), bytes);
    const seeds: Uint8Array[] = [];
    const ask = (calls: typeof honest) =>
      // Another each time: what is kept of buckets is not asked for again.
      new PrivateAsker({ ...xb.askerDeps, callsTo: () => calls, compareWith: () => [] }).ask({
        holder: 'XA',
        names: [NAME],
        identifiers: [],
        by,
        openTasking: async () => new Uint8Array(32),
      });
    // What an honest holder answers is what is changed.
    await ask({
      async getMonthKey(request) {
        const response = await honest.getMonthKey(request);
        seeds.push(seed(0, GetMonthKeyResponse.encode(response).finish()));
        return response;
      },
      async evaluate(request) {
        const response = await honest.evaluate(request);
        seeds.push(seed(1, EvaluateResponse.encode(response).finish()));
        return response;
      },
      async getBucket(request) {
        const response = await honest.getBucket(request);
        seeds.push(seed(2, GetBucketResponse.encode(response).finish()));
        return response;
      },
    });
    const { key } = await honest.getMonthKey({ month, holder: '' });
    const body = judgeSigned('private-key', network, key?.body ?? new Uint8Array());
    if (!body.ok) throw new Error(body.detail);
    seeds.push(seed(KEY_BODY, body.value));
    return {
      form: (bytes) => ({ kind: 'protobuf', prefix: 1, desc: messageDescriptor(typeOf(numberOf(bytes))) }),
      seeds,
      generate: (dice) => {
        const number = dice.below(RESPONSES.length + 1);
        return seed(number, generateMessage(messageDescriptor(typeOf(number)), dice));
      },
      read: async (bytes) => {
        const number = numberOf(bytes);
        const told = bytes.subarray(1);
        if (number === KEY_BODY) {
          const signed = Buffer.from(encodeSigned('private-key', network, told));
          const signature = await keyring.sign('link', 'private-key', signed);
          const getMonthKey = async (request: GetMonthKeyRequest) => ({
            ...(await honest.getMonthKey(request)),
            key: { body: signed, signature },
          });
          return outcomeOfCall(async () => (await ask({ ...honest, getMonthKey })).hits.length);
        }
        const [method, , codec] = RESPONSES[number] as (typeof RESPONSES)[number];
        const response = judgeMessage(
          codec as { decode(bytes: Uint8Array): unknown },
          typeOf(number),
          told,
          LIMITS.messageBytes,
        );
        if (!response.ok) return outcomeOf(response);
        const lying = { ...honest, [method]: async () => response.value };
        return outcomeOfCall(async () => (await ask(lying)).hits.length);
      },
      examine: async () => {
        if ((await ask(honest)).hits.length !== 1) return 'an honest answer is not believed as before';
        const [failure] = [...xa.failures, ...xb.failures];
        return failure === undefined ? undefined : `failed beside the call: ${String(failure)}`;
      },
      close,
    };
  },
};

export const PRIVATE_SCREENING_TARGETS: readonly Target[] = [asked, answers];
