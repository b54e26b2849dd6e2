/**
 * The broker's name while a node is connected by it (T45): not known, moved to another address, leading to an impostor. Real brokers
 * with TLS, and a name server of the test's own.
 */
import { getServers, setServers } from 'node:dns';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connectBroker,
  inboxPrefix,
  type NatsBroker,
  newBrokerUser,
  openMailbox,
  serverConfiguration,
  setUpMailboxes,
} from '../../src/transport/index.ts';
import { eventually } from '../support/federation.ts';
import { type NameServer, startNameServer } from '../support/name-server.ts';
import { type NatsServer, startNatsServer } from '../support/nats-server.ts';
import { certificatesFor, type ServerCertificate } from '../support/tls-certificates.ts';

const net = '0123456789abcdef';
const NAME = 'broker.tocsin.test';
const OTHER_NAME = 'elsewhere.tocsin.test';
const users = new Map(['XA', 'XB', 'administrator', 'operator'].map((name) => [name, newBrokerUser()]));
const userOf = (name: string) => {
  const user = users.get(name);
  if (user === undefined) throw new Error(`no user ${name}`);
  return user;
};

let stack: AsyncDisposableStack;
let names: NameServer;
let genuine: ServerCertificate;
let broker: NatsServer;

async function startBroker({ ca, chain, key }: ServerCertificate): Promise<NatsServer> {
  return startNatsServer(({ dir, host, port, storeDir, version }) => {
    const tls = { ca: join(dir, 'ca.pem'), cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
    mkdirSync(dir, { recursive: true });
    // Members' certificates are of the genuine authority wherever they go.
    writeFileSync(tls.ca, genuine.ca + ca);
    writeFileSync(tls.cert, chain);
    writeFileSync(tls.key, key);
    return serverConfiguration({
      members: ['XA', 'XB'].map((node) => ({ node, brokerUser: userOf(node).publicKey })),
      net,
      host,
      port,
      storeDir,
      serverVersion: version,
      tls,
      adminUser: userOf('administrator').publicKey,
      operatorUser: userOf('operator').publicKey,
    });
  });
}

const connectAs = (
  user: string,
  options: { readonly server?: string; readonly ca?: string; readonly name?: string } = {},
): Promise<NatsBroker> =>
  connectBroker({
    servers: [options.server ?? `tls://${NAME}:${broker.port}`],
    tls: {
      ca: options.ca ?? genuine.ca,
      cert: genuine.chain,
      key: genuine.key,
      serverName: options.name ?? NAME,
    },
    nkeySeed: userOf(user).seed,
    inboxPrefix: user.startsWith('X') ? inboxPrefix(user) : `_INBOX_${user}`,
    name: user,
    reconnectDelayMs: 50,
    requestTimeoutMs: 1_000,
  });

/** A further address of this machine that leads to a server's port; `cut` ends what goes through it. */
async function addressFor(address: string, port: number, to: number) {
  const open = new Set<Socket>();
  let accepted = 0;
  const server = createServer((near) => {
    accepted += 1;
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        for (const one of [near, far]) one.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  });
  server.listen(port, address);
  await once(server, 'listening');
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    address,
    cut,
    get accepted() {
      return accepted;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const certificates = await certificatesFor([NAME, OTHER_NAME]);
  const own = certificates.get(NAME);
  if (own === undefined) throw new Error('no certificate was made');
  genuine = own;
  names = stack.use(await startNameServer(NAME));
  const before = getServers();
  setServers([names.server]);
  stack.defer(() => setServers(before));
  broker = stack.use(await startBroker(genuine));
  await using administrator = await connectAs('administrator', { server: broker.url });
  await setUpMailboxes(administrator, net, ['XA', 'XB']);
});
afterAll(() => stack?.disposeAsync());

let count = 0;
/** Mail of XA that the broker confirms, though it takes some attempts. */
async function stored(xa: NatsBroker): Promise<string> {
  const text = `mail ${count++}`;
  await eventually('the broker confirms it', async () => {
    const mail = { recipient: 'XB', lane: 1, bytes: Buffer.from(text), messageId: `${count++}` } as const;
    return (await openMailbox({ broker: xa, net, self: 'XA' }).put(mail)) === 'stored' || undefined;
  });
  return text;
}

const inTurn = async (xa: NatsBroker): Promise<void> => {
  await eventually('the node is connected', () => xa.connected || undefined);
};
const asked = async (times: number): Promise<void> => {
  const before = names.asked;
  await eventually('the name is asked for', () => names.asked >= before + times || undefined);
};

describe('the name of the broker', () => {
  it('that is not known yet is asked for until it is', async () => {
    names.address = undefined;
    const connecting = connectAs('XA');
    await asked(4);
    names.address = '127.0.0.1';
    await using xa = await connecting;
    expect(xa.connected).toBe(true);
    await stored(xa);
  });

  it('that moves to another address is followed, with the mail, and so is one that was gone for a while', async () => {
    await using first = await addressFor('127.0.0.2', broker.port, broker.port);
    names.address = first.address;
    await using xa = await connectAs('XA');
    await using xb = await connectAs('XB');
    const texts: string[] = [];
    const stop = new AbortController();
    const consuming = openMailbox({ broker: xb, net, self: 'XB' }).consume(
      1,
      async (mail) => {
        texts.push(Buffer.from(mail.bytes).toString());
        await mail.ack();
      },
      { signal: stop.signal },
    );
    const arrives = (text: string) => eventually('it arrives', () => texts.includes(text) || undefined);
    await arrives(await stored(xa));
    expect(first.accepted).toBe(2);

    names.address = undefined;
    await first[Symbol.asyncDispose]();
    await asked(4);
    expect([xa.connected, xb.connected]).toEqual([false, false]);
    await using second = await addressFor('127.0.0.3', broker.port, broker.port);
    names.address = second.address;
    await Promise.all([inTurn(xa), inTurn(xb)]);
    expect(second.accepted).toBe(2);
    await arrives(await stored(xa));
    stop.abort();
    await consuming;
  });

  it.each([
    ['of the same operator, certified under another name', OTHER_NAME, 0],
    ['certified under the name by an authority of its own', NAME, 1],
  ])(
    'that leads to a server %s brings it no word, and the genuine one is found again',
    async (_, host, index) => {
      const certificate = (await certificatesFor([NAME, OTHER_NAME], index)).get(host);
      if (certificate === undefined) throw new Error('no certificate was made');
      await using impostor = await startBroker(certificate);
      const { ca } = certificate;
      await using ear = await connectAs('operator', { server: impostor.url, ca, name: host });
      const heard: string[] = [];
      ear.subscribe('>', ({ subject }) => heard.push(subject));
      await ear.flush();
      await using way = await addressFor('127.0.0.4', broker.port, impostor.port);
      await using first = await addressFor('127.0.0.2', broker.port, broker.port);
      names.address = first.address;
      await using xa = await connectAs('XA');

      names.address = way.address;
      first.cut();
      await eventually('it tries there, again and again', () => way.accepted > 4 || undefined);
      expect(xa.connected).toBe(false);
      const mail = { recipient: 'XB', lane: 1, bytes: Buffer.from('secret'), messageId: 'x' } as const;
      expect(await openMailbox({ broker: xa, net, self: 'XA' }).put(mail)).toBe('unknown');
      await ear.flush();
      expect(heard).toEqual([]);

      names.address = first.address;
      await inTurn(xa);
      await stored(xa);
    },
  );
});
