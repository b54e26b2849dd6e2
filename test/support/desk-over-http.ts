/** The desk's services as a browser has them: the same calls as a program's, by the routes of the HTTP API. */
import { hex } from '../../src/base/bytes.ts';
import { deskOver } from '../../src/desk/grpc/client.ts';
import type { Desk } from '../../src/desk/index.ts';
import {
  DownloadAttachmentRequest,
  UploadAttachmentRequest,
  UploadAttachmentResponse,
} from '../../src/gen/tocsin/desk/v1/attachment_service.ts';
import { ExportEvidenceRequest } from '../../src/gen/tocsin/desk/v1/record_service.ts';
import { SensitivityClass } from '../../src/gen/tocsin/record/v1/shared_facets.ts';
import { messageFromJson, messageToJson } from '../../src/record/index.ts';
import type { Answer, ApiBrowser } from './api-browser.ts';

/** What an answer of the API says where a call failed. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly status: number;
  /** As DeskCallError's. */
  readonly code: string;

  constructor(path: string, status: number, code: string) {
    super(`${path}: ${status} ${code}`);
    this.status = status;
    this.code = code;
  }
}

type Requests = Uint8Array | AsyncIterable<Uint8Array>;

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

/** Calls that answer a file or take one have an address each; those that answer nothing a browser is waiting for have none. */
async function fileCall(browser: ApiBrowser, path: string, bytes: Uint8Array): Promise<Answer | undefined> {
  switch (path) {
    case 'RecordService/ExportEvidence': {
      const { headerDigest } = ExportEvidenceRequest.decode(bytes);
      return await browser.send('GET', `/records/${base64url(headerDigest)}/evidence`);
    }
    case 'AuditService/ExportAudit':
      return await browser.send('GET', '/audit/export');
    case 'OversightService/ExportReport':
      return await browser.send('GET', '/oversight/report');
    case 'PolicyService/DiffPolicy':
      return await browser.post(`/${path}`, messageToJson('tocsin.desk.v1.DiffPolicyRequest', bytes));
    case 'AttachmentService/DownloadAttachment': {
      const { headerDigest, draftId, sha256 } = DownloadAttachmentRequest.decode(bytes);
      const of = draftId === '' ? `records/${base64url(headerDigest)}` : `drafts/${draftId}`;
      return await browser.send('GET', `/${of}/attachments/${hex(sha256)}`);
    }
    default:
      return undefined;
  }
}

/** Says to begin at the first byte, as the node does of a file that it does not know, and puts the whole once it is here. */
async function* upload(
  browser: ApiBrowser,
  requests: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, Answer | undefined> {
  let address = '';
  let content = '';
  for await (const bytes of requests) {
    const { entry } = UploadAttachmentRequest.decode(bytes);
    if (entry?.$case === 'data') content += entry.value.toString('latin1');
    if (entry?.$case !== 'options') continue;
    const { draftId, uploadId, caption, class: number } = entry.value;
    const sensitivity = Object.entries(SensitivityClass).find(([, one]) => one === number)?.[0] ?? '';
    address = `/drafts/${draftId}/attachments/${uploadId}?${new URLSearchParams({ caption, class: sensitivity })}`;
    yield UploadAttachmentResponse.encode(UploadAttachmentResponse.fromPartial({})).finish();
  }
  return await browser.send('PUT', address, content, { 'content-type': 'application/octet-stream' });
}

/** Files that come are looked at no further: that they came is what is asked of them. Throws HttpRefusal. */
export function deskOverHttp(browser: ApiBrowser): Desk {
  async function* start(path: string, requests: Requests): AsyncIterableIterator<Uint8Array> {
    const [, service = '', method = ''] = /^\/tocsin\.desk\.v1\.(\w+)\/(\w+)$/.exec(path) ?? [];
    const short = `${service}/${method}`;
    const refused = ({ status, body }: Answer) => {
      if (status >= 300) throw new HttpRefusal(short, status, body.code ?? '');
    };
    if (!(requests instanceof Uint8Array)) {
      if (method !== 'UploadAttachment') throw new Error(`expected a call with one request, got ${short}`);
      const answer = yield* upload(browser, requests);
      if (answer !== undefined) refused(answer);
      return;
    }
    const file = await fileCall(browser, short, requests);
    const answer =
      file ?? (await browser.post(`/${short}`, messageToJson(`tocsin.desk.v1.${method}Request`, requests)));
    refused(answer);
    if (file === undefined) yield messageFromJson(`tocsin.desk.v1.${method}Response`, answer.body);
  }
  return deskOver({ start: ({ path, requests }) => start(path, requests) }, 'live', () => undefined);
}
