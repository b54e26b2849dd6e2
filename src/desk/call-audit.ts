/**
 * No method of the desk goes unrecorded: what a handler did not put into the audit itself is put there for it, before the caller
 * gets an answer. So a new method cannot be forgotten. Repetitions within a minute are one row: programs ask for the status often.
 */
import type { Access } from './access.ts';
import type { DispatchDeps } from './dispatch.ts';

const ONE_ROW_MS = 60_000;
const REMEMBERED = 10_000;

export function callAudit(access: Access): DispatchDeps['answering'] {
  const lastAt = new Map<string, number>();
  return async (method, session) => {
    if (access.isRecorded(session)) return;
    const key = `${session.fingerprint} ${session.facts.purpose} ${session.world} ${method}`;
    const now = access.nowMs();
    const last = lastAt.get(key);
    if (last !== undefined && now - last < ONE_ROW_MS && now >= last) return;
    await access.audit(session, 'call.made', method);
    if (lastAt.size >= REMEMBERED) lastAt.clear();
    lastAt.set(key, now);
  };
}
