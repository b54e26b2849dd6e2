/**
 * Judges the items of a manifest one by one. Whatever is wrong with one item is its own result; the manifest's number is
 * consumed all the same (design §6). What depends on the records held here is judged in take.ts, inside the transaction.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { hex } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { CLOCK_SKEW_MS } from '../base/limits.ts';
import { disbelieved, type Verdict } from '../base/verdict.ts';
import { Audience, ItemAction, type ManifestItem, ParcelItem } from '../gen/tocsin/exchange/v1/parcel.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { judgePartnerCheckpoint, logKeysOf } from '../ledger/index.ts';
import { emptyRoot, judgeInclusion, leafHash } from '../merkle/index.ts';
import { judgeFacets, judgeHeader, kindOf, parseLogOrigin, type SignedHeader } from '../record/index.ts';
import type { Store } from '../store/index.ts';
import { type Arrival, type JudgedCheckpoint, judgeCheckpoint, judgeLogKey } from './arrival.ts';
import { consentIn, consentsByDigest, type HeldConsent, isAbout } from './consents.ts';
import type { Directory } from './directory.ts';
import type { PeerKeys } from './keys.ts';
import { SPARED } from './membership.ts';
import { isEmptyItem } from './parcel.ts';
import type { PolicyPort } from './ports.ts';
import { judgeRules } from './rules.ts';

export interface ItemDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly keys: PeerKeys;
  readonly policy: PolicyPort;
}

/** A record with everything that proves it. */
export interface JudgedRecord {
  readonly kind: 'record';
  readonly line: ManifestItem;
  readonly signed: SignedHeader;
  readonly facets: readonly DisclosedFacet[];
  readonly leafIndex: bigint;
  readonly proof: readonly Uint8Array[];
  readonly checkpoint: JudgedCheckpoint;
  readonly statementDigest: Uint8Array;
}

export interface JudgedFacets {
  readonly kind: 'facets';
  readonly line: ManifestItem;
  readonly signed: SignedHeader;
  readonly facets: readonly DisclosedFacet[];
}

export interface WithdrawnItem {
  readonly kind: 'withdrawn';
  readonly line: ManifestItem;
}

export interface RefusedItem {
  readonly kind: 'refused';
  readonly line: ManifestItem;
  readonly reason: Reason;
  readonly detail: string;
  /** Kept as evidence: it breaks a promise of its sender, not merely a form. */
  readonly evidence?: Uint8Array;
}

export type JudgedItem = JudgedRecord | JudgedFacets | WithdrawnItem | RefusedItem;

/** Items judged in one go before others get their turn. */
const TURN = 16;

/** What the originator's own word weighs more than: kept for people to look at, and told to the originator's desk. */
const KEPT_AS_EVIDENCE: ReadonlySet<Reason> = new Set([
  Reason.REASON_THIRD_PARTY_BREACH,
  Reason.REASON_NO_CONSENT,
  Reason.REASON_FORBIDDEN_FACET,
  Reason.REASON_UNKNOWN_KIND,
]);

export async function judgeItems(deps: ItemDeps, arrival: Arrival): Promise<readonly JudgedItem[]> {
  const lines = arrival.parcel.manifest.manifest.items;
  const held: HeldHere = {
    headers: await heldHeaders(deps, lines),
    consents: await heldConsents(deps, lines),
  };
  const judged: JudgedItem[] = [];
  for (const [index, line] of lines.entries()) {
    const item = arrival.parcel.items[index];
    if (!item) break;
    if (index % TURN === TURN - 1) await nextTurn();
    const one = await judgeItem(deps, arrival, line, item, held);
    if (one.kind === 'record') hold(held, one);
    judged.push(one);
  }
  return judged;
}

/** What later items of a manifest may refer to, by hexadecimal header digest: held before, or carried by an earlier item. */
interface HeldHere {
  readonly headers: Map<string, SignedHeader>;
  readonly consents: Map<string, HeldConsent>;
}

/** A consent travels as an item of its own, before the item that relies on it. */
function hold(held: HeldHere, { signed, facets }: JudgedRecord): void {
  const { digest: headerDigest, header } = signed;
  held.headers.set(hex(headerDigest), signed);
  const { originator, kind } = header;
  const consent = consentIn({ headerDigest, originator, kind, state: 'released' }, facets);
  // One that was taken back before stays taken back.
  if (consent && !held.consents.has(hex(headerDigest))) held.consents.set(hex(headerDigest), consent);
}

function heldConsents(
  deps: ItemDeps,
  lines: readonly ManifestItem[],
): Promise<Map<string, HeldConsent>> | Map<string, HeldConsent> {
  const named = lines.flatMap(({ consent }) => (consent.length > 0 ? [consent] : []));
  if (named.length === 0) return new Map();
  return deps.store.read((tx) => consentsByDigest(tx, named));
}

/** Headers that later facets refer to, by hexadecimal digest. */
async function heldHeaders(
  deps: ItemDeps,
  lines: readonly ManifestItem[],
): Promise<Map<string, SignedHeader>> {
  const digests = lines
    .filter((line) => line.action === ItemAction.ITEM_ACTION_FACETS)
    .map((line) => line.headerDigest);
  const held = new Map<string, SignedHeader>();
  if (digests.length === 0) return held;
  for (const record of await deps.store.read((tx) => tx.records.byDigests(digests))) {
    const signed = judgeHeader(deps.directory.network, record.header);
    if (signed.ok) held.set(hex(record.headerDigest), signed.value);
  }
  return held;
}

async function judgeItem(
  deps: ItemDeps,
  arrival: Arrival,
  line: ManifestItem,
  item: ParcelItem,
  held: HeldHere,
): Promise<JudgedItem> {
  if (line.action === ItemAction.ITEM_ACTION_WITHDRAWN || isEmptyItem(item)) {
    return { kind: 'withdrawn', line };
  }
  const barred = judgeSuspended(deps, arrival.sender, item, held.headers.get(hex(line.headerDigest)));
  if (barred) return { kind: 'refused', line, ...barred };
  const judged =
    line.action === ItemAction.ITEM_ACTION_RECORD
      ? await judgeRecord(deps, arrival, line, item, held)
      : judgeLaterFacets(deps, arrival, line, item, held);
  if (judged.ok) return judged.value;
  return {
    kind: 'refused',
    line,
    reason: judged.reason,
    detail: judged.detail,
    ...(KEPT_AS_EVIDENCE.has(judged.reason) && { evidence: ParcelItem.encode(item).finish() }),
  };
}

/** R20: of a suspended member only recalls are taken, and receipts for those that it got. */
function judgeSuspended(
  { directory, clock }: ItemDeps,
  sender: string,
  item: ParcelItem,
  known: SignedHeader | undefined,
): Pick<RefusedItem, 'reason' | 'detail'> | undefined {
  if (directory.roster().standingOf(sender, clock.nowMs()) !== 'suspended') return undefined;
  const signed = known ? undefined : judgeHeader(directory.network, item.header);
  const kind = known?.header.kind ?? (signed?.ok === true ? signed.value.header.kind : '');
  return SPARED.has(kind)
    ? undefined
    : { reason: Reason.REASON_SUSPENDED, detail: `${sender} is suspended: only its recalls are taken` };
}

async function judgeRecord(
  deps: ItemDeps,
  arrival: Arrival,
  line: ManifestItem,
  item: ParcelItem,
  held: HeldHere,
): Promise<Verdict<JudgedRecord, Reason>> {
  const signed = judgeHeader(deps.directory.network, item.header);
  if (!signed.ok) return signed;
  const log = await judgeLog(deps, arrival, signed.value, item);
  if (!log.ok) return log;
  const inclusion = item.inclusion;
  if (!inclusion) return disbelieved(Reason.REASON_PROOF_INVALID, 'the item carries no inclusion proof');
  const included = judgeInclusion({
    leafHash: leafHash(signed.value.bytes),
    index: inclusion.index,
    size: log.value.checkpoint.size,
    proof: inclusion.proof,
    root: log.value.checkpoint.root,
  });
  if (!included.ok) return included;
  const content = judgeDisclosed(deps, arrival, line, signed.value, item.facets, held);
  if (!content.ok) return content;
  return {
    ok: true,
    value: {
      kind: 'record',
      line,
      signed: signed.value,
      facets: item.facets,
      leafIndex: inclusion.index,
      proof: inclusion.proof,
      ...log.value,
    },
  };
}

/** The checkpoint that a header is proved against, and the statement whose key signed it. */
async function judgeLog(
  deps: ItemDeps,
  arrival: Arrival,
  signed: SignedHeader,
  item: ParcelItem,
): Promise<Verdict<Pick<JudgedRecord, 'checkpoint' | 'statementDigest'>, Reason>> {
  const { originator, logOrigin } = signed.header;
  const own = originator === arrival.sender;
  const note = item.inclusion?.checkpoint ?? new Uint8Array(0);
  if (own && note.length === 0) {
    const checkpoint = [arrival.live, arrival.exercise].find((one) => one?.origin === logOrigin);
    if (!checkpoint) {
      return disbelieved(
        Reason.REASON_EXERCISE_MISMATCH,
        'the manifest carries no checkpoint of the log that the header names',
      );
    }
    return { ok: true, value: { checkpoint, statementDigest: arrival.statement.digest } };
  }
  // A forwarded record, or one of an earlier incarnation: its own checkpoint, under its originator's own statement.
  const statement = await deps.keys.statement(originator, item.statementDigest, arrival.sender);
  if (!statement.ok) return statement;
  const claims = statement.value.statement;
  const exercise = parseLogOrigin(logOrigin)?.world === 'exercise';
  const origin = exercise ? claims.exerciseLogOrigin : claims.logOrigin;
  const key = exercise ? claims.exerciseLogKey : claims.logKey;
  if (origin !== logOrigin) {
    return disbelieved(Reason.REASON_CHECKPOINT_INVALID, 'the key statement speaks for another log');
  }
  const nowMs = deps.clock.nowMs();
  if (!key)
    return disbelieved(Reason.REASON_CHECKPOINT_INVALID, 'the key statement names no key for the log');
  const checkpoint = judgeCheckpoint(note, origin, key);
  if (!checkpoint.ok) return checkpoint;
  const keys = logKeysOf(origin, key);
  const from = { size: 0n, root: emptyRoot() };
  const { judged, counts } = await deps.store.read(async (tx) => ({
    judged: await judgePartnerCheckpoint(tx, { note, keys, from, proof: [], nowMs }),
    counts: await judgeLogKey(deps.directory, tx, checkpoint.value, key, nowMs),
  }));
  if (!counts.ok) return counts;
  // A fork is told with both notes, where the item is taken.
  if (!judged.ok && judged.reason !== Reason.REASON_LOG_FORK) return judged;
  return { ok: true, value: { checkpoint: checkpoint.value, statementDigest: statement.value.digest } };
}

function judgeLaterFacets(
  deps: ItemDeps,
  arrival: Arrival,
  line: ManifestItem,
  item: ParcelItem,
  held: HeldHere,
): Verdict<JudgedFacets, Reason> {
  const signed = held.headers.get(hex(line.headerDigest));
  if (!signed) {
    return disbelieved(Reason.REASON_HEADER_UNKNOWN, 'facets of a record whose header is not held here');
  }
  const content = judgeDisclosed(deps, arrival, line, signed, item.facets, held);
  return content.ok ? { ok: true, value: { kind: 'facets', line, signed, facets: item.facets } } : content;
}

/** What is shown: by whom, of which kind, exactly as committed, within its time and its kind's rules. */
function judgeDisclosed(
  deps: ItemDeps,
  arrival: Arrival,
  line: ManifestItem,
  signed: SignedHeader,
  facets: readonly DisclosedFacet[],
  held: HeldHere,
): Verdict<true, Reason> {
  const atMs = deps.clock.nowMs();
  const { header } = signed;
  const committed = judgeFacets(signed, facets);
  if (!committed.ok) return committed;
  const row = kindOf(header.kind);
  if (!row) {
    return disbelieved(Reason.REASON_UNKNOWN_KIND, `the kind ${header.kind} is not known here`);
  }
  if (row.local) {
    return disbelieved(Reason.REASON_POLICY_DENIED, `records of kind ${header.kind} never leave their node`);
  }
  if (header.released > BigInt(atMs + CLOCK_SKEW_MS)) {
    return disbelieved(Reason.REASON_CLOCK_SKEW, 'released in the future: one of the two clocks is wrong');
  }
  if (header.expires <= BigInt(atMs)) return disbelieved(Reason.REASON_EXPIRED, 'the record has expired');
  // Control kinds of the sender's own go to whom they name; anything else has to be permitted by baseline and marking.
  if (header.originator !== arrival.sender || !row.control) {
    const named = line.consent.length > 0 ? held.consents.get(hex(line.consent)) : undefined;
    const consent = named && isAbout(named, signed) ? named : undefined;
    if (consent?.withdrawn) {
      return disbelieved(Reason.REASON_NO_CONSENT, 'the consent was taken back by its originator (R3)');
    }
    const permitted = deps.policy.judgeArrival(
      {
        signed,
        sender: arrival.sender,
        disclosed: line.facets,
        audience: line.audience ?? Audience.create(),
        ...(consent && { consent }),
      },
      atMs,
    );
    if (!permitted.ok) return permitted;
  }
  return judgeRules(signed, facets, atMs);
}
