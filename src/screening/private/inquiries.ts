/**
 * Two officers ask partners in private: one says what and why, a second of the same desk group approves it, and only then anything
 * leaves the node (security page, A4: where two persons are required). What partners answered is kept for the desk group alone.
 */
import { hex } from '../../base/bytes.ts';
import type { Clock, Random } from '../../base/clock.ts';
import {
  PrivateScreening,
  type PrivateScreeningAnswer,
  PrivateScreenRequest,
} from '../../gen/tocsin/desk/v1/screening_service.ts';
import { type DeskGroup, Priority, type Purpose } from '../../gen/tocsin/record/v1/marking.ts';
import { LifecycleError, type LifecycleErrorCode, type Taskings } from '../../lifecycle/index.ts';
import type { AuditEntry, Page, Store, StoredPrivateInquiry, WriteTx } from '../../store/index.ts';
import { keysOf, type PrivateAsker } from './asker.ts';
import { partnerFailure } from './failure.ts';
import { answerOf, failedAnswer, messageOf, soughtIn } from './inquiry-message.ts';

const DAY_MS = 86_400_000;
/** A question that nobody decides, one that is turned down, and one without a hit. */
const SHORT_MS = DAY_MS;
const HIT_MS = 90 * DAY_MS;
/** Of one desk group, waiting for a second officer. */
export const MOST_OPEN = 64;
const ID_BYTES = 16;

/** What its holder is asked about a hit, where the officer says nothing else: nothing of what was asked. */
const QUESTION =
  'Private screening here meets this entry of yours. Is it the party that we look at, and what may you tell us of it?';

/** An officer, as a session of the desk has him. */
interface InquiringOfficer {
  readonly fingerprint: string;
  readonly name: string;
  readonly deskGroup: DeskGroup;
  readonly facts: Readonly<Record<string, string>>;
}

/** Makes the officer's row of the audit trail. */
type Audited = (action: string, subject: string, facts: AuditEntry['detail']) => AuditEntry;

interface ByOfficer {
  readonly officer: InquiringOfficer;
  readonly audited: Audited;
}

interface OnInquiry extends ByOfficer {
  readonly id: string;
  readonly note: string;
}

export interface PrivateInquiriesDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Node ids that may be asked. */
  readonly partners: readonly string[];
  readonly asker: Pick<PrivateAsker, 'ask'>;
  readonly verify: Taskings['verify'];
  /** A partner's answer that is missing by a fault of this node. */
  readonly onFailure: (partner: string, error: unknown) => void;
}

/** Each step is durable and audited when it resolves. */
export interface PrivateInquiries {
  readonly partners: readonly string[];
  /** Keeps a question for a second officer. Throws BATCH_SIZE, NOTHING_TO_ASK, TOO_MANY_OPEN. */
  request(
    asked: ByOfficer & { readonly question: PrivateScreenRequest; readonly purpose: Purpose },
  ): Promise<PrivateScreening>;
  /**
   * Asks every partner of the question, each by itself, and keeps what came of it; approving again what one approved answers the
   * same. Throws NOT_FOUND, FOUR_EYES, NOT_OPEN.
   */
  approve(decided: OnInquiry): Promise<PrivateScreening>;
  /** Turns it down; with `ownOnly` no other than one's own. Throws NOT_FOUND, NOT_OPEN, NOT_PERMITTED. */
  decline(decided: OnInquiry & { readonly ownOnly: boolean }): Promise<PrivateScreening>;
  /** Of one desk group, or of all; newest first. `reader`: identity of who reads. Throws BAD_CURSOR. */
  list(query: {
    readonly deskGroup?: DeskGroup;
    readonly openOnly: boolean;
    readonly cursor?: string;
    readonly limit: number;
    readonly reader: string;
  }): Promise<Page<PrivateScreening>>;
  /** Makes up for a stop while partners were asked; how many questions there were. */
  settle(): Promise<number>;
}

export function createPrivateInquiries(deps: PrivateInquiriesDeps): PrivateInquiries {
  const { store, clock, partners } = deps;
  return {
    partners,
    request: (asked) => request(deps, asked),
    approve: (decided) => approve(deps, decided),
    decline: (decided) => decline(deps, decided),
    async list({ reader, ...query }) {
      const page = await store.read((tx) => tx.privateInquiries.list({ ...query, nowMs: clock.nowMs() }));
      return { ...page, items: page.items.map((one) => messageOf(one, reader)) };
    },
    async settle() {
      const at = clock.nowMs();
      const asking = await store.read((tx) => tx.privateInquiries.count('asking', 0));
      if (asking === 0) return 0;
      return store.write(async (tx) => {
        const interrupted = await tx.privateInquiries.interrupt();
        await tx.audit.append(
          interrupted.map((subject) => ({
            at,
            actor: 'node',
            action: 'private-screening.interrupted',
            subject,
            detail: {},
          })),
        );
        return interrupted.length;
      });
    },
  };
}

async function request(
  { store, clock, random, partners }: PrivateInquiriesDeps,
  { officer, audited, question, purpose }: Parameters<PrivateInquiries['request']>[0],
): Promise<PrivateScreening> {
  keysOf(soughtIn(question));
  const asked = {
    ...question,
    partners: [...(question.partners.length > 0 ? question.partners : partners)].sort(),
  };
  const { fingerprint, name, deskGroup } = officer;
  const id = hex(random.bytes(ID_BYTES));
  const at = clock.nowMs();
  return store.write(async (tx) => {
    if ((await tx.privateInquiries.count('open', at, deskGroup)) >= MOST_OPEN)
      throw refuse(
        'TOO_MANY_OPEN',
        `expected at most ${MOST_OPEN} questions that wait for a second officer: have some decided`,
      );
    await tx.privateInquiries.add({
      id,
      deskGroup,
      purpose,
      question: PrivateScreenRequest.encode(asked).finish(),
      asker: fingerprint,
      askerName: name,
      askedAt: at,
      keptUntil: at + SHORT_MS,
    });
    const { names, identifiers, reason } = asked;
    await tx.audit.append([
      audited('private-screening.requested', id, {
        partners: asked.partners.join(' '),
        names: names.length,
        identifiers: identifiers.length,
        reason,
      }),
    ]);
    return messageOf(await known(tx, id, deskGroup, at), fingerprint);
  });
}

async function approve(
  deps: PrivateInquiriesDeps,
  { officer, audited, id, note }: OnInquiry,
): Promise<PrivateScreening> {
  const { store, clock } = deps;
  const { fingerprint, name, deskGroup } = officer;
  const decidedAt = clock.nowMs();
  const claimed = await store.write(async (tx) => {
    const inquiry = await known(tx, id, deskGroup, decidedAt);
    // A call that was repeated since its answer was lost.
    if (inquiry.state === 'answered' && inquiry.decider === fingerprint) return undefined;
    if (inquiry.asker === fingerprint)
      throw refuse('FOUR_EYES', 'expected an officer other than the one who asked; ask a second officer');
    requireOpen(inquiry);
    const decision = { decider: fingerprint, deciderName: name, decidedAt, note };
    // The decision is on record before anything leaves.
    await tx.privateInquiries.decide(id, 'asking', { ...decision, keptUntil: decidedAt + SHORT_MS });
    await tx.audit.append([audited('private-screening.approved', id, { askedBy: inquiry.askerName, note })]);
    return inquiry;
  });
  if (claimed === undefined)
    return store.read(async (tx) => messageOf(await known(tx, id, deskGroup, decidedAt), fingerprint));
  const question = PrivateScreenRequest.decode(claimed.question);
  const answers = new Map<string, PrivateScreeningAnswer>();
  await Promise.all(
    question.partners.map(async (partner) => {
      answers.set(partner, await askOne(deps, { officer, audited, claimed, question, partner }));
      await keep(deps, id, question.partners, answers);
    }),
  );
  return store.read(async (tx) => messageOf(await known(tx, id, deskGroup, clock.nowMs()), fingerprint));
}

/** Keeps what came so far, in the order of the partners: a stop while others are asked loses no hit that was put to its holder. */
function keep(
  { store, clock }: PrivateInquiriesDeps,
  id: string,
  partners: readonly string[],
  answers: ReadonlyMap<string, PrivateScreeningAnswer>,
): Promise<boolean> {
  return store.write((tx) => {
    const came = partners.flatMap((partner) => answers.get(partner) ?? []);
    const hit = came.some(({ hits }) => hits.length > 0);
    const body = PrivateScreening.encode(PrivateScreening.fromPartial({ answers: came })).finish();
    const keptUntil = clock.nowMs() + (hit ? HIT_MS : SHORT_MS);
    return tx.privateInquiries.answer(id, body, keptUntil, came.length === partners.length);
  });
}

interface OnePartner extends ByOfficer {
  readonly claimed: StoredPrivateInquiry;
  readonly question: PrivateScreenRequest;
  readonly partner: string;
}

/** One partner's answer; why there is none is one too, so that others' stand. */
async function askOne(
  { store, partners, asker, verify, onFailure }: PrivateInquiriesDeps,
  { officer, audited, claimed, question, partner }: OnePartner,
): Promise<PrivateScreeningAnswer> {
  const about = { inquiry: claimed.id, askedBy: claimed.askerName };
  const { actor, detail } = audited('private-screening.asked', partner, about);
  try {
    if (!partners.includes(partner))
      return await failed('NOT_OFFERED', 'this node no longer names the partner');
    const answer = await asker.ask({
      ...soughtIn(question),
      holder: partner,
      by: { actor, detail },
      openTasking: async (to, { headerDigest, recordId }) => {
        const { digest } = await verify({
          officer,
          to,
          headerDigest,
          recordId,
          question: question.question === '' ? QUESTION : question.question,
          purpose: claimed.purpose as Purpose,
          legalBasis: question.legalBasis,
          priority: Priority.PRIORITY_PRIORITY,
        });
        return digest;
      },
    });
    return answerOf(partner, answer);
  } catch (error) {
    const { code, message } = partnerFailure(error);
    if (code === 'INTERNAL') onFailure(partner, error);
    return failed(code, message);
  }

  async function failed(code: string, message: string): Promise<PrivateScreeningAnswer> {
    await store.write((tx) =>
      tx.audit.append([audited('private-screening.failed', partner, { ...about, code })]),
    );
    return failedAnswer(partner, code, message);
  }
}

async function decline(
  { store, clock }: PrivateInquiriesDeps,
  { officer, audited, id, note, ownOnly }: Parameters<PrivateInquiries['decline']>[0],
): Promise<PrivateScreening> {
  const { fingerprint, name, deskGroup } = officer;
  const at = clock.nowMs();
  return store.write(async (tx) => {
    const inquiry = await known(tx, id, deskGroup, at);
    if (ownOnly && inquiry.asker !== fingerprint)
      throw refuse(
        'NOT_PERMITTED',
        "expected a question of one's own: others' are for a releaser to turn down",
      );
    if (inquiry.state === 'declined' && inquiry.decider === fingerprint)
      return messageOf(inquiry, fingerprint);
    requireOpen(inquiry);
    const decision = { decider: fingerprint, deciderName: name, decidedAt: at, note };
    await tx.privateInquiries.decide(id, 'declined', { ...decision, keptUntil: at + SHORT_MS });
    await tx.audit.append([audited('private-screening.declined', id, { askedBy: inquiry.askerName, note })]);
    return messageOf(await known(tx, id, deskGroup, at), fingerprint);
  });
}

const refuse = (code: LifecycleErrorCode, message: string): LifecycleError =>
  new LifecycleError({ code, message });

function requireOpen({ state }: StoredPrivateInquiry): void {
  if (state !== 'open') throw refuse('NOT_OPEN', `expected a question that waits, got one that is ${state}`);
}

/** Another desk group's is told apart from none by nothing. */
async function known(
  tx: { readonly privateInquiries: Pick<WriteTx['privateInquiries'], 'byId'> },
  id: string,
  deskGroup: DeskGroup,
  nowMs: number,
): Promise<StoredPrivateInquiry> {
  const found = await tx.privateInquiries.byId(id);
  if (found === undefined || found.deskGroup !== deskGroup || found.keptUntil <= nowMs)
    throw refuse('NOT_FOUND', 'expected the id of a question of this desk group that is kept, got another');
  return found;
}
