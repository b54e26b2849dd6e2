/** What the console takes from the node's folder about the agency's own sign-in: the secret is a file that nobody else may read. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig, pathsOf } from '../../../src/node/config.ts';
import { consoleOptions } from '../../../src/node/console.ts';

const OWN = { chain: '', key: '', authorityRoot: '' };

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tocsin-console-options-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const optionsWith = (openid: object) => {
  const config = parseConfig(
    `node: XA
networkDigest: '${'ab'.repeat(32)}'
broker: { servers: ['tls://localhost:4222'], ca: broker-ca.pem, serverName: broker.tocsin.test }
desk: {}
console: ${JSON.stringify({ origin: 'http://localhost:8443', openid })}
`,
    'node.yaml',
  );
  return consoleOptions(pathsOf(dir), config, OWN);
};

const PROVIDER = { name: 'Customs', issuer: 'https://login.xa.example', clientId: 'tocsin-xa' };

function secretFile(text: string, mode = 0o600): string {
  const file = join(dir, 'openid-secret');
  writeFileSync(file, text);
  chmodSync(file, mode);
  return 'openid-secret';
}

describe('the secret of the OpenID client', () => {
  it('is one line of its file, beside what node.yaml says', async () => {
    const { console } = await optionsWith({ ...PROVIDER, clientSecretFile: secretFile('a secret\n') });
    expect(console?.openid).toEqual({
      ...PROVIDER,
      clientSecret: 'a secret',
      claim: 'sub',
      isLoopback: false,
    });
  });

  it('is left out for a public client', async () => {
    expect((await optionsWith(PROVIDER)).console?.openid).toEqual({
      ...PROVIDER,
      claim: 'sub',
      isLoopback: false,
    });
  });

  it('is refused where others may read it', async () => {
    await expect(
      optionsWith({ ...PROVIDER, clientSecretFile: secretFile('a secret', 0o640) }),
    ).rejects.toMatchObject({ code: 'SECRET_PERMISSIONS' });
  });

  it.each(['', '\n', 'one\ntwo\n'])('is refused as %j', async (text) => {
    await expect(optionsWith({ ...PROVIDER, clientSecretFile: secretFile(text) })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  });

  it('is refused where its file is missing', async () => {
    await expect(optionsWith({ ...PROVIDER, clientSecretFile: 'nothing' })).rejects.toMatchObject({
      code: 'SECRET_UNREADABLE',
    });
  });
});
