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

  it('keep what a store of before holds: proofs under their notes, facets, and what is attached to them', async () => {
    const { writer, traits } = engine;
    await migrate(
      writer,
      traits,
      MIGRATIONS.filter(({ version }) => version <= 9),
    );
    const record = (digest: string, note: string) => `insert into record
      (header_digest, record_id, revision, originator, kind, schema_version, desk_group, priority, tlp, status, released, expires,
       review_by, header, origin, state, log_origin, proof, checkpoint, title, title_key, committed_at)
      values (x'${digest}', x'00', 1, 'XA', 'warning', 1, 1, 1, 1, 1, 1, 1, 1, x'00', 'partner', 'released', 'log', x'00', ${note}, '', '', 1)`;
    await writer.execute(
      record('01', "x'aa'"),
      record('02', "x'aa'"),
      record('03', "x'bb'"),
      record('04', 'null'),
      "insert into facet values (x'01', 'summary', x'05', x'06')",
      "insert into facet values (x'01', 'attachments', x'07', x'08')",
      "insert into attachment values (x'01', 'attachments', x'09', 3)",
    );
    await migrate(writer, traits);

    const whole = (sql: string) => writer.scalar(`select group_concat(line, ' ') as value from (${sql})`);
    expect(
      await whole(`select hex(r.header_digest) || ':' || hex(n.body) as line
        from record r left join note n on n.digest = r.note_digest order by r.position`),
    ).toBe('01:AA 02:AA 03:BB 04:');
    expect(await writer.scalar('select count(*) as value from note where digest = sha256(body)')).toBe(2n);
    expect(
      await whole("select name || ':' || hex(salt) || ':' || hex(body) as line from facet order by name"),
    ).toBe('attachments:07:08 summary:05:06');
    expect(
      await whole("select facet || ':' || hex(blob_digest) || ':' || size as line from attachment"),
    ).toBe('attachments:09:3');
    await writer.execute("delete from facet where name = 'attachments'");
    expect(await writer.scalar('select count(*) as value from attachment')).toBe(0n);
  });
});
