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

  it('is kept while it comes in, ten minutes from its last piece, and no longer than an hour', async () => {
    await using temporary = await temporaryStore();
    const clock = { ms: 0, nowMs: () => clock.ms };
    const uploads = new Uploads({ blobs: temporary.blobs, random: systemRandom, clock });
    const open = (uploadId: string) =>
      uploads.open({ officer: 'officer', draftId: '00', uploadId, bytes: 1_000 });
    const slow = await open('slow');
    const turn = slow.begin();
    const minutes = 60_000;
    for (let at = 9; at <= 54; at += 9) {
      clock.ms = at * minutes;
      await slow.push(turn, Buffer.from('words of a text\n'));
      await uploads.drop(await open(`other ${at}`));
      expect(await open('slow')).toBe(slow);
    }
    clock.ms = 60 * minutes;
    await slow.push(turn, Buffer.from('more\n'));
    await uploads.drop(await open('at the hour'));
    await slow.push(turn, Buffer.from('more\n'));
    clock.ms += 1;
    const last = await open('after it');
    await expect(slow.push(turn, Buffer.from('late\n'))).rejects.toMatchObject({ code: 'UPLOAD_REFUSED' });
    await uploads.drop(last);
  });
});
