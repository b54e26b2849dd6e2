/** `tocsin store migrate`: the store of a node that does not run, from a file to a server or back. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { TocsinError } from '../base/error.ts';
import {
  type AnyStoreOptions,
  describePostgres,
  isPostgresUrl,
  type Moved,
  moveStore,
} from '../store/index.ts';
import { NodeError } from './errors.ts';
import { passwordIn } from './store-place.ts';

export interface MoveStoreOptions {
  /** Path of a file or URL of a database. */
  readonly from: string;
  readonly to: string;
  /** File of mode 0600 with the password of the server. */
  readonly passwordFile?: string;
  readonly nowMs: number;
}

export interface StoreMove extends Moved {
  /** Where it was and is, for people. */
  readonly from: string;
  readonly to: string;
}

/** Throws STORE_UNUSABLE with the store's own code in the message, FILE_INVALID, and what `readSecret` throws. */
export async function moveNodeStore(options: MoveStoreOptions): Promise<StoreMove> {
  const { nowMs, passwordFile } = options;
  const password = passwordFile === undefined ? undefined : await passwordIn(passwordFile);
  const place = (text: string): AnyStoreOptions =>
    isPostgresUrl(text)
      ? { url: text, ...(password !== undefined && { password }) }
      : { path: resolve(text) };
  const names = { from: '', to: '' };
  try {
    for (const end of ['from', 'to'] as const) names[end] = nameOf(options[end]);
    if (names.from === names.to)
      throw new NodeError({ code: 'ALREADY_EXISTS', message: 'expected another place to move the store to' });
    if (!isPostgresUrl(options.from) && !existsSync(options.from))
      throw new NodeError({
        code: 'FILE_INVALID',
        message: `${names.from} is missing: name the store.sqlite of the node's folder`,
      });
    return { ...(await moveStore(place(options.from), place(options.to), nowMs)), ...names };
  } catch (cause) {
    if (!(cause instanceof TocsinError) || cause instanceof NodeError) throw cause;
    throw new NodeError({
      code: 'STORE_UNUSABLE',
      message: `${cause.retry === 'fatal' ? 'whether it was moved is unknown, run this again: STORE_NOT_EMPTY says that it was' : 'nothing was moved'}: ${cause.message} (${cause.code})`,
      retry: cause.retry === 'later' ? 'later' : 'no',
      cause,
    });
  }
}

const nameOf = (text: string): string => (isPostgresUrl(text) ? describePostgres(text) : resolve(text));
