import { describe, expect, it } from 'vitest';
import { requestKey } from '../../../src/identity/certificate-request.ts';
import { certificatesFromPem, parseMemberRequest } from '../../../src/identity/index.ts';
import { pemBlocks } from '../../../src/identity/pem.ts';

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';
const block = (body: string): string => `${BEGIN}\n${body}\n${END}\n`;
const read = (text: string): string[] =>
  certificatesFromPem(text).map((bytes) => Buffer.from(bytes).toString('hex'));

/** Milliseconds that a reading takes. */
function timed(run: () => unknown): number {
  const began = performance.now();
  try {
    run();
  } catch {
    // Refused: how fast is what counts.
  }
  return performance.now() - began;
}

describe('PEM', () => {
  it('gives every block in its order, whatever stands between them', () => {
    expect(read(`words\n${block('AQID')}more\n${block('BAUG\r\nBwgJ')}`)).toEqual(['010203', '040506070809']);
  });

  it('passes over what is no whole block', () => {
    for (const text of [
      '',
      BEGIN,
      `${BEGIN}AQID${END}`,
      `${BEGIN}\nAQID\n`,
      `${BEGIN}\nAQ!D\n${END}`,
      `${BEGIN}\n\n${END}`,
      `${BEGIN}\nM\n${END}`,
    ])
      expect(read(text), text).toEqual([]);
    expect(read(`${BEGIN}\nAQID\n${block('BAUG')}`)).toEqual(['040506']);
  });

  it('takes one label for another nowhere', () => {
    expect(pemBlocks(`-----BEGIN A-----\nAQID\n-----END B-----\n`, ['A', 'B'])).toEqual([]);
  });

  it('is read in a time that grows with its length, not with a power of it', () => {
    // A pattern that went back took 20 s for the eighth part of this.
    const filler = '\n'.repeat(32_000);
    expect(timed(() => certificatesFromPem(BEGIN + filler))).toBeLessThan(1_000);
    expect(timed(() => certificatesFromPem(BEGIN.repeat(1_000)))).toBeLessThan(1_000);
    expect(timed(() => requestKey(`-----BEGIN CERTIFICATE REQUEST-----${filler}`))).toBeLessThan(1_000);
    const request = JSON.stringify({ authorityCertificate: BEGIN + filler });
    expect(timed(() => parseMemberRequest(request))).toBeLessThan(1_000);
  });

  it('holds a request of at most 64 KiB', () => {
    expect(() => requestKey(' '.repeat(64 * 1024 + 1))).toThrow(
      expect.objectContaining({ code: 'CERTIFICATE_REQUEST_INVALID' }),
    );
  });
});
