/**
 * The evidence bundle (design §5): the files with which anybody who knows the network digest convinces himself, years
 * later and offline, that a state stated this record. Building one trusts its inputs; evidence-judge.ts trusts nothing.
 */
import { base64, concat, utf8 } from '../base/bytes.ts';
import type { DisclosedFacet } from '../gen/tocsin/record/v1/header.ts';
import { KeyStatement, SignedKeyStatement } from '../gen/tocsin/record/v1/identity.ts';
import { formatTlogProof, KEY_TYPE, type LogKeys, verifierKey } from '../merkle/index.ts';
import { isForbiddenFacet, isNodeId, judgeSigned, type SignedHeader } from '../record/index.ts';
import { ledgerError } from './errors.ts';
import { logKeysOf } from './log-signer.ts';

/** A record with what proves it: its place under a signed checkpoint, and the statement that names the keys. */
export interface EvidenceRecord {
  readonly signed: SignedHeader;
  /** Those that the bundle is to show. Facets that never leave their node are left out whatever is given. */
  readonly facets: readonly DisclosedFacet[];
  readonly index: bigint;
  readonly proof: readonly Uint8Array[];
  /** Signed note. */
  readonly checkpoint: Uint8Array;
  /** Encoded SignedKeyStatement of the originator. */
  readonly statement: Uint8Array;
}

/** One witness's cosignature of the record's checkpoint. */
export interface EvidenceCosignature {
  /** Node id of the witness. */
  readonly node: string;
  /** Signature line with its newline. */
  readonly line: string;
  /** Encoded SignedKeyStatement of the witness. */
  readonly statement: Uint8Array;
}

export interface EvidenceInput {
  /** 32 bytes. */
  readonly network: Uint8Array;
  readonly record: EvidenceRecord;
  /** Encoded SignedKeyStatement of the originator that ends a key of `record`'s; without it nobody would know. */
  readonly laterStatement?: Uint8Array;
  /** Encoded RosterHistory, from version 1 on. */
  readonly rosterHistory: Uint8Array;
  readonly cosignatures?: readonly EvidenceCosignature[];
  /** Receipts of recipients, each a record of its own; one a recipient. */
  readonly receipts?: readonly EvidenceRecord[];
}

/** Files of a bundle by their path inside `evidence/<record id>/`, with forward slashes. */
export type EvidenceFiles = ReadonlyMap<string, Uint8Array>;

export const FILE = {
  header: 'header.bin',
  proof: 'proof.tlog-proof',
  statement: 'statement.bin',
  chain: 'chain.pem',
  rosterHistory: 'roster-history.bin',
  verifierKeys: 'vkeys.txt',
  /** A later statement of the originator, where it ends the key that signed the checkpoint. */
  laterStatement: 'statement.later.bin',
  cosignatures: 'cosignatures',
} as const;

/** What stands before the file names of a receipt: `receipt.`, or `receipt-<node>.` where a bundle holds several. */
export const RECEIPT_FILE = /^(receipt(?:-[A-Z][A-Z0-9]{1,11})?\.)(.+)$/;
export const FACET_FILE = /^facets\/([^/.]{1,64})\.(bin|salt)$/;
export const WITNESS_FILE = /^witnesses\/([A-Z][A-Z0-9]{1,11})\.statement\.bin$/;

/** The bundle's files. Throws EVIDENCE_INCOMPLETE where a statement cannot be read. */
export function buildEvidence(input: EvidenceInput): Map<string, Uint8Array> {
  const { record, network } = input;
  const statement = readStatement(network, record.statement);
  const files = recordFiles(record, '');
  files.set(FILE.chain, chainPem(statement.signed.chain));
  files.set(FILE.rosterHistory, input.rosterHistory);
  if (input.laterStatement) files.set(FILE.laterStatement, input.laterStatement);
  const keys = logKeysIn(statement.statement, record.signed.header.logOrigin);
  if (!keys)
    throw ledgerError(
      'EVIDENCE_INCOMPLETE',
      'the key statement given does not speak for the log of the record',
      {
        facts: { log: record.signed.header.logOrigin },
      },
    );
  files.set(FILE.verifierKeys, verifierKeys(keys));

  const cosignatures = input.cosignatures ?? [];
  if (cosignatures.length > 0)
    files.set(FILE.cosignatures, utf8(cosignatures.map(({ line }) => line).join('')));
  for (const { node, statement: bytes } of cosignatures) files.set(`witnesses/${node}.statement.bin`, bytes);

  const receipts = input.receipts ?? [];
  for (const receipt of receipts) {
    const { originator } = receipt.signed.header;
    const prefix = receipts.length === 1 || !isNodeId(originator) ? 'receipt.' : `receipt-${originator}.`;
    for (const [name, bytes] of recordFiles(receipt, prefix)) files.set(name, bytes);
  }
  return files;
}

function recordFiles(record: EvidenceRecord, prefix: string): Map<string, Uint8Array> {
  const { signed, index, proof, checkpoint } = record;
  const files = new Map<string, Uint8Array>([
    [prefix + FILE.header, signed.bytes],
    [prefix + FILE.proof, formatTlogProof({ index, proof, checkpoint })],
    [prefix + FILE.statement, record.statement],
  ]);
  for (const { facet, salt, body } of record.facets) {
    // A bundle leaves the node: what identifies a source stays (design §1.6).
    if (isForbiddenFacet(signed.header.kind, facet)) continue;
    files.set(`${prefix}facets/${facet}.bin`, body);
    files.set(`${prefix}facets/${facet}.salt`, salt);
  }
  return files;
}

/** PEM of the certificates in the order given, one canonical text for one chain (RFC 7468 §5.1). */
export const chainPem = (chain: readonly Uint8Array[]): Uint8Array =>
  concat(
    ...chain.map((der) => {
      const lines = base64(der).match(/.{1,64}/g) ?? [];
      return utf8(`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`);
    }),
  );

/** One C2SP verifier key a line, for foreign tools; our own judge derives the keys itself. */
export const verifierKeys = ({ origin, ed25519, mlDsa44 }: LogKeys): Uint8Array =>
  utf8(
    `${verifierKey(origin, KEY_TYPE.ed25519, ed25519)}\n${verifierKey(origin, KEY_TYPE.mlDsa44, mlDsa44)}\n`,
  );

/** The keys that a statement names for one of its two logs; undefined for any other log. */
export function logKeysIn(statement: KeyStatement, origin: string): LogKeys | undefined {
  if (origin === statement.logOrigin && statement.logKey) return logKeysOf(origin, statement.logKey);
  if (origin === statement.exerciseLogOrigin && statement.exerciseLogKey)
    return logKeysOf(origin, statement.exerciseLogKey);
  return undefined;
}

function readStatement(
  network: Uint8Array,
  bytes: Uint8Array,
): { readonly signed: SignedKeyStatement; readonly statement: KeyStatement } {
  const signed = SignedKeyStatement.decode(bytes);
  const body = judgeSigned('statement', network, signed.body);
  if (!body.ok)
    throw ledgerError('EVIDENCE_INCOMPLETE', `expected a key statement of this network: ${body.detail}`);
  return { signed, statement: KeyStatement.decode(body.value) };
}
