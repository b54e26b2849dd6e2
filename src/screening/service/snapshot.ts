/**
 * The indexes in one file, so that a restart is ready in seconds: a line that names the form, a header in JSON, the
 * two indexes as they serialise themselves, and a SHA-256 over all. Whatever does not read is thrown away, and the indexes are
 * built from the store.
 */
import { createHash } from 'node:crypto';
import { base64url, concat, equalBytes, fromBase64url, textOf, utf8 } from '../../base/bytes.ts';
import { DisclosedFacet } from '../../gen/tocsin/record/v1/header.ts';
import { judgeHeader } from '../../record/index.ts';
import { IdentifierIndex } from '../identifiers/identifier-index.ts';
import { ScreeningError } from './errors.ts';
import type { PolicyClass } from './policy-classes.ts';
import { type Indexed, type ListOfOne, type NameStore, ScreenedRecords } from './screened-records.ts';
import type { Came } from './viewer.ts';

const FORM = 'tocsin/screening-index/v1';
const DIGEST_BYTES = 32;

interface ClassInFile {
  readonly key: string;
  readonly restsOn: readonly string[];
  readonly refer: boolean;
  readonly atMs: number;
  readonly header: string;
  readonly facets: readonly { readonly facet: string; readonly salt: string; readonly body: string }[];
  readonly items: readonly Came[] | null;
}

interface Header {
  readonly rules: string;
  readonly position: string;
  readonly names: number;
  readonly identifiers: number;
  readonly classes: readonly ClassInFile[];
  readonly refers: boolean;
  readonly lists: readonly ListOfOne[];
  readonly facetLists: readonly (readonly string[])[];
  /** Position, place in `lists`, place in `facetLists`, one after the other. */
  readonly records: readonly number[];
  readonly awaited: readonly { readonly position: string; readonly digest: string; readonly from: number }[];
}

export interface Snapshot {
  readonly records: ScreenedRecords;
  /** Number of the last change that is in it. */
  readonly position: bigint;
}

const textBytes = (bytes: Uint8Array): string => base64url(bytes);

export function encodeSnapshot({ records, position }: Snapshot, rules: string): Uint8Array {
  const parts = records.parts;
  const [names, identifiers] = [parts.names.serialise(), parts.identifiers.serialise()];
  const listPlace = new Map(parts.lists.map((list, place) => [list, place]));
  const facetPlace = new Map<readonly string[], number>();
  const rows: number[] = [];
  for (const [at, { list, facets }] of parts.records) {
    if (!facetPlace.has(facets)) facetPlace.set(facets, facetPlace.size);
    rows.push(Number(at), listPlace.get(list) ?? 0, facetPlace.get(facets) ?? 0);
  }
  const header: Header = {
    rules,
    position: String(position),
    names: names.length,
    identifiers: identifiers.length,
    classes: parts.classes.map(({ representative: { signed, facets, items }, ...one }) => ({
      ...one,
      header: textBytes(signed.bytes),
      facets: facets.map(({ facet, salt, body }) => ({
        facet,
        salt: textBytes(salt),
        body: textBytes(body),
      })),
      items:
        items?.map(({ facets: came, audience, facetAudiences }) => ({
          facets: came,
          audience,
          facetAudiences,
        })) ?? null,
    })),
    refers: parts.refers,
    lists: parts.lists,
    facetLists: [...facetPlace.keys()],
    records: rows,
    awaited: parts.awaited.map((one) => ({
      position: String(one.position),
      digest: textBytes(one.headerDigest),
      from: one.from,
    })),
  };
  const json = utf8(JSON.stringify(header));
  const whole = concat(utf8(`${FORM} ${json.length}\n`), json, names, identifiers);
  return concat(whole, createHash('sha256').update(whole).digest());
}

const unusable = (why: string, cause?: unknown): ScreeningError =>
  new ScreeningError('SNAPSHOT_UNUSABLE', `${why}: the index is built from the store`, { cause });

/** Throws SNAPSHOT_UNUSABLE. */
export function decodeSnapshot(
  bytes: Uint8Array,
  rules: string,
  network: Uint8Array,
  namesFrom: (bytes: Uint8Array) => NameStore,
): Snapshot {
  const whole = bytes.subarray(0, Math.max(0, bytes.length - DIGEST_BYTES));
  if (!equalBytes(createHash('sha256').update(whole).digest(), bytes.subarray(whole.length)))
    throw unusable('expected a whole file of the index, got another or a part of one');
  const end = whole.indexOf(10);
  const [form, length] = textOf(whole.subarray(0, Math.max(0, end))).split(' ');
  if (form !== FORM) throw unusable(`expected a file of form ${FORM}, got another`);
  try {
    const from = end + 1;
    const header = JSON.parse(textOf(whole.subarray(from, from + Number(length)))) as Header;
    if (header.rules !== rules) throw new Error('it was made by other rules of comparison');
    const namesAt = from + Number(length);
    const identifiersAt = namesAt + header.names;
    return {
      position: BigInt(header.position),
      records: new ScreenedRecords({
        names: namesFrom(whole.slice(namesAt, identifiersAt)),
        identifiers: IdentifierIndex.from(whole.slice(identifiersAt, identifiersAt + header.identifiers)),
        classes: header.classes.map((one) => classOf(one, network)),
        refers: header.refers,
        lists: header.lists,
        records: rowsOf(header),
        awaited: header.awaited.map(({ position, digest, from: since }) => ({
          position: BigInt(position),
          headerDigest: fromBase64url(digest),
          from: since,
        })),
      }),
    };
  } catch (cause) {
    throw unusable('expected an index that reads as one', cause);
  }
}

function rowsOf({ records, lists, facetLists }: Header): Map<bigint, Indexed> {
  const found = new Map<bigint, Indexed>();
  for (let at = 0; at < records.length; at += 3) {
    const [position = 0, listAt = 0, facetsAt = 0] = records.slice(at, at + 3);
    const [list, facets] = [lists[listAt], facetLists[facetsAt]];
    if (list === undefined || facets === undefined) throw new Error('a row names a list that is not there');
    found.set(BigInt(position), { list, facets });
  }
  return found;
}

function classOf({ header, facets, items, ...one }: ClassInFile, network: Uint8Array): PolicyClass {
  const judged = judgeHeader(network, fromBase64url(header));
  if (!judged.ok) throw new Error(judged.detail);
  return {
    ...one,
    representative: {
      signed: judged.value,
      facets: facets.map(({ facet, salt, body }) =>
        DisclosedFacet.fromPartial({
          facet,
          salt: Buffer.from(fromBase64url(salt)),
          body: Buffer.from(fromBase64url(body)),
        }),
      ),
      items: items ?? undefined,
    },
  };
}
