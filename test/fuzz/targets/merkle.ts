/** Logs: notes, checkpoints, cosignatures, proofs, as partners, witnesses and files say them. */
import { concat, u64be, utf8 } from '../../../src/base/bytes.ts';
import {
  appendLeaves,
  consistencyProof,
  EMPTY_FRONTIER,
  encodeCheckpoint,
  encodeTimestamped,
  formatNote,
  formatSignatureLine,
  formatTlogProof,
  inclusionProof,
  judgeCheckpointText,
  judgeConsistency,
  judgeInclusion,
  judgeSignedCheckpoint,
  KEY_TYPE,
  leafHash,
  parseNote,
  parseSignatureLines,
  parseTlogProof,
  parseVerifierKey,
  type ReadNodes,
  readTimestamped,
  verifierKey,
} from '../../../src/merkle/index.ts';
import { parseLogOrigin, reasonName } from '../../../src/record/index.ts';
import { accepted, outcomeOf, refused, type Target } from '../target.ts';

interface CheckpointVector {
  readonly log_key: { readonly ed25519: string; readonly ml_dsa_44: string };
  readonly origin: string;
  readonly note: string;
  readonly refused: readonly { readonly note: string }[];
}

const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const TOKENS = [
  '\u2014 ',
  '\n\n',
  '\n\u2014 x AAAAAAA=\n',
  '+',
  ' ',
  '=',
  '\r\n',
  '9223372036854775807',
  '9223372036854775808',
];

const note: Target = {
  name: 'note',
  reads: 'a signed note: parseNote, judgeCheckpointText, judgeSignedCheckpoint',
  open: (scene) => {
    const vector = scene.vector<CheckpointVector>('checkpoint');
    const keys = {
      origin: vector.origin,
      ed25519: unhex(vector.log_key.ed25519),
      mlDsa44: unhex(vector.log_key.ml_dsa_44),
    };
    return {
      form: { kind: 'text', tokens: TOKENS },
      seeds: [vector.note, ...vector.refused.map((one) => one.note)].map(utf8),
      read: (bytes) =>
        outcomeOf(parseNote(bytes), (read) => {
          const text = judgeCheckpointText(read.text);
          if (text.ok && encodeCheckpoint(text.value) !== read.text)
            throw new Error('a checkpoint has two texts');
          const signed = judgeSignedCheckpoint({ ...keys, note: bytes });
          return accepted(
            [read, text.ok ? text.value : text.reason, signed.ok ? signed.value.timestamp : signed.reason],
            formatNote(read.text, read.signatures),
          );
        }),
    };
  },
};

const signatureLines: Target = {
  name: 'signature-lines',
  reads: "a witness's answer: parseSignatureLines, readTimestamped",
  open: (scene) => {
    const { note: text } = scene.vector<CheckpointVector>('checkpoint');
    const lines = text.slice(text.indexOf('\n\n') + 2);
    return {
      form: { kind: 'text', tokens: TOKENS },
      seeds: [lines, ''].map(utf8),
      read: (bytes) =>
        outcomeOf(parseSignatureLines(Buffer.from(bytes).toString('utf8')), (read) => {
          const times = read.map(({ signature }) => readTimestamped(signature)?.timestamp);
          for (const { signature } of read) {
            const parts = readTimestamped(signature);
            if (parts && Buffer.compare(encodeTimestamped(parts.timestamp, parts.signature), signature) !== 0)
              throw new Error('a timestamped signature has two encodings');
          }
          return accepted([read, times], utf8(read.map(formatSignatureLine).join('')));
        }),
    };
  },
};

const tlogProof: Target = {
  name: 'tlog-proof',
  reads: 'a proof file of foreign tools: parseTlogProof',
  open: (scene) => {
    const { note: text } = scene.vector<CheckpointVector>('checkpoint');
    const checkpoint = utf8(text);
    const proof = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill));
    return {
      form: { kind: 'text', tokens: ['extra AAAA\n', 'index 0\n', 'c2sp.org/tlog-proof@v1\n', ...TOKENS] },
      seeds: [
        formatTlogProof({ index: 2n, proof, checkpoint }),
        formatTlogProof({ index: 0n, proof: [], checkpoint, extra: Uint8Array.of(1, 2) }),
        formatTlogProof({
          index: 2n ** 63n - 2n,
          proof: Array.from({ length: 63 }, () => new Uint8Array(32)),
          checkpoint,
        }),
      ],
      read: (bytes) => outcomeOf(parseTlogProof(bytes), (read) => accepted(read, formatTlogProof(read))),
    };
  },
};

const keyText: Target = {
  name: 'verifier-key',
  reads: "a verifier key or a log's name as text: parseVerifierKey, parseLogOrigin",
  open: (scene) => {
    const vector = scene.vector<CheckpointVector>('checkpoint');
    const key = verifierKey(vector.origin, KEY_TYPE.ed25519, unhex(vector.log_key.ed25519));
    return {
      form: { kind: 'text', tokens: ['+', '/', '=', ' ', 'tocsin/', '/log/live/1'] },
      seeds: [key, vector.origin].map(utf8),
      read: (bytes) => {
        const text = Buffer.from(bytes).toString('utf8');
        const origin = parseLogOrigin(text);
        if (origin !== undefined) return accepted(origin, utf8(text));
        return outcomeOf(parseVerifierKey(text));
      },
    };
  },
};

/** Two numbers of eight bytes, leaf or older root, root, hashes. */
const proofs: Target = {
  name: 'proof',
  reads: 'hashes and numbers of a proof: judgeInclusion, judgeConsistency',
  open: async () => {
    const leaves = Array.from({ length: 11 }, (_, at) => leafHash(Uint8Array.of(at)));
    const { nodes, root } = appendLeaves(EMPTY_FRONTIER, leaves);
    const read: ReadNodes = async (ids) =>
      ids.map(({ level, index }) => {
        const node = nodes.find((one) => one.level === level && one.index === index);
        if (node === undefined) throw new Error('a node of the tree is missing');
        return node.hash;
      });
    const message = (first: bigint, size: bigint, left: Uint8Array, hashes: readonly Uint8Array[]) =>
      concat(u64be(first), u64be(size), left, root, ...hashes);
    const seeds = [
      message(
        2n ** 63n - 2n,
        2n ** 63n - 1n,
        root,
        Array.from({ length: 63 }, () => root),
      ),
    ];
    for (const [at, leaf] of leaves.entries())
      seeds.push(message(BigInt(at), 11n, leaf, await inclusionProof(BigInt(at), 11n, read)));
    for (const size of [1, 4, 7, 10]) {
      const older = appendLeaves(EMPTY_FRONTIER, leaves.slice(0, size)).root;
      seeds.push(message(BigInt(size), 11n, older, await consistencyProof(BigInt(size), 11n, read)));
    }
    return {
      form: { kind: 'bytes' },
      seeds,
      read: (bytes) => {
        if (bytes.length < 80) return refused('SHORT');
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const [index, size] = [view.getBigUint64(0), view.getBigUint64(8)];
        const [leaf, claimed] = [bytes.subarray(16, 48), bytes.subarray(48, 80)];
        const hashes: Uint8Array[] = [];
        for (let at = 80; at < bytes.length; at += 32) hashes.push(bytes.subarray(at, at + 32));
        const inclusion = judgeInclusion({ leafHash: leaf, index, size, proof: hashes, root: claimed });
        const consistency = judgeConsistency({
          oldSize: index,
          oldRoot: leaf,
          newSize: size,
          newRoot: claimed,
          proof: hashes,
        });
        if (!inclusion.ok && !consistency.ok)
          return refused(`${reasonName(inclusion.reason)} and ${reasonName(consistency.reason)}`);
        return accepted([inclusion.ok, consistency.ok]);
      },
    };
  },
};

export const MERKLE_TARGETS: readonly Target[] = [note, signatureLines, tlogProof, keyText, proofs];
