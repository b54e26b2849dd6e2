/** Reading fields of requests: every fault at once, with the field's path. */
import { hex } from '../../base/bytes.ts';
import type { FieldFault } from '../../base/error.ts';
import { parseJson } from '../../base/json-text.ts';
import { LIMITS } from '../../base/limits.ts';
import { DIGEST_BYTES, isNodeId, RECORD_ID_BYTES } from '../../record/index.ts';
import { refuseFaults } from '../errors.ts';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;
/** Ids of drafts are the node's own; only their bound is checked. */
const ID_LENGTH = 64;
const NOTE_LENGTH = 2_000;
const SEARCH_LENGTH = 200;
const DEFAULT_PAGE = 100;

/** Collects faults; `done` throws them all. */
export class RequestFields {
  readonly #faults: FieldFault[] = [];

  fault(path: string, code: string, message: string): void {
    this.#faults.push({ path, code, message });
  }

  digest(path: string, bytes: Uint8Array): Uint8Array {
    if (bytes.length !== DIGEST_BYTES)
      this.fault(path, 'LENGTH', `expected ${DIGEST_BYTES} bytes, got ${bytes.length}`);
    return bytes;
  }

  recordId(path: string, bytes: Uint8Array): Uint8Array {
    if (bytes.length !== RECORD_ID_BYTES)
      this.fault(path, 'LENGTH', `expected ${RECORD_ID_BYTES} bytes, got ${bytes.length}`);
    return bytes;
  }

  requestId(path: string, text: string): string {
    if (text !== '' && !REQUEST_ID.test(text))
      this.fault(path, 'FORM', 'expected 1 to 64 characters of A-Z a-z 0-9 . _ - or nothing');
    return text;
  }

  id(path: string, text: string): string {
    if (text === '' || text.length > ID_LENGTH) this.fault(path, 'FORM', 'expected the id of a draft');
    return text;
  }

  node(path: string, text: string): string {
    if (!isNodeId(text)) this.fault(path, 'FORM', 'expected a node id, as XA');
    return text;
  }

  note(path: string, text: string): string {
    return this.text(path, text, NOTE_LENGTH);
  }

  search(path: string, text: string): string {
    return this.text(path, text, SEARCH_LENGTH);
  }

  text(path: string, text: string, length: number): string {
    if (text.length > length)
      this.fault(path, 'TOO_LONG', `expected at most ${length} characters, got ${text.length}`);
    return text;
  }

  pageSize(path: string, size: number): number {
    if (size > LIMITS.deskPage) this.fault(path, 'TOO_LARGE', `expected at most ${LIMITS.deskPage}`);
    return size === 0 ? DEFAULT_PAGE : size;
  }

  /** JSON text as a value. */
  json(path: string, text: string): unknown {
    try {
      return parseJson(text);
    } catch (error) {
      const problem = error instanceof SyntaxError ? error.message : 'not readable';
      this.fault(path, 'NOT_JSON', `expected JSON text of a record: ${problem.slice(0, 120)}`);
      return undefined;
    }
  }

  done(): void {
    refuseFaults(this.#faults);
  }
}

/** For requests with one field: reads, then throws what is wrong. */
export function readField<Value>(read: (fields: RequestFields) => Value): Value {
  const fields = new RequestFields();
  const value = read(fields);
  fields.done();
  return value;
}

/** Subject of audit rows about a record. */
export const subjectOf = (headerDigest: Uint8Array): string => hex(headerDigest);

/** Recipients or facets named in one request. */
const MOST_NAMES = 64;

function bounded(fields: RequestFields, path: string, names: readonly string[]): readonly string[] {
  if (names.length === 0 || names.length > MOST_NAMES)
    fields.fault(path, 'COUNT', `expected 1 to ${MOST_NAMES}, got ${names.length}`);
  if (new Set(names).size !== names.length) fields.fault(path, 'DUPLICATE', 'expected each once');
  return names.slice(0, MOST_NAMES);
}

/** Facets named in a request: at least one, each once. */
export const namesOf = (fields: RequestFields, path: string, names: readonly string[]): readonly string[] =>
  bounded(fields, path, names).map((name, index) => fields.text(`${path}[${index}]`, name, 64));

/** Node ids named in a request: at least one, each once. */
export const nodesOf = (fields: RequestFields, path: string, names: readonly string[]): readonly string[] =>
  bounded(fields, path, names).map((name, index) => fields.node(`${path}[${index}]`, name));
