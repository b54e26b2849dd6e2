/** `tocsin attachment add|describe|list|get`. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hex } from '../../base/bytes.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Desk, downloadFile, uploadFile } from '../../desk/index.ts';
import { AttachmentState, type AttachmentSummary } from '../../gen/tocsin/desk/v1/attachment_service.ts';
import { SensitivityClass } from '../../gen/tocsin/record/v1/shared_facets.ts';
import { type AsOfficer, headerDigestOf, openOfficerDesk } from '../desk-access.ts';
import { CliError } from '../failure.ts';
import { sizeOfInput } from '../files.ts';
import { nameOf } from '../names.ts';
import { type Output, shown } from '../print.ts';
import { createProgress } from '../progress.ts';

const PIECE_BYTES = 128 * 1024;

const CLASSES: Readonly<Record<string, SensitivityClass>> = {
  summary: SensitivityClass.SENSITIVITY_CLASS_SUMMARY,
  operational: SensitivityClass.SENSITIVITY_CLASS_OPERATIONAL,
  commercial: SensitivityClass.SENSITIVITY_CLASS_COMMERCIAL,
  personal: SensitivityClass.SENSITIVITY_CLASS_PERSONAL,
};

export async function add(
  [draftId = '', path = '']: readonly string[],
  options: AsOfficer & { readonly class: string; readonly caption: string; readonly redacted?: boolean },
  output: Output,
): Promise<void> {
  const bytes = sizeOfInput(path);
  if (bytes === 0 || bytes > LIMITS.attachmentBytes)
    throw new CliError('FILE_INVALID', `expected 1 to ${LIMITS.attachmentBytes} bytes, ${path} has ${bytes}`);
  using desk = openOfficerDesk(options);
  const progress = createProgress('upload');
  let file: AttachmentSummary;
  try {
    file = await uploadFile(desk, {
      draftId,
      uploadId: randomUUID(),
      bytes,
      caption: options.caption,
      class: CLASSES[options.class] ?? SensitivityClass.SENSITIVITY_CLASS_UNSPECIFIED,
      redacted: options.redacted === true,
      read: (from) => createReadStream(path, { start: from, end: bytes - 1, highWaterMark: PIECE_BYTES }),
      onProgress: (received) => progress.at('sending', received, bytes),
    });
  } finally {
    progress.end();
  }
  const less = bytes - file.size;
  output.line(
    `added ${hex(file.sha256)}: ${file.mime}, ${file.size} bytes${less > 0 ? `, ${less} bytes of metadata removed` : ''}`,
  );
  output.line(`next: \`tocsin record submit ${draftId}\``);
  output.document({ draft: draftId, attachment: documentOf(file) });
}

interface OfWhat extends AsOfficer {
  readonly draft?: boolean;
}

const named = async (desk: Desk, reference: string, { draft }: OfWhat) =>
  draft === true ? { draftId: reference } : { headerDigest: await headerDigestOf(desk, reference) };

export async function listFiles(
  [reference = '']: readonly string[],
  options: OfWhat,
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { attachments } = await desk.attachments.listAttachments(await named(desk, reference, options));
  output.table(
    ['file', 'type', 'bytes', 'class', 'state', 'shows'],
    attachments.map((file) => [
      hex(file.sha256).slice(0, 16),
      shown(file.mime),
      String(file.size),
      nameOf(SensitivityClass, 'SENSITIVITY_CLASS_', file.class),
      nameOf(AttachmentState, 'ATTACHMENT_STATE_', file.state),
      shown(file.caption),
    ]),
  );
  output.document({ attachments: attachments.map(documentOf) });
}

/** The one file whose digest begins so. */
async function fileBy(
  desk: Desk,
  of: Awaited<ReturnType<typeof named>>,
  digits: string,
): Promise<AttachmentSummary> {
  const { attachments } = await desk.attachments.listAttachments(of);
  const found = attachments.filter(
    ({ sha256 }) => digits !== '' && hex(sha256).startsWith(digits.toLowerCase()),
  );
  const [file] = found;
  if (file === undefined || found.length > 1)
    throw new CliError(
      'NOT_FOUND',
      `expected the digits of one file, ${found.length} begin so; see \`tocsin attachment list\``,
    );
  return file;
}

export async function describeFile(
  [draftId = '', digits = '']: readonly string[],
  options: AsOfficer & { readonly caption: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const { sha256 } = await fileBy(desk, { draftId }, digits);
  const { caption } = options;
  const { attachment } = await desk.attachments.describeAttachment({ draftId, sha256, caption });
  if (attachment === undefined) throw new CliError('NOT_FOUND', 'the draft no longer names the file');
  output.line(`${hex(sha256)}: ${attachment.caption === '' ? 'no caption' : shown(attachment.caption)}`);
  output.document({ draft: draftId, attachment: documentOf(attachment) });
}

export async function get(
  [reference = '', digits = '']: readonly string[],
  options: OfWhat & { readonly out: string },
  output: Output,
): Promise<void> {
  using desk = openOfficerDesk(options);
  const of = await named(desk, reference, options);
  const file = await fileBy(desk, of, digits);
  const isFolder = statSync(options.out, { throwIfNoEntry: false })?.isDirectory() === true;
  const path = isFolder ? join(options.out, file.fileName) : options.out;
  if (existsSync(path)) throw new CliError('FILE_INVALID', `${path} exists; it is not overwritten`);
  await download(desk, { ...of, file, path });
  output.line(`read ${file.size} bytes (${shown(file.mime)}) into ${path}`);
  output.document({ path, attachment: documentOf(file) });
}

interface Download {
  readonly headerDigest?: Uint8Array;
  readonly draftId?: string;
  readonly file: AttachmentSummary;
  readonly path: string;
}

/** Into `<path>.part`, which the next call goes on with; under its name it is whole and what its digest says. */
async function download(desk: Desk, { file, path, ...of }: Download): Promise<void> {
  const partPath = `${path}.part`;
  const part = await open(partPath, 'a+', 0o600);
  try {
    const { size } = await part.stat();
    const from = size > file.size ? 0 : size;
    if (from < size) await part.truncate(0);
    await downloadFile(desk, {
      ...of,
      sha256: file.sha256,
      from,
      write: async (data) => {
        await part.appendFile(data);
      },
    });
    await part.sync();
  } finally {
    await part.close();
  }
  const hash = createHash('sha256');
  for await (const piece of createReadStream(partPath)) hash.update(piece as Uint8Array);
  if (!hash.digest().equals(file.sha256)) {
    await rm(partPath, { force: true });
    throw new CliError(
      'FILE_INVALID',
      `${partPath} held other bytes from before: it is removed, run it again`,
    );
  }
  await rename(partPath, path);
}

const documentOf = (file: AttachmentSummary) => ({
  sha256: file.sha256,
  type: file.mime,
  size: file.size,
  caption: file.caption,
  class: nameOf(SensitivityClass, 'SENSITIVITY_CLASS_', file.class),
  redacted: file.redacted,
  fileName: file.fileName,
  state: nameOf(AttachmentState, 'ATTACHMENT_STATE_', file.state),
});
