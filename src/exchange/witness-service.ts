/** This node as a witness of others' logs: handlers of WitnessService, and which logs the roster gives it. */
import type { Clock } from '../base/clock.ts';
import { disbelieved } from '../base/verdict.ts';
import type { WitnessServiceDefinition } from '../gen/tocsin/exchange/v1/witness_service.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import {
  createWitness,
  logForkOf,
  logKeysIn,
  type Witness,
  type WitnessAnswer,
  type WitnessedLog,
  witnessRuleOf,
} from '../ledger/index.ts';
import { judgeSignedCheckpoint } from '../merkle/index.ts';
import { netToken, parseLogOrigin, reasonName, witnessName } from '../record/index.ts';
import type { Store } from '../store/index.ts';
import { type CallContext, type HandlersOf, RpcError, Status, type StatusCode } from '../transport/index.ts';
import { type Alarm, raise } from './alarms.ts';
import { judgeMember } from './arrival.ts';
import type { Directory } from './directory.ts';
import type { ExchangeEvents, KeyringPort } from './ports.ts';

export type WitnessHandlers = HandlersOf<typeof WitnessServiceDefinition>;

export interface NodeWitnessDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly keyring: Pick<KeyringPort, 'witness' | 'signRaw'>;
  readonly events: ExchangeEvents;
}

/** C2SP's statuses as gRPC's; a conflict is no error but an answer. */
const STATUS: Readonly<Record<400 | 403 | 404 | 422, StatusCode>> = {
  400: Status.INVALID_ARGUMENT,
  403: Status.PERMISSION_DENIED,
  404: Status.NOT_FOUND,
  422: Status.FAILED_PRECONDITION,
};

/** Handlers over a witness. `admit` throws where the caller may ask nothing. */
export function witnessHandlers(witness: Witness, admit: (context: CallContext) => void): WitnessHandlers {
  return {
    addCheckpoint: async ({ oldSize, consistencyProof, checkpoint }, context) => {
      admit(context);
      return answerOf(await witness.addCheckpoint({ oldSize, proof: consistencyProof, checkpoint }));
    },
  };
}

function answerOf(answer: WitnessAnswer): { cosignatures: Buffer; lastSize: bigint } {
  if (answer.status === 200) return { cosignatures: Buffer.from(answer.cosignatures), lastSize: 0n };
  if (answer.status === 409) return { cosignatures: Buffer.alloc(0), lastSize: answer.lastSize };
  throw new RpcError(STATUS[answer.status], `${reasonName(answer.reason)}: ${answer.detail}`);
}

/** The witness of a node. Which member asks does not matter: what it cosigns is signed by the log itself. */
export function nodeWitness(deps: NodeWitnessDeps): WitnessHandlers {
  const { store, clock, directory, keyring, events } = deps;
  const name = witnessName(netToken(directory.network), directory.self);
  const witness = createWitness({
    store,
    clock,
    name,
    mlDsa44: () => keyring.witness.mlDsa44,
    sign: (message) => keyring.signRaw('witness', 'ml-dsa-44', message),
    logOf: (origin) => witnessedLog(deps, origin),
    onFork: async ({ node, origin, fork }) => {
      const alarm: Alarm = {
        code: 'LOG_FORK',
        subject: origin,
        detail: `${node} asked for a cosignature of a second history of its log`,
        misconduct: {
          network: directory.network,
          self: directory.self,
          nodes: [node],
          deed: logForkOf(fork),
        },
      };
      if (await store.write((tx) => raise(tx, alarm, clock.nowMs()))) events.alarm?.(alarm);
    },
  });
  return witnessHandlers(witness, (context) => {
    const judged = judgeMember(directory, context.peer, clock.nowMs());
    if (!judged.ok)
      throw new RpcError(Status.PERMISSION_DENIED, `${reasonName(judged.reason)}: ${judged.detail}`);
  });
}

async function witnessedLog(
  { directory, clock }: NodeWitnessDeps,
  origin: string,
): Promise<WitnessedLog | undefined> {
  const node = parseLogOrigin(origin)?.node;
  if (node === undefined) return undefined;
  const rule = witnessRuleOf(directory.roster().roster, directory.network, node);
  if (!rule.nodes.includes(directory.self)) return undefined;
  // A log that its owner's newest statement no longer names is closed: nothing is added to it any more.
  const statement = directory.statementOf(node)?.statement;
  const keys = statement && logKeysIn(statement, origin);
  if (!keys) return undefined;
  const key = origin === statement.logOrigin ? statement.logKey : statement.exerciseLogKey;
  return {
    node,
    judge: (note) =>
      directory.isRevoked(node, key, clock.nowMs())
        ? disbelieved(Reason.REASON_STATEMENT_STALE, 'the log key that signed was taken back')
        : judgeSignedCheckpoint({ ...keys, note }),
  };
}
