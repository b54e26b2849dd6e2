/** A store as it lies on disk, table by table: whole numbers as bigint, bytes as bytes. Reads the file itself, with nothing of the node's code. */
import { DatabaseSync } from 'node:sqlite';

export type Row = Readonly<Record<string, unknown>>;
export type Export = ReadonlyMap<string, readonly Row[]>;

/** All tables of an SQLite store whose node has ended. */
export function exportStore(path: string): Export {
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
