/** Thrown to who began a handshake that led to no session. Transport turns `reason` into the status of the call. */
import { TocsinError } from '../base/error.ts';
import type { Disbelieved } from '../base/verdict.ts';
import type { Reason } from '../gen/tocsin/record/v1/reason.ts';

/** `REFUSED_HERE` we do not believe the peer · `REFUSED_THERE` the peer says, unauthenticated, that it does not take us. */
export type SessionRefusalCode = 'REFUSED_HERE' | 'REFUSED_THERE';

export class SessionRefusal extends TocsinError<SessionRefusalCode> {
  override readonly name = 'SessionRefusal';
  readonly reason: Reason;

  constructor(code: SessionRefusalCode, { reason, detail }: Pick<Disbelieved<Reason>, 'reason' | 'detail'>) {
    super({ code, message: detail, retry: 'later', facts: { reason } });
    this.reason = reason;
  }
}
