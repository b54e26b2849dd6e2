import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  badRequest,
  decodeBadRequest,
  decodeErrorInfo,
  decodeRequestInfo,
  errorInfo,
  requestInfo,
} from '../../../src/desk/grpc/rpc-details.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 30 });

describe('google.rpc messages', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ field: text, description: text, reason: text }), { minLength: 1, maxLength: 5 }),
        (violations) => {
          const filled = violations.map((violation) => ({ ...violation, field: `f${violation.field}` }));
          expect(decodeBadRequest(badRequest(filled).value)).toEqual(filled);
        },
      ),
    );
  });

  it('that are none hide no error: what explains it is left out', () => {
    for (const broken of ['45', '2e', '1204', '0a', '9b01', 'ff'.repeat(12)].map((hex) =>
      Buffer.from(hex, 'hex'),
    )) {
      expect(decodeBadRequest(broken)).toEqual([]);
      expect(decodeErrorInfo(broken)).toEqual({ reason: '', domain: '', metadata: {} });
      expect(decodeRequestInfo(broken)).toBe('');
    }
  });

  it('use the field numbers of google/rpc/error_details.proto', () => {
    const info = errorInfo({ reason: 'R', domain: 'tocsin', metadata: { k: 'v' } });
    expect(info.typeUrl).toBe('type.googleapis.com/google.rpc.ErrorInfo');
    expect(Buffer.from(info.value).toString('hex')).toBe(`0a0152${'1206746f6373696e'}${'1a060a016b120176'}`);
    expect(decodeErrorInfo(info.value)).toEqual({ reason: 'R', domain: 'tocsin', metadata: { k: 'v' } });
    const bad = badRequest([{ field: 'a', description: 'b', reason: 'c' }]);
    expect(Buffer.from(bad.value).toString('hex')).toBe('0a090a016112016' + '21a0163');
    expect(decodeRequestInfo(requestInfo('id').value)).toBe('id');
  });
});
