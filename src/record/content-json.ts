/** The JSON form of content: what desks, commands and importers write. */
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import type { FieldFault } from '../base/error.ts';
import { DeskGroup, Marking, Priority } from '../gen/tocsin/record/v1/marking.ts';
import type { RecordContent } from './content.ts';
import { registry } from './descriptor.ts';
import { instantMs, messageToJson, readMessage } from './json.ts';
import type { KindRow } from './kind-row.ts';
import { KINDS, kindOf } from './kinds.ts';
import { retentionOf, viewContent } from './validate.ts';

const DAY_MS = 86_400_000;
const MARKING_TYPE = 'tocsin.record.v1.Marking';

export interface ContentDefaults {
  readonly deskGroup: DeskGroup;
  readonly nowMs: number;
}

const KEYS: ReadonlySet<string> = new Set([
  'kind',
  'deskGroup',
  'priority',
  'marking',
  'expires',
  'reviewBy',
  'facets',
]);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads `{kind, deskGroup?, priority?, marking?, expires?, reviewBy?, facets}`. What is left out takes the kind's default;
 * a marking given in part is laid over it. Faults are those of form; validateContent judges the meaning.
 */
export function contentFromJson(
  json: unknown,
  defaults: ContentDefaults,
): { readonly content?: RecordContent; readonly faults: FieldFault[] } {
  const faults: FieldFault[] = [];
  const fault = (path: string, code: string, message: string) => faults.push({ path, code, message });
  if (!isObject(json)) {
    fault('', 'WRONG_TYPE', 'expected an object with kind and facets');
    return { faults };
  }
  for (const key of Object.keys(json))
    if (!KEYS.has(key)) fault(key, 'UNKNOWN_FIELD', `expected one of ${[...KEYS].join(', ')}`);
  const row = typeof json.kind === 'string' ? kindOf(json.kind) : undefined;
  if (row === undefined) {
    fault('kind', 'UNKNOWN_KIND', `expected one of ${[...KINDS.keys()].join(', ')}`);
    return { faults };
  }
  const choices = readChoices(json, faults);
  const marking = readMarking(row, json.marking, faults);
  const facets = readFacets(row, json.facets, faults);
  const draft: RecordContent = {
    kind: row.code,
    deskGroup: choices.deskGroup ?? defaults.deskGroup,
    priority: choices.priority ?? row.defaultPriority,
    marking,
    expires: 0,
    reviewBy: 0,
    facets,
  };
  const instants = readInstants(json, faults);
  if (faults.length > 0) return { faults };
  const view = viewContent(draft, row, { mode: 'typed', nowMs: defaults.nowMs }, { faults: [], flags: [] });
  const retention = retentionOf(row, view);
  const expires = instants.expires ?? defaults.nowMs + retention.expireAfterDays * DAY_MS;
  const reviewBy =
    instants.reviewBy ?? Math.min(expires, defaults.nowMs + retention.reviewEveryDays * DAY_MS);
  return { content: { ...draft, expires, reviewBy }, faults };
}

/** Enum values are read through a header message, so that names follow one rule everywhere. */
function readChoices(
  json: Readonly<Record<string, unknown>>,
  faults: FieldFault[],
): { deskGroup?: DeskGroup; priority?: Priority } {
  const given: Record<string, unknown> = {};
  if (json.deskGroup !== undefined) given.deskGroup = json.deskGroup;
  if (json.priority !== undefined) given.priority = json.priority;
  const read = readMessage('tocsin.record.v1.Header', given, '');
  faults.push(...read.faults);
  if (read.bytes === undefined) return {};
  const plain = messageToJson('tocsin.record.v1.Header', read.bytes);
  if (!isObject(plain)) return {};
  const deskGroup = Object.entries(DeskGroup).find(([name]) => name === plain.deskGroup)?.[1];
  const priority = Object.entries(Priority).find(([name]) => name === plain.priority)?.[1];
  return {
    ...(deskGroup === undefined ? {} : { deskGroup }),
    ...(priority === undefined ? {} : { priority }),
  };
}

function readMarking(row: KindRow, json: unknown, faults: FieldFault[]): Marking {
  const base = row.defaultMarking();
  if (json === undefined || json === null) return base;
  const read = readMessage(MARKING_TYPE, json, 'marking');
  faults.push(...read.faults);
  if (read.bytes === undefined || !isObject(json)) return base;
  const given = Marking.decode(read.bytes);
  // A field named with an empty value is a choice too: `handling: []` takes the default's codes away.
  const desc = registry().getMessage(MARKING_TYPE);
  const named = new Set(
    Object.keys(json).map((key) => desc?.fields.find((field) => field.name === key)?.jsonName ?? key),
  );
  const chosen = Object.fromEntries(Object.entries(given).filter(([key]) => named.has(key)));
  return { ...base, ...chosen };
}

function readFacets(row: KindRow, json: unknown, faults: FieldFault[]): Record<string, Uint8Array> {
  const facets: Record<string, Uint8Array> = {};
  if (!isObject(json)) {
    faults.push({
      path: 'facets',
      code: 'WRONG_TYPE',
      message: 'expected an object with a facet of the kind each',
    });
    return facets;
  }
  for (const [name, value] of Object.entries(json)) {
    const path = `facets.${name}`;
    const facet = row.facets.find((known) => known.name === name);
    if (facet === undefined) {
      const names = row.facets.map((known) => known.name).join(', ');
      faults.push({ path, code: 'UNKNOWN_FACET', message: `expected one of ${names}` });
      continue;
    }
    if (value === null || value === undefined) continue;
    const read = readMessage(facet.typeName, value, path);
    faults.push(...read.faults);
    if (read.bytes !== undefined && read.bytes.length > 0) facets[name] = read.bytes;
  }
  return facets;
}

function readInstants(
  json: Readonly<Record<string, unknown>>,
  faults: FieldFault[],
): { expires?: number; reviewBy?: number } {
  const read = (path: 'expires' | 'reviewBy'): number | undefined => {
    const value = json[path];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
    const ms = typeof value === 'string' ? instantMs(value) : undefined;
    if (ms !== undefined) return Number(ms);
    faults.push({
      path,
      code: 'WRONG_FORM',
      message: 'expected an instant as 2031-05-01T10:00:00Z or milliseconds',
    });
    return undefined;
  };
  const expires = read('expires');
  const reviewBy = read('reviewBy');
  return { ...(expires === undefined ? {} : { expires }), ...(reviewBy === undefined ? {} : { reviewBy }) };
}

/** The JSON that contentFromJson reads back into the same content. */
export function contentToJson(content: RecordContent): JsonValue {
  const row = kindOf(content.kind);
  const facets: JsonObject = {};
  for (const { name, typeName } of row?.facets ?? []) {
    const body = Object.hasOwn(content.facets, name) ? content.facets[name] : undefined;
    if (body !== undefined && body.length > 0) facets[name] = messageToJson(typeName, body);
  }
  return {
    kind: content.kind,
    deskGroup: enumName(DeskGroup, content.deskGroup),
    priority: enumName(Priority, content.priority),
    marking: completeMarking(content.marking),
    expires: new Date(content.expires).toISOString(),
    reviewBy: new Date(content.reviewBy).toISOString(),
    facets,
  };
}

/** ProtoJSON leaves out empty lists; here they are choices, and must not come back as the kind's defaults. */
function completeMarking(marking: Marking): JsonObject {
  const plain = messageToJson(MARKING_TYPE, Marking.encode(marking).finish());
  const empty = { handling: [], releasableTo: [], purposes: [], alsoFacets: [], condition: '' };
  return { ...empty, ...(isObject(plain) ? (plain as JsonObject) : {}) };
}

const enumName = (names: Readonly<Record<string, number>>, number: number): string | number =>
  Object.entries(names).find(([, value]) => value === number)?.[0] ?? number;
