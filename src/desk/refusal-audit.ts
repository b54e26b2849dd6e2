/** Refused calls and failed sign-ins in the audit. Faults of form are no event; what the policy refused is there already. */
import { hex } from '../base/bytes.ts';
import { sha256 } from '../record/index.ts';
import { Status } from '../transport/index.ts';
import type { Access } from './access.ts';
import type { DispatchDeps } from './dispatch.ts';

/** One row a certificate and minute: who holds a revoked certificate must not be able to fill the store. */
const SIGN_IN_EVERY_MS = 60_000;
const REMEMBERED = 1_000;

const RECORDED = new Set<number>([
  Status.PERMISSION_DENIED,
  Status.FAILED_PRECONDITION,
  Status.NOT_FOUND,
  Status.ALREADY_EXISTS,
]);

export function refusalAudit(access: Access): DispatchDeps['refused'] {
  const lastAt = new Map<string, number>();
  return async ({ method, session, certificate, code, status }) => {
    if (session !== undefined) {
      // The policy's refusals are recorded where they are made, with their rule.
      if (RECORDED.has(status) && code !== 'REFUSED')
        await access.audit(session, 'call.refused', method, { code });
      return;
    }
    if (status !== Status.UNAUTHENTICATED) return;
    const actor = certificate === undefined ? 'nobody' : hex(sha256(certificate));
    const now = access.nowMs();
    const last = lastAt.get(actor);
    if (last !== undefined && now - last < SIGN_IN_EVERY_MS && now >= last) return;
    if (lastAt.size >= REMEMBERED) lastAt.clear();
    lastAt.set(actor, now);
    await access.auditStranger(actor, 'signin.failed', method, { code });
  };
}
