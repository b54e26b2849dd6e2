import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concat, textOf, utf8 } from '../../../src/base/bytes.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { ItemAction } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import type { DisclosedFacet } from '../../../src/gen/tocsin/record/v1/header.ts';
import {
  RosterHistory,
  SignedKeyStatement,
  SignedRoster,
} from '../../../src/gen/tocsin/record/v1/identity.ts';
import { DeskGroup, Status } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { Receipt, ReceiptKind, ReceiptResult } from '../../../src/gen/tocsin/record/v1/receipt.ts';
import { SeizureSummary } from '../../../src/gen/tocsin/record/v1/seizure_notice.ts';
import {
  createSuccessor,
  hybridFingerprint,
  judgeRosterHistory,
  judgeStatement,
} from '../../../src/identity/index.ts';
import {
  buildEvidence,
  collectEvidence,
  createLedger,
  createWitness,
  type EvidenceRecord,
  judgeEvidence,
  type LaterKnowledge,
  type Ledger,
  logKeysOf,
} from '../../../src/ledger/index.ts';
import { judgeSignedCheckpoint, parseVerifierKey } from '../../../src/merkle/index.ts';
import { assembleRecord, kindOf, reasonName, type SignedHeader, sha256 } from '../../../src/record/index.ts';
import type { NewRecord } from '../../../src/store/index.ts';
import { expectBelieved } from '../../support/authority.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';
import { countingRandom, stillClock } from './fixture.ts';
import {
  encodeStatement,
  NOW_MS,
  networkOf,
  type TestMember,
  type TestNetwork,
  testMember,
  testNetwork,
} from './network-fixture.ts';

const random = countingRandom();

interface Assembled {
  readonly signed: SignedHeader;
  readonly facets: readonly DisclosedFacet[];
}

/** A record as its originator releases it. */
function record(
  of: Pick<TestNetwork, 'network' | 'origins'>,
  node: string,
  kind: string,
  facets: Record<string, Uint8Array>,
): Assembled {
  const row = kindOf(kind);
  if (!row) throw new Error(`no kind ${kind}`);
  return assembleRecord({
    network: of.network,
    logOrigin: of.origins(node).live,
    originator: node,
    recordId: random.bytes(16),
    revision: 1,
    content: {
      kind,
      deskGroup: row.control ? DeskGroup.DESK_GROUP_NODE : DeskGroup.DESK_GROUP_CUSTOMS,
      priority: row.defaultPriority,
      marking: { ...row.defaultMarking(), status: Status.STATUS_ACTUAL, releasableTo: ['XA', 'XB'] },
      expires: NOW_MS + 300 * 86_400_000,
      reviewBy: NOW_MS + 200 * 86_400_000,
      facets,
    },
    released: Math.floor(NOW_MS / 60_000) * 60_000,
    salt: () => random.bytes(32),
  });
}

const rowFor = ({ signed }: Assembled, origin: 'own' | 'partner'): NewRecord => ({
  headerDigest: signed.digest,
  recordId: signed.header.recordId,
  revision: 1,
  originator: signed.header.originator,
  kind: signed.header.kind,
  schemaVersion: 1,
  deskGroup: 1,
  priority: 1,
  tlp: 1,
  status: 1,
  released: NOW_MS,
  expires: NOW_MS + 1,
  reviewBy: NOW_MS,
  header: signed.bytes,
  origin,
  state: 'released',
  logOrigin: signed.header.logOrigin,
  title: 't',
  committedAt: NOW_MS,
});

const summary = SeizureSummary.encode(
  SeizureSummary.fromPartial({ country: 'XA', significant: true }),
).finish();
/** Changed bytes a file. */
const SAMPLES = 14;
const FACETS = ['summary', 'items', 'legal'];

/** Everything that a bundle of one seizure notice of XA can hold, with XB's cosignature and receipt. */
class Scene implements AsyncDisposable {
  readonly network: TestNetwork;
  readonly held: TemporaryStore;
  readonly notice: Assembled;
  files = new Map<string, Uint8Array>();

  private constructor(network: TestNetwork, held: TemporaryStore) {
    this.network = network;
    this.held = held;
    this.notice = record(network, 'XA', 'seizure-notice', { summary, source: utf8('') });
  }

  static async build(): Promise<Scene> {
    const scene = new Scene(await testNetwork(), await temporaryStore());
    await scene.#fill();
    return scene;
  }

  member(at: number): TestMember {
    const member = this.network.members[at];
    if (!member) throw new Error('no such member');
    return member;
  }

  ledgerOf(member: TestMember): Ledger {
    return createLedger({
      store: this.held.store,
      keyring: member.keyring,
      origins: this.network.origins(member.node),
      clock: stillClock(NOW_MS),
      random,
      tickMs: 60_000,
    });
  }

  /** Releases a record at its node: row, leaf, checkpoint; the bundle's parts of it. */
  async release(
    member: TestMember,
    assembled: Assembled,
    origin: 'own' | 'partner',
  ): Promise<EvidenceRecord> {
    const ledger = this.ledgerOf(member);
    const { signed, facets } = assembled;
    await this.held.store.write((tx) => ledger.enqueue(tx, signed));
    const [checkpoint] = await ledger.sequence('live');
    if (!checkpoint) throw new Error('no checkpoint');
    const statement = encodeStatement(await this.network.statementOf(member));
    const digest = sha256(SignedKeyStatement.decode(statement).body);
    return this.held.store.write(async (tx) => {
      const { index, proof } = await ledger.proofFor(tx, signed.digest, checkpoint.size);
      const asReceived = { leafIndex: index, proof: concat(...proof), checkpoint: checkpoint.note };
      const row = { ...rowFor(assembled, origin), ...(origin === 'partner' && asReceived) };
      await tx.records.insert([{ record: row, facets }]);
      await tx.directory.keepStatement({
        digest,
        node: member.node,
        sequence: 1n,
        body: statement,
        verifiedAt: NOW_MS,
      });
      return { signed, facets, index, proof, checkpoint: checkpoint.note, statement };
    });
  }

  async #fill(): Promise<void> {
    const [xa, xb] = [this.member(0), this.member(1)];
    await this.release(xa, this.notice, 'own');
    const item = { headerDigest: Buffer.from(this.notice.signed.digest), facets: FACETS };
    const receipt = Receipt.fromPartial({
      manifestDigest: Buffer.alloc(32, 1),
      kind: ReceiptKind.RECEIPT_KIND_DELIVERED,
      items: [{ ...item, result: ReceiptResult.RECEIPT_RESULT_ACCEPTED }],
      at: BigInt(NOW_MS),
    });
    const received = record(this.network, 'XB', 'receipt', { receipt: Receipt.encode(receipt).finish() });
    await this.release(xb, received, 'partner');
    await this.held.store.write(async (tx) => {
      const { body } = this.network.signedRoster;
      const encoded = RosterHistory.decode(this.network.rosterHistory).rosters;
      const [only] = encoded;
      if (!only) throw new Error('no roster');
      await tx.directory.keepRoster({
        version: 1n,
        digest: sha256(body),
        body: SignedRoster.encode(only).finish(),
      });
      const nobody = { deskGroups: [], purposes: [] };
      await tx.outbox.add(
        [
          {
            recipient: 'XB',
            lane: 1,
            action: ItemAction.ITEM_ACTION_RECORD,
            headerDigest: this.notice.signed.digest,
            facets: FACETS,
            audience: nobody,
            facetAudiences: [],
            basis: 'R5',
          },
        ],
        NOW_MS,
      );
      const [row] = await tx.outbox.ofRecord(this.notice.signed.digest);
      if (!row) throw new Error('no row');
      await tx.outbox.close(
        [{ id: row.id, state: 'receipted', receiptDigest: received.signed.digest }],
        NOW_MS,
      );
    });
    await this.#witness(xa, xb);
    this.files = await this.collect(FACETS);
  }

  async #witness(owner: TestMember, by: TestMember): Promise<void> {
    const origin = this.network.origins(owner.node).live;
    const checkpoint = await this.held.store.read((tx) => tx.ledger.newestCheckpoint(origin));
    const witness = createWitness({
      store: this.held.store,
      clock: stillClock(NOW_MS),
      name: `tocsin/${this.network.net}/${by.node}/witness`,
      mlDsa44: () => by.keyring.witness.mlDsa44,
      sign: (message) => by.keyring.signRaw('witness', 'ml-dsa-44', message),
      logOf: async () => ({
        node: owner.node,
        judge: (note) => judgeSignedCheckpoint({ ...logKeysOf(origin, owner.keyring.log), note }),
      }),
    });
    const answer = await witness.addCheckpoint({
      oldSize: 0n,
      proof: [],
      checkpoint: checkpoint?.note ?? new Uint8Array(),
    });
    if (answer.status !== 200) throw new Error(`not cosigned: ${answer.status}`);
  }

  collect(facets?: readonly string[]): Promise<Map<string, Uint8Array>> {
    const { digest: headerDigest } = this.notice.signed;
    const ledger = this.ledgerOf(this.member(0));
    const options = { ledger, network: this.network.network, headerDigest, ...(facets && { facets }) };
    return this.held.store.read((tx) => collectEvidence(tx, options));
  }

  judge(files: ReadonlyMap<string, Uint8Array>, nowMs = NOW_MS) {
    return judgeEvidence({ files, networkDigest: this.network.network, nowMs });
  }

  /** The verdict after one file was changed. */
  withFile(name: string, bytes: Uint8Array | undefined) {
    const files = new Map(this.files);
    if (bytes) files.set(name, bytes);
    else files.delete(name);
    return this.judge(files);
  }

  file(name: string): Uint8Array {
    const bytes = this.files.get(name);
    if (!bytes) throw new Error(`no file ${name}`);
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.held[Symbol.asyncDispose]();
    await this.network[Symbol.asyncDispose]();
  }
}

/** Reasons that a changed byte of each file may have; a receipt's files have those of the record's. */
const REASONS: Readonly<Record<string, readonly string[]>> = {
  'header.bin': ['PROOF_INVALID', 'LABEL_MISMATCH', 'WRONG_NETWORK', 'MALFORMED', 'EXERCISE_MISMATCH'],
  'proof.tlog-proof': [
    'PROOF_INVALID',
    'MALFORMED',
    'CHECKPOINT_INVALID',
    'CHECKPOINT_EXTENSION',
    'SIGNATURE_INVALID',
  ],
  'statement.bin': [
    'MALFORMED',
    'LABEL_MISMATCH',
    'WRONG_NETWORK',
    'NOT_A_MEMBER',
    'SIGNATURE_INVALID',
    'AUTHORITY_SIGNATURE',
    'CERTIFICATE_INVALID',
    'ISSUER_NOT_FOR_STATE',
  ],
  'chain.pem': ['CERTIFICATE_INVALID'],
  'roster-history.bin': ['WRONG_NETWORK', 'MALFORMED', 'ROSTER_THRESHOLD', 'TOO_LARGE'],
  cosignatures: ['SIGNATURE_INVALID', 'MALFORMED', 'STATEMENT_UNKNOWN'],
  bin: ['COMMITMENT_MISMATCH'],
  salt: ['COMMITMENT_MISMATCH'],
};

const reasonsFor = (path: string): readonly string[] => {
  const name = path.replace(/^receipt[^.]*\./, '').replace(/^witnesses\/XB\./, '');
  return REASONS[name] ?? REASONS[name.replace(/^facets\/.*\./, '')] ?? [];
};

describe('an evidence bundle', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.build();
  });
  afterAll(() => scene[Symbol.asyncDispose]());

  it('holds the files of the design', () => {
    expect([...scene.files.keys()].sort()).toEqual([
      'chain.pem',
      'cosignatures',
      'facets/items.bin',
      'facets/items.salt',
      'facets/legal.bin',
      'facets/legal.salt',
      'facets/summary.bin',
      'facets/summary.salt',
      'header.bin',
      'proof.tlog-proof',
      'receipt.facets/receipt.bin',
      'receipt.facets/receipt.salt',
      'receipt.header.bin',
      'receipt.proof.tlog-proof',
      'receipt.statement.bin',
      'roster-history.bin',
      'statement.bin',
      'vkeys.txt',
      'witnesses/XB.statement.bin',
    ]);
  });

  it('convinces whoever knows the network digest', () => {
    const verdict = scene.judge(scene.files);
    expect(verdict).toMatchObject({
      ok: true,
      value: {
        originator: 'XA',
        kind: 'seizure-notice',
        revision: 1,
        logOrigin: scene.network.origins('XA').live,
        checkpointSize: 8n,
        checkpointAt: NOW_MS,
        seen: FACETS,
        witnesses: ['XB'],
        witnessThreshold: 1,
        receipts: [{ node: 'XB', result: 'accepted', at: NOW_MS }],
        warnings: [],
      },
    });
    expect(verdict.ok && verdict.value.withheld).toContain('persons');
  });

  it('never holds a facet that must not leave its node', async () => {
    const files = await scene.collect();
    expect([...files.keys()].filter((path) => /facets\/(source|internal)\./.test(path))).toEqual([]);
    expect(scene.judge(files)).toMatchObject({ ok: true });
    const source = scene.notice.facets.find(({ facet }) => facet === 'source');
    const smuggled = new Map(files);
    smuggled.set('facets/source.bin', source?.body ?? new Uint8Array());
    smuggled.set('facets/source.salt', source?.salt ?? new Uint8Array());
    expect(scene.judge(smuggled)).toMatchObject({ ok: false, reason: Reason.REASON_FORBIDDEN_FACET });
  });

  it('gives foreign tools the two keys of the log', () => {
    const lines = textOf(scene.file('vkeys.txt')).trimEnd().split('\n');
    const parsed = lines.map(parseVerifierKey);
    expect(parsed.map((key) => key.ok && [key.value.name, key.value.type])).toEqual([
      [scene.network.origins('XA').live, 0x01],
      [scene.network.origins('XA').live, 0x06],
    ]);
  });

  it('stands without cosignatures, receipts, facets and verifier keys', () => {
    const files = new Map(
      [...scene.files].filter(([path]) => !/receipt|cosign|witness|facets|vkeys/.test(path)),
    );
    expect(scene.judge(files)).toMatchObject({
      ok: true,
      value: { seen: [], witnesses: [], receipts: [], warnings: [] },
    });
  });

  it.each([
    'header.bin',
    'proof.tlog-proof',
    'statement.bin',
    'chain.pem',
    'roster-history.bin',
    'facets/items.salt',
  ])('falls without %s', (name) => {
    expect(scene.withFile(name, undefined).ok).toBe(false);
  });

  it('falls with the right reason for a changed byte anywhere', () => {
    const pristine = scene.judge(scene.files);
    for (const [path, bytes] of scene.files) {
      // Every so many bytes of a long file; all of a short one would cost seconds, and the offsets differ by file.
      const step = Math.ceil(bytes.length / SAMPLES);
      for (let at = 0; at < bytes.length; at += step) {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
        const verdict = scene.withFile(path, changed);
        const where = `${path} byte ${at}: ${verdict.ok ? 'believed' : `${reasonName(verdict.reason)} ${verdict.detail}`}`;
        if (verdict.ok) {
          // Nothing rests on these: reported, not refused.
          expect(['vkeys.txt', 'roster-history.bin'], where).toContain(path);
          expect({ ...verdict.value, warnings: [] }, where).toEqual(pristine.ok && pristine.value);
          expect(verdict.value.warnings.length, where).toBe(1);
        } else expect(reasonsFor(path), where).toContain(reasonName(verdict.reason));
      }
    }
  });

  it('falls for bytes added or cut', () => {
    for (const [path, bytes] of scene.files) {
      if (path === 'vkeys.txt') continue;
      expect(scene.withFile(path, concat(bytes, utf8('\n'))).ok, path).toBe(false);
      if (bytes.length > 0) expect(scene.withFile(path, bytes.subarray(0, -1)).ok, path).toBe(false);
    }
  });

  it('does not trust the verifier keys that it carries', () => {
    const verdict = scene.withFile('vkeys.txt', utf8('another+00000000+AA==\n'));
    expect(verdict.ok && verdict.value.warnings).toEqual([expect.stringContaining('vkeys.txt')]);
  });

  it('says which files it did not judge', () => {
    for (const path of ['README', 'receipt.chain.pem', 'witnesses/XC.statement.bin']) {
      const verdict = scene.withFile(path, utf8('x'));
      if (path.startsWith('receipt')) expect(verdict.ok && verdict.value.warnings.length, path).toBe(1);
      else expect(verdict.ok && verdict.value.warnings, path).toEqual([expect.stringContaining(path)]);
    }
  });

  it('is refused from the future, and for no network digest', () => {
    expect(scene.judge(scene.files, NOW_MS - 301_000)).toMatchObject({
      ok: false,
      reason: Reason.REASON_CLOCK_SKEW,
    });
    expect(judgeEvidence({ files: scene.files, networkDigest: new Uint8Array(31) })).toMatchObject({
      ok: false,
      reason: Reason.REASON_WRONG_NETWORK,
    });
  });

  it('may carry a history of rosters above the size of a message, and none above that of a history', () => {
    const judged = (bytes: number) => scene.withFile('roster-history.bin', new Uint8Array(bytes));
    expect(judged(LIMITS.messageBytes + 1)).toMatchObject({ reason: Reason.REASON_MALFORMED });
    expect(judged(LIMITS.rosterHistoryBytes)).toMatchObject({ reason: Reason.REASON_MALFORMED });
    expect(judged(LIMITS.rosterHistoryBytes + 1)).toMatchObject({ reason: Reason.REASON_TOO_LARGE });
  });

  it('is believed long after keys, certificates and roster have expired', () => {
    expect(scene.judge(scene.files, NOW_MS + 50 * 365 * 86_400_000).ok).toBe(true);
  });

  it("refuses another record's proof, and a proof with extra data", () => {
    const other = scene.file('receipt.proof.tlog-proof');
    expect(scene.withFile('proof.tlog-proof', other).ok).toBe(false);
    const extra = utf8(textOf(scene.file('proof.tlog-proof')).replace('\nindex', '\nextra AA==\nindex'));
    expect(scene.withFile('proof.tlog-proof', extra)).toMatchObject({ reason: Reason.REASON_MALFORMED });
  });

  it("refuses another state's statement, and its chain", () => {
    const foreign = scene.withFile('statement.bin', scene.file('receipt.statement.bin'));
    expect(foreign).toMatchObject({ ok: false, reason: Reason.REASON_WRONG_SENDER });
    const own = SignedKeyStatement.decode(scene.file('statement.bin'));
    const { chain } = SignedKeyStatement.decode(scene.file('receipt.statement.bin'));
    const mixed = scene.withFile('statement.bin', encodeStatement({ ...own, chain }));
    expect(mixed).toMatchObject({ ok: false, reason: Reason.REASON_ISSUER_NOT_FOR_STATE });
  });

  it('refuses a receipt that speaks of something else, or is none', () => {
    const files = new Map(scene.files);
    for (const name of ['header.bin', 'proof.tlog-proof', 'statement.bin'])
      files.set(`receipt.${name}`, scene.file(name));
    for (const name of ['bin', 'salt']) files.delete(`receipt.facets/receipt.${name}`);
    expect(scene.judge(files)).toMatchObject({ ok: false, reason: Reason.REASON_RECORD_INVALID });
  });

  it('refuses keys that were all replaced consistently: the digest is the anchor', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tocsin-forger-'));
    try {
      const [, xb] = scene.network.members;
      if (!xb) throw new Error('no member');
      // A whole forged state XA, with authority, keys and statement of its own, in a roster of its own.
      const forger = await testMember('XA', 'XA', directory);
      const forged = await networkOf([forger, xb]);
      const statement = encodeStatement(await forged.statementOf(forger, scene.network.network));
      const held = await temporaryStore();
      const ledger = createLedger({
        store: held.store,
        keyring: forger.keyring,
        origins: scene.network.origins('XA'),
        clock: stillClock(NOW_MS),
        random,
        tickMs: 60_000,
      });
      const { signed, facets } = scene.notice;
      await held.store.write((tx) => ledger.enqueue(tx, signed));
      const [checkpoint] = await ledger.sequence('live');
      if (!checkpoint) throw new Error('no checkpoint');
      const place = await held.store.read((tx) => ledger.proofFor(tx, signed.digest, checkpoint.size));
      const part = { signed, facets, ...place, checkpoint: checkpoint.note, statement };
      const input = { network: scene.network.network, record: part };
      const withOwnRoster = buildEvidence({ ...input, rosterHistory: scene.network.rosterHistory });
      expect(scene.judge(withOwnRoster)).toMatchObject({
        ok: false,
        reason: Reason.REASON_ISSUER_NOT_FOR_STATE,
      });
      const withForgedRoster = buildEvidence({ ...input, rosterHistory: forged.rosterHistory });
      expect(scene.judge(withForgedRoster)).toMatchObject({ ok: false, reason: Reason.REASON_WRONG_NETWORK });
      await held[Symbol.asyncDispose]();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('refuses to be built from parts that do not belong together', async () => {
    const part = (await scene.release(
      scene.member(0),
      record(scene.network, 'XA', 'seizure-notice', { summary }),
      'own',
    )) satisfies EvidenceRecord;
    const { network, rosterHistory } = scene.network;
    const foreign = { ...part, statement: scene.file('receipt.statement.bin') };
    expect(() => buildEvidence({ network, record: foreign, rosterHistory })).toThrow(/does not speak/);
    expect(() => buildEvidence({ network: new Uint8Array(32), record: part, rosterHistory })).toThrow(
      /network/,
    );
    expect(scene.judge(buildEvidence({ network, record: part, rosterHistory })).ok).toBe(true);
    const receipts = [
      part,
      { ...part, signed: { ...part.signed, header: { ...part.signed.header, originator: 'XB' } } },
    ];
    const names = [...buildEvidence({ network, record: part, rosterHistory, receipts }).keys()];
    expect(names).toEqual(expect.arrayContaining(['receipt-XA.header.bin', 'receipt-XB.header.bin']));
  });

  it('cannot be collected for a record that is not here, or has no leaf yet', async () => {
    const ledger = scene.ledgerOf(scene.member(0));
    const { network } = scene.network;
    const collect = (headerDigest: Uint8Array) =>
      scene.held.store.read((tx) => collectEvidence(tx, { ledger, network, headerDigest }));
    await expect(collect(new Uint8Array(32))).rejects.toMatchObject({ code: 'EVIDENCE_INCOMPLETE' });
    const early = record(scene.network, 'XA', 'seizure-notice', { summary });
    await scene.held.store.write((tx) =>
      tx.records.insert([{ record: rowFor(early, 'own'), facets: early.facets }]),
    );
    await expect(collect(early.signed.digest)).rejects.toMatchObject({ code: 'NOT_IN_LOG', retry: 'later' });
  });
});

describe('evidence under a key that was taken back', () => {
  const HOUR_MS = 3_600_000;
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.build();
  });
  afterAll(() => scene[Symbol.asyncDispose]());

  /** XA's next statement, which takes its log key back from an instant on. */
  async function later(fromMs: number): Promise<SignedKeyStatement> {
    const { network, rosterHistory } = scene.network;
    const xa = scene.member(0);
    const history = RosterHistory.decode(rosterHistory);
    const roster = expectBelieved(judgeRosterHistory({ networkDigest: network, history }));
    const signed = await scene.network.statementOf(xa);
    const held = expectBelieved(judgeStatement({ network, roster, signed, atMs: NOW_MS }));
    const { log: before, exerciseLog, link, witness } = xa.keyring;
    const log = await xa.keyring.add('log');
    const revocation = {
      fingerprint: Buffer.from(hybridFingerprint(before)),
      from: BigInt(fromMs),
      reason: 'a disk went missing',
    };
    const times = { notBeforeMs: NOW_MS + 2 * HOUR_MS, notAfterMs: NOW_MS + 20 * 24 * HOUR_MS };
    return createSuccessor(
      {
        network,
        held,
        keyring: { log, exerciseLog, link, witness },
        change: { ...times, revocations: [revocation] },
      },
      xa.authority,
    );
  }

  const judge = (files: ReadonlyMap<string, Uint8Array>, known: LaterKnowledge) =>
    judgeEvidence({ files, networkDigest: scene.network.network, known });
  const without = (name: string) => new Map([...scene.files].filter(([path]) => path !== name));

  it('stands where the witnesses cosigned its checkpoint before, and says how the key ended', async () => {
    const from = NOW_MS + HOUR_MS;
    const verdict = judge(scene.files, { statements: [await later(from)] });
    expect(verdict).toMatchObject({
      ok: true,
      value: { witnesses: ['XB'], keyEnded: { from, reason: 'a disk went missing' } },
    });
  });

  it('falls where they cosigned after, whatever time its signer claims', async () => {
    const verdict = judge(scene.files, { statements: [await later(NOW_MS - HOUR_MS)] });
    expect(verdict).toMatchObject({ ok: false, reason: Reason.REASON_KEY_REVOKED });
  });

  it('falls without cosignatures, unless whoever judges saw the checkpoint before himself', async () => {
    const from = NOW_MS + HOUR_MS;
    const files = without('cosignatures');
    const statements = [await later(from)];
    const revoked = { ok: false, reason: Reason.REASON_KEY_REVOKED };
    expect(judge(files, { statements })).toMatchObject(revoked);
    expect(judge(files, { statements, seenAt: () => from })).toMatchObject(revoked);
    expect(judge(files, { statements, seenAt: () => from - 1 })).toMatchObject({ ok: true });
    expect(judge(files, {})).toMatchObject({ ok: true });
  });

  it('carries the statement that took the key back, where its holder knows it', async () => {
    const from = NOW_MS + HOUR_MS;
    const signed = await later(from);
    const body = encodeStatement(signed);
    await scene.held.store.write((tx) =>
      tx.directory.keepStatement({
        digest: sha256(signed.body),
        node: 'XA',
        sequence: 2n,
        body,
        verifiedAt: NOW_MS,
      }),
    );
    const files = await scene.collect(FACETS);
    expect(files.get('statement.later.bin')).toEqual(body);
    expect(judge(files, {})).toMatchObject({ ok: true, value: { keyEnded: { from }, warnings: [] } });
    files.delete('cosignatures');
    expect(judge(files, {})).toMatchObject({ ok: false, reason: Reason.REASON_KEY_REVOKED });
    const changed = concat(body);
    changed[200] = (changed[200] ?? 0) ^ 1;
    files.set('statement.later.bin', changed);
    expect(judge(files, {}).ok).toBe(false);
  });
});
