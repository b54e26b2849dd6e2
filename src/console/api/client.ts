/** Calls of the desk's HTTP API, typed by its contract. What fails is a `Refusal`, with the desk's stable code. */
import type { Problem, RequestOf, ResponseOf, Verb } from '../../desk/http/contract.ts';
import { noteUse } from './officer.ts';

export const API = '/api/v1';

/** Purpose and world of the calls, as the officer chose them. */
export interface Standing {
  readonly purpose: string;
  readonly mode: 'live' | 'exercise';
}

let standing: Standing = { purpose: '', mode: 'live' };
export const standingNow = (): Standing => standing;
export const stand = (next: Standing): void => {
  standing = next;
};

const KEY = 'tocsin-standing';

/** Keeps it for this window alone. */
export function keepStanding(next: Standing): void {
  stand(next);
  sessionStorage.setItem(KEY, JSON.stringify(next));
}

/** As it was before the window was drawn anew. */
export function restoreStanding(): void {
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Partial<Standing>;
  stand({
    purpose: typeof kept.purpose === 'string' ? kept.purpose : '',
    mode: kept.mode === 'exercise' ? 'exercise' : 'live',
  });
}

export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** Stable; `OFFLINE` where the node did not answer at all. */
  readonly code: string;
  readonly status: number;
  readonly problem: Problem | undefined;

  constructor(status: number, code: string, message: string, problem?: Problem) {
    super(message);
    this.status = status;
    this.code = code;
    this.problem = problem;
  }
}

/** Statuses of proxies: bad gateway, unavailable, timed out (RFC 9110 §15.6). */
const GATEWAY: readonly number[] = [502, 503, 504];

/** Throws `Refusal` where the node does not answer. */
async function send(
  method: 'GET' | 'POST',
  path: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<Response> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (standing.purpose !== '') headers['tocsin-purpose'] = standing.purpose;
  if (standing.mode !== 'live') headers['tocsin-mode'] = standing.mode;
  let response: Response;
  try {
    response = await fetch(`${API}${path}`, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new Refusal(0, 'OFFLINE', 'the node does not answer');
  }
  // A proxy in front of a node that is down answers for it.
  if (GATEWAY.includes(response.status) && !/json/.test(response.headers.get('content-type') ?? ''))
    throw new Refusal(response.status, 'OFFLINE', 'the node does not answer');
  noteUse('node');
  return response;
}

export const refusalOf = (status: number, problem: Problem | undefined): Refusal =>
  new Refusal(status, problem?.code ?? 'INTERNAL', problem?.message ?? `HTTP ${status}`, problem);

/** Asks the API; throws `Refusal`. An answer without a body is `undefined`. */
export async function ask<Answer>(
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await send(method, path, body, signal);
  if (response.status === 204) return undefined as Answer;
  const json: unknown = await response.json().catch(() => undefined);
  if (response.ok && json !== undefined) return json as Answer;
  throw refusalOf(response.status, json as Problem | undefined);
}

/** Answers that come one after the other, a line of JSON each. Throws `Refusal`, also in the middle, and whatever aborts it. */
export async function* askLines<Answer extends object>(
  path: string,
  body: unknown,
  signal: AbortSignal,
): AsyncGenerator<Answer> {
  const response = await send('POST', path, body, signal);
  if (!response.ok || response.body === null)
    throw refusalOf(response.status, (await response.json().catch(() => undefined)) as Problem | undefined);
  const lines = response.body.pipeThrough(new TextDecoderStream());
  let rest = '';
  for await (const piece of lines as unknown as AsyncIterable<string>) {
    const whole = (rest + piece).split('\n');
    rest = whole.pop() ?? '';
    for (const line of whole) {
      const answer = JSON.parse(line) as Answer | { readonly problem: Problem };
      if ('problem' in answer) throw refusalOf(response.status, answer.problem);
      yield answer;
    }
  }
}

/** Address of a file: purpose and world stand in it, since a link has no headers. */
export function fileHref(path: string, more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    ...more,
    ...(standing.purpose === '' ? {} : { purpose: standing.purpose }),
    ...(standing.mode === 'live' ? {} : { mode: standing.mode }),
  }).toString();
  return `${API}${path}${query === '' ? '' : `?${query}`}`;
}

/** One verb of the desk. */
export const call = <Name extends Verb>(
  verb: Name,
  request: RequestOf<Name>,
  signal?: AbortSignal,
): Promise<ResponseOf<Name>> => ask<ResponseOf<Name>>('POST', `/${verb}`, request, signal);
