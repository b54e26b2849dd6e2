/** Places with coordinates that a facet names, wherever in its message they stand. */
import { type DescMessage, fromBinary, type Message } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { messageDescriptor } from './descriptor.ts';
import { facetOf } from './kinds.ts';

export interface NamedPoint {
  /** Degrees north. */
  readonly latitude: number;
  /** Degrees east. */
  readonly longitude: number;
  readonly name: string;
  /** ISO 3166-1 alpha-2; empty where the record says none. */
  readonly country: string;
}

const PLACE = 'tocsin.record.v1.Place';
const CIRCLE = 'tocsin.record.v1.Circle';

const placed = new Map<string, boolean>();

/** Whether messages of a type can name a place at all: most cannot, and are not read for it. */
function canName(desc: DescMessage, above: readonly string[] = []): boolean {
  if (desc.typeName === PLACE || desc.typeName === CIRCLE) return true;
  if (above.includes(desc.typeName)) return false;
  const known = placed.get(desc.typeName);
  if (known !== undefined) return known;
  const within = [...above, desc.typeName];
  const can = desc.fields.some((field) => field.message !== undefined && canName(field.message, within));
  if (above.length === 0) placed.set(desc.typeName, can);
  return can;
}

/** At most `limit` of one facet, in the order in which they stand. The bytes are those of a judged facet. */
export function placesIn(
  kind: string,
  facet: string,
  body: Uint8Array,
  limit: number,
): readonly NamedPoint[] {
  const typeName = facetOf(kind, facet)?.typeName;
  if (typeName === undefined || body.length === 0) return [];
  const desc = messageDescriptor(typeName);
  if (!canName(desc)) return [];
  const found: NamedPoint[] = [];
  collect(desc, fromBinary(desc, body), '', found);
  return found.slice(0, limit);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function collect(desc: DescMessage, message: Message, called: string, found: NamedPoint[]): void {
  const at = reflect(desc, message);
  const get = (name: string): unknown => {
    const field = desc.fields.find((one) => one.name === name);
    return field && at.isSet(field) ? at.get(field) : undefined;
  };
  const point = desc.typeName === PLACE ? get('point') : desc.typeName === CIRCLE ? get('center') : undefined;
  if (isReflected(point)) {
    const latitude = point.message['latitude' as keyof Message] as unknown;
    const longitude = point.message['longitude' as keyof Message] as unknown;
    if (typeof latitude === 'number' && typeof longitude === 'number')
      found.push({
        latitude,
        longitude,
        name: textOf(get('name')) || called,
        country: textOf(get('country')),
      });
    return;
  }
  const name = textOf(get('description')) || called;
  for (const field of desc.fields) {
    if (field.message === undefined || !at.isSet(field)) continue;
    const inner = field.message;
    if (field.fieldKind === 'list') {
      for (const item of at.get(field) as Iterable<unknown>)
        if (isReflected(item)) collect(inner, item.message, name, found);
    } else {
      const item: unknown = at.get(field);
      if (isReflected(item)) collect(inner, item.message, name, found);
    }
  }
}

const isReflected = (value: unknown): value is { readonly message: Message } =>
  typeof value === 'object' && value !== null && 'message' in value;
