import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { Header } from '../../../src/gen/tocsin/record/v1/header.ts';
import { DeskGroup, Handling, Priority, Status } from '../../../src/gen/tocsin/record/v1/marking.ts';
import { Reason } from '../../../src/gen/tocsin/record/v1/reason.ts';
import { encodeHeader, judgeHeader } from '../../../src/record/header.ts';
import { KINDS, kindOf } from '../../../src/record/kinds.ts';
import { isUrgent, laneOf } from '../../../src/record/lane.ts';
import { encodeSigned, logOrigin, netToken, sha256 } from '../../../src/record/signed.ts';

const network = new Uint8Array(32).fill(0x5a);
const net = netToken(network);
const MINUTE = 60_000n;

function headerOf(kind: string, change: Partial<Header> = {}): Header {
  const row = kindOf(kind);
  if (row === undefined) throw new Error(kind);
  return {
    logOrigin: logOrigin(net, 'XA', 'live', 1),
    recordId: Buffer.alloc(16, 7),
    kind,
    schemaVersion: row.schemaVersion,
    facetTableVersion: row.facetTableVersion,
    originator: 'XA',
    deskGroup: row.control ? DeskGroup.DESK_GROUP_NODE : DeskGroup.DESK_GROUP_CUSTOMS,
    revision: 1,
    supersedes: Buffer.alloc(0),
    released: 30_000_000n * MINUTE,
    expires: 31_000_000n * MINUTE,
    reviewBy: 30_500_000n * MINUTE,
    priority: row.defaultPriority,
    marking: { ...row.defaultMarking(), releasableTo: ['XB'] },
    commitments: row.facets.map((facet, index) => ({
      facet: facet.name,
      digest: Buffer.alloc(32, index + 1),
    })),
    ...change,
  };
}

/** Bytes as a careless or hostile originator would sign them. */
const hostile = (header: Header) => encodeSigned('header', network, Header.encode(header).finish());

describe('a header', () => {
  it('of every kind is judged as it was encoded, and named by its digest', () => {
    for (const kind of KINDS.keys()) {
      const signed = encodeHeader(network, headerOf(kind));
      const verdict = judgeHeader(network, signed.bytes);
      expect(verdict).toEqual({ ok: true, value: signed });
      expect(signed.digest).toEqual(sha256(signed.bytes));
    }
  });

  it('changed in any byte is another header or none', () => {
    const signed = encodeHeader(network, headerOf('seizure-notice'));
    fc.assert(
      fc.property(fc.nat(signed.bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Uint8Array.from(signed.bytes);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const verdict = judgeHeader(network, bytes);
        expect(verdict.ok && Buffer.compare(verdict.value.digest, signed.digest) === 0).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('of an unknown kind or a newer facet table is not refused here', () => {
    const unknown = headerOf('link', { kind: 'trace-request' });
    expect(judgeHeader(network, hostile(unknown)).ok).toBe(true);
    const newer = headerOf('link', { facetTableVersion: 2 });
    newer.commitments.push({ facet: 'later', digest: Buffer.alloc(32) });
    expect(judgeHeader(network, hostile(newer)).ok).toBe(true);
  });

  const marking = headerOf('seizure-notice').marking;
  const malformed: readonly [string, Partial<Header>][] = [
    ['a short record id', { recordId: Buffer.alloc(15) }],
    ['no kind', { kind: '' }],
    ['schema version 0', { schemaVersion: 0 }],
    ['an originator that is no node', { originator: 'xa' }],
    ['a log of another originator', { originator: 'XB' }],
    ['a log name that is none', { logOrigin: 'tocsin/log' }],
    ['revision 0', { revision: 0 }],
    ['revision 2 without a predecessor', { revision: 2 }],
    ['revision 1 with a predecessor', { supersedes: Buffer.alloc(32) }],
    ['a release within a minute', { released: 30_000_000n * MINUTE + 1n }],
    ['a release before 1970', { released: -MINUTE }],
    ['an expiry before the release', { expires: 1n }],
    ['an expiry beyond the year 9999', { expires: 1n << 62n }],
    ['a review after the expiry', { reviewBy: 31_000_001n * MINUTE }],
    ['no priority', { priority: Priority.PRIORITY_UNSPECIFIED }],
    ['no desk group', { deskGroup: DeskGroup.DESK_GROUP_UNSPECIFIED }],
    ['the node as desk of an ordinary kind', { deskGroup: DeskGroup.DESK_GROUP_NODE }],
    ['no marking', { marking: undefined }],
    ['nobody to release to', { marking: marking && { ...marking, releasableTo: [] } }],
    [
      'handling code H3 without a condition',
      { marking: marking && { ...marking, handling: [Handling.HANDLING_H3] } },
    ],
    ['no commitments', { commitments: [] }],
    ['a commitment too few', { commitments: headerOf('seizure-notice').commitments.slice(1) }],
    ['commitments in another order', { commitments: headerOf('seizure-notice').commitments.toReversed() }],
    [
      'a commitment of 31 bytes',
      {
        commitments: headerOf('seizure-notice').commitments.map((one) => ({
          ...one,
          digest: Buffer.alloc(31),
        })),
      },
    ],
  ];
  it.each(malformed)('with %s is malformed, and not encoded either', (_, change) => {
    const header = headerOf('seizure-notice', change);
    expect(judgeHeader(network, hostile(header))).toMatchObject({
      ok: false,
      reason: Reason.REASON_MALFORMED,
    });
    expect(() => encodeHeader(network, header)).toThrow(/well-formed header/);
  });

  it('of a kind that is not known here commits to 64 facets at most', () => {
    const committed = (count: number) => {
      const commitments = Array.from({ length: count }, (_, at) => ({
        facet: `f${at}`,
        digest: Buffer.alloc(32, at),
      }));
      return judgeHeader(network, hostile(headerOf('link', { kind: 'trace-request', commitments })));
    };
    expect(committed(64).ok).toBe(true);
    expect(committed(65)).toMatchObject({ ok: false, reason: Reason.REASON_MALFORMED });
  });

  it('beyond the size limit is refused unread', () => {
    expect(judgeHeader(network, new Uint8Array(LIMITS.headerBytes + 1))).toMatchObject({
      reason: Reason.REASON_TOO_LARGE,
    });
  });

  it('of another network is refused, by its digest or by the name of its log', () => {
    const other = new Uint8Array(32).fill(1);
    const header = headerOf('link');
    expect(judgeHeader(other, hostile(header))).toMatchObject({ reason: Reason.REASON_WRONG_NETWORK });
    const strange = { ...header, logOrigin: logOrigin(netToken(other), 'XA', 'live', 1) };
    expect(judgeHeader(network, hostile(strange))).toMatchObject({ reason: Reason.REASON_WRONG_NETWORK });
  });

  it('keeps exercise and live apart, in both directions', () => {
    const header = headerOf('warning');
    const exercise = logOrigin(net, 'XA', 'exercise', 1);
    const marked = (status: Status) => ({ ...headerOf('warning').marking, status }) as Header['marking'];
    const live: Partial<Header>[] = [
      { marking: marked(Status.STATUS_EXERCISE) },
      { marking: marked(Status.STATUS_TEST) },
      { logOrigin: exercise },
    ];
    for (const change of live)
      expect(judgeHeader(network, hostile({ ...header, ...change }))).toMatchObject({
        reason: Reason.REASON_EXERCISE_MISMATCH,
      });
    const agreed = { ...header, logOrigin: exercise, marking: marked(Status.STATUS_EXERCISE) };
    expect(judgeHeader(network, hostile(agreed)).ok).toBe(true);
  });
});

describe('lanes', () => {
  it('0 is for flash and for control kinds, 1 for the rest', () => {
    const lanes = [...KINDS.values()].map((row) => [row.code, laneOf(headerOf(row.code))]);
    expect(Object.fromEntries(lanes)).toEqual({
      'watchlist-entry': 1,
      'seizure-notice': 1,
      'forged-euc-alert': 1,
      'hotline-report': 1,
      warning: 1,
      link: 1,
      'reference-table': 1,
      receipt: 0,
      recall: 0,
      'onward-consent': 0,
      disclosure: 0,
      canary: 0,
      tasking: 0,
      answer: 0,
      'breach-report': 0,
      'break-glass': 0,
      'redress-request': 0,
      'audit-anchor': 0,
    });
    expect(laneOf({ kind: 'warning', priority: Priority.PRIORITY_FLASH })).toBe(0);
  });

  it('urgent is flash, immediate and every recall', () => {
    expect(isUrgent({ kind: 'recall', priority: Priority.PRIORITY_ROUTINE })).toBe(true);
    expect(isUrgent({ kind: 'warning', priority: Priority.PRIORITY_IMMEDIATE })).toBe(true);
    expect(isUrgent({ kind: 'receipt', priority: Priority.PRIORITY_ROUTINE })).toBe(false);
  });
});
