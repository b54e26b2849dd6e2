/** Which other records a record speaks about, by header digest: a digest commits to its record's world (R21). */
import { messageDescriptor } from './descriptor.ts';
import { DIGEST_BYTES } from './header.ts';
import type { KindRow } from './kind-row.ts';
import { kindOf } from './kinds.ts';
import { wireFault } from './wire.ts';

const RECORD_REF = 'tocsin.record.v1.RecordRef';
/** Fields of control kinds that name the record they are about. */
const ABOUT = ['record', 'target'] as const;

const speaking = new Map<string, ReadonlySet<string>>();

/** Facets of a kind whose message can name a record; found out once a kind. */
function speakingOf(row: KindRow): ReadonlySet<string> {
  const known =
    speaking.get(row.code) ??
    new Set(
      row.facets
        .filter(({ typeName }) => row.control || holdsReference(typeName, new Set()))
        .map(({ name }) => name),
    );
  speaking.set(row.code, known);
  return known;
}

function holdsReference(typeName: string, seen: Set<string>): boolean {
  if (typeName === RECORD_REF) return true;
  if (seen.has(typeName)) return false;
  seen.add(typeName);
  return messageDescriptor(typeName).fields.some(
    ({ message }) => message !== undefined && holdsReference(message.typeName, seen),
  );
}

interface Body {
  readonly facet: string;
  readonly body: Uint8Array;
}

/** Header digests named in the facets given; a reference by id alone names none, bytes that are no message neither. */
export function subjectsOf(kind: string, facets: readonly Body[]): readonly Uint8Array[] {
  const row = kindOf(kind);
  if (row === undefined) return [];
  const names = speakingOf(row);
  const found: Uint8Array[] = [];
  for (const { facet, body } of facets) {
    const codec = row.facets.find(({ name }) => name === facet);
    if (!codec || body.length === 0 || !names.has(facet)) continue;
    if (wireFault(codec.typeName, body) !== undefined) continue;
    const message = codec.codec.decode(body);
    if (row.control) for (const field of ABOUT) collect(fieldOf(message, field), found);
    else walk(message, found);
  }
  return found;
}

const fieldOf = (message: unknown, field: string): unknown =>
  typeof message === 'object' && message !== null ? Reflect.get(message, field) : undefined;

function collect(value: unknown, found: Uint8Array[]): void {
  if (value instanceof Uint8Array && value.length === DIGEST_BYTES) found.push(value);
}

/** The shape of a RecordRef is its own: no other message has these three fields. */
function walk(value: unknown, found: Uint8Array[]): void {
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return;
  if ('recordId' in value && 'headerDigest' in value && 'originator' in value) {
    collect(value.headerDigest, found);
    return;
  }
  for (const inner of Object.values(value)) walk(inner, found);
}
