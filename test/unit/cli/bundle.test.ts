import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { BUNDLE_BYTES, readBundle, readMisconduct, receiveBundle } from '../../../src/cli/bundle.ts';
import { CliError } from '../../../src/cli/failure.ts';
import type { ExportEvidenceResponse } from '../../../src/gen/tocsin/desk/v1/record_service.ts';
import { MISCONDUCT_BYTES } from '../../../src/ledger/index.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tocsin-bundle-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A file of that size which takes no room on the disk. */
function sparse(path: string, bytes: number): string {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  truncateSync(file, bytes);
  return file;
}

describe('a bundle in a folder', () => {
  it('may have a history of rosters as large as a network may have', () => {
    sparse('roster-history.bin', LIMITS.messageBytes + 1);
    expect(readBundle(dir).get('roster-history.bin')?.length).toBe(LIMITS.messageBytes + 1);
    sparse('roster-history.bin', LIMITS.rosterHistoryBytes + 1);
    expect(() => readBundle(dir)).toThrow(/larger than any such file/);
  });

  it('has other files of a message at most, one of that name in a folder too', () => {
    for (const path of ['header.bin', 'receipts/roster-history.bin']) {
      const file = sparse(path, LIMITS.messageBytes);
      expect(readBundle(dir).get(path)?.length).toBe(LIMITS.messageBytes);
      truncateSync(file, LIMITS.messageBytes + 1);
      expect(() => readBundle(dir), path).toThrow(/larger than any such file/);
      rmSync(file);
    }
  });

  it('is bounded as a whole, before one file is read', () => {
    for (let at = 0; at < BUNDLE_BYTES / LIMITS.messageBytes; at += 1)
      sparse(`f${at}.bin`, LIMITS.messageBytes);
    expect(readBundle(dir).size).toBe(BUNDLE_BYTES / LIMITS.messageBytes);
    sparse('one-more.bin', 1);
    expect(() => readBundle(dir)).toThrow(/larger than any bundle/);
  });

  it('has 500 files and folders at most, counted while they are listed', () => {
    for (let at = 0; at < 498; at += 1) sparse(`f${at}.bin`, 1);
    sparse('witnesses/XA.statement.bin', 1);
    expect(readBundle(dir).size).toBe(499);
    mkdirSync(join(dir, 'one-more'));
    expect(() => readBundle(dir)).toThrow(/more than 500/);
  });
});

describe('a bundle that a node sends', () => {
  const piece = Buffer.alloc(LIMITS.messageBytes);
  const received = async (pieces: Iterable<{ path: string; data: Buffer }>) => {
    const exportEvidence = async function* (): AsyncGenerator<ExportEvidenceResponse> {
      for (const piece of pieces) yield { ...piece, last: true };
    };
    try {
      return (await receiveBundle({ records: { exportEvidence } }, new Uint8Array(32))).size;
    } catch (error) {
      return error instanceof CliError ? error.code : String(error);
    }
  };

  it('is as large as one in a folder at most', async () => {
    const whole = Array.from({ length: BUNDLE_BYTES / piece.length }, (_, at) => ({
      path: `f${at}.bin`,
      data: piece,
    }));
    expect(await received(whole)).toBe(whole.length);
    expect(await received([...whole, { path: 'f0.bin', data: Buffer.alloc(1) }])).toBe('REFUSED');
  });

  it('has 500 files at most', async () => {
    const files = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ path: `f${at}.bin`, data: Buffer.alloc(1) }));
    expect(await received(files(500))).toBe(500);
    expect(await received(files(501))).toBe('REFUSED');
  });
});

describe('a misconduct file', () => {
  it('has room for the whole history of rosters', () => {
    const file = sparse('x.misconduct', LIMITS.messageBytes + 1);
    expect(readMisconduct(file).length).toBe(LIMITS.messageBytes + 1);
    truncateSync(file, MISCONDUCT_BYTES + 1);
    expect(() => readMisconduct(file)).toThrow(/larger than any misconduct file/);
  });
});
