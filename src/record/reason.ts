/** Names of reasons, as people, audit lines and commands write them: `REPLAY` for REASON_REPLAY. */
import { Reason } from '../gen/tocsin/record/v1/reason.ts';

const PREFIX = 'REASON_';
const known = Object.entries(Reason).filter(([name]) => name.startsWith(PREFIX));
const names = new Map<number, string>(known.map(([name, number]) => [number, name.slice(PREFIX.length)]));
const numbers = new Map<string, Reason>(known.map(([name, number]) => [name.slice(PREFIX.length), number]));

/** Short name of a reason; `UNKNOWN_<number>` for a number of a newer version. */
export const reasonName = (reason: number): string => names.get(reason) ?? `UNKNOWN_${reason}`;

/** The reason of a short name, undefined where there is none. */
export const reasonFromName = (name: string): Reason | undefined => numbers.get(name);
