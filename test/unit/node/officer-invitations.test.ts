import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { inviteOfficer, takeUpInvitations } from '../../../src/node/officer-invitations.ts';

const CONFIG = `node: XA
networkDigest: ${'ab'.repeat(32)}
broker: { servers: ['tls://localhost:4222'], ca: broker-ca.pem, serverName: broker.tocsin.test }
desk: {}
console: { origin: 'https://desk.example:8443' }
`;

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tocsin-invitations-'));
  path = join(dir, 'invitations.json');
  writeFileSync(join(dir, 'node.yaml'), CONFIG);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const keep = (count: number, expiresAt: number) => {
  const invited = Array.from({ length: count }, (_, at) => ({
    id: at.toString(16).padStart(32, '0'),
    identity: at.toString(16).padStart(64, '0'),
    name: `Officer ${at}`,
    agency: 'A',
    deskGroup: 2,
    role: 'officer',
    createdAt: 0,
    token: at.toString(16).padStart(64, '0'),
    expiresAt,
  }));
  writeFileSync(path, JSON.stringify({ invited }), { mode: 0o600 });
};

const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'taken',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );

const later = () => systemClock.nowMs() + 3_600_000;
const one = (name: string) =>
  inviteOfficer({ dir, name, agency: 'A', deskGroup: 'customs', role: 'administrator' });

describe('officers invited by a command', () => {
  it('are 10,000 at most in the file of a node', async () => {
    const unused = () => Promise.reject(new Error('expected no work on the store'));
    const read = (count: number) => {
      keep(count, 1);
      const store = { read: unused, write: unused };
      return outcome(takeUpInvitations(path, { store, clock: systemClock }));
    };
    // At the bound all are read, and left alone because they are over.
    expect(await read(10_000)).toBe('taken');
    expect(await read(10_001)).toBe('FILE_INVALID');
  });

  it('are not written beyond what a node reads; those that are over make room', async () => {
    keep(9_999, later());
    expect((await one('The last one')).link).toMatch(/^https:\/\/desk\.example:8443\/invitation#/);
    const before = readFileSync(path, 'utf8');
    expect(await outcome(one('One more'))).toBe('FILE_INVALID');
    expect(readFileSync(path, 'utf8')).toBe(before);
    keep(10_000, 1);
    expect(await outcome(one('First again'))).toBe('taken');
  });
});
