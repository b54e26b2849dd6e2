/**
 * Strict reading of protobuf bytes. The generated decoders are lax (invalid UTF-8 becomes U+FFFD, an unknown enum number
 * passes, a wrong wire type is skipped, the last of two values wins), so the bytes are walked against the descriptors
 * first. A field that is not in the descriptors is allowed, stays in the bytes and reaches no logic.
 */
import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { LIMITS } from '../base/limits.ts';
import { believed, disbelieved, type Verdict } from '../base/verdict.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { messageDescriptor } from './descriptor.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

type Check = 'any' | 'uint64' | 'uint32' | 'int32' | 'bool' | 'enum' | 'text' | 'bytes' | 'message';

interface FieldPlan {
  readonly name: string;
  readonly check: Check;
  readonly wireType: number;
  readonly repeated: boolean;
  /** Shared by the members of a oneof, so that two of them count as a duplicate; unused where repeated. */
  readonly slot: number;
  readonly numbers: ReadonlySet<number>;
  readonly message: () => MessagePlan;
}

interface MessagePlan {
  readonly name: string;
  /** By field number; all of ours are small. */
  readonly fields: readonly (FieldPlan | undefined)[];
}

const SCALARS: Readonly<Record<ScalarType, readonly [Check, number]>> = {
  [ScalarType.DOUBLE]: ['any', FIXED64],
  [ScalarType.FLOAT]: ['any', FIXED32],
  [ScalarType.INT64]: ['any', VARINT],
  [ScalarType.UINT64]: ['uint64', VARINT],
  [ScalarType.INT32]: ['int32', VARINT],
  [ScalarType.FIXED64]: ['any', FIXED64],
  [ScalarType.FIXED32]: ['any', FIXED32],
  [ScalarType.BOOL]: ['bool', VARINT],
  [ScalarType.STRING]: ['text', LENGTH],
  [ScalarType.BYTES]: ['bytes', LENGTH],
  [ScalarType.UINT32]: ['uint32', VARINT],
  [ScalarType.SFIXED32]: ['any', FIXED32],
  [ScalarType.SFIXED64]: ['any', FIXED64],
  [ScalarType.SINT32]: ['uint32', VARINT],
  [ScalarType.SINT64]: ['any', VARINT],
};

const plans = new Map<string, MessagePlan>();
const NO_NUMBERS: ReadonlySet<number> = new Set();

function planOf(desc: DescMessage): MessagePlan {
  const known = plans.get(desc.typeName);
  if (known !== undefined) return known;
  const fields: (FieldPlan | undefined)[] = [];
  const slots = new Map<unknown, number>();
  for (const field of desc.fields) {
    const slotKey = field.oneof ?? field;
    const slot = slots.get(slotKey) ?? slots.size;
    slots.set(slotKey, slot);
    fields[field.number] = fieldPlan(field, slot);
  }
  const plan = { name: desc.typeName, fields };
  plans.set(desc.typeName, plan);
  return plan;
}

function fieldPlan(field: DescField, slot: number): FieldPlan {
  const kind = field.fieldKind === 'list' ? field.listKind : field.fieldKind;
  const [check, wireType] =
    kind === 'scalar' && field.scalar !== undefined
      ? SCALARS[field.scalar]
      : kind === 'enum'
        ? (['enum', VARINT] as const)
        : (['message', LENGTH] as const);
  const { message } = field;
  return {
    name: field.name,
    check,
    wireType,
    repeated: field.fieldKind === 'list' || field.fieldKind === 'map',
    slot,
    numbers: field.enum === undefined ? NO_NUMBERS : new Set(field.enum.values.map((value) => value.number)),
    // A map would let a key such as `__proto__` vanish in the decoder; the proto files have none outside Google's own.
    message: () => {
      if (message === undefined) throw new TypeError(`map fields are not read: ${field.name}`);
      return planOf(message);
    },
  };
}

/** One walk over one message's bytes; every step gives the fault found, or undefined. */
class Walk {
  readonly #bytes: Uint8Array;
  #at = 0;
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  message(plan: MessagePlan, end: number, depth: number): string | undefined {
    if (depth > LIMITS.protobufDepth) return `nesting beyond ${LIMITS.protobufDepth}`;
    let seen = 0;
    let seenLate: Set<number> | undefined;
    while (this.#at < end) {
      if (!this.#varint(end) || this.#high !== 0) return `no field tag in ${plan.name}`;
      const wireType = this.#low & 7;
      const number = this.#low >>> 3;
      if (number === 0) return `field number 0 in ${plan.name}`;
      const field = plan.fields[number];
      if (field === undefined) {
        if (!this.#skip(wireType, end)) return `unreadable unknown field ${number} in ${plan.name}`;
        continue;
      }
      if (!field.repeated) {
        if (field.slot < 31) {
          const bit = 1 << field.slot;
          if ((seen & bit) !== 0) return `second value of ${plan.name}.${field.name}`;
          seen |= bit;
        } else {
          seenLate ??= new Set();
          if (seenLate.has(field.slot)) return `second value of ${plan.name}.${field.name}`;
          seenLate.add(field.slot);
        }
      }
      const fault =
        wireType === field.wireType
          ? this.#value(field, end, depth)
          : field.repeated && wireType === LENGTH && field.wireType !== LENGTH
            ? this.#packed(field, end, depth)
            : 'wrong wire type';
      if (fault !== undefined)
        return fault.includes(' in ') ? fault : `${fault} in ${plan.name}.${field.name}`;
    }
    return this.#at === end ? undefined : `a value that runs past the end in ${plan.name}`;
  }

  #packed(field: FieldPlan, end: number, depth: number): string | undefined {
    const stop = this.#lengthEnd(end);
    if (stop === undefined) return 'length beyond the end';
    while (this.#at < stop) {
      const fault = this.#value(field, stop, depth);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #value(field: FieldPlan, end: number, depth: number): string | undefined {
    switch (field.wireType) {
      case VARINT:
        return this.#varint(end) ? this.#numberFault(field) : 'unreadable number';
      case FIXED64:
        return this.#advance(8, end) ? undefined : 'too few bytes';
      case FIXED32:
        return this.#advance(4, end) ? undefined : 'too few bytes';
      default: {
        const stop = this.#lengthEnd(end);
        if (stop === undefined) return 'length beyond the end';
        if (field.check === 'message') return this.message(field.message(), stop, depth + 1);
        const fault = field.check === 'text' ? textFault(this.#bytes, this.#at, stop) : undefined;
        this.#at = stop;
        return fault;
      }
    }
  }

  #numberFault(field: FieldPlan): string | undefined {
    switch (field.check) {
      case 'uint64':
        // Numbers, sizes and positions all of them, kept in stores whose integers have a sign.
        return this.#high <= 0x7fffffff ? undefined : 'number beyond 63 bits';
      case 'uint32':
        return this.#high === 0 ? undefined : 'number beyond 32 bits';
      case 'bool':
        return this.#high === 0 && this.#low <= 1 ? undefined : 'boolean beyond 1';
      case 'int32': {
        const fits =
          this.#high === 0 ? this.#low <= 0x7fffffff : this.#high === 0xffffffff && this.#low >= 0x80000000;
        return fits ? undefined : 'number beyond 32 bits';
      }
      case 'enum':
        return this.#high === 0 && field.numbers.has(this.#low) ? undefined : 'unknown enum number';
      default:
        return undefined;
    }
  }

  #skip(wireType: number, end: number): boolean {
    if (wireType === VARINT) return this.#varint(end);
    if (wireType === FIXED64) return this.#advance(8, end);
    if (wireType === FIXED32) return this.#advance(4, end);
    if (wireType !== LENGTH) return false;
    const stop = this.#lengthEnd(end);
    if (stop === undefined) return false;
    this.#at = stop;
    return true;
  }

  #lengthEnd(end: number): number | undefined {
    if (!this.#varint(end) || this.#high !== 0 || this.#low > end - this.#at) return undefined;
    return this.#at + this.#low;
  }

  #advance(count: number, end: number): boolean {
    if (count > end - this.#at) return false;
    this.#at += count;
    return true;
  }

  /** A base-128 number into #low and #high; refuses more than 64 bits and needless trailing zero bytes. */
  #varint(end: number): boolean {
    const bytes = this.#bytes;
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      if (this.#at >= end) return false;
      const byte = bytes[this.#at++] ?? 0;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (7 * index - 32);
      if (byte < 0x80) {
        if ((byte === 0 && index > 0) || (index === 9 && byte > 1)) return false;
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return true;
      }
    }
    return false;
  }
}

const strictText = new TextDecoder('utf-8', { fatal: true });

/** NUL is no text: stores of one engine cannot hold it, and programs in C end there. */
const NUL = 'NUL as text';

function textFault(bytes: Uint8Array, from: number, to: number): string | undefined {
  // Most texts are short and ASCII: a loop is cheaper than the call.
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0) return NUL;
    if (byte < 0x80) continue;
    try {
      return strictText.decode(bytes.subarray(at, to)).includes('\0') ? NUL : undefined;
    } catch {
      return 'invalid UTF-8';
    }
  }
  return undefined;
}

/** Fault of bytes as a message of this type, undefined where there is none. The caller bounds the size. */
export function wireFault(typeName: string, bytes: Uint8Array): string | undefined {
  const plan = plans.get(typeName) ?? planOf(messageDescriptor(typeName));
  return new Walk(bytes).message(plan, bytes.length, 1);
}

/**
 * The message that hostile bytes hold: TOO_LARGE, MALFORMED. `typeName` is the full protobuf name that belongs to `codec`.
 * What a field may mean (ranges, UNSPECIFIED) is the caller's to judge.
 */
export function judgeMessage<Message>(
  codec: { decode(bytes: Uint8Array): Message },
  typeName: string,
  bytes: Uint8Array,
  maxBytes: number,
): Verdict<Message, Reason> {
  if (bytes.length > maxBytes)
    return disbelieved(
      Reason.REASON_TOO_LARGE,
      `expected ${typeName} of at most ${maxBytes} bytes, got ${bytes.length}`,
    );
  const fault = wireFault(typeName, bytes);
  if (fault !== undefined) return disbelieved(Reason.REASON_MALFORMED, `expected ${typeName}, got ${fault}`);
  return believed(codec.decode(bytes));
}
