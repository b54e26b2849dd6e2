/**
 * DiffPolicy for browsers: its messages as lines of JSON while it goes on. A failure before the first has its status; one after it
 * is the last line, `{"problem": …}`.
 */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LIMITS } from '../../base/limits.ts';
import {
  DiffPolicyRequest,
  DiffPolicyResponse,
  PolicyServiceDefinition,
} from '../../gen/tocsin/desk/v1/policy_service.ts';
import { judgeMessage, messageFromJson, messageToJson } from '../../record/index.ts';
import { type DispatchDeps, streaming } from '../dispatch.ts';
import { DeskError } from '../errors.ts';
import type { BoundService } from '../grpc/handlers.ts';
import { MODE_KEY, PURPOSE_KEY } from '../purpose.ts';
import type { OfficerSession } from '../session.ts';
import { VERBS } from './contract.ts';
import { CallFailed, problemOf } from './status.ts';
import { API, assertContract, gone, headerOf, markWorld } from './verbs.ts';

export interface ComparisonDeps {
  readonly services: readonly BoundService[];
  readonly dispatch: DispatchDeps;
  officerOf(request: FastifyRequest, purpose: string | undefined, mode: string | undefined): OfficerSession;
}

const REQUEST = 'tocsin.desk.v1.DiffPolicyRequest';
const RESPONSE = 'tocsin.desk.v1.DiffPolicyResponse';

export function addComparison(app: FastifyInstance, { services, dispatch, officerOf }: ComparisonDeps): void {
  const { fullName } = PolicyServiceDefinition;
  const bound = services.find(({ service }) => service.fullName === fullName);
  if (bound === undefined) throw new Error(`expected ${fullName} among the services of the desk`);
  const compare = streaming(bound, 'diffPolicy', dispatch, (told, cause) => new CallFailed(told, cause));

  app.post(`${API}/PolicyService/DiffPolicy`, async (request, reply) => {
    const body = assertContract(VERBS['PolicyService/DiffPolicy'].request, request.body);
    const judged = judgeMessage(
      DiffPolicyRequest,
      REQUEST,
      messageFromJson(REQUEST, body),
      LIMITS.deskRequestBytes,
    );
    if (!judged.ok)
      throw new DeskError({ code: 'INVALID_REQUEST', message: judged.detail, reason: judged.reason });
    const answers = compare(judged.value as never, {
      method: `/${fullName}/DiffPolicy`,
      certificate: undefined,
      signal: gone(reply),
      signIn: () =>
        markWorld(reply, officerOf(request, headerOf(request, PURPOSE_KEY), headerOf(request, MODE_KEY))),
    }) as AsyncGenerator<DiffPolicyResponse>;
    const first = await answers.next();
    return reply
      .header('content-type', 'application/jsonl')
      .header('cache-control', 'no-store')
      .send(Readable.from(linesOf(first, answers)));
  });
}

async function* linesOf(
  first: IteratorResult<DiffPolicyResponse>,
  answers: AsyncGenerator<DiffPolicyResponse>,
): AsyncGenerator<string> {
  try {
    for (let next = first; next.done !== true; next = await answers.next())
      yield line(messageToJson(RESPONSE, DiffPolicyResponse.encode(next.value).finish(), 'whole'));
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    yield line({ problem: problemOf(error.told) });
  }
}

const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
