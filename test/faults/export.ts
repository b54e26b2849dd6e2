/** A store as it is kept, table by table: whole numbers as bigint, bytes as bytes. Reads file or database itself, with nothing of the node's code. */
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { PostgresServer } from '../support/postgres-server.ts';

export type Row = Readonly<Record<string, unknown>>;
export type Export = ReadonlyMap<string, readonly Row[]>;

/** All tables of an SQLite store whose node has ended. */
export function exportFile(path: string): Export {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const names = database
      .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
      .all()
      .map((row) => String(row.name));
    return new Map(
      names.map((name) => {
        const select = database.prepare(`select * from "${name.replaceAll('"', '""')}"`);
        select.setReadBigInts(true);
        return [name, select.all() as Row[]];
      }),
    );
  } finally {
    database.close();
  }
}

const { TypeOverrides } = pg;
const INT8 = 20;

/** All tables of a schema whose node has ended. */
export async function exportSchema(server: PostgresServer, schema: string): Promise<Export> {
  const types = new TypeOverrides();
  types.setTypeParser(INT8, BigInt);
  const client = new pg.Client({
    host: server.dir,
    port: server.port,
    user: 'tocsin',
    database: 'postgres',
    types,
  });
  await client.connect();
  try {
    const found = await client.query('select tablename from pg_tables where schemaname = $1', [schema]);
    const tables = new Map<string, readonly Row[]>();
    for (const { tablename } of found.rows as { tablename: string }[]) {
      const name = [schema, tablename].map((part) => client.escapeIdentifier(part)).join('.');
      tables.set(tablename, (await client.query(`select * from ${name}`)).rows as Row[]);
    }
    return tables;
  } finally {
    await client.end();
  }
}
