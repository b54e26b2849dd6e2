import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { decodeMetadata, encodeMetadata, Metadata } from '../../../src/transport/metadata.ts';

const invalid = expect.objectContaining({ code: 'METADATA_INVALID' });

describe('metadata', () => {
  it('keeps several values a key, in order, through the wire', () => {
    const metadata = Metadata.from({ a: ['1', '2'], 'b-bin': Uint8Array.of(0, 255) }).add('A', '3');
    const back = decodeMetadata(encodeMetadata(metadata));
    expect(back?.entries()).toEqual([
      ['a', '1'],
      ['a', '2'],
      ['b-bin', Uint8Array.of(0, 255)],
      ['a', '3'],
    ]);
    expect(back?.get('a')).toBe('1');
    expect(back?.getAll('a')).toEqual(['1', '2', '3']);
  });

  it('refuses what gRPC cannot carry', () => {
    expect(() => Metadata.from({ 'a b': '1' })).toThrow(invalid);
    expect(() => Metadata.from({ 'grpc-status': '1' })).toThrow(invalid);
    expect(() => Metadata.from({ a: 'line\nbreak' })).toThrow(invalid);
    expect(() => Metadata.from({ 'a-bin': 'text' })).toThrow(invalid);
    expect(() => Metadata.from({ a: Uint8Array.of(1) })).toThrow(invalid);
    expect(() => Metadata.from({ a: 'x'.repeat(LIMITS.metadataBytes) })).toThrow(invalid);
    expect(() => Metadata.from({ a: Array.from({ length: 300 }, () => '') })).toThrow(invalid);
  });

  it('of a peer that breaks a rule is no metadata', () => {
    const entry = (key: string, value: string) => ({
      entries: [{ key, value: Buffer.from(value, 'latin1') }],
    });
    expect(decodeMetadata(entry('Upper', 'x'))).toBeUndefined();
    expect(decodeMetadata(entry('a', '\xff'))).toBeUndefined();
    expect(decodeMetadata(entry('grpc-timeout', '1'))).toBeUndefined();
    expect(decodeMetadata(undefined)?.isEmpty).toBe(true);
  });
});
