import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/store/dialect/engine.ts';
import { openSqlite } from '../../../src/store/dialect/sqlite.ts';
import { MIGRATIONS } from '../../../src/store/migrations/list.ts';
import { migrate } from '../../../src/store/migrations/migrate.ts';

describe('migrations', () => {
  let directory: string;
  let engine: Engine;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tocsin-migrate-'));
    engine = openSqlite({ path: join(directory, 'node.sqlite') });
  });
  afterEach(async () => {
    await engine.close();
    rmSync(directory, { recursive: true, force: true });
  });

  // Numbers between are taken by schemas that are being built beside each other; each is applied in its turn.
  it('are numbered upward, each number once', () => {
    const versions = MIGRATIONS.map(({ version }) => version);
    expect(versions).toEqual([...new Set(versions)].sort((one, other) => one - other));
    expect(versions[0]).toBe(1);
  });

  it('apply what is missing, each all or nothing', async () => {
    const second = { version: 2, name: 'second', statements: () => ['create table a (x text)', 'nonsense'] };
    const first = { version: 1, name: 'first', statements: () => ['create table b (x text)'] };
    await expect(migrate(engine.writer, engine.traits, [first, second])).rejects.toMatchObject({
      code: 'STATEMENT_FAILED',
    });
    expect(await engine.writer.scalar('select max(version) as value from migration')).toBe(1n);
    expect(await engine.writer.scalar("select count(*) as value from sqlite_schema where name = 'a'")).toBe(
      0n,
    );
    const mended = { ...second, statements: () => ['create table a (x text)'] };
    expect(await migrate(engine.writer, engine.traits, [first, mended])).toBe(2);
    expect(await migrate(engine.writer, engine.traits, [first, mended])).toBe(2);
  });

  it('leave a newer schema alone', async () => {
    await migrate(engine.writer, engine.traits, [{ version: 999, name: 'later', statements: () => [] }]);
    await expect(migrate(engine.writer, engine.traits)).rejects.toMatchObject({ code: 'STORE_TOO_NEW' });
  });
});
