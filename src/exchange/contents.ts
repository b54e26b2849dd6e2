/**
 * What of a record goes to a partner now. Asked again at every sealing, not only at release: policy, consent, recall or
 * time may have changed while a row waited (design §6). What is no longer permitted leaves an empty item behind.
 */
import { hex } from '../base/bytes.ts';
import { ItemAction, type ParcelItem } from '../gen/tocsin/exchange/v1/parcel.ts';
import type { DisclosedFacet, Inclusion } from '../gen/tocsin/record/v1/header.ts';
import { statementOfNote } from '../ledger/index.ts';
import { judgeHeader, type SignedHeader } from '../record/index.ts';
import type { ReadTx, Recalled, StoredRecord } from '../store/index.ts';
import { consentsByDigest, isAbout } from './consents.ts';
import { emptyItem } from './parcel.ts';
import type { ConsentView, LedgerPort, PartnerView, PolicyPort } from './ports.ts';
import { RECEIPT } from './receipts.ts';
import { hashesOf } from './stored.ts';
import { RECALL } from './take-recall.ts';

export interface ContentsDeps {
  readonly network: Uint8Array;
  readonly policy: PolicyPort;
  readonly ledger: LedgerPort;
}

/** What a row of the outbox, or a line of a manifest, asks to send. */
export interface Wanted {
  readonly action: ItemAction;
  readonly headerDigest: Uint8Array;
  readonly facets: readonly string[];
  /** Header digest of the consent that a forwarder relies on. */
  readonly consent?: Uint8Array;
}

export interface Permitted {
  readonly kind: 'permitted';
  readonly record: StoredRecord;
  /** In the order wanted. */
  readonly facets: readonly DisclosedFacet[];
}

export interface Denied {
  readonly kind: 'denied';
  /** For the log: the rule and its reason. */
  readonly because: string;
  /** What the policy permits now, where that is less than wanted but more than nothing. */
  readonly narrower?: PartnerView;
}

export type Sendable = Permitted | Denied;

/** Reads and decides, in the order wanted. */
export async function loadSendables(
  deps: ContentsDeps,
  tx: ReadTx,
  recipient: string,
  wanted: readonly Wanted[],
  atMs: number,
): Promise<readonly Sendable[]> {
  const digests = wanted.map((one) => one.headerDigest);
  const records = new Map(
    (await tx.records.byDigests(digests)).map((record) => [hex(record.headerDigest), record]),
  );
  const facets = await tx.records.facetsOf(digests);
  const consents = await consentsByDigest(
    tx,
    wanted.flatMap(({ consent }) => (consent?.length ? [consent] : [])),
  );
  const recalled = await recalledFor(tx, recipient, [...records.values()]);
  return wanted.map((one) => {
    const key = hex(one.headerDigest);
    const record = records.get(key);
    const signed = record && judgeHeader(deps.network, record.header);
    if (!record || !signed?.ok) return { kind: 'denied', because: 'the record is not held' };
    const gone = recalled.get(key);
    const held = (facets.get(key) ?? [])
      .map(disclosed)
      .filter(({ facet }) => gone?.facets.has(facet) !== true);
    if (one.action === ItemAction.ITEM_ACTION_WITHDRAWN) return { kind: 'permitted', record, facets: [] };
    const named = one.consent?.length ? consents.get(hex(one.consent)) : undefined;
    const consent = named && !named.withdrawn && isAbout(named, signed.value) ? named : undefined;
    if (gone?.whole) return { kind: 'denied', because: 'the record is recalled' };
    const shared = { record, signed: signed.value, held, ...(consent && { consent }) };
    const denied = deny(deps.policy, shared, recipient, one, atMs);
    if (denied) return denied;
    const byName = new Map(held.map((facet) => [facet.facet, facet]));
    const shown = one.facets.flatMap((name) => byName.get(name) ?? []);
    return { kind: 'permitted', record, facets: shown };
  });
}

const disclosed = (facet: { facet: string; salt: Uint8Array; body: Uint8Array }): DisclosedFacet => ({
  facet: facet.facet,
  salt: Buffer.from(facet.salt),
  body: Buffer.from(facet.body),
});

/** What recalls take from a recipient: from everybody, or from the nodes that a recall of ours is addressed to. */
async function recalledFor(
  tx: ReadTx,
  recipient: string,
  records: readonly StoredRecord[],
): Promise<ReadonlyMap<string, Recalled>> {
  const recalled = new Map(await tx.tombstones.recalledOf(records));
  const own = records.filter((record) => record.origin === 'own').map((record) => record.headerDigest);
  for (const [key, { whole, facets }] of await tx.holders.recalledFrom(recipient, own)) {
    const before = recalled.get(key);
    recalled.set(key, {
      whole: whole || before?.whole === true,
      facets: new Set([...facets, ...(before?.facets ?? [])]),
    });
  }
  return recalled;
}

interface Held {
  readonly record: StoredRecord;
  readonly signed: SignedHeader;
  readonly held: readonly DisclosedFacet[];
  readonly consent?: ConsentView;
}

const NOT_HELD = { rule: 'R14', reason: 'it is no longer held here' };

function deny(
  policy: PolicyPort,
  { record, signed, held, consent }: Held,
  recipient: string,
  wanted: Wanted,
  atMs: number,
): Denied | undefined {
  if (record.state === 'recalled' || record.state === 'expired') {
    return { kind: 'denied', because: `the record is ${record.state}` };
  }
  // A receipt answers whoever sent: the node made it for this recipient, no policy has a say in it.
  if (record.kind === RECEIPT && record.origin === 'own') {
    return signed.header.marking?.releasableTo.includes(recipient) === true
      ? undefined
      : { kind: 'denied', because: 'the receipt is for another node' };
  }
  // A recall follows its target to whoever got it, suspended members included (R14, R20): its rows are made by the node alone.
  if (record.kind === RECALL) return undefined;
  const view = policy.viewFor(
    {
      signed,
      facets: held,
      ...(consent && { consent }),
      // The release found both ends disclosed to this recipient; where an end is recalled, so is the link.
      ...(record.kind === 'link' && { endsDisclosedTo: (partner: string) => partner === recipient }),
    },
    recipient,
    atMs,
  );
  if (!view.receive.allowed) {
    return { kind: 'denied', because: `${view.receive.rule}: ${view.receive.reason}` };
  }
  const here = new Set(held.map(({ facet }) => facet));
  const narrowed = wanted.facets.find((name) => !here.has(name) || view.facets.get(name)?.allowed !== true);
  if (narrowed === undefined) return undefined;
  // What is no longer held was recalled, or its time is over: nothing of it goes out, whatever the policy permits.
  const narrower = { ...view, facets: new Map([...view.facets].filter(([name]) => here.has(name))) };
  const decision = narrower.facets.get(narrowed) ?? NOT_HELD;
  return {
    kind: 'denied',
    because: `${narrowed}: ${decision.rule}: ${decision.reason}`,
    narrower,
  };
}

/** Sizes of the logs in a manifest's checkpoints: what inclusion is proved against. */
export interface LogSizes {
  readonly live: bigint;
  readonly exercise: bigint;
}

/** The items as they travel under a manifest with these checkpoints, in the order of its lines. */
export async function itemsOf(
  deps: Pick<ContentsDeps, 'ledger' | 'network'>,
  tx: ReadTx,
  lines: readonly Pick<Wanted, 'action'>[],
  sendables: readonly Sendable[],
  sizes: LogSizes,
): Promise<ParcelItem[]> {
  const proofs = await ownProofs(deps, tx, lines, sendables, sizes);
  return lines.map(({ action }, at) => {
    const sendable = sendables[at];
    if (sendable?.kind !== 'permitted' || action === ItemAction.ITEM_ACTION_WITHDRAWN) return emptyItem();
    const { record, facets } = sendable;
    const own = hasKeptProof(record) ? undefined : proofs.get(hex(record.headerDigest));
    const statementDigest = Buffer.from(own?.statementDigest ?? record.statementDigest ?? []);
    if (action === ItemAction.ITEM_ACTION_FACETS) {
      return { header: Buffer.alloc(0), inclusion: undefined, facets: [...facets], statementDigest };
    }
    return {
      header: Buffer.from(record.header),
      inclusion: hasKeptProof(record) ? keptInclusion(record) : own?.inclusion,
      facets: [...facets],
      statementDigest,
    };
  });
}

interface OwnProof {
  readonly inclusion: Inclusion;
  /** Where the record brings its checkpoint along: of the statement whose key signed that, which may be a later one than its own. */
  readonly statementDigest?: Uint8Array;
}

/** Inclusions of our own records, by hexadecimal header digest; the checkpoint is the manifest's. */
async function ownProofs(
  { ledger, network }: Pick<ContentsDeps, 'ledger' | 'network'>,
  tx: ReadTx,
  lines: readonly Pick<Wanted, 'action'>[],
  sendables: readonly Sendable[],
  sizes: LogSizes,
): Promise<ReadonlyMap<string, OwnProof>> {
  const own = sendables.flatMap((sendable, at) =>
    sendable.kind === 'permitted' &&
    !hasKeptProof(sendable.record) &&
    lines[at]?.action === ItemAction.ITEM_ACTION_RECORD
      ? [sendable.record]
      : [],
  );
  const inclusions = new Map<string, OwnProof>();
  const { live, exercise } = ledger.origins;
  for (const [log, records] of Map.groupBy(own, (record) => record.logOrigin)) {
    const named = log === live ? sizes.live : log === exercise ? sizes.exercise : undefined;
    // A log of an earlier incarnation is in no manifest any more: its records bring its last checkpoint along.
    const last = named === undefined ? await ledger.newestCheckpoint(tx, log) : undefined;
    const size = named ?? last?.size ?? 0n;
    const [{ originator: node } = { originator: '' }] = records;
    const speaking = last && (await statementOfNote(tx, network, { node, origin: log, note: last.note }));
    const digests = records.map((record) => record.headerDigest);
    const proofs = await ledger.proofsFor(tx, digests, size);
    for (const [at, digest] of digests.entries()) {
      const found = proofs[at];
      if (!found) continue;
      const proof = found.proof.map((hash) => Buffer.from(hash));
      const checkpoint = Buffer.from(last?.note ?? []);
      inclusions.set(hex(digest), {
        inclusion: { index: found.index, proof, checkpoint },
        ...(speaking && { statementDigest: speaking.digest }),
      });
    }
  }
  return inclusions;
}

/** Partners' records, and those of our own that partners gave back after a restart, keep their proof beside them. */
const hasKeptProof = (record: StoredRecord): boolean =>
  record.origin === 'partner' || record.checkpoint !== undefined;

const keptInclusion = (record: StoredRecord): Inclusion => ({
  index: record.leafIndex ?? 0n,
  proof: hashesOf(record.proof ?? new Uint8Array(0)),
  checkpoint: Buffer.from(record.checkpoint ?? []),
});

const HASH_ON_WIRE = 34;
const ITEM_OVERHEAD = 192;

/** Bytes that an item will take, so that a parcel stays within its limit before it is built; `logSize` bounds its proof. */
export function sizeOf(sendable: Sendable, logSize: bigint): number {
  if (sendable.kind === 'denied') return 0;
  const { record, facets } = sendable;
  const proof = hasKeptProof(record) ? (record.proof?.length ?? 0) : logSize.toString(2).length * 32;
  return facets.reduce(
    (sum, facet) => sum + facet.body.length + facet.facet.length + 64,
    record.header.length + (proof / 32) * HASH_ON_WIRE + (record.checkpoint?.length ?? 0) + ITEM_OVERHEAD,
  );
}
