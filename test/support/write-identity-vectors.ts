/**
 * Writes test/vectors/{roster,statement,prekeys,parcel}.json. Run it by hand after a change of the wire format; keys and
 * ML-DSA signatures are fresh each time, so a run without such a change is noise:
 * node --disable-warning=ExperimentalWarning test/support/write-identity-vectors.ts
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64, hex, utf8 } from '../../src/base/bytes.ts';
import { ParcelContent } from '../../src/gen/tocsin/exchange/v1/parcel.ts';
import { MemberRole, SignedKeyStatement, SignedRoster } from '../../src/gen/tocsin/record/v1/identity.ts';
import { assembleRoster, judgeNextRoster, proposeRoster, signRoster } from '../../src/identity/index.ts';
import { sha256 } from '../../src/record/index.ts';
import { sealParcel } from '../../src/seal/index.ts';
import { expectBelieved, makeFederation } from './authority.ts';
import { hybridPublicKey } from './hpke-reference.ts';

/** Private half of the vectors' prekey: derived, so that no key lies in a file. */
export const VECTOR_PREKEY_SEED = sha256(utf8('tocsin test vectors: seed of a prekey that protects nothing'));

function write(name: string, vector: unknown): void {
  const path = join(import.meta.dirname, `../vectors/${name}.json`);
  writeFileSync(path, `${JSON.stringify(vector, undefined, 2)}\n`);
}

async function main(): Promise<void> {
  await using federation = await makeFederation({
    nodes: [
      { node: 'XA', name: 'État A', groups: ['sac'] },
      { node: 'XB', groups: ['sac'] },
      {
        node: 'HUB',
        name: 'Regional hub',
        role: MemberRole.MEMBER_ROLE_HUB,
        groups: ['sac'],
        deskGroups: [7],
      },
    ],
    threshold: 2,
  });
  const { network, nowMs, roster, signedRoster, rosterContent } = federation;
  const networkDigest = hex(network);
  const second = proposeRoster({ ...rosterContent, issuedMs: nowMs, networkName: 'Renamed' }, roster);
  const signatures = ['XA', 'HUB'].map((member) =>
    signRoster({ body: second.body, member, keyring: federation.of(member).keyring }),
  );
  const signedSecond = assembleRoster(second.body, await Promise.all(signatures));
  const newest = expectBelieved(judgeNextRoster({ current: roster, signed: signedSecond, atMs: nowMs }));
  const rosters = [signedRoster, signedSecond].map((signed) => base64(SignedRoster.encode(signed).finish()));

  write('roster', {
    networkDigest,
    nowMs,
    rosters,
    digests: [hex(roster.digest), hex(newest.digest)],
    cases: [
      { name: 'as signed', expect: 'believed' },
      { name: 'body of version 2 altered', roster: 1, field: 'body', flip: -1, expect: 'ROSTER_THRESHOLD' },
      { name: 'one signature altered', roster: 1, field: 'signature', flip: 100, expect: 'ROSTER_THRESHOLD' },
      { name: 'label altered', roster: 1, field: 'body', flip: 7, expect: 'LABEL_MISMATCH' },
      { name: 'network altered', roster: 1, field: 'body', flip: 20, expect: 'WRONG_NETWORK' },
      { name: 'version 1 altered', roster: 0, field: 'body', flip: 60, expect: 'WRONG_NETWORK' },
    ],
  });

  const { signedStatement, statement, signedPrekeys, prekeys } = federation.of('XA');
  write('statement', {
    networkDigest,
    nowMs,
    rosterFrom: 'roster.json',
    statement: base64(SignedKeyStatement.encode(signedStatement).finish()),
    digest: hex(statement.digest),
    cases: [
      { name: 'as signed', expect: 'believed' },
      {
        name: 'certificate signature altered',
        field: 'certificateSignature',
        flip: 9,
        expect: 'SIGNATURE_INVALID',
      },
      {
        name: 'authority signature altered',
        field: 'authoritySignature',
        flip: 9,
        expect: 'AUTHORITY_SIGNATURE',
      },
      {
        name: 'authority signature left out',
        field: 'authoritySignature',
        cut: 0,
        expect: 'AUTHORITY_SIGNATURE',
      },
      { name: 'body altered', field: 'body', flip: -1, expect: 'SIGNATURE_INVALID' },
      { name: 'label altered', field: 'body', flip: 7, expect: 'LABEL_MISMATCH' },
      { name: 'network altered', field: 'body', flip: 30, expect: 'WRONG_NETWORK' },
    ],
  });
  write('prekeys', {
    networkDigest,
    nowMs,
    statementFrom: 'statement.json',
    prekeys: base64(prekeys.bytes),
    digest: hex(sha256(signedPrekeys.body)),
    cases: [
      { name: 'as signed', expect: 'believed' },
      { name: 'body altered', field: 'body', flip: -1, expect: 'SIGNATURE_INVALID' },
      { name: 'Ed25519 half left out', field: 'ed25519', cut: 0, expect: 'DOWNGRADE' },
      { name: 'ML-DSA-44 half left out', field: 'mlDsa44', cut: 0, expect: 'DOWNGRADE' },
      { name: 'ML-DSA-44 half altered', field: 'mlDsa44', flip: 5, expect: 'SIGNATURE_INVALID' },
      { name: 'Ed25519 half cut short', field: 'ed25519', cut: 63, expect: 'SIGNATURE_INVALID' },
    ],
  });

  const publicKey = hybridPublicKey(VECTOR_PREKEY_SEED);
  const content = ParcelContent.encode(
    ParcelContent.fromPartial({ manifest: Buffer.from('a manifest') }),
  ).finish();
  const envelope = {
    format: 1,
    suite: 1,
    network: Buffer.from(network),
    sender: 'XA',
    recipient: 'XB',
    lane: 1,
    prekeyId: Buffer.alloc(16, 1),
  };
  write('parcel', {
    networkDigest,
    sender: 'XA',
    recipient: 'XB',
    lane: 1,
    prekeyId: hex(envelope.prekeyId),
    prekeySeedIsSha256Of: 'tocsin test vectors: seed of a prekey that protects nothing',
    info: 'tocsin/parcel/v1',
    parcel: base64(await sealParcel({ envelope, content, publicKey })),
    content: base64(content),
    paddedBytes: 1024,
    cases: [
      { name: 'as sealed', expect: 'believed' },
      { name: 'another recipient', claim: { recipient: 'XC' }, expect: 'WRONG_DESTINATION' },
      { name: 'another lane', claim: { lane: 0 }, expect: 'WRONG_DESTINATION' },
      { name: 'another sender', claim: { sender: 'XC' }, expect: 'WRONG_SENDER' },
      { name: 'ciphertext altered', field: 'ciphertext', flip: 0, expect: 'SEAL_BROKEN' },
      { name: 'encapsulated key altered', field: 'enc', flip: 0, expect: 'SEAL_BROKEN' },
      { name: 'ciphertext cut short', field: 'ciphertext', cut: 1039, expect: 'MALFORMED' },
    ],
  });
}

if (import.meta.main) await main();
