/** What other nodes may ask of this one: handlers of ExchangeService. `context.peer` is authenticated by the session. */
import { LIMITS } from '../base/limits.ts';
import type {
  BackfillResponse,
  ExchangeServiceDefinition,
  GetKeysRequest,
  GetKeysResponse,
  GiveBackResponse,
} from '../gen/tocsin/exchange/v1/exchange_service.ts';
import { SignedPrekeyBundle } from '../gen/tocsin/exchange/v1/prekey.ts';
import { SignedKeyStatement, SignedRoster } from '../gen/tocsin/record/v1/identity.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { parseLogOrigin, reasonName } from '../record/index.ts';
import { type CallContext, type HandlersOf, RpcError, Status } from '../transport/index.ts';
import { judgeMember } from './arrival.ts';
import type { AttachmentServer } from './attachment-serve.ts';
import { answerBackfill } from './backfill.ts';
import { answerGiveBack } from './give-back.ts';
import type { Heartbeats } from './heartbeat.ts';
import { checkpointsOf, proveLog } from './prove-log.ts';
import type { PublishDeps } from './publish.ts';

export interface ServiceDeps extends PublishDeps {
  readonly heartbeats: Heartbeats;
  readonly attachments: AttachmentServer;
}

export type ExchangeHandlers = HandlersOf<typeof ExchangeServiceDefinition>;

/** Statements of one node in one answer. */
const STATEMENTS = 64;

export function exchangeHandlers(deps: ServiceDeps): ExchangeHandlers {
  const { directory, clock, store } = deps;

  /** Suspended members still receive recalls, so they are still answered; who is out is not. */
  const admit = (context: CallContext): string => {
    const judged = judgeMember(directory, context.peer, clock.nowMs());
    if (judged.ok || judged.reason === Reason.REASON_SUSPENDED) return context.peer;
    throw new RpcError(Status.PERMISSION_DENIED, `${reasonName(judged.reason)}: ${judged.detail}`);
  };

  /** Who is suspended is not sent content, and attachments are content. */
  const admitActive = (context: CallContext): string => {
    const judged = judgeMember(directory, context.peer, clock.nowMs());
    if (judged.ok) return context.peer;
    throw new RpcError(Status.PERMISSION_DENIED, `${reasonName(judged.reason)}: ${judged.detail}`);
  };

  /** For what shows a log: of our own nothing before it is known that our store is not behind what this peer holds of it (T43). */
  const admitToLog = (context: CallContext, origin: string): void => {
    const peer = admit(context);
    if (parseLogOrigin(origin)?.node === directory.self && !deps.heartbeats.mayShow(peer))
      throw new RpcError(
        Status.UNAVAILABLE,
        'our log is not compared yet with what you hold of it: ask later',
      );
  };

  return {
    heartbeat: async (request, context) => deps.heartbeats.answer(admit(context), request),
    backfill: (request, context): AsyncIterable<BackfillResponse> => {
      const peer = admit(context);
      if (request.lane > 1)
        throw new RpcError(Status.INVALID_ARGUMENT, `expected lane 0 or 1, got ${request.lane}`);
      return answerBackfill(deps, peer, request, context.signal);
    },
    giveBack: (request, context): AsyncIterable<GiveBackResponse> => {
      const peer = admit(context);
      if (request.lane > 1)
        throw new RpcError(Status.INVALID_ARGUMENT, `expected lane 0 or 1, got ${request.lane}`);
      return answerGiveBack(deps, peer, request, context.signal);
    },
    getKeys: async (request, context) => {
      admit(context);
      return keysOf(deps, request);
    },
    getRosters: async (request, context) => {
      admit(context);
      const { rosterPage, rosterPageBytes } = LIMITS;
      const rows = await store.read((tx) => tx.directory.rosters(request.aboveVersion, rosterPage));
      let bytes = 0;
      const page = rows.filter(({ body }) => {
        const fits = bytes < rosterPageBytes;
        bytes += body.length;
        return fits;
      });
      return { rosters: page.map((row) => SignedRoster.decode(row.body)) };
    },
    getCheckpoints: async (request, context) => {
      admitToLog(context, request.origin);
      return { checkpoints: await checkpointsOf(deps, request) };
    },
    proveLog: async (request, context) => {
      admitToLog(context, request.origin);
      return proveLog(deps, request);
    },
    fetchAttachment: async function* (request, context) {
      yield* deps.attachments.answer(admitActive(context), request, context.signal);
    },
  };
}

async function keysOf(
  { directory, store }: ServiceDeps,
  { node, statementDigest }: GetKeysRequest,
): Promise<GetKeysResponse> {
  const of = node === '' ? directory.self : node;
  const { statements, prekeys } = await store.read(async (tx) => ({
    statements: await tx.directory.statementsOf(of),
    prekeys: await tx.directory.prekeys(of),
  }));
  // By digest: that one and what replaced it, so that the asker can tell whether its keys were taken back.
  const from =
    statementDigest.length === 0
      ? statements.length - 1
      : statements.findIndex((row) => Buffer.compare(row.digest, statementDigest) === 0);
  if (from < 0)
    throw new RpcError(Status.NOT_FOUND, `no key statement of ${of.slice(0, 12)} as asked is held`);
  return {
    statements: statements
      .slice(from)
      .slice(-STATEMENTS)
      .map((row) => SignedKeyStatement.decode(row.body)),
    prekeys: prekeys ? SignedPrekeyBundle.decode(prekeys.body) : undefined,
  };
}
