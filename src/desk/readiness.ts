/** Whether the desk may be used at all: after a restart from an earlier state, recalls come before everything (design §5, R14). */
import { AlarmServiceDefinition } from '../gen/tocsin/desk/v1/alarm_service.ts';
import { NetworkServiceDefinition } from '../gen/tocsin/desk/v1/network_service.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { DeskError } from './errors.ts';

/** Links, alarms and status are shown all the same: they say what is waited for. */
const ALWAYS: ReadonlySet<string> = new Set([
  NetworkServiceDefinition.fullName,
  AlarmServiceDefinition.fullName,
]);

export interface Readiness {
  /** Partners whose recalls are not replayed yet after a declared restart. */
  readonly waitingFor: readonly string[];
  /** Why the store is known to be behind what partners hold, with the remedy. */
  readonly behind?: string | undefined;
}

/**
 * Throws CATCHING_UP while recalls of any of `waitingFor` are not replayed, or where the restart is still to be declared.
 * Writing is refused as well: what was released or revised before may still come back, and must not be contradicted.
 */
export function assertReady(service: string, { waitingFor, behind }: Readiness): void {
  if (ALWAYS.has(service)) return;
  if (behind !== undefined)
    throw new DeskError({
      code: 'CATCHING_UP',
      message: `nothing is read or written at this desk for now: ${behind}`,
      reason: Reason.REASON_CATCHING_UP,
      retry: 'later',
    });
  if (waitingFor.length === 0) return;
  throw new DeskError({
    code: 'CATCHING_UP',
    message: `this node was restarted from an earlier state: recalls are fetched from ${waitingFor.slice(0, 12).join(', ')} first; \`tocsin node status\` shows how far it is`,
    reason: Reason.REASON_CATCHING_UP,
    retry: 'later',
  });
}
