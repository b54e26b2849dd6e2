/** Handlers of PrivateScreeningService over a holder. */

import type { Clock } from '../../base/clock.ts';
import { type Directory, judgeMember } from '../../exchange/index.ts';
import type { PrivateScreeningServiceDefinition } from '../../gen/tocsin/exchange/v1/private_screening_service.ts';
import { reasonName } from '../../record/index.ts';
import {
  type CallContext,
  type HandlersOf,
  RpcError,
  Status,
  type StatusCode,
} from '../../transport/index.ts';
import { PrivateScreeningError, type PrivateScreeningErrorCode } from './errors.ts';
import type { PrivateHolder } from './holder.ts';

export type PrivateScreeningHandlers = HandlersOf<typeof PrivateScreeningServiceDefinition>;

export interface PrivateServiceDeps {
  readonly holder: Pick<PrivateHolder, 'monthKey' | 'evaluate' | 'bucket'>;
  readonly directory: Directory;
  readonly clock: Clock;
}

const STATUS: Readonly<Record<PrivateScreeningErrorCode, StatusCode>> = {
  ELEMENT_INVALID: Status.INVALID_ARGUMENT,
  SCALAR_INVALID: Status.INTERNAL,
  PROOF_INVALID: Status.INVALID_ARGUMENT,
  BATCH_SIZE: Status.INVALID_ARGUMENT,
  INPUT_TOO_LARGE: Status.INVALID_ARGUMENT,
  EPOCH_INVALID: Status.INVALID_ARGUMENT,
  EPOCH_OVER: Status.OUT_OF_RANGE,
  EPOCH_KEY_LOST: Status.UNAVAILABLE,
  ANNOUNCEMENT_INVALID: Status.INVALID_ARGUMENT,
  KEY_CHANGED: Status.INTERNAL,
  RULES_DIFFER: Status.INTERNAL,
  BUDGET_SPENT: Status.RESOURCE_EXHAUSTED,
  NOT_OFFERED: Status.PERMISSION_DENIED,
  SET_NOT_READY: Status.UNAVAILABLE,
  SET_CHANGED: Status.FAILED_PRECONDITION,
  SET_TOO_LARGE: Status.UNAVAILABLE,
  BUCKET_INVALID: Status.INVALID_ARGUMENT,
  NOTHING_TO_ASK: Status.INVALID_ARGUMENT,
};

/** The code of a holder's refusal, where it is one of these under its own status: nothing else of its text is believed. */
export function codeOfRefusal({ status, message }: RpcError): PrivateScreeningErrorCode | undefined {
  const [word = ''] = message.split(':', 1);
  if (!Object.hasOwn(STATUS, word)) return undefined;
  const code = word as PrivateScreeningErrorCode;
  return STATUS[code] === status ? code : undefined;
}

/** As a status of the wire; what is no error of ours stays what it is. */
async function answered<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PrivateScreeningError)) throw error;
    throw new RpcError(STATUS[error.code], `${error.code}: ${error.message}`, { cause: error });
  }
}

export function privateScreeningHandlers(deps: PrivateServiceDeps): PrivateScreeningHandlers {
  const { holder, directory, clock } = deps;
  /** Who is suspended or out asks nothing, whatever the node's settings say. */
  const admit = ({ peer }: CallContext): string => {
    const judged = judgeMember(directory, peer, clock.nowMs());
    if (judged.ok) return peer;
    throw new RpcError(Status.PERMISSION_DENIED, `${reasonName(judged.reason)}: ${judged.detail}`);
  };
  return {
    getMonthKey: ({ month, holder: of }, context) =>
      answered(async () => {
        const answer = await holder.monthKey(admit(context), month, of);
        if (answer === undefined)
          throw new RpcError(Status.NOT_FOUND, 'no key of that holder and month was seen here');
        const { key, rules, set, budget, used } = answer;
        return {
          key,
          rules,
          setVersion: Buffer.from(set?.version ?? []),
          prefixBits: set?.prefixBits ?? 0,
          bucketItems: set?.bucketItems ?? 0,
          budget,
          used,
        };
      }),
    evaluate: ({ month, elements }, context) =>
      answered(async () => {
        const { evaluated, proof } = await holder.evaluate(admit(context), { month, elements });
        return { elements: evaluated.map((element) => Buffer.from(element)), proof: Buffer.from(proof) };
      }),
    getBucket: ({ month, setVersion, prefix }, context) =>
      answered(async () => {
        const items = await holder.bucket(admit(context), { month, version: setVersion, prefix });
        return { items: Buffer.from(items) };
      }),
  };
}
