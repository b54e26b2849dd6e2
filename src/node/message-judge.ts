/** Reads the messages of calls between nodes strictly, before the lax generated decoders see them. */
import { LIMITS } from '../base/limits.ts';
import { disbelieved } from '../base/verdict.ts';
import { ExchangeServiceDefinition } from '../gen/tocsin/exchange/v1/exchange_service.ts';
import { PrivateScreeningServiceDefinition } from '../gen/tocsin/exchange/v1/private_screening_service.ts';
import { WitnessServiceDefinition } from '../gen/tocsin/exchange/v1/witness_service.ts';
import { Reason } from '../gen/tocsin/record/v1/reason.ts';
import { judgeMessage } from '../record/index.ts';
import type { MessageJudge } from '../transport/index.ts';

/** By path of the method, the stem of its messages' names: `tocsin.exchange.v1.Heartbeat` (buf's naming rules). */
const STEMS: ReadonlyMap<string, string> = new Map(
  [ExchangeServiceDefinition, WitnessServiceDefinition, PrivateScreeningServiceDefinition].flatMap(
    ({ fullName, methods }) =>
      Object.values(methods).map(({ name }) => [
        `/${fullName}/${name}`,
        `${fullName.slice(0, fullName.lastIndexOf('.'))}.${name}`,
      ]),
  ),
);

/** The bytes are decoded where they are used; here they are only walked. */
const UNREAD = { decode: () => true };

/** MALFORMED, TOO_LARGE. */
export const judgeCallMessage: MessageJudge = (path, side, bytes) => {
  const stem = STEMS.get(path);
  if (stem === undefined) return disbelieved(Reason.REASON_MALFORMED, 'expected a method of nodes');
  const suffix = side === 'request' ? 'Request' : 'Response';
  return judgeMessage(UNREAD, `${stem}${suffix}`, bytes, LIMITS.messageBytes);
};
