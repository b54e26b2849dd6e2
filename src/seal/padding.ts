/**
 * Size steps of a parcel's content, so that its length says little: 1, 2 and 4 KiB, then each power of two in eight steps
 * (4.5, 5, … 8, 9, … KiB) up to 576 KiB. Padding costs at most 12.5 % above 4 KiB, and 60 lengths are all that exist.
 */
import { concat } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';

const KiB = 1024;

function sizeSteps(): readonly number[] {
  const steps = [KiB, 2 * KiB, 4 * KiB];
  for (let power = 4 * KiB; ; power *= 2)
    for (let eighths = 9; eighths <= 16; eighths++) {
      const step = (power / 8) * eighths;
      if (step > LIMITS.parcelContentBytes) return steps;
      steps.push(step);
    }
}

/** Every length that the content of a parcel may have, in bytes, ascending. */
export const SIZE_STEPS: readonly number[] = sizeSteps();

const STEPS: ReadonlySet<number> = new Set(SIZE_STEPS);

export const isSizeStep = (length: number): boolean => STEPS.has(length);

/** Tag of ParcelContent.padding: field 4, length-delimited. */
const PADDING_TAG = 0x22;

function varint(value: number): number[] {
  const octets: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) octets.push((rest & 0x7f) | 0x80);
  octets.push(rest);
  return octets;
}

/** An encoded padding field of exactly `gap` bytes; undefined for the few gaps that no shortest encoding fills. */
function paddingField(gap: number): Uint8Array | undefined {
  if (gap === 0) return new Uint8Array();
  for (const lengthBytes of [1, 2, 3]) {
    const zeros = gap - 1 - lengthBytes;
    const length = zeros < 0 ? [] : varint(zeros);
    if (length.length !== lengthBytes) continue;
    const field = new Uint8Array(gap);
    field.set([PADDING_TAG, ...length]);
    return field;
  }
  return undefined;
}

/** An encoded ParcelContent without padding, padded to the next size step; undefined where it is too large for any. */
export function padContent(content: Uint8Array): Uint8Array | undefined {
  for (const step of SIZE_STEPS) {
    const field = step < content.length ? undefined : paddingField(step - content.length);
    if (field !== undefined) return concat(content, field);
  }
  return undefined;
}
