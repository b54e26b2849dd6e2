/**
 * Writes test/vectors/{checkpoint,manifest,skip,receipt,call-evidence}.json: one exchange from XA to XB. Only for a change of
 * the wire format. All inputs are fixed, keys included; ML-DSA signatures are randomised, so they differ from run to run:
 * node --disable-warning=ExperimentalWarning test/support/write-exchange-vectors.ts
 */
import { createPrivateKey, createSecretKey, sign as signRaw } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fromHex, hex, utf8 } from '../../src/base/bytes.ts';
import { encodeManifest, encodeSkip } from '../../src/exchange/parcel.ts';
import { makeReceipt } from '../../src/exchange/receipts.ts';
import { ItemAction, Manifest, Skip } from '../../src/gen/tocsin/exchange/v1/parcel.ts';
import { SignedCallEvidence } from '../../src/gen/tocsin/exchange/v1/session.ts';
import type { HybridSignature } from '../../src/gen/tocsin/record/v1/identity.ts';
import { DeskGroup, Purpose } from '../../src/gen/tocsin/record/v1/marking.ts';
import { Reason } from '../../src/gen/tocsin/record/v1/reason.ts';
import { type HybridPrivateKey, hybridPublicOf, signHybrid } from '../../src/identity/hybrid.ts';
import { logSigner } from '../../src/ledger/log-signer.ts';
import { appendLeaves, EMPTY_FRONTIER, leafHash } from '../../src/merkle/index.ts';
import { logOrigin, messageToJson, netToken, type SignedType, sha256 } from '../../src/record/index.ts';
import { LinkSession } from '../../src/seal/session-call.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 12, 0, 0);
const digestOf = (text: string): Buffer => Buffer.from(sha256(utf8(`tocsin test vectors: ${text}`)));
const network = digestOf('exchange');
const net = netToken(network);

/** A hybrid key whose halves share a derived seed, so that no key lies in a file. It protects nothing. */
function keysFrom(name: string): HybridPrivateKey {
  const key = digestOf(name);
  return {
    ed25519: createPrivateKey({ key, format: 'raw-private', asymmetricKeyType: 'ed25519' }),
    mlDsa44: createPrivateKey({ key, format: 'raw-seed', asymmetricKeyType: 'ml-dsa-44' }),
  };
}
const links = { XA: keysFrom('link key of XA'), XB: keysFrom('link key of XB') };
const log = keysFrom('log key of XA');

function write(name: string, about: string, vector: object): void {
  const json = { about, network: hex(network), now_ms: NOW_MS, ...vector };
  writeFileSync(
    new URL(`../vectors/${name}.json`, import.meta.url),
    `${JSON.stringify(json, undefined, 1)}\n`,
  );
}

const publicHex = (key: HybridPrivateKey) => {
  const { ed25519, mlDsa44 } = hybridPublicOf(key);
  return { ed25519: hex(ed25519), ml_dsa_44: hex(mlDsa44) };
};
const signatureHex = ({ ed25519, mlDsa44 }: HybridSignature) => ({
  ed25519: hex(ed25519),
  ml_dsa_44: hex(mlDsa44),
});
const sign = (type: SignedType, bytes: Uint8Array, node: 'XA' | 'XB') => signHybrid(type, bytes, links[node]);

/** Ways to spoil signed bytes: every vector has them. `at` is a byte whose lowest bit is turned. */
const SPOILT = [
  { name: 'another type in the label', at: 7, expect: 'LABEL_MISMATCH' },
  { name: 'another network', at: 30, expect: 'WRONG_NETWORK' },
  { name: 'the last byte missing', cut: 1, expect: 'MALFORMED' },
];
const SPOILT_SIGNATURES = [
  { name: 'without the Ed25519 half', half: 'ed25519', cut: true, expect: 'DOWNGRADE' },
  { name: 'without the ML-DSA-44 half', half: 'ml_dsa_44', cut: true, expect: 'DOWNGRADE' },
  { name: 'Ed25519 half changed', half: 'ed25519', at: 5, expect: 'SIGNATURE_INVALID' },
  { name: 'ML-DSA-44 half changed', half: 'ml_dsa_44', at: 5, expect: 'SIGNATURE_INVALID' },
];

async function main(): Promise<void> {
  // ── the log of XA: five leaves and their checkpoint ──
  const origin = logOrigin(net, 'XA', 'live', 1);
  const leaves = ['a', 'b', 'c', 'd', 'e'].map((name) => leafHash(utf8(`leaf ${name}`)));
  const { root } = appendLeaves(EMPTY_FRONTIER, leaves);
  const publicKey = hybridPublicOf(log);
  const signCheckpoint = logSigner(
    {
      log: publicKey,
      exerciseLog: publicKey,
      signRaw: async (_role, algorithm, bytes) =>
        signRaw(null, bytes, algorithm === 'ed25519' ? log.ed25519 : log.mlDsa44),
    },
    'live',
    origin,
  );
  const note = await signCheckpoint({ origin, size: 5n, root: root }, BigInt(NOW_MS / 1000));
  const text = new TextDecoder().decode(note);
  const lines = text.split('\n');
  write('checkpoint', 'A checkpoint of size 5, signed by both keys of its log. See test/vectors/README.md.', {
    log_key: publicHex(log),
    origin,
    leaves: ['a', 'b', 'c', 'd', 'e'].map((name) => hex(utf8(`leaf ${name}`))),
    root: hex(root),
    timestamp: NOW_MS / 1000,
    note: text,
    refused: [
      {
        name: 'an extension line',
        note: [...lines.slice(0, 3), 'extension', ...lines.slice(3)].join('\n'),
        expect: 'CHECKPOINT_EXTENSION',
      },
      {
        name: 'Ed25519 alone',
        note: [...lines.slice(0, 5), ''].join('\n'),
        expect: 'CHECKPOINT_INVALID',
      },
      {
        name: 'another size',
        note: [lines[0], '6', ...lines.slice(2)].join('\n'),
        expect: 'SIGNATURE_INVALID',
      },
    ],
  });

  // ── a manifest of XA ──
  const manifest = encodeManifest(
    network,
    Manifest.fromPartial({
      format: 1,
      sender: 'XA',
      recipient: 'XB',
      incarnation: 1,
      lane: 1,
      seq: 2n,
      previous: digestOf('manifest 1'),
      rosterDigest: digestOf('roster'),
      rosterVersion: 3n,
      statementDigest: digestOf('statement of XA'),
      checkpoint: Buffer.from(note),
      // From size 4 to 5: the hash of the fifth leaf.
      consistencyProof: [Buffer.from(leaves[4] ?? [])],
      acknowledgements: [
        { lane: 0, incarnation: 1, seq: 0n, digest: Buffer.alloc(0) },
        { lane: 1, incarnation: 1, seq: 7n, digest: digestOf('manifest 7 of XB') },
      ],
      items: [
        {
          action: ItemAction.ITEM_ACTION_RECORD,
          headerDigest: digestOf('a header'),
          facets: ['summary', 'items'],
          audience: {
            deskGroups: [DeskGroup.DESK_GROUP_POLICE, DeskGroup.DESK_GROUP_CUSTOMS],
            purposes: [Purpose.PURPOSE_INVESTIGATION, Purpose.PURPOSE_CUSTOMS_CONTROL],
          },
          facetAudiences: [
            {
              facet: 'items',
              audience: {
                deskGroups: [DeskGroup.DESK_GROUP_POLICE],
                purposes: [Purpose.PURPOSE_INVESTIGATION],
              },
            },
          ],
          basis: 'R5 R7',
          consent: Buffer.alloc(0),
        },
        { action: ItemAction.ITEM_ACTION_WITHDRAWN, headerDigest: digestOf('another header'), basis: 'R11' },
      ],
    }),
  );
  const PREFIX = utf8('tocsin/manifest/v1\n').length + 32;
  write('manifest', 'Manifest 2 of lane 1 from XA to XB. See test/vectors/README.md.', {
    link_key: publicHex(links.XA),
    message: messageToJson('tocsin.exchange.v1.Manifest', manifest.bytes.subarray(PREFIX)),
    signed: hex(manifest.bytes),
    digest: hex(manifest.digest),
    signature: signatureHex(await sign('manifest', manifest.bytes, 'XA')),
    refused: [...SPOILT, { name: 'format 0', at: PREFIX + 1, expect: 'FORMAT_UNSUPPORTED' }],
    refused_signatures: SPOILT_SIGNATURES,
  });

  // ── XA gives number 2 up ──
  const skip = encodeSkip(
    network,
    Skip.fromPartial({
      sender: 'XA',
      recipient: 'XB',
      incarnation: 1,
      lane: 1,
      seq: 2n,
      digest: Buffer.from(manifest.digest),
      reason: Reason.REASON_CHECKPOINT_INVALID,
    }),
  );
  write('skip', 'XA gives the number of manifest.json up. See test/vectors/README.md.', {
    link_key: publicHex(links.XA),
    message: messageToJson('tocsin.exchange.v1.Skip', skip.subarray(utf8('tocsin/skip/v1\n').length + 32)),
    signed: hex(skip),
    signature: signatureHex(await sign('skip', skip, 'XA')),
    refused: SPOILT,
    refused_signatures: SPOILT_SIGNATURES,
  });

  // ── XB's receipt for the manifest ──
  const receipt = makeReceipt({
    network,
    self: 'XB',
    logOrigin: logOrigin(net, 'XB', 'live', 1),
    sender: 'XA',
    manifest,
    kind: 'delivered',
    results: manifest.manifest.items.map((line, index) =>
      index === 0
        ? { line, result: 'accepted' }
        : { line, result: 'refused', reason: Reason.REASON_WITHDRAWN },
    ),
    urgent: false,
    exercise: false,
    atMs: NOW_MS + 1234,
    random: { bytes: (count) => digestOf('salt or id').subarray(0, count) },
  });
  const [facet] = receipt.facets;
  if (facet === undefined) throw new Error('expected a facet in a receipt');
  write('receipt', "XB's receipt for manifest.json, a record of its log. See test/vectors/README.md.", {
    header: hex(receipt.signed.bytes),
    header_digest: hex(receipt.signed.digest),
    facet: facet.facet,
    salt: hex(facet.salt),
    body: hex(facet.body),
    message: messageToJson('tocsin.record.v1.Receipt', facet.body),
    refused: [
      { name: 'another salt', field: 'salt', at: 0, expect: 'COMMITMENT_MISMATCH' },
      { name: 'another body', field: 'body', at: -1, expect: 'COMMITMENT_MISMATCH' },
      { name: 'another network', field: 'header', at: 30, expect: 'WRONG_NETWORK' },
    ],
  });

  // ── XB signs that it asks XA for a gap ──
  const request = fromHex('080110011801');
  const method = '/tocsin.exchange.v1.ExchangeService/Backfill';
  const sessionId = digestOf('session');
  const keyOf = (name: string) => createSecretKey(digestOf(name));
  const session = new LinkSession(
    {
      network,
      self: 'XB',
      peer: 'XA',
      side: 'initiator',
      id: sessionId,
      keys: { initiator: keyOf('initiator'), responder: keyOf('responder'), confirm: keyOf('confirm') },
      peerLinkKey: hybridPublicOf(links.XA),
      peerStatementDigest: digestOf('statement of XA'),
      peerRosterDigest: digestOf('roster'),
      beganAt: 0,
    },
    {
      sign: (type, body) => sign(type, body, 'XB'),
      clock: { nowMs: () => NOW_MS },
      monotonicMs: () => 0,
    },
  );
  const evidence = await session
    .begin()
    .sign({ method, deadlineAt: NOW_MS + 30_000, requestDigest: sha256(request) });
  const { body, signature } = SignedCallEvidence.decode(evidence);
  if (signature === undefined) throw new Error('expected a signature');
  write('call-evidence', 'XB signs that it asks XA for a gap. See test/vectors/README.md.', {
    link_key: publicHex(links.XB),
    session_id: hex(sessionId),
    method,
    deadline: NOW_MS + 30_000,
    request: hex(request),
    message: messageToJson(
      'tocsin.exchange.v1.CallEvidence',
      body.subarray(utf8('tocsin/call/v1\n').length + 32),
    ),
    signed: hex(body),
    signature: signatureHex(signature),
    refused: SPOILT,
    refused_signatures: SPOILT_SIGNATURES,
    refused_claims: [
      { name: 'another method', method: '/tocsin.exchange.v1.ExchangeService/GetKeys' },
      { name: 'another request', request: '0801' },
      { name: 'a deadline far off', deadline: NOW_MS + 3_600_000 },
    ],
  });
}

if (import.meta.main) await main();
