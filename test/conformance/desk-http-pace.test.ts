/** How long a request may take to come in: a minute, but for the file of an officer who is signed in, for as long as it keeps coming. */
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BODY_MS, UPLOAD_BYTES_A_SECOND } from '../../src/desk/http/pace.ts';
import type { ApiBrowser } from '../support/api-browser.ts';
import { exampleContent } from '../support/contents.ts';
import { CONSOLE_ORIGIN, deskWorld, type World } from '../unit/desk/desk-world.ts';

let world: World;
let officer: ApiBrowser;
let draftId: string;

beforeAll(async () => {
  world = await deskWorld();
  officer = (await world.browser('customs', 'officer')).browser;
  const { draft } = await officer.call('RecordService/CreateDraft', {
    contentJson: JSON.stringify(exampleContent('seizure-notice')),
  });
  draftId = draft?.id ?? '';
});
afterAll(() => world[Symbol.asyncDispose]());
// Sockets are real, waiting is not.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Begun {
  readonly call: ClientRequest;
  /** Status of the answer; 0 where the connection was closed without one. */
  readonly ended: Promise<number>;
}

/** A request whose body is to be `length` bytes; nothing of it is sent yet. */
function begin(method: string, path: string, type: string, length: number, cookie = officer.cookie): Begun {
  const call = request(`${world.server.console}/api/v1${path}`, {
    method,
    headers: {
      origin: CONSOLE_ORIGIN,
      'content-type': type,
      'content-length': length,
      ...(cookie === '' ? {} : { cookie }),
    },
  });
  const ended = new Promise<number>((resolve) => {
    call.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', () => resolve(0));
    call.on('close', () => resolve(0));
  });
  return { call, ended };
}

const upload = (name: string, length: number, cookie?: string): Begun =>
  begin(
    'PUT',
    `/drafts/${draftId}/attachments/${name}?class=SENSITIVITY_CLASS_SUMMARY`,
    'application/octet-stream',
    length,
    cookie,
  );

const text = (bytes: number): Buffer => Buffer.alloc(bytes, 'forty rifles, four crates\n');

/** Sends, and lets the node take it. */
async function send(call: ClientRequest, bytes: Buffer): Promise<void> {
  if (!call.write(bytes)) await once(call, 'drain');
  await settle();
}
/** Turns of the loop, in which sockets on one machine hand over what they have. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('the body of a request', () => {
  it('has a minute, whoever sends it', async () => {
    const body = '{"contentJson":"{}"}';
    const json = 'application/json';
    const late = begin('POST', '/PolicyService/CheckContent', json, body.length);
    const inTime = begin('POST', '/PolicyService/CheckContent', json, body.length);
    const stranger = upload('by-nobody', 1_000, '');
    for (const { call } of [late, inTime, stranger]) await send(call, Buffer.from(body.slice(0, 5)));
    expect(await stranger.ended).toBe(401);
    await vi.advanceTimersByTimeAsync(BODY_MS - 1_000);
    inTime.call.end(body.slice(5));
    expect(await inTime.ended).toBe(200);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await late.ended).toBe(0);
  });
});

describe('the file of an officer', () => {
  it('comes in over ten minutes by little and little', async () => {
    const minutes = 10;
    const portion = 60 * UPLOAD_BYTES_A_SECOND;
    const { call, ended } = upload('slow', minutes * portion);
    for (let minute = 0; minute < minutes; minute += 1) {
      await send(call, text(portion));
      if (minute < minutes - 1) await vi.advanceTimersByTimeAsync(BODY_MS - 1);
    }
    call.end();
    expect(await ended).toBe(201);
  });

  it('is cut off where nothing comes any more, and goes on under the same name', async () => {
    const length = 40_000;
    const { call, ended } = upload('stuck', length);
    await send(call, text(UPLOAD_BYTES_A_SECOND));
    await vi.advanceTimersByTimeAsync(BODY_MS);
    await settle();
    expect(call.destroyed).toBe(false);
    await vi.advanceTimersByTimeAsync(1_001);
    expect(await ended).toBe(0);
    const again = upload('stuck', length);
    again.call.end(text(length));
    expect(await again.ended).toBe(201);
  });

  it('is taken to its end where it is refused, so that its sender hears why', async () => {
    const length = 9_000_000;
    const { call, ended } = upload('page', length);
    await send(call, Buffer.from('<!doctype html>'.padEnd(1_000)));
    const taken = once(call, 'finish');
    call.end(Buffer.alloc(length - 1_000, 32));
    await taken;
    expect(await ended).toBe(400);
  });
});
