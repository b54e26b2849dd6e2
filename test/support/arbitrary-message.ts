/** Arbitrary ProtoJSON for any message, out of its descriptor: what a codec must carry, whether or not rules like it. */
import {
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  ScalarType,
} from '@bufbuild/protobuf';
import fc from 'fast-check';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });

const scalar = (type: ScalarType): fc.Arbitrary<JsonValue> => {
  switch (type) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      return fc.constant(true);
    case ScalarType.BYTES:
      return fc
        .uint8Array({ minLength: 1, maxLength: 40 })
        .map((bytes) => Buffer.from(bytes).toString('base64'));
    case ScalarType.DOUBLE:
      return fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => value !== 0);
    case ScalarType.UINT32:
      return fc.integer({ min: 1, max: 2 ** 32 - 1 });
    case ScalarType.UINT64:
      // Above that no store holds it, and no node takes it.
      return fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String);
    case ScalarType.INT64:
      return fc
        .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
        .filter((value) => value !== 0n)
        .map(String);
    default:
      throw new Error(`no arbitrary for scalar ${ScalarType[type]}`);
  }
};

const single = (field: DescField, depth: number): fc.Arbitrary<JsonValue> => {
  if (field.message !== undefined) return arbitraryMessage(field.message, depth - 1);
  if (field.enum !== undefined)
    return fc.constantFrom(
      ...field.enum.values.filter((value) => value.number !== 0).map((value) => value.name),
    );
  return scalar(field.scalar ?? ScalarType.STRING);
};

/** Plain ProtoJSON of a message: as messageToJson writes it. Messages below `depth` stay empty. */
export function arbitraryMessage(desc: DescMessage, depth = 3): fc.Arbitrary<JsonValue> {
  if (depth <= 0) return fc.constant({});
  const fields = desc.fields.filter((field) => field.oneof === undefined);
  const model: Record<string, fc.Arbitrary<JsonValue>> = {};
  for (const field of fields) {
    const value = single(field, depth);
    model[field.jsonName] =
      field.fieldKind === 'list' ? fc.array(value, { minLength: 1, maxLength: 2 }) : value;
  }
  return fc
    .record(model, { requiredKeys: [] })
    .map(
      (json) =>
        Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined)) as JsonObject,
    );
}
