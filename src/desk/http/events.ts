/**
 * Live updates as server-sent events (WHATWG HTML §9.2): `item` for each arrival, with its position as the id that a browser sends
 * back after a dropped link, and `changed` where a list may have changed. Nothing is skipped, nothing comes twice.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { InboxServiceDefinition, WatchInboxResponse } from '../../gen/tocsin/desk/v1/inbox_service.ts';
import { messageToJson } from '../../record/index.ts';
import { Status } from '../../transport/index.ts';
import { type Carried, type DispatchDeps, streaming } from '../dispatch.ts';
import type { BoundService } from '../grpc/handlers.ts';
import type { OfficerSession } from '../session.ts';
import { CallFailed, problemOf } from './status.ts';
import type { Streams } from './streams.ts';
import { API, assertContract, gone } from './verbs.ts';

export interface EventsDeps {
  readonly inbox: BoundService;
  readonly dispatch: DispatchDeps;
  readonly streams: Streams;
  officerOf(request: FastifyRequest, purpose: string | undefined, mode: string | undefined): OfficerSession;
  /** Told when a list may have changed; returns how to stop. */
  onChanged(listener: () => void): () => void;
}

/** Proxies cut what is silent; and the session is looked at as often. */
const BEAT_MS = 15_000;
/** Hints closer together are one. */
const HINT_EVERY_MS = 400;

const position = z.string().regex(/^\d{1,15}$/, 'expected a position that this stream gave');
const Query = z.strictObject({
  after: position.optional(),
  purpose: z.string().max(64).optional(),
  mode: z.string().max(16).optional(),
  /** `no` = hints alone: for who has no inbox, as administrators and auditors. */
  items: z.enum(['no']).optional(),
});

const METHOD = `/${InboxServiceDefinition.fullName}/WatchInbox`;
const RESPONSE = 'tocsin.desk.v1.WatchInboxResponse';

export function addEvents(app: FastifyInstance, deps: EventsDeps): void {
  const watch = streaming(
    deps.inbox,
    'watchInbox',
    deps.dispatch,
    (told, cause) => new CallFailed(told, cause),
  );
  app.get(`${API}/events`, async (request, reply) => {
    const query = assertContract(Query, request.query);
    const resumed = request.headers['last-event-id'];
    const after = position.safeParse(resumed).data ?? query.after ?? '0';
    let session: OfficerSession | undefined;
    const carried: Carried = {
      method: METHOD,
      certificate: undefined,
      signal: gone(reply),
      signIn: () => {
        session = deps.officerOf(request, query.purpose, query.mode);
        deps.streams.open(session, reply);
        return session;
      },
    };
    const items =
      query.items === 'no'
        ? hintsOnly(carried)
        : watch({ afterPosition: BigInt(after), follow: true } as never, carried);
    // Before the headers: a refusal still has its status.
    const first = await items.next();
    reply.hijack();
    const out = reply.raw;
    out.writeHead(200, {
      ...headersOf(reply.getHeaders()),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const stop = hint(out, deps, () => {
      if (session !== undefined) deps.dispatch.assertStillValid(session);
    });
    try {
      await write(out, 'retry: 2000\n\n');
      for (let next = first; next.done !== true; next = await items.next())
        await write(out, eventOf(next.value as WatchInboxResponse));
    } catch (thrown) {
      if (thrown instanceof CallFailed && thrown.told.status !== Status.CANCELLED && out.writable)
        await write(out, `event: problem\ndata: ${JSON.stringify(problemOf(thrown.told))}\n\n`);
    } finally {
      stop();
      out.end();
    }
    return reply;
  });
}

/** Signed in, and nothing of the inbox: lives until the browser goes. */
async function* hintsOnly({ signIn, signal }: Carried): AsyncGenerator<unknown> {
  signIn();
  yield WatchInboxResponse.fromPartial({ entry: { $case: 'caughtUp', value: 0n } });
  if (!signal.aborted) await once(signal, 'abort');
}

const headersOf = (headers: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );

/** Beats and hints between the items; ends the answer where the session is over. Returns how to stop. */
function hint(out: ServerResponse, deps: EventsDeps, assertValid: () => void): () => void {
  let due: NodeJS.Timeout | undefined;
  const say = (text: string): void => {
    try {
      assertValid();
      if (out.writable && !out.writableNeedDrain) out.write(text);
    } catch {
      // The browser connects again, and is told that it is signed out.
      out.destroy();
    }
  };
  const stopListening = deps.onChanged(() => {
    due ??= setTimeout(() => {
      due = undefined;
      say('event: changed\ndata: {}\n\n');
    }, HINT_EVERY_MS);
  });
  const beat = setInterval(() => say(': beat\n\n'), BEAT_MS);
  return () => {
    stopListening();
    clearTimeout(due);
    clearInterval(beat);
  };
}

function eventOf(response: WatchInboxResponse): string {
  const { entry } = response;
  if (entry?.$case !== 'item') return `id: ${entry?.value ?? 0n}\nevent: caughtUp\ndata: {}\n\n`;
  const json = messageToJson(RESPONSE, WatchInboxResponse.encode(response).finish(), 'whole');
  const item = json !== null && typeof json === 'object' && 'item' in json ? json.item : {};
  return `id: ${entry.value.position}\nevent: item\ndata: ${JSON.stringify(item)}\n\n`;
}

async function write(out: ServerResponse, text: string): Promise<void> {
  if (!out.write(text) && out.writable) await Promise.race([once(out, 'drain'), once(out, 'close')]);
}
