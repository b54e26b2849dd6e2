/**
 * Two decoders of protobuf that share nothing with ours, for golden vectors. Both give ProtoJSON: one from field numbers that
 * were read off the proto files, the other protobuf-es over the descriptor set.
 */
import { createFileRegistry, fromBinary, toJson } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { DESCRIPTOR_SET_BASE64 } from '../../src/gen/descriptor-set.ts';

type Field = 'text' | 'bytes' | 'u32' | 'u64' | 'packed' | readonly string[] | Shape;
export interface Shape {
  readonly [name: string]: readonly [number: number, field: Field, repeated?: 'list'];
}

const AUDIENCE: Shape = { deskGroups: [1, 'packed'], purposes: [2, 'packed'] };
const ACTIONS = ['UNSPECIFIED', 'RECORD', 'FACETS', 'WITHDRAWN'].map((name) => `ITEM_ACTION_${name}`);
const ITEM: Shape = {
  action: [1, ACTIONS],
  headerDigest: [2, 'bytes'],
  facets: [3, 'text', 'list'],
  audience: [4, AUDIENCE],
  facetAudiences: [5, { facet: [1, 'text'], audience: [2, AUDIENCE] }, 'list'],
  basis: [6, 'text'],
  consent: [7, 'bytes'],
};
export const MANIFEST: Shape = {
  format: [1, 'u32'],
  sender: [2, 'text'],
  recipient: [3, 'text'],
  incarnation: [4, 'u32'],
  lane: [5, 'u32'],
  seq: [6, 'u64'],
  previous: [7, 'bytes'],
  rosterDigest: [8, 'bytes'],
  rosterVersion: [9, 'u64'],
  statementDigest: [10, 'bytes'],
  checkpoint: [11, 'bytes'],
  consistencyProof: [12, 'bytes', 'list'],
  acknowledgements: [
    13,
    { lane: [1, 'u32'], incarnation: [2, 'u32'], seq: [3, 'u64'], digest: [4, 'bytes'] },
    'list',
  ],
  items: [14, ITEM, 'list'],
  exerciseCheckpoint: [15, 'bytes'],
};
export const SKIP: Shape = {
  sender: [1, 'text'],
  recipient: [2, 'text'],
  incarnation: [3, 'u32'],
  lane: [4, 'u32'],
  seq: [5, 'u64'],
  digest: [6, 'bytes'],
  reason: [7, 'u32'],
};
export const RECEIPT: Shape = {
  manifestDigest: [1, 'bytes'],
  lane: [2, 'u32'],
  incarnation: [3, 'u32'],
  seq: [4, 'u64'],
  kind: [5, ['UNSPECIFIED', 'DELIVERED'].map((name) => `RECEIPT_KIND_${name}`)],
  items: [
    6,
    {
      headerDigest: [1, 'bytes'],
      result: [
        2,
        ['UNSPECIFIED', 'ACCEPTED', 'DUPLICATE', 'REFUSED'].map((name) => `RECEIPT_RESULT_${name}`),
      ],
      reason: [3, Array.from({ length: 52 }, (_unused, index) => (index === 51 ? 'REASON_WITHDRAWN' : ''))],
    },
    'list',
  ],
  at: [7, 'u64'],
};
export const CALL: Shape = {
  caller: [1, 'text'],
  callee: [2, 'text'],
  sessionId: [3, 'bytes'],
  callNumber: [4, 'u64'],
  method: [5, 'text'],
  deadline: [6, 'u64'],
  requestDigest: [7, 'bytes'],
};

/** Field numbers to values: numbers for varints, bytes for everything with a length. */
export function fieldsOf(bytes: Buffer): Map<number, (number | Buffer)[]> {
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
    const key = Math.floor(tag / 8);
    let value: number | Buffer = varint();
    if (tag % 8 === 2) {
      const length = value;
      value = bytes.subarray(at, at + length);
      at += length;
    } else if (tag % 8 !== 0) throw new Error(`wire type ${tag % 8}`);
    fields.set(key, [...(fields.get(key) ?? []), value]);
  }
  return fields;
}

function scalarOf(field: Field, value: number | Buffer): unknown {
  if (typeof value === 'number') {
    if (field === 'u32') return value;
    return typeof field === 'object' && Array.isArray(field) ? field[value] : String(value);
  }
  if (field === 'text') return value.toString('utf8');
  if (field === 'bytes') return value.toString('base64');
  if (field === 'packed') return [...value];
  return decodeByHand(field as Shape, value);
}

/** ProtoJSON by field numbers; throws for a field that the shape does not name. */
export function decodeByHand(shape: Shape, bytes: Buffer): Record<string, unknown> {
  const fields = fieldsOf(bytes);
  const json: Record<string, unknown> = {};
  for (const [name, [number, field, repeated]] of Object.entries(shape)) {
    const values = fields.get(number)?.map((value) => scalarOf(field, value));
    fields.delete(number);
    if (values !== undefined) json[name] = repeated === 'list' ? values : values[0];
  }
  if (fields.size > 0) throw new Error(`fields that the shape does not name: ${[...fields.keys()]}`);
  return json;
}

const registry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, Buffer.from(DESCRIPTOR_SET_BASE64, 'base64')),
);
/** ProtoJSON by reflection. */
export function reread(typeName: string, bytes: Uint8Array): unknown {
  const descriptor = registry.getMessage(typeName);
  if (descriptor === undefined) throw new Error(`no message ${typeName}`);
  return toJson(descriptor, fromBinary(descriptor, bytes), { registry });
}
