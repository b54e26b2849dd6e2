/** Segments in one run of bytes and back: a line that names the form, sizes in JSON, the arrays as they are, a digest of it all. */
import { createHash } from 'node:crypto';
import { refuse } from './errors.ts';
import { ARRAY_TYPES, type ArrayName, Segment, type SegmentArrays } from './segment.ts';

const FORM = 'tocsin names 4';
const DIGEST = 32;
const ALIGN = 8;
const NAMES = Object.keys(ARRAY_TYPES) as ArrayName[];

interface Header {
  /** Of the rules that made the segments. */
  readonly rules: string;
  /** Elements of each array, in the order of ARRAY_TYPES. */
  readonly segments: readonly (readonly number[])[];
}

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN;

export function writeSegments(segments: readonly Segment[], rules: string): Uint8Array {
  const header: Header = {
    rules,
    segments: segments.map(({ arrays }) => NAMES.map((name) => arrays[name].length)),
  };
  const head = Buffer.from(`${FORM}\n${JSON.stringify(header)}\n`);
  const size = segments.reduce(
    (sum, { arrays }) => sum + NAMES.reduce((of, name) => of + aligned(arrays[name].byteLength), 0),
    aligned(head.length),
  );
  const whole = new Uint8Array(size + DIGEST);
  whole.set(head);
  let at = aligned(head.length);
  for (const { arrays } of segments)
    for (const name of NAMES) {
      const { buffer, byteOffset, byteLength } = arrays[name];
      whole.set(new Uint8Array(buffer, byteOffset, byteLength), at);
      at += aligned(byteLength);
    }
  whole.set(createHash('sha256').update(whole.subarray(0, size)).digest(), size);
  return whole;
}

/** Throws NameError SNAPSHOT_CORRUPT or, where it was made by other rules, SNAPSHOT_VERSION. */
export function readSegments(bytes: Uint8Array, rules: string): readonly Segment[] {
  const size = bytes.length - DIGEST;
  const digest = createHash('sha256')
    .update(bytes.subarray(0, Math.max(0, size)))
    .digest();
  if (size <= 0 || !digest.equals(bytes.subarray(size)))
    throw refuse(
      'SNAPSHOT_CORRUPT',
      'expected a whole snapshot of an index, its digest differs; build the index anew',
      {
        bytes: bytes.length,
      },
    );
  const formEnd = bytes.indexOf(10);
  const headEnd = bytes.indexOf(10, formEnd + 1);
  const text = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString();
  if (text(0, formEnd) !== FORM)
    throw refuse('SNAPSHOT_VERSION', `expected the form '${FORM}'; build the index anew`);
  const header = JSON.parse(text(formEnd + 1, headEnd)) as Header;
  if (header.rules !== rules)
    throw refuse('SNAPSHOT_VERSION', `expected an index by rules ${rules}; build it anew`);
  let at = aligned(headEnd + 1);
  return header.segments.map((lengths) => {
    const arrays: Partial<Record<ArrayName, unknown>> = {};
    for (const [index, name] of NAMES.entries()) {
      const type = ARRAY_TYPES[name];
      const length = lengths[index] as number;
      const array = new (type as new (buffer: SharedArrayBuffer) => Uint8Array)(
        new SharedArrayBuffer(length * type.BYTES_PER_ELEMENT),
      );
      const from = bytes.subarray(at, at + array.byteLength);
      new Uint8Array(array.buffer).set(from);
      arrays[name] = array;
      at += aligned(array.byteLength);
    }
    return new Segment(arrays as SegmentArrays);
  });
}
