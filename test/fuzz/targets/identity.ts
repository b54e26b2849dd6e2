/** Who may speak: certificates, key statements, prekeys, rosters and the files that carry them, signed anew after a change. */
import { createPrivateKey, sign } from 'node:crypto';
import { concat, utf8 } from '../../../src/base/bytes.ts';
import { Misconduct } from '../../../src/gen/tocsin/exchange/v1/misconduct.ts';
import { ItemAction, Manifest } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import { SignedPrekeyBundle } from '../../../src/gen/tocsin/exchange/v1/prekey.ts';
import { RosterHistory, SignedKeyStatement } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { parseCertificate } from '../../../src/identity/certificate.ts';
import { requestKey } from '../../../src/identity/certificate-request.ts';
import {
  assembleRoster,
  certificatesFromPem,
  certificateToPem,
  encodeMemberRequest,
  issueOfficerCertificate,
  judgeNextRosters,
  judgeOfficer,
  judgePath,
  judgePrekeyBundle,
  judgeRosterHistory,
  judgeStatement,
  officerOf,
  parseMemberRequest,
  proposeRoster,
  signInThreadPool,
  signRoster,
  toMember,
} from '../../../src/identity/index.ts';
import { isMisconduct, judgeMisconduct } from '../../../src/ledger/index.ts';
import { logSigner } from '../../../src/ledger/log-signer.ts';
import { encodeRosterFile, readRosterFile, sketchRoster } from '../../../src/node/roster-file.ts';
import { messageDescriptor } from '../../../src/record/descriptor.ts';
import { encodeSigned, judgeMessage, type SignedType, signedLabel } from '../../../src/record/index.ts';
import type { Federation } from '../../support/authority.ts';
import { testLeafKeys } from '../../support/rsa-keys.ts';
import { testRequestPem } from '../request.ts';
import type { Scene } from '../scene.ts';
import { accepted, outcomeOf, refused, type Target } from '../target.ts';

const bodyOf = (type: SignedType, signed: Uint8Array): Uint8Array =>
  signed.subarray(encodeSigned(type, new Uint8Array(32), new Uint8Array()).length);
const textIn = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** An officer's certificate of XA beside the certificates of the federation. */
async function officerCertificate({ of, nowMs }: Federation): Promise<Uint8Array> {
  const { certPem } = await issueOfficerCertificate({
    authority: of('XA').authority,
    node: 'XA',
    nowMs,
    agency: 'Customs',
    deskGroup: 'customs',
    role: 'officer',
    name: 'Anna',
    newRsaKey: testLeafKeys(1),
  });
  return certificatesFromPem(certPem)[0] ?? new Uint8Array();
}

const certificate: Target = {
  name: 'certificate',
  reads: 'X.509 in a statement, a roster or TLS: parseCertificate, judgePath, judgeOfficer, officerOf',
  timeMsPerKiB: 3,
  open: async (scene) => {
    const federation = await scene.federation();
    const { member, authority } = federation.of('XA');
    const officer = await officerCertificate(federation);
    const root = member.authorityCertificate;
    const atMs = federation.nowMs;
    return {
      form: { kind: 'der' },
      seeds: [officer, ...certificatesFromPem(authority.statementCertPem), new Uint8Array(root)],
      read: (bytes) => {
        const { publicKey: _, ...read } = parseCertificate(bytes);
        const path = judgePath({
          leaf: bytes,
          intermediates: [bytes],
          root,
          atMs,
          purpose: 'statement',
          country: 'XA',
        });
        const asRoot = judgePath({ leaf: officer, intermediates: [], root: bytes, atMs, purpose: 'officer' });
        const judged = judgeOfficer({ certificate: bytes, root, node: 'XA', country: 'XA', atMs });
        let named: unknown;
        try {
          named = officerOf(bytes);
        } catch (error) {
          if (!(error instanceof Error && 'code' in error)) throw error;
        }
        return accepted([read, path.ok, asRoot.ok, judged.ok, named]);
      },
    };
  },
};

const requestOfKey: Target = {
  name: 'certificate-request',
  reads: "an officer's PKCS#10 request: requestKey",
  open: () => {
    const pem = testRequestPem();
    const der = Buffer.from(pem.replaceAll(/-----.*-----|\s/g, ''), 'base64');
    return {
      form: (seed) =>
        seed[0] === 0x30
          ? { kind: 'der' }
          : {
              kind: 'text',
              tokens: ['-----BEGIN CERTIFICATE REQUEST-----\n', '\n-----END CERTIFICATE REQUEST-----'],
            },
      seeds: [utf8(pem), new Uint8Array(der)],
      read: (bytes) => {
        const text =
          bytes[0] === 0x30
            ? `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(bytes).toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
            : textIn(bytes);
        return accepted(requestKey(text).export({ type: 'spki', format: 'der' }));
      },
    };
  },
};

const pem: Target = {
  name: 'pem',
  reads: 'certificates in PEM: certificatesFromPem',
  open: async (scene) => {
    const { authority } = (await scene.federation()).of('XA');
    return {
      form: { kind: 'text', tokens: ['-----BEGIN CERTIFICATE-----\n', '\n-----END CERTIFICATE-----'] },
      seeds: [authority.rootCertPem, authority.statementCertPem + authority.rootCertPem].map(utf8),
      read: (bytes) => {
        const read = certificatesFromPem(textIn(bytes));
        return read.length === 0
          ? refused('NONE')
          : accepted(read, utf8(read.map(certificateToPem).join('')));
      },
    };
  },
};

const memberRequest: Target = {
  name: 'member-request',
  reads: 'the file of a future member: parseMemberRequest, toMember',
  timeMsPerKiB: 3,
  open: async (scene) => {
    const { member, keyring, authority } = (await scene.federation()).of('XA');
    const request = encodeMemberRequest({
      node: 'XA',
      name: 'State of XA',
      country: 'XA',
      role: 'national',
      groups: ['all'],
      deskGroups: ['customs', 'police'],
      duties: ['hotline'],
      brokerUser: '',
      authorityCertificate: authority.rootCertPem,
      authorityKey: member.authorityKey,
      governanceKey: keyring.governance,
    });
    return {
      form: {
        kind: 'json',
        tokens: ['-----BEGIN CERTIFICATE-----\\n', '\\n-----END CERTIFICATE-----', '\\n'.repeat(3000)],
      },
      seeds: [utf8(request)],
      read: (bytes) => {
        const read = parseMemberRequest(textIn(bytes));
        return accepted([read, toMember(read, 0)], utf8(JSON.stringify(read)));
      },
    };
  },
};

const statement: Target = {
  name: 'statement',
  reads: "a member's key statement, signed again by its authority after the change: judgeStatement",
  timeMs: 150,
  open: async (scene) => {
    const { network, roster, nowMs, of } = await scene.federation();
    const { authority, signedStatement } = of('XA');
    const authorityKey = createPrivateKey(authority.authorityKey);
    const statementKey = createPrivateKey(authority.statementKeyPem);
    return {
      form: { kind: 'protobuf', desc: messageDescriptor('tocsin.record.v1.KeyStatement') },
      seeds: [bodyOf('statement', signedStatement.body)],
      read: async (bytes) => {
        const body = Buffer.from(encodeSigned('statement', network, bytes));
        const signed: SignedKeyStatement = {
          ...signedStatement,
          body,
          certificateSignature: sign('sha256', body, statementKey),
          authoritySignature: Buffer.from(
            await signInThreadPool(authorityKey, body, utf8(signedLabel('statement'))),
          ),
        };
        return outcomeOf(judgeStatement({ network, roster, signed, atMs: nowMs }), (read) =>
          accepted(read.statement),
        );
      },
    };
  },
};

const prekeys: Target = {
  name: 'prekeys',
  reads: "a member's prekeys, signed again by its link key: judgePrekeyBundle",
  timeMs: 120,
  open: async (scene) => {
    const { network, nowMs, of } = await scene.federation();
    const { keyring, statement: held, signedPrekeys } = of('XA');
    return {
      form: { kind: 'protobuf', desc: messageDescriptor('tocsin.exchange.v1.PrekeyBundle') },
      seeds: [bodyOf('prekeys', signedPrekeys.body)],
      read: async (bytes) => {
        const body = Buffer.from(encodeSigned('prekeys', network, bytes));
        const signature = await keyring.sign('link', 'prekeys', body);
        const judged = judgePrekeyBundle({
          network,
          statement: held,
          signed: { body, signature },
          atMs: nowMs,
        });
        return outcomeOf(judged, (read) => accepted([read.bundle, read.current(nowMs)]));
      },
    };
  },
};

const roster: Target = {
  name: 'roster',
  reads: 'the next roster, signed again by its governments: judgeNextRosters',
  timeMs: 200,
  timeMsPerKiB: 6,
  open: async (scene) => {
    const { roster: current, rosterContent, nowMs, members } = await scene.federation();
    const proposal = proposeRoster({ ...rosterContent, issuedMs: nowMs }, current);
    return {
      form: { kind: 'protobuf', desc: messageDescriptor('tocsin.record.v1.Roster') },
      seeds: [bodyOf('roster', proposal.body)],
      read: async (bytes) => {
        const body = encodeSigned('roster', current.network, bytes);
        const signatures = await Promise.all(
          [...members.values()].map(({ node, keyring }) => signRoster({ body, member: node, keyring })),
        );
        const { versions, fault } = judgeNextRosters({
          current,
          signed: [assembleRoster(body, signatures)],
          atMs: nowMs,
        });
        if (fault !== undefined) return outcomeOf(fault);
        return accepted(versions.map((version) => [version.roster, version.activeMembers(nowMs)]));
      },
    };
  },
};

const rosterFile: Target = {
  name: 'roster-file',
  reads: 'a roster file of another government: readRosterFile, sketchRoster, judgeRosterHistory',
  timeMs: 150,
  timeMsPerKiB: 3,
  open: async (scene) => {
    const { history, network } = await scene.federation();
    const golden = scene.vector<{ readonly rosters: readonly string[]; readonly networkDigest: string }>(
      'roster',
    );
    const vectors = golden.rosters.map((text) => Buffer.from(text, 'base64'));
    return {
      form: (seed) => ({
        kind: 'protobuf',
        desc: messageDescriptor(
          vectors.some((one) => one.equals(seed))
            ? 'tocsin.record.v1.SignedRoster'
            : 'tocsin.record.v1.RosterHistory',
        ),
      }),
      seeds: [encodeRosterFile(history), ...vectors.map((bytes) => new Uint8Array(bytes))],
      read: (bytes) => {
        const read = readRosterFile(bytes);
        const judged = judgeRosterHistory({ networkDigest: network, history: read });
        const { roster: newest, digest } = sketchRoster(read);
        return accepted(
          [newest, digest, judged.ok ? true : judged.reason],
          RosterHistory.encode(read).finish(),
        );
      },
    };
  },
};

/** What arrives as bytes within other messages: size and signatures as a stranger sends them. */
const signedMessages: Target = {
  name: 'signed-messages',
  reads: 'statements and prekeys as they arrive, nothing signed again: judgeStatement, judgePrekeyBundle',
  timeMs: 120,
  open: async (scene) => {
    const { network, roster: current, nowMs, of } = await scene.federation();
    const xa = of('XA');
    const types = ['tocsin.record.v1.SignedKeyStatement', 'tocsin.exchange.v1.SignedPrekeyBundle'] as const;
    return {
      form: (seed) => ({
        kind: 'protobuf',
        desc: messageDescriptor(types[(seed[0] ?? 0) & 1] ?? types[0]),
        prefix: 1,
      }),
      seeds: [
        concat(Uint8Array.of(0), SignedKeyStatement.encode(xa.signedStatement).finish()),
        concat(Uint8Array.of(1), SignedPrekeyBundle.encode(xa.signedPrekeys).finish()),
      ],
      read: (bytes) => {
        const body = bytes.subarray(1);
        if (((bytes[0] ?? 0) & 1) === 0) {
          const read = judgeMessage(SignedKeyStatement, types[0], body, 1 << 20);
          if (!read.ok) return outcomeOf(read);
          const judged = judgeStatement({ network, roster: current, signed: read.value, atMs: nowMs });
          return outcomeOf(judged, (value) => accepted(value.statement));
        }
        const read = judgeMessage(SignedPrekeyBundle, types[1], body, 1 << 20);
        if (!read.ok) return outcomeOf(read);
        const judged = judgePrekeyBundle({
          network,
          statement: xa.statement,
          signed: read.value,
          atMs: nowMs,
        });
        return outcomeOf(judged, (value) => accepted(value.bundle));
      },
    };
  },
};

async function misconductSeeds(scene: Scene): Promise<readonly Uint8Array[]> {
  const { network, history, of, nowMs } = await scene.federation();
  const xa = of('XA');
  const base = {
    format: 1,
    network: Buffer.from(network),
    rosterHistory: history,
    statements: [xa.signedStatement],
    noticedBy: 'XB',
    noticedAt: BigInt(nowMs),
  };
  const { logOrigin } = xa.statement.statement;
  const logKey = logSigner(xa.keyring, 'live', logOrigin);
  const noteOf = async (fill: number): Promise<Buffer> =>
    Buffer.from(
      await logKey(
        { origin: logOrigin, size: 3n, root: new Uint8Array(32).fill(fill) },
        BigInt(nowMs / 1000),
      ),
    );
  const manifestOf = async (seq: bigint) => {
    const digest = Buffer.alloc(32, 1);
    const said = Manifest.fromPartial({
      format: 1,
      sender: 'XA',
      recipient: 'XB',
      incarnation: 1,
      lane: 1,
      seq: 2n,
      previous: digest,
      rosterDigest: digest,
      rosterVersion: 1n,
      statementDigest: Buffer.from(xa.statement.digest),
      items: [
        {
          action: ItemAction.ITEM_ACTION_RECORD,
          headerDigest: Buffer.alloc(32, Number(seq)),
          facets: ['summary'],
        },
      ],
    });
    const manifest = Buffer.from(encodeSigned('manifest', network, Manifest.encode(said).finish()));
    return { manifest, signature: await xa.keyring.sign('link', 'manifest', manifest) };
  };
  const [a, b] = [await manifestOf(1n), await manifestOf(2n)];
  const deeds: NonNullable<Misconduct['deed']>[] = [
    {
      $case: 'logFork',
      value: { noteA: await noteOf(1), noteB: await noteOf(2), rootBAtA: Buffer.alloc(0), proof: [] },
    },
    { $case: 'statementFork', value: { a: xa.signedStatement, b: xa.signedStatement } },
    { $case: 'rosterFork', value: { a: history.rosters[0], b: history.rosters[0] } },
    {
      $case: 'manifestFork',
      value: {
        manifestA: a.manifest,
        signatureA: a.signature,
        manifestB: b.manifest,
        signatureB: b.signature,
      },
    },
    {
      $case: 'thirdPartyBreach',
      value: {
        ...a,
        line: 0,
        item: {
          header: Buffer.from([1]),
          inclusion: undefined,
          facets: [],
          statementDigest: Buffer.alloc(0),
        },
        consents: [],
        reason: 1,
      },
    },
    {
      $case: 'recordFork',
      value: {
        a: { header: Buffer.from([1]), inclusion: undefined },
        b: { header: Buffer.from([2]), inclusion: undefined },
      },
    },
  ];
  return deeds.map((deed) => Misconduct.encode({ ...base, deed }).finish());
}

const misconduct: Target = {
  name: 'misconduct',
  reads: 'a file that accuses a member: judgeMisconduct, isMisconduct',
  timeMs: 200,
  timeMsPerKiB: 3,
  open: async (scene) => {
    const { network } = await scene.federation();
    return {
      form: { kind: 'protobuf', desc: messageDescriptor('tocsin.exchange.v1.Misconduct') },
      seeds: await misconductSeeds(scene),
      read: (bytes) => {
        const form = isMisconduct(bytes, network);
        const judged = judgeMisconduct({ bytes, networkDigest: network });
        return judged.ok ? accepted([form, judged.value]) : outcomeOf(judged);
      },
    };
  },
};

export const IDENTITY_TARGETS: readonly Target[] = [
  certificate,
  requestOfKey,
  pem,
  memberRequest,
  statement,
  prekeys,
  roster,
  rosterFile,
  signedMessages,
  misconduct,
];
