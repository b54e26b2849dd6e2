/** What comes from the broker: packets, frames, subjects, handshakes, calls, sealed parcels and what is in them. */
import { concat, utf8 } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import { decodeBadRequest, decodeErrorInfo, decodeRequestInfo } from '../../../src/desk/grpc/rpc-details.ts';
import { judgeSkip } from '../../../src/exchange/index.ts';
import {
  encodeContent,
  encodeManifest,
  encodeSkip,
  judgeContent,
  judgeListing,
} from '../../../src/exchange/parcel.ts';
import { CallMetadata, Frame } from '../../../src/gen/tocsin/exchange/v1/frame.ts';
import {
  ItemAction,
  Manifest,
  type ParcelItem,
  SignedSkip,
  Skip,
} from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { messageDescriptor } from '../../../src/record/descriptor.ts';
import { encodeSigned, judgeMessage, type SignedType, sha256 } from '../../../src/record/index.ts';
import { judgeSealedParcel, sealParcel } from '../../../src/seal/index.ts';
import { LinkSession, SessionCall } from '../../../src/seal/session-call.ts';
import {
  createFinish,
  createHello,
  createReply,
  judgeFinish,
  judgeHello,
  judgeReply,
  openReply,
} from '../../../src/seal/session-handshake.ts';
import { decodeCursor, encodeCursor } from '../../../src/store/row.ts';
import {
  decodeFrame,
  decodePacket,
  encodeFrame,
  encodeFramePacket,
  encodeHandshakePacket,
  encodeNoSessionPacket,
} from '../../../src/transport/codec.ts';
import { reasonDetail } from '../../../src/transport/index.ts';
import { decodeMetadata, encodeMetadata, Metadata } from '../../../src/transport/metadata.ts';
import {
  decodeStatusDetails,
  encodeStatusDetails,
  RpcError,
  reasonOf,
  Status,
} from '../../../src/transport/status.ts';
import { parseRpcInbox, parseSubject } from '../../../src/transport/subject.ts';
import { generateMessage } from '../mutate/protobuf.ts';
import { accepted, outcomeOf, refused, type Target } from '../target.ts';

const prefixOf = (type: SignedType): number =>
  encodeSigned(type, new Uint8Array(32), new Uint8Array()).length;
const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

interface SessionVector {
  readonly frames: readonly { readonly plaintext: string; readonly packet: string }[];
}

const packet: Target = {
  name: 'packet',
  reads: 'bytes on a call\u2019s subject before any seal is opened: decodePacket',
  open: (scene) => {
    const id = new Uint8Array(32).fill(3);
    return {
      form: { kind: 'bytes' },
      seeds: [
        ...scene.vector<SessionVector>('session').frames.map((frame) => unhex(frame.packet)),
        encodeHandshakePacket(new Uint8Array(16), new Uint8Array(300)),
        encodeFramePacket(id, 2n ** 64n - 1n, 0xffff_ffff, new Uint8Array(40)),
        encodeNoSessionPacket(id, 7n),
      ],
      read: (bytes) => {
        const read = decodePacket(bytes);
        if (read === undefined) return refused('NO_PACKET');
        if (read.kind === 'handshake')
          return accepted(read, encodeHandshakePacket(read.exchange, read.message));
        if (read.kind === 'frame')
          return accepted(read, encodeFramePacket(read.sessionId, read.call, read.frame, read.sealed));
        return accepted(read, encodeNoSessionPacket(read.sessionId, read.call));
      },
    };
  },
};

/** A first byte says who sends and whether it is its first frame. */
const frame: Target = {
  name: 'frame',
  reads:
    'a frame of an authenticated peer, its metadata and status: decodeFrame, decodeMetadata, decodeStatusDetails',
  open: (scene) => {
    const desc = messageDescriptor('tocsin.exchange.v1.Frame');
    const error = new RpcError(Status.NOT_FOUND, 'gone', { details: [reasonDetail(Reason.REASON_EXPIRED)] });
    const metadata = encodeMetadata(Metadata.from({ 'x-a': ['1', '2'], 'x-bin': Uint8Array.of(1, 255) }));
    const status = { code: 5, message: 'gone', details: Buffer.from(encodeStatusDetails(error)), metadata };
    const end = Frame.fromPartial({ status } as never);
    return {
      form: { kind: 'protobuf', desc, prefix: 1 },
      seeds: [
        ...scene
          .vector<SessionVector>('session')
          .frames.map(({ plaintext }, at) => concat(Uint8Array.of(at === 0 ? 0 : 2), unhex(plaintext))),
        concat(Uint8Array.of(3), encodeFrame(end)),
        concat(Uint8Array.of(2), encodeFrame(Frame.fromPartial({ header: metadata } as never))),
      ],
      generate: (dice) => concat(Uint8Array.of(dice.below(4)), generateMessage(desc, dice)),
      read: (bytes) => {
        const [role = 0] = bytes;
        const read = decodeFrame(bytes.subarray(1), (role & 2) === 0 ? 'caller' : 'callee', role & 1);
        if (read === undefined) return refused('NO_FRAME');
        const wire = [read.header, (read.open as { metadata?: CallMetadata } | undefined)?.metadata];
        const all = wire.map((one) => decodeMetadata(one)?.entries());
        return accepted([read, all], concat(Uint8Array.of(role), encodeFrame(read)));
      },
    };
  },
};

const details: Target = {
  name: 'status-details',
  reads: 'how a call ended, in google.rpc.Status: decodeStatusDetails, decodeBadRequest, decodeErrorInfo',
  open: () => {
    const error = new RpcError(Status.NOT_FOUND, 'gone', { details: [reasonDetail(Reason.REASON_EXPIRED)] });
    const seed = encodeStatusDetails(error);
    return {
      form: { kind: 'protobuf', desc: undefined },
      seeds: [seed, reasonDetail(Reason.REASON_EXPIRED).value],
      read: (bytes) => {
        const read = decodeStatusDetails(bytes);
        const again = new RpcError(Status.NOT_FOUND, 'gone', { details: read });
        return accepted([
          read,
          reasonOf(again),
          decodeBadRequest(bytes),
          decodeErrorInfo(bytes),
          decodeRequestInfo(bytes),
        ]);
      },
    };
  },
  total: true,
};

const metadata: Target = {
  name: 'metadata',
  reads: 'metadata of a call: decodeMetadata',
  open: () => {
    const desc = messageDescriptor('tocsin.exchange.v1.CallMetadata');
    return {
      form: { kind: 'protobuf', desc },
      seeds: [
        CallMetadata.encode(
          encodeMetadata(Metadata.from({ 'x-a': ['1', '2'], 'x-bin': Uint8Array.of(1, 255) })),
        ).finish(),
      ],
      read: (bytes) =>
        outcomeOf(judgeMessage(CallMetadata, 'tocsin.exchange.v1.CallMetadata', bytes, 1 << 20), (wire) => {
          const read = decodeMetadata(wire);
          return read === undefined
            ? refused('METADATA_INVALID')
            : accepted(read.entries(), CallMetadata.encode(encodeMetadata(read)).finish());
        }),
    };
  },
};

const names: Target = {
  name: 'subject',
  reads: 'subjects of the broker and cursors of the desk: parseSubject, parseRpcInbox, decodeCursor',
  open: () => ({
    form: { kind: 'text', tokens: ['.', '*', '>', 'tocsin.', 'mail', 'XA', '0', '_INBOX_'] },
    seeds: [
      'tocsin.0011223344556677.mail.XA.XB.0',
      'tocsin.0011223344556677.rpc.XA.XB',
      'tocsin.0011223344556677.log.XA',
      '_INBOX_XA.rpc.abcDEF0123.XB',
      encodeCursor('d', '1768478400000', 'abc'),
    ].map(utf8),
    read: (bytes) => {
      const text = Buffer.from(bytes).toString('utf8');
      const read = parseSubject(text) ?? parseRpcInbox(text);
      if (read !== undefined) return accepted(read);
      return accepted(decodeCursor(text, /^d (\d{1,16}) ([0-9a-zA-Z_-]{1,64})$/));
    },
  }),
};

const handshake: Target = {
  name: 'handshake',
  reads:
    'hello, reply and finish of a link session: judgeHello, createReply, judgeReply, openReply, judgeFinish',
  timeMs: 120,
  open: () => {
    const network = new Uint8Array(32).fill(9);
    const nowMs = 1_768_478_400_000;
    const scene = (self: string, peer: string) => ({
      network,
      self,
      peer,
      statementDigest: new Uint8Array(32),
      rosterDigest: new Uint8Array(32),
      nowMs,
    });
    const hello = createHello(scene('XA', 'XB'), systemRandom);
    const judged = judgeHello(scene('XB', 'XA'), hello.signed);
    if (!judged.ok) throw new Error(judged.detail);
    const reply = createReply(scene('XB', 'XA'), hello.signed, judged.value, systemRandom);
    if (!reply.ok) throw new Error(reply.detail);
    const types = ['Hello', 'Reply', 'Finish'] as const;
    const labels = ['hello', 'reply', 'finish'] as const;
    const kind = (bytes: Uint8Array): 0 | 1 | 2 => ((bytes[0] ?? 0) % 3) as 0 | 1 | 2;
    return {
      form: (seed) => ({
        kind: 'protobuf',
        desc: messageDescriptor(`tocsin.exchange.v1.${types[kind(seed)]}`),
        prefix: 1 + prefixOf(labels[kind(seed)]),
      }),
      seeds: [hello.signed, reply.value.signed, createFinish(network, reply.value.sessionId)].map(
        (bytes, at) => concat(Uint8Array.of(at), bytes),
      ),
      read: (bytes) => {
        const signed = bytes.subarray(1);
        if (kind(bytes) === 0)
          return outcomeOf(judgeHello(scene('XB', 'XA'), signed), (value) =>
            // The answer is made of fresh keys, so only whether there is one is compared.
            outcomeOf(createReply(scene('XB', 'XA'), signed, value, systemRandom), () => accepted(value)),
          );
        if (kind(bytes) === 1)
          return outcomeOf(judgeReply(scene('XA', 'XB'), hello.signed, signed), (value) =>
            outcomeOf(openReply(hello.secrets, hello.signed, signed, value), (opened) =>
              accepted([value, opened.sessionId]),
            ),
          );
        return outcomeOf(judgeFinish(network, signed));
      },
    };
  },
};

const evidence: Target = {
  name: 'call-evidence',
  reads: 'what a caller signs for a call: SessionCall.judge',
  open: async (scene) => {
    const { network, nowMs, of } = await scene.federation();
    const xa = of('XA');
    const key = xa.keyring.link;
    const session = new LinkSession(
      {
        network,
        self: 'XA',
        peer: 'XA',
        side: 'initiator',
        id: new Uint8Array(32).fill(4),
        keys: {} as never,
        peerLinkKey: key,
        peerStatementDigest: xa.statement.digest,
        peerRosterDigest: new Uint8Array(32),
        beganAt: 0,
      },
      {
        sign: (type, bytes) => xa.keyring.sign('link', type, bytes),
        clock: { nowMs: () => nowMs },
        monotonicMs: () => 0,
      },
    );
    const call = new SessionCall(session, 1n);
    const claim = {
      method: '/tocsin.exchange.v1.ExchangeService/Backfill',
      deadlineAt: nowMs + 30_000,
      requestDigest: sha256(utf8('x')),
    };
    const signed = await call.sign(claim);
    return {
      form: { kind: 'protobuf', desc: messageDescriptor('tocsin.exchange.v1.SignedCallEvidence') },
      seeds: [signed],
      read: (bytes) => outcomeOf(call.judge(bytes, claim), ({ signed: _, ...value }) => accepted(value)),
    };
  },
};

const digest = Buffer.alloc(32, 1);
const manifestFor = (change: Partial<Manifest> = {}): Manifest =>
  Manifest.fromPartial({
    format: 1,
    sender: 'XA',
    recipient: 'XB',
    incarnation: 1,
    lane: 1,
    seq: 2n,
    previous: digest,
    rosterDigest: digest,
    rosterVersion: 1n,
    statementDigest: digest,
    ...change,
  } as never);

/** Items and the lines of a manifest that lists them. */
function parcelItems(): readonly ParcelItem[] {
  const header = Buffer.from('a header');
  const facets = [{ facet: 'summary', salt: Buffer.alloc(32), body: Buffer.from([1]) }];
  return [
    { header, inclusion: undefined, facets, statementDigest: digest } as ParcelItem,
    { header: Buffer.alloc(0), inclusion: undefined, facets, statementDigest: digest } as ParcelItem,
  ];
}

const content: Target = {
  name: 'parcel-content',
  reads: 'an opened parcel with its manifest, listing and skip: judgeContent, judgeListing, judgeSkip',
  timeMsPerKiB: 3,
  open: async (scene) => {
    const { network, of } = await scene.federation();
    const items = parcelItems();
    const lines = [
      {
        action: ItemAction.ITEM_ACTION_RECORD,
        headerDigest: Buffer.from(sha256(items[0]?.header ?? digest)),
        facets: ['summary'],
        basis: '',
        consent: Buffer.alloc(0),
      },
      {
        action: ItemAction.ITEM_ACTION_FACETS,
        headerDigest: digest,
        facets: ['summary'],
        basis: 'B1',
        consent: digest,
      },
    ];
    const { bytes: signed } = encodeManifest(network, manifestFor({ items: lines } as never));
    const signature = await of('XA').keyring.sign('link', 'manifest', signed);
    const skip = encodeSkip(
      network,
      Skip.fromPartial({
        sender: 'XA',
        recipient: 'XB',
        incarnation: 1,
        lane: 1,
        seq: 2n,
        digest,
        reason: 1,
      } as never),
    );
    // 0: the parcel; 1: its manifest alone, put into a parcel here; 2: a skip.
    const kind = (bytes: Uint8Array): number => (bytes[0] ?? 0) % 3;
    return {
      form: (seed) => ({
        kind: 'protobuf',
        desc: messageDescriptor(
          `tocsin.exchange.v1.${['ParcelContent', 'Manifest', 'SignedSkip'][kind(seed)]}`,
        ),
        prefix: kind(seed) === 1 ? 1 + prefixOf('manifest') : 1,
      }),
      seeds: [
        concat(Uint8Array.of(0), encodeContent(signed, signature, items)),
        concat(Uint8Array.of(1), signed),
        concat(Uint8Array.of(2), SignedSkip.encode({ body: Buffer.from(skip), signature }).finish()),
      ],
      read: (bytes) => {
        const body = bytes.subarray(1);
        if (kind(bytes) === 2)
          return outcomeOf(
            judgeMessage(SignedSkip, 'tocsin.exchange.v1.SignedSkip', body, 1 << 20),
            (value) => outcomeOf(judgeSkip(network, value)),
          );
        const whole = kind(bytes) === 0 ? body : encodeContent(body, signature, items);
        return outcomeOf(judgeContent(network, whole), (opened) => {
          const listed = judgeListing(opened);
          return accepted([opened, listed.ok ? true : listed.reason]);
        });
      },
    };
  },
};

const parcel: Target = {
  name: 'sealed-parcel',
  reads: 'a mail as it lies in the mailbox: judgeSealedParcel',
  timeMs: 120,
  open: async (scene) => {
    const { network, of } = await scene.federation();
    const { prekey, keyring } = of('XB');
    const envelope = {
      format: 1,
      suite: 1,
      network: Buffer.from(network),
      sender: 'XA',
      recipient: 'XB',
      lane: 1,
      prekeyId: Buffer.from(prekey.id),
    };
    const seal = (size: number) =>
      sealParcel({ envelope, content: new Uint8Array(size).fill(0x0a), publicKey: prekey.publicKey });
    return {
      form: { kind: 'protobuf', desc: messageDescriptor('tocsin.exchange.v1.SealedParcel') },
      seeds: await Promise.all([seal(10), seal(5000)]),
      read: async (bytes) =>
        outcomeOf(
          await judgeSealedParcel({
            bytes,
            network,
            recipient: 'XB',
            sender: 'XA',
            lane: 1,
            privateKeyOf: (id) => keyring.prekeys.open(id),
          }),
        ),
    };
  },
};

export const TRANSPORT_TARGETS: readonly Target[] = [
  packet,
  frame,
  details,
  metadata,
  names,
  handshake,
  evidence,
  content,
  parcel,
];
