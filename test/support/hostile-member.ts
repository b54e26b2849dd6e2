/**
 * A member that breaks the rules: real keys, real log, real place in every lane, loaded from the folder of a node whose
 * process has stopped. It makes parcels by hand, so that exactly one thing is wrong with each. What its partner takes is
 * kept in its store, so that the node can go on from there.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, systemRandom } from '../../src/base/clock.ts';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import { Directory } from '../../src/exchange/index.ts';
import { encodeContent } from '../../src/exchange/parcel.ts';
import { hashesOf, rowOf } from '../../src/exchange/stored.ts';
import {
  ItemAction,
  Manifest,
  type ManifestItem,
  type ParcelItem,
} from '../../src/gen/tocsin/exchange/v1/parcel.ts';
import type { DisclosedFacet } from '../../src/gen/tocsin/record/v1/header.ts';
import { HybridSignature } from '../../src/gen/tocsin/record/v1/identity.ts';
import { DeskGroup, Purpose } from '../../src/gen/tocsin/record/v1/marking.ts';
import { Keyring, readSecret } from '../../src/identity/index.ts';
import { createLedger, type Ledger } from '../../src/ledger/index.ts';
import {
  type Checkpoint,
  cosignatureMessage,
  encodeCheckpoint,
  encodeTimestamped,
  formatNote,
  judgeCheckpointText,
  KEY_TYPE,
  keyId,
  parseNote,
} from '../../src/merkle/index.ts';
import { loadConfig, pathsOf } from '../../src/node/index.ts';
import { createPolicyEngine, type PartnerView, type PolicyEngine } from '../../src/policy/index.ts';
import {
  assembleRecord,
  contentFromJson,
  encodeSigned,
  MINUTE_MS,
  netToken,
  type SignedHeader,
  sha256,
} from '../../src/record/index.ts';
import { LinkSessions, sealParcel } from '../../src/seal/index.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import {
  connectBroker,
  inboxPrefix,
  type Mailbox,
  type NatsBroker,
  openMailbox,
} from '../../src/transport/index.ts';
import { expectBelieved } from './authority.ts';
import type { TestFederation } from './federation.ts';

/** A record of its own, in its log. */
export interface OwnRecord {
  readonly signed: SignedHeader;
  /** Every facet, those that never leave included. */
  readonly facets: readonly DisclosedFacet[];
}

/** The next parcel of its lane 1 to a partner, faultless until something is changed. */
export interface Draft {
  readonly recipient: string;
  readonly manifest: Manifest;
  items: ParcelItem[];
}

/** How a parcel is signed and sealed, where not as it should be. */
export interface Fault {
  /** In the place of the manifest's signed bytes. */
  readonly body?: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  readonly signature?: (signature: HybridSignature) => HybridSignature;
  readonly network?: Uint8Array;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export class HostileMember implements AsyncDisposable {
  readonly node: string;
  readonly network: Uint8Array;
  readonly keyring: Keyring;
  readonly store: Store;
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly policy: PolicyEngine;
  /** Connected with the member's own credentials. */
  readonly broker: NatsBroker;
  readonly mailbox: Mailbox;

  private constructor(parts: {
    node: string;
    network: Uint8Array;
    keyring: Keyring;
    store: Store;
    directory: Directory;
    broker: NatsBroker;
  }) {
    const { node, network, keyring, store, directory, broker } = parts;
    this.node = node;
    this.network = network;
    this.keyring = keyring;
    this.store = store;
    this.directory = directory;
    this.broker = broker;
    this.mailbox = openMailbox({ broker, net: netToken(network), self: node });
    const roster = directory.roster();
    const baseline = roster.roster.baselinePolicy;
    this.policy = createPolicyEngine({ baseline, national: '', self: node, roster });
    const { logOrigin, exerciseLogOrigin } = directory.own().statement;
    this.ledger = createLedger({
      store,
      keyring,
      origins: { live: logOrigin, exercise: exerciseLogOrigin },
      clock: systemClock,
      random: systemRandom,
      tickMs: 60_000,
      quota: 1,
    });
  }

  static async open(federation: TestFederation, node: string): Promise<HostileMember> {
    const paths = pathsOf(nodeDir(federation.federation, node));
    const keyring = await Keyring.open(paths.keys);
    const network = new Uint8Array(Buffer.from(loadConfig(paths).networkDigest, 'hex'));
    const store = await openStore({ path: paths.store });
    const directory = await Directory.open({ store, clock: systemClock, network, self: node });
    const broker = await memberBroker(federation, node);
    return new HostileMember({ node, network, keyring, store, directory, broker });
  }

  /** Makes a record and puts it in the log. */
  async record(content: unknown): Promise<OwnRecord> {
    const nowMs = systemClock.nowMs();
    const read = contentFromJson(content, { deskGroup: DeskGroup.DESK_GROUP_POLICE, nowMs });
    if (!read.content) throw new Error(`the content has faults: ${JSON.stringify(read.faults)}`);
    const { signed, facets } = assembleRecord({
      network: this.network,
      logOrigin: this.ledger.origins.live,
      originator: this.node,
      recordId: systemRandom.bytes(16),
      revision: 1,
      content: read.content,
      released: Math.floor(nowMs / MINUTE_MS) * MINUTE_MS,
      salt: () => systemRandom.bytes(32),
    });
    const record = rowOf(signed, {
      origin: 'own',
      state: 'released',
      facets,
      statementDigest: this.directory.own().digest,
      committedAt: nowMs,
    });
    await this.store.write(async (tx) => {
      await tx.records.insert([{ record, facets }]);
      await this.ledger.enqueue(tx, signed);
    });
    await this.ledger.sequence('live');
    return { signed, facets };
  }

  /** The next parcel to a partner with these records; of their facets those that the policy permits, or the ones named. */
  async draft(recipient: string, records: readonly OwnRecord[], named?: readonly string[]): Promise<Draft> {
    const lane = { recipient, lane: 1 } as const;
    return this.store.read(async (tx) => {
      const link = await tx.links.out(lane);
      const live = await this.ledger.newestCheckpoint(tx, 'live');
      if (!live) throw new Error('the log has no checkpoint yet');
      const digests = records.map(({ signed }) => signed.digest);
      const proofs = await this.ledger.proofsFor(tx, digests, live.size);
      const consistency =
        link === undefined ? [] : await this.ledger.consistency(tx, 'live', link.checkpointSize, live.size);
      const views = records.map((record) => this.policy.viewFor(record, recipient, systemClock.nowMs()));
      const shown = records.map(({ facets }, at) =>
        facets.filter(({ facet }) => named?.includes(facet) ?? views[at]?.facets.get(facet)?.allowed),
      );
      const roster = this.directory.roster();
      return {
        recipient,
        manifest: Manifest.fromPartial({
          format: 1,
          sender: this.node,
          recipient,
          incarnation: 1,
          lane: 1,
          seq: (link?.seq ?? 0n) + 1n,
          previous: Buffer.from(link?.digest ?? []),
          rosterDigest: Buffer.from(roster.digest),
          rosterVersion: roster.version,
          statementDigest: Buffer.from(this.directory.own().digest),
          checkpoint: Buffer.from(live.note),
          consistencyProof: consistency.map((hash) => Buffer.from(hash)),
          items: records.map(({ signed }, at) => lineOf(signed.digest, shown[at] ?? [], views[at])),
        }),
        items: records.map(({ signed }, at) => ({
          header: Buffer.from(signed.bytes),
          inclusion: {
            index: proofs[at]?.index ?? 0n,
            proof: (proofs[at]?.proof ?? []).map((hash) => Buffer.from(hash)),
            checkpoint: Buffer.alloc(0),
          },
          facets: [...(shown[at] ?? [])],
          statementDigest: Buffer.from(this.directory.own().digest),
        })),
      };
    });
  }

  /** Another member's record that is held here, as an item with its line. */
  async held(headerDigest: Uint8Array): Promise<{ line: ManifestItem; item: ParcelItem }> {
    return this.store.read(async (tx) => {
      const record = await tx.records.byDigest(headerDigest);
      if (!record) throw new Error('the record is not held here');
      const facets = (await tx.records.facetsOf([headerDigest])).get(
        Buffer.from(headerDigest).toString('hex'),
      );
      const shown = (facets ?? []).map(({ facet, salt, body }) => ({
        facet,
        salt: Buffer.from(salt),
        body: Buffer.from(body),
      }));
      return {
        line: lineOf(headerDigest, shown),
        item: {
          header: Buffer.from(record.header),
          inclusion: {
            index: record.leafIndex ?? 0n,
            proof: hashesOf(record.proof ?? new Uint8Array(0)),
            checkpoint: Buffer.from(record.checkpoint ?? []),
          },
          facets: shown,
          statementDigest: Buffer.from(record.statementDigest ?? []),
        },
      };
    });
  }

  /** Signs, seals and puts a parcel into its recipient's mailbox. */
  async send(draft: Draft, fault: Fault = {}): Promise<void> {
    const bytes = await this.seal(draft, fault);
    const messageId = Buffer.from(systemRandom.bytes(8)).toString('hex');
    const outcome = await this.mailbox.put({ recipient: draft.recipient, lane: 1, bytes, messageId });
    if (outcome !== 'stored') throw new Error(`the broker did not take the parcel: ${outcome}`);
  }

  /** Signs and seals a parcel. */
  async seal(draft: Draft, fault: Fault = {}): Promise<Uint8Array> {
    const { recipient, manifest } = draft;
    const network = fault.network ?? this.network;
    const signedBytes = encodeSigned('manifest', network, Manifest.encode(manifest).finish());
    const body = (await fault.body?.(signedBytes)) ?? signedBytes;
    const type = fault.body === undefined ? 'manifest' : 'header';
    const signature = await this.keyring.sign('link', type, body);
    const prekey = this.directory.prekeysOf(recipient)?.current(systemClock.nowMs());
    if (!prekey) throw new Error(`no prekey of ${recipient} is known`);
    return await sealParcel({
      envelope: {
        format: 1,
        suite: 1,
        network: Buffer.from(this.network),
        sender: this.node,
        recipient,
        lane: 1,
        prekeyId: prekey.id,
      },
      content: encodeContent(body, fault.signature?.(signature) ?? signature, draft.items),
      publicKey: prekey.publicKey,
    });
  }

  /** The partner has taken this parcel: the lane goes on behind it. */
  async taken({ recipient, manifest }: Draft): Promise<void> {
    const body = encodeSigned('manifest', this.network, Manifest.encode(manifest).finish());
    const { incarnation, seq } = manifest;
    const lane = { recipient, lane: 1 } as const;
    const digest = sha256(body);
    const at = systemClock.nowMs();
    const { size } = checkpointIn(manifest.checkpoint);
    const signature = HybridSignature.encode(await this.keyring.sign('link', 'manifest', body)).finish();
    await this.store.write(async (tx) => {
      const manifestOut = {
        ...lane,
        incarnation,
        seq,
        digest,
        body,
        signature,
        contentKind: 'content',
      } as const;
      await tx.links.addManifest({
        ...manifestOut,
        state: 'open',
        attempts: 1,
        nextAttemptAt: at,
        publishedAt: at,
      });
      await tx.links.closeManifest({ ...lane, incarnation, seq }, at);
      await tx.links.setOut({ ...lane, incarnation, seq, digest, checkpointSize: size, ackSeq: 0n });
    });
  }

  /** A checkpoint of its log, signed with both keys, whatever it says. */
  async checkpoint(
    of: Checkpoint,
    options: { readonly lines?: string; readonly atMs?: number } = {},
  ): Promise<Buffer> {
    const { origin } = of;
    const signedText = `${encodeCheckpoint(of)}${options.lines ?? ''}`;
    const timestamp = BigInt(Math.floor((options.atMs ?? systemClock.nowMs()) / 1_000));
    const message = cosignatureMessage({ cosigner: origin, timestamp, checkpoint: of });
    const { ed25519, mlDsa44 } = this.keyring.log;
    const classical = await this.keyring.signRaw('log', 'ed25519', new TextEncoder().encode(signedText));
    const postQuantum = await this.keyring.signRaw('log', 'ml-dsa-44', message);
    return Buffer.from(
      formatNote(signedText, [
        { name: origin, keyId: keyId(origin, KEY_TYPE.ed25519, ed25519), signature: classical },
        {
          name: origin,
          keyId: keyId(origin, KEY_TYPE.mlDsa44, mlDsa44),
          signature: encodeTimestamped(timestamp, postQuantum),
        },
      ]),
    );
  }

  /** Link sessions in its name; of another identity where a statement is given. */
  sessions(
    statement?: { readonly bytes: Uint8Array; readonly digest: Uint8Array },
    keyring = this.keyring,
  ): LinkSessions {
    return new LinkSessions({
      network: this.network,
      self: this.node,
      ownStatement: () => ({ ...this.directory.own(), ...statement }),
      sign: (type, bytes) => keyring.sign('link', type, bytes),
      peers: this.#peers(),
      clock: systemClock,
      random: systemRandom,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }

  #peers() {
    const { directory } = this;
    return {
      statementOf: (peer: string) => directory.statementOf(peer),
      judgeAndKeep: (peer: string, signed: Parameters<Directory['judgeAndKeep']>[1]) =>
        directory.judgeAndKeep(peer, signed),
      roster: () => directory.roster(),
    };
  }
}

/** Any purpose and desk, where no policy would let the record go. */
const ANYBODY = { deskGroups: [DeskGroup.DESK_GROUP_POLICE], purposes: [Purpose.PURPOSE_INVESTIGATION] };

const lineOf = (
  headerDigest: Uint8Array,
  facets: readonly DisclosedFacet[],
  view?: PartnerView,
): ManifestItem => ({
  action: ItemAction.ITEM_ACTION_RECORD,
  headerDigest: Buffer.from(headerDigest),
  facets: facets.map(({ facet }) => facet),
  audience: view?.receive.allowed ? view.audience : ANYBODY,
  facetAudiences: [],
  basis: view?.basis ?? '',
  consent: Buffer.alloc(0),
});

/** What a note of ours says. */
export function checkpointIn(note: Uint8Array): Checkpoint {
  return expectBelieved(judgeCheckpointText(expectBelieved(parseNote(note)).text));
}

/** A connection with a member's own credentials, from its own inbox. */
export async function memberBroker(federation: TestFederation, node: string): Promise<NatsBroker> {
  const paths = pathsOf(nodeDir(federation.federation, node));
  const { broker } = loadConfig(paths);
  return connectBroker({
    servers: broker.servers,
    tls: {
      ca: readFileSync(join(paths.dir, broker.ca), 'utf8'),
      cert: readFileSync(paths.tlsCertificate, 'utf8'),
      key: text(await readSecret(join(paths.keys, 'tls.key.pem'))),
      serverName: broker.serverName,
    },
    nkeySeed: text(await readSecret(join(paths.keys, 'broker.nk'))),
    inboxPrefix: inboxPrefix(node),
    name: `hostile ${node}`,
    requestTimeoutMs: 1_500,
  });
}
