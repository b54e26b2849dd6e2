/** Brings a database to the newest schema, each step in one transaction. */
import type { Session } from '../dialect/engine.ts';
import { storeError } from '../errors.ts';
import { MIGRATIONS } from './list.ts';
import type { Migration, SqlTraits } from './migration.ts';

/**
 * Applies what is missing and returns the schema's version. Throws STORE_TOO_NEW for a database written by a later
 * version of the program: it is left alone.
 */
export async function migrate(
  session: Session,
  traits: SqlTraits,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<number> {
  await session.execute(
    `create table if not exists migration (version ${traits.int} not null primary key, name ${traits.text} not null)${traits.table}`,
  );
  let version = Number((await session.scalar('select max(version) as value from migration')) ?? 0n);
  const newest = migrations.at(-1)?.version ?? 0;
  if (version > newest)
    throw storeError(
      'STORE_TOO_NEW',
      `the store has schema ${version}, this program knows up to ${newest}; start the newer program`,
      { facts: { version, newest } },
    );
  for (const migration of migrations) {
    if (migration.version <= version) continue;
    await session.begin();
    try {
      await session.execute(
        ...migration.statements(traits),
        `insert into migration (version, name) values (${migration.version}, '${migration.name}')`,
      );
      await session.commit();
    } catch (error) {
      if (session.inTransaction) await session.rollback();
      throw error;
    }
    version = migration.version;
  }
  return version;
}
