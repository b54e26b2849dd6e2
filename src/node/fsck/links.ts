/** Links: every number once and in its place, every manifest as it was signed, every row of the outbox where its state says. */
import { equalBytes, hex } from '../../base/bytes.ts';
import { LIMITS } from '../../base/limits.ts';
import { judgeManifest, judgeSkip } from '../../exchange/index.ts';
import { SignedSkip } from '../../gen/tocsin/exchange/v1/parcel.ts';
import { HybridSignature } from '../../gen/tocsin/record/v1/identity.ts';
import { judgeHybrid } from '../../identity/index.ts';
import { judgeMessage } from '../../record/index.ts';
import type { RowOf } from '../../store/index.ts';
import { type Finding, type FsckDeps, finding, short } from './finding.ts';

/** A manifest of either direction, in its place. */
interface Placed {
  readonly sender: string;
  readonly recipient: string;
  readonly lane: bigint;
  readonly incarnation: bigint;
  readonly seq: bigint;
  readonly digest: Uint8Array;
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

interface Last {
  readonly incarnation: bigint;
  readonly seq: bigint;
  readonly digest: Uint8Array;
}

const laneName = ({ sender, recipient, lane }: Pick<Placed, 'sender' | 'recipient' | 'lane'>): string =>
  `${sender} to ${recipient} lane ${lane}`;

export async function* checkLinks(deps: FsckDeps): AsyncGenerator<Finding> {
  const { tx, self } = deps;
  const out = new Map<string, Last>();
  for await (const row of tx.inspect.rows('manifest_out'))
    yield* checkManifest(deps, { ...row, sender: self }, out);
  for await (const row of tx.inspect.rows('link_out')) {
    const last = out.get(laneName({ sender: self, recipient: row.recipient, lane: row.lane }));
    yield* compareLink(row, last, `to ${row.recipient} lane ${row.lane}`);
    if (row.ack_seq > row.seq)
      yield finding(
        'LINK_WRONG',
        `to ${row.recipient} lane ${row.lane}`,
        'more was acknowledged than was sent',
      );
  }
  const taken = new Map<string, Last>();
  for await (const row of tx.inspect.rows('manifest_in')) {
    yield* checkManifest(deps, { ...row, recipient: self }, taken);
    const receipt = row.receipt_digest && (await tx.records.byDigest(row.receipt_digest));
    if (row.receipt_digest && (receipt?.kind !== 'receipt' || receipt.originator !== self))
      yield finding(
        'INBOX_WRONG',
        `${row.sender} lane ${row.lane} number ${row.seq}`,
        'its receipt is no receipt of ours',
      );
  }
  for await (const row of tx.inspect.rows('link_in')) {
    const last = taken.get(laneName({ sender: row.sender, recipient: self, lane: row.lane }));
    yield* compareLink(row, last, `from ${row.sender} lane ${row.lane}`);
  }
  yield* checkOutbox(deps);
  for await (const row of tx.inspect.rows('inbox_item')) {
    if (await tx.records.byDigest(row.header_digest)) continue;
    yield finding(
      'INBOX_WRONG',
      short(row.header_digest),
      `an item of ${row.sender} names a record that is not here`,
    );
  }
}

function* compareLink(link: Last, last: Last | undefined, subject: string): Generator<Finding> {
  if (last === undefined) {
    yield finding('LINK_WRONG', subject, `it stands at number ${link.seq}, and no manifest is kept`);
    return;
  }
  const same =
    link.incarnation === last.incarnation && link.seq === last.seq && equalBytes(link.digest, last.digest);
  if (!same)
    yield finding(
      'LINK_WRONG',
      subject,
      `it stands at number ${link.seq}, its last manifest is number ${last.seq}`,
    );
}

async function* checkManifest(deps: FsckDeps, row: Placed, ends: Map<string, Last>): AsyncGenerator<Finding> {
  const lane = laneName(row);
  const subject = `${lane} number ${row.incarnation}/${row.seq}`;
  const before = ends.get(lane);
  ends.set(lane, row);
  // Rows come in order: within an incarnation no number is missing, and a higher one begins again.
  const expected = before?.incarnation === row.incarnation ? before.seq + 1n : 1n;
  if (row.seq !== expected) {
    yield finding('CHAIN_BROKEN', subject, `expected number ${expected}`);
    return;
  }
  const judged = judgeManifest(deps.network, row.body);
  if (!judged.ok) {
    yield* checkSkip(deps, row, subject);
    return;
  }
  const { manifest, digest } = judged.value;
  const inPlace =
    equalBytes(digest, row.digest) &&
    manifest.sender === row.sender &&
    manifest.recipient === row.recipient &&
    BigInt(manifest.lane) === row.lane &&
    BigInt(manifest.incarnation) === row.incarnation &&
    manifest.seq === row.seq;
  if (!inPlace) {
    yield finding('MANIFEST_WRONG', subject, 'its body is that of another place');
    return;
  }
  if (row.seq > 1n && before && !equalBytes(manifest.previous, before.digest))
    yield finding('CHAIN_BROKEN', subject, 'it does not name the manifest before it');
  const statement = await deps.directory.statementBy(manifest.statementDigest);
  const key = statement?.statement.node === row.sender ? statement.statement.linkKey : undefined;
  const signature = judgeMessage(
    HybridSignature,
    'tocsin.record.v1.HybridSignature',
    row.signature,
    LIMITS.headerBytes,
  );
  if (!key || !signature.ok || !judgeHybrid('manifest', row.body, signature.value, key).ok)
    yield finding('MANIFEST_WRONG', subject, `no link key of ${row.sender} signed it`);
}

/** A number that its sender gave up is kept as the sender's signed word. */
async function* checkSkip(deps: FsckDeps, row: Placed, subject: string): AsyncGenerator<Finding> {
  const signed = judgeMessage(SignedSkip, 'tocsin.exchange.v1.SignedSkip', row.signature, LIMITS.headerBytes);
  const skip = signed.ok ? judgeSkip(deps.network, signed.value) : signed;
  const fits =
    skip.ok &&
    skip.value.skip.sender === row.sender &&
    skip.value.skip.seq === row.seq &&
    equalBytes(skip.value.skip.digest, row.digest);
  if (!fits) yield finding('MANIFEST_WRONG', subject, 'it is neither a manifest nor a number given up');
}

const CLOSED = ['receipted', 'refused', 'withdrawn', 'skipped'];

async function* checkOutbox({ tx, network, self }: FsckDeps): AsyncGenerator<Finding> {
  for await (const row of tx.inspect.rows('outbox')) {
    const subject = `outbox ${row.id} to ${row.recipient}`;
    const wrong = (detail: string) => finding('OUTBOX_WRONG', subject, detail);
    if (!(await tx.records.byDigest(row.header_digest)))
      yield wrong(`there is no record ${short(row.header_digest)}`);
    if (CLOSED.includes(row.state) !== (row.closed_at !== null))
      yield wrong(`it is ${row.state}, and its end says otherwise`);
    const { incarnation, seq } = row;
    if (row.state === 'waiting') {
      if (incarnation !== null || seq !== null) yield wrong('it waits, and has a number already');
      continue;
    }
    if (incarnation === null || seq === null) {
      // Withdrawn before it was ever announced.
      if (row.state !== 'withdrawn') yield wrong(`it is ${row.state}, and was never given a number`);
      continue;
    }
    yield* checkAnnounced({ tx, network, self }, row, wrong);
  }
}

async function* checkAnnounced(
  { tx, network }: Pick<FsckDeps, 'tx' | 'network' | 'self'>,
  row: RowOf<'outbox'>,
  wrong: (detail: string) => Finding,
): AsyncGenerator<Finding> {
  const manifest = await tx.links.manifestOut({
    recipient: row.recipient,
    lane: row.lane === 0n ? 0 : 1,
    incarnation: Number(row.incarnation),
    seq: row.seq ?? 0n,
  });
  const judged = manifest && judgeManifest(network, manifest.body);
  const listed =
    judged?.ok &&
    judged.value.manifest.items.some(({ headerDigest }) => hex(headerDigest) === hex(row.header_digest));
  if (!listed) yield wrong('the manifest of its number does not list it');
  if (row.state !== 'receipted') return;
  const receipt = row.receipt_digest && (await tx.records.byDigest(row.receipt_digest));
  if (row.receipt_digest && (receipt?.kind !== 'receipt' || receipt.originator !== row.recipient))
    yield wrong(`its receipt is none of ${row.recipient}`);
}
