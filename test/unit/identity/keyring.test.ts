import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hex, utf8 } from '../../../src/base/bytes.ts';
import { hybridFingerprint, judgeHybrid, verifyRaw } from '../../../src/identity/hybrid.ts';
import { KEY_ROLES, Keyring } from '../../../src/identity/keyring.ts';
import { deleteSecret, readSecret, writeSecret } from '../../../src/identity/keyring-files.ts';
import { encodeSigned } from '../../../src/record/index.ts';

let root: string;
let dir: string;
let keyring: Keyring;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tocsin-keyring-'));
  dir = join(root, 'keys');
  keyring = await Keyring.create(dir);
});

afterAll(() => rm(root, { recursive: true, force: true }));

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

describe('a keyring', () => {
  test('keeps one file a role, readable by its owner only', async () => {
    expect((await readdir(dir)).sort()).toEqual(
      [...KEY_ROLES.map((role) => `${role}.pem`), 'prekeys'].sort(),
    );
    expect(await modeOf(dir)).toBe('700');
    expect(await modeOf(join(dir, 'prekeys'))).toBe('700');
    for (const role of KEY_ROLES) expect(await modeOf(join(dir, `${role}.pem`))).toBe('600');
  });

  test('opened again has the same keys', async () => {
    const again = await Keyring.open(dir);
    for (const role of KEY_ROLES) expect(again.publicKey(role)).toEqual(keyring.publicKey(role));
  });

  test('is never made over another, nor made by opening', async () => {
    await expect(Keyring.create(dir)).rejects.toMatchObject({ code: 'KEYRING_EXISTS' });
    await expect(Keyring.open(join(root, 'none'))).rejects.toMatchObject({ code: 'KEYRING_MISSING' });
  });

  test('signs as the role asked for', async () => {
    const bytes = encodeSigned('manifest', new Uint8Array(32), utf8('body'));
    const signature = await keyring.sign('link', 'manifest', bytes);
    expect(judgeHybrid('manifest', bytes, signature, keyring.link).ok).toBe(true);
    expect(judgeHybrid('manifest', bytes, signature, keyring.governance).ok).toBe(false);
  });

  test('signs notes by one half, without context', async () => {
    const note = utf8('tocsin/0011223344556677/XA/log/live/1\n1\nAAAA\n');
    const ed25519 = await keyring.signRaw('log', 'ed25519', note);
    const mlDsa44 = await keyring.signRaw('witness', 'ml-dsa-44', note);
    expect(verifyRaw('ed25519', note, ed25519, keyring.log.ed25519)).toBe(true);
    expect(verifyRaw('ml-dsa-44', note, mlDsa44, keyring.witness.mlDsa44)).toBe(true);
    expect(verifyRaw('ml-dsa-44', note, mlDsa44, keyring.log.mlDsa44)).toBe(false);
  });

  test('renews one key for good', async () => {
    const own = await Keyring.create(join(root, 'renewed'));
    const before = own.link;
    const after = await own.renew('link');
    expect(after).not.toEqual(before);
    expect((await Keyring.open(join(root, 'renewed'))).link).toEqual(after);
  });

  test('gets a further key that signs only once it is used, while the one before signs on when it is named', async () => {
    const own = join(root, 'further');
    const ring = await Keyring.create(own);
    const before = ring.link;
    const after = await ring.add('link');
    const file = (await readdir(own)).find((name) => /^link-[0-9a-f]{16}\.pem$/.test(name)) ?? '';
    expect(await modeOf(join(own, file))).toBe('600');
    expect(ring.link).toEqual(before);
    const keys = { log: ring.log, 'exercise-log': ring.exerciseLog, link: after, witness: ring.witness };
    // Another process, as the node that runs beside the command.
    const other = await Keyring.open(own);
    other.use(keys);
    ring.use(keys);
    const bytes = encodeSigned('manifest', new Uint8Array(32), utf8('body'));
    for (const one of [ring, other]) {
      expect(one.link).toEqual(after);
      expect(judgeHybrid('manifest', bytes, await one.sign('link', 'manifest', bytes), after).ok).toBe(true);
      const old = await one.sign('link', 'manifest', bytes, before);
      expect(judgeHybrid('manifest', bytes, old, before).ok).toBe(true);
    }
  });

  test('refuses to use a key whose private half is not there, and goes on as before', async () => {
    const ring = await Keyring.create(join(root, 'lacking'));
    const before = ring.link;
    const stranger = keyring.link;
    expect(() =>
      ring.use({ log: ring.log, 'exercise-log': ring.exerciseLog, link: stranger, witness: ring.witness }),
    ).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }));
    expect(ring.link).toEqual(before);
  });

  test('deletes a key that ended, and the file of the first name is the one in use then', async () => {
    const own = join(root, 'retired');
    const ring = await Keyring.create(own);
    const [before, log] = [ring.link, await ring.add('log')];
    const after = await ring.add('link');
    ring.use({ log: ring.log, 'exercise-log': ring.exerciseLog, link: after, witness: ring.witness });
    await ring.retire('link', hybridFingerprint(after));
    expect(ring.holds('link', after)).toBe(true);
    await ring.retire('link', hybridFingerprint(before));
    await ring.retire('log', hybridFingerprint(log));
    expect((await readdir(own)).filter((name) => /^(link|log)/.test(name)).sort()).toEqual([
      'link.pem',
      'log.pem',
    ]);
    expect((await Keyring.open(own)).link).toEqual(after);
    expect(ring.holds('link', before)).toBe(false);
  });

  test('takes up a key file that is put there while it is open, and refuses one under a false name', async () => {
    const own = join(root, 'put-there');
    const ring = await Keyring.create(own);
    const key = await (await Keyring.open(own)).add('witness');
    expect(ring.holds('witness', key)).toBe(false);
    await ring.readAgain();
    expect(ring.holds('witness', key)).toBe(true);
    await writeFile(join(own, `link-${'0'.repeat(16)}.pem`), await readFile(join(own, 'log.pem')), {
      mode: 0o600,
    });
    await expect(ring.readAgain()).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });

  test.each([0o640, 0o604, 0o660])('with a file of mode %o is refused', async (mode) => {
    const path = join(dir, 'witness.pem');
    await chmod(path, mode);
    await expect(Keyring.open(dir)).rejects.toMatchObject({ code: 'SECRET_PERMISSIONS' });
    await chmod(path, 0o600);
  });

  test('with a damaged file is refused, and the error tells nothing of the key', async () => {
    const own = join(root, 'damaged');
    await Keyring.create(own);
    const path = join(own, 'link.pem');
    const pem = await readFile(path, 'utf8');
    const body = pem.split('\n')[1] ?? '';
    for (const damaged of [
      pem.slice(0, pem.length / 2),
      pem.replace(body, `${body.slice(0, -4)}AAAA`).replaceAll('MC4C', 'MC4D'),
      await readFile(join(own, 'log.pem'), 'utf8').then((other) => other + pem),
      '',
    ]) {
      await writeFile(path, damaged);
      const error: unknown = await Keyring.open(own).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'KEY_INVALID', retry: 'fatal' });
      const text = JSON.stringify(error, Object.getOwnPropertyNames(error));
      expect(text).not.toContain(body.slice(0, 16));
    }
  });
});

describe('prekeys', () => {
  const prekey = (id: number) => ({
    id: new Uint8Array(16).fill(id),
    publicKey: new Uint8Array(1216).fill(1),
    privateKey: new Uint8Array(32).fill(0xab),
    notBeforeMs: 1_000 * id,
    notAfterMs: 1_000 * id + 500,
  });

  test('are kept apart, listed without their private half, opened by id and deleted for good', async () => {
    await keyring.prekeys.create(prekey(2));
    await keyring.prekeys.create(prekey(1));
    const path = join(dir, 'prekeys', `${'01'.repeat(16)}.json`);
    expect(await modeOf(path)).toBe('600');
    const listed = await keyring.prekeys.list();
    expect(listed.map(({ notBeforeMs }) => notBeforeMs)).toEqual([1_000, 2_000]);
    expect(listed[0]).not.toHaveProperty('privateKey');
    expect(await keyring.prekeys.open(prekey(1).id)).toEqual(prekey(1).privateKey);
    await keyring.prekeys.delete(prekey(1).id);
    await keyring.prekeys.delete(prekey(1).id);
    expect(await keyring.prekeys.open(prekey(1).id)).toBeUndefined();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await keyring.prekeys.list()).toHaveLength(1);
  });

  test('that were never ours, or whose id is none, are undefined', async () => {
    expect(await keyring.prekeys.open(new Uint8Array(16).fill(9))).toBeUndefined();
    expect(await keyring.prekeys.open(utf8('../link'))).toBeUndefined();
  });

  test('of a wrong form are not kept', async () => {
    for (const bad of [
      { ...prekey(3), privateKey: new Uint8Array(31) },
      { ...prekey(3), id: new Uint8Array(15) },
      { ...prekey(3), notAfterMs: 0 },
    ])
      await expect(keyring.prekeys.create(bad)).rejects.toMatchObject({ code: 'PREKEYS_INVALID' });
  });

  test('damaged on disk are refused without a word of their content', async () => {
    const path = join(dir, 'prekeys', `${'05'.repeat(16)}.json`);
    await writeFile(path, '{"privateKey":"c2VjcmV0c2VjcmV0', { mode: 0o600 });
    const error: unknown = await keyring.prekeys
      .open(new Uint8Array(16).fill(5))
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'KEY_INVALID' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('c2VjcmV0');
    await deleteSecret(path);
  });
});

describe('a secret file', () => {
  test('is written whole with mode 0600, replaced, read and deleted', async () => {
    const path = join(root, 'seed');
    await writeSecret(path, 'first');
    await writeSecret(path, 'second');
    expect(await modeOf(path)).toBe('600');
    expect(hex(await readSecret(path))).toBe(hex(utf8('second')));
    expect((await readdir(root)).filter((name) => name.startsWith('.'))).toEqual([]);
    await deleteSecret(path);
    await deleteSecret(path);
    await expect(readSecret(path)).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
  });

  test('is refused where it is a link, a directory, or larger than any key', async () => {
    await writeSecret(join(root, 'real'), 'x');
    await symlink(join(root, 'real'), join(root, 'link'));
    await expect(readSecret(join(root, 'link'))).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    await expect(readSecret(root)).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    await writeSecret(join(root, 'large'), new Uint8Array(70_000));
    await expect(readSecret(join(root, 'large'))).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
  });

  test('that cannot be written leaves nothing behind', async () => {
    await expect(writeSecret(join(root, 'no-such', 'seed'), 'x')).rejects.toMatchObject({
      code: 'SECRET_UNREADABLE',
      retry: 'later',
    });
  });
});
