/** Files as attachments of records in tests: sealed into a node's folder, named in a facet. */
import { hex } from '../../src/base/bytes.ts';
import { systemRandom } from '../../src/base/clock.ts';
import {
  type Attachment,
  Attachments,
  SensitivityClass,
} from '../../src/gen/tocsin/record/v1/shared_facets.ts';
import { type RecordContent, sha256 } from '../../src/record/index.ts';
import { openBlob, sealBlob } from '../../src/seal/index.ts';
import type { Blobs, Store } from '../../src/store/index.ts';

/** Bytes that look like nothing and repeat late, so that a piece in a wrong place shows. */
export function fileOf(bytes: number, seed = 1): Buffer {
  const file = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at += 1) file[at] = (at * 31 + (at >> 8) * 17 + (at >> 16) * 7 + seed) & 0xff;
  return file;
}

export interface StoredFile {
  readonly blobs: Blobs;
  readonly store: Pick<Store, 'write'>;
}

/** Keeps a file in a node's folder, encrypted under a key of its own or the one given; its entry in the facet. */
export async function keepFile(
  { blobs, store }: StoredFile,
  file: Uint8Array,
  { fileKey = systemRandom.bytes(32), personal = false } = {},
): Promise<Attachment> {
  await using blob = await blobs.create();
  for await (const chunk of sealBlob(fileKey, inOne(file))) await blob.append(chunk);
  const { digest, size } = await blob.finish();
  await store.write((tx) => tx.attachments.keep({ digest, size, at: 1 }));
  return {
    sha256: Buffer.from(sha256(file)),
    blobSha256: Buffer.from(digest),
    fileKey: Buffer.from(fileKey),
    mime: 'text/plain',
    size: file.length,
    caption: 'list of crates',
    class: personal
      ? SensitivityClass.SENSITIVITY_CLASS_PERSONAL
      : SensitivityClass.SENSITIVITY_CLASS_OPERATIONAL,
    redacted: false,
    metadataStripped: true,
  };
}

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Puts the files into a content. */
export const withFiles =
  (...files: readonly Attachment[]) =>
  (content: RecordContent): RecordContent => ({
    ...content,
    facets: { ...content.facets, attachments: Attachments.encode({ files: [...files] }).finish() },
  });

/** A file out of a node's folder, decrypted; undefined where its blob is not there. */
export async function readFile(
  blobs: Blobs,
  { blobSha256, fileKey }: Attachment,
): Promise<Buffer | undefined> {
  if ((await blobs.size(blobSha256)) === undefined) return undefined;
  const parts: Uint8Array[] = [];
  for await (const part of openBlob(fileKey, blobs.read(blobSha256))) parts.push(part);
  return Buffer.concat(parts);
}

export const blobName = ({ blobSha256 }: Attachment): string => hex(blobSha256);
