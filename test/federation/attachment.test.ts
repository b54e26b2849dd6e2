/**
 * Attachments between real processes: a record with 100 MiB of files arrives byte for byte while the memory of both nodes stays
 * where it was, goes on where kill -9 stopped it, is delivered only when stored, and is gone from the folder after a recall.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import { nodeDir } from '../../src/cli/demo/federation.ts';
import { uploadFile } from '../../src/desk/index.ts';
import type { AttachmentSummary } from '../../src/gen/tocsin/desk/v1/attachment_service.ts';
import { SensitivityClass } from '../../src/gen/tocsin/record/v1/shared_facets.ts';
import { sha256 } from '../../src/record/index.ts';
import { tocsin } from '../support/command.ts';
import { exampleContent } from '../support/contents.ts';
import { eventually, TestFederation } from '../support/federation.ts';
import { CANARIES, jpegWithCanaries } from '../support/pictures.ts';

const MIB = 1024 * 1024;
const FILES = 10;
const FEW = 3;
/** Less than what more of files went through: memory that grew with them would show. */
const GROWTH_BYTES = 64 * MIB;
const PATIENCE_MS = 400_000;

let federation: TestFederation;
let dir: string;

async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  const ran = await tocsin(['--json', ...args]);
  expect({ args, exitCode: ran.exitCode, stderr: ran.stderr.slice(-400) }).toMatchObject({ exitCode: 0 });
  return JSON.parse(ran.stdout) as Record<string, unknown>;
}

const blobsOf = (id: string): string => join(nodeDir(federation.federation, id), 'blobs');

/** Names and sizes of what lies in a node's folder of attachments. */
const folder = (id: string) =>
  readdirSync(blobsOf(id)).map((name) => {
    const { size, ino } = statSync(join(blobsOf(id), name), { throwIfNoEntry: false }) ?? { size: 0, ino: 0 };
    return { name, size, ino };
  });
const bytesIn = (id: string): number => folder(id).reduce((sum, { size }) => sum + size, 0);

/** Resident memory of a node's process now; 0 of one that was just killed. */
function residentBytes(id: string): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${federation.pid(id)}/status`, 'utf8'))?.[1];
  return Number(kib ?? 0) * 1024;
}

/** Watches the memory of nodes until it is stopped: the highest that was seen of each. */
function watchMemory(...ids: readonly string[]) {
  const peak = new Map(ids.map((id) => [id, 0]));
  const look = setInterval(() => {
    for (const id of ids)
      if (federation.isRunning(id)) peak.set(id, Math.max(peak.get(id) ?? 0, residentBytes(id)));
  }, 100);
  return {
    stop: (): ReadonlyMap<string, number> => {
      clearInterval(look);
      return peak;
    },
  };
}

/** Ten MiB of text that is nowhere the same. */
function text(seed: number, bytes = 10 * MIB): Buffer {
  const line = (at: number) => `${seed} ${at} ${(at * 2_654_435_761) % 4_294_967_291}\n`;
  const parts: string[] = [];
  for (let at = 0, size = 0; size < bytes; at += 1) {
    const one = line(at);
    parts.push(one);
    size += one.length;
  }
  return Buffer.from(parts.join('')).subarray(0, bytes);
}

async function* pieces(bytes: Uint8Array, from: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < bytes.length; at += 128 * 1024) yield bytes.subarray(at, at + 128 * 1024);
}

let uploads = 0;
const upload = (draftId: string, bytes: Uint8Array): Promise<AttachmentSummary> => {
  uploads += 1;
  return uploadFile(federation.desk('XA'), {
    draftId,
    uploadId: `u${uploads}`,
    bytes: bytes.length,
    caption: `list ${uploads}`,
    class: SensitivityClass.SENSITIVITY_CLASS_OPERATIONAL,
    redacted: false,
    read: (from) => pieces(bytes, from),
  });
};

async function draft(): Promise<string> {
  const content = {
    ...(exampleContent('seizure-notice', Date.now()) as object),
    deskGroup: 'police',
    marking: { releasableTo: ['XB'], purposes: ['investigation'], alsoFacets: ['attachments'] },
  };
  const made = await federation.desk('XA').records.createDraft({ contentJson: JSON.stringify(content) });
  return made.draft?.id ?? '';
}

async function release(draftId: string): Promise<Uint8Array> {
  await federation.desk('XA').records.submitDraft({ draftId });
  const { record } = await federation.desk('XA', 'police', 'releaser').records.releaseDraft({ draftId });
  return record?.headerDigest ?? new Uint8Array();
}

/** What XA's desk says of XB. */
async function holderState(headerDigest: Uint8Array): Promise<string | undefined> {
  const { holders } = await federation.desk('XA').recalls.listHolders({ headerDigest });
  return holders.find(({ node }) => node === 'XB')?.state;
}

const isState = (headerDigest: Uint8Array, state: string) =>
  eventually(
    `XA's desk says that XB is ${state}`,
    async () => ((await holderState(headerDigest)) === state ? true : undefined),
    PATIENCE_MS,
  );

/** Reads a file at XB with the command. */
async function readAtXb(headerDigest: Uint8Array, digest: Uint8Array): Promise<Buffer> {
  const out = join(dir, `${hex(digest).slice(0, 16)}-${readdirSync(dir).length}`);
  await json(
    'attachment',
    'get',
    hex(headerDigest),
    hex(digest).slice(0, 20),
    '--out',
    out,
    '--officer',
    federation.officer('XB'),
  );
  return readFileSync(out);
}

beforeAll(async () => {
  federation = await TestFederation.found({
    settings: {
      exchange: {
        heartbeatMs: 1_000,
        idleHeartbeatMs: 2_000,
        resendMs: 1_000,
        resendMaxMs: 4_000,
        attachmentBytesPerSecond: 12 * MIB,
      },
    },
  });
  await federation.startAll();
  dir = join(federation.dir, 'work');
  mkdirSync(dir);
});
afterAll(() => federation?.[Symbol.asyncDispose]());

describe('attachments', () => {
  test('a picture added with the command arrives at the other state without position, author or anything else that cameras hide', async () => {
    const draftId = await draft();
    const picture = jpegWithCanaries();
    const path = join(dir, 'IMG_0417.jpg');
    writeFileSync(path, picture);
    const added = await json(
      'attachment',
      'add',
      draftId,
      path,
      '--class',
      'operational',
      '--officer',
      federation.officer('XA'),
    );
    const { sha256: digest, type } = added.attachment as { sha256: string; type: string };
    expect(type).toBe('image/jpeg');
    const officer = ['--officer', federation.officer('XA')];
    await json(
      'attachment',
      'describe',
      draftId,
      digest.slice(0, 12),
      '--caption',
      'K-7, left side',
      ...officer,
    );
    const headerDigest = await release(draftId);
    await isState(headerDigest, 'holds');
    const listed = await json('attachment', 'list', hex(headerDigest), '--officer', federation.officer('XB'));
    const [file] = listed.attachments as { state: string; sha256: string; caption: string }[];
    expect(file).toMatchObject({ state: 'stored', sha256: digest, caption: 'K-7, left side' });
    const clean = await readAtXb(headerDigest, Buffer.from(digest, 'hex'));
    expect(hex(sha256(clean))).toBe(digest);
    for (const canary of CANARIES) expect(clean.includes(canary)).toBe(false);
    expect(clean.includes('IMG_0417')).toBe(false);
    const shown = await tocsin(['record', 'show', hex(headerDigest), '--officer', federation.officer('XB')]);
    expect(shown.stdout).not.toContain('IMG_0417');
  });

  test('100 MiB of files arrive byte for byte after kill -9 of the recipient, in flat memory, and are delivered only when stored', async () => {
    // The same with less than a third: what a collector leaves lying about for a while is in both.
    const small = watchMemory('XA', 'XB');
    const first = await draft();
    for (let file = 0; file < FEW; file += 1) await upload(first, text(90 + file));
    await isState(await release(first), 'holds');
    const before = small.stop();
    const stored = bytesIn('XB');

    const memory = watchMemory('XA', 'XB');
    const draftId = await draft();
    const digests: Uint8Array[] = [];
    for (let file = 0; file < FILES; file += 1) digests.push((await upload(draftId, text(file))).sha256);
    const headerDigest = await release(draftId);

    await eventually(
      'a third of it is at XB',
      () => (bytesIn('XB') - stored > 33 * MIB ? true : undefined),
      PATIENCE_MS,
    );
    expect(await holderState(headerDigest)).toBe('sent');
    await federation.signal('XB', 'SIGKILL');
    const killed = folder('XB');
    expect(await holderState(headerDigest)).toBe('sent');
    await federation.startNode('XB');
    await isState(headerDigest, 'holds');
    const peak = memory.stop();

    // The same files on the disk: nothing that was here was fetched again.
    const after = new Map(folder('XB').map(({ name, ino }) => [name, ino]));
    for (const { name, ino } of killed) expect(after.get(name.replace('.part', ''))).toBe(ino);
    expect(killed.some(({ name }) => name.endsWith('.part'))).toBe(true);
    expect([...after.keys()].filter((name) => name.endsWith('.part'))).toEqual([]);

    for (const file of [0, 4, FILES - 1])
      expect((await readAtXb(headerDigest, digests[file] ?? Buffer.alloc(0))).equals(text(file))).toBe(true);
    for (const id of ['XA', 'XB'])
      expect((peak.get(id) ?? 0) - (before.get(id) ?? 0)).toBeLessThan(GROWTH_BYTES);

    // Recalled, everything of it leaves the other's folder, and what other records name stays.
    await json(
      'record',
      'recall',
      hex(headerDigest),
      '--reason',
      'error',
      '--officer',
      federation.officer('XA', 'police', 'releaser'),
    );
    await isState(headerDigest, 'purged');
    await eventually('the files are gone', () => (bytesIn('XB') === stored ? true : undefined));
    const gone = await tocsin([
      ...[
        'attachment',
        'get',
        hex(headerDigest),
        hex(digests[0] ?? Buffer.alloc(0)),
        '--out',
        join(dir, 'none'),
      ],
      ...['--officer', federation.officer('XB')],
    ]);
    expect(gone.exitCode).not.toBe(0);
  });
});
