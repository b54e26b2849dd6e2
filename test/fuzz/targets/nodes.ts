/**
 * Whole nodes, as a malicious member or officer meets them: the handlers that production serves, over real stores, keys and
 * policies. What is sent is changed before it is signed and sealed, so that it reaches what lies behind the signatures.
 */
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { concat, hex } from '../../../src/base/bytes.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { ExchangeServiceDefinition } from '../../../src/gen/tocsin/exchange/v1/exchange_service.ts';
import { Manifest, ParcelItem } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import { Handshake } from '../../../src/gen/tocsin/exchange/v1/session.ts';
import { WitnessServiceDefinition } from '../../../src/gen/tocsin/exchange/v1/witness_service.ts';
import { nodeHost } from '../../../src/identity/index.ts';
import { examineStore } from '../../../src/node/fsck.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { messageDescriptor } from '../../../src/record/descriptor.ts';
import { judgeMessage, KINDS, reasonName, sha256 } from '../../../src/record/index.ts';
import { StoreError } from '../../../src/store/index.ts';
import { clientOf, Metadata, RpcError } from '../../../src/transport/index.ts';
import { makeFederation } from '../../support/authority.ts';
import { EXAMPLE_KINDS, exampleContent } from '../../support/contents.ts';
import { type CallUnderWay, QUICK, TestNetwork } from '../../support/exchange-network.ts';
import { linkSessionsOf } from '../../support/link-sessions.ts';
import { type Opened, ParcelForge } from '../../support/parcel-forge.ts';
import { deskWorld } from '../../unit/desk/desk-world.ts';
import { generateMessage } from '../mutate/protobuf.ts';
import type { Scene } from '../scene.ts';
import { accepted, type OpenTarget, type Outcome, outcomeOf, refused, type Target } from '../target.ts';
import { DESK_SERVICES } from './desk-services.ts';

const NODES = [
  { node: 'XA', groups: ['adequate', 'sac'] },
  { node: 'XB', groups: ['adequate', 'sac'] },
];

/** Two nodes that have exchanged records of every kind; from then on XA is whoever the fuzzer makes of it. */
async function twoNodes() {
  const federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
  const net = await TestNetwork.create({ nodes: NODES, options: QUICK }, federation);
  const asked: CallUnderWay[] = [];
  net.refuses = (call) => {
    if (call.self === 'XA' && asked.length < 200) asked.push(call);
    return false;
  };
  await net.start();
  const [xa, xb] = [net.of('XA'), net.of('XB')];
  for (const kind of EXAMPLE_KINDS) await xa.release(kind).catch(() => undefined);
  const signed = await xb.release();
  await net.until('records went both ways', async () => xa.told.delivered > 3 && xb.told.delivered > 0);
  await net.until('nothing is on its way', async () => (await xa.waiting()) === 0);
  await xa.stop();
  net.refuses = () => false;
  const examine = async (end: boolean): Promise<string | undefined> => {
    const honest = clientOf(ExchangeServiceDefinition, net.caller('XA', 'XB'));
    const { statements } = await honest.getKeys({ node: '', statementDigest: Buffer.alloc(0) });
    if (statements.length === 0) return 'an honest call is not answered as before';
    const [fault] = xb.told.faults.splice(0);
    if (fault !== undefined) return `failed beside the call: ${told(fault)}`;
    if (!end) return undefined;
    const found: string[] = [];
    await examineStore(
      { store: xb.store, blobs: xb.blobs, network: federation.network, self: 'XB', clock: xb.clock },
      ({ code, subject, detail }) => found.push(`${code} ${subject}: ${detail}`),
    );
    return found[0];
  };
  const close = async (): Promise<void> => {
    await net.close();
    await federation[Symbol.asyncDispose]();
  };
  return { federation, net, xa, xb, asked, signed, examine, close };
}

const told = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message).slice(0, 1_500) : String(error);

/** A handler refuses by a status of its own; what its store refuses, it should have refused before. */
async function outcomeOfCall(run: () => Promise<unknown>): Promise<Outcome> {
  try {
    return accepted(await run());
  } catch (error) {
    if (error instanceof StoreError) throw new Error(`the store had to refuse it: ${told(error)}`);
    if (error instanceof RpcError) return refused(error.code);
    throw error;
  }
}

const MOST_ANSWERS = 32;

async function read(result: unknown): Promise<number> {
  if (typeof result !== 'object' || result === null || !(Symbol.asyncIterator in result)) {
    await result;
    return 1;
  }
  let count = 0;
  for await (const _ of result as AsyncIterable<unknown>) if (++count >= MOST_ANSWERS) break;
  return count;
}

interface Method {
  readonly name: string;
  readonly requestType: {
    decode(bytes: Uint8Array): unknown;
    encode(request: never): { finish(): Uint8Array };
  };
}
const NODE_METHODS: readonly (readonly [string, string, Method])[] = [
  ExchangeServiceDefinition,
  WitnessServiceDefinition,
].flatMap(({ fullName, methods }) =>
  Object.entries(methods).map(
    ([key, method]) => [key, `/${fullName}/${method.name}`, method as Method] as const,
  ),
);
const typeOf = ({ name }: Method): string => `tocsin.exchange.v1.${name}Request`;

const calls: Target = {
  name: 'node-calls',
  reads: 'what a member asks: every handler of ExchangeService and WitnessService of a whole node',
  stateful: true,
  timeMs: 1_500,
  quick: 60,
  open: async (scene): Promise<OpenTarget> => {
    const { xb, asked, signed, examine } = await scene.shared('two nodes', twoNodes);
    const numberOf = (bytes: Uint8Array): number => (bytes[0] ?? 0) % NODE_METHODS.length;
    const encoded = (key: string, request: unknown): Uint8Array => {
      const number = NODE_METHODS.findIndex(([name]) => name === key);
      const [, , method] = NODE_METHODS[number] as (typeof NODE_METHODS)[number];
      return concat(Uint8Array.of(number), method.requestType.encode(request as never).finish());
    };
    const made = [0, 1].flatMap((lane) => [
      encoded('backfill', { lane, incarnation: 1, fromSeq: 1n, toSeq: 0n }),
      encoded('backfill', { lane, incarnation: 1, fromSeq: 0n, toSeq: 2n }),
      encoded('giveBack', { lane, afterIncarnation: 0, afterSeq: 0n, incarnation: 1 }),
      encoded('giveBack', { lane, afterIncarnation: 1, afterSeq: 1n, incarnation: 1 }),
    ]);
    const origin = xb.ledger.origins.live;
    return {
      form: (seed) => ({
        kind: 'protobuf',
        prefix: 1,
        desc: messageDescriptor(typeOf((NODE_METHODS[numberOf(seed)] as (typeof NODE_METHODS)[number])[2])),
      }),
      seeds: [
        ...asked.map(({ name, request }) => encoded(name, request)),
        ...made,
        encoded('getRosters', { aboveVersion: 0n }),
        encoded('getCheckpoints', { origin, size: 0n }),
        encoded('getCheckpoints', { origin, size: 1n }),
        encoded('fetchAttachment', {
          headerDigest: Buffer.from(signed.digest),
          blobDigest: Buffer.alloc(32),
          offset: 0n,
        }),
      ],
      generate: (dice) => {
        const number = dice.below(NODE_METHODS.length);
        const [, , method] = NODE_METHODS[number] as (typeof NODE_METHODS)[number];
        return concat(Uint8Array.of(number), generateMessage(messageDescriptor(typeOf(method)), dice));
      },
      read: (bytes) => {
        const [key, path, method] = NODE_METHODS[numberOf(bytes)] as (typeof NODE_METHODS)[number];
        const request = judgeMessage(
          method.requestType,
          typeOf(method),
          bytes.subarray(1),
          LIMITS.messageBytes,
        );
        return outcomeOf(request, () => accepted(undefined)).kind === 'refused' || !request.ok
          ? outcomeOf(request)
          : outcomeOfCall(() => {
              const { signal } = new AbortController();
              const context = { peer: 'XA', method: path, metadata: new Metadata(), signal };
              const handlers: Record<string, unknown> = {
                ...xb.exchange.handlers,
                ...xb.exchange.witnessHandlers,
              };
              const handler = handlers[key] as (request: unknown, context: unknown) => unknown;
              return read((async () => handler(request.value, context))());
            });
      },
      examine,
    };
  },
};

/** First byte: whose bits are 0, the address, bit 1 = lane, and the checkpoint are made right again. */
const ADDRESS_AS_IT_IS = 1;
const LANE_0 = 2;
const CHECKPOINT_AS_IT_IS = 4;

async function mailbox(scene: Scene) {
  const { federation, net, xa, xb, examine } = await scene.shared('two nodes', twoNodes);
  const forge = new ParcelForge(net);
  const opened: Opened[] = [];
  for (const mail of net.mail.posted.filter(({ sender, recipient }) => sender + recipient === 'XAXB'))
    if (opened.length < 60) opened.push(await forge.open(mail));
  const newest = await xa.store.read((tx) => xa.ledger.newestCheckpoint(tx, 'live'));
  if (!newest) throw new Error('expected a checkpoint of XA');
  // Proofs of all that XA ever sent, against the one checkpoint that every parcel carries from now on.
  for (const { content, manifest } of opened)
    for (const [at, item] of content.items.entries()) {
      const digest = manifest.items[at]?.headerDigest ?? Buffer.alloc(0);
      const leaf = await xa.store
        .read((tx) => xa.ledger.proofFor(tx, digest, newest.size))
        .catch(() => undefined);
      if (leaf && item.inclusion)
        item.inclusion = {
          ...item.inclusion,
          index: leaf.index,
          proof: leaf.proof.map((hash) => Buffer.from(hash)),
        };
    }
  /** Signed and sealed by XA as the next of its lane; what XB made of it. */
  const send = async (first: number, parcel: Opened, change: Partial<Manifest> = {}): Promise<Outcome> => {
    const lane = (first & LANE_0) === 0 ? 1 : 0;
    const link = await xb.store.read((tx) => tx.links.in('XA', lane));
    const from = link?.checkpointSize ?? 0n;
    const proof =
      from > 0n ? await xa.store.read((tx) => xa.ledger.consistency(tx, 'live', from, newest.size)) : [];
    const checkpoint =
      (first & CHECKPOINT_AS_IT_IS) === 0
        ? {
            checkpoint: Buffer.from(newest.note),
            consistencyProof: proof.map((hash) => Buffer.from(hash)),
          }
        : {};
    const address =
      (first & ADDRESS_AS_IT_IS) === 0
        ? {
            format: 1,
            sender: 'XA',
            recipient: 'XB',
            incarnation: link?.incarnation ?? 1,
            lane,
            seq: (link?.seq ?? 0n) + 1n,
            previous: Buffer.from(link?.digest ?? []),
            rosterDigest: Buffer.from(federation.roster.digest),
            rosterVersion: federation.roster.version,
            statementDigest: Buffer.from(federation.of('XA').statement.digest),
          }
        : {};
    const content = await forge.sign(parcel, { ...change, ...checkpoint, ...address }, { signer: 'XA' });
    const bytes = await forge.seal(content, { lane });
    const { refused: refusals, failures } = xb.told;
    const [before, received] = [refusals.length, xb.told.received];
    const became = await net.mail.offer({ sender: 'XA', recipient: 'XB', lane, bytes });
    if (became === 'left') throw new Error(`neither taken nor refused: ${failures.at(-1)}`);
    if (became === 'later') return refused('LATER');
    const reason = refusals[before];
    if (reason !== undefined) return refused(reason);
    return xb.told.received > received ? accepted('taken') : accepted('nothing new');
  };
  return { opened, send, examine };
}

const manifests: Target = {
  name: 'node-mailbox',
  reads:
    'a manifest that a member changed before it signed and sealed it, through the mailbox of a whole node',
  stateful: true,
  timeMs: 1_500,
  quick: 30,
  open: async (scene): Promise<OpenTarget> => {
    const { opened, send, examine } = await mailbox(scene);
    const desc = messageDescriptor('tocsin.exchange.v1.Manifest');
    const first = ({ lane }: Manifest): number => (lane === 0 ? LANE_0 : 0);
    return {
      form: { kind: 'protobuf', desc, prefix: 2 },
      // Last those with everything right but what is changed: a short run begins with them, and they are taken.
      seeds: [ADDRESS_AS_IT_IS, CHECKPOINT_AS_IT_IS, 0].flatMap((more) =>
        opened.map(({ manifest }, at) =>
          concat(Uint8Array.of(first(manifest) | more, at), Manifest.encode(manifest).finish()),
        ),
      ),
      read: async (bytes) => {
        const manifest = judgeMessage(
          Manifest,
          'tocsin.exchange.v1.Manifest',
          bytes.subarray(2),
          LIMITS.messageBytes,
        );
        // Of bytes that are no manifest others see to; here it is about what one says.
        if (!manifest.ok) return outcomeOf(manifest);
        const parcel = opened[(bytes[1] ?? 0) % opened.length] as Opened;
        return send(bytes[0] ?? 0, { ...parcel, manifest: manifest.value });
      },
      examine,
    };
  },
};

const items: Target = {
  name: 'node-items',
  reads:
    'an item that a member changed before it listed, signed and sealed it, through the mailbox of a whole node',
  stateful: true,
  timeMs: 1_500,
  quick: 30,
  open: async (scene): Promise<OpenTarget> => {
    const { opened, send, examine } = await mailbox(scene);
    const listed = opened.flatMap((parcel, at) =>
      parcel.content.items.map((item, line) => ({ parcel, at, item, line })),
    );
    const desc = messageDescriptor('tocsin.exchange.v1.ParcelItem');
    return {
      form: { kind: 'protobuf', desc, prefix: 2 },
      seeds: listed.map(({ parcel, item }, at) =>
        concat(Uint8Array.of(parcel.manifest.lane === 0 ? LANE_0 : 0, at), ParcelItem.encode(item).finish()),
      ),
      read: async (bytes) => {
        const item = judgeMessage(
          ParcelItem,
          'tocsin.exchange.v1.ParcelItem',
          bytes.subarray(2),
          LIMITS.messageBytes,
        );
        if (!item.ok) return outcomeOf(item);
        const { parcel, line } = listed[(bytes[1] ?? 0) % listed.length] as (typeof listed)[number];
        const before = parcel.manifest.items[line];
        if (before === undefined) return refused('NO_LINE');
        const { header, facets } = item.value;
        const named = {
          ...before,
          headerDigest: header.length > 0 ? Buffer.from(sha256(header)) : before.headerDigest,
          facets: facets.map(({ facet }) => facet),
        };
        const changed = { ...parcel, content: { ...parcel.content, items: [item.value] } };
        return send(bytes[0] ?? 0, changed, { items: [named] });
      },
      examine,
    };
  },
};

/** Kinds that nodes state about the exchange itself: whatever stands in them, a partner's log proves it. */
const CONTROL = [...KINDS.values()].filter(({ control, facets }) => control && facets.length > 0);

const controls: Target = {
  name: 'node-controls',
  reads: 'a control record with anything in it, logged, signed and sent by a member to a whole node',
  stateful: true,
  timeMs: 8_000,
  quick: 6,
  open: async (): Promise<OpenTarget> => {
    const { net, xa, xb, examine, close } = await twoNodes();
    await xa.restart();
    const descs = CONTROL.map(({ facets }) => messageDescriptor(facets[0]?.typeName ?? ''));
    const held = await xa.store.read((tx) => tx.records.list({ world: 'both', limit: 500 }));
    const seeds: Uint8Array[] = [];
    for (const { headerDigest, kind } of held.items) {
      const number = CONTROL.findIndex(({ code }) => code === kind);
      const [facet] = await xa.store.read((tx) => tx.records.facets(headerDigest));
      if (number >= 0 && facet) seeds.push(concat(Uint8Array.of(number), facet.body));
    }
    return {
      form: (seed) => ({
        kind: 'protobuf',
        prefix: 1,
        desc: descs[(seed[0] ?? 0) % CONTROL.length],
      }),
      seeds,
      generate: (dice) => {
        const number = dice.below(CONTROL.length);
        const desc = descs[number];
        return concat(Uint8Array.of(number), desc ? generateMessage(desc, dice) : new Uint8Array());
      },
      read: async (bytes) => {
        const kind = CONTROL[(bytes[0] ?? 0) % CONTROL.length]?.code ?? '';
        const body = bytes.subarray(1);
        if (body.length > LIMITS.facetBytes) return refused('TOO_LARGE');
        const digest = await xa.store.write((tx) => xa.exchange.state(tx, { kind, body, to: ['XB'] }));
        let row: { state: string; resultReason?: number | undefined } | undefined;
        await net.until('it is answered', async () => {
          [row] = await xa.store.read((tx) => tx.outbox.ofRecord(digest));
          return row !== undefined && row.state !== 'waiting' && row.state !== 'sent';
        });
        const [fault] = xb.told.faults.splice(0);
        if (fault !== undefined) throw fault;
        return row?.state === 'refused' ? refused(reasonName(row.resultReason ?? 0)) : accepted(row?.state);
      },
      examine,
      close,
    };
  },
};

const handshakes: Target = {
  name: 'node-handshake',
  reads: 'a message of a handshake, answered by who keeps sessions: LinkSessions.answer',
  stateful: true,
  timeMs: 400,
  quick: 60,
  open: async (scene): Promise<OpenTarget> => {
    const federation = await scene.federation();
    let time = 0;
    const common = { monotonicMs: () => time };
    const b = linkSessionsOf(federation, 'XB', common);
    const carried: Uint8Array[] = [];
    const carry = async (message: Uint8Array): Promise<Uint8Array> => {
      carried.push(message);
      return (await b.answer('XA', message)) ?? new Uint8Array();
    };
    await linkSessionsOf(federation, 'XA', common).begin('XB', carry);
    return {
      form: { kind: 'protobuf', desc: messageDescriptor('tocsin.exchange.v1.Handshake') },
      seeds: [...carried],
      read: async (bytes) => {
        time += 16_000;
        const answer = await b.answer('XA', bytes);
        if (answer === undefined) return refused('NO_ANSWER');
        const { step } = Handshake.decode(answer);
        return step?.$case === 'refusal' ? refused(reasonName(step.value.reason)) : accepted(step?.$case);
      },
      examine: async () => {
        const call = await linkSessionsOf(federation, 'XA', common).begin('XB', carry);
        const frame = call.seal(Uint8Array.of(1)).sealed;
        const taken = b.accept('XA', call.sessionId, call.number, 0, frame).kind;
        return taken === 'call' ? undefined : `an honest session is not taken: ${taken}`;
      },
    };
  },
};

const DESK_METHODS = DESK_SERVICES.flatMap(({ fullName, methods }) =>
  Object.values(methods as Record<string, Method>).map((method) => ({
    path: `/${fullName}/${method.name}`,
    typeName: `${fullName.slice(0, fullName.lastIndexOf('.'))}.${method.name}Request`,
    requestType: method.requestType,
  })),
);
/** They go on until their caller leaves. */
const DESK_CALL_MS = 400;

const desk: Target = {
  name: 'node-desk',
  reads: 'what an officer asks: every method of the desk over mutual TLS',
  stateful: true,
  timeMs: 2_000,
  timeMsPerKiB: 4,
  quick: 60,
  open: async (): Promise<OpenTarget> => {
    const world = await deskWorld();
    const [certificate, second] = await Promise.all([
      world.officer('customs', 'officer'),
      world.officer('customs', 'releaser'),
    ]);
    const [officer, releaser] = [world.as(certificate), world.as(second)];
    const contentJson = JSON.stringify(exampleContent('seizure-notice'));
    const drafted = async (): Promise<string> =>
      (await officer.records.createDraft({ contentJson })).draft?.id ?? '';
    const [open, submitted, toRelease] = [await drafted(), await drafted(), await drafted()];
    await officer.records.submitDraft({ draftId: submitted });
    await officer.records.submitDraft({ draftId: toRelease });
    const { record } = await releaser.records.releaseDraft({ draftId: toRelease });
    await world.xa.ledger.sequence('live');
    const headerDigest = Buffer.from(record?.headerDigest ?? []);
    const names: Readonly<Record<string, unknown>> = {
      contentJson,
      draftId: open,
      headerDigest,
      recordId: Buffer.from(record?.recordId ?? []),
      draftIds: [open, submitted],
      pageSize: 10,
      node: 'XB',
      facets: ['summary'],
      recipients: ['XB'],
      note: 'a note',
      policy: '// nothing',
      kind: 'seizure-notice',
      text: 'rifle',
    };
    const numberOf = (bytes: Uint8Array): number => (bytes[0] ?? 0) % DESK_METHODS.length;
    const methodOf = (bytes: Uint8Array) => DESK_METHODS[numberOf(bytes)] as (typeof DESK_METHODS)[number];
    /** A request with what its fields are called like. */
    const seedOf = ({ typeName, requestType }: (typeof DESK_METHODS)[number], number: number) => {
      const request: Record<string, unknown> = requestType.decode(new Uint8Array()) as never;
      for (const { localName } of messageDescriptor(typeName).fields)
        if (localName in names) request[localName] = names[localName];
        else if (localName === 'reason' && request.reason === '')
          request.reason = 'a reason that is long enough';
        else if (localName === 'reason') request.reason = 1;
      return concat(Uint8Array.of(number), requestType.encode(request as never).finish());
    };
    const clients = [certificate, second].map(
      ({ certPem, keyPem }) =>
        new Client(
          world.server.address,
          credentials.createSsl(Buffer.from(world.ca), Buffer.from(keyPem), Buffer.from(certPem)),
          { 'grpc.ssl_target_name_override': nodeHost('XA'), 'grpc.max_send_message_length': -1 },
        ),
    );
    const call = (path: string, bytes: Uint8Array, as: number) =>
      new Promise<number>((resolve) => {
        const asIs = (value: Buffer) => value;
        const stream = (clients[as] as Client).makeBidiStreamRequest(path, asIs, asIs, {
          deadline: Date.now() + DESK_CALL_MS * 20,
        });
        const leave = setTimeout(() => stream.cancel(), DESK_CALL_MS);
        let code: number = status.OK;
        stream.on('error', (error: ServiceError) => {
          code = error.code;
        });
        stream.on('status', (ended: { code: number }) => {
          clearTimeout(leave);
          resolve(ended.code === status.OK ? code : ended.code);
        });
        stream.resume();
        stream.write(Buffer.from(bytes));
        stream.end();
      });
    return {
      form: (seed) => ({
        kind: 'protobuf',
        prefix: 2,
        desc: messageDescriptor(methodOf(seed).typeName),
      }),
      seeds: DESK_METHODS.flatMap((method, number) =>
        [0, 1].map((as) => {
          const seed = seedOf(method, number);
          return concat(seed.subarray(0, 1), Uint8Array.of(as), seed.subarray(1));
        }),
      ),
      generate: (dice) => {
        const number = dice.below(DESK_METHODS.length);
        const { typeName } = DESK_METHODS[number] as (typeof DESK_METHODS)[number];
        return concat(
          Uint8Array.of(number, dice.below(2)),
          generateMessage(messageDescriptor(typeName), dice),
        );
      },
      read: async (bytes) => {
        const { path } = methodOf(bytes);
        const code = await call(path, bytes.subarray(2), (bytes[1] ?? 0) & 1);
        const [fault] = world.faults.splice(0);
        if (fault !== undefined) throw new Error(`${path} failed by a fault of the node: ${told(fault)}`);
        if (code === status.INTERNAL || code === status.UNKNOWN)
          throw new Error(`${path} ended with status ${code}`);
        if (code === status.OK || code === status.CANCELLED) return accepted(path);
        return refused(status[code] ?? String(code));
      },
      examine: async () => {
        const { node } = await officer.network.getNodeStatus({});
        if (node !== 'XA') return 'an honest call is not answered as before';
        const shown = await officer.records.getRecord({ headerDigest });
        return hex(shown.record?.headerDigest ?? new Uint8Array()) === hex(headerDigest)
          ? undefined
          : 'a record is not shown as before';
      },
      close: async () => {
        for (const client of clients) client.close();
        await world[Symbol.asyncDispose]();
      },
    };
  },
};

export const NODE_TARGETS: readonly Target[] = [calls, manifests, items, controls, handshakes, desk];
