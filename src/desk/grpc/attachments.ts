/** AttachmentService: files into drafts, and files of drafts and records out, under the rules of the facet that names them. */
import { equalBytes, hex } from '../../base/bytes.ts';
import { LIMITS } from '../../base/limits.ts';
import {
  type AttachmentServiceDefinition,
  AttachmentState,
  type AttachmentSummary,
  type DownloadAttachmentResponse,
  type UploadAttachmentRequest,
  type UploadAttachmentResponse,
  type UploadOptions,
} from '../../gen/tocsin/desk/v1/attachment_service.ts';
import { type Attachment, Attachments, SensitivityClass } from '../../gen/tocsin/record/v1/shared_facets.ts';
import { judgeAttachable, type Lifecycle } from '../../lifecycle/index.ts';
import { AttachmentError, displayName } from '../../record/index.ts';
import { blobPosition, openBlob } from '../../seal/index.ts';
import type { Blobs, ReadTx } from '../../store/index.ts';
import { type Access, notFound } from '../access.ts';
import { DeskError } from '../errors.ts';
import { hiddenFacets, requireDraft } from '../open-draft.ts';
import { openByDigest, shownFacets } from '../open-record.ts';
import type { DeskNode, DeskStore } from '../ports.ts';
import { cutOffError, isLocked, isPersonal } from '../recall-lock.ts';
import type { OfficerSession } from '../session.ts';
import { type Upload, type Uploads, uploadRefused } from '../upload.ts';
import type { DeskHandlers } from './handlers.ts';
import { buffer } from './messages.ts';
import { asksForReceipt, oweRead } from './records.ts';
import { RequestFields, subjectOf } from './request.ts';

export interface AttachmentDeps {
  readonly access: Access;
  readonly store: DeskStore;
  readonly node: DeskNode;
  readonly lifecycle: Pick<Lifecycle, 'attach' | 'describe'>;
  readonly blobs: Blobs;
  readonly uploads: Uploads;
}

const FACET = 'attachments';
/** Bytes of a file in one message of an upload. */
const PIECE_BYTES = 256 * 1024;
/** The client hears that often how much the node has. */
const TOLD_BYTES = 1024 * 1024;
const CAPTION_LENGTH = 500;
const CLASSES = new Set<SensitivityClass>([
  SensitivityClass.SENSITIVITY_CLASS_SUMMARY,
  SensitivityClass.SENSITIVITY_CLASS_OPERATIONAL,
  SensitivityClass.SENSITIVITY_CLASS_COMMERCIAL,
  SensitivityClass.SENSITIVITY_CLASS_PERSONAL,
]);
const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'text/plain': 'txt',
};

/** The files that one officer may see of one draft or record. */
interface Shown {
  readonly subject: string;
  readonly files: readonly Attachment[];
  /** Absent for a draft. */
  readonly headerDigest?: Uint8Array;
  /** Files that are not shown now, and would be but for recalls that may be missing (R14). */
  readonly locked?: { readonly files: readonly Attachment[]; readonly originator: string };
  /** Notes a reading that the originator asked to be told of. */
  readonly tell?: () => Promise<void>;
}

export function attachmentHandlers(deps: AttachmentDeps): DeskHandlers<AttachmentServiceDefinition> {
  const { access, store, node, lifecycle, blobs, uploads } = deps;

  const ofDraft = async (session: OfficerSession, draftId: string): Promise<Shown> => {
    const one = requireDraft(access, node, session, await store.read((tx) => tx.drafts.byId(draftId)));
    const body = hiddenFacets(access, session, one).includes(FACET) ? undefined : one.content?.facets[FACET];
    return { subject: draftId, files: filesIn(body) };
  };

  const ofRecord = async (session: OfficerSession, headerDigest: Uint8Array): Promise<Shown> => {
    const one = await store.read((tx) => openByDigest(tx, deps, headerDigest, session));
    if (one === undefined) throw notFound('record');
    if (one.conditionPending)
      throw new DeskError({
        code: 'CONDITION_PENDING',
        message: 'the originator set a condition: it is accepted before the files of the record are read',
      });
    const hasLock = one.verdicts.some((verdict) => verdict.facet === FACET && isLocked(verdict));
    const among = hasLock ? one.facets : shownFacets(one);
    const files = filesIn(among.find(({ facet }) => facet === FACET)?.body);
    return {
      subject: subjectOf(headerDigest),
      headerDigest,
      files: hasLock ? files.filter((file) => !isPersonal(file)) : files,
      ...(hasLock && { locked: { files: files.filter(isPersonal), originator: one.record.originator } }),
      ...(asksForReceipt(one) && {
        tell: () => store.write((tx) => oweRead(tx, session, one, node.clock.nowMs())),
      }),
    };
  };

  const shown = (
    session: OfficerSession,
    { headerDigest, draftId }: { readonly headerDigest: Uint8Array; readonly draftId: string },
    fields: RequestFields,
  ): Promise<Shown> => {
    if (headerDigest.length > 0 === (draftId !== ''))
      fields.fault('header_digest', 'ONE_OF', 'expected a header digest or the id of a draft, and not both');
    else if (draftId === '') fields.digest('header_digest', headerDigest);
    else fields.id('draft_id', draftId);
    fields.done();
    return draftId === '' ? ofRecord(session, headerDigest) : ofDraft(session, draftId);
  };

  /** Hands what comes to the upload, and says now and then how much of it is here. */
  async function* receive(
    upload: Upload,
    turn: number,
    reading: AsyncIterator<UploadAttachmentRequest>,
  ): AsyncGenerator<UploadAttachmentResponse> {
    let told = upload.received;
    yield { received: BigInt(told), attachment: undefined };
    for (;;) {
      const next = await reading.next();
      if (next.done) return;
      const { entry } = next.value;
      if (entry?.$case !== 'data') throw uploadRefused('expected the options once, then data');
      if (entry.value.length > PIECE_BYTES)
        throw uploadRefused(
          `expected at most ${PIECE_BYTES} bytes in one message, got ${entry.value.length}`,
        );
      if (entry.value.length > 0) await upload.push(turn, entry.value);
      if (upload.received - told < TOLD_BYTES) continue;
      told = upload.received;
      yield { received: BigInt(told), attachment: undefined };
    }
  }

  return {
    async *uploadAttachment(requests, { session, signal }) {
      const reading = requests[Symbol.asyncIterator]();
      const options = checked(await firstOf(reading));
      const { draftId } = options;
      const { draft } = requireDraft(
        access,
        node,
        session,
        await store.read((tx) => tx.drafts.byId(draftId)),
      );
      await access.require(session, 'draft', draftId, { kind: draft.kind });
      judgeAttachable(draft, session, node.clock.nowMs());
      const bytes = Number(options.bytes);
      const upload = await uploads.open({
        officer: session.fingerprint,
        draftId,
        uploadId: options.uploadId,
        bytes,
      });
      const turn = upload.begin();
      try {
        yield* receive(upload, turn, reading);
        signal.throwIfAborted();
        const file = await upload.finish(turn);
        // It was in a draft before, and taken out again.
        if ((await blobs.size(file.blobSha256)) === undefined)
          throw uploadRefused('expected a new upload_id: what was uploaded under this one is gone');
        const attached = await lifecycle.attach({
          officer: session,
          draftId,
          blobBytes: file.blobBytes,
          file: {
            sha256: buffer(file.sha256),
            blobSha256: buffer(file.blobSha256),
            fileKey: buffer(file.fileKey),
            mime: file.type,
            size: file.size,
            caption: options.caption,
            class: options.class,
            redacted: options.redacted,
            metadataStripped: true,
          },
        });
        // The same file was there before, under another key: this blob is named by nothing.
        if (equalBytes(attached.file.blobSha256, file.blobSha256)) upload.give();
        else await blobs.remove([file.blobSha256]);
        yield {
          received: BigInt(bytes),
          attachment: summaryOf(attached.file, AttachmentState.ATTACHMENT_STATE_STORED),
        };
      } catch (error) {
        // What is wrong with the file itself stays wrong; a call that broke off is gone on with.
        if (
          error instanceof AttachmentError ||
          (error instanceof DeskError && error.code === 'UPLOAD_REFUSED')
        )
          await uploads.drop(upload);
        throw error;
      }
    },

    async describeAttachment(request, { session }) {
      const fields = new RequestFields();
      const draftId = fields.id('draft_id', request.draftId);
      const sha256 = fields.digest('sha256', request.sha256);
      const caption = fields.text('caption', request.caption, CAPTION_LENGTH);
      fields.done();
      const { draft } = requireDraft(
        access,
        node,
        session,
        await store.read((tx) => tx.drafts.byId(draftId)),
      );
      await access.require(session, 'draft', draftId, { kind: draft.kind });
      const file = await lifecycle.describe({ officer: session, draftId, sha256, caption });
      const state = await store.read((tx) => stateOf(tx, file, undefined));
      return { attachment: summaryOf(file, state) };
    },

    async listAttachments(request, { session }) {
      const { subject, files, headerDigest, locked } = await shown(session, request, new RequestFields());
      // A list of nothing would say that there is nothing.
      if (locked && files.length === 0) throw cutOffError('each file', locked.originator);
      const attachments = await store.read(async (tx) => {
        const list: AttachmentSummary[] = [];
        for (const file of files) list.push(summaryOf(file, await stateOf(tx, file, headerDigest)));
        return list;
      });
      await access.audit(session, 'attachment.listed', subject, { files: files.length });
      return { attachments };
    },

    async *downloadAttachment(request, call) {
      const { session } = call;
      const fields = new RequestFields();
      fields.digest('sha256', request.sha256);
      const { subject, files, headerDigest, locked, tell } = await shown(session, request, fields);
      const isAsked = (one: Attachment): boolean => equalBytes(one.sha256, request.sha256);
      const file = files.find(isAsked);
      if (locked?.files.some(isAsked)) throw cutOffError('the file', locked.originator);
      if (file === undefined) throw notFound('attachment');
      if (request.offset > BigInt(file.size))
        throw new DeskError({
          code: 'INVALID_REQUEST',
          message: `expected an offset of at most ${file.size}`,
          faults: [{ path: 'offset', code: 'RANGE', message: `expected at most ${file.size}` }],
        });
      const state = await store.read((tx) => stateOf(tx, file, headerDigest));
      if (state !== AttachmentState.ATTACHMENT_STATE_STORED) throw notHere(state);
      await access.audit(session, 'attachment.read', subject, {
        file: hex(file.sha256),
        bytes: file.size - Number(request.offset),
      });
      await tell?.();
      yield entry({ $case: 'attachment', value: summaryOf(file, state) });
      const { chunk, blobOffset, skip } = blobPosition(Number(request.offset));
      if (Number(request.offset) === file.size) return;
      let left = skip;
      for await (const piece of openBlob(file.fileKey, blobs.read(file.blobSha256, blobOffset), chunk)) {
        call.assertStillValid();
        const wanted = piece.subarray(left);
        left = 0;
        if (wanted.length > 0) yield entry({ $case: 'data', value: buffer(wanted) });
      }
    },
  };
}

const entry = (value: NonNullable<DownloadAttachmentResponse['entry']>): DownloadAttachmentResponse => ({
  entry: value,
});

const filesIn = (body: Uint8Array | undefined): readonly Attachment[] =>
  body === undefined ? [] : Attachments.decode(body).files;

async function stateOf(
  tx: ReadTx,
  { blobSha256 }: Attachment,
  headerDigest: Uint8Array | undefined,
): Promise<AttachmentState> {
  const waits = (await tx.attachments.waitsFor(blobSha256)).filter(
    (wait) => headerDigest !== undefined && equalBytes(wait.headerDigest, headerDigest),
  );
  // One that is here for another record is not proven to open with the key that this one states.
  if (waits.length > 0) return AttachmentState.ATTACHMENT_STATE_PENDING;
  return (await tx.attachments.held([blobSha256])).size > 0
    ? AttachmentState.ATTACHMENT_STATE_STORED
    : AttachmentState.ATTACHMENT_STATE_MISSING;
}

const notHere = (state: AttachmentState): DeskError =>
  state === AttachmentState.ATTACHMENT_STATE_PENDING
    ? new DeskError({
        code: 'ATTACHMENT_PENDING',
        message: 'the file is still being fetched from whoever sent the record: try again later',
        retry: 'later',
      })
    : new DeskError({
        code: 'STATE',
        message: 'the file is not here and not on its way: the alarms of this node say why',
      });

const summaryOf = (file: Attachment, state: AttachmentState): AttachmentSummary => ({
  sha256: file.sha256,
  mime: file.mime,
  size: file.size,
  caption: file.caption,
  class: file.class,
  redacted: file.redacted,
  fileName: fileNameOf(file),
  state,
});

/** Made of the caption and the type; of a type that this node does not know, with an ending that no program opens by itself. */
function fileNameOf({ caption, mime, sha256 }: Attachment): string {
  const name = displayName(caption.replaceAll(/[/\\]/g, '_'));
  const stem = name === 'file' ? `attachment-${hex(sha256).slice(0, 8)}` : name;
  return `${stem}.${ENDINGS[mime] ?? 'bin'}`;
}

async function firstOf(reading: AsyncIterator<UploadAttachmentRequest>): Promise<UploadOptions> {
  const first = await reading.next();
  const given = first.done ? undefined : first.value.entry;
  if (given?.$case === 'options') return given.value;
  throw uploadRefused('expected the options in the first message');
}

function checked(options: UploadOptions): UploadOptions {
  const fields = new RequestFields();
  fields.id('options.draft_id', options.draftId);
  if (fields.requestId('options.upload_id', options.uploadId) === '')
    fields.fault('options.upload_id', 'REQUIRED', 'expected an id that the client chose');
  if (options.bytes === 0n || options.bytes > BigInt(LIMITS.attachmentBytes))
    fields.fault('options.bytes', 'RANGE', `expected 1 to ${LIMITS.attachmentBytes} bytes`);
  fields.text('options.caption', options.caption, CAPTION_LENGTH);
  if (!CLASSES.has(options.class))
    fields.fault(
      'options.class',
      'REQUIRED',
      'expected the class of the strictest facet that it illustrates',
    );
  fields.done();
  return options;
}
