/** NetworkService: the node, its links, the members. No content. */
import {
  type GetNodeStatusResponse,
  type Link,
  LinkState,
  type NetworkServiceDefinition,
  type TestLinkResponse,
} from '../../gen/tocsin/desk/v1/network_service.ts';
import { type Member, MemberStatus, type Roster } from '../../gen/tocsin/record/v1/identity.ts';
import { kindOf, type World } from '../../record/index.ts';
import type { LaneId, LinkIn, LinkOut, QueueSize, ReadTx } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import { deskGroupName, purposeName } from '../purpose.ts';
import type { DeskCutOff } from '../recall-lock.ts';
import type { OfficerSession } from '../session.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer } from './messages.ts';
import { readField } from './request.ts';
import {
  MOST_VERSIONS,
  noProposal,
  type ProposedRoster,
  rosterMember,
  rosterProposal,
  rosterVersions,
} from './roster.ts';
import { type Unreceipted, unreceiptedBy } from './unreceipted.ts';

/** What is known of a partner besides the durable link state. */
interface LinkNews {
  /** Milliseconds UTC; 0 = never. */
  readonly heardAtMs: number;
  readonly roundTripMs?: number;
  readonly rosterVersion?: bigint;
}

/** Answer of a canary. */
export type Echo =
  | { readonly ok: true; readonly roundTripMs: number; readonly clockDifferenceMs: number }
  | { readonly ok: false; readonly problem: string };

export interface NetworkDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  /** Origins of the node's own logs. */
  readonly logs: Readonly<Record<World, string>>;
  /** The roster in use. */
  roster(): { readonly roster: Roster; readonly version: bigint; readonly digest: Uint8Array };
  /** Reads a file of `tocsin network propose` beside it. Throws FILE_INVALID. */
  proposal(file: Uint8Array): ProposedRoster;
  /** Facts of the running program. */
  facts(): {
    readonly role: string;
    readonly version: string;
    readonly startedAtMs: number;
    readonly brokerConnected: boolean;
    /** Of the certificate at desk and broker, and of the key statement. */
    readonly certificateEndsAtMs: number;
    readonly statementEndsAtMs: number;
    /** Template that the national policy is; empty = the state's own. */
    readonly policyTemplate: string;
  };
  /** Since when no partner is heard, and whose recalls are waited for since. */
  readonly cutOff: Pick<DeskCutOff, 'state'>;
  news(partner: string): LinkNews | undefined;
  /** Sends a canary and waits for it. Never rejects. */
  echo(partner: string, signal: AbortSignal): Promise<Echo>;
  /** Sends a record about nothing; milliseconds until its receipt, undefined where none came in time. */
  canary(partner: string, waitMs: number): Promise<number | undefined>;
}

/** A partner not heard for longer than this is silent: ten minutes between heartbeats, and some. */
const SILENT_AFTER_MS = 15 * 60_000;
const COUNTED = 1_000;
const LONGEST_CANARY_MS = 10 * 60_000;

/** Records looked through for a receipt. */
const LOOKED_THROUGH = 50;

/** Whether this node has spoken, and was heard. */
const exchangedBy = (
  store: DeskStore,
): Promise<{ readonly released: boolean; readonly receipted: boolean }> =>
  store.read(async (tx) => {
    const { items } = await tx.records.list({ world: 'live', origin: 'own', limit: LOOKED_THROUGH });
    const said = items.filter(({ kind }) => kindOf(kind)?.control === false);
    for (const { headerDigest } of said) {
      const rows = await tx.outbox.ofRecord(headerDigest);
      if (rows.some(({ state }) => state === 'receipted')) return { released: true, receipted: true };
    }
    return { released: said.length > 0, receipted: false };
  });

const testOf = (found: Partial<TestLinkResponse>): TestLinkResponse => ({
  ok: false,
  roundTripMs: 0,
  clockDifferenceMs: 0n,
  problem: '',
  recordRoundTripMs: 0,
  ...found,
});

export function networkHandlers(deps: NetworkDeps): DeskHandlers<NetworkServiceDefinition> {
  const { access, store, node } = deps;

  const proposedIn = (file: Uint8Array) => {
    try {
      return rosterProposal(deps.proposal(file), deps.roster().roster);
    } catch (error) {
      throw noProposal(error);
    }
  };

  return {
    async getNodeStatus(_request, { session }): Promise<GetNodeStatusResponse> {
      const counts = await store.read(async (tx) => ({
        open: { live: await tx.outbox.openIn('live'), exercise: await tx.outbox.openIn('exercise') },
        pending: {
          live: await tx.ledger.pendingCount(deps.logs.live),
          exercise: await tx.ledger.pendingCount(deps.logs.exercise),
        },
        refusals: await tx.inbox.refusals(COUNTED),
        quarantined: await tx.inbox.quarantined(COUNTED),
        alarms: await tx.alarms.list({ open: true }),
      }));
      const { roster, version } = deps.roster();
      const facts = deps.facts();
      const silence = deps.cutOff.state();
      const exchanged = access.judge(session, 'administer').allowed ? await exchangedBy(store) : undefined;
      // Whoever is let in learns that the node lives and who he is to it; the rest is for those who run it.
      const seesLinks = access.judge(session, 'link-status').allowed;
      return {
        node: node.self,
        role: facts.role,
        version: facts.version,
        networkDigest: buffer(node.network),
        rosterVersion: version,
        rosterExpires: roster.expires,
        now: BigInt(node.clock.nowMs()),
        startedAt: BigInt(facts.startedAtMs),
        brokerConnected: facts.brokerConnected,
        outboxOpen: seesLinks ? counts.open.live : 0,
        leavesPending: seesLinks ? counts.pending.live : 0,
        exerciseOutboxOpen: seesLinks ? counts.open.exercise : 0,
        exerciseLeavesPending: seesLinks ? counts.pending.exercise : 0,
        refusals: seesLinks ? counts.refusals.length : 0,
        quarantined: seesLinks ? counts.quarantined.length : 0,
        alarms: seesLinks
          ? counts.alarms.items.map(({ code, subject, detail, at }) => ({
              code,
              subject,
              detail,
              at: BigInt(at),
            }))
          : [],
        officer: identityOf(session),
        partnersHeardAt: seesLinks ? BigInt(silence.heardAt) : 0n,
        cutOff: silence.isCutOff,
        recallsAwaited: seesLinks ? [...silence.waitingFor] : [],
        certificateEnds: BigInt(facts.certificateEndsAtMs),
        statementEnds: BigInt(facts.statementEndsAtMs),
        policyTemplate: facts.policyTemplate,
        hasReleased: exchanged?.released ?? false,
        hasReceipt: exchanged?.receipted ?? false,
      };
    },

    async listLinks(request, { session }) {
      const { partner } = request;
      if (partner !== '') readField((fields) => fields.node('partner', partner));
      await access.require(session, 'link-status', partner === '' ? 'links' : partner);
      const members = deps
        .roster()
        .roster.members.filter(
          (member) => member.node !== node.self && (partner === '' || member.node === partner),
        );
      if (partner !== '' && members.length === 0) throw notFound('partner');
      return store.read(async (tx) => {
        const out = await tx.links.allOut();
        const rows: LinkRows = {
          out,
          in: await tx.links.allIn(),
          sizes: await tx.outbox.sizes(),
          receipted: await receiptedOf(tx, out),
        };
        const links: Link[] = [];
        for (const member of members) {
          const open = partner === '' ? undefined : await unreceiptedBy(tx, deps, session, partner);
          links.push(linkOf(member, rows, deps.news(member.node), node.clock.nowMs(), open));
        }
        return { links };
      });
    },

    async testLink(request, { session, signal }) {
      const partner = readField((fields) => fields.node('partner', request.partner));
      await access.require(session, 'link-status', partner);
      if (partner === node.self || !deps.roster().roster.members.some((member) => member.node === partner))
        throw notFound('partner');
      const echo = await deps.echo(partner, signal);
      if (!echo.ok) return testOf({ problem: echo.problem });
      const { roundTripMs, clockDifferenceMs } = echo;
      const times = { roundTripMs, clockDifferenceMs: BigInt(Math.round(clockDifferenceMs)) };
      const waitMs = Math.min(request.recordWaitMs, LONGEST_CANARY_MS);
      if (waitMs === 0) return testOf({ ...times, ok: true });
      const tookMs = await deps.canary(partner, waitMs);
      return tookMs === undefined
        ? testOf({ ...times, problem: 'the partner answers, but no receipt for a record came in time' })
        : testOf({ ...times, ok: true, recordRoundTripMs: tookMs });
    },

    async getRoster(request, { session }) {
      const { roster, version, digest } = deps.roster();
      const asked = readField((fields) => {
        if (request.versions > MOST_VERSIONS)
          fields.fault('versions', 'RANGE', `expected at most ${MOST_VERSIONS}`);
        return request.versions;
      });
      const isProposed = request.proposal.length > 0;
      if (isProposed) await access.require(session, 'administer', 'roster');
      const { stored, kept } = await store.read(async (tx) => ({
        stored: await tx.directory.newestRoster(),
        // One more: who signed a version is told by the keys of the one before it too.
        kept:
          asked === 0
            ? []
            : await tx.directory.rosters(version > BigInt(asked) ? version - BigInt(asked) - 1n : 0n),
      }));
      return {
        networkName: roster.networkName,
        version,
        digest: buffer(digest),
        issued: roster.issued,
        expires: roster.expires,
        members: roster.members.map(rosterMember),
        threshold: roster.threshold,
        signedRoster: buffer(stored?.version === version ? stored.body : undefined),
        versions: [...rosterVersions(kept, node.network, asked)],
        proposal: isProposed ? proposedIn(request.proposal) : undefined,
      };
    },
  };
}

const identityOf = (session: OfficerSession) => ({
  node: session.node,
  agency: session.agency,
  deskGroup: deskGroupName(session.deskGroup),
  role: session.role,
  name: session.name,
  fingerprint: session.fingerprint,
  purpose: session.purpose === undefined ? '' : purposeName(session.purpose),
  validUntil: BigInt(session.validUntilMs),
});

interface LinkRows {
  readonly out: readonly LinkOut[];
  readonly in: readonly LinkIn[];
  readonly sizes: readonly QueueSize[];
  /** Of each lane, the newest manifest that was receipted. */
  readonly receipted: ReadonlyMap<string, { readonly seq: bigint; readonly closedAt: number }>;
}

const laneName = ({ recipient, lane }: LaneId): string => `${recipient} ${lane}`;

async function receiptedOf(tx: ReadTx, out: readonly LinkOut[]): Promise<LinkRows['receipted']> {
  const receipted = new Map<string, { readonly seq: bigint; readonly closedAt: number }>();
  for (const link of out) {
    const last = await tx.links.lastReceipted(link, link.incarnation);
    if (last !== undefined) receipted.set(laneName(link), last);
  }
  return receipted;
}

function linkOf(
  member: Member,
  rows: LinkRows,
  news: LinkNews | undefined,
  nowMs: number,
  open: Unreceipted | undefined,
): Link {
  const incoming = rows.in.filter(({ sender }) => sender === member.node);
  const heardAt = Math.max(news?.heardAtMs ?? 0, ...incoming.map((link) => link.heardAt));
  const lanes = ([0, 1] as const).map((lane) => {
    const out = rows.out.find((link) => link.recipient === member.node && link.lane === lane);
    const receipted = rows.receipted.get(laneName({ recipient: member.node, lane }));
    const size = rows.sizes.find((queue) => queue.recipient === member.node && queue.lane === lane);
    return {
      lane,
      sentSeq: out?.seq ?? 0n,
      acknowledgedSeq: out?.ackSeq ?? 0n,
      takenSeq: incoming.find((link) => link.lane === lane)?.seq ?? 0n,
      open: (size?.waiting ?? 0) + (size?.sent ?? 0),
      receiptedSeq: receipted?.seq ?? 0n,
      receiptedAt: BigInt(receipted?.closedAt ?? 0),
    };
  });
  return {
    partner: member.node,
    name: member.name,
    state: stateOf(member, heardAt, nowMs),
    heardAt: BigInt(heardAt),
    lanes,
    roundTripMs: Math.round(news?.roundTripMs ?? 0),
    rosterVersion: news?.rosterVersion ?? 0n,
    unreceipted: [...(open?.shown ?? [])],
    unreceiptedHidden: open?.hidden ?? 0,
  };
}

function stateOf(member: Member, heardAt: number, nowMs: number): LinkState {
  if (member.status !== MemberStatus.MEMBER_STATUS_ACTIVE && Number(member.statusFrom) <= nowMs)
    return LinkState.LINK_STATE_SUSPENDED;
  if (heardAt === 0) return LinkState.LINK_STATE_NEVER;
  return nowMs - heardAt > SILENT_AFTER_MS ? LinkState.LINK_STATE_SILENT : LinkState.LINK_STATE_UP;
}
