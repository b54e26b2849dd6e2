/**
 * Bytes on the broker. Before the seal is opened only a packet's fixed header is read: three kinds, fixed offsets,
 * nothing to allocate by a stranger's number. The frame inside is protobuf, read after it is authenticated.
 *
 *   handshake  format=1 · kind=1 · exchange(16) · Handshake
 *   frame      format=1 · kind=2 · session id(32) · call(8, big-endian) · frame(4, big-endian) · sealed Frame
 *   no session format=1 · kind=3 · session id(32) · call(8)
 */
import { LIMITS } from '../base/limits.ts';
import { Frame } from '../gen/tocsin/exchange/v1/frame.ts';

const FORMAT = 1;
export const EXCHANGE_BYTES = 16;
const SESSION_ID_BYTES = 32;
const KIND = { handshake: 1, frame: 2, noSession: 3 } as const;
const FRAME_HEADER_BYTES = 2 + SESSION_ID_BYTES + 8 + 4;
/** What sealing may add to a frame. */
const SEAL_BYTES = 32;

/** Largest encoded Frame before it is sealed. */
export const PLAIN_FRAME_BYTES = LIMITS.frameBytes - FRAME_HEADER_BYTES - SEAL_BYTES;
/** Bytes of messages in one frame: leaves room for the open, header and status parts beside them. */
export const FRAME_PIECE_BYTES = 32 * 1024;

export type Packet =
  | { readonly kind: 'handshake'; readonly exchange: Uint8Array; readonly message: Uint8Array }
  | {
      readonly kind: 'frame';
      readonly sessionId: Uint8Array;
      readonly call: bigint;
      readonly frame: number;
      readonly sealed: Uint8Array;
    }
  | { readonly kind: 'no-session'; readonly sessionId: Uint8Array; readonly call: bigint };

function packet(kind: number, size: number): Buffer {
  const out = Buffer.allocUnsafe(2 + size);
  out[0] = FORMAT;
  out[1] = kind;
  return out;
}

export function encodeHandshakePacket(exchange: Uint8Array, message: Uint8Array): Uint8Array {
  const out = packet(KIND.handshake, EXCHANGE_BYTES + message.length);
  out.set(exchange, 2);
  out.set(message, 2 + EXCHANGE_BYTES);
  return out;
}

export function encodeFramePacket(
  sessionId: Uint8Array,
  call: bigint,
  frame: number,
  sealed: Uint8Array,
): Uint8Array {
  const out = packet(KIND.frame, SESSION_ID_BYTES + 12 + sealed.length);
  out.set(sessionId, 2);
  out.writeBigUInt64BE(call, 2 + SESSION_ID_BYTES);
  out.writeUInt32BE(frame, 10 + SESSION_ID_BYTES);
  out.set(sealed, FRAME_HEADER_BYTES);
  return out;
}

export function encodeNoSessionPacket(sessionId: Uint8Array, call: bigint): Uint8Array {
  const out = packet(KIND.noSession, SESSION_ID_BYTES + 8);
  out.set(sessionId, 2);
  out.writeBigUInt64BE(call, 2 + SESSION_ID_BYTES);
  return out;
}

/** Undefined for whatever is no packet of this format. Parts are views into the bytes. */
export function decodePacket(bytes: Uint8Array): Packet | undefined {
  if (bytes[0] !== FORMAT) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (bytes[1]) {
    case KIND.handshake:
      if (bytes.length <= 2 + EXCHANGE_BYTES || bytes.length > 2 + EXCHANGE_BYTES + LIMITS.handshakeBytes)
        return undefined;
      return {
        kind: 'handshake',
        exchange: bytes.subarray(2, 2 + EXCHANGE_BYTES),
        message: bytes.subarray(2 + EXCHANGE_BYTES),
      };
    case KIND.frame:
      if (bytes.length <= FRAME_HEADER_BYTES || bytes.length > LIMITS.frameBytes) return undefined;
      return {
        kind: 'frame',
        sessionId: bytes.subarray(2, 2 + SESSION_ID_BYTES),
        call: view.readBigUInt64BE(2 + SESSION_ID_BYTES),
        frame: view.readUInt32BE(10 + SESSION_ID_BYTES),
        sealed: bytes.subarray(FRAME_HEADER_BYTES),
      };
    case KIND.noSession:
      if (bytes.length !== 2 + SESSION_ID_BYTES + 8) return undefined;
      return {
        kind: 'no-session',
        sessionId: bytes.subarray(2, 2 + SESSION_ID_BYTES),
        call: view.readBigUInt64BE(2 + SESSION_ID_BYTES),
      };
    default:
      return undefined;
  }
}

/** A frame with nothing in it. */
export const emptyFrame = (): Frame => ({
  open: undefined,
  header: undefined,
  pieces: [],
  halfClose: false,
  credit: 0,
  status: undefined,
  cancel: false,
  ping: false,
  pong: false,
});

export const encodeFrame = (frame: Frame): Uint8Array => Frame.encode(frame).finish();

/** An authenticated peer's frame in the form that its role may send; undefined for any other. */
export function decodeFrame(bytes: Uint8Array, from: 'caller' | 'callee', number: number): Frame | undefined {
  if (bytes.length > PLAIN_FRAME_BYTES) return undefined;
  let frame: Frame;
  try {
    frame = Frame.decode(bytes);
  } catch {
    return undefined;
  }
  const caller = from === 'caller';
  if ((frame.open !== undefined) !== (caller && number === 0)) return undefined;
  if (frame.open !== undefined && frame.open.method.length > LIMITS.methodBytes) return undefined;
  if (caller && (frame.header !== undefined || frame.status !== undefined)) return undefined;
  if (!caller && (frame.halfClose || frame.cancel)) return undefined;
  if (frame.status !== undefined && frame.status.code > 16) return undefined;
  return frame;
}
