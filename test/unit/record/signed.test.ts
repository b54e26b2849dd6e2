import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { reasonFromName, reasonName } from '../../../src/record/reason.ts';
import {
  encodeSigned,
  judgeSigned,
  logOrigin,
  netToken,
  parseLogOrigin,
  SIGNED_TYPES,
  sha256,
  signedLabel,
  witnessName,
} from '../../../src/record/signed.ts';

const network = new Uint8Array(32).fill(0xab);
const body = new TextEncoder().encode('body');

describe('signed bytes', () => {
  it('are label, network digest and body, in that order', () => {
    const bytes = encodeSigned('header', network, body);
    expect(Buffer.from(bytes).toString('latin1')).toBe(
      `tocsin/header/v1\n${Buffer.from(network).toString('latin1')}body`,
    );
  });

  it('give their body back for their own type and network only', () => {
    for (const type of SIGNED_TYPES)
      for (const asked of SIGNED_TYPES) {
        const verdict = judgeSigned(asked, network, encodeSigned(type, network, body));
        if (asked === type) expect(verdict).toMatchObject({ ok: true, value: body });
        else expect(verdict).toMatchObject({ ok: false, reason: Reason.REASON_LABEL_MISMATCH });
      }
  });

  it('of another network are refused as such', () => {
    const other = new Uint8Array(32).fill(1);
    expect(judgeSigned('manifest', other, encodeSigned('manifest', network, body))).toMatchObject({
      ok: false,
      reason: Reason.REASON_WRONG_NETWORK,
    });
  });

  it('cut short are refused, wherever the cut is', () => {
    const bytes = encodeSigned('call', network, new Uint8Array());
    for (let length = 0; length < bytes.length; length++)
      expect(judgeSigned('call', network, bytes.subarray(0, length)).ok).toBe(false);
    expect(judgeSigned('call', network, bytes).ok).toBe(true);
  });

  it('refuse a network digest of another length', () => {
    expect(() => encodeSigned('header', new Uint8Array(31), body)).toThrow(/32 bytes/);
  });

  it('have a label without newline as signature context', () => {
    expect(signedLabel('roster')).toBe('tocsin/roster/v1');
  });
});

describe('sha256', () => {
  it('hashes parts one after the other', () => {
    const parts = [randomBytes(3), randomBytes(70), randomBytes(0)];
    const expected = createHash('sha256').update(Buffer.concat(parts)).digest();
    expect(Buffer.from(sha256(...parts)).equals(expected)).toBe(true);
    expect(Buffer.from(sha256(Buffer.concat(parts))).equals(expected)).toBe(true);
  });
});

describe('names of logs', () => {
  const net = netToken(network);

  it('carry the first sixteen digits of the network digest', () => {
    expect(net).toBe('abababababababab');
    expect(logOrigin(net, 'XA', 'exercise', 3)).toBe('tocsin/abababababababab/XA/log/exercise/3');
    expect(witnessName(net, 'HR')).toBe('tocsin/abababababababab/HR/witness');
  });

  it('are read back into their parts', () => {
    expect(parseLogOrigin(logOrigin(net, 'XB', 'live', 12))).toEqual({
      net,
      node: 'XB',
      world: 'live',
      incarnation: 12,
    });
  });

  it.each([
    'tocsin/abababababababab/XA/log/live/0',
    'tocsin/abababababababab/XA/log/live/01',
    'tocsin/ABABABABABABABAB/XA/log/live/1',
    'tocsin/abababababababab/xa/log/live/1',
    'tocsin/abababababababab/XA/log/test/1',
    'tocsin/abababababababab/XA/log/live/1\n',
    ' tocsin/abababababababab/XA/log/live/1',
    '',
  ])('refuse %j', (origin) => {
    expect(parseLogOrigin(origin)).toBeUndefined();
  });

  it('cannot be made of an incarnation below 1 or of a node that is none', () => {
    expect(() => logOrigin(net, 'XA', 'live', 0)).toThrow(/incarnation/);
    expect(() => logOrigin(net, 'X', 'live', 1)).toThrow(/node id/);
  });
});

describe('names of reasons', () => {
  it('lead there and back for every reason', () => {
    for (const [name, number] of Object.entries(Reason))
      if (name.startsWith('REASON_')) expect(reasonFromName(reasonName(number))).toBe(number);
    expect(reasonName(Reason.REASON_REPLAY)).toBe('REPLAY');
  });

  it('say what is not known', () => {
    expect(reasonName(9999)).toBe('UNKNOWN_9999');
    expect(reasonFromName('UNRECOGNIZED')).toBeUndefined();
  });
});
