/**
 * What of google.rpc a status carries in its details, written and read by hand: only these few messages, with the field
 * numbers of google/rpc/error_details.proto, so that any gRPC client's error model reads them.
 */
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import type { StatusDetail } from '../../transport/index.ts';

/** google.rpc.BadRequest.FieldViolation. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
  readonly reason: string;
}

/** google.rpc.ErrorInfo. */
export interface ErrorInfo {
  readonly reason: string;
  readonly domain: string;
  readonly metadata: Readonly<Record<string, string>>;
}

const TYPE = 'type.googleapis.com/google.rpc.';
export const BAD_REQUEST_TYPE = `${TYPE}BadRequest`;
export const ERROR_INFO_TYPE = `${TYPE}ErrorInfo`;
export const REQUEST_INFO_TYPE = `${TYPE}RequestInfo`;

const key = (field: number) => (field << 3) | 2;

function write(fields: readonly (readonly [number, string | Uint8Array])[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const [field, value] of fields) {
    if (value.length === 0) continue;
    if (typeof value === 'string') writer.uint32(key(field)).string(value);
    else writer.uint32(key(field)).bytes(value);
  }
  return writer.finish();
}

/**
 * The length-delimited fields of a message; these messages have no others. None where the bytes are no message: details
 * only explain an error, and one that cannot be read must not take the place of that error.
 */
function readFields(bytes: Uint8Array): readonly (readonly [number, Uint8Array])[] {
  const fields: (readonly [number, Uint8Array])[] = [];
  const reader = new BinaryReader(bytes);
  try {
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (wireType === 2) fields.push([field, reader.bytes()]);
      else reader.skip(wireType, field);
    }
  } catch {
    return [];
  }
  return fields;
}

const text = (value: Uint8Array): string => new TextDecoder().decode(value);

export const badRequest = (violations: readonly FieldViolation[]): StatusDetail => ({
  typeUrl: BAD_REQUEST_TYPE,
  value: write(
    violations.map((v) => [
      1,
      write([
        [1, v.field],
        [2, v.description],
        [3, v.reason],
      ]),
    ]),
  ),
});

export const errorInfo = (info: ErrorInfo): StatusDetail => ({
  typeUrl: ERROR_INFO_TYPE,
  value: write([
    [1, info.reason],
    [2, info.domain],
    ...Object.entries(info.metadata).map(
      ([name, value]) =>
        [
          3,
          write([
            [1, name],
            [2, value],
          ]),
        ] as const,
    ),
  ]),
});

/** The correlation id under which the node's log holds the cause. */
export const requestInfo = (requestId: string): StatusDetail => ({
  typeUrl: REQUEST_INFO_TYPE,
  value: write([[1, requestId]]),
});

export function decodeBadRequest(value: Uint8Array): readonly FieldViolation[] {
  const violations: FieldViolation[] = [];
  for (const [field, part] of readFields(value)) {
    if (field !== 1) continue;
    const texts = new Map<number, string>();
    for (const [inner, body] of readFields(part)) texts.set(inner, text(body));
    violations.push({
      field: texts.get(1) ?? '',
      description: texts.get(2) ?? '',
      reason: texts.get(3) ?? '',
    });
  }
  return violations;
}

export function decodeErrorInfo(value: Uint8Array): ErrorInfo {
  let reason = '';
  let domain = '';
  const metadata = new Map<string, string>();
  for (const [field, part] of readFields(value)) {
    if (field === 1) reason = text(part);
    if (field === 2) domain = text(part);
    if (field === 3) {
      const texts = new Map<number, string>();
      for (const [inner, body] of readFields(part)) texts.set(inner, text(body));
      metadata.set(texts.get(1) ?? '', texts.get(2) ?? '');
    }
  }
  return { reason, domain, metadata: Object.fromEntries(metadata) };
}

export function decodeRequestInfo(value: Uint8Array): string {
  for (const [field, part] of readFields(value)) if (field === 1) return text(part);
  return '';
}
