/**
 * The desk policy asked for every method, default deny; every refusal goes to the audit. What an officer may not know of
 * is refused as if it did not exist.
 */
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import type { AuditEntry } from '../store/index.ts';
import { DeskError } from './errors.ts';
import type { DeskAction, DeskNode, DeskPolicy, DeskQuestion, DeskStore } from './ports.ts';
import { deskGroupName } from './purpose.ts';
import type { DeskCutOff } from './recall-lock.ts';
import type { OfficerSession } from './session.ts';
import type { DeskDecision } from './visibility.ts';

export interface AccessDeps {
  readonly store: DeskStore;
  readonly policy: Pick<DeskPolicy, 'judgeDesk'>;
  readonly node: Pick<DeskNode, 'clock'>;
  readonly cutOff: Pick<DeskCutOff, 'locks'>;
}

/** What is asked besides the action: a kind to draft, or a record. */
export type Asked = Pick<DeskQuestion, 'kind' | 'record'>;

type Facts = AuditEntry['detail'];

export class Access {
  readonly #deps: AccessDeps;
  /** Calls that have a row: each has a session object of its own. */
  readonly #recorded = new WeakSet<OfficerSession>();

  constructor(deps: AccessDeps) {
    this.#deps = deps;
  }

  /** The decision alone: for filtering lists, where a refusal is no event. */
  judge(session: OfficerSession, action: DeskAction, asked: Asked = {}): DeskDecision {
    const { node, deskGroup, role, purpose } = session;
    const exercise = session.world === 'exercise';
    return this.#deps.policy.judgeDesk(
      {
        action,
        officer: { node, deskGroup, role, exercise, ...(purpose === undefined ? {} : { purpose }) },
        ...asked,
      },
      this.#deps.node.clock.nowMs(),
    );
  }

  /** Throws REFUSED, after the refusal is in the audit, unless one of the actions is permitted. */
  async require(
    session: OfficerSession,
    actions: DeskAction | readonly DeskAction[],
    subject: string,
    asked: Asked = {},
  ): Promise<void> {
    const list = typeof actions === 'string' ? [actions] : actions;
    const decisions = list.map((action) => this.judge(session, action, asked));
    if (decisions.some((decision) => decision.allowed)) return;
    const [first] = decisions;
    await this.audit(session, 'desk.refused', subject, {
      wanted: list.join(' or '),
      rule: first?.rule ?? '',
    });
    throw new DeskError({
      code: 'REFUSED',
      message: `${session.role} of ${deskGroupName(session.deskGroup)} may not ${list.join(' or ')} here: ${
        first?.reason ?? 'nothing permits it'
      } (${first?.rule || 'R1'})`,
      reason: Reason.REASON_ROLE,
    });
  }

  /** Durable on return: what is shown afterwards is never shown unrecorded. */
  async audit(session: OfficerSession, action: string, subject: string, facts: Facts = {}): Promise<void> {
    await this.#deps.store.write((tx) => tx.audit.append([this.entry(session, action, subject, facts)]));
  }

  /** What happened before anybody was signed in. */
  async auditStranger(actor: string, action: string, subject: string, detail: Facts): Promise<void> {
    const at = this.#deps.node.clock.nowMs();
    await this.#deps.store.write((tx) => tx.audit.append([{ at, actor, action, subject, detail }]));
  }

  /** Whether the call has a row already. */
  isRecorded(session: OfficerSession): boolean {
    return this.#recorded.has(session);
  }

  /** Whether recalls may be missing of a record that these nodes originated and sent (R14). */
  isCutOffFrom(originator: string, senders: readonly string[]): boolean {
    return this.#deps.cutOff.locks(originator, senders);
  }

  /** Milliseconds UTC. */
  nowMs(): number {
    return this.#deps.node.clock.nowMs();
  }

  /** For writes that record themselves in their own transaction. */
  entry(session: OfficerSession, action: string, subject: string, facts: Facts = {}): AuditEntry {
    this.#recorded.add(session);
    return {
      at: this.#deps.node.clock.nowMs(),
      actor: session.fingerprint,
      action,
      subject,
      detail: { ...session.facts, ...facts },
    };
  }
}

/** One answer for what does not exist and for what the officer may not know of. */
export const notFound = (what: string): DeskError =>
  new DeskError({
    code: 'NOT_FOUND',
    message: `no such ${what}, or not for this desk group and purpose: check the id, or state another purpose`,
  });
