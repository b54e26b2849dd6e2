/** Files to and from browsers: evidence, the audit trail, the auditor's report, attachments. The verbs behind them are those that programs call. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { fromBase64url, fromHex } from '../../base/bytes.ts';
import { LIMITS } from '../../base/limits.ts';
import {
  AttachmentServiceDefinition,
  type AttachmentSummary,
  type DownloadAttachmentResponse,
  type UploadAttachmentRequest,
  type UploadAttachmentResponse,
} from '../../gen/tocsin/desk/v1/attachment_service.ts';
import { AuditServiceDefinition, type ExportAuditResponse } from '../../gen/tocsin/desk/v1/audit_service.ts';
import {
  type ExportWarningResponse,
  HotlineServiceDefinition,
} from '../../gen/tocsin/desk/v1/hotline_service.ts';
import {
  type ExportReportResponse,
  OversightServiceDefinition,
} from '../../gen/tocsin/desk/v1/oversight_service.ts';
import {
  type ExportEvidenceResponse,
  RecordServiceDefinition,
} from '../../gen/tocsin/desk/v1/record_service.ts';
import { SensitivityClass } from '../../gen/tocsin/record/v1/shared_facets.ts';
import { answering, type Carried, type DispatchDeps, type Failing, streaming } from '../dispatch.ts';
import { DeskError, refuseFaults } from '../errors.ts';
import type { BoundService } from '../grpc/handlers.ts';
import type { OfficerSession } from '../session.ts';
import { type BodyTimes, drained, paced } from './pace.ts';
import { CallFailed } from './status.ts';
import type { Streams } from './streams.ts';
import { TAR_END, tarEntry } from './tar.ts';
import { API, assertContract, gone } from './verbs.ts';

export interface FilesDeps {
  readonly services: readonly BoundService[];
  readonly dispatch: DispatchDeps;
  readonly streams: Streams;
  readonly bodyTimes: BodyTimes;
  officerOf(request: FastifyRequest, purpose: string | undefined, mode: string | undefined): OfficerSession;
  nowMs(): number;
}

const DIGEST = /^[A-Za-z0-9_-]{43}$/;
const ID = /^[A-Za-z0-9._-]{1,64}$/;
const HEX_DIGEST = /^[0-9a-f]{64}$/;
/** Bytes of one message of an upload. */
const PIECE_BYTES = 256 * 1024;

/** Milliseconds in an address. */
const Milliseconds = z
  .string()
  .regex(/^\d{1,15}$/)
  .default('0')
  .transform(BigInt);
const ReportAsked = z.object({
  from: Milliseconds,
  until: Milliseconds,
  count: z
    .string()
    .regex(/^\d{1,4}$/)
    .default('0')
    .transform(Number),
  seed: z.string().max(64).default(''),
});

/** An address has no room for headers: purpose and world stand in it. */
const Standing = z.object({ purpose: z.string().max(64).optional(), mode: z.string().max(16).optional() });
const Upload = Standing.extend({
  caption: z.string().max(2_000).default(''),
  class: z.string().max(64),
  redacted: z.enum(['true', 'false']).default('false'),
});

export function addFiles(app: FastifyInstance, deps: FilesDeps): void {
  const call = caller(deps);
  const ask = asker(deps);

  app.get<{ Params: { digest: string } }>(`${API}/records/:digest/evidence`, async (request, reply) => {
    const { digest } = request.params;
    const headerDigest = digestIn(digest);
    const pieces = call<ExportEvidenceResponse>(
      RecordServiceDefinition,
      'exportEvidence',
      { headerDigest },
      request,
      reply,
    );
    // The first piece before the headers: a refusal still has its status.
    const first = await pieces.next();
    const name = `tocsin-evidence-${digest.slice(0, 12)}.tar`;
    return named(reply, name, 'application/x-tar').send(Readable.from(archive(first, pieces, deps.nowMs())));
  });

  app.get<{ Params: { digest: string } }>(`${API}/records/:digest/cap`, async (request, reply) => {
    const { digest } = request.params;
    const { cap } = await ask<ExportWarningResponse>(
      HotlineServiceDefinition,
      'exportWarning',
      { headerDigest: digestIn(digest) },
      request,
      reply,
    );
    return named(reply, `tocsin-warning-${digest.slice(0, 12)}.xml`, 'application/cap+xml').send(cap);
  });

  app.get(`${API}/audit/export`, async (request, reply) => {
    const pieces = call<ExportAuditResponse>(AuditServiceDefinition, 'exportAudit', {}, request, reply);
    // The first piece before the headers: a refusal still has its status.
    const first = await pieces.next();
    const whole = async function* () {
      for (let next = first; next.done !== true; next = await pieces.next()) yield next.value.data;
    };
    return named(reply, 'tocsin-audit.jsonl', 'application/jsonl').send(Readable.from(whole()));
  });

  app.get(`${API}/oversight/report`, async (request, reply) => {
    const asked = ReportAsked.safeParse(request.query);
    if (!asked.success)
      throw new DeskError({
        code: 'INVALID_REQUEST',
        message: 'expected from, until and count as whole numbers, and a seed of at most 64 characters',
      });
    const pieces = call<ExportReportResponse>(
      OversightServiceDefinition,
      'exportReport',
      asked.data,
      request,
      reply,
    );
    const first = await pieces.next();
    const whole = async function* () {
      for (let next = first; next.done !== true; next = await pieces.next()) yield next.value.data;
    };
    return named(reply, 'tocsin-oversight.jsonl', 'application/jsonl').send(Readable.from(whole()));
  });

  const download = async (
    request: FastifyRequest,
    reply: FastifyReply,
    of: { readonly headerDigest?: Uint8Array; readonly draftId?: string },
    sha256: string,
  ) => {
    if (!HEX_DIGEST.test(sha256)) throw noDigest();
    const asked = { headerDigest: Buffer.alloc(0), draftId: '', ...of, sha256: fromHex(sha256), offset: 0n };
    const pieces = call<DownloadAttachmentResponse>(
      AttachmentServiceDefinition,
      'downloadAttachment',
      asked,
      request,
      reply,
    );
    const first = await pieces.next();
    const entry = first.done === true ? undefined : first.value.entry;
    if (entry?.$case !== 'attachment') throw new Error('expected the file before its bytes');
    const { fileName, mime, size } = entry.value;
    const bytes = async function* () {
      for await (const { entry: piece } of pieces) if (piece?.$case === 'data') yield piece.value;
    };
    // Whatever a partner sent is a file to keep, never a page of ours.
    return named(reply, fileName, mime)
      .header('content-length', size)
      .header('content-security-policy', "default-src 'none'; sandbox")
      .send(Readable.from(bytes()));
  };
  app.get<{ Params: { digest: string; sha256: string } }>(
    `${API}/records/:digest/attachments/:sha256`,
    (request, reply) =>
      download(request, reply, { headerDigest: digestIn(request.params.digest) }, request.params.sha256),
  );
  app.get<{ Params: { id: string; sha256: string } }>(
    `${API}/drafts/:id/attachments/:sha256`,
    (request, reply) => download(request, reply, { draftId: request.params.id }, request.params.sha256),
  );

  app.register(async (uploads) => {
    uploads.addContentTypeParser('application/octet-stream', (_request, body, done) => done(null, body));
    uploads.put<{ Params: { id: string; upload: string } }>(
      `${API}/drafts/:id/attachments/:upload`,
      { bodyLimit: LIMITS.attachmentBytes },
      async (request, reply) => {
        const { id, upload } = request.params;
        const length = Number(request.headers['content-length'] ?? '0');
        const query = assertContract(Upload, request.query);
        const sensitivity = Object.entries(SensitivityClass).find(([name]) => name === query.class)?.[1];
        refuseFaults([
          ...(ID.test(upload)
            ? []
            : [{ path: 'upload', code: 'FORM', message: 'expected 1 to 64 of A-Z a-z 0-9 . _ -' }]),
          ...(sensitivity === undefined
            ? [{ path: 'class', code: 'UNKNOWN_VALUE', message: 'expected a sensitivity class' }]
            : []),
          ...(length > 0 && length <= LIMITS.attachmentBytes
            ? []
            : [{ path: '', code: 'LENGTH', message: `expected 1 to ${LIMITS.attachmentBytes} bytes` }]),
        ]);
        const options = {
          draftId: id,
          uploadId: upload,
          bytes: BigInt(length),
          caption: query.caption,
          class: sensitivity ?? SensitivityClass.SENSITIVITY_CLASS_UNSPECIFIED,
          redacted: query.redacted === 'true',
        };
        // Of an officer alone: a stranger's minute goes on.
        if (request.signedIn !== undefined) deps.bodyTimes.lift(request.raw);
        const pieces = (request.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
        const cutOff = () => {
          request.raw.destroy();
        };
        const from = Promise.withResolvers<number>();
        const answers = call<UploadAttachmentResponse>(
          AttachmentServiceDefinition,
          'uploadAttachment',
          piecesOf(options, paced(pieces, cutOff), from.promise),
          request,
          reply,
        );
        let done: AttachmentSummary | undefined;
        try {
          for await (const { received, attachment } of answers) {
            from.resolve(Number(received));
            done = attachment;
          }
        } catch (error) {
          if (request.signedIn !== undefined) void drained(pieces, cutOff);
          throw error;
        }
        if (done === undefined) throw new Error('expected the file in the last answer');
        return reply
          .code(201)
          .header('cache-control', 'no-store')
          .send({
            sha256: done.sha256.toString('hex'),
            mime: done.mime,
            size: done.size,
            fileName: done.fileName,
          });
      },
    );
  });
}

/** One file after the other: a whole bundle may hold the history of a network. */
async function* archive(
  first: IteratorResult<ExportEvidenceResponse>,
  pieces: AsyncGenerator<ExportEvidenceResponse>,
  atMs: number,
): AsyncGenerator<Uint8Array> {
  let file: Uint8Array[] = [];
  for (let next = first; next.done !== true; next = await pieces.next()) {
    const { path, data, last } = next.value;
    file.push(data);
    if (!last) continue;
    yield tarEntry(path, Buffer.concat(file), atMs);
    file = [];
  }
  yield TAR_END;
}

/** What a call is made of, as the browser's officer. */
function carriedBy(
  { services, officerOf }: FilesDeps,
  definition: { readonly fullName: string },
  name: string,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const bound = services.find(({ service }) => service.fullName === definition.fullName);
  if (bound === undefined) throw new Error(`expected ${definition.fullName} among the services of the desk`);
  const { purpose, mode } = assertContract(Standing, request.query);
  const method = bound.service.methods[name]?.name ?? name;
  const carried: Carried = {
    method: `/${bound.service.fullName}/${method}`,
    certificate: undefined,
    signal: gone(reply),
    signIn: () => officerOf(request, purpose, mode),
  };
  return { bound, carried };
}

const failing: Failing = (told, cause) => new CallFailed(told, cause);

/** Calls of methods that stream. */
function caller(deps: FilesDeps) {
  return <Answer>(
    definition: { readonly fullName: string },
    name: string,
    asked: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): AsyncGenerator<Answer> => {
    const { bound, carried } = carriedBy(deps, definition, name, request, reply);
    const stream = streaming(bound, name, deps.dispatch, failing);
    const signIn = () => {
      const session = carried.signIn();
      deps.streams.open(session, reply);
      return session;
    };
    return stream(asked as never, { ...carried, signIn }) as AsyncGenerator<Answer>;
  };
}

/** Calls of methods with one answer. */
function asker(deps: FilesDeps) {
  return <Answer>(
    definition: { readonly fullName: string },
    name: string,
    asked: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Answer> => {
    const { bound, carried } = carriedBy(deps, definition, name, request, reply);
    return answering(bound, name, deps.dispatch, failing)(asked as never, carried) as Promise<Answer>;
  };
}

/** Options first; the file from the byte on that the node names, in pieces of its size. */
async function* piecesOf(
  options: Extract<UploadAttachmentRequest['entry'], { $case: 'options' }>['value'],
  body: AsyncIterable<Uint8Array>,
  from: Promise<number>,
): AsyncGenerator<UploadAttachmentRequest> {
  yield { entry: { $case: 'options', value: options } };
  let skip = await from;
  for await (const chunk of body) {
    const rest = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - rest.length;
    for (let at = 0; at < rest.length; at += PIECE_BYTES)
      yield { entry: { $case: 'data', value: Buffer.from(rest.subarray(at, at + PIECE_BYTES)) } };
  }
}

function digestIn(text: string): Uint8Array {
  if (!DIGEST.test(text)) throw noDigest();
  return fromBase64url(text);
}

const noDigest = (): DeskError =>
  new DeskError({ code: 'NOT_FOUND', message: 'there is no such file: the address has no digest of one' });

/** Names are of ours or of the display-name rules: nothing in them needs quoting but what RFC 6266 says. */
const named = (reply: FastifyReply, name: string, type: string): FastifyReply =>
  reply
    .header('content-type', type)
    .header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
    .header('cache-control', 'no-store');
