/** Bounds on a stranger's input, each alone: at the bound it is read or refused for another reason, one above by the bound. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { LIMITS } from '../../src/base/limits.ts';
import { RequestFields } from '../../src/desk/grpc/request.ts';
import { encodeContent, encodeManifest, judgeContent } from '../../src/exchange/parcel.ts';
import { Frame } from '../../src/gen/tocsin/exchange/v1/frame.ts';
import { ItemAction, Manifest, ManifestItem } from '../../src/gen/tocsin/exchange/v1/parcel.ts';
import { KeyStatement, Roster, type SignedRoster } from '../../src/gen/tocsin/record/v1/identity.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import { Reason } from '../../src/gen/tocsin/record/v1/reason.ts';
import { Attachments, SensitivityClass } from '../../src/gen/tocsin/record/v1/shared_facets.ts';
import { parseCertificate } from '../../src/identity/certificate.ts';
import {
  certificatesFromPem,
  judgeFirstRoster,
  judgePrekeyBundle,
  judgeRosterHistory,
  judgeStatement,
} from '../../src/identity/index.ts';
import { rosterFaults } from '../../src/identity/roster-form.ts';
import { readUnList } from '../../src/interop/index.ts';
import { formatNote, formatTlogProof, isKeyName, parseNote, parseTlogProof } from '../../src/merkle/index.ts';
import { checkPolicies } from '../../src/policy/index.ts';
import {
  contentFromJson,
  judgeMessage,
  parseLogOrigin,
  reasonName,
  validateContent,
} from '../../src/record/index.ts';
import { decodeFrame, encodeFrame } from '../../src/transport/codec.ts';
import { type Federation, makeFederation } from '../support/authority.ts';
import { EXAMPLE_NOW_MS, exampleContent } from '../support/contents.ts';

let federation: Federation;
beforeAll(async () => {
  federation = await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] });
});
afterAll(() => federation[Symbol.asyncDispose]());

const answer = (verdict: { readonly ok: true } | { readonly ok: false; readonly reason: Reason }): string =>
  verdict.ok ? 'READ' : reasonName(verdict.reason);

const line = { name: 'XA', keyId: Uint8Array.of(1, 2, 3, 4), signature: Uint8Array.of(5) };

describe('a note', () => {
  it(`has at most ${LIMITS.noteBytes} bytes`, () => {
    const rest = formatNote('\n', [line]).length - 1;
    const noteOf = (bytes: number) => formatNote(`${'x'.repeat(bytes - rest - 1)}\n`, [line]);
    expect(noteOf(LIMITS.noteBytes)).toHaveLength(LIMITS.noteBytes);
    expect(answer(parseNote(noteOf(LIMITS.noteBytes)))).toBe('READ');
    expect(answer(parseNote(noteOf(LIMITS.noteBytes + 1)))).toBe('TOO_LARGE');
  });

  it(`has at most ${LIMITS.noteSignatures} signatures`, () => {
    const noteOf = (count: number) =>
      formatNote(
        'text\n',
        Array.from({ length: count }, () => line),
      );
    expect(answer(parseNote(noteOf(LIMITS.noteSignatures)))).toBe('READ');
    expect(answer(parseNote(noteOf(LIMITS.noteSignatures + 1)))).toBe('TOO_LARGE');
  });

  it(`is signed under a name of at most ${LIMITS.originBytes} bytes`, () => {
    expect(isKeyName('x'.repeat(LIMITS.originBytes))).toBe(true);
    expect(isKeyName('x'.repeat(LIMITS.originBytes + 1))).toBe(false);
    // Bytes, not characters.
    expect(isKeyName('é'.repeat(128))).toBe(false);
    expect(parseLogOrigin('x'.repeat(100_000))).toBeUndefined();
  });
});

describe('a proof', () => {
  const hashes = (count: number) => Array.from({ length: count }, () => new Uint8Array(32));

  it(`has at most ${LIMITS.proofHashes} hashes in a file`, () => {
    const checkpoint = utf8('note\n');
    const full = formatTlogProof({ index: 0n, proof: hashes(LIMITS.proofHashes), checkpoint });
    const hash = `${Buffer.alloc(32).toString('base64')}\n`;
    const over = utf8(Buffer.from(full).toString().replace('\n\n', `\n${hash}\n`));
    expect(answer(parseTlogProof(full))).toBe('READ');
    expect(answer(parseTlogProof(over))).toBe('TOO_LARGE');
  });

  it(`has at most ${LIMITS.proofHashes} hashes in a manifest`, async () => {
    const proof = (count: number) => hashes(count).map((hash) => Buffer.from(hash));
    expect(await answerTo({ consistencyProof: proof(LIMITS.proofHashes) })).toBe('READ');
    expect(await answerTo({ consistencyProof: proof(LIMITS.proofHashes + 1) })).toBe('MALFORMED');
  });
});

const digest = Buffer.alloc(32, 1);
const item = ManifestItem.fromPartial({
  action: ItemAction.ITEM_ACTION_RECORD,
  headerDigest: digest,
  facets: ['summary'],
  basis: '',
  consent: Buffer.alloc(0),
});

/** The same certificate with another number in the last bytes of its signature. */
function numbered(certificate: Uint8Array, number: number): Buffer {
  const made = Buffer.from(certificate);
  made.writeUInt32BE(number, made.length - 4);
  return made;
}

const answerTo = async (change: Partial<Manifest>): Promise<string> =>
  answer(judgeContent(federation.network, await contentWith(change)));

const contentOf = (count: number): Promise<Uint8Array> =>
  contentWith({ items: Array.from({ length: count }, () => item) });

async function contentWith(change: Partial<Manifest>): Promise<Uint8Array> {
  const manifest = Manifest.fromPartial({
    format: 1,
    sender: 'XA',
    recipient: 'XB',
    incarnation: 1,
    lane: 1,
    seq: 2n,
    previous: digest,
    rosterDigest: digest,
    rosterVersion: 1n,
    statementDigest: digest,
    items: [item],
    ...change,
  });
  const { bytes } = encodeManifest(federation.network, manifest);
  const signature = await federation.of('XA').keyring.sign('link', 'manifest', bytes);
  return encodeContent(bytes, signature, []);
}

describe('a manifest', () => {
  const many = <Item>(one: Item, count: number): Item[] => Array.from({ length: count }, () => one);

  it(`lists at most ${LIMITS.parcelItems} items`, async () => {
    expect(await answerTo({ items: many(item, LIMITS.parcelItems) })).toBe('READ');
    expect(await answerTo({ items: many(item, LIMITS.parcelItems + 1) })).toBe('MALFORMED');
  });

  it.each(['checkpoint', 'exerciseCheckpoint'] as const)(
    `has a %s of at most ${LIMITS.noteBytes} bytes`,
    async (field) => {
      expect(await answerTo({ [field]: Buffer.alloc(LIMITS.noteBytes) })).toBe('READ');
      expect(await answerTo({ [field]: Buffer.alloc(LIMITS.noteBytes + 1) })).toBe('TOO_LARGE');
    },
  );

  it('states a basis of at most 1024 characters', async () => {
    const based = (length: number) => [{ ...item, basis: 'x'.repeat(length) }];
    expect(await answerTo({ items: based(1024) })).toBe('READ');
    expect(await answerTo({ items: based(1025) })).toBe('MALFORMED');
  });

  it('names at most 64 facets an item', async () => {
    const named = (count: number) => [
      { ...item, facets: Array.from({ length: count }, (_, at) => `f${at}`) },
    ];
    expect(await answerTo({ items: named(64) })).toBe('READ');
    expect(await answerTo({ items: named(65) })).toBe('MALFORMED');
  });
});

describe('who speaks', () => {
  it(`shows certificates of at most ${LIMITS.certificateBytes} bytes`, () => {
    expect(() => parseCertificate(new Uint8Array(LIMITS.certificateBytes))).toThrow(/expected tag/);
    expect(() => parseCertificate(new Uint8Array(LIMITS.certificateBytes + 1))).toThrow(/too large/);
  });

  it(`shows at most ${LIMITS.chainCertificates - 1} certificates below its root`, () => {
    const { signedStatement, authority } = federation.of('XA');
    const root = Buffer.from(certificatesFromPem(authority.rootCertPem)[0] ?? []);
    const [leaf = Buffer.alloc(0)] = signedStatement.chain;
    const { network, roster, nowMs } = federation;
    const judged = (count: number) => {
      const chain = [leaf, ...Array.from({ length: count - 1 }, () => root)];
      return judgeStatement({ network, roster, signed: { ...signedStatement, chain }, atMs: nowMs });
    };
    expect(answer(judged(LIMITS.chainCertificates - 1))).toBe('READ');
    expect(judged(LIMITS.chainCertificates)).toMatchObject({
      ok: false,
      reason: Reason.REASON_CERTIFICATE_INVALID,
      detail: expect.stringContaining('got 5'),
    });
  });

  it(`sends a key statement of at most ${LIMITS.statementBytes} bytes`, () => {
    const { network, roster, nowMs } = federation;
    const { signedStatement } = federation.of('XA');
    const sized = (bytes: number) => {
      const signed = { ...signedStatement, chain: [Buffer.alloc(0)], body: Buffer.alloc(0) };
      // Label and lengths beside the body: three bytes of length for a body of this size.
      const beside = signed.certificateSignature.length + signed.authoritySignature.length + 2 + 2 * 3 + 4;
      return judgeStatement({
        network,
        roster,
        signed: { ...signed, body: Buffer.alloc(bytes - beside) },
        atMs: nowMs,
      });
    };
    expect(answer(sized(LIMITS.statementBytes))).toBe('LABEL_MISMATCH');
    expect(answer(sized(LIMITS.statementBytes + 1))).toBe('TOO_LARGE');
  });

  it(`sends prekeys of at most ${LIMITS.prekeyBundleBytes} bytes`, () => {
    const { network, nowMs } = federation;
    const { signedPrekeys, statement } = federation.of('XA');
    const sized = (bytes: number) =>
      answer(
        judgePrekeyBundle({
          network,
          statement,
          signed: { ...signedPrekeys, body: Buffer.alloc(bytes) },
          atMs: nowMs,
        }),
      );
    expect(sized(LIMITS.prekeyBundleBytes)).toBe('LABEL_MISMATCH');
    expect(sized(LIMITS.prekeyBundleBytes + 1)).toBe('TOO_LARGE');
  });
});

/** With a governance key and four witnesses each. */
function rosterOf(count: number): Roster {
  const [member] = federation.roster.roster.members;
  const nodes = Array.from({ length: count }, (_, at) => `X${String(at).padStart(4, '0')}`);
  const key = (at: number, bytes: number) => {
    const made = Buffer.alloc(bytes);
    made.writeUInt32BE(at + 1);
    return made;
  };
  return Roster.fromPartial({
    ...federation.roster.roster,
    members: nodes.map((node, at) => ({
      ...member,
      node,
      name: 'x'.repeat(100),
      groups: ['adequate', 'north', 'sac'],
      // Another number behind the signature's last byte keeps the form and makes it another certificate.
      authorityCertificate: numbered(member?.authorityCertificate ?? Buffer.alloc(0), at),
      authorityKey: key(at, 1952),
    })),
    governance: nodes.map((node, at) => ({
      member: node,
      key: { ed25519: key(at, 32), mlDsa44: key(at, 1312) },
    })),
    threshold: Math.ceil(count / 2),
    witnesses: nodes.map((node, at) => ({
      node,
      witnesses: [1, 2, 3, 4].map((next) => nodes[(at + next) % count] ?? '').sort(),
      threshold: 3,
    })),
  });
}

describe('a roster', () => {
  const first = (signed: SignedRoster) =>
    answer(judgeFirstRoster({ networkDigest: federation.network, signed }));

  it(`has at most ${LIMITS.rosterBytes} bytes`, () => {
    const sized = (bytes: number) => first({ body: Buffer.alloc(bytes), signatures: [] });
    expect(sized(LIMITS.rosterBytes)).toBe('WRONG_NETWORK');
    expect(sized(LIMITS.rosterBytes + 1)).toBe('TOO_LARGE');
  });

  it(`has at most ${LIMITS.rosterMembers} members, who fit it with a governance key and witnesses each`, () => {
    const most = rosterOf(LIMITS.rosterMembers);
    expect(rosterFaults(most)).toEqual([]);
    expect(Roster.encode(most).finish().length).toBeLessThan(LIMITS.rosterBytes - 128);
    expect(rosterFaults(rosterOf(LIMITS.rosterMembers + 1))).toMatchObject([
      { path: 'members', code: 'OUT_OF_RANGE' },
    ]);
  });

  const faultsWith = (change: (roster: Roster) => Partial<Roster>) => {
    const roster = rosterOf(20);
    return rosterFaults({ ...roster, ...change(roster) }).map(({ path }) => path);
  };
  const firstMember = (change: Partial<Roster['members'][number]>) =>
    faultsWith(({ members: [first, ...rest] }) => ({
      members: first === undefined ? rest : [{ ...first, ...change }, ...rest],
    }));

  it('names itself and its members in 200 characters at most', () => {
    expect(faultsWith(() => ({ networkName: 'x'.repeat(200) }))).toEqual([]);
    expect(faultsWith(() => ({ networkName: 'x'.repeat(201) }))).toEqual(['networkName']);
    expect(firstMember({ name: 'x'.repeat(200) })).toEqual([]);
    expect(firstMember({ name: 'x'.repeat(201) })).toEqual(['members[0].name']);
  });

  it('lists 64 groups and 64 duties of a member at most', () => {
    const names = (count: number) =>
      Array.from({ length: count }, (_, at) => `g${String(at).padStart(3, '0')}`);
    expect(firstMember({ groups: names(64), duties: names(64) })).toEqual([]);
    expect(firstMember({ groups: names(65) })).toEqual(['members[0].groups']);
    expect(firstMember({ duties: names(65) })).toEqual(['members[0].duties']);
  });

  it('gives a log 16 witnesses at most', () => {
    const witnessed = (count: number) =>
      faultsWith(({ members: [owner, ...others] }) => ({
        witnesses: [
          {
            node: owner?.node ?? '',
            witnesses: others.slice(0, count).map(({ node }) => node),
            threshold: 1,
          },
        ],
      }));
    expect(witnessed(16)).toEqual([]);
    expect(witnessed(17)).toEqual(['witnesses[0].witnesses']);
  });

  it(`has at most ${2 * LIMITS.rosterMembers} signatures`, () => {
    const { signedRoster } = federation;
    const [signature] = signedRoster.signatures;
    if (signature === undefined) throw new Error('expected a signed roster');
    const signed = (count: number) =>
      first({
        ...signedRoster,
        signatures: [
          ...signedRoster.signatures,
          ...Array.from({ length: count - signedRoster.signatures.length }, () => signature),
        ],
      });
    expect(signed(2 * LIMITS.rosterMembers)).toBe('READ');
    expect(signed(2 * LIMITS.rosterMembers + 1)).toBe('TOO_LARGE');
  });

  it(`has a history of at most ${LIMITS.rosterHistory} versions`, () => {
    const { network, signedRoster } = federation;
    const history = (count: number) => ({ rosters: Array.from({ length: count }, () => signedRoster) });
    expect(
      answer(judgeRosterHistory({ networkDigest: network, history: history(LIMITS.rosterHistory) })),
    ).toBe('ROSTER_UNCHAINED');
    expect(
      answer(judgeRosterHistory({ networkDigest: network, history: history(LIMITS.rosterHistory + 1) })),
    ).toBe('TOO_LARGE');
  });
});

describe('a call', () => {
  it(`names a method of at most ${LIMITS.methodBytes} characters`, () => {
    const opening = (length: number) =>
      decodeFrame(encodeFrame(Frame.fromPartial({ open: { method: 'm'.repeat(length) } })), 'caller', 0);
    expect(opening(LIMITS.methodBytes)?.open?.method).toHaveLength(LIMITS.methodBytes);
    expect(opening(LIMITS.methodBytes + 1)).toBeUndefined();
  });

  it(`of a desk asks for at most ${LIMITS.deskPage} rows`, () => {
    const asked = (rows: number) => {
      const fields = new RequestFields();
      fields.pageSize('pageSize', rows);
      return () => fields.done();
    };
    expect(asked(LIMITS.deskPage)).not.toThrow();
    expect(asked(LIMITS.deskPage + 1)).toThrow();
  });
});

describe('a record', () => {
  it(`names at most ${LIMITS.attachmentsPerRecord} files`, () => {
    const filesOf = (count: number) =>
      Array.from({ length: count }, (_, at) => ({
        sha256: numbered(Buffer.alloc(32), at),
        blobSha256: Buffer.alloc(32, 2),
        fileKey: Buffer.alloc(32, 3),
        mime: 'image/jpeg',
        size: 10,
        class: SensitivityClass.SENSITIVITY_CLASS_OPERATIONAL,
        metadataStripped: true,
      }));
    const { content } = contentFromJson(exampleContent('seizure-notice'), {
      deskGroup: DeskGroup.DESK_GROUP_CUSTOMS,
      nowMs: EXAMPLE_NOW_MS,
    });
    if (content === undefined) throw new Error('expected the example to be read');
    const faults = (count: number) => {
      const attachments = Attachments.encode(Attachments.fromPartial({ files: filesOf(count) })).finish();
      const named = { ...content, facets: { ...content.facets, attachments } };
      const judged = validateContent(named, { mode: 'imported', nowMs: EXAMPLE_NOW_MS });
      return judged.faults.map(({ path, code }) => `${path} ${code}`);
    };
    expect(faults(LIMITS.attachmentsPerRecord)).toEqual([]);
    expect(faults(LIMITS.attachmentsPerRecord + 1)).toEqual(['facets.attachments.files TOO_MANY']);
  });
});

describe('a policy', () => {
  it(`has at most ${LIMITS.policyBytes} bytes`, () => {
    const sized = (bytes: number) => checkPolicies(`//${'x'.repeat(bytes - 2)}`).map(({ code }) => code);
    expect(sized(LIMITS.policyBytes)).toEqual([]);
    expect(sized(LIMITS.policyBytes + 1)).toEqual(['TOO_LARGE']);
  });
});

/** Signed before it is measured: a signature is made in a thread of its own. */
const contents = new Map<number, Uint8Array>();
beforeAll(async () => {
  for (const size of [LIMITS.parcelItems / 4, LIMITS.parcelItems]) contents.set(size, await contentOf(size));
});

describe('the worst that is still read costs time by its size, not by a power of it', () => {
  /** Milliseconds that this thread computed, the least of three: what else the machine does only adds, and not to these. */
  const timed = (run: () => unknown): number =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const began = process.threadCpuUsage();
        run();
        const { user, system } = process.threadCpuUsage(began);
        return (user + system) / 1000;
      }),
    );
  const UNREAD = { decode: () => undefined };
  const message = (bytes: Uint8Array) =>
    judgeMessage(UNREAD, 'tocsin.exchange.v1.ParcelContent', bytes, LIMITS.messageBytes);
  const cases: readonly (readonly [string, number, (size: number) => () => unknown])[] = [
    [
      'a message of unknown fields of two bytes',
      LIMITS.messageBytes,
      (size) => {
        const bytes = Buffer.alloc(size, Uint8Array.of(0x78, 0x01));
        return () => expect(message(bytes).ok).toBe(true);
      },
    ],
    [
      'a message of empty items',
      4 * 1024 * 1024,
      (size) => {
        const bytes = Buffer.alloc(size, Uint8Array.of(0x1a, 0x00));
        return () => expect(message(bytes).ok).toBe(true);
      },
    ],
    [
      'a note of empty lines',
      LIMITS.noteBytes - 64,
      (size) => {
        const bytes = formatNote('\n'.repeat(size), [line]);
        return () => expect(parseNote(bytes).ok).toBe(true);
      },
    ],
    [
      'PEM of white space',
      1024 * 1024,
      (size) => {
        const text = `-----BEGIN CERTIFICATE-----${'\n'.repeat(size)}AQID\n-----END CERTIFICATE-----`;
        return () => expect(certificatesFromPem(text)).toHaveLength(1);
      },
    ],
    [
      'a parcel of the smallest items',
      LIMITS.parcelItems,
      (size) => {
        const bytes = contents.get(size) ?? new Uint8Array();
        return () => expect(judgeContent(federation.network, bytes).ok).toBe(true);
      },
    ],
    [
      'a roster of the most members',
      LIMITS.rosterMembers,
      (size) => {
        const roster = rosterOf(size);
        return () => expect(rosterFaults(roster)).toEqual([]);
      },
    ],
    [
      'a list of the smallest entries',
      LIMITS.importEntries / 50,
      (size) => {
        const entry = (at: number) =>
          `<ENTITY><DATAID>${at}</DATAID><FIRST_NAME>N${at}</FIRST_NAME><REFERENCE_NUMBER>Q.${at}</REFERENCE_NUMBER><LISTED_ON>2012-12-31</LISTED_ON></ENTITY>`;
        const entries = Array.from({ length: size }, (_, at) => entry(at)).join('');
        const list = utf8(
          `<CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:00Z"><INDIVIDUALS/><ENTITIES>${entries}</ENTITIES></CONSOLIDATED_LIST>`,
        );
        const options = {
          officer: { fingerprint: 'aa', name: 'Anna', deskGroup: DeskGroup.DESK_GROUP_LICENSING },
          marking: { releasableTo: ['sac'] },
          nowMs: Date.parse('2026-03-02T10:00:00Z'),
        };
        return () => expect(readUnList(list, options).entities).toBe(size);
      },
    ],
    [
      'a key statement of the most revocations',
      1_000,
      (size) => {
        const { statement } = federation.of('XA').statement;
        const revocations = Array.from({ length: size }, (_, at) => ({
          fingerprint: numbered(Buffer.alloc(32), at),
          from: 1n,
          reason: 'x',
        }));
        const bytes = KeyStatement.encode(KeyStatement.fromPartial({ ...statement, revocations })).finish();
        const type = 'tocsin.record.v1.KeyStatement';
        return () => expect(judgeMessage(KeyStatement, type, bytes, LIMITS.statementBytes).ok).toBe(true);
      },
    ],
    [
      'a policy of likes with many stars',
      LIMITS.policyBytes / 4,
      (size) => {
        const rule = `@id("R")\npermit (principal, action, resource) when { "x" like "${'*a'.repeat(40)}" };\n`;
        const text = Array.from({ length: Math.floor(size / (rule.length + 5)) }, (_, at) =>
          rule.replace('"R"', `"N${at}"`),
        ).join('');
        return () => expect(checkPolicies(text).length).toBeGreaterThanOrEqual(0);
      },
    ],
    [
      'a policy of comments',
      LIMITS.policyBytes,
      (size) => {
        const text = '//\n'.repeat(Math.floor(size / 3));
        return () => expect(checkPolicies(text)).toEqual([]);
      },
    ],
  ];

  it.each(cases)('%s', (_what, size, make) => {
    const quarter = timed(make(size / 4));
    // Four times the size: 4 where it grows with it, 16 where with its square. A floor for what is too quick to compare.
    expect(timed(make(size))).toBeLessThan(10 * Math.max(quarter, 20));
  });
});
