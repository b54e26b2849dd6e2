/** National policies that administrators proposed, and what became of them. */
import type { Kysely, Selectable } from 'kysely';
import { decodeCursor, encodeCursor, numberOf, optional, type Page, pageSize, same } from './row.ts';
import type { PolicyProposalState, PolicyProposalTable } from './schema/policy.ts';
import type { Schema } from './schema/tables.ts';

export interface NewPolicyProposal {
  readonly id: string;
  /** Cedar text of the whole national policy. */
  readonly text: string;
  /** In the proposer's words. */
  readonly reason: string;
  /** Digest of the policies and the roster in force when it was proposed. */
  readonly base: string;
  /** Identity of the officer, as in drafts. */
  readonly proposer: string;
  readonly proposerName: string;
  readonly proposedAt: number;
}

/** What was decided of a proposal, and by whom. */
export interface PolicyDecision {
  readonly decider: string;
  readonly deciderName: string;
  readonly decidedAt: number;
  readonly note?: string;
}

/** A proposal without its text. */
export interface StoredPolicyProposal extends Omit<NewPolicyProposal, 'text'>, Partial<PolicyDecision> {
  readonly state: PolicyProposalState;
  /** Of the text in UTF-8. */
  readonly bytes: number;
}

export interface PolicyProposalQuery {
  readonly state?: PolicyProposalState;
  readonly cursor?: string;
  /** 1 to 500, default 100. */
  readonly limit?: number;
}

export interface PolicyProposalsReader {
  byId(id: string): Promise<StoredPolicyProposal | undefined>;
  textOf(id: string): Promise<string | undefined>;
  /** Newest first. Throws BAD_CURSOR. */
  list(query: PolicyProposalQuery): Promise<Page<StoredPolicyProposal>>;
  count(state: PolicyProposalState): Promise<number>;
}

export interface PolicyProposalsWriter extends PolicyProposalsReader {
  /** Keeps an open proposal. Throws UNIQUE_VIOLATION for an id that is taken. */
  add(proposal: NewPolicyProposal): Promise<void>;
  /** Goes on from one state to another; false where it is not in that state. Without a decision the one before stays. */
  move(
    id: string,
    from: PolicyProposalState,
    to: PolicyProposalState,
    decision?: PolicyDecision,
  ): Promise<boolean>;
  /** Makes a proposal that was about to come into force an open one again; false where it is not about to. */
  reopen(id: string): Promise<boolean>;
}

const COLUMNS = [
  'number',
  'id',
  'state',
  'bytes',
  'reason',
  'base',
  'proposer',
  'proposer_name',
  'proposed_at',
  'decider',
  'decider_name',
  'decided_at',
  'note',
] as const;

const proposalOf = (row: Omit<Selectable<PolicyProposalTable>, 'text'>): StoredPolicyProposal => ({
  id: row.id,
  state: row.state,
  bytes: numberOf(row.bytes),
  reason: row.reason,
  base: row.base,
  proposer: row.proposer,
  proposerName: row.proposer_name,
  proposedAt: numberOf(row.proposed_at),
  ...optional('decider', row.decider, same),
  ...optional('deciderName', row.decider_name, same),
  ...optional('decidedAt', row.decided_at, numberOf),
  ...optional('note', row.note, same),
});

export function policyProposalsReader(db: Kysely<Schema>): PolicyProposalsReader {
  const all = () => db.selectFrom('policy_proposal').select(COLUMNS);
  return {
    async byId(id) {
      const row = await all().where('id', '=', id).executeTakeFirst();
      return row && proposalOf(row);
    },
    async textOf(id) {
      const row = await db
        .selectFrom('policy_proposal')
        .select('text')
        .where('id', '=', id)
        .executeTakeFirst();
      return row?.text;
    },
    async list({ state, cursor, limit }) {
      const size = pageSize(limit);
      let select = all()
        .orderBy('number', 'desc')
        .limit(size + 1);
      if (state !== undefined) select = select.where('state', '=', state);
      if (cursor !== undefined) {
        const [before = ''] = decodeCursor(cursor, /^p (\d{1,18})$/);
        select = select.where('number', '<', BigInt(before));
      }
      const rows = await select.execute();
      const last = rows.length > size ? rows[size - 1] : undefined;
      return {
        items: rows.slice(0, size).map(proposalOf),
        ...(last && { next: encodeCursor('p', String(last.number)) }),
      };
    },
    async count(state) {
      const { found } = await db
        .selectFrom('policy_proposal')
        .select(({ fn }) => fn.countAll<bigint>().as('found'))
        .where('state', '=', state)
        .executeTakeFirstOrThrow();
      return Number(found);
    },
  };
}

export function policyProposalsWriter(db: Kysely<Schema>): PolicyProposalsWriter {
  return {
    ...policyProposalsReader(db),
    async add({ id, text, reason, base, proposer, proposerName, proposedAt }) {
      await db
        .insertInto('policy_proposal')
        .values({
          id,
          state: 'open',
          text,
          bytes: Buffer.byteLength(text),
          reason,
          base,
          proposer,
          proposer_name: proposerName,
          proposed_at: proposedAt,
        })
        .execute();
    },
    async move(id, from, to, decision) {
      const { numUpdatedRows } = await db
        .updateTable('policy_proposal')
        .set({
          state: to,
          ...(decision && {
            decider: decision.decider,
            decider_name: decision.deciderName,
            decided_at: decision.decidedAt,
            note: decision.note ?? null,
          }),
        })
        .where('id', '=', id)
        .where('state', '=', from)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async reopen(id) {
      const { numUpdatedRows } = await db
        .updateTable('policy_proposal')
        .set({ state: 'open', decider: null, decider_name: null, decided_at: null, note: null })
        .where('id', '=', id)
        .where('state', '=', 'adopting')
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}
