/** Proof files that foreign tools verify too (C2SP tlog-proof): index, inclusion proof, signed checkpoint, as text. */
import { base64, concat, utf8 } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { MerkleError } from './errors.ts';
import { HASH_BYTES } from './hash.ts';
import { strictBase64, strictText } from './note.ts';
import { MAX_SIZE } from './tree.ts';

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
/** The lines before the checkpoint: 63 hashes, and as much unauthenticated extra data as a note may be long. */
const MAX_BYTES = 2 * LIMITS.noteBytes;

export interface TlogProof {
  /** Zero-based leaf index. */
  readonly index: bigint;
  /** Hashes from the leaf's sibling upward. */
  readonly proof: readonly Uint8Array[];
  /** The signed note, verbatim. */
  readonly checkpoint: Uint8Array;
  /** Data of the application that nothing authenticates; absent in what we write. */
  readonly extra?: Uint8Array;
}

/** Bytes of a proof file. Throws FORMAT for what the format cannot hold. */
export function formatTlogProof({ index, proof, checkpoint, extra }: TlogProof): Uint8Array {
  if (index < 0n || index >= MAX_SIZE || proof.length > LIMITS.proofHashes || proof.some(isNoHash)) {
    throw new MerkleError({
      code: 'FORMAT',
      message: 'expected an index below 2^63 and at most 63 hashes of 32 bytes',
    });
  }
  const lines = [FIRST_LINE];
  if (extra !== undefined) lines.push(`extra ${base64(extra)}`);
  lines.push(`index ${index}`, ...proof.map(base64));
  return concat(utf8(`${lines.join('\n')}\n\n`), checkpoint);
}

/** Parts of a proof file: TOO_LARGE or MALFORMED otherwise. Neither the proof nor the checkpoint is judged. */
export function parseTlogProof(bytes: Uint8Array): Verdict<TlogProof, Reason> {
  if (bytes.length > MAX_BYTES)
    return disbelieved(Reason.REASON_TOO_LARGE, `expected at most ${MAX_BYTES} bytes of proof file`);
  const text = strictText(bytes);
  const cut = text?.indexOf('\n\n') ?? -1;
  if (text === undefined || cut < 0) return malformed('expected lines, an empty line and a checkpoint');
  const [first, ...lines] = text.slice(0, cut).split('\n');
  if (first !== FIRST_LINE) return malformed(`expected the first line ${FIRST_LINE}`);
  const extra = lines[0]?.startsWith('extra ') ? strictBase64(lines.shift()?.slice(6) ?? '') : null;
  if (extra === undefined) return malformed('expected canonical base64 after extra');
  const [, index] = /^index (0|[1-9][0-9]{0,18})$/.exec(lines.shift() ?? '') ?? [];
  if (index === undefined || BigInt(index) >= MAX_SIZE)
    return malformed('expected a line with a decimal index below 2^63');
  if (lines.length > LIMITS.proofHashes)
    return disbelieved(Reason.REASON_TOO_LARGE, `expected at most ${LIMITS.proofHashes} hashes`);
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = strictBase64(line);
    if (hash === undefined || isNoHash(hash))
      return malformed('expected hashes of 32 bytes in canonical base64');
    proof.push(hash);
  }
  const checkpoint = utf8(text.slice(cut + 2));
  return believed({ index: BigInt(index), proof, checkpoint, ...(extra === null ? {} : { extra }) });
}

const isNoHash = (hash: Uint8Array): boolean => hash.length !== HASH_BYTES;

const malformed = (detail: string) => disbelieved(Reason.REASON_MALFORMED as Reason, detail);
