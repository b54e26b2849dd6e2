/**
 * Messages as people and foreign programs write them: ProtoJSON, read strictly. Every fault is reported with its path.
 * Beyond ProtoJSON it takes what people type: enum values by their short names (`customs`, `AMBER+STRICT`), dates as text
 * (`1971-03`, `circa 1970`) and instants as ISO 8601 with a zone. What it writes is plain ProtoJSON.
 */
import {
  type DescEnum,
  type DescField,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  ScalarType,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import type { FieldFault } from '../base/error.ts';
import { LIMITS } from '../base/limits.ts';
import { messageDescriptor, registry } from './descriptor.ts';
import { RecordError } from './errors.ts';
import { parsePartialDate } from './identifiers/date.ts';
import { wireFault } from './wire.ts';

const PARTIAL_DATE = 'tocsin.record.v1.PartialDate';
const MAX_LIST = 100_000;

/** Bytes of the message that JSON describes. Throws RecordError `JSON_INVALID` with every fault, or `UNKNOWN_TYPE`. */
export function messageFromJson(typeName: string, json: unknown): Uint8Array {
  const read = readMessage(typeName, json, '');
  if (read.bytes !== undefined) return read.bytes;
  const paths = read.faults.map((fault) => fault.path || 'the whole').slice(0, 5);
  throw new RecordError(
    'JSON_INVALID',
    `expected ${typeName}, got faults in ${paths.join(', ')}`,
    read.faults,
  );
}

/**
 * ProtoJSON of a message's bytes; `whole` writes out fields that were left at their default too. Throws RecordError `JSON_INVALID`
 * where they are none of this type.
 */
export function messageToJson(
  typeName: string,
  bytes: Uint8Array,
  form: 'short' | 'whole' = 'short',
): JsonValue {
  const desc = messageDescriptor(typeName);
  const fault = wireFault(typeName, bytes);
  if (fault !== undefined)
    throw new RecordError('JSON_INVALID', `expected bytes of ${typeName}, got ${fault}`);
  return toJson(desc, fromBinary(desc, bytes), {
    registry: registry(),
    alwaysEmitImplicit: form === 'whole',
  });
}

/** Either the bytes, or every fault with paths below `path`. */
export function readMessage(
  typeName: string,
  json: unknown,
  path: string,
): { readonly bytes?: Uint8Array; readonly faults: FieldFault[] } {
  const desc = messageDescriptor(typeName);
  const reading = new Reading();
  const plain = reading.message(desc, json, path, 1);
  if (reading.faults.length > 0 || plain === undefined) return { faults: reading.faults };
  try {
    const message = fromJson(desc, plain, { registry: registry(), ignoreUnknownFields: false });
    return { bytes: toBinary(desc, message), faults: [] };
  } catch (cause) {
    // Whatever the walk below lets through and the library refuses is still the writer's fault, without its text.
    throw new RecordError('JSON_INVALID', `expected ${typeName} as ProtoJSON, got something else`, [], cause);
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Turns what people write into plain ProtoJSON, collecting faults. */
class Reading {
  readonly faults: FieldFault[] = [];

  message(desc: DescMessage, json: unknown, path: string, depth: number): JsonObject | undefined {
    if (depth > LIMITS.protobufDepth) return this.#fault(path, 'TOO_DEEP', 'expected less nesting');
    if (desc.typeName === PARTIAL_DATE && typeof json === 'string') return this.#date(json, path);
    if (!isObject(json)) return this.#fault(path, 'WRONG_TYPE', `expected an object, got ${typeOf(json)}`);
    const out: JsonObject = {};
    const oneofs = new Set<unknown>();
    for (const [key, value] of Object.entries(json)) {
      const at = path === '' ? key : `${path}.${key}`;
      const field = desc.fields.find((known) => known.jsonName === key || known.name === key);
      if (field === undefined) {
        this.#fault(at, 'UNKNOWN_FIELD', 'expected a field of the message; see its proto file');
        continue;
      }
      if (value === null || value === undefined) continue;
      if (Object.hasOwn(out, field.jsonName) || (field.oneof !== undefined && oneofs.has(field.oneof))) {
        this.#fault(at, 'DUPLICATE', 'expected one value, got two');
        continue;
      }
      if (field.oneof !== undefined) oneofs.add(field.oneof);
      const read = this.#field(field, value, at, depth);
      if (read !== undefined) out[field.jsonName] = read;
    }
    return out;
  }

  #field(field: DescField, json: unknown, path: string, depth: number): JsonValue | undefined {
    if (field.fieldKind === 'map') return this.#fault(path, 'UNKNOWN_FIELD', 'map fields are not read');
    if (field.fieldKind !== 'list') return this.#single(field, json, path, depth);
    if (!Array.isArray(json)) return this.#fault(path, 'WRONG_TYPE', `expected a list, got ${typeOf(json)}`);
    if (json.length > MAX_LIST) return this.#fault(path, 'TOO_MANY', `expected at most ${MAX_LIST} values`);
    const out: JsonValue[] = [];
    json.forEach((item, index) => {
      const read = this.#single(field, item, `${path}[${index}]`, depth);
      if (read !== undefined) out.push(read);
    });
    return out;
  }

  #single(field: DescField, json: unknown, path: string, depth: number): JsonValue | undefined {
    if (field.message !== undefined) return this.message(field.message, json, path, depth + 1);
    if (field.enum !== undefined) return this.#choice(field.enum, json, path);
    return this.#scalar(field.scalar ?? ScalarType.STRING, json, path);
  }

  #scalar(type: ScalarType, json: unknown, path: string): JsonValue | undefined {
    switch (type) {
      case ScalarType.STRING:
        if (typeof json !== 'string') break;
        if (!json.isWellFormed()) return this.#fault(path, 'WRONG_FORM', 'expected well-formed Unicode');
        return json;
      case ScalarType.BOOL:
        if (typeof json !== 'boolean') break;
        return json;
      case ScalarType.BYTES:
        if (typeof json !== 'string') break;
        if (Buffer.from(json, 'base64').toString('base64') !== json)
          return this.#fault(path, 'WRONG_FORM', 'expected base64 with padding');
        return json;
      case ScalarType.DOUBLE:
      case ScalarType.FLOAT:
        if (typeof json !== 'number') break;
        return Number.isFinite(json) ? json : this.#fault(path, 'OUT_OF_RANGE', 'expected a finite number');
      default:
        return this.#integer(type, json, path);
    }
    return this.#fault(path, 'WRONG_TYPE', `expected ${NAMES[type] ?? 'a value'}, got ${typeOf(json)}`);
  }

  #integer(type: ScalarType, json: unknown, path: string): JsonValue | undefined {
    const range = RANGES[type] ?? INT32;
    const wide = range.bits === 64;
    let value: bigint | undefined;
    if (typeof json === 'number' && Number.isSafeInteger(json)) value = BigInt(json);
    else if (typeof json === 'string' && /^(0|-?[1-9][0-9]{0,19})$/.test(json)) value = BigInt(json);
    else if (typeof json === 'string' && wide) value = instantMs(json);
    if (value === undefined) {
      const expected = wide ? 'a whole number, or an instant as 2031-05-01T10:00:00Z' : 'a whole number';
      return this.#fault(path, 'WRONG_TYPE', `expected ${expected}, got ${typeOf(json)}`);
    }
    if (value < range.min || value > range.max)
      return this.#fault(path, 'OUT_OF_RANGE', `expected ${range.min} to ${range.max}`);
    return wide ? value.toString() : Number(value);
  }

  #choice(desc: DescEnum, json: unknown, path: string): JsonValue | undefined {
    if (typeof json === 'number') {
      if (desc.values.some((value) => value.number === json)) return json;
    } else if (typeof json === 'string') {
      const found = enumNumber(desc, json);
      if (found !== undefined) return found;
    } else return this.#fault(path, 'WRONG_TYPE', `expected a name, got ${typeOf(json)}`);
    const names = desc.values
      .filter((value) => value.number !== 0)
      .map((value) => shortName(desc, value.name));
    return this.#fault(path, 'UNKNOWN_VALUE', `expected one of ${names.join(', ')}`);
  }

  #date(text: string, path: string): JsonObject | undefined {
    const date = parsePartialDate(text);
    if (date === undefined)
      return this.#fault(path, 'WRONG_FORM', 'expected a date as 1971, 1971-03, 1971-03-02 or circa 1970');
    return { year: date.year, month: date.month, day: date.day, approximate: date.approximate };
  }

  #fault(path: string, code: string, message: string): undefined {
    this.faults.push({ path, code, message });
    return undefined;
  }
}

const NAMES: Partial<Readonly<Record<ScalarType, string>>> = {
  [ScalarType.STRING]: 'a text',
  [ScalarType.BOOL]: 'true or false',
  [ScalarType.BYTES]: 'base64 text',
  [ScalarType.DOUBLE]: 'a number',
  [ScalarType.FLOAT]: 'a number',
};

const INT32 = { bits: 32, min: -(2n ** 31n), max: 2n ** 31n - 1n } as const;
const RANGES: Partial<Readonly<Record<ScalarType, { bits: number; min: bigint; max: bigint }>>> = {
  [ScalarType.UINT32]: { bits: 32, min: 0n, max: 2n ** 32n - 1n },
  [ScalarType.INT64]: { bits: 64, min: -(2n ** 63n), max: 2n ** 63n - 1n },
  // As they are read on the wire: record/wire.ts.
  [ScalarType.UINT64]: { bits: 64, min: 0n, max: 2n ** 63n - 1n },
};

const typeOf = (json: unknown): string =>
  json === null
    ? 'null'
    : Array.isArray(json)
      ? 'a list'
      : typeof json === 'number'
        ? 'a number'
        : typeof json;

const ISO_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds of an ISO 8601 instant; undefined without a zone or where the calendar has no such day. */
export function instantMs(text: string): bigint | undefined {
  if (!ISO_INSTANT.test(text)) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  // Date.parse rolls 30 February over to March.
  const day = new Date(Date.parse(`${text.slice(0, 10)}T00:00:00Z`)).toISOString().slice(0, 10);
  return day === text.slice(0, 10) ? BigInt(ms) : undefined;
}

const plainName = (text: string): string => text.toUpperCase().replace(/[^A-Z0-9]+/g, '_');

function prefixOf(desc: DescEnum): string {
  return `${desc.name.replace(/(?<!^)(?=[A-Z])/g, '_').toUpperCase()}_`;
}

/** `transport-agent` for WATCHLIST_SUBJECT_TRANSPORT_AGENT. */
function shortName(desc: DescEnum, name: string): string {
  const prefix = prefixOf(desc);
  const short = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  return short.toLowerCase().replaceAll('_', '-');
}

function enumNumber(desc: DescEnum, text: string): number | undefined {
  const wanted = plainName(text);
  const prefix = prefixOf(desc);
  return desc.values.find((value) => value.name === wanted || value.name === `${prefix}${wanted}`)?.number;
}
