/**
 * Two states with real stores, logs, policies and life cycles, and the desk of the first behind real mutual TLS. What the
 * exchange would carry is put into the other's inbox directly: the desk reads what is stored, not how it came.
 */

import { concat } from '../../../src/base/bytes.ts';
import { systemRandom } from '../../../src/base/clock.ts';
import {
  type Desk,
  type DeskServer,
  type Echo,
  type ListImport,
  openDesk,
  serveDesk,
} from '../../../src/desk/index.ts';
import { ItemAction } from '../../../src/gen/tocsin/exchange/v1/parcel.ts';
import type { SignedRoster } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { SignedRoster as SignedRosterCodec } from '../../../src/gen/tocsin/record/v1/identity.ts';
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
import { importUnList } from '../../../src/interop/index.ts';
import { createLedger, type Ledger } from '../../../src/ledger/index.ts';
import {
  type BreakGlassDesk,
  createBreakGlass,
  createLifecycle,
  createOnward,
  type Lifecycle,
  type LifecycleDeps,
} from '../../../src/lifecycle/index.ts';
import {
  baselinePolicy,
  checkPolicies,
  createPolicyEngine,
  type PartnerView,
  type PolicyEngine,
  purposesOf,
} from '../../../src/policy/index.ts';
import { laneOf } from '../../../src/record/index.ts';
import { type Federation, type FederationMember, makeFederation } from '../../support/authority.ts';
import { testLeafKeys } from '../../support/rsa-keys.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

/** TLS judges by the machine's clock, so the tests' instant is now, on a whole minute. */
const NOW_MS = Math.floor(Date.now() / 60_000) * 60_000;
let skewMs = 0;
const clock = { nowMs: () => NOW_MS + skewMs };

/** Sets the clock of both nodes forward, of certificates and TLS not. */
export const passTime = (ms: number): void => {
  skewMs += ms;
};

/** One state's node as far as the desk needs it. */
interface Node {
  readonly member: FederationMember;
  readonly temporary: TemporaryStore;
  readonly ledger: Ledger;
  readonly policy: PolicyEngine;
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
  const policy = createPolicyEngine({
    baseline: baselinePolicy(),
    national: '',
    self: id,
    roster: federation.roster,
  });
  const stating: LifecycleDeps<PartnerView> = {
    store,
    policy: () => policy,
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
  return { member, temporary, ledger, policy, lifecycle, breakGlass: createBreakGlass(stating) };
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
    NOW_MS,
  );

export interface World extends AsyncDisposable {
  readonly federation: Federation;
  readonly xa: Node;
  readonly xb: Node;
  readonly server: DeskServer;
  readonly faults: unknown[];
  readonly revoked: Set<string>;
  /** Nodes whose recalls may be missing. */
  readonly silent: Set<string>;
  readonly nodeCertificate: IssuedCertificate;
  readonly ca: string;
  officer(deskGroup: DeskGroupToken, role: OfficerRole, name?: string): Promise<IssuedCertificate>;
  as(certificate: IssuedCertificate): Desk;
  /** Drafts, submits and releases at a node, and gives its leaf a place; the header digest. */
  release(node: Node, content: unknown): Promise<Uint8Array>;
  /** Puts what XB's policy discloses to XA into XA's inbox, and tells its desk. */
  deliver(headerDigest: Uint8Array): Promise<void>;
}

const drafter = (deskGroup: number, name: string) => ({ fingerprint: name, name, deskGroup }) as never;

export async function deskWorld(): Promise<World> {
  const stack = new AsyncDisposableStack();
  const federation = stack.use(
    await makeFederation({
      nodes: ['XA', 'XB', 'XC'].map((node) => ({ node, groups: ['sac', 'adequate'] })),
      nowMs: NOW_MS,
    }),
  );
  const [xa, xb] = await Promise.all([makeNode(federation, 'XA'), makeNode(federation, 'XB')]);
  stack.use(xa.temporary);
  stack.use(xb.temporary);
  const { store } = xa.temporary;
  const { authority } = xa.member;
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
      onward: createOnward({
        store,
        clock,
        policy: () => xa.policy,
        lifecycle: xa.lifecycle,
        exchange: {
          forward: async (_tx, { facets }) => facets.map(({ facet }) => facet),
          state: async () => systemRandom.bytes(32),
        },
        self: {
          node: 'XA',
          network: federation.network,
          logOrigin: (world) => xa.ledger.origins[world],
        },
      }),
      ledger: xa.ledger,
      policy: xa.policy,
      tools: {
        check: (text) => checkPolicies(text),
        engineOf: (national) =>
          national === undefined
            ? xa.policy
            : createPolicyEngine({
                baseline: baselinePolicy(),
                national,
                self: 'XA',
                roster: federation.roster,
              }),
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
      facts: () => ({ role: 'national', version: '0.1.0', startedAtMs: NOW_MS, brokerConnected: true }),
      waitingFor: () => [],
      behind: () => undefined,
      cutOff: {
        locks: (originator, senders) => [originator, ...senders].some((node) => silent.has(node)),
        state: () => ({ heardAt: NOW_MS, isCutOff: silent.size > 0, waitingFor: [...silent] }),
      },
      news: () => undefined,
      canary: async () => 42,
      echo: (): Promise<Echo> => Promise.resolve({ ok: true, roundTripMs: 3, clockDifferenceMs: 0 }),
      importers: new Map<string, ListImport>([
        ['un-list', (request) => importUnList({ lifecycle: xa.lifecycle, clock }, request)],
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
    },
  );
  stack.use(server);

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

  return {
    federation,
    xa,
    xb,
    server,
    faults,
    revoked,
    silent,
    nodeCertificate,
    ca: authority.rootCertPem,
    officer,
    as,
    release,
    deliver,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
