/** A photograph of seized arms that says where it was taken: what its recipients get does not. */

import { Readable } from 'node:stream';
import { crc32, deflateSync } from 'node:zlib';
import { downloadFile, uploadFile } from '../../../desk/index.ts';
import { SensitivityClass } from '../../../gen/tocsin/record/v1/shared_facets.ts';
import { CliError } from '../../failure.ts';
import { seizure } from '../story.ts';
import { waitForReceipts } from '../tell.ts';
import { assertThat, type Trial, until, whenHeld } from './stage.ts';

const WHERE = 'taken at 12.3456 N 45.6789 E by officer 4471';
const SIDE = 256;
const PATIENCE_MS = 90_000;

/** Length, type, data, CRC-32 (PNG, section 5.3). */
function chunk(type: string, data: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A grey picture with a text in it, as a camera's program would write it. */
function photograph(): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(SIDE, 0);
  head.writeUInt32BE(SIDE, 4);
  head[8] = 8;
  const rows = Buffer.alloc((SIDE + 1) * SIDE, 0x55);
  for (let row = 0; row < SIDE; row++) rows[row * (SIDE + 1)] = 0;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('tEXt', Buffer.from(`Comment\0${WHERE}`, 'latin1')),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

export const picture: Trial = {
  key: 'picture',
  title: 'Arvenian customs add a photograph of the find, with the place in its metadata',
  async play(stage) {
    const { desks } = stage;
    const officer = desks.of('XA', 'customs');
    const { draft } = await officer.records.createDraft({
      contentJson: JSON.stringify({
        ...seizure(Date.now()),
        priority: 'routine',
        marking: {
          releasableTo: ['XC'],
          purposes: ['customs-control', 'border', 'investigation'],
          alsoFacets: ['attachments'],
        },
      }),
    });
    const draftId = draft?.id ?? '';
    const bytes = photograph();
    const file = await uploadFile(officer, {
      draftId,
      uploadId: 'photograph',
      bytes: bytes.length,
      caption: 'the false wall',
      class: SensitivityClass.SENSITIVITY_CLASS_OPERATIONAL,
      redacted: false,
      read: (from) => Readable.from([bytes.subarray(from)]),
    });
    await officer.records.submitDraft({ draftId });
    const { record } = await desks.of('XA', 'customs', 'releaser').records.releaseDraft({ draftId });
    if (record === undefined) throw new CliError('DEMO_FAILED', 'the node named no record');
    const { headerDigest, recordId } = record;
    await whenHeld(stage, 'XC', headerDigest, ['attachments']);
    await waitForReceipts(
      desks,
      { key: 'picture', originator: 'XA', desk: 'customs', headerDigest, recordId, exercise: false },
      PATIENCE_MS,
    );
    const customs = desks.of('XC', 'customs');
    const got: Uint8Array[] = [];
    await until('Cavelia reads the file', async () => {
      got.length = 0;
      await downloadFile(customs, {
        headerDigest,
        sha256: file.sha256,
        from: 0,
        write: async (data) => {
          got.push(data);
        },
      });
      return true as const;
    });
    const whole = Buffer.concat(got);
    assertThat(whole.length === file.size, `the whole file came; ${whole.length} of ${file.size} bytes did`);
    assertThat(!whole.includes(WHERE), 'the place is not in it any more');
    return [
      `${bytes.length - whole.length} of its ${bytes.length} bytes were metadata and never left the desk; Cavelia reads the other ${whole.length}`,
      'the record counted as delivered only when the encrypted file was stored there',
    ];
  },
};
