import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/base/clock.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { Uploads } from '../../../src/desk/upload.ts';
import { temporaryStore } from '../../support/temporary-store.ts';

describe('uploads', () => {
  it(`of all officers are ${LIMITS.uploadsAtOnce} at once; one given up, or forgotten, makes room`, async () => {
    await using temporary = await temporaryStore();
    const clock = { ms: 0, nowMs: () => clock.ms };
    const uploads = new Uploads({ blobs: temporary.blobs, random: systemRandom, clock });
    const open = (at: number) =>
      uploads.open({
        officer: `officer ${Math.floor(at / LIMITS.uploadsPerOfficer)}`,
        draftId: '00',
        uploadId: `${at}`,
        bytes: 10,
      });
    const begun = [];
    for (let at = 0; at < LIMITS.uploadsAtOnce; at++) begun.push(await open(at));
    const busy = { code: 'BUSY', message: expect.stringContaining(`${LIMITS.uploadsAtOnce} together`) };
    await expect(open(LIMITS.uploadsAtOnce)).rejects.toMatchObject(busy);
    // One that is open already goes on.
    expect(await open(0)).toBe(begun[0]);
    if (begun[1]) await uploads.drop(begun[1]);
    await open(LIMITS.uploadsAtOnce);
    await expect(open(LIMITS.uploadsAtOnce + 1)).rejects.toMatchObject(busy);
    clock.ms += 11 * 60_000;
    const last = await open(LIMITS.uploadsAtOnce + 1);
    await uploads.drop(last);
  });
});
