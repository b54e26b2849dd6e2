/**
 * The officer whom this window last knew to be signed in, for work without a link. It is held by the window alone and ends with it,
 * as the session's cookie ends with the browser; unused for as long as a session may be, it is over here too.
 */
import type { Me } from '../../desk/http/contract.ts';

interface Held {
  readonly me: Me;
  /** The absolute end of the session by the clock of this device, milliseconds UTC. */
  readonly endsAt: number;
  /** When the officer or the node last did something, milliseconds UTC. */
  readonly usedAt: number;
  /** When the node last answered. */
  readonly answeredAt: number;
}

const KEY = 'tocsin-signed-in';
/** Written down so often at most. */
const USED_EVERY_MS = 10_000;

/** Pure: whether a session that the node cannot be asked about is over all the same. A clock set back ends it as well. */
export const isOver = ({ me, endsAt, usedAt }: Held, nowMs: number): boolean =>
  nowMs >= endsAt || nowMs - usedAt >= me.idleMs || nowMs < usedAt - USED_EVERY_MS;

function held(): Held | undefined {
  const text = sessionStorage.getItem(KEY);
  return text === null ? undefined : (JSON.parse(text) as Held);
}

const hold = (next: Held): void => sessionStorage.setItem(KEY, JSON.stringify(next));

/** The node says that this officer is signed in. */
export function holdOfficer(me: Me): void {
  const now = Date.now();
  hold({ me, endsAt: now + me.leftMs, usedAt: now, answeredAt: now });
}

/** Who may go on without a link; undefined = nobody. */
export function heldOfficer(): Me | undefined {
  const known = held();
  return known === undefined || isOver(known, Date.now()) ? undefined : known.me;
}

/** When the node last answered this window, milliseconds UTC. */
export const answeredAt = (): number | undefined => held()?.answeredAt;

/** Held, and over since. */
export function isHeldOver(): boolean {
  const known = held();
  return known !== undefined && isOver(known, Date.now());
}

/** The officer, or the node, did something. */
export function noteUse(by: 'officer' | 'node'): void {
  const known = held();
  const now = Date.now();
  if (known === undefined || isOver(known, now)) return;
  if (now - (by === 'node' ? known.answeredAt : known.usedAt) < USED_EVERY_MS) return;
  hold({ ...known, usedAt: now, answeredAt: by === 'node' ? now : known.answeredAt });
}

/** As this window holds it, for another one of the same officer. */
export const heldText = (): string | null => sessionStorage.getItem(KEY);

/** Takes over what another window holds, where this one holds nothing. */
export function holdText(text: string): void {
  if (held() === undefined) sessionStorage.setItem(KEY, text);
}

export const letGo = (): void => sessionStorage.removeItem(KEY);
