/**
 * Judges a parcel from its bytes to a manifest that may be taken, in the order of the questions: is it sealed to us, who
 * says so, may they speak, does it come next, does their log agree. Writes nothing: take.ts does, in one transaction.
 * Item by item is judged in items.ts, so that one poisoned item never costs the others (T33).
 */
import { equalBytes } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { believed, type Disbelieved, disbelieved, type Verdict } from '../base/verdict.ts';
import type { HybridPublicKey } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { judgeHybrid, type VerifiedStatement } from '../identity/index.ts';
import { isSeenBefore, judgePartnerCheckpoint, logKeysOf } from '../ledger/index.ts';
import { type Checkpoint, emptyRoot, judgeSignedCheckpoint } from '../merkle/index.ts';
import { parseLogOrigin } from '../record/index.ts';
import { judgeSealedParcel } from '../seal/index.ts';
import type { LinkIn, ManifestIn, ReadTx, Store } from '../store/index.ts';
import type { Directory } from './directory.ts';
import type { PeerKeys } from './keys.ts';
import { judgePlace, type Lane, type Position } from './link.ts';
import { barrierOf } from './membership.ts';
import { judgeContent, judgeListing, type OpenedParcel } from './parcel.ts';

export interface ArrivalDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly keys: PeerKeys;
  readonly privateKeyOf: (prekeyId: Uint8Array) => Promise<Uint8Array | undefined>;
}

/** A checkpoint whose two signatures were verified, with the note that carries them. */
export interface JudgedCheckpoint extends Checkpoint {
  readonly note: Uint8Array;
}

/** A parcel that may be taken: authentic, next in its lane, exactly as listed. */
export interface Arrival {
  readonly sender: string;
  readonly lane: Lane;
  readonly parcel: OpenedParcel;
  readonly statement: VerifiedStatement;
  readonly position: Exclude<Position, 'taken'>;
  readonly live: JudgedCheckpoint;
  readonly exercise: JudgedCheckpoint | undefined;
}

export type ArrivalOutcome =
  | { readonly kind: 'take'; readonly arrival: Arrival }
  /** Taken before: the same receipt again. */
  | { readonly kind: 'repeat'; readonly taken: ManifestIn }
  /** What lies between is to be fetched first. */
  | { readonly kind: 'gap'; readonly incarnation: number; readonly expected: bigint; readonly got: bigint }
  /** Cannot be judged yet: a roster or statement is on its way. */
  | Held
  | Refused;

export interface Held {
  readonly kind: 'hold';
  readonly reason: Reason;
  readonly detail: string;
  /** A parcel that names a newer roster than its own sender shows when asked. */
  readonly claim?: OpenedParcel;
}

export interface Refused {
  readonly kind: 'refuse';
  readonly reason: Reason;
  readonly detail: string;
  /** The manifest, where its signature verified: only then can the sender be told, and blamed. */
  readonly authentic?: OpenedParcel;
  /** Id of the prekey that is gone, hexadecimal. */
  readonly prekey?: string;
  /** What stands against the manifest: the one taken under its number, or before it; the note held for its size. */
  readonly against?: Against;
}

/** What was believed before and contradicts an arrival. */
export type Against =
  | { readonly kind: 'manifest'; readonly body: Uint8Array; readonly signature: Uint8Array }
  | { readonly kind: 'note'; readonly held: Uint8Array; readonly shown: Uint8Array };

const refuse = (verdict: Disbelieved<Reason>, authentic?: OpenedParcel, against?: Against): Refused => ({
  kind: 'refuse',
  reason: verdict.reason,
  detail: verdict.detail,
  ...(authentic && { authentic }),
  ...(against && { against }),
});

/** Judges the bytes of a parcel that arrived under a subject, or in a backfill, as from `sender` on `lane`. */
export async function judgeParcel(
  deps: ArrivalDeps,
  claim: { readonly sender: string; readonly lane: Lane; readonly bytes: Uint8Array },
): Promise<ArrivalOutcome> {
  const { directory, clock } = deps;
  const { sender, lane } = claim;
  const opened = await judgeSealedParcel({
    bytes: claim.bytes,
    network: directory.network,
    recipient: directory.self,
    sender,
    lane,
    privateKeyOf: deps.privateKeyOf,
  });
  if (!opened.ok) {
    const { prekey } = opened.facts;
    return { ...refuse(opened), ...(prekey !== undefined && { prekey: String(prekey) }) };
  }
  // The roster, never the message, says what suffices (design §8).
  const { suite } = opened.value.envelope;
  if (!directory.roster().roster.requiredSuites.includes(suite))
    return refuse(
      disbelieved(
        Reason.REASON_DOWNGRADE,
        `the roster requires suite ${directory.roster().roster.requiredSuites.join(', ')}, the parcel is of suite ${suite}`,
      ),
    );
  const content = judgeContent(directory.network, opened.value.content);
  if (!content.ok) return refuse(content);
  const parcel = content.value;

  // Who says so. A signer is believed only through a statement that the roster's authorities vouch for (T04, T09).
  const { manifest } = parcel.manifest;
  const named = judgeNames(directory, parcel, sender, lane);
  if (!named.ok) return refuse(named);
  // Whom our roster does not list yet, a newer one may admit: nobody else vouches for its keys.
  if (!directory.roster().member(sender) && manifest.rosterVersion > directory.roster().version)
    await deps.keys.catchUpRosterFromAny(sender);
  const statement = await deps.keys.statement(sender, manifest.statementDigest, sender);
  if (!statement.ok) {
    return statement.reason === Reason.REASON_STATEMENT_UNKNOWN
      ? { kind: 'hold', reason: statement.reason, detail: statement.detail }
      : refuse(statement);
  }
  const signed = judgeSigner(directory, parcel, statement.value, clock.nowMs());
  if (!signed.ok) return refuse(signed);

  // May they speak. A newer roster is fetched first: it may be the one that admits, or expels, the sender.
  const roster = await judgeRosterOf(deps, parcel, sender);
  if (roster) return roster;
  const member = judgeMember(directory, sender, clock.nowMs());
  // A suspended member's parcel is taken, so that its recalls do not wait behind what is refused, item by item (R20).
  if (!member.ok && member.reason !== Reason.REASON_SUSPENDED) return refuse(member, parcel);
  const barrier = barrierOf(directory, sender, lane, clock.nowMs());
  if (barrier) {
    return barrier.reason === Reason.REASON_FORMAT_UNSUPPORTED
      ? refuse(disbelieved(barrier.reason, barrier.detail), parcel)
      : { kind: 'hold', ...barrier };
  }

  return judgeSequence(deps, { sender, lane, parcel, statement: statement.value });
}

/** Envelope and manifest name the same ends (T03): the seal binds the one, the signature the other. */
function judgeNames(
  directory: Directory,
  parcel: OpenedParcel,
  sender: string,
  lane: Lane,
): Verdict<true, Reason> {
  const { manifest } = parcel.manifest;
  if (manifest.sender !== sender) {
    return disbelieved(Reason.REASON_WRONG_SENDER, 'the manifest names another sender than its envelope');
  }
  if (manifest.recipient !== directory.self || manifest.lane !== lane) {
    return disbelieved(
      Reason.REASON_WRONG_DESTINATION,
      'the manifest names another recipient or lane than its envelope',
    );
  }
  return { ok: true, value: true };
}

function judgeSigner(
  directory: Directory,
  parcel: OpenedParcel,
  statement: VerifiedStatement,
  atMs: number,
): Verdict<true, Reason> {
  const { linkKey, incarnation } = statement.statement;
  const { manifest, bytes } = parcel.manifest;
  if (!linkKey) return disbelieved(Reason.REASON_SIGNATURE_INVALID, 'the key statement names no link key');
  if (directory.isRevoked(manifest.sender, linkKey, atMs)) {
    return disbelieved(Reason.REASON_KEY_REVOKED, 'the link key that signed was taken back, or replaced');
  }
  const verdict = judgeHybrid('manifest', bytes, parcel.signature, linkKey);
  if (!verdict.ok) return verdict;
  return manifest.incarnation === incarnation
    ? verdict
    : disbelieved(Reason.REASON_STATEMENT_STALE, 'the manifest and its key statement differ in incarnation');
}

async function judgeRosterOf(
  deps: ArrivalDeps,
  parcel: OpenedParcel,
  sender: string,
): Promise<ArrivalOutcome | undefined> {
  const { manifest } = parcel.manifest;
  const { directory } = deps;
  if (manifest.rosterVersion > directory.roster().version) await deps.keys.catchUpRosterFromAny(sender);
  if (manifest.rosterVersion > directory.roster().version) {
    return {
      kind: 'hold',
      reason: Reason.REASON_ROSTER_NEWER,
      detail: `the sender uses roster ${manifest.rosterVersion}, ours is ${directory.roster().version}`,
      ...(deps.keys.showsNothingNewer(sender) && { claim: parcel }),
    };
  }
  const held = await digestOf(deps, manifest.rosterVersion);
  if (held === undefined || equalBytes(manifest.rosterDigest, held)) return undefined;
  // The other one of two between which people chose, or are about to: the sender will come round, its parcel waits.
  if (directory.isRejectedRoster(manifest.rosterDigest) || (await deps.keys.compareRosters(sender))) {
    return {
      kind: 'hold',
      reason: Reason.REASON_ROSTER_FORK,
      detail: `the sender uses another roster of version ${manifest.rosterVersion} than the one in use here`,
    };
  }
  return refuse(
    disbelieved(
      Reason.REASON_ROSTER_FORK,
      `the sender uses another roster of version ${manifest.rosterVersion}, and shows none that the governments signed`,
    ),
    parcel,
  );
}

/** Digest of a version that is held. */
async function digestOf({ directory, store }: ArrivalDeps, version: bigint): Promise<Uint8Array | undefined> {
  const inUse = directory.roster();
  if (version === inUse.version) return inUse.digest;
  if (version < 1n) return undefined;
  const [row] = await store.read((tx) => tx.directory.rosters(version - 1n));
  return row?.version === version ? row.digest : undefined;
}

/** T16: what a suspended or expelled member sends is refused from the moment that the roster says. */
export function judgeMember(directory: Directory, node: string, atMs: number): Verdict<true, Reason> {
  const standing = directory.roster().standingOf(node, atMs);
  switch (standing) {
    case 'active':
      return { ok: true, value: true };
    case 'suspended':
      return disbelieved(Reason.REASON_SUSPENDED, `${node} is suspended`);
    default:
      return disbelieved(Reason.REASON_NOT_A_MEMBER, `${node} is ${standing ?? 'not in the roster'}`);
  }
}

type Claim = Pick<Arrival, 'sender' | 'lane' | 'parcel' | 'statement'>;

async function judgeSequence(deps: ArrivalDeps, claim: Claim): Promise<ArrivalOutcome> {
  const { manifest, digest } = claim.parcel.manifest;
  const { sender, lane } = claim;
  const { known, kept } = await deps.store.read(async (tx) => ({
    known: await tx.links.in(sender, lane),
    kept: await tx.links.manifestIn({
      sender,
      lane,
      incarnation: manifest.incarnation,
      seq: manifest.seq,
    }),
  }));
  const declared = deps.directory.statementOf(sender)?.statement.incarnation ?? 0;
  if (!kept && manifest.incarnation < declared) {
    // What the old incarnation sent and was not taken by now is its sender's to send again (design §5).
    const stale = `expected incarnation ${declared} or higher, got ${manifest.incarnation}`;
    return refuse(disbelieved(Reason.REASON_STATEMENT_STALE, stale), claim.parcel);
  }
  const place = judgePlace({ ...manifest, digest }, known, kept?.digest);
  if (!place.ok) {
    if (place.reason !== Reason.REASON_GAP) {
      const before =
        kept ??
        (await deps.store.read((tx) =>
          tx.links.manifestIn({ sender, lane, incarnation: manifest.incarnation, seq: manifest.seq - 1n }),
        ));
      return refuse(place, claim.parcel, before && { kind: 'manifest', ...before });
    }
    const expected = known && known.incarnation === manifest.incarnation ? known.seq + 1n : 1n;
    return { kind: 'gap', incarnation: manifest.incarnation, expected, got: manifest.seq };
  }
  if (place.value === 'taken') {
    return kept
      ? { kind: 'repeat', taken: kept }
      : refuse(disbelieved(Reason.REASON_REPLAY, 'taken before'), claim.parcel);
  }

  const logs = await judgeLogs(deps, claim, place.value === 'restart' ? undefined : known);
  if (!logs.ok) return refuse(logs, claim.parcel, logs.against);
  const listing = judgeListing(claim.parcel);
  // Not blamed on the sender: the seal can be made by anyone who once opened a copy of this manifest.
  if (!listing.ok) return refuse(listing);
  return { kind: 'take', arrival: { ...claim, position: place.value, ...logs.value } };
}

/** A refused checkpoint, with the note held here that it contradicts. */
type RefusedLog = Disbelieved<Reason> & { readonly against?: Against };

/** The sender's logs: no contradiction to any checkpoint seen before, and continuing what this lane saw (T27, T28). */
async function judgeLogs(
  deps: ArrivalDeps,
  claim: Claim,
  known: LinkIn | undefined,
): Promise<{ ok: true; value: Pick<Arrival, 'live' | 'exercise'> } | RefusedLog> {
  const { manifest } = claim.parcel.manifest;
  const { statement } = claim.statement;
  const nowMs = deps.clock.nowMs();
  // Every tree continues the empty one; a skipped manifest leaves no checkpoint to continue (see skip.ts).
  const nothing = { size: 0n, root: emptyRoot() };
  const from = known ? { size: known.checkpointSize, root: known.checkpointRoot } : nothing;
  return deps.store.read(async (tx) => {
    const live = await judgeLog(deps.directory, tx, {
      note: manifest.checkpoint,
      origin: statement.logOrigin,
      key: statement.logKey,
      from,
      proof: manifest.consistencyProof,
      nowMs,
    });
    if (!live.ok || manifest.exerciseCheckpoint.length === 0) {
      return live.ok ? believed({ live: live.value, exercise: undefined }) : live;
    }
    const exercise = await judgeLog(deps.directory, tx, {
      note: manifest.exerciseCheckpoint,
      origin: statement.exerciseLogOrigin,
      key: statement.exerciseLogKey,
      from: nothing,
      proof: [],
      nowMs,
    });
    return exercise.ok ? believed({ live: live.value, exercise: exercise.value }) : exercise;
  });
}

async function judgeLog(
  directory: Directory,
  tx: ReadTx,
  claim: {
    readonly note: Uint8Array;
    readonly origin: string;
    readonly key: HybridPublicKey | undefined;
    readonly from: Pick<Checkpoint, 'size' | 'root'>;
    readonly proof: readonly Uint8Array[];
    readonly nowMs: number;
  },
): Promise<{ ok: true; value: JudgedCheckpoint } | RefusedLog> {
  const { note, origin, key, from, proof, nowMs } = claim;
  if (!key) return judgeCheckpoint(note, origin, key);
  const judged = await judgePartnerCheckpoint(tx, { note, keys: logKeysOf(origin, key), from, proof, nowMs });
  if (!judged.ok) {
    const contradicted = judged.reason === Reason.REASON_LOG_FORK ? Number(judged.facts.size) : from.size;
    const held = await tx.ledger.knownLog(origin, BigInt(contradicted));
    return { ...judged, ...(held && { against: { kind: 'note', held: held.note, shown: note } }) };
  }
  const { checkpoint } = judged.value;
  // Within one lane numbers rise, so does the log: a smaller tree is one that lost leaves.
  if (checkpoint.size < from.size)
    return disbelieved(
      Reason.REASON_LOG_INCONSISTENT,
      'the log is smaller than the manifest before showed it',
    );
  const counts = await judgeLogKey(directory, tx, checkpoint, key, nowMs);
  return counts.ok ? believed({ ...checkpoint, note }) : counts;
}

/** KEY_REVOKED where the key of a log no longer counts and nobody saw this checkpoint before it ended. */
export async function judgeLogKey(
  directory: Directory,
  tx: ReadTx,
  checkpoint: Checkpoint,
  key: HybridPublicKey,
  nowMs: number,
): Promise<Verdict<true, Reason>> {
  const node = parseLogOrigin(checkpoint.origin)?.node ?? '';
  const end = directory.endOf(node, key);
  if (end === undefined || nowMs < end) return believed(true);
  const assignment = directory.roster().roster.witnesses.find((one) => one.node === node);
  if (await isSeenBefore(tx, checkpoint, end, assignment)) return believed(true);
  return disbelieved(
    Reason.REASON_KEY_REVOKED,
    `the log key that signed counts no longer since ${new Date(end).toISOString()}, and nobody saw this checkpoint before`,
  );
}

/** CHECKPOINT_INVALID, CHECKPOINT_EXTENSION or SIGNATURE_INVALID unless both keys of the log signed these three lines. */
export function judgeCheckpoint(
  note: Uint8Array,
  origin: string,
  key: HybridPublicKey | undefined,
): Verdict<JudgedCheckpoint, Reason> {
  if (!key)
    return disbelieved(Reason.REASON_CHECKPOINT_INVALID, 'the key statement names no key for the log');
  const judged = judgeSignedCheckpoint({ note, origin, ed25519: key.ed25519, mlDsa44: key.mlDsa44 });
  return judged.ok ? { ok: true, value: { ...judged.value.checkpoint, note } } : judged;
}
