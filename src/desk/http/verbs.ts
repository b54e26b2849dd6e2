/**
 * One JSON route per verb of the desk: the contract judges the body, then it takes the way of a gRPC request, as the same bytes
 * through the same strict reading to the same handler.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { LIMITS } from '../../base/limits.ts';
import { judgeMessage, messageFromJson, messageToJson } from '../../record/index.ts';
import { answering, type DispatchDeps } from '../dispatch.ts';
import { DeskError } from '../errors.ts';
import type { BoundService } from '../grpc/handlers.ts';
import { MODE_KEY, PURPOSE_KEY } from '../purpose.ts';
import type { OfficerSession } from '../session.ts';
import { VERBS } from './contract.ts';
import { CallFailed } from './status.ts';

export interface VerbDeps {
  readonly services: readonly BoundService[];
  readonly dispatch: DispatchDeps;
  /** Who calls; throws UNAUTHENTICATED. */
  officerOf(request: FastifyRequest, purpose: string | undefined, mode: string | undefined): OfficerSession;
}

export const API = '/api/v1';

export const headerOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

/** What a body breaks of its contract, one fault a field. */
export function assertContract<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const judged = schema.safeParse(body);
  if (judged.success) return judged.data;
  const faults = judged.error.issues.flatMap((issue) => {
    const path = issue.path.join('.');
    const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => `${path}.${key}`) : [path];
    return paths.map((one) => ({
      path: one.replace(/^\./, ''),
      code: issue.code.toUpperCase(),
      message: issue.message,
    }));
  });
  throw new DeskError({
    code: 'INVALID_REQUEST',
    message: `the request breaks ${faults.length} rule${faults.length === 1 ? '' : 's'} of its contract`,
    faults,
  });
}

export function addVerbs(app: FastifyInstance, deps: VerbDeps): void {
  for (const bound of deps.services) {
    const { service } = bound;
    const packageName = service.fullName.slice(0, service.fullName.lastIndexOf('.'));
    const shortName = service.fullName.slice(packageName.length + 1);
    for (const [name, method] of Object.entries(service.methods)) {
      if (method.requestStream || method.responseStream) continue;
      const verb = VERBS[`${shortName}/${method.name}` as keyof typeof VERBS];
      const answer = answering(bound, name, deps.dispatch, (told, cause) => new CallFailed(told, cause));
      const requestType = `${packageName}.${method.name}Request`;
      const responseType = `${packageName}.${method.name}Response`;
      app.post(`${API}/${shortName}/${method.name}`, async (request, reply) => {
        const encoded = messageFromJson(requestType, assertContract(verb.request, request.body));
        const judged = judgeMessage(method.requestType, requestType, encoded, LIMITS.deskRequestBytes);
        if (!judged.ok)
          throw new DeskError({ code: 'INVALID_REQUEST', message: judged.detail, reason: judged.reason });
        const response = await answer(judged.value as never, {
          method: `/${service.fullName}/${method.name}`,
          certificate: undefined,
          signal: gone(reply),
          signIn: () =>
            markWorld(
              reply,
              deps.officerOf(request, headerOf(request, PURPOSE_KEY), headerOf(request, MODE_KEY)),
            ),
        });
        const bytes = method.responseType.encode(response).finish();
        return reply.header('cache-control', 'no-store').send(messageToJson(responseType, bytes, 'whole'));
      });
    }
  }
}

/** Every answer of an exercise says that it is one (R21). */
export function markWorld(reply: FastifyReply, session: OfficerSession): OfficerSession {
  if (session.world === 'exercise') reply.header(MODE_KEY, session.world);
  return session;
}

/** Aborts when the caller went away before the answer was out. */
export function gone(reply: FastifyReply): AbortSignal {
  const stop = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) stop.abort(new Error('the caller went away'));
  });
  return stop.signal;
}
