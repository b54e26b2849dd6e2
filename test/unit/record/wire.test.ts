import { fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { GetRostersRequest } from '../../../src/gen/tocsin/exchange/v1/exchange_service.ts';
import { Header } from '../../../src/gen/tocsin/record/v1/header.ts';
import { RouteLeg } from '../../../src/gen/tocsin/record/v1/place.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { WarningSummary } from '../../../src/gen/tocsin/record/v1/warning.ts';
import { messageDescriptor } from '../../../src/record/descriptor.ts';
import { messageFromJson } from '../../../src/record/json.ts';
import { KINDS } from '../../../src/record/kinds.ts';
import { judgeMessage, wireFault } from '../../../src/record/wire.ts';
import { arbitraryMessage } from '../../support/arbitrary-message.ts';

const HEADER = 'tocsin.record.v1.Header';
const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);
const judge = (bytes: Uint8Array) => judgeMessage<Header>(Header, HEADER, bytes, LIMITS.headerBytes);

describe('judgeMessage', () => {
  it('reads what the generated encoder writes', () => {
    const header = Header.fromPartial({ kind: 'warning', revision: 3, released: 60_000n, priority: 4 });
    const verdict = judge(Header.encode(header).finish());
    expect(verdict).toEqual({ ok: true, value: header });
  });

  it('bounds the size before anything else', () => {
    expect(judgeMessage(Header, HEADER, new Uint8Array(11), 10)).toMatchObject({
      ok: false,
      reason: Reason.REASON_TOO_LARGE,
    });
  });

  it('throws for a type that does not exist: that is our mistake, not a stranger’s', () => {
    expect(() => wireFault('tocsin.record.v1.Nothing', bytesOf())).toThrow(/full name/);
  });

  const refusals: readonly [string, Uint8Array, RegExp][] = [
    ['invalid UTF-8 in a text', bytesOf(0x0a, 2, 0xc3, 0x28), /invalid UTF-8/],
    ['NUL in a text', bytesOf(0x0a, 3, 0x61, 0, 0x62), /NUL/],
    ['NUL behind other characters of a text', bytesOf(0x0a, 4, 0xc3, 0xa9, 0, 0x62), /NUL/],
    ['an overlong UTF-8 form', bytesOf(0x0a, 2, 0xc0, 0xaf), /invalid UTF-8/],
    ['a surrogate in UTF-8', bytesOf(0x0a, 3, 0xed, 0xa0, 0x80), /invalid UTF-8/],
    ['a wrong wire type', bytesOf(0x08, 1), /wrong wire type/],
    ['a second value of a singular field', bytesOf(0x0a, 1, 0x61, 0x0a, 1, 0x62), /second value/],
    ['an unknown enum number', bytesOf(0x68, 99), /unknown enum number/],
    ['a negative enum number', bytesOf(0x68, ...Array(9).fill(0xff), 1), /unknown enum number/],
    ['a group', bytesOf(0x0b, 0x0c), /wrong wire type/],
    ['a group as unknown field', bytesOf(0xa3, 0x06, 0xa4, 0x06), /unreadable unknown field/],
    ['field number 0', bytesOf(0x02, 0), /field number 0/],
    ['a length beyond the end', bytesOf(0x0a, 5, 0x61), /length beyond the end/],
    ['a length of 2^32', bytesOf(0x0a, 0x80, 0x80, 0x80, 0x80, 0x10), /length beyond the end/],
    ['a tag that ends too soon', bytesOf(0x80), /no field tag/],
    ['a varint of eleven bytes', bytesOf(0x50, ...Array(10).fill(0x80), 1), /unreadable number/],
    ['a varint beyond 64 bits', bytesOf(0x50, ...Array(9).fill(0xff), 2), /unreadable number/],
    ['a varint with a needless zero byte', bytesOf(0x40, 0x81, 0x00), /unreadable number/],
    ['a uint32 beyond 32 bits', bytesOf(0x40, 0x80, 0x80, 0x80, 0x80, 0x10), /beyond 32 bits/],
    ['an unknown enum number in a packed list', bytesOf(0x72, 3, 0x12, 1, 77), /unknown enum number/],
    ['trailing bytes that are no field', bytesOf(0x0a, 1, 0x61, 0xff), /no field tag/],
  ];
  it.each(refusals)('refuses %s', (_, bytes, detail) => {
    const verdict = judge(bytes);
    expect(verdict).toMatchObject({ ok: false, reason: Reason.REASON_MALFORMED });
    expect(verdict.ok ? '' : verdict.detail).toMatch(detail);
  });

  it('refuses a nested message that runs past the one around it', () => {
    // Field 14 (marking) of two bytes, whose own text claims five.
    expect(judge(bytesOf(0x72, 2, 0x22, 5, 0x61, 0x61, 0x61, 0x61, 0x61)).ok).toBe(false);
  });

  it('allows unknown fields of every readable wire type and ignores them', () => {
    const unknown = bytesOf(
      0xa0,
      0x06,
      5,
      0xa2,
      0x06,
      1,
      7,
      0xa5,
      0x06,
      1,
      2,
      3,
      4,
      0xa1,
      0x06,
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
    );
    const known = Header.encode(Header.fromPartial({ kind: 'link' })).finish();
    expect(judge(Buffer.concat([unknown, known]))).toMatchObject({ ok: true, value: { kind: 'link' } });
  });

  it('reads lists of numbers packed or not', () => {
    const packed = bytesOf(0x72, 4, 0x12, 2, 1, 2);
    const apart = bytesOf(0x72, 4, 0x10, 1, 0x10, 2);
    for (const bytes of [packed, apart])
      expect(judge(bytes)).toMatchObject({ ok: true, value: { marking: { handling: [1, 2] } } });
  });

  it('reads negative 64-bit and non-ASCII values', () => {
    const leg = RouteLeg.fromPartial({ departed: -5n, from: { country: 'XB', name: 'Корват ☂' } });
    const verdict = judgeMessage<RouteLeg>(
      RouteLeg,
      'tocsin.record.v1.RouteLeg',
      RouteLeg.encode(leg).finish(),
      999,
    );
    expect(verdict).toEqual({ ok: true, value: leg });
  });

  it('reads numbers up to 2^63 - 1: above that no store holds them', () => {
    const asked = (aboveVersion: bigint) =>
      judgeMessage<GetRostersRequest>(
        GetRostersRequest,
        'tocsin.exchange.v1.GetRostersRequest',
        GetRostersRequest.encode({ aboveVersion }).finish(),
        20,
      );
    expect(asked(2n ** 63n - 1n)).toEqual({ ok: true, value: { aboveVersion: 2n ** 63n - 1n } });
    for (const above of [2n ** 63n, 2n ** 64n - 1n])
      expect(asked(above)).toMatchObject({ ok: false, reason: Reason.REASON_MALFORMED });
  });

  it('stops at the limit of nesting', () => {
    // google.protobuf.DescriptorProto nests itself (field 3).
    let bytes = new Uint8Array();
    const type = 'google.protobuf.DescriptorProto';
    for (let depth = 1; depth < LIMITS.protobufDepth; depth++)
      bytes = Uint8Array.from([0x1a, bytes.length, ...bytes]);
    expect(wireFault(type, bytes)).toBeUndefined();
    expect(wireFault(type, Uint8Array.from([0x1a, bytes.length, ...bytes]))).toMatch(/nesting/);
  });
});

describe('judgeMessage on any bytes', () => {
  const types = [...KINDS.values()].flatMap((row) => row.facets.map((facet) => facet.typeName));

  it('takes every message that a conforming encoder writes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...new Set(types)).chain((type) =>
          arbitraryMessage(messageDescriptor(type)).map((json) => ({
            type,
            bytes: messageFromJson(type, json),
          })),
        ),
        ({ type, bytes }) => wireFault(type, bytes) === undefined,
      ),
      { numRuns: 100 },
    );
  });

  it('never throws, and what it takes of mutated bytes another decoder takes too', () => {
    const type = 'tocsin.record.v1.WarningSummary';
    const desc = messageDescriptor(type);
    fc.assert(
      fc.property(
        arbitraryMessage(desc).map((json) => messageFromJson(type, json)),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        (original, edits, cut) => {
          const bytes = Uint8Array.from(original);
          for (const [at, value] of edits) if (bytes.length > 0) bytes[at % bytes.length] = value;
          const shown = cut % 3 === 0 ? bytes.subarray(0, cut % (bytes.length + 1)) : bytes;
          const verdict = judgeMessage<WarningSummary>(WarningSummary, type, shown, LIMITS.facetBytes);
          if (!verdict.ok) return;
          const foreign = toBinary(desc, fromBinary(desc, shown, { readUnknownFields: false }));
          const ours = WarningSummary.encode(verdict.value).finish();
          expect(fromBinary(desc, foreign)).toEqual(fromBinary(desc, ours));
        },
      ),
      { numRuns: 250 },
    );
  });

  it('never throws on noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        judge(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});
