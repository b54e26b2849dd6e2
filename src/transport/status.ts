/**
 * How a call ends: the 17 status codes of gRPC, and details as an encoded google.rpc.Status, the value that
 * `grpc-status-details-bin` carries over HTTP/2. One class for both transports.
 */
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { utf8 } from '../base/bytes.ts';
import { TocsinError } from '../base/error.ts';
import { LIMITS } from '../base/limits.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { Metadata } from './metadata.ts';

/** https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
export const Status = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;
export type StatusName = keyof typeof Status;
export type StatusCode = (typeof Status)[StatusName];

const NAMES = new Map<number, StatusName>(
  (Object.keys(Status) as StatusName[]).map((name) => [Status[name], name]),
);

/** `NOT_FOUND` of 5; a number outside 0 to 16 counts as UNKNOWN, as gRPC demands. */
export const statusName = (code: number): StatusName => NAMES.get(code) ?? 'UNKNOWN';

/** The number as a status code; UNKNOWN for what is none. */
export const statusCodeOf = (code: number): StatusCode => Status[statusName(code)];

/** One detail: a google.protobuf.Any. */
export interface StatusDetail {
  /** `type.googleapis.com/google.rpc.BadRequest`, say. */
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

export interface RpcErrorOptions {
  readonly details?: readonly StatusDetail[];
  /** Trailing metadata. */
  readonly metadata?: Metadata;
  readonly cause?: unknown;
}

const RETRY_LATER: ReadonlySet<StatusName> = new Set([
  'UNAVAILABLE',
  'RESOURCE_EXHAUSTED',
  'ABORTED',
  'DEADLINE_EXCEEDED',
]);

/** A failed call: what the caller is thrown, and what a handler throws to choose the status. */
export class RpcError extends TocsinError<StatusName> {
  override readonly name = 'RpcError';
  readonly status: StatusCode;
  readonly details: readonly StatusDetail[];
  readonly metadata: Metadata;

  constructor(status: StatusCode, message: string, options: RpcErrorOptions = {}) {
    const code = statusName(status);
    super({ code, message, retry: RETRY_LATER.has(code) ? 'later' : 'no', cause: options.cause });
    this.status = statusCodeOf(status);
    this.details = options.details ?? [];
    this.metadata = options.metadata ?? new Metadata();
  }
}

const ERROR_INFO = 'type.googleapis.com/google.rpc.ErrorInfo';
const DOMAIN = 'tocsin';
const REASON_NAMES = new Map<number, string>(
  Object.entries(Reason).map(([name, number]) => [number, name.slice('REASON_'.length)]),
);

/** A reason of ours as google.rpc.ErrorInfo{reason, domain: 'tocsin'}. */
export const reasonDetail = (reason: Reason): StatusDetail => ({
  typeUrl: ERROR_INFO,
  value: new BinaryWriter()
    .uint32(0x0a)
    .string(REASON_NAMES.get(reason) ?? 'UNSPECIFIED')
    .uint32(0x12)
    .string(DOMAIN)
    .finish(),
});

/** The reason named in an error's details; undefined where there is none of ours. */
export function reasonOf(error: RpcError): Reason | undefined {
  for (const detail of error.details) {
    if (detail.typeUrl !== ERROR_INFO) continue;
    const fields = readFields(detail.value);
    if (fields === undefined || fields.text.get(2) !== DOMAIN) continue;
    const name = fields.text.get(1);
    for (const [number, known] of REASON_NAMES) if (known === name) return number as Reason;
  }
  return undefined;
}

/** An RpcError that names a reason of ours. */
export const refusal = (status: StatusCode, reason: Reason, message: string): RpcError =>
  new RpcError(status, message, { details: [reasonDetail(reason)] });

/** The whole status of an error as google.rpc.Status; empty where it has no details. */
export function encodeStatusDetails(error: RpcError): Uint8Array {
  if (error.details.length === 0) return new Uint8Array();
  const writer = new BinaryWriter().uint32(0x08).int32(error.status).uint32(0x12).string(error.message);
  for (const { typeUrl, value } of error.details)
    writer.uint32(0x1a).fork().uint32(0x0a).string(typeUrl).uint32(0x12).bytes(value).join();
  return writer.finish();
}

/** Details out of a google.rpc.Status; none where the bytes are not one, since they only explain. */
export function decodeStatusDetails(bytes: Uint8Array): readonly StatusDetail[] {
  if (bytes.length === 0 || bytes.length > LIMITS.metadataBytes) return [];
  const status = readFields(bytes);
  const details: StatusDetail[] = [];
  for (const any of status?.bytes.get(3) ?? []) {
    const fields = readFields(any);
    if (fields === undefined) return [];
    details.push({ typeUrl: fields.text.get(1) ?? '', value: fields.bytes.get(2)?.[0] ?? new Uint8Array() });
  }
  return details;
}

/** Cuts text to a number of UTF-8 bytes, between characters. */
export function clipText(text: string, maxBytes: number): string {
  const bytes = utf8(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return new TextDecoder().decode(bytes.subarray(0, end));
}

interface Fields {
  readonly bytes: ReadonlyMap<number, readonly Uint8Array[]>;
  readonly text: ReadonlyMap<number, string>;
}

/** Length-delimited fields of a small message. */
function readFields(message: Uint8Array): Fields | undefined {
  const bytes = new Map<number, Uint8Array[]>();
  const text = new Map<number, string>();
  try {
    const reader = new BinaryReader(message);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (wireType !== 2) {
        reader.skip(wireType);
        continue;
      }
      const value = reader.bytes();
      const values = bytes.get(field);
      if (values === undefined) bytes.set(field, [value]);
      else values.push(value);
      text.set(field, new TextDecoder().decode(value));
    }
  } catch {
    return undefined;
  }
  return { bytes, text };
}
