/**
 * What private screening leaves for an officer to do. A duty names nobody who was asked about: lists of duties are kept on devices, and
 * what is asked in private is read on its own page.
 */
import { type Duty, DutyKind } from '../../gen/tocsin/desk/v1/board_service.ts';
import { PrivateScreening } from '../../gen/tocsin/desk/v1/screening_service.ts';
import { type AskedQuestion, readQuestion } from '../../lifecycle/index.ts';
import type { ReadTx, WriteTx } from '../../store/index.ts';
import type { Access } from '../access.ts';
import { markOf, setMark } from '../marks.ts';
import type { OfficerSession } from '../session.ts';

/** Questions that one call looks at, the newest first; of those that wait a desk group has fewer. */
const LOOKED_AT = 200;

/** Answers that nobody of the desk group read yet. */
async function* unread(tx: ReadTx, one: AskedQuestion, { deskGroup }: OfficerSession) {
  for (const { record } of one.answers)
    if ((await markOf(tx, { what: 'read', headerDigest: record.headerDigest, deskGroup })) === undefined)
      yield record;
}

interface Looking {
  readonly access: Access;
  readonly session: OfficerSession;
  /** Whether the officer may know of a record that is held here: answers about those are duties of their own. */
  readonly isShown: (headerDigest: Uint8Array) => Promise<boolean>;
  readonly none: Duty;
}

/** Questions of the desk group that wait for a second officer, and holders' answers about hits that nobody read. */
export async function privateDuties(
  tx: ReadTx,
  { access, session, isShown, none }: Looking,
): Promise<Duty[]> {
  if (!access.judge(session, 'screen-private').allowed) return [];
  const mayApprove = access.judge(session, 'approve-private').allowed;
  const { items } = await tx.privateInquiries.list({
    deskGroup: session.deskGroup,
    openOnly: false,
    nowMs: access.nowMs(),
    limit: LOOKED_AT,
  });
  const duties: Duty[] = [];
  for (const { state, asker, askerName, askedAt, keptUntil, answers } of items) {
    if (state === 'open' && mayApprove && asker !== session.fingerprint)
      duties.push({
        ...none,
        kind: DutyKind.DUTY_KIND_DECIDE_PRIVATE_SCREENING,
        from: askerName,
        since: BigInt(askedAt),
        dueAt: BigInt(keptUntil),
      });
    if (answers === undefined) continue;
    for (const { partner, hits } of PrivateScreening.decode(answers).answers)
      for (const { headerDigest, taskingDigest } of hits) {
        const asked = await readQuestion(tx, taskingDigest);
        if (asked === undefined || (await isShown(headerDigest))) continue;
        for await (const { committedAt } of unread(tx, asked, session))
          duties.push({
            ...none,
            kind: DutyKind.DUTY_KIND_READ_PRIVATE_ANSWER,
            from: partner,
            since: BigInt(committedAt),
          });
      }
  }
  return duties;
}

/** Marks what is shown to an officer of the desk group that asked. */
export async function markRead(
  tx: WriteTx,
  questions: readonly AskedQuestion[],
  session: OfficerSession,
  at: number,
): Promise<void> {
  for (const { answers } of questions)
    for (const { record } of answers) {
      const { headerDigest } = record;
      await setMark(
        tx,
        { what: 'read', headerDigest, deskGroup: session.deskGroup },
        { by: session.name, at },
      );
    }
}
