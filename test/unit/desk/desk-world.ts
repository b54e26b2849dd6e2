/**
 * Two states with real stores, logs, policies and life cycles, and the desk of the first behind real mutual TLS. What the
 * exchange would carry is put into the other's inbox directly: the desk reads what is stored, not how it came.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, equalBytes } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import {
  type Desk,
  type Echo,
  isConditionAccepted,
  type ListImport,
  openDesk,
  serveDesk,
} from '../../../src/desk/index.ts';
import type { OpenIdOptions } from '../../../src/desk/sign-in/openid-provider.ts';
import { makeControlRecord, stateControlRecord } from '../../../src/exchange/control-record.ts';
import type { Directory } from '../../../src/exchange/index.ts';
import { rowOf } from '../../../src/exchange/stored.ts';
import { ItemAction } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import { PrivateScreeningServiceDefinition } from '../../../src/gen/tocsin/exchange/v1/private_screening_service.ts';
import type { SignedRoster } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { SignedRoster as SignedRosterCodec } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { Purpose } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { Tasking, TaskingType } from '../../../src/gen/tocsin/record/v1/tasking.ts';
import {
  certificatesFromPem,
  type DeskGroupToken,
  type IssuedCertificate,
  issueNodeCertificate,
  issueOfficerCertificate,
  judgeOfficer,
  nodeHost,
  type OfficerRole,
  type VerifiedStatement,
} from '../../../src/identity/index.ts';
import { capMessage, listImporters } from '../../../src/interop/index.ts';
import { createLedger, type Ledger } from '../../../src/ledger/index.ts';
import {
  type BreakGlassDesk,
  createBreakGlass,
  createLifecycle,
  createOnward,
  createOversight,
  createPolicyHistory,
  createPolicyProposals,
  createTaskings,
  type Lifecycle,
  type LifecycleDeps,
  type PolicyHistory,
} from '../../../src/lifecycle/index.ts';
import { FolderWatch } from '../../../src/node/folder-watch.ts';
import { type KeptPolicy, keepPolicyFile } from '../../../src/node/policy-file.ts';
import { sketchProposal } from '../../../src/node/roster-file.ts';
import {
  baselinePolicy,
  desksOf,
  NATIONAL_TEMPLATES,
  nationalTemplate,
  type PartnerView,
  type PolicyEngine,
  purposesOf,
} from '../../../src/policy/index.ts';
import { laneOf } from '../../../src/record/index.ts';
import {
  createPrivateInquiries,
  createScreening,
  type GradingFloor,
  PrivateAsker,
  type Screening,
} from '../../../src/screening/index.ts';
import { type Caller, clientOf, RpcError, Status } from '../../../src/transport/index.ts';
import { signedInBrowser } from '../../support/api-browser.ts';
import { type Federation, type FederationMember, makeFederation } from '../../support/authority.ts';
import { testLeafKeys } from '../../support/rsa-keys.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

/** TLS judges by the machine's clock, so the tests' instant is now, on a whole minute. */
const NOW_MS = Math.floor(Date.now() / 60_000) * 60_000;
let skewMs = 0;
let worlds = 0;
export const clock = { nowMs: () => NOW_MS + skewMs };

/** Sets the clock of both nodes forward, of certificates and TLS not. */
export const passTime = (ms: number): void => {
  skewMs += ms;
};

/** Where browsers of tests say that they are. */
export const CONSOLE_ORIGIN = 'http://localhost';

/** One state's node as far as the desk needs it. */
interface Node extends AsyncDisposable {
  readonly member: FederationMember;
  readonly temporary: TemporaryStore;
  readonly ledger: Ledger;
  /** As it counts now. */
  readonly policy: PolicyEngine;
  readonly keptPolicy: KeptPolicy;
  /** Written by whoever changes the policy. */
  readonly policyHistory: PolicyHistory;
  readonly policyFile: string;
  readonly lifecycle: Lifecycle;
  readonly breakGlass: BreakGlassDesk;
}

async function makeNode(federation: Federation, id: string): Promise<Node> {
  const member = federation.of(id);
  const temporary = await temporaryStore();
  const { store } = temporary;
  const { statement } = member.statement;
  const ledger = createLedger({
    store,
    keyring: member.keyring,
    origins: { live: statement.logOrigin, exercise: statement.exerciseLogOrigin },
    clock,
    random: systemRandom,
    tickMs: 60_000,
  });
  const dir = await mkdtemp(join(tmpdir(), 'tocsin-policy-'));
  const policyFile = join(dir, 'national.cedar');
  await writeFile(policyFile, '');
  const keptPolicy = await keepPolicyFile({
    path: policyFile,
    self: id,
    roster: federation.roster,
    folder: new FolderWatch({ everyMs: 60_000, onFailure: () => undefined }),
    store,
    clock,
    onChanged: () => history.changed(),
  });
  const history = createPolicyHistory({
    store,
    clock,
    program: '0.1.0',
    inForce: () => ({
      digest: keptPolicy.engine.digest,
      national: keptPolicy.national,
      roster: keptPolicy.roster,
    }),
  });
  history.changed();
  await history.settle();
  const stating: LifecycleDeps<PartnerView> = {
    store,
    policy: () => keptPolicy.engine,
    ledger,
    exchange: { fanout: queue },
    self: {
      node: id,
      network: federation.network,
      logOrigin: (world) => (world === 'live' ? statement.logOrigin : statement.exerciseLogOrigin),
    },
    clock,
    random: systemRandom,
  };
  const lifecycle = createLifecycle<PartnerView>(stating);
  await store.write((tx) =>
    tx.directory.keepRoster({
      version: federation.roster.version,
      digest: federation.roster.digest,
      body: SignedRosterCodec.encode(federation.signedRoster as SignedRoster).finish(),
    }),
  );
  await store.write(async (tx) => {
    for (const each of federation.members.values())
      await tx.directory.keepStatement({
        digest: each.statement.digest,
        node: each.node,
        sequence: 1n,
        body: each.statement.bytes,
        verifiedAt: NOW_MS,
      });
  });
  return {
    member,
    temporary,
    ledger,
    get policy() {
      return keptPolicy.engine;
    },
    keptPolicy,
    policyHistory: history,
    policyFile,
    lifecycle,
    breakGlass: createBreakGlass(stating),
    [Symbol.asyncDispose]: async () => {
      await temporary[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Rows of the outbox as the exchange would write them. */
const queue: Parameters<typeof createLifecycle<PartnerView>>[0]['exchange']['fanout'] = (tx, record, views) =>
  tx.outbox.add(
    views
      .filter((view) => view.receive.allowed)
      .map((view) => ({
        recipient: view.partner,
        lane: laneOf(record.signed.header),
        action: ItemAction.ITEM_ACTION_RECORD,
        headerDigest: record.signed.digest,
        facets: [...view.facets].filter(([, decided]) => decided.allowed).map(([facet]) => facet),
        audience: view.audience,
        facetAudiences: view.facetAudiences,
        basis: view.basis,
      })),
    clock.nowMs(),
  );

export interface World extends AsyncDisposable {
  readonly federation: Federation;
  readonly xa: Node;
  readonly xb: Node;
  readonly server: Awaited<ReturnType<typeof serveDesk>>;
  readonly faults: unknown[];
  readonly screening: Screening;
  readonly revoked: Set<string>;
  /** Nodes whose recalls may be missing. */
  readonly silent: Set<string>;
  readonly nodeCertificate: IssuedCertificate;
  readonly ca: string;
  officer(deskGroup: DeskGroupToken, role: OfficerRole, name?: string): Promise<IssuedCertificate>;
  as(certificate: IssuedCertificate): Desk;
  /** A browser that is signed in at the console. */
  browser(
    deskGroup: DeskGroupToken,
    role: OfficerRole,
    name?: string,
  ): Promise<Awaited<ReturnType<typeof signedInBrowser>>>;
  /** Drafts, submits and releases at a node, and gives its leaf a place; the header digest. */
  release(node: Node, content: unknown): Promise<Uint8Array>;
  /** Puts what XB's policy discloses to XA into XA's inbox, and tells its desk. */
  deliver(headerDigest: Uint8Array): Promise<void>;
  /**
   * Many more records like one that was delivered, under digests of their own, in one transaction; their desk is told once. `bodyOf`
   * gives another content for a facet of the record at a place.
   */
  arriveLike(
    headerDigest: Uint8Array,
    count: number,
    bodyOf?: (at: number, facet: string) => Uint8Array | undefined,
  ): Promise<void>;
  /** Puts a question of XB about a record of XA's before XA's desk; its header digest. */
  askFromXb(headerDigest: Uint8Array, question: string): Promise<Uint8Array>;
}

const drafter = (deskGroup: number, name: string) => ({ fingerprint: name, name, deskGroup }) as never;

/** Every call ends with this. */
const failingCaller = (error: Error): Caller => ({
  start: () => ({
    next: () => Promise.reject(error),
    [Symbol.asyncIterator]() {
      return this;
    },
  }),
});

export interface WorldOptions {
  /** Folder of the built console. */
  readonly assets?: string;
  /** Where the console is; its port is the console's. */
  readonly origin?: string;
  /** Where it listens, if not there. */
  readonly port?: number;
  /** The agency's own sign-in. */
  readonly openid?: OpenIdOptions;
  /** Lowest gradings that count in full. */
  readonly floor?: GradingFloor;
  /** How much an officer may ask of screening. */
  readonly budget?: { readonly linesAMinute: number; readonly linesADay: number };
  /** Whom XA asks in private; none of them answers. Empty = it takes no part. */
  readonly privatePartners?: readonly string[];
}

export async function deskWorld({
  assets,
  origin = CONSOLE_ORIGIN,
  port,
  openid,
  floor = {},
  budget,
  privatePartners = ['XB', 'XC'],
}: WorldOptions = {}): Promise<World> {
  const stack = new AsyncDisposableStack();
  // The time that passed in the worlds of another file: pages have the machine's day.
  if (worlds === 0) skewMs = 0;
  worlds += 1;
  stack.defer(() => {
    worlds -= 1;
  });
  const federation = stack.use(
    await makeFederation({
      nodes: ['XA', 'XB', 'XC'].map((node) => ({ node, groups: ['sac', 'adequate'] })),
      nowMs: NOW_MS,
      baselinePolicy: baselinePolicy(),
    }),
  );
  const [xa, xb] = await Promise.all([makeNode(federation, 'XA'), makeNode(federation, 'XB')]);
  stack.use(xa);
  stack.use(xb);
  const { store } = xa.temporary;
  const { authority } = xa.member;
  const keeper = {
    directory: { network: federation.network, self: 'XA', own: () => xa.member.statement } as Directory,
    ledger: xa.ledger,
    random: systemRandom,
  };
  const nodeCertificate = await issueNodeCertificate({
    authority,
    node: 'XA',
    nowMs: NOW_MS,
    newRsaKey: testLeafKeys(),
  });
  const [root = new Uint8Array()] = certificatesFromPem(authority.rootCertPem);
  const listeners = new Set<() => void>();
  const faults: unknown[] = [];
  const revoked = new Set<string>();
  const silent = new Set<string>();
  const statements = new Map<string, VerifiedStatement>(
    [...federation.members.values()].map(({ node, statement }) => [node, statement]),
  );
  const taskings = createTaskings({
    store,
    clock,
    exchange: { state: (tx, record) => stateControlRecord(keeper, tx, record, NOW_MS) },
    self: {
      node: 'XA',
      network: federation.network,
      logOrigin: (world) => xa.ledger.origins[world],
    },
  });
  const screening = createScreening({
    store,
    clock,
    random: systemRandom,
    network: federation.network,
    self: 'XA',
    floor,
    policy: () => xa.policy,
    purposesOf,
    desks: () => desksOf(xa.member.member),
    locks: (originator, senders) => [originator, ...senders].some((node) => silent.has(node)),
    isConditionAccepted,
    refer: (tx, referrals) => taskings.refer(tx, referrals),
    onFailure: (error) => faults.push(error),
    ...(budget === undefined ? {} : { budget }),
  });
  await screening.settle();
  const away = new RpcError(Status.UNAVAILABLE, 'there is no broker in this world');
  const privateInquiries = createPrivateInquiries({
    store,
    clock,
    random: systemRandom,
    partners: privatePartners,
    asker: new PrivateAsker({
      store,
      clock,
      directory: keeper.directory,
      random: systemRandom,
      callsTo: () => clientOf(PrivateScreeningServiceDefinition, failingCaller(away)),
      compareWith: () => privatePartners,
    }),
    verify: (question) => taskings.verify(question),
    onFailure: (_, error) => faults.push(error),
  });
  const server = await serveDesk(
    {
      store,
      blobs: xa.temporary.blobs,
      random: systemRandom,
      node: {
        self: 'XA',
        clock,
        network: federation.network,
        nameOf: (node) => federation.roster.member(node)?.name ?? node,
      },
      lifecycle: xa.lifecycle,
      breakGlass: xa.breakGlass,
      oversight: createOversight({
        store,
        clock,
        self: { node: 'XA', network: federation.network },
        signer: { keyring: xa.member.keyring, statement: () => xa.member.statement.bytes },
      }),
      onward: createOnward({
        store,
        clock,
        policy: () => xa.policy,
        lifecycle: xa.lifecycle,
        exchange: {
          forward: async (_tx, { facets }) => facets.map(({ facet }) => facet),
          state: (tx, record) => stateControlRecord(keeper, tx, record, NOW_MS),
        },
        self: {
          node: 'XA',
          network: federation.network,
          logOrigin: (world) => xa.ledger.origins[world],
        },
      }),
      taskings,
      screening,
      privateScreening: privatePartners.length > 0 ? privateInquiries : undefined,
      ledger: xa.ledger,
      policy: {
        judgeDesk: (...args) => xa.policy.judgeDesk(...args),
        preview: (...args) => xa.policy.preview(...args),
        viewFor: (...args) => xa.policy.viewFor(...args),
        explain: (...args) => xa.policy.explain(...args),
      },
      tools: { check: xa.keptPolicy.check, engineOf: xa.keptPolicy.engineOf },
      proposals: createPolicyProposals({ store, clock, random: systemRandom, national: xa.keptPolicy }),
      policyInForce: {
        standing: xa.keptPolicy.standing,
        rules: () => xa.policy.rules,
        templates: NATIONAL_TEMPLATES.map((name) => ({ name, text: nationalTemplate(name) })),
      },
      directory: {
        roster: federation.roster,
        statementOf: (node) => statements.get(node),
        statementBy: (digest) =>
          Promise.resolve([...statements.values()].find((one) => Buffer.from(one.digest).equals(digest))),
      },
      onArrival: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      roster: () => federation.roster,
      proposal: (file) => sketchProposal(file, federation.roster),
      facts: () => ({
        role: 'national',
        version: '0.1.0',
        startedAtMs: NOW_MS,
        brokerConnected: true,
        certificateEndsAtMs: NOW_MS + 300 * 86_400_000,
        statementEndsAtMs: NOW_MS + 20 * 86_400_000,
        policyTemplate: 'strict',
      }),
      waitingFor: () => [],
      behind: () => undefined,
      cutOff: {
        locks: (originator, senders) => [originator, ...senders].some((node) => silent.has(node)),
        state: () => ({ heardAt: NOW_MS, isCutOff: silent.size > 0, waitingFor: [...silent] }),
      },
      news: () => undefined,
      canary: async () => 42,
      echo: (): Promise<Echo> => Promise.resolve({ ok: true, roundTripMs: 3, clockDifferenceMs: 0 }),
      writeCap: capMessage,
      importers: new Map<string, ListImport>([
        ...listImporters({ lifecycle: xa.lifecycle, clock }),
        ['faulty', () => Promise.reject(new Error('a secret of the node'))],
      ]),
      sessions: {
        purposesOf,
        isRevoked: (fingerprint) => revoked.has(fingerprint),
        judgeOfficer: (certificate, atMs) =>
          judgeOfficer({ certificate, root, node: 'XA', country: 'XA', atMs }),
      },
      onFault: (fault) => faults.push(fault.cause),
    },
    {
      address: '127.0.0.1:0',
      certificateChainPem: nodeCertificate.certPem,
      privateKeyPem: nodeCertificate.keyPem,
      authorityPem: authority.rootCertPem,
      graceMs: 200,
      console: {
        host: '127.0.0.1',
        port: port ?? Number(new URL(origin).port),
        origin,
        ...(assets === undefined ? {} : { assets }),
        ...(openid === undefined ? {} : { openid }),
        // With the node's own certificate, as where none for browsers is configured.
        ...(origin.startsWith('https:')
          ? {
              tls: {
                certificateChainPem: nodeCertificate.chainPem,
                privateKeyPem: nodeCertificate.keyPem,
                authorityPem: authority.rootCertPem,
              },
            }
          : {}),
        version: '0.1.0',
        limits: { idleMs: 1_800_000, lastsMs: 43_200_000 },
      },
    },
  );
  stack.use(server);

  const askFromXb = async (headerDigest: Uint8Array, question: string): Promise<Uint8Array> => {
    const about = await store.read((tx) => tx.records.byDigest(headerDigest));
    const body = Tasking.encode({
      type: TaskingType.TASKING_TYPE_VERIFY_HIT,
      record: Buffer.from(headerDigest),
      recordId: Buffer.from(about?.recordId ?? []),
      facets: [],
      to: [],
      question,
      due: BigInt(clock.nowMs() + 8 * 3_600_000),
      purpose: Purpose.PURPOSE_INVESTIGATION,
      legalBasis: '',
    }).finish();
    const signer = { ...keeper, network: federation.network, self: 'XB', logOrigin: xb.ledger.origins.live };
    const { signed, facets } = makeControlRecord(
      { ...signer, atMs: NOW_MS },
      { kind: 'tasking', body, to: ['XA'] },
    );
    const { digest: statementDigest } = xb.member.statement;
    const row = rowOf(signed, {
      origin: 'partner',
      state: 'released',
      facets,
      statementDigest,
      committedAt: NOW_MS,
    });
    await store.write(async (tx) => {
      await tx.records.insert([{ record: row, facets }]);
      await tx.taskings.noteTasking({
        headerDigest: signed.digest,
        target: headerDigest,
        due: clock.nowMs() + 8 * 3_600_000,
      });
    });
    return signed.digest;
  };

  const release = async (node: Node, content: unknown): Promise<Uint8Array> => {
    const deskGroup = 2;
    const { draft } = await node.lifecycle.create({ officer: drafter(deskGroup, 'd'), content });
    await node.lifecycle.submit({ officer: drafter(deskGroup, 'd'), draftId: draft.id });
    const { record } = await node.lifecycle.release({ officer: drafter(deskGroup, 'r'), draftId: draft.id });
    await node.ledger.sequence('live');
    return record.headerDigest;
  };

  const deliver = async (headerDigest: Uint8Array): Promise<void> => {
    const sent = await xb.temporary.store.read(async (tx) => {
      const record = await tx.records.byDigest(headerDigest);
      const checkpoint = await tx.ledger.newestCheckpoint(xb.ledger.origins.live);
      const row = (await tx.outbox.ofRecord(headerDigest)).find(({ recipient }) => recipient === 'XA');
      if (record === undefined || checkpoint === undefined || row === undefined)
        throw new Error('expected a released record that goes to XA');
      const { index, proof } = await xb.ledger.proofFor(tx, headerDigest, checkpoint.size);
      const facets = await tx.records.facets(headerDigest, row.facets);
      return { record, checkpoint, row, index, proof, facets };
    });
    const { position: _position, ...record } = sent.record;
    await store.write(async (tx) => {
      await tx.records.take(
        {
          ...record,
          origin: 'partner',
          leafIndex: sent.index,
          proof: concat(...sent.proof),
          checkpoint: sent.checkpoint.note,
          statementDigest: xb.member.statement.digest,
        },
        sent.facets,
      );
      await tx.inbox.add([{ ...sent.row, sender: 'XB', receivedAt: NOW_MS }]);
    });
    for (const listener of listeners) listener();
  };

  let copies = 0;
  const arriveLike: World['arriveLike'] = async (headerDigest, count, bodyOf) => {
    await store.write(async (tx) => {
      const found = await tx.records.byDigest(headerDigest);
      const item = (await tx.inbox.after(0, 500)).find((one) => equalBytes(one.headerDigest, headerDigest));
      if (found === undefined || item === undefined) throw new Error('expected a record that was delivered');
      const { position: _position, ...record } = found;
      const facets = await tx.records.facets(headerDigest);
      const digests = Array.from({ length: count }, () => {
        copies += 1;
        const digest = new Uint8Array(32).fill(0xc0);
        new DataView(digest.buffer).setUint32(0, copies);
        return digest;
      });
      await tx.records.insert(
        digests.map((digest, at) => ({
          record: { ...record, headerDigest: digest, recordId: digest.subarray(0, 16) },
          facets: facets.map((facet) => ({ ...facet, body: bodyOf?.(at, facet.facet) ?? facet.body })),
        })),
      );
      const { position: _place, ...entry } = item;
      await tx.inbox.add(digests.map((digest) => ({ ...entry, headerDigest: digest })));
    });
    for (const listener of listeners) listener();
  };

  const officer: World['officer'] = (deskGroup, role, name = `Test ${deskGroup} ${role}`) =>
    issueOfficerCertificate({
      authority,
      node: 'XA',
      nowMs: NOW_MS,
      newRsaKey: testLeafKeys(1),
      name,
      agency: 'Test Agency',
      deskGroup,
      role,
    });

  const as: World['as'] = ({ certPem, keyPem }) => {
    const desk = openDesk({
      address: server.address,
      serverName: nodeHost('XA'),
      ca: authority.rootCertPem,
      cert: certPem,
      key: keyPem,
    });
    stack.defer(() => desk.close());
    return desk;
  };

  const browser: World['browser'] = (deskGroup, role, name = `Browser ${deskGroup} ${role}`) =>
    signedInBrowser(
      { base: server.console ?? '', origin },
      { store, clock, random: systemRandom },
      { name, deskGroup, role },
    );

  return {
    federation,
    xa,
    xb,
    server,
    faults,
    screening,
    revoked,
    silent,
    nodeCertificate,
    ca: authority.rootCertPem,
    officer,
    as,
    browser,
    release,
    deliver,
    arriveLike,
    askFromXb,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
