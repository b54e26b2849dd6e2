/** The roster file of a node's folder follows the roster in use, and never overwrites what somebody put there. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Directory } from '../../../src/exchange/index.ts';
import type { RosterHistory, SignedRoster } from '../../../src/gen/tocsin/record/v1/identity.ts';
import { type NodePaths, pathsOf } from '../../../src/node/config.ts';
import { encodeRosterFile, readRosterFile } from '../../../src/node/roster-file.ts';
import { keepRosterFile, keepRosterFileInStep } from '../../../src/node/roster-keep.ts';
import { type Federation, makeFederation, TEST_NOW_MS } from '../../support/authority.ts';
import { nextVersion } from '../../support/roster-line.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

let federation: Federation;
let temporary: TemporaryStore;
let directory: Directory;
let dir: string;
let paths: NodePaths;
let second: SignedRoster;

beforeAll(async () => {
  federation = await makeFederation({ nodes: [{ node: 'XA' }, { node: 'XB' }] });
  ({ signed: second } = await nextVersion(federation, federation.roster, { threshold: 1 }, ['XA', 'XB']));
});
afterAll(() => federation[Symbol.asyncDispose]());
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tocsin-roster-keep-'));
  paths = pathsOf(dir);
  temporary = await temporaryStore();
  const { version, digest, bytes: body } = federation.roster;
  await temporary.store.write((tx) => tx.directory.keepRoster({ version, digest, body }));
  directory = await Directory.open({
    store: temporary.store,
    clock: { nowMs: () => TEST_NOW_MS },
    network: federation.network,
    self: 'XA',
  });
  write(federation.history);
});
afterEach(async () => {
  await temporary[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const write = (history: RosterHistory) => writeFileSync(paths.rosterHistory, encodeRosterFile(history));
const versions = () => readRosterFile(new Uint8Array(readFileSync(paths.rosterHistory))).rosters.length;

describe('the roster file', () => {
  it('gets the versions that partners showed, whole and readable by the node alone', async () => {
    const told: unknown[] = [];
    const logger = { info: (fact: unknown) => told.push(fact), error: (fact: unknown) => told.push(fact) };
    await keepRosterFileInStep(directory, paths, logger as never);
    expect([versions(), told.length]).toEqual([1, 0]);
    expect((await directory.adoptRoster(second)).ok).toBe(true);
    await expect.poll(versions).toBe(2);
    expect(statSync(paths.rosterHistory).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['roster-history.bin']);
    await expect.poll(() => told).toMatchObject([{ version: '2' }]);
  });

  it('follows at the start where a crash came between', async () => {
    expect((await directory.adoptRoster(second)).ok).toBe(true);
    expect(await keepRosterFile(directory, paths)).toBe(true);
    expect(versions()).toBe(2);
    expect(await keepRosterFile(directory, paths)).toBe(false);
  });

  it('is left alone where it holds more, or another line of versions', async () => {
    const other = await nextVersion(federation, federation.roster, { networkName: 'Other' }, ['XA', 'XB']);
    write({ rosters: [federation.signedRoster, second] });
    expect(await keepRosterFile(directory, paths)).toBe(false);
    write({ rosters: [federation.signedRoster, other.signed] });
    const before = readFileSync(paths.rosterHistory);
    expect((await directory.adoptRoster(second)).ok).toBe(true);
    expect(await keepRosterFile(directory, paths)).toBe(false);
    expect(readFileSync(paths.rosterHistory).equals(before)).toBe(true);
  });
});
