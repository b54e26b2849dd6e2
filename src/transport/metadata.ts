/** Metadata of a call as gRPC has it: lower-case keys, several values a key, bytes under keys that end in `-bin`. */
import { textOf, utf8 } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import type { CallMetadata } from '../gen/tocsin/exchange/v1/frame.ts';
import { TransportError } from './errors.ts';

export type MetadataValue = string | Uint8Array;

/** What may be given where metadata is expected. */
export type MetadataInit = Metadata | Readonly<Record<string, MetadataValue | readonly MetadataValue[]>>;

const KEY = /^[0-9a-z_.-]{1,128}$/;
const TEXT = /^[\x20-\x7e]*$/;
/** What an entry counts beside its bytes (as HPACK's table, RFC 7541 §4.1), so that many empty ones are bounded too. */
const ENTRY_BYTES = 32;

const isBinary = (key: string): boolean => key.endsWith('-bin');

/** Keys in lower case; values of `-bin` keys are bytes, all others printable ASCII. At most LIMITS.metadataBytes. */
export class Metadata {
  readonly #entries: Array<readonly [string, MetadataValue]> = [];
  #bytes = 0;

  static from(init: MetadataInit | undefined): Metadata {
    if (init instanceof Metadata) return init;
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(init ?? {})) {
      if (typeof value === 'string' || value instanceof Uint8Array) metadata.add(key, value);
      else for (const one of value) metadata.add(key, one);
    }
    return metadata;
  }

  /** Appends a value. Throws TransportError METADATA_INVALID for what gRPC cannot carry; `grpc-` keys are its own. */
  add(key: string, value: MetadataValue): this {
    const name = key.toLowerCase();
    if (!KEY.test(name) || name.startsWith('grpc-'))
      throw new TransportError(
        'METADATA_INVALID',
        `expected a metadata key of a-z 0-9 _ - . without grpc-, got '${name.slice(0, 40)}'`,
      );
    if (isBinary(name) !== value instanceof Uint8Array)
      throw new TransportError(
        'METADATA_INVALID',
        `expected bytes under '-bin' keys and text elsewhere: see '${name}'`,
      );
    if (typeof value === 'string' && !TEXT.test(value))
      throw new TransportError(
        'METADATA_INVALID',
        `expected printable ascii under '${name}', use a '-bin' key for other text`,
      );
    this.#bytes += name.length + value.length + ENTRY_BYTES;
    if (this.#bytes > LIMITS.metadataBytes)
      throw new TransportError(
        'METADATA_INVALID',
        `expected at most ${LIMITS.metadataBytes} bytes of metadata`,
      );
    this.#entries.push([name, value]);
    return this;
  }

  /** First value of a key. */
  get(key: string): MetadataValue | undefined {
    return this.#entries.find(([name]) => name === key)?.[1];
  }

  getAll(key: string): readonly MetadataValue[] {
    return this.#entries.filter(([name]) => name === key).map(([, value]) => value);
  }

  entries(): ReadonlyArray<readonly [string, MetadataValue]> {
    return this.#entries;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }
}

export const encodeMetadata = (metadata: Metadata): CallMetadata => ({
  entries: metadata.entries().map(([key, value]) => ({
    key,
    value: Buffer.from(typeof value === 'string' ? utf8(value) : value),
  })),
});

/** Metadata of a peer; undefined where it breaks a rule. */
export function decodeMetadata(wire: CallMetadata | undefined): Metadata | undefined {
  const metadata = new Metadata();
  try {
    for (const { key, value } of wire?.entries ?? [])
      if (key !== key.toLowerCase()) return undefined;
      else metadata.add(key, isBinary(key) ? new Uint8Array(value) : textOf(value));
  } catch {
    return undefined;
  }
  return metadata;
}
