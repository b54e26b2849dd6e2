/** Bounds on what a browser, or whoever says that he is one, may send to the desk: at the bound taken, one above refused. */
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/base/clock.ts';
import { LIMITS } from '../../src/base/limits.ts';
import { newAccount } from '../../src/desk/index.ts';
import { DeskGroup } from '../../src/gen/tocsin/record/v1/marking.ts';
import type { ApiBrowser, SentEvent } from '../support/api-browser.ts';
import { exampleContent } from '../support/contents.ts';
import { CONSOLE_ORIGIN, clock, deskWorld, type World } from '../unit/desk/desk-world.ts';

let world: World;
let officer: ApiBrowser;
let other: ApiBrowser;

beforeAll(async () => {
  world = await deskWorld();
  officer = (await world.browser('customs', 'officer')).browser;
  other = (await world.browser('customs', 'officer', 'Other')).browser;
});
afterAll(() => world[Symbol.asyncDispose]());

interface Sent {
  readonly from?: string;
  readonly method?: string;
  readonly cookie?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

/** Status and code of an answer; `from` is the sender's own address, each of which is counted by itself. */
function answerTo(path: string, sent: Sent = {}): Promise<{ status: number; code: string }> {
  const { from = '127.0.0.1', method = 'POST', cookie, headers, body, agent } = sent;
  return new Promise((resolve, reject) => {
    const call = request(`${world.server.console}/api/v1${path}`, {
      method,
      localAddress: from,
      headers: {
        origin: CONSOLE_ORIGIN,
        ...(cookie === undefined ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(agent === undefined ? {} : { agent }),
    });
    call.on('response', async (response) => {
      let text = '';
      for await (const piece of response.setEncoding('utf8')) text += piece;
      const { code = '' } = text.startsWith('{') ? JSON.parse(text) : {};
      resolve({ status: response.statusCode ?? 0, code });
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** What an upload under a name of its own is answered. */
async function uploaded(name: string, body: Buffer) {
  const { draft } = await officer.call('RecordService/CreateDraft', {
    contentJson: JSON.stringify(exampleContent('seizure-notice')),
  });
  return answerTo(`/drafts/${draft?.id}/attachments/${name}?class=SENSITIVITY_CLASS_SUMMARY`, {
    method: 'PUT',
    cookie: officer.cookie,
    headers: { 'content-type': 'application/octet-stream' },
    body,
  });
}

const codesOf = async (answers: Iterable<Promise<{ code: string }>>) =>
  (await Promise.all(answers)).map(({ code }) => code);
const count = (codes: readonly string[], one: string) => codes.filter((code) => code === one).length;

describe('calls of one address', () => {
  it('are 1,200 a minute at most, and others’ are taken still', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 32 });
    const sent = { from: '127.0.0.2', method: 'GET', agent };
    try {
      const codes = await codesOf(Array.from({ length: 1_200 }, () => answerTo('/sign-in', sent)));
      expect(count(codes, 'BUSY')).toBe(0);
      expect(await answerTo('/sign-in', sent)).toEqual({ status: 429, code: 'BUSY' });
      expect((await answerTo('/sign-in', { ...sent, from: '127.0.0.3' })).status).toBe(200);
    } finally {
      agent.destroy();
    }
  });

  it.each([
    ['/sign-in/passkey/options', '{}'],
    ['/sign-in/passkey', '{}'],
    ['/sign-in/password', '{}'],
    ['/sign-in/certificate', '{}'],
    ['/invitation', '{}'],
    ['/invitation/password', '{}'],
    ['/invitation/passkey/options', '{}'],
    ['/invitation/passkey', '{}'],
  ])('are 20 attempts a minute at most at %s', async (path, body) => {
    const attempts = { from: '127.0.0.4', body };
    expect(count(await codesOf(Array.from({ length: 20 }, () => answerTo(path, attempts))), 'BUSY')).toBe(0);
    expect(await answerTo(path, attempts)).toEqual({ status: 429, code: 'BUSY' });
    expect((await answerTo(path, { body, from: '127.0.0.5' })).code).not.toBe('BUSY');
  });
});

describe('the body of a request', () => {
  const padded = (bytes: number) => `{}${' '.repeat(bytes - 2)}`;

  it('of who is not signed in has 64 KiB at most, announced, wherever it goes', async () => {
    for (const [path, taken] of [
      ['/sign-in/password', 'INVALID_REQUEST'],
      ['/no/such', 'NOT_FOUND'],
    ] as const) {
      const of = (bytes: number) => answerTo(path, { from: '127.0.0.6', body: padded(bytes) });
      expect((await of(65_536)).code, path).toBe(taken);
      expect(await of(65_537), path).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    }
    const headers = { 'transfer-encoding': 'chunked' };
    const unannounced = await answerTo('/sign-in/password', { from: '127.0.0.6', body: '{}', headers });
    expect(unannounced.code).toBe('UNAUTHENTICATED');
  });

  it('of an officer has 4 MiB at most', async () => {
    const of = (bytes: number) =>
      answerTo('/RecordService/ListRecords', { cookie: officer.cookie, body: padded(bytes) });
    expect((await of(LIMITS.deskRequestBytes)).status).toBe(200);
    expect(await of(LIMITS.deskRequestBytes + 1)).toEqual({ status: 429, code: 'INVALID_REQUEST' });
  });

  it('that is a file has 10 MiB at most, announced', async () => {
    const of = (bytes: number, name: string) => uploaded(name, Buffer.alloc(bytes, 'line\n'));
    expect((await of(LIMITS.attachmentBytes, 'most')).status).toBe(201);
    expect(await of(LIMITS.attachmentBytes + 1, 'above')).toEqual({ status: 400, code: 'INVALID_REQUEST' });
  });
});

describe('the head of a request', () => {
  /** Node counts address, names and values. */
  const withHead = (bytes: number) =>
    new Promise<string>((resolve, reject) => {
      const address = new URL(world.server.console ?? '');
      const socket = connect(Number(address.port), address.hostname);
      const [path, host, long] = ['/api/v1/sign-in', 'localhost', 'x-long'];
      const value = 'x'.repeat(bytes - path.length - 'host'.length - host.length - long.length);
      let answer = '';
      socket.on('data', (data) => {
        answer += data.toString('latin1');
        resolve(answer.split('\r\n')[0] ?? '');
        socket.destroy();
      });
      socket.on('error', reject);
      socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${long}: ${value}\r\n\r\n`);
    });

  it('stays below 16 KiB', async () => {
    expect(await withHead(16_383)).toContain(' 200 ');
    expect(await withHead(16_384)).toContain(' 431 ');
  });

  it('names nothing by more than 128 characters', async () => {
    const named = (length: number) => uploaded('A'.repeat(length), Buffer.from('line\n'));
    // Looked at, and refused as the name of an upload; above the bound there is no such address.
    expect((await named(128)).code).toBe('INVALID_REQUEST');
    expect((await named(129)).code).toBe('NOT_FOUND');
  });
});

describe('what is typed at sign-in', () => {
  const bodies: readonly (readonly [string, number, string, (text: string) => object])[] = [
    ['a name', 200, '/sign-in/password', (name) => ({ name, password: 'x', code: '' })],
    ['a password', 1_000, '/sign-in/password', (password) => ({ name: 'x', password, code: '' })],
    ['a code', 12, '/sign-in/password', (code) => ({ name: 'x', password: 'x', code })],
    [
      'the id of a passkey',
      2_000,
      '/sign-in/passkey',
      (id) => ({ response: { id, rawId: id, type: 'public-key' } }),
    ],
  ];

  it.each(bodies)('is %s of %i characters at most', async (_what, most, path, bodyOf) => {
    const typed = (length: number) =>
      answerTo(path, { from: '127.0.0.7', body: JSON.stringify(bodyOf('x'.repeat(length))) });
    expect(await typed(most)).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    expect(await typed(most + 1)).toEqual({ status: 400, code: 'INVALID_REQUEST' });
  });
});

describe('accounts', () => {
  it('are 10,000 at most of one node, under names of 100 characters at most', async () => {
    await using own = await deskWorld();
    const { browser } = await own.browser('customs', 'administrator');
    const { store } = own.xa.temporary;
    const who = { agency: 'A', deskGroup: DeskGroup.DESK_GROUP_CUSTOMS, role: 'officer' };
    await store.write(async (tx) => {
      for (let at = 1; at < 9_999; at++)
        await tx.accounts.add(
          newAccount({ clock, random: systemRandom }, { ...who, name: `Officer ${at}` }, 'node'),
        );
    });
    const invited = (name: string) =>
      browser.post('/OfficerService/InviteOfficer', {
        ...who,
        name,
        deskGroup: 'DESK_GROUP_CUSTOMS',
        certificate: '',
      });
    const long = await invited('x'.repeat(101));
    expect([long.status, long.body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect((await invited('x'.repeat(100))).status).toBe(200);
    const above = await invited('One more');
    expect([above.status, above.body.code]).toEqual([409, 'STATE']);
  });
});

describe('answers that last', () => {
  it('are 16 of one officer at most, in all browsers together', async () => {
    const open: AsyncGenerator<SentEvent>[] = [];
    const follow = async (browser: ApiBrowser) => {
      const events = browser.events();
      await events.next();
      open.push(events);
    };
    for (let at = 0; at < 16; at++) await follow(officer);
    const another = { method: 'GET', cookie: officer.cookie };
    expect(await answerTo('/events', another)).toEqual({ status: 429, code: 'BUSY' });
    expect((await answerTo('/audit/export', another)).code).toBe('BUSY');
    expect(
      (await answerTo('/RecordService/ListRecords', { ...another, method: 'POST', body: '{}' })).status,
    ).toBe(200);
    await follow(other);
    await open.shift()?.return(undefined);
    await expect.poll(() => follow(officer).then(() => 'open', String)).toBe('open');
    await Promise.all(open.map((events) => events.return(undefined)));
  });
});

describe('connections', () => {
  it('are 1,000 at once at most', async () => {
    await using own = await deskWorld();
    const address = new URL(own.server.console ?? '');
    const sockets: Socket[] = [];
    const answered = () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(Number(address.port), address.hostname);
        sockets.push(socket);
        socket.once('data', () => resolve(true));
        socket.once('close', () => resolve(false));
        socket.once('error', () => resolve(false));
        socket.write('HEAD /api/v1/sign-in HTTP/1.1\r\nhost: localhost\r\n\r\n');
      });
    try {
      const most: boolean[] = [];
      // No more at a time than the system lets wait for a busy process.
      while (most.length < 1_000) most.push(...(await Promise.all(Array.from({ length: 100 }, answered))));
      expect(most.filter((one) => !one)).toEqual([]);
      expect(await answered()).toBe(false);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});
