/** The folder of encrypted attachments beside its rows: what a crash leaves at any moment, what a sweep may not touch. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hex } from '../../../src/base/bytes.ts';
import { sha256 } from '../../../src/record/index.ts';
import { blobBytesOf, openBlob, sealBlob } from '../../../src/seal/index.ts';
import { removeUnnamed, sweepBlobs } from '../../../src/store/index.ts';
import { blobName, fileOf, keepFile, readFile } from '../../support/attachments.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

const MIB = 1024 * 1024;
const NOBODY = { headerDigest: new Uint8Array(32), sender: 'XB', lane: 1, incarnation: 1, seq: 1n } as const;

let temporary: TemporaryStore;
beforeEach(async () => {
  temporary = await temporaryStore();
});
afterEach(() => temporary[Symbol.asyncDispose]());

const folder = (): string[] => readdirSync(join(temporary.directory, 'blobs')).sort();
const sweep = () => sweepBlobs(temporary.store, temporary.blobs, 5);
const alarms = async () =>
  (await temporary.store.read((tx) => tx.alarms.list({ limit: 10 }))).items.map(({ code }) => code);

describe('a blob that is fetched', () => {
  it('is whole under its digest or not there at all, whatever came and however often it was begun', async () => {
    const bytes = fileOf(100_000);
    const digest = sha256(bytes);
    {
      await using part = await temporary.blobs.part(digest);
      await part.append(bytes.subarray(0, 60_000));
    }
    expect(await temporary.blobs.size(digest)).toBeUndefined();
    {
      await using part = await temporary.blobs.part(digest);
      expect(part.size).toBe(60_000);
      await part.append(bytes.subarray(60_000));
      expect(await part.finish()).toBe(true);
    }
    expect(folder()).toEqual([hex(digest)]);
    expect(readFileSync(join(temporary.directory, 'blobs', hex(digest)))).toEqual(bytes);
  });

  it('is thrown away where its bytes are others, also those that a process before wrote', async () => {
    const bytes = fileOf(1_000);
    const digest = sha256(bytes);
    writeFileSync(join(temporary.directory, 'blobs', `${hex(digest)}.part`), Buffer.alloc(500, 1));
    await using part = await temporary.blobs.part(digest);
    await part.append(bytes.subarray(500));
    expect(await part.finish()).toBe(false);
    expect(folder()).toEqual([]);
  });
});

describe('after a crash', () => {
  it.each([
    ['while a file was written', 'abc.new'],
    ['before its row was committed', 'a'.repeat(64)],
    ['while one was fetched that nobody waits for any more', `${'b'.repeat(64)}.part`],
  ])('%s, nothing of it is left', async (_, name) => {
    const kept = await keepFile(temporary, fileOf(10));
    writeFileSync(join(temporary.directory, 'blobs', name), 'x');
    expect(await sweep()).toEqual([]);
    expect(folder()).toEqual([blobName(kept)]);
    expect(await alarms()).toEqual([]);
  });

  it('what is still waited for stays as far as it came', async () => {
    const digest = sha256(fileOf(10));
    await temporary.store.write((tx) => tx.attachments.wait([{ ...NOBODY, blobDigest: digest }], 1));
    writeFileSync(join(temporary.directory, 'blobs', `${hex(digest)}.part`), 'x');
    await sweep();
    expect(folder()).toEqual([`${hex(digest)}.part`]);
  });

  it('between the row that is gone and the file that is not, the file follows at the next start', async () => {
    const kept = await keepFile(temporary, fileOf(10));
    await temporary.store.write((tx) => tx.attachments.forget([kept.blobSha256]));
    await sweep();
    expect(folder()).toEqual([]);
  });

  it('a file that somebody took away is an alarm, and its row does not claim that it is here', async () => {
    const kept = await keepFile(temporary, fileOf(10));
    await temporary.blobs.remove([kept.blobSha256]);
    expect((await sweep()).map(hex)).toEqual([blobName(kept)]);
    expect(await alarms()).toEqual(['ATTACHMENT_LOST']);
    expect((await temporary.store.read((tx) => tx.attachments.held([kept.blobSha256]))).size).toBe(0);
  });
});

describe('what nothing names', () => {
  const draft = (id: string, state: 'draft' | 'discarded', blob: Uint8Array) => ({
    id,
    kind: 'seizure-notice',
    content: JSON.stringify({
      facets: { attachments: { files: [{ blobSha256: Buffer.from(blob).toString('base64') }] } },
    }),
    state,
    drafter: 'aa',
    drafterName: 'Anna',
    deskGroup: 2,
    note: '',
    flags: '[]',
    createdAt: 1,
    updatedAt: 1,
  });

  it('is removed, and what an open draft names is not, however many there are', async () => {
    const { store, blobs } = temporary;
    const named = await Promise.all([1, 2, 3].map((seed) => keepFile(temporary, fileOf(50, seed))));
    await store.write((tx) =>
      tx.drafts.insert(named.map(({ blobSha256 }, at) => draft(`d${at}`, 'draft', blobSha256))),
    );
    const gone = await keepFile(temporary, fileOf(50, 9));
    await store.write((tx) => tx.drafts.insert([draft('old', 'discarded', gone.blobSha256)]));
    expect(await removeUnnamed(store, blobs)).toBe(1);
    expect(folder()).toEqual(named.map(blobName).sort());
    expect(await removeUnnamed(store, blobs)).toBe(0);
    for (const [at, file] of named.entries()) expect(await readFile(blobs, file)).toEqual(fileOf(50, at + 1));
  });
});

describe('memory', () => {
  it('does not grow with the file: 256 MiB are encrypted, kept, read back and decrypted within 96 MiB more', async () => {
    const key = Buffer.alloc(32, 3);
    async function* file(size: number): AsyncGenerator<Uint8Array> {
      const piece = fileOf(64 * 1024);
      for (let at = 0; at < size; at += piece.length) yield piece;
    }
    const pass = async (size: number): Promise<number> => {
      let most = 0;
      await using blob = await temporary.blobs.create();
      for await (const chunk of sealBlob(key, file(size))) {
        await blob.append(chunk);
        most = Math.max(most, process.memoryUsage().rss);
      }
      const { digest, size: stored } = await blob.finish();
      expect(stored).toBe(blobBytesOf(size));
      let read = 0;
      for await (const piece of openBlob(key, temporary.blobs.read(digest))) {
        read += piece.length;
        most = Math.max(most, process.memoryUsage().rss);
      }
      expect(read).toBe(size);
      return most;
    };
    // What a first file makes the process keep is not growth.
    const before = await pass(16 * MIB);
    expect((await pass(256 * MIB)) - before).toBeLessThan(96 * MIB);
  }, 300_000);
});
