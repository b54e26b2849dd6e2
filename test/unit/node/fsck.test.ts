/** Every promise of a store is checked: a store of real traffic is clean, and each kind of damage is found by its name. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemRandom } from '../../../src/base/clock.ts';
import { RecallReason } from '../../../src/gen/tocsin/record/v1/recall.ts';
import { createLifecycle } from '../../../src/lifecycle/index.ts';
import { examineStore, type StoreFinding } from '../../../src/node/fsck.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { openBlobs, openStore, StoreError } from '../../../src/store/index.ts';
import { makeFederation } from '../../support/authority.ts';
import { seeded } from '../../support/crash.ts';
import { TestNetwork, type TestNode } from '../../support/exchange-network.ts';

const NODES = ['XA', 'XB'].map((node) => ({ node, groups: ['adequate', 'sac'] }));
const OFFICER = { fingerprint: 'aa01', name: 'Anna', deskGroup: 2 } as const;

let directory: string;
let network: Uint8Array;
let clock: { nowMs(): number };

const storeOf = (self: string) => join(directory, `${self}.sqlite`);
const blobsOf = (self: string) => join(directory, `${self}-blobs`);

async function examine(path: string, self: string): Promise<readonly StoreFinding[]> {
  const findings: StoreFinding[] = [];
  await using store = await openStore({ path });
  const blobs = await openBlobs(blobsOf(self));
  await examineStore({ store, blobs, network, self, clock }, (found) => findings.push(found));
  return findings;
}

/** Codes found in a copy of a node's store after these statements. */
async function foundAfter(self: string, damage: string): Promise<readonly string[]> {
  const path = join(directory, 'damaged.sqlite');
  for (const name of readdirSync(directory))
    if (name.startsWith('damaged')) rmSync(join(directory, name), { force: true });
  copyFileSync(storeOf(self), path);
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  const changed = database.prepare('select total_changes() as n');
  database.function('sha256', (text) => createHash('sha256').update(String(text)).digest());
  database.exec(damage);
  const { n } = changed.get() as { n: number };
  database.close();
  expect(n, 'the damage hits a row').toBeGreaterThan(0);
  return [...new Set((await examine(path, self)).map(({ code }) => code))];
}

const recall = (node: TestNode, headerDigest: Uint8Array) =>
  createLifecycle({
    store: node.store,
    policy: () => node.policy,
    ledger: node.ledger,
    exchange: node.exchange,
    self: { node: node.self, network, logOrigin: (world) => node.ledger.origins[world] },
    clock: node.clock,
    random: systemRandom,
  }).recall({
    officer: OFFICER,
    headerDigest,
    reason: RecallReason.RECALL_REASON_ERROR,
    mustPurge: true,
  });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-fsck-'));
  await using federation = await makeFederation({ nodes: NODES, baselinePolicy: baselinePolicy() });
  network = federation.network;
  const net = await TestNetwork.create({ nodes: NODES }, federation);
  clock = net.clock;
  const [xa, xb] = [net.of('XA'), net.of('XB')];
  await net.start();
  const delivered = async () => (await xa.unclosed()) === 0 && (await xb.unclosed()) === 0;
  const first = await xa.release();
  await net.until('it is delivered', delivered, 60_000);
  for (let round = 0; round < 2; round++) {
    await xa.releaseMany(3, 'seizure-notice');
    await xb.releaseMany(2);
    await net.until('all is delivered', delivered, 60_000);
  }
  await recall(xa, first.digest);
  await net.until(
    'the recall is followed',
    async () =>
      (await xa.store.read((tx) => tx.holders.holdersOf(first.digest, clock.nowMs()))).every(
        ({ state }) => state === 'purged',
      ) && (await delivered()),
    60_000,
  );
  await xb.store.write((tx) =>
    tx.audit.append(
      [1, 2, 3].map((n) => ({ at: n, actor: 'node', action: 'test.noted', subject: `${n}`, detail: {} })),
    ),
  );
  for (const node of [xa, xb]) {
    await node.stop();
    const copy = new DatabaseSync(join(node.directoryOnDisk, 'node.sqlite'));
    copy.prepare('vacuum into ?').run(storeOf(node.self));
    copy.close();
  }
  await net.close();
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('fsck', () => {
  test.each(['XA', 'XB'])(
    'finds nothing in the store of %s after real traffic and a recall',
    async (self) => {
      expect(await examine(storeOf(self), self)).toEqual([]);
    },
  );

  const own = "log like '%/log/live/%'";
  test.each([
    [
      'a leaf with another hash',
      'XA',
      `update leaf set hash = randomblob(32) where header_digest is not null and "index" = (select min("index") from leaf where header_digest is not null)`,
      'LEAF_WRONG',
    ],
    [
      'a dummy leaf that our secret did not make',
      'XA',
      `update leaf set hash = randomblob(32) where header_digest is null and ${own}`,
      'DUMMY_WRONG',
    ],
    ['a missing leaf', 'XA', `delete from leaf where "index" = 1 and ${own}`, 'LEAF_GAP'],
    [
      'a tree node that leaves do not make',
      'XA',
      `update tree_node set hash = randomblob(32) where level = 1 and "index" = 0`,
      'NODE_WRONG',
    ],
    ['a missing tree node', 'XA', `delete from tree_node where level = 1 and "index" = 0`, 'NODE_MISSING'],
    [
      'a checkpoint with another root',
      'XA',
      `update checkpoint set root = randomblob(32) where size = (select max(size) from checkpoint where ${own})`,
      'CHECKPOINT_WRONG',
    ],
    [
      'a checkpoint whose note was changed',
      'XA',
      `update checkpoint set note = cast(replace(cast(note as text), 'a', 'b') as blob) where size = (select max(size) from checkpoint)`,
      'CHECKPOINT_UNSIGNED',
    ],
    [
      'leaves that no checkpoint covers',
      'XA',
      `delete from checkpoint where size = (select max(size) from checkpoint where ${own}) and ${own}`,
      'LOG_UNCOVERED',
    ],
    [
      'a header in line that is in the log already',
      'XA',
      `insert into pending_leaf (log, header_digest, leaf_hash, urgent, at) select log, header_digest, hash, 0, 1 from leaf where header_digest is not null limit 1`,
      'PENDING_WRONG',
    ],
    [
      'a header with a changed byte',
      'XB',
      `update record set header = cast(header || x'00' as blob) where position = 1`,
      'HEADER_WRONG',
    ],
    [
      'a row that says another kind than its header',
      'XB',
      `update record set priority = priority + 1 where position = 1`,
      'RECORD_UNLIKE_HEADER',
    ],
    [
      'a record of ours that left the log',
      'XA',
      `update record set leaf_index = null where origin = 'own' and position = (select min(position) from record where origin = 'own')`,
      'RECORD_UNLOGGED',
    ],
    [
      "a partner's record with a changed proof",
      'XB',
      `update record set proof = randomblob(max(32, length(proof))) where origin = 'partner'`,
      'PROOF_WRONG',
    ],
    [
      "a partner's record with another's checkpoint",
      'XB',
      `insert into note select sha256(replace(cast(body as text), 'a', 'b')), cast(replace(cast(body as text), 'a', 'b') as blob) from note;
       update record set note_digest = (select sha256(replace(cast(body as text), 'a', 'b')) from note where digest = note_digest)
         where origin = 'partner'`,
      'PROOF_WRONG',
    ],
    [
      'a note that is another than its digest says',
      'XB',
      `update note set body = cast(replace(cast(body as text), 'a', 'b') as blob)`,
      'PROOF_WRONG',
    ],
    ['a note that is gone', 'XB', 'delete from note', 'PROOF_WRONG'],
    [
      'a facet with a changed byte',
      'XB',
      `update facet set body = cast(body || x'00' as blob) where (header_digest, name) in (select header_digest, name from facet limit 1)`,
      'FACET_WRONG',
    ],
    [
      'a facet with another salt',
      'XB',
      `update facet set salt = randomblob(32) where (header_digest, name) in (select header_digest, name from facet limit 1)`,
      'FACET_WRONG',
    ],
    [
      'a recalled record that is in use again',
      'XB',
      `update record set state = 'released' where header_digest in (select header_digest from tombstone)`,
      'TOMBSTONE_BROKEN',
    ],
    [
      'facets that had to be deleted',
      'XB',
      `insert into facet (header_digest, name, salt, body) select header_digest, 'summary', randomblob(32), x'00' from tombstone`,
      'TOMBSTONE_BROKEN',
    ],
    [
      'a holder whom no disclosure named',
      'XA',
      `insert into disclosure (header_digest, recipient, forwarder, facets, basis, disclosure_digest, at) select header_digest, 'XB', 'XB', '[]', '', randomblob(32), 1 from record limit 1`,
      'HOLDER_UNFOUNDED',
    ],
    [
      'a recall notice without its recall',
      'XA',
      `update recall_notice set recall_digest = randomblob(32)`,
      'HOLDER_UNFOUNDED',
    ],
    [
      'a sent manifest with a changed body',
      'XA',
      `update manifest_out set body = cast(body || x'00' as blob) where seq = 1 and lane = 1`,
      'MANIFEST_WRONG',
    ],
    [
      'a sent manifest with another signature',
      'XA',
      `update manifest_out set signature = (select signature from manifest_out where lane = 1 and seq = 2) where seq = 1 and lane = 1`,
      'MANIFEST_WRONG',
    ],
    [
      'a hole in the numbers sent',
      'XA',
      `delete from manifest_out where seq = 1 and lane = 1`,
      'CHAIN_BROKEN',
    ],
    [
      'a hole in the numbers taken',
      'XB',
      `delete from manifest_in where seq = 1 and lane = 1`,
      'CHAIN_BROKEN',
    ],
    [
      'a link that stands elsewhere than its last manifest',
      'XA',
      `update link_out set seq = seq + 1 where lane = 1`,
      'LINK_WRONG',
    ],
    ['a link in that was set back', 'XB', `update link_in set seq = seq - 1 where lane = 1`, 'LINK_WRONG'],
    [
      'more acknowledged than sent',
      'XA',
      `update link_out set ack_seq = seq + 5 where lane = 1`,
      'LINK_WRONG',
    ],
    [
      'an outbox row that waits with a number',
      'XA',
      `update outbox set state = 'waiting' where state = 'receipted'`,
      'OUTBOX_WRONG',
    ],
    [
      'an outbox row whose manifest is another',
      'XA',
      `update outbox set header_digest = (select header_digest from record where kind = 'receipt' limit 1) where id = (select min(id) from outbox where state = 'receipted' and lane = 1)`,
      'OUTBOX_WRONG',
    ],
    [
      'an outbox row receipted by nobody',
      'XA',
      `update outbox set receipt_digest = randomblob(32) where state = 'receipted'`,
      'OUTBOX_WRONG',
    ],
    [
      'an inbox item without its record',
      'XB',
      `update inbox_item set header_digest = randomblob(32) where position = (select min(position) from inbox_item)`,
      'INBOX_WRONG',
    ],
    [
      'a manifest taken with a receipt of nobody',
      'XB',
      `update manifest_in set receipt_digest = randomblob(32) where receipt_digest is not null`,
      'INBOX_WRONG',
    ],
    ['an edited audit row', 'XB', `update audit set subject = 'x' where seq = 2`, 'AUDIT_BROKEN'],
    [
      'a key statement with a changed byte',
      'XB',
      `update statement set sequence = sequence + 1 where node = 'XA'`,
      'STATEMENT_WRONG',
    ],
    [
      'a roster that nobody signed',
      'XB',
      `update roster set body = cast(substr(body, 1, length(body) - 4) || randomblob(4) as blob)`,
      'ROSTER_WRONG',
    ],
    [
      'a store that ran under a higher incarnation',
      'XB',
      `insert or replace into meta (key, value) values ('exchange/incarnation', cast('9' as blob))`,
      'META_WRONG',
    ],
    [
      "a partner's checkpoint with another root",
      'XB',
      `update known_log set root = randomblob(32)`,
      'KNOWN_LOG_WRONG',
    ],
    [
      'an attachment that is gone',
      'XB',
      `insert into blob (digest, size, stored_at) values (randomblob(32), 5, 1)`,
      'BLOB_MISSING',
    ],
    [
      'a facet whose attachment nobody awaits',
      'XB',
      `insert into attachment (header_digest, facet, blob_digest, size) select header_digest, name, randomblob(32), 5 from facet limit 1`,
      'BLOB_UNKNOWN',
    ],
  ] as const)('finds %s', async (_what, self, damage, code) => {
    expect(await foundAfter(self, damage)).toContain(code);
  });

  test('finds an attachment that is not what it is named', async () => {
    const name = 'ab'.repeat(32);
    const blobs = await openBlobs(blobsOf('XB'));
    expect(blobs).toBeDefined();
    writeFileSync(join(blobsOf('XB'), name), 'hello');
    const codes = await foundAfter(
      'XB',
      `insert into blob (digest, size, stored_at) values (x'${name}', 5, 1)`,
    );
    rmSync(join(blobsOf('XB'), name));
    expect(codes).toEqual(['BLOB_WRONG']);
  });

  test('finds two records under one id and revision of which no alarm tells', async () => {
    const codes = await foundAfter(
      'XB',
      `update record set record_id = (select record_id from record where position = 1), originator = (select originator from record where position = 1), revision = 1 where position = 2`,
    );
    expect(codes).toEqual(expect.arrayContaining(['RECORD_UNLIKE_HEADER', 'RECORD_DOUBLED']));
  });
});

/** Columns whose every byte somebody signed, hashed or sealed: a change of them is never taken for what was said. */
const VOUCHED: Readonly<Record<string, readonly string[]>> = {
  record: ['header', 'header_digest'],
  facet: ['salt', 'body'],
  leaf: ['hash'],
  checkpoint: ['note', 'root'],
  manifest_in: ['body', 'signature', 'digest'],
  manifest_out: ['body', 'digest'],
};

function vouched(path: string): Readonly<Record<string, readonly string[]>> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return Object.fromEntries(
      Object.entries(VOUCHED).map(([table, columns]) => [
        table,
        database
          .prepare(
            `select ${columns.map((name) => `hex("${name}") as "${name}"`).join(', ')} from "${table}"`,
          )
          .all()
          .map((row) => JSON.stringify(row))
          .sort(),
      ]),
    );
  } finally {
    database.close();
  }
}

describe('a bit of the file that turned over', () => {
  const FLIPS = 200;

  test('is refused, or found, or has touched nothing that anybody vouched for', async () => {
    const whole = vouched(storeOf('XB'));
    const bytes = readFileSync(storeOf('XB'));
    const random = seeded(20_26);
    const counts = { refused: 0, found: 0, harmless: 0 };
    for (let flip = 0; flip < FLIPS; flip++) {
      const path = join(directory, `flipped-${flip}.sqlite`);
      const at = Math.floor(random() * bytes.length * 8);
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(damaged.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
      writeFileSync(path, damaged);
      const outcome = await examine(path, 'XB').then(
        (findings) => (findings.length > 0 ? 'found' : 'harmless'),
        (error: unknown) => {
          // Whatever is refused is refused in words, with a code: an error of another kind is a bug.
          if (!(error instanceof StoreError)) throw error;
          return 'refused' as const;
        },
      );
      counts[outcome] += 1;
      if (outcome === 'harmless') expect({ at, rows: vouched(path) }).toEqual({ at, rows: whole });
    }
    expect(counts.refused + counts.found, JSON.stringify(counts)).toBeGreaterThan(FLIPS / 6);
  });
});
