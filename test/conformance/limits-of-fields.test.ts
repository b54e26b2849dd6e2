/** Bounds on lists and texts inside messages, each alone: at the bound taken, one above refused by its code. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/base/limits.ts';
import { everybody } from '../../src/desk/grpc/imports.ts';
import { namesOf, RequestFields } from '../../src/desk/grpc/request.ts';
import { passwordFaults } from '../../src/desk/sign-in/password.ts';
import { GonePrekeys } from '../../src/exchange/prekey-gone.ts';
import { Misconduct } from '../../src/gen/tocsin/exchange/v1/misconduct.ts';
import { PrekeyGone } from '../../src/gen/tocsin/exchange/v1/prekey.ts';
import { Handling, Marking } from '../../src/gen/tocsin/record/v1/marking.ts';
import { requestKey } from '../../src/identity/certificate-request.ts';
import { readOid } from '../../src/identity/der.ts';
import { createStatement, type StatementContent } from '../../src/identity/index.ts';
import { readXml } from '../../src/interop/xml.ts';
import { judgeMisconduct } from '../../src/ledger/index.ts';
import { judgeAuditFile } from '../../src/lifecycle/audit-file.ts';
import { formatTlogProof, parseTlogProof } from '../../src/merkle/index.ts';
import { OfficerRevocations } from '../../src/node/officer-revocations.ts';
import { parseScenarios } from '../../src/policy/scenario-format.ts';
import { displayName } from '../../src/record/attachment/display-name.ts';
import { orientationOf } from '../../src/record/attachment/exif.ts';
import { parseSerialPattern } from '../../src/record/identifiers/serial.ts';
import { encodeSigned, reasonName } from '../../src/record/index.ts';
import { readMessage } from '../../src/record/json.ts';
import { judgeMarking } from '../../src/record/marking.ts';
import { judgeFinish } from '../../src/seal/session-handshake.ts';
import { CallWindow } from '../../src/seal/session-window.ts';
import { type Federation, makeFederation } from '../support/authority.ts';

let federation: Federation;
beforeAll(async () => {
  federation = await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] });
});
afterAll(() => federation[Symbol.asyncDispose]());

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

/** 'taken', or the code of what is thrown. */
async function answerOf(run: () => unknown): Promise<string> {
  try {
    await run();
    return 'taken';
  } catch (error) {
    return codeOf(error);
  }
}

const many = <Item>(count: number, item: (at: number) => Item): Item[] =>
  Array.from({ length: count }, (_, at) => item(at));

describe('a key statement', () => {
  const digest = (at: number) => {
    const made = Buffer.alloc(32, 1);
    made.writeUInt32BE(at);
    return made;
  };
  const lists: readonly (readonly [string, number, (count: number) => Partial<StatementContent>])[] = [
    [
      'closed logs',
      1_000,
      (count) => ({
        closedLogs: many(count, (at) => ({ origin: 'x', size: 1n, root: digest(at) })) as never,
      }),
    ],
    [
      'keys taken back',
      1_000,
      (count) => ({
        revocations: many(count, (at) => ({ fingerprint: digest(at), from: 1n, reason: 1 })) as never,
      }),
    ],
    [
      'kinds',
      256,
      (count) => ({ kinds: many(count, (at) => ({ kind: `k${at}`, schemaVersion: 1 })) as never }),
    ],
  ];

  it.each(lists)('lists %s, %i at most', async (_what, most, listOf) => {
    const made = (count: number) => {
      const { keyring, authority } = federation.of('XA');
      const validity = { notBeforeMs: federation.nowMs, notAfterMs: federation.nowMs + 1_000 };
      const content = { network: federation.network, node: 'XA', incarnation: 1, sequence: 1n, keyring };
      return answerOf(() => createStatement({ ...content, ...validity, ...listOf(count) }, authority));
    };
    expect(await made(most)).toBe('taken');
    expect(await made(most + 1)).toBe('STATEMENT_INVALID');
  });
});

describe('a marking', () => {
  const faults = (change: Partial<Marking>) =>
    judgeMarking(
      Marking.fromPartial({
        tlp: 1,
        onward: 1,
        evidence: 1,
        status: 1,
        purposes: [1],
        releasableTo: ['sac'],
        ...change,
      }),
    ).map(({ path, code }) => `${path} ${code}`);

  it('is released to 64 nodes or groups at most', () => {
    expect(faults({ releasableTo: many(64, (at) => `X${at + 1}`) })).toEqual([]);
    expect(faults({ releasableTo: many(65, (at) => `X${at + 1}`) })).toEqual([
      'marking.releasableTo TOO_MANY',
    ]);
  });

  it('adds 20 facets at most', () => {
    expect(faults({ alsoFacets: many(20, (at) => `f${at}`) })).toEqual([]);
    expect(faults({ alsoFacets: many(21, (at) => `f${at}`) })).toEqual(['marking.alsoFacets TOO_MANY']);
  });

  it('states a condition of 500 characters at most', () => {
    const conditional = (length: number) =>
      faults({ handling: [Handling.HANDLING_H3], condition: 'x'.repeat(length) });
    expect(conditional(500)).toEqual([]);
    expect(conditional(501)).toEqual(['marking.condition TOO_LONG']);
  });
});

describe('a request of a desk', () => {
  const cases: readonly (readonly [string, number, (fields: RequestFields, size: number) => unknown])[] = [
    ['a note', 2_000, (fields, size) => fields.note('note', 'x'.repeat(size))],
    ['words to search for', 200, (fields, size) => fields.search('text', 'x'.repeat(size))],
    ['the id of a draft', 64, (fields, size) => fields.id('draft_id', 'x'.repeat(size))],
    ['an id of its own', 64, (fields, size) => fields.requestId('request_id', 'x'.repeat(size))],
    [
      'names',
      64,
      (fields, size) =>
        namesOf(
          fields,
          'facets',
          many(size, (at) => `f${at}`),
        ),
    ],
    ['a name', 64, (fields, size) => namesOf(fields, 'facets', ['x'.repeat(size)])],
  ];

  it.each(cases)('has %s of %i at most', async (_what, most, check) => {
    const asked = (size: number) =>
      answerOf(() => {
        const fields = new RequestFields();
        check(fields, size);
        fields.done();
      });
    expect(await asked(most)).toBe('taken');
    expect(await asked(most + 1)).toBe('INVALID_REQUEST');
  });
});

describe('a list without a marking', () => {
  it('is for 64 other members at most', async () => {
    const answer = (members: number) =>
      answerOf(() => {
        const fields = new RequestFields();
        everybody({ members: () => many(members, (at) => `X${at}`) }, fields);
        fields.done();
      });
    expect(await answer(64)).toBe('taken');
    expect(await answer(65)).toBe('INVALID_REQUEST');
  });
});

describe('what people write', () => {
  it('as JSON has lists of 100,000 values at most', () => {
    const read = (count: number) =>
      readMessage('tocsin.record.v1.Marking', { purposes: many(count, () => 'x') }, 'marking');
    expect(read(100_001).faults).toMatchObject([{ code: 'TOO_MANY' }]);
    expect(read(100_000).faults.map(({ code }) => code)).not.toContain('TOO_MANY');
  });

  it('as scenarios has 1 MiB at most, and no more than is told of what is wrong with it', async () => {
    const answer = (length: number) =>
      answerOf(() => parseScenarios(`#${'x'.repeat(length - 1)}`)).then(async (code) => {
        try {
          parseScenarios(`#${'x'.repeat(length - 1)}`);
        } catch (error) {
          return `${code} ${String(error).includes('characters')}`;
        }
        return code;
      });
    expect(await answer(1024 * 1024)).toBe('SCENARIO_INVALID false');
    expect(await answer(1024 * 1024 + 1)).toBe('SCENARIO_INVALID true');
  });

  it('as a certificate request has 64 KiB at most', async () => {
    const cause = (length: number) => {
      try {
        requestKey('x'.repeat(length));
        return 'taken';
      } catch (error) {
        return error instanceof Error ? String(error.cause) : '';
      }
    };
    expect(cause(64 * 1024)).not.toMatch(/too long/);
    expect(cause(64 * 1024 + 1)).toMatch(/too long/);
  });
});

describe('a list in XML', () => {
  it('nests 20 elements at most', async () => {
    const nested = (depth: number) =>
      answerOf(() =>
        readXml(Buffer.from(`<a>${'<b>'.repeat(depth - 1)}${'</b>'.repeat(depth - 1)}</a>`), 'a'),
      );
    expect(await nested(20)).toBe('taken');
    expect(await nested(22)).toBe('XML_MALFORMED');
  });
});

describe('a proof file', () => {
  it(`has ${2 * LIMITS.noteBytes} bytes at most`, () => {
    const sized = (bytes: number) => {
      const rest = formatTlogProof({ index: 0n, proof: [], checkpoint: new Uint8Array() }).length;
      const proof = parseTlogProof(
        formatTlogProof({ index: 0n, proof: [], checkpoint: Buffer.alloc(bytes - rest, 'x') }),
      );
      return proof.ok ? 'taken' : reasonName(proof.reason);
    };
    expect(sized(2 * LIMITS.noteBytes)).toBe('taken');
    expect(sized(2 * LIMITS.noteBytes + 1)).toBe('TOO_LARGE');
  });
});

describe('a file that accuses', () => {
  it('holds 64 key statements at most', () => {
    const held = (count: number) => {
      const { network: networkDigest } = federation;
      const statements = many(count, () => federation.of('XA').signedStatement);
      const file = Misconduct.fromPartial({ format: 1, network: Buffer.from(networkDigest), statements });
      const judged = judgeMisconduct({ bytes: Misconduct.encode(file).finish(), networkDigest });
      return judged.ok ? 'taken' : reasonName(judged.reason);
    };
    // At the bound it is read on, and refused because nothing else is in it.
    expect(held(64)).toBe('MALFORMED');
    expect(held(65)).toBe('TOO_LARGE');
  });
});

describe('lost prekeys', () => {
  it('are noted 16 a member, and of members alone', () => {
    const gone = new GonePrekeys({
      directory: { roster: () => federation.roster } as never,
      keyring: federation.of('XA').keyring,
      keys: { refresh: async () => true },
      clock: { nowMs: () => federation.nowMs },
    });
    const noted = many(17, (at) => gone.note('XB', at.toString(16).padStart(32, '0')));
    expect(noted).toEqual([...many(16, () => true), false]);
    expect(gone.note('QQ', '00')).toBe(false);
  });

  it('are told in a notice of 4,096 bytes at most', async () => {
    const { network } = federation;
    const gone = new GonePrekeys({
      directory: { network, self: 'XA' } as never,
      keyring: federation.of('XA').keyring,
      keys: { refresh: async () => true },
      clock: { nowMs: () => federation.nowMs },
    });
    const notice = PrekeyGone.encode({
      recipient: 'XB',
      sender: 'XA',
      prekeys: [Buffer.alloc(16)],
      at: BigInt(federation.nowMs),
    }).finish();
    const answer = async (length: number) => {
      // Field 2000, which nobody knows: two bytes of tag, two of length.
      const rest = length - notice.length - 4;
      const padding = Buffer.of(0x82, 0x7d, (rest & 0x7f) | 0x80, rest >> 7);
      const body = encodeSigned('prekey-gone', network, Buffer.concat([notice, padding, Buffer.alloc(rest)]));
      const judged = await gone.learn('XB', { body: Buffer.from(body), signature: undefined });
      return judged.ok ? 'taken' : reasonName(judged.reason);
    };
    expect(await answer(4_096)).toBe('SIGNATURE_INVALID');
    expect(await answer(4_097)).toBe('TOO_LARGE');
  });
});

describe('officers who are taken back', () => {
  it('are 100,000 at most in the file of a node', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tocsin-revoked-'));
    try {
      const path = join(dir, 'revoked.json');
      const revoked = (count: number) => {
        const list = many(count, (at) => ({
          fingerprint: at.toString(16).padStart(64, '0'),
          name: '',
          reason: '',
          at: 1,
        }));
        writeFileSync(path, JSON.stringify({ revoked: list }), { mode: 0o600 });
        const deps = {
          store: { write: () => Promise.reject(new Error('unused')) },
          clock: { nowMs: () => 1 },
        };
        return answerOf(() => new OfficerRevocations(path, deps));
      };
      expect(await revoked(100_000)).toBe('taken');
      expect(await revoked(100_001)).toBe('FILE_INVALID');
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

describe('the name of a file', () => {
  it('is shown up to 120 characters', () => {
    expect([120, 121].map((length) => displayName('☺'.repeat(length)))).toEqual([
      '☺'.repeat(120),
      '☺'.repeat(120),
    ]);
  });
});

describe('the numbers of calls of a session', () => {
  it('are told apart 1,024 back: what is older counts as taken', () => {
    const window = new CallWindow();
    window.take(5_000n);
    expect([5_000n, 4_999n, 3_977n, 3_976n].map((call) => window.isFree(call))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('the orientation of a picture', () => {
  it('is looked for among 512 entries of its EXIF block at most', () => {
    const at = (entry: number) => {
      const directory = Buffer.alloc(2 + 12 * 600);
      directory.writeUInt16BE(600);
      for (let n = 0; n < 600; n += 1)
        directory.writeUInt16BE(n === entry - 1 ? 0x0112 : 0x8000 + n, 2 + 12 * n);
      const [tag, value] = [2 + 12 * (entry - 1), 6];
      directory.writeUInt16BE(3, tag + 2);
      directory.writeUInt32BE(1, tag + 4);
      directory.writeUInt16BE(value, tag + 8);
      return orientationOf(
        Buffer.concat([Buffer.from('Exif\0\0'), Buffer.from([0x4d, 0x4d, 0, 42, 0, 0, 0, 8]), directory]),
      );
    };
    expect([at(1), at(512), at(513)]).toEqual([6, 6, undefined]);
  });
});

describe('files, names and passwords of strangers', () => {
  it('has lines of 24 MiB at most in an audit file', async () => {
    const detailOf = async (characters: number) => {
      const lines = (async function* () {
        yield ' '.repeat(characters);
      })();
      const verdict = await judgeAuditFile(lines, undefined);
      return verdict.ok ? 'taken' : verdict.detail;
    };
    expect(await detailOf(24 * 1024 * 1024)).toBe('line 1: expected a JSON object of an audit file');
    expect(await detailOf(24 * 1024 * 1024 + 1)).toBe('line 1: longer than any line of such a file');
  });

  it('has object identifiers of 255 bytes at most', () => {
    const read = (bytes: number) => () =>
      readOid({ content: new Uint8Array(bytes).fill(1) } as Parameters<typeof readOid>[0]);
    expect(read(255)().split('.')).toHaveLength(256);
    expect(read(256)).toThrow(/too long/);
  });

  it('has a partly read serial number of 64 characters at most', () => {
    expect(parseSerialPattern('A'.repeat(64)).ok).toBe(true);
    expect(parseSerialPattern('A'.repeat(65)).ok).toBe(false);
  });

  it('has a password of 128 characters at most', () => {
    const found = (characters: number) =>
      passwordFaults('password', 'qualm7Veto?brine'.repeat(9).slice(0, characters), 'anna').map(
        ({ code }) => code,
      );
    expect(found(128)).toEqual([]);
    expect(found(129)).toEqual(['LENGTH']);
  });

  it('has a misconduct file with room for a whole history of rosters', () => {
    const judged = (bytes: number) => {
      const verdict = judgeMisconduct({ bytes: new Uint8Array(bytes), networkDigest: new Uint8Array(32) });
      return verdict.ok ? 'taken' : reasonName(verdict.reason);
    };
    expect([judged(LIMITS.messageBytes + 1), judged(80 * 1024 * 1024)]).toEqual(['MALFORMED', 'MALFORMED']);
    expect(judged(80 * 1024 * 1024 + 1)).toBe('TOO_LARGE');
  });
});

describe('a step of a handshake', () => {
  it('says 4,096 bytes at most', () => {
    const network = new Uint8Array(32);
    const judged = (bytes: number) => {
      const verdict = judgeFinish(network, encodeSigned('finish', network, new Uint8Array(bytes)));
      return verdict.ok ? 'taken' : reasonName(verdict.reason);
    };
    // Zeroes are no message: what is read is told from what is not.
    expect([judged(4_096), judged(4_097)]).toEqual(['MALFORMED', 'TOO_LARGE']);
  });
});
