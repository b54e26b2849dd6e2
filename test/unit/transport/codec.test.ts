import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import {
  decodeFrame,
  decodePacket,
  emptyFrame,
  encodeFrame,
  encodeFramePacket,
  encodeHandshakePacket,
  encodeNoSessionPacket,
  PLAIN_FRAME_BYTES,
} from '../../../src/transport/codec.ts';

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const u32 = fc.nat({ max: 2 ** 32 - 1 });

/** As it comes from a socket: a plain byte array. */
const carried = (packet: Uint8Array) => decodePacket(new Uint8Array(packet));

describe('packets', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(
        bytesOf(32),
        u64,
        u32,
        fc.uint8Array({ minLength: 1 }),
        (sessionId, call, frame, sealed) => {
          const packet = carried(encodeFramePacket(sessionId, call, frame, sealed));
          expect(packet).toEqual({ kind: 'frame', sessionId, call, frame, sealed });
          expect(carried(encodeNoSessionPacket(sessionId, call))).toEqual({
            kind: 'no-session',
            sessionId,
            call,
          });
          expect(carried(encodeHandshakePacket(sessionId.subarray(16), sealed))).toEqual({
            kind: 'handshake',
            exchange: sessionId.subarray(16),
            message: sealed,
          });
        },
      ),
    );
  });

  it('of another format, kind or size are none, and nothing throws', () => {
    const id = new Uint8Array(32);
    const frame = encodeFramePacket(id, 1n, 0, Uint8Array.of(1));
    expect(decodePacket(frame.with(0, 2))).toBeUndefined();
    expect(decodePacket(frame.with(1, 9))).toBeUndefined();
    expect(decodePacket(frame.subarray(0, frame.length - 1))).toBeUndefined();
    expect(decodePacket(encodeFramePacket(id, 1n, 0, new Uint8Array(LIMITS.frameBytes)))).toBeUndefined();
    expect(
      decodePacket(encodeHandshakePacket(new Uint8Array(16), new Uint8Array(LIMITS.handshakeBytes + 1))),
    ).toBeUndefined();
    expect(decodePacket(Uint8Array.from([...encodeNoSessionPacket(id, 1n), 0]))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        decodePacket(bytes);
      }),
    );
  });
});

describe('frames', () => {
  const open = { method: '/a.B/C', timeoutMs: 0, metadata: undefined, evidence: Buffer.alloc(0) };
  const status = { code: 0, message: '', details: Buffer.alloc(0), trailer: undefined };
  const encoded = (part: Partial<ReturnType<typeof emptyFrame>>) => encodeFrame({ ...emptyFrame(), ...part });

  it('are refused in the wrong mouth or place', () => {
    expect(decodeFrame(encoded({ open }), 'caller', 0)).toBeDefined();
    expect(decodeFrame(encoded({ status }), 'callee', 0)).toBeDefined();
    expect(decodeFrame(encoded({ open }), 'caller', 1)).toBeUndefined();
    expect(decodeFrame(encoded({}), 'caller', 0)).toBeUndefined();
    expect(decodeFrame(encoded({ open }), 'callee', 0)).toBeUndefined();
    expect(decodeFrame(encoded({ status }), 'caller', 1)).toBeUndefined();
    expect(decodeFrame(encoded({ cancel: true }), 'callee', 1)).toBeUndefined();
    expect(decodeFrame(encoded({ status: { ...status, code: 17 } }), 'callee', 0)).toBeUndefined();
    expect(decodeFrame(encoded({ open: { ...open, method: 'x'.repeat(257) } }), 'caller', 0)).toBeUndefined();
    expect(decodeFrame(new Uint8Array(PLAIN_FRAME_BYTES + 1), 'callee', 0)).toBeUndefined();
    expect(decodeFrame(Uint8Array.of(0x0a, 0x7f), 'callee', 0)).toBeUndefined();
  });
});
