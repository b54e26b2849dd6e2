/**
 * Golden vectors of headers and commitments, read by two decoders that are not ours: one of thirty lines written here, and
 * the reflection of @bufbuild/protobuf. Only then are our own encoder and judge asked.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary, toJson } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { DESCRIPTOR_SET_BASE64 } from '../../src/gen/descriptor-set.ts';
import { Header } from '../../src/gen/tocsin/record/v1/header.ts';
import { commitFacet, encodeHeader, judgeHeader, reasonName } from '../../src/record/index.ts';

interface HeaderCase {
  readonly name: string;
  readonly header: Readonly<Record<string, unknown>> & {
    readonly marking: Readonly<Record<string, unknown>>;
    readonly commitments: readonly { readonly facet: string; readonly digest: string }[];
  };
  readonly bytes: string;
  readonly digest: string;
}
interface FacetCase {
  readonly name: string;
  readonly recordId: string;
  readonly revision: number;
  readonly facet: string;
  readonly salt: string;
  readonly body: string;
  readonly digest: string;
}

const read = <Shape>(file: string): Shape =>
  JSON.parse(readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8')) as Shape;
const headers = read<{
  readonly network: string;
  readonly valid: readonly HeaderCase[];
  readonly refused: readonly { readonly name: string; readonly bytes: string; readonly expect: string }[];
}>('header.json');
const { facets } = read<{ readonly facets: readonly FacetCase[] }>('facet.json');
const network = Buffer.from(headers.network, 'hex');
const LABEL = 'tocsin/header/v1\n';

/** Field numbers to values: numbers for varints, bytes for everything with a length. Knows nothing of the schema. */
function fieldsOf(bytes: Buffer): Map<number, (number | Buffer)[]> {
  const fields = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    let value: number | Buffer;
    if (tag % 8 === 0) value = varint();
    else if (tag % 8 === 2) {
      const length = varint();
      value = bytes.subarray(at, at + length);
      at += length;
    } else throw new Error(`wire type ${tag % 8}`);
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

const text = (value: unknown): string => (Buffer.isBuffer(value) ? value.toString('utf8') : '');
const hexOf = (value: unknown): string => (Buffer.isBuffer(value) ? value.toString('hex') : '');
const packed = (value: unknown): number[] => (Buffer.isBuffer(value) ? [...value] : []);
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

function decodeByHand(body: Buffer) {
  const header = fieldsOf(body);
  const one = (field: number) => header.get(field)?.[0];
  const marking = fieldsOf(one(14) as Buffer);
  return {
    logOrigin: text(one(1)),
    recordId: hexOf(one(2)),
    kind: text(one(3)),
    schemaVersion: number(one(4)),
    facetTableVersion: number(one(5)),
    originator: text(one(6)),
    deskGroup: number(one(7)),
    revision: number(one(8)),
    supersedes: hexOf(one(9)),
    released: number(one(10)),
    expires: number(one(11)),
    reviewBy: number(one(12)),
    priority: number(one(13)),
    marking: {
      tlp: number(marking.get(1)?.[0]),
      handling: packed(marking.get(2)?.[0]),
      pap: number(marking.get(3)?.[0]),
      releasableTo: marking.get(4)?.map(text) ?? [],
      purposes: packed(marking.get(5)?.[0]),
      onward: number(marking.get(6)?.[0]),
      evidence: number(marking.get(7)?.[0]),
      notBefore: number(marking.get(8)?.[0]),
      status: number(marking.get(9)?.[0]),
      alsoFacets: marking.get(10)?.map(text) ?? [],
      condition: text(marking.get(11)?.[0]),
    },
    commitments: (header.get(15) ?? []).map((bytes) => {
      const commitment = fieldsOf(bytes as Buffer);
      return { facet: text(commitment.get(1)?.[0]), digest: hexOf(commitment.get(2)?.[0]) };
    }),
  };
}

const NO_MARKING = { pap: 0, notBefore: 0, alsoFacets: [], condition: '' };
const complete = (of: HeaderCase) => ({ ...of.header, marking: { ...NO_MARKING, ...of.header.marking } });

/** The header of a case as our own encoder takes it. */
function ours(of: HeaderCase): Header {
  const plain = complete(of);
  const big = (value: unknown) => BigInt(number(value));
  return Header.fromPartial({
    ...(plain as object),
    recordId: Buffer.from(String(of.header.recordId), 'hex'),
    supersedes: Buffer.from(String(of.header.supersedes), 'hex'),
    released: big(of.header.released),
    expires: big(of.header.expires),
    reviewBy: big(of.header.reviewBy),
    marking: { ...(plain.marking as object), notBefore: big(plain.marking.notBefore) },
    commitments: of.header.commitments.map(({ facet, digest }) => ({
      facet,
      digest: Buffer.from(digest, 'hex'),
    })),
  });
}

const registry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, Buffer.from(DESCRIPTOR_SET_BASE64, 'base64')),
);
const schema = registry.getMessage('tocsin.record.v1.Header');

describe('golden headers', () => {
  it.each(headers.valid)('$name: bytes and digest are as written, for three decoders', (of) => {
    const bytes = Buffer.from(of.bytes, 'hex');
    const body = bytes.subarray(LABEL.length + 32);
    expect(bytes.subarray(0, LABEL.length).toString('latin1')).toBe(LABEL);
    expect(bytes.subarray(LABEL.length, LABEL.length + 32)).toEqual(network);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(of.digest);
    expect(decodeByHand(body)).toEqual(complete(of));
    if (schema === undefined) throw new Error('no Header in the descriptor set');
    const reflected = toJson(schema, fromBinary(schema, body), {
      enumAsInteger: true,
      alwaysEmitImplicit: true,
    });
    expect(reflected).toMatchObject({
      kind: of.header.kind,
      logOrigin: of.header.logOrigin,
      released: String(of.header.released),
      recordId: Buffer.from(String(of.header.recordId), 'hex').toString('base64'),
      marking: { ...complete(of).marking, notBefore: String(complete(of).marking.notBefore) },
    });
    const judged = judgeHeader(network, bytes);
    expect(judged.ok ? Buffer.from(judged.value.digest).toString('hex') : judged.detail).toBe(of.digest);
    expect(Buffer.from(encodeHeader(network, ours(of)).bytes).toString('hex')).toBe(of.bytes);
  });

  it.each(headers.refused)('$name: refused with $expect', (of) => {
    const judged = judgeHeader(network, Buffer.from(of.bytes, 'hex'));
    expect(judged.ok ? 'accepted' : reasonName(judged.reason)).toBe(of.expect);
  });
});

describe('golden commitments', () => {
  const u32 = (value: number): string => value.toString(16).padStart(8, '0');
  const lp = (hex: string): string => u32(hex.length / 2) + hex;

  it.each(facets)('$name', (of) => {
    const name = Buffer.from(of.facet).toString('hex');
    const label = Buffer.from('tocsin/facet/v1\n').toString('hex');
    const preimage = label + lp(of.recordId) + u32(of.revision) + lp(name) + of.salt + lp(of.body);
    expect(createHash('sha256').update(Buffer.from(preimage, 'hex')).digest('hex')).toBe(of.digest);
    const digest = commitFacet({
      recordId: Buffer.from(of.recordId, 'hex'),
      revision: of.revision,
      facet: of.facet,
      salt: Buffer.from(of.salt, 'hex'),
      body: Buffer.from(of.body, 'hex'),
    });
    expect(Buffer.from(digest).toString('hex')).toBe(of.digest);
  });
});
