import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import {
  clipText,
  decodeStatusDetails,
  encodeStatusDetails,
  RpcError,
  reasonOf,
  refusal,
  Status,
  statusCodeOf,
  statusName,
} from '../../../src/transport/status.ts';

describe('status', () => {
  it('names the 17 codes of gRPC; any other number is UNKNOWN', () => {
    expect(Object.values(Status)).toEqual(Array.from({ length: 17 }, (_, code) => code));
    expect([statusName(5), statusName(17), statusCodeOf(-1)]).toEqual(['NOT_FOUND', 'UNKNOWN', 2]);
  });

  it('carries details as google.rpc.Status, byte for byte', () => {
    const error = new RpcError(Status.NOT_FOUND, 'gone', {
      details: [{ typeUrl: 'type.googleapis.com/x.Y', value: Uint8Array.of(8, 1) }],
    });
    const bytes = encodeStatusDetails(error);
    expect(Buffer.from(bytes).toString('hex')).toBe(
      `0805${'1204'}${Buffer.from('gone').toString('hex')}1a1d0a17${Buffer.from('type.googleapis.com/x.Y').toString('hex')}12020801`,
    );
    expect(decodeStatusDetails(bytes)).toEqual(error.details);
    expect(encodeStatusDetails(new RpcError(Status.NOT_FOUND, 'gone'))).toHaveLength(0);
  });

  it('names a reason of ours through the wire', () => {
    const error = refusal(Status.UNAVAILABLE, Reason.REASON_FRAME_FOREIGN, 'lost');
    const back = new RpcError(Status.UNAVAILABLE, 'lost', {
      details: decodeStatusDetails(encodeStatusDetails(error)),
    });
    expect(reasonOf(back)).toBe(Reason.REASON_FRAME_FOREIGN);
    expect(reasonOf(new RpcError(Status.UNAVAILABLE, 'x'))).toBeUndefined();
  });

  it('reads details of any bytes without throwing', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => Array.isArray(decodeStatusDetails(bytes))));
  });

  it('is clipped between characters', () => {
    expect(clipText('a☺b', 3)).toBe('a');
    expect(clipText('a☺b', 4)).toBe('a☺');
    expect(clipText('ab', 4)).toBe('ab');
  });
});
