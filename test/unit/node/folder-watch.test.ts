import { lstat, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { TocsinError } from '../../../src/base/error.ts';
import { FolderWatch } from '../../../src/node/folder-watch.ts';
import { OfficerRevocations } from '../../../src/node/officer-revocations.ts';
import { keepPolicyFile } from '../../../src/node/policy-file.ts';
import { baselinePolicy } from '../../../src/policy/index.ts';
import { type Store, StoreError } from '../../../src/store/index.ts';
import { makeFederation } from '../../support/authority.ts';
import { temporaryStore } from '../../support/temporary-store.ts';

let dir: string;
let failures: string[];
let folder: FolderWatch;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tocsin-watch-'));
  failures = [];
  folder = new FolderWatch({ everyMs: 1, onFailure: (at) => void failures.push(at) });
});

afterEach(() => rm(dir, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

const NOTHING = '@id("N") @reason("nothing") forbid (principal, action == Action::"receive", resource);\n';

const nothing = async (): Promise<void> => undefined;

test('a file put in place is taken up once, and one that is refused is told and tried again with its next change', async () => {
  const path = join(dir, 'statement.bin');
  await put(path, 'first');
  let taken = 0;
  await folder.keep(path, nothing, async () => {
    taken += 1;
    if (taken === 1) throw new Error('not believed');
  });
  await folder.look();
  expect(taken, 'what was there before is not news').toBe(0);
  await put(path, 'second');
  await folder.look();
  await folder.look();
  expect([taken, failures]).toEqual([1, [path]]);
  await put(path, 'third');
  await folder.look();
  expect([taken, failures]).toEqual([2, [path]]);
});

test('a file that is put in place while the one before is opened is not missed', async () => {
  const path = join(dir, 'statement.bin');
  await put(path, 'first');
  let taken = 0;
  const opened = await folder.keep(
    path,
    async () => {
      await put(path, 'second');
      return 'first';
    },
    async () => {
      taken += 1;
    },
  );
  await folder.look();
  await folder.look();
  expect([opened, taken]).toEqual(['first', 1]);
});

test('a file that cannot be taken up now is told once, and tried at every look until it can be; what is fatal ends the watch', async () => {
  const path = join(dir, 'statement.bin');
  const outcomes = ['later', 'later', undefined, 'fatal'] as const;
  let tries = 0;
  await folder.keep(path, nothing, async () => {
    const retry = outcomes[tries++];
    if (retry) throw new TocsinError({ code: 'TRIED', message: 'not now', retry });
  });
  await put(path, 'second');
  for (let look = 0; look < 4; look++) await folder.look();
  expect([tries, failures]).toEqual([3, [path]]);
  await put(path, 'third');
  await expect(folder.run(new AbortController().signal)).rejects.toMatchObject({ code: 'TRIED' });
});

test('a file that comes into being is taken up, and the watch ends with its signal', async () => {
  const path = join(dir, 'roster-history.bin');
  const stop = new AbortController();
  const came = new Promise<void>(
    (resolve) => void folder.keep(path, nothing, async () => resolve()).then(() => put(path, 'x')),
  );
  const running = folder.run(stop.signal);
  await came;
  stop.abort();
  await running;
});

/** A store whose disk is full as long as it is said to be. */
function onFullDisk(store: Store): Store & { isFull: boolean } {
  return {
    isFull: true,
    read: store.read,
    onPurged: store.onPurged,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    write(work) {
      if (this.isFull) throw new StoreError({ code: 'STORE_FULL', message: 'no space left', retry: 'later' });
      return store.write(work);
    },
  };
}

const audited = async (store: Store): Promise<readonly string[]> =>
  (await store.read((tx) => tx.audit.list({ limit: 10 }))).items.map(({ action }) => action);

test('a national policy on a full disk is in force at once, and in the audit trail when there is room', async () => {
  await using federation = await makeFederation({
    nodes: [{ node: 'XA' }, { node: 'XB' }],
    baselinePolicy: baselinePolicy(),
  });
  await using temporary = await temporaryStore();
  const store = onFullDisk(temporary.store);
  const path = join(dir, 'national.cedar');
  await put(path, '');
  const changed: string[] = [];
  const policy = await keepPolicyFile({
    path,
    self: 'XA',
    roster: federation.roster,
    folder,
    store,
    clock: systemClock,
    onChanged: (digest) => void changed.push(digest),
  });
  const before = policy.engine.digest;
  await put(path, '@id("F1") @reason("not now") forbid (principal, action, resource);');
  await folder.look();
  expect(policy.engine.digest).not.toBe(before);
  expect([changed, failures]).toEqual([[policy.engine.digest], [path]]);
  expect(await audited(store)).toEqual([]);

  store.isFull = false;
  await folder.look();
  await folder.look();
  expect([changed, failures]).toEqual([[policy.engine.digest], [path]]);
  expect(await audited(store)).toEqual(['policy.changed']);
});

test('an officer who is put out on a full disk is out at once, and in the audit trail when there is room', async () => {
  await using temporary = await temporaryStore();
  const store = onFullDisk(temporary.store);
  const path = join(dir, 'revoked-officers.json');
  const officers = await folder.keep(
    path,
    () => new OfficerRevocations(path, { store, clock: systemClock }),
    (revocations) => revocations.takeUp(),
  );
  const fingerprint = 'ab'.repeat(32);
  await put(path, JSON.stringify({ revoked: [{ fingerprint, name: 'Anna', reason: 'left', at: 1 }] }));
  await folder.look();
  expect(officers.isRevoked(fingerprint)).toBe(true);
  store.isFull = false;
  await folder.look();
  await folder.look();
  expect(await audited(store)).toEqual(['officer.revoked']);
});

test('a file that is looked at out of turn is taken up once on return, and what that throws is thrown and told', async () => {
  const path = join(dir, 'roster.bin');
  await put(path, 'first');
  const taken: string[] = [];
  await folder.keep(path, nothing, async () => {
    taken.push('taken');
    if (taken.length === 2) throw new Error('not believed');
  });
  await put(path, 'second');
  await Promise.all([folder.lookAt(path), folder.look(), folder.lookAt(path)]);
  expect(taken).toHaveLength(1);
  await put(path, 'third, which is refused');
  await expect(folder.lookAt(path)).rejects.toThrow('not believed');
  expect(failures).toEqual([path]);
  await folder.lookAt(path);
  await folder.lookAt(join(dir, 'not watched'));
  expect(taken).toHaveLength(2);
});

test('a national policy is put in force through its file, also through a link; one that cannot be read never', async () => {
  await using federation = await makeFederation({
    nodes: [{ node: 'XA' }, { node: 'XB' }],
    baselinePolicy: baselinePolicy(),
  });
  await using temporary = await temporaryStore();
  const path = join(dir, 'national.cedar');
  const place = join(dir, 'place.cedar');
  await writeFile(place, '', { mode: 0o644 });
  await symlink(place, path);
  const policy = await keepPolicyFile({
    path,
    self: 'XA',
    roster: federation.roster,
    folder,
    store: temporary.store,
    clock: systemClock,
    onChanged: () => undefined,
  });
  const before = await policy.standing();
  expect(before).toMatchObject({ national: '', fileDiffers: false });
  await policy.putInForce(NOTHING);
  const after = await policy.standing();
  expect(after).toMatchObject({ national: NOTHING, fileDiffers: false });
  expect(after.digest).not.toBe(before.digest);
  expect((await lstat(path)).isSymbolicLink()).toBe(true);
  expect(await readFile(place, 'utf8')).toBe(NOTHING);
  expect((await stat(place)).mode & 0o777).toBe(0o600);
  await expect(policy.putInForce('forbid (')).rejects.toMatchObject({ code: 'POLICY_INVALID' });
  expect(await readFile(place, 'utf8')).toBe(NOTHING);
  // By whoever has the right to the folder, past this program.
  await put(place, 'forbid (');
  expect(await policy.standing()).toEqual({ ...after, fileDiffers: true });
  await rm(dir, { recursive: true });
  expect(await policy.standing()).toEqual({ ...after, fileDiffers: true });
  await expect(policy.putInForce('')).rejects.toThrow();
  expect(policy.national).toBe(NOTHING);
});
