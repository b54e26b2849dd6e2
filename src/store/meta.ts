/** The node's own facts, by key: who it is, which network, which incarnation. Keys are their owners' business. */
import type { Kysely } from 'kysely';
import { textOf, utf8 } from '../base/bytes.ts';
import type { Schema } from './schema/tables.ts';

export interface MetaReader {
  get(key: string): Promise<Uint8Array | undefined>;
  getText(key: string): Promise<string | undefined>;
}

export interface MetaWriter extends MetaReader {
  set(key: string, value: Uint8Array): Promise<void>;
  setText(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

export function metaReader(db: Kysely<Schema>): MetaReader {
  const get = async (key: string) =>
    (await db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst())?.value;
  return {
    get,
    async getText(key) {
      const value = await get(key);
      return value && textOf(value);
    },
  };
}

export function metaWriter(db: Kysely<Schema>): MetaWriter {
  const set = async (key: string, value: Uint8Array) => {
    await db
      .insertInto('meta')
      .values({ key, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute();
  };
  return {
    ...metaReader(db),
    set,
    setText: (key, value) => set(key, utf8(value)),
    async delete(key) {
      await db.deleteFrom('meta').where('key', '=', key).execute();
    },
  };
}
