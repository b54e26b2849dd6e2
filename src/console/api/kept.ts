/** Reading without a link: answers that were shown, sealed for the officer who is signed in, and gone with the session. */
import type { RequestOf, ResponseOf } from '../../desk/http/contract.ts';
import { call, Refusal, standingNow } from './client.ts';
import { drop, within } from './database.ts';
import { excess, fits, type KeptVerb, keepable } from './kept-rules.ts';
import { answeredAt, heldOfficer, letGo } from './officer.ts';
import { openSealing, type Sealed, type Sealing } from './sealing.ts';

interface Row extends Sealed {
  readonly id: string;
  readonly at: number;
}

interface Kept {
  readonly answer: object;
  readonly left: readonly string[];
}

const TABLE = { database: 'tocsin-kept', version: 1 };

/** What an answer that came out of the browser is: since when it is known, and which facets of it were not kept. */
interface Remembered {
  readonly at: number;
  readonly left: readonly string[];
}
const remembered = new WeakMap<object, Remembered>();

/** Undefined where the node gave the answer now. */
export const rememberedOf = (answer: object): Remembered | undefined => remembered.get(answer);

/** The earliest of what is shown without a link; undefined where nothing had to be taken out of the browser. */
let shownFrom: number | undefined;
/** Since when, at the earliest, everything on the page is known; milliseconds UTC. */
export const knownFrom = (): number | undefined => shownFrom ?? answeredAt();
/** The node answers again: what is shown from now on is of now. */
export const forgetShownFrom = (): void => {
  shownFrom = undefined;
};

let sealing: { readonly key: string; readonly opened: Promise<Sealing> } | undefined;
/** Of the officer who is signed in; undefined where that is nobody. */
export async function sealingNow(): Promise<Sealing | undefined> {
  const key = heldOfficer()?.deviceKey;
  if (key === undefined) return undefined;
  if (sealing?.key !== key) sealing = { key, opened: openSealing(key) };
  return sealing.opened;
}

/**
 * Asks the desk, and keeps of the answer what a device may. Without a link it answers what is kept, unless `now` says that only
 * the node's word helps. Throws `Refusal`.
 */
export async function read<Name extends KeptVerb>(
  verb: Name,
  request: RequestOf<Name>,
  only?: 'now',
): Promise<ResponseOf<Name>> {
  // Purpose and world decide what is shown, so they are part of the question.
  const question = JSON.stringify([verb, standingNow(), request]);
  try {
    const answer = await call(verb, request);
    void keep(question, keepable(verb, answer)).catch(() => undefined);
    return answer;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.code !== 'OFFLINE') {
      // Recalled, expired, or not for this officer any more.
      void forget(question).catch(() => undefined);
      throw error;
    }
    const kept = only === 'now' ? undefined : await recall(question).catch(() => undefined);
    if (kept === undefined) throw error;
    return kept as ResponseOf<Name>;
  }
}

async function keep(question: string, kept: Kept): Promise<void> {
  const seals = await sealingNow();
  if (seals === undefined || !fits(JSON.stringify(kept))) return;
  const id = await seals.nameOf(question);
  const row: Row = { id, at: Date.now(), ...(await seals.seal(id, kept)) };
  // Signed out meanwhile: nothing is kept after that.
  if (heldOfficer() === undefined) return;
  await within(TABLE, 'readwrite', (rows) => rows.put(row));
  await sweep();
}

async function recall(question: string): Promise<object | undefined> {
  const seals = await sealingNow();
  if (seals === undefined) return undefined;
  await sweep();
  const id = await seals.nameOf(question);
  const row = await within<Row | undefined>(TABLE, 'readonly', (rows) => rows.get(id));
  const kept = row && ((await seals.open(id, row)) as Kept | undefined);
  if (row === undefined || kept === undefined) return undefined;
  remembered.set(kept.answer, { at: row.at, left: kept.left });
  shownFrom = Math.min(shownFrom ?? row.at, row.at);
  return kept.answer;
}

async function forget(question: string): Promise<void> {
  const id = await (await sealingNow())?.nameOf(question);
  if (id !== undefined) await within(TABLE, 'readwrite', (rows) => rows.delete(id));
}

/** A record that is no longer in force is not read without a link. */
export const forgetRecord = (headerDigest: string): Promise<void> =>
  forget(JSON.stringify(['RecordService/GetRecord', standingNow(), { headerDigest }])).catch(() => undefined);

async function sweep(): Promise<void> {
  const all = await within<Row[]>(TABLE, 'readonly', (rows) => rows.getAll());
  for (const id of excess(all, Date.now())) await within(TABLE, 'readwrite', (rows) => rows.delete(id));
}

/** The session is over: nothing that was read stays, and nothing that is sealed can be opened here. */
export async function forgetEverything(): Promise<void> {
  letGo();
  sealing = undefined;
  await drop(TABLE);
}
