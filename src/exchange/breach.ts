/**
 * A record passed on without a right to: the recipient puts it aside and reports it to the originator, with the forwarder's own
 * signed manifest as evidence (design §7). The report is a record in the outbox, so an originator that is away gets it when it is
 * back. It carries no facet: who may not see the record may still see the proof.
 */
import { equalBytes, hex } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { Manifest, type ParcelItem } from '../gen/tocsin/exchange/v1/parcel.ts';
import { BreachReport } from '../gen/tocsin/record/v1/breach_report.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { type Accusation, encodeMisconduct, judgeMisconduct } from '../ledger/index.ts';
import {
  encodeSigned,
  judgeHeader,
  judgeMessage,
  kindOf,
  reasonName,
  type SignedHeader,
} from '../record/index.ts';
import type { ReadTx, StoredRecord, WriteTx } from '../store/index.ts';
import type { Alarm } from './alarms.ts';
import type { JudgedItem } from './items.ts';
import type { OpenedParcel } from './parcel.ts';
import type { LedgerPort } from './ports.ts';
import { hashesOf } from './stored.ts';
import { worldOfHeader } from './worlds.ts';

export const BREACH_REPORT = 'breach-report';

const NOTHING = Buffer.alloc(0);
/** Label and network digest before a manifest's message. */
const SIGNED_PREFIX = encodeSigned('manifest', new Uint8Array(32), NOTHING).length;

/** A facet takes 256 KiB, of which header and proof need their part; honest manifests are far smaller. */
const MANIFEST_ROOM = 216 * 1024;

const REPORTED: ReadonlySet<Reason> = new Set([
  Reason.REASON_THIRD_PARTY_BREACH,
  Reason.REASON_NO_CONSENT,
  Reason.REASON_FORBIDDEN_FACET,
]);

/** A report to make: for whom, and its encoded facet. */
export interface OwedReport {
  readonly originator: string;
  readonly body: Uint8Array;
  /** Of the record passed on. */
  readonly exercise: boolean;
}

/**
 * What is to be reported of one parcel: one report an originator, about the first of its records that is in breach. The manifest
 * lists the others; so a flood of breaches costs its victims one report a parcel.
 */
export async function owedReports(
  tx: Pick<ReadTx, 'records'>,
  arrival: {
    readonly network: Uint8Array;
    readonly self: string;
    readonly sender: string;
    readonly parcel: OpenedParcel;
    readonly isMember: (node: string) => boolean;
  },
  items: readonly JudgedItem[],
  atMs: number,
): Promise<readonly OwedReport[]> {
  const { network, self, sender, parcel } = arrival;
  const owed = new Map<string, OwedReport>();
  for (const [line, item] of items.entries()) {
    if (item.kind !== 'refused' || !REPORTED.has(item.reason)) continue;
    const shown = await shownRecord(tx, network, parcel.items[line], item.line.headerDigest);
    const originator = shown?.signed.header.originator;
    if (!shown || originator === undefined || originator === sender || originator === self) continue;
    if (!arrival.isMember(originator) || owed.has(originator)) continue;
    const { bytes, digest } = parcel.manifest;
    const body = BreachReport.encode({
      record: Buffer.from(shown.signed.digest),
      header: Buffer.from(shown.signed.bytes),
      forwarder: sender,
      reason: item.reason,
      manifest: Buffer.from(bytes.length <= MANIFEST_ROOM ? bytes : []),
      manifestDigest: Buffer.from(digest),
      signature: parcel.signature,
      line,
      at: BigInt(atMs),
      inclusion: shown.inclusion,
    }).finish();
    owed.set(originator, { originator, body, exercise: worldOfHeader(shown.signed.header) === 'exercise' });
  }
  return [...owed.values()];
}

interface Shown {
  readonly signed: SignedHeader;
  readonly inclusion: BreachReport['inclusion'];
}

/** The record of a line: as it travels, or, where facets followed, as it is held. */
async function shownRecord(
  tx: Pick<ReadTx, 'records'>,
  network: Uint8Array,
  item: ParcelItem | undefined,
  headerDigest: Uint8Array,
): Promise<Shown | undefined> {
  const travelling = item && item.header.length > 0 ? judgeHeader(network, item.header) : undefined;
  if (travelling?.ok) return { signed: travelling.value, inclusion: item?.inclusion };
  const held = await tx.records.byDigest(headerDigest);
  const signed = held && judgeHeader(network, held.header);
  return held && signed?.ok ? { signed: signed.value, inclusion: inclusionOf(held) } : undefined;
}

const inclusionOf = (record: StoredRecord): BreachReport['inclusion'] => ({
  index: record.leafIndex ?? 0n,
  proof: hashesOf(record.proof ?? new Uint8Array(0)),
  checkpoint: Buffer.from(record.checkpoint ?? []),
});

/** The report in a record of that kind; undefined for other kinds. */
export function breachReportIn(kind: string, facets: readonly DisclosedFacet[]): BreachReport | undefined {
  if (kind !== BREACH_REPORT) return undefined;
  const name = kindOf(BREACH_REPORT)?.facets[0]?.name;
  const facet = facets.find((one) => one.facet === name && one.body.length > 0);
  return facet && BreachReport.decode(facet.body);
}

/** A report that was taken, and who made it. */
export interface TakenReport {
  readonly reporter: string;
  readonly report: BreachReport;
}

/** Whether a report is about a record of ours. */
export async function isOfOurs(tx: Pick<ReadTx, 'records'>, report: BreachReport): Promise<boolean> {
  const record = await tx.records.byDigest(report.record);
  return record?.origin === 'own' && equalBytes(record.header, report.header);
}

/**
 * What the originator makes of a report: an alarm about the forwarder, with the file that convicts it, where the file does;
 * otherwise one about the reporter, whose evidence does not show what it says.
 */
export async function alarmOfReport(
  deps: { readonly network: Uint8Array; readonly self: string; readonly ledger: LedgerPort },
  tx: WriteTx,
  { reporter, report }: TakenReport,
  atMs: number,
): Promise<Alarm> {
  const { network, self } = deps;
  const { forwarder, record, reason } = report;
  const misconduct: Accusation = {
    network,
    self,
    nodes: [forwarder, self],
    deed: await deedOf(deps, tx, report),
  };
  const bytes = await encodeMisconduct(tx, misconduct, atMs);
  const judged = judgeMisconduct({ bytes, networkDigest: network });
  const about = `our record ${hex(record).slice(0, 16)}`;
  if (judged.ok && judged.value.culprits.includes(forwarder)) {
    return {
      code: 'THIRD_PARTY_BREACH',
      subject: forwarder,
      detail: `${reporter} reports that ${forwarder} passed ${about} on to it (${reasonName(reason)}); its own manifest shows it`,
      misconduct,
    };
  }
  return {
    code: 'BREACH_UNPROVEN',
    subject: reporter,
    detail: `${reporter} reports that ${forwarder} passed ${about} on to it, and its evidence does not show it: ${judged.ok ? 'it convicts somebody else' : judged.detail}`,
  };
}

/** The forwarder's own signed line, and the header that it is about; no facet of it. */
async function deedOf(
  { ledger }: { readonly ledger: LedgerPort },
  tx: ReadTx,
  { manifest, signature, line, header, inclusion, reason }: BreachReport,
): Promise<Accusation['deed']> {
  const named = consentNamed(manifest, line);
  return {
    $case: 'thirdPartyBreach',
    value: {
      manifest,
      signature,
      line,
      item: { header, inclusion, facets: [], statementDigest: NOTHING },
      consents: named ? await ownConsent(ledger, tx, named) : [],
      reason,
    },
  };
}

/** Digest of the consent that a line of a manifest names; undefined where it names none, or cannot be read. */
function consentNamed(bytes: Uint8Array, line: number): Uint8Array | undefined {
  const body = bytes.subarray(SIGNED_PREFIX);
  const read = judgeMessage(Manifest, 'tocsin.exchange.v1.Manifest', body, LIMITS.messageBytes);
  const consent = read.ok ? read.value.items[line]?.consent : undefined;
  return consent?.length ? consent : undefined;
}

/** A consent of ours with its proof: without it the file would convict nobody. */
async function ownConsent(ledger: LedgerPort, tx: ReadTx, digest: Uint8Array): Promise<ParcelItem[]> {
  const record = await tx.records.byDigest(digest);
  const live = await ledger.newestCheckpoint(tx, 'live');
  if (record?.origin !== 'own' || record.leafIndex === undefined || !live) return [];
  const [proof] = await ledger.proofsFor(tx, [digest], live.size);
  if (!proof) return [];
  const facets = (await tx.records.facets(digest)).map(({ facet, salt, body }) => ({
    facet,
    salt: Buffer.from(salt),
    body: Buffer.from(body),
  }));
  const inclusion = {
    index: proof.index,
    proof: proof.proof.map((hash) => Buffer.from(hash)),
    checkpoint: Buffer.from(live.note),
  };
  return [{ header: Buffer.from(record.header), inclusion, facets, statementDigest: NOTHING }];
}
