/** Files at the desk over real mutual TLS: into drafts, out of drafts and records, who may, and what breaks off goes on. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hex } from '../../src/base/bytes.ts';
import { LIMITS } from '../../src/base/limits.ts';
import { type Desk, DeskCallError, downloadFile, uploadFile } from '../../src/desk/index.ts';
import {
  AttachmentState,
  type AttachmentSummary,
  type UploadAttachmentRequest,
} from '../../src/gen/tocsin/desk/v1/attachment_service.ts';
import { SensitivityClass } from '../../src/gen/tocsin/record/v1/shared_facets.ts';
import { sha256 } from '../../src/record/index.ts';
import { removeUnnamed } from '../../src/store/index.ts';
import { fileOf, keepFile } from '../support/attachments.ts';
import { exampleContent } from '../support/contents.ts';
import { CANARIES, jpegWithCanaries } from '../support/pictures.ts';
import { deskWorld, type World } from '../unit/desk/desk-world.ts';

const CLASS = SensitivityClass.SENSITIVITY_CLASS_OPERATIONAL;
const TEXT = Buffer.from('Forty rifles, four crates.\n'.repeat(20_000));

let world: World;
let officer: Desk;
let releaser: Desk;
let police: Desk;
let auditor: Desk;

beforeAll(async () => {
  world = await deskWorld();
  const [first, second, third, fourth] = await Promise.all([
    world.officer('customs', 'officer'),
    world.officer('customs', 'releaser'),
    world.officer('hotline', 'operator'),
    world.officer('customs', 'auditor'),
  ]);
  officer = world.as(first);
  releaser = world.as(second);
  police = world.as(third);
  auditor = world.as(fourth);
});
afterAll(() => world[Symbol.asyncDispose]());

async function failure(call: Promise<unknown>): Promise<DeskCallError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof DeskCallError) return error;
    throw error;
  }
  throw new Error('expected the call to fail');
}

const drafted = async (desk = officer): Promise<string> =>
  (await desk.records.createDraft({ contentJson: JSON.stringify(exampleContent('seizure-notice')) })).draft
    ?.id ?? '';

let uploads = 0;
const fresh = (): string => {
  uploads += 1;
  return `upload-${uploads}`;
};

async function* pieces(bytes: Uint8Array, from = 0, piece = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = from; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}

const add = (draftId: string, bytes: Uint8Array, desk = officer): Promise<AttachmentSummary> =>
  uploadFile(desk, {
    draftId,
    uploadId: fresh(),
    bytes: bytes.length,
    caption: 'open crate',
    class: CLASS,
    redacted: false,
    read: (from) => pieces(bytes, from),
  });

async function got(
  desk: Desk,
  of: { readonly headerDigest?: Uint8Array; readonly draftId?: string },
  digest: Uint8Array,
  from = 0,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  await downloadFile(desk, {
    ...of,
    sha256: digest,
    from,
    write: async (data) => void parts.push(Buffer.from(data)),
  });
  return Buffer.concat(parts);
}

const options = (draftId: string, uploadId: string, bytes: number): UploadAttachmentRequest => ({
  entry: {
    $case: 'options',
    value: { draftId, uploadId, bytes: BigInt(bytes), caption: '', class: CLASS, redacted: false },
  },
});
const data = (value: Uint8Array): UploadAttachmentRequest => ({
  entry: { $case: 'data', value: Buffer.from(value) },
});

async function* sent(
  ...requests: readonly UploadAttachmentRequest[]
): AsyncGenerator<UploadAttachmentRequest> {
  yield* requests;
}

/** All answers to one call. */
async function told(requests: AsyncIterable<UploadAttachmentRequest>, desk = officer) {
  const answers = [];
  for await (const answer of desk.attachments.uploadAttachment(requests)) answers.push(answer);
  return answers;
}

const folder = (): string[] => readdirSync(join(world.xa.temporary.directory, 'blobs')).sort();

async function release(draftId: string): Promise<Uint8Array> {
  await officer.records.submitDraft({ draftId });
  const { record } = await releaser.records.releaseDraft({ draftId });
  return record?.headerDigest ?? new Uint8Array();
}

describe('a file into a draft', () => {
  it('has a caption of 500 characters at most', async () => {
    const captioned = async (caption: string) =>
      uploadFile(officer, {
        draftId: await drafted(),
        uploadId: `caption-${caption.length}`,
        bytes: 5,
        caption,
        class: CLASS,
        redacted: false,
        read: async function* () {
          yield Buffer.from('text\n');
        },
      });
    expect((await captioned('c'.repeat(500))).caption).toHaveLength(500);
    await expect(captioned('c'.repeat(501))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      violations: [expect.objectContaining({ field: 'options.caption' })],
    });
  });

  it('gets another caption until its draft is submitted, by its drafter, and stays the same file', async () => {
    const draftId = await drafted();
    const first = await add(draftId, Buffer.from('first\n'));
    const second = await add(draftId, Buffer.from('second\n'));
    const described = async (caption: string, desk = officer, digest: Uint8Array = first.sha256) =>
      (await desk.attachments.describeAttachment({ draftId, sha256: digest, caption })).attachment;
    const captions = async () =>
      (await officer.attachments.listAttachments({ draftId })).attachments.map(({ caption }) => caption);
    expect(await described('forty plates')).toEqual({
      ...first,
      caption: 'forty plates',
      fileName: 'forty plates.txt',
    });
    // Twice is once; only that file; nothing said is a caption too.
    await described('forty plates');
    expect(await captions()).toEqual(['forty plates', second.caption]);
    expect(await described('', officer, second.sha256)).toMatchObject({ caption: '' });
    expect(await described('c'.repeat(500))).toMatchObject({ caption: 'c'.repeat(500) });
    expect(await failure(described('c'.repeat(501)))).toMatchObject({
      code: 'INVALID_REQUEST',
      violations: [expect.objectContaining({ field: 'caption' })],
    });
    expect((await failure(described('x', officer, new Uint8Array(32)))).code).toBe('NOT_FOUND');
    expect((await failure(described('x', releaser))).code).toBe('NOT_DRAFTER');
    expect((await failure(described('x', police))).code).toBe('NOT_FOUND');
    await described('open crate, as found');
    const rows = (await world.xa.temporary.store.read((tx) => tx.audit.rowsAfter(0n, 1_000))).filter(
      ({ action, subject }) => action === 'draft.described' && subject === draftId,
    );
    expect(rows).toHaveLength(4);
    await officer.records.submitDraft({ draftId });
    expect((await failure(described('too late'))).code).toBe('NOT_EDITABLE');
    const { record } = await releaser.records.releaseDraft({ draftId });
    const headerDigest = record?.headerDigest ?? Buffer.alloc(0);
    const { attachments } = await officer.attachments.listAttachments({ headerDigest });
    expect(attachments.map(({ caption }) => caption)).toEqual(['open crate, as found', '']);
    expect(await got(officer, { headerDigest }, first.sha256)).toEqual(Buffer.from('first\n'));
  });

  it('is cleaned, encrypted in the folder, named in the draft, and read again from it and from the record', async () => {
    const draftId = await drafted();
    const picture = jpegWithCanaries();
    const added = await add(draftId, picture);
    expect(added).toMatchObject({ mime: 'image/jpeg', caption: 'open crate', fileName: 'open crate.jpg' });
    expect(added.size).toBeLessThan(picture.length);
    const clean = await got(officer, { draftId }, added.sha256);
    expect(hex(sha256(clean))).toBe(hex(added.sha256));
    for (const canary of CANARIES) expect(clean.includes(canary)).toBe(false);

    const { contentJson } = await officer.records.getDraft({ draftId });
    const [file] = (
      JSON.parse(contentJson) as { facets: { attachments: { files: Record<string, unknown>[] } } }
    ).facets.attachments.files;
    expect(file).toMatchObject({
      sha256: Buffer.from(added.sha256).toString('base64'),
      mime: 'image/jpeg',
      size: added.size,
      metadataStripped: true,
    });
    expect(Buffer.from(String(file?.fileKey), 'base64')).toHaveLength(32);
    expect(folder()).toContain(hex(Buffer.from(String(file?.blobSha256), 'base64')));

    const headerDigest = await release(draftId);
    const { attachments } = await releaser.attachments.listAttachments({ headerDigest });
    expect(attachments).toMatchObject([{ state: AttachmentState.ATTACHMENT_STATE_STORED, size: added.size }]);
    expect(await got(releaser, { headerDigest }, added.sha256)).toEqual(clean);
    expect(await got(releaser, { headerDigest }, added.sha256, added.size - 3)).toEqual(clean.subarray(-3));
  });

  it('added twice is in it once, and one blob is kept', async () => {
    const draftId = await drafted();
    const before = folder().length;
    const first = await add(draftId, TEXT);
    expect((await add(draftId, TEXT)).sha256).toEqual(first.sha256);
    expect((await officer.attachments.listAttachments({ draftId })).attachments).toHaveLength(1);
    expect(folder()).toHaveLength(before + 1);
  });

  it('goes on at the byte where a call broke off, and the same id once more answers the same file', async () => {
    const draftId = await drafted();
    const uploadId = fresh();
    const text = Buffer.from('Forty rifles, four crates.\n'.repeat(120_000));
    const stop = new AbortController();
    async function* broken(): AsyncGenerator<UploadAttachmentRequest> {
      yield options(draftId, uploadId, text.length);
      for await (const piece of pieces(text.subarray(0, 1_500_000))) yield data(piece);
      await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
    }
    const broke = failure(
      (async () => {
        for await (const { received } of officer.attachments.uploadAttachment(broken(), {
          signal: stop.signal,
        }))
          if (received >= 1_048_576n) stop.abort();
      })(),
    );
    expect((await broke).statusName).toBe('CANCELLED');
    const from: number[] = [];
    const upload = {
      draftId,
      uploadId,
      bytes: text.length,
      caption: '',
      class: CLASS,
      redacted: false,
      read: (at: number) => {
        from.push(at);
        return pieces(text, at);
      },
    };
    const file = await uploadFile(officer, upload);
    expect(from).toHaveLength(1);
    expect(from[0]).toBeGreaterThanOrEqual(1_048_576);
    expect(file.size).toBe(text.length);
    expect(await got(officer, { draftId }, file.sha256)).toEqual(text);
    expect((await uploadFile(officer, upload)).sha256).toEqual(file.sha256);
    expect(from[1]).toBe(text.length);
    const another = await failure(told(sent(options(draftId, uploadId, text.length + 1))));
    expect(another.code).toBe('STATE');
  });

  it('is refused by its size before it is read, and where it is longer than announced', async () => {
    const draftId = await drafted();
    const large = await failure(told(sent(options(draftId, fresh(), LIMITS.attachmentBytes + 1))));
    expect(large).toMatchObject({ code: 'INVALID_REQUEST', violations: [{ field: 'options.bytes' }] });
    const most = await failure(told(sent(options(draftId, fresh(), LIMITS.attachmentBytes))));
    expect(most.code).toBe('UPLOAD_UNFINISHED');
    expect((await failure(told(sent(options(draftId, fresh(), 0))))).code).toBe('INVALID_REQUEST');
    const longer = await failure(told(sent(options(draftId, fresh(), 10), data(TEXT.subarray(0, 11)))));
    expect(longer).toMatchObject({ code: 'UPLOAD_REFUSED', reason: 'ATTACHMENT_REFUSED' });
    const first = await failure(told(sent(data(TEXT.subarray(0, 11)))));
    expect(first.code).toBe('UPLOAD_REFUSED');
    const piece = await failure(
      told(sent(options(draftId, fresh(), TEXT.length), data(TEXT.subarray(0, 262_145)))),
    );
    expect(piece.code).toBe('UPLOAD_REFUSED');
    const full = sent(options(draftId, fresh(), 262_144), data(TEXT.subarray(0, 262_144)));
    expect((await told(full)).at(-1)?.attachment?.size).toBe(262_144);
  });

  it.each([
    ['a PDF', Buffer.from('%PDF-1.7 of somebody'), 'TYPE_REFUSED'],
    ['a page that runs', Buffer.from('<html><script>x</script></html>'), 'TYPE_REFUSED'],
    ['a picture cut short', jpegWithCanaries().subarray(0, 60), 'NOT_WHOLE'],
    [
      'what only begins as a picture',
      Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(500, 9)]),
      'MALFORMED',
    ],
  ])('is refused where it is %s, with what to do, and nothing is kept', async (_, bytes, code) => {
    const draftId = await drafted();
    const before = folder();
    const refused = await failure(add(draftId, bytes));
    expect(refused).toMatchObject({ statusName: 'INVALID_ARGUMENT', reason: 'ATTACHMENT_REFUSED' });
    expect([code, 'NOT_WHOLE']).toContain(refused.code);
    expect((await officer.attachments.listAttachments({ draftId })).attachments).toEqual([]);
    expect(folder()).toEqual(before);
  });

  it('is for its drafter, before it is submitted, of a kind that takes files', async () => {
    const draftId = await drafted();
    expect((await failure(add(draftId, TEXT, releaser))).code).toBe('NOT_DRAFTER');
    expect((await failure(add(draftId, TEXT, police))).code).toBe('NOT_FOUND');
    expect((await failure(add('0'.repeat(32), TEXT))).code).toBe('NOT_FOUND');
    await officer.records.submitDraft({ draftId });
    expect((await failure(add(draftId, TEXT))).code).toBe('NOT_EDITABLE');
  });

  it(`is one of ${LIMITS.attachmentsPerRecord} at most`, async () => {
    const file = (at: number) => ({
      sha256: Buffer.alloc(32, at + 1).toString('base64'),
      blobSha256: Buffer.alloc(32, at + 1).toString('base64'),
      fileKey: Buffer.alloc(32, 3).toString('base64'),
      mime: 'image/jpeg',
      size: 10,
      class: 'operational',
      metadataStripped: true,
    });
    const draftOf = async (count: number) => {
      const content = exampleContent('seizure-notice') as { facets: object };
      const attachments = { files: Array.from({ length: count }, (_, at) => file(at)) };
      const contentJson = JSON.stringify({ ...content, facets: { ...content.facets, attachments } });
      return (await officer.records.createDraft({ contentJson })).draft?.id ?? '';
    };
    const draftId = await draftOf(LIMITS.attachmentsPerRecord - 1);
    await add(draftId, TEXT);
    expect(await failure(add(draftId, fileText(50)))).toMatchObject({
      code: 'INVALID',
      violations: [{ field: 'facets.attachments.files', reason: 'TOO_MANY' }],
    });
    const { attachments } = await officer.attachments.listAttachments({ draftId });
    expect(attachments).toHaveLength(LIMITS.attachmentsPerRecord);
  });

  it('waits in bounded number', async () => {
    const hasty = world.as(await world.officer('customs', 'officer', 'Hasty'));
    const draftId = await drafted(hasty);
    const begun = () =>
      failure(told(sent(options(draftId, fresh(), 1_000), data(TEXT.subarray(0, 10))), hasty));
    for (let open = 0; open < LIMITS.uploadsPerOfficer; open += 1)
      expect(await begun()).toMatchObject({ code: 'UPLOAD_UNFINISHED', statusName: 'UNAVAILABLE' });
    expect(await begun()).toMatchObject({ code: 'BUSY', statusName: 'RESOURCE_EXHAUSTED', reason: 'BUSY' });
  });
});

describe('a draft that names files', () => {
  it('cannot be submitted where a file is not here', async () => {
    const content = exampleContent('seizure-notice') as { facets: object };
    const attachments = {
      files: [
        {
          sha256: Buffer.alloc(32, 1).toString('base64'),
          blobSha256: Buffer.alloc(32, 2).toString('base64'),
          fileKey: Buffer.alloc(32, 3).toString('base64'),
          mime: 'image/jpeg',
          size: 10,
          class: 'operational',
          metadataStripped: true,
        },
      ],
    };
    const contentJson = JSON.stringify({ ...content, facets: { ...content.facets, attachments } });
    const { draft } = await officer.records.createDraft({ contentJson });
    const refused = await failure(officer.records.submitDraft({ draftId: draft?.id ?? '' }));
    expect(refused).toMatchObject({
      code: 'INVALID',
      violations: [{ field: 'facets.attachments.files[0].blobSha256', reason: 'NOT_STORED' }],
    });
  });

  it('keeps its blobs while it is open; given up, they go', async () => {
    const draftId = await drafted();
    const { sha256: digest } = await add(draftId, fileText(7));
    const { store, blobs } = world.xa.temporary;
    const before = folder();
    await removeUnnamed(store, blobs);
    expect(await got(officer, { draftId }, digest)).toEqual(fileText(7));
    await officer.records.discardDraft({ draftId });
    expect(await removeUnnamed(store, blobs)).toBeGreaterThan(0);
    expect(folder().length).toBeLessThan(before.length);
  });
});

const fileText = (seed: number): Buffer => Buffer.from(`list ${seed}\n`.repeat(5_000));

describe("a file of a partner's record", () => {
  it('is pending until its blob is here, read under the facet, and every reading is in the audit', async () => {
    const { xa, xb } = world;
    const file = fileOf(200_000);
    const kept = await keepFile({ ...xb.temporary, blobs: xb.temporary.blobs }, file);
    const content = exampleContent('seizure-notice') as { marking: object; facets: object };
    const attachment = {
      sha256: kept.sha256.toString('base64'),
      blobSha256: kept.blobSha256.toString('base64'),
      fileKey: kept.fileKey.toString('base64'),
      mime: kept.mime,
      size: kept.size,
      caption: '../../etc/passwd',
      class: 'operational',
      metadataStripped: true,
    };
    const headerDigest = await world.release(xb, {
      ...content,
      marking: { releasableTo: ['XA'], purposes: ['investigation'], alsoFacets: ['attachments'] },
      facets: { ...content.facets, attachments: { files: [attachment] } },
    });
    await world.deliver(headerDigest);
    const { store, blobs } = xa.temporary;
    const wait = {
      headerDigest,
      blobDigest: kept.blobSha256,
      sender: 'XB',
      lane: 1,
      incarnation: 1,
      seq: 1n,
    } as const;
    await store.write((tx) => tx.attachments.wait([wait], 1));
    const investigator = world.as(await world.officer('police', 'releaser'));
    const list = async () => (await investigator.attachments.listAttachments({ headerDigest })).attachments;
    expect(await list()).toMatchObject([{ state: AttachmentState.ATTACHMENT_STATE_PENDING }]);
    const pending = await failure(got(investigator, { headerDigest }, kept.sha256));
    expect(pending).toMatchObject({ code: 'ATTACHMENT_PENDING', statusName: 'UNAVAILABLE' });

    await store.write((tx) => tx.attachments.settle([wait]));
    expect(await list()).toMatchObject([{ state: AttachmentState.ATTACHMENT_STATE_MISSING }]);
    expect((await failure(got(investigator, { headerDigest }, kept.sha256))).code).toBe('STATE');

    await using blob = await blobs.create();
    for await (const piece of xb.temporary.blobs.read(kept.blobSha256)) await blob.append(piece);
    const { digest, size } = await blob.finish();
    await store.write((tx) => tx.attachments.keep({ digest, size, at: 1 }));
    const [shown] = await list();
    expect(shown).toMatchObject({ state: AttachmentState.ATTACHMENT_STATE_STORED });
    expect(shown?.fileName).not.toMatch(/[/\\]|^\./);
    expect(await got(investigator, { headerDigest }, kept.sha256)).toEqual(file);
    expect(await got(investigator, { headerDigest }, kept.sha256, 70_000)).toEqual(file.subarray(70_000));
    expect((await failure(got(investigator, { headerDigest }, kept.sha256, file.length + 1))).code).toBe(
      'INVALID_REQUEST',
    );
    expect((await failure(got(investigator, { headerDigest }, Buffer.alloc(32, 1)))).code).toBe('NOT_FOUND');
    // Another desk group's purposes do not include the investigation: there is no such file for it.
    const licensing = world.as(await world.officer('licensing', 'officer'));
    expect((await failure(got(licensing, { headerDigest }, kept.sha256))).code).toBe('NOT_FOUND');
    expect((await failure(officer.attachments.listAttachments({}))).code).toBe('INVALID_REQUEST');

    const { rows } = await auditor.audit.listAudit({ subject: hex(headerDigest) });
    const read = rows.filter(({ action }) => action === 'attachment.read');
    expect(read).toHaveLength(2);
    expect(
      JSON.stringify(read[0], (_, value) => (typeof value === 'bigint' ? Number(value) : value)),
    ).toContain(hex(kept.sha256));
  });
});
