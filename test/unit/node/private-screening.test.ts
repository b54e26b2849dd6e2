/** Files of the secret keys of private screening: their owner's alone, a month each, gone when they are removed. */
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pathsOf } from '../../../src/node/config.ts';
import { openSecretMonthKeys } from '../../../src/node/private-screening.ts';

let dir: string;
let folder: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tocsin-private-'));
  folder = join(dir, 'keys', 'private-screening');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
const secret = new Uint8Array(32).fill(5);

describe('the secret key of a month', () => {
  it('is kept for its owner alone, read again after a restart, and removed', async () => {
    const files = await openSecretMonthKeys(pathsOf(dir));
    expect(await files.read('2026-11')).toBeUndefined();
    await files.keep('2026-11', secret);
    await files.keep('2026-12', secret);
    expect([await modeOf(folder), await modeOf(join(folder, '2026-11'))]).toEqual([0o700, 0o600]);
    const again = await openSecretMonthKeys(pathsOf(dir));
    expect(await again.read('2026-11')).toEqual(secret);
    await again.remove('2026-11');
    expect([await again.months(), await readdir(folder)]).toEqual([['2026-12'], ['2026-12']]);
    expect(await again.read('2026-11')).toBeUndefined();
  });

  it('is refused where others can read it', async () => {
    const files = await openSecretMonthKeys(pathsOf(dir));
    await files.keep('2026-11', secret);
    await chmod(join(folder, '2026-11'), 0o640);
    await expect(files.read('2026-11')).rejects.toThrow(
      expect.objectContaining({ code: 'SECRET_PERMISSIONS' }),
    );
  });

  it('is no other file that lies there', async () => {
    const files = await openSecretMonthKeys(pathsOf(dir));
    await writeFile(join(folder, '2026-11.bak'), secret);
    await writeFile(join(folder, '..month'), secret);
    expect(await files.months()).toEqual([]);
  });
});
