import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { configSchema, parseConfig } from '../../../src/node/config.ts';
import { NodeError } from '../../../src/node/errors.ts';
import { VERSION } from '../../../src/node/version.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const example = readFileSync(join(root, 'deploy', 'node.example.yaml'), 'utf8');

const MINIMAL = `node: XA
networkDigest: ${'ab'.repeat(32)}
broker: { servers: ['tls://localhost:4222'], ca: broker-ca.pem, serverName: broker.tocsin.test }
desk: {}
`;

/** Dotted paths of the leaves of an object. */
const leaves = (value: unknown, path = ''): string[] =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`))
    : [path];

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

const keysOf = ({ properties = {} }: Schema, path = ''): string[] =>
  Object.entries(properties).flatMap(([key, inner]) => {
    const here = path === '' ? key : `${path}.${key}`;
    return inner.properties === undefined ? [here] : keysOf(inner, here);
  });

function faultsIn(text: string): readonly { readonly path: string; readonly message: string }[] {
  try {
    parseConfig(text, 'node.yaml');
  } catch (error) {
    if (error instanceof NodeError) return error.faults;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('is explained by an example that holds, with every key', () => {
    expect(parseConfig(example, 'node.example.yaml').desk.port).toBe(7443);
    const schema = z.toJSONSchema(configSchema, { io: 'input' }) as Schema;
    expect(leaves(parse(example)).sort()).toEqual(keysOf(schema).sort());
  });

  it('has the defaults that the example states', () => {
    const { log, exchange, desk, nationalPolicy, logLevel } = parseConfig(example, 'example');
    expect(parseConfig(MINIMAL, 'node.yaml')).toMatchObject({
      log,
      exchange,
      desk,
      nationalPolicy,
      logLevel,
    });
  });

  it('names every fault at once, also each unknown key', () => {
    const faults = faultsIn(
      MINIMAL.replace('node: XA', 'node: xa')
        .replace('desk: {}', 'desk: { port: 99999, hots: x }')
        .concat('bogus: 1\n'),
    );
    expect(faults.map(({ path }) => path).sort()).toEqual(['bogus', 'desk.hots', 'desk.port', 'node']);
    for (const { message } of faults) expect(message).toMatch(/^(expected|there is no such key)/);
  });

  it('takes a database on a server by a URL that is safe, and never repeats a password', () => {
    const stored = (url: string) => `${MINIMAL}store: { url: '${url}' }\n`;
    expect(parseConfig(stored('postgres://tocsin@localhost/hub'), 'node.yaml').store?.url).toContain('hub');
    for (const url of ['postgres://a:s3cret@localhost/hub', 'postgres://a@far.example/hub?sslmode=require']) {
      const [fault, ...others] = faultsIn(stored(url));
      expect(others).toEqual([]);
      expect(fault?.path).toBe('store.url');
      expect(fault?.message).not.toContain('s3cret');
    }
  });

  it('names the line of what is not YAML, and a key given twice', () => {
    expect(faultsIn('node: [XA\nx: y')[0]?.path).toMatch(/^line \d/);
    expect(faultsIn(`${MINIMAL}node: XB\n`)[0]?.path).toBe('line 5');
  });

  it('is frozen, and expands no aliases', () => {
    expect(Object.isFrozen(parseConfig(MINIMAL, 'node.yaml'))).toBe(true);
    for (const text of ['a: &a [x]\nb: *a\n', '*a', `${MINIMAL}<<: *a\n`])
      expect(() => parseConfig(text, 'node.yaml'), text).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID' }),
      );
  });

  it('with names of prototypes changes none, and says that it does not know them', () => {
    const before = Object.getOwnPropertyNames(Object.prototype).sort();
    for (const name of ['__proto__', 'constructor', 'toString'])
      expect(
        faultsIn(`${MINIMAL}${name}: { polluted: true, logLevel: trace }\n`).length,
        name,
      ).toBeGreaterThan(0);
    expect(faultsIn(`${MINIMAL}log: { __proto__: { tickMs: 1 } }\n`).length).toBeGreaterThan(0);
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('lets no node be silent for longer than 72 hours, nor count a quiet partner as a silent one', () => {
    const cutOff = (exchange: string) => faultsIn(`${MINIMAL}exchange: ${exchange}\n`);
    expect(cutOff('{ cutOffMs: 3600000 }')).toEqual([]);
    expect(cutOff('{ cutOffMs: 259200001 }')).toMatchObject([{ path: 'exchange.cutOffMs' }]);
    expect(cutOff('{ cutOffMs: 3600000, idleHeartbeatMs: 1800000 }')).toMatchObject([
      { path: 'exchange.cutOffMs', message: expect.stringContaining('idleHeartbeatMs') },
    ]);
  });
});

it('states the version of the package', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(VERSION).toBe(version);
});
