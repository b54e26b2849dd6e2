/**
 * The audit trail as one file of JSON lines that anybody judges offline: what it is of, the anchors with the evidence that
 * the node's log holds them, every row, the head. Files that several anchors share (rosters, statements) are there once.
 */
import { base64, equalBytes, fromBase64, fromHex, hex } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { AuditAnchor } from '../gen/tocsin/record/v1/audit_anchor.ts';
import { collectEvidence, judgeEvidence, type Ledger } from '../ledger/index.ts';
import { reasonName, sha256 } from '../record/index.ts';
import { type AuditHead, type AuditRow, continueAudit, type Store } from '../store/index.ts';
import { AUDIT_ANCHOR, anchorRecords } from './audit-anchor.ts';

const FORMAT = 'tocsin-audit/1';
/** The newest anchor covers every row before it; some older ones show that it was so at their time too. */
const ANCHORS = 200;
const ROWS = 500;
/** A line holds one row or one file of a bundle in base64. */
const AUDIT_LINE_CHARACTERS = 24 * 1024 * 1024;

export interface AuditFileDeps {
  readonly store: Pick<Store, 'read'>;
  readonly ledger: Pick<Ledger, 'proofFor' | 'origins'>;
  readonly self: { readonly node: string; readonly network: Uint8Array };
}

/** The lines of the file, each with its line feed. Rows added meanwhile may be in it; what was there at the start is. */
export async function* exportAudit(deps: AuditFileDeps): AsyncGenerator<string> {
  const { store, self } = deps;
  yield line({ format: FORMAT, node: self.node, network: hex(self.network) });
  const bundles = await store.read(async (tx) => {
    const size = (await tx.ledger.newestCheckpoint(deps.ledger.origins.live))?.size ?? 0n;
    const found: ReadonlyMap<string, Uint8Array>[] = [];
    for await (const record of anchorRecords(tx, ANCHORS)) {
      // Anchors of earlier incarnations are proven under their own, closed log.
      const mine = record.logOrigin === deps.ledger.origins.live;
      if (record.leafIndex === undefined || (mine && record.leafIndex >= size)) continue;
      const { ledger } = deps;
      const { headerDigest } = record;
      found.push(await collectEvidence(tx, { ledger, network: self.network, headerDigest }));
    }
    return found.reverse();
  });
  const told = new Set<string>();
  for (const files of bundles) {
    const names: Record<string, string> = {};
    for (const [path, data] of files) {
      const digest = hex(sha256(data));
      names[path] = digest;
      if (told.has(digest)) continue;
      told.add(digest);
      yield line({ blob: digest, data: base64(data) });
    }
    yield line({ anchor: names });
  }
  let head: AuditHead | undefined;
  for (;;) {
    const after = head?.seq ?? 0n;
    const rows: readonly AuditRow[] = await store.read((tx) => tx.audit.rowsAfter(after, ROWS));
    for (const { seq, at, actor, action, subject, detail, hash } of rows)
      yield line({ row: [String(seq), String(at), actor, action, subject, detail, hex(hash)] });
    const last = rows.at(-1);
    if (last !== undefined) head = { seq: last.seq, hash: last.hash };
    if (rows.length < ROWS) break;
  }
  yield line({ head: head === undefined ? null : [String(head.seq), hex(head.hash)] });
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** What a believed file says. */
export interface AuditFileReport {
  readonly node: string;
  readonly head: AuditHead | undefined;
  /** Anchors proven, and the row of the newest; rows after it are not anchored. */
  readonly anchors: number;
  readonly anchored: bigint;
}

interface PendingAnchor {
  readonly seq: bigint;
  readonly hash: Uint8Array;
  readonly name: string;
}

/**
 * Judges a file by the chain of its rows and, where the network digest is given, by its anchors. AUDIT_BROKEN names the
 * first row that does not fit (`facts.seq`), MALFORMED the line that is none of such a file.
 */
export async function judgeAuditFile(
  lines: AsyncIterable<string>,
  networkDigest: Uint8Array | undefined,
): Promise<Verdict<AuditFileReport, 'AUDIT_BROKEN' | 'MALFORMED'>> {
  const blobs = new Map<string, Uint8Array>();
  const pending = new Map<bigint, PendingAnchor[]>();
  let node: string | undefined;
  let head: AuditHead | undefined;
  let anchored = 0n;
  let anchors = 0;
  let number = 0;
  let ended = false;
  const malformed = (why: string) =>
    disbelieved('MALFORMED' as const, `line ${number}: ${why}`, { line: number });
  for await (const text of lines) {
    number += 1;
    if (ended) return malformed('expected nothing after the head');
    if (text.length > AUDIT_LINE_CHARACTERS) return malformed('longer than any line of such a file');
    const entry = readLine(text);
    if (entry === undefined) return malformed('expected a JSON object of an audit file');
    if (number === 1) {
      if (entry.format !== FORMAT || typeof entry.node !== 'string' || typeof entry.network !== 'string')
        return malformed(`expected the format ${FORMAT} with node and network`);
      if (networkDigest !== undefined && entry.network !== hex(networkDigest))
        return malformed('it is of another network');
      node = entry.node;
    } else if (typeof entry.blob === 'string' && typeof entry.data === 'string') {
      if (blobs.size > 16 * ANCHORS) return malformed('more files than anchors have');
      const data = readBase64(entry.data);
      if (data === undefined || hex(sha256(data)) !== entry.blob)
        return malformed('a file is not what its digest says');
      blobs.set(entry.blob, data);
    } else if (typeof entry.anchor === 'object' && entry.anchor !== null) {
      if (networkDigest === undefined) continue;
      const judged = judgeAnchor(entry.anchor as Record<string, unknown>, blobs, networkDigest, node);
      if (!judged.ok) return malformed(judged.detail);
      pending.set(judged.value.seq, [...(pending.get(judged.value.seq) ?? []), judged.value]);
    } else if (Array.isArray(entry.row)) {
      const row = readRow(entry.row);
      if (row === undefined) return malformed('expected a row of seven texts');
      const next = continueAudit(head, row);
      if (!next.ok) return next;
      head = next.value;
      for (const anchor of pending.get(row.seq) ?? []) {
        if (!equalBytes(anchor.hash, row.hash))
          return disbelieved(
            'AUDIT_BROKEN',
            `row ${row.seq} is not the one that anchor ${anchor.name} in the node's log commits to`,
            { seq: Number(row.seq) },
          );
        anchors += 1;
        anchored = row.seq;
      }
      pending.delete(row.seq);
    } else if ('head' in entry) {
      // Two texts, or nothing: what else JSON may hold there cannot always be written as text.
      const parts: readonly unknown[] = Array.isArray(entry.head) ? entry.head : [''];
      const said =
        parts.length > 0 && parts.every((part) => typeof part === 'string') ? parts.join(' ') : undefined;
      if (said !== (head === undefined ? '' : `${head.seq} ${hex(head.hash)}`))
        return disbelieved('AUDIT_BROKEN', 'the file ends at another row than its head says: it was cut', {
          seq: Number(head?.seq ?? 0n) + 1,
        });
      ended = true;
    } else return malformed('expected a file, an anchor, a row or the head');
  }
  if (node === undefined || !ended)
    return disbelieved('AUDIT_BROKEN', 'the file has no end: it was cut', {
      seq: Number(head?.seq ?? 0n) + 1,
    });
  const [missing] = [...pending.keys()].sort((a, b) => (a < b ? -1 : 1));
  if (missing !== undefined)
    return disbelieved(
      'AUDIT_BROKEN',
      `the trail was cut: the node's log commits to row ${missing}, which is not in the file`,
      { seq: Number(missing) },
    );
  return believed({ node, head, anchors, anchored });
}

function readLine(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function readBase64(text: string): Uint8Array | undefined {
  try {
    return fromBase64(text);
  } catch {
    return undefined;
  }
}

function readRow(values: readonly unknown[]): AuditRow | undefined {
  if (values.length !== 7 || !values.every((value) => typeof value === 'string')) return undefined;
  const [seq = '', at = '', actor = '', action = '', subject = '', detail = '', hash = ''] =
    values as string[];
  if (!/^\d{1,18}$/.test(seq) || !/^\d{1,18}$/.test(at) || !/^[0-9a-f]{64}$/.test(hash)) return undefined;
  return { seq: BigInt(seq), at: BigInt(at), actor, action, subject, detail, hash: fromHex(hash) };
}

function judgeAnchor(
  names: Readonly<Record<string, unknown>>,
  blobs: ReadonlyMap<string, Uint8Array>,
  networkDigest: Uint8Array,
  node: string | undefined,
): Verdict<PendingAnchor, 'MALFORMED'> {
  const files = new Map<string, Uint8Array>();
  for (const [path, digest] of Object.entries(names)) {
    const data = typeof digest === 'string' ? blobs.get(digest) : undefined;
    if (data === undefined) return disbelieved('MALFORMED', 'an anchor names a file that is not there');
    files.set(path, data);
  }
  const judged = judgeEvidence({ files, networkDigest });
  if (!judged.ok)
    return disbelieved(
      'MALFORMED',
      `an anchor is not believed (${reasonName(judged.reason)}): ${judged.detail}`,
    );
  const body = files.get(`facets/${AUDIT_ANCHOR}.bin`);
  const { kind, originator, headerDigest, seen } = judged.value;
  if (kind !== AUDIT_ANCHOR || originator !== node || !seen.includes(AUDIT_ANCHOR) || body === undefined)
    return disbelieved('MALFORMED', `expected anchors of the audit trail of ${node}`);
  if (body.length > LIMITS.facetBytes) return disbelieved('MALFORMED', 'an anchor is too large');
  const { seq, hash } = AuditAnchor.decode(body);
  return believed({ seq, hash, name: headerDigest.slice(0, 16) });
}
