/**
 * Golden vectors of what identity/ and seal/ sign and seal. Each is judged by the project's code and read by a second
 * decoder: protobuf-es over the descriptor set, signed bytes and names by hand, HPKE from hpke-reference.ts.
 */
import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileRegistry, fromBinary, type JsonObject, toJson } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/base/verdict.ts';
import { DESCRIPTOR_SET_BASE64 } from '../../src/gen/descriptor-set.ts';
import { SealedParcel } from '../../src/gen/tocsin/exchange/v1/parcel.ts';
import { SignedPrekeyBundle } from '../../src/gen/tocsin/exchange/v1/prekey.ts';
import { SignedKeyStatement, SignedRoster } from '../../src/gen/tocsin/record/v1/identity.ts';
import type { Reason } from '../../src/gen/tocsin/record/v1/reason.ts';
import {
  judgeFirstRoster,
  judgePrekeyBundle,
  judgeRosterHistory,
  judgeRosterVersions,
  judgeStatement,
} from '../../src/identity/index.ts';
import { reasonName } from '../../src/record/index.ts';
import { judgeSealedParcel } from '../../src/seal/index.ts';
import { expectBelieved } from '../support/authority.ts';
import { openFirst } from '../support/hpke-reference.ts';

interface Case {
  readonly name: string;
  readonly expect: string;
  readonly roster?: number;
  readonly field?: string;
  /** Byte whose lowest bit is turned; from the end where negative. */
  readonly flip?: number;
  /** Length to which the field is cut. */
  readonly cut?: number;
  readonly claim?: { readonly recipient?: string; readonly sender?: string; readonly lane?: number };
}

const load = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../vectors/${name}.json`), 'utf8'));
const unhex = (text: string): Buffer => Buffer.from(text, 'hex');
const unbase64 = (text: string): Buffer => Buffer.from(text, 'base64');
const sha256 = (...parts: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, unbase64(DESCRIPTOR_SET_BASE64)));

/** ProtoJSON of a message as protobuf-es reads it. */
function reread(typeName: string, bytes: Uint8Array): JsonObject {
  const descriptor = registry.getMessage(typeName);
  if (descriptor === undefined) throw new Error(`no message ${typeName}`);
  return toJson(descriptor, fromBinary(descriptor, bytes), { registry }) as JsonObject;
}
const bytesIn = (json: JsonObject | undefined, field: string): Buffer =>
  unbase64(String(json?.[field] ?? ''));
const objectIn = (json: JsonObject | undefined, field: string): JsonObject => json?.[field] as JsonObject;
const listIn = (json: JsonObject, field: string): JsonObject[] => json[field] as JsonObject[];

/** Splits signed bytes by hand. */
function split(type: string, signed: Buffer): { readonly network: string; readonly body: Buffer } {
  const label = `tocsin/${type}/v1\n`;
  expect(signed.subarray(0, label.length).toString()).toBe(label);
  return {
    network: signed.subarray(label.length, label.length + 32).toString('hex'),
    body: signed.subarray(label.length + 32),
  };
}

/** Verifies both halves with keys imported as JWK, another way than the project's. */
function verifies(type: string, signed: Buffer, key: JsonObject, signature: JsonObject): boolean {
  const ed25519 = createPublicKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', x: bytesIn(key, 'ed25519').toString('base64url') },
  });
  const mlDsa44 = createPublicKey({
    format: 'jwk',
    key: { kty: 'AKP', alg: 'ML-DSA-44', pub: bytesIn(key, 'mlDsa44').toString('base64url') },
  });
  const context = Buffer.from(`tocsin/${type}/v1`);
  return (
    verify(null, signed, ed25519, bytesIn(signature, 'ed25519')) &&
    verify(null, signed, { key: mlDsa44, context }, bytesIn(signature, 'mlDsa44'))
  );
}

function altered(bytes: Buffer, { flip, cut }: Case): Buffer {
  const copy = Buffer.from(bytes.subarray(0, cut ?? bytes.length));
  if (flip !== undefined) {
    const at = flip < 0 ? copy.length + flip : flip;
    copy[at] = (copy[at] ?? 0) ^ 1;
  }
  return copy;
}

const outcome = (verdict: Verdict<unknown, Reason>): string =>
  verdict.ok ? 'believed' : reasonName(verdict.reason);

const rosterVector = load('roster');
const statementVector = load('statement');
const prekeysVector = load('prekeys');
const parcelVector = load('parcel');
const networkDigest = unhex(rosterVector.networkDigest);
const signedRosters: SignedRoster[] = rosterVector.rosters.map((text: string) =>
  SignedRoster.decode(unbase64(text)),
);
const [firstSigned = SignedRoster.create()] = signedRosters;
const signedStatement = SignedKeyStatement.decode(unbase64(statementVector.statement));
const signedPrekeys = SignedPrekeyBundle.decode(unbase64(prekeysVector.prekeys));
const { nowMs } = rosterVector;
const roster = expectBelieved(judgeFirstRoster({ networkDigest, signed: firstSigned }));
const statement = expectBelieved(
  judgeStatement({ network: networkDigest, roster, signed: signedStatement, atMs: nowMs }),
);

describe('roster.json', () => {
  test.each<Case>(rosterVector.cases)('$name: $expect', (one) => {
    const rosters = signedRosters.map((signed, i): SignedRoster => {
      if (i !== one.roster) return signed;
      if (one.field === 'body') return { ...signed, body: altered(signed.body, one) };
      const [first, ...rest] = signed.signatures;
      if (first?.signature === undefined) return signed;
      const mlDsa44 = altered(first.signature.mlDsa44, one);
      return { ...signed, signatures: [{ ...first, signature: { ...first.signature, mlDsa44 } }, ...rest] };
    });
    expect(outcome(judgeRosterHistory({ networkDigest, history: { rosters } }))).toBe(one.expect);
  });

  test('a second decoder finds the same documents, digests and signatures', () => {
    const versions = expectBelieved(
      judgeRosterVersions({ networkDigest, history: { rosters: signedRosters } }),
    );
    rosterVector.rosters.forEach((text: string, i: number) => {
      const json = reread('tocsin.record.v1.SignedRoster', unbase64(text));
      const signed = bytesIn(json, 'body');
      const { network, body } = split('roster', signed);
      expect(network).toBe(i === 0 ? '00'.repeat(32) : rosterVector.networkDigest);
      expect(sha256(signed).toString('hex')).toBe(rosterVector.digests[i]);
      const document = reread('tocsin.record.v1.Roster', body);
      expect(BigInt(String(document.version))).toBe(versions[i]?.version);
      expect(listIn(document, 'members').map((member) => member.node)).toEqual(['HUB', 'XA', 'XB']);
      expect(bytesIn(document, 'previous').toString('hex')).toBe(i === 0 ? '' : rosterVector.digests[i - 1]);
      const signers = listIn(json, 'signatures').filter((signature) => {
        const key = listIn(document, 'governance').find((one) => one.member === signature.member);
        return verifies('roster', signed, objectIn(key, 'key'), objectIn(signature, 'signature'));
      });
      expect(signers).toHaveLength(Number(document.threshold));
    });
    expect(sha256(firstSigned.body).toString('hex')).toBe(rosterVector.networkDigest);
  });
});

describe('statement.json', () => {
  test.each<Case>(statementVector.cases)('$name: $expect', (one) => {
    const field = one.field as 'body' | 'certificateSignature' | 'authoritySignature' | undefined;
    const signed = field
      ? { ...signedStatement, [field]: altered(signedStatement[field], one) }
      : signedStatement;
    expect(outcome(judgeStatement({ network: networkDigest, roster, signed, atMs: nowMs }))).toBe(one.expect);
  });

  test('a second decoder finds the same names, digest and signatures', () => {
    const json = reread('tocsin.record.v1.SignedKeyStatement', unbase64(statementVector.statement));
    const signed = bytesIn(json, 'body');
    const { network, body } = split('statement', signed);
    expect(network).toBe(statementVector.networkDigest);
    expect(sha256(signed).toString('hex')).toBe(statementVector.digest);
    const document = reread('tocsin.record.v1.KeyStatement', body);
    const prefix = `tocsin/${network.slice(0, 16)}/XA`;
    expect(document).toMatchObject({
      node: 'XA',
      incarnation: 1,
      sequence: '1',
      logOrigin: `${prefix}/log/live/1`,
      exerciseLogOrigin: `${prefix}/log/exercise/1`,
      witnessName: `${prefix}/witness`,
    });
    const member = roster.member('XA');
    const [leafDer = ''] = json.chain as string[];
    const leaf = new X509Certificate(unbase64(leafDer));
    const root = new X509Certificate(member?.authorityCertificate ?? Buffer.alloc(0));
    expect(leaf.checkIssued(root) && leaf.verify(root.publicKey)).toBe(true);
    expect(verify('sha256', signed, leaf.publicKey, bytesIn(json, 'certificateSignature'))).toBe(true);
    const authority = createPublicKey({
      format: 'jwk',
      key: { kty: 'AKP', alg: 'ML-DSA-65', pub: member?.authorityKey.toString('base64url') ?? '' },
    });
    const context = Buffer.from('tocsin/statement/v1');
    expect(verify(null, signed, { key: authority, context }, bytesIn(json, 'authoritySignature'))).toBe(true);
  });
});

describe('prekeys.json', () => {
  test.each<Case>(prekeysVector.cases)('$name: $expect', (one) => {
    const { body, signature = { ed25519: Buffer.alloc(0), mlDsa44: Buffer.alloc(0) } } = signedPrekeys;
    const half = one.field as 'ed25519' | 'mlDsa44';
    const signed =
      one.field === undefined
        ? signedPrekeys
        : one.field === 'body'
          ? { body: altered(body, one), signature }
          : { body, signature: { ...signature, [half]: altered(signature[half], one) } };
    expect(outcome(judgePrekeyBundle({ network: networkDigest, statement, signed, atMs: nowMs }))).toBe(
      one.expect,
    );
  });

  test('a second decoder finds the same keys, digest and signature', () => {
    const json = reread('tocsin.exchange.v1.SignedPrekeyBundle', unbase64(prekeysVector.prekeys));
    const signed = bytesIn(json, 'body');
    const { network, body } = split('prekeys', signed);
    expect(network).toBe(prekeysVector.networkDigest);
    expect(sha256(signed).toString('hex')).toBe(prekeysVector.digest);
    const document = reread('tocsin.exchange.v1.PrekeyBundle', body);
    expect(bytesIn(document, 'statementDigest').toString('hex')).toBe(statementVector.digest);
    const [prekey] = listIn(document, 'prekeys');
    expect(bytesIn(prekey, 'publicKey')).toHaveLength(1216);
    const speaker = reread('tocsin.record.v1.KeyStatement', split('statement', signedStatement.body).body);
    expect(verifies('prekeys', signed, objectIn(speaker, 'linkKey'), objectIn(json, 'signature'))).toBe(true);
  });
});

describe('parcel.json', () => {
  const seed = sha256(Buffer.from(parcelVector.prekeySeedIsSha256Of));
  const bytes = unbase64(parcelVector.parcel);
  const content = unbase64(parcelVector.content);

  test.each<Case>(parcelVector.cases)('$name: $expect', async (one) => {
    const sealed = SealedParcel.decode(bytes);
    const field = one.field as 'enc' | 'ciphertext' | undefined;
    const changed = field ? { ...sealed, [field]: altered(sealed[field], one) } : sealed;
    const { recipient, sender, lane } = parcelVector;
    const verdict = await judgeSealedParcel({
      bytes: SealedParcel.encode(changed).finish(),
      network: networkDigest,
      recipient,
      sender,
      lane,
      ...one.claim,
      privateKeyOf: (id) => (Buffer.from(id).toString('hex') === parcelVector.prekeyId ? seed : undefined),
    });
    expect(outcome(verdict)).toBe(one.expect);
    if (!verdict.ok) return;
    expect(verdict.value.content).toHaveLength(parcelVector.paddedBytes);
    expect(Buffer.from(verdict.value.content).subarray(0, content.length).equals(content)).toBe(true);
  });

  test('a second implementation opens the same content', () => {
    const json = reread('tocsin.exchange.v1.SealedParcel', bytes);
    const opened = openFirst({
      seed,
      enc: bytesIn(json, 'enc'),
      info: Buffer.from(parcelVector.info),
      aeadId: 2,
      aad: bytesIn(json, 'envelope'),
      ciphertext: bytesIn(json, 'ciphertext'),
    });
    expect(opened).toHaveLength(parcelVector.paddedBytes);
    const plain = reread('tocsin.exchange.v1.ParcelContent', opened);
    expect(bytesIn(plain, 'manifest').toString()).toBe('a manifest');
    expect(bytesIn(plain, 'padding').every((byte) => byte === 0)).toBe(true);
    const outer = reread('tocsin.exchange.v1.ParcelEnvelope', bytesIn(json, 'envelope'));
    expect(outer).toMatchObject({ format: 1, suite: 1, sender: 'XA', recipient: 'XB', lane: 1 });
  });
});
