import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { hex } from '../../../src/base/bytes.ts';
import { RosterHistory, SignedKeyStatement } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { hybridFingerprint, Keyring, STATED_ROLES, statedKeys } from '../../../src/identity/index.ts';
import { pathsOf } from '../../../src/node/config.ts';
import { reportKeys } from '../../../src/node/key-report.ts';
import { revokeKey, rotateKeys } from '../../../src/node/key-rotation.ts';
import { identityOf } from '../../../src/node/key-statements.ts';
import { type Federation, makeFederation } from '../../support/authority.ts';

const HOUR = 3_600_000;
const root = mkdtempSync(join(tmpdir(), 'tocsin-keys-'));
let federation: Federation;
let nowMs: number;
let made = 0;

const AUTHORITY_FILES = {
  'root.key.pem': 'rootKeyPem',
  'root.pem': 'rootCertPem',
  'statement.key.pem': 'statementKeyPem',
  'statement.pem': 'statementCertPem',
  'authority.key.pem': 'authorityKey',
} as const;

beforeAll(async () => {
  federation = await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] });
  ({ nowMs } = federation);
});
afterAll(async () => {
  await federation[Symbol.asyncDispose]();
  rmSync(root, { recursive: true, force: true });
});

/** The folder of a node that has joined, with its authority. */
function folder(): string {
  const dir = join(root, String(made++));
  const { keyring, authority, signedStatement } = federation.of('XA');
  const paths = pathsOf(dir);
  mkdirSync(paths.authority, { recursive: true });
  cpSync(keyring.dir, paths.keys, { recursive: true });
  const secret = { mode: 0o600 };
  for (const [file, part] of Object.entries(AUTHORITY_FILES))
    writeFileSync(join(paths.authority, file), authority[part as keyof typeof authority], secret);
  writeFileSync(paths.tlsCertificate, authority.rootCertPem);
  writeFileSync(paths.statement, SignedKeyStatement.encode(signedStatement).finish());
  writeFileSync(paths.rosterHistory, RosterHistory.encode(federation.history).finish());
  writeFileSync(
    paths.config,
    stringify({
      node: 'XA',
      networkDigest: hex(federation.network),
      broker: { servers: ['tls://127.0.0.1:4222'], ca: 'ca.pem', serverName: 'broker' },
      desk: {},
    }),
  );
  return dir;
}

const stated = (dir: string) => identityOf(pathsOf(dir), nowMs + 3 * HOUR).held.statement;
const idsOf = (dir: string) => {
  const keys = statedKeys(stated(dir));
  return Object.fromEntries(STATED_ROLES.map((role) => [role, hex(hybridFingerprint(keys[role]))]));
};
/** Whether a node that starts here now finds the private half of every key that its statement names. */
async function isWhole(dir: string): Promise<boolean> {
  const keyring = await Keyring.open(pathsOf(dir).keys);
  const keys = statedKeys(stated(dir));
  return STATED_ROLES.every((role) => keyring.holds(role, keys[role]));
}

describe('keys rotate', () => {
  it('names new keys of every role, keeps the old ones for the overlap, and says until when', async () => {
    const dir = folder();
    const before = idsOf(dir);
    const changed = await rotateKeys({ dir, overlapMs: 24 * HOUR, nowMs });
    expect(changed).toMatchObject({ node: 'XA', sequence: 2n });
    const after = idsOf(dir);
    expect(changed.keys).toEqual(
      STATED_ROLES.map((role) => ({
        role,
        before: before[role],
        after: after[role],
        endsAt: nowMs + 24 * HOUR,
      })),
    );
    expect(Object.values(after).filter((id) => Object.values(before).includes(id))).toEqual([]);
    expect(await isWhole(dir)).toBe(true);
    const report = await reportKeys({ dir, nowMs: nowMs + HOUR });
    const lines = report.keys.map(({ role, fingerprint, state, held, since }) => [
      role,
      fingerprint,
      state,
      held,
      since?.sequence,
    ]);
    for (const role of STATED_ROLES) {
      expect(lines).toContainEqual([role, after[role], 'in-use', true, 2n]);
      expect(lines).toContainEqual([role, before[role], 'overlap', true, 1n]);
    }
    const later = await reportKeys({ dir, nowMs: nowMs + 25 * HOUR });
    expect(later.keys.filter(({ state }) => state === 'ended')).toHaveLength(4);
    expect(report.prekeys).toHaveLength(1);
    expect(report.prekeys[0]?.state).toBe('current');
  });

  it('of one role leaves the others as they are', async () => {
    const dir = folder();
    const before = idsOf(dir);
    await rotateKeys({ dir, roles: ['link'], overlapMs: HOUR, nowMs });
    const { link, ...others } = idsOf(dir);
    const { link: old, ...same } = before;
    expect(others).toEqual(same);
    expect(link).not.toBe(old);
  });

  it('leaves a folder that works wherever it is interrupted, and the next call clears up', async () => {
    const dir = folder();
    const { keys, authority } = pathsOf(dir);
    const before = idsOf(dir);
    // Without the authority nothing is made; with new keys and no statement yet, the old ones are the ones in use.
    rmSync(join(authority, 'root.key.pem'));
    await expect(rotateKeys({ dir, overlapMs: HOUR, nowMs })).rejects.toMatchObject({
      code: 'NOT_INITIALISED',
    });
    await (await Keyring.open(keys)).add('link');
    writeFileSync(join(keys, '.link-0000000000000000.pem.aabbcc'), 'half a file', { mode: 0o600 });
    expect(idsOf(dir)).toEqual(before);
    expect(await isWhole(dir)).toBe(true);
    expect((await reportKeys({ dir, nowMs })).keys.filter(({ state }) => state === 'unnamed')).toHaveLength(
      1,
    );
    writeFileSync(join(authority, 'root.key.pem'), federation.of('XA').authority.rootKeyPem, { mode: 0o600 });
    await rotateKeys({ dir, overlapMs: HOUR, nowMs });
    expect(await isWhole(dir)).toBe(true);
    expect((await reportKeys({ dir, nowMs })).keys.filter(({ state }) => state === 'unnamed')).toEqual([]);
    expect(readdirSync(keys).filter((name) => /^link-[0-9a-f]{16}\.pem$/.test(name))).toHaveLength(1);
  });

  it('is refused while another command changes the keys, and takes over from one that died', async () => {
    const dir = folder();
    const { keysLock } = pathsOf(dir);
    writeFileSync(keysLock, String(process.pid));
    await expect(rotateKeys({ dir, overlapMs: HOUR, nowMs })).rejects.toMatchObject({ code: 'FOLDER_BUSY' });
    writeFileSync(keysLock, '4194399');
    expect((await rotateKeys({ dir, overlapMs: HOUR, nowMs })).sequence).toBe(2n);
    expect(existsSync(keysLock)).toBe(false);
  });

  it('with private halves that are not there is refused before anything is written', async () => {
    const dir = folder();
    const { keys, statement } = pathsOf(dir);
    const bytes = readFileSync(statement);
    await (await Keyring.open(keys)).renew('witness');
    await expect(rotateKeys({ dir, overlapMs: HOUR, nowMs })).rejects.toMatchObject({ code: 'FILE_INVALID' });
    expect(readFileSync(statement)).toEqual(bytes);
  });
});

describe('keys revoke', () => {
  it('replaces a key in use, which counts no more from the instant that is named', async () => {
    const dir = folder();
    const before = idsOf(dir);
    const fromMs = nowMs - 2 * HOUR;
    await revokeKey({ dir, key: 'log', reason: 'a disk went missing', fromMs, nowMs });
    expect(idsOf(dir).log).not.toBe(before.log);
    expect(stated(dir).revocations.map(({ from, reason }) => [from, reason])).toEqual([
      [BigInt(fromMs), 'a disk went missing'],
    ]);
    const report = await reportKeys({ dir, nowMs });
    expect(report.keys.find(({ fingerprint }) => fingerprint === before.log)).toMatchObject({
      state: 'revoked',
      reason: 'a disk went missing',
      untilMs: fromMs,
    });
  });

  it('ends a key early that a rotation had left an overlap, by the digits of its fingerprint', async () => {
    const dir = folder();
    const before = idsOf(dir);
    await rotateKeys({ dir, overlapMs: 24 * HOUR, nowMs });
    const after = idsOf(dir);
    const key = String(before.link).slice(0, 10);
    const changed = await revokeKey({ dir, key, reason: 'seen elsewhere', nowMs: nowMs + HOUR });
    expect(changed.keys).toEqual([{ role: 'link', before: before.link, endsAt: nowMs + HOUR }]);
    expect(idsOf(dir)).toEqual(after);
    const again = revokeKey({ dir, key, reason: 'seen elsewhere', nowMs: nowMs + 2 * HOUR });
    await expect(again).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
  });

  it.each([
    ['a key that it never named', { key: 'ffffffffffff' }],
    ['too few digits', { key: 'ff' }],
    ['a time to come', { key: 'link', fromMs: Number.MAX_SAFE_INTEGER }],
    ['no reason', { key: 'link', reason: ' ' }],
    ['the text of a rotation', { key: 'link', reason: 'rotated' }],
  ])('refuses %s, and changes nothing', async (_what, options) => {
    const dir = folder();
    const before = idsOf(dir);
    const revoking = revokeKey({ dir, reason: 'stolen', nowMs, ...options });
    await expect(revoking).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
    expect(idsOf(dir)).toEqual(before);
  });
});
